# nono's start-up file for POSIX shells (through ENV): the user's own one first, then the prompt mark.
if [ -n "${NONO_ENV-}" ] && [ -r "$NONO_ENV" ] && { : <"$NONO_ENV"; } 2>/dev/null; then . "$NONO_ENV"; fi
case ${PS1-} in *'[nono]'*) ;; *) PS1="$(printf '\033]133;A\007')[nono] ${PS1-$ }$(printf '\033]133;B\007')" ;; esac
