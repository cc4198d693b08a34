# Sourced by quickstart.sh and bench.sh: builds whichrole and makes a world of its own in the temporary directory $work: a
# HOME with the profile corp, the sample repository in $work/infra, and a fake STS on loopback. All of it ends with the script.
# shellcheck shell=bash
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit
scripts/build.sh
work=$(mktemp -d)
started=() # processes that end with the script
cleanup() {
  [ ${#started[@]} = 0 ] || kill "${started[@]}" 2>/dev/null || true
  rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 1' INT TERM

# The fake STS checks signatures and trust policies as AWS does, and mints keys that nothing else accepts.
# With the flags of build.sh: packages that both need are compiled once.
CGO_ENABLED=0 go build -tags nethttpomithttp2 -trimpath -o "$work/fakests" ./internal/test/fakests/cmd/fakests
sed "s/\"token_size\": 100/\"token_size\": ${TOKEN_SIZE:-100}/" internal/test/sample/sts.json >"$work/sts.json"
mkfifo "$work/alive"
exec 9<>"$work/alive" # it ends when this script does
(cd "$work" && exec ./fakests -config sts.json -for 15m) <"$work/alive" >"$work/url" 9>&- &
started+=("$!")
for _ in $(seq 200); do [ -s "$work/url" ] && break; sleep 0.05; done
[ -s "$work/url" ] || { echo "the fake STS did not start" >&2; exit 1; }

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
  case $variable in AWS_* | WHICHROLE_* | XDG_* | TF_* | DBUS_* | ACTIONS_ID_TOKEN_*) unset "$variable" ;; esac
done
AWS_ENDPOINT_URL_STS=$(cat "$work/url")
GOCACHE=$(go env GOCACHE) GOMODCACHE=$(go env GOMODCACHE) # not those of the new HOME
export GOCACHE GOMODCACHE HOME="$work/home" XDG_RUNTIME_DIR="$work/run" AWS_ENDPOINT_URL_STS PATH="$PWD/bin:$PATH"

# A keyring of our own, unlocked, on a bus of its own that starts nothing by itself.
start_keyring() {
  cat >"$work/bus.conf" <<BUS
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path=$work/bus</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
BUS
  export DBUS_SESSION_BUS_ADDRESS="unix:path=$work/bus"
  dbus-daemon --nofork --nopidfile --print-address --config-file="$work/bus.conf" >"$work/bus.address" 2>"$work/bus.log" 9>&- &
  started+=("$!")
  for _ in $(seq 200); do [ -s "$work/bus.address" ] && break; sleep 0.05; done # which it prints when it listens
  gnome-keyring-daemon --foreground --unlock --components=secrets <<<"a password" >"$work/keyring.log" 2>&1 9>&- &
  started+=("$!")
  for _ in $(seq 200); do unlocked && return; sleep 0.05; done
  echo "the keyring did not start" >&2
  return 1
}

unlocked() {
  dbus-send --session --print-reply=literal --dest=org.freedesktop.secrets /org/freedesktop/secrets/collection/login \
    org.freedesktop.DBus.Properties.Get string:org.freedesktop.Secret.Collection string:Locked 2>/dev/null | grep "boolean false" >/dev/null
}
