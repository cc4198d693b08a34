#!/usr/bin/env bash
# Builds bin/whichrole as releases are built: static, without paths of this machine, stripped.
set -euo pipefail
cd "$(dirname "$0")/.."
CGO_ENABLED=0 go build -buildvcs=auto -trimpath -ldflags "-s -w" -o bin/whichrole .
