//! A rotation of keys that is killed again and again: every row opens at every moment, and in the end the old key can go.
//!
//! `.ci/long/rotation` runs it with 100,000 rows and 20 kills.

use std::sync::Arc;

use switchboard::Credentials;
use switchboard_store::{CredentialName, Keys, UserCredentials};

use crate::process::{Site, say, task};

const OLD: &str = "2026a:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const NEW: &str = "2026b:BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=";

fn both() -> Keys {
    Keys::parse(&format!("{NEW},{OLD}")).unwrap()
}

fn from_env(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |number| number.parse().unwrap())
}

#[tokio::test]
#[ignore = "the other process of the tests below"]
async fn other_process() {
    let Some((_, database)) = task().await else { return };
    let users = UserCredentials::open(database, both()).await.unwrap();
    say("rotating");
    users.rotate().await.unwrap();
    say("done");
}

fn token(n: u64) -> String {
    format!("token of user {n}")
}

/// Saves all rows, some at the same time.
async fn fill(users: &UserCredentials, rows: u64) {
    let tasks = (0..64).map(|task| {
        let users = users.clone();
        tokio::spawn(async move {
            for n in (task..rows).step_by(64) {
                let credentials = Credentials::twilio(format!("AC{n:032}"), token(n));
                users.save(&CredentialName::new(&format!("user-{n}"), "twilio"), &credentials).await.unwrap();
            }
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.unwrap();
    }
}

/// Opens every row.
async fn open_all(users: &UserCredentials, rows: u64) {
    let users = Arc::new(users.clone());
    let tasks = (0..8).map(|task| {
        let users = Arc::clone(&users);
        tokio::spawn(async move {
            for n in (task..rows).step_by(8) {
                let user = format!("user-{n}");
                let found = users.get(&CredentialName::new(&user, "twilio")).await.unwrap().unwrap();
                assert_eq!(found.get("authToken"), Some(token(n).as_str()));
            }
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.unwrap();
    }
}

async fn resealed(users: &UserCredentials) -> u64 {
    users.check().await.unwrap().get("2026b").copied().unwrap_or_default()
}

async fn killed_rotation(site: Site) {
    let (rows, kills) = (from_env("ROTATION_ROWS", 3_000), from_env("ROTATION_KILLS", 3));
    let database = site.open().await;
    let old = UserCredentials::open(database.clone(), Keys::parse(OLD).unwrap()).await.unwrap();
    fill(&old, rows).await;
    let users = UserCredentials::open(database.clone(), both()).await.unwrap();
    let mut killed = 0;
    for kill in 1..=kills {
        let aim = rows * kill / (kills + 1);
        let before = resealed(&users).await;
        let mut process = site.start("rotation::other_process", "rotate");
        assert_eq!(process.hears(), "rotating");
        while resealed(&users).await < aim.max(before + 1) {}
        killed += u64::from(process.kill());
        open_all(&users, rows).await;
        let after = resealed(&users).await;
        assert!(after > before && after < rows, "{before}, then {after} of {rows}");
    }
    assert_eq!(killed, kills);

    let mut process = site.start("rotation::other_process", "rotate");
    assert_eq!((process.hears(), process.hears()), ("rotating".to_owned(), "done".to_owned()));
    let new = UserCredentials::open(database, Keys::parse(NEW).unwrap()).await.unwrap();
    assert_eq!(new.check().await.unwrap().into_iter().collect::<Vec<_>>(), [("2026b".to_owned(), rows)]);
    open_all(&new, rows).await;
    site.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_rotation_on_sqlite() {
    killed_rotation(Site::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL"]
async fn a_killed_rotation_on_postgres() {
    killed_rotation(Site::postgres("rotation").await).await;
}
