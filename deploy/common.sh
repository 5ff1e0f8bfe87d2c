# Sourced by the scripts: names, and running a command or, with --dry-run, only showing it.
# Whoever sets a name here sets the substitution of the same name in cloudbuild.yaml too.
# shellcheck shell=bash disable=SC2034 # the names are for those who source it
: "${PROJECT_ID:=$(gcloud config get-value project 2>/dev/null || true)}"
: "${REGION:=europe-west1}"
: "${REPOSITORY:=pixel-perfect}"
: "${SERVICE:=pixel-perfect}"
: "${DRY_RUN:=no}"

BUILDER="pixel-perfect-builder@$PROJECT_ID.iam.gserviceaccount.com"
SERVER="pixel-perfect-server@$PROJECT_ID.iam.gserviceaccount.com"
SOURCE_BUCKET="gs://$PROJECT_ID-pixel-perfect-source"

say() { printf '%s\n' "$*"; }

fail() {
    printf '%s\n' "$*" >&2
    exit 1
}

run() {
    if [ "$DRY_RUN" = yes ]; then
        printf '%q ' "$@"
        printf '\n'
    else
        "$@"
    fi
}

# Whether something is there already; a dry run asks nobody and shows how it would be made.
there() {
    [ "$DRY_RUN" = no ] && "$@" >/dev/null 2>&1
}

project_needed() {
    [ -n "$PROJECT_ID" ] || fail "Say which project: PROJECT_ID=… $0, or gcloud config set project."
}

described() {
    gcloud run services describe "$SERVICE" --project="$PROJECT_ID" --region="$REGION" --format=json
}

traffic() {
    gcloud run services update-traffic "$SERVICE" --project="$PROJECT_ID" --region="$REGION" \
        --quiet "$@"
}
