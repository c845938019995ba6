//! Reads a line of a script.

use std::time::Duration;

use switchboard::provider::{DeliveryStatus, Price};

use super::BASE;
use super::call::{Call, Put, Ticking};
use crate::enqueue::Priority;
use crate::policy::{Bucket, Emergency, Purpose, Velocity, Want};
use crate::rows::campaign::CampaignChange;
use crate::rows::check::{Checked, Proof, Reported, Seen};
use crate::rows::consent::{ConsentPlace, ConsentRow, ListConsents};
use crate::rows::delivered::{self, Facts};
use crate::rows::erase::Retire;
use crate::rows::history::Select;
use crate::rows::list::List;
use crate::rows::{Finished, Name, Pause, Paused, Source, Whom};
use crate::state::{Event, ParkReason, Settlement};
use crate::timing::Micros;

pub(super) fn call(line: &str) -> Call {
    let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
    let words: Vec<&str> = rest.split_whitespace().collect();
    match verb {
        "at" => Call::At(time(rest)),
        "put" => Call::Put(rest.split(';').map(put).collect()),
        "find" => Call::Find(name(rest)),
        "show" => Call::Show(name(rest)),
        "start" => Call::Start { alone: !words.contains(&"shared") },
        "release" => Call::Release(number(words[0])),
        "bind" => {
            let (account, address) = words[1].split_once('/').unwrap();
            Call::Bind { queue: number(words[0]), account: account.to_owned(), address: address.to_owned() }
        }
        "rate" => Call::Rate { sender: number(words[0]), milli: number(words[1]) },
        "result" => Call::Result(result(&words)),
        "pausing" => Call::Pausing(pause(&words)),
        "tick" => Call::Tick(tick(&words)),
        "apply" => Call::Apply { name: name(words[0]), event: event(&words[1..]), by: option(&words, "by") },
        "pause" => Call::Pause(pause(&words), option(&words, "by")),
        "prove" => {
            let (id, attempt) = attempt(words[0]);
            Call::Prove(Proof { id, attempt, reported: reported(&words[1..]) })
        }
        "report" => {
            let words = |text: &'_ str| reported(&text.split_whitespace().collect::<Vec<_>>());
            Call::Reported(rest.split(';').map(words).collect())
        }
        "histories" => Call::Histories(Select {
            after: option(&words, "after").unwrap_or(0),
            since: time_option(&words, "since").unwrap_or(0),
            until: time_option(&words, "until").unwrap_or(Micros::MAX),
            tenant: option(&words, "tenant"),
            campaign: option(&words, "campaign"),
            with_request: words.contains(&"request"),
            limit: option(&words, "limit").unwrap_or(100),
        }),
        "list" => Call::List(List {
            tenant: option(&words, "tenant").unwrap_or_default(),
            campaign: option(&words, "campaign"),
            unsettled: words.contains(&"unsettled"),
            states: list(option(&words, "state")),
            recipient: option::<String>(&words, "to").map(|to| format!("+1415555{to}")),
            key_prefix: option(&words, "prefix"),
            before: option(&words, "before").unwrap_or(i64::MAX),
            limit: option(&words, "limit").unwrap_or(100),
            reach: option(&words, "reach").unwrap_or(100),
        }),
        "messages" => Call::Messages(rest.split(',').map(number).collect()),
        "opt-out" | "opt-in" => Call::Consent(consents(verb == "opt-out", &words), option(&words, "by")),
        "consents" => Call::Consents(format!("+1415555{}", words[0])),
        "consents-of" => Call::ListConsents(list_consents(&words)),
        "reserve" => {
            let (most, amount) = (option(&words, "most").unwrap(), option(&words, "amount").unwrap());
            let least = option(&words, "least").unwrap_or(1);
            Call::Reserve(bucket(words[0]), Want { most, least, amount })
        }
        "give-back" => Call::GiveBack(bucket(words[0]), number(words[1])),
        "campaign" | "progress" => {
            let Name::Key { tenant, key } = self::name(words[0]) else { panic!("no name: {line}") };
            let by = option(&words, "by");
            if verb == "campaign" {
                Call::Campaign { tenant, name: key, by }
            } else {
                Call::Progress { tenant, name: key }
            }
        }
        "campaigns" => {
            let before = option(&words, "before").unwrap_or(i64::MAX);
            Call::Campaigns { before, limit: option(&words, "limit").unwrap_or(9) }
        }
        "each" => {
            let (id, puts) = rest.split_once(' ').unwrap();
            Call::Each(number(id), puts.split(';').map(put).collect())
        }
        "change" => {
            let change = match words[1] {
                "import" => CampaignChange::Import,
                "imported" => CampaignChange::Imported(r#"{"rows":3}"#.to_owned()),
                "interrupted" => CampaignChange::Interrupted,
                "pause" => CampaignChange::Pause,
                "resume" => CampaignChange::Resume,
                "stop" => CampaignChange::Stop,
                other => panic!("no such change: {other}"),
            };
            Call::ChangeCampaign(number(words[0]), change, option(&words, "by"))
        }
        "cancel-campaign" => Call::CancelCampaign {
            id: number(words[0]),
            limit: option(&words, "limit").unwrap_or(9),
            by: option(&words, "by"),
        },
        "standing" => {
            let part = option::<String>(&words, "part").unwrap_or_else(|| "day".to_owned());
            Call::Standing(put(rest), bucket(&part), words.iter().filter_map(|word| velocity(word)).collect())
        }
        "senders-of" => Call::SendersOf(list(Some(rest.to_owned()))),
        "claim" => Call::Claim {
            limit: option(&words, "limit").unwrap_or(100),
            except: list(option::<String>(&words, "except")),
        },
        "checked" => Call::Checked(checked(&words)),
        "bound" => Call::Bound {
            id: number(words[0]),
            sids: list(Some(words[1].to_owned())),
            since: time_option(&words, "since").unwrap_or(BASE),
        },
        "canaries" => {
            Call::Canaries { account: words[0].to_owned(), limit: option(&words, "limit").unwrap_or(9) }
        }
        "adopt" => Call::Adopt,
        "guard" => Call::Guard((rest != "none").then(|| time(rest))),
        "unknown-sids" => Call::UnknownSids(rest.split(',').map(ToOwned::to_owned).collect()),
        "alike" => Call::Alike {
            queue: number(words[0]),
            sender: number(words[1]),
            to: words[2].split(',').map(ToOwned::to_owned).collect(),
        },
        "retire" => Call::Retire(Retire {
            after: option(&words, "after").unwrap_or(0),
            ended_before: time(words[0]),
            limit: option(&words, "limit").unwrap_or(100),
        }),
        "forget" => Call::Forget {
            tenant: option(&words, "tenant"),
            to: words[0].to_owned(),
            after: option(&words, "after").unwrap_or(0),
            limit: option(&words, "limit").unwrap_or(100),
        },
        "remember" => Call::Remember { tenant: option(&words, "tenant"), to: words[0].to_owned() },
        "look" => Call::Look,
        "counts" => Call::Counts,
        "unsettled" => Call::Unsettled { after: number(words[0]), limit: number(words[1]) },
        "log" => Call::Log,
        "reopen" => Call::Reopen,
        "sql" => Call::Sql(rest.to_owned()),
        "statement" => Call::Statement(put(rest)),
        _ => panic!("no such call: {line}"),
    }
}

fn number<T: std::str::FromStr>(word: &str) -> T {
    word.parse().unwrap_or_else(|_| panic!("no number: {word}"))
}

fn time(word: &str) -> Micros {
    let seconds: f64 = number(word);
    BASE + (seconds * 1_000_000.0).round() as Micros
}

/// The value of `key=value`.
fn option<T: std::str::FromStr>(words: &[&str], key: &str) -> Option<T> {
    let value = words.iter().find_map(|word| word.strip_prefix(key)?.strip_prefix('='));
    value.map(number)
}

fn time_option(words: &[&str], key: &str) -> Option<Micros> {
    option::<String>(words, key).map(|value| time(&value))
}

fn name(word: &str) -> Name {
    if let Some(id) = word.strip_prefix('#') {
        return Name::Id(number(id));
    }
    let (tenant, key) = word.split_once('/').unwrap_or(("", word));
    Name::Key { tenant: tenant.to_owned(), key: key.to_owned() }
}

fn put(text: &str) -> Put {
    let words: Vec<&str> = text.split_whitespace().collect();
    let Name::Key { tenant, key } = name(words[0]) else { panic!("no key: {text}") };
    let has = |word: &str| words.contains(&word);
    Put {
        to: option(&words, "to").unwrap_or_else(|| "1234".to_owned()),
        from: option(&words, "from"),
        pool: option(&words, "pool"),
        text: option(&words, "text").unwrap_or_else(|| format!("text-of-{key}")),
        is_call: has("call"),
        due: time_option(&words, "due"),
        expires: time_option(&words, "expires"),
        priority: if has("urgent") {
            Priority::Urgent
        } else if has("bulk") {
            Priority::Bulk
        } else {
            Priority::Normal
        },
        purpose: if has("marketing") { Purpose::Marketing } else { Purpose::Transactional },
        zone: option(&words, "zone"),
        emergency: match option::<String>(&words, "emergency").as_deref() {
            Some("consent") => Some(Emergency::new("ada", "flood").despite_opt_out()),
            Some(_) => Some(Emergency::new("ada", "flood")),
            None => None,
        },
        needs_consent: has("needs-consent"),
        tenant,
        key,
    }
}

fn bucket(part: &str) -> Bucket {
    Bucket { budget: "b".to_owned(), part: part.to_owned() }
}

/// `0001 sender=x,tenant=t,all at=5 purpose=marketing source=keyword`.
fn consents(opted_out: bool, words: &[&str]) -> Vec<ConsentRow> {
    let scopes = words[1].split(',').map(|scope| scope.replacen('=', " ", 1));
    let row = |scope| ConsentRow {
        recipient: format!("+1415555{}", words[0]),
        scope,
        purpose: option(words, "purpose").unwrap_or_default(),
        opted_out,
        source: option(words, "source").unwrap_or_else(|| "person".to_owned()),
        at: time_option(words, "at").unwrap_or(BASE),
        proof: option(words, "proof"),
    };
    scopes.map(row).collect()
}

/// `sender=x,tenant=t after=5 0001 sender=x purpose=marketing limit=2`.
fn list_consents(words: &[&str]) -> ListConsents {
    let stored = |scope: &str| scope.replacen('=', " ", 1);
    let after = time_option(words, "after").map(|at| ConsentPlace {
        at,
        recipient: format!("+1415555{}", words[2]),
        purpose: option(words, "purpose").unwrap_or_default(),
        scope: stored(words[3]),
    });
    ListConsents {
        scopes: words[0].split(',').map(stored).collect(),
        after: after.unwrap_or(ConsentPlace::FIRST),
        limit: option(words, "limit").unwrap_or(100),
    }
}

fn attempt(word: &str) -> (i64, u32) {
    let (id, attempt) = word.split_once('.').unwrap();
    (number(id), number(attempt))
}

/// `SM1 undelivered error=30003 segments=2 price=0.0079/USD at=5 by=machine opted-out`.
fn reported(words: &[&str]) -> Reported {
    let price = option::<String>(words, "price").map(|price| {
        let (amount, currency) = price.split_once('/').unwrap();
        Price { amount: number(amount), currency: currency.to_owned() }
    });
    Reported {
        sid: words[0].to_owned(),
        status: words[1].into(),
        error: error(words),
        segments: option(words, "segments"),
        facts: Facts {
            at: time_option(words, "at"),
            price,
            picked_up_by: delivered::picked_up_by(option::<String>(words, "by").as_deref()),
            pressed: option(words, "pressed"),
        },
        opted_out: words.contains(&"opted-out"),
        is_listed: words.contains(&"listed"),
        tenant: option(words, "of"),
    }
}

fn error(words: &[&str]) -> Option<String> {
    option::<String>(words, "error").map(|code| format!(r#"{{"code":"{code}","providerCode":7}}"#))
}

fn result(words: &[&str]) -> Finished {
    let (id, attempt) = attempt(words[0]);
    let sid = words.get(2).filter(|word| !word.contains('=')).map(|word| (*word).to_owned());
    let event = match words[1] {
        "accepted" => Event::Accepted {
            attempt,
            sid,
            status: words
                .get(3)
                .filter(|word| !word.contains('='))
                .map_or(DeliveryStatus::Queued, |word| (*word).into()),
        },
        "again" => Event::Refused { attempt, again: true },
        "rejected" => Event::Refused { attempt, again: false },
        "unmark" => Event::Unmark { attempt },
        "lost" => Event::Lost { attempt },
        "park" => Event::Park { attempt },
        other => panic!("no such result: {other}"),
    };
    Finished {
        id,
        event,
        due: time_option(words, "due").unwrap_or(BASE),
        counted: words.contains(&"counted"),
        why: option::<String>(words, "why").map(|why| reason(&why)),
        error: error(words),
        segments: option(words, "segments"),
        facts: Facts::default(),
        source: Source::Direct,
        because: None,
        opted_out: words.contains(&"opted-out"),
        not_sent: Vec::new(),
    }
}

fn reason(word: &str) -> ParkReason {
    ParkReason::named(word).unwrap_or_else(|| panic!("no such reason: {word}"))
}

fn event(words: &[&str]) -> Event {
    let second = || words.get(2).filter(|word| !word.contains('=')).map(|word| (*word).to_owned());
    let attempt = || number(words[1]);
    match words[0] {
        "mark" => Event::Mark,
        "cancel" => Event::Cancel,
        "expire" => Event::Expire,
        "block" => Event::Block,
        "settle" => Event::Settle(match words[1] {
            "was-sent" => Settlement::WasSent(second()),
            "was-not-sent" => Settlement::WasNotSent,
            "give-up" => Settlement::GiveUp,
            other => panic!("no such settlement: {other}"),
        }),
        "report" => Event::Report { sid: words[1].to_owned(), status: words[2].into() },
        "accepted" => Event::Accepted {
            attempt: attempt(),
            sid: second(),
            status: words.get(3).map_or(DeliveryStatus::Queued, |word| (*word).into()),
        },
        "again" => Event::Refused { attempt: attempt(), again: true },
        "rejected" => Event::Refused { attempt: attempt(), again: false },
        "unmark" => Event::Unmark { attempt: attempt() },
        "lost" => Event::Lost { attempt: attempt() },
        "park" => Event::Park { attempt: attempt() },
        other => panic!("no such event: {other}"),
    }
}

/// `a,b`.
fn list(text: Option<String>) -> Vec<String> {
    text.unwrap_or_default().split(',').filter(|word| !word.is_empty()).map(ToOwned::to_owned).collect()
}

/// `1.1 accepted SM1 sent`, `1.1 absent`, `1.1 park why=several sids=SM1,SM2`, `1.1 again next=60 absent-at=5`.
fn checked(words: &[&str]) -> Checked {
    let (id, attempt) = attempt(words[0]);
    let event = match words[1] {
        "accepted" => {
            let (sid, status) = (Some(words[2].to_owned()), words[3].into());
            Some(Event::Accepted { attempt, sid, status })
        }
        "absent" => Some(Event::Refused { attempt, again: true }),
        "park" => Some(Event::Park { attempt }),
        "again" => None,
        other => panic!("no such verdict: {other}"),
    };
    let absent = time_option(words, "absent-at");
    let seen = Seen { absent, sids: list(option(words, "sids")), ..Seen::default() };
    let why = option::<String>(words, "why").map(|why| reason(&why));
    Checked { id, attempt, event, why, seen, next: time_option(words, "next").unwrap_or(BASE) }
}

/// `sender 1 until=60 times=1 reason=full`, `account AC end`.
fn pause(words: &[&str]) -> Pause {
    let whom = match words[0] {
        "sender" => Whom::Sender(number(words[1])),
        "account" => Whom::Account(words[1].to_owned()),
        other => panic!("whom: {other}"),
    };
    let paused = time_option(words, "until").map(|until| Paused {
        until,
        times: option(words, "times").unwrap_or(1),
        reason: option(words, "reason").unwrap_or_default(),
    });
    Pause { whom, paused }
}

/// `person=3/60`, `range=100/3600`, `tenant-person=3/60`; a limit that ends with `!` blocks.
fn velocity(word: &str) -> Option<Velocity> {
    let (name, limit) = word.split_once('=')?;
    if !["person", "tenant-person", "range"].contains(&name) {
        return None;
    }
    let (most, window) = limit.trim_end_matches('!').split_once('/').unwrap();
    let (most, window) = (number(most), Duration::from_secs(number(window)));
    let rule = match name {
        "person" => Velocity::per_recipient(most, window),
        "tenant-person" => Velocity::per_recipient(most, window).map(Velocity::each_tenant),
        _ => Velocity::per_prefix(most, window),
    };
    let rule = rule.unwrap();
    Some(if limit.ends_with('!') { rule.block() } else { rule })
}

/// `1:1,2 2:3 limit=5 rows=2 epoch=1 forget=1,2 clean`.
fn tick(words: &[&str]) -> Ticking {
    let list = |text: &str| text.split(',').filter(|word| !word.is_empty()).map(number).collect();
    let takes = words.iter().filter_map(|word| word.split_once(':'));
    Ticking {
        take: takes.map(|(sender, queues)| (number(sender), list(queues))).collect(),
        epoch: option(words, "epoch"),
        forget: option::<String>(words, "forget").map(|text| list(&text)).unwrap_or_default(),
        limit: option(words, "limit"),
        rows: option(words, "rows"),
        clean: words.contains(&"clean"),
        lease: time_option(words, "lease"),
        from: option(words, "from"),
        lapse: words.contains(&"lapse"),
        held: option::<String>(words, "held").map(|text| list(&text)).unwrap_or_default(),
        needs_consent: words.contains(&"needs-consent"),
        budget: option::<u64>(words, "budget").map(|most| (most, option(words, "left").unwrap_or(0))),
        is_spent: words.contains(&"spent"),
        is_quiet: words.contains(&"quiet"),
        emergencies: option(words, "emergencies"),
        velocity: words.iter().filter_map(|word| velocity(word)).collect(),
    }
}
