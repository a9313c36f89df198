-- One row a run. The number is the fencing token: it only ever grows, so whoever holds the highest holds the lock last.
CREATE TABLE run (
    number      INTEGER PRIMARY KEY AUTOINCREMENT,
    pipeline    TEXT NOT NULL,
    as_of       TEXT NOT NULL,
    started_at  INTEGER NOT NULL,
    ended_at    INTEGER,
    status      TEXT NOT NULL CHECK (status IN ('running', 'published', 'unchanged', 'refused', 'failed', 'interrupted')),
    release     INTEGER,
    message     TEXT,
    report      TEXT
) STRICT;

-- The pipeline that a state root belongs to; at most one row.
CREATE TABLE owner (
    one         INTEGER PRIMARY KEY CHECK (one = 1),
    pipeline    TEXT NOT NULL
) STRICT;
