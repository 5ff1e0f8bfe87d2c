# Sourced by the scripts that take one word, $named, and --dry-run, in any order.
# What else they are given is answered with how they are called: the lines 2 and 3 of each.
# shellcheck shell=bash disable=SC2034 # the names are for those who source it
usage() {
    sed -n '2,3s/^# //p' "deploy/$(basename "$0")" >&2
    exit 2
}
named=
while [ $# -gt 0 ]; do
    case $1 in
        --dry-run) DRY_RUN=yes ;;
        -*) usage ;;
        *)
            [ -z "$named" ] || usage
            named=$1
            ;;
    esac
    shift
done
