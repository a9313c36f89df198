//! The one-way loop: land, stage, standardize, resolve, build the mart, balance, publish.
//!
//! Nothing that readers or later runs could see is written before the last gate has passed: until then a run only lands
//! raw files, which are named by their content, keeps its list of rejects, and cuts a torn end off the ledger. Then, in
//! this order: the dictionary's text, the epoch, the identity ledger, and the release, whose commit makes all of them
//! count. A process killed in between leaves things that the next run finds equal to its own, and uses.

mod clean;
mod extract;
mod faults;
mod fold;
mod gates;
mod learn;
mod report;
mod resolve;
mod totals;
mod work;

pub(crate) use faults::{Faults, Stage};
pub(crate) use fold::text;
pub(crate) use learn::{Decisions, DictionarySet, as_kept, dictionary_texts, model_of, new_epoch};
pub(crate) use report::{Report, read_rejects};
pub(crate) use resolve::{records_of, resolved_schemas};
pub(crate) use work::{Work, execute};
