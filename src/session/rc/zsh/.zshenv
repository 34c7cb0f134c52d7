# nono's start-up files for zsh, found through ZDOTDIR: this one reads the user's .zshenv and comes back for .zshrc.
__nono_rc=$ZDOTDIR
ZDOTDIR=${NONO_ZDOTDIR:-$HOME}
if [[ -r $ZDOTDIR/.zshenv ]] && { : <$ZDOTDIR/.zshenv } 2>/dev/null; then source $ZDOTDIR/.zshenv; fi
__nono_user=$ZDOTDIR
ZDOTDIR=$__nono_rc
