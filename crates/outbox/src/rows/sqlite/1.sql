-- Times are microseconds since 1970 (UTC). {p} is the prefix of all names.
-- The state of a message is the table its id is in: ready, open (sending, unknown, parked) or outcome (all others).

-- Messages of one tenant and kind from one sender, as messages name it: JSON, or '' for the account's own. Those of a
-- campaign are in queues of their own.
CREATE TABLE {p}queue (
  id INTEGER PRIMARY KEY,
  tenant TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('text', 'call')),
  sender TEXT NOT NULL,
  bound INTEGER,                                 -- the id of {p}sender that it turned out to be
  campaign INTEGER NOT NULL DEFAULT 0,           -- 0: none
  held INTEGER NOT NULL DEFAULT 0,               -- 1: its campaign is paused or stopped
  UNIQUE (tenant, kind, sender, campaign)
) STRICT;
CREATE INDEX {p}queue_campaign ON {p}queue (campaign) WHERE campaign > 0;

-- Lists of people to send to.
CREATE TABLE {p}campaign (
  id INTEGER PRIMARY KEY,
  tenant TEXT NOT NULL,
  name TEXT NOT NULL,
  created INTEGER NOT NULL,
  definition TEXT NOT NULL,                      -- what is sent, JSON
  state TEXT NOT NULL CHECK (state IN ('importing', 'imported', 'interrupted', 'stopped', 'closed')),
  paused INTEGER NOT NULL DEFAULT 0,
  messages INTEGER NOT NULL DEFAULT 0,
  segments INTEGER NOT NULL DEFAULT 0,
  imported TEXT,                                 -- what the last import found, JSON
  UNIQUE (tenant, name)
) STRICT;

-- The messages of a campaign that are neither ready nor being sent, by what became of them.
CREATE TABLE {p}campaign_tally (
  campaign INTEGER NOT NULL,
  word TEXT NOT NULL,
  rows INTEGER NOT NULL,
  PRIMARY KEY (campaign, word)
) STRICT, WITHOUT ROWID;

CREATE TABLE {p}sender (
  id INTEGER PRIMARY KEY,
  account TEXT NOT NULL,
  kind TEXT NOT NULL,
  address TEXT NOT NULL,
  next_free INTEGER NOT NULL DEFAULT 0,          -- when its rate lets the next message begin
  paused_until INTEGER,
  pauses INTEGER NOT NULL DEFAULT 0,
  pause_reason TEXT,
  newest_sid TEXT,                               -- the last message that the provider took: its id there,
  newest_id INTEGER,                             -- its id here,
  newest_at INTEGER,                             -- and when that was recorded
  UNIQUE (account, kind, address)
) STRICT;

-- Accounts that pause.
CREATE TABLE {p}account (
  name TEXT PRIMARY KEY,
  paused_until INTEGER NOT NULL,
  pauses INTEGER NOT NULL,
  pause_reason TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Written once. Only weight, fingerprint and hash come later, for rows of plain SQL.
CREATE TABLE {p}message (
  id INTEGER PRIMARY KEY,
  created INTEGER NOT NULL,
  tenant TEXT NOT NULL,
  key TEXT NOT NULL,
  queue_id INTEGER NOT NULL,
  recipient TEXT NOT NULL,
  priority INTEGER NOT NULL,                     -- 0 urgent, 1 normal, 2 bulk
  weight INTEGER,                                -- segments
  fingerprint TEXT,                              -- hex: equal texts to one recipient have the same
  hash TEXT,                                     -- hex: of the request
  request TEXT NOT NULL,                         -- JSON
  expires INTEGER,
  purpose TEXT NOT NULL DEFAULT 'transactional',
  zone TEXT,                                     -- the recipient's time zone, if the program knows it
  text_rules TEXT,                               -- the identity of the rules that its text was held against
  passes TEXT,                                   -- what an emergency passes: 'quiet hours' or 'consent'
  pool TEXT,                                     -- the pool that it names as its sender, with a number of it
  campaign INTEGER NOT NULL DEFAULT 0,           -- 0: none
  UNIQUE (tenant, key)
) STRICT;
CREATE INDEX {p}message_campaign ON {p}message (campaign, id) WHERE campaign > 0;
-- For lists: messages of no campaign. An index of a table ends with its id.
CREATE INDEX {p}message_tenant ON {p}message (tenant) WHERE campaign = 0;

-- References at the provider name the id, so none may be used again.
CREATE TRIGGER {p}message_newest BEFORE DELETE ON {p}message WHEN OLD.id = (SELECT max(id) FROM {p}message)
BEGIN SELECT RAISE(ABORT, 'the newest message stays, as it keeps the ids rising'); END;

CREATE TABLE {p}ready (
  queue_id INTEGER NOT NULL,
  priority INTEGER NOT NULL,
  due INTEGER NOT NULL,
  id INTEGER NOT NULL,
  attempt INTEGER NOT NULL DEFAULT 0,            -- the last one that was marked
  tries INTEGER NOT NULL DEFAULT 0,              -- failures that make the next wait longer
  error TEXT,                                    -- the last one, JSON
  waits_for INTEGER,                             -- the open message that equals this one
  PRIMARY KEY (queue_id, priority, due, id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX {p}ready_id ON {p}ready (id);

CREATE TABLE {p}open (
  id INTEGER PRIMARY KEY,
  state TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  tries INTEGER NOT NULL,
  no_repeat INTEGER NOT NULL,                    -- 1: cancelled meanwhile
  marked INTEGER NOT NULL,
  due INTEGER NOT NULL,
  sender_id INTEGER,                             -- NULL, as epoch, batch and deadline: parked before it was marked
  epoch INTEGER,
  batch INTEGER,
  deadline INTEGER,
  fingerprint TEXT,                              -- NULL once it is parked
  why TEXT,
  error TEXT,
  next_check INTEGER,                            -- only while it is unknown
  checks INTEGER NOT NULL DEFAULT 0,
  seen TEXT,                                     -- what the checks showed, JSON
  campaign INTEGER NOT NULL DEFAULT 0,
  UNIQUE (sender_id, fingerprint)
) STRICT;
CREATE INDEX {p}open_check ON {p}open (next_check) WHERE next_check IS NOT NULL;

CREATE TABLE {p}outcome (
  id INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  state TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  no_repeat INTEGER NOT NULL,
  accepted INTEGER,                              -- the attempt that was
  sid TEXT,
  status TEXT,
  error TEXT,
  segments INTEGER,
  campaign INTEGER NOT NULL DEFAULT 0,
  marked INTEGER,                                -- when its last attempt was
  done INTEGER,                                  -- when the final status was reached
  price TEXT,                                    -- a decimal
  currency TEXT,
  picked_up_by TEXT,                             -- a call: 'person', 'machine', 'fax' or 'unknown'
  pressed TEXT                                   -- a call: the keys
) STRICT;
-- Callbacks and the provider's list name messages by this id.
CREATE INDEX {p}outcome_sid ON {p}outcome (sid) WHERE sid IS NOT NULL;
-- Perhaps sent, with an id that is not known.
CREATE INDEX {p}outcome_unnamed ON {p}outcome (at) WHERE sid IS NULL AND state IN ('accepted', 'abandoned');

-- Further ids of messages that were sent twice.
CREATE TABLE {p}second_sid (sid TEXT PRIMARY KEY, id INTEGER NOT NULL) STRICT, WITHOUT ROWID;

-- The rows of {p}outcome by state.
CREATE TABLE {p}tally (state TEXT PRIMARY KEY, rows INTEGER NOT NULL) STRICT, WITHOUT ROWID;

-- People who wanted to be forgotten: a keyed hash of the tenant and the number.
CREATE TABLE {p}forgotten (hash TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;

-- What people said about the messages they want: opt-outs, and consents with their proof.
CREATE TABLE {p}consent (
  recipient TEXT NOT NULL,
  scope TEXT NOT NULL,                           -- 'sender ...', 'tenant ...' or 'all'
  purpose TEXT NOT NULL,                         -- '' for every purpose
  state TEXT NOT NULL CHECK (state IN ('out', 'in')),
  source TEXT NOT NULL,                          -- 'keyword', 'provider', 'person' or 'import ...'
  at INTEGER NOT NULL,                           -- when the person said it
  recorded INTEGER NOT NULL,
  proof TEXT,
  PRIMARY KEY (recipient, scope, purpose)
) STRICT, WITHOUT ROWID;
-- For lists.
CREATE INDEX {p}consent_scope ON {p}consent (scope, at, recipient, purpose);

-- What is reserved of budgets: messages, or millionths of a currency.
CREATE TABLE {p}budget (
  budget TEXT NOT NULL,
  part TEXT NOT NULL,                            -- its day, and its tenant or country
  used INTEGER NOT NULL,
  alerted INTEGER NOT NULL,                      -- the highest share that was logged, in per cent
  most INTEGER NOT NULL,                         -- the limit then
  PRIMARY KEY (budget, part)
) STRICT, WITHOUT ROWID;

-- What was sent recently, as far as the limits of a policy count it.
CREATE TABLE {p}recent (
  who TEXT NOT NULL,                             -- a number, or the first digits of numbers
  rule TEXT NOT NULL,                            -- what is counted: 'recipient 86400s marketing'
  scope TEXT NOT NULL,                           -- 'tenant ...' or 'all'
  until INTEGER NOT NULL,                        -- when these messages count no longer
  count INTEGER NOT NULL,
  PRIMARY KEY (who, rule, scope, until)
) STRICT, WITHOUT ROWID;
CREATE INDEX {p}recent_until ON {p}recent (until);

CREATE TABLE {p}outbox (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  store TEXT NOT NULL,                           -- tells this database from others in references
  reference_key TEXT NOT NULL,                   -- hex: the secret key that signs references
  epoch INTEGER NOT NULL,                        -- rises with each start of a worker
  clock INTEGER NOT NULL,                        -- the latest time that a worker wrote
  dirty_starts INTEGER NOT NULL,                 -- since a worker came through
  place TEXT,                                    -- the file, when a worker last started
  guard_since INTEGER                            -- the provider must be asked what it sent since then
) STRICT;
INSERT INTO {p}outbox VALUES (1, lower(hex(randomblob(8))), lower(hex(randomblob(32))), 0, 0, 0, NULL, NULL);

-- For the program's own transactions: INSERT INTO {p}enqueue (request) VALUES (?1).
CREATE VIEW {p}enqueue (request) AS SELECT request FROM {p}message WHERE 0;

-- What the request says; NULL where it says nothing. due and expires are NULL, too, where they cannot be read.
CREATE VIEW {p}enqueue_row (tenant, key, kind, sender, recipient, request, priority, purpose, zone, pool, weight,
  fingerprint, hash, due_text, due, expires_text, expires, now)
AS SELECT 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18 WHERE 0;

CREATE TRIGGER {p}enqueue_read INSTEAD OF INSERT ON {p}enqueue
BEGIN
  SELECT RAISE(ABORT, 'SB400: request must be the text of a JSON object')
    WHERE CASE WHEN typeof(NEW.request) = 'text' AND json_valid(NEW.request) THEN json_type(NEW.request) END
      IS NOT 'object';
  SELECT RAISE(ABORT, 'SB400: request has a field that is not known')
    WHERE EXISTS (SELECT 1 FROM json_each(NEW.request) WHERE key NOT IN
      ('tenant', 'key', 'text', 'call', 'due', 'priority', 'expires', 'purpose', 'zone', 'weight', 'fingerprint', 'hash'));
  SELECT RAISE(ABORT, 'SB400: tenant must be a text') 
    WHERE json_type(NEW.request, '$.tenant') NOT IN ('null', 'text');
  SELECT RAISE(ABORT, 'SB400: key must be a text') WHERE json_type(NEW.request, '$.key') IS NOT 'text';
  SELECT RAISE(ABORT, 'SB400: either text or call must be there, and be an object')
    WHERE (json_type(NEW.request, '$.text') IS NULL) = (json_type(NEW.request, '$.call') IS NULL)
      OR coalesce(json_type(NEW.request, '$.text'), json_type(NEW.request, '$.call')) <> 'object';
  SELECT RAISE(ABORT, 'SB400: to must be a text that is not empty')
    WHERE coalesce(json_type(NEW.request, '$.text.to'), json_type(NEW.request, '$.call.to')) IS NOT 'text'
      OR coalesce(json_extract(NEW.request, '$.text.to'), json_extract(NEW.request, '$.call.to')) = '';
  SELECT RAISE(ABORT, 'SB400: from of a text must be {"number": "..."} or {"pool": {"id": "..."}}')
    WHERE json_type(NEW.request, '$.text.from') <> 'null'
      AND json_type(NEW.request, '$.text.from.number') IS NOT 'text'
      AND json_type(NEW.request, '$.text.from.pool.id') IS NOT 'text';
  SELECT RAISE(ABORT, 'SB400: from of a call must be a text')
    WHERE json_type(NEW.request, '$.call.from') NOT IN ('null', 'text');
  SELECT RAISE(ABORT, 'SB400: sendAt must be empty: set due instead')
    WHERE coalesce(json_type(NEW.request, '$.text.sendAt'), json_type(NEW.request, '$.text.send_at')) <> 'null';
  SELECT RAISE(ABORT, 'SB400: reference of the callback must be empty')
    WHERE coalesce(json_type(NEW.request, '$.text.callback.reference'),
      json_type(NEW.request, '$.call.callback.reference')) <> 'null';
  INSERT INTO {p}enqueue_row
    SELECT coalesce(json_extract(NEW.request, '$.tenant'), ''), json_extract(NEW.request, '$.key'), kind,
      CASE json_type(NEW.request, '$.' || kind || '.from')
        WHEN 'object' THEN json_extract(NEW.request, '$.text.from')
        WHEN 'text' THEN json_object('number', json_extract(NEW.request, '$.call.from'))
        ELSE '' END,
      json_extract(NEW.request, '$.' || kind || '.to'),
      json_object(kind, json(json_extract(NEW.request, '$.' || kind))),
      coalesce(json_extract(NEW.request, '$.priority'), 'normal'),
      coalesce(json_extract(NEW.request, '$.purpose'), 'transactional'), json_extract(NEW.request, '$.zone'),
      CASE WHEN json_type(NEW.request, '$.text.from.pool.number') = 'text'
        THEN json_extract(NEW.request, '$.text.from.pool.id') END,
      json_extract(NEW.request, '$.weight'),
      json_extract(NEW.request, '$.fingerprint'), json_extract(NEW.request, '$.hash'),
      due,
      CASE WHEN due GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]*'
          AND date(substr(due, 1, 10), '+0 days') = substr(due, 1, 10)
          AND (due_zone = 'Z' OR due_zone GLOB '[+-][0-9][0-9]:[0-9][0-9]')
          AND (substr(due, 20, 1) IN ('Z', '+', '-') OR substr(due, 20, 2) GLOB '.[0-9]')
          AND substr(due, 21) NOT GLOB '*.*'
        THEN unixepoch(substr(due, 1, 19) || due_zone) * 1000000 + CAST(substr(CASE substr(due, 20, 1)
          WHEN '.' THEN substr(due, 21, length(due) - 20 - length(due_zone)) ELSE '' END || '000000', 1, 6) AS INTEGER)
        END,
      expires,
      CASE WHEN expires GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]*'
          AND date(substr(expires, 1, 10), '+0 days') = substr(expires, 1, 10)
          AND (expires_zone = 'Z' OR expires_zone GLOB '[+-][0-9][0-9]:[0-9][0-9]')
          AND (substr(expires, 20, 1) IN ('Z', '+', '-') OR substr(expires, 20, 2) GLOB '.[0-9]')
          AND substr(expires, 21) NOT GLOB '*.*'
        THEN unixepoch(substr(expires, 1, 19) || expires_zone) * 1000000 + CAST(substr(CASE substr(expires, 20, 1)
          WHEN '.' THEN substr(expires, 21, length(expires) - 20 - length(expires_zone)) ELSE '' END
          || '000000', 1, 6) AS INTEGER)
        END,
      unixepoch('now') * 1000000 + CAST(substr(strftime('%f', 'now'), 4) AS INTEGER) * 1000
    FROM (SELECT *, ltrim(substr(due, 20), '.0123456789') AS due_zone,
        ltrim(substr(expires, 20), '.0123456789') AS expires_zone
      FROM (SELECT json_extract(NEW.request, '$.due') AS due, json_extract(NEW.request, '$.expires') AS expires,
        CASE WHEN json_type(NEW.request, '$.text') IS NULL THEN 'call' ELSE 'text' END AS kind));
END;

CREATE TRIGGER {p}enqueue_write INSTEAD OF INSERT ON {p}enqueue_row
BEGIN
  SELECT RAISE(ABORT, 'SB400: tenant must have at most 255 bytes, and no NUL')
    WHERE length(CAST(NEW.tenant AS BLOB)) > 255 OR instr(NEW.tenant, char(0)) > 0;
  SELECT RAISE(ABORT, 'SB400: key must have 1 to 255 bytes, and no NUL')
    WHERE length(CAST(NEW.key AS BLOB)) NOT BETWEEN 1 AND 255 OR instr(NEW.key, char(0)) > 0;
  SELECT RAISE(ABORT, 'SB400: text or call has more than 65536 bytes')
    WHERE length(CAST(NEW.request AS BLOB)) > 65536;
  SELECT RAISE(ABORT, 'SB400: priority must be urgent, normal or bulk')
    WHERE NEW.priority NOT IN ('urgent', 'normal', 'bulk');
  SELECT RAISE(ABORT, 'SB400: purpose must be transactional or marketing')
    WHERE NEW.purpose NOT IN ('transactional', 'marketing');
  SELECT RAISE(ABORT, 'SB400: zone must be the name of a time zone such as America/Chicago')
    WHERE NEW.zone IS NOT NULL AND (typeof(NEW.zone) <> 'text' OR NEW.zone GLOB '*[^A-Za-z0-9/_+-]*'
      OR length(NEW.zone) NOT BETWEEN 1 AND 64);
  SELECT RAISE(ABORT, 'SB400: due must be a time such as 2026-12-01T09:00:00Z')
    WHERE NEW.due_text IS NOT NULL AND NEW.due IS NULL;
  SELECT RAISE(ABORT, 'SB400: expires must be a time such as 2026-12-01T09:00:00Z')
    WHERE NEW.expires_text IS NOT NULL AND NEW.expires IS NULL;
  SELECT RAISE(ABORT, 'SB400: expires must be later than due') WHERE NEW.expires <= NEW.due;
  SELECT RAISE(ABORT, 'SB400: weight, fingerprint and hash must be as Enqueue::row writes them, or be missing')
    WHERE (NEW.weight IS NOT NULL OR NEW.fingerprint IS NOT NULL OR NEW.hash IS NOT NULL)
      AND NOT coalesce(typeof(NEW.weight) = 'integer' AND NEW.weight BETWEEN 1 AND 1000
        AND length(NEW.fingerprint) = 32 AND NEW.fingerprint NOT GLOB '*[^0-9a-f]*'
        AND length(NEW.hash) = 32 AND NEW.hash NOT GLOB '*[^0-9a-f]*', 0);
  SELECT RAISE(ABORT, 'SB409: the key is taken by another message')
    FROM {p}message WHERE tenant = NEW.tenant AND key = NEW.key
      AND coalesce(hash <> NEW.hash, request <> NEW.request);
  SELECT RAISE(IGNORE) FROM {p}message WHERE tenant = NEW.tenant AND key = NEW.key;
  INSERT INTO {p}queue (tenant, kind, sender) SELECT NEW.tenant, NEW.kind, NEW.sender WHERE NOT EXISTS
    (SELECT 1 FROM {p}queue WHERE tenant = NEW.tenant AND kind = NEW.kind AND sender = NEW.sender AND campaign = 0);
  INSERT INTO {p}message (created, tenant, key, queue_id, recipient, priority, weight, fingerprint, hash, request, expires,
    purpose, zone, pool)
    SELECT NEW.now, NEW.tenant, NEW.key, id, NEW.recipient,
      CASE NEW.priority WHEN 'urgent' THEN 0 WHEN 'normal' THEN 1 ELSE 2 END,
      NEW.weight, NEW.fingerprint, NEW.hash, NEW.request, NEW.expires, NEW.purpose, NEW.zone, NEW.pool
    FROM {p}queue WHERE tenant = NEW.tenant AND kind = NEW.kind AND sender = NEW.sender AND campaign = 0;
  INSERT INTO {p}ready (queue_id, priority, due, id)
    SELECT queue_id, priority, coalesce(NEW.due, NEW.now), id
    FROM {p}message WHERE tenant = NEW.tenant AND key = NEW.key;
END;
