#!/usr/bin/env python3
"""The customers of a demo company as one set of records, to measure how hard they are to resolve.

usage: demo_company_hardness.py FOLDER NAME.parquet [--records N]

Reads what `onefold demo generate` wrote into FOLDER and writes NAME.parquet (rec_id, first_name, last_name, dob, sex, street,
city, postcode, country, phone, email, company, source, created) and NAME.truth.parquet (rec_id, true_id). It does what any
person does who puts seven sources side by side: one name for a column, dates year first, whole names taken apart, and the
placeholders that a column profile shows at once left out. Nothing else is cleaned. `--records` keeps whole households, so that a set of a given size can be made. Needs pandas, pyarrow and
python-calamine.
"""
import argparse
import sqlite3
import zlib

import pandas as pd
from python_calamine import CalamineWorkbook

COLUMNS = ["first_name", "last_name", "dob", "sex", "street", "city", "postcode", "country", "phone", "email", "company", "created"]


# What stands for nothing, as a profile of the columns shows by its frequency; telephones as digits.
PLACEHOLDERS = {
    "phone": {"0000000000", "5555555555", "1234567890", "9999999999", "5032220100"},
    "email": {"noreply@example.com", "none@none.com", "na", "none@none.example", "n/a", "test@test.example"},
    "street": {"unknown"},
}


def date(text, order):
    """A date as text, year first; None where it is none."""
    day = pd.to_datetime(text, format=order, errors="coerce").dt.strftime("%Y-%m-%d")
    return day


def named(frame, names, source, key):
    """The frame with the columns of the set."""
    frame = frame.rename(columns={theirs: ours for ours, theirs in names.items()})
    frame["rec_id"] = source + ":" + frame[key]
    frame["source"] = source
    for column in COLUMNS:
        if column not in frame:
            frame[column] = None
    return frame[["rec_id", *COLUMNS, "source"]]


def crm(folder):
    rows = pd.read_sql("SELECT * FROM customer WHERE CUST_NO IS NOT NULL", sqlite3.connect(f"{folder}/crm.sqlite"), dtype="string")
    rows["dob"] = date(rows.BRTH_DT, "%m/%d/%Y")
    rows["created"] = date(rows.OPN_DT, "%m/%d/%Y")
    last = rows.LST_NM.str.cat(rows.SFX, sep=" ", na_rep="").str.strip()
    rows["last_name"] = last
    names = dict(first_name="FST_NM", sex="SEX", street="ADDR_1", city="CTY", postcode="ZIP", country="CNTRY", phone="PHN_1", email="EML_ADDR", company="CO_NM")
    return named(rows, names, "crm", "CUST_NO")


def table(folder, name, **options):
    rows = pd.read_csv(f"{folder}/{name}", dtype="string", keep_default_na=False, on_bad_lines="skip", **options)
    return rows.replace("", pd.NA)


def shop(folder):
    rows = table(folder, "webshop_customers.csv", encoding="utf-8-sig").dropna(subset=["customer_no", "last_changed"])
    names = dict(dob="date_of_birth", street="address", phone="mobile", created="registered_at")
    return named(rows, names, "web_customers", "customer_no")


def text(cell):
    if cell == "" or cell is None:
        return None
    if isinstance(cell, float):
        return str(int(cell)) if cell == int(cell) else str(cell)
    return str(cell)


def leads(folder):
    book = CalamineWorkbook.from_path(f"{folder}/sales_leads.xlsx")
    names = ["key", "first_name", "last_name", "company", "phone", "email", "street", "city", "region", "postcode", "country", "rep", "interest", "value", "created"]
    sheets = []
    for sheet in book.sheet_names:
        rows = [[text(cell) for cell in row[: len(names)]] for row in book.get_sheet_by_name(sheet).to_python()[5:-1]]
        sheets.append(pd.DataFrame(rows, columns=names, dtype="string"))
    rows = pd.concat(sheets).dropna(subset=["key"])
    return named(rows, {}, "leads", "key")


def callers(folder):
    rows = table(folder, "callcentre_callers.csv").dropna(subset=["caller_no"])
    whole = rows.caller_name.str.replace(r"^(Mr|Mrs|Ms|Dr|Shri|Smt) ", "", regex=True)
    comma = whole.str.contains(",", na=False)
    suffix = whole.str.extract(r"\b(JR|SR|Jr|Sr)\b")[0]
    bare = whole.str.replace(r"\s*\b(JR|SR|Jr|Sr)\b", "", regex=True)
    behind = bare.str.split(",", n=1).str
    words = bare.str.rsplit(" ", n=1).str
    rows["last_name"] = behind[0].where(comma, words[1]).str.cat(suffix, sep=" ", na_rep="").str.strip()
    rows["first_name"] = behind[1].str.strip().where(comma, words[0])
    return named(rows, dict(created="first_contact"), "callers", "caller_no")


def contacts(folder):
    rows = table(folder, "campaign_contacts.csv")
    return named(rows, dict(phone="mobile", created="created_on"), "campaign_contacts", "contact_no")


def members(folder):
    rows = table(folder, "loyalty_members.csv", sep=";", encoding="windows-1252")
    rows["dob"] = date(rows.born, "%d.%m.%Y")
    return named(rows, dict(created="joined_on"), "loyalty_members", "member_no")


def holders(folder):
    rows = table(folder, "contracts.csv")
    names = dict(first_name="holder_given", last_name="holder_family", dob="holder_birth", created="signed_on")
    return named(rows, names, "contract_holders", "contract_no")


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("folder")
    arguments.add_argument("out")
    arguments.add_argument("--records", type=int)
    given = arguments.parse_args()
    readers = (crm, shop, leads, callers, contacts, members, holders)
    records = pd.concat([read(given.folder) for read in readers], ignore_index=True)
    truth = pd.read_csv(f"{given.folder}/truth.csv", dtype="string")
    truth["rec_id"] = truth.source + ":" + truth.source_key
    for column, placeholders in PLACEHOLDERS.items():
        plain = records[column].str.replace(r"\D", "", regex=True) if column == "phone" else records[column].str.lower()
        records[column] = records[column].mask(plain.isin(placeholders))
    assert set(records.rec_id) == set(truth.rec_id), "every record that can be loaded is in the truth"
    if given.records:
        # Persons stand in the truth household by household; a cut there keeps households whole but for one.
        truth = truth.head(given.records)
        records = records[records.rec_id.isin(truth.rec_id)]
    # The order of the sources must not tell who belongs together.
    order = records.rec_id.map(lambda key: zlib.crc32(key.encode())).sort_values(kind="stable").index
    records = records.loc[order].reset_index(drop=True)
    records.to_parquet(given.out, index=False)
    truth = truth.set_index("rec_id").loc[records.rec_id].reset_index()[["rec_id", "true_id", "trouble"]]
    truth.to_parquet(given.out.replace(".parquet", ".truth.parquet"), index=False)
    print(f"{len(records)} records of {truth.true_id.nunique()} persons")


if __name__ == "__main__":
    main()
