#!/usr/bin/env bash
# Build, test and deploy a commit (by default HEAD) as a push does. What is not committed stays out.
#   deploy/deploy.sh [--dry-run] [COMMIT]
set -euo pipefail
cd "$(dirname "$0")/.."
. deploy/one-word.sh
. deploy/common.sh
project_needed

commit=$(git rev-parse --verify --quiet "${named:-HEAD}^{commit}") ||
    fail "There is no commit ${named:-HEAD}."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
git archive --format=tar.gz --output="$folder/source.tar.gz" "$commit"
git show "$commit:cloudbuild.yaml" >"$folder/cloudbuild.yaml"
run gcloud builds submit "$folder/source.tar.gz" --config="$folder/cloudbuild.yaml" \
    --project="$PROJECT_ID" --region="$REGION" --gcs-source-staging-dir="$SOURCE_BUCKET/source" \
    --substitutions="COMMIT_SHA=$commit,_REGION=$REGION,_REPOSITORY=$REPOSITORY,_SERVICE=$SERVICE"
