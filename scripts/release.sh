#!/usr/bin/env bash
# Makes dist/ for the tag at HEAD: archives, deb, rpm and apk, a bill of materials of each binary, the files for Homebrew,
# Scoop and the AUR, and checksums of all. --snapshot makes it of any commit; SYSTEM/ARCH… makes only those.
#   scripts/release.sh [--snapshot] [SYSTEM/ARCH...]       DIST=DIR writes there
# The same commit and the same Go give the same bytes in every place and at every time. Needs Linux with GNU tar and zip, and
# takes nfpm, GoReleaser's packager, through Go: built in 13 s, where GoReleaser itself takes 160 s and 1,777 packages.
set -euo pipefail
cd "$(dirname "$0")/.."
nfpm=github.com/goreleaser/nfpm/v2/cmd/nfpm@v2.45.0

fail() { echo "release: $*" >&2; exit 1; }

snapshot=false targets=()
for word in "$@"; do
  case $word in
    --snapshot) snapshot=true ;;
    linux/* | darwin/* | windows/*) targets+=("$word") ;;
    *) fail "unknown argument $word: scripts/release.sh [--snapshot] [SYSTEM/ARCH...]" ;;
  esac
done
[ ${#targets[@]} -gt 0 ] || targets=({linux,darwin,windows}/{amd64,arm64})
for tool in git go zip gzip sha256sum; do
  command -v "$tool" >/dev/null || fail "$tool is missing: apt-get install $tool"
done
tar --version | grep -q GNU || fail "GNU tar is needed"

dist=${DIST:-dist}
[ ! -e "$dist" ] || [ -f "$dist/SHA256SUMS" ] || fail "$dist holds something else than a release"

# What would change the bytes: this machine's settings of Go, its language, time zone and umask.
export LC_ALL=C TZ=UTC GOFLAGS="" GOEXPERIMENT="" GOFIPS140=off GOWORK=off GOAMD64=v1 GOARM64=v8.0
unset GOOS GOARCH
umask 022
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
export SOURCE_DATE_EPOCH

if $snapshot; then
  version=0.0.0-git$(date -u -d "@$SOURCE_DATE_EPOCH" +%Y%m%d%H%M%S) # such that apk takes it for a version, too
else
  [ -z "$(git status --porcelain)" ] || fail "not everything is committed: commit it, or --snapshot"
  tag=$(git describe --exact-match --tags --match 'v*' 2>/dev/null) || fail "HEAD has no tag: git tag v1.2.3, or --snapshot"
  [[ $tag =~ ^v(0|[1-9][0-9]*)(\.(0|[1-9][0-9]*)){2}(-(alpha|beta|rc)[0-9]+)?$ ]] || fail "$tag is not like v1.2.3 or v1.2.3-rc1, which every package manager can order"
  version=${tag#v}
fi
origin=$(git remote get-url origin 2>/dev/null || true)
repository=${GITHUB_REPOSITORY:-$(sed -nE 's|^.*github\.com[:/]([^/]+/[^/]+)$|\1|p' <<<"${origin%.git}")}
repository=${repository:-whichrole/whichrole}
maintainer="The whichrole authors <${repository%/*}@users.noreply.github.com>"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
out=$work/dist
mkdir -p "$out" "$work/common/completions" "$work/common/man"
GOBIN=$work go install "$nfpm"
go build -trimpath -o "$work/parts" ./internal/test/release/parts
scripts/build.sh "$work/host" "$version"

# What is the same for all systems.
cp LICENSE README.md "$work/common/"
for shell in bash:whichrole.bash zsh:_whichrole fish:whichrole.fish powershell:whichrole.ps1; do
  env -i "$work/host" completion "${shell%:*}" >"$work/common/completions/${shell#*:}"
done
go run -tags nethttpomithttp2 -trimpath ./internal/man -version "$version" -date "$(date -u -d "@$SOURCE_DATE_EPOCH" +%F)" >"$work/common/man/whichrole.1"

# stamp gives all files below DIR the commit's time and no other permissions than theirs in a package.
stamp() { # what a checkout under another umask has
  chmod -R u=rwX,go=rX "$1"
  find "$1" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
}

archive() { # DIR FILE SYSTEM: what DIR holds stands at the top
  stamp "$1"
  if [ "$3" = windows ]; then
    (cd "$1" && find . -type f | sed 's|^\./||' | sort | zip -q -X -9 -@ "$2.zip")
  else
    (cd "$1" && tar --sort=name --format=ustar --owner=0 --group=0 --numeric-owner --mtime="@$SOURCE_DATE_EPOCH" -cf - -- *) | gzip -9n >"$2.tar.gz"
  fi
}

packages() { # DIR FILE ARCH
  gzip -9n "$1/man/whichrole.1"
  { cat LICENSE; echo; cat "$1/THIRD_PARTY_LICENSES.txt"; } >"$1/copyright"
  stamp "$1"
  for kind in deb rpm apk; do
    STAGE=$1 ARCH=$3 VERSION=$version REPOSITORY=$repository MAINTAINER=$maintainer \
      "$work/nfpm" package -f scripts/package/nfpm.yaml -p "$kind" -t "$2.$kind" >"$work/log" || { cat "$work/log" >&2; exit 1; }
  done
}

for target in "${targets[@]}"; do
  system=${target%/*} arch=${target#*/}
  name=whichrole_${version}_${system}_${arch} stage=$work/$system-$arch binary=whichrole
  [ "$system" != windows ] || binary=whichrole.exe
  cp -R "$work/common" "$stage"
  GOOS=$system GOARCH=$arch scripts/build.sh "$stage/$binary" "$version"
  "$work/parts" -version "$version" -sbom "$out/$name.cdx.json" -licenses "$stage/THIRD_PARTY_LICENSES.txt" "$stage/$binary"
  archive "$stage" "$out/$name" "$system"
  [ "$system" != linux ] || packages "$stage" "$out/$name" "$arch"
done

# What names the checksums of archives is made where all of them are.
if [ ${#targets[@]} = 6 ]; then
  fill=(-e "s|@VERSION@|$version|g" -e "s|@PKGVER@|${version//-/}|g" -e "s|@REPOSITORY@|$repository|g" -e "s|@MAINTAINER@|$maintainer|g"
    -e "s|@URL@|https://github.com/$repository/releases/download/v$version/whichrole_$version|g")
  for target in "${targets[@]}"; do
    name=${target/\//_} end=tar.gz
    [ "${target%/*}" != windows ] || end=zip
    sum=$(sha256sum "$out/whichrole_${version}_$name.$end" | cut -d' ' -f1)
    fill+=(-e "s|@$name@|$sum|g")
  done
  for file in whichrole.rb whichrole.json PKGBUILD; do
    sed "${fill[@]}" "scripts/package/$file" >"$out/$file"
    ! grep -n '@[A-Za-z0-9_]*@' "$out/$file" >&2 || fail "$file has places that nothing was filled in"
  done
fi

(cd "$out" && sha256sum -- *) >"$work/SHA256SUMS"
mv "$work/SHA256SUMS" "$out/"
rm -rf "$dist" # all or nothing: never files of two versions
mv "$out" "$dist"
(cd "$dist" && ls -l)
