//! `onefold kernel`: parts of the matcher in processes of their own. Hidden: it proves that the kernel partitions, and is
//! what a cluster adapter will call.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

use arrow::array::RecordBatch;
use arrow::ipc::reader::FileReader;
use arrow::ipc::writer::FileWriter;
use onefold_contract::table::{Layer, TableName};
use onefold_contract::{Failure, Result};
use onefold_entity_resolution::{BlockPlan, KernelOutput, TrainedModel, kernel as matcher};
use onefold_warehouse::epochs::EpochStore;
use onefold_warehouse::lake::Lake;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::Arc;

use crate::bind::Context;
use crate::cli::KernelCommand;
use crate::run;

/// Prepares, runs or merges parts.
pub(crate) async fn kernel(context: &Context, command: &KernelCommand) -> Result<()> {
    match command {
        KernelCommand::Prepare { pipeline, out } => prepare(context, pipeline, out).await,
        KernelCommand::Run { from, part, of, out } => work(from, *part, *of, out),
        KernelCommand::Merge { parts, out } => merge(parts, out),
    }
}

async fn prepare(context: &Context, pipeline: &crate::cli::PipelineArguments, out: &Path) -> Result<()> {
    let bound = crate::bind::pipeline(pipeline).await.map_err(|mistakes| crate::bind::mistakes_failure(&mistakes))?;
    let lake = Lake::open_read_only(&context.state_root)?;
    let release = lake.release(super::release::chosen(&lake, None)?)?;
    let epochs = EpochStore::open(&context.state_root, Arc::new(onefold_contract::file_system::Disk))?;
    let model = run::model_of(&epochs.read(&release.pins.epoch)?)?
        .ok_or_else(|| Failure::usage("the pipeline resolves nothing, so there is nothing to prepare"))?;
    let mut rows = Vec::new();
    for source in &bound.pipeline.sources {
        if let Some(batch) = lake.current(release.id, &TableName::new(Layer::Standardized, &source.name))? {
            rows.push((source.name.as_str(), batch));
        }
    }
    let rows: BTreeMap<&str, &RecordBatch> = rows.iter().map(|(name, batch)| (*name, batch)).collect();
    let records = run::records_of(&bound.pipeline.sources, &model.spec, &rows)?;
    let plan = BlockPlan::new(&records, &model.spec)?;
    std::fs::create_dir_all(out).map_err(|error| unwritable(out, &error))?;
    let file = File::create(out.join("records.arrow")).map_err(|error| unwritable(out, &error))?;
    let mut writer = FileWriter::try_new(file, &records.schema())?;
    writer.write(&records)?;
    writer.finish()?;
    write(&out.join("plan.json"), &plan)?;
    write(&out.join("model.json"), &model)
}

fn work(from: &Path, part: usize, of: usize, out: &Path) -> Result<()> {
    let plan: BlockPlan = read(&from.join("plan.json"))?;
    let model: TrainedModel = read(&from.join("model.json"))?;
    let path = from.join("records.arrow");
    let file = File::open(&path).map_err(|error| unreadable(&path, &error))?;
    let reader = FileReader::try_new(file, None)?;
    let schema = reader.schema();
    let batches = reader.collect::<Result<Vec<_>, _>>()?;
    let records = arrow::compute::concat_batches(&schema, &batches)?;
    let parts = plan.partition(of);
    let units = parts.get(part).cloned().ok_or_else(|| Failure::usage(format!("there is no part {part} of {of}")))?;
    write(out, &matcher::run(&plan, units, &records, &model.spec, Some(&model))?)
}

fn merge(parts: &[std::path::PathBuf], out: &Path) -> Result<()> {
    let mut merged = KernelOutput::default();
    for part in parts {
        merged = merged.merge(read(part)?);
    }
    write(out, &merged)
}

fn write<T: Serialize>(path: &Path, value: &T) -> Result<()> {
    let text = serde_json::to_vec(value).map_err(|error| Failure::bug(format!("a part cannot be written: {error}")))?;
    std::fs::write(path, text).map_err(|error| unwritable(path, &error))
}

fn read<T: DeserializeOwned>(path: &Path) -> Result<T> {
    let text = std::fs::read(path).map_err(|error| unreadable(path, &error))?;
    serde_json::from_slice(&text).map_err(|error| unreadable(path, &error))
}

fn unwritable(path: &Path, error: &dyn std::error::Error) -> Failure {
    Failure::state(format!("{} cannot be written: {error}", path.display()))
}

fn unreadable(path: &Path, error: &dyn std::error::Error) -> Failure {
    Failure::state(format!("{} cannot be read: {error}", path.display()))
}
