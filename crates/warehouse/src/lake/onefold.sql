-- What a release pins beyond the tables' files; written in the transaction that publishes it.

CREATE TABLE onefold_release(
    snapshot_id INTEGER PRIMARY KEY,  -- ducklake_snapshot.snapshot_id
    run TEXT NOT NULL,
    pipeline TEXT NOT NULL,
    started_at INTEGER NOT NULL,      -- microseconds since 1970 UTC
    fencing_token INTEGER NOT NULL,
    epoch TEXT NOT NULL,
    dictionary TEXT NOT NULL,
    identity INTEGER NOT NULL,        -- events in the identity ledger
    extractors TEXT NOT NULL,         -- JSON
    balance TEXT NOT NULL,            -- JSON
    digest TEXT NOT NULL              -- over the digests of all tables
) STRICT;

-- One row a table and release, the tables that did not change included.
CREATE TABLE onefold_table(
    snapshot_id INTEGER NOT NULL,
    table_id INTEGER NOT NULL,        -- ducklake_table.table_id
    layer TEXT NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,               -- changes or rows
    rows INTEGER NOT NULL,
    files INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    digest TEXT NOT NULL,             -- of the content, see digest.rs
    content_sum TEXT NOT NULL,        -- the sum behind the digest, to which an append adds
    changed INTEGER NOT NULL,
    PRIMARY KEY (snapshot_id, layer, name)
) STRICT;

-- The BLAKE3 hash of each data file's bytes.
CREATE TABLE onefold_data_file(
    data_file_id INTEGER PRIMARY KEY, -- ducklake_data_file.data_file_id
    blake3 TEXT NOT NULL
) STRICT;
