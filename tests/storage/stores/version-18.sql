PRAGMA application_id = 1668510324;
PRAGMA user_version = 18;
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
    not_after TEXT, root TEXT, shelf INTEGER AS (
    5 * (trashed_at IS NOT NULL)
    + CASE state WHEN 'draft' THEN 0 ELSE 1 + 2 * (state = 'issued') + (origin IS 'tencent') END
) VIRTUAL, ends TEXT AS (coalesce(not_after, '9')) VIRTUAL, key_file TEXT NOT NULL DEFAULT '', usage TEXT NOT NULL DEFAULT 'server', extra TEXT NOT NULL DEFAULT '[]', by_key TEXT AS (algorithm || ' ' || key_parameter || ' ' || domain) VIRTUAL, by_tags TEXT AS (tags || domain) VIRTUAL, flaws INTEGER, ca TEXT REFERENCES ca (name) ON DELETE SET NULL, token TEXT NOT NULL DEFAULT '', attestation TEXT, issuer TEXT, by_issuer TEXT AS (coalesce(issuer, '') || char(10) || domain) VIRTUAL,
    CHECK (state = 'draft' OR (csr IS NOT NULL AND key_fingerprint IS NOT NULL AND generated_at IS NOT NULL)),
    CHECK (state <> 'draft' OR (csr IS NULL AND key_pem IS NULL AND secret_ref IS NULL))
) STRICT;
CREATE TABLE secret (
    ref TEXT PRIMARY KEY,
    doomed INTEGER NOT NULL DEFAULT 0 CHECK (doomed IN (0, 1))
) STRICT;
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
CREATE TABLE earlier_certificate (
    number INTEGER PRIMARY KEY,
    record_id TEXT NOT NULL REFERENCES record (id),
    certificate TEXT NOT NULL,
    not_after TEXT NOT NULL,
    replaced_at TEXT NOT NULL
) STRICT;
CREATE TABLE tally (
    shelf INTEGER PRIMARY KEY,
    records INTEGER NOT NULL
) STRICT;
CREATE VIRTUAL TABLE search USING fts5 (
    words, shelf, tokenize = 'trigram case_sensitive 1', detail = none, columnsize = 0
);
CREATE VIRTUAL TABLE gram USING fts5vocab (search, instance);
CREATE TABLE lineage (
    record_id TEXT PRIMARY KEY REFERENCES record (id) ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN ('renewal', 'copy')),
    source_id TEXT NOT NULL REFERENCES record (id) ON DELETE CASCADE CHECK (source_id <> record_id),
    same_key INTEGER NOT NULL CHECK (same_key IN (0, 1) AND (same_key = 0 OR kind = 'renewal'))
) STRICT, WITHOUT ROWID;
CREATE TABLE unindexed (
    number INTEGER PRIMARY KEY,
    words TEXT NOT NULL
) STRICT;
CREATE TABLE "intent" (
    id TEXT PRIMARY KEY,
    record_id TEXT UNIQUE REFERENCES record (id),
    kind TEXT NOT NULL,
    secret_ref TEXT REFERENCES secret (ref),
    created_at TEXT NOT NULL,
    CHECK (record_id IS NOT NULL OR secret_ref IS NOT NULL)
) STRICT;
CREATE TABLE token_key (
    uri TEXT PRIMARY KEY,
    record_id TEXT NOT NULL,
    noted_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO record (number, id, revision, state, origin, purpose, domain, organization, department, email, province, city, country, names, algorithm, key_parameter, remark, tags, password_choice, protection, step, created_at, updated_at, generated_at, trashed_at, csr, key_fingerprint, key_pem, secret_ref, certificate, not_after, root, key_file, usage, extra) VALUES (1, 'draft00000', 1, 'draft', NULL, 'public', 'www.example.com', '腾讯云计算', '', 'pki@example.com', 'Guangdong', 'Shenzhen', 'CN', '["alt.example.org"]', 'ECC', 'prime256v1', 'ticket 4711', '[["team", "Web"]]', 'random', 'keyring', 'subject', '2026-11-01T00:00:00.000000+00:00', '2026-11-02T00:00:00.000000+00:00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '/etc/ssl/own.key', 'client', '["OU=Ops", "upn=jane@example.com"]');
INSERT INTO record (number, id, revision, state, origin, purpose, domain, organization, department, email, province, city, country, names, algorithm, key_parameter, remark, tags, password_choice, protection, step, created_at, updated_at, generated_at, trashed_at, csr, key_fingerprint, key_pem, secret_ref, certificate, not_after, root, key_file, usage, extra, token, attestation) VALUES (2, 'trashed000', 1, 'draft', NULL, 'public', 'xn--bcher-kva.example', '腾讯云计算', '', 'pki@example.com', 'Guangdong', 'Shenzhen', 'CN', '["alt.example.org"]', 'ECC', 'prime256v1', 'ticket 4711', '[["team", "Web"]]', 'random', 'keyring', 'subject', '2026-11-01T00:00:00.000000+00:00', '2026-11-02T00:00:00.000000+00:00', NULL, '2026-11-03T00:00:00.000000+00:00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '', 'server', '[]', 'pkcs11:token=Office;serial=1a', NULL);
INSERT INTO record (number, id, revision, state, origin, purpose, domain, organization, department, email, province, city, country, names, algorithm, key_parameter, remark, tags, password_choice, protection, step, created_at, updated_at, generated_at, trashed_at, csr, key_fingerprint, key_pem, secret_ref, certificate, not_after, root, key_file, usage, extra) VALUES (3, 'generated0', 1, 'generated', 'local', 'public', 'generated.example.com', '腾讯云计算', '', 'pki@example.com', 'Guangdong', 'Shenzhen', 'CN', '["alt.example.org"]', 'ECC', 'prime256v1', 'ticket 4711', '[["team", "Web"]]', 'random', 'keyring', 'subject', '2026-11-01T00:00:00.000000+00:00', '2026-11-02T00:00:00.000000+00:00', '2026-11-03T00:00:00.000000+00:00', NULL, 'CSR', 'abababababababababababababababababababababababababababababababab', 'KEY', 'held000000', NULL, NULL, NULL, '', 'server', '[]');
INSERT INTO record (number, id, revision, state, origin, purpose, domain, organization, department, email, province, city, country, names, algorithm, key_parameter, remark, tags, password_choice, protection, step, created_at, updated_at, generated_at, trashed_at, csr, key_fingerprint, key_pem, secret_ref, certificate, not_after, root, key_file, usage, extra) VALUES (4, 'issued0000', 1, 'issued', 'local', 'public', 'issued.example.com', '腾讯云计算', '', 'pki@example.com', 'Guangdong', 'Shenzhen', 'CN', '["alt.example.org"]', 'ECC', 'prime256v1', 'ticket 4711', '[["team", "Web"]]', 'random', 'keyring', 'subject', '2026-11-01T00:00:00.000000+00:00', '2026-11-02T00:00:00.000000+00:00', '2026-11-03T00:00:00.000000+00:00', NULL, 'CSR', 'cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd', 'KEY', 'held000000', 'CERTIFICATE', '2027-02-01T00:00:00.000000+00:00', NULL, '', 'server', '[]');
INSERT INTO record (number, id, revision, state, origin, purpose, domain, organization, department, email, province, city, country, names, algorithm, key_parameter, remark, tags, password_choice, protection, step, created_at, updated_at, generated_at, trashed_at, csr, key_fingerprint, key_pem, secret_ref, certificate, not_after, root, key_file, usage, extra) VALUES (5, 'remote0000', 1, 'draft', NULL, 'public', 'remote.example.com', '腾讯云计算', '', 'pki@example.com', 'Guangdong', 'Shenzhen', 'CN', '["alt.example.org"]', 'ECC', 'prime256v1', 'ticket 4711', '[["team", "Web"]]', 'random', 'keyring', 'subject', '2026-11-01T00:00:00.000000+00:00', '2026-11-02T00:00:00.000000+00:00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '', 'server', '[]');
INSERT INTO secret (ref, doomed) VALUES ('doomed0000', 1);
INSERT INTO secret (ref, doomed) VALUES ('held000000', 0);
INSERT INTO submission (record_id, stage, endpoint, account, marker, csr_id, remote_status, request_id, message, sent_at, searched_at, sent_ref, sent_choice, sent_protection) VALUES ('remote0000', 'created', 'ssl.tencentcloudapi.com', '100000000001', 'csr-tui remote0000', 42, 1, 'request-1', '', '2026-11-02T00:00:00.000000+00:00', NULL, NULL, NULL, NULL);
INSERT INTO earlier_certificate (number, record_id, certificate, not_after, replaced_at) VALUES (1, 'issued0000', 'EARLIER', '2026-11-04T00:00:00.000000+00:00', '2026-11-03T00:00:00.000000+00:00');
INSERT INTO tally (shelf, records) VALUES (0, 2);
INSERT INTO tally (shelf, records) VALUES (1, 1);
INSERT INTO tally (shelf, records) VALUES (2, 0);
INSERT INTO tally (shelf, records) VALUES (3, 1);
INSERT INTO tally (shelf, records) VALUES (4, 0);
INSERT INTO tally (shelf, records) VALUES (5, 1);
INSERT INTO tally (shelf, records) VALUES (6, 0);
INSERT INTO tally (shelf, records) VALUES (7, 0);
INSERT INTO tally (shelf, records) VALUES (8, 0);
INSERT INTO tally (shelf, records) VALUES (9, 0);
INSERT INTO lineage (record_id, kind, source_id, same_key) VALUES ('draft00000', 'renewal', 'issued0000', 1);
INSERT INTO token_key (uri, record_id, noted_at) VALUES ('pkcs11:token=Office;serial=1a;object=draft00000;id=%01', 'draft00000', '2026-11-02T00:00:00.000000+00:00');
INSERT INTO unindexed (number, words) VALUES (1, '
draft00000
www.example.com
alt.example.org
腾讯云计算
pki@example.com
guangdong
shenzhen
ticket 4711
' || char(2) || 'team=web

');
INSERT INTO unindexed (number, words) VALUES (2, '
trashed000
xn--bcher-kva.example
alt.example.org
bücher.example
腾讯云计算
pki@example.com
guangdong
shenzhen
ticket 4711
' || char(2) || 'team=web

');
INSERT INTO unindexed (number, words) VALUES (3, '
generated0
generated.example.com
alt.example.org
腾讯云计算
pki@example.com
guangdong
shenzhen
ticket 4711
' || char(2) || 'team=web

');
INSERT INTO unindexed (number, words) VALUES (4, '
issued0000
issued.example.com
alt.example.org
腾讯云计算
pki@example.com
guangdong
shenzhen
ticket 4711
' || char(2) || 'team=web

');
INSERT INTO unindexed (number, words) VALUES (5, '
remote0000
remote.example.com
alt.example.org
腾讯云计算
pki@example.com
guangdong
shenzhen
ticket 4711
' || char(2) || 'team=web

');
INSERT INTO intent (id, record_id, kind, secret_ref, created_at) VALUES ('intent0000', 'draft00000', 'generate', 'held000000', '2026-11-02T00:00:00.000000+00:00');
CREATE INDEX record_expiring ON record (not_after) WHERE not_after IS NOT NULL;
CREATE INDEX record_secret ON record (secret_ref) WHERE secret_ref IS NOT NULL;
CREATE INDEX record_key ON record (key_fingerprint) WHERE key_fingerprint IS NOT NULL;
CREATE TRIGGER record_frozen BEFORE UPDATE ON record WHEN OLD.state <> 'draft' AND (NEW.origin IS NOT OLD.origin OR NEW.purpose IS NOT OLD.purpose OR NEW.domain IS NOT OLD.domain OR NEW.organization IS NOT OLD.organization OR NEW.department IS NOT OLD.department OR NEW.email IS NOT OLD.email OR NEW.province IS NOT OLD.province OR NEW.city IS NOT OLD.city OR NEW.country IS NOT OLD.country OR NEW.names IS NOT OLD.names OR NEW.algorithm IS NOT OLD.algorithm OR NEW.key_parameter IS NOT OLD.key_parameter OR NEW.csr IS NOT OLD.csr OR NEW.key_fingerprint IS NOT OLD.key_fingerprint OR NEW.generated_at IS NOT OLD.generated_at)
BEGIN SELECT RAISE(ABORT, 'frozen: a generated request can never be edited'); END;
CREATE TRIGGER record_never_back BEFORE UPDATE OF state ON record
WHEN (OLD.state = 'generated' AND NEW.state = 'draft') OR (OLD.state = 'issued' AND NEW.state <> 'issued')
BEGIN SELECT RAISE(ABORT, 'frozen: a record never goes back to an earlier state'); END;
CREATE TRIGGER record_key_kept BEFORE UPDATE OF key_pem ON record
WHEN OLD.key_pem IS NOT NULL AND NEW.key_pem IS NULL
BEGIN SELECT RAISE(ABORT, 'frozen: a key is never taken away from its record'); END;
CREATE TRIGGER record_trash_first BEFORE DELETE ON record WHEN OLD.trashed_at IS NULL
BEGIN SELECT RAISE(ABORT, 'frozen: a record goes to the trash before it goes for good'); END;
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
WHEN NEW.state = 'draft' AND (NEW.origin IS NOT OLD.origin OR NEW.purpose IS NOT OLD.purpose OR NEW.domain IS NOT OLD.domain OR NEW.organization IS NOT OLD.organization OR NEW.department IS NOT OLD.department OR NEW.email IS NOT OLD.email OR NEW.province IS NOT OLD.province OR NEW.city IS NOT OLD.city OR NEW.country IS NOT OLD.country OR NEW.names IS NOT OLD.names OR NEW.algorithm IS NOT OLD.algorithm OR NEW.key_parameter IS NOT OLD.key_parameter OR NEW.csr IS NOT OLD.csr OR NEW.key_fingerprint IS NOT OLD.key_fingerprint OR NEW.generated_at IS NOT OLD.generated_at) AND EXISTS (
    SELECT 1 FROM submission WHERE record_id = OLD.id AND stage IN ('creating', 'finalising', 'unknown')
)
BEGIN
    SELECT RAISE(ABORT, 'frozen: this request is on its way to Tencent Cloud; csr-tui reconcile says what came of it');
END;
CREATE INDEX earlier_certificate_of ON earlier_certificate (record_id);
CREATE TRIGGER record_issued BEFORE UPDATE ON record
WHEN (NEW.state = 'issued') <> (NEW.certificate IS NOT NULL) OR (NEW.certificate IS NULL) <> (NEW.not_after IS NULL)
BEGIN SELECT RAISE(ABORT, 'frozen: a record is issued when it has its certificate, and only then'); END;
CREATE TRIGGER record_certificate_kept AFTER UPDATE OF certificate ON record
WHEN OLD.certificate IS NOT NULL AND substr(OLD.certificate, 1, instr(OLD.certificate, '-----END')) <> substr(NEW.certificate, 1, instr(NEW.certificate, '-----END'))
BEGIN
    INSERT INTO earlier_certificate (record_id, certificate, not_after, replaced_at)
    VALUES (OLD.id, OLD.certificate, OLD.not_after, NEW.updated_at);
END;
CREATE INDEX record_changed ON record (shelf, updated_at, id);
CREATE INDEX record_domain ON record (shelf, domain, id);
CREATE INDEX record_expiry ON record (shelf, ends, id);
CREATE TRIGGER shelf_added AFTER INSERT ON record
BEGIN UPDATE tally SET records = records + 1 WHERE shelf = NEW.shelf; END;
CREATE TRIGGER shelf_removed AFTER DELETE ON record
BEGIN UPDATE tally SET records = records - 1 WHERE shelf = OLD.shelf; END;
CREATE INDEX lineage_source ON lineage (source_id);
CREATE TRIGGER record_key_file_frozen BEFORE UPDATE OF key_file ON record
WHEN OLD.state <> 'draft' AND NEW.key_file <> OLD.key_file
BEGIN SELECT RAISE(ABORT, 'frozen: where the key came from never changes'); END;
CREATE TRIGGER shelf_moved AFTER UPDATE OF state, origin, trashed_at ON record WHEN NEW.shelf <> OLD.shelf
BEGIN
    UPDATE tally SET records = records - 1 WHERE shelf = OLD.shelf;
    UPDATE tally SET records = records + 1 WHERE shelf = NEW.shelf;
    INSERT OR IGNORE INTO unindexed (number, words) SELECT rowid, words FROM search WHERE rowid = NEW.number;
END;
CREATE TRIGGER unindexed_removed AFTER DELETE ON record
BEGIN DELETE FROM unindexed WHERE number = OLD.number; END;
CREATE TRIGGER record_usage_frozen BEFORE UPDATE OF usage ON record
WHEN NEW.usage <> OLD.usage AND (OLD.state <> 'draft' OR EXISTS (
    SELECT 1 FROM submission WHERE record_id = OLD.id AND stage IN ('creating', 'finalising', 'unknown')
))
BEGIN SELECT RAISE(ABORT, 'frozen: a request that was generated or sent can never be edited'); END;
CREATE TRIGGER record_extra_frozen BEFORE UPDATE OF extra ON record
WHEN NEW.extra <> OLD.extra AND (OLD.state <> 'draft' OR EXISTS (
    SELECT 1 FROM submission WHERE record_id = OLD.id AND stage IN ('creating', 'finalising', 'unknown')
))
BEGIN SELECT RAISE(ABORT, 'frozen: a request that was generated or sent can never be edited'); END;
CREATE INDEX record_usage ON record (shelf, usage, ends);
CREATE INDEX record_by_key ON record (shelf, by_key, id);
CREATE INDEX record_by_tags ON record (shelf, by_tags, id);
CREATE INDEX record_flawed ON record (shelf) WHERE flaws > 0;
CREATE INDEX record_unjudged ON record (shelf) WHERE flaws IS NULL OR (certificate IS NOT NULL AND issuer IS NULL);
CREATE INDEX record_by_issuer ON record (shelf, by_issuer, id) WHERE certificate IS NOT NULL;
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
CREATE TRIGGER ca_frozen BEFORE UPDATE ON ca WHEN NEW.name <> OLD.name OR NEW.directory IS NOT OLD.directory OR NEW.command IS NOT OLD.command OR (OLD.account_url IS NOT NULL AND NEW.account_url IS NOT OLD.account_url)
BEGIN SELECT RAISE(ABORT, 'frozen: a CA never becomes another one'); END;
CREATE INDEX record_ca ON record (ca) WHERE ca IS NOT NULL;
INSERT INTO secret (ref) VALUES ('ca-corp-abc123');
INSERT INTO ca (name, directory, trust, email, account_url, account_key, protection, secret_ref, created_at) VALUES ('corp', 'https://ca.example/dir', 'ROOT', 'ops@example.org', 'https://ca.example/acct/1', 'ACCOUNT KEY', 'keyring', 'ca-corp-abc123', '2026-11-27T00:00:00.000000+00:00');
INSERT INTO ca (name, command, email, created_at) VALUES ('own', 'sign {csr} {out}', '', '2026-11-27T00:00:00.000000+00:00');
UPDATE record SET ca = 'corp', issuer = 'Example CA' WHERE id = 'issued0000';
CREATE TABLE certificate_order (
    record_id TEXT PRIMARY KEY REFERENCES record (id),
    stage TEXT NOT NULL CHECK (stage IN ('intent', 'ordering', 'ordered', 'proving', 'finalising', 'fetching', 'confirmed', 'refused', 'unknown', 'expired')),
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
CREATE INDEX certificate_order_open ON certificate_order (stage) WHERE stage IN ('ordering', 'ordered', 'proving', 'finalising', 'fetching', 'unknown');
CREATE INDEX certificate_order_failed ON certificate_order (stage) WHERE stage IN ('refused', 'expired');
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
INSERT INTO certificate_order (record_id, stage, ca, directory, account, order_url, finalize_url, certificate_url, csr_sha256, expires, proofs, message, sent_at, searched_at, again_at) VALUES ('generated0', 'ordered', 'corp', 'https://ca.example/dir', 'https://ca.example/acct/1', 'https://ca.example/order/1', 'https://ca.example/finalize/1', NULL, NULL, '2026-12-04T00:00:00.000000+00:00', '[["www.example.org", "dns-01", "_acme-challenge.www.example.org", "VALUE", "https://ca.example/chall/1", true, "", false]]', '', '2026-11-27T00:00:00.000000+00:00', NULL, NULL);
CREATE TRIGGER record_token_frozen BEFORE UPDATE OF token ON record
WHEN OLD.state <> 'draft' AND NEW.token <> OLD.token
BEGIN SELECT RAISE(ABORT, 'frozen: where the key is never changes'); END;
