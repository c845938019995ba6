//! `listen`: hears Twilio's webhooks behind a tunnel, or those of a fake.

use std::time::Duration;

use switchboard::phone::E164;
use switchboard::provider::StopSignal;
use switchboard::twilio::TwilioAccount;
use switchboard::twilio::webhook::Verifier;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::interrupt::Interrupts;
use crate::listen::configure::{Configured, RestoredCount, Urls, configure, restore_left_over};
use crate::listen::fake::People;
use crate::listen::journal::Journals;
use crate::listen::{Listener, Settings, Shown, Target};

/// How long webhooks that are under way may take at the end.
const LAST: Duration = Duration::from_secs(15);

const WHAT_THE_TARGET_MUST_KNOW: &str = "\
A webhook goes to the target as it came, with its signature. A target that verifies signatures
itself needs the auth token of the account and the URL that Twilio signed. That is the public one,
and stands in the header X-Original-Url. The path behind the public URL is appended to that of the
target.

Without --public-url, the headers of the tunnel say which URL Twilio called. Without --forward,
Twilio is told to do nothing.

With --configure, what the number has is written down first, and put back at the end. After a kill
or without a network, the next `switchboard listen` does it, and so does `switchboard listen
--restore`. What somebody else changed meanwhile is left alone. A number in a messaging service may
get its texts at the URL of that service, which is not changed.

With --json, each webhook is one object on a line, with its parameters as Twilio sent them.

  switchboard listen --public-url https://example.ngrok.app --configure +14155550100
  switchboard listen --fake --forward http://localhost:3000/twilio";

#[derive(Debug, clap::Args)]
#[command(after_long_help = WHAT_THE_TARGET_MUST_KNOW)]
pub(crate) struct Args {
    /// Pass webhooks on to this URL, and answer Twilio with its answers
    #[arg(long, value_name = "URL", conflicts_with = "restore")]
    forward: Option<String>,
    /// The public URL of your tunnel, which Twilio calls and signs
    #[arg(long, value_name = "URL", conflicts_with_all = ["fake", "restore"])]
    public_url: Option<String>,
    /// Point this number of the account to the public URL; at the end it gets back what it had
    #[arg(long, value_name = "NUMBER", value_parser = number, requires = "public_url", conflicts_with_all = ["fake", "restore"])]
    configure: Option<E164>,
    /// The path of texts behind the public URL, for instance /sms
    #[arg(long, value_name = "PATH", default_value = "", hide_default_value = true)]
    sms_path: String,
    /// The path of calls behind the public URL, for instance /voice
    #[arg(long, value_name = "PATH", default_value = "", hide_default_value = true)]
    voice_path: String,
    /// The port on 127.0.0.1 that the tunnel leads to; 0 for any free one
    #[arg(long, value_name = "PORT", default_value_t = 8787)]
    port: u16,
    /// Start a fake of Twilio, and deliver the texts and calls that are typed
    #[arg(long, conflicts_with = "restore")]
    fake: bool,
    /// Put back the URLs of numbers whose `listen` ended without doing it, and end
    #[arg(long)]
    restore: bool,
}

pub(crate) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    context.out.check_fields::<Shown<'_>>()?;
    let target = args.forward.as_deref().map(Target::parse).transpose()?;
    let public_url = args.public_url.as_deref().map(checked).transpose()?;
    let [sms_path, voice_path] = [("--sms-path", &args.sms_path), ("--voice-path", &args.voice_path)]
        .map(|(option, path)| checked_path(option, path));
    let (sms_path, voice_path) = (sms_path?, voice_path?);
    if args.fake {
        let listener = Listener::bind(args.port).await?;
        let [sms, voice] = [sms_path, voice_path].map(|path| format!("{}{path}", listener.url()));
        return with_fake(context, listener, target, Urls { sms, voice }).await;
    }
    let journals = Journals::of_user()?;
    let credentials = context.credentials().await?;
    let account = context.adapter()?.account(&credentials)?;
    let left_over = restore_left_over(&account, &journals, &context.out).await?;
    if args.restore {
        return restored(context, &left_over);
    }
    let verifier = Verifier::from_credentials(&credentials)?;
    let settings = Settings::new(verifier, public_url, context.out.clone()).target(target);
    let listener = Listener::bind(args.port).await?;
    let urls =
        public_url.map(|url| Urls { sms: format!("{url}{sms_path}"), voice: format!("{url}{voice_path}") });
    let wanted = args.configure.as_ref().map(E164::as_str).zip(urls);
    with_twilio(context, &account, &journals, (listener, settings), wanted).await
}

fn number(text: &str) -> Result<E164, String> {
    E164::parse(text).map_err(|error| error.to_string())
}

/// The URL without a slash at its end, to which paths are appended.
fn checked(url: &str) -> Result<&str, Failure> {
    let wrong = |why: &str| {
        Failure::usage(format!("--public-url: {why}"))
            .todo("for instance `--public-url https://example.ngrok.app`")
    };
    if !url.starts_with("https://") && !url.starts_with("http://") {
        return Err(wrong("the URL begins with https://"));
    }
    if url.contains(['?', '#']) || url.parse::<http::Uri>().is_err() {
        return Err(wrong("this is no URL without query and fragment"));
    }
    Ok(url.trim_end_matches('/'))
}

fn checked_path<'a>(option: &str, path: &'a str) -> Result<&'a str, Failure> {
    if path.is_empty() || (path.starts_with('/') && path.parse::<http::Uri>().is_ok()) {
        return Ok(path);
    }
    Err(Failure::usage(format!("{option}: a path begins with a slash"))
        .todo(format!("for instance `{option} /sms`")))
}

fn restored(context: &Context, left_over: &RestoredCount) -> Result<(), Failure> {
    match left_over.failed {
        Some(exit) => Err(Failure::told(exit)),
        None if left_over.of_others > 0 => Err(Failure::told(Exit::Failed)),
        None if left_over.done == 0 => {
            context.out.note("there is nothing to put back");
            Ok(())
        }
        None => Ok(()),
    }
}

/// A server that is told when to end.
struct Serving {
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<Result<(), Failure>>,
}

impl Serving {
    fn start(listener: Listener, settings: Settings) -> Self {
        let (stop, stopped) = oneshot::channel::<()>();
        let task = tokio::spawn(listener.serve(settings, async { drop(stopped.await) }));
        Self { stop: Some(stop), task }
    }

    /// Waits until it ends by itself, as when nobody reads its output any more.
    async fn ended(&mut self) -> Result<(), Failure> {
        (&mut self.task)
            .await
            .unwrap_or_else(|error| Err(Failure::new(Exit::Failed, format!("the server ended: {error}"))))
    }

    /// Finishes the webhooks that are under way.
    async fn finish(mut self, interrupts: &Interrupts) {
        self.stop.take().map(|stop| stop.send(()));
        tokio::select! {
            _ = self.ended() => {}
            () = interrupts.reached(2) => {}
            () = tokio::time::sleep(LAST) => {}
        }
    }
}

async fn with_twilio(
    context: &Context,
    account: &TwilioAccount,
    journals: &Journals,
    (listener, settings): (Listener, Settings),
    wanted: Option<(&str, Urls)>,
) -> Result<(), Failure> {
    // Not those of the context: their signal would stop the requests that put the URLs back.
    let interrupts = interrupts()?;
    let url = listener.url().to_owned();
    // It serves before the number leads here, so that no webhook is lost.
    let mut serving = Serving::start(listener, settings);
    let configured = match &wanted {
        Some((number, urls)) => tokio::select! {
            biased;
            configured = configure(account, journals, &context.out, number, urls) => Some(configured?),
            () = interrupts.reached(2) => {
                return Err(Failure::new(Exit::Later, "you did not wait until the number was configured, so it may be")
                    .todo("run `switchboard listen --restore`, which puts back what was changed"));
            }
        },
        None => None,
    };
    if let Some((number, _)) = &wanted {
        context.out.note(&format!("{} leads here until this ends", context.out.masked(number)));
    }
    context.out.note(&format!("listening at {url}, where your tunnel must lead; interrupt to end"));
    let mut ended = None;
    tokio::select! {
        () = interrupts.reached(1) => {}
        result = serving.ended() => ended = Some(result),
    }
    let back = match &configured {
        Some(configured) => put_back(context, account, configured, &interrupts).await,
        None => Ok(()),
    };
    match ended {
        Some(result) => back.and(result),
        None => {
            serving.finish(&interrupts).await;
            back
        }
    }
}

/// Puts the old URLs back. A second interrupt ends the wait, and a later start does it.
async fn put_back(
    context: &Context,
    account: &TwilioAccount,
    configured: &Configured,
    interrupts: &Interrupts,
) -> Result<(), Failure> {
    tokio::select! {
        biased;
        back = configured.put_back(account, &context.out) => back,
        () = interrupts.reached(2) => Err(configured.left(&context.out)),
    }
}

fn interrupts() -> Result<Interrupts, Failure> {
    Interrupts::begin(StopSignal::new())
        .map_err(|error| Failure::new(Exit::Failed, format!("signals cannot be handled: {error}")))
}

async fn with_fake(
    context: &Context,
    listener: Listener,
    target: Option<Target>,
    urls: Urls,
) -> Result<(), Failure> {
    let interrupts = interrupts()?;
    let url = listener.url().to_owned();
    let people = People::start(urls.sms, urls.voice, context.out.clone()).await?;
    let fake = people.fake();
    context.out.note(&format!(
        "a fake of Twilio, for your program:\n\
         TWILIO_BASE_URL={}\nTWILIO_ACCOUNT_SID={}\nTWILIO_AUTH_TOKEN={}\nTWILIO_PHONE_NUMBER={}\n\
         it signs {url} as the public URL; type help to see what people can do",
        fake.url(),
        fake.account_sid(),
        fake.auth_token(),
        fake.phone_number()
    ));
    let settings =
        Settings::new(Verifier::new(fake.auth_token()), Some(&url), context.out.clone()).target(target);
    let mut serving = Serving::start(listener, settings);
    let result = tokio::select! {
        result = people.obey_input() => result,
        result = serving.ended() => return result,
        () = interrupts.reached(1) => Ok(()),
    };
    serving.finish(&interrupts).await;
    result
}
