# bash completion for nono. It asks nono itself, which answers from the table of its commands.
_nono() {
  local -a words=() begins=()
  local line=${COMP_LINE:0:COMP_POINT} word next i
  # bash takes `--flag=value` and `address:port` apart; nono takes a word whole, which is what no blank divides.
  for ((i = 0; i <= COMP_CWORD; i++)); do
    word=${COMP_WORDS[i]}
    next=${line#"${line%%[![:space:]]*}"}
    # Of the word that the cursor is in, what stands before it.
    ((i < COMP_CWORD)) || word=$next
    if ((i > 0)) && [[ $next == "$line" && -n $next ]]; then
      words[-1]+=$word
    else
      words+=("$word")
      begins+=("$i")
    fi
    line=${next#"$word"}
  done
  local current=$word whole=${words[-1]}
  words=("${words[@]:1}")
  # Only what stands behind the last of the characters that divide words is put in.
  [[ $current == [=:] ]] && current=
  local prefix=${whole%"$current"}
  # Quotes and ~ as they were typed are not part of the word.
  [[ $whole == [\'\"]* ]] && words[-1]=${whole:1}

  local -a lines=()
  mapfile -t lines < <("${COMP_WORDS[0]}" completion --words -- "${words[@]}" 2>/dev/null)
  ((${#lines[@]} > 0)) || return 0
  local directive=${lines[-1]}
  unset 'lines[-1]'
  COMPREPLY=()
  for line in "${lines[@]}"; do
    line=${line%%$'\t'*}
    COMPREPLY+=("${line#"$prefix"}")
  done
  case $directive in
    :files) compopt -o default ;;
    :directories) compopt -o dirnames ;;
    :programs) mapfile -t COMPREPLY < <(compgen -c -- "$current" | sort -u) ;;
    ':command '*)
      # The words that were one for nono may have been several for bash.
      local offset=${begins[${directive#:command } + 1]}
      if ((offset < COMP_CWORD)) && declare -F _comp_command_offset >/dev/null; then
        _comp_command_offset "$offset"
      elif ((offset < COMP_CWORD)) && declare -F _command_offset >/dev/null; then
        _command_offset "$offset"
      elif ((offset < COMP_CWORD)); then
        compopt -o default
      else
        mapfile -t COMPREPLY < <(compgen -c -- "$current" | sort -u)
        compopt -o default
      fi
      ;;
  esac
}
complete -F _nono nono
