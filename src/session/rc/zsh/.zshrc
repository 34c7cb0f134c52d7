# The user's .zshrc first, then the prompt mark for nono's pane (OSC 133, A and B) and for the eye.
ZDOTDIR=$__nono_user
[[ $ZDOTDIR == $HOME && -z ${NONO_ZDOTDIR-} ]] && __nono_unset=1
if [[ -r $ZDOTDIR/.zshrc ]] && { : <$ZDOTDIR/.zshrc } 2>/dev/null; then source $ZDOTDIR/.zshrc; fi
[[ -n ${__nono_unset-} ]] && unset ZDOTDIR
unset __nono_rc __nono_user __nono_unset NONO_ZDOTDIR
__nono_prompt() {
  print -n '\e]133;A\a'
  [[ $PROMPT == *'133;B'* ]] || PROMPT="[nono] $PROMPT"$'%{\e]133;B\a%}'
}
precmd_functions+=(__nono_prompt)
