# fish completion for nono. It asks nono itself, which answers from the table of its commands.
function __nono_complete
    set -l words (commandline -opc)
    set -l program $words[1]
    set -e words[1]
    set -l typed (commandline -ct)
    # Quotes and backslashes as they were typed are no part of the name.
    set -l current (string replace -r '^(--[^=]*=)?["\']' '$1' -- "$typed" | string unescape)
    set -l lines ($program completion --words -- $words "$current" 2>/dev/null)
    test (count $lines) -gt 0; or return
    set -l directive $lines[-1]
    set -e lines[-1]
    switch $directive
        case :files :directories
            # As for a command that fish knows nothing of: files. It keeps a candidate only when the whole word begins it, so what stands before the
            # path goes with each.
            set -l flag (string match -r '^--[^=]*=' -- "$typed"; or echo '')
            set -l path (string replace -r '^--[^=]*=' '' -- "$typed")
            set -l found (complete -C"__nono_files $path")
            test $directive = :directories; and set found (string match -r '^[^\t]*/(?=\t|$)' -- $found)
            test (count $found) -gt 0; and printf '%s\n' $flag$found
        case :programs
            set -l flag (string match -r '^-[^=]*=' -- "$typed"; or echo '')
            set -l found (complete -C(string replace -r '^-[^=]*=' '' -- "$typed"))
            test (count $found) -gt 0; and printf '%s\n' $flag$found
        case ':command *'
            set -l first (math (string replace ':command ' '' -- $directive) + 1)
            if test $first -le (count $words)
                complete -C (string join ' ' -- (string escape -- $words[$first..]) "$typed")
            else
                complete -C "$typed"
            end
        case '*'
            printf '%s\n' $lines
    end
end
complete -c nono -f -a '(__nono_complete)'
