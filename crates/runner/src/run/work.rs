//! One run, from the first source to the release.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use arrow::array::RecordBatch;
use chrono::NaiveDate;
use onefold_contract::extractor::ExtractorState;
use onefold_contract::file_system::FileSystem;
use onefold_contract::publisher::{Draft, Pins, Published, Publisher, TableChange};
use onefold_contract::table::{Layer, TableName};
use onefold_contract::{Failure, FailureKind, Reject, Result};
use onefold_entity_resolution::TrainedModel;
use onefold_warehouse::dictionaries::DictionaryStore;
use onefold_warehouse::epochs::EpochStore;
use onefold_warehouse::identity_ledger::IdentityLedger;
use onefold_warehouse::lake::Lake;
use onefold_warehouse::mart::{self, MartBuild};

use super::clean::{self, Cleaned};
use super::extract::{self, Extracted};
use super::gates;
use super::learn::{self, Decisions, Rules};
use super::report::{Report, write_rejects};
use super::resolve::{self, Resolved};
use super::{Faults, Stage};
use crate::bind::{self, BoundPipeline};
use crate::config::Pipeline;
use crate::progress::Progress;
use crate::stop;

/// What all stages of a run work with.
pub(crate) struct Work<'a> {
    pub(crate) bound: &'a BoundPipeline,
    pub(crate) root: &'a Path,
    pub(crate) files: Arc<dyn FileSystem>,
    pub(crate) lake: &'a Lake,
    /// The release that the run reads from.
    pub(crate) base: Option<u64>,
    /// What that release pins.
    pub(crate) base_pins: Option<Pins>,
    /// The rejects that stand in that release.
    pub(crate) base_rejects: Vec<Reject>,
    pub(crate) run: String,
    pub(crate) fencing_token: u64,
    pub(crate) started_at: i64,
    pub(crate) as_of: NaiveDate,
    pub(crate) faults: Faults,
    pub(crate) progress: Progress,
}

impl Work<'_> {
    /// The pipeline.
    pub(crate) fn pipeline(&self) -> &Pipeline {
        &self.bound.pipeline
    }

    /// What a source's extractor remembers.
    pub(crate) fn extractor_state(&self, source: &str) -> ExtractorState {
        let states = self.base_pins.as_ref().map(|pins| &pins.extractors);
        let state = states.and_then(|states| states.get(source)).cloned();
        state.and_then(|state| serde_json::from_value(state).ok()).unwrap_or_default()
    }

    /// The rejects of standardizing a source that stand in the release the run reads from.
    pub(crate) fn standing_rejects(&self, source: &str) -> &[Reject] {
        // The table is sorted by stage and source, so that one source's rejects stand together.
        let of_source = |reject: &Reject| reject.stage == "standardized" && reject.source == source;
        let begin = self.base_rejects.iter().position(of_source).unwrap_or(0);
        let end = self.base_rejects.iter().rposition(of_source).map_or(begin, |last| last + 1);
        &self.base_rejects[begin..end]
    }
}

/// Runs the pipeline. `report` receives what is known so far, also where the run fails.
pub(crate) async fn execute(work: &Work<'_>, report: &mut Report) -> Result<Published> {
    let extracted = extract_all(work, report)?;
    let epochs = EpochStore::open(work.root, work.files.clone())?;
    let rules = Rules::in_force(work, &epochs)?;
    let decisions = decide_all(work, &rules, &extracted);
    let cleaned = clean_all(work, &rules, &decisions, &extracted, report)?;
    let rejects = all_rejects(&extracted, &cleaned);
    report.rejects = rejects.len() as u64;
    write_rejects(work.files.as_ref(), work.root, &work.run, &rejects)?;
    gates::rejects(work, &extracted, &cleaned)?;

    let mut ledger = open_ledger(work)?;
    stop::check()?;
    let (trained, resolved) = resolve_all(work, &rules, &cleaned, &ledger, report)?;
    stop::check()?;
    let built = build_mart(work, &cleaned, resolved.as_ref(), report).await?;
    gates::balances(report)?;
    stop::check()?;

    // Every gate has passed. From here on things are written that later runs see, the release last.
    let epoch = epoch_of(work, &epochs, &rules, decisions, trained.as_ref(), report)?;
    if let Some(resolved) = &resolved {
        ledger.append(&resolved.events, &work.run)?;
    }
    let pins = Pins {
        epoch,
        dictionary: rules.dictionaries.parsed.version().to_string(),
        identity: ledger.len(),
        extractors: extractor_states(&extracted)?,
    };
    let balance = serde_json::to_value(&report.balances)
        .map_err(|error| Failure::bug(format!("a balance cannot be written as JSON: {error}")))?;
    let tables = changes(work, extracted, cleaned, resolved, built, &rejects)?;
    work.lake.publish(Draft {
        pipeline: work.pipeline().spec.name.clone(),
        run: work.run.clone(),
        started_at: work.started_at,
        fencing_token: work.fencing_token,
        base: work.base,
        tables,
        pins,
        balance,
    })
}

/// The identity ledger. Opening it to write cuts a torn end off; an end that a release pins is not torn but damaged, and
/// must be restored before anything is issued anew.
fn open_ledger(work: &Work<'_>) -> Result<IdentityLedger> {
    let pinned = work.base_pins.as_ref().map_or(0, |pins| pins.identity);
    let found = if pinned > 0 { IdentityLedger::open_read_only(work.root)?.len() } else { 0 };
    if found < pinned {
        return Err(Failure::state(format!(
            "the identity ledger holds {found} events that can be read, but the release in force pins {pinned}"
        ))
        .hint("restore identity/ledger.jsonl of the state root from a backup: customer ids cannot be rebuilt"));
    }
    IdentityLedger::open(work.root, work.files.clone())
}

/// Lands and stages all sources. All that cannot be read are reported, not only the first.
fn extract_all(work: &Work<'_>, report: &mut Report) -> Result<Vec<Extracted>> {
    let (mut extracted, mut failures) = (Vec::new(), Vec::new());
    for source in &work.pipeline().sources {
        stop::check()?;
        match extract::extract(work, source) {
            Ok(source) => {
                report.notes.extend(source.notes.iter().cloned());
                report.balances.push(source.balance.clone());
                extracted.push(source);
            }
            Err(failure) => failures.push(failure),
        }
    }
    match failures.len() {
        0 => Ok(extracted),
        1 => Err(failures.remove(0)),
        count => {
            let unreadable = failures.iter().find(|failure| failure.kind == FailureKind::Source);
            let kind = unreadable.unwrap_or(&failures[0]).kind;
            let mut all = Failure::new(kind, format!("{count} sources cannot be loaded"));
            for failure in failures {
                all.details.push(failure.message);
                all.details.extend(failure.details);
                all.hints.extend(failure.hints);
            }
            all.hints.dedup();
            Err(all)
        }
    }
}

/// The decisions on columns: the epoch's, or what the columns tell.
fn decide_all(work: &Work<'_>, rules: &Rules, extracted: &[Extracted]) -> Decisions {
    let dictionaries = &rules.dictionaries.parsed;
    let decide = |source, staged: &Extracted| {
        onefold_standardize::decide(&bind::standardize_plan(source), &staged.rows, dictionaries)
    };
    let sources = work.pipeline().sources.iter().zip(extracted);
    let decided = sources.map(|(source, staged)| {
        let known = rules.decisions(&source.name).cloned();
        (source.name.clone(), known.unwrap_or_else(|| decide(source, staged)))
    });
    decided.collect()
}

fn clean_all(
    work: &Work<'_>,
    rules: &Rules,
    decisions: &Decisions,
    extracted: &[Extracted],
    report: &mut Report,
) -> Result<Vec<Cleaned>> {
    let anew = rules_changed(work, rules, report);
    let none = BTreeMap::new();
    let mut cleaned = Vec::new();
    for (source, staged) in work.pipeline().sources.iter().zip(extracted) {
        stop::check()?;
        let _step = work.progress.step(format!("standardizing {}", source.name), "", None);
        let decided = decisions.get(&source.name).unwrap_or(&none);
        let source = clean::clean(work, source, staged, decided, &rules.dictionaries.parsed, anew)?;
        report.balances.push(source.balance.clone());
        cleaned.push(source);
    }
    Ok(cleaned)
}

/// Whether rows are cleaned by other rules than those that stand were: another epoch, other settings of the pipeline, or
/// another version of the program. Then all are cleaned anew, so that one table is never of two minds.
fn rules_changed(work: &Work<'_>, rules: &Rules, report: &mut Report) -> bool {
    let Some(pins) = &work.base_pins else { return false };
    let Some(epoch) = &rules.epoch else { return true };
    let current = &work.pipeline().settings_digest;
    let settings = work.pipeline().sources.iter().any(|source| work.extractor_state(&source.name).settings != *current);
    let program = epoch.code_version != env!("CARGO_PKG_VERSION");
    if epoch.dictionary != work.bound.dictionaries.parsed.version() {
        report.notes.push(format!(
            "the name dictionaries are others than those of epoch {}, which is in force: `onefold epoch train {}` learns with \
             them, and `onefold epoch adopt` puts them in force",
            epoch.id,
            work.pipeline().spec.name
        ));
    }
    if program {
        report.notes.push(format!(
            "epoch {} was trained by version {} of this program; every record is cleaned anew by version {}",
            epoch.id,
            epoch.code_version,
            env!("CARGO_PKG_VERSION")
        ));
    }
    pins.epoch != epoch.id || settings || program
}

fn all_rejects(extracted: &[Extracted], cleaned: &[Cleaned]) -> Vec<Reject> {
    let staged = extracted.iter().flat_map(|source| &source.rejects);
    let standardized = cleaned.iter().flat_map(|source| &source.rejects);
    let mut rejects: Vec<Reject> = staged.chain(standardized).cloned().collect();
    rejects.sort_by(|a, b| (&a.stage, &a.source).cmp(&(&b.stage, &b.source)));
    rejects
}

/// Resolves the records, with the epoch's model or one that is trained now; gives the model as it is to be kept.
fn resolve_all(
    work: &Work<'_>,
    rules: &Rules,
    cleaned: &[Cleaned],
    ledger: &IdentityLedger,
    report: &mut Report,
) -> Result<(Option<TrainedModel>, Option<Resolved>)> {
    let Some(spec) = work.pipeline().model() else { return Ok((None, None)) };
    let rows: BTreeMap<&str, &RecordBatch> = cleaned.iter().map(|c| (c.source.as_str(), &c.rows)).collect();
    if let (Some(epoch), None) = (&rules.epoch, &rules.model) {
        return Err(Failure::gate(format!(
            "epoch {} has no model, but the pipeline names model {}",
            epoch.id, spec.name
        ))
        .hint("train an epoch that has (`onefold epoch train PIPELINE`) and adopt it (`onefold epoch adopt ID`)"));
    }
    if let (Some(epoch), Some(model)) = (&rules.epoch, &rules.model)
        && model.spec != *spec
    {
        report.notes.push(format!(
            "models/{}.toml says something else than the model of epoch {}, which is in force: `onefold epoch train {}` learns \
             from the changed file, and `onefold epoch adopt` puts it in force",
            spec.name,
            epoch.id,
            work.pipeline().spec.name
        ));
    }
    let _step = work.progress.step("resolving records", "", None);
    let spec = rules.model.as_ref().map_or(spec, |model| &model.spec);
    let records = resolve::records_of(&work.pipeline().sources, spec, &rows)?;
    let learned = match &rules.model {
        Some(trained) => trained.clone(),
        None => onefold_entity_resolution::train(&records, spec)?,
    };
    let trained = if rules.model.is_some() { learned.clone() } else { learn::as_kept(&learned)? };
    if let Some(reason) = &trained.report.degenerate {
        report.notes.push(format!(
            "model {}: the m and u written in its file are used, not what the records tell, because {reason}",
            spec.name
        ));
    }
    let resolved = resolve::resolve(work, &records, &trained, ledger.events())?;
    report.balances.push(resolved.xref.balance.clone());
    report.balances.push(resolved.golden.balance.clone());
    report.notes.extend(resolved.notes.iter().cloned());
    report.resolution = Some(resolved.summary.clone());
    Ok((Some(learned), Some(resolved)))
}

async fn build_mart(
    work: &Work<'_>,
    cleaned: &[Cleaned],
    resolved: Option<&Resolved>,
    report: &mut Report,
) -> Result<MartBuild> {
    let mut inputs: BTreeMap<TableName, RecordBatch> =
        cleaned.iter().map(|source| (source.table.clone(), source.rows.clone())).collect();
    for layer in resolved.into_iter().flat_map(|r| [&r.xref, &r.golden]) {
        inputs.insert(layer.table.clone(), layer.rows.clone());
    }
    let _step = work.progress.step("building the mart", "", None);
    let mut previous = BTreeMap::new();
    for (spec, _) in &work.pipeline().mart {
        let table = TableName::new(Layer::Mart, &spec.name);
        if let Some(base) = work.base
            && let Some(rows) = work.lake.read(base, &table)?
        {
            previous.insert(spec.name.clone(), rows);
        }
    }
    let mut built = mart::build(&work.bound.mart, inputs, previous, work.as_of).await?;
    lose_a_fact(work, &mut built);
    report.notes.extend(built.notes.iter().cloned());
    for mut balance in built.balances.clone() {
        // Rows are counted in what goes to the release, not in what the builder says it built. (A dimension's members
        // that hold now, its second balance, are another grain.)
        let counts_rows = work.pipeline().mart.iter().any(|(spec, _)| spec.grain == balance.grain);
        let rows = built.tables.iter().find(|(name, _)| table_of(name) == balance.table);
        if let Some((_, rows)) = rows.filter(|_| counts_rows) {
            balance.after = rows.num_rows() as u64;
        }
        report.balances.push(balance);
    }
    Ok(built)
}

fn table_of(name: &str) -> String {
    TableName::new(Layer::Mart, name).to_string()
}

fn lose_a_fact(work: &Work<'_>, built: &mut MartBuild) {
    let is_fact =
        |name: &str| work.pipeline().mart.iter().any(|(spec, _)| spec.name == name && spec.accounts_for.is_some());
    if let Some((_, rows)) = built.tables.iter_mut().find(|(name, _)| is_fact(name)) {
        *rows = work.faults.pass(Stage::Mart, rows.clone());
    }
}

/// The epoch that the release pins: the one in force; it with the sources that are new; or the first, of what this run
/// learned. One that is written here is adopted.
fn epoch_of(
    work: &Work<'_>,
    epochs: &EpochStore,
    rules: &Rules,
    decisions: Decisions,
    trained: Option<&TrainedModel>,
    report: &mut Report,
) -> Result<String> {
    let epoch = match (&rules.epoch, rules.extended(&work.run, work.started_at, &decisions)) {
        (Some(epoch), None) => return Ok(epoch.id.clone()),
        (_, Some(extended)) => extended,
        (None, None) => {
            let set = &rules.dictionaries;
            DictionaryStore::open(work.root, work.files.clone())?.put(set.parsed.version(), &set.texts)?;
            let pipeline = &work.pipeline().spec.name;
            learn::new_epoch(pipeline, &work.run, work.started_at, &set.parsed, decisions, trained)?
        }
    };
    let added = rules.epoch.is_some().then(|| epoch.notes.join("; "));
    let id = epochs.write(epoch)?;
    epochs.adopt(&id)?;
    report.notes.extend(added.map(|what| format!("epoch {id} is adopted: {what}; all else is as it was")));
    Ok(id)
}

fn extractor_states(extracted: &[Extracted]) -> Result<serde_json::Value> {
    let states: BTreeMap<&str, &ExtractorState> =
        extracted.iter().map(|source| (source.table.name.as_str(), &source.state)).collect();
    serde_json::to_value(states).map_err(|error| Failure::bug(format!("a state cannot be written as JSON: {error}")))
}

/// All that the release changes.
fn changes(
    work: &Work<'_>,
    extracted: Vec<Extracted>,
    cleaned: Vec<Cleaned>,
    resolved: Option<Resolved>,
    built: MartBuild,
    rejects: &[Reject],
) -> Result<Vec<(TableName, TableChange)>> {
    let mut tables = Vec::new();
    let staged = extracted.into_iter().map(|source| (source.table, source.changes));
    let standardized = cleaned.into_iter().map(|source| (source.table, source.changes));
    let resolved = resolved.into_iter().flat_map(|r| [r.xref, r.golden]).map(|layer| (layer.table, layer.changes));
    for (table, changes) in staged.chain(standardized).chain(resolved) {
        tables.push((table, TableChange::Append(changes.into_batch())));
    }
    for (name, rows) in built.tables {
        tables.push((TableName::new(Layer::Mart, name), TableChange::Replace(rows)));
    }
    tables.push((bind::reject_table(), TableChange::Replace(Reject::table(&work.run, rejects)?)));
    Ok(tables)
}
