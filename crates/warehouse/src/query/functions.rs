//! A ceiling on the functions that make much out of little.
//!
//! `repeat('x', 2000000000)` is one short line and two gigabytes. The engine's other functions give about as much as
//! they are given, so a handful of wrappers is enough; taking the functions away, the rejected way, would also take
//! the calendar that `generate_series` makes.

use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, FieldRef};
use datafusion::catalog::{TableFunction, TableFunctionArgs, TableFunctionImpl, TableProvider};
use datafusion::common::{DataFusionError, Result, ScalarValue};
use datafusion::logical_expr::simplify::{ExprSimplifyResult, SimplifyContext};
use datafusion::logical_expr::{
    ColumnarValue, Documentation, Expr, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature,
};
use datafusion::prelude::SessionContext;

/// Letters or list elements that one call may make for one batch of rows.
const MADE_AT_ONCE: u64 = 16 << 20;
/// Rows that a series may have.
const SERIES_ROWS: u64 = 100_000_000;
/// A count up to here cannot pass the ceiling, whatever the rows.
const SMALL: u64 = 1_000;

/// Puts the ceiling on a session's functions.
pub(crate) fn cap(context: &SessionContext) {
    let state = context.state();
    for (name, growth) in [
        ("repeat", Growth::Text),
        ("lpad", Growth::Count),
        ("rpad", Growth::Count),
        ("array_repeat", Growth::Elements),
        ("array_resize", Growth::Elements),
        ("range", Growth::Series),
        ("generate_series", Growth::Series),
    ] {
        if let Some(inner) = state.scalar_functions().get(name) {
            context.register_udf(ScalarUDF::new_from_impl(Capped { inner: Arc::clone(inner), growth }));
        }
    }
    for (name, inner) in state.table_functions() {
        context.register_udtf(name, Arc::new(CappedSeries { inner: Arc::clone(inner) }));
    }
}

/// How much a function makes of its arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Growth {
    /// The first argument's letters times the second.
    Text,
    /// The second argument.
    Count,
    /// The second argument times the size of the first.
    Elements,
    /// The length of the series of start, stop and step.
    Series,
}

impl Growth {
    fn of(self, row: &[ScalarValue]) -> u64 {
        let count = || row.get(1).and_then(whole).map_or(0, |n| u64::try_from(n.max(0)).unwrap_or(u64::MAX));
        match self {
            Self::Count => count(),
            Self::Text => {
                let letters = row.first().and_then(ScalarValue::try_as_str).flatten().map_or(1, str::len);
                count().saturating_mul(letters as u64)
            }
            Self::Elements => count().saturating_mul(1 + row.first().map_or(0, ScalarValue::size) as u64 / 64),
            Self::Series => series_length(row),
        }
    }

    /// Whether a constant count makes it needless to look at the rows.
    fn is_small(self, args: &[ColumnarValue]) -> bool {
        let constant = |place: usize| match args.get(place) {
            Some(ColumnarValue::Scalar(value)) => whole(value),
            _ => None,
        };
        matches!(self, Self::Count | Self::Text) && constant(1).is_some_and(|n| n <= i128::from(SMALL))
    }
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Capped {
    inner: Arc<ScalarUDF>,
    growth: Growth,
}

impl ScalarUDFImpl for Capped {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn aliases(&self) -> &[String] {
        self.inner.aliases()
    }

    fn signature(&self) -> &Signature {
        self.inner.signature()
    }

    fn return_type(&self, arg_types: &[DataType]) -> Result<DataType> {
        self.inner.return_type(arg_types)
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs) -> Result<FieldRef> {
        self.inner.return_field_from_args(args)
    }

    fn coerce_types(&self, arg_types: &[DataType]) -> Result<Vec<DataType>> {
        self.inner.coerce_types(arg_types)
    }

    fn simplify(&self, args: Vec<Expr>, info: &SimplifyContext) -> Result<ExprSimplifyResult> {
        self.inner.simplify(args, info)
    }

    fn documentation(&self) -> Option<&Documentation> {
        self.inner.documentation()
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        if !self.growth.is_small(&args.args) {
            let rows =
                if args.args.iter().all(|a| matches!(a, ColumnarValue::Scalar(_))) { 1 } else { args.number_rows };
            let mut made = 0_u64;
            for row in 0..rows {
                let values = args.args.iter().map(|value| match value {
                    ColumnarValue::Scalar(value) => Ok(value.clone()),
                    ColumnarValue::Array(values) => ScalarValue::try_from_array(values, row),
                });
                made = made.saturating_add(self.growth.of(&values.collect::<Result<Vec<_>>>()?));
                if made > MADE_AT_ONCE {
                    return Err(too_much(self.name(), "letters or elements", MADE_AT_ONCE));
                }
            }
        }
        self.inner.invoke_with_args(args)
    }
}

#[derive(Debug)]
struct CappedSeries {
    inner: Arc<TableFunction>,
}

impl TableFunctionImpl for CappedSeries {
    fn call_with_args(&self, args: TableFunctionArgs) -> Result<Arc<dyn TableProvider>> {
        let literals = args.exprs().iter().map(|expression| match expression {
            Expr::Literal(value, _) => value.clone(),
            _ => ScalarValue::Null,
        });
        if series_length(&literals.collect::<Vec<_>>()) > SERIES_ROWS {
            return Err(too_much(self.inner.name(), "rows", SERIES_ROWS));
        }
        self.inner.create_table_provider_with_args(args)
    }
}

fn too_much(function: &str, what: &str, ceiling: u64) -> DataFusionError {
    DataFusionError::Execution(format!("{function} would make more than {ceiling} {what} at once"))
}

/// The number of values from first to last by step; first is 0 and step is 1 where they are left out.
fn series_length(row: &[ScalarValue]) -> u64 {
    let (first, last, step) = match row {
        [last] => (Some(0), whole(last), Some(1)),
        [first, last] => (whole(first), whole(last), Some(1)),
        [first, last, step, ..] => (whole(first), whole(last), whole(step)),
        [] => return 0,
    };
    let (Some(first), Some(last), Some(step)) = (first, last, step) else { return 0 };
    let distance = last - first;
    if step == 0 || (distance != 0 && (distance > 0) != (step > 0)) {
        return 0;
    }
    u64::try_from((distance / step).saturating_add(1)).unwrap_or(u64::MAX)
}

/// A number as it is; a date, a moment or a span of time in nanoseconds. A month counts 28 days: rather too many values
/// than too few.
fn whole(value: &ScalarValue) -> Option<i128> {
    const DAY: i128 = 86_400_000_000_000;
    if value.is_null() {
        return None;
    }
    match value {
        ScalarValue::Date32(days) => days.map(|d| i128::from(d) * DAY),
        ScalarValue::TimestampSecond(at, _) => at.map(|t| i128::from(t) * 1_000_000_000),
        ScalarValue::TimestampMillisecond(at, _) => at.map(|t| i128::from(t) * 1_000_000),
        ScalarValue::TimestampMicrosecond(at, _) => at.map(|t| i128::from(t) * 1_000),
        ScalarValue::TimestampNanosecond(at, _) => at.map(i128::from),
        ScalarValue::IntervalYearMonth(months) => months.map(|m| i128::from(m) * 28 * DAY),
        ScalarValue::IntervalDayTime(span) => {
            span.map(|s| i128::from(s.days) * DAY + i128::from(s.milliseconds) * 1_000_000)
        }
        ScalarValue::IntervalMonthDayNano(span) => {
            span.map(|s| (i128::from(s.months) * 28 + i128::from(s.days)) * DAY + i128::from(s.nanoseconds))
        }
        other => match other.cast_to(&DataType::Int64) {
            Ok(ScalarValue::Int64(number)) => number.map(i128::from),
            _ => None,
        },
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    fn length(numbers: &[i64]) -> u64 {
        series_length(&numbers.iter().map(|n| ScalarValue::Int64(Some(*n))).collect::<Vec<_>>())
    }

    #[test]
    fn the_length_of_a_series_is_counted_without_making_it() {
        assert_eq!(length(&[9]), 10);
        assert_eq!(length(&[1, 10]), 10);
        assert_eq!(length(&[1, 10, 3]), 4);
        assert_eq!(length(&[10, 1]), 0);
        assert_eq!(length(&[10, 1, -1]), 10);
        assert_eq!(length(&[i64::MIN, i64::MAX]), u64::MAX);
        let day = ScalarValue::new_interval_mdn(0, 1, 0);
        assert_eq!(series_length(&[ScalarValue::Date32(Some(0)), ScalarValue::Date32(Some(364)), day]), 365);
    }

    #[tokio::test]
    async fn little_is_made_and_much_is_refused() {
        let context = SessionContext::new();
        cap(&context);
        let run = async |sql: &str| context.sql(sql).await?.collect().await;
        for sql in [
            "SELECT repeat('ab', 3), lpad('7', 5, '0'), array_repeat(1, 3), generate_series(1, 5), range(3)",
            "SELECT lpad(CAST(value AS VARCHAR), 3, '0'), repeat('x', value) FROM generate_series(1, 100)",
            "SELECT count(*) FROM generate_series(DATE '2017-01-01', DATE '2019-12-31', INTERVAL '1 day')",
        ] {
            assert!(run(sql).await.is_ok(), "{sql}");
        }
        for sql in [
            "SELECT repeat('ab', 2000000000)",
            "SELECT rpad('a', 2000000000)",
            "SELECT array_repeat(1, 2000000000)",
            "SELECT list_repeat(1, 2000000000)",
            "SELECT generate_series(1, 20000000000)",
            "SELECT repeat('x', value * 100000) FROM generate_series(1, 8000)",
            "SELECT count(*) FROM generate_series(1, 200000000000)",
        ] {
            let error = run(sql).await.expect_err(sql);
            assert!(error.to_string().contains("would make more than"), "{sql}: {error}");
        }
    }
}
