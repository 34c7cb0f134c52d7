# bash completion for nono. It asks nono itself, which answers from the table of its commands.
_nono() {
  local -a words=()
  local word current=${COMP_WORDS[COMP_CWORD]} joined= i
  # bash takes `--flag=value` apart; nono takes it whole.
  for ((i = 1; i <= COMP_CWORD; i++)); do
    word=${COMP_WORDS[i]}
    if [[ $word == '=' && ${#words[@]} -gt 0 ]]; then
      words[-1]+==
      joined=yes
    elif [[ -n $joined ]]; then
      words[-1]+=$word
      joined=
    else
      words+=("$word")
    fi
  done
  local whole=${words[-1]} prefix=
  [[ $whole == *=* && $whole != "$current" ]] && prefix=${whole%%=*}=
  [[ $current == '=' ]] && current=
  # Quotes and ~ as they were typed are not part of the word.
  [[ $whole == [\'\"]* ]] && words[-1]=${whole:1}

  local -a lines=()
  mapfile -t lines < <("${COMP_WORDS[0]}" completion --words -- "${words[@]}" 2>/dev/null)
  ((${#lines[@]} > 0)) || return 0
  local directive=${lines[-1]} line
  unset 'lines[-1]'
  COMPREPLY=()
  for line in "${lines[@]}"; do
    line=${line%%$'\t'*}
    COMPREPLY+=("${line#"$prefix"}")
  done
  case $directive in
    :files) compopt -o default ;;
    :directories) compopt -o dirnames ;;
    ':command '*)
      # The words that were one for nono may have been several for bash.
      local offset=$((${directive#:command } + 1 + COMP_CWORD - ${#words[@]}))
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
