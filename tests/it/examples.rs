//! Runs the examples as a newcomer would, and compares their output with the README.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::Once;

/// Builds the examples, because `cargo test --tests` does not rebuild them.
fn build() {
    static BUILT: Once = Once::new();
    BUILT.call_once(|| {
        let mut cargo = Command::new(env!("CARGO"));
        let built = cargo.args(["build", "--quiet", "--examples"]).current_dir(env!("CARGO_MANIFEST_DIR"));
        assert!(built.status().unwrap().success());
    });
}

/// The path where cargo put an example: a folder beside that of the test binaries.
fn example(name: &str) -> PathBuf {
    build();
    let tests = std::env::current_exe().unwrap();
    tests.parent().unwrap().parent().unwrap().join("examples").join(name)
}

fn run(name: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new(example(name));
    // No real account and no proxy of this machine may be used.
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
fn quickstart_prints_its_usage_and_the_variable_that_live_needs() {
    let output = run("quickstart", &["--life"]);
    assert!(!output.status.success() && String::from_utf8_lossy(&output.stderr).contains("usage"));
    let output = run("quickstart", &["--live", "+14155551234"]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("TWILIO_ACCOUNT_SID is not set"));
}

/// The standard error of an example that ended with exit code 1.
fn failed(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8(output.stderr.clone()).unwrap()
}

const EXAMPLES: &[&str] = &[
    "account",
    "campaign_cost",
    "download_recordings",
    "fake_twilio",
    "ivr_menu",
    "make_call",
    "numbers",
    "quickstart",
    "receive_sms",
    "send_sms",
    "verify_login",
    "whatsapp_template",
];

#[test]
fn every_example_says_how_it_is_used() {
    for name in EXAMPLES {
        let help = printed(&run(name, &["--help"]));
        assert!(help.starts_with(&format!("usage: cargo run --example {name}")), "{help}");
    }
}

#[test]
fn a_failure_is_printed_as_a_sentence_and_sets_the_exit_code() {
    assert!(
        failed(&run("send_sms", &["+15005550004"]))
            .contains("Error: not sent: twilio: the recipient has opted out")
    );
    assert!(failed(&run("send_sms", &["4155551234"])).contains("does not start with \"+\""));
    assert!(failed(&run("verify_login", &[])).contains("not logged in: no code was entered"));
    assert!(failed(&run("fake_twilio", &["--port", "abc"])).contains("--port abc: not a port"));
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    assert!(failed(&run("fake_twilio", &["--port", &port])).contains(&format!("port {port}: ")));
}

/// The fake as a separate process, which ends when this is dropped.
struct FakeProgram {
    child: Child,
    environment: Vec<(String, String)>,
}

impl FakeProgram {
    fn start() -> Self {
        let mut command = Command::new(example("fake_twilio"));
        // The standard input stays open, like that of a terminal.
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.as_mut().unwrap()).lines().map(Result::unwrap);
        let environment = lines.take_while(|line| !line.is_empty());
        let environment =
            environment.map(|line| line.split_once('=').map(|(k, v)| (k.into(), v.into())).unwrap());
        Self { environment: environment.collect(), child }
    }
}

impl Drop for FakeProgram {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn the_credentials_that_the_fake_prints_work() {
    let fake = FakeProgram::start();
    let names: Vec<_> = fake.environment.iter().map(|(name, _)| name.as_str()).collect();
    assert!(names.contains(&"TWILIO_API_KEY") && names.contains(&"TWILIO_AUTH_TOKEN"), "{names:?}");
    for (name, arguments) in [
        ("account", &[][..]),
        ("send_sms", &[]),
        ("make_call", &[]),
        ("quickstart", &["--live", "+14155551234"]),
    ] {
        let output =
            Command::new(example(name)).args(arguments).envs(fake.environment.clone()).output().unwrap();
        assert!(printed(&output).contains("Through http://127.0.0.1:"), "{name}");
    }
}

#[cfg(unix)]
#[test]
fn the_fake_ends_at_ctrl_c_while_its_standard_input_is_open() {
    let mut fake = FakeProgram::start();
    let interrupt = Command::new("kill").args(["-INT", &fake.child.id().to_string()]).status().unwrap();
    assert!(interrupt.success());
    assert!(fake.child.wait().unwrap().success());
}

#[test]
fn the_other_examples_run_on_the_fake() {
    assert!(printed(&run("send_sms", &[])).contains("is queued"));
    assert!(printed(&run("make_call", &[])).contains("is completed"));
    assert!(printed(&run("custom_adapter", &[])).contains("text: delivered, in the list"));
    let texts = printed(&run("receive_sms", &[]));
    assert!(texts.contains("they got: You said: Are you open today?\n"), "{texts}");
    assert!(
        texts.contains("wants no more messages\n  they got, from Twilio") && texts.contains("is delivered"),
        "{texts}"
    );
    assert!(
        texts.ends_with("a request with a wrong signature got 403 Forbidden and an empty body\n"),
        "{texts}"
    );
    let calls = printed(&run("ivr_menu", &[]));
    assert!(
        calls.contains("We open at seven.\n  call completed") && calls.contains("a message of 5 s"),
        "{calls}"
    );
    assert!(printed(&run("account", &[])).contains("balance: 99.9"));
    assert!(printed(&run("numbers", &[])).contains("released"));
    assert!(printed(&run("download_recordings", &[])).contains(" bytes"));
    assert!(printed(&run("whatsapp_template", &[])).contains("the template is queued"));
    assert!(printed(&run("campaign_cost", &[])).contains("+881"));
}
