"""The first four migrations, which brought stores to version 4: released, so text that is never edited."""

from __future__ import annotations

FIRST = """
CREATE TABLE record (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    revision INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('draft', 'generated', 'issued')),
    origin TEXT CHECK (origin IN ('local', 'tencent')),
    purpose TEXT NOT NULL CHECK (purpose IN ('public', 'private')),
    domain TEXT NOT NULL,
    organization TEXT NOT NULL,
    department TEXT NOT NULL,
    email TEXT NOT NULL,
    province TEXT NOT NULL,
    city TEXT NOT NULL,
    country TEXT NOT NULL,
    names TEXT NOT NULL CHECK (json_type(names) = 'array'),
    algorithm TEXT NOT NULL,
    key_parameter TEXT NOT NULL,
    remark TEXT NOT NULL,
    tags TEXT NOT NULL CHECK (json_type(tags) = 'array'),
    password_choice TEXT NOT NULL CHECK (password_choice IN ('random', 'typed', 'none')),
    protection TEXT NOT NULL CHECK (protection IN ('keyring', 'prompt', 'unprotected')),
    step TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    generated_at TEXT,
    trashed_at TEXT,
    csr TEXT,
    key_fingerprint TEXT,
    key_pem TEXT,
    secret_ref TEXT REFERENCES secret (ref),
    certificate TEXT,
    not_after TEXT,
    CHECK (state = 'draft' OR (csr IS NOT NULL AND key_fingerprint IS NOT NULL AND generated_at IS NOT NULL)),
    CHECK (state <> 'draft' OR (csr IS NULL AND key_pem IS NULL AND secret_ref IS NULL))
) STRICT;

CREATE INDEX record_newest ON record (updated_at DESC, id DESC) WHERE trashed_at IS NULL;
CREATE INDEX record_trashed ON record (updated_at DESC, id DESC) WHERE trashed_at IS NOT NULL;
CREATE INDEX record_by_state ON record (state, updated_at DESC, id DESC) WHERE trashed_at IS NULL;
CREATE INDEX record_expiring ON record (not_after) WHERE not_after IS NOT NULL;
CREATE INDEX record_secret ON record (secret_ref) WHERE secret_ref IS NOT NULL;
CREATE INDEX record_key ON record (key_fingerprint) WHERE key_fingerprint IS NOT NULL;

CREATE TABLE secret (
    ref TEXT PRIMARY KEY,
    doomed INTEGER NOT NULL DEFAULT 0 CHECK (doomed IN (0, 1))
) STRICT;

CREATE TABLE intent (
    id TEXT PRIMARY KEY,
    record_id TEXT NOT NULL UNIQUE REFERENCES record (id),
    kind TEXT NOT NULL,
    secret_ref TEXT REFERENCES secret (ref),
    created_at TEXT NOT NULL
) STRICT;

CREATE TABLE tally (
    trashed INTEGER PRIMARY KEY CHECK (trashed IN (0, 1)),
    records INTEGER NOT NULL
) STRICT;
INSERT INTO tally (trashed, records) VALUES (0, 0), (1, 0);

CREATE VIRTUAL TABLE search USING fts5 (words, tokenize = 'unicode61', prefix = '2 3');

CREATE TRIGGER record_frozen BEFORE UPDATE ON record WHEN OLD.state <> 'draft' AND (NEW.origin IS NOT OLD.origin OR \
NEW.purpose IS NOT OLD.purpose OR NEW.domain IS NOT OLD.domain OR NEW.organization IS NOT OLD.organization OR \
NEW.department IS NOT OLD.department OR NEW.email IS NOT OLD.email OR NEW.province IS NOT OLD.province OR NEW.city \
IS NOT OLD.city OR NEW.country IS NOT OLD.country OR NEW.names IS NOT OLD.names OR NEW.algorithm IS NOT \
OLD.algorithm OR NEW.key_parameter IS NOT OLD.key_parameter OR NEW.csr IS NOT OLD.csr OR NEW.key_fingerprint IS NOT \
OLD.key_fingerprint OR NEW.generated_at IS NOT OLD.generated_at)
BEGIN SELECT RAISE(ABORT, 'frozen: a generated request can never be edited'); END;

CREATE TRIGGER record_never_back BEFORE UPDATE OF state ON record
WHEN (OLD.state = 'generated' AND NEW.state = 'draft') OR (OLD.state = 'issued' AND NEW.state <> 'issued')
BEGIN SELECT RAISE(ABORT, 'frozen: a record never goes back to an earlier state'); END;

CREATE TRIGGER record_key_kept BEFORE UPDATE OF key_pem ON record
WHEN OLD.key_pem IS NOT NULL AND NEW.key_pem IS NULL
BEGIN SELECT RAISE(ABORT, 'frozen: a key is never taken away from its record'); END;

CREATE TRIGGER record_trash_first BEFORE DELETE ON record WHEN OLD.trashed_at IS NULL
BEGIN SELECT RAISE(ABORT, 'frozen: a record goes to the trash before it goes for good'); END;

CREATE TRIGGER tally_added AFTER INSERT ON record
BEGIN UPDATE tally SET records = records + 1 WHERE trashed = (NEW.trashed_at IS NOT NULL); END;

CREATE TRIGGER tally_removed AFTER DELETE ON record
BEGIN UPDATE tally SET records = records - 1 WHERE trashed = (OLD.trashed_at IS NOT NULL); END;

CREATE TRIGGER tally_moved AFTER UPDATE OF trashed_at ON record
WHEN (OLD.trashed_at IS NULL) <> (NEW.trashed_at IS NULL)
BEGIN
    UPDATE tally SET records = records - 1 WHERE trashed = (OLD.trashed_at IS NOT NULL);
    UPDATE tally SET records = records + 1 WHERE trashed = (NEW.trashed_at IS NOT NULL);
END;
"""

SUBMISSIONS = """
CREATE TABLE submission (
    record_id TEXT PRIMARY KEY REFERENCES record (id),
    stage TEXT NOT NULL
        CHECK (stage IN ('intent', 'creating', 'created', 'finalising', 'confirmed', 'refused', 'unknown')),
    endpoint TEXT NOT NULL,
    account TEXT NOT NULL,
    marker TEXT NOT NULL,
    csr_id INTEGER,
    remote_status INTEGER,
    request_id TEXT,
    message TEXT NOT NULL DEFAULT '',
    sent_at TEXT,
    searched_at TEXT,
    sent_ref TEXT REFERENCES secret (ref),
    sent_choice TEXT CHECK (sent_choice IN ('random', 'typed', 'none')),
    sent_protection TEXT CHECK (sent_protection IN ('keyring', 'prompt', 'unprotected')),
    CHECK (stage NOT IN ('created', 'finalising', 'confirmed') OR csr_id IS NOT NULL)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX submission_remote ON submission (csr_id, account, endpoint) WHERE csr_id IS NOT NULL;
CREATE INDEX submission_open ON submission (stage) WHERE stage IN ('creating', 'finalising', 'unknown');
CREATE INDEX submission_secret ON submission (sent_ref) WHERE sent_ref IS NOT NULL;

CREATE TRIGGER submission_in_order BEFORE UPDATE OF stage ON submission
WHEN NEW.stage <> OLD.stage AND NOT (
    (OLD.stage = 'intent' AND NEW.stage = 'creating')
    OR (OLD.stage = 'creating' AND NEW.stage IN ('created', 'refused', 'unknown'))
    OR (OLD.stage = 'created' AND NEW.stage IN ('finalising', 'confirmed'))
    OR (OLD.stage = 'finalising' AND NEW.stage IN ('confirmed', 'refused', 'unknown'))
    OR (OLD.stage = 'refused' AND OLD.csr_id IS NULL AND NEW.stage = 'creating')
    OR (OLD.stage = 'refused' AND OLD.csr_id IS NOT NULL AND NEW.stage IN ('finalising', 'confirmed'))
    OR (OLD.stage = 'unknown' AND OLD.csr_id IS NULL AND NEW.stage IN ('creating', 'created'))
    OR (OLD.stage = 'unknown' AND OLD.csr_id IS NOT NULL AND NEW.stage IN ('created', 'confirmed'))
)
BEGIN SELECT RAISE(ABORT, 'frozen: the journal never goes back to an earlier state'); END;

CREATE TRIGGER record_sent BEFORE UPDATE ON record
WHEN NEW.state = 'draft' AND (NEW.origin IS NOT OLD.origin OR NEW.purpose IS NOT OLD.purpose OR NEW.domain IS NOT \
OLD.domain OR NEW.organization IS NOT OLD.organization OR NEW.department IS NOT OLD.department OR NEW.email IS NOT \
OLD.email OR NEW.province IS NOT OLD.province OR NEW.city IS NOT OLD.city OR NEW.country IS NOT OLD.country OR \
NEW.names IS NOT OLD.names OR NEW.algorithm IS NOT OLD.algorithm OR NEW.key_parameter IS NOT OLD.key_parameter OR \
NEW.csr IS NOT OLD.csr OR NEW.key_fingerprint IS NOT OLD.key_fingerprint OR NEW.generated_at IS NOT \
OLD.generated_at) AND EXISTS (
    SELECT 1 FROM submission WHERE record_id = OLD.id AND stage IN ('creating', 'finalising', 'unknown')
)
BEGIN
    SELECT RAISE(ABORT, 'frozen: this request is on its way to Tencent Cloud; csr-tui reconcile says what came of it');
END;
"""

CERTIFICATES = """
ALTER TABLE record ADD COLUMN root TEXT;

CREATE TABLE earlier_certificate (
    number INTEGER PRIMARY KEY,
    record_id TEXT NOT NULL REFERENCES record (id),
    certificate TEXT NOT NULL,
    not_after TEXT NOT NULL,
    replaced_at TEXT NOT NULL
) STRICT;

CREATE INDEX earlier_certificate_of ON earlier_certificate (record_id);

CREATE TRIGGER record_issued BEFORE UPDATE ON record
WHEN (NEW.state = 'issued') <> (NEW.certificate IS NOT NULL) OR (NEW.certificate IS NULL) <> (NEW.not_after IS NULL)
BEGIN SELECT RAISE(ABORT, 'frozen: a record is issued when it has its certificate, and only then'); END;

CREATE TRIGGER record_certificate_kept AFTER UPDATE OF certificate ON record
WHEN OLD.certificate IS NOT NULL AND substr(OLD.certificate, 1, instr(OLD.certificate, '-----END')) <> \
substr(NEW.certificate, 1, instr(NEW.certificate, '-----END'))
BEGIN
    INSERT INTO earlier_certificate (record_id, certificate, not_after, replaced_at)
    VALUES (OLD.id, OLD.certificate, OLD.not_after, NEW.updated_at);
END;
"""

SHELVES = """
DROP INDEX record_newest;
DROP INDEX record_trashed;
DROP INDEX record_by_state;
DROP TRIGGER tally_added;
DROP TRIGGER tally_removed;
DROP TRIGGER tally_moved;
DROP TABLE tally;
DROP TABLE search;

ALTER TABLE record ADD COLUMN shelf INTEGER AS (
    5 * (trashed_at IS NOT NULL)
    + CASE state WHEN 'draft' THEN 0 ELSE 1 + 2 * (state = 'issued') + (origin IS 'tencent') END
) VIRTUAL;
ALTER TABLE record ADD COLUMN ends TEXT AS (coalesce(not_after, '9')) VIRTUAL;
CREATE INDEX record_changed ON record (shelf, updated_at, id);
CREATE INDEX record_domain ON record (shelf, domain, id);
CREATE INDEX record_expiry ON record (shelf, ends, id);

CREATE TABLE tally (
    shelf INTEGER PRIMARY KEY,
    records INTEGER NOT NULL
) STRICT;
INSERT INTO tally (shelf, records)
    VALUES (0, 0), (1, 0), (2, 0), (3, 0), (4, 0), (5, 0), (6, 0), (7, 0), (8, 0), (9, 0);
UPDATE tally SET records = (SELECT count(*) FROM record WHERE record.shelf = tally.shelf);

CREATE VIRTUAL TABLE search USING fts5 (
    words, shelf, tokenize = 'trigram case_sensitive 1', detail = none, columnsize = 0
);
CREATE VIRTUAL TABLE gram USING fts5vocab (search, instance);
INSERT INTO search (rowid, words, shelf)
    SELECT number,
        searchable_v4(id, domain, names, organization, department, email, province, city, remark, tags),
        char(1, 1) || shelf
    FROM record;

CREATE TRIGGER shelf_added AFTER INSERT ON record
BEGIN UPDATE tally SET records = records + 1 WHERE shelf = NEW.shelf; END;

CREATE TRIGGER shelf_removed AFTER DELETE ON record
BEGIN UPDATE tally SET records = records - 1 WHERE shelf = OLD.shelf; END;

CREATE TRIGGER shelf_moved AFTER UPDATE OF state, origin, trashed_at ON record WHEN NEW.shelf <> OLD.shelf
BEGIN
    UPDATE tally SET records = records - 1 WHERE shelf = OLD.shelf;
    UPDATE tally SET records = records + 1 WHERE shelf = NEW.shelf;
    UPDATE search SET shelf = char(1, 1) || NEW.shelf WHERE rowid = NEW.number;
END;
"""
