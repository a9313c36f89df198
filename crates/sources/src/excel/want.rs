//! What is wanted of a workbook: the columns, where they are looked for, and how they are read.

use onefold_contract::AttributeKind;

use super::header::Named;
use super::words::{NoLabel, alike, label, tidy, totals_word};
use crate::needed::Needed;
use crate::spec::{ExcelSpec, Mend, SourceSpec, UnpivotSpec};

/// What is wanted of a workbook.
#[derive(Debug, Clone)]
pub(super) struct Want {
    /// The source's name, for messages.
    pub(super) source: String,
    /// The declared columns; none for a file without a pipeline, of which all columns are wanted.
    pub(super) columns: Vec<Wanted>,
    /// The key's columns, by their place among the declared ones.
    pub(super) key: Vec<usize>,
    /// The settings.
    pub(super) excel: ExcelSpec,
}

/// A declared column.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    /// Its name in the house.
    pub(super) name: String,
    /// What it is called at the source.
    pub(super) needed: Needed,
    /// What it means.
    pub(super) kind: AttributeKind,
    /// What reading undoes.
    pub(super) mend: Option<Mend>,
}

impl Want {
    /// What a source wants.
    pub(super) fn of(spec: &SourceSpec) -> Self {
        let columns: Vec<Wanted> = spec
            .columns
            .iter()
            .map(|column| Wanted {
                name: column.name.clone(),
                needed: Needed { name: column.source_name().to_string(), also: column.also.clone() },
                kind: column.kind,
                mend: column.mend,
            })
            .collect();
        let key = spec.key.iter().filter_map(|name| columns.iter().position(|column| &column.name == name)).collect();
        Self { source: spec.name.clone(), columns, key, excel: spec.excel.clone() }
    }

    /// Everything on a sheet, for a file without a pipeline.
    pub(super) fn everything(name: &str, excel: ExcelSpec) -> Self {
        Self { source: name.to_string(), columns: Vec::new(), key: Vec::new(), excel }
    }

    /// Whether all columns are wanted as they are, and no row is held back for what stands in one cell.
    pub(super) fn is_everything(&self) -> bool {
        self.columns.is_empty()
    }

    /// Whether columns become rows.
    pub(super) fn unpivots(&self) -> bool {
        self.excel.unpivot.is_some()
    }

    /// The columns that the header must name: those that reading makes are not there.
    pub(super) fn in_header(&self) -> impl Iterator<Item = &Needed> {
        self.columns.iter().map(|column| &column.needed).filter(|needed| !self.is_made(&needed.name))
    }

    /// Whether reading makes a column of this name.
    pub(super) fn is_made(&self, name: &str) -> bool {
        let unpivot = self.excel.unpivot.as_ref();
        self.excel.sheet_column.as_deref() == Some(name)
            || unpivot.is_some_and(|unpivot| unpivot.names_to == name || figures(unpivot).any(|figure| figure == name))
    }

    /// Whether a column of the header says all of its label, where it becomes rows; `None` where it does not.
    pub(super) fn turns(&self, column: &Named) -> Option<bool> {
        match turn(self.excel.unpivot.as_ref()?, column, &self.excel.totals_words, None) {
            Turn::Becomes { .. } => Some(true),
            Turn::NoYear => Some(false),
            Turn::Stays | Turn::Total => None,
        }
    }
}

/// The columns that take the cells of an unpivoted sheet.
pub(super) fn figures(unpivot: &UnpivotSpec) -> impl Iterator<Item = &str> {
    unpivot.values_to.as_deref().into_iter().chain(unpivot.measures.iter().map(String::as_str))
}

/// What unpivoting does with a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Turn {
    /// It stays as it is.
    Stays,
    /// It becomes rows under this label, as this figure.
    Becomes {
        /// What its header is written as.
        label: String,
        /// The place of the figure among [`figures`].
        figure: usize,
    },
    /// It is the sum of columns that become rows.
    Total,
    /// It becomes rows, but nobody says of which year.
    NoYear,
}

/// What unpivoting does with a column that no one declared. `year` is that of headers which do not say theirs.
pub(super) fn turn(unpivot: &UnpivotSpec, column: &Named, totals: &[String], year: Option<i32>) -> Turn {
    let mut parts = column.parts.clone();
    let mut figure = 0;
    if !unpivot.measures.is_empty() {
        let is_measure = |part: &String| unpivot.measures.iter().position(|measure| alike(measure, part));
        let Some((at, measure)) = parts.iter().enumerate().find_map(|(at, part)| Some((at, is_measure(part)?))) else {
            return Turn::Stays;
        };
        parts.remove(at);
        figure = measure;
    }
    if parts.is_empty() {
        return Turn::Stays;
    }
    if parts.iter().any(|part| totals_word(part, totals).is_some()) {
        return Turn::Total;
    }
    let name = parts.join(" ");
    let Some(kind) = unpivot.kind else {
        let fits = |pattern: &String| matches(&tidy(pattern).to_lowercase(), &name.to_lowercase());
        return if unpivot.columns.iter().any(fits) { Turn::Becomes { label: name, figure } } else { Turn::Stays };
    };
    match label(kind, &name, year) {
        Ok(label) => Turn::Becomes { label, figure },
        Err(NoLabel::NoYear) => Turn::NoYear,
        Err(NoLabel::Other) => Turn::Stays,
    }
}

/// Whether a name is of a pattern of `*` and `?`; every other sign stands for itself.
pub(super) fn matches(pattern: &str, name: &str) -> bool {
    compiled(pattern).is_some_and(|pattern| pattern.matches(name))
}

/// Whether a text can be used as a pattern.
pub(crate) fn one_pattern(pattern: &str) -> bool {
    compiled(pattern).is_some()
}

fn compiled(pattern: &str) -> Option<glob::Pattern> {
    glob::Pattern::new(&pattern.replace('[', "[[]")).ok()
}
