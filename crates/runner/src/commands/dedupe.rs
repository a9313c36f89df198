//! `onefold dedupe`: which records of one file are one.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray, UInt64Array};
use arrow::datatypes::{DataType, Field, Schema};
use onefold_contract::Result;
use serde_json::json;

use crate::bind::Context;
use crate::cli::{DedupeArguments, MatchArguments};
use crate::files::{self, Folded, Input, Keys, Matching, Sheet, Table};
use crate::output;

/// How many notes of one sort are told on the terminal.
const TOLD: usize = 12;

/// Deduplicates a file.
pub(crate) fn dedupe(context: &Context, arguments: &DedupeArguments) -> Result<()> {
    let matching = &arguments.matching;
    check_outputs(matching)?;
    let input = files::read(&arguments.file, &matching.read)?;
    let keys = Keys::of(&input, matching.id.as_deref())?;
    let name = source_name(&arguments.file);
    let sources = StringArray::from_iter_values(std::iter::repeat_n(name.as_str(), input.rows.num_rows()));
    let table = Table { rows: without(&input.rows, &[matching.id.as_deref()])?, sources, keys: keys.values.clone() };
    let job = Job { input: &input, keys: &keys, table, across: false, source_column: None };
    job.finish(context, matching)
}

/// The name of a file without folder and ending, as a source is called.
pub(super) fn source_name(file: &Path) -> String {
    file.file_stem().map_or_else(|| "file".to_owned(), |stem| stem.to_string_lossy().into_owned())
}

/// Whether the outputs can be written, before any work.
pub(super) fn check_outputs(matching: &MatchArguments) -> Result<()> {
    files::check_writable(&matching.out, "--out")?;
    if let Some(golden) = &matching.golden {
        files::check_writable(golden, "--golden")?;
    }
    Ok(())
}

/// A table without some of its columns.
pub(super) fn without(rows: &RecordBatch, columns: &[Option<&str>]) -> Result<RecordBatch> {
    let schema = rows.schema();
    let kept: Vec<usize> = (0..rows.num_columns())
        .filter(|place| !columns.contains(&Some(schema.field(*place).name().as_str())))
        .collect();
    Ok(rows.project(&kept)?)
}

/// A table to be folded, and what its result is called.
pub(super) struct Job<'a> {
    pub(super) input: &'a Input,
    pub(super) keys: &'a Keys,
    pub(super) table: Table,
    pub(super) across: bool,
    /// The output's column of the sources, where there are several.
    pub(super) source_column: Option<String>,
}

impl Job<'_> {
    /// Folds the table, writes what was asked for and tells about it.
    pub(super) fn finish(self, context: &Context, arguments: &MatchArguments) -> Result<()> {
        let dictionaries = files::dictionaries(&arguments.assume.dictionaries)?;
        let ignored = files::said_columns(self.input, &arguments.ignore, "--ignore")?;
        let settings = files::read_profile_settings(&self.input.columns, &self.input.file, &arguments.assume)?;
        let model = arguments.model.as_deref().map(files::read_model).transpose()?;
        let all_columns = arguments.golden.is_some();
        let matching = Matching { settings, ignored, model, across: self.across, all_columns };
        let folded = files::fold(&self.table, matching, &dictionaries)?;
        let written = self.write(arguments, &folded)?;
        self.tell(context, arguments, &folded, &written)
    }

    fn write(&self, arguments: &MatchArguments, folded: &Folded) -> Result<Vec<PathBuf>> {
        let clusters = self.clusters(folded)?;
        let mut written = files::write(&arguments.out, &[Sheet { name: "clusters", rows: &clusters }])?;
        if let Some(proposal) = &folded.proposal {
            let path = arguments.out.with_extension("model.toml");
            let text = files::written(&self.input.file, &folded.profile, proposal, &folded.model)?;
            files::write_text(&path, &text)?;
            written.push(path);
        }
        if let Some(golden) = &arguments.golden {
            let rows = files::golden(folded, &self.table)?;
            let review = files::review(folded, &self.table, self.keys, self.across)?;
            written.extend(files::write(
                golden,
                &[Sheet { name: "records", rows: &rows }, Sheet { name: "review", rows: &review }],
            )?);
        }
        Ok(written)
    }

    /// One row a record: its source where there are several, its id, its cluster.
    fn clusters(&self, folded: &Folded) -> Result<RecordBatch> {
        const CLUSTER: &str = "cluster_id";
        let name = |name: &str| if name == CLUSTER { files::in_file(name) } else { name.to_owned() };
        let (mut fields, mut arrays): (Vec<Field>, Vec<ArrayRef>) = (Vec::new(), Vec::new());
        if let Some(source) = &self.source_column {
            fields.push(Field::new(name(source), DataType::Utf8, false));
            arrays.push(Arc::new(self.table.sources.clone()));
        }
        if self.keys.are_rows {
            let numbers = self.keys.values.iter().map(|row| row.and_then(|row| row.parse::<u64>().ok()));
            fields.push(Field::new(name(&self.keys.name), DataType::UInt64, true));
            arrays.push(Arc::new(numbers.collect::<UInt64Array>()));
        } else {
            fields.push(Field::new(name(&self.keys.name), DataType::Utf8, true));
            arrays.push(Arc::new(self.keys.values.clone()));
        }
        fields.push(Field::new(CLUSTER, DataType::Int64, false));
        arrays.push(Arc::new(Int64Array::from_iter_values(folded.clusters.iter().map(|c| i64::from(*c)))));
        Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)?)
    }

    fn tell(&self, context: &Context, arguments: &MatchArguments, folded: &Folded, written: &[PathBuf]) -> Result<()> {
        let summary = Summary { job: self, folded, written };
        if context.json { output::json(&summary.json()) } else { summary.print(arguments) }
    }
}

/// What is told about a table that was folded.
struct Summary<'a> {
    job: &'a Job<'a>,
    folded: &'a Folded,
    written: &'a [PathBuf],
}

impl Summary<'_> {
    fn files(&self) -> Vec<String> {
        self.written.iter().map(|path| path.display().to_string()).collect()
    }

    fn json(&self) -> serde_json::Value {
        let (folded, report) = (self.folded, &self.folded.model.report);
        let columns = folded.profile.columns.iter().map(|column| {
            let guess = &column.guess;
            json!({ "name": column.name, "kind": guess.kind, "confidence": guess.confidence, "reasons": guess.reasons })
        });
        let left_out = folded.proposal.iter().flat_map(|proposal| &proposal.left_out);
        let left_out: Vec<_> = left_out.map(|(column, reason)| json!({ "column": column, "reason": reason })).collect();
        json!({
            "file": self.job.input.file,
            "format": self.job.input.format,
            "records": folded.clusters.len(),
            "clusters": folded.count(),
            "records_with_company": self.with_company(),
            "largest_cluster": folded.sizes().keys().next_back(),
            "pairs_compared": folded.found.pairs,
            "pairs_to_review": folded.found.review.len(),
            "entity": folded.model.spec.entity,
            "model_given": folded.proposal.is_none(),
            "columns": columns.collect::<Vec<_>>(),
            "left_out": left_out,
            "training": report,
            "blocking": folded.found.blocking,
            "to_check": files::to_check(&folded.profile),
            "notes": self.job.input.notes,
            "values_not_read": folded.rejects.len(),
            "written": self.files(),
        })
    }

    /// Records that are not alone in their cluster.
    fn with_company(&self) -> u64 {
        self.folded
            .sizes()
            .iter()
            .filter(|(size, _)| **size > 1)
            .map(|(size, count)| u64::from(*size) * u64::from(*count))
            .sum()
    }

    fn print(&self, arguments: &MatchArguments) -> Result<()> {
        let folded = self.folded;
        let largest = folded.sizes().keys().next_back().copied().unwrap_or(0);
        output::line(&format!(
            "{}: {} records are {} {}; {} records are not alone, the largest cluster has {largest}",
            self.job.input.file,
            folded.clusters.len(),
            folded.count(),
            if folded.count() == 1 { "entity" } else { "entities" },
            self.with_company(),
        ))?;
        output::line(&format!(
            "{} pairs were compared; {} stay for a person to review",
            folded.found.pairs,
            folded.found.review.len()
        ))?;
        self.print_assumptions()?;
        for note in &self.job.input.notes {
            output::note(&format!("note: {note}"));
        }
        if let Some(reason) = &folded.model.report.degenerate {
            output::note(&format!("note: the model's own figures hold and nothing was learned, because {reason}"));
        }
        output::line("")?;
        for file in self.files() {
            output::line(&format!("wrote {file}"))?;
        }
        if arguments.golden.is_none() && !folded.found.review.is_empty() {
            output::line("--golden FILE.xlsx also writes one row an entity and the pairs to review")?;
        }
        Ok(())
    }

    fn print_assumptions(&self) -> Result<()> {
        let Some(proposal) = &self.folded.proposal else { return Ok(()) };
        output::line("")?;
        output::line(&format!("assumed, for want of a model: each record is of one {}", proposal.entity.name()))?;
        let mut table = output::Table::new(["column", "kind", "sure", "compared"]);
        for column in &self.folded.profile.columns {
            let left_out = proposal.left_out.iter().find(|(name, _)| *name == column.name);
            table.row([
                column.name.clone(),
                column.guess.kind.name().to_owned(),
                format!("{:.0} %", column.guess.confidence * 100.0),
                left_out.map_or_else(|| "yes".to_owned(), |(_, reason)| format!("no: {reason}")),
            ]);
        }
        table.print("the file has no column")?;
        let notes = files::to_check(&self.folded.profile);
        if notes.is_empty() {
            return Ok(());
        }
        output::line("")?;
        output::line("please check:")?;
        for note in notes.iter().take(TOLD) {
            output::line(&format!("  {note}"))?;
        }
        if notes.len() > TOLD {
            output::line(&format!("  and {} more, in the model file", notes.len() - TOLD))?;
        }
        output::line(
            "--kind COLUMN=KIND says what a column is, --ignore COLUMN leaves it out, --region REGION names the country",
        )
    }
}
