//! The types a table of the lake may have: one Arrow type for each type of DuckLake, so that what is read equals what
//! was published whatever engine made it.
//!
//! Encodings of the same values (string views, dictionaries, coarser time units) become one type without loss. Types
//! that DuckLake cannot hold faithfully are refused with the column's name, rather than cut to fit.

use std::collections::HashSet;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use onefold_contract::table::TableName;
use onefold_contract::{Failure, Result};

/// The name of a type in the catalogue and the Arrow type that stands for it; `None` where the lake has none.
pub(crate) fn lake_type(data_type: &DataType) -> Option<(String, DataType)> {
    let micros = |zone: Option<&str>| DataType::Timestamp(TimeUnit::Microsecond, zone.map(Into::into));
    let (name, canonical) = match data_type {
        DataType::Boolean => ("boolean", DataType::Boolean),
        DataType::Int8 => ("int8", DataType::Int8),
        DataType::Int16 => ("int16", DataType::Int16),
        DataType::Int32 => ("int32", DataType::Int32),
        DataType::Int64 => ("int64", DataType::Int64),
        DataType::UInt8 => ("uint8", DataType::UInt8),
        DataType::UInt16 => ("uint16", DataType::UInt16),
        DataType::UInt32 => ("uint32", DataType::UInt32),
        DataType::UInt64 => ("uint64", DataType::UInt64),
        DataType::Float16 | DataType::Float32 => ("float32", DataType::Float32),
        DataType::Float64 => ("float64", DataType::Float64),
        DataType::Date32 => ("date", DataType::Date32),
        DataType::Time32(_) | DataType::Time64(TimeUnit::Microsecond) => {
            ("time", DataType::Time64(TimeUnit::Microsecond))
        }
        DataType::Timestamp(TimeUnit::Nanosecond, None) => {
            ("timestamp_ns", DataType::Timestamp(TimeUnit::Nanosecond, None))
        }
        DataType::Timestamp(TimeUnit::Nanosecond, Some(_)) => return None,
        DataType::Timestamp(_, None) => ("timestamp", micros(None)),
        DataType::Timestamp(_, Some(_)) => ("timestamptz", micros(Some("UTC"))),
        // A column of nothing but absent values has no type yet; text holds whatever it will be.
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Null => ("varchar", DataType::Utf8),
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_) => {
            ("blob", DataType::Binary)
        }
        DataType::Decimal32(precision, scale)
        | DataType::Decimal64(precision, scale)
        | DataType::Decimal128(precision, scale)
            if *scale >= 0 =>
        {
            return Some((format!("decimal({precision},{scale})"), DataType::Decimal128(*precision, *scale)));
        }
        DataType::Dictionary(_, values) => return lake_type(values),
        _ => return None,
    };
    Some((name.to_string(), canonical))
}

/// The Arrow type of a type in the catalogue; `None` where another program wrote one that the lake does not use.
pub(crate) fn arrow_type(name: &str) -> Option<DataType> {
    const PLAIN: [DataType; 18] = [
        DataType::Boolean,
        DataType::Int8,
        DataType::Int16,
        DataType::Int32,
        DataType::Int64,
        DataType::UInt8,
        DataType::UInt16,
        DataType::UInt32,
        DataType::UInt64,
        DataType::Float32,
        DataType::Float64,
        DataType::Date32,
        DataType::Time64(TimeUnit::Microsecond),
        DataType::Timestamp(TimeUnit::Nanosecond, None),
        DataType::Timestamp(TimeUnit::Microsecond, None),
        DataType::Utf8,
        DataType::Binary,
        DataType::Null,
    ];
    if name == "timestamptz" {
        return Some(DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())));
    }
    if let Some(parts) = name.strip_prefix("decimal(").and_then(|rest| rest.strip_suffix(')')) {
        let (precision, scale) = parts.split_once(',')?;
        return Some(DataType::Decimal128(precision.trim().parse().ok()?, scale.trim().parse().ok()?));
    }
    PLAIN.into_iter().find(|t| t != &DataType::Null && lake_type(t).is_some_and(|(known, _)| known == name))
}

/// The schema that a batch has once it is in the lake. Every column may be absent; no metadata is kept.
///
/// # Errors
/// Usage, naming the table and the column: a type that the lake does not hold, or two columns that SQL cannot tell
/// apart.
pub(crate) fn canonical_schema(table: &TableName, schema: &Schema) -> Result<SchemaRef> {
    let mut seen = HashSet::new();
    let mut fields = Vec::with_capacity(schema.fields().len());
    for field in schema.fields() {
        // DuckDB folds the case of names, as SQL does.
        if !seen.insert(field.name().to_lowercase()) {
            return Err(Failure::usage(format!(
                "table {table} has two columns named {}, of which SQL sees only one",
                field.name()
            ))
            .hint("give one of them another name"));
        }
        let Some((_, canonical)) = lake_type(field.data_type()) else {
            return Err(Failure::usage(format!(
                "column {} of table {table} has the type {}, which the lake does not hold",
                field.name(),
                field.data_type()
            ))
            .hint("CAST it in the SELECT to text, a number, DECIMAL, DATE or TIMESTAMP; give each part a column of its own"));
        };
        fields.push(Field::new(field.name(), canonical, true));
    }
    Ok(Arc::new(Schema::new(fields)))
}

/// The batch as the lake holds it, see [`canonical_schema`].
///
/// # Errors
/// Those of [`canonical_schema`], and usage where a value does not fit (a moment beyond the years that microseconds
/// reach).
pub(crate) fn canonical(table: &TableName, batch: &RecordBatch) -> Result<RecordBatch> {
    let schema = canonical_schema(table, &batch.schema())?;
    let columns = schema.fields().iter().zip(batch.columns()).map(|(field, values)| {
        convert(values, field.data_type()).map_err(|error| {
            Failure::usage(format!("column {} of table {table} holds a value that does not fit: {error}", field.name()))
        })
    });
    Ok(RecordBatch::try_new(schema.clone(), columns.collect::<Result<Vec<_>>>()?)?)
}

fn convert(values: &ArrayRef, wanted: &DataType) -> Result<ArrayRef, arrow::error::ArrowError> {
    if values.data_type() == wanted {
        return Ok(values.clone());
    }
    let options = CastOptions { safe: false, ..CastOptions::default() };
    cast_with_options(values, wanted, &options)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;
    use arrow::array::{StringArray, TimestampNanosecondArray};
    use onefold_contract::AttributeKind;
    use onefold_contract::FailureKind;
    use onefold_contract::table::Layer;

    fn table() -> TableName {
        TableName::new(Layer::Mart, "t")
    }

    #[test]
    fn every_clean_type_is_its_own_lake_type_and_comes_back() {
        for kind in AttributeKind::ALL {
            let (name, canonical) = lake_type(&kind.clean_type()).unwrap();
            assert_eq!(canonical, kind.clean_type());
            assert_eq!(arrow_type(&name), Some(canonical), "{name}");
        }
    }

    #[test]
    fn names_of_types_come_back_as_the_type() {
        for name in ["int8", "uint64", "float32", "time", "timestamp_ns", "timestamp", "timestamptz", "blob", "varchar"]
        {
            assert_eq!(lake_type(&arrow_type(name).unwrap()).unwrap().0, name);
        }
        assert_eq!(arrow_type("decimal(10,2)"), Some(DataType::Decimal128(10, 2)));
        assert_eq!(arrow_type("geometry"), None);
    }

    #[test]
    fn names_that_differ_in_case_alone_are_refused() {
        let schema =
            Schema::new(vec![Field::new("Name", DataType::Utf8, true), Field::new("name", DataType::Utf8, true)]);
        let failure = canonical_schema(&table(), &schema).unwrap_err();
        assert_eq!(failure.kind, FailureKind::Usage);
        assert!(failure.message.contains("mart.t") && failure.message.contains("name"), "{failure}");
    }

    #[test]
    fn a_type_that_would_lose_something_is_refused() {
        let moment = DataType::Timestamp(TimeUnit::Nanosecond, Some("UTC".into()));
        let schema = Schema::new(vec![Field::new("at", moment, true)]);
        let failure = canonical_schema(&table(), &schema).unwrap_err();
        assert!(failure.message.contains("column at of table mart.t"), "{failure}");
        let list = DataType::new_list(DataType::Utf8, true);
        assert!(canonical_schema(&table(), &Schema::new(vec![Field::new("l", list, true)])).is_err());
    }

    #[test]
    fn encodings_become_one_type_and_nanoseconds_stay() {
        let text = StringArray::from(vec![Some("é"), None]);
        let view = cast_with_options(&text, &DataType::Utf8View, &CastOptions::default()).unwrap();
        let nanos: ArrayRef = Arc::new(TimestampNanosecondArray::from(vec![Some(1), None]));
        let schema = Schema::new(vec![
            Field::new("t", DataType::Utf8View, false),
            Field::new("n", nanos.data_type().clone(), true),
        ]);
        let schema =
            Schema::new(schema.fields().iter().map(|f| f.as_ref().clone().with_nullable(true)).collect::<Vec<_>>());
        let batch = RecordBatch::try_new(Arc::new(schema), vec![view, nanos.clone()]).unwrap();
        let kept = canonical(&table(), &batch).unwrap();
        assert_eq!(kept.column(0).as_ref(), &text);
        assert_eq!(kept.column(1), &nanos);
    }
}
