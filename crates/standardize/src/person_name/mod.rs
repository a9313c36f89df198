//! Names of persons, in one column or in several.
//!
//! A clean name keeps its script, its accents and its mixed case. Titles are left out of it (the full name yields them in
//! a column of their own); a suffix stays, because it tells father from son. What a nickname stands for goes into a
//! column beside the clean name, never into the name: customers are addressed as they call themselves.

mod full;
mod parse;
mod part;

pub(crate) use self::full::FullNames;
pub(crate) use self::part::NameParts;
