#!/usr/bin/env python3
"""A release as DuckDB reads it: the independent reader of the tests.

usage: duckdb_rows.py CATALOGUE DATA_DIR RELEASE                      one line a table: {"table", "rows", "digest"}
       duckdb_rows.py CATALOGUE DATA_DIR RELEASE TABLE [CONDITION]    one line a row:   {"table", "row": {column: text}}

TABLE is schema.name, or `all`; CONDITION is what stands after WHERE. Values are DuckDB's text of them, absent ones null.
Rows come in no order that means something; a digest does not depend on it. DATA_DIR `-` trusts the catalogue's own path.
Needs the package duckdb and its extensions ducklake and sqlite_scanner, as wheels or installed into DuckDB.
"""

import glob
import hashlib
import json
import site
import sys

import duckdb


def connect():
    connection = duckdb.connect(config={"allow_unsigned_extensions": "true"})
    for name in ("sqlite_scanner", "ducklake"):
        places = [f"{base}/duckdb_extension_{name}/extensions/*/{name}.duckdb_extension" for base in site.getsitepackages()]
        found = [path for place in places for path in sorted(glob.glob(place))]
        connection.execute(f"LOAD '{found[0]}'" if found else f"LOAD {name}")
    return connection


def text(value):
    return "'" + value.replace("'", "''") + "'"


def name(value):
    return '"' + value.replace('"', '""') + '"'


def attach(connection, catalogue, data, alias, further=""):
    path = "" if data == "-" else f", DATA_PATH {text(data)}, OVERRIDE_DATA_PATH true"
    connection.execute(f"ATTACH {text('ducklake:sqlite:' + catalogue)} AS {alias} (READ_ONLY{path}{further})")


def columns_of_tables(connection):
    """Schema and table to columns, as the attached snapshot `pinned` has them."""
    rows = connection.execute(
        "SELECT schema_name, table_name, column_name FROM duckdb_columns() WHERE database_name = 'pinned'"
        " ORDER BY schema_name, table_name, column_index"
    ).fetchall()
    tables = {}
    for schema, table, column in rows:
        tables.setdefault((schema, table), []).append(column)
    return tables


def rows_of(connection, release, table, columns, condition):
    wanted = ", ".join(f"CAST({name(column)} AS VARCHAR)" for column in columns)
    where = f" WHERE {condition}" if condition else ""
    source = f"lake.{name(table[0])}.{name(table[1])} AT (VERSION => {release})"
    for values in connection.execute(f"SELECT {wanted} FROM {source}{where}").fetchall():
        yield dict(zip(columns, values))


def count_of(connection, release, table):
    """Counted by DuckDB itself, which answers it from the catalogue and not from the rows."""
    source = f"lake.{name(table[0])}.{name(table[1])} AT (VERSION => {release})"
    return connection.execute(f"SELECT count(*) FROM {source}").fetchone()[0]


def line(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def main(arguments):
    if not 3 <= len(arguments) <= 5:
        sys.exit(__doc__)
    catalogue, data, release = arguments[0], arguments[1], int(arguments[2])
    connection = connect()
    attach(connection, catalogue, data, "lake")
    attach(connection, catalogue, data, "pinned", f", SNAPSHOT_VERSION {release}")
    tables = columns_of_tables(connection)
    wanted = arguments[3] if len(arguments) > 3 else None
    condition = arguments[4] if len(arguments) > 4 else None
    if wanted not in (None, "all") and tuple(wanted.split(".", 1)) not in tables:
        sys.exit(f"release {release} has no table {wanted}")
    for table, columns in tables.items():
        address = ".".join(table)
        if wanted not in (None, "all", address):
            continue
        rows = rows_of(connection, release, table, columns, condition)
        if wanted:
            for row in rows:
                print(line({"table": address, "row": row}))
            continue
        lines = sorted(line(row) for row in rows)
        counted = count_of(connection, release, table)
        if counted != len(lines):
            sys.exit(f"table {address}: the catalogue says {counted} rows, the files hold {len(lines)}")
        digest = hashlib.sha256("\n".join([line(columns), *lines]).encode()).hexdigest()
        print(line({"table": address, "rows": len(lines), "digest": digest}))


if __name__ == "__main__":
    main(sys.argv[1:])
