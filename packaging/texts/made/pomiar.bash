# Made by packaging/texts/write.
_pomiar() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} command=${COMP_WORDS[1]:-} words=
    COMPREPLY=()
    if [ "$COMP_CWORD" = 1 ]; then
        mapfile -t COMPREPLY < <(compgen -W "serve healthcheck config import export sql backup restore check token password page render version --help" -- "$word")
        return
    fi
    case $command in
        token) words="add list revoke" ;;
        page) words="list show" ;;
    esac
    if [ -n "$words" ]; then  # a command of two words
        if [ "$COMP_CWORD" = 2 ]; then
            mapfile -t COMPREPLY < <(compgen -W "$words --help" -- "$word")
            return
        fi
        command="$command ${COMP_WORDS[2]}"
        words=
    fi
    case "$command $before" in
        'export --format') words="csv lp json" ;;
        'sql --format') words="list table csv json" ;;
        'token add --can') words="write read admin" ;;
        *' --config') compopt -o filenames; mapfile -t COMPREPLY < <(compgen -A file -- "$word"); return ;;
        *' --context') compopt -o filenames; mapfile -t COMPREPLY < <(compgen -A file -- "$word"); return ;;
        *' --data') compopt -o filenames; mapfile -t COMPREPLY < <(compgen -A directory -- "$word"); return ;;
        *' --templates') compopt -o filenames; mapfile -t COMPREPLY < <(compgen -A directory -- "$word"); return ;;
    esac
    if [ -z "$words" ] && [[ $word != -* ]]; then
        compopt -o filenames
        mapfile -t COMPREPLY < <(compgen -A file -- "$word")
        return
    fi
    [ -n "$words" ] || case $command in
        'serve') words="--config --data --listen --demo --help" ;;
        'healthcheck') words="--config --data --help" ;;
        'config') words="--config --data --check --defaults --help" ;;
        'import') words="--config --data --help" ;;
        'export') words="--config --data --sensor --field --from --to --format --help" ;;
        'sql') words="--config --data --format --help" ;;
        'backup') words="--config --data --help" ;;
        'restore') words="--config --data --help" ;;
        'check') words="--config --data --help" ;;
        'token add') words="--config --data --can --only --help" ;;
        'token list') words="--config --data --help" ;;
        'token revoke') words="--config --data --help" ;;
        'password') words="--config --data --help" ;;
        'page list') words="--help" ;;
        'page show') words="--help" ;;
        'render') words="--context --templates --no-autoescape --trim-blocks --lstrip-blocks --keep-trailing-newline --help" ;;
        'version') words="--help" ;;
    esac
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}
complete -F _pomiar pomiar
