# nono's start-up file for bash: the user's own files first, then the prompt mark. Runs inside the sandbox; a file that the policy does not grant is
# skipped without a word (it is listed beside the shell).
for __nono_file in /etc/bash.bashrc ~/.bashrc; do
  # Opening it is the only honest test: a denied file still looks readable.
  if [ -r "$__nono_file" ] && { : <"$__nono_file"; } 2>/dev/null; then . "$__nono_file"; fi
done
unset __nono_file

# Marks each prompt for nono's pane (OSC 133, A and B) and for the eye. Last in line, so that a prompt that rewrites PS1 every time keeps the mark.
__nono_prompt() {
  printf '\033]133;A\007'
  case $PS1 in *'133;B'*) ;; *) PS1="[nono] $PS1"'\[\e]133;B\a\]' ;; esac
}
if [ "${BASH_VERSINFO[0]}" -gt 5 ] || { [ "${BASH_VERSINFO[0]}" -eq 5 ] && [ "${BASH_VERSINFO[1]}" -ge 1 ]; }; then
  PROMPT_COMMAND+=(__nono_prompt)
else
  while [[ $PROMPT_COMMAND == *[\;[:space:]] ]]; do PROMPT_COMMAND=${PROMPT_COMMAND%?}; done
  PROMPT_COMMAND="${PROMPT_COMMAND:+$PROMPT_COMMAND; }__nono_prompt"
fi
