//! The tables of the legacy CRM.

use super::{Format, Spec, Table};
use crate::person::System;

pub(super) const CUSTOMER: Spec = Spec {
    table: Table::Customer,
    file: "crm.sqlite",
    part: "customer",
    format: Format::Sqlite,
    grain: "one row a customer account of the sales desk",
    key: &["CUST_NO"],
    columns: &[
        ("CUST_NO", "customer number"),
        ("TTL", "title"),
        ("LST_NM", "family name"),
        ("FST_NM", "given name, now and then with a middle initial"),
        ("SFX", "JR or SR"),
        ("BRTH_DT", "birth date, MM/DD/YYYY"),
        ("SEX", "F or M"),
        ("ADDR_1", "street and house number"),
        ("CTY", "city"),
        ("ST", "state or province"),
        ("ZIP", "postcode"),
        ("CNTRY", "country, a word or two letters"),
        ("PHN_1", "telephone number"),
        ("EML_ADDR", "mail address"),
        ("CR_LMT", "credit limit, \"$5,000 \""),
        ("STAT_CD", "A active, I inactive"),
        ("OPN_DT", "opened on, MM/DD/YYYY"),
        ("LST_UPD_DT", "last changed on, MM/DD/YYYY"),
        ("CO_NM", "employer"),
        ("OWNER_ID", "the account owner today"),
    ],
    defects: &[
        "capitals of an old character set, apostrophes and hyphens gone, fields cut to their width",
        "birth date 01/01/1900 or 00/00/0000 where the field was forced, 02/30 for a few",
        "postcodes without their leading zero",
        "numbers that are none (000-000-0000, CALL OFFICE), the head office's own number, NONE@NONE.EXAMPLE",
        "names before a marriage, addresses before a move",
        "the same customer entered twice",
        "in the first night, rows without a number",
    ],
    system: Some(System::Crm),
    totals: &[],
};

pub(super) const ACCOUNT_OWNER: Spec = Spec {
    table: Table::AccountOwner,
    file: "crm.sqlite",
    part: "account_owner",
    format: Format::Sqlite,
    grain: "one row a sales person",
    key: &["OWNER_ID"],
    columns: &[
        ("OWNER_ID", "number of the sales person"),
        ("OWNER_NM", "name, \"FAMILY, GIVEN\""),
        ("EML_ADDR", "mail address"),
        ("TERR_CD", "sales territory"),
        ("HIRE_DT", "hired on, MM/DD/YYYY"),
        ("LEFT_DT", "left on, MM/DD/YYYY"),
    ],
    defects: &["some have left and still own accounts"],
    system: None,
    totals: &[],
};

pub(super) const TERRITORY: Spec = Spec {
    table: Table::Territory,
    file: "crm.sqlite",
    part: "territory",
    format: Format::Sqlite,
    grain: "one row a sales territory",
    key: &["TERR_CD"],
    columns: &[
        ("TERR_CD", "code of the territory"),
        ("TERR_NM", "name"),
        ("REGION_NM", "region above it"),
        ("CNTRY", "country, or MULTI"),
    ],
    defects: &[],
    system: None,
    totals: &[],
};

pub(super) const ASSIGNMENT: Spec = Spec {
    table: Table::Assignment,
    file: "crm.sqlite",
    part: "account_assignment",
    format: Format::Sqlite,
    grain: "one row a period in which a sales person owned an account",
    key: &["CUST_NO", "FROM_DT"],
    columns: &[
        ("CUST_NO", "customer number"),
        ("OWNER_ID", "sales person"),
        ("FROM_DT", "from, MM/DD/YYYY"),
        ("TO_DT", "to, MM/DD/YYYY; empty while it lasts"),
    ],
    defects: &["assignments of accounts that are gone stay"],
    system: None,
    totals: &[],
};

pub(super) const MERGED_NUMBER: Spec = Spec {
    table: Table::MergedNumber,
    file: "crm.sqlite",
    part: "merged_number",
    format: Format::Sqlite,
    grain: "one row a customer number that was given up",
    key: &["OLD_NO"],
    columns: &[
        ("OLD_NO", "the number given up; no row of customer has it"),
        ("NEW_NO", "the surviving number"),
        ("MRG_DT", "merged on, MM/DD/YYYY"),
        ("RSN_CD", "DUP a duplicate, MIG the migration of 2012"),
    ],
    defects: &["other systems go on using old numbers", "the surviving account may be gone since"],
    system: None,
    totals: &[],
};
