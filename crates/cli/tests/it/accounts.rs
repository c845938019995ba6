//! Accounts of files and of the environment: what is used, what is refused, and that no secret is shown.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Stdio;

use serde_json::{Value, json};
use switchboard_testing::FakeTwilio;

use crate::program::{command, ended, run, run_in};
use crate::seeded::{self, Home};

type Environment = Vec<(&'static str, String)>;

/// Somebody without an account in the environment, who reaches the fake.
async fn set_up(name: &str) -> (Home, FakeTwilio, Environment) {
    let (home, fake) = (Home::new(name), FakeTwilio::start().await);
    let mut environment = seeded::environment(&fake, home.path());
    environment.retain(|(name, _)| !name.starts_with("TWILIO") || *name == "TWILIO_BASE_URL");
    (home, fake, environment)
}

fn write(path: &Path, content: &Value, mode: u32) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, serde_json::to_vec_pretty(content).unwrap()).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn user_file(home: &Home) -> std::path::PathBuf {
    home.path().join("config/switchboard/accounts.json")
}

/// The fixture with the account of a fake in the places of its template.
fn filled(fake: &FakeTwilio) -> Value {
    let mut content: Value = serde_json::from_str(include_str!("../twilio-config.json")).unwrap();
    for name in ["production", "staging"] {
        let account = &mut content["accounts"][name];
        account["account_sid"] = json!(fake.account_sid());
        account["auth_token"] = json!(fake.auth_token());
        account["phone_numbers"] = json!([fake.phone_number()]);
        account["default_from"] = json!(fake.phone_number());
        account.as_object_mut().unwrap().remove("messaging_service_sid");
    }
    content
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_old_file_is_read_and_its_placeholders_are_refused_by_name() {
    let (home, fake, environment) = set_up("fixture").await;
    let content: Value = serde_json::from_str(include_str!("../twilio-config.json")).unwrap();
    write(&user_file(&home), &content, 0o600);
    let listed = run(&environment, &["account", "list", "--json=name"]).await;
    assert_eq!(listed.stdout, "{\"name\":\"production\"}\n{\"name\":\"staging\"}\n", "{listed:?}");
    let refused = run(&environment, &["-a", "production", "account", "check"]).await;
    assert_eq!((refused.status, fake.requests()), (Some(4), 0), "{refused:?}");
    for name in
        ["`account_sid`", "`auth_token`", "`messaging_service_sid`", "`default_from`", "`phone_numbers`"]
    {
        assert!(refused.stderr.contains(name), "{name} {refused:?}");
    }
    assert!(!refused.stderr.contains("your_auth_token"), "{refused:?}");
    write(&user_file(&home), &filled(&fake), 0o600);
    for name in ["production", "staging"] {
        let checked = run(&environment, &["-a", name, "account", "check"]).await;
        assert_eq!(checked.status, Some(0), "{checked:?}");
    }
    // Two accounts, and it is not said which one.
    let unclear = run(&environment, &["account", "check"]).await;
    assert_eq!(unclear.status, Some(2));
    assert!(unclear.stderr.contains("-a production"), "{unclear:?}");
    let chosen: Vec<_> =
        environment.iter().cloned().chain([("SWITCHBOARD_ACCOUNT", "staging".to_owned())]).collect();
    let checked = run(&chosen, &["account", "check"]).await;
    assert_eq!(checked.status, Some(0));
    assert!(checked.stderr.contains("account staging, as SWITCHBOARD_ACCOUNT says"), "{checked:?}");
}

/// The file says where Twilio reports to.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_status_url_of_the_file_is_used_unless_another_is_given() {
    let (home, fake, environment) = set_up("status").await;
    let mut content = filled(&fake);
    content["webhooks"] = json!({"sms_status": "https://example.com/of-the-file"});
    write(&user_file(&home), &content, 0o600);
    let send = |more: &'static [&'static str]| {
        let arguments = ["-a", "production", "message", "send", "+14155551234", "Hi", "--dry-run", "--json"];
        let environment = environment.clone();
        async move {
            let arguments: Vec<&str> = arguments.iter().chain(more).copied().collect();
            let ran = run(&environment, &arguments).await;
            let json: Value = serde_json::from_str(&ran.stdout).unwrap();
            json["data"]["request"]["statusCallback"].as_str().unwrap().to_owned()
        }
    };
    assert_eq!(send(&[]).await, "https://example.com/of-the-file");
    assert_eq!(send(&["--callback", "https://example.com/own"]).await, "https://example.com/own");
    assert_eq!(fake.requests(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_secret_that_others_can_read_is_refused_with_the_chmod() {
    let (home, fake, environment) = set_up("readable").await;
    write(&user_file(&home), &filled(&fake), 0o644);
    let refused = run(&environment, &["-a", "production", "account", "check"]).await;
    assert_eq!((refused.status, fake.requests()), (Some(4), 0), "{refused:?}");
    assert!(refused.stderr.contains(&format!("chmod 600 {}", user_file(&home).display())), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hostile_file_in_the_working_folder_is_asked_nothing_and_runs_nothing() {
    let (home, fake, environment) = set_up("hostile").await;
    write(&user_file(&home), &filled(&fake), 0o600);
    let (folder, ran) = (home.path().join("cloned"), home.path().join("ran"));
    let hostile = json!({"accounts": {
        "production": {"account_sid": "AC00000000000000000000000000000666", "auth_token": {"command": ["touch", ran]}},
        "other": {"account_sid": "AC00000000000000000000000000000666", "auth_token": {"command": ["touch", ran]}},
    }});
    write(&folder.join("configs/twilio-config.json"), &hostile, 0o600);
    for arguments in [
        &["account", "list"][..],
        &["config", "show", "-a", "production"],
        &["-a", "production", "account", "check"],
        &["-a", "other", "account", "check"],
        &["helper", "sms", "production", "+14155551234", "Hello"],
    ] {
        let ran = run_in(&folder, &environment, arguments).await;
        assert!(ran.stderr.contains("is not used, as you have not trusted it"), "{ran:?}");
        assert_eq!(ran.status, Some(if arguments.contains(&"other") { 2 } else { 0 }), "{ran:?}");
    }
    assert_eq!(fake.sent().len(), 1, "by the user's own account");
    assert!(!ran.exists());
    // Trusted, it adds its own names, and never shadows one of the user.
    let trusted = run_in(&folder, &environment, &["account", "trust", "--yes"]).await;
    assert_eq!(trusted.status, Some(0), "{trusted:?}");
    assert!(trusted.stdout.ends_with("it adds other\n"), "{trusted:?}");
    let checked = run_in(&folder, &environment, &["-a", "production", "account", "check"]).await;
    assert_eq!(checked.status, Some(0), "{checked:?}");
    assert!(!ran.exists());
    // A change asks again.
    write(&folder.join("configs/twilio-config.json"), &json!({"accounts": {}}), 0o600);
    let changed = run_in(&folder, &environment, &["account", "list"]).await;
    assert!(changed.stderr.contains("is not used"), "{changed:?}");
    // Without a terminal nobody is asked.
    assert_eq!(run_in(&folder, &environment, &["account", "trust"]).await.status, Some(2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_is_added_from_standard_input_and_removed() {
    let (home, fake, environment) = set_up("add").await;
    let sid = fake.account_sid();
    let arguments =
        ["account", "add", "shop", "--sid", &sid, "--secret-stdin", "--from", fake.phone_number()];
    let add = |secret: String| {
        let mut command = command(&environment, &arguments);
        let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), secret.as_bytes()).unwrap();
        ended(child)
    };
    let wrong = add("0123456789abcdef0123456789abcdef\n".to_owned()).await;
    assert_eq!(wrong.status, Some(4), "{wrong:?}");
    assert!(!user_file(&home).exists(), "what Twilio refuses is not kept");
    let added = add(format!("{}\n", fake.auth_token())).await;
    assert_eq!(added.status, Some(0), "{added:?}");
    assert!(added.stdout.contains("Fake account: active") && !added.stdout.contains(&fake.auth_token()));
    assert_eq!(fs::metadata(user_file(&home)).unwrap().permissions().mode() & 0o777, 0o600);
    let sent = run(&environment, &["message", "send", "+14155551234", "Hello"]).await;
    assert_eq!(sent.status, Some(0), "{sent:?}");
    let replaced = add(fake.auth_token()).await;
    assert_eq!(replaced.status, Some(2), "an account is replaced only if the user says so: {replaced:?}");
    let removed = run(&environment, &["account", "remove", "shop", "--yes"]).await;
    assert_eq!(removed.status, Some(0), "{removed:?}");
    assert_eq!(run(&environment, &["message", "list"]).await.status, Some(4));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_secret_is_shown_anywhere() {
    let (home, fake, environment) = set_up("secrets").await;
    let (key, secret) = fake.api_key();
    let command_file = home.path().join("token");
    fs::write(&command_file, fake.auth_token()).unwrap();
    fs::set_permissions(&command_file, fs::Permissions::from_mode(0o600)).unwrap();
    let sid = fake.account_sid();
    let content = json!({"default": "literal", "accounts": {
        "literal": {"account_sid": sid, "auth_token": fake.auth_token(), "default_from": fake.phone_number()},
        "key": {"account_sid": sid, "api_key": key, "api_secret": secret},
        "file": {"account_sid": sid, "auth_token": {"file": command_file}},
        "command": {"account_sid": sid, "auth_token": {"command": ["cat", command_file]}},
        "failing": {"account_sid": sid, "auth_token": {"command": ["sh", "-c", "cat token >&2; cat token; exit 1"]}},
        "variable": {"account_sid": sid, "auth_token": {"env": "MY_TOKEN"}},
    }});
    write(&user_file(&home), &content, 0o600);
    let environment: Vec<_> = environment
        .into_iter()
        .chain([("MY_TOKEN", fake.auth_token()), ("RUST_LOG", "trace".to_owned())])
        .collect();
    for name in ["literal", "key", "file", "command", "failing", "variable"] {
        for arguments in [
            &["account", "check"][..],
            &["account", "list", "--json"],
            &["config", "show"],
            &["config", "show", "--json"],
            &["message", "send", "+14155551234", "Hello"],
            &["message", "send", "+15005550001", "Hello", "--json"],
            &["completions", "bash"],
            &["account", "trust"],
        ] {
            let arguments: Vec<&str> = ["-a", name].iter().chain(arguments).copied().collect();
            let ran = run_in(home.path(), &environment, &arguments).await;
            for planted in [fake.auth_token(), secret.clone()] {
                assert!(!ran.stdout.contains(&planted) && !ran.stderr.contains(&planted), "{arguments:?}");
            }
            if arguments.ends_with(&["account", "check"]) {
                assert_eq!(ran.status, Some(if name == "failing" { 4 } else { 0 }), "{ran:?}");
            }
        }
    }
}

/// A folder of somebody else holds no command, no pipe, and no name of the user's own.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_folder_runs_nothing_and_stops_nothing() {
    let (home, fake, environment) = set_up("folder").await;
    let (folder, ran) = (home.path().join("cloned"), home.path().join("ran"));
    fs::create_dir_all(folder.join("configs")).unwrap();
    fs::write(folder.join("token.sh"), format!("#!/bin/sh\ntouch {}\n", ran.display())).unwrap();
    fs::set_permissions(folder.join("token.sh"), fs::Permissions::from_mode(0o755)).unwrap();
    let mut content = filled(&fake);
    content["accounts"]["production"]["auth_token"] = json!({"command": ["./token.sh"]});
    write(&user_file(&home), &content, 0o600);
    let refused = run_in(&folder, &environment, &["-a", "production", "account", "check"]).await;
    assert_eq!((refused.status, ran.exists()), (Some(4), false), "{refused:?}");
    assert!(refused.stderr.contains("write the whole path"), "{refused:?}");
    let pipe = folder.join("configs/twilio-config.json");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let listed = run_in(&folder, &environment, &["account", "list"]).await;
    assert_eq!(listed.status, Some(0), "{listed:?}");
    fs::remove_file(&pipe).unwrap();
    fs::create_dir(&pipe).unwrap();
    let checked = run_in(&folder, &environment, &["-a", "staging", "account", "check"]).await;
    assert_eq!(checked.status, Some(0), "{checked:?}");
}

/// What other users of the machine see of a running program.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_process_list_has_no_secret() {
    let (home, fake, environment) = set_up("list").await;
    write(&user_file(&home), &filled(&fake), 0o600);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let mut environment = environment;
    environment.retain(|(name, _)| *name != "TWILIO_BASE_URL");
    environment.push(("TWILIO_BASE_URL", url));
    let mut child = command(&environment, &["-a", "production", "message", "send", "+14155551234", "Hello"])
        .spawn()
        .unwrap();
    let _connection = listener.accept().await.unwrap();
    let shown = fs::read(format!("/proc/{}/cmdline", child.id())).unwrap();
    let variables = fs::read(format!("/proc/{}/environ", child.id())).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    let token = fake.auth_token();
    for bytes in [shown, variables] {
        assert!(!String::from_utf8_lossy(&bytes).contains(&token));
    }
}
