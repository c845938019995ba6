//! Random input for the code that untrusted input reaches: the verifier, the event parser, the TwiML writer.
//!
//! `FUZZ_CASES=1000000 cargo test --test fuzz` tries a million of each, as `.ci/run` does; without it, 20,000.
//! `FUZZ_SEED` repeats a run; a failure prints the seed of its case.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed test panics")]
#![allow(clippy::print_stderr, reason = "a failure says how to repeat it")]

use std::panic::{AssertUnwindSafe, catch_unwind};

use fastrand::Rng;
use http::{HeaderMap, HeaderValue, Method};
use switchboard::twilio::twiml::{Dial, Element, Gather, MessagingResponse, Say, VoiceResponse};
use switchboard::twilio::webhook::{Event, Params, SignatureError, SignedRequest, Verifier, WebhookEvent};

/// Runs a case for each of many seeds.
fn try_many(case: impl Fn(&mut Rng)) {
    let number = |name: &str| std::env::var(name).ok().map(|text| text.parse::<u64>().unwrap());
    let first = number("FUZZ_SEED").unwrap_or(1);
    for seed in first..first + number("FUZZ_CASES").unwrap_or(20_000) {
        let result = catch_unwind(AssertUnwindSafe(|| case(&mut Rng::with_seed(seed))));
        if let Err(panic) = result {
            eprintln!("FUZZ_SEED={seed} FUZZ_CASES=1 repeats it");
            std::panic::resume_unwind(panic);
        }
    }
}

fn pick<'a>(rng: &mut Rng, from: &[&'a str]) -> &'a str {
    rng.choice(from).copied().unwrap_or_default()
}

/// Random bytes, many of them with a meaning for a parser.
fn bytes(rng: &mut Rng, most: usize) -> Vec<u8> {
    let length = rng.usize(..=most);
    let special = b"=&%+?#/:@;'\"<>[]{}\0\r\n\x80\xc3\xff0aAf ";
    let mut byte = |_| if rng.bool() { *rng.choice(special).unwrap() } else { rng.u8(..) };
    (0..length).map(&mut byte).collect()
}

fn text(rng: &mut Rng, most: usize) -> String {
    let special =
        ["&", "<", "]]>", "\"", "'", "\0", "\u{b}", "\r\n", "\t", "\u{fffe}", "😀", "é", "--", "&#0;", "?>"];
    (0..rng.usize(..=most))
        .map(|_| if rng.bool() { pick(rng, &special).to_owned() } else { rng.char(..).to_string() })
        .collect()
}

const URLS: &[&str] = &[
    "",
    "/",
    "/sms",
    "/sms?x=1",
    "https://example.com/sms",
    "http://[::1]:8080/a?b",
    "https://u:p@h:443/?a=%zz&b=+",
    "//",
    "https://",
    "://",
    "?",
    "#",
    "https://example.com/sms?bodySHA256=",
    "/x?bodySHA256=00&bodySHA256=00",
];

#[test]
fn the_verifier_refuses_whatever_is_not_signed_and_never_panics() {
    let verifiers = [
        Verifier::new("12345"),
        Verifier::new("12345").public_url("https://example.com/prefix"),
        Verifier::new("12345").trust_proxy(),
        Verifier::new(""),
    ];
    try_many(|rng| {
        let url = match rng.u8(..3) {
            0 => pick(rng, URLS).to_owned(),
            1 => String::from_utf8_lossy(&bytes(rng, 40)).into_owned(),
            _ => format!("https://example.com/{}", String::from_utf8_lossy(&bytes(rng, 30))),
        };
        let mut headers = HeaderMap::new();
        let names = [
            "x-twilio-signature",
            "content-type",
            "host",
            "forwarded",
            "x-forwarded-proto",
            "x-forwarded-host",
            "x-forwarded-port",
            "x-forwarded-prefix",
            "authorization",
            "upgrade",
            "x-twilio-webhooks-signature-settings",
        ];
        let values = [
            "application/x-www-form-urlencoded",
            "application/json",
            "RSOYDt4T1cUTdK1PDd93/VVr8B8=",
            "websocket",
            "Basic dTpw",
            "proto=https;host=\"a",
            "https",
            "443",
            ",",
            ";",
            "algorithm=HMAC_SHA256",
        ];
        for _ in 0..rng.usize(..6) {
            let value = if rng.bool() { pick(rng, &values).as_bytes().to_vec() } else { bytes(rng, 30) };
            if let Ok(value) = HeaderValue::from_bytes(&value) {
                headers.append(pick(rng, &names), value);
            }
        }
        let method = rng.choice([Method::POST, Method::GET, Method::PUT]).unwrap();
        let body = bytes(rng, 60);
        let request = SignedRequest { method: &method, url: &url, headers: &headers, body: &body };
        let verifier = rng.choice(&verifiers).unwrap();
        let error = verifier.verify(&request).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("12345"));

        signed_and_altered(rng, verifier, &body);
    });
}

/// A signed form is accepted. With one byte changed it is refused, unless the pairs are still the same.
fn signed_and_altered(rng: &mut Rng, verifier: &Verifier, body: &[u8]) {
    let url = "https://example.com/prefix/sms?a=b+c";
    let params = Params::from_form(body);
    let pairs: Vec<(&str, &str)> = params.iter().collect();
    let signature = verifier.sign_form(url, &pairs);
    match verifier.verify_form(url, &pairs, &signature) {
        Ok(_) => {}
        Err(SignatureError::NoToken | SignatureError::MissingHeader) => return,
        Err(error) => panic!("{error}"),
    }
    let mut spoiled = body.to_vec();
    let Some(byte) = rng.choice(spoiled.iter_mut()) else { return };
    *byte ^= 1 << rng.u8(..8);
    let spoiled = Params::from_form(&spoiled);
    let other: Vec<(&str, &str)> = spoiled.iter().collect();
    // Twilio signs names and values in sorted order without separators, each pair once: forms with the same signed text
    // have the same signature.
    if canonical(&pairs) != canonical(&other) {
        assert!(verifier.verify_form(url, &other, &signature).is_err());
    }
}

fn canonical(pairs: &[(&str, &str)]) -> String {
    let mut sorted = pairs.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    sorted.iter().flat_map(|(key, value)| [*key, *value]).collect()
}

const KEYS: &[&str] = &[
    "MessageSid",
    "SmsSid",
    "SmsStatus",
    "MessageStatus",
    "AccountSid",
    "From",
    "To",
    "Body",
    "NumMedia",
    "MediaUrl0",
    "MediaContentType0",
    "MediaUrl9999999999",
    "OptOutType",
    "CallSid",
    "CallStatus",
    "Direction",
    "Digits",
    "SpeechResult",
    "Confidence",
    "DialCallStatus",
    "DialCallDuration",
    "RecordingUrl",
    "RecordingSid",
    "RecordingStatus",
    "RecordingDuration",
    "TranscriptionSid",
    "TranscriptionText",
    "AnsweredBy",
    "QueueResult",
    "QueueTime",
    "Payload",
    "PayloadType",
    "Level",
    "Timestamp",
    "SequenceNumber",
    "ErrorCode",
    "RawDlrDoneDate",
    "ChannelMetadata",
    "Latitude",
    "Longitude",
    "ReferralNumMedia",
    "ButtonText",
    "CallDuration",
    "StirVerstat",
    "",
];

/// Names of parameters with personal values.
const PERSONAL: &[&str] = &[
    "From",
    "To",
    "Body",
    "Digits",
    "SpeechResult",
    "TranscriptionText",
    "ButtonText",
    "Latitude",
    "Payload",
];

#[test]
fn the_event_parser_accepts_any_input_and_debug_shows_no_value() {
    let values = [
        "",
        "SM0123456789abcdef0123456789abcdef",
        "received",
        "delivered",
        "-1",
        "99999999999999999999",
        "1e999",
        "0.5",
        "NaN",
        "STOP",
        "true",
        "{\"a\":[1]}",
        "{",
        "Thu, 24 Aug 2023 05:01:45 +0000",
        "2401011200",
        "hangup",
        "\0",
    ];
    try_many(|rng| {
        let params = if rng.u8(..4) == 0 {
            Params::from_form(&bytes(rng, 80))
        } else {
            let pair = |rng: &mut Rng| {
                let key = pick(rng, KEYS);
                let value = match rng.u8(..4) {
                    0 => text(rng, 6),
                    1 if PERSONAL.contains(&key) => "planted+14155551234".to_owned(),
                    _ => pick(rng, &values).to_owned(),
                };
                (key, value)
            };
            Params::from_pairs((0..rng.usize(..12)).map(|_| pair(rng)).collect::<Vec<_>>())
        };
        let event = Event::from_params(&params);
        assert!(!format!("{event:?}").contains("planted"));
        let _ = (event.dedupe_key(), event.message().map(|message| message.reply("x").to_xml()));
        // Storing and reading back is the most expensive check, so it runs for few cases only.
        if rng.u8(..16) == 0 {
            let json = serde_json::to_string(&event).unwrap();
            let read: Event = serde_json::from_str(&json).unwrap();
            assert_eq!(serde_json::to_string(&read).unwrap(), json);
        }
    });
}

#[test]
fn every_document_is_well_formed() {
    try_many(|rng| {
        let mut document = VoiceResponse::new();
        for _ in 0..rng.usize(..4) {
            document = match rng.u8(..6) {
                0 => {
                    document.say(Say::new(text(rng, 6)).voice(text(rng, 3)).attr(text(rng, 2), text(rng, 3)))
                }
                1 => document
                    .gather(Gather::new().action(text(rng, 4)).num_digits(rng.u32(..)).say(text(rng, 5))),
                2 => document.dial(Dial::from(text(rng, 4)).caller_id(text(rng, 3)).timeout(rng.u32(..))),
                3 => document.redirect(text(rng, 5)),
                4 => document.element(element(rng, 3)),
                _ => document.pause(rng.u32(..)),
            };
        }
        let xml = document.to_xml();
        roxmltree::Document::parse(&xml).unwrap_or_else(|error| panic!("{error}: {xml:?}"));
        // If the strict writer succeeds, the lenient one gives the same document.
        if let Ok(strict) = document.try_to_xml() {
            assert_eq!(strict, xml);
        }
        let words = text(rng, 6);
        let xml = MessagingResponse::new().message(words.as_str()).to_xml();
        let read = roxmltree::Document::parse(&xml).unwrap();
        let found: String =
            read.descendants().filter(|node| node.is_text()).filter_map(|node| node.text()).collect();
        assert_eq!(found, words.chars().filter(|c| is_xml(*c)).collect::<String>());
    });
}

/// The characters of XML 1.0.
fn is_xml(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

fn element(rng: &mut Rng, depth: usize) -> Element {
    let names = ["Say", "Pay", "a", "x:y", "xml", "1a", "", "a b", "ä"];
    let mut made = Element::new(if rng.bool() { pick(rng, &names).to_owned() } else { text(rng, 2) });
    for _ in 0..rng.usize(..4) {
        made = match rng.u8(..3) {
            0 => made.attr(pick(rng, &names), text(rng, 3)),
            1 => made.text(text(rng, 4)),
            _ if depth > 0 => made.child(element(rng, depth - 1)),
            _ => made,
        };
    }
    made
}
