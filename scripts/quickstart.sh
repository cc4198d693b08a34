#!/usr/bin/env bash
# Shows the whole idea on a machine that has only Go: builds whichrole, makes a sample repository with production, qa and
# modules in a temporary directory, starts a fake STS on loopback, and runs what a user would run. Touches nothing else.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/build.sh
work=$(mktemp -d)
fake=
cleanup() {
  [ -z "$fake" ] || kill "$fake" 2>/dev/null || true
  rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 1' INT TERM

# The fake STS: it checks signatures and trust policies as AWS does, and mints keys that nothing else accepts.
go build -o "$work/fakests" ./internal/test/fakests/cmd/fakests
mkfifo "$work/alive"
exec 9<>"$work/alive" # it ends when this script does
cp internal/test/sample/sts.json "$work/"
(cd "$work" && exec ./fakests -config sts.json -for 5m) <"$work/alive" >"$work/url" 9>&- &
fake=$!
for _ in $(seq 100); do [ -s "$work/url" ] && break; sleep 0.05; done
[ -s "$work/url" ] || { echo "quickstart: the fake STS did not start" >&2; exit 1; }

# A home of its own: one profile with static keys, no keyring, nothing of the real ~/.aws.
mkdir -p "$work/home/.aws" "$work/run" "$work/infra/.git"
chmod 700 "$work/run"
cat >"$work/home/.aws/credentials" <<KEYS
[corp]
aws_access_key_id = AKIAQUICKSTART000001
aws_secret_access_key = a-secret-that-only-the-fake-sts-knows
KEYS
echo "ref: refs/heads/main" >"$work/infra/.git/HEAD"
cp -R internal/test/sample/.whichrole.yaml internal/test/sample/production internal/test/sample/qa internal/test/sample/modules "$work/infra/"
for variable in $(compgen -e); do
  case $variable in AWS_* | WHICHROLE_* | XDG_* | TF_* | ACTIONS_ID_TOKEN_*) unset "$variable" ;; esac
done
export HOME="$work/home" XDG_RUNTIME_DIR="$work/run" DBUS_SESSION_BUS_ADDRESS="unix:path=$work/no-bus"
AWS_ENDPOINT_URL_STS=$(cat "$work/url")
export AWS_ENDPOINT_URL_STS PATH="$PWD/bin:$PATH"
[ "$(uname)" = Linux ] || export WHICHROLE_CACHE=none # the Keychain is the real one: nothing of this goes there
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
say "In ~/.aws/config one profile serves all directories:"
cat <<CONFIG
[profile terraform]
region = eu-west-1
credential_process = /usr/local/bin/whichrole credential-process
CONFIG
