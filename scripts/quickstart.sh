#!/usr/bin/env bash
# Shows the whole idea on a machine that has only Go: a sample repository with production, qa and modules in a temporary
# directory, a fake STS on loopback, and what a user would run. Touches nothing else.
set -euo pipefail
# shellcheck source=scripts/sandbox.sh
. "$(dirname "$0")/sandbox.sh"

export WHICHROLE_CACHE=file # in $work: nothing of this goes to your keyring, or the kernel's
[ "$(uname)" = Linux ] || export WHICHROLE_CACHE=none
chmod go= ~/.aws/credentials # as the AWS CLI leaves it
cd "$work/infra"

say() { printf '\n\033[1m# %s\033[0m\n' "$*"; }
run() { printf '\033[32m%s $ %s\033[0m\n' "${PWD#"$work/"}" "$*"; "$@" || printf '(exit %d)\n' "$?"; }
if [ ! -t 1 ] || [ -n "${NO_COLOR:-}" ]; then
  say() { printf '\n# %s\n' "$*"; }
  run() { printf '%s $ %s\n' "${PWD#"$work/"}" "$*"; "$@" || printf '(exit %d)\n' "$?"; }
fi
sts_calls() { wc -l <"$work/sts-calls.jsonl" | tr -d ' '; }
exec 2>&1

say "A repository with two environments, shared modules, and a role map"
run cat .whichrole.yaml
say "A map decides what you assume, so it is shown and approved once"
run whichrole trust --yes
say "In ~/.aws/config one profile serves all directories; setup writes it, and tries it here"
cd qa/vpc && run whichrole setup --region eu-west-1
export AWS_PROFILE=terraform
say "Each directory has its role"
run whichrole
cd ../../production/vpc && run whichrole && run whichrole --operation apply
cd ../../modules/vpc && run whichrole
say "What AWS SDKs read through that profile (the fake STS minted these keys)"
cd ../../qa/vpc
before=$(sts_calls)
run whichrole credential-process
if [ "$WHICHROLE_CACHE" = file ]; then
  say "They are the keys that setup was given: they come from the cache, and STS is not asked"
  echo "calls that STS had for them: $(($(sts_calls) - before))"
  run whichrole cache list
fi
say "For one command: exec. It renews what the command uses; --static gives it plain keys in variables"
cd ../../production/vpc && run whichrole exec --static --operation apply -- printenv AWS_ACCESS_KEY_ID
say "Why this role?"
run whichrole explain
say "The whole repository at a glance"
cd ../..
run whichrole list --dirs
run whichrole check
say "Is all set up well, and who was handed what?"
cd qa/vpc
run whichrole doctor
run whichrole log
