# Completion of whichrole for bash, 3.2 and later, with or without the package bash-completion.

_whichrole() {
  local cur=$2 word line i
  local -a words
  words=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=${COMP_WORDS[i]//[\\\"\']/}
    case $word in [~] | [~]/*) word=$HOME${word:1} ;; esac
    words[${#words[@]}]=$word
  done
  COMPREPLY=()
  # The one on PATH: what is typed before the words may be ./whichrole of any repository, and nobody has pressed enter.
  while IFS= read -r line; do
    case $line in
      :dirs | :files) _whichrole_paths "$line" "$cur" ;;
      ':program '*) _whichrole_program "$((${line#* }))" "$cur" ;;
      "$cur"*) COMPREPLY[${#COMPREPLY[@]}]=${line%%$'\t'*} ;;
    esac
  done < <(command whichrole completion next "--word=$cur" -- ${words[@]+"${words[@]}"} 2>/dev/null)
}

_whichrole_paths() {
  local action=-d before='' cur=$2 line quote=''
  [[ $1 == :dirs ]] || action=-f
  case $cur in --*=*) before=${cur%%=*}= cur=${cur#*=} ;; esac
  compopt -o filenames 2>/dev/null || quote=1 # not in bash 3.2, which then takes a name as it stands
  while IFS= read -r line; do
    [[ -z $quote ]] || printf -v line %q "$line"
    COMPREPLY[${#COMPREPLY[@]}]=$before$line
  done < <(compgen "$action" -- "$cur")
}

_whichrole_program() {
  local line
  if declare -F _comp_command_offset >/dev/null; then
    _comp_command_offset "$1"
  elif declare -F _command_offset >/dev/null; then
    _command_offset "$1"
  elif [[ $1 == "$COMP_CWORD" ]]; then
    while IFS= read -r line; do
      printf -v line %q "$line"
      COMPREPLY[${#COMPREPLY[@]}]=$line
    done < <(compgen -c -- "$2" | sort -u)
  else
    _whichrole_paths :files "$2"
  fi
}

complete -F _whichrole whichrole
