//! Staged to standardized: values parsed and made plain, the original kept beside the clean one.
//!
//! Pure: rows, plan, decisions and dictionaries come in; clean rows and rejects go out. One kind of value a file, all of
//! them registered in one place, [`Registry`]. What a whole column tells (the order of its dates, its junk) is decided
//! once by [`decide`] and handed back in, so that a night that brings one changed row reads it as the first night did.
//! The rejected alternative, to decide anew on every batch, makes a clean value depend on what arrived with it.

#[cfg(test)]
mod examples;
#[cfg(test)]
mod laws;
#[cfg(test)]
mod real_data;
#[cfg(test)]
mod stage_tests;
#[cfg(test)]
mod testing;

mod casing;
mod code;
mod company;
mod country;
mod date;
mod dictionary;
mod email;
mod gender;
mod junk;
mod money;
mod null_word;
mod number;
mod parts;
mod person_name;
mod phone;
mod place;
mod plan;
mod postcode;
pub mod profile;
mod registry;
mod stage;
mod street;
mod text;
mod timestamp;
mod value_wise;
mod yes_no;

pub use dictionary::{Dictionaries, DictionaryMistake, Honorific, NullWord};
pub use plan::{By, ColumnPlan, StandardizePlan, standardized_schema};
pub use registry::Registry;
pub use stage::{decide, standardize};
