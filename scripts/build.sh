#!/usr/bin/env bash
# Builds bin/whichrole as releases are built: static, without paths of this machine, stripped, and without HTTP/2, which STS
# is not asked by and each start would pay for. scripts/release.sh names another FILE and the VERSION: build.sh [FILE [VERSION]]
set -euo pipefail
cd "$(dirname "$0")/.."
smaller=() # what is not inlined is smaller by a tenth; it is no loss where a call waits for keyrings and networks
for packages in whichrole github.com net crypto encoding math text vendor golang.org go.yaml.in; do smaller+=(-gcflags="$packages/...=-l"); done
CGO_ENABLED=0 go build -tags nethttpomithttp2 -buildvcs=auto -trimpath "${smaller[@]}" \
  -ldflags "-s -w${2:+ -X whichrole/internal/cli.buildVersion=$2}" -o "${1:-bin/whichrole}" .
