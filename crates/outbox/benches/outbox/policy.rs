//! What the policy adds to a message: in a database with a million consents, every rule is asked before each mark.

use jiff::{Timestamp, ToSpan};
use switchboard_outbox::policy::{
    Budget, ConsentRecord, ConsentScope, ConsentSource, Policy, Purpose, QuietHours, TextRules,
};
use switchboard_outbox::{Enqueue, Outbox};

use crate::plan::Plan;
use crate::report::{Target, line, median};
use crate::server::Server;
use crate::{import, sender};

/// Two databases with the same messages, which take turns: without a rule and without consents, and with all.
pub(crate) async fn policy(plan: &Plan) {
    let server = Server::start();
    let (plain, strict) = (plan.databases.place("plain"), plan.databases.place("strict"));
    let free = plain.open().await;
    let ruled = strict.open().await.with_policy(rules(true));
    consents(&ruled, plan.ready).await;
    sender::bare(&server, plan.drained / 4).await;
    let (mut added, mut enqueued) = (Vec::new(), Vec::new());
    for round in 0..plan.rounds {
        let first = round as u64 * plan.drained;
        let each = |seconds: f64| seconds * 1e6 / plan.drained as f64;
        let (mut import, mut drain) = ([0.0; 2], [0.0; 2]);
        // Each goes first in every second round.
        let order = if round % 2 == 0 { [0, 1] } else { [1, 0] };
        for place in order {
            let outbox = [&free, &ruled][place];
            let begun = std::time::Instant::now();
            fill(outbox, first, plan.drained, place == 1).await;
            import[place] = begun.elapsed().as_secs_f64();
            drain[place] = sender::drain(outbox, &server, plan.drained).await.as_secs_f64();
            assert_eq!(outbox.counts().await.unwrap().accepted, first + plan.drained, "all are allowed");
        }
        enqueued.push(each(import[1] - import[0]));
        added.push(each(drain[1] - drain[0]));
    }
    let consents = format!("{} consents", plan.ready);
    line(
        plan,
        "policy",
        &format!("added to the drain, {consents}"),
        median(&added),
        "µs/msg",
        &Target::AtMost(10.0),
    );
    line(
        plan,
        "policy",
        &format!("added to the enqueue, {consents}"),
        median(&enqueued),
        "µs/msg",
        &Target::None,
    );
    for (outbox, place) in [(free, plain), (ruled, strict)] {
        outbox.store().close().await;
        drop(outbox);
        place.remove().await;
    }
}

/// Windows that are open all day, so that it does not matter when this runs. A window that ends at midnight and begins
/// then is searched for as any other one.
const HOURS: &str = r#"{"version": "bench", "windows": [{"place": "*", "name": "all day", "kinds": ["text", "call"],
    "hours": {"monday-sunday": ["00:00-24:00"]}, "basis": "choice", "verified": true, "source": "this benchmark"}]}"#;

/// Every rule. A list of strangers has no consents.
pub(crate) fn rules(needs_consent: bool) -> Policy {
    let policy =
        if needs_consent { Policy::new().require_consent(Purpose::Marketing) } else { Policy::new() };
    policy
        .countries(["US", "CA"])
        .unwrap()
        .quiet_hours(QuietHours::from_json(HOURS).expect("it is correct"))
        .text_rules(TextRules::standard())
        .budget(Budget::messages("texts", 1_000_000_000).unwrap().each_country().per_day("UTC").unwrap())
}

/// Of every number of which the messages use some.
async fn consents(outbox: &Outbox, rows: u64) {
    let year_ago = Timestamp::now() - (365 * 24).hours();
    let records = (0..rows).map(|number| {
        let source = ConsentSource::Import("web form".into());
        ConsentRecord::opted_in(sender::text(number).to, ConsentScope::Everything, year_ago).source(source)
    });
    outbox.import_consents(records, "bench").await.expect("they are imported");
}

async fn fill(outbox: &Outbox, first: u64, rows: u64, marketing: bool) {
    let purpose = if marketing { Purpose::Marketing } else { Purpose::Transactional };
    let message = |number| -> Enqueue { sender::message(number).purpose(purpose) };
    for start in (first..first + rows).step_by(usize::try_from(import::BATCH).unwrap_or(usize::MAX)) {
        let last = (start + import::BATCH).min(first + rows);
        outbox.enqueue_all((start..last).map(message)).await.expect("the batch is enqueued");
    }
}
