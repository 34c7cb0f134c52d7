#compdef nono
# zsh completion for nono. It asks nono itself, which answers from the table of its commands.
_nono() {
  local -a lines described
  local line directive value about
  lines=("${(@f)$("${words[1]}" completion --words -- "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)}")
  directive=${lines[-1]}
  lines[-1]=()
  for line in "${lines[@]}"; do
    value=${line%%$'\t'*}
    about=${line#*$'\t'}
    described+=("${value//:/\\:}${about:+:$about}")
  done
  case $directive in
    :files)
      compset -P '-*='
      _files
      ;;
    :directories)
      compset -P '-*='
      _files -/
      ;;
    :programs)
      compset -P '-*='
      _command_names -e
      ;;
    ':command '*)
      local skipped=$((${directive#:command } + 1))
      if (( skipped >= CURRENT )); then
        _command_names -e
      else
        shift $skipped words
        (( CURRENT -= skipped ))
        _normal
      fi
      ;;
    *) (( $#described )) && _describe -t nono 'nono' described ;;
  esac
}
if [ "$funcstack[1]" = _nono ]; then
  _nono "$@"
else
  compdef _nono nono
fi
