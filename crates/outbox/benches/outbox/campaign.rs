//! Importing a campaign, in a process of its own: reading the list, filling the template, asking the policy, and enqueuing.

use std::io::{BufWriter, Write};
use std::time::Instant;

use switchboard::sms::Templates;
use switchboard_outbox::Outbox;
use switchboard_outbox::campaign::{Campaign, Recipients};

use crate::child::{self, Child};
use crate::machine;
use crate::plan::Plan;
use crate::policy::rules;
use crate::report::{Target, line, median};

const NAME: &str = "bench";

pub(crate) async fn campaign(plan: &Plan) {
    let mut all = Vec::new();
    for rows in [plan.ready / 10, plan.ready] {
        let place = plan.databases.place("campaign");
        let mut child = Child::start(child::CAMPAIGN, place.address(), "", rows, 0);
        let figures = tokio::task::spawn_blocking(move || {
            let figures = [(); 4].map(|()| child.answer());
            child.wait();
            figures
        });
        let [speed, peak, first, last] = figures.await.unwrap();
        line(plan, "campaign", &format!("{rows} rows"), speed, "rows/s", &Target::AtLeast(20_000.0));
        line(plan, "campaign", &format!("{rows} rows, peak"), peak, "MiB", &Target::AtMost(64.0));
        let what = format!("progress of {rows}, last / first ({first:.0} µs)");
        line(plan, "campaign", &what, last / first, "×", &Target::None);
        all.push(peak);
        place.remove().await;
    }
    line(plan, "campaign", "peak, ten times the rows", all[1] / all[0], "×", &Target::AtMost(1.1));
}

/// A list in a file: a name, a city, and a number of its own for each row.
fn list(rows: u64) -> std::path::PathBuf {
    let path = std::env::temp_dir().join(format!("switchboard-bench-list-{}.csv", std::process::id()));
    let mut file = BufWriter::new(std::fs::File::create(&path).unwrap());
    writeln!(file, "Phone;First;City").unwrap();
    for row in 0..rows {
        let (exchange, number) = (200 + row / 10_000, row % 10_000);
        writeln!(file, "(212) {exchange:03}-{number:04};Guest {row};\"Oakland; California\"").unwrap();
    }
    file.flush().unwrap();
    path
}

pub(crate) async fn import(outbox: Outbox, rows: u64) -> [f64; 4] {
    let path = list(rows);
    let outbox = outbox.with_policy(rules(false));
    let text = "Blue Door: {{first}}, your table in {{city}} is 20 % off on Friday. Reply STOP to opt out.";
    let templates = Templates::new().add("sale", text).unwrap();
    let campaign = outbox.campaign(NAME);
    let draft = campaign.text(&templates, "sale").unwrap();
    let begun = Instant::now();
    let import =
        draft.start(Recipients::csv(std::fs::File::open(&path).unwrap()).country("US")).await.unwrap();
    while campaign.progress().await.unwrap().messages == 0 {
        tokio::task::yield_now().await;
    }
    let imported = import.finished().await.unwrap();
    let speed = rows as f64 / begun.elapsed().as_secs_f64();
    assert_eq!(imported.new, rows, "{imported}");
    std::fs::remove_file(path).unwrap();
    let last = progress(&campaign).await;
    let peak = machine::peak_memory().unwrap_or(f64::NAN);
    // A campaign of a single part, beside the large one.
    let small = outbox.campaign("small");
    let one = Recipients::rows([switchboard_outbox::campaign::Recipient::new("+12125550100")
        .value("first", "Ada")
        .value("city", "Oakland")]);
    small.text(&templates, "sale").unwrap().start(one).await.unwrap().finished().await.unwrap();
    [speed, peak, progress(&small).await, last]
}

/// The median time of reading the progress, in microseconds.
async fn progress(campaign: &Campaign) -> f64 {
    let mut times = Vec::new();
    for _ in 0..200 {
        let begun = Instant::now();
        campaign.progress().await.unwrap();
        times.push(begun.elapsed().as_secs_f64() * 1e6);
    }
    median(&times)
}
