//! The examples, run as a stranger runs them; the README shows what they print.

use std::path::PathBuf;
use std::process::{Command, Output};

/// Where cargo put the examples: beside the folder of the tests.
fn example(name: &str) -> PathBuf {
    let tests = std::env::current_exe().unwrap();
    tests.parent().unwrap().parent().unwrap().join("examples").join(name)
}

fn run(name: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new(example(name));
    // Nobody's real account, and nobody's proxy.
    let ours = std::env::vars().map(|(name, _)| name);
    for name in ours.filter(|n| n.starts_with("TWILIO_") || n.to_lowercase().ends_with("_proxy")) {
        command.env_remove(name);
    }
    command.args(arguments).output().unwrap()
}

fn printed(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[test]
fn the_readme_shows_what_quickstart_prints() {
    let readme = include_str!("../../README.md");
    let shown = readme.split("```text\n").nth(1).unwrap().split("\n```").next().unwrap();
    assert_eq!(printed(&run("quickstart", &[])).trim_end(), shown);
}

#[test]
fn quickstart_says_how_it_is_used_and_what_is_missing_for_the_real_thing() {
    let output = run("quickstart", &["--life"]);
    assert!(!output.status.success() && String::from_utf8_lossy(&output.stderr).contains("usage"));
    let output = run("quickstart", &["--live", "+14155551234"]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("TWILIO_ACCOUNT_SID is not set"));
}

#[test]
fn the_other_examples_run_on_the_fake() {
    assert!(printed(&run("send_sms", &[])).contains("is queued"));
    assert!(
        printed(&run("send_sms", &["+15005550004"]))
            .contains("not sent: twilio: the recipient has opted out")
    );
    assert!(printed(&run("send_sms", &["4155551234"])).contains("does not start with \"+\""));
    assert!(printed(&run("make_call", &[])).contains("is completed"));
    assert!(printed(&run("custom_adapter", &[])).contains("connected to Ada's team"));
    let texts = printed(&run("receive_sms", &[]));
    assert!(texts.contains("they got: You said: Are you open today?\n"), "{texts}");
    assert!(
        texts.contains("wants no more messages\n  they got, from Twilio") && texts.contains("is delivered"),
        "{texts}"
    );
    assert!(texts.ends_with("a stranger got 403 Forbidden and nothing else\n"), "{texts}");
    let calls = printed(&run("ivr_menu", &[]));
    assert!(
        calls.contains("We open at seven.\n  call completed") && calls.contains("a message of 5 s"),
        "{calls}"
    );
    assert!(printed(&run("verify_login", &[])).contains("No code, no login."));
    assert!(printed(&run("whatsapp_template", &[])).contains("the template is queued"));
    assert!(printed(&run("campaign_cost", &[])).contains("+881"));
}
