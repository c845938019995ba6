//! Random calls give the same answers on the model and on SQLite.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use rust_decimal::Decimal;
use switchboard::provider::{DeliveryStatus, PickedUpBy, Price, SendKind};

use super::BASE;
use super::call::{Call, Put, Ticking};
use super::run::Run;
#[cfg(feature = "postgres")]
use super::server::Server;
use super::subject::{InMemory, Model, Subject};
use crate::enqueue::Priority;
use crate::policy::{Bucket, Emergency, Purpose, Velocity, Want};
use crate::rows::campaign::CampaignChange;
use crate::rows::check::{Checked, Proof, Reported, Seen};
use crate::rows::consent::{ConsentPlace, ConsentRow, ListConsents};
use crate::rows::delivered::Facts;
use crate::rows::erase::Retire;
use crate::rows::list::List;
use crate::rows::{Finished, Name, Pause, Paused, Source, Whom};
use crate::state::{Event, ParkReason, Settlement, State};
use crate::timing::Micros;

fn time() -> impl Strategy<Value = Micros> {
    (0..400_i64).prop_map(|seconds| BASE + seconds * 1_000_000)
}

fn put() -> impl Strategy<Value = Put> {
    let names = (prop::sample::select(vec!["", "t"]), 0..6_u8, 0..3_u8, prop::option::of(0..2_u8), 0..2_u8);
    let when =
        (any::<bool>(), prop::option::weighted(0.2, time()), prop::option::weighted(0.3, time()), 0..3_usize);
    (names, when).prop_map(|((tenant, key, to, from, text), (is_call, due, expires, priority))| Put {
        tenant: tenant.to_owned(),
        key: format!("k{key}"),
        to: format!("000{to}"),
        from: from.map(|from| format!("000{from}")),
        pool: (key == 5).then(|| "MG1".to_owned()),
        text: format!("text{text}"),
        is_call: is_call && text == 0,
        due,
        expires,
        priority: Priority::ALL[priority],
        purpose: if to == 2 { Purpose::Marketing } else { Purpose::Transactional },
        emergency: match (key, text) {
            (4, 0) => Some(Emergency::new("ada", "flood")),
            (4, _) => Some(Emergency::new("ada", "flood").despite_opt_out()),
            _ => None,
        },
        zone: (text == 1).then(|| "America/New_York".to_owned()),
        needs_consent: to == 2 && text == 1,
    })
}

fn name() -> impl Strategy<Value = Name> {
    let key = (0..7_u8).prop_map(|key| Name::Key { tenant: String::new(), key: format!("k{key}") });
    prop_oneof![(1..12_i64).prop_map(Name::Id), key]
}

fn sid() -> impl Strategy<Value = Option<String>> {
    prop::option::weighted(0.8, (0..3_u8).prop_map(|sid| format!("SM{sid}")))
}

fn status() -> impl Strategy<Value = DeliveryStatus> {
    prop::sample::select(vec!["queued", "sent", "delivered", "failed", "odd"]).prop_map(DeliveryStatus::from)
}

/// An event that a worker or a callback reports.
fn evidence() -> impl Strategy<Value = Event> {
    let attempt = || prop_oneof![8 => Just(1_u32), 3 => Just(2), 1 => Just(3), 1 => Just(0)];
    prop_oneof![
        4 => (attempt(), sid(), status())
            .prop_map(|(attempt, sid, status)| Event::Accepted { attempt, sid, status }),
        3 => (attempt(), any::<bool>()).prop_map(|(attempt, again)| Event::Refused { attempt, again }),
        2 => attempt().prop_map(|attempt| Event::Lost { attempt }),
        1 => attempt().prop_map(|attempt| Event::Park { attempt }),
        2 => attempt().prop_map(|attempt| Event::Unmark { attempt }),
    ]
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        4 => evidence(),
        2 => Just(Event::Cancel),
        1 => Just(Event::Expire),
        1 => sid().prop_map(|sid| Event::Settle(Settlement::WasSent(sid))),
        1 => Just(Event::Settle(Settlement::WasNotSent)),
        1 => Just(Event::Settle(Settlement::GiveUp)),
        1 => (sid(), status()).prop_map(|(sid, status)| Event::Report { sid: sid.unwrap_or_default(), status }),
    ]
}

fn finished() -> impl Strategy<Value = Finished> {
    let why = prop::option::of(prop::sample::select(vec![
        ParkReason::Unreadable,
        ParkReason::Panicked,
        ParkReason::Undecided,
    ]));
    let error = prop::option::of(Just(r#"{"code":"PROVIDER_ERROR","providerCode":20429}"#.to_owned()));
    (1..12_i64, evidence(), time(), any::<bool>(), why, error, prop::option::of(1..4_u32)).prop_map(
        |(id, event, due, counted, why, error, segments)| Finished {
            id,
            event,
            due,
            counted,
            why,
            error,
            segments,
            facts: Facts::default(),
            source: Source::Direct,
            because: None,
            opted_out: counted && id % 3 == 0,
            not_sent: Vec::new(),
        },
    )
}

fn reported(sid: u8, status: DeliveryStatus, what: u8) -> Reported {
    let error = status.is_failure().then(|| r#"{"code":"PROVIDER_ERROR","providerCode":30003}"#.to_owned());
    let price = Price { amount: Decimal::new(i64::from(sid) * 790, 5), currency: "USD".to_owned() };
    Reported {
        sid: format!("SM{sid}"),
        status,
        error,
        segments: (what & 1 > 0).then_some(2),
        facts: Facts {
            at: (what & 2 > 0).then_some(super::BASE + 7_000_000),
            price: (what & 4 > 0).then_some(price),
            picked_up_by: (what == 7).then_some(PickedUpBy::Machine),
            pressed: (what % 5 == 3).then(|| sid.to_string()),
        },
        opted_out: what & 8 > 0,
        is_listed: what & 16 > 0,
        tenant: [None, None, Some(""), Some("t")][usize::from(what % 4)].map(ToOwned::to_owned),
    }
}

fn checked() -> impl Strategy<Value = Checked> {
    let why = prop::option::of(prop::sample::select(ParkReason::ALL.to_vec()));
    let event = prop::option::weighted(0.7, evidence());
    (1..12_i64, 1..3_u32, event, why, time(), prop::option::of(time())).prop_map(
        |(id, attempt, event, why, next, absent)| {
            let seen = Seen { absent, sids: vec!["SM1".to_owned()], ..Seen::default() };
            Checked { id, attempt, event, why, seen, next }
        },
    )
}

fn list() -> impl Strategy<Value = List> {
    let states = prop_oneof![
        Just(Vec::new()),
        prop::sample::subsequence(State::WORDS.to_vec(), 1..4)
            .prop_map(|words| words.into_iter().map(ToOwned::to_owned).collect()),
    ];
    let who = (prop::sample::select(vec!["", "t"]), prop::option::weighted(0.3, 1..3_i64), any::<bool>());
    let which = (states, prop::option::weighted(0.3, 0..3_u8), prop::option::weighted(0.3, 0..6_u8));
    let page = (prop_oneof![Just(i64::MAX), 1..12_i64], 1..5_u32, 0..4_u32);
    (who, which, page).prop_map(
        |((tenant, campaign, unsettled), (states, to, key), (before, limit, further))| List {
            tenant: tenant.to_owned(),
            campaign,
            unsettled,
            states,
            recipient: to.map(|to| format!("+1415555000{to}")),
            key_prefix: key.map(|key| format!("k{key}")),
            before,
            limit,
            reach: limit + further,
        },
    )
}

const SCOPES: [&str; 6] =
    ["sender MG1", "sender +18005550000", "sender +18005550001", "tenant ", "tenant t", "all"];

fn consent() -> impl Strategy<Value = ConsentRow> {
    let scopes = SCOPES.to_vec();
    let of = (0..3_u8, prop::sample::select(scopes), prop::sample::select(vec!["", "marketing"]));
    (of, any::<bool>(), time()).prop_map(|((to, scope, purpose), opted_out, at)| ConsentRow {
        recipient: format!("+1415555000{to}"),
        scope: scope.to_owned(),
        purpose: purpose.to_owned(),
        opted_out,
        source: "keyword".to_owned(),
        at,
        proof: None,
    })
}

fn pause() -> impl Strategy<Value = Pause> {
    let whom = prop_oneof![
        (1..4_i64).prop_map(Whom::Sender),
        prop::sample::select(vec!["AC1", "AC2"]).prop_map(|name| Whom::Account(name.to_owned())),
    ];
    let paused =
        (time(), 1..4_u32).prop_map(|(until, times)| Paused { until, times, reason: "full".to_owned() });
    (whom, prop::option::of(paused)).prop_map(|(whom, paused)| Pause { whom, paused })
}

/// Mostly the same limits, so that they are reached.
fn velocity() -> impl Strategy<Value = Vec<Velocity>> {
    let seconds = std::time::Duration::from_secs;
    let person = || Velocity::per_recipient(2, seconds(120)).unwrap().every_purpose();
    let range = Velocity::per_prefix(3, seconds(60)).unwrap();
    let large = Velocity::per_prefix(25, seconds(200)).unwrap().kind(SendKind::Text);
    prop_oneof![
        2 => Just(Vec::new()),
        3 => Just(vec![person()]),
        1 => Just(vec![person().each_tenant().block(), range.clone()]),
        1 => Just(vec![person(), range.block(), large]),
    ]
}

fn tick() -> impl Strategy<Value = Ticking> {
    let queues = prop::collection::vec(1..6_i64, 1..4).prop_map(|mut queues| {
        queues.sort_unstable();
        queues.dedup();
        queues
    });
    let take =
        prop::collection::btree_map(1..4_i64, queues, 0..3).prop_map(|takes| takes.into_iter().collect());
    let numbers = (prop::option::weighted(0.2, 0..4_u32), prop::option::weighted(0.2, 0..4_u32));
    let epoch = prop::option::weighted(0.1, 0..3_i64);
    let budget = prop::option::weighted(0.3, (1..500_u64, 0..3_i64));
    let flags = (any::<bool>(), any::<bool>(), budget, any::<bool>(), velocity());
    (take, epoch, prop::collection::vec(0..6_i64, 0..2), numbers, flags).prop_map(
        |(take, epoch, forget, (limit, rows), (clean, needs_consent, budget, is_spent, velocity))| Ticking {
            take,
            epoch,
            forget,
            limit,
            rows,
            clean,
            needs_consent,
            budget,
            is_spent,
            is_quiet: clean && !is_spent,
            emergencies: needs_consent.then_some(2),
            velocity,
            ..Ticking::default()
        },
    )
}

fn call() -> impl Strategy<Value = Call> {
    let bind = (1..6_i64, 0..2_u8, 0..2_u8).prop_map(|(queue, account, address)| Call::Bind {
        queue,
        account: format!("AC{account}"),
        address: format!("+1800555000{address}"),
    });
    prop_oneof![
        2 => time().prop_map(Call::At),
        8 => prop::collection::vec(put(), 1..4).prop_map(Call::Put),
        1 => name().prop_map(Call::Show),
        1 => Just(Call::Start { alone: true }),
        2 => bind,
        1 => (1..4_i64, 500..20_000_u32).prop_map(|(sender, milli)| Call::Rate { sender, milli }),
        8 => finished().prop_map(Call::Result),
        1 => pause().prop_map(Call::Pausing),
        12 => tick().prop_map(Call::Tick),
        6 => (name(), event(), prop::option::of(Just("ada".to_owned())))
            .prop_map(|(name, event, by)| Call::Apply { name, event, by }),
        1 => (pause(), prop::option::of(Just("ada".to_owned()))).prop_map(|(pause, by)| Call::Pause(pause, by)),
        3 => (1..12_i64, 1..3_u32, 0..3_u8, status(), 0..4_u8).prop_map(|(id, attempt, sid, status, what)| {
            let tenant = reported(sid, status.clone(), what).tenant;
            let reported = Reported { opted_out: id % 4 == 0, tenant, ..reported(sid, status, 0) };
            Call::Prove(Proof { id, attempt, reported })
        }),
        2 => prop::collection::vec((0..3_u8, status(), 0..32_u8), 1..4).prop_map(|all| {
            Call::Reported(all.into_iter().map(|(sid, status, what)| reported(sid, status, what)).collect())
        }),
        3 => (prop::collection::vec(consent(), 1..4), prop::option::of(prop::sample::select(vec!["ada", "import"])))
            .prop_map(|(rows, by)| Call::Consent(rows, by.map(ToOwned::to_owned))),
        2 => (0..2_u8, 0..40_i64, 1..4_i64, 1..20_i64).prop_map(|(part, most, least, amount)| {
            let bucket = Bucket { budget: "b".to_owned(), part: part.to_string() };
            Call::Reserve(bucket, Want { most, least, amount })
        }),
        1 => (0..2_u8, 1..20_i64).prop_map(|(part, amount)| {
            Call::GiveBack(Bucket { budget: "b".to_owned(), part: part.to_string() }, amount)
        }),
        2 => (0..2_u8).prop_map(|n| Call::Campaign {
            tenant: String::new(),
            name: format!("c{n}"),
            by: Some("ada".to_owned()),
        }),
        4 => (1..3_i64, prop::collection::vec(put(), 1..4)).prop_map(|(id, puts)| Call::Each(id, puts)),
        3 => (1..3_i64, prop::sample::select(vec![
            CampaignChange::Import, CampaignChange::Imported("{}".to_owned()), CampaignChange::Pause,
            CampaignChange::Resume, CampaignChange::Stop, CampaignChange::Interrupted,
        ])).prop_map(|(id, change)| Call::ChangeCampaign(id, change, None)),
        1 => (1..3_i64).prop_map(|id| Call::CancelCampaign { id, limit: 9, by: None }),
        2 => (0..2_u8).prop_map(|n| Call::Progress { tenant: String::new(), name: format!("c{n}") }),
        1 => (0..3_u8).prop_map(|to| Call::Consents(format!("+1415555000{to}"))),
        2 => (prop::collection::btree_set(prop::sample::select(SCOPES.to_vec()), 0..4), consent(), 1..4_u32).prop_map(
            |(scopes, after, limit)| {
                let after = if limit == 1 { ConsentPlace::FIRST } else { after.place() };
                let scopes = scopes.into_iter().map(ToOwned::to_owned).collect();
                Call::ListConsents(ListConsents { scopes, after, limit })
            },
        ),
        1 => Just(Call::SendersOf(vec!["+18005550000".to_owned(), "+18005550001".to_owned()])),
        3 => (0..4_u32, prop::option::weighted(0.2, Just("AC1".to_owned())))
            .prop_map(|(limit, except)| Call::Claim { limit, except: except.into_iter().collect() }),
        4 => checked().prop_map(Call::Checked),
        1 => (1..12_i64, time()).prop_map(|(id, since)| {
            let sids = (0..3).map(|sid| format!("SM{sid}")).collect();
            Call::Bound { id, sids, since }
        }),
        1 => (0..2_u8, 0..3_u32)
            .prop_map(|(account, limit)| Call::Canaries { account: format!("AC{account}"), limit }),
        1 => (0..6_i64, time(), 1..4_u32).prop_map(|(after, ended_before, limit)| {
            Call::Retire(Retire { after, ended_before, limit })
        }),
        1 => (0..6_i64, 1..6_u32, prop::option::of(Just(String::new()))).prop_map(|(after, limit, tenant)| {
            Call::Forget { tenant, to: "0000".to_owned(), after, limit }
        }),
        1 => prop::option::of(Just(String::new()))
            .prop_map(|tenant| Call::Remember { tenant, to: "0000".to_owned() }),
        1 => Just(Call::Adopt),
        1 => prop::option::of(time()).prop_map(Call::Guard),
        1 => Just(Call::UnknownSids((0..3).map(|sid| format!("SM{sid}")).collect())),
        1 => (1..5_i64, 1..4_i64)
            .prop_map(|(queue, sender)| Call::Alike { queue, sender, to: vec!["0000".to_owned(), "0001".to_owned()] }),
        2 => list().prop_map(Call::List),
        1 => prop::collection::vec(1..12_i64, 0..6).prop_map(Call::Messages),
        1 => Just(Call::Look),
        1 => Just(Call::Counts),
        1 => (0..6_i64, 0..4_u32).prop_map(|(after, limit)| Call::Unsettled { after, limit }),
        1 => Just(Call::Log),
    ]
}

/// Creates queues with a sender at the beginning, so that most ticks mark messages.
fn beginning() -> Vec<Call> {
    let lines =
        ["start", "put k0", "put k1 from=0000", "bind 1 AC1/a", "bind 2 AC1/b", "at 60", "tick 1:1 2:2"];
    lines.iter().map(|line| super::parse::call(line)).collect()
}

async fn answers(mut subject: Box<dyn Subject>, calls: &[Call]) -> Vec<String> {
    let mut run = Run::new(&mut *subject);
    let mut answers = Vec::new();
    for call in beginning().iter().chain(calls) {
        answers.push(run.call(call).await);
    }
    answers.push(run.digest().await);
    subject.close().await;
    answers
}

/// Compares a store with the model.
fn sequences(count: u32, open: impl AsyncFn() -> Box<dyn Subject>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut runner = TestRunner::new(Config { cases: count, failure_persistence: None, ..Config::default() });
    let calls = prop::collection::vec(call(), 1..40);
    let checked = runner.run(&calls, |calls| {
        let (model, store) = runtime
            .block_on(async { (answers(Model::open(), &calls).await, answers(open().await, &calls).await) });
        let all = beginning().into_iter().chain(calls);
        let named = all.map(|call| format!("{call:?}")).chain([String::from("at the end")]);
        for ((call, model), store) in named.zip(&model).zip(&store) {
            prop_assert_eq!(model, store, "{}", call);
        }
        Ok(())
    });
    if let Err(failed) = checked {
        panic!("{failed}");
    }
}

#[test]
fn random_calls_give_the_same_answers() {
    sequences(256, async || InMemory::open("p_").await);
}

/// `cargo test --release -p switchboard-outbox --lib many_random -- --ignored`
#[test]
#[ignore = "takes minutes"]
fn many_random_calls_give_the_same_answers() {
    sequences(20_000, async || InMemory::open("p_").await);
}

/// `RANDOM_SEQUENCES` sets how many; each takes a tenth of a second.
#[cfg(feature = "postgres")]
#[test]
#[ignore = "needs PostgreSQL"]
fn random_calls_give_the_same_answers_on_postgres() {
    let count = std::env::var("RANDOM_SEQUENCES").ok().and_then(|count| count.parse().ok());
    sequences(count.unwrap_or(64), async || Server::open().await);
}
