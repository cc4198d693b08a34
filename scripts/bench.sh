#!/usr/bin/env bash
# Measures whole processes side by side in one run and prints ratios, which are all that travels to another machine.
# Needs hyperfine, dbus and gnome-keyring (Debian packages); everything runs on a private bus, keyring and HOME.
# RUNS=300 scripts/bench.sh measures longer.
set -euo pipefail
for tool in hyperfine dbus-run-session gnome-keyring-daemon go; do
  command -v "$tool" >/dev/null || { echo "bench: $tool is missing: apt-get install hyperfine dbus gnome-keyring" >&2; exit 1; }
done

export TOKEN_SIZE=800 # as STS gives
# shellcheck source=scripts/sandbox.sh
. "$(dirname "$0")/sandbox.sh"

for program in empty bareget; do
  CGO_ENABLED=0 go build -trimpath -ldflags "-s -w" -o "$work/$program" "./internal/test/bench/$program"
done
export WORK="$work" BIN="$PWD/bin/whichrole" RUNS="${RUNS:-200}"

measure() {
  eval "$(echo bench | gnome-keyring-daemon --unlock --components=secrets 2>/dev/null)" || true
  cd "$WORK/infra/qa"
  "$BIN" trust --yes >/dev/null 2>&1
  "$BIN" credential-process >"$WORK/first"
  "$BIN" cache list | grep keyring >/dev/null || { echo "bench: the keyring is not used" >&2; exit 1; }
  "$WORK/bareget" bench item "$(cat "$WORK/first")" >/dev/null 2>&1
  WHICHROLE_CACHE="file" "$BIN" credential-process >/dev/null
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
  WHICHROLE_CACHE="file" DBUS_SESSION_BUS_ADDRESS="unix:path=$work/none" /usr/bin/time -f 'peak memory of a cached answer: %M KB' "$BIN" credential-process >/dev/null
fi
