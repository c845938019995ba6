//! `dashboard`: the page of `switchboard-dashboard`, for one person on this machine.

mod login;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use axum::response::Redirect;
use axum::routing::get;
use serde_json::json;
use switchboard::Credentials;
use switchboard::twilio::TwilioAdapter;
use switchboard_automation::mesh::Mesh;
use switchboard_dashboard::Dashboard;
use switchboard_outbox::{Account, AccountError, Accounts, Outbox};
use switchboard_store::{CredentialName, Database, Keys, Sqlite, UserCredentials};
use switchboard_testing::FakeTwilio;
use tokio::net::TcpListener;

use crate::command::bulk::pause_others;
use crate::context::Context;
use crate::database::DatabaseArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;
use login::OneUser;

/// The provider whose credentials these are.
const TWILIO: &str = "twilio";
/// How long an interrupt waits for the answers of what was handed over.
const ANSWERS: Duration = Duration::from_secs(120);

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    database: DatabaseArgs,
    /// The port on this machine; 0 takes a free one
    #[arg(long, default_value_t = 4020)]
    port: u16,
    /// The address to listen at. Another one than this machine's own lets others reach it, and nothing is encrypted
    #[arg(long, value_name = "ADDRESS", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    listen: IpAddr,
    /// The URL by which Twilio reaches this port, as of a tunnel; its webhooks are then verified and shown
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
    /// Try it with a Twilio on this machine, without an account; nothing is kept
    #[arg(long)]
    fake: bool,
}

/// What the dashboard works with.
struct Parts {
    database: Database,
    keys: Keys,
    adapter: TwilioAdapter,
    credentials: Credentials,
    public_url: Option<String>,
    /// Kept as long as the dashboard runs.
    _fake: Option<FakeTwilio>,
}

pub(crate) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    let interrupts = context.interrupts()?;
    let address = SocketAddr::new(args.listen, args.port);
    let (listener, address) = bind(address).await?;
    let parts = if args.fake { fake(address).await? } else { real(context, &args).await? };
    let tenant = parts.credentials.get("accountSid").unwrap_or_default().to_owned();
    let outbox = Outbox::open(parts.database.clone()).await?;
    // Opening a page must not go on with what was interrupted.
    pause_others(context, &outbox, &tenant, None).await?;
    save(&parts, &tenant).await?;
    let user = OneUser::new(&tenant, &Context::who(), address)?;
    let dashboard = Dashboard::open(parts.database.clone(), parts.keys.clone(), user.clone()).await?;
    let mesh = Mesh::open(parts.database.clone()).await;
    let mesh = mesh.map_err(|error| Failure::new(Exit::Failed, error.to_string()))?;
    let mut dashboard = dashboard.twilio(parts.adapter.clone()).outbox(outbox.clone()).mesh(mesh);
    if let Some(url) = &parts.public_url {
        dashboard = dashboard.public_url(url);
    }
    // What another account of the database has waiting is not sent by opening a page.
    let only = OnlyTenant { tenant: tenant.clone(), accounts: dashboard.accounts() };
    let worker = outbox.worker(only);
    let worker = match dashboard.status_url() {
        Some(url) => worker.callbacks(url),
        None => worker,
    };
    let worker = worker.spawn().await?;
    let _follower = dashboard.follow();
    let serving = axum::serve(listener, router(&dashboard, &user).into_make_service());
    tell(context, &args, address, &user)?;
    let ended = tokio::select! {
        () = interrupts.reached(1) => Ok(()),
        served = serving => served.map_err(Failure::from),
    };
    context.out.note("waiting for the answers of what was handed over; interrupt again to stop waiting");
    tokio::select! {
        biased;
        () = interrupts.reached(2) => Err(Failure::new(Exit::Unknown, "you stopped waiting for answers: some texts may have gone out")
            .find_out("switchboard outbox list --state unknown")),
        stopped = worker.shutdown(ANSWERS) => {
            stopped?;
            ended
        }
    }
}

/// The accounts of the dashboard, of which only the user's own sends.
#[derive(Debug)]
struct OnlyTenant<A> {
    tenant: String,
    accounts: A,
}

#[async_trait]
impl<A: Accounts> Accounts for OnlyTenant<A> {
    async fn account(&self, tenant: &str) -> Result<Account, AccountError> {
        if tenant != self.tenant {
            return Err(format!("this process sends for {} only", self.tenant).into());
        }
        self.accounts.account(tenant).await
    }
}

async fn bind(address: SocketAddr) -> Result<(TcpListener, SocketAddr), Failure> {
    let failed = |error: std::io::Error| {
        Failure::new(Exit::Failed, format!("the dashboard cannot listen at {address}: {error}"))
            .todo("end what uses the port, or name another: `switchboard dashboard --port 0`")
    };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok((listener, address))
}

async fn real(context: &Context, args: &Args) -> Result<Parts, Failure> {
    let keys = Keys::from_env()?;
    let credentials = context.credentials().await?;
    let adapter = context.adapter_of_worker()?;
    let database = args.database.open().await?;
    let public_url = args.public_url.clone();
    Ok(Parts { database, keys, adapter, credentials, public_url, _fake: None })
}

async fn fake(address: SocketAddr) -> Result<Parts, Failure> {
    let fake = FakeTwilio::builder().real_time().try_start().await;
    let fake = fake.map_err(|error| Failure::new(Exit::Failed, format!("the fake cannot start: {error}")))?;
    let url = format!("http://{address}");
    fake.set_sms_url(&format!("{url}/webhooks/twilio/sms"));
    fake.set_voice_url(&format!("{url}/webhooks/twilio/voice"));
    let keys = Keys::new_key("fake").and_then(|key| Keys::parse(key.expose()))?;
    let (adapter, credentials) = (fake.adapter(), fake.credentials());
    let database = Sqlite::memory().await?.into();
    Ok(Parts { database, keys, adapter, credentials, public_url: Some(url), _fake: Some(fake) })
}

/// Saves the account where the dashboard looks for it, and asks Twilio whether it is right: only then its webhooks are
/// believed.
async fn save(parts: &Parts, tenant: &str) -> Result<(), Failure> {
    let users = UserCredentials::open(parts.database.clone(), parts.keys.clone()).await?;
    let name = CredentialName::new(tenant, TWILIO);
    users.save(&name, &parts.credentials).await?;
    match users.test(&name, &parts.adapter).await {
        Ok(_) => Ok(()),
        Err(switchboard_store::CredentialError::Provider(error)) => Err(error.into()),
        Err(error) => Err(Failure::new(Exit::Credentials, error.to_string())),
    }
}

fn router(dashboard: &Dashboard, user: &OneUser) -> Router {
    Router::new()
        .route("/", get(async || Redirect::to("/settings/send")))
        .merge(user.router())
        .merge(dashboard.api())
        .merge(dashboard.page("/settings"))
        .merge(dashboard.webhooks())
}

fn tell(context: &Context, args: &Args, address: SocketAddr, user: &OneUser) -> Result<(), Failure> {
    let link = user.link();
    if context.out.is_json() {
        context.out.say_or("", json!({ "url": format!("http://{address}"), "login": link }))?;
    } else {
        context.out.note("open this link in your browser; it works once, and only you should see it:");
        // Without it nobody can use the dashboard, so it is told when quiet, too.
        Output::raw(&link)?;
    }
    if !args.listen.is_loopback() {
        context
            .out
            .warn("others can reach this address, and nothing is encrypted: put it behind a proxy with TLS");
    }
    context.out.note("it ends with Ctrl-C");
    Ok(())
}
