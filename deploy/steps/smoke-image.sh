#!/usr/bin/env bash
# Run the image as it was pushed, read-only, and ask it for what visitors need. It must end with 0.
set -euo pipefail
: "${IMAGE_FILE:?}"
image=$(cat "$IMAGE_FILE")

trap 'docker rm --force candidate >/dev/null' EXIT
docker run --detach --name candidate --read-only --tmpfs /tmp --cap-drop ALL "$image"
# From within the container's own network, with the image's own Python.
if ! docker run --rm --interactive --network container:candidate "$image" \
    python - http://127.0.0.1:8080 <deploy/smoke.py; then
    docker logs candidate
    echo "The image does not work: nothing is deployed." >&2
    exit 1
fi

docker stop --time 10 candidate
code=$(docker inspect --format '{{.State.ExitCode}}' candidate)
[ "$code" = 0 ] || { echo "The server ended with $code on SIGTERM: nothing is deployed." >&2; exit 1; }
