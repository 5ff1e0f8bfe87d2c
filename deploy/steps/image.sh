#!/usr/bin/env bash
# Build the image and push it under its commit; write its name with its digest to $IMAGE_FILE.
set -euo pipefail
: "${IMAGE:?}" "${COMMIT_SHA:?}" "${IMAGE_FILE:?}"

# The registry cache needs BuildKit in a container of its own.
docker buildx create --name pixel-perfect --driver docker-container --use
# One plain manifest instead of an index with attestations: its digest is what is deployed.
docker buildx build --target runtime --progress plain --provenance=false --push \
    --tag "$IMAGE:$COMMIT_SHA" \
    --label "org.opencontainers.image.revision=$COMMIT_SHA" \
    --cache-from "type=registry,ref=$IMAGE:cache" \
    --cache-to "type=registry,ref=$IMAGE:cache,mode=max" \
    --metadata-file build.json .

digest=$(sed -n 's/.*"containerimage.digest": *"\(sha256:[0-9a-f]\{64\}\)".*/\1/p' build.json)
[ -n "$digest" ] || { echo "The build did not say the image's digest." >&2; exit 1; }
echo "$IMAGE@$digest" | tee "$IMAGE_FILE"
