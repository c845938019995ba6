//! `account add`: asks for the credentials, tries them, and keeps them in the user's file.

use console::Term;
use switchboard::Credentials;
use switchboard::secret::Secret;
use switchboard_accounts::NewAccount;

use super::described;
use crate::confirm::interrupted;
use crate::context::Context;
use crate::failure::Failure;

#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct AddArgs {
    /// Its name: production, staging
    pub(crate) name: String,
    /// The SID of the account, AC…; asked for if it is missing
    #[arg(long, value_name = "SID")]
    sid: Option<String>,
    /// The SID of an API key, SK…, if the secret is that of a key
    #[arg(long, value_name = "SID")]
    api_key: Option<String>,
    /// The number that sends by default
    #[arg(long, value_name = "NUMBER")]
    from: Option<String>,
    /// The messaging service that sends by default, MG…
    #[arg(long, value_name = "SID")]
    service: Option<String>,
    /// What it is for
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// Read the auth token, or the secret of the key, from standard input
    #[arg(long)]
    secret_stdin: bool,
    /// Keep it without asking Twilio
    #[arg(long)]
    no_check: bool,
}

pub(crate) async fn add(context: &Context, args: AddArgs) -> Result<(), Failure> {
    if args.name.is_empty() || args.name.chars().any(|letter| letter.is_control() || letter.is_whitespace()) {
        return Err(Failure::usage("NAME: a name is one word, for instance production"));
    }
    if (args.sid.is_none() || !args.secret_stdin) && !Context::has_terminal() {
        let what = "there is no terminal to ask for the credentials";
        return Err(
            Failure::usage(what).todo("give --sid AC… and --secret-stdin, and the secret on standard input")
        );
    }
    if context.accounts()?.get(&args.name).is_ok() {
        context.confirm(&format!("There is an account {}. Replace it?", args.name))?;
    }
    let account = asked(&args)?;
    let opened = context.adapter()?.account(&credentials(&account))?;
    let said =
        if args.no_check { "not checked".to_owned() } else { described(&opened.test_connection().await?) };
    let places = context.places()?;
    places.add(&args.name, &account)?;
    let file = places.user_file().display().to_string();
    let sentence = format!("{}: {said}\nkept in {file}, which only you may read", args.name);
    let json = serde_json::json!({ "name": args.name, "file": file, "checked": !args.no_check });
    context.out.say_or(&sentence, json)
}

fn asked(args: &AddArgs) -> Result<NewAccount, Failure> {
    let sid = match &args.sid {
        Some(sid) => sid.clone(),
        None => ask("Account SID (AC…)")?,
    };
    let mut account = NewAccount::new(sid);
    let what = if args.api_key.is_some() { "Secret of the API key" } else { "Auth token" };
    let secret = if args.secret_stdin {
        Secret::new(std::io::read_to_string(std::io::stdin())?.trim())
    } else {
        let asked = dialoguer::Password::new().with_prompt(what).interact_on(&Term::stderr());
        Secret::new(asked.map_err(|_| interrupted())?.trim())
    };
    match &args.api_key {
        Some(key) => account.api_key = Some((key.clone(), secret)),
        None => account.auth_token = Some(secret),
    }
    account.description.clone_from(&args.description);
    account.messaging_service_sid.clone_from(&args.service);
    account.default_from.clone_from(&args.from);
    if args.from.is_none() && args.service.is_none() && args.sid.is_none() {
        let number = ask("The number that sends (+1…, empty for none)")?;
        account.default_from = Some(number).filter(|number| !number.is_empty());
    }
    Ok(account)
}

pub(crate) fn ask(what: &str) -> Result<String, Failure> {
    let asked = dialoguer::Input::<String>::new().with_prompt(what).allow_empty(true);
    let typed = asked.interact_text_on(&Term::stderr()).map_err(|_| interrupted())?;
    Ok(typed.trim().to_owned())
}

fn credentials(account: &NewAccount) -> Credentials {
    let mut credentials = Credentials::new().set_public("accountSid", account.account_sid.as_str());
    if let Some(token) = &account.auth_token {
        credentials = credentials.set("authToken", token.expose());
    }
    if let Some((key, secret)) = &account.api_key {
        credentials = credentials.api_key(key.as_str(), secret.expose());
    }
    if let Some(number) = &account.default_from {
        credentials = credentials.phone_number(number.as_str());
    }
    if let Some(service) = &account.messaging_service_sid {
        credentials = credentials.messaging_service(service.as_str());
    }
    credentials
}
