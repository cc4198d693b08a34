#!/usr/bin/env bash
# Measures whole processes side by side in one run and prints ratios, which are all that travels to another machine.
# Needs hyperfine, dbus and gnome-keyring (Debian packages); everything runs on a private bus, keyring and HOME.
# RUNS=300 scripts/bench.sh measures longer.
set -euo pipefail
cd "$(dirname "$0")/.."
for tool in hyperfine dbus-run-session gnome-keyring-daemon go; do
  command -v "$tool" >/dev/null || { echo "bench: $tool is missing: apt-get install hyperfine dbus gnome-keyring" >&2; exit 1; }
done

scripts/build.sh
work=$(mktemp -d)
fake=
cleanup() {
  [ -z "$fake" ] || kill "$fake" 2>/dev/null || true
  rm -rf "$work"
}
trap cleanup EXIT
for program in empty bareget; do
  CGO_ENABLED=0 go build -trimpath -ldflags "-s -w" -o "$work/$program" "./internal/test/bench/$program"
done
go build -o "$work/fakests" ./internal/test/fakests/cmd/fakests
mkfifo "$work/alive"
exec 9<>"$work/alive"
sed 's/"token_size": 60/"token_size": 800/' internal/test/sample/sts.json >"$work/sts.json"
(cd "$work" && exec ./fakests -config sts.json -for 15m) <"$work/alive" >"$work/url" 9>&- &
fake=$!
for _ in $(seq 100); do [ -s "$work/url" ] && break; sleep 0.05; done

mkdir -p "$work/home/.aws" "$work/run" "$work/infra/.git"
chmod 700 "$work/run"
printf '[corp]\naws_access_key_id = AKIAQUICKSTART000001\naws_secret_access_key = a-secret-that-only-the-fake-sts-knows\n' >"$work/home/.aws/credentials"
echo "ref: refs/heads/main" >"$work/infra/.git/HEAD"
cp -R internal/test/sample/.whichrole.yaml internal/test/sample/production internal/test/sample/qa "$work/infra/"
for variable in $(compgen -e); do
  case $variable in AWS_* | WHICHROLE_* | XDG_* | TF_* | DBUS_* | ACTIONS_ID_TOKEN_*) unset "$variable" ;; esac
done
export HOME="$work/home" XDG_RUNTIME_DIR="$work/run" WORK="$work" BIN="$PWD/bin/whichrole" RUNS="${RUNS:-200}"
AWS_ENDPOINT_URL_STS=$(cat "$work/url")
export AWS_ENDPOINT_URL_STS

measure() {
  eval "$(echo bench | gnome-keyring-daemon --unlock --components=secrets 2>/dev/null)" || true
  cd "$WORK/infra/qa"
  "$BIN" trust --yes >/dev/null 2>&1
  "$BIN" credential-process >"$WORK/first"
  "$BIN" cache list | grep keyring >/dev/null || { echo "bench: the keyring is not used" >&2; exit 1; }
  "$WORK/bareget" bench item "$(cat "$WORK/first")" >/dev/null 2>&1
  WHICHROLE_CACHE="file" "$BIN" credential-process >/dev/null 2>&1
  hyperfine -N --style none --warmup 20 --runs "$RUNS" --export-csv "$WORK/times.csv" \
    -n "empty Go program" "$WORK/empty" \
    -n "bare keyring.Get" "$WORK/bareget bench item" \
    -n "whichrole show" "$BIN" \
    -n "cached in the keyring" "$BIN credential-process" >/dev/null 2>&1
  WHICHROLE_CACHE="file" hyperfine -N --style none --warmup 20 --runs "$RUNS" --export-csv "$WORK/file.csv" \
    -n "cached in the runtime file" "$BIN credential-process" >/dev/null 2>&1
  WHICHROLE_CACHE="none" hyperfine -N --style none --warmup 5 --runs $((RUNS / 2)) --export-csv "$WORK/cold.csv" \
    -n "no cache: one STS call (loopback)" "$BIN credential-process" >/dev/null 2>&1
}
export -f measure
dbus-run-session -- bash -euo pipefail -c measure

echo
awk -F, '
  FNR == 1 { next }
  { name[++n] = $1; median[n] = $4; if ($1 == "empty Go program") empty = $4; if ($1 == "bare keyring.Get") get = $4 }
  END {
    printf "%-34s %14s %20s\n", "median of whole processes", "x empty", "x bare keyring.Get"
    for (i = 1; i <= n; i++) printf "%-34s %14.2f %20.2f\n", name[i], median[i] / empty, median[i] / get
  }' <(cat "$work/times.csv") <(cat "$work/file.csv") <(cat "$work/cold.csv")
echo
printf 'stripped binary: %.1f MB\n' "$(awk "BEGIN { print $(wc -c <bin/whichrole) / 1e6 }")"
if [ -x /usr/bin/time ]; then
  cd "$work/infra/qa"
  WHICHROLE_CACHE="file" DBUS_SESSION_BUS_ADDRESS="unix:path=$work/none" /usr/bin/time -f 'peak memory of a cached answer: %M KB' "$BIN" credential-process >/dev/null 2>&1
fi
