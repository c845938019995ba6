//! Writes answers as text.

use super::BASE;
use crate::error::OutboxError;
use crate::policy::{Bucket, Counting, Exceeded, Limit, Want};
use crate::rows::campaign::{CampaignRow, Tally};
use crate::rows::check::Unknown;
use crate::rows::consent::ConsentRow;
use crate::rows::delivered::Delivered;
use crate::rows::history::History;
use crate::rows::memory::Logged;
use crate::rows::standing::Standing;
use crate::rows::{Applied, Counts, Enqueued, Foreign, Held, Look, Marked, Paused, Row, Started, Ticked};
use crate::state::{Progress, State, Unchanged};
use crate::timing::Micros;

/// Writes a time as seconds since [`BASE`](super::BASE).
pub(super) fn time(at: Micros) -> String {
    if at == 0 {
        return "never".to_owned();
    }
    let text = format!("{:.6}", (at - BASE) as f64 / 1e6);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

pub(super) fn list<T>(items: &[T], show: impl Fn(&T) -> String) -> String {
    if items.is_empty() { "none".to_owned() } else { items.iter().map(show).collect::<Vec<_>>().join("; ") }
}

pub(super) fn error(error: &OutboxError) -> String {
    match error {
        OutboxError::KeyConflict { place, id } => format!("conflict at {place} with #{id}"),
        OutboxError::LostLease => "lost lease".to_owned(),
        OutboxError::ClockWentBack { behind_seconds } => format!("clock went back {behind_seconds} s"),
        OutboxError::Blocked { place, because } => format!("blocked at {place} by {}", because.rule),
        OutboxError::Forgotten { place } => format!("forgotten at {place}"),
        other => other.to_string(),
    }
}

pub(super) fn campaign(row: &CampaignRow, tally: &Tally) -> String {
    let CampaignRow { id, name, stage, paused, messages, segments, created, imported, .. } = row;
    let paused = if *paused { " paused" } else { "" };
    let found = imported.as_ref().map(|found| format!(" found {found}")).unwrap_or_default();
    let tally: String = tally.0.iter().map(|(word, rows)| format!(", {rows} {word}")).collect();
    let (stage, created) = (stage.word(), time(*created));
    format!(
        "#{id} {name} of {created} {stage}{paused}{found}: {messages} messages, {segments} segments{tally}"
    )
}

pub(super) fn next(next: Option<i64>) -> String {
    next.map_or(String::new(), |next| format!(" next {next}"))
}

pub(super) fn enqueued(enqueued: &Enqueued) -> String {
    match enqueued {
        Enqueued::New { id, queue, due } => format!("new #{id} in queue {queue} due {}", time(*due)),
        Enqueued::Existing { id } => format!("existing #{id}"),
    }
}

pub(super) fn progress(progress: &Progress) -> String {
    let no_repeat = if progress.no_repeat { " no-repeat" } else { "" };
    match &progress.state {
        State::Accepted { attempt, sid, status } => {
            let sid = sid.as_deref().unwrap_or("-");
            format!("accepted .{attempt} {sid} {status}, last attempt .{}{no_repeat}", progress.attempt)
        }
        state => format!("{} .{}{no_repeat}", state.as_str(), progress.attempt),
    }
}

pub(super) fn row(row: &Row) -> String {
    let why = row.why.map(|why| format!(" because {}", why.as_str())).unwrap_or_default();
    let error = row.error.as_ref().map(|error| format!(" error {}", code(error)));
    let segments = row.segments.map(|segments| format!(" segments {segments}")).unwrap_or_default();
    let sids = if row.sids.is_empty() { String::new() } else { format!(" perhaps {}", row.sids.join(",")) };
    let progress = progress(&row.progress);
    format!("#{} {progress} at {}{why}{sids}{}{segments}", row.id, time(row.at), error.unwrap_or_default())
}

pub(super) fn short_row(row: &Row) -> String {
    format!("#{} {}/{} {}", row.id, row.tenant, row.key, row.progress.state.as_str())
}

fn code(error: &str) -> String {
    let error: serde_json::Value = serde_json::from_str(error).unwrap();
    error["code"].as_str().unwrap().to_owned()
}

pub(super) fn whole_row(whole: &Row) -> String {
    let Row { tenant, key, kind, sender, recipient, created, expires, campaign, .. } = whole;
    let kind = format!("{kind:?}").to_lowercase();
    let expires = expires.map(|at| format!(" expires {}", time(at))).unwrap_or_default();
    let fixed =
        format!("{tenant}/{key} {kind} from {sender:?} to {recipient} created {}{expires}", time(*created));
    let campaign = if *campaign == 0 { String::new() } else { format!(" of campaign {campaign}") };
    format!("{fixed}{campaign}: {}{}", row(whole), delivered(&whole.delivered))
}

fn delivered(delivered: &Delivered) -> String {
    let Delivered { marked, done, price, picked_up_by, pressed } = delivered;
    let times = [("marked", marked), ("done", done)];
    let mut parts: Vec<String> =
        times.iter().filter_map(|(word, at)| Some(format!(" {word} {}", time((**at)?)))).collect();
    parts.extend(price.as_ref().map(|price| format!(" price {} {}", price.amount, price.currency)));
    parts.extend(picked_up_by.map(|who| format!(" by {}", who.as_str())));
    parts.extend(pressed.as_ref().map(|keys| format!(" pressed {keys}")));
    parts.concat()
}

pub(super) fn history(row: &History) -> String {
    let History { id, created, kind, sender, recipient, weight, request, state, status, segments, .. } = row;
    let kind = format!("{kind:?}").to_lowercase();
    let status = status.as_ref().map(|status| format!(" {status}")).unwrap_or_default();
    let weight = weight.map(|weight| format!(" weight {weight}")).unwrap_or_default();
    let mut parts =
        vec![format!("#{id} {kind} from {sender} to {recipient} created {}{weight}", time(*created))];
    parts.extend(row.campaign.as_ref().map(|(tenant, name)| format!(" of {tenant}/{name}")));
    parts.push(format!(": {state}{status}"));
    parts.extend(row.error.as_ref().map(|error| format!(" error {}", code(error))));
    parts.extend(segments.map(|segments| format!(" segments {segments}")));
    parts.push(delivered(&row.delivered));
    parts.extend(row.opted_out.map(|at| format!(" opted out {}", time(at))));
    parts.extend(request.as_ref().map(|request| format!(" {request}")));
    parts.concat()
}

pub(super) fn consent(row: &ConsentRow) -> String {
    let ConsentRow { scope, purpose, source, at, proof, .. } = row;
    let purpose = if purpose.is_empty() { String::new() } else { format!(" {purpose}") };
    let proof = proof.as_ref().map(|proof| format!(" proof {proof}")).unwrap_or_default();
    format!("{} {scope}{purpose} by {source} at {}{proof}", row.word(), time(*at))
}

pub(super) fn standing(standing: &Standing, limits: &[Limit<'_>], now: Micros) -> String {
    let mut parts: Vec<String> = Vec::new();
    parts.extend(standing.is_forgotten.then(|| "forgotten".to_owned()));
    parts.extend(standing.known.as_ref().map(|known| format!("{known:?}")));
    parts.extend(standing.used.iter().map(|(bucket, used)| format!("{} used {used}", bucket.part)));
    parts.push(match Counting::default().exceeds(limits, &standing.recent, now) {
        None => "free".to_owned(),
        Some(Exceeded::Never(_)) => "never".to_owned(),
        Some(Exceeded::Later { until, .. }) => format!("free at {}", time(until)),
    });
    parts.join("; ")
}

pub(super) fn unknown(row: &Unknown) -> String {
    let absent = row.seen.absent.map(|at| format!(" absent at {}", time(at))).unwrap_or_default();
    let Unknown { id, attempt, account, address, marked, checks, .. } = row;
    format!("{id}.{attempt} of {account}/{address} marked {} checks {checks}{absent}", time(*marked))
}

pub(super) fn applied(applied: &Applied) -> String {
    match applied {
        Applied::Missing => "missing".to_owned(),
        Applied::Deleted => "deleted".to_owned(),
        Applied::OfAnother => "of another".to_owned(),
        Applied::Moved(now) => format!("moved: {}", progress(now)),
        Applied::Unchanged(now, why) => {
            let why = match why {
                Unchanged::Known => "known",
                Unchanged::Stale => "stale",
                Unchanged::NotNow => "not now",
                Unchanged::FromTheFuture => "from the future",
            };
            format!("{why}: {}", progress(now))
        }
    }
}

pub(super) fn started(started: &Started) -> String {
    let Started { epoch, lapsed, dirty_starts, clock, alive: _, guard } = started;
    let guard = guard.map(|since| format!(" guard since {}", time(since))).unwrap_or_default();
    format!("epoch {epoch} lapsed {lapsed} dirty {dirty_starts} clock {}{guard}", time(*clock))
}

fn marked(marked: &Marked, now: Micros) -> String {
    let Marked { id, attempt, begin, tries, expires, .. } = marked;
    let begin = if *begin == now { String::new() } else { format!("@{}", time(*begin)) };
    let until = expires.map(|at| format!(" until {}", time(at))).unwrap_or_default();
    let tries = if *tries == 0 { String::new() } else { format!("!{tries}") };
    format!("{id}.{attempt}{tries}{begin}{until}")
}

/// Writes the marked messages, the changed paces, and when queues are due.
pub(super) fn ticked(ticked: &Ticked, now: Micros, free: &[(i64, Micros)]) -> String {
    let mut parts = Vec::new();
    let marks: Vec<String> = ticked.marked.iter().map(|one| marked(one, now)).collect();
    parts.push(if marks.is_empty() { "nothing".to_owned() } else { marks.join(" ") });
    let foreign = |foreign: &Foreign| format!("sender {} held until {}", foreign.sender, time(foreign.until));
    parts.extend(ticked.foreign.iter().map(foreign));
    let want = |(bucket, want): (&Bucket, &Want)| format!("wants {} {}", want.amount, bucket.part);
    parts.extend(ticked.wanted.iter().map(want));
    parts.extend((ticked.lapsed > 0).then(|| format!("lapsed {}", ticked.lapsed)));
    parts.extend(free.iter().map(|(sender, at)| format!("sender {sender} free {}", time(*at))));
    let due = |at: &Option<Micros>| at.map_or("empty".to_owned(), |at| format!("due {}", time(at)));
    parts.extend(ticked.next_due.iter().map(|(queue, at)| format!("queue {queue} {}", due(at))));
    parts.join("; ")
}

/// Writes all fields of a mark.
pub(super) fn whole_mark(marked: &Marked) -> String {
    let Marked { id, attempt, queue, sender, weight, begin, due, tries, expires, request, charges, counts } =
        marked;
    let (begin, due, expires) = (time(*begin), time(*due), expires.map(time));
    format!(
        "{id}.{attempt} {queue} {sender} {weight} {begin} {due} {tries} {expires:?} {request} {charges:?} {counts:?}"
    )
}

fn pause(paused: &Paused) -> String {
    format!("paused until {} times {} {}", time(paused.until), paused.times, paused.reason)
}

pub(super) fn look(look: &Look) -> String {
    let mut parts: Vec<String> = Vec::new();
    for queue in &look.queues {
        let bound = queue.bound.map_or(String::new(), |sender| format!(" bound to {sender}"));
        let held = match queue.held {
            None => "",
            Some(Held::Paused) => " paused",
            Some(Held::Stopped(_)) => " stopped",
        };
        parts.push(format!("queue {} due {}{bound}{held}", queue.id, time(queue.next_due)));
    }
    for sender in &look.senders {
        let paused = sender.paused.as_ref().map_or(String::new(), |paused| format!(" {}", pause(paused)));
        parts.push(format!("sender {} free {}{paused}", sender.id, time(sender.next_free)));
    }
    parts.extend(
        look.accounts.iter().map(|account| format!("account {} {}", account.name, pause(&account.paused))),
    );
    list(&parts, Clone::clone)
}

/// Writes the names that the answer to `look` does not show.
pub(super) fn names(look: &Look) -> String {
    let queues = list(&look.queues, |queue| {
        format!("{} {:?} {:?} {}", queue.id, queue.tenant, queue.kind, queue.sender)
    });
    let senders = list(&look.senders, |row| format!("{} {:?}", row.id, row.sender));
    format!("{queues} | {senders}")
}

pub(super) fn counts(counts: &Counts) -> String {
    let Counts {
        ready,
        sending,
        unknown,
        parked,
        accepted,
        rejected,
        expired,
        blocked,
        cancelled,
        abandoned,
    } = *counts;
    let all = [
        ("ready", ready),
        ("sending", sending),
        ("unknown", unknown),
        ("parked", parked),
        ("accepted", accepted),
        ("rejected", rejected),
        ("expired", expired),
        ("blocked", blocked),
        ("cancelled", cancelled),
        ("abandoned", abandoned),
    ];
    let some: Vec<String> =
        all.iter().filter(|(_, n)| *n > 0).map(|(word, n)| format!("{word} {n}")).collect();
    if some.is_empty() { "none".to_owned() } else { some.join(" ") }
}

/// Writes the detail's fields, sorted by their names.
pub(super) fn logged(event: &Logged) -> String {
    let id = event.id.map_or(String::new(), |id| format!("#{id} "));
    let actor = event.actor.as_ref().map_or(String::new(), |actor| format!(" by {actor}"));
    let detail: std::collections::BTreeMap<String, serde_json::Value> =
        serde_json::from_str(&event.detail).unwrap();
    let field = |(name, value): (&String, &serde_json::Value)| match (name.strip_suffix("Micros"), value) {
        (Some(name), value) => format!(" {name}={}", time(value.as_i64().unwrap())),
        (None, serde_json::Value::String(text)) => format!(" {name}={text}"),
        (None, value) => format!(" {name}={value}"),
    };
    let detail: String = detail.iter().map(field).collect();
    format!("{id}{}{actor}{detail}", event.topic)
}
