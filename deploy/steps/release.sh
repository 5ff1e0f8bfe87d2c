#!/usr/bin/env bash
# Deploy the image by digest without visitors, try it, then move them: 10%, a while later all.
# Whatever fails, the revision that serves now goes on serving. docs/deployment.md has the reasons
# for the flags.
set -euo pipefail
: "${PROJECT_ID:?}" "${REGION:?}" "${SERVICE:?}" "${COMMIT_SHA:?}" "${IMAGE_FILE:?}"
: "${CPU:?}" "${MEMORY:?}" "${CONCURRENCY:?}" "${MIN_INSTANCES:?}" "${MAX_INSTANCES:?}"
: "${CANARY_SECONDS:?}"
. deploy/common.sh

tag="c-${COMMIT_SHA:0:12}"
health=httpGet.path=/v1/health,httpGet.port=8080

serving() { described | python3 deploy/traffic.py serving; }

back() {
    trap - EXIT
    say "Moving all visitors back to $old."
    traffic --to-revisions="$old=100" ||
        fail "That failed too, and some visitors may get $new: deploy/rollback.sh $old"
    fail "Rolled back: $old serves all visitors, $new none. Its own address stays: $address"
}

# Errors that the new revision logged, requests answered with 5xx among them.
errors() {
    gcloud logging read --project="$PROJECT_ID" --limit=5 --format='value(timestamp, logName)' \
        "resource.type=\"cloud_run_revision\" AND resource.labels.revision_name=\"$new\"
         AND severity>=ERROR AND timestamp>=\"$since\""
}

old=$(serving)
[ -n "$old" ] || fail "No revision of $SERVICE serves in $REGION: run deploy/setup.sh once."

gcloud run deploy "$SERVICE" --image="$(cat "$IMAGE_FILE")" --no-traffic --tag="$tag" \
    --project="$PROJECT_ID" --region="$REGION" --service-account="$SERVER" --quiet \
    --labels="commit=$COMMIT_SHA" --port=8080 --timeout=3600 --session-affinity \
    --cpu="$CPU" --memory="$MEMORY" --cpu-boost --concurrency="$CONCURRENCY" \
    --min="$MIN_INSTANCES" --max-instances="$MAX_INSTANCES" \
    --startup-probe="$health,periodSeconds=1,timeoutSeconds=1,failureThreshold=60" \
    --liveness-probe="$health,periodSeconds=30,timeoutSeconds=10,failureThreshold=3" ||
    fail "Deploying failed: no traffic was moved, $old goes on serving all visitors."

read -r new address < <(described | python3 deploy/traffic.py tag "$tag") ||
    fail "The new revision cannot be found: no traffic was moved, $old goes on serving."

python3 deploy/smoke.py "$address" ||
    fail "The new revision $new fails at $address: no traffic was moved, no rollback is needed," \
        "$old goes on serving all visitors."

[ "$(serving)" = "$old" ] ||
    fail "Another deployment has moved the traffic meanwhile: $new gets none."

since=$(date --utc +%Y-%m-%dT%H:%M:%SZ)
trap back EXIT
say "10% of the visitors go to $new for $CANARY_SECONDS seconds."
traffic --to-revisions="$new=10,$old=90"
sleep "$CANARY_SECONDS"
python3 deploy/smoke.py "$address"
found=$(errors)
if [ -n "$found" ]; then
    say "The new revision logged errors:" "$found"
    exit 1
fi
# The tag is what deploy/rollback.sh goes back to; tags of earlier deployments go.
traffic --to-revisions="$new=100" --set-tags="previous=$old"
trap - EXIT
say "All visitors go to $new. Back to $old: deploy/rollback.sh"
