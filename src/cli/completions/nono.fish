# fish completion for nono. It asks nono itself, which answers from the table of its commands.
function __nono_complete
    set -l words (commandline -opc)
    set -l program $words[1]
    set -e words[1]
    set -l current (commandline -ct)
    set -l lines ($program completion --words -- $words $current 2>/dev/null)
    test (count $lines) -gt 0; or return
    set -l directive $lines[-1]
    set -e lines[-1]
    switch $directive
        case :files
            __fish_complete_path (string replace -r '^--[^=]*=' '' -- $current)
        case :directories
            __fish_complete_directories (string replace -r '^--[^=]*=' '' -- $current) ''
        case ':command *'
            set -l first (math (string replace ':command ' '' -- $directive) + 1)
            if test $first -le (count $words)
                complete -C (string join ' ' -- (string escape -- $words[$first..]) $current)
            else
                complete -C "$current"
            end
        case '*'
            printf '%s\n' $lines
    end
end
complete -c nono -f -a '(__nono_complete)'
