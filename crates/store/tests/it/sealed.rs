//! Sealed values and another implementation of their format: `tests/sealed/libsodium.py`.

use std::fmt::Write as _;

use serde_json::{Value, json};
use switchboard_store::{Keys, Purpose, SealContext, Sealed, Sealer as _};

/// Made by `libsodium.py make 8 1`.
const VECTORS: &str = include_str!("../sealed/vectors.jsonl");

const PURPOSES: [Purpose; 4] =
    [Purpose::Credentials, Purpose::ReplacedToken, Purpose::WebhookPayload, Purpose::WebhookAnswer];

fn context(case: &Value) -> SealContext<'_> {
    let text = |name: &str| case[name].as_str().unwrap();
    let purpose = PURPOSES.into_iter().find(|purpose| purpose.label() == text("purpose")).unwrap();
    SealContext { purpose, tenant: text("tenant"), provider: text("provider"), row: text("row") }
}

async fn open_all(lines: &str) -> usize {
    let mut count = 0;
    for case in lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()) {
        let keys = Keys::parse(case["keys"].as_str().unwrap()).unwrap();
        let sealed = Sealed::parse(case["sealed"].as_str().unwrap()).unwrap();
        let plain = keys.open(&context(&case), &sealed).await.unwrap();
        assert_eq!(plain.expose(), case["plain"].as_str().unwrap());
        count += 1;
    }
    count
}

#[tokio::test]
async fn values_that_libsodium_sealed_open() {
    assert_eq!(open_all(VECTORS).await, 8);
}

#[tokio::test]
#[ignore = "needs the files of .ci/sealed"]
async fn libsodium_opens_what_this_package_sealed_and_the_reverse() {
    let Ok(theirs) = std::env::var("SEALED_THEIRS") else { return };
    let theirs = std::fs::read_to_string(theirs).unwrap();
    assert!(open_all(&theirs).await > 0);
    let mut ours = String::new();
    for case in theirs.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()) {
        let key = Keys::new_key("ours").unwrap();
        let plain = case["plain"].as_str().unwrap();
        let sealed = Keys::parse(key.expose()).unwrap().seal(&context(&case), plain).await.unwrap();
        let mut case = case.clone();
        case["keys"] = json!(key.expose());
        case["sealed"] = json!(sealed.as_str());
        writeln!(ours, "{case}").unwrap();
    }
    std::fs::write(std::env::var("SEALED_OURS").unwrap(), ours).unwrap();
}
