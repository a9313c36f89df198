#!/usr/bin/env bash
# The main job end to end: generate a company, check and run its pipeline, judge the clusters, ask ten questions.
# The argument is the program. Everything it makes lies in demo/, which may be deleted.
set -euo pipefail
cd "$(dirname "$0")/.."
onefold=$1
customers=${CUSTOMERS:-2000}
data=demo/data
export ONEFOLD_STATE_ROOT=demo/state

say() { printf '\n== %s\n' "$*"; }

rm -rf demo
say "A made-up company of $customers customers: CRM, web shop, worksheets of leads, call centre, campaigns, loyalty, contracts"
"$onefold" demo generate --customers "$customers" --seed 1 --out "$data"
say "Every mistake in the pipeline's files would be told now"
"$onefold" check demo --param data="$data"
say "One night: extract, clean, resolve, build the mart, balance, publish"
"$onefold" run demo --param data="$data"
say "What did not go through, and why"
"$onefold" rejects list
say "The clusters against the truth, which only this command reads"
"$onefold" evaluate --truth "$data/truth.csv"
say "The same night again: nothing new, nothing published"
"$onefold" run demo --param data="$data" | tail -n 1

for question in pipelines/demo/questions/*.sql; do
    say "$(head -n 1 "$question" | sed 's/^-- *//')"
    "$onefold" sql -c "$(cat "$question")"
done

cat <<END

Next, try:
  export ONEFOLD_STATE_ROOT=demo/state
  $onefold sql                                        a shell over the mart: \\d lists the tables
  $onefold runs show                                  the ledger of the last run
  $onefold epoch show                                 what was learned: the model, the columns
  $onefold demo generate --night 2 --customers $customers --seed 1 --out $data && $onefold run demo --param data=$data
And on files of your own:
  $onefold profile FILE.csv --html profile.html       what is in it
  $onefold dedupe FILE.csv --out clusters.csv --golden golden.xlsx
  $onefold new mine FILE.csv FILE.xlsx                a pipeline that runs, to change as you like (docs/pipelines.md)
END
