//! The tables of who is who.

use super::{Format, Spec, Table};

pub(super) const TRUTH: Spec = Spec {
    table: Table::Truth,
    file: "truth.csv",
    part: "",
    format: Format::Csv { delimiter: b',', mark: false, windows: false },
    grain: "one row a record that can be loaded; only `evaluate` reads it",
    key: &["source", "source_key"],
    columns: &[
        (
            "source",
            "name of the source: crm, web_customers, leads, callers, campaign_contacts, loyalty_members or contract_holders",
        ),
        ("source_key", "key of the record there"),
        ("true_id", "the person"),
        ("trouble", "what makes the person's records hard to resolve: words joined by semicolons"),
    ],
    defects: &[],
    system: None,
    totals: &[],
};

pub(super) const RELATION: Spec = Spec {
    table: Table::Relation,
    file: "truth_relations.csv",
    part: "",
    format: Format::Csv { delimiter: b',', mark: false, windows: false },
    grain: "one row a person and a group; only `evaluate` reads it",
    key: &["true_id", "relation"],
    columns: &[
        ("true_id", "the person"),
        ("relation", "household or works_for"),
        ("group_id", "the household or the firm"),
        ("group_name", "name of the firm"),
    ],
    defects: &[],
    system: None,
    totals: &[],
};
