//! `onefold evaluate`: the clusters of a release against a known truth.

use std::collections::BTreeMap;

use arrow::array::RecordBatch;
use onefold_contract::{Failure, Result};
use onefold_warehouse::lake::Lake;
use serde::Deserialize;
use serde_json::json;

use super::evaluate_clusters::{self, Numbers};
use crate::bind::{self, Context};
use crate::cli::EvaluateArguments;
use crate::files::{self, Figures, Record};
use crate::output;

/// A record by source and key at the source.
type Address = (String, String);

#[derive(Debug, Deserialize)]
struct TruthRow {
    source: String,
    source_key: String,
    true_id: String,
    /// What makes the entity hard, words separated by `;`.
    #[serde(default)]
    trouble: String,
}

/// What is true of a record.
struct Truth {
    entity: String,
    trouble: String,
}

/// Joins the XREF with the truth on source and source key, and prints the figures.
pub(crate) fn evaluate(context: &Context, arguments: &EvaluateArguments) -> Result<()> {
    if let Some(clusters) = &arguments.clusters {
        return evaluate_clusters::evaluate(context, arguments, clusters);
    }
    let lake = Lake::open_read_only(&context.state_root)?;
    let release = super::release::chosen(&lake, arguments.release)?;
    let xref = lake.current(release, &bind::xref_table())?.ok_or_else(|| {
        Failure::usage(format!("release {release} has no XREF: its pipeline resolves nothing"))
            .hint("name a model in pipeline.toml (`model = \"...\"`) and run again")
    })?;
    let ids = assignment(&xref)?;
    let truth = read_truth(arguments)?;
    let missing = truth.iter().filter(|(address, _)| !ids.contains_key(*address)).count();
    let unjudged = ids.keys().filter(|address| !truth.contains_key(*address)).count();
    let figures = figures(&truth, &ids);
    if context.json {
        return output::json(&json!({
            "release": release, "evaluation": figures, "records_not_in_release": missing, "records_not_in_truth": unjudged,
        }));
    }
    print(release, &figures, missing, unjudged)
}

/// The customer id of every record.
pub(crate) fn assignment(xref: &RecordBatch) -> Result<BTreeMap<Address, String>> {
    let column = |name: &str| crate::run::text(xref, name);
    let (sources, keys, ids) = (column("source")?, column("source_key")?, column("customer_id")?);
    let rows = (0..xref.num_rows())
        .map(|row| ((sources.value(row).to_string(), keys.value(row).to_string()), ids.value(row).to_string()));
    Ok(rows.collect())
}

fn read_truth(arguments: &EvaluateArguments) -> Result<BTreeMap<Address, Truth>> {
    let path = arguments.truth.display();
    let unreadable = |error: csv::Error| {
        Failure::source(format!("the truth {path} cannot be read: {error}"))
            .hint("it is a CSV with a header and the columns source, source_key and true_id")
    };
    let mut reader = csv::Reader::from_path(&arguments.truth).map_err(unreadable)?;
    let header = reader.headers().map_err(unreadable)?;
    let missing: Vec<&str> = ["source", "source_key", "true_id"]
        .into_iter()
        .filter(|name| !header.iter().any(|column| column == *name))
        .collect();
    if !missing.is_empty() {
        return Err(Failure::source(format!("the truth {path} lacks the columns {}", missing.join(", ")))
            .hint(format!("its columns are {}", header.iter().collect::<Vec<_>>().join(", "))));
    }
    let mut truth = BTreeMap::new();
    for row in reader.deserialize::<TruthRow>() {
        let row = row.map_err(unreadable)?;
        let address = (row.source, row.source_key);
        let told = Truth { entity: row.true_id, trouble: row.trouble };
        if let Some(Truth { entity: other, .. }) = truth.insert(address.clone(), told) {
            return Err(Failure::source(format!(
                "the truth {path} names record {} of source {} twice, the first time as `{other}`",
                address.1, address.0
            ))
            .hint("keep one row a record"));
        }
    }
    if truth.is_empty() {
        return Err(
            Failure::source(format!("the truth {path} names no record")).hint("check that it is the right file")
        );
    }
    Ok(truth)
}

/// The figures over the records of the truth; one that the release does not know stands by itself.
fn figures(truth: &BTreeMap<Address, Truth>, ids: &BTreeMap<Address, String>) -> Figures {
    let mut numbers = Numbers::default();
    let mut record = |(address, told): (&Address, &Truth)| Record {
        cluster: numbers.cluster(match ids.get(address) {
            Some(id) => id.clone(),
            None => format!("{}|{}", address.0, address.1),
        }),
        entity: numbers.entity(&told.entity),
        source: None,
        trouble: evaluate_clusters::words_of(&told.trouble),
    };
    files::judge(&truth.iter().map(&mut record).collect::<Vec<_>>())
}

fn print(release: u64, figures: &Figures, missing: usize, unjudged: usize) -> Result<()> {
    evaluate_clusters::print(&format!("release {release}"), figures)?;
    if missing > 0 {
        output::line(&format!(
            "{missing} records of the truth are not in the release; each is counted as apart from all others"
        ))?;
    }
    if unjudged > 0 {
        output::line(&format!("{unjudged} records of the release are not in the truth; they are not judged"))?;
    }
    Ok(())
}
