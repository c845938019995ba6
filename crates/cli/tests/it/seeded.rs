//! A fake with something in it, the same in every run: SIDs and times, too.

use std::path::Path;

use switchboard::twilio::content::CreateContent;
use switchboard::twilio::{MakeCall, TwilioAccount};
use switchboard_testing::FakeTwilio;

/// The program.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_switchboard");

/// The number of the old lines, which the account owns beside the one it sends from.
pub(crate) const OLD_NUMBER: &str = "+1234567890";

/// The numbers that the old lines buy.
const FOR_SALE: [&str; 2] = ["+14155551234", "+12125551234"];

pub(crate) async fn start() -> FakeTwilio {
    let builder = FakeTwilio::builder().seed(0).starting_at("2026-09-01T08:00:00Z".parse().unwrap());
    let fake = builder.start().await;
    fake.own_number(OLD_NUMBER);
    FOR_SALE.iter().for_each(|number| fake.offer_number(number));
    fake.set_code("123456");
    let account = fake.account();
    messages(&fake, &account).await;
    calls(&fake, &account).await;
    let template = CreateContent::new("en").friendly_name("appointment_reminder");
    let template = template.variable("1", "Ada").variable("2", "today").text("Hello {{1}}, we see you {{2}}");
    let template = account.content().create(&template).await.unwrap();
    fake.approve_content(&template.sid);
    fake.add_alert(11200);
    fake
}

async fn messages(fake: &FakeTwilio, account: &TwilioAccount) {
    for (to, text) in [("+14155551234", "Your table is ready"), ("+14155550177", "Your table is ready, too")]
    {
        let sent = account.send_sms(to, text).await.unwrap();
        fake.deliver(&sent.sid);
    }
    let failed = account.send_sms("+14155550188", "Nobody reads this").await.unwrap();
    fake.undeliver(&failed.sid, 30003);
    fake.receive_sms("+14155551234", "Thank you\u{1b}[2J").await;
}

async fn calls(fake: &FakeTwilio, account: &TwilioAccount) {
    let call = account.make_call(&MakeCall::say("+14155551234", "Your table is ready")).await.unwrap();
    fake.answer_call(&call.sid);
    fake.complete_call(&call.sid);
    let recording = fake.add_recording(&call.sid);
    fake.add_transcription(&recording, "I would like a table for two.");
}

/// The environment of somebody who has this account, and whose files are in `home`.
pub(crate) fn environment(fake: &FakeTwilio, home: &Path) -> Vec<(&'static str, String)> {
    let folder = |name: &str| home.join(name).display().to_string();
    vec![
        ("TWILIO_BASE_URL", fake.url()),
        ("TWILIO_ACCOUNT_SID", fake.account_sid()),
        ("TWILIO_AUTH_TOKEN", fake.auth_token()),
        ("TWILIO_PHONE_NUMBER", fake.phone_number().to_owned()),
        ("HOME", folder("")),
        ("XDG_CONFIG_HOME", folder("config")),
        ("XDG_DATA_HOME", folder("data")),
        ("XDG_STATE_HOME", folder("state")),
    ]
}

/// A folder that is removed at the end.
pub(crate) struct Home(std::path::PathBuf);

impl Home {
    pub(crate) fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("switchboard-{name}-{}", std::process::id()));
        drop(std::fs::remove_dir_all(&path));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}
