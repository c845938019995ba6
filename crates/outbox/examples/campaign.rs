//! Texts 500 people from a list, with a plan before and a report after. In the middle it is killed, started again with the same
//! list, and nobody gets a text twice: `cargo run -p switchboard-outbox --example campaign`.
//!
//! The program starts a fake Twilio, and starts itself a second time as the one that sends. Nothing leaves this machine.

#![allow(clippy::print_stdout, reason = "an example talks to the person who runs it")]

use std::collections::HashMap;
use std::error::Error;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::Duration;

use switchboard::Credentials;
use switchboard::provider::Sender;
use switchboard::sms::{PriceList, Templates};
use switchboard::twilio::TwilioAdapter;
use switchboard_outbox::campaign::{Campaign, Draft, Recipients};
use switchboard_outbox::policy::{Policy, TextRules};
use switchboard_outbox::report::ReportOptions;
use switchboard_outbox::{Account, Outbox};
use switchboard_testing::FakeTwilio;

type Result<T = ()> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// What the sending process needs to know.
struct Setup {
    folder: PathBuf,
    url: String,
    sid: String,
    token: String,
    number: String,
}

impl Setup {
    async fn outbox(&self) -> Result<Outbox> {
        let outbox = Outbox::sqlite(self.folder.join("app.db")).await?;
        Ok(outbox.with_policy(Policy::new().countries(["US"])?.text_rules(TextRules::standard())))
    }

    fn draft(&self, campaign: &Campaign) -> Result<Draft> {
        let templates = Templates::new()
            .add("sale", "Blue Door: {{first}}, your table on Friday is 20 % off. Reply STOP to opt out.")?;
        let draft = campaign.text(&templates, "sale")?.from(Sender::Number(self.number.as_str().into()));
        Ok(draft.prices(prices()?).rejects(self.folder.join("rejects.csv")).by("ada"))
    }

    fn list(&self) -> Result<Recipients> {
        Ok(Recipients::csv(File::open(self.folder.join("list.csv"))?).country("US"))
    }

    /// Imports the list, and sends until nothing is left. After a crash, it does the same again.
    async fn send(&self) -> Result {
        let outbox = self.outbox().await?;
        let adapter = TwilioAdapter::builder().base_url(&self.url).build()?;
        let credentials = Credentials::twilio(&self.sid, &self.token).phone_number(&self.number);
        let worker = outbox
            .worker(Account::new(adapter, credentials))
            .rate(self.number.as_str(), 200.0)
            .spawn()
            .await?;
        let campaign = outbox.campaign("friday");
        let import = self.draft(&campaign)?.start(self.list()?).await?;
        println!("  imported {}", import.finished().await?);
        let mut watch = campaign.watch_every(Duration::from_millis(500));
        while let Some(progress) = watch.next().await {
            println!("  {}", progress?);
        }
        worker.shutdown(Duration::from_secs(10)).await?;
        Ok(())
    }

    fn start(&self) -> Result<Child> {
        let program = std::env::current_exe()?;
        let arguments = [&self.url, &self.sid, &self.token, &self.number];
        Ok(Command::new(program).arg(&self.folder).args(arguments).spawn()?)
    }
}

fn prices() -> Result<PriceList> {
    let mut prices = PriceList::new("USD");
    prices.set("US", "local", "0.0083".parse()?);
    Ok(prices)
}

/// 500 people, of whom three cannot be texted.
fn write_list(path: &Path) -> Result {
    let mut table = switchboard_outbox::campaign::Table::new(File::create(path)?);
    table.row(["Phone", "First", "City"])?;
    for n in 0..500 {
        let (phone, name) = match n {
            17 => ("1.41555E+10".to_owned(), format!("Guest {n}")),
            18 => ("+493012345678".to_owned(), format!("Guest {n}")),
            19 => ("(415) 555-1019".to_owned(), String::new()),
            _ => (format!("(415) 555-{}", 1_000 + n), format!("Guest {n}")),
        };
        table.row([phone, name, "Oakland".to_owned()])?;
    }
    table.finish()?;
    Ok(())
}

#[tokio::main]
async fn main() -> Result {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [folder, url, sid, token, number] = arguments.as_slice() {
        let [url, sid, token, number] = [url, sid, token, number].map(Clone::clone);
        return Setup { folder: folder.into(), url, sid, token, number }.send().await;
    }
    println!("On a fake Twilio of this example: nothing leaves this machine.");
    let fake = FakeTwilio::start().await;
    let folder = std::env::temp_dir().join(format!("switchboard-campaign-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let (sid, token) = (fake.account_sid(), fake.auth_token());
    let setup = Setup { folder, url: fake.url(), sid, token, number: fake.phone_number().to_owned() };
    write_list(&setup.folder.join("list.csv"))?;

    let outbox = setup.outbox().await?;
    let campaign = outbox.campaign("friday");
    println!("the plan: {}", setup.draft(&campaign)?.plan(setup.list()?).await?);

    let mut sending = setup.start()?;
    while fake.sent().len() < 150 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    sending.kill()?;
    sending.wait()?;
    println!("killed: {}", campaign.progress().await?);

    let mut sending = setup.start()?;
    tokio::task::spawn_blocking(move || sending.wait()).await??;
    let mut texts: HashMap<String, u32> = HashMap::new();
    fake.sent().into_iter().for_each(|sent| *texts.entry(sent.to).or_default() += 1);
    println!("{}", campaign.progress().await?);
    for (n, sent) in fake.sent().iter().enumerate() {
        if n % 50 == 7 { fake.undeliver(&sent.sid, 30_005) } else { fake.deliver(&sent.sid) }
    }
    let hour_ago = jiff::Timestamp::now() - Duration::from_secs(3_600);
    outbox.collect(Account::new(fake.adapter(), fake.credentials()), hour_ago).run().await?;
    println!("{}", campaign.report(ReportOptions::new().prices(prices()?)).await?);
    println!(
        "{} people have a text, {} of them twice",
        texts.len(),
        texts.values().filter(|n| **n > 1).count()
    );
    println!("the rejected rows:\n{}", std::fs::read_to_string(setup.folder.join("rejects.csv"))?.trim_end());
    std::fs::remove_dir_all(&setup.folder)?;
    Ok(())
}
