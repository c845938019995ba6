//! The cost of verifying a webhook, compared with only HMAC-SHA1 and base64 of the same bytes; and the cost of a TwiML
//! document, compared with writing the same text by hand.
//!
//! The contenders alternate within each round, and ratios are computed within a round, so that a slow moment of the machine
//! affects all of them. Targets are printed and never fail the run.
//!
//! Run it with `cargo bench --bench webhook`. Under `cargo test --benches` it runs a few times only, and its numbers are not
//! measurements.

#![allow(clippy::print_stdout, reason = "a benchmark reports on stdout")]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a benchmark that cannot run has nothing to report"
)]

use std::hint::black_box;
use std::time::Instant;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::{HeaderMap, Method};
use sha1::Sha1;
use switchboard::twilio::twiml::{Gather, VoiceResponse};
use switchboard::twilio::webhook::{SignedRequest, Verifier};

const TOKEN: &str = "0123456789abcdef0123456789abcdef";
const URL: &str = "https://example.com/twilio/sms?tenant=42";

/// An inbound message as it comes from the United States: twenty parameters.
const PARAMS: [(&str, &str); 20] = [
    ("ToCountry", "US"),
    ("ToState", "CA"),
    ("SmsMessageSid", "SM0123456789abcdef0123456789abcdef"),
    ("NumMedia", "0"),
    ("ToCity", "SAN FRANCISCO"),
    ("FromZip", "94105"),
    ("SmsSid", "SM0123456789abcdef0123456789abcdef"),
    ("FromState", "CA"),
    ("SmsStatus", "received"),
    ("FromCity", "SAN FRANCISCO"),
    ("Body", "Thank you, we will be there at 8 o'clock & bring ☕"),
    ("FromCountry", "US"),
    ("To", "+14155550100"),
    ("MessagingServiceSid", "MG0123456789abcdef0123456789abcdef"),
    ("ToZip", "94103"),
    ("NumSegments", "1"),
    ("MessageSid", "SM0123456789abcdef0123456789abcdef"),
    ("AccountSid", "AC0123456789abcdef0123456789abcdef"),
    ("From", "+14155551234"),
    ("ApiVersion", "2010-04-01"),
];

fn main() {
    let measuring = std::env::args().any(|argument| argument == "--bench");
    let (rounds, times) = if measuring { (31, 20_000) } else { (1, 10) };
    if !measuring {
        println!("a trial run, too short to measure: run it with `cargo bench`");
    }
    println!("medians of {rounds} rounds of {times}; ratios are medians of each round's ratio\n");
    signatures(rounds, times);
    documents(rounds, times);
}

fn signatures(rounds: usize, times: usize) {
    let verifier = Verifier::new(TOKEN).public_url("https://example.com");
    let signature = verifier.sign_form(URL, &PARAMS);
    let form = serde_urlencoded::to_string(PARAMS).unwrap();
    let mut headers = HeaderMap::new();
    headers.insert("content-type", "application/x-www-form-urlencoded".parse().unwrap());
    headers.insert("x-twilio-signature", signature.parse().unwrap());
    let request =
        |url| SignedRequest { method: &Method::POST, url, headers: &headers, body: form.as_bytes() };
    let (target, with_port) = ("/twilio/sms?tenant=42", "https://example.com:443/twilio/sms?tenant=42");

    let signed = signed_bytes();
    assert_eq!(bare(&signed), signature);
    assert!(verifier.verify(&request(target)).is_ok());
    println!(
        "a form of {} parameters, {} bytes signed, {} in the body",
        PARAMS.len(),
        signed.len(),
        form.len()
    );
    let mut table = Table::new(rounds, times, "bare HMAC-SHA1 and base64", || bare(&signed).len());
    table.add("from decoded pairs", Some(2.5), || verifier.verify_form(URL, &PARAMS, &signature).is_ok());
    table.add("from the raw body", Some(6.0), || verifier.verify_params(&request(target)).is_ok());
    table.add("from the raw body, as an event", Some(6.0), || verifier.verify(&request(target)).is_ok());
    table.add("from pairs, signed without its port", None, || {
        verifier.verify_form(with_port, &PARAMS, &signature).is_ok()
    });
    table.add("refused, with a diagnosis", None, || {
        verifier.verify_form(URL, &PARAMS[1..], &signature).is_err()
    });
    table.run();
}

/// Builds the bytes that Twilio signs, by hand.
fn signed_bytes() -> Vec<u8> {
    let mut sorted = PARAMS;
    sorted.sort_unstable();
    let mut bytes = URL.as_bytes().to_vec();
    bytes.extend(sorted.iter().flat_map(|(key, value)| [*key, *value]).flat_map(str::bytes));
    bytes
}

fn bare(bytes: &[u8]) -> String {
    let mut mac = Hmac::<Sha1>::new_from_slice(TOKEN.as_bytes()).unwrap();
    mac.update(bytes);
    STANDARD.encode(mac.finalize().into_bytes())
}

fn documents(rounds: usize, times: usize) {
    let (text, action) =
        (black_box("For Tom & Jerry press 1, for \"sales\" press 2"), black_box("/menu?a=1&b=2"));
    let ours = || {
        let gather = Gather::new().action(action).num_digits(1).timeout(5).say(text);
        VoiceResponse::new().gather(gather).redirect(action).to_xml()
    };
    let by_hand = || {
        let mut out = String::from(r#"<?xml version="1.0" encoding="UTF-8"?><Response><Gather action=""#);
        escape(action, &mut out);
        out.push_str(r#"" numDigits="1" timeout="5"><Say>"#);
        escape(text, &mut out);
        out.push_str("</Say></Gather><Redirect>");
        escape(action, &mut out);
        out.push_str("</Redirect></Response>");
        out
    };
    println!("a Gather with a Say, and a Redirect: {} bytes\n{}", ours().len(), ours());
    assert_eq!(roxmltree::Document::parse(&ours()).unwrap().descendants().count(), 7);
    assert_eq!(roxmltree::Document::parse(&by_hand()).unwrap().descendants().count(), 7);
    let mut table = Table::new(rounds, times, "written by hand", || by_hand().len());
    table.add("VoiceResponse", Some(5.0), || ours().len() > 1);
    table.run();
}

fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            c => out.push(c),
        }
    }
}

type Work<'a> = Box<dyn Fn() -> usize + 'a>;

/// A table of operations whose times are compared with that of a first one.
struct Table<'a> {
    rounds: usize,
    times: usize,
    rows: Vec<(&'static str, Option<f64>, Work<'a>)>,
}

impl<'a> Table<'a> {
    fn new(rounds: usize, times: usize, name: &'static str, base: impl Fn() -> usize + 'a) -> Self {
        Self { rounds, times, rows: vec![(name, None, Box::new(base))] }
    }

    /// Adds an operation that must succeed. `target` is how many times the time of the first one it may take.
    fn add(&mut self, name: &'static str, target: Option<f64>, work: impl Fn() -> bool + 'a) {
        let work = move || {
            assert!(work());
            1
        };
        self.rows.push((name, target, Box::new(work)));
    }

    fn run(self) {
        let mut nanos = vec![Vec::new(); self.rows.len()];
        for _ in 0..=self.rounds {
            for ((.., work), times) in self.rows.iter().zip(&mut nanos) {
                let start = Instant::now();
                for _ in 0..self.times {
                    black_box(work());
                }
                times.push(start.elapsed().as_secs_f64() * 1e9 / self.times as f64);
            }
        }
        // The first round only warms up the caches.
        let base = nanos.first().unwrap()[1..].to_vec();
        for ((name, target, _), times) in self.rows.iter().zip(&nanos) {
            let ratios = times[1..].iter().zip(&base).map(|(time, base)| time / base).collect();
            let target = target.map(|most| format!("  (target: at most {most})")).unwrap_or_default();
            println!("  {name:40} {:8.0} ns {:6.2}x{target}", median(times[1..].to_vec()), median(ratios));
        }
        println!();
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values[values.len() / 2]
}
