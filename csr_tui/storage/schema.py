"""The tables, as migrations: each is run once, in order; a released one is text that is never edited."""

from __future__ import annotations

from csr_tui.storage.first_schema import CERTIFICATES, FIRST, SHELVES, SUBMISSIONS

APPLICATION_ID = 0x63737274
"""`csrt`: how a file says that it is ours."""

_LINEAGE = """
CREATE TABLE lineage (
    record_id TEXT PRIMARY KEY REFERENCES record (id) ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN ('renewal', 'copy')),
    source_id TEXT NOT NULL REFERENCES record (id) ON DELETE CASCADE CHECK (source_id <> record_id),
    same_key INTEGER NOT NULL CHECK (same_key IN (0, 1) AND (same_key = 0 OR kind = 'renewal'))
) STRICT, WITHOUT ROWID;

CREATE INDEX lineage_source ON lineage (source_id);
"""

_KEY_FILES = """
ALTER TABLE record ADD COLUMN key_file TEXT NOT NULL DEFAULT '';

CREATE TRIGGER record_key_file_frozen BEFORE UPDATE OF key_file ON record
WHEN OLD.state <> 'draft' AND NEW.key_file <> OLD.key_file
BEGIN SELECT RAISE(ABORT, 'frozen: where the key came from never changes'); END;
"""

_UNINDEXED = """
CREATE TABLE unindexed (
    number INTEGER PRIMARY KEY,
    words TEXT NOT NULL
) STRICT;

DROP TRIGGER shelf_moved;

CREATE TRIGGER shelf_moved AFTER UPDATE OF state, origin, trashed_at ON record WHEN NEW.shelf <> OLD.shelf
BEGIN
    UPDATE tally SET records = records - 1 WHERE shelf = OLD.shelf;
    UPDATE tally SET records = records + 1 WHERE shelf = NEW.shelf;
    INSERT OR IGNORE INTO unindexed (number, words) SELECT rowid, words FROM search WHERE rowid = NEW.number;
END;

CREATE TRIGGER unindexed_removed AFTER DELETE ON record
BEGIN DELETE FROM unindexed WHERE number = OLD.number; END;
"""

_BATCHES = """
CREATE TABLE claim (
    id TEXT PRIMARY KEY,
    record_id TEXT UNIQUE REFERENCES record (id),
    kind TEXT NOT NULL,
    secret_ref TEXT REFERENCES secret (ref),
    created_at TEXT NOT NULL,
    CHECK (record_id IS NOT NULL OR secret_ref IS NOT NULL)
) STRICT;
INSERT INTO claim (id, record_id, kind, secret_ref, created_at)
    SELECT id, record_id, kind, secret_ref, created_at FROM intent;
DROP TABLE intent;
ALTER TABLE claim RENAME TO intent;
"""
"""An intent of no record holds the password of a batch, whose records are kept only once they are made."""

_USAGES = """
ALTER TABLE record ADD COLUMN usage TEXT NOT NULL DEFAULT 'server';

CREATE TRIGGER record_usage_frozen BEFORE UPDATE OF usage ON record
WHEN NEW.usage <> OLD.usage AND (OLD.state <> 'draft' OR EXISTS (
    SELECT 1 FROM submission WHERE record_id = OLD.id AND stage IN ('creating', 'finalising', 'unknown')
))
BEGIN SELECT RAISE(ABORT, 'frozen: a request that was generated or sent can never be edited'); END;
"""

_EXTRA_LINES = """
ALTER TABLE record ADD COLUMN extra TEXT NOT NULL DEFAULT '[]';

CREATE TRIGGER record_extra_frozen BEFORE UPDATE OF extra ON record
WHEN NEW.extra <> OLD.extra AND (OLD.state <> 'draft' OR EXISTS (
    SELECT 1 FROM submission WHERE record_id = OLD.id AND stage IN ('creating', 'finalising', 'unknown')
))
BEGIN SELECT RAISE(ABORT, 'frozen: a request that was generated or sent can never be edited'); END;
"""

_USAGE_LISTS = "CREATE INDEX record_usage ON record (shelf, usage, ends);"
"""Without it, the few records of one usage among 100,000 took 200 ms at each count."""

_MORE_ORDERS = """
ALTER TABLE record ADD COLUMN by_key TEXT AS (algorithm || ' ' || key_parameter || ' ' || domain) VIRTUAL;
ALTER TABLE record ADD COLUMN by_tags TEXT AS (tags || domain) VIRTUAL;
CREATE INDEX record_by_key ON record (shelf, by_key, id);
CREATE INDEX record_by_tags ON record (shelf, by_tags, id);
"""

_FLAWS = """
ALTER TABLE record ADD COLUMN flaws INTEGER;
CREATE INDEX record_flawed ON record (shelf) WHERE flaws > 0;
CREATE INDEX record_unjudged ON record (shelf) WHERE flaws IS NULL;
"""
"""How many errors a draft, or differences a certificate has; NULL until it is counted. Other rules come with a
migration that sets it to NULL."""

_CAS = """
CREATE TABLE ca (
    name TEXT PRIMARY KEY,
    directory TEXT,
    command TEXT,
    trust TEXT,
    email TEXT NOT NULL,
    account_url TEXT,
    account_key TEXT,
    protection TEXT CHECK (protection IN ('keyring', 'prompt', 'unprotected')),
    secret_ref TEXT REFERENCES secret (ref),
    created_at TEXT NOT NULL,
    CHECK ((directory IS NULL) <> (command IS NULL)),
    CHECK ((directory IS NULL) = (account_key IS NULL) AND (directory IS NULL) = (protection IS NULL)),
    CHECK (command IS NULL OR (trust IS NULL AND account_url IS NULL)),
    CHECK ((secret_ref IS NOT NULL) = (protection IS 'keyring'))
) STRICT, WITHOUT ROWID;

CREATE TRIGGER ca_frozen BEFORE UPDATE ON ca WHEN NEW.name <> OLD.name OR NEW.directory IS NOT OLD.directory OR \
NEW.command IS NOT OLD.command OR (OLD.account_url IS NOT NULL AND NEW.account_url IS NOT OLD.account_url)
BEGIN SELECT RAISE(ABORT, 'frozen: a CA never becomes another one'); END;

ALTER TABLE record ADD COLUMN ca TEXT REFERENCES ca (name) ON DELETE SET NULL;
CREATE INDEX record_ca ON record (ca) WHERE ca IS NOT NULL;
"""

_ORDERS = """
CREATE TABLE certificate_order (
    record_id TEXT PRIMARY KEY REFERENCES record (id),
    stage TEXT NOT NULL CHECK (stage IN ('intent', 'ordering', 'ordered', 'proving', 'finalising', 'fetching', \
'confirmed', 'refused', 'unknown', 'expired')),
    ca TEXT NOT NULL,
    directory TEXT,
    account TEXT,
    order_url TEXT UNIQUE,
    finalize_url TEXT,
    certificate_url TEXT,
    csr_sha256 TEXT,
    expires TEXT,
    proofs TEXT NOT NULL CHECK (json_type(proofs) = 'array'),
    message TEXT NOT NULL,
    sent_at TEXT,
    searched_at TEXT,
    again_at TEXT,
    CHECK ((directory IS NULL) = (account IS NULL)),
    CHECK (order_url IS NULL OR directory IS NOT NULL),
    CHECK (stage NOT IN ('ordered', 'proving', 'fetching', 'expired') OR order_url IS NOT NULL),
    CHECK (stage <> 'fetching' OR certificate_url IS NOT NULL)
) STRICT, WITHOUT ROWID;

CREATE INDEX certificate_order_open ON certificate_order (stage) \
WHERE stage IN ('ordering', 'ordered', 'proving', 'finalising', 'fetching', 'unknown');

CREATE TRIGGER certificate_order_in_order BEFORE UPDATE OF stage ON certificate_order
WHEN NEW.stage <> OLD.stage AND NOT (
    (OLD.stage = 'intent' AND NEW.stage IN ('ordering', 'finalising'))
    OR (OLD.stage = 'ordering' AND NEW.stage IN ('intent', 'ordered', 'refused'))
    OR (OLD.stage = 'ordered' AND NEW.stage IN ('proving', 'finalising', 'refused', 'expired'))
    OR (OLD.stage = 'proving' AND NEW.stage IN ('finalising', 'refused', 'expired'))
    OR (OLD.stage = 'finalising' AND NEW.stage IN ('refused', 'unknown'))
    OR (OLD.stage = 'finalising' AND OLD.order_url IS NULL AND NEW.stage = 'confirmed')
    OR (OLD.stage = 'finalising' AND OLD.order_url IS NOT NULL AND NEW.stage IN ('proving', 'fetching'))
    OR (OLD.stage = 'fetching' AND NEW.stage = 'confirmed')
    OR (OLD.stage IN ('refused', 'expired') AND NEW.stage = 'intent')
    OR (OLD.stage = 'unknown' AND OLD.order_url IS NULL AND NEW.stage = 'confirmed')
    OR (OLD.stage = 'unknown' AND OLD.order_url IS NOT NULL AND NEW.stage IN ('proving', 'fetching', 'refused'))
)
BEGIN SELECT RAISE(ABORT, 'frozen: an order never goes back to an earlier stage'); END;
"""

_TOKENS = """
ALTER TABLE record ADD COLUMN token TEXT NOT NULL DEFAULT '';
ALTER TABLE record ADD COLUMN attestation TEXT;

CREATE TRIGGER record_token_frozen BEFORE UPDATE OF token ON record
WHEN OLD.state <> 'draft' AND NEW.token <> OLD.token
BEGIN SELECT RAISE(ABORT, 'frozen: where the key is never changes'); END;

CREATE TABLE token_key (
    uri TEXT PRIMARY KEY,
    record_id TEXT NOT NULL,
    noted_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
"""
"""A key on a token is `local` to the checks of the first version, and its custody none and unprotected. `token_key`
names a key before it is made, so that one that no record came to have can be found."""

_ISSUERS = """
ALTER TABLE record ADD COLUMN issuer TEXT;
ALTER TABLE record ADD COLUMN by_issuer TEXT AS (coalesce(issuer, '') || char(10) || domain) VIRTUAL;
CREATE INDEX record_by_issuer ON record (shelf, by_issuer, id) WHERE certificate IS NOT NULL;
DROP INDEX record_unjudged;
CREATE INDEX record_unjudged ON record (shelf) WHERE flaws IS NULL OR (certificate IS NOT NULL AND issuer IS NULL);
"""
"""NULL until it is read, as `flaws` is until they are counted: opening a store never reads a million certificates."""

_FAILED_ORDERS = """
CREATE INDEX certificate_order_failed ON certificate_order (stage) WHERE stage IN ('refused', 'expired');
"""

MIGRATIONS = (
    FIRST,
    SUBMISSIONS,
    CERTIFICATES,
    SHELVES,
    _LINEAGE,
    _KEY_FILES,
    _UNINDEXED,
    _BATCHES,
    _USAGES,
    _EXTRA_LINES,
    _USAGE_LISTS,
    _MORE_ORDERS,
    _FLAWS,
    _CAS,
    _ORDERS,
    _TOKENS,
    _ISSUERS,
    _FAILED_ORDERS,
)
"""Migration n brings a store from version n to n + 1."""
