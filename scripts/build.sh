#!/usr/bin/env bash
# Builds bin/whichrole as releases are built: static, without paths of this machine, stripped, and without HTTP/2, which STS
# is not asked by and each start would pay for.
set -euo pipefail
cd "$(dirname "$0")/.."
CGO_ENABLED=0 go build -tags nethttpomithttp2 -buildvcs=auto -trimpath -gcflags="github.com/...=-l" -gcflags="net/...=-l" -gcflags="crypto/...=-l" -ldflags "-s -w" -o bin/whichrole .
