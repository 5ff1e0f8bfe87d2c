#!/usr/bin/env bash
# Known vulnerabilities in the packages that serve, asked anew in every build.
set -euo pipefail
docker buildx build --target audit --no-cache-filter audit --progress plain \
    --build-arg IGNORED_ADVISORIES="${IGNORED_ADVISORIES:-}" .
