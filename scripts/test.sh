#!/usr/bin/env bash
# Runs every test: formatting, vet, staticcheck, go test -race with the stories, the real keyring and the real clients, and
# the builds for other systems. On Debian it installs what Debian has. What is still missing (Terraform with a mirror of the
# AWS provider 5.100, moto) skips its tests with a word, and fails them when CI is set.
set -euo pipefail
cd "$(dirname "$0")/.."

step() { printf '\n== %s\n' "$*"; }

install_tools() {
  local missing=()
  command -v gnome-keyring-daemon >/dev/null || missing+=(gnome-keyring)
  command -v dbus-daemon >/dev/null || missing+=(dbus)
  command -v secret-tool >/dev/null || missing+=(libsecret-tools)
  command -v shellcheck >/dev/null || missing+=(shellcheck)
  command -v aws >/dev/null || missing+=(awscli)
  python3 -c 'import boto3' 2>/dev/null || missing+=(python3-boto3)
  command -v gcc >/dev/null || missing+=(gcc libc6-dev) # the race detector
  command -v wine64 /usr/lib/wine/wine64 >/dev/null || missing+=(wine64) # Debian has it off the PATH
  command -v x86_64-w64-mingw32-gcc >/dev/null || missing+=(gcc-mingw-w64-x86-64-win32)
  for shell in dash zsh fish; do command -v "$shell" >/dev/null || missing+=("$shell"); done
  [ -e /usr/share/bash-completion/bash_completion ] || missing+=(bash-completion)
  command -v mandoc >/dev/null || missing+=(mandoc)
  command -v groff >/dev/null || missing+=(groff)
  command -v node >/dev/null || missing+=(nodejs)
  command -v npm >/dev/null || missing+=(npm)
  for tool in mmdebstrap zip tmux; do command -v "$tool" >/dev/null || missing+=("$tool"); done
  [ ${#missing[@]} -gt 0 ] || return 0
  command -v apt-get >/dev/null || { echo "no apt-get: going on without ${missing[*]}"; return 0; }
  local root=()
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || { echo "neither root nor sudo: going on without ${missing[*]}"; return 0; }
    root=(sudo)
  fi
  step "installing ${missing[*]}"
  "${root[@]}" apt-get update -qq
  DEBIAN_FRONTEND=noninteractive "${root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}
install_tools

# The AWS SDK for JavaScript is in no package of Debian. It lies where the tests look for it.
install_javascript() {
  local sdk=@aws-sdk/client-sts version=3.896.0 dir="${XDG_CACHE_HOME:-$HOME/.cache}/whichrole-test/js"
  ! grep -q "\"version\": \"$version\"" "$dir/node_modules/$sdk/package.json" 2>/dev/null || return 0
  command -v npm >/dev/null || { echo "no npm: going on without $sdk"; return 0; }
  step "installing $sdk"
  mkdir -p "$dir"
  npm install --prefix "$dir" --silent --no-audit --no-fund --ignore-scripts "$sdk@$version" >/dev/null || echo "npm failed: going on without $sdk"
}
install_javascript

step "gofmt"
unformatted=$(git ls-files -co --exclude-standard '*.go' | xargs gofmt -l)
[ -z "$unformatted" ] || { echo "not formatted: $unformatted" >&2; exit 1; }

step "shellcheck"
if command -v shellcheck >/dev/null; then shellcheck -x scripts/*.sh .ci/run; elif [ -n "${CI:-}" ]; then exit 1; else echo skipped; fi

step "go.mod is tidy"
go mod tidy -diff
go mod verify

step "go vet: linux, darwin, windows"
go vet ./...
for target in darwin/arm64 windows/amd64; do
  CGO_ENABLED=0 GOOS=${target%/*} GOARCH=${target#*/} go vet ./...
done

step "staticcheck"
go run honnef.co/go/tools/cmd/staticcheck@v0.8.2 ./...

step "the binary: static, under 16 MB"
scripts/build.sh
size=$(wc -c <bin/whichrole)
echo "$size bytes"
[ "$size" -lt 16000000 ]

step "quickstart"
shown=$(scripts/quickstart.sh 2>&1) || { echo "$shown"; exit 1; }

# These wait more than they work: for packages, and for credentials to end, again and again. Beside the others they cost little.
beside=$(mktemp -d) lifetimes='ThreeLifetimes'
trap 'kill $(jobs -p) 2>/dev/null || true; rm -rf "$beside"' EXIT
release() {
  if [ "$(id -u)" = 0 ]; then scripts/release-test.sh; elif [ -n "${CI:-}" ]; then return 1; else echo "the release: skipped, it needs root"; fi
  if command -v tmux >/dev/null; then scripts/picture.sh --check; elif [ -n "${CI:-}" ]; then return 1; else echo "the picture: skipped"; fi
}
(set -e; release) >"$beside/release" 2>&1 &
releasing=$!
go test -count=1 -timeout 9m -run "$lifetimes" ./internal/test/real >"$beside/lifetimes" 2>&1 &
waiting=$!

step "go test -race"
# -count=1: what the real clients run is built by the test, which the cache of test results does not know.
go test -race -count=1 -timeout 8m -skip "$lifetimes" ./...

step "release: the same bytes twice, the deb in a clean Debian root, the README's picture"
wait $releasing || { cat "$beside/release"; exit 1; }
cat "$beside/release"

step "three lifetimes of a role"
wait $waiting || { cat "$beside/lifetimes"; exit 1; }
cat "$beside/lifetimes"
