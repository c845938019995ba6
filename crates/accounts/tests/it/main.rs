//! Accounts in files and in the environment.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test fails where something is missing")]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use switchboard_accounts::{Accounts, AccountsError, Places, Source};
use switchboard_testing::FakeTwilio;

const SID: &str = "AC00000000000000000000000000000001";
const OTHER: &str = "AC00000000000000000000000000000002";
const SECRET: &str = "0123456789abcdef0123456789abcdef";

/// A folder of settings, and a working folder. Both are deleted at the end.
struct Home(PathBuf);

impl Home {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name =
            format!("switchboard-accounts-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let home = std::env::temp_dir().join(name);
        fs::create_dir_all(home.join("settings")).unwrap();
        fs::create_dir_all(home.join("work/configs")).unwrap();
        Self(home)
    }

    fn places(&self) -> Places {
        Places::new(self.0.join("settings")).project(self.0.join("work"))
    }

    fn load(&self) -> Result<Accounts, AccountsError> {
        Accounts::load_from(self.places())
    }

    fn user(&self, content: &str) {
        write(&self.places().user_file(), content, 0o600);
    }

    fn project(&self, content: &str) {
        write(&self.places().project_file().unwrap(), content, 0o600);
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

fn write(path: &Path, content: &str, mode: u32) {
    fs::write(path, content).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn account(token: &str) -> String {
    format!(r#"{{"accounts": {{"production": {{"account_sid": "{SID}", "auth_token": {token}}}}}}}"#)
}

async fn token(accounts: &Accounts) -> Result<String, String> {
    let credentials = accounts.credentials("production").await.map_err(|error| error.to_string())?;
    Ok(credentials.get("authToken").unwrap_or_default().to_owned())
}

#[tokio::test]
async fn the_old_file_is_read_and_its_placeholders_are_refused_by_name() {
    let home = Home::new();
    let old = include_str!("../twilio-config.json");
    write(&home.places().user_file(), old, 0o644);
    let accounts = home.load().unwrap();
    let names: Vec<&str> = accounts.iter().map(|entry| entry.name()).collect();
    assert_eq!(names, ["production", "staging"]);
    let error = accounts.credentials("production").await.unwrap_err().to_string();
    for part in
        ["production", "account_sid", "auth_token", "messaging_service_sid", "default_from", "phone_numbers"]
    {
        assert!(error.contains(part), "{error}");
    }
    // With real values it loads, but not while others can read them.
    let fake = FakeTwilio::start().await;
    let real = old
        .replace("ACxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &fake.account_sid())
        .replace("your_auth_token_here", &fake.auth_token())
        .replace("+1234567890", fake.phone_number())
        .replace("\"messaging_service_sid\": \"MGxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\",", "");
    write(&home.places().user_file(), &real, 0o644);
    let error = home.load().unwrap_err().to_string();
    assert!(error.contains("chmod 600") && !error.contains(&fake.auth_token()), "{error}");
    home.user(&real);
    let account = home.load().unwrap().open("production", &fake.adapter()).await.unwrap();
    account.send_sms("+14155551234", "Hello").await.unwrap();
    assert_eq!(fake.sent()[0].from.as_deref(), Some(fake.phone_number()));
}

#[tokio::test]
async fn a_secret_is_here_or_in_a_variable_a_file_or_a_program() {
    let home = Home::new();
    let file = home.0.join("token");
    write(&file, &format!("  {SECRET}\n"), 0o600);
    let cases = [
        format!("\"{SECRET}\""),
        r#"{"env": "TWILIO_SECRET_HERE"}"#.to_owned(),
        format!(r#"{{"file": "{}"}}"#, file.display()),
        format!(r#"{{"command": ["printf", "{SECRET}\\nsecond line"]}}"#),
    ];
    for case in cases {
        home.user(&account(&case));
        let accounts = Accounts::load_from(home.places().variable("TWILIO_SECRET_HERE", SECRET)).unwrap();
        assert_eq!(token(&accounts).await.unwrap(), SECRET, "{case}");
        let shown = format!("{accounts:?} {:?}", accounts.get("production").unwrap().where_from());
        assert!(!shown.contains(SECRET), "{shown}");
    }
}

#[tokio::test]
async fn a_secret_that_cannot_be_read_says_why_and_shows_nothing() {
    let home = Home::new();
    let open = home.0.join("open");
    write(&open, SECRET, 0o644);
    let cases = [
        (r#"{"env": "NOT_SET_ANYWHERE"}"#.to_owned(), "NOT_SET_ANYWHERE"),
        (r#"{"file": "relative"}"#.to_owned(), "whole path"),
        (format!(r#"{{"file": "{}"}}"#, open.display()), "chmod 600"),
        (r#"{"file": "/does/not/exist"}"#.to_owned(), "/does/not/exist"),
        (r#"{"command": []}"#.to_owned(), "empty"),
        (r#"{"command": ["no-such-program-here"]}"#.to_owned(), "cannot be started"),
        (format!(r#"{{"command": ["sh", "-c", "echo {SECRET} >&2; echo {SECRET}; exit 3"]}}"#), "by hand"),
        (r#"{"command": ["true"]}"#.to_owned(), "printed nothing"),
    ];
    for (case, part) in cases {
        home.user(&account(&case));
        let error = token(&home.load().unwrap()).await.unwrap_err();
        assert!(
            error.contains("production") && error.contains("auth_token") && error.contains(part),
            "{error}"
        );
        assert!(!error.contains(SECRET), "{error}");
    }
}

#[tokio::test]
async fn a_command_that_hangs_is_ended() {
    let home = Home::new();
    home.user(&account(r#"{"command": ["sleep", "60"]}"#));
    let begun = std::time::Instant::now();
    let error = token(&home.load().unwrap()).await.unwrap_err();
    assert!(error.contains("10 seconds") && begun.elapsed().as_secs() < 30, "{error}");
}

#[tokio::test]
async fn a_file_of_the_working_folder_is_used_only_as_it_was_trusted() {
    let home = Home::new();
    home.user(&account(&format!("\"{SECRET}\"")));
    let ran = home.0.join("ran");
    let hostile = format!(
        r#"{{"accounts": {{
            "production": {{"account_sid": "{OTHER}", "auth_token": {{"command": ["touch", "{}"]}}}},
            "project": {{"account_sid": "{OTHER}", "auth_token": "{SECRET}"}}}}}}"#,
        ran.display()
    );
    home.project(&hostile);
    let accounts = home.load().unwrap();
    assert_eq!(accounts.untrusted(), home.places().project_file().as_deref());
    assert!(accounts.get("project").is_err());
    assert_eq!(token(&accounts).await.unwrap(), SECRET);

    assert!(home.places().trust().unwrap().is_some());
    let accounts = home.load().unwrap();
    assert_eq!(accounts.untrusted(), None);
    assert!(matches!(accounts.get("project").unwrap().source(), Source::Project(_)));
    // The name of the user's own file still is the user's.
    assert!(matches!(accounts.get("production").unwrap().source(), Source::User(_)));
    assert_eq!(token(&accounts).await.unwrap(), SECRET);
    assert!(!ran.exists(), "nothing of it was run");

    home.project(&hostile.replace("project", "changed"));
    assert!(home.load().unwrap().untrusted().is_some(), "a change asks again");
    assert_eq!(
        fs::metadata(home.0.join("settings/trusted.json")).unwrap().permissions().mode() & 0o777,
        0o600
    );
}

#[tokio::test]
async fn the_environment_replaces_values_and_says_so() {
    let home = Home::new();
    home.user(&account("\"ffffffffffffffffffffffffffffffff\""));
    let places = home.places().variable("TWILIO_AUTH_TOKEN_PRODUCTION", SECRET);
    let accounts = Accounts::load_from(places).unwrap();
    assert_eq!(accounts.get("production").unwrap().overrides(), ["TWILIO_AUTH_TOKEN_PRODUCTION"]);
    assert_eq!(token(&accounts).await.unwrap(), SECRET);

    // A token is not tried with another account.
    let places = home.places().variable("TWILIO_ACCOUNT_SID_PRODUCTION", OTHER);
    let error = Accounts::load_from(places).unwrap_err().to_string();
    assert!(error.contains("TWILIO_AUTH_TOKEN_PRODUCTION"), "{error}");

    let places = home.places().variable("TWILIO_ACCOUNT_SID", OTHER).variable("TWILIO_AUTH_TOKEN", SECRET);
    let accounts = Accounts::load_from(places).unwrap();
    assert_eq!(accounts.get("environment").unwrap().source(), &Source::Environment);
    assert_eq!(accounts.credentials("environment").await.unwrap().get("accountSid"), Some(OTHER));
}

#[test]
fn files_that_are_wrong_say_where_and_quote_nothing() {
    let home = Home::new();
    for (content, part) in [
        ("{\n\"accounts\": secret-secret}", "line 2"),
        (r#"{"accounts": {"a": {"auth_tokn": "secret-secret"}}}"#, "not known"),
        (r#"{"accounts": {"a": "secret-secret"}}"#, "another type"),
        (r#"{"accounts": {"a": {"auth_token": 5}}}"#, "another type"),
        (r#"{"accounts": {"a": {"auth_token": {"env": "A", "file": "/b"}}}}"#, "another type"),
        (r#"{"accounts": {"a": {"auth_token": {"enw": "A"}}}}"#, "another type"),
    ] {
        home.user(content);
        let error = home.load().unwrap_err().to_string();
        assert!(error.contains(part) && !error.contains("secret-secret"), "{error}");
    }
    write(&home.places().user_file(), &account(r#"{"env": "X"}"#), 0o666);
    let error = home.load().unwrap_err().to_string();
    assert!(error.contains("others can change"), "{error}");
    home.user(&account("\"x\""));
    let error = home.load().unwrap().get("prod").unwrap_err().to_string();
    assert!(error.contains("`prod`") && error.contains("production"), "{error}");
    assert!(home.load().unwrap().has_file(&home.places().user_file()));
}
