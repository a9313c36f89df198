//! Dimensions over time: surrogate keys that stay, type 1 that overwrites, type 2 that keeps versions (Kimball, "The
//! Data Warehouse Toolkit", chapter 5).
//!
//! A version holds from its first day up to, not including, the next one's: `valid_from <= day < valid_to`. A member
//! that leaves its sources keeps its last version, closed, because facts refer to it. A row is never taken out of a
//! dimension, so no surrogate key is ever given twice. A second change on one day replaces that day's version, which
//! therefore never spans no day; only a member that leaves on the very day it came, or changed, keeps a version that
//! spans none.

use std::collections::HashSet;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Date32Array, Int64Array, RecordBatch};
use arrow::compute::interleave;
use arrow::datatypes::{DataType, Date32Type, Field, Int64Type, Schema, SchemaRef};
use chrono::NaiveDate;
use onefold_contract::{Failure, Result};

use super::rows::{Difference, RowReader, conformed, places, sorted_places};
use crate::spec::{DELETED_COLUMN, MartTableKind, MartTableSpec, VERSION_COLUMNS};

/// 9999-12-31, the day that stands for "still".
const OPEN: i32 = 2_932_896;

/// The schema of a finished table: the SELECT's columns with those that the warehouse adds.
pub(super) fn finished_schema(spec: &MartTableSpec, select: &SchemaRef) -> SchemaRef {
    let Some(surrogate) = spec.surrogate_key.as_ref().filter(|_| spec.kind == MartTableKind::Dimension) else {
        return Arc::clone(select);
    };
    let mut fields = vec![Arc::new(Field::new(surrogate, DataType::Int64, true))];
    fields.extend(select.fields().iter().cloned());
    let behind: &[(&str, &str)] = if is_versioned(spec) { &VERSION_COLUMNS } else { &DELETED_COLUMN };
    fields.extend(behind.iter().map(|(name, _)| {
        let kind = match *name {
            "valid_from" | "valid_to" => DataType::Date32,
            "version" => DataType::Int64,
            _ => DataType::Boolean,
        };
        Arc::new(Field::new(*name, kind, true))
    }));
    Arc::new(Schema::new(fields))
}

fn is_versioned(spec: &MartTableSpec) -> bool {
    spec.scd_type == Some(2)
}

/// A dimension after a run.
pub(super) struct Grown {
    /// Its rows, in no order yet, of [`finished_schema`].
    pub(super) batch: RecordBatch,
    /// Published rows that stay beside those of the SELECT: closed versions, members that left.
    pub(super) history: u64,
    /// What happened to the members that hold now.
    pub(super) members: Difference,
    /// Members that held before.
    pub(super) members_before: u64,
}

/// One row of a dimension while it grows.
#[derive(Clone, Copy)]
struct Version {
    /// 0 and a row of the SELECT, or 1 and a row of the published table.
    content: (usize, usize),
    surrogate: i64,
    valid_from: i32,
    valid_to: i32,
    current: bool,
    number: i64,
}

/// Takes a dimension from its published state to what its SELECT says, as of a day. `selected` has unique keys.
///
/// # Errors
/// Usage: the day lies before the latest change, the published table lacks a column that the warehouse adds.
pub(super) fn grow(
    spec: &MartTableSpec,
    selected: &RecordBatch,
    published: Option<&RecordBatch>,
    as_of: NaiveDate,
) -> Result<Grown> {
    let schema = finished_schema(spec, &selected.schema());
    let published = match published {
        None => RecordBatch::new_empty(Arc::clone(&schema)),
        Some(published) => conformed(&spec.name, published, &schema)?,
    };
    has_added_columns(spec, &published)?;
    let content = published.project(&(1..=selected.num_columns()).collect::<Vec<_>>())?;
    let mut growth = Growth {
        versions: versions_of(spec, &published),
        published: published.num_rows(),
        versioned: is_versioned(spec),
        today: day(as_of)?,
        continued: 0,
        members: Difference::default(),
    };
    let members_before = growth.versions.iter().filter(|version| version.current).count() as u64;
    let latest_day = growth.latest_day();
    growth.apply(spec, selected, &content)?;
    let changed = growth.members.inserted + growth.members.updated + growth.members.deleted > 0;
    if growth.versioned && changed && growth.today < latest_day {
        let latest = Date32Type::to_naive_date_opt(latest_day).unwrap_or(NaiveDate::MAX);
        return Err(Failure::usage(format!(
            "{}: versions cannot change as of {as_of}, because its latest change is of {latest}",
            spec.name
        ))
        .hint(format!("run with --as-of {latest} or a later day")));
    }
    let history = (growth.published - growth.continued) as u64;
    let batch = growth.batch(selected, &content, &schema)?;
    Ok(Grown { batch, history, members: growth.members, members_before })
}

fn day(as_of: NaiveDate) -> Result<i32> {
    let day = Date32Type::from_naive_date(as_of);
    if day < OPEN {
        return Ok(day);
    }
    Err(Failure::usage(format!("{as_of} stands for an open end and cannot be the day of a run"))
        .hint("give --as-of an earlier day"))
}

fn has_added_columns(spec: &MartTableSpec, published: &RecordBatch) -> Result<()> {
    for (name, _) in spec.added_columns() {
        if published.column_by_name(name).is_none_or(|values| values.null_count() > 0) {
            return Err(Failure::usage(format!(
                "{}: the published table has no column `{name}`, so its keys and versions cannot be carried on",
                spec.name
            ))
            .hint("set surrogate_key and scd_type back as they were, or publish the table under another name"));
        }
    }
    Ok(())
}

fn versions_of(spec: &MartTableSpec, published: &RecordBatch) -> Vec<Version> {
    let column = |from_end: usize| published.column(published.num_columns() - from_end);
    let surrogates = published.column(0).as_primitive::<Int64Type>();
    let version = |row: usize| {
        let blank = Version {
            content: (1, row),
            surrogate: surrogates.value(row),
            valid_from: 0,
            valid_to: OPEN,
            current: true,
            number: 1,
        };
        if !is_versioned(spec) {
            return Version { current: !column(1).as_boolean().value(row), ..blank };
        }
        Version {
            valid_from: column(4).as_primitive::<Date32Type>().value(row),
            valid_to: column(3).as_primitive::<Date32Type>().value(row),
            current: column(2).as_boolean().value(row),
            number: column(1).as_primitive::<Int64Type>().value(row),
            ..blank
        }
    };
    (0..published.num_rows()).map(version).collect()
}

struct Growth {
    /// The published versions in their places, then the new ones.
    versions: Vec<Version>,
    published: usize,
    versioned: bool,
    today: i32,
    /// Published rows that go on as the row of a selected member.
    continued: usize,
    members: Difference,
}

impl Growth {
    /// The latest day on which a version began or ended.
    fn latest_day(&self) -> i32 {
        let days = self.versions.iter().flat_map(|version| [version.valid_from, version.valid_to]);
        days.filter(|day| *day < OPEN).max().unwrap_or(i32::MIN)
    }

    fn apply(&mut self, spec: &MartTableSpec, selected: &RecordBatch, published: &RecordBatch) -> Result<()> {
        let schema = selected.schema();
        let keys = RowReader::of(&schema, &spec.key)?;
        let whole = RowReader::at(&schema, (0..schema.fields().len()).collect())?;
        let (old_keys, new_keys) = (keys.read(published)?, keys.read(selected)?);
        let (old_rows, new_rows) = (whole.read(published)?, whole.read(selected)?);
        let mut last = places(&old_keys);
        for (place, key) in old_keys.iter().enumerate() {
            // Of a member's versions the one of the highest number is its last.
            last.entry(key).and_modify(|found| {
                if self.versions[*found].number < self.versions[place].number {
                    *found = place;
                }
            });
        }
        // In the order of keys, so that new surrogate keys do not depend on the order of the SELECT's rows.
        for row in sorted_places(&new_keys) {
            match last.get(&new_keys.row(row)) {
                None => self.arrive(row),
                Some(old) => self.meet(row, *old, old_rows.row(*old) == new_rows.row(row)),
            }
        }
        let stays: HashSet<_> = new_keys.iter().collect();
        for (place, key) in old_keys.iter().enumerate() {
            if !stays.contains(&key) && last.get(&key) == Some(&place) && self.versions[place].current {
                self.members.deleted += 1;
                self.close(place);
            }
        }
        Ok(())
    }

    /// A member that was never there.
    fn arrive(&mut self, row: usize) {
        self.members.inserted += 1;
        self.add(row, 1);
    }

    /// A member that is or was there.
    fn meet(&mut self, row: usize, old: usize, same: bool) {
        let version = self.versions[old];
        match (version.current, same) {
            (true, true) => self.members.unchanged += 1,
            (true, false) => self.members.updated += 1,
            (false, _) => self.members.inserted += 1,
        }
        if version.current && same {
            self.continued += 1;
        } else if !self.versioned || version.valid_from == self.today {
            self.continued += 1;
            self.versions[old] = Version { content: (0, row), current: true, valid_to: OPEN, ..version };
        } else {
            if version.current {
                self.close(old);
            }
            self.add(row, version.number + 1);
        }
    }

    fn close(&mut self, place: usize) {
        self.versions[place].current = false;
        self.versions[place].valid_to = self.today;
    }

    fn add(&mut self, row: usize, number: i64) {
        let highest = match self.versions.last() {
            Some(last) if self.versions.len() > self.published => last.surrogate,
            _ => self.versions.iter().map(|version| version.surrogate).max().unwrap_or(0),
        };
        self.versions.push(Version {
            content: (0, row),
            surrogate: highest + 1,
            valid_from: self.today,
            valid_to: OPEN,
            current: true,
            number,
        });
    }

    fn batch(&self, selected: &RecordBatch, published: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch> {
        let from: Vec<(usize, usize)> = self.versions.iter().map(|version| version.content).collect();
        let all = || self.versions.iter();
        let mut columns: Vec<ArrayRef> = vec![Arc::new(all().map(|v| v.surrogate).collect::<Int64Array>())];
        for (new, old) in selected.columns().iter().zip(published.columns()) {
            columns.push(interleave(&[new.as_ref(), old.as_ref()], &from)?);
        }
        if self.versioned {
            columns.push(Arc::new(Date32Array::from_iter_values(all().map(|v| v.valid_from))));
            columns.push(Arc::new(Date32Array::from_iter_values(all().map(|v| v.valid_to))));
            columns.push(Arc::new(all().map(|v| Some(v.current)).collect::<BooleanArray>()));
            columns.push(Arc::new(all().map(|v| v.number).collect::<Int64Array>()));
        } else {
            columns.push(Arc::new(all().map(|v| Some(!v.current)).collect::<BooleanArray>()));
        }
        Ok(RecordBatch::try_new(Arc::clone(schema), columns)?)
    }
}

/// The members that hold now, counted in a finished dimension.
pub(super) fn members_in(spec: &MartTableSpec, finished: &RecordBatch) -> u64 {
    let (name, holds) = if is_versioned(spec) { ("is_current", true) } else { ("is_deleted", false) };
    let flags = finished.column_by_name(name).and_then(|values| values.as_boolean_opt());
    flags.map_or(0, |flags| flags.iter().filter(|flag| *flag == Some(holds)).count() as u64)
}
