-- Parts of one audit are several runs: the views say which part and which audit, and the newest findings are those of all its parts.
DROP VIEW latest_findings;
DROP VIEW run_outcomes;
DROP VIEW guideline_trend;
DROP VIEW run_findings;

CREATE VIEW run_findings AS
SELECT r.id AS run_id, r.started_at, r.repository, r.shard, r.run_group, f.path, f.format, f.framework, p.guideline, p.fingerprint, p.place, n.severity, n.confidence, n.module, n.operator,
    n.location_file, n.line, n.instance_count, n.external, n.message, n.recommendation
FROM runs r
JOIN run_files rf ON rf.run_id = r.id
JOIN files f ON f.id = rf.file_id
JOIN findings n ON n.file_id = f.id
JOIN places p ON p.id = n.place_id;

CREATE VIEW guideline_trend AS
SELECT run_id, started_at, repository, shard, run_group, guideline, severity, COUNT(*) AS findings, COUNT(DISTINCT path) AS files
FROM run_findings
GROUP BY run_id, started_at, repository, shard, run_group, guideline, severity;

CREATE VIEW run_outcomes AS
SELECT r.id AS run_id, r.started_at, r.repository, r.shard, r.run_group, f.path, f.format, f.framework, f.exporter, f.error_id, o.guideline, o.outcome, o.reason
FROM runs r
JOIN run_files rf ON rf.run_id = r.id
JOIN files f ON f.id = rf.file_id
LEFT JOIN outcomes o ON o.file_id = f.id;

-- Of each repository the last finished run; where that is a part, of each part of as many the last one of the same audit or, where nobody named that, since a run of another kind.
-- What is left of 3/16 without the digits before it is /16, and nothing of a run that is no part.
CREATE VIEW latest_findings AS
WITH finished AS (SELECT id, repository, COALESCE(shard, '') AS part, LTRIM(COALESCE(shard, ''), '0123456789') AS parts, COALESCE(run_group, '') AS audit FROM runs WHERE finished_at IS NOT NULL),
newest AS (SELECT * FROM finished WHERE id IN (SELECT MAX(id) FROM finished GROUP BY repository)),
behind AS (SELECT n.repository, MAX(f.id) AS id FROM newest n JOIN finished f ON f.repository = n.repository AND (f.parts <> n.parts OR f.audit <> n.audit) GROUP BY n.repository)
SELECT * FROM run_findings WHERE run_id IN (
    SELECT MAX(f.id)
    FROM finished f
    JOIN newest n ON n.repository = f.repository AND n.parts = f.parts AND n.audit = f.audit
    LEFT JOIN behind b ON b.repository = f.repository
    WHERE f.audit <> '' OR f.id > COALESCE(b.id, 0)
    GROUP BY f.repository, f.part);
