//! Reports: each figure equals a recount of the fake's own state, to the cent.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures_util::StreamExt;
use jiff::Timestamp;
use rust_decimal::Decimal;
use switchboard::phone::Address;
use switchboard::provider::{Evidence, Messenger, Outgoing, OutgoingCall, Price};
use switchboard::sms::{Consent, PriceList};
use switchboard::twilio::messages::ListMessages;
use switchboard::twilio::usage::{ListUsage, UsagePeriod};
use switchboard_outbox::report::{Figures, Group, Report, ReportOptions};
use switchboard_outbox::{Collected, Enqueue, Outbox};
use switchboard_testing::{FakeTwilio, Fault};

use crate::database::{TestDatabase, on_both};
use crate::setup::{account, quick};

const SENDERS: usize = 3;
const TEXTS: usize = 240;
const CALLS: usize = 24;

fn sender(number: usize) -> String {
    format!("+1500555{:04}", 100 + number % SENDERS)
}

/// A recipient of its own for each message, and its country.
fn recipient(number: usize) -> (String, &'static str) {
    match number % 7 {
        0..3 => (format!("+1415555{number:04}"), "US"),
        3 => (format!("+1416555{number:04}"), "CA"),
        4 | 5 => (format!("+49171555{number:04}"), "DE"),
        _ => (format!("+44791122{number:04}"), "GB"),
    }
}

fn text(number: usize) -> Outgoing {
    let body = match number % 5 {
        0 => "Your table is ready".to_owned(),
        1 => "x".repeat(300),
        2 => "„Ihr Tisch ist frei“ ".repeat(4),
        3 => "你好".repeat(70),
        _ => "{x}".repeat(55),
    };
    let text = Outgoing::text(recipient(number).0, format!("{body} {number}")).from(sender(number));
    if number % 31 == 7 { text.add_media("https://example.com/a.png") } else { text }
}

/// A message as the fake has it.
#[derive(Debug, Clone)]
struct Listed {
    number: usize,
    status: String,
    error: Option<u32>,
    segments: u32,
    price: Option<Decimal>,
}

/// What the test counts itself.
#[derive(Debug, Default, Clone, PartialEq)]
struct Recount {
    accepted: u64,
    delivered: u64,
    undelivered: u64,
    failed: u64,
    pending: u64,
    segments: u64,
    priced: u64,
    not_priced_yet: u64,
    not_billed: u64,
    cost: Decimal,
    /// By code; 0 where there is none, as for calls.
    failures: BTreeMap<u32, u64>,
    calls: [u64; 5],
}

impl Recount {
    fn add(&mut self, listed: &Listed) {
        self.accepted += 1;
        *match listed.status.as_str() {
            "delivered" => &mut self.delivered,
            "undelivered" => &mut self.undelivered,
            "failed" => &mut self.failed,
            _ => &mut self.pending,
        } += 1;
        self.segments += u64::from(listed.segments);
        if let Some(code) = listed.error {
            *self.failures.entry(code).or_default() += 1;
        }
        self.bill(listed.price, listed.status == "failed");
    }

    fn add_call(&mut self, status: &str, price: Option<Decimal>) {
        let place =
            ["completed", "busy", "no-answer", "failed", "queued"].iter().position(|one| *one == status);
        self.calls[place.unwrap()] += 1;
        if status == "failed" {
            *self.failures.entry(0).or_default() += 1;
        }
        self.bill(price, ["busy", "no-answer", "failed"].contains(&status));
    }

    fn bill(&mut self, price: Option<Decimal>, is_never_billed: bool) {
        match price {
            Some(price) => {
                self.priced += 1;
                self.cost += price;
            }
            None if is_never_billed => self.not_billed += 1,
            None => self.not_priced_yet += 1,
        }
    }

    /// The same figures of a report.
    fn of(figures: &Figures) -> Self {
        let Figures { texts, calls, cost, failures, .. } = figures;
        let failures = failures.iter().filter(|failure| failure.failed > 0);
        Self {
            accepted: texts.states.accepted,
            delivered: texts.delivered,
            undelivered: texts.undelivered,
            failed: texts.failed,
            pending: texts.pending,
            segments: texts.segments.billed,
            priced: cost.priced,
            not_priced_yet: cost.not_priced_yet,
            not_billed: cost.not_billed,
            cost: cost.billed.iter().map(|price| price.amount).sum(),
            failures: failures.map(|failure| (failure.provider_code.unwrap_or(0), failure.failed)).collect(),
            calls: [calls.somebody, calls.busy, calls.no_answer, calls.failed, calls.pending],
        }
    }
}

/// Sends 240 texts and 24 calls, and then 2 texts to people who have opted out meanwhile.
async fn send(fake: &FakeTwilio, outbox: &Outbox) {
    (0..SENDERS).for_each(|number| fake.own_number(&sender(number)));
    let worker = (0..SENDERS).fold(outbox.worker(account(fake)).timing(quick()), |worker, number| {
        worker.rate(sender(number), 1e6)
    });
    let worker = worker.spawn().await.unwrap();
    for number in 0..TEXTS {
        outbox.enqueue(format!("text {number}"), text(number)).await.unwrap();
    }
    for number in TEXTS..TEXTS + CALLS {
        let call = OutgoingCall::say(recipient(number).0, format!("Hello {number}")).from(sender(number));
        outbox.enqueue(format!("call {number}"), call).await.unwrap();
    }
    outbox.enqueue("no number", Outgoing::text("+15005550001", "x").from(sender(0))).await.unwrap();
    outbox.drained().await.unwrap();
    for number in [0, 3] {
        fake.opt_out(&recipient(number).0);
        let again = Outgoing::text(recipient(number).0, "Once more").from(sender(number));
        outbox.enqueue(format!("again {number}"), again).await.unwrap();
    }
    outbox.drained().await.unwrap();
    worker.shutdown(Duration::from_secs(5)).await.unwrap();
}

/// Lets the fake's messages and calls end in all possible ways.
fn end(fake: &FakeTwilio) {
    for (place, sent) in fake.sent().iter().enumerate() {
        match place % 10 {
            0..6 => fake.deliver(&sent.sid),
            6 => fake.undeliver(&sent.sid, 30003),
            7 => fake.undeliver(&sent.sid, 30007),
            8 => fake.fail(&sent.sid, 30008),
            _ => {}
        }
    }
    for (place, call) in fake.calls().iter().enumerate() {
        match place % 5 {
            0 => fake.complete_call(&call.sid),
            1 => fake.end_call(&call.sid, "busy"),
            2 => fake.end_call(&call.sid, "no-answer"),
            3 => fake.end_call(&call.sid, "failed"),
            _ => {}
        }
    }
}

/// The number of the message to this recipient.
fn number_of(to: &str) -> usize {
    (0..TEXTS + CALLS).find(|number| recipient(*number).0 == to).unwrap()
}

/// Reads the texts from the fake's list, and checks them against its own state.
async fn listed(fake: &FakeTwilio) -> Vec<Listed> {
    let sent: BTreeMap<String, _> = fake.sent().into_iter().map(|sent| (sent.sid.clone(), sent)).collect();
    let messages = fake.account().messages().list(&ListMessages::new());
    let messages: Vec<_> = messages.map(Result::unwrap).collect().await;
    let listed = messages.into_iter().map(|message| {
        let own = &sent[&message.sid];
        assert_eq!(
            (own.status.as_str(), own.segments),
            (message.status.as_str(), message.num_segments.unwrap())
        );
        Listed {
            number: number_of(&own.to),
            status: own.status.clone(),
            error: own.error_code,
            segments: own.segments,
            price: message.price.map(|price| -price.decimal().unwrap()),
        }
    });
    let listed: Vec<Listed> = listed.collect();
    assert_eq!(listed.len(), sent.len());
    listed
}

/// Counts the fake's messages in groups, which `name` names by the number of a message.
async fn recount(fake: &FakeTwilio, name: impl Fn(usize) -> String) -> BTreeMap<String, Recount> {
    let mut groups: BTreeMap<String, Recount> = BTreeMap::new();
    for one in listed(fake).await {
        groups.entry(name(one.number)).or_default().add(&one);
    }
    for call in fake.calls() {
        let fetched = fake.account().calls().fetch(&call.sid).await.unwrap();
        let price = fetched.price.map(|price| -price.decimal().unwrap());
        groups.entry(name(number_of(&call.to))).or_default().add_call(&call.status, price);
    }
    groups
}

fn named(groups: &[Group]) -> BTreeMap<String, Recount> {
    groups.iter().map(|group| (group.name.clone(), Recount::of(&group.figures))).collect()
}

/// What the fake bills in all, by its usage records.
async fn usage(fake: &FakeTwilio) -> Decimal {
    let records = fake.account().usage().list(&ListUsage::new(UsagePeriod::AllTime).category("totalprice"));
    let records: Vec<_> = records.map(Result::unwrap).collect().await;
    records.iter().map(|record| record.price.as_ref().unwrap().decimal().unwrap()).sum()
}

/// Messages of three days.
async fn spread_over_days(database: &TestDatabase) {
    database.run("UPDATE {t}message SET created = created - 86400000000 * (id % 3)").await;
}

fn prices() -> PriceList {
    let mut prices = PriceList::new("USD");
    for (country, price) in [("US", "0.0079"), ("CA", "0.0079"), ("DE", "0.1125")] {
        prices.set(country, "local", price.parse().unwrap());
    }
    prices.set("US", "mms", "0.02".parse().unwrap());
    prices
}

async fn collect(fake: &FakeTwilio, outbox: &Outbox, since: Timestamp) -> Collected {
    outbox.collect(account(fake), since).pause(Duration::ZERO).page_size(50).run().await.unwrap()
}

async fn stop(outbox: &Outbox, number: usize) {
    let evidence = Evidence::Inbound {
        from: Address::from(recipient(number).0),
        to: Address::from(sender(number)),
        pool: None,
        consent: Some(Consent::OptedOut),
    };
    outbox.evidence(&evidence).await.unwrap();
}

async fn the_figures_equal_a_recount_of_the_fake(database: &TestDatabase) {
    let fake = FakeTwilio::start().await;
    let outbox = database.outbox().await;
    let begun = Timestamp::now();
    send(&fake, &outbox).await;
    end(&fake);
    for number in [10, 11, 20] {
        stop(&outbox, number).await;
    }
    spread_over_days(database).await;

    let options = ReportOptions::new().prices(prices());
    let before = outbox.report(&options).await.unwrap();
    let accepted = (fake.sent().len() + fake.calls().len()) as u64;
    assert_eq!(
        (before.total.cost.not_priced_yet, before.total.cost.priced),
        (accepted, 0),
        "no price is known"
    );
    assert_eq!(before.total.cost.billed, []);

    let collected = collect(&fake, &outbox, begun).await;
    assert_eq!((collected.ours, collected.read, collected.pages), (accepted, accepted, 6));
    let report = outbox.report(&options).await.unwrap();
    let total = &recount(&fake, |_| String::new()).await[""];
    assert_eq!(Recount::of(&report.total), *total);
    assert_eq!((report.total.cost.billed.len(), total.cost), (1, usage(&fake).await), "to the cent");
    assert_eq!(report.total.cost.billed[0], Price { amount: total.cost, currency: "USD".to_owned() });
    assert_eq!(collected.unpriced, total.not_priced_yet);
    assert_eq!(collected.unfinished, total.pending + total.calls[4]);
    assert!(total.cost > Decimal::ONE && total.not_priced_yet > 20 && total.not_billed > 20, "{total:?}");

    assert_eq!(named(&report.by_sender), recount(&fake, sender).await);
    let country = |number| recipient(number).1.to_owned();
    let mut of_countries = named(&report.by_country);
    // The one to a number that is not valid, which the provider refused.
    assert_eq!(of_countries.len(), 4);
    assert_eq!(of_countries, recount(&fake, country).await);
    assert!(of_countries.remove("DE").is_some());
    let mut days = BTreeMap::new();
    for number in 0..TEXTS + CALLS {
        let key = format!("{} {number}", if number < TEXTS { "text" } else { "call" });
        days.insert(number, outbox.get(key).await.unwrap().enqueued.strftime("%F").to_string());
    }
    let mut of_days = named(&report.by_day);
    of_days.retain(|_, day| *day != Recount::default());
    assert_eq!(of_days, recount(&fake, |number| days[&number].clone()).await);
    assert_eq!(of_days.len(), 3);

    check_refusals(&report.total);
    check_estimate(&fake, &report).await;
    check_opt_outs(&report);
    check_again(&fake, &outbox, begun, &report).await;
}

fn check_refusals(total: &Figures) {
    let refused: BTreeMap<u32, u64> = (total.failures.iter().filter(|failure| failure.refused > 0))
        .map(|failure| (failure.provider_code.unwrap(), failure.refused))
        .collect();
    assert_eq!(refused, BTreeMap::from([(21211, 1), (21610, 2)]));
    assert_eq!(total.texts.states.rejected, 3);
    for failure in total.failures.iter().filter(|failure| failure.provider_code.is_some()) {
        assert!(!failure.meaning.is_empty() && failure.advice.is_some(), "{failure:?}");
    }
}

/// The estimate is what the accepted texts cost by the list: by country, segment and medium.
async fn check_estimate(fake: &FakeTwilio, report: &Report) {
    let (mut expected, mut without) = (Decimal::ZERO, fake.calls().len() as u64);
    for sent in fake.sent() {
        let segments = Decimal::from(sent.segments);
        match (recipient(number_of(&sent.to)).1, sent.media.is_empty()) {
            ("US", false) => expected += Decimal::new(2, 2),
            ("US" | "CA", true) => expected += Decimal::new(79, 4) * segments,
            ("DE", true) => expected += Decimal::new(1125, 4) * segments,
            _ => without += 1,
        }
    }
    let cost = &report.total.cost;
    assert_eq!(cost.estimated, Some(Price { amount: expected, currency: "USD".to_owned() }));
    assert_eq!(cost.not_estimated, without);
    let by_country: Decimal = report
        .by_country
        .iter()
        .filter_map(|group| group.figures.cost.estimated.as_ref())
        .map(|price| price.amount)
        .sum();
    assert_eq!(by_country, expected);
}

/// Three by STOP, and two whom the provider refused a second text.
fn check_opt_outs(report: &Report) {
    assert_eq!(report.total.opt_outs, 5);
    let sum = |groups: &[Group]| groups.iter().map(|group| group.figures.opt_outs).sum::<u64>();
    assert_eq!([&report.by_sender, &report.by_country, &report.by_day].map(|groups| sum(groups)), [5, 5, 5]);
    let of = |number: usize| {
        [0, 3, 10, 11, 20].into_iter().filter(|other| sender(*other) == sender(number)).count() as u64
    };
    for group in &report.by_sender {
        let number = (0..SENDERS).find(|number| sender(*number) == group.name).unwrap();
        assert_eq!(group.figures.opt_outs, of(number), "{}", group.name);
    }
}

/// Collecting again changes nothing; what ends later is collected later.
async fn check_again(fake: &FakeTwilio, outbox: &Outbox, begun: Timestamp, report: &Report) {
    assert_eq!(collect(fake, outbox, begun).await.changed, 0);
    let options = ReportOptions::new().prices(prices());
    let again = outbox.report(&options).await.unwrap();
    assert_eq!((&again.total, &again.by_day), (&report.total, &report.by_day));
    let waiting = fake.sent().into_iter().find(|sent| sent.status == "queued").unwrap();
    fake.deliver(&waiting.sid);
    assert_eq!(collect(fake, outbox, begun).await.changed, 1);
    let later = outbox.report(&options).await.unwrap();
    assert_eq!(later.total.texts.delivered, report.total.texts.delivered + 1);
    assert_eq!(Recount::of(&later.total), recount(fake, |_| String::new()).await[""]);
    let json = serde_json::to_string(&later).unwrap();
    assert_eq!(serde_json::from_str::<Report>(&json).unwrap().total, later.total);
}

async fn a_report_is_about_what_was_selected(database: &TestDatabase) {
    let fake = FakeTwilio::start().await;
    let outbox = database.outbox().await;
    send(&fake, &outbox).await;
    let count = async |options: &ReportOptions| {
        let report = outbox.report(options).await.unwrap();
        let names: BTreeSet<String> = report.by_sender.iter().map(|group| group.name.clone()).collect();
        (report.total.texts.states.all() + report.total.calls.states.all(), names)
    };
    let all = (TEXTS + CALLS + 3) as u64;
    let options = ReportOptions::new();
    assert_eq!(count(&options).await.0, all);
    let (of_sender, names) = count(&options.clone().sender(sender(1))).await;
    assert_eq!((of_sender, names), (88, BTreeSet::from([sender(1)])));
    assert_eq!(count(&options.clone().tenant("nobody")).await.0, 0);
    let middle = outbox.get("text 100").await.unwrap().enqueued;
    let (before, after) = (options.clone().until(middle), options.since(middle));
    let (before, after) = (count(&before).await.0, count(&after).await.0);
    assert_eq!((before, before + after), (100, all));
}

async fn a_report_reads_every_page(database: &TestDatabase) {
    let outbox = database.outbox().await;
    let text = |number: usize| {
        let message = Outgoing::text(format!("+1415{number:07}"), "Hi").from(sender(number));
        Enqueue::new(format!("text {number}"), message)
    };
    for first in (0..4_500).step_by(500) {
        outbox.enqueue_all((first..first + 500).map(text)).await.unwrap();
    }
    let report = outbox.report(&ReportOptions::new()).await.unwrap();
    let of_senders = report.by_sender.iter().map(|group| group.figures.texts.states.ready);
    assert_eq!(
        (report.total.texts.states.ready, of_senders.collect::<Vec<_>>()),
        (4_500, vec![1_500; SENDERS])
    );
}

/// A callback says that it arrived, and the list what it cost.
async fn what_callbacks_said_stays(database: &TestDatabase) {
    let fake = FakeTwilio::start().await;
    let outbox = database.outbox().await;
    let begun = Timestamp::now();
    send(&fake, &outbox).await;
    let sent = fake.sent();
    let callback = async |place: usize, status: &str, code: Option<&str>| {
        let mut form = vec![("MessageSid", sent[place].sid.as_str()), ("MessageStatus", status)];
        form.extend(code.map(|code| ("ErrorCode", code)));
        let form: Vec<(String, String)> =
            form.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let evidence = fake.adapter().evidence("https://example.com/status", &form).unwrap();
        outbox.evidence(&evidence).await.unwrap();
        outbox.get(format!("text {}", number_of(&sent[place].to))).await.unwrap()
    };
    let delivered = callback(0, "delivered", None).await;
    assert!(delivered.ended.is_some_and(|ended| ended >= begun) && delivered.price.is_none());
    let failed = callback(1, "undelivered", Some("30003")).await;
    let error = failed.error.unwrap();
    assert_eq!(error.provider_code(), Some(30003));
    assert!(!error.message().is_empty() && error.advice().is_some());
    let before = outbox.report(&ReportOptions::new()).await.unwrap().total;
    assert_eq!(before.texts.time_to_delivery.unwrap().count, 1);

    fake.advance(Duration::from_secs(3_600));
    fake.deliver(&sent[0].sid);
    collect(&fake, &outbox, begun).await;
    let after = outbox.get(delivered.id).await.unwrap();
    assert_eq!(after.ended, delivered.ended, "the time of the callback stays");
    assert!(after.price.is_some_and(|price| price.currency == "USD"));
    // The others ended when the provider says.
    let other = fake.account().messages().fetch(&sent[2].sid).await.unwrap();
    let ended = outbox.get(format!("text {}", number_of(&sent[2].to))).await.unwrap().ended;
    assert_eq!((ended, other.status.as_str()), (other.date_updated, "delivered"));
    let times = outbox.report(&ReportOptions::new()).await.unwrap().total.texts.time_to_delivery.unwrap();
    let delivered = fake.sent().iter().filter(|sent| sent.status == "delivered").count();
    assert_eq!(times.count, delivered as u64);
    assert!(times.p50_seconds <= times.p95_seconds && times.p95_seconds < 60.0, "{times:?}");
}

/// A program that collects may be stopped at any time.
async fn collecting_goes_on_where_it_was_stopped(database: &TestDatabase) {
    let fake = FakeTwilio::start().await;
    let outbox = database.outbox().await;
    let begun = Timestamp::now();
    send(&fake, &outbox).await;
    end(&fake);
    let begin = || outbox.collect(account(&fake), begun).pause(Duration::ZERO).page_size(25);
    let mut position = begin().position().clone();
    let (mut pages, mut ours) = (0, 0);
    loop {
        // Each page is read by another process.
        let stored = serde_json::to_string(&position).unwrap();
        let mut collect = begin().at(serde_json::from_str(&stored).unwrap());
        if pages < 11 {
            fake.fail_next(Fault::Code { status: 404, code: 20404 });
            assert!(collect.page().await.is_err(), "a page that is not read is read again");
        }
        let Some(page) = collect.page().await.unwrap() else { break };
        (pages, ours) = (pages + 1, ours + page.ours);
        position = collect.position().clone();
    }
    assert_eq!((pages, ours), (11, (fake.sent().len() + fake.calls().len()) as u64));
    let report = outbox.report(&ReportOptions::new()).await.unwrap();
    assert_eq!(Recount::of(&report.total), recount(&fake, |_| String::new()).await[""]);
}

on_both! {
    the_figures_equal_a_recount_of_the_fake,
    a_report_is_about_what_was_selected,
    a_report_reads_every_page,
    what_callbacks_said_stays,
    collecting_goes_on_where_it_was_stopped,
}
