//! Campaigns: a list, a template, and what becomes of them.

use std::collections::BTreeSet;
use std::io::Read;
use std::time::Duration;

use switchboard::phone::Address;
use switchboard::provider::Sender;
use switchboard::sms::{PriceList, Templates};
use switchboard_outbox::campaign::{
    Campaign, CampaignError, CampaignProgress, CampaignStatus, Imported, Recipient, Recipients, RejectReason,
};
use switchboard_outbox::policy::{ConsentRecord, ConsentScope, Policy, Purpose, TextRules};
use switchboard_outbox::{Outbox, OutboxError, Person, State};
use switchboard_testing::FakeTwilio;

use crate::database::{Folder, TestDatabase, on_both};
use crate::setup::{account, quick, start, until};

fn templates() -> Templates {
    Templates::new()
        .add("sale", "Hi {{name}}, 20 % off until Sunday. Reply STOP to opt out.")
        .unwrap()
        .add("other", "Hi {{name}}, 30 % off.")
        .unwrap()
        .add("vip", "Dear {{ name | default('friend') }}, {{code}}")
        .unwrap()
}

/// A list of `count` people.
fn list(count: u32) -> Recipients {
    let mut csv = String::from("Phone;Name;Note\n");
    for n in 0..count {
        csv += &format!("+1415555{};Person {n};x\n", 1_000 + n);
    }
    Recipients::csv(std::io::Cursor::new(csv))
}

fn csv(text: &str) -> Recipients {
    Recipients::csv(std::io::Cursor::new(text.to_owned()))
}

async fn import(campaign: &Campaign, list: Recipients) -> Imported {
    let draft = campaign.text(&templates(), "sale").unwrap();
    draft.start(list).await.unwrap().finished().await.unwrap()
}

fn counts(imported: &Imported) -> (u64, u64, u64, u64) {
    (imported.rows, imported.new, imported.existing, imported.rejected)
}

/// Waits until a campaign is over.
async fn over(campaign: &Campaign) -> CampaignProgress {
    let mut watch = campaign.watch_every(Duration::from_millis(20));
    let mut last = None;
    let end = async {
        while let Some(progress) = watch.next().await {
            last = Some(progress.unwrap());
        }
    };
    tokio::time::timeout(Duration::from_secs(60), end).await.unwrap();
    last.unwrap()
}

/// The recipients at the fake, each once.
fn reached(fake: &FakeTwilio) -> BTreeSet<String> {
    let all: Vec<String> = fake.sent().into_iter().map(|sent| sent.to).collect();
    let once: BTreeSet<String> = all.iter().cloned().collect();
    assert_eq!(once.len(), all.len(), "somebody was texted twice");
    once
}

async fn each_person_of_a_list_gets_their_text_once(database: &TestDatabase) {
    let fake = FakeTwilio::start().await;
    let (outbox, worker) = start(&fake, database).await;
    let campaign = outbox.campaign("spring sale");
    assert_eq!(counts(&import(&campaign, list(250)).await), (250, 250, 0, 0));
    let progress = over(&campaign).await;
    assert_eq!(
        (progress.status, progress.messages, progress.segments, progress.waiting),
        (CampaignStatus::Finished, 250, 250, 0)
    );
    assert_eq!(progress.accepted + progress.delivered, 250, "{progress}");
    assert_eq!(reached(&fake).len(), 250);
    let sent = fake.sent();
    let seven = sent.iter().find(|sent| sent.to == "+14155551007").unwrap();
    assert_eq!(seven.body, "Hi Person 7, 20 % off until Sunday. Reply STOP to opt out.");
    let message = outbox.get("spring sale/+14155551007").await.unwrap();
    assert!(matches!(message.state, State::Accepted { .. }), "{}", message.state);

    // The same list is the same campaign, and nobody is texted again.
    assert_eq!(counts(&import(&campaign, list(250)).await), (250, 0, 250, 0));
    assert_eq!(over(&campaign).await.messages, 250);
    // New rows are sent.
    assert_eq!(counts(&import(&campaign, list(260)).await), (260, 10, 250, 0));
    over(&campaign).await;
    assert_eq!(reached(&fake).len(), 260);
    worker.shutdown(Duration::from_secs(5)).await.unwrap();
}

async fn rows_that_cannot_be_used_are_written_with_their_reason(database: &TestDatabase) {
    let outbox = database.outbox().await;
    let outbox = outbox.with_policy(Policy::new().countries(["US"]).unwrap());
    let stop = ConsentRecord::opted_out("+14155550009", ConsentScope::Everything, jiff::Timestamp::now());
    outbox.record_consent(stop, "ada").await.unwrap();
    let folder = Folder::new();
    let path = folder.path().join("rejects.csv");
    let list = "Phone,Name\n+14155550001,Ada\n4.41E+11,Grace\n+14155550003,\n+493012345678,Konrad\n+14155550001,Changed\n\
                +14155550001,Ada\n+14155550009,Stopped\n";
    let campaign = outbox.campaign("spring");
    let draft = campaign.text(&templates(), "sale").unwrap().rejects(&path);
    let imported = draft.start(csv(list)).await.unwrap().finished().await.unwrap();
    assert_eq!(counts(&imported), (7, 1, 1, 5));
    let reasons: Vec<(&str, u64)> =
        imported.reasons.iter().map(|(word, rows)| (word.split(' ').next().unwrap(), *rows)).collect();
    assert_eq!(
        reasons,
        [("consent", 1), ("countries", 1), ("key-conflict", 1), ("number", 1), ("template", 1)]
    );
    let progress = campaign.progress().await.unwrap();
    assert_eq!(progress.imported, Some(imported), "it is stored");
    let first = std::fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = first.trim_start_matches('\u{feff}').lines().collect();
    let begins = ["line,reason,Phone,Name", "3,", "4,", "5,", "6,", "8,"];
    assert_eq!(lines.len(), begins.len(), "{first}");
    assert!(lines.iter().zip(begins).all(|(line, begin)| line.starts_with(begin)), "{first}");
    for (line, part) in
        [(1, "power of ten"), (2, "needs a value"), (3, "countr"), (4, "other values"), (5, "opted out")]
    {
        assert!(lines[line].contains(part), "{}", lines[line]);
    }
    // Importing again writes no row a second time.
    draft.start(csv(list)).await.unwrap().finished().await.unwrap();
    assert_eq!(std::fs::read_to_string(&path).unwrap(), first);
}

async fn a_campaign_is_paused_and_resumed_by_its_name(database: &TestDatabase) {
    let fake = FakeTwilio::start().await;
    let (outbox, worker) = start(&fake, database).await;
    let campaign = outbox.campaign("spring");
    let draft = campaign.text(&templates(), "sale").unwrap();
    let import = draft.start(list(1)).await.unwrap();
    import.finished().await.unwrap();
    over(&campaign).await;
    // Another process pauses it.
    let other = database.outbox().await.campaign("spring");
    other.pause("ada").await.unwrap();
    assert_eq!(counts(&self::import(&campaign, list(50)).await), (50, 49, 1, 0));
    outbox.enqueue("alone", switchboard::provider::Outgoing::text("+14155559999", "Hi")).await.unwrap();
    outbox.wait("alone").await.unwrap();
    assert_eq!(fake.sent().len(), 2, "only the message outside the campaign is sent");
    let progress = campaign.progress().await.unwrap();
    assert_eq!((progress.status, progress.waiting, progress.messages), (CampaignStatus::Paused, 49, 50));
    other.resume("bob").await.unwrap();
    assert_eq!(over(&campaign).await.waiting, 0);
    assert_eq!(reached(&fake).len(), 51);
    worker.shutdown(Duration::from_secs(5)).await.unwrap();
}

async fn a_campaign_that_is_stopped_sends_nothing_more(database: &TestDatabase) {
    let fake = FakeTwilio::start().await;
    let outbox = database.outbox().await;
    let campaign = outbox.campaign("spring");
    import(&campaign, list(2_500)).await;
    assert!(matches!(campaign.stop(" ").await, Err(OutboxError::Invalid(_))));
    assert_eq!(campaign.stop("ada").await.unwrap(), 2_500);
    assert_eq!(campaign.stop("ada").await.unwrap(), 0);
    let worker = outbox.worker(account(&fake)).timing(quick()).spawn().await.unwrap();
    let progress = over(&campaign).await;
    assert_eq!((progress.status, progress.cancelled), (CampaignStatus::Stopped, 2_500));
    let error = campaign.text(&templates(), "sale").unwrap().start(list(1)).await.unwrap_err();
    assert!(matches!(error, CampaignError::Outbox(OutboxError::CampaignOver { .. })), "{error}");
    assert!(matches!(campaign.resume("ada").await, Err(OutboxError::CampaignOver { .. })));
    assert_eq!(fake.sent().len(), 0);
    worker.shutdown(Duration::from_secs(5)).await.unwrap();
}

async fn an_import_ends_when_its_campaign_is_stopped(database: &TestDatabase) {
    let outbox = database.outbox().await;
    let campaign = outbox.campaign("spring");
    let (sender, receiver) = std::sync::mpsc::channel();
    let rows =
        receiver.into_iter().map(|n: u32| Recipient::new(format!("+1415555{n:04}")).value("name", "Ada"));
    let import = campaign.text(&templates(), "sale").unwrap().start(Recipients::rows(rows)).await.unwrap();
    (0..1_250).for_each(|n| sender.send(n).unwrap());
    until("a part is enqueued", async || campaign.progress().await.unwrap().messages > 0).await;
    let stopped = campaign.stop("ada").await.unwrap();
    (1_250..2_000).for_each(|n| sender.send(n).unwrap());
    drop(sender);
    let error = import.finished().await.unwrap_err();
    assert!(matches!(error, CampaignError::Outbox(OutboxError::CampaignOver { .. })), "{error}");
    assert_eq!(campaign.progress().await.unwrap().messages, stopped, "nothing is added afterwards");
}

async fn another_text_is_another_campaign(database: &TestDatabase) {
    let outbox = database.outbox().await;
    let campaign = outbox.campaign("spring");
    import(&campaign, list(1)).await;
    let changed = async |draft: switchboard_outbox::campaign::Draft| match draft.start(list(2)).await {
        Err(CampaignError::Outbox(OutboxError::CampaignChanged { what })) => what,
        other => panic!("{other:?}"),
    };
    let draft = || campaign.text(&templates(), "sale").unwrap();
    assert_eq!(changed(campaign.text(&templates(), "other").unwrap()).await, "template");
    assert_eq!(changed(draft().from(Sender::Number(Address::from("+14155550100")))).await, "sender");
    assert_eq!(changed(draft().purpose(Purpose::Transactional)).await, "purpose");
    assert_eq!(changed(campaign.call(&templates(), "sale").unwrap()).await, "kind");
    assert_eq!(campaign.progress().await.unwrap().messages, 1);
    // Another tenant has names of its own.
    let other = outbox.campaign("spring").tenant("blue door");
    assert_eq!(counts(&import(&other, list(1)).await), (1, 1, 0, 0));
    assert_eq!(outbox.campaigns("", None, 10).await.unwrap().len(), 1);
    let found = outbox.campaigns("blue door", None, 10).await.unwrap();
    assert_eq!((found[0].name.as_str(), found[0].messages), ("spring", 1));
}

async fn people_are_called_and_hear_their_text(database: &TestDatabase) {
    let fake = FakeTwilio::start().await;
    let (outbox, worker) = start(&fake, database).await;
    let campaign = outbox.campaign("alarm");
    let draft = campaign.call(&templates(), "sale").unwrap().purpose(Purpose::Transactional);
    assert_eq!(counts(&draft.start(list(3)).await.unwrap().finished().await.unwrap()), (3, 3, 0, 0));
    let progress = over(&campaign).await;
    assert_eq!((progress.messages, progress.segments), (3, 3));
    let calls = fake.calls();
    assert_eq!(calls.len(), 3);
    assert!(calls.iter().all(|call| call.to.starts_with("+1415555100")));
    let pool =
        campaign.call(&templates(), "sale").unwrap().from(Sender::pool("MG00000000000000000000000000000000"));
    assert!(matches!(pool.start(list(1)).await, Err(CampaignError::NoCaller)));
    worker.shutdown(Duration::from_secs(5)).await.unwrap();
}

async fn what_is_marked_when_a_campaign_stops_is_cancelled(database: &TestDatabase) {
    let fake = FakeTwilio::start().await;
    let outbox = database.outbox().await;
    // One message a second begins, and five seconds of messages are marked ahead.
    let worker =
        outbox.worker(account(&fake)).timing(quick()).rate(fake.phone_number(), 1.0).spawn().await.unwrap();
    let campaign = outbox.campaign("spring");
    import(&campaign, list(50)).await;
    until("some are sent", async || !fake.sent().is_empty()).await;
    campaign.stop("ada").await.unwrap();
    let sent = fake.sent().len();
    let progress = over(&campaign).await;
    assert_eq!((progress.status, progress.waiting), (CampaignStatus::Stopped, 0));
    assert!(fake.sent().len() <= sent + 1, "{} and then {}", sent, fake.sent().len());
    assert_eq!(progress.cancelled + progress.accepted + progress.unknown, 50, "{progress}");
    outbox.drained().await.unwrap();
    worker.shutdown(Duration::from_secs(5)).await.unwrap();
}

async fn a_campaign_can_begin_paused(database: &TestDatabase) {
    let fake = FakeTwilio::start().await;
    let (outbox, worker) = start(&fake, database).await;
    let campaign = outbox.campaign("spring");
    let draft = campaign.text(&templates(), "sale").unwrap().paused();
    draft.start(list(5)).await.unwrap().finished().await.unwrap();
    let progress = campaign.progress().await.unwrap();
    assert_eq!((progress.status, progress.waiting), (CampaignStatus::Paused, 5));
    campaign.resume("ada").await.unwrap();
    over(&campaign).await;
    // Continuing it does not pause it again.
    draft.start(list(6)).await.unwrap().finished().await.unwrap();
    over(&campaign).await;
    assert_eq!(reached(&fake).len(), 6);
    worker.shutdown(Duration::from_secs(5)).await.unwrap();
}

/// However far apart they are in the list, and however its parts are enqueued.
async fn of_two_rows_with_one_key_the_first_counts(database: &TestDatabase) {
    let outbox = database.outbox().await;
    let rows = |name: &'static str| {
        let to = |n: u32| format!("+1415555{:04}", 1_000 + n);
        (0..1_000).map(move |n| Recipient::new(to(n)).value("name", format!("{name} {n}")))
    };
    let twice = rows("First").chain(rows("Second"));
    let campaign = outbox.campaign("twice");
    let imported = import(&campaign, Recipients::rows(twice)).await;
    assert_eq!(counts(&imported), (2_000, 1_000, 0, 1_000));
    let again = import(&campaign, Recipients::rows(rows("First"))).await;
    assert_eq!(counts(&again), (1_000, 0, 1_000, 0), "the texts of the first rows are stored");
}

async fn another_key_column_is_another_campaign(database: &TestDatabase) {
    let outbox = database.outbox().await;
    let campaign = outbox.campaign("spring");
    import(&campaign, list(2)).await;
    let draft = campaign.text(&templates(), "sale").unwrap();
    match draft.start(list(2).key_column("Name")).await {
        Err(CampaignError::Outbox(OutboxError::CampaignChanged { what: "key" })) => {}
        other => panic!("{other:?}"),
    }
    assert_eq!(campaign.progress().await.unwrap().messages, 2);
}

on_both!(
    each_person_of_a_list_gets_their_text_once,
    rows_that_cannot_be_used_are_written_with_their_reason,
    a_campaign_is_paused_and_resumed_by_its_name,
    a_campaign_that_is_stopped_sends_nothing_more,
    an_import_ends_when_its_campaign_is_stopped,
    another_text_is_another_campaign,
    people_are_called_and_hear_their_text,
    what_is_marked_when_a_campaign_stops_is_cancelled,
    a_campaign_can_begin_paused,
    another_key_column_is_another_campaign,
    of_two_rows_with_one_key_the_first_counts,
);

/// A file that ends in the middle, as when a disk is pulled out.
struct Broken(std::io::Cursor<Vec<u8>>);

impl Read for Broken {
    fn read(&mut self, to: &mut [u8]) -> std::io::Result<usize> {
        match self.0.read(to)? {
            0 => Err(std::io::Error::other("the disk is gone")),
            read => Ok(read),
        }
    }
}

#[tokio::test]
async fn what_was_read_before_a_file_broke_is_enqueued() {
    let outbox = Outbox::memory().await.unwrap();
    let campaign = outbox.campaign("spring");
    let text: String = (0..1_500).map(|n| format!("+1415555{n:04},Ada,{}\n", "x".repeat(200))).collect();
    let broken = Broken(std::io::Cursor::new(format!("phone,name,note\n{text}").into_bytes()));
    let draft = campaign.text(&templates(), "sale").unwrap();
    let import = draft.start(Recipients::csv(broken)).await.unwrap();
    let error = import.finished().await.unwrap_err();
    assert!(matches!(error, CampaignError::List(_)), "{error}");
    let progress = campaign.progress().await.unwrap();
    assert_eq!((progress.messages, progress.status), (1_500, CampaignStatus::Interrupted));
    assert_eq!(counts(&draft.start(list(1_600)).await.unwrap().finished().await.unwrap()).0, 1_600);
}

#[tokio::test]
async fn what_is_wrong_is_said_before_anything_is_stored() {
    let outbox = Outbox::memory().await.unwrap();
    let start = async |name: &str, list: Recipients| {
        let draft = outbox.campaign(name).text(&templates(), "sale")?;
        draft.start(list).await.map(drop)
    };
    for name in ["", " ", "a/b", "a\nb", &"x".repeat(101)] {
        assert!(matches!(start(name, list(1)).await, Err(CampaignError::Name { .. })), "{name}");
    }
    let no_column = start("a", csv("phone,first\n+14155550001,Ada\n")).await.unwrap_err();
    assert_eq!(
        no_column.to_string(),
        "the template needs \"name\", which is no column of the list (phone, first): rename the column or the variable"
    );
    assert!(matches!(start("a", csv("")).await, Err(CampaignError::List(_))));
    let missing = outbox.campaign("a").text(&templates(), "none");
    assert!(matches!(missing, Err(CampaignError::NoTemplate { .. })));
    assert!(matches!(outbox.campaign("a").progress().await, Err(OutboxError::NotFound)));
    assert!(matches!(outbox.campaign("a").pause("ada").await, Err(OutboxError::NotFound)));
    assert!(outbox.campaigns("", None, 10).await.unwrap().is_empty());
    // A variable with a default needs no column.
    let draft = outbox.campaign("b").text(&templates(), "vip").unwrap();
    draft.start(csv("phone,CODE\n+14155550001,X1\n")).await.unwrap().finished().await.unwrap();
    assert_eq!(outbox.campaign("b").progress().await.unwrap().messages, 1);
}

#[tokio::test]
async fn a_plan_counts_what_would_be_sent_and_stores_nothing() {
    let outbox = Outbox::memory().await.unwrap().with_policy(Policy::new().text_rules(TextRules::standard()));
    let mut prices = PriceList::new("USD");
    prices.set("US", "local", "0.01".parse().unwrap());
    let long = "x".repeat(200);
    let text = format!(
        "phone,name\n+14155550001,Ada\n+14155550002,Łukasz\n+14155550003,{long}\n+14155550004,\n+14155550001,Ada again\n\
         4.41E+11,Grace\n+493012345678,Konrad\n"
    );
    let draft = outbox.campaign("spring").text(&templates(), "sale").unwrap().prices(prices);
    let plan = draft.plan(csv(&text)).await.unwrap();
    assert_eq!((plan.rows, plan.messages, plan.duplicates, plan.rejected), (7, 4, 1, 2), "{plan}");
    assert_eq!((plan.segments, plan.ucs2, plan.first_ucs2), (5, 1, Some((3, 'Ł'))));
    let longest = plan.longest.unwrap();
    assert_eq!((longest.line, longest.segments, longest.characters), (4, 2, 200 + 50));
    let lines: Vec<u64> = plan.first_rejected.iter().map(|one| one.line).collect();
    assert_eq!(lines, [5, 7]);
    assert!(matches!(plan.first_rejected[0].reason, RejectReason::Template { .. }));
    let estimate = plan.estimate.as_ref().unwrap();
    assert_eq!((estimate.total, estimate.unpriced.len()), ("0.04".parse().unwrap(), 1));
    let shown = plan.to_string();
    assert!(shown.contains("7 rows: 4 messages of 5 segments") && !shown.contains("4155550"), "{shown}");
    assert!(outbox.campaigns("", None, 10).await.unwrap().is_empty());
    assert_eq!(outbox.counts().await.unwrap().ready, 0);
}

/// Whatever is printed shows neither a text nor a number.
#[tokio::test]
async fn a_plan_that_heeds_consents_rejects_what_an_import_rejects() {
    let outbox = Outbox::memory().await.unwrap();
    let scope = ConsentScope::Sender("+14155550100".into());
    let stop = ConsentRecord::opted_out("+14155551001", scope, jiff::Timestamp::now());
    outbox.record_consent(stop, "ada").await.unwrap();
    outbox.forget(&Person::new("+14155551002"), "ada").await.unwrap();
    let draft = outbox.campaign("spring").text(&templates(), "sale").unwrap().from("+14155550100");
    assert_eq!(draft.plan(list(5)).await.unwrap().rejected, 0);
    let plan = draft.clone().heed_consents().plan(list(5)).await.unwrap();
    let imported = draft.start(list(5)).await.unwrap().finished().await.unwrap();
    assert_eq!((plan.messages, plan.rejected), (imported.new, imported.rejected));
    let words: BTreeSet<String> = plan.first_rejected.iter().map(|row| row.reason.word()).collect();
    assert_eq!((plan.rejected, words), (2, imported.reasons.into_keys().collect()));
}

#[tokio::test]
async fn nothing_that_is_printed_shows_a_text_or_a_number() {
    let outbox = Outbox::memory().await.unwrap();
    let campaign = outbox.campaign("spring");
    let draft = campaign.text(&templates(), "sale").unwrap();
    let import = draft.start(list(1)).await.unwrap();
    let printed = format!("{campaign:?} {draft:?} {import:?}");
    import.finished().await.unwrap();
    let progress = campaign.progress().await.unwrap();
    let printed = format!("{printed} {progress:?} {progress}");
    for secret in ["Person 0", "20 %", "4155551000"] {
        assert!(!printed.contains(secret), "{printed}");
    }
}

/// A list of which only the last rows cannot be used.
#[tokio::test]
async fn rows_are_rejected_after_thousands_of_good_ones() {
    let outbox = Outbox::memory().await.unwrap();
    let folder = Folder::new();
    let path = folder.path().join("rejects.csv");
    let good: String = (1_000..4_500).map(|n| format!("+1415555{n},Ada\n")).collect();
    let text = format!("phone,name\n{good}4.1E+10,Grace\n4.2E+10,Edsger\n");
    let campaign = outbox.campaign("spring");
    let draft = campaign.text(&templates(), "sale").unwrap().rejects(&path);
    let imported = draft.start(csv(&text)).await.unwrap().finished().await.unwrap();
    assert_eq!(counts(&imported), (3_502, 3_500, 0, 2));
    let lines = |text: String| -> Vec<String> {
        text.lines().skip(1).map(|line| line.split(',').next().unwrap().to_owned()).collect()
    };
    assert_eq!(lines(std::fs::read_to_string(&path).unwrap()), ["3502", "3503"]);
    // The corrected list has another bad row before them: the file is that of the last import.
    let corrected = text.replace("+14155551000,Ada", "+14155551000,").replace("4.2E+10,Edsger\n", "");
    draft.start(csv(&corrected)).await.unwrap().finished().await.unwrap();
    assert_eq!(lines(std::fs::read_to_string(&path).unwrap()), ["2", "3502"]);
    // A start that is refused leaves it as it is.
    let other = campaign.text(&templates(), "sale").unwrap().from("+14155550100").rejects(&path);
    assert!(matches!(
        other.start(csv(&text)).await,
        Err(CampaignError::Outbox(OutboxError::CampaignChanged { .. }))
    ));
    assert_eq!(lines(std::fs::read_to_string(&path).unwrap()), ["2", "3502"]);
    std::fs::write(&path, "my own file").unwrap();
    assert!(matches!(draft.start(csv(&text)).await, Err(CampaignError::Rejects(_))));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "my own file");
}

#[tokio::test]
async fn a_list_that_panics_is_not_a_list_that_ends() {
    let outbox = Outbox::memory().await.unwrap();
    let campaign = outbox.campaign("spring");
    let draft = campaign.text(&templates(), "sale").unwrap();
    let rows = || {
        Recipients::rows((1_000..5_000).map(|n| {
            assert!(n < 2_200, "a program may panic");
            Recipient::new(format!("+1415555{n}")).value("name", "Ada")
        }))
    };
    assert!(matches!(draft.plan(rows()).await, Err(CampaignError::Panicked)));
    let error = draft.start(rows()).await.unwrap().finished().await.unwrap_err();
    assert!(matches!(error, CampaignError::Panicked), "{error}");
    let progress = campaign.progress().await.unwrap();
    assert_eq!((progress.status, progress.messages), (CampaignStatus::Interrupted, 1_000));
}

#[tokio::test]
async fn a_rejected_row_of_a_program_can_be_recognised() {
    let outbox = Outbox::memory().await.unwrap().with_policy(Policy::new().countries(["US"]).unwrap());
    let folder = Folder::new();
    let path = folder.path().join("rejects.csv");
    let rows = [Recipient::new("+493012345678").key("c7").value("name", "Konrad")];
    let draft = outbox.campaign("spring").text(&templates(), "sale").unwrap().rejects(&path);
    draft.start(Recipients::rows(rows)).await.unwrap().finished().await.unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    let cell = r#"{""name"":""Konrad"",""to"":""+493012345678"",""key"":""c7""}"#;
    let other = r#"{""key"":""c7"",""name"":""Konrad"",""to"":""+493012345678""}"#;
    assert!(text.contains(cell) || text.contains(other), "{text}");
}

#[tokio::test]
async fn the_limit_of_the_templates_holds() {
    let outbox = Outbox::memory().await.unwrap();
    let templates = templates().max_segments(1);
    let draft = outbox.campaign("spring").text(&templates, "sale").unwrap();
    let long = format!("phone,name\n+14155551000,{}\n+14155551001,Ada\n", "x".repeat(200));
    let plan = draft.plan(csv(&long)).await.unwrap();
    assert_eq!((plan.messages, plan.rejected), (1, 1), "{plan}");
}
