//! The statements, with the schema of this database.

use switchboard_store::expand_schema;

statements! {
    expand_schema;

    queue_find: "SELECT id FROM {s}.queue WHERE tenant = $1 AND kind = $2 AND sender = $3 AND campaign = $4"
        "ORDER BY id LIMIT 1";
    queue_new: "INSERT INTO {s}.queue (tenant, kind, sender, campaign, held) VALUES ($1, $2, $3, $4,"
        "coalesce((SELECT paused OR state = 'stopped' FROM {s}.campaign WHERE id = $4), false)) RETURNING id";
    queue_bind: "UPDATE {s}.queue SET bound = $2 WHERE id = $1 AND bound IS DISTINCT FROM $2";
    queues: "SELECT q.id, q.tenant, q.kind, q.sender, q.bound, u.due, u.id, n.due, n.id, b.due, b.id, q.held,"
        "CASE WHEN q.held THEN (SELECT id FROM {s}.campaign WHERE id = q.campaign AND state = 'stopped') END"
        "FROM {s}.queue AS q"
        "LEFT JOIN LATERAL (SELECT due, id FROM {s}.ready WHERE queue_id = q.id AND priority = 0"
        "ORDER BY due, id LIMIT 1) AS u ON true"
        "LEFT JOIN LATERAL (SELECT due, id FROM {s}.ready WHERE queue_id = q.id AND priority = 1"
        "ORDER BY due, id LIMIT 1) AS n ON true"
        "LEFT JOIN LATERAL (SELECT due, id FROM {s}.ready WHERE queue_id = q.id AND priority = 2"
        "ORDER BY due, id LIMIT 1) AS b ON true ORDER BY q.id";
    lanes_due: "SELECT l.queue_id, l.priority, CASE WHEN NOT (SELECT held FROM {s}.queue WHERE id = l.queue_id) THEN"
        "(SELECT due FROM {s}.ready WHERE queue_id = l.queue_id"
        "AND priority = l.priority AND (due, id) > (l.due, l.id) ORDER BY due, id LIMIT 1) END"
        "FROM unnest($1::bigint[], $2::integer[], $3::bigint[], $4::bigint[]) AS l (queue_id, priority, due, id)";

    sender_new: "INSERT INTO {s}.sender (account, kind, address) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
    sender_find: "SELECT id, account, kind, address, next_free, paused_until, pauses, pause_reason"
        "FROM {s}.sender WHERE account = $1 AND kind = $2 AND address = $3";
    senders: "SELECT id, account, kind, address, next_free, paused_until, pauses, pause_reason"
        "FROM {s}.sender ORDER BY id";
    senders_lock: "SELECT s.id, s.next_free, greatest(s.paused_until, a.paused_until), s.owner, s.lease_until, s.address"
        "FROM {s}.sender AS s LEFT JOIN {s}.account AS a ON a.name = s.account"
        "WHERE s.id = ANY($1) ORDER BY s.id FOR NO KEY UPDATE OF s";
    senders_pace: "UPDATE {s}.sender AS s SET next_free = n.next_free, owner = n.owner, lease_until = n.lease_until"
        "FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[]) AS n (id, next_free, owner, lease_until)"
        "WHERE s.id = n.id";
    senders_release: "UPDATE {s}.sender SET owner = NULL, lease_until = NULL WHERE id = ANY(ARRAY("
        "SELECT id FROM {s}.sender WHERE owner = $1 ORDER BY id FOR NO KEY UPDATE))";
    senders_free: "UPDATE {s}.sender SET owner = NULL, lease_until = NULL WHERE owner IS NOT NULL";
    senders_newest: "UPDATE {s}.sender AS s SET newest_sid = n.sid, newest_id = n.message, newest_at = n.at"
        "FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::bigint[]) AS n (id, sid, message, at)"
        "WHERE s.id = n.id AND (s.newest_at IS NULL OR s.newest_at >= n.at OR s.newest_at + $5 <= n.at)";
    sender_pause: "UPDATE {s}.sender SET paused_until = $2, pauses = $3, pause_reason = $4 WHERE id = $1";
    sender_resume: "UPDATE {s}.sender SET paused_until = NULL, pauses = 0, pause_reason = NULL"
        "WHERE id = $1 AND paused_until IS NOT NULL";

    accounts: "SELECT name, paused_until, pauses, pause_reason FROM {s}.account ORDER BY name COLLATE \"C\"";
    account_pause: "INSERT INTO {s}.account (name, paused_until, pauses, pause_reason) VALUES ($1, $2, $3, $4)"
        "ON CONFLICT (name) DO UPDATE SET paused_until = excluded.paused_until, pauses = excluded.pauses,"
        "pause_reason = excluded.pause_reason";
    account_resume: "DELETE FROM {s}.account WHERE name = $1";

    messages_known: "SELECT k.place, m.id, m.hash, CASE WHEN m.hash IS NULL THEN m.request END"
        "FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS k (tenant, key, place)"
        "CROSS JOIN LATERAL (SELECT id, hash, request FROM {s}.message"
        "WHERE tenant = k.tenant AND key = k.key LIMIT 1) AS m";
    // The keys are inserted in their order, so that two transactions that insert the same ones do not block each other.
    messages_new: "WITH id AS MATERIALIZED (SELECT * FROM {s}.message_ids($1) WITH ORDINALITY AS i (id, place)),"
        "new AS MATERIALIZED (SELECT i.id, n.* FROM unnest($2::bigint[], $3::text[], $4::text[], $5::bigint[],"
        "$6::text[], $7::integer[], $8::integer[], $9::text[], $10::text[], $11::text[], $12::bigint[], $13::bigint[],"
        "$14::text[], $15::text[], $16::text[], $17::text[], $18::text[], $19::bigint[])"
        "WITH ORDINALITY AS n (created, tenant, key, queue_id, recipient, priority, weight, fingerprint, hash, request,"
        "expires, due, purpose, zone, text_rules, passes, pool, campaign, place) JOIN id AS i USING (place)),"
        "made AS (INSERT INTO {s}.message (id, created, tenant, key, queue_id, recipient, priority, weight, fingerprint,"
        "hash, request, expires, purpose, zone, text_rules, passes, pool, campaign) SELECT id, created, tenant, key, queue_id, recipient, priority, weight,"
        "fingerprint, hash, request, expires, purpose, zone, text_rules, passes, pool, campaign FROM new ORDER BY tenant, key ON CONFLICT (tenant, key) DO NOTHING RETURNING id)"
        "INSERT INTO {s}.ready (queue_id, priority, due, id)"
        "SELECT n.queue_id, n.priority, n.due, n.id FROM new AS n JOIN made AS m ON m.id = n.id RETURNING id";
    messages_prepare: "UPDATE {s}.message AS m SET weight = n.weight, fingerprint = n.fingerprint, hash = n.hash"
        "FROM unnest($1::bigint[], $2::integer[], $3::text[], $4::text[]) AS n (id, weight, fingerprint, hash)"
        "WHERE m.id = n.id";
    messages_exist: "SELECT id FROM {s}.message WHERE id = ANY($1)";
    messages_lane: "SELECT id, queue_id, priority FROM {s}.message WHERE id = ANY($1)";
    message_newest: "SELECT coalesce(max(id), 0) FROM {s}.message";
    messages_delete: "DELETE FROM {s}.message WHERE id = ANY($1)";
    message_blank: "UPDATE {s}.message SET key = 'forgotten ' || id, recipient = '', request = '', fingerprint = NULL,"
        "hash = NULL WHERE id = $1";
    messages_to: "SELECT id FROM {s}.message WHERE id > $1 AND id <= $2 AND recipient = $3"
        "AND ($4::text IS NULL OR tenant = $4) ORDER BY id";
    open_to: "SELECT count(*) FROM {s}.open AS o JOIN {s}.message AS m ON m.id = o.id WHERE m.recipient = $1";
    outcome_from: "SELECT o.id, o.at, m.created, o.campaign FROM {s}.outcome AS o JOIN {s}.message AS m ON m.id = o.id"
        "WHERE o.id > $1 ORDER BY o.id LIMIT $2";
    outcome_delete: "DELETE FROM {s}.outcome WHERE id = ANY($1)";
    second_sid_delete: "DELETE FROM {s}.second_sid WHERE id = ANY($1)";
    forgotten: "SELECT hash FROM {s}.forgotten WHERE hash = ANY($1)";
    forgotten_new: "INSERT INTO {s}.forgotten (hash, at) VALUES ($1, $2) ON CONFLICT (hash) DO NOTHING";
    forgotten_delete: "DELETE FROM {s}.forgotten WHERE hash = $1";
    message_next: "SELECT coalesce(max(id), 0) + 1 FROM {s}.message";
    // One snapshot, in which each message is in one table.
    message_rows: "SELECT m.id, m.tenant, m.key, q.kind, q.sender, m.recipient, m.created, m.expires, m.campaign,"
        "coalesce(o.state, p.state, CASE WHEN r.id IS NOT NULL THEN 'ready' END), coalesce(o.attempt, p.attempt, r.attempt),"
        "coalesce(o.no_repeat, p.no_repeat, false), coalesce(o.at, p.marked, r.due), coalesce(o.error, p.error, r.error),"
        "p.why, p.seen, o.accepted, o.sid, o.status, o.segments, o.marked, o.done, o.price, o.currency, o.picked_up_by,"
        "o.pressed FROM {s}.message AS m JOIN {s}.queue AS q ON q.id = m.queue_id"
        "LEFT JOIN LATERAL (SELECT * FROM {s}.outcome WHERE id = m.id LIMIT 1) AS o ON true"
        "LEFT JOIN LATERAL (SELECT * FROM {s}.open WHERE id = m.id LIMIT 1) AS p ON true"
        "LEFT JOIN LATERAL (SELECT * FROM {s}.ready WHERE id = m.id LIMIT 1) AS r ON true"
        "WHERE m.id = ANY($1) ORDER BY m.id";
    message_id: "SELECT id FROM {s}.message WHERE tenant = $1 AND key = $2";

    ready_lock: "SELECT id, due, attempt, tries, error, (SELECT campaign FROM {s}.message WHERE id = r.id)"
        "FROM {s}.ready AS r WHERE id = ANY($1) ORDER BY id FOR UPDATE";
    ready_delete: "DELETE FROM {s}.ready WHERE id = ANY($1) RETURNING id";
    ready_leave: "DELETE FROM {s}.ready WHERE id = ANY($1)";
    ready_new: "INSERT INTO {s}.ready (queue_id, priority, due, id, attempt, tries, error, waits_for)"
        "SELECT * FROM unnest($1::bigint[], $2::integer[], $3::bigint[], $4::bigint[], $5::integer[], $6::integer[],"
        "$7::text[], $8::bigint[])";
    // One search for the recipient is faster than one for each scope and purpose: a person has few consents.
    candidates: "SELECT l.queue_id, l.priority, r.due, r.id, r.attempt, r.tries, r.error, r.waits_for, m.weight,"
        "m.fingerprint, m.expires, m.request,"
        "(SELECT o.id FROM {s}.open AS o WHERE o.sender_id = l.sender_id AND o.fingerprint = m.fingerprint),"
        "l.sender_id, m.recipient, m.purpose, m.zone, (SELECT max(c.state || ' ' || c.scope) FROM {s}.consent AS c"
        "WHERE c.recipient = m.recipient AND c.purpose || '' IN ('', m.purpose)"
        "AND c.scope || '' IN ('all', 'tenant ' || m.tenant, l.scope, 'sender ' || m.pool)), m.tenant, m.text_rules, m.passes, m.campaign"
        "FROM unnest($1::bigint[], $2::integer[], $3::bigint[], $4::bigint[], $5::bigint[], $6::integer[], $8::text[])"
        "AS l (queue_id, priority, sender_id, due, id, rows, scope)"
        "CROSS JOIN LATERAL (SELECT * FROM {s}.ready WHERE queue_id = l.queue_id AND priority = l.priority"
        "AND (due, id) > (l.due, l.id) AND due <= $7 ORDER BY due, id LIMIT l.rows) AS r"
        "JOIN LATERAL (SELECT * FROM {s}.message WHERE id = r.id LIMIT 1) AS m ON true";

    open_lock: "SELECT id, state, attempt, tries, no_repeat, marked, due, sender_id, epoch, batch, deadline, why, error,"
        "next_check, checks, seen, campaign FROM {s}.open WHERE id = ANY($1) ORDER BY id FOR UPDATE";
    open_mark: "INSERT INTO {s}.open (id, state, attempt, tries, no_repeat, marked, due, sender_id, epoch, batch, deadline,"
        "fingerprint, error, campaign) SELECT n.id, 'sending', n.attempt, n.tries, false, $7, n.due, n.sender_id, $8, $9, $10,"
        "n.fingerprint, n.error, n.campaign FROM unnest($1::bigint[], $2::integer[], $3::integer[], $4::bigint[], $5::bigint[],"
        "$6::text[], $11::text[], $12::bigint[]) AS n (id, attempt, tries, due, sender_id, fingerprint, error, campaign)";
    open_equal: "SELECT sender_id, fingerprint, id FROM {s}.open"
        "WHERE (sender_id, fingerprint) IN (SELECT * FROM unnest($1::bigint[], $2::text[]))";
    open_new: "INSERT INTO {s}.open (id, state, attempt, tries, no_repeat, marked, due, why, error, campaign)"
        "SELECT * FROM unnest($1::bigint[], $2::text[], $3::integer[], $4::integer[], $5::boolean[], $6::bigint[],"
        "$7::bigint[], $8::text[], $9::text[], $10::bigint[])";
    open_change: "UPDATE {s}.open AS o SET state = n.state, no_repeat = n.no_repeat, why = n.why, error = n.error,"
        "next_check = n.next_check, checks = n.checks, seen = n.seen,"
        "fingerprint = CASE n.state WHEN 'parked' THEN NULL ELSE fingerprint END"
        "FROM unnest($1::bigint[], $2::text[], $3::boolean[], $4::text[], $5::text[], $6::bigint[], $7::integer[],"
        "$8::text[]) AS n (id, state, no_repeat, why, error, next_check, checks, seen) WHERE o.id = n.id";
    open_delete: "DELETE FROM {s}.open WHERE id = ANY($1)";
    open_sending: "SELECT id FROM {s}.open WHERE state = 'sending' ORDER BY id";
    open_of_batch: "SELECT id FROM {s}.open WHERE epoch = $1 AND batch = ANY($2) AND state IN ('sending', 'unknown')"
        "ORDER BY id";
    open_over: "SELECT id FROM {s}.open WHERE state = 'sending' AND deadline <= $1 AND deadline > $2"
        "AND NOT id = ANY($3) ORDER BY id LIMIT $4 FOR UPDATE SKIP LOCKED";

    outcome_lock: "SELECT id, at, state, attempt, no_repeat, accepted, sid, status, error, segments, campaign, marked, done, price,"
        "currency, picked_up_by, pressed"
        "FROM {s}.outcome WHERE id = ANY($1) ORDER BY id FOR UPDATE";
    outcome_new: "INSERT INTO {s}.outcome (id, at, state, attempt, no_repeat, accepted, sid, status, error, segments,"
        "campaign, marked, done, price, currency, picked_up_by, pressed)"
        "SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::integer[], $5::boolean[], $6::integer[],"
        "$7::text[], $8::text[], $9::text[], $10::integer[], $11::bigint[], $12::bigint[], $13::bigint[], $14::text[],"
        "$15::text[], $16::text[], $17::text[])";
    outcome_change: "UPDATE {s}.outcome AS o SET at = n.at, state = n.state, attempt = n.attempt, no_repeat = n.no_repeat,"
        "accepted = n.accepted, sid = n.sid, status = n.status, error = n.error, segments = n.segments, marked = n.marked,"
        "done = n.done, price = n.price, currency = n.currency, picked_up_by = n.picked_up_by,"
        "pressed = n.pressed"
        "FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::integer[], $5::boolean[], $6::integer[], $7::text[],"
        "$8::text[], $9::text[], $10::integer[], $11::bigint[], $12::bigint[], $13::bigint[], $14::text[],"
        "$15::text[], $16::text[], $17::text[])"
        "AS n (id, at, state, attempt, no_repeat, accepted, sid, status, error, segments, campaign, marked, done, price, currency,"
        "picked_up_by, pressed) WHERE o.id = n.id";
    second_sids: "INSERT INTO {s}.second_sid (sid, id) SELECT * FROM unnest($1::text[], $2::bigint[])"
        "ORDER BY 1 ON CONFLICT (sid) DO NOTHING";

    tally: "INSERT INTO {s}.tally (state, rows) SELECT * FROM unnest($1::text[], $2::bigint[])";
    tally_compact: "WITH gone AS (DELETE FROM {s}.tally WHERE id = ANY(ARRAY("
        "SELECT id FROM {s}.tally ORDER BY id LIMIT 100000 FOR UPDATE SKIP LOCKED)) RETURNING state, rows)"
        "INSERT INTO {s}.tally (state, rows) SELECT state, sum(rows) FROM gone GROUP BY state";
    counts: "SELECT 'ready', count(*) FROM {s}.ready"
        "UNION ALL SELECT state, count(*) FROM {s}.open GROUP BY state"
        "UNION ALL SELECT state, sum(rows)::bigint FROM {s}.tally GROUP BY state";
    campaign_new: "INSERT INTO {s}.campaign (tenant, name, created, definition, state)"
        "SELECT $1, $2, $3, $4, 'importing' WHERE NOT EXISTS (SELECT FROM {s}.campaign WHERE tenant = $1 AND name = $2)"
        "ON CONFLICT (tenant, name) DO NOTHING RETURNING id";
    campaign: "SELECT id, tenant, name, created, definition, state, paused, messages, segments, imported"
        "FROM {s}.campaign WHERE tenant = $1 AND name = $2";
    campaign_and_tally: "SELECT id, tenant, name, created, definition, state, paused, messages, segments, imported,"
        "(SELECT coalesce(json_object_agg(word, rows), '{}')::text FROM (SELECT word, sum(rows)::bigint AS rows"
        "FROM {s}.campaign_tally WHERE campaign = c.id GROUP BY word) AS t WHERE rows <> 0),"
        "(SELECT count(*) FROM {s}.campaign_tally WHERE campaign = c.id AND fresh)"
        "FROM {s}.campaign AS c WHERE tenant = $1 AND name = $2";
    // Not a lock of the row: a transaction that waits for it would be overtaken again and again by those that share it.
    campaign_share: "SELECT pg_advisory_xact_lock_shared(hashtextextended('{s}.campaign', $1))";
    campaign_lock: "SELECT pg_advisory_xact_lock(hashtextextended('{s}.campaign', $1))";
    campaign_row: "SELECT id, tenant, name, created, definition, state, paused, messages, segments, imported"
        "FROM {s}.campaign WHERE id = $1";
    campaigns: "SELECT id, tenant, name, created, definition, state, paused, messages, segments, imported"
        "FROM {s}.campaign WHERE tenant = $1 AND id < $2 ORDER BY id DESC LIMIT $3";
    campaign_change: "UPDATE {s}.campaign SET state = $2, paused = $3, imported = coalesce($4, imported) WHERE id = $1";
    campaign_grow: "UPDATE {s}.campaign SET messages = messages + $2, segments = segments + $3 WHERE id = $1";
    campaign_hold: "UPDATE {s}.queue SET held = $2 WHERE campaign = $1 AND campaign > 0";
    campaign_close: "UPDATE {s}.campaign SET state = 'closed' WHERE id = $1";
    campaign_ready: "SELECT r.id FROM (SELECT id FROM {s}.queue WHERE campaign = $1 AND campaign > 0) AS q CROSS JOIN LATERAL"
        "(SELECT id FROM {s}.ready WHERE queue_id = q.id LIMIT $2) AS r LIMIT $2";
    campaign_open: "SELECT id FROM {s}.open WHERE campaign = $1 AND NOT no_repeat AND state IN ('sending', 'unknown')"
        "ORDER BY id";
    campaign_tally: "SELECT word, sum(rows)::bigint FROM {s}.campaign_tally WHERE campaign = $1 GROUP BY word";
    campaign_count: "INSERT INTO {s}.campaign_tally (campaign, word, rows)"
        "SELECT * FROM unnest($1::bigint[], $2::text[], $3::bigint[])";
    campaign_compact: "WITH gone AS (DELETE FROM {s}.campaign_tally WHERE id = ANY(ARRAY("
        "SELECT id FROM {s}.campaign_tally WHERE campaign IN (SELECT campaign FROM {s}.campaign_tally WHERE fresh)"
        "LIMIT 100000 FOR UPDATE SKIP LOCKED)) RETURNING campaign, word, rows)"
        "INSERT INTO {s}.campaign_tally (campaign, word, rows, fresh)"
        "SELECT campaign, word, sum(rows), false FROM gone GROUP BY campaign, word HAVING sum(rows) <> 0";
    unsettled: "SELECT id FROM {s}.open WHERE state IN ('unknown', 'parked') AND id > $1 ORDER BY id LIMIT $2";
    list_of_tenant: "SELECT m.id FROM {s}.message AS m WHERE tenant = $1 AND campaign = 0 AND id < $2 AND id >= $3"
        "AND ($4::text IS NULL OR m.recipient = $4) AND ($5::text IS NULL OR starts_with(m.key, $5))"
        "AND ($6::text[] IS NULL OR coalesce((SELECT state FROM {s}.outcome WHERE id = m.id), (SELECT state FROM {s}.open WHERE id = m.id), 'ready')"
        "= ANY($6)) ORDER BY m.id DESC LIMIT $7";
    floor_of_tenant: "SELECT id FROM {s}.message WHERE tenant = $1 AND campaign = 0 AND id < $2"
        "ORDER BY id DESC LIMIT 2 OFFSET $3";
    list_of_campaign: "SELECT m.id FROM {s}.message AS m WHERE campaign = (SELECT id FROM {s}.campaign WHERE id = $8 AND tenant = $1) AND campaign > 0"
        "AND id < $2 AND id >= $3"
        "AND ($4::text IS NULL OR m.recipient = $4) AND ($5::text IS NULL OR starts_with(m.key, $5))"
        "AND ($6::text[] IS NULL OR coalesce((SELECT state FROM {s}.outcome WHERE id = m.id), (SELECT state FROM {s}.open WHERE id = m.id), 'ready')"
        "= ANY($6)) ORDER BY m.id DESC LIMIT $7";
    floor_of_campaign: "SELECT id FROM {s}.message WHERE campaign = (SELECT id FROM {s}.campaign WHERE id = $4 AND tenant = $1) AND campaign > 0"
        "AND id < $2 ORDER BY id DESC LIMIT 2 OFFSET $3";
    list_unsettled: "SELECT m.id FROM {s}.open AS o JOIN {s}.message AS m ON m.id = o.id WHERE m.tenant = $1 AND o.id < $2"
        "AND o.id >= $3 AND o.state IN ('unknown', 'parked') AND ($8::bigint IS NULL OR m.campaign = nullif($8, 0))"
        "AND ($4::text IS NULL OR m.recipient = $4) AND ($5::text IS NULL OR starts_with(m.key, $5))"
        "AND ($6::text[] IS NULL OR o.state = ANY($6)) ORDER BY o.id DESC LIMIT $7";
    requests: "SELECT id, request FROM {s}.message WHERE id = ANY($1) ORDER BY id";

    history_ids: "SELECT id FROM {s}.message WHERE id > $1 ORDER BY id LIMIT $2";
    history_ids_of: "SELECT id FROM {s}.message WHERE id > $1 AND campaign = $3 AND campaign > 0 ORDER BY id LIMIT $2";
    // Not as joins, which could begin with a walk over all outcomes.
    histories: "SELECT m.id, m.created, q.kind, coalesce(s.address, q.sender), m.recipient, m.weight,"
        "CASE WHEN $5 THEN m.request END, coalesce(o.state, p.state, 'ready'), o.status, coalesce(o.error, p.error),"
        "o.segments, o.marked, o.done, o.price, o.currency, o.picked_up_by, o.pressed,"
        "(SELECT min(c.at) FROM {s}.consent AS c WHERE c.recipient = m.recipient AND c.state = 'out'"
        "AND c.source IN ('keyword', 'provider') AND c.at >= o.marked AND c.at < o.marked + $6"
        "AND c.scope || '' IN ('all', 'tenant ' || m.tenant, 'sender ' || s.address, 'sender ' || m.pool)), g.tenant, g.name"
        "FROM {s}.message AS m JOIN {s}.queue AS q ON q.id = m.queue_id LEFT JOIN {s}.sender AS s ON s.id = q.bound"
        "LEFT JOIN {s}.campaign AS g ON g.id = m.campaign"
        "LEFT JOIN LATERAL (SELECT * FROM {s}.outcome WHERE id = m.id LIMIT 1) AS o ON true"
        "LEFT JOIN LATERAL (SELECT * FROM {s}.open WHERE id = m.id LIMIT 1) AS p ON true"
        "WHERE m.id = ANY($1) AND m.created >= $2 AND m.created < $3 AND ($4::text IS NULL OR m.tenant = $4)"
        "ORDER BY m.id";

    claimable: "SELECT o.id, o.attempt, o.marked, o.checks, o.seen, s.account, s.address, m.tenant, q.kind,"
        "m.recipient, m.request FROM {s}.open AS o JOIN {s}.sender AS s ON s.id = o.sender_id"
        "JOIN {s}.message AS m ON m.id = o.id JOIN {s}.queue AS q ON q.id = m.queue_id"
        "WHERE o.next_check <= $1 AND (o.checks > 0 OR o.next_check <= $2) AND NOT s.account = ANY($3)"
        "ORDER BY o.next_check, o.id LIMIT $4 FOR UPDATE OF o SKIP LOCKED";
    claim: "UPDATE {s}.open SET next_check = $2 WHERE id = ANY($1)";
    by_sid: "SELECT k.sid, coalesce((SELECT id FROM {s}.outcome WHERE sid = k.sid ORDER BY id LIMIT 1),"
        "(SELECT id FROM {s}.second_sid WHERE sid = k.sid)) FROM unnest($1::text[]) AS k (sid)";
    owners: "SELECT coalesce((SELECT o.id FROM {s}.outcome AS o WHERE o.sid = k.sid AND (k.tenant IS NULL"
        "OR (SELECT tenant FROM {s}.message WHERE id = o.id) = k.tenant) ORDER BY o.id LIMIT 1),"
        "(SELECT s.id FROM {s}.second_sid AS s WHERE s.sid = k.sid AND (k.tenant IS NULL"
        "OR (SELECT tenant FROM {s}.message WHERE id = s.id) = k.tenant)))"
        "FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS k (sid, tenant, place) ORDER BY k.place";
    of_another: "SELECT EXISTS (SELECT FROM {s}.message WHERE id = $1 AND tenant <> $3)"
        "OR EXISTS (SELECT FROM {s}.outcome AS o WHERE o.sid = $2"
        "AND (SELECT tenant FROM {s}.message WHERE id = o.id) <> $3)"
        "OR EXISTS (SELECT FROM {s}.second_sid AS s WHERE s.sid = $2"
        "AND (SELECT tenant FROM {s}.message WHERE id = s.id) <> $3)";
    // Not as joins, which could begin with a walk over all messages.
    rival: "SELECT EXISTS (SELECT FROM {s}.open AS o WHERE o.state = 'parked' AND o.attempt > 0 AND o.id <> $1"
        "AND (SELECT fingerprint FROM {s}.message WHERE id = o.id)"
        "= (SELECT fingerprint FROM {s}.message WHERE id = $1))"
        "OR EXISTS (SELECT FROM {s}.outcome AS o"
        "WHERE o.sid IS NULL AND o.state IN ('accepted', 'abandoned') AND o.at >= $2 AND o.id <> $1"
        "AND (SELECT fingerprint FROM {s}.message WHERE id = o.id)"
        "= (SELECT fingerprint FROM {s}.message WHERE id = $1))";
    canaries: "SELECT s.newest_sid, m.recipient FROM {s}.sender AS s JOIN {s}.message AS m ON m.id = s.newest_id"
        "WHERE s.account = $1 AND s.kind = $2 AND s.newest_sid IS NOT NULL"
        "ORDER BY s.newest_at DESC, s.id DESC LIMIT $3";

    // Held by each transaction that marks, and alone by one that stores opt-outs: whoever commits first is first.
    consent_read: "SELECT pg_advisory_xact_lock_shared(hashtextextended('{s}.consent', 0))";
    consent_write: "SELECT pg_advisory_xact_lock(hashtextextended('{s}.consent', 0))";
    senders_of: "SELECT DISTINCT s.address COLLATE \"C\", s.account COLLATE \"C\", q.tenant COLLATE \"C\""
        "FROM {s}.sender AS s JOIN {s}.queue AS q ON q.bound = s.id WHERE s.address = ANY($1) ORDER BY 1, 2, 3";
    // Of two consents of one time, the opt-out counts.
    consent_set: "INSERT INTO {s}.consent AS c (recipient, scope, purpose, state, source, at, recorded, proof)"
        "SELECT n.recipient, n.scope, n.purpose, n.state, n.source, n.at, $8, n.proof"
        "FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::text[])"
        "AS n (recipient, scope, purpose, state, source, at, proof)"
        "ON CONFLICT (recipient, scope, purpose) DO UPDATE SET state = excluded.state, source = excluded.source,"
        "at = greatest(excluded.at, c.at), recorded = excluded.recorded, proof = excluded.proof"
        "WHERE (excluded.at, excluded.state) > (c.at, c.state)"
        "OR (excluded.source = 'keyword' AND excluded.state = 'out' AND c.state = 'in')"
        "RETURNING c.recipient, c.scope, c.purpose";
    consent_refused: "INSERT INTO {s}.consent AS c (recipient, scope, purpose, state, source, at, recorded)"
        "SELECT m.recipient, 'sender ' || a.address, '', 'out', 'provider', coalesce("
        "(SELECT marked FROM {s}.open WHERE id = m.id), (SELECT at FROM {s}.outcome WHERE id = m.id), $2), $2"
        "FROM {s}.message AS m JOIN {s}.queue AS q ON q.id = m.queue_id JOIN {s}.sender AS s"
        "ON s.id = coalesce((SELECT sender_id FROM {s}.open WHERE id = m.id), q.bound)"
        "CROSS JOIN LATERAL (SELECT s.address UNION SELECT m.pool WHERE m.pool IS NOT NULL ORDER BY 1) AS a (address)"
        "WHERE m.id = $1 AND m.recipient <> ''"
        "AND (NOT $3 OR NOT EXISTS (SELECT FROM {s}.sender AS x JOIN {s}.queue AS y ON y.bound = x.id"
        "WHERE x.address = a.address AND x.account <> s.account AND y.tenant <> m.tenant)) ON CONFLICT (recipient, scope, purpose) DO UPDATE SET"
        "state = excluded.state, source = excluded.source, at = excluded.at, recorded = excluded.recorded,"
        "proof = NULL WHERE (excluded.at, excluded.state) > (c.at, c.state)"
        "RETURNING c.scope, c.purpose, c.state, c.source, c.at, c.proof, c.recipient";
    consent_known: "SELECT n.place, n.known FROM (SELECT k.place, (SELECT max(c.state || ' ' || c.scope)"
        "FROM {s}.consent AS c WHERE c.recipient = k.recipient AND c.purpose || '' IN ('', k.purpose)"
        "AND c.scope || '' IN ('all', 'tenant ' || k.tenant, 'sender ' || coalesce(k.sender, (SELECT s.address"
        "FROM {s}.queue AS q JOIN {s}.sender AS s ON s.id = q.bound WHERE q.tenant = k.tenant AND q.kind = k.kind"
        "AND q.sender = '' ORDER BY q.id LIMIT 1)), 'sender ' || k.pool)) AS known"
        "FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[])"
        "WITH ORDINALITY AS k (recipient, tenant, purpose, kind, sender, pool, place)) AS n WHERE n.known IS NOT NULL";
    consent_move: "INSERT INTO {s}.consent AS c (recipient, scope, purpose, state, source, at, recorded)"
        "SELECT $2, scope, purpose, state, source, at, recorded FROM {s}.consent"
        "WHERE recipient = $1 AND ($3::text IS NULL OR scope = 'tenant ' || $3)"
        "ON CONFLICT (recipient, scope, purpose) DO UPDATE SET state = excluded.state, source = excluded.source,"
        "at = excluded.at, recorded = excluded.recorded, proof = NULL"
        "WHERE (excluded.at, excluded.state) > (c.at, c.state)";
    consent_delete: "DELETE FROM {s}.consent WHERE recipient = $1 AND ($2::text IS NULL OR scope = 'tenant ' || $2)";
    consents: "SELECT scope, purpose, state, source, at, proof FROM {s}.consent WHERE recipient = $1"
        "ORDER BY scope COLLATE \"C\", purpose COLLATE \"C\"";
    // Those of people who were forgotten have no number.
    consents_of: "SELECT c.scope, c.purpose, c.state, c.source, c.at, c.proof, c.recipient"
        "FROM unnest($1::text[]) AS s (scope) CROSS JOIN LATERAL (SELECT * FROM {s}.consent WHERE scope = s.scope"
        "AND (at, recipient COLLATE \"C\", purpose COLLATE \"C\", scope COLLATE \"C\") < ($2, $3, $4, $5)"
        "AND NOT starts_with(recipient, 'forgotten ')"
        "ORDER BY at DESC, recipient COLLATE \"C\" DESC, purpose COLLATE \"C\" DESC LIMIT $6) AS c"
        "ORDER BY c.at DESC, c.recipient COLLATE \"C\" DESC, c.purpose COLLATE \"C\" DESC, c.scope COLLATE \"C\" DESC LIMIT $6";
    budget_new: "INSERT INTO {s}.budget (budget, part) VALUES ($1, $2) ON CONFLICT (budget, part) DO NOTHING";
    budget: "SELECT used, alerted, most FROM {s}.budget WHERE budget = $1 AND part = $2 FOR UPDATE";
    budget_used: "SELECT used FROM {s}.budget WHERE budget = $1 AND part = $2";
    budget_set: "UPDATE {s}.budget SET used = $3, alerted = $4, most = $5 WHERE budget = $1 AND part = $2";
    budget_give_back: "UPDATE {s}.budget SET used = greatest(0, used - $3) WHERE budget = $1 AND part = $2";
    // While a transaction reads what was sent recently, and adds what it marks, no other one does.
    recent_lock: "SELECT pg_advisory_xact_lock(hashtextextended('{s}.recent', 0))";
    recent: "SELECT k.who, k.rule, k.scope, r.until, r.count"
        "FROM unnest($1::text[], $2::text[], $3::text[]) AS k (who, rule, scope)"
        "CROSS JOIN LATERAL (SELECT until, count FROM {s}.recent"
        "WHERE who = k.who AND rule = k.rule AND scope = k.scope AND until > $4 OFFSET 0) AS r";
    recent_add: "INSERT INTO {s}.recent AS r (who, rule, scope, until, count)"
        "SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[])"
        "ON CONFLICT (who, rule, scope, until) DO UPDATE SET count = r.count + excluded.count";
    recent_give_back: "UPDATE {s}.recent AS r SET count = greatest(0, r.count + n.by)"
        "FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[]) AS n (who, rule, scope, until, by)"
        "WHERE r.who = n.who AND r.rule = n.rule AND r.scope = n.scope AND r.until = n.until";
    recent_over: "DELETE FROM {s}.recent WHERE ctid = ANY(ARRAY("
        "SELECT ctid FROM {s}.recent WHERE until <= $1 ORDER BY until LIMIT $2))";
    recent_forget: "DELETE FROM {s}.recent WHERE who = $1 AND ($2::text IS NULL OR scope = 'tenant ' || $2)";
    place: "SELECT place FROM {s}.outbox";
    place_settle: "UPDATE {s}.outbox SET place = $1";
    place_may_read: "SELECT has_function_privilege('pg_catalog.pg_control_system()', 'EXECUTE')";
    place_server: "SELECT system_identifier::text FROM pg_catalog.pg_control_system()";
    place_schema: "SELECT d.oid::text, n.oid::text FROM pg_catalog.pg_database AS d, pg_catalog.pg_namespace AS n"
        "WHERE d.datname = current_database() AND n.nspname = $1";
    adopt: "UPDATE {s}.outbox SET store = substr(md5(gen_random_uuid()::text), 1, 16), guard_since = $1, place = $2";
    guard: "SELECT guard_since FROM {s}.outbox";
    guard_set: "UPDATE {s}.outbox SET guard_since = $1";
    oldest: "SELECT created FROM {s}.message ORDER BY id LIMIT 1";
    alike: "SELECT m.id, false, m.recipient, m.request FROM {s}.ready AS r JOIN {s}.message AS m ON m.id = r.id"
        "WHERE r.queue_id = $1 AND m.recipient = ANY($3)"
        "UNION ALL SELECT m.id, true, m.recipient, m.request FROM {s}.open AS o JOIN {s}.message AS m ON m.id = o.id"
        "WHERE o.sender_id = $2 AND m.recipient = ANY($3)"
        "UNION ALL SELECT m.id, true, m.recipient, m.request FROM {s}.outcome AS o JOIN {s}.message AS m ON m.id = o.id"
        "WHERE o.sid IS NULL AND o.state IN ('accepted', 'abandoned') AND m.queue_id = $1"
        "AND m.recipient = ANY($3) ORDER BY 1";

    identity: "SELECT store, reference_key FROM {s}.outbox";
    clock: "SELECT {s}.clock()";
    outbox: "SELECT epoch, oldest, clock, dirty_starts FROM {s}.outbox";
    outbox_start: "UPDATE {s}.outbox AS o SET epoch = o.epoch + 1, dirty_starts = o.dirty_starts + 1,"
        "clock = greatest(o.clock, $1), oldest = CASE WHEN $2 THEN o.epoch + 1 ELSE o.oldest END"
        "FROM (SELECT clock FROM {s}.outbox FOR UPDATE) AS before RETURNING o.epoch, o.dirty_starts, before.clock";
    // Transactions of one worker take turns. One whose connection was lost may still be running on the server, and is
    // committed before the next one looks for what it marked.
    tick_lock: "SELECT pg_advisory_xact_lock(hashtextextended('{s}.tick', $1))";
    outbox_tick: "UPDATE {s}.outbox SET clock = greatest(clock, $1),"
        "dirty_starts = CASE WHEN $2 THEN 0 ELSE dirty_starts END";
}
