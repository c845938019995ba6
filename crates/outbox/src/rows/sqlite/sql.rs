//! The statements, with the prefix of this database.

use switchboard_store::expand;

statements! {
    expand;

    queue_find: "SELECT id FROM {p}queue WHERE tenant = ?1 AND kind = ?2 AND sender = ?3 AND campaign = ?4";
    queue_new: "INSERT INTO {p}queue (tenant, kind, sender, campaign, held) VALUES (?1, ?2, ?3, ?4,"
        "coalesce((SELECT paused OR state = 'stopped' FROM {p}campaign WHERE id = ?4), 0))";
    queue_bind: "UPDATE {p}queue SET bound = ?2 WHERE id = ?1";
    queues: "SELECT id, tenant, kind, sender, bound,"
        "(SELECT due FROM {p}ready WHERE queue_id = q.id AND priority = 0 ORDER BY due LIMIT 1),"
        "(SELECT due FROM {p}ready WHERE queue_id = q.id AND priority = 1 ORDER BY due LIMIT 1),"
        "(SELECT due FROM {p}ready WHERE queue_id = q.id AND priority = 2 ORDER BY due LIMIT 1),"
        "held, CASE WHEN held THEN (SELECT id FROM {p}campaign WHERE id = q.campaign AND state = 'stopped') END"
        "FROM {p}queue AS q";

    queues_due: "SELECT v.value,"
        "(SELECT due FROM {p}ready WHERE queue_id = CASE WHEN NOT q.held THEN q.id END AND priority = 0 ORDER BY due LIMIT 1),"
        "(SELECT due FROM {p}ready WHERE queue_id = CASE WHEN NOT q.held THEN q.id END AND priority = 1 ORDER BY due LIMIT 1),"
        "(SELECT due FROM {p}ready WHERE queue_id = CASE WHEN NOT q.held THEN q.id END AND priority = 2 ORDER BY due LIMIT 1)"
        "FROM json_each(?1) AS v LEFT JOIN {p}queue AS q ON q.id = v.value";

    sender_new: "INSERT INTO {p}sender (account, kind, address) VALUES (?1, ?2, ?3)"
        "ON CONFLICT (account, kind, address) DO NOTHING";
    sender_find: "SELECT id, account, kind, address, next_free, paused_until, pauses, pause_reason"
        "FROM {p}sender WHERE account = ?1 AND kind = ?2 AND address = ?3";
    senders: "SELECT id, account, kind, address, next_free, paused_until, pauses, pause_reason FROM {p}sender";
    sender_pace: "UPDATE {p}sender SET next_free = ?2 WHERE id = ?1 AND next_free + ?3 <= ?2";
    sender_pause: "UPDATE {p}sender SET paused_until = ?2, pauses = ?3, pause_reason = ?4 WHERE id = ?1";
    sender_resume: "UPDATE {p}sender SET paused_until = NULL, pauses = 0, pause_reason = NULL"
        "WHERE id = ?1 AND paused_until IS NOT NULL";
    sender_stopped: "SELECT max(coalesce(s.paused_until, ?2), coalesce(a.paused_until, ?2)) > ?2, s.address"
        "FROM {p}sender AS s LEFT JOIN {p}account AS a ON a.name = s.account WHERE s.id = ?1";

    accounts: "SELECT name, paused_until, pauses, pause_reason FROM {p}account";
    account_pause: "INSERT INTO {p}account (name, paused_until, pauses, pause_reason) VALUES (?1, ?2, ?3, ?4)"
        "ON CONFLICT (name) DO UPDATE SET paused_until = excluded.paused_until, pauses = excluded.pauses,"
        "pause_reason = excluded.pause_reason";
    account_resume: "DELETE FROM {p}account WHERE name = ?1";

    message_new: "INSERT INTO {p}message (created, tenant, key, queue_id, recipient, priority, weight, fingerprint,"
        "hash, request, expires, purpose, zone, text_rules,"
        "passes, pool, campaign) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)"
        "ON CONFLICT (tenant, key) DO NOTHING";
    message_known: "SELECT id, hash, request FROM {p}message WHERE tenant = ?1 AND key = ?2";
    message_prepare: "UPDATE {p}message SET weight = ?2, fingerprint = ?3, hash = ?4 WHERE id = ?1";

    ready_new: "INSERT INTO {p}ready (queue_id, priority, due, id) VALUES (?1, ?2, ?3, ?4)";
    ready_back: "INSERT INTO {p}ready (queue_id, priority, due, id, attempt, tries, error)"
        "SELECT queue_id, priority, ?2, id, ?3, ?4, ?5 FROM {p}message WHERE id = ?1 RETURNING queue_id";
    ready_wait: "INSERT INTO {p}ready (queue_id, priority, due, id, attempt, tries, error, waits_for)"
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    ready_find: "SELECT r.due, r.attempt, r.tries, r.error, m.campaign FROM {p}ready AS r CROSS JOIN {p}message AS m"
        "ON m.id = r.id WHERE r.id = ?1";
    ready_delete: "DELETE FROM {p}ready WHERE id = ?1";
    // One search for the recipient is faster than one for each scope and purpose: a person has few consents.
    candidates: "SELECT r.due, r.id, r.attempt, r.tries, r.error, r.waits_for,"
        "m.weight, m.fingerprint, m.expires, m.request,"
        "(SELECT id FROM {p}open WHERE sender_id = ?5 AND fingerprint = m.fingerprint),"
        "m.recipient, m.purpose, m.zone,"
        "(SELECT max(state || ' ' || scope) FROM {p}consent WHERE recipient = m.recipient AND +purpose IN ('', m.purpose)"
        "AND +scope IN ('all', 'tenant ' || m.tenant, ?6, 'sender ' || m.pool)), m.tenant, m.text_rules, m.passes, m.campaign"
        "FROM {p}ready AS r CROSS JOIN {p}message AS m ON m.id = r.id"
        "WHERE r.queue_id = ?1 AND r.priority = ?2 AND r.due <= ?3 ORDER BY r.due, r.id LIMIT ?4";

    open_mark: "INSERT INTO {p}open (id, state, attempt, tries, no_repeat, marked, due, sender_id, epoch, batch,"
        "deadline, fingerprint, error, campaign) VALUES (?1, ?2, ?3, ?4, 0, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";
    open_equal: "SELECT id FROM {p}open WHERE sender_id = ?1 AND fingerprint = ?2";
    open_new: "INSERT INTO {p}open (id, state, attempt, tries, no_repeat, marked, due, why, error, campaign)"
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
    open_change: "UPDATE {p}open SET state = ?2, no_repeat = ?3, why = ?4, error = ?5, next_check = ?6, checks = ?7, seen = ?8,"
        "fingerprint = CASE ?2 WHEN 'parked' THEN NULL ELSE fingerprint END WHERE id = ?1";
    open_delete: "DELETE FROM {p}open WHERE id = ?1";
    open_find: "SELECT state, attempt, tries, no_repeat, marked, due, sender_id, epoch, batch, deadline, why, error,"
        "next_check, checks, seen, campaign FROM {p}open WHERE id = ?1";
    open_before: "SELECT id FROM {p}open WHERE state = 'sending' AND epoch < ?1 ORDER BY id";
    open_of_batch: "SELECT id FROM {p}open WHERE epoch = ?1 AND batch = ?2 AND state IN ('sending', 'unknown')"
        "ORDER BY id";

    outcome_new: "INSERT INTO {p}outcome (id, at, state, attempt, no_repeat, accepted, sid, status, error, segments,"
        "campaign, marked, done, price, currency, picked_up_by, pressed)"
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)";
    outcome_change: "UPDATE {p}outcome SET at = ?2, state = ?3, attempt = ?4, no_repeat = ?5, accepted = ?6, sid = ?7,"
        "status = ?8, error = ?9, segments = ?10, campaign = ?11, marked = ?12, done = ?13, price = ?14, currency = ?15,"
        "picked_up_by = ?16, pressed = ?17"
        "WHERE id = ?1";
    outcome_find: "SELECT at, state, attempt, no_repeat, accepted, sid, status, error, segments, campaign, marked, done, price,"
        "currency, picked_up_by, pressed"
        "FROM {p}outcome WHERE id = ?1";

    tally: "INSERT INTO {p}tally (state, rows) VALUES (?1, ?2)"
        "ON CONFLICT (state) DO UPDATE SET rows = rows + excluded.rows";
    counts: "SELECT 'ready', count(*) FROM {p}ready"
        "UNION ALL SELECT state, count(*) FROM {p}open GROUP BY state"
        "UNION ALL SELECT state, rows FROM {p}tally";

    campaign_new: "INSERT INTO {p}campaign (tenant, name, created, definition, state)"
        "VALUES (?1, ?2, ?3, ?4, 'importing') ON CONFLICT (tenant, name) DO NOTHING";
    campaign: "SELECT id, tenant, name, created, definition, state, paused, messages, segments, imported"
        "FROM {p}campaign WHERE tenant = ?1 AND name = ?2";
    campaign_of: "SELECT id, tenant, name, created, definition, state, paused, messages, segments, imported"
        "FROM {p}campaign WHERE id = ?1";
    campaigns: "SELECT id, tenant, name, created, definition, state, paused, messages, segments, imported"
        "FROM {p}campaign WHERE +tenant = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3";
    campaign_change: "UPDATE {p}campaign SET state = ?2, paused = ?3, imported = coalesce(?4, imported) WHERE id = ?1";
    campaign_grow: "UPDATE {p}campaign SET messages = messages + ?2, segments = segments + ?3 WHERE id = ?1";
    campaign_hold: "UPDATE {p}queue SET held = ?2 WHERE campaign = ?1 AND campaign > 0";
    campaign_close: "UPDATE {p}campaign SET state = 'closed' WHERE id = ?1";
    campaign_ready: "SELECT r.id FROM {p}queue AS q CROSS JOIN {p}ready AS r ON r.queue_id = q.id WHERE q.campaign = ?1"
        "AND q.campaign > 0 LIMIT ?2";
    campaign_open: "SELECT id FROM {p}open WHERE campaign = ?1 AND NOT no_repeat AND state IN ('sending', 'unknown')"
        "ORDER BY id";
    sender_bound: "SELECT s.address FROM {p}queue AS q CROSS JOIN {p}sender AS s ON s.id = q.bound"
        "WHERE q.tenant = ?1 AND q.kind = ?2 AND q.sender = ?3 ORDER BY q.campaign LIMIT 1";
    campaign_tally: "SELECT word, rows FROM {p}campaign_tally WHERE campaign = ?1 AND rows <> 0";
    campaign_and_tally: "SELECT id, tenant, name, created, definition, state, paused, messages, segments, imported,"
        "(SELECT json_group_object(word, rows) FROM {p}campaign_tally WHERE campaign = c.id AND rows <> 0)"
        "FROM {p}campaign AS c WHERE tenant = ?1 AND name = ?2";
    campaign_count: "INSERT INTO {p}campaign_tally (campaign, word, rows) VALUES (?1, ?2, ?3)"
        "ON CONFLICT (campaign, word) DO UPDATE SET rows = rows + excluded.rows";

    message_row: "SELECT m.id, m.tenant, m.key, q.kind, q.sender, m.recipient, m.created, m.expires, m.campaign"
        "FROM {p}message AS m JOIN {p}queue AS q ON q.id = m.queue_id WHERE m.id = ?1";
    message_id: "SELECT id FROM {p}message WHERE tenant = ?1 AND key = ?2";
    message_newest: "SELECT max(id) FROM {p}message";
    message_delete: "DELETE FROM {p}message WHERE id = ?1";
    message_blank: "UPDATE {p}message SET key = 'forgotten ' || id, recipient = '', request = '', fingerprint = NULL,"
        "hash = NULL WHERE id = ?1";
    messages_to: "SELECT id FROM {p}message WHERE id > ?1 AND id <= ?2 AND recipient = ?3"
        "AND (?4 IS NULL OR tenant = ?4) ORDER BY id";
    open_to: "SELECT o.id FROM {p}open AS o CROSS JOIN {p}message AS m ON m.id = o.id WHERE m.recipient = ?1";
    outcome_from: "SELECT o.id, o.at, m.created, o.campaign FROM {p}outcome AS o CROSS JOIN {p}message AS m ON m.id = o.id"
        "WHERE o.id > ?1 ORDER BY o.id LIMIT ?2";
    outcome_delete: "DELETE FROM {p}outcome WHERE id = ?1";
    second_sid_delete: "DELETE FROM {p}second_sid WHERE id = ?1";
    forgotten: "SELECT 1 FROM {p}forgotten WHERE hash = ?1";
    forgotten_new: "INSERT INTO {p}forgotten (hash, at) VALUES (?1, ?2) ON CONFLICT (hash) DO NOTHING";
    forgotten_delete: "DELETE FROM {p}forgotten WHERE hash = ?1";
    // Of two consents of one time, the opt-out counts.
    consent_set: "INSERT INTO {p}consent (recipient, scope, purpose, state, source, at, recorded, proof)"
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (recipient, scope, purpose) DO UPDATE SET"
        "state = excluded.state, source = excluded.source, at = max(excluded.at, at), recorded = excluded.recorded,"
        "proof = excluded.proof WHERE (excluded.at, excluded.state) > (at, state)"
        "OR (excluded.source = 'keyword' AND excluded.state = 'out' AND state = 'in')";
    consent_refused: "INSERT INTO {p}consent (recipient, scope, purpose, state, source, at, recorded)"
        "SELECT m.recipient, 'sender ' || CASE f.which WHEN 0 THEN s.address ELSE m.pool END, '', 'out', 'provider',"
        "coalesce((SELECT marked FROM {p}open WHERE id = m.id), (SELECT at FROM {p}outcome WHERE id = m.id), ?2), ?2"
        "FROM {p}message AS m CROSS JOIN {p}queue AS q ON q.id = m.queue_id CROSS JOIN {p}sender AS s"
        "ON s.id = coalesce((SELECT sender_id FROM {p}open WHERE id = m.id), q.bound)"
        "CROSS JOIN (SELECT 0 AS which UNION ALL SELECT 1) AS f"
        "WHERE (f.which = 0 OR (m.pool IS NOT NULL AND m.pool <> s.address)) AND m.id = ?1 AND m.recipient <> ''"
        "AND (NOT ?3 OR NOT EXISTS (SELECT 1 FROM {p}sender AS x CROSS JOIN {p}queue AS y ON y.bound = x.id"
        "WHERE x.address = CASE f.which WHEN 0 THEN s.address ELSE m.pool END AND x.account <> s.account"
        "AND y.tenant <> m.tenant)) ON CONFLICT (recipient, scope, purpose) DO UPDATE SET"
        "state = excluded.state, source = excluded.source, at = excluded.at, recorded = excluded.recorded,"
        "proof = NULL WHERE (excluded.at, excluded.state) > (at, state)"
        "RETURNING scope, purpose, state, source, at, proof, recipient";
    consent_known: "SELECT max(state || ' ' || scope) FROM {p}consent WHERE recipient = ?1 AND +purpose IN ('', ?2)"
        "AND +scope IN ('all', 'tenant ' || ?3, 'sender ' || ?4, 'sender ' || ?5)";
    consent_move: "INSERT INTO {p}consent (recipient, scope, purpose, state, source, at, recorded)"
        "SELECT ?2, scope, purpose, state, source, at, recorded FROM {p}consent"
        "WHERE recipient = ?1 AND (?3 IS NULL OR scope = 'tenant ' || ?3)"
        "ON CONFLICT (recipient, scope, purpose) DO UPDATE SET state = excluded.state, source = excluded.source,"
        "at = excluded.at, recorded = excluded.recorded, proof = NULL WHERE (excluded.at, excluded.state) > (at, state)";
    consent_delete: "DELETE FROM {p}consent WHERE recipient = ?1 AND (?2 IS NULL OR scope = 'tenant ' || ?2)";
    consents: "SELECT scope, purpose, state, source, at, proof FROM {p}consent WHERE recipient = ?1"
        "ORDER BY scope, purpose";
    // Those of people who were forgotten have no number.
    consents_of: "SELECT scope, purpose, state, source, at, proof, recipient FROM {p}consent WHERE scope = ?1"
        "AND (at, recipient, purpose, scope) < (?2, ?3, ?4, ?5) AND substr(recipient, 1, 10) <> 'forgotten '"
        "ORDER BY at DESC, recipient DESC, purpose DESC LIMIT ?6";
    senders_of: "SELECT DISTINCT s.address, s.account, q.tenant FROM {p}sender AS s CROSS JOIN {p}queue AS q"
        "ON q.bound = s.id WHERE s.address IN (SELECT value FROM json_each(?1)) ORDER BY 1, 2, 3";
    budget: "SELECT used, alerted, most FROM {p}budget WHERE budget = ?1 AND part = ?2";
    budget_set: "INSERT INTO {p}budget (budget, part, used, alerted, most) VALUES (?1, ?2, ?3, ?4, ?5)"
        "ON CONFLICT (budget, part) DO UPDATE SET used = excluded.used, alerted = excluded.alerted, most = excluded.most";
    budget_give_back: "UPDATE {p}budget SET used = max(0, used - ?3) WHERE budget = ?1 AND part = ?2";
    recent: "SELECT until, count FROM {p}recent WHERE who = ?1 AND rule = ?2 AND scope = ?3 AND until > ?4";
    recent_add: "INSERT INTO {p}recent (who, rule, scope, until, count) VALUES (?1, ?2, ?3, ?4, ?5)"
        "ON CONFLICT (who, rule, scope, until) DO UPDATE SET count = count + excluded.count";
    recent_give_back: "UPDATE {p}recent SET count = max(0, count + ?5)"
        "WHERE who = ?1 AND rule = ?2 AND scope = ?3 AND until = ?4";
    recent_over: "DELETE FROM {p}recent WHERE (who, rule, scope, until) IN"
        "(SELECT who, rule, scope, until FROM {p}recent WHERE until <= ?1 ORDER BY until LIMIT ?2)";
    recent_forget: "DELETE FROM {p}recent WHERE who = ?1 AND (?2 IS NULL OR scope = 'tenant ' || ?2)";
    place: "SELECT place FROM {p}outbox";
    place_settle: "UPDATE {p}outbox SET place = ?1";
    adopt: "UPDATE {p}outbox SET store = lower(hex(randomblob(8))), guard_since = ?1";
    guard: "SELECT guard_since FROM {p}outbox";
    guard_set: "UPDATE {p}outbox SET guard_since = ?1";
    oldest: "SELECT created FROM {p}message WHERE id = (SELECT min(id) FROM {p}message)";
    alike: "SELECT m.id, 0, m.recipient, m.request FROM {p}ready AS r CROSS JOIN {p}message AS m ON m.id = r.id"
        "WHERE r.queue_id = ?1 AND m.recipient IN (SELECT value FROM json_each(?3))"
        "UNION ALL SELECT m.id, 1, m.recipient, m.request FROM {p}open AS o CROSS JOIN {p}message AS m ON m.id = o.id"
        "WHERE o.sender_id = ?2 AND m.recipient IN (SELECT value FROM json_each(?3))"
        "UNION ALL SELECT m.id, 1, m.recipient, m.request FROM {p}outcome AS o CROSS JOIN {p}message AS m ON m.id = o.id"
        "WHERE o.sid IS NULL AND o.state IN ('accepted', 'abandoned') AND m.queue_id = ?1"
        "AND m.recipient IN (SELECT value FROM json_each(?3)) ORDER BY 1";
    unsettled: "SELECT id FROM {p}open WHERE state IN ('unknown', 'parked') AND id > ?1 ORDER BY id LIMIT ?2";
    list_of_tenant: "SELECT m.id FROM {p}message AS m WHERE tenant = ?1 AND campaign = 0 AND id < ?2 AND id >= ?3"
        "AND (?4 IS NULL OR m.recipient = ?4) AND (?5 IS NULL OR substr(m.key, 1, length(?5)) = ?5)"
        "AND (?6 IS NULL OR coalesce((SELECT state FROM {p}outcome WHERE id = m.id), (SELECT state FROM {p}open WHERE id = m.id), 'ready')"
        "IN (SELECT value FROM json_each(?6))) ORDER BY m.id DESC LIMIT ?7";
    floor_of_tenant: "SELECT id FROM {p}message WHERE tenant = ?1 AND campaign = 0 AND id < ?2"
        "ORDER BY id DESC LIMIT 2 OFFSET ?3";
    list_of_campaign: "SELECT m.id FROM {p}message AS m WHERE campaign = (SELECT id FROM {p}campaign WHERE id = ?8 AND tenant = ?1) AND campaign > 0"
        "AND id < ?2 AND id >= ?3"
        "AND (?4 IS NULL OR m.recipient = ?4) AND (?5 IS NULL OR substr(m.key, 1, length(?5)) = ?5)"
        "AND (?6 IS NULL OR coalesce((SELECT state FROM {p}outcome WHERE id = m.id), (SELECT state FROM {p}open WHERE id = m.id), 'ready')"
        "IN (SELECT value FROM json_each(?6))) ORDER BY m.id DESC LIMIT ?7";
    floor_of_campaign: "SELECT id FROM {p}message WHERE campaign = (SELECT id FROM {p}campaign WHERE id = ?4 AND tenant = ?1) AND campaign > 0"
        "AND id < ?2 ORDER BY id DESC LIMIT 2 OFFSET ?3";
    list_unsettled: "SELECT m.id FROM {p}open AS o CROSS JOIN {p}message AS m ON m.id = o.id WHERE m.tenant = ?1 AND o.id < ?2"
        "AND o.id >= ?3 AND o.state IN ('unknown', 'parked') AND (?8 IS NULL OR m.campaign = nullif(?8, 0))"
        "AND (?4 IS NULL OR m.recipient = ?4) AND (?5 IS NULL OR substr(m.key, 1, length(?5)) = ?5)"
        "AND (?6 IS NULL OR o.state IN (SELECT value FROM json_each(?6))) ORDER BY o.id DESC LIMIT ?7";
    requests: "SELECT id, request FROM {p}message WHERE id IN (SELECT value FROM json_each(?1)) ORDER BY id";

    history_ids: "SELECT id FROM {p}message WHERE id > ?1 ORDER BY id LIMIT ?2";
    history_ids_of: "SELECT id FROM {p}message WHERE id > ?1 AND campaign = ?3 AND campaign > 0 ORDER BY id LIMIT ?2";
    histories: "SELECT m.id, m.created, q.kind, coalesce(s.address, q.sender), m.recipient, m.weight,"
        "CASE WHEN ?5 THEN m.request END, coalesce(o.state, p.state, 'ready'), o.status, coalesce(o.error, p.error),"
        "o.segments, o.marked, o.done, o.price, o.currency, o.picked_up_by, o.pressed,"
        "(SELECT min(at) FROM {p}consent WHERE recipient = m.recipient AND state = 'out'"
        "AND source IN ('keyword', 'provider') AND at >= o.marked AND at < o.marked + ?6"
        "AND +scope IN ('all', 'tenant ' || m.tenant, 'sender ' || s.address, 'sender ' || m.pool)), c.tenant, c.name"
        "FROM {p}message AS m CROSS JOIN {p}queue AS q ON q.id = m.queue_id LEFT JOIN {p}sender AS s ON s.id = q.bound"
        "LEFT JOIN {p}campaign AS c ON c.id = m.campaign"
        "LEFT JOIN {p}outcome AS o ON o.id = m.id LEFT JOIN {p}open AS p ON p.id = m.id"
        "WHERE m.id IN (SELECT value FROM json_each(?1)) AND m.created >= ?2 AND m.created < ?3"
        "AND (?4 IS NULL OR m.tenant = ?4) ORDER BY m.id";

    claimable: "SELECT o.id, o.attempt, o.marked, o.checks, o.seen, s.account, s.address, m.tenant, q.kind,"
        "m.recipient, m.request FROM {p}open AS o CROSS JOIN {p}sender AS s ON s.id = o.sender_id"
        "CROSS JOIN {p}message AS m ON m.id = o.id CROSS JOIN {p}queue AS q ON q.id = m.queue_id"
        "WHERE o.next_check <= ?1 AND (o.checks > 0 OR o.next_check <= ?2)"
        "AND s.account NOT IN (SELECT value FROM json_each(?3)) ORDER BY o.next_check, o.id LIMIT ?4";
    claim: "UPDATE {p}open SET next_check = ?2 WHERE id = ?1";
    by_sid: "SELECT id FROM {p}outcome WHERE sid = ?1 UNION ALL SELECT id FROM {p}second_sid WHERE sid = ?1 LIMIT 1";
    by_sid_of: "SELECT o.id FROM {p}outcome AS o CROSS JOIN {p}message AS m ON m.id = o.id"
        "WHERE o.sid = ?1 AND m.tenant = ?2"
        "UNION ALL SELECT o.id FROM {p}second_sid AS o CROSS JOIN {p}message AS m ON m.id = o.id"
        "WHERE o.sid = ?1 AND m.tenant = ?2 LIMIT 1";
    of_another: "SELECT 1 FROM {p}message WHERE id = ?1 AND tenant <> ?3"
        "UNION ALL SELECT 1 FROM {p}outcome AS o CROSS JOIN {p}message AS m ON m.id = o.id"
        "WHERE o.sid = ?2 AND m.tenant <> ?3"
        "UNION ALL SELECT 1 FROM {p}second_sid AS o CROSS JOIN {p}message AS m ON m.id = o.id"
        "WHERE o.sid = ?2 AND m.tenant <> ?3 LIMIT 1";
    second_sid: "INSERT INTO {p}second_sid (sid, id) VALUES (?1, ?2) ON CONFLICT (sid) DO NOTHING";
    rival_parked: "SELECT 1 FROM {p}open AS o CROSS JOIN {p}message AS m ON m.id = o.id"
        "WHERE o.state = 'parked' AND o.attempt > 0 AND o.id <> ?1"
        "AND m.fingerprint = (SELECT fingerprint FROM {p}message WHERE id = ?1) LIMIT 1";
    rival_ended: "SELECT 1 FROM {p}outcome AS o CROSS JOIN {p}message AS m ON m.id = o.id"
        "WHERE o.sid IS NULL AND o.state IN ('accepted', 'abandoned') AND o.at >= ?2 AND o.id <> ?1"
        "AND m.fingerprint = (SELECT fingerprint FROM {p}message WHERE id = ?1) LIMIT 1";
    sender_newest: "UPDATE {p}sender SET newest_sid = ?2, newest_id = ?3, newest_at = ?4 WHERE id = ?1"
        "AND (newest_at IS NULL OR newest_at >= ?4 OR newest_at + ?5 <= ?4)";
    canaries: "SELECT s.newest_sid, m.recipient FROM {p}sender AS s CROSS JOIN {p}message AS m ON m.id = s.newest_id"
        "WHERE s.account = ?1 AND s.kind = ?2 AND s.newest_sid IS NOT NULL"
        "ORDER BY s.newest_at DESC, s.id DESC LIMIT ?3";

    identity: "SELECT store, reference_key FROM {p}outbox";
    outbox: "SELECT epoch, clock, dirty_starts FROM {p}outbox";
    outbox_start: "UPDATE {p}outbox SET epoch = ?1, clock = ?2, dirty_starts = ?3";
    outbox_tick: "UPDATE {p}outbox SET clock = max(clock, ?1), dirty_starts = CASE WHEN ?2 THEN 0 ELSE dirty_starts END";
}
