use std::collections::BTreeSet;
use std::time::Duration;

use switchboard::secret::Secret;
use switchboard::twilio::TwilioAdapter;
use switchboard::twilio::webhook::TokenSource as _;
use switchboard_testing::FakeTwilio;
use switchboard_testing::contract::{self, assert_none};

use super::*;
use crate::test_site::{Kind, Site, number, on_both, run};
use crate::{Keys, SealError};

const OLD: &str = "2026a:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const NEW: &str = "2026b:BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=";
const A: &str = "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab";
const B: &str = "ACbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbba";
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

on_both!(
    credentials_are_saved_shown_and_deleted,
    a_missing_key_is_named_with_its_values_and_nothing_is_overwritten,
    a_moved_row_does_not_open,
    a_replaced_token_is_kept_a_day_for_webhooks_only,
    a_token_that_was_never_verified_replaces_no_verified_one,
    tokens_pass_the_suite_of_token_sources,
    an_account_belongs_to_one_row,
    what_is_saved_during_a_test_is_not_verified_by_it,
    rotation_leaves_only_the_new_key,
    damaged_values_do_not_stop_a_rotation,
    two_saves_at_once_both_end,
);

const ME: CredentialName<'_> = CredentialName::new("user-7", "twilio");
const OTHER: CredentialName<'_> = CredentialName::new("user-8", "twilio");

async fn open(site: &Site, database: &Database, keys: &str) -> UserCredentials {
    let keys = Keys::parse(keys).unwrap();
    UserCredentials::open_at(database.clone(), keys, site.clock.clone()).await.unwrap()
}

fn twilio(sid: &str, token: &str) -> Credentials {
    Credentials::twilio(sid, token).phone_number("+14155550100")
}

/// Marks what is stored as verified, as a test with the provider does.
async fn verify(users: &UserCredentials, name: &CredentialName<'_>) {
    let row = users.rows.find(name).await.unwrap().unwrap();
    let account = row.account_sid.clone();
    users.mark(&row, CredentialStatus::Verified, None, account).await.unwrap();
}

async fn tokens(users: &UserCredentials, account: &str) -> Vec<String> {
    let tokens = users.tokens(Some(account)).await.unwrap();
    tokens.iter().map(|token| token.expose().to_owned()).collect()
}

async fn credentials_are_saved_shown_and_deleted(site: &Site) {
    let database = site.database().await;
    let users = open(site, &database, OLD).await;
    let production = ME.label("production");
    users.save(&ME, &twilio(A, "planted-one").set("extra", "kept")).await.unwrap();
    users.save(&production, &twilio(B, "planted-two")).await.unwrap();
    users.save(&OTHER, &Credentials::new()).await.unwrap();
    let slack = CredentialName::new("user-7", "slack");
    users.save(&slack, &Credentials::new().set("token", "planted-three")).await.unwrap();

    let read = users.get(&ME).await.unwrap().unwrap();
    assert_eq!((read.get("authToken"), read.get("extra")), (Some("planted-one"), Some("kept")));
    assert_eq!(users.get(&CredentialName::new("user-9", "twilio")).await.unwrap(), None);

    let shown = users.list("user-7").await.unwrap();
    let names: Vec<_> = shown.iter().map(|row| (row.provider.as_str(), row.label.as_str())).collect();
    assert_eq!(names, [("slack", ""), ("twilio", ""), ("twilio", "production")]);
    let expected = BTreeMap::from([("accountSid", "…aaab"), ("phoneNumber", "+14155550100")]);
    let expected = expected.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    assert_eq!((&shown[1].shown, shown[1].status), (&expected, CredentialStatus::Unverified));
    assert!(shown[0].shown.is_empty());

    let clear =
        "SELECT count(*) FROM {t}user_credentials WHERE sealed LIKE '%planted%' OR shown LIKE '%planted%'";
    assert_eq!(number(&database, clear).await, 0);
    let debug = format!("{users:?} {shown:?} {read:?}");
    assert!(!debug.contains("planted") && !debug.contains("5550100"), "{debug}");

    assert!(users.delete(&ME).await.unwrap() && !users.delete(&ME).await.unwrap());
    assert_eq!(users.list("user-7").await.unwrap().len(), 2);
    assert_eq!(users.list("user-8").await.unwrap().len(), 1);
}

async fn a_missing_key_is_named_with_its_values_and_nothing_is_overwritten(site: &Site) {
    let database = site.database().await;
    let old = open(site, &database, OLD).await;
    for user in ["a", "b", "c"] {
        old.save(&CredentialName::new(user, "twilio"), &twilio(A, "planted")).await.unwrap();
    }
    assert_eq!(old.check().await.unwrap(), BTreeMap::from([("2026a".to_owned(), 3)]));

    let new = open(site, &database, NEW).await;
    let name = CredentialName::new("a", "twilio");
    let errors = [
        new.check().await.unwrap_err(),
        new.rotate().await.unwrap_err(),
        new.save(&name, &twilio(A, "another")).await.unwrap_err(),
        new.get(&name).await.unwrap_err(),
    ];
    for error in &errors {
        assert!(error.to_string().contains("`2026a` is missing"), "{error}");
        assert!(!format!("{error} {error:?}").contains("planted"), "{error:?}");
    }
    let keys = vec![("2026a".to_owned(), 3)];
    assert!(matches!(&errors[0], StoreError::Seal(SealError::MissingKeys { keys: found }) if *found == keys));
    assert_eq!(old.get(&name).await.unwrap().unwrap().get("authToken"), Some("planted"));

    // A key of that id with other bytes is found as well.
    let wrong = open(site, &database, &OLD.replace("AAEC", "AAED")).await;
    for error in [wrong.check().await.unwrap_err(), wrong.save(&name, &twilio(A, "x")).await.unwrap_err()] {
        assert!(matches!(error, StoreError::Seal(SealError::Refused { .. })), "{error}");
    }
    // Deleting is possible without the key.
    assert!(new.delete(&name).await.unwrap());
}

async fn a_moved_row_does_not_open(site: &Site) {
    let database = site.database().await;
    let users = open(site, &database, OLD).await;
    let slack = CredentialName::new("user-7", "slack");
    let restored = |sql: &'static str| {
        let (users, database) = (users.clone(), database.clone());
        async move {
            for name in [ME, OTHER, slack] {
                users.delete(&name).await.unwrap();
                users.save(&name, &twilio(A, "planted")).await.unwrap();
            }
            run(&database, sql).await;
        }
    };
    // Rows are swapped, their tenants, their providers.
    for (sql, name) in [
        (
            "UPDATE {t}user_credentials SET sealed = (SELECT sealed FROM {t}user_credentials WHERE user_id = 'user-8')
             WHERE user_id = 'user-7'",
            ME,
        ),
        ("UPDATE {t}user_credentials SET user_id = 'user-9' WHERE user_id = 'user-8'", CredentialName::new("user-9", "twilio")),
        ("UPDATE {t}user_credentials SET provider = 'jira' WHERE provider = 'slack'", CredentialName::new("user-7", "jira")),
        ("UPDATE {t}user_credentials SET id = 'x' WHERE user_id = 'user-8'", OTHER),
        ("UPDATE {t}user_credentials SET sealed = replace(sealed, 'sb1.', 'sb2.')", ME),
    ] {
        restored(sql).await;
        let error = users.get(&name).await.unwrap_err();
        assert!(matches!(error, StoreError::Seal(SealError::Refused { .. } | SealError::NotSealed)), "{sql}: {error}");
        run(&database, "DELETE FROM {t}user_credentials").await;
    }
}

async fn a_replaced_token_is_kept_a_day_for_webhooks_only(site: &Site) {
    let users = open(site, &site.database().await, OLD).await;
    users.save(&ME, &twilio(A, "first")).await.unwrap();
    assert!(tokens(&users, A).await.is_empty(), "not verified yet");
    verify(&users, &ME).await;
    assert_eq!(tokens(&users, A).await, ["first"]);
    // The same token again is not replaced.
    users.save(&ME, &twilio(A, "first").default_from("+14155550101")).await.unwrap();
    verify(&users, &ME).await;
    assert_eq!(tokens(&users, A).await, ["first"]);

    users.save(&ME, &twilio(A, "second")).await.unwrap();
    verify(&users, &ME).await;
    assert_eq!(tokens(&users, A).await, ["second", "first"]);
    assert_eq!(users.get(&ME).await.unwrap().unwrap().get("authToken"), Some("second"));
    assert_eq!(users.check().await.unwrap()["2026a"], 2);

    site.pass(DAY - Duration::from_secs(60)).await;
    assert_eq!(tokens(&users, A).await, ["second", "first"]);
    site.pass(Duration::from_secs(60)).await;
    assert_eq!(tokens(&users, A).await, ["second"]);
    // It is deleted, not only hidden.
    users.rotate().await.unwrap();
    assert_eq!(users.check().await.unwrap()["2026a"], 1);

    // With another account nothing of the first one is left.
    users.save(&ME, &twilio(A, "third")).await.unwrap();
    users.save(&ME, &twilio(B, "fourth")).await.unwrap();
    assert!(tokens(&users, A).await.is_empty() && tokens(&users, B).await.is_empty());
    assert_eq!(users.check().await.unwrap()["2026a"], 1);
}

async fn a_token_that_was_never_verified_replaces_no_verified_one(site: &Site) {
    let users = open(site, &site.database().await, OLD).await;
    users.save(&ME, &twilio(A, "right")).await.unwrap();
    verify(&users, &ME).await;
    for token in ["mistyped", "mistyped again", "new"] {
        users.save(&ME, &twilio(A, token)).await.unwrap();
    }
    assert_eq!(tokens(&users, A).await, ["new", "right"]);
}

async fn tokens_pass_the_suite_of_token_sources(site: &Site) {
    let users = open(site, &site.database().await, OLD).await;
    users.save(&ME, &twilio(A, "next-of-a")).await.unwrap();
    verify(&users, &ME).await;
    users.save(&ME, &twilio(A, "first-of-a")).await.unwrap();
    users.save(&OTHER, &twilio(B, "first-of-b")).await.unwrap();
    verify(&users, &OTHER).await;
    let known = [(A, vec!["first-of-a", "next-of-a"]), (B, vec!["first-of-b"])];
    assert_none(&contract::token_source(&users, &known).await);
    assert_eq!(users.tokens(None).await.unwrap(), Vec::<Secret>::new());
}

/// Somebody stores the account of another with a token of his own, to sign webhooks in its name.
async fn an_account_belongs_to_one_row(site: &Site) {
    let fake = FakeTwilio::start().await;
    let adapter = fake.adapter();
    let sid = fake.credentials().get("accountSid").unwrap().to_owned();
    let users = open(site, &site.database().await, OLD).await;
    users.save(&ME, &fake.credentials()).await.unwrap();
    let connection = users.test(&ME, &adapter).await.unwrap();
    assert_eq!(connection.account_id, sid);
    assert_eq!(users.user_of("twilio", &sid).await.unwrap().as_deref(), Some("user-7"));

    let forged = "0123456789abcdef0123456789abcdef";
    users.save(&OTHER, &twilio(&sid, forged)).await.unwrap();
    let error = users.test(&OTHER, &adapter).await.unwrap_err();
    assert!(matches!(error, CredentialError::Provider(_)), "{error}");
    let failed = &users.list("user-8").await.unwrap()[0];
    assert_eq!(failed.status, CredentialStatus::Failed);
    assert!(failed.status_detail.is_some() && !format!("{failed:?}").contains(forged));
    assert!(!tokens(&users, &sid).await.contains(&forged.to_owned()));

    // Also with the right token the account stays with its first row.
    users.save(&OTHER, &fake.credentials()).await.unwrap();
    let error = users.test(&OTHER, &adapter).await.unwrap_err();
    assert!(matches!(error, CredentialError::AccountTaken), "{error}");
    assert_eq!(tokens(&users, &sid).await.len(), 1);
    users.delete(&ME).await.unwrap();
    assert!(tokens(&users, &sid).await.is_empty());
    users.test(&OTHER, &adapter).await.unwrap();
    assert_eq!(users.user_of("twilio", &sid).await.unwrap().as_deref(), Some("user-8"));
    let nobody = users.test(&ME, &adapter).await.unwrap_err();
    assert!(matches!(nobody, CredentialError::NotFound), "{nobody}");

    // A server that does not answer says nothing about the credentials.
    drop(fake);
    let unreachable = TwilioAdapter::builder().base_url("http://127.0.0.1:1").build().unwrap();
    users.test(&OTHER, &unreachable).await.unwrap_err();
    assert_eq!(users.list("user-8").await.unwrap()[0].status, CredentialStatus::Verified);
}

async fn what_is_saved_during_a_test_is_not_verified_by_it(site: &Site) {
    let users = open(site, &site.database().await, OLD).await;
    users.save(&ME, &twilio(A, "mine")).await.unwrap();
    let tested = users.rows.find(&ME).await.unwrap().unwrap();
    users.save(&ME, &twilio(B, "of another")).await.unwrap();
    for account in [A, B] {
        let error = users.mark(&tested, CredentialStatus::Verified, None, Some(account.to_owned())).await;
        assert!(matches!(error, Err(CredentialError::Changed)), "{error:?}");
    }
    assert!(tokens(&users, A).await.is_empty() && tokens(&users, B).await.is_empty());
}

async fn rotation_leaves_only_the_new_key(site: &Site) {
    let database = site.database().await;
    let old = open(site, &database, OLD).await;
    for n in 0..1100 {
        let user = format!("user-{n}");
        old.save(&CredentialName::new(&user, "twilio"), &twilio(&format!("{A}{n}"), "first")).await.unwrap();
    }
    verify(&old, &ME).await;
    old.save(&ME, &twilio(&format!("{A}7"), "second")).await.unwrap();

    let both = open(site, &database, &format!("{NEW},{OLD}")).await;
    assert_eq!(both.rotate().await.unwrap(), Rotated { resealed: 1101, damaged: 0 });
    assert_eq!(both.rotate().await.unwrap(), Rotated::default());
    let new = open(site, &database, NEW).await;
    assert_eq!(new.check().await.unwrap(), BTreeMap::from([("2026b".to_owned(), 1101)]));
    assert_eq!(tokens(&new, &format!("{A}7")).await, ["second", "first"]);
    let mut opened = BTreeSet::new();
    for n in 0..1100 {
        let user = format!("user-{n}");
        let credentials = new.get(&CredentialName::new(&user, "twilio")).await.unwrap().unwrap();
        opened.insert(credentials.get("accountSid").unwrap().to_owned());
    }
    assert_eq!(opened.len(), 1100);
}

async fn damaged_values_do_not_stop_a_rotation(site: &Site) {
    let database = site.database().await;
    let old = open(site, &database, OLD).await;
    for user in ["a", "b", "c", "d", "e"] {
        old.save(&CredentialName::new(user, "twilio"), &twilio(A, "token")).await.unwrap();
    }
    run(&database, "UPDATE {t}user_credentials SET sealed = 'sb1.2026a.AAAA' WHERE user_id = 'c'").await;
    let both = open(site, &database, &format!("{NEW},{OLD}")).await;
    assert_eq!(both.rotate().await.unwrap(), Rotated { resealed: 4, damaged: 1 });
    let keys = BTreeMap::from([("2026a".to_owned(), 1), ("2026b".to_owned(), 4)]);
    let error = both.check().await.unwrap_err();
    assert!(error.to_string().contains("does not open with key `2026a`"), "{error}");
    both.delete(&CredentialName::new("c", "twilio")).await.unwrap();
    assert_eq!(both.check().await.unwrap()["2026b"], keys["2026b"]);
}

async fn two_saves_at_once_both_end(site: &Site) {
    let database = site.database().await;
    let users = open(site, &database, OLD).await;
    let all = (0..5).map(|n| {
        let users = users.clone();
        tokio::spawn(async move { users.save(&ME, &twilio(A, &format!("token-{n}"))).await })
    });
    for one in all.collect::<Vec<_>>() {
        one.await.unwrap().unwrap();
    }
    assert_eq!(users.list("user-7").await.unwrap().len(), 1);
    assert!(users.get(&ME).await.unwrap().is_some());
}

#[tokio::test]
async fn a_table_of_the_host_is_refused() {
    let site = Site::new(Kind::Memory);
    let database = site.database().await;
    run(&database, "CREATE TABLE {t}user_credentials (id TEXT, user_id TEXT, provider TEXT)").await;
    let keys = Keys::parse(OLD).unwrap();
    let error = UserCredentials::open(database.clone(), keys.clone()).await.unwrap_err();
    let StoreError::ForeignTable { advice, .. } = error else { panic!("{error}") };
    run(&database, &advice).await;
    let users = UserCredentials::open(database, keys).await.unwrap();
    users.save(&ME, &twilio(A, "token")).await.unwrap();
    assert!(users.get(&ME).await.unwrap().is_some());
}
