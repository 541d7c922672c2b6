-- {id}: a number that the database counts up; {blob}: bytes. All else is the same for SQLite and PostgreSQL.
-- Times are ISO 8601 in UTC, so that they sort as text.
CREATE TABLE audits (
    key TEXT PRIMARY KEY,
    record {blob} NOT NULL,
    recorded_at TEXT NOT NULL,
    build TEXT NOT NULL
);

CREATE TABLE runs (
    id {id},
    started_at TEXT NOT NULL,
    finished_at TEXT,
    repository TEXT NOT NULL,
    folder TEXT NOT NULL,
    host TEXT NOT NULL,
    shard TEXT,
    run_group TEXT,
    tool_version TEXT NOT NULL,
    files INTEGER,
    clean INTEGER,
    violating INTEGER,
    unreadable INTEGER,
    errors INTEGER,
    warnings INTEGER,
    information INTEGER,
    undecided INTEGER,
    suppressed INTEGER,
    reused INTEGER
);

-- One line for each content of what was reported of a file: the same in all runs in which it did not change.
CREATE TABLE files (
    id {id},
    path TEXT NOT NULL,
    digest TEXT NOT NULL,
    entry TEXT,
    format TEXT NOT NULL,
    framework TEXT NOT NULL,
    exporter TEXT,
    error_id TEXT,
    error_message TEXT,
    UNIQUE (path, digest)
);

CREATE TABLE outcomes (
    file_id BIGINT NOT NULL REFERENCES files (id),
    guideline TEXT NOT NULL,
    outcome TEXT NOT NULL,
    reason TEXT,
    PRIMARY KEY (file_id, guideline)
);

CREATE TABLE places (
    id {id},
    path TEXT NOT NULL,
    guideline TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    place TEXT NOT NULL,
    UNIQUE (path, guideline, fingerprint, place)
);

CREATE TABLE findings (
    file_id BIGINT NOT NULL REFERENCES files (id),
    ordinal INTEGER NOT NULL,
    place_id BIGINT NOT NULL REFERENCES places (id),
    severity TEXT NOT NULL,
    confidence TEXT NOT NULL,
    module TEXT,
    operator TEXT,
    line INTEGER,
    location_file TEXT,
    instance_count INTEGER NOT NULL,
    external INTEGER NOT NULL,
    message TEXT NOT NULL,
    recommendation TEXT,
    PRIMARY KEY (file_id, ordinal)
);

CREATE TABLE run_files (
    run_id BIGINT NOT NULL REFERENCES runs (id),
    file_id BIGINT NOT NULL REFERENCES files (id),
    PRIMARY KEY (run_id, file_id)
);

CREATE VIEW run_findings AS
SELECT r.id AS run_id, r.started_at, r.repository, f.path, f.format, f.framework, p.guideline, p.fingerprint, p.place, n.severity, n.confidence, n.module, n.operator,
    n.location_file, n.line, n.instance_count, n.external, n.message, n.recommendation
FROM runs r
JOIN run_files rf ON rf.run_id = r.id
JOIN files f ON f.id = rf.file_id
JOIN findings n ON n.file_id = f.id
JOIN places p ON p.id = n.place_id;

CREATE VIEW guideline_trend AS
SELECT run_id, started_at, repository, guideline, severity, COUNT(*) AS findings, COUNT(DISTINCT path) AS files
FROM run_findings
GROUP BY run_id, started_at, repository, guideline, severity;

CREATE VIEW run_outcomes AS
SELECT r.id AS run_id, r.started_at, r.repository, f.path, f.format, f.framework, f.exporter, f.error_id, o.guideline, o.outcome, o.reason
FROM runs r
JOIN run_files rf ON rf.run_id = r.id
JOIN files f ON f.id = rf.file_id
LEFT JOIN outcomes o ON o.file_id = f.id;

CREATE VIEW latest_findings AS
SELECT * FROM run_findings WHERE run_id IN (SELECT MAX(id) FROM runs WHERE finished_at IS NOT NULL GROUP BY repository);
