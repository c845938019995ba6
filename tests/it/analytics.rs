//! Analytics over the adapter, compared with a recount of the fake's own JSON that shares no code with them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use jiff::Timestamp;
use jiff::fmt::rfc2822;
use serde_json::{Map, Value, json};
use switchboard::ErrorCode;
use switchboard::twilio::analytics::AnalyticsPeriod;
use switchboard::twilio::{CreateCall, CreateMessage, MakeCall, TwilioAccount};
use switchboard_testing::{FakeTwilio, InboundCall, InboundSms};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::support::{Plain, TO, json as body};

const START: &str = "2026-09-01T22:40:00Z";
const SECOND_NUMBER: &str = "+442071838750";
/// Recipients with their countries, written by hand.
const PEOPLE: [(&str, &str); 6] = [
    ("+14155551234", "US"),
    ("+14165551234", "CA"),
    ("+491711234567", "DE"),
    ("+33612345678", "FR"),
    ("+447911223456", "GB"),
    ("+8816123456", "+881"),
];

async fn fake() -> FakeTwilio {
    let fake = FakeTwilio::builder().starting_at(START.parse().unwrap()).start().await;
    fake.own_number(SECOND_NUMBER);
    fake
}

/// All rows of a list, as the fake writes them.
async fn rows(fake: &FakeTwilio, list: &str) -> Vec<Value> {
    let plain = Plain::new(fake);
    let mut rows = Vec::new();
    let mut page = body(plain.get(&format!("/{list}.json?PageSize=1000")).send().await.unwrap()).await;
    loop {
        rows.extend(page[list.to_lowercase()].as_array().unwrap().iter().cloned());
        let Some(next) = page["next_page_uri"].as_str() else { return rows };
        page = body(plain.product(next).send().await.unwrap()).await;
    }
}

fn time(row: &Value, names: [&str; 2]) -> Timestamp {
    let text = names.iter().find_map(|name| row[*name].as_str()).unwrap();
    rfc2822::parse(text).unwrap().timestamp()
}

fn country(address: &str) -> &'static str {
    let number = address.trim_start_matches("whatsapp:");
    PEOPLE.iter().find(|(person, _)| *person == number).unwrap().1
}

/// An amount in 1/100000 as it is written with five decimals.
fn money(units: i64) -> String {
    format!("{}.{:05}", units / 100_000, units % 100_000)
}

fn units(row: &Value) -> Option<i64> {
    row["price"].as_str().map(|price| price.replace(['-', '.'], "").parse().unwrap())
}

fn rate(part: i64, rest: i64) -> Value {
    if part + rest == 0 { Value::Null } else { json!(part as f64 / (part + rest) as f64) }
}

/// Sums of a group: what is counted by name, and money.
#[derive(Default, Clone)]
struct Sums {
    counts: BTreeMap<&'static str, i64>,
    billed: Option<i64>,
}

impl Sums {
    fn add(&mut self, name: &'static str, by: i64) {
        *self.counts.entry(name).or_default() += by;
    }

    fn bill(&mut self, row: &Value, free: &[&str]) {
        match units(row) {
            Some(units) => *self.billed.get_or_insert(0) += units,
            None => self.add("unpriced", i64::from(!free.contains(&row["status"].as_str().unwrap()))),
        }
    }

    fn get(&self, name: &str) -> i64 {
        self.counts.get(name).copied().unwrap_or_default()
    }

    fn json(&self, names: &[&str]) -> Map<String, Value> {
        let mut all: Map<String, Value> =
            names.iter().map(|name| ((*name).to_owned(), json!(self.get(name)))).collect();
        let cost = self.billed.map(|units| json!({"amount": money(units), "currency": "USD"}));
        all.insert("cost".to_owned(), Value::Array(cost.into_iter().collect()));
        all
    }
}

fn message_json(sums: &Sums) -> Value {
    let names = ["messages", "inbound", "outbound", "delivered", "failed", "segments", "unpriced"];
    let mut all = sums.json(&names);
    all.insert("deliveryRate".to_owned(), rate(sums.get("delivered"), sums.get("failed")));
    Value::Object(all)
}

fn add_message(sums: &mut Sums, row: &Value) {
    sums.add("messages", 1);
    sums.add("segments", row["num_segments"].as_str().unwrap().parse().unwrap());
    if row["direction"] == "inbound" {
        sums.add("inbound", 1);
    } else {
        sums.add("outbound", 1);
        match row["status"].as_str().unwrap() {
            "delivered" | "read" => sums.add("delivered", 1),
            "undelivered" | "failed" => sums.add("failed", 1),
            _ => {}
        }
    }
    sums.bill(row, &["failed", "canceled"]);
}

fn call_json(sums: &Sums) -> Value {
    let names =
        ["calls", "inbound", "outbound", "answered", "unanswered", "completed", "totalSeconds", "unpriced"];
    let mut all = sums.json(&names);
    all.insert("answerRate".to_owned(), rate(sums.get("answered"), sums.get("unanswered")));
    let completed = sums.get("completed");
    let mean = (completed > 0).then(|| json!(sums.get("totalSeconds") as f64 / completed as f64));
    all.insert("meanSeconds".to_owned(), mean.unwrap_or_default());
    Value::Object(all)
}

fn add_call(sums: &mut Sums, row: &Value) {
    let status = row["status"].as_str().unwrap();
    let outbound = row["direction"] != "inbound";
    sums.add("calls", 1);
    sums.add(if outbound { "outbound" } else { "inbound" }, 1);
    if status == "completed" {
        sums.add("completed", 1);
        sums.add("answered", i64::from(outbound));
        sums.add("totalSeconds", row["duration"].as_str().unwrap().parse().unwrap());
    }
    sums.add("unanswered", i64::from(outbound && ["busy", "no-answer", "failed"].contains(&status)));
    sums.bill(row, &["busy", "no-answer", "failed", "canceled"]);
}

/// What a report must say of these rows, counted in another way than the report does.
struct Recount {
    dates: [&'static str; 2],
    add: fn(&mut Sums, &Value),
    json: fn(&Sums) -> Value,
}

const MESSAGES: Recount =
    Recount { dates: ["date_sent", "date_created"], add: add_message, json: message_json };
const CALLS: Recount = Recount { dates: ["start_time", "date_created"], add: add_call, json: call_json };

impl Recount {
    fn within<'r>(&self, rows: &'r [Value], first: &str, last: &str) -> Vec<&'r Value> {
        rows.iter().filter(|row| (first..=last).contains(&self.day(row).as_str())).collect()
    }

    fn day(&self, row: &Value) -> String {
        time(row, self.dates).to_string()[..10].to_owned()
    }

    fn grouped(&self, rows: &[&Value], key: impl Fn(&Value) -> String) -> BTreeMap<String, Value> {
        let mut groups: BTreeMap<String, Sums> = BTreeMap::new();
        for row in rows {
            (self.add)(groups.entry(key(row)).or_default(), row);
        }
        groups.into_iter().map(|(key, sums)| (key, (self.json)(&sums))).collect()
    }

    /// Compares all figures of a report with those of the rows.
    fn check(&self, report: &Value, rows: &[&Value]) {
        let nothing = (self.json)(&Sums::default());
        let total = self.grouped(rows, |_| String::new()).remove("").unwrap_or_else(|| nothing.clone());
        assert_eq!(report["total"], total);
        let mut days = named(&report["byDay"], "day");
        let with_days = days.len();
        days.retain(|_, figures| *figures != nothing);
        assert_eq!(days, self.grouped(rows, |row| self.day(row)));
        assert!(with_days >= days.len());
        let ours = |row: &Value| side(row, true);
        assert_eq!(named(&report["bySender"], "sender"), self.grouped(rows, ours));
        let countries = self.grouped(rows, |row| country(&side(row, false)).to_owned());
        assert_eq!(named(&report["byCountry"], "country"), countries);
        self.check_words(report, rows);
        assert_eq!(report["leftOut"], 0);
    }

    fn check_words(&self, report: &Value, rows: &[&Value]) {
        let words = |row: &Value, names: &[&str]| {
            names.iter().map(|name| row[*name].as_str().unwrap()).collect::<Vec<_>>().join(" ")
        };
        for (list, names) in [("byDirection", &["direction"][..]), ("byStatus", &["direction", "status"])] {
            let mut expected: BTreeMap<String, i64> = BTreeMap::new();
            rows.iter().for_each(|row| *expected.entry(words(row, names)).or_default() += 1);
            let told = report[list].as_array().unwrap();
            let told: BTreeMap<_, _> =
                told.iter().map(|row| (words(row, names), row["count"].as_i64().unwrap())).collect();
            assert_eq!(told, expected, "{list}");
        }
    }
}

/// Takes the name out of each row of a list.
fn named(rows: &Value, name: &str) -> BTreeMap<String, Value> {
    let rows = rows.as_array().unwrap().iter().cloned().map(|mut row| {
        let key = row.as_object_mut().unwrap().remove(name).unwrap();
        (key.as_str().unwrap_or_default().to_owned(), row)
    });
    rows.collect()
}

fn side(row: &Value, ours: bool) -> String {
    let name = if (row["direction"] == "inbound") == ours { "to" } else { "from" };
    row[name].as_str().unwrap_or_default().to_owned()
}

/// The times between two messages of one pair, where the first one goes one way and the next the other way.
fn gaps(rows: &[&Value], from_us: bool) -> Vec<i64> {
    let mut pairs: BTreeMap<String, Vec<(i64, bool)>> = BTreeMap::new();
    // The list is the newest first.
    for row in rows.iter().rev() {
        let inbound = row["direction"] == "inbound";
        if inbound || ["sent", "delivered", "read"].contains(&row["status"].as_str().unwrap()) {
            let pair = format!("{} {}", side(row, true), side(row, false));
            let at = time(row, MESSAGES.dates).as_second();
            pairs.entry(pair).or_default().push((at, inbound));
        }
    }
    let steps = pairs.values().flat_map(|pair| pair.windows(2));
    let turns = steps.filter(|step| step[0].1 != from_us && step[1].1 == from_us);
    // A message that was queued before an answer came, and went out after it, was not answered.
    turns.map(|step| step[1].0 - step[0].0).filter(|gap| *gap >= 0).collect()
}

fn check_times(told: &Value, mut gaps: Vec<i64>, what: &str) {
    gaps.sort_unstable();
    assert!(!gaps.is_empty(), "no {what}: the test compares nothing");
    assert_eq!((&told["count"], &told["maxSeconds"]), (&json!(gaps.len()), &json!(gaps.last())), "{what}");
    let mean = gaps.iter().sum::<i64>() as f64 / gaps.len() as f64;
    assert!((told["meanSeconds"].as_f64().unwrap() - mean).abs() < 0.051, "{what}");
    for (name, percent) in [("p50Seconds", 50), ("p95Seconds", 95)] {
        let exact = gaps[(gaps.len() * percent).div_ceil(100) - 1] as f64;
        let told = told[name].as_f64().unwrap();
        assert!((told - exact).abs() <= exact * 0.0101 + 0.5, "{what} {name}: {told}, and not {exact}");
    }
}

/// A day's messages: texts and media in every state, from two senders, and what people write.
async fn message_traffic(
    fake: &FakeTwilio,
    account: &TwilioAccount,
    random: &mut fastrand::Rng,
    count: usize,
) {
    for _ in 0..count {
        let (person, _) = PEOPLE[random.usize(..PEOPLE.len())];
        let ours = if random.bool() { SECOND_NUMBER } else { fake.phone_number() };
        match random.u8(..10) {
            0..=3 => {
                let inbound = InboundSms::new(person, "hello ".repeat(random.usize(1..60))).to(ours);
                fake.receive(inbound).await;
            }
            4 => {
                let picture =
                    CreateMessage::new(person).from(ours).body("x").media_url("https://example.com/x.png");
                fake.deliver(&account.send(&picture).await.unwrap().sid);
            }
            state => {
                let text = CreateMessage::new(person).from(ours).body("hello ".repeat(random.usize(1..60)));
                let sid = account.send(&text).await.unwrap().sid;
                match state {
                    5 => fake.undeliver(&sid, [30003, 30005][random.usize(..2)]),
                    6 => fake.fail(&sid, 30007),
                    7 | 8 => fake.deliver(&sid),
                    // The clock takes it on, or the end of the test finds it under way.
                    _ => {}
                }
            }
        }
        if random.u8(..4) == 0 {
            fake.advance(Duration::from_secs(random.u64(..900)));
        }
    }
}

#[tokio::test]
async fn messages_equal_a_recount_over_more_than_a_page() {
    let fake = fake().await;
    let account = fake.account();
    let replies = MockServer::start().await;
    let answer = "<Response><Message>Thank you</Message></Response>";
    Mock::given(any())
        .respond_with(ResponseTemplate::new(200).set_body_raw(answer, "text/xml"))
        .mount(&replies)
        .await;
    let mut random = fastrand::Rng::with_seed(20);
    for day in 0..9 {
        if day == 4 {
            fake.set_sms_url(&replies.uri());
        }
        message_traffic(&fake, &account, &mut random, 130).await;
        if day != 8 {
            fake.advance(Duration::from_secs(20 * 3600));
        }
    }
    let all = rows(&fake, "Messages").await;
    assert!(all.len() > 1_150, "{}", all.len());
    let requests = fake.requests();
    let report = account.analytics().messages(&AnalyticsPeriod::days(400).now(fake.now())).await.unwrap();
    assert_eq!(fake.requests() - requests, 2, "a page has 1,000 messages");
    assert_eq!(report.as_of, fake.now());

    let today = fake.now().to_string()[..10].to_owned();
    let period =
        |first: &str, last: &str| AnalyticsPeriod::between(first.parse().unwrap(), last.parse().unwrap());
    for (first, last) in
        [("2026-09-01", today.as_str()), ("2026-09-03", "2026-09-06"), ("2026-09-04", "2026-09-04")]
    {
        let report = account.analytics().messages(&period(first, last)).await.unwrap();
        let rows = MESSAGES.within(&all, first, last);
        assert!(rows.len() > 50, "{first}");
        let told = serde_json::to_value(&report).unwrap();
        MESSAGES.check(&told, &rows);
        let mut codes: BTreeMap<i64, i64> = BTreeMap::new();
        rows.iter()
            .filter_map(|row| row["error_code"].as_i64())
            .for_each(|code| *codes.entry(code).or_default() += 1);
        let errors: BTreeMap<_, _> = report
            .errors
            .iter()
            .map(|row| (i64::from(row.code), i64::try_from(row.count).unwrap()))
            .collect();
        assert_eq!((errors.len(), &errors), (3, &codes));
        assert!(report.errors.iter().all(|row| row.meaning.is_some()));
        check_times(&told["answerTime"], gaps(&rows, true), "answers");
        check_times(&told["replyTime"], gaps(&rows, false), "replies");
        let sent = rows.iter().filter(|row| row["direction"] != "inbound" && row["date_sent"].is_string());
        let waits = sent.map(|row| {
            time(row, ["date_sent", "date_sent"]).as_second()
                - time(row, ["date_created", "date_created"]).as_second()
        });
        check_times(&told["sendTime"], waits.collect(), "times to send");
        assert_eq!(report.not_followed, 0);
    }
    assert!(report.by_direction.iter().any(|row| row.direction.as_str() == "outbound-reply"));
}

#[tokio::test]
async fn a_bound_of_pairs_leaves_all_other_figures_whole() {
    let fake = fake().await;
    let account = fake.account();
    message_traffic(&fake, &account, &mut fastrand::Rng::with_seed(7), 120).await;
    let period = AnalyticsPeriod::days(2).now(fake.now());
    let whole = account.analytics().messages(&period).await.unwrap();
    let mut bounded = account.analytics().messages(&period.conversations(2)).await.unwrap();
    assert!(bounded.not_followed > 20 && whole.not_followed == 0);
    let answers = bounded.answer_time.take().unwrap();
    assert!(answers.count < whole.answer_time.as_ref().unwrap().count);
    bounded.answer_time = whole.answer_time.clone();
    bounded.reply_time = whole.reply_time.clone();
    bounded.not_followed = 0;
    assert_eq!(bounded, whole);
}

#[tokio::test]
async fn calls_equal_a_recount() {
    let fake = fake().await;
    let account = fake.account();
    let mut random = fastrand::Rng::with_seed(3);
    let dial = "<Response><Dial><Number>+14165551234</Number></Dial></Response>";
    for day in 0..5 {
        for _ in 0..30 {
            let (person, _) = PEOPLE[random.usize(..PEOPLE.len())];
            let ours = if random.bool() { SECOND_NUMBER } else { fake.phone_number() };
            let call =
                account.calls().create(&CreateCall::new(person).from(ours).say("hi")).await.unwrap().sid;
            match random.u8(..8) {
                0 => fake.end_call(&call, "busy"),
                1 => fake.end_call(&call, "no-answer"),
                2 => fake.end_call(&call, "failed"),
                3 => fake.end_call(&call, "canceled"),
                4 => fake.answer_call(&call),
                _ => fake.complete_call(&call),
            }
            fake.advance(Duration::from_secs(random.u64(..120)));
        }
        let forwarded = account.make_call(&MakeCall::twiml(TO, dial)).await.unwrap().sid;
        fake.pick_up(&forwarded).await.talked(random.u32(5..200)).await;
        let phone =
            fake.receive_call(InboundCall::new(TO).to(SECOND_NUMBER).url("http://127.0.0.1:9/")).await;
        phone.hang_up().await;
        if day != 4 {
            fake.advance(Duration::from_secs(20 * 3600));
        }
    }
    // One that nobody answers to yet, and one whose callback fails, which is an alert.
    account.make_call(&MakeCall::say(TO, "hi")).await.unwrap();
    let callback = CreateCall::new(TO).say("hi").status_callback("http://127.0.0.1:9/status");
    fake.complete_call(&account.calls().create(&callback).await.unwrap().sid);
    fake.add_alert(30003);
    fake.wait_for_callbacks().await;

    let all = rows(&fake, "Calls").await;
    let today = fake.now().to_string()[..10].to_owned();
    for (first, last) in
        [("2026-09-01", today.as_str()), ("2026-09-02", "2026-09-04"), ("2026-09-03", "2026-09-03")]
    {
        let period = AnalyticsPeriod::between(first.parse().unwrap(), last.parse().unwrap());
        let report = account.analytics().calls(&period).await.unwrap();
        let rows = CALLS.within(&all, first, last);
        assert!(rows.len() > 10, "{first}");
        CALLS.check(&serde_json::to_value(&report).unwrap(), &rows);
        let alerts = alerts_about_calls(&fake, first, last).await;
        let errors: BTreeMap<_, _> = report
            .errors
            .iter()
            .map(|row| (row.code.to_string(), i64::try_from(row.count).unwrap()))
            .collect();
        assert_eq!(errors, alerts);
        assert!(!errors.is_empty());
    }
}

async fn alerts_about_calls(fake: &FakeTwilio, first: &str, last: &str) -> BTreeMap<String, i64> {
    let page = body(Plain::new(fake).product("/v1/Alerts?PageSize=1000").send().await.unwrap()).await;
    let mut codes = BTreeMap::new();
    for alert in page["alerts"].as_array().unwrap() {
        let day = &alert["date_generated"].as_str().unwrap()[..10];
        if alert["resource_sid"].as_str().is_some_and(|sid| sid.starts_with("CA"))
            && (first..=last).contains(&day)
        {
            *codes.entry(alert["error_code"].as_str().unwrap().to_owned()).or_default() += 1;
        }
    }
    codes
}

/// Changes messages between two pages: delivers one that was read already and one that was not, and sends another.
struct Meddling {
    fake: FakeTwilio,
    sids: Vec<String>,
}

async fn meddle(State(meddling): State<Arc<Meddling>>, request: Request) -> Response {
    let Meddling { fake, sids } = &*meddling;
    let uri = request.uri().to_string();
    if uri.contains("PageToken") {
        fake.deliver(&sids[0]);
        fake.deliver(sids.last().unwrap());
        fake.account().send_sms(TO, "meanwhile").await.unwrap();
    }
    let answer = Plain::new(fake).product(&uri).send().await.unwrap();
    let (status, bytes) = (answer.status(), answer.bytes().await.unwrap());
    let response = Response::builder().status(status).header("Content-Type", "application/json");
    response.body(Body::from(bytes)).unwrap()
}

#[tokio::test]
async fn a_message_that_changes_between_pages_is_counted_once() {
    let fake = fake().await;
    // A new account has a new client, so this one sends them all.
    let (account, mut sids) = (fake.account(), Vec::new());
    for _ in 0..1_002 {
        sids.push(account.send_sms(TO, "hello").await.unwrap().sid);
    }
    let period = AnalyticsPeriod::days(1).now(fake.now());
    let builder = fake.adapter_builder();
    let credentials = fake.credentials();
    let app = Router::new().fallback(meddle).with_state(Arc::new(Meddling { fake, sids }));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });

    let adapter = builder.base_url(url).build().unwrap();
    let account = adapter.account(&credentials).unwrap();
    let report = account.analytics().messages(&period).await.unwrap();
    // The newest was `queued` when its page was read; the oldest was delivered before its page was read.
    assert_eq!((report.total.messages, report.total.delivered), (1_002, 1));
}

#[tokio::test]
async fn a_row_that_an_offset_repeats_is_counted_once_and_an_unreadable_one_is_left_out() {
    let server = MockServer::start().await;
    let row = |sid: &str, status: &str| {
        json!({"sid": sid, "status": status, "direction": "outbound-api", "to": TO, "from": "+14155550100",
               "date_sent": "Tue, 01 Sep 2026 10:00:00 +0000"})
    };
    let path = "/2010-04-01/Accounts/AC0123456789abcdef0123456789abcdef/Messages.json?Page=1";
    let pages = [
        json!({"messages": [row("SM3", "sent"), row("SM2", "queued")], "next_page_uri": path}),
        json!({"messages": [row("SM2", "delivered"), {"sid": null}, row("SM1", "delivered")], "next_page_uri": null}),
    ];
    for page in &pages {
        let once = ResponseTemplate::new(200).set_body_json(page);
        Mock::given(any()).respond_with(once).up_to_n_times(1).mount(&server).await;
    }
    let adapter = switchboard::twilio::TwilioAdapter::builder().base_url(server.uri()).build().unwrap();
    let credentials = switchboard::Credentials::twilio(
        "AC0123456789abcdef0123456789abcdef",
        "0123456789abcdef0123456789abcdef",
    );
    let account = adapter.account(&credentials).unwrap();
    let day = "2026-09-01".parse().unwrap();
    let report = account.analytics().messages(&AnalyticsPeriod::between(day, day)).await.unwrap();
    assert_eq!((report.total.messages, report.total.delivered, report.left_out), (3, 1, 1));
}

#[tokio::test]
async fn a_wrong_period_is_refused_before_anything_is_requested() {
    let fake = fake().await;
    let analytics = fake.account().analytics();
    let [late, early] = ["2026-09-02", "2026-09-01"].map(|day| day.parse().unwrap());
    for period in
        [AnalyticsPeriod::days(0), AnalyticsPeriod::days(401), AnalyticsPeriod::between(late, early)]
    {
        let errors = [analytics.messages(&period).await.err(), analytics.calls(&period).await.err()];
        for error in errors {
            assert_eq!(error.unwrap().code(), ErrorCode::InvalidRequest);
        }
    }
    assert_eq!(fake.requests(), 0);
}
