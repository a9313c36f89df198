//! One declared column: what it takes as a value, and its typed form.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanBuilder, PrimitiveBuilder, StringArray};
use arrow::datatypes::{ArrowPrimitiveType, DataType, Decimal128Type, Int64Type};
use onefold_contract::attribute::{DECIMAL_PRECISION, DECIMAL_SCALE};
use onefold_contract::{AttributeKind, Result};

use super::values::{self, NoValue};
use crate::spec::ColumnSpec;

/// What is wrong with one value.
#[derive(Debug, Clone)]
pub(super) struct Fault {
    /// The column's name in the house.
    pub(super) column: String,
    /// The rule's code.
    pub(super) rule: &'static str,
    /// The value as received.
    pub(super) value: Option<String>,
    /// Why, in one sentence.
    pub(super) reason: String,
}

/// The type that a kind has in staging: what a machine writes as a number or a flag is typed here, all else is text until
/// it is standardized.
pub(super) fn staged_type(kind: AttributeKind) -> DataType {
    match kind {
        AttributeKind::Integer | AttributeKind::Decimal | AttributeKind::Flag => kind.clean_type(),
        _ => DataType::Utf8,
    }
}

/// Whether a text means "no value" in a column: nothing but space, or one of its words, in any case.
pub(super) fn is_absent(text: &str, null_words: &[String]) -> bool {
    let text = text.trim();
    text.is_empty() || null_words.iter().any(|word| word.trim().eq_ignore_ascii_case(text))
}

/// Types a column and appends what is wrong to the faults of each row.
pub(super) fn typed(spec: &ColumnSpec, texts: &StringArray, faults: &mut [Vec<Fault>]) -> Result<ArrayRef> {
    presence(spec, texts, faults);
    let mut fault = |row: usize, text: &str, no: NoValue| faults[row].push(no_value(spec, text, no));
    Ok(match spec.kind {
        AttributeKind::Integer => Arc::new(numbers::<Int64Type>(spec, texts, values::integer, &mut fault).finish()),
        AttributeKind::Decimal => {
            let mut numbers = numbers::<Decimal128Type>(spec, texts, values::decimal, &mut fault);
            Arc::new(numbers.finish().with_precision_and_scale(DECIMAL_PRECISION, DECIMAL_SCALE)?)
        }
        AttributeKind::Flag => {
            let mut flags = BooleanBuilder::with_capacity(texts.len());
            each(spec, texts, values::flag, &mut fault, |flag| flags.append_option(flag));
            Arc::new(flags.finish())
        }
        _ => Arc::new(texts.clone()),
    })
}

/// Faults of values that are missing or are not among those allowed.
fn presence(spec: &ColumnSpec, texts: &StringArray, faults: &mut [Vec<Fault>]) {
    if !spec.required && spec.allowed.is_empty() {
        return;
    }
    for (row, text) in texts.iter().enumerate() {
        let absent = text.is_none_or(|text| is_absent(text, &spec.null_words));
        let fault = match text {
            _ if absent && spec.required => fault(spec, text, "required-value-missing", missing(spec, text)),
            Some(value) if !absent && !is_allowed(spec, value) => {
                let reason = format!("\"{value}\" in column {} is not one of {}", spec.name, spec.allowed.join(", "));
                fault(spec, text, "value-not-allowed", reason)
            }
            _ => continue,
        };
        faults[row].push(fault);
    }
}

fn missing(spec: &ColumnSpec, text: Option<&str>) -> String {
    match text.filter(|text| !text.trim().is_empty()) {
        Some(word) => format!("column {} must have a value, and \"{word}\" means that it has none", spec.name),
        None => format!("column {} must have a value", spec.name),
    }
}

fn is_allowed(spec: &ColumnSpec, text: &str) -> bool {
    spec.allowed.is_empty() || spec.allowed.iter().any(|value| value == text || value == text.trim())
}

fn numbers<T: ArrowPrimitiveType>(
    spec: &ColumnSpec,
    texts: &StringArray,
    parse: fn(&str) -> Result<T::Native, NoValue>,
    fault: &mut impl FnMut(usize, &str, NoValue),
) -> PrimitiveBuilder<T> {
    let mut numbers = PrimitiveBuilder::<T>::with_capacity(texts.len());
    each(spec, texts, parse, fault, |number| numbers.append_option(number));
    numbers
}

fn each<T>(
    spec: &ColumnSpec,
    texts: &StringArray,
    parse: fn(&str) -> Result<T, NoValue>,
    fault: &mut impl FnMut(usize, &str, NoValue),
    mut append: impl FnMut(Option<T>),
) {
    for (row, text) in texts.iter().enumerate() {
        let value = text
            .filter(|text| !is_absent(text, &spec.null_words))
            .map(|text| parse(text).map_err(|no| fault(row, text, no)).ok());
        append(value.flatten());
    }
}

fn no_value(spec: &ColumnSpec, text: &str, no: NoValue) -> Fault {
    fault(spec, Some(text), no.rule, format!("\"{text}\" in column {} {}", spec.name, no.why))
}

fn fault(spec: &ColumnSpec, value: Option<&str>, rule: &'static str, reason: String) -> Fault {
    Fault { column: spec.name.clone(), rule, value: value.map(str::to_string), reason }
}

/// Whether two staged rows have the same content.
pub(super) fn same_row(left: &[ArrayRef], left_row: usize, right: &[ArrayRef], right_row: usize) -> bool {
    left.iter().zip(right).all(|(left, right)| same_value(left, left_row, right, right_row))
}

fn same_value(left: &ArrayRef, l: usize, right: &ArrayRef, r: usize) -> bool {
    if left.is_null(l) || right.is_null(r) {
        return left.is_null(l) && right.is_null(r);
    }
    match left.data_type() {
        DataType::Int64 => left.as_primitive::<Int64Type>().value(l) == right.as_primitive::<Int64Type>().value(r),
        DataType::Decimal128(..) => {
            left.as_primitive::<Decimal128Type>().value(l) == right.as_primitive::<Decimal128Type>().value(r)
        }
        DataType::Boolean => left.as_boolean().value(l) == right.as_boolean().value(r),
        _ => left.as_string::<i32>().value(l) == right.as_string::<i32>().value(r),
    }
}
