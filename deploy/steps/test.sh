#!/usr/bin/env bash
# Every fast check, in the Dockerfile's own stage for it.
set -euo pipefail
docker buildx build --target test --progress plain .
