//! A rotation of keys that is killed again and again: every row opens at every moment, and in the end the old key can go.
//!
//! `.ci/long/rotation` runs it with 100,000 rows and 20 kills.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use switchboard::Credentials;
use switchboard::secret::Secret;
use switchboard_store::{CredentialName, Keys, SealContext, SealError, Sealed, Sealer, UserCredentials};

use crate::process::{Site, say, task};

const OLD: &str = "2026a:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const NEW: &str = "2026b:BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=";

fn both() -> Keys {
    Keys::parse(&format!("{NEW},{OLD}")).unwrap()
}

fn from_env(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |number| number.parse().unwrap())
}

/// How many values the other process may seal after its word, more than are sealed in one transaction. Then it waits to be
/// killed.
const MORE: u64 = 250;

/// Seals as `Keys` do, and says a word after some values.
#[derive(Debug)]
struct Telling {
    keys: Keys,
    sealed: AtomicU64,
    word_after: u64,
}

#[async_trait::async_trait]
impl Sealer for Telling {
    async fn seal(&self, context: &SealContext<'_>, plain: &str) -> Result<Sealed, SealError> {
        let sealed = self.sealed.fetch_add(1, Ordering::SeqCst) + 1;
        if sealed == self.word_after {
            say("now");
        }
        if sealed == self.word_after.saturating_add(MORE) {
            std::future::pending::<()>().await;
        }
        self.keys.seal(context, plain).await
    }

    async fn open(&self, context: &SealContext<'_>, sealed: &Sealed) -> Result<Secret, SealError> {
        self.keys.open(context, sealed).await
    }

    fn key_id(&self) -> &str {
        self.keys.key_id()
    }

    fn has_key(&self, key_id: &str) -> bool {
        self.keys.has_key(key_id)
    }
}

#[tokio::test]
#[ignore = "the other process of the tests below"]
async fn other_process() {
    let Some((task, database)) = task().await else { return };
    let sealer = Telling { keys: both(), sealed: AtomicU64::new(0), word_after: task.parse().unwrap() };
    let users = UserCredentials::open(database, sealer).await.unwrap();
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
    let mut all = vec![0];
    for _ in 0..kills {
        let share = rows / (kills + 1) - MORE;
        let word_after = fastrand::u64(share / 2..=share);
        let mut process = site.start("rotation::other_process", &word_after.to_string());
        assert_eq!(process.hears(), "now");
        assert!(process.kill(), "it ended by itself");
        open_all(&users, rows).await;
        all.push(resealed(&users).await);
    }
    let last = all.last().copied().unwrap();
    assert!(all.is_sorted() && 0 < last && last < rows, "{all:?} of {rows}");

    let mut process = site.start("rotation::other_process", &u64::MAX.to_string());
    assert_eq!(process.hears(), "done");
    let new = UserCredentials::open(database, Keys::parse(NEW).unwrap()).await.unwrap();
    assert_eq!(new.check().await.unwrap().into_iter().collect::<Vec<_>>(), [("2026b".to_owned(), rows)]);
    open_all(&new, rows).await;
    say(&format!("{kills} kills left {all:?} of {rows} rows sealed again, and all of them opened"));
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
