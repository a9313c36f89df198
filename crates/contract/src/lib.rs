//! The vocabulary that every room shares.
//!
//! The rooms never import one another: they meet as Arrow tables and traits declared here. So this crate holds the
//! words (attribute kinds, change batches, rejects, balance, failures), the traits each room implements, and nothing
//! that does work of its own beyond keeping those words consistent. The rejected alternative, a type of its own in
//! each room and converters between them, is how two words for one thing begin.

pub mod attribute;
pub mod change;
pub mod comparison;
pub mod extractor;
pub mod failure;
pub mod file_system;
pub mod identity;
pub mod ledger;
pub mod profile;
pub mod publisher;
pub mod reject;
pub mod standardizer;
pub mod survivorship;
pub mod table;

pub use attribute::AttributeKind;
pub use change::{ChangeBatch, Lineage, Operation};
pub use failure::{Failure, FailureKind};
pub use ledger::Balance;
pub use profile::{ColumnProfile, TableProfile};
pub use reject::{Outcome, Reject};
pub use table::{ColumnContract, TableContract};

/// A result whose error can be shown to a user.
pub type Result<T, E = Failure> = std::result::Result<T, E>;
