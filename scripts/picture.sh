#!/usr/bin/env bash
# Draws .github/demo.svg for the README from what whichrole and the AWS CLI really print on a terminal, in the sample
# repository with a fake STS. Needs tmux and the AWS CLI. The same program gives the same picture; --check only compares.
set -euo pipefail
case ${1:-} in "" | --check) ;; *) echo "picture: unknown argument $1: scripts/picture.sh [--check]" >&2; exit 2 ;; esac
for tool in tmux aws go; do
  command -v "$tool" >/dev/null || { echo "picture: $tool is missing: apt-get install tmux awscli" >&2; exit 1; }
done
# shellcheck source=scripts/sandbox.sh
. "$(dirname "$0")/sandbox.sh"
terminal=(tmux -S "$work/tmux" -f /dev/null)
trap '"${terminal[@]}" kill-server 2>/dev/null || true; cleanup' EXIT

export WHICHROLE_CACHE=file
[ "$(uname)" = Linux ] || export WHICHROLE_CACHE=none
mv "$work/infra" "$HOME/infra"
sed -i.old 's/{user}/you/' "$HOME/infra/.whichrole.yaml" # whoever runs this
rm "$HOME/infra/.whichrole.yaml.old"
whichrole -C "$HOME/infra" trust --yes >/dev/null 2>&1
whichrole -C "$HOME/infra/qa/vpc" setup --region eu-west-1 >/dev/null 2>&1
cat >"$work/rc" <<'RC'
unset HISTFILE
PS1='\[\e[1;34m\]\w\[\e[0m\] \[\e[2m\]$\[\e[0m\] ' AWS_PROFILE=terraform AWS_PAGER=
export AWS_PROFILE AWS_PAGER
aws() { command aws --endpoint-url "$AWS_ENDPOINT_URL_STS" "$@"; } # for those from before AWS_ENDPOINT_URL_STS
PROMPT_COMMAND='tmux -S "$TERMINAL" wait-for -S prompt' # tells that the last command is over
cd ~/infra
clear
RC
TERMINAL=$work/tmux TERM=xterm-256color "${terminal[@]}" new-session -d -x 250 -y 100 "exec bash --noprofile --rcfile '$work/rc' -i"
prompt() { # waits until the command is over and the next prompt is drawn: what is typed before that is echoed twice
  timeout 30 "${terminal[@]}" wait-for prompt || { echo "picture: a command does not end" >&2; exit 1; }
  for _ in $(seq 100); do
    [[ $("${terminal[@]}" capture-pane -p) == *"$" ]] && return # the empty lines below it are cut off
    sleep 0.05
  done
  echo "picture: there is no prompt" >&2
  exit 1
}
prompt
for line in \
  'whichrole list --dirs' \
  'cd production/vpc && whichrole && whichrole --operation apply' \
  'cd ../../qa/vpc && whichrole' \
  'aws sts get-caller-identity --query Arn --output text' \
  'cd ../../modules/vpc && whichrole'; do
  "${terminal[@]}" send-keys -l "$line"
  "${terminal[@]}" send-keys Enter
  prompt
done
# The last line is the prompt that waits.
"${terminal[@]}" capture-pane -e -p | sed -e "s|$HOME|/home/you|g" | sed -e :a -e '/^\n*$/{$d;N;ba' -e '}' | sed '$d' >"$work/shown"
go run ./internal/test/picture -columns 100 -title "whichrole gives each directory of a repository its own AWS role, and shared code none" <"$work/shown" >"$work/demo.svg"
if [ "${1:-}" = --check ]; then
  diff "$work/demo.svg" .github/demo.svg || { echo "picture: .github/demo.svg shows something else: scripts/picture.sh" >&2; exit 1; }
else
  cp "$work/demo.svg" .github/demo.svg
fi
