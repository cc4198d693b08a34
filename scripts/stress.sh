#!/usr/bin/env bash
# Hundreds of whichrole processes for two minutes, while some of them are killed or stopped, the keyring daemon comes and goes
# and STS has bad moments: judges what each printed, and ends with the counts. On loopback, a private bus, keyring and HOME.
# Needs dbus and gnome-keyring (Debian packages). STRESS_SECONDS=20 scripts/stress.sh is over sooner; the calm at the end takes another 20 s.
set -euo pipefail
cd "$(dirname "$0")/.."
for tool in dbus-daemon dbus-send gnome-keyring-daemon go; do
  command -v "$tool" >/dev/null || { echo "stress: $tool is missing: apt-get install dbus gnome-keyring" >&2; exit 1; }
done
scripts/build.sh
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp bin/whichrole "$work/whichrole" # the storm outlasts the next build
go build -o "$work/stress" ./internal/test/stress
"$work/stress" -binary "$work/whichrole" -for "${STRESS_SECONDS:-100}s"
