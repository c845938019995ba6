//! A Twilio of your own on a loopback port, till Ctrl-C: `cargo run --example fake_twilio -- --port 8080`.
//!
//! Messages are delivered some seconds after they were sent, calls are answered, and status callbacks arrive. Point any
//! client at the URL; `curl` will do.

use std::error::Error;
use std::io::Write as _;

use switchboard::testing::FakeTwilio;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let twilio = FakeTwilio::builder().port(port()?).real_time().plain_server().start().await;
    std::io::stdout().write_all(welcome(&twilio).as_bytes())?;
    tokio::signal::ctrl_c().await?;
    Ok(())
}

/// Reads `--port N`; without it a free port is taken.
fn port() -> Result<u16, Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    match (arguments.next().as_deref(), arguments.next(), arguments.next()) {
        (None, _, _) => Ok(0),
        (Some("--port"), Some(port), None) => Ok(port.parse()?),
        _ => Err("usage: fake_twilio [--port N]".into()),
    }
}

fn welcome(twilio: &FakeTwilio) -> String {
    let (url, account, token) = (twilio.url(), twilio.account_sid(), twilio.auth_token());
    let (key, secret) = twilio.api_key();
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
"
    )
}
