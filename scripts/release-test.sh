#!/usr/bin/env bash
# Holds release.sh to its word: what it makes is the same, byte by byte, in another place at another time, and from the deb on
# a clean Debian root `whichrole setup`, `trust` and `aws sts get-caller-identity` are all that it takes.
# Needs to be root, and mmdebstrap and zip (Debian packages); apt's own sources give the clean root. SYSTEM/ARCH... are built
# besides this machine's.
set -euo pipefail
cd "$(dirname "$0")/.."
fail() { echo "release-test: $*" >&2; exit 1; }
for tool in mmdebstrap unshare zip git go; do
  command -v "$tool" >/dev/null || fail "$tool is missing: apt-get install mmdebstrap util-linux zip git"
done
[ "$(id -u)" = 0 ] || fail "not root: a clean root cannot be made"
host=linux/$(go env GOHOSTARCH)

releases=$(mktemp -d)
root=$releases/root
sources=()
for file in /etc/apt/sources.list /etc/apt/sources.list.d/debian.sources; do
  [ ! -s "$file" ] || sources+=("$file")
done
# shellcheck source=/dev/null
suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
mmdebstrap --variant=minbase --include=awscli,ca-certificates "$suite" "$root" "${sources[@]}" >"$releases/log" 2>&1 & # meanwhile
rooting=$!
clear_away() {
  if kill "$rooting" 2>/dev/null; then wait "$rooting" || true; fi # it unmounts what it mounted
  rm -rf --one-file-system "$releases"
}
trap clear_away EXIT

DIST=$releases/here scripts/release.sh --snapshot "$host" "$@" >/dev/null
mkdir "$releases/some where"
tar -c --exclude=./bin --exclude=./dist . | (umask 077 && tar -x --no-same-permissions -C "$releases/some where")
(
  umask 077
  cd "$releases/some where"
  TZ=Pacific/Auckland DIST=$releases/there scripts/release.sh --snapshot "$host" "$@" >/dev/null
)
diff -r "$releases/here" "$releases/there" || fail "two builds of the same differ"
(cd "$releases/here" && sha256sum --quiet -c SHA256SUMS)
if tar -xzOf "$releases/here/"*"_${host/\//_}.tar.gz" whichrole | grep -aF -e "$PWD" -e "$(go env GOMODCACHE)" >/dev/null; then
  fail "the binary holds a path of this machine"
fi

# The sample repository, a fake STS on loopback, and a HOME of their own, in $work.
# shellcheck source=scripts/sandbox.sh
. scripts/sandbox.sh
trap 'clear_away; cleanup' EXIT
wait "$rooting" || { cat "$releases/log" >&2; fail "no clean root"; }
cp "$releases"/here/*_"${host/\//_}".deb "$root/whichrole.deb"

# inside runs a command in that root, with a /proc of its own. What it starts and mounts ends with it.
inside() {
  # shellcheck disable=SC2016
  unshare --mount --pid --fork --kill-child sh -c 'mount -t proc proc "$0/proc" && mount -t tmpfs tmpfs "$0/dev/shm" && exec chroot "$0" "$@"' "$root" "$@"
}
# you runs a line of sh there as a user, who has nothing but a HOME with first credentials and the repository.
you() {
  inside setpriv --reuid=you --regid=you --init-groups env -i HOME=/home/you USER=you PATH=/usr/local/bin:/usr/bin:/bin LANG=C.UTF-8 \
    AWS_ENDPOINT_URL_STS="$AWS_ENDPOINT_URL_STS" sh -eu -c "cd; $1"
}
said() { grep -F -- "$2" >/dev/null <<<"$1" || fail "this does not say $2:"$'\n'"$1"; }

inside apt-get install -y -qq --no-install-recommends ./whichrole.deb >"$work/log" 2>&1 || { cat "$work/log" >&2; fail "the deb cannot be installed"; }
inside useradd --uid 64321 --create-home you 2>"$work/log" # a uid that nobody has, as keyrings of the kernel go by it
cp -R "$work/infra" "$work/home/.aws" "$root/home/you/"
printf '[default]\nregion = eu-west-1\n' >"$root/home/you/.aws/config" # as aws configure leaves it
inside chown -R you:you /home/you

said "$(you 'whichrole version')" "whichrole 0.0.0-git"
said "$(you 'zcat /usr/share/man/man1/whichrole.1.gz')" 'B whichrole setup'
you 'test -s /usr/share/bash-completion/completions/whichrole -a -s /usr/share/zsh/vendor-completions/_whichrole -a -s /usr/share/fish/vendor_completions.d/whichrole.fish' ||
  fail "a completion is missing"
you 'cd infra && whichrole setup' >"$work/log" 2>&1 || { cat "$work/log" >&2; fail "whichrole setup failed"; }
you 'cd infra && whichrole trust --yes' >"$work/log" 2>&1 || { cat "$work/log" >&2; fail "whichrole trust failed"; }
# shellcheck disable=SC2016
# Debian's AWS CLI does not know AWS_ENDPOINT_URL_STS yet.
identity='aws sts get-caller-identity --profile terraform --endpoint-url "$AWS_ENDPOINT_URL_STS" --output text --query Arn'
said "$(you "cd infra/production/vpc && $identity")" arn:aws:sts::111111111111:assumed-role/terraform-plan/
said "$(you "cd infra/qa/vpc && $identity")" arn:aws:sts::222222222222:assumed-role/terraform/
if you "cd infra/modules/vpc && $identity" >"$work/log" 2>&1; then fail "shared code got a role"; fi
said "$(cat "$work/log")" "no role"
inside dpkg --purge whichrole >/dev/null
left=$(find "$root/usr" "$root/etc" -name '*whichrole*')
[ -z "$left" ] || fail "purged, and still there: $left"
echo "release: the same bytes twice, and from the deb on a clean $suite root it works"
