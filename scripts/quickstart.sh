#!/usr/bin/env bash
# Shows the whole idea on a machine that has only Go: a sample repository with production, qa and modules in a temporary
# directory, a fake STS on loopback, and what a user would run. Touches nothing else.
set -euo pipefail
# shellcheck source=scripts/sandbox.sh
. "$(dirname "$0")/sandbox.sh"

export WHICHROLE_CACHE=file # in $work: nothing of this goes to your keyring, or the kernel's
[ "$(uname)" = Linux ] || export WHICHROLE_CACHE=none
cd "$work/infra"

say() { printf '\n\033[1m# %s\033[0m\n' "$*"; }
run() { printf '\033[32m%s $ %s\033[0m\n' "${PWD#"$work/"}" "$*"; "$@" || printf '(exit %d)\n' "$?"; }
if [ ! -t 1 ] || [ -n "${NO_COLOR:-}" ]; then
  say() { printf '\n# %s\n' "$*"; }
  run() { printf '%s $ %s\n' "${PWD#"$work/"}" "$*"; "$@" || printf '(exit %d)\n' "$?"; }
fi
exec 2>&1

say "A repository with two environments, shared modules, and a role map"
run cat .whichrole.yaml
say "A map decides what you assume, so it is shown and approved once"
run whichrole trust --yes
say "In ~/.aws/config one profile serves all directories"
cat >~/.aws/config <<CONFIG
[profile terraform]
region = eu-west-1
credential_process = /usr/local/bin/whichrole credential-process
CONFIG
run cat ~/.aws/config
export AWS_PROFILE=terraform
say "Each directory has its role"
cd production/vpc && run whichrole && run whichrole --operation apply
cd ../../qa/vpc && run whichrole
cd ../../modules/vpc && run whichrole
cd ../..
say "What AWS SDKs read through credential_process (the fake STS minted these keys)"
cd qa/vpc && run whichrole credential-process
say "The second call comes from the cache: the same keys, and STS is not asked"
run whichrole credential-process
echo "calls that STS had: $(wc -l <"$work/sts-calls.jsonl" | tr -d ' ')"
run whichrole cache list
say "Why this role?"
run whichrole explain
say "The whole repository at a glance"
cd ../..
run whichrole list --dirs
run whichrole check
