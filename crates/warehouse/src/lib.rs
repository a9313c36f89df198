//! Resolved to mart to query: the lake, releases, the mart builder and SQL. Owns DataFusion.
pub mod dictionaries;
pub mod digest;
pub mod epochs;
pub mod identity_ledger;
pub mod lake;
pub mod mart;
pub mod query;
pub mod spec;
