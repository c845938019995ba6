//! Which account a command works with, and telling where it is from.

use std::env;

use switchboard::Credentials;
use switchboard::twilio::{TwilioAccount, TwilioAdapter, TwilioBuilder};
use switchboard_accounts::{Accounts, Entry, Places, Source};

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;

/// The variable that names the account.
const ACCOUNT: &str = "SWITCHBOARD_ACCOUNT";
/// The variable that names the user's file.
pub(crate) const CONFIG: &str = "SWITCHBOARD_CONFIG";

fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

impl Context {
    /// The places that accounts are read from.
    pub(crate) fn places(&self) -> Result<Places, Failure> {
        let places = Places::of_user()?;
        let file = self.global.config.clone().or_else(|| variable(CONFIG).map(Into::into));
        Ok(match file {
            Some(file) => places.user_file_at(file),
            None => places,
        })
    }

    pub(crate) fn accounts(&self) -> Result<Accounts, Failure> {
        let accounts = Accounts::load_from(self.places()?)?;
        if let Some(path) = accounts.untrusted() {
            self.out.note(&format!(
                "{} is not used, as you have not trusted it as it is now: read it, then run `switchboard account trust`",
                path.display()
            ));
        }
        Ok(accounts)
    }

    /// The account that the user means: the option, the variable, the default of the file, the only one, the environment.
    pub(crate) fn chosen<'a>(&self, accounts: &'a Accounts) -> Result<&'a Entry, Failure> {
        if let Some(name) = &self.global.account {
            return Ok(accounts.get(name)?);
        }
        if let Some(name) = variable(ACCOUNT) {
            self.out.note(&format!("account {name}, as {ACCOUNT} says"));
            return accounts.get(&name).map_err(|error| Failure::from(error).while_doing(ACCOUNT));
        }
        if let Some(entry) = accounts.default() {
            return Ok(entry);
        }
        if let Some(name) = accounts.default_name() {
            let what =
                format!("`default` of the file of accounts names {name}, and there is no such account");
            return Err(Failure::usage(what).todo("correct the file, or add -a"));
        }
        let names: Vec<&str> = accounts.iter().map(Entry::name).collect();
        let Some(first) = names.first() else {
            return Err(Failure::new(Exit::Credentials, "there is no account yet").todo(
                "run `switchboard account add NAME`, or set TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN; \
                 to try without an account, run `switchboard fake`",
            ));
        };
        let what = format!("there are {} accounts, and it is not said which one", names.len());
        let todo = format!("add -a, for instance `-a {first}`; there are {}", names.join(", "));
        Err(Failure::usage(what).todo(todo))
    }

    /// Opens the account that the user means.
    pub(crate) async fn account(&self) -> Result<TwilioAccount, Failure> {
        let (credentials, adapter) = (self.credentials().await?, self.adapter()?);
        Ok(adapter.account(&credentials)?)
    }

    /// The credentials of the account that the user means.
    pub(crate) async fn credentials(&self) -> Result<Credentials, Failure> {
        Ok(self.credentials_and(|_, _| ()).await?.0)
    }

    /// The credentials of the account that the user means, and what else the file says about it.
    pub(crate) async fn credentials_and<T>(
        &self,
        read: impl FnOnce(&Accounts, &Entry) -> T,
    ) -> Result<(Credentials, T), Failure> {
        let accounts = self.accounts()?;
        let entry = self.chosen(&accounts)?;
        self.announce(entry);
        Ok((accounts.credentials(entry.name()).await?, read(&accounts, entry)))
    }

    /// The SID of the account that the user means. No secret is read.
    pub(crate) fn account_sid(&self) -> Result<String, Failure> {
        let accounts = self.accounts()?;
        let entry = self.chosen(&accounts)?;
        let sid = entry.account_sid().filter(|sid| sid.starts_with("AC"));
        let missing = || {
            Failure::new(Exit::Credentials, format!("account {}: `account_sid` is missing", entry.name()))
                .todo("run `switchboard account check`")
        };
        sid.map(str::to_owned).ok_or_else(missing)
    }

    /// The senders of the account that the user means, as far as the file of accounts or the environment names them.
    pub(crate) fn account_senders(&self) -> Result<Vec<String>, Failure> {
        let accounts = self.accounts()?;
        let entry = self.chosen(&accounts)?;
        let named = entry.default_from().into_iter().chain(entry.messaging_service());
        let mut senders: Vec<String> =
            named.map(str::to_owned).chain(entry.phone_numbers().to_vec()).collect();
        senders.sort();
        senders.dedup();
        Ok(senders)
    }

    fn announce(&self, entry: &Entry) {
        if !entry.overrides().is_empty() {
            let overrides = entry.overrides().join(" and ");
            self.out.note(&format!("account {}, with {overrides} of the environment", entry.name()));
        }
        // Who has forgotten one of the two texts from another account than they think.
        let other = variable("TWILIO_ACCOUNT_SID").filter(|sid| entry.account_sid() != Some(sid.as_str()));
        if other.is_some() && self.global.account.is_none() && *entry.source() != Source::Environment {
            self.out.note(&format!(
                "account {} of {}; the account of the variables TWILIO_… is `-a environment`",
                entry.name(),
                entry.source()
            ));
        }
        // An account of a file goes to Twilio, unless the environment says otherwise.
        if let Some(url) = variable("TWILIO_BASE_URL").filter(|_| *entry.source() != Source::Environment) {
            self.out.note(&format!("requests go to {}, as TWILIO_BASE_URL says", without_user(&url)));
        }
    }

    /// The adapter, at the URL that the environment names, if it does.
    pub(crate) fn adapter(&self) -> Result<TwilioAdapter, Failure> {
        Ok(self.adapter_builder().stop_signal(self.stop.clone()).build()?)
    }

    /// The adapter for a worker, whose own shutdown says what becomes of its requests.
    pub(crate) fn adapter_of_worker(&self) -> Result<TwilioAdapter, Failure> {
        Ok(self.adapter_builder().build()?)
    }

    fn adapter_builder(&self) -> TwilioBuilder {
        let mut builder = TwilioAdapter::builder();
        if let Some(url) = variable("TWILIO_BASE_URL") {
            builder = builder.base_url(url);
        }
        if let Some(region) = variable("TWILIO_REGION") {
            builder = builder.region(region);
        }
        if let Some(edge) = variable("TWILIO_EDGE") {
            builder = builder.edge(edge);
        }
        builder
    }
}

/// A URL without user and password.
pub(crate) fn without_user(url: &str) -> String {
    let Ok(mut parsed) = url::Url::parse(url) else { return "what it says".to_owned() };
    if parsed.username().is_empty() && parsed.password().is_none() {
        return url.to_owned();
    }
    let hidden = parsed.set_username("").and_then(|()| parsed.set_password(None));
    hidden.map_or_else(|()| "what it says".to_owned(), |()| parsed.to_string())
}
