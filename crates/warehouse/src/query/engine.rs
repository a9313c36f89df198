//! How a session of the engine is set up, for queries and for building the mart alike.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use datafusion::catalog::{MemTable, MemorySchemaProvider};
use datafusion::common::{DataFusionError, Result};
use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::memory_pool::GreedyMemoryPool;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::prelude::{SessionConfig, SessionContext};
use onefold_contract::table::Layer;

use super::functions;

/// The one database that SQL sees.
pub(crate) const CATALOG: &str = "onefold";
/// Rows in one slice of a table in memory.
const SLICE: usize = 8192;

/// Settings that hold for every session: names without a schema are the mart's, numbers with a point are exact
/// decimals, mistakes know their place, filters are not pushed into the Parquet reader (slower on our files).
pub(crate) fn settings() -> SessionConfig {
    let mut config =
        SessionConfig::new().with_default_catalog_and_schema(CATALOG, Layer::Mart.name()).with_collect_statistics(true);
    let options = config.options_mut();
    options.sql_parser.parse_float_as_decimal = true;
    options.sql_parser.collect_spans = true;
    options.execution.parquet.pushdown_filters = false;
    options.execution.parquet.schema_force_view_types = true;
    config
}

/// A session that never writes a temporary file. Under a memory limit with spilling, joins on an inequality lose rows
/// without an error (apache/datafusion#24745); without temporary files they fail instead, with a message.
pub(crate) fn session(config: SessionConfig, max_memory: Option<usize>) -> Result<SessionContext> {
    let no_files = DiskManagerBuilder::default().with_mode(DiskManagerMode::Disabled);
    let mut runtime = RuntimeEnvBuilder::new().with_disk_manager_builder(no_files);
    if let Some(bytes) = max_memory {
        runtime = runtime.with_memory_pool(Arc::new(GreedyMemoryPool::new(bytes)));
    }
    let context = SessionContext::new_with_config_rt(config, runtime.build_arc()?);
    functions::cap(&context);
    Ok(context)
}

/// Adds a schema to a session.
pub(crate) fn add_schema(context: &SessionContext, name: &str) -> Result<()> {
    let catalog = context
        .catalog(CATALOG)
        .ok_or_else(|| DataFusionError::Internal(format!("the session has no catalogue {CATALOG}")))?;
    if catalog.schema(name).is_none() {
        catalog.register_schema(name, Arc::new(MemorySchemaProvider::new()))?;
    }
    Ok(())
}

/// A table in memory, in slices that operators stream.
pub(crate) fn table_in_memory(batch: &RecordBatch) -> Result<Arc<MemTable>> {
    let starts = (0..batch.num_rows()).step_by(SLICE);
    let slices = starts.map(|start| batch.slice(start, SLICE.min(batch.num_rows() - start))).collect();
    Ok(Arc::new(MemTable::try_new(batch.schema(), vec![slices])?))
}

/// The type that a table keeps a column in; `None` for a type that no table keeps.
pub(crate) fn kept_type(engine: &DataType) -> Option<DataType> {
    Some(match engine {
        DataType::Utf8 | DataType::Utf8View | DataType::LargeUtf8 => DataType::Utf8,
        DataType::Binary | DataType::BinaryView | DataType::LargeBinary => DataType::Binary,
        DataType::Dictionary(_, values) => return kept_type(values),
        DataType::Date32 | DataType::Date64 => DataType::Date32,
        // A moment is kept in UTC, whatever zone it was calculated in.
        DataType::Timestamp(_, zone) => DataType::Timestamp(TimeUnit::Microsecond, zone.as_ref().map(|_| "UTC".into())),
        DataType::Time32(_) | DataType::Time64(_) => DataType::Time64(TimeUnit::Microsecond),
        DataType::Decimal32(precision, scale)
        | DataType::Decimal64(precision, scale)
        | DataType::Decimal128(precision, scale) => DataType::Decimal128(*precision, *scale),
        DataType::Boolean => DataType::Boolean,
        number if number.is_integer() || matches!(number, DataType::Float32 | DataType::Float64) => number.clone(),
        _ => return None,
    })
}

/// A schema with nothing but names and types, as tables keep it.
pub(crate) fn kept_schema(engine: &Schema) -> SchemaRef {
    let fields = engine.fields().iter().map(|field| {
        let kept = kept_type(field.data_type()).unwrap_or_else(|| field.data_type().clone());
        Field::new(field.name(), kept, true)
    });
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

/// A schema whose texts are plain, for readers of results; nothing else of it changes.
pub(crate) fn plain_schema(engine: &Schema) -> SchemaRef {
    let fields = engine.fields().iter().map(|field| {
        let plain = match field.data_type() {
            DataType::Utf8View | DataType::LargeUtf8 => DataType::Utf8,
            DataType::BinaryView | DataType::LargeBinary => DataType::Binary,
            other => other.clone(),
        };
        Field::new(field.name(), plain, true)
    });
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

/// Rows in the types of another schema of the same columns.
pub(crate) fn cast_to(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch> {
    let columns = batch.columns().iter().zip(schema.fields()).map(|(values, field)| {
        if values.data_type() == field.data_type() { Ok(Arc::clone(values)) } else { cast(values, field.data_type()) }
    });
    let columns = columns.collect::<Result<Vec<ArrayRef>, _>>()?;
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    Ok(RecordBatch::try_new_with_options(Arc::clone(schema), columns, &options)?)
}
