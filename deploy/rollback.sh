#!/usr/bin/env bash
# Send all visitors to the revision that served before the last release, or to the one named.
#   deploy/rollback.sh [--dry-run] [REVISION]
set -euo pipefail
cd "$(dirname "$0")/.."
. deploy/one-word.sh
. deploy/common.sh
target=$named
project_needed

state=$(described)
serving=$(python3 deploy/traffic.py serving <<<"$state")
if [ -z "$target" ]; then
    read -r target _ < <(python3 deploy/traffic.py tag previous <<<"$state") ||
        fail "No revision has the tag previous: name one of those that" \
            "gcloud run revisions list --service=$SERVICE --region=$REGION shows."
fi
if [ "$target" = "$serving" ]; then
    say "$target serves already."
    exit
fi
run traffic --to-revisions="$target=100"
[ "$DRY_RUN" = yes ] || say "All visitors go to $target. Forward again: deploy/rollback.sh $serving"
