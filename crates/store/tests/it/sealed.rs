//! Sealed values and another implementation of their format: `tests/sealed/libsodium.py`.

use std::fmt::Write as _;
use std::process::Command;

use serde_json::{Value, json};
use switchboard_store::{Keys, Purpose, SealContext, Sealed, Sealer as _};

use crate::Folder;
use crate::process::say;

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

#[test]
#[ignore = "the other process of the test below"]
fn other_process() {
    if std::env::var_os("SEALED_OTHER").is_some() {
        match Keys::from_env() {
            Ok(keys) => say(&format!("{keys:?}")),
            Err(error) => say(&error.to_string()),
        }
    }
}

/// Starts a process with these variables, and returns what it says of its keys.
fn keys_with(variables: &[(&str, &str)]) -> String {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["sealed::other_process", "--exact", "--ignored", "--nocapture"]).env("SEALED_OTHER", "1");
    command
        .env_remove("SWITCHBOARD_KEYS")
        .env_remove("SWITCHBOARD_KEYS_FILE")
        .envs(variables.iter().copied());
    let output = String::from_utf8(command.output().unwrap().stdout).unwrap();
    let said = output.lines().find_map(|line| line.rsplit_once("says ")).unwrap();
    said.1.to_owned()
}

#[test]
fn keys_come_from_a_variable_or_from_a_file() {
    let folder = Folder::new();
    let file = folder.path().join("keys");
    let key = |id: &str| Keys::new_key(id).unwrap().expose().to_owned();
    std::fs::write(&file, format!("{}\n{}\n", key("2026b"), key("2026a"))).unwrap();
    let (file, missing) = (file.to_str().unwrap(), folder.path().join("no"));
    let (one, missing) = (key("2026c"), missing.to_str().unwrap());
    let planted = "2026c:planted";
    for (variables, expected) in [
        (&[("SWITCHBOARD_KEYS", one.as_str())][..], r#"Keys(["2026c"])"#),
        (&[("SWITCHBOARD_KEYS_FILE", file)], r#"Keys(["2026b", "2026a"])"#),
        (&[("SWITCHBOARD_KEYS", &one), ("SWITCHBOARD_KEYS_FILE", "")], r#"Keys(["2026c"])"#),
        (&[("SWITCHBOARD_KEYS", &one), ("SWITCHBOARD_KEYS_FILE", file)], "both SWITCHBOARD_KEYS and"),
        (&[("SWITCHBOARD_KEYS_FILE", missing)], "cannot be read: entity not found"),
        (&[("SWITCHBOARD_KEYS", planted)], "key number 1 is not base64"),
        (&[], "there is no key: set SWITCHBOARD_KEYS="),
    ] {
        let said = keys_with(variables);
        assert!(said.contains(expected) && !said.contains("planted"), "{said}");
    }
}
