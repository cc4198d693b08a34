# Completion of whichrole for fish.

function __whichrole_next
    set -l tokens (string replace -r -- '^~(?=/|$)' $HOME (commandline -opc))
    set -l cur (commandline -ct)
    # The one on PATH: what is typed before the words may be ./whichrole of any repository, and nobody has pressed enter.
    for line in (command whichrole completion next "--word=$cur" -- $tokens[2..] 2>/dev/null)
        switch $line
            case :dirs :files
                set -l before (string match -r -- '^--[^=]*=' $cur)
                set -l rest (string replace -r -- '^--[^=]*=' '' $cur)
                if test $line = :dirs
                    printf '%s\n' "$before"(__fish_complete_directories $rest)
                else
                    printf '%s\n' "$before"(__fish_complete_path $rest)
                end
            case ':program *'
                set -l first (math (string replace ':program ' '' $line) + 1)
                complete -C (string join ' ' -- (string escape -- $tokens[$first..]) $cur)
            case '*'
                printf '%s\n' $line
        end
    end
end

complete -c whichrole -f -a '(__whichrole_next)'
