//! Runs the fake of Twilio on a loopback port until Ctrl-C: `cargo run --example fake_twilio -- --port 8080`.
//!
//! Messages are delivered some seconds after they were sent, calls are answered, and status callbacks arrive. Point any
//! client at the URL; `curl` will do.
//!
//! In this terminal you can act as the person at the other end: `text +14155551234 Hello` sends a signed message to your
//! webhook, `call +14155551234` calls your number. `help` lists all commands.

use std::io::Write as _;

use switchboard_testing::{FakeTwilio, Heard, Phone, WaitsFor};
use tokio::sync::mpsc;

#[path = "shared/setup.rs"]
mod setup;

use setup::{Result, arguments};

#[tokio::main]
async fn main() -> Result<()> {
    let port = port(&arguments("fake_twilio -- [--port N]"))?;
    let twilio = FakeTwilio::builder().port(port).real_time().try_start().await?;
    tokio::select! {
        // The handler of Ctrl-C is installed before anything is printed.
        biased;
        stopped = tokio::signal::ctrl_c() => Ok(stopped?),
        failed = people(&twilio) => failed,
    }
}

const HELP: &str = "sms-url URL      where messages go, if your program has not set it over the API
voice-url URL    where calls go
text FROM WORDS  somebody texts you
call FROM        somebody calls you; then:
  press KEYS, speak WORDS, silent, record SECONDS, dialed busy|no-answer|completed, hang up
";

/// Reads the lines of the terminal on a separate thread, so that the program can end at once. With tokio's `stdin` it would
/// wait for the next line.
fn typed() -> mpsc::UnboundedReceiver<String> {
    let (sender, receiver) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        std::io::stdin().lines().map_while(std::result::Result::ok).try_for_each(|line| sender.send(line))
    });
    receiver
}

/// Acts as the people who text and call: executes each line of the terminal. At the end of the input it only waits.
async fn people(twilio: &FakeTwilio) -> Result<()> {
    say(&welcome(twilio))?;
    let mut lines = typed();
    let mut phone = None;
    while let Some(line) = lines.recv().await {
        let (verb, rest) = line.trim().split_once(' ').unwrap_or((line.trim(), ""));
        match (verb, rest.split_once(' ').unwrap_or((rest, ""))) {
            ("", _) => {}
            ("sms-url", (url, "")) => twilio.set_sms_url(url),
            ("voice-url", (url, "")) => twilio.set_voice_url(url),
            ("text", (from, words)) if !from.is_empty() => text(twilio, from, words).await?,
            ("call", (from, "")) if !from.is_empty() => {
                let call = twilio.call_in(from).await;
                print_call(&call, 0)?;
                phone = Some(call);
            }
            _ => match &phone {
                Some(phone) => act(phone, verb, rest).await?,
                None => say(HELP)?,
            },
        }
    }
    std::future::pending().await
}

async fn text(twilio: &FakeTwilio, from: &str, words: &str) -> Result<()> {
    let delivery = twilio.receive_sms(from, words).await;
    match (delivery.error(), delivery.automatic_reply()) {
        (Some(error), _) => say(&format!("! {error}\n"))?,
        (None, Some(automatic)) => say(&format!("< {automatic} (from Twilio)\n"))?,
        (None, None) if delivery.replies().is_empty() => say("  no reply\n")?,
        (None, None) => {}
    }
    delivery.replies().iter().try_for_each(|reply| say(&format!("< {}\n", reply.body.as_str())))
}

/// Executes an action of the person at the telephone, if the call waits for it.
async fn act(phone: &Phone, verb: &str, rest: &str) -> Result<()> {
    let before = phone.heard().len();
    match (verb, phone.waits_for()) {
        ("press", WaitsFor::Input { digits: true, .. }) => phone.press(rest).await,
        ("speak", WaitsFor::Input { speech: true, .. }) => phone.say(rest).await,
        ("silent", WaitsFor::Input { .. }) => phone.stay_silent().await,
        ("record", WaitsFor::Recording { .. }) => match rest.parse() {
            Ok(seconds) => phone.record(seconds).await,
            Err(_) => return say(&format!("record {rest}: not a number of seconds\n")),
        },
        ("dialed", WaitsFor::DialedParty { .. }) if ["busy", "no-answer", "completed"].contains(&rest) => {
            phone.dialed(rest).await;
        }
        ("hang", waits) if waits != WaitsFor::Nothing => phone.hang_up().await,
        (_, waits) => return say(&format!("the call waits for {waits:?}\n{HELP}")),
    }
    print_call(phone, before)
}

/// Prints what was heard since then, and what the call waits for.
fn print_call(phone: &Phone, before: usize) -> Result<()> {
    for heard in phone.heard().iter().skip(before) {
        match heard {
            Heard::Say(words) => say(&format!("< {}\n", words.as_str()))?,
            Heard::Play(sound) => say(&format!("< (plays {})\n", sound.as_str()))?,
            other => say(&format!("< ({other:?})\n"))?,
        }
    }
    if let Some(error) = phone.error() {
        say(&format!("! {error}\n"))?;
    }
    say(&format!("  {}; waits for {:?}\n", phone.status(), phone.waits_for()))
}

fn say(text: &str) -> Result<()> {
    let mut out = std::io::stdout();
    out.write_all(text.as_bytes())?;
    Ok(out.flush()?)
}

/// Reads `--port N`; without it a free port is taken.
fn port(arguments: &[String]) -> Result<u16> {
    match arguments {
        [] => Ok(0),
        [option, port] if option == "--port" => {
            port.parse().map_err(|_| format!("--port {port}: not a port, a number from 0 to 65535").into())
        }
        _ => Err("usage: fake_twilio [--port N]".into()),
    }
}

fn welcome(twilio: &FakeTwilio) -> String {
    let (url, account, token) = (twilio.url(), twilio.account_sid(), twilio.auth_token());
    let (key, secret) = twilio.main_api_key();
    let number = twilio.phone_number();
    format!(
        "TWILIO_BASE_URL={url}
TWILIO_ACCOUNT_SID={account}
TWILIO_AUTH_TOKEN={token}
TWILIO_API_KEY={key}
TWILIO_API_SECRET={secret}
TWILIO_PHONE_NUMBER={number}

curl -u {account}:{token} {url}/2010-04-01/Accounts/{account}/Messages.json \\
  --data-urlencode To=+14155551234 --data-urlencode From={number} --data-urlencode 'Body=Your table is ready'

Type `help` to text or call your program.
"
    )
}
