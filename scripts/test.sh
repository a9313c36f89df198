#!/usr/bin/env bash
# Runs all tests, then lists what they skipped. The argument is the Python of the pinned environment.
set -uo pipefail
cd "$(dirname "$0")/.."
export ONEFOLD_PYTHON=$1
ONEFOLD_SHARED=$(realpath -m "$ONEFOLD_SHARED")
ONEFOLD_SKIPPED=$(mktemp)
export ONEFOLD_SHARED ONEFOLD_SKIPPED
trap 'rm -f "$ONEFOLD_SKIPPED"' EXIT

INSTA_UPDATE=no cargo test --workspace --locked --no-fail-fast
status=$?
echo
if [ -s "$ONEFOLD_SKIPPED" ]; then
    echo "skipped:"
    sort -u "$ONEFOLD_SKIPPED" | sed 's/^/  /'
else
    echo "skipped: nothing"
fi
exit $status
