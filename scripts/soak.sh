#!/usr/bin/env bash
# A hundred nights of the demonstration company: every run must end well. The argument is the program.
set -euo pipefail
cd "$(dirname "$0")/.."
onefold=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export ONEFOLD_STATE_ROOT=$folder/state
for night in $(seq 1 "${NIGHTS:-100}"); do
    "$onefold" demo generate --customers "${CUSTOMERS:-2000}" --seed 5 --night "$night" --out "$folder/data" >/dev/null
    day=$(date -u -d "2026-01-01 + $night days" +%F)
    "$onefold" run demo --param data="$folder/data" --as-of "$day" | tail -n 1
done
"$onefold" evaluate --truth "$folder/data/truth.csv"
