//! Measures the matcher on a file: `dedupe RECORDS.parquet MODEL.toml OUT.parquet [EDGES.parquet]` trains, matches and
//! clusters the records and writes `rec_id, cluster_id`, and the pairs at or above the review threshold. `RECORDS` holds standardized columns, a `rec_id` and, where there are several
//! sources, a `source`; what happened, and how long each step took, goes to standard error.
#![allow(clippy::print_stderr)]

use std::error::Error;
use std::fs::File;
use std::sync::Arc;
use std::time::Instant;

use arrow::array::{ArrayRef, AsArray, Float64Array, RecordBatch, StringArray, UInt32Array};
use arrow::compute::{cast, concat_batches};
use arrow::datatypes::{DataType, Field, Schema};
use onefold_entity_resolution::{
    BlockPlan, ComparedRecords, Edge, ModelSpec, TrainedModel, kernel, resolve_compared, train_compared,
};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

type Outcome<T> = Result<T, Box<dyn Error>>;

fn read(path: &str) -> Outcome<RecordBatch> {
    let builder = ParquetRecordBatchReaderBuilder::try_new(File::open(path)?)?;
    let schema = builder.schema().clone();
    let batches = builder.build()?.collect::<Result<Vec<_>, _>>()?;
    Ok(concat_batches(&schema, &batches)?)
}

/// The records with their addresses: `source`, or one name for all, and `rec_id`.
fn addressed(records: &RecordBatch) -> Outcome<(RecordBatch, ArrayRef)> {
    let text = |name: &str| records.column_by_name(name).map(|column| cast(column, &DataType::Utf8)).transpose();
    let ids = text("rec_id")?.ok_or("the file has no column `rec_id`")?;
    let one: ArrayRef = Arc::new(StringArray::from_iter_values(std::iter::repeat_n("file", records.num_rows())));
    let mut columns =
        vec![("_source".to_owned(), text("source")?.unwrap_or(one)), ("_source_key".to_owned(), ids.clone())];
    for (field, column) in records.schema().fields().iter().zip(records.columns()) {
        columns.push((field.name().clone(), column.clone()));
    }
    let fields: Vec<Field> = columns.iter().map(|(n, c)| Field::new(n, c.data_type().clone(), true)).collect();
    let columns = columns.into_iter().map(|(_, column)| column).collect();
    Ok((RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?, ids))
}

fn write(path: &str, columns: Vec<(&str, ArrayRef)>) -> Outcome<()> {
    let fields: Vec<Field> = columns.iter().map(|(n, c)| Field::new(*n, c.data_type().clone(), false)).collect();
    let columns = columns.into_iter().map(|(_, column)| column).collect();
    let table = RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?;
    let mut writer = ArrowWriter::try_new(File::create(path)?, table.schema(), None)?;
    writer.write(&table)?;
    writer.close()?;
    Ok(())
}

fn write_edges(path: &str, ids: &ArrayRef, edges: &[Edge]) -> Outcome<()> {
    let ids = ids.as_string::<i32>();
    let of_rows = |row: fn(&Edge) -> u32| -> ArrayRef {
        Arc::new(StringArray::from_iter_values(edges.iter().map(|edge| ids.value(row(edge) as usize))))
    };
    let weights: ArrayRef = Arc::new(Float64Array::from_iter_values(edges.iter().map(|edge| edge.weight.as_f64())));
    write(path, vec![("left", of_rows(|e| e.left)), ("right", of_rows(|e| e.right)), ("weight", weights)])
}

fn show(model: &TrainedModel) {
    eprintln!("{:?}", model.report);
    eprintln!("prior {} related {:?}", model.prior_weight, model.related);
    eprintln!("link {:?} review {:?}", model.link, model.review);
    for compared in &model.comparisons {
        for level in &compared.levels {
            let related: Vec<String> = level.related.iter().map(|h| format!("{h:.5}")).collect();
            eprintln!(
                "  {:14} {:50} m {:<9.5} u {:<10.7} {} {}",
                compared.name,
                level.name,
                level.m,
                level.u,
                level.weight,
                related.join(" ")
            );
        }
    }
}

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [data, model, out, edges @ ..] = arguments.as_slice() else {
        return Err("usage: dedupe RECORDS.parquet MODEL.toml OUT.parquet [EDGES.parquet]".into());
    };
    let started = Instant::now();
    let step = |name: &str| eprintln!("{:8.2} s {name}", started.elapsed().as_secs_f64());
    let (records, ids) = addressed(&read(data)?)?;
    let spec: ModelSpec = toml::from_str(&std::fs::read_to_string(model)?)?;
    let types = records.schema().fields().iter().map(|f| (f.name().clone(), f.data_type().clone())).collect();
    if let Some((path, mistake)) = spec.mistakes(Some(&types)).first() {
        return Err(format!("{model}: {path}: {mistake}").into());
    }
    step("read");
    let plan = BlockPlan::new(&records, &spec)?;
    step(&format!("planned: {} pairs at most", plan.pair_count()));
    let compared = ComparedRecords::new(&records, &spec)?;
    step("prepared");
    let counted = kernel::count(&plan, 0..plan.unit_count(), &compared)?;
    step(&format!("counted: {} pairs, {} patterns", counted.pairs, counted.pattern_counts.len()));
    let trained = train_compared(&compared, &spec, &counted.pattern_counts)?;
    step("trained");
    show(&trained);
    let output = kernel::score(&plan, 0..plan.unit_count(), &compared, &trained)?;
    step(&format!("scored: {} edges", output.edges.len()));
    let resolution = resolve_compared(&records, &compared, &trained, &plan, output, &[])?;
    step(&format!("clustered: {} clusters, {} pairs to review", resolution.clusters.count(), resolution.review.len()));
    for rule in &resolution.blocking.rules {
        eprintln!(
            "  rule {:30} blocks {:8} largest {:6} pairs {:10} new {:10} oversized {} ({} pairs)",
            rule.name,
            rule.blocks,
            rule.largest_block,
            rule.pairs,
            rule.new_pairs.unwrap_or(0),
            rule.oversized_blocks,
            rule.oversized_pairs
        );
    }
    if let Some(path) = edges.first() {
        write_edges(path, &ids, &resolution.edges)?;
    }
    let clusters: ArrayRef = Arc::new(UInt32Array::from(resolution.clusters.labels));
    write(out, vec![("rec_id", ids), ("cluster_id", clusters)])
}
