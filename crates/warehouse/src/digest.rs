//! The content digest of a table (law 5): equal for equal content, whatever the order of its rows and files.
//!
//! Each row is hashed alone (BLAKE3 over the name and value of every present value, the run-audit columns left out) and
//! the row hashes are added modulo 2^256. The digest is the hash of the columns, the number of rows and that sum. A sum
//! needs neither order nor the rows that were there before: an append costs what it appends, and a column that comes
//! later, absent in older rows, leaves their hashes as they are. The rejected alternative, a hash of the sorted list
//! of row hashes, must read a table again each night to append one row to it. A sum of hashes notices accidents, not a
//! forger who can choose rows; against tampering stands the hash of each data file's bytes.

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Schema};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use onefold_contract::change::RUN_AUDIT;
use onefold_contract::{Failure, Result};

/// The digest of a table's rows, 64 hexadecimal digits. For a table of changes it is taken over all changes, not over
/// the records they leave.
///
/// # Errors
/// A bug, where a column's type cannot be printed.
pub fn table_digest(batch: &RecordBatch) -> Result<String> {
    let mut sum = ContentSum::default();
    sum.add(batch)?;
    Ok(sum.digest(&batch.schema()))
}

/// The sum of row hashes, which grows with a table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ContentSum {
    rows: u64,
    limbs: [u64; 4],
}

impl ContentSum {
    /// Adds the rows of a batch.
    ///
    /// # Errors
    /// A bug, where a column's type cannot be printed.
    pub fn add(&mut self, batch: &RecordBatch) -> Result<()> {
        let schema = batch.schema();
        let plain = batch.columns().iter().map(plain).collect::<Result<Vec<_>>>()?;
        let mut columns = Vec::new();
        for (field, values) in schema.fields().iter().zip(&plain) {
            if !RUN_AUDIT.contains(&field.name().as_str()) {
                columns.push(ColumnBytes::new(field.name(), values)?);
            }
        }
        let mut bytes = Vec::with_capacity(512);
        for row in 0..batch.num_rows() {
            bytes.clear();
            for column in &columns {
                column.push(row, &mut bytes);
            }
            self.add_hash(blake3::hash(&bytes).as_bytes());
        }
        self.rows += batch.num_rows() as u64;
        Ok(())
    }

    /// The number of rows added.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// The digest over the columns and all rows added, 64 hexadecimal digits.
    pub fn digest(&self, schema: &Schema) -> String {
        let mut hasher = blake3::Hasher::new();
        for field in schema.fields().iter().filter(|f| !RUN_AUDIT.contains(&f.name().as_str())) {
            let data_type = plain_type(field.data_type()).to_string();
            for part in [field.name().as_str(), data_type.as_str()] {
                hasher.update(&(part.len() as u64).to_le_bytes());
                hasher.update(part.as_bytes());
            }
        }
        hasher.update(&self.rows.to_le_bytes());
        for limb in self.limbs {
            hasher.update(&limb.to_le_bytes());
        }
        hasher.finalize().to_hex().to_string()
    }

    /// The state as text: the rows and the four limbs of the sum, lowest first.
    pub fn to_text(self) -> String {
        let [a, b, c, d] = self.limbs;
        format!("{}:{a:016x}:{b:016x}:{c:016x}:{d:016x}", self.rows)
    }

    /// Reads what [`Self::to_text`] wrote; `None` where the text is something else.
    pub fn from_text(text: &str) -> Option<Self> {
        let mut parts = text.split(':');
        let rows = parts.next()?.parse().ok()?;
        let mut limbs = [0; 4];
        for limb in &mut limbs {
            *limb = u64::from_str_radix(parts.next()?, 16).ok()?;
        }
        parts.next().is_none().then_some(Self { rows, limbs })
    }

    fn add_hash(&mut self, hash: &[u8; 32]) {
        let mut carry = false;
        for (limb, bytes) in self.limbs.iter_mut().zip(hash.chunks_exact(8)) {
            let addend = bytes.iter().rev().fold(0u64, |value, byte| value << 8 | u64::from(*byte));
            let (sum, over) = limb.overflowing_add(addend);
            let (sum, over_again) = sum.overflowing_add(u64::from(carry));
            *limb = sum;
            carry = over || over_again;
        }
    }
}

/// The type that stands for all encodings of the same values.
fn plain_type(data_type: &DataType) -> DataType {
    match data_type {
        DataType::Utf8View | DataType::LargeUtf8 => DataType::Utf8,
        DataType::Dictionary(_, values) => plain_type(values),
        other => other.clone(),
    }
}

fn plain(values: &ArrayRef) -> Result<ArrayRef> {
    let wanted = plain_type(values.data_type());
    if &wanted == values.data_type() { Ok(values.clone()) } else { Ok(cast(values, &wanted)?) }
}

/// A column's present values as bytes.
struct ColumnBytes<'a> {
    name: &'a str,
    values: &'a ArrayRef,
    encoding: Encoding<'a>,
}

enum Encoding<'a> {
    Text(&'a arrow::array::StringArray),
    Flag(&'a BooleanArray),
    /// Values of one width, as they lie in memory: little-endian on every machine that is supported.
    Fixed {
        bytes: arrow::buffer::Buffer,
        width: usize,
    },
    Printed(ArrayFormatter<'a>),
}

impl<'a> ColumnBytes<'a> {
    fn new(name: &'a str, values: &'a ArrayRef) -> Result<Self> {
        let encoding = match (values.data_type(), values.data_type().primitive_width()) {
            (DataType::Utf8, _) => Encoding::Text(values.as_string()),
            (DataType::Boolean, _) => Encoding::Flag(values.as_boolean()),
            (_, Some(width)) => {
                let data = values.to_data();
                let start = data.offset() * width;
                let first = data.buffers().first().ok_or_else(|| Failure::bug("a column of numbers has no values"))?;
                Encoding::Fixed { bytes: first.slice_with_length(start, data.len() * width), width }
            }
            _ => Encoding::Printed(ArrayFormatter::try_new(values.as_ref(), &PRINT)?),
        };
        Ok(Self { name, values, encoding })
    }

    fn push(&self, row: usize, out: &mut Vec<u8>) {
        if self.values.is_null(row) {
            return;
        }
        push_part(out, self.name.as_bytes());
        match &self.encoding {
            Encoding::Text(texts) => push_part(out, texts.value(row).as_bytes()),
            Encoding::Flag(flags) => push_part(out, &[u8::from(flags.value(row))]),
            Encoding::Fixed { bytes, width } => push_part(out, &bytes[row * width..(row + 1) * width]),
            Encoding::Printed(printer) => push_part(out, printer.value(row).to_string().as_bytes()),
        }
    }
}

const PRINT: FormatOptions<'static> = FormatOptions::new();

fn push_part(out: &mut Vec<u8>, part: &[u8]) {
    out.extend_from_slice(&(part.len() as u64).to_le_bytes());
    out.extend_from_slice(part);
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;
    use arrow::array::{Decimal128Array, Int64Array, StringArray, UInt32Array, new_null_array};
    use arrow::compute::{concat_batches, take_record_batch};
    use arrow::datatypes::Field;
    use proptest::prelude::*;
    use std::sync::Arc;

    fn batch(rows: &[(Option<String>, Option<i64>, bool)]) -> RecordBatch {
        let schema = Schema::new(vec![
            Field::new("t", DataType::Utf8, true),
            Field::new("n", DataType::Int64, true),
            Field::new("d", DataType::Decimal128(28, 4), true),
            Field::new("f", DataType::Boolean, true),
            Field::new("_run", DataType::Utf8, true),
        ]);
        let decimals: Decimal128Array = rows.iter().map(|r| r.1.map(i128::from)).collect();
        let columns: Vec<ArrayRef> = vec![
            Arc::new(rows.iter().map(|r| r.0.clone()).collect::<StringArray>()),
            Arc::new(rows.iter().map(|r| r.1).collect::<Int64Array>()),
            Arc::new(decimals.with_precision_and_scale(28, 4).unwrap()),
            Arc::new(rows.iter().map(|r| Some(r.2)).collect::<BooleanArray>()),
            Arc::new(rows.iter().map(|_| Some("r1")).collect::<StringArray>()),
        ];
        RecordBatch::try_new(Arc::new(schema), columns).unwrap()
    }

    type Rows = Vec<(Option<String>, Option<i64>, bool)>;

    proptest! {
        #[test]
        fn order_and_parts_do_not_matter(rows: Rows, cut: prop::sample::Index, seed: u64) {
            let whole = batch(&rows);
            let mut order: Vec<u32> = (0..rows.len() as u32).collect();
            order.sort_by_key(|row| blake3::hash(&(u64::from(*row) ^ seed).to_le_bytes()).to_hex().to_string());
            let shuffled = take_record_batch(&whole, &UInt32Array::from(order)).unwrap();
            prop_assert_eq!(table_digest(&whole).unwrap(), table_digest(&shuffled).unwrap());

            let cut = cut.index(rows.len() + 1);
            let mut sum = ContentSum::default();
            sum.add(&whole.slice(0, cut)).unwrap();
            let mut sum = ContentSum::from_text(&sum.to_text()).unwrap();
            sum.add(&whole.slice(cut, rows.len() - cut)).unwrap();
            prop_assert_eq!(sum.digest(&whole.schema()), table_digest(&whole).unwrap());
            prop_assert_eq!(sum.rows(), rows.len() as u64);
        }

        #[test]
        fn different_rows_differ(one: Rows, other: Rows) {
            let sorted = |rows: &Rows| { let mut rows = rows.clone(); rows.sort(); rows };
            let equal = table_digest(&batch(&one)).unwrap() == table_digest(&batch(&other)).unwrap();
            prop_assert_eq!(equal, sorted(&one) == sorted(&other));
        }

        #[test]
        fn one_row_more_is_noticed(rows: Rows, row: (Option<String>, Option<i64>, bool)) {
            let before = batch(&rows);
            let after = concat_batches(&before.schema(), [&before, &batch(&[row])]).unwrap();
            prop_assert_ne!(table_digest(&before).unwrap(), table_digest(&after).unwrap());
        }
    }

    #[test]
    fn run_audit_columns_do_not_count_and_encodings_do_not_matter() {
        let rows = [(Some("a".to_string()), Some(1), true), (None, None, false)];
        let one = batch(&rows);
        let mut columns = one.columns().to_vec();
        let mut fields: Vec<Field> = one.schema().fields().iter().map(|f| f.as_ref().clone()).collect();
        columns[4] = Arc::new(StringArray::from(vec!["r2", "r3"]));
        columns[0] = cast(&columns[0], &DataType::Utf8View).unwrap();
        fields[0] = Field::new("t", DataType::Utf8View, true);
        let other = RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).unwrap();
        assert_eq!(table_digest(&one).unwrap(), table_digest(&other).unwrap());
    }

    #[test]
    fn an_absent_column_leaves_row_hashes_alone_but_not_the_digest() {
        let narrow = batch(&[(Some("a".to_string()), Some(1), true)]);
        let mut fields: Vec<Field> = narrow.schema().fields().iter().map(|f| f.as_ref().clone()).collect();
        fields.push(Field::new("later", DataType::Int64, true));
        let mut columns = narrow.columns().to_vec();
        columns.push(new_null_array(&DataType::Int64, 1));
        let wide = RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).unwrap();
        let (mut a, mut b) = (ContentSum::default(), ContentSum::default());
        a.add(&narrow).unwrap();
        b.add(&wide).unwrap();
        assert_eq!(a, b);
        assert_ne!(table_digest(&narrow).unwrap(), table_digest(&wide).unwrap());
    }

    #[test]
    fn text_that_is_no_state_is_refused() {
        for text in ["", "1", "1:2:3:4", "1:2:3:4:5:6", "x:1:2:3:4"] {
            assert_eq!(ContentSum::from_text(text), None, "{text}");
        }
    }
}
