# nono's start-up commands for fish, read after the user's configuration: the prompt mark for nono's pane and for the eye.
function __nono_mark --on-event fish_prompt
    printf '\e]133;A\a'
end
if functions -q fish_prompt; and not functions -q __nono_user_prompt
    functions -c fish_prompt __nono_user_prompt
    function fish_prompt
        printf '[nono] '
        __nono_user_prompt
        printf '\e]133;B\a'
    end
end
# Without its configuration fish has no colours either.
if set -q fish_history; and test -z "$fish_history"; and not set -q fish_color_command
    fish_config theme choose 'fish default' 2>/dev/null
end
