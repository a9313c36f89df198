//! Rows of one load, as they come: each is accepted, rejected or left out.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StringArray, StringBuilder, UInt32Array};
use arrow::compute::take_record_batch;
use arrow::datatypes::SchemaRef;
use onefold_contract::extractor::{LeftOut, Part, Partition, RawRows};
use onefold_contract::reject::RejectScope;
use onefold_contract::{Failure, Reject, Result};

use super::columns::{self, Fault, is_absent, same_row};
use super::control::Running;
use super::staged_contract;
use crate::key::write_key;
use crate::needed::needed_columns;
use crate::spec::{Format, SourceSpec};

/// The rows taken in so far.
pub(super) struct Rows<'a> {
    spec: &'a SourceSpec,
    schema: SchemaRef,
    key_columns: Vec<usize>,
    /// The columns that rules leave rows out by, with the values that do.
    exclusions: Vec<(usize, &'a [String])>,
    partition: Partition,
    /// The part of the partition that the rows stand in.
    part: Option<Part>,
    /// For each row accepted, the partition's location (by place in `locations`) and its line or ordinal.
    origins: Vec<(u32, u64)>,
    locations: Vec<String>,
    /// The number of rows accepted before each block.
    starts: Vec<usize>,
    /// Rows accepted, typed.
    pub(super) blocks: Vec<RecordBatch>,
    /// Their keys.
    pub(super) keys: StringBuilder,
    /// The place of each key among the rows accepted.
    pub(super) first: HashMap<String, u32>,
    /// Keys of rejected rows.
    pub(super) held: HashSet<String>,
    /// Rows rejected.
    pub(super) rejects: Vec<Reject>,
    /// Bad rows whose key nobody knows.
    pub(super) keyless: u64,
    /// Rows that came out of raw.
    pub(super) read: u64,
    /// Rows left out by rule.
    pub(super) excluded: u64,
    /// The rows that rules of the format left out, by where they stand and the rule.
    pub(super) left_out: BTreeMap<(String, &'static str), Vec<u64>>,
    /// The running control totals.
    pub(super) controls: Vec<Running>,
    /// Columns that nobody declared.
    pub(super) unknown: BTreeSet<String>,
}

/// One block of raw rows under the names of the house.
struct Block<'a> {
    /// The rows as the source has them.
    batch: &'a RecordBatch,
    /// The declared columns as text, in the order of the declaration.
    texts: Vec<&'a StringArray>,
    /// The same, typed.
    typed: Vec<ArrayRef>,
    positions: &'a [u64],
    /// Rows accepted so far.
    kept: Vec<u32>,
}

impl<'a> Rows<'a> {
    /// No rows of a source.
    pub(super) fn new(spec: &'a SourceSpec) -> Self {
        let place = |name: &String| spec.columns.iter().position(|column| &column.name == name);
        let running = |name: &String| {
            let words = spec.column(name).map(|column| column.null_words.as_slice());
            Running::new(name, words.unwrap_or_default())
        };
        Self {
            spec,
            schema: staged_contract(spec).schema(),
            key_columns: spec.key.iter().filter_map(place).collect(),
            exclusions: spec.exclude.iter().filter_map(|rule| Some((place(&rule.column)?, &*rule.values))).collect(),
            partition: Partition { name: String::new(), location: String::new() },
            part: None,
            origins: Vec::new(),
            locations: Vec::new(),
            starts: Vec::new(),
            blocks: Vec::new(),
            keys: StringBuilder::new(),
            first: HashMap::new(),
            held: HashSet::new(),
            rejects: Vec::new(),
            keyless: 0,
            read: 0,
            excluded: 0,
            left_out: BTreeMap::new(),
            controls: spec.control_totals.iter().map(running).collect(),
            unknown: BTreeSet::new(),
        }
    }

    /// The rows that follow are of this partition.
    pub(super) fn begin(&mut self, partition: &Partition) {
        self.locations.push(partition.location.clone());
        self.partition = partition.clone();
        self.part = None;
    }

    /// The rows that follow are of this part of the partition.
    fn enter(&mut self, part: Option<Part>) {
        let name = |part: &Option<Part>| part.as_ref().map(|part| part.name.clone());
        if let Some(new) = name(&part).filter(|_| name(&part) != name(&self.part)) {
            self.locations.push(format!("{}, {new}", self.partition.location));
        }
        self.part = part;
    }

    /// Where the rows stand, for messages.
    fn location(&self) -> String {
        self.locations.last().cloned().unwrap_or_default()
    }

    /// Counts rows that a rule of the format leaves out.
    fn leave_out(&mut self, rows: &[LeftOut]) {
        self.excluded += rows.len() as u64;
        for row in rows {
            self.left_out.entry((self.location(), row.rule)).or_default().push(row.row);
        }
    }

    /// The name of a cell behind a reason, where the source has one: ` (cell E14)`.
    fn cell(&self, batch: &RecordBatch, column: &str, row: u64) -> String {
        let place = batch.schema_ref().index_of(column).ok();
        let place = place.and_then(|place| self.part.as_ref()?.places.get(place)).filter(|place| !place.is_empty());
        place.map(|place| format!(" (cell {place}{row})")).unwrap_or_default()
    }

    /// Takes a block of rows in.
    ///
    /// # Errors
    /// A source failure, where a needed column is not there.
    pub(super) fn take(&mut self, raw: RawRows) -> Result<()> {
        self.read += (raw.batch.num_rows() + raw.rejects.len() + raw.left_out.len()) as u64;
        self.enter(raw.part);
        self.leave_out(&raw.left_out);
        if raw.positions.len() != raw.batch.num_rows() {
            return Err(Failure::bug(format!("{} positions for {} rows", raw.positions.len(), raw.batch.num_rows())));
        }
        self.take_unreadable(raw.rejects);
        let texts = self.bind(&raw.batch)?;
        for control in &mut self.controls {
            let column = self.spec.columns.iter().position(|column| column.name == control.column());
            column.map_or(Ok(()), |column| control.deliver(texts[column]))?;
        }
        let mut faults: Vec<Vec<Fault>> = vec![Vec::new(); raw.batch.num_rows()];
        let typed = self.spec.columns.iter().zip(&texts);
        let typed = typed.map(|(spec, texts)| columns::typed(spec, texts, &mut faults)).collect::<Result<_>>()?;
        let mut block = Block { batch: &raw.batch, texts, typed, positions: &raw.positions, kept: Vec::new() };
        self.starts.push(self.origins.len());
        let mut key = String::new();
        for (row, faults) in faults.into_iter().enumerate() {
            self.row(&mut block, row, faults, &mut key)?;
        }
        self.keep(block)
    }

    fn take_unreadable(&mut self, rejects: Vec<Reject>) {
        for reject in &rejects {
            match &reject.source_key {
                Some(key) => {
                    self.held.insert(key.clone());
                }
                None => self.keyless += 1,
            }
        }
        self.rejects.extend(rejects);
    }

    /// Finds the declared columns in a batch, and notes those that nobody declared.
    fn bind<'b>(&mut self, batch: &'b RecordBatch) -> Result<Vec<&'b StringArray>> {
        let schema = batch.schema_ref();
        let names: Vec<String> = schema.fields().iter().map(|field| field.name().clone()).collect();
        let needed = self.spec.source_columns();
        needed_columns(&self.spec.name, &needed, &self.partition.location, &names)?;
        self.unknown.extend(names.into_iter().filter(|name| !needed.contains(name)));
        let column = |spec: &crate::spec::ColumnSpec| {
            let values = batch.column_by_name(spec.source_name()).and_then(|values| values.as_string_opt::<i32>());
            values.ok_or_else(|| Failure::bug(format!("raw column {} is not text", spec.source_name())))
        };
        self.spec.columns.iter().map(column).collect()
    }

    fn row(&mut self, block: &mut Block<'_>, row: usize, mut faults: Vec<Fault>, key: &mut String) -> Result<()> {
        if self.is_excluded(block, row) {
            self.excluded += 1;
            return self.each_control(block, row, Running::exclude);
        }
        let keyed = write_key(key, self.key_columns.iter().map(|column| self.key_value(block, *column, row))).is_some();
        if !keyed {
            faults.insert(0, self.empty_key(block, row));
            // A row of nothing but delimiters is nobody's; any other may be a record that lost its key.
            self.keyless +=
                u64::from(block.texts.iter().any(|texts| !texts.is_null(row) && !texts.value(row).trim().is_empty()));
        } else if faults.is_empty() {
            match self.first.get(key.as_str()) {
                Some(first) => faults.push(self.duplicate(block, row, *first as usize, key)),
                None => return self.accept(block, row, key),
            }
        }
        if keyed && !self.held.contains(key.as_str()) {
            self.held.insert(key.clone());
        }
        self.rejects.push(self.reject(block, row, keyed.then(|| key.clone()), &faults));
        self.each_control(block, row, Running::quarantine)
    }

    fn accept(&mut self, block: &mut Block<'_>, row: usize, key: &str) -> Result<()> {
        let place = u32::try_from(self.origins.len()).map_err(|_| {
            Failure::source(format!("source {} has more than 4 billion rows in one load", self.spec.name))
        })?;
        self.first.insert(key.to_string(), place);
        self.keys.append_value(key);
        self.origins.push((self.locations.len() as u32 - 1, block.positions[row]));
        block.kept.push(row as u32);
        Ok(())
    }

    fn is_excluded(&self, block: &Block<'_>, row: usize) -> bool {
        self.exclusions.iter().any(|(column, values)| {
            let texts = block.texts[*column];
            let text = if texts.is_null(row) { "" } else { texts.value(row) };
            values.iter().any(|value| value == text)
        })
    }

    fn key_value<'b>(&self, block: &Block<'b>, column: usize, row: usize) -> Option<&'b str> {
        let texts = block.texts[column];
        let text = (!texts.is_null(row)).then(|| texts.value(row))?;
        (!is_absent(text, &self.spec.columns[column].null_words)).then_some(text)
    }

    fn empty_key(&self, block: &Block<'_>, row: usize) -> Fault {
        let empty = self.key_columns.iter().find(|column| self.key_value(block, **column, row).is_none());
        let column = empty.map_or_else(String::new, |column| self.spec.columns[*column].name.clone());
        let texts = empty.map(|column| block.texts[*column]).filter(|texts| !texts.is_null(row));
        Fault {
            reason: format!("column {column} is part of the key and must have a value"),
            column,
            rule: "empty-key",
            value: texts.map(|texts| texts.value(row).to_string()),
        }
    }

    fn duplicate(&self, block: &Block<'_>, row: usize, first: usize, key: &str) -> Fault {
        let (location, position) = self.origins[first];
        let word = if self.spec.format == Format::Csv { "line" } else { "row" };
        let there = format!("{word} {position} of {}", self.locations[location as usize]);
        let (rule, reason) = if self.same_as_accepted(block, row, first) {
            ("duplicate-row", format!("the row repeats {there}, which stands"))
        } else {
            ("duplicate-key", format!("key {key} already stands on {there}, with other content; keep one of the two"))
        };
        Fault { column: self.spec.key.join(", "), rule, value: Some(key.to_string()), reason }
    }

    fn same_as_accepted(&self, block: &Block<'_>, row: usize, first: usize) -> bool {
        let home = self.starts.partition_point(|start| *start <= first) - 1;
        let place = first - self.starts[home];
        match self.blocks.get(home) {
            Some(earlier) => same_row(earlier.columns(), place, &block.typed, row),
            None => same_row(&block.typed, block.kept[place] as usize, &block.typed, row),
        }
    }

    fn reject(&self, block: &Block<'_>, row: usize, source_key: Option<String>, faults: &[Fault]) -> Reject {
        let (first, position) = (faults.first(), block.positions[row]);
        let words = |fault: &Fault| {
            let column = self.spec.column(&fault.column).map_or("", |column| column.source_name());
            format!("{}{}", fault.reason, self.cell(block.batch, column, position))
        };
        let reason = faults.iter().map(words).collect::<Vec<_>>().join("; also, ");
        Reject {
            scope: RejectScope::Row,
            stage: "staged".into(),
            source: self.spec.name.clone(),
            source_key,
            location: self.location(),
            row: Some(position),
            column: first.map(|fault| fault.column.clone()),
            rule: first.map(|fault| fault.rule.to_string()).unwrap_or_default(),
            raw_value: first.and_then(|fault| fault.value.clone()),
            reason,
        }
    }

    fn each_control(
        &mut self,
        block: &Block<'_>,
        row: usize,
        add: fn(&mut Running, Option<&str>) -> Result<()>,
    ) -> Result<()> {
        for control in &mut self.controls {
            let column = self.spec.columns.iter().position(|column| column.name == control.column());
            let texts = column.map(|column| block.texts[column]).filter(|texts| !texts.is_null(row));
            add(control, texts.map(|texts| texts.value(row)))?;
        }
        Ok(())
    }

    /// Stores the accepted rows of a block.
    fn keep(&mut self, block: Block<'_>) -> Result<()> {
        let all = block.kept.len() == block.positions.len();
        let typed = RecordBatch::try_new(self.schema.clone(), block.typed)?;
        self.blocks.push(if all { typed } else { take_record_batch(&typed, &UInt32Array::from(block.kept))? });
        Ok(())
    }
}
