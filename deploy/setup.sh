#!/usr/bin/env bash
# What a project needs once, before the first deployment. What is there already is left as it is.
#   deploy/setup.sh [--dry-run] [--repository CONNECTION/NAME]
# CONNECTION is a connection of Cloud Build to GitHub and NAME a repository linked in it (both are
# made in the console, where GitHub asks for permission). Without them no push deploys by itself.
set -euo pipefail
cd "$(dirname "$0")/.."
source=
while [ $# -gt 0 ]; do
    case $1 in
        --dry-run) DRY_RUN=yes ;;
        --repository)
            source=${2:?CONNECTION/NAME}
            shift
            ;;
        *)
            sed -n '2,5s/^# //p' deploy/setup.sh >&2
            exit 2
            ;;
    esac
    shift
done
. deploy/common.sh
project_needed
in_project=("--project=$PROJECT_ID")
in_region=("--project=$PROJECT_ID" "--region=$REGION")

say "APIs"
run gcloud services enable "${in_project[@]}" artifactregistry.googleapis.com \
    cloudbuild.googleapis.com iam.googleapis.com logging.googleapis.com run.googleapis.com \
    storage.googleapis.com

say "Repository of images"
there gcloud artifacts repositories describe "$REPOSITORY" "${in_project[@]}" --location="$REGION" ||
    run gcloud artifacts repositories create "$REPOSITORY" "${in_project[@]}" \
        --location="$REGION" --repository-format=docker --description="Pixel Perfect"
run gcloud artifacts repositories set-cleanup-policies "$REPOSITORY" "${in_project[@]}" \
    --location="$REGION" --policy=deploy/cleanup-policy.json --no-dry-run

say "Sources that deploy/deploy.sh sends"
there gcloud storage buckets describe "$SOURCE_BUCKET" "${in_project[@]}" ||
    run gcloud storage buckets create "$SOURCE_BUCKET" "${in_project[@]}" --location="$REGION" \
        --uniform-bucket-level-access --public-access-prevention

say "Accounts: one that builds and deploys, one that serves and may do nothing"
for account in "$BUILDER" "$SERVER"; do
    there gcloud iam service-accounts describe "$account" "${in_project[@]}" ||
        run gcloud iam service-accounts create "${account%%@*}" "${in_project[@]}"
done

say "Service, which shows Google's greeting until the first deployment"
there gcloud run services describe "$SERVICE" "${in_region[@]}" ||
    run gcloud run deploy "$SERVICE" "${in_region[@]}" --service-account="$SERVER" \
        --image=us-docker.pkg.dev/cloudrun/container/hello --allow-unauthenticated --quiet

say "What the building account may do"
member="--member=serviceAccount:$BUILDER"
for role in roles/logging.logWriter roles/logging.viewer; do
    run gcloud projects add-iam-policy-binding "$PROJECT_ID" "$member" --role="$role" \
        --condition=None --format=none
done
run gcloud artifacts repositories add-iam-policy-binding "$REPOSITORY" "${in_project[@]}" \
    --location="$REGION" "$member" --role=roles/artifactregistry.writer --format=none
run gcloud storage buckets add-iam-policy-binding "$SOURCE_BUCKET" "${in_project[@]}" \
    "$member" --role=roles/storage.objectViewer --format=none
run gcloud run services add-iam-policy-binding "$SERVICE" "${in_region[@]}" \
    "$member" --role=roles/run.developer --format=none
run gcloud iam service-accounts add-iam-policy-binding "$SERVER" "${in_project[@]}" \
    "$member" --role=roles/iam.serviceAccountUser --format=none

if [ -z "$source" ]; then
    say "No --repository: pushes do not deploy, deploy/deploy.sh does."
    exit
fi
say "Trigger on pushes to main"
there gcloud builds triggers describe "$SERVICE" "${in_region[@]}" ||
    run gcloud builds triggers create github --name="$SERVICE" "${in_region[@]}" \
        --repository="projects/$PROJECT_ID/locations/$REGION/connections/${source%%/*}/repositories/${source#*/}" \
        --branch-pattern='^main$' --build-config=cloudbuild.yaml \
        --service-account="projects/$PROJECT_ID/serviceAccounts/$BUILDER" \
        --substitutions="_REGION=$REGION,_REPOSITORY=$REPOSITORY,_SERVICE=$SERVICE"
