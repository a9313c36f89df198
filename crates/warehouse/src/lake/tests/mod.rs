//! Tests of the lake as a whole: histories, faults, writers, and DuckDB as an independent reader.

mod duckdb;
mod faults;
mod history;
mod stores;
mod support;
mod writers;
