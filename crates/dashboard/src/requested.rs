//! Sends what is published as `twilio.sms.send`: a program, a rule or a widget of the host asks for a text.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;
use switchboard::provider::{Outgoing, Sender};
use switchboard_automation::mesh::{Delivered, Mesh, MeshError, Notice, names};
use switchboard_outbox::{Enqueue, Outbox, OutboxError};
use switchboard_store::StoreError;

use crate::api::number;

/// The name of the durable subscriber.
const NAME: &str = "dashboard-send";
/// How long to wait while another process does it, or after an error.
const WAIT: Duration = Duration::from_secs(1);
/// How long after its publication a text may be sent.
const EXPIRES: Duration = Duration::from_secs(3_600);

/// Runs until the database is closed.
pub(crate) async fn send(mesh: Mesh, outbox: Outbox) {
    loop {
        match pass(&mesh, &outbox).await {
            MeshError::Store(StoreError::Stopped) => return,
            MeshError::Store(StoreError::Locked { .. }) => {}
            error => tracing::warn!(%error, "texts that were asked for are sent later"),
        }
        tokio::time::sleep(WAIT).await;
    }
}

async fn pass(mesh: &Mesh, outbox: &Outbox) -> MeshError {
    let mut subscription = match mesh.subscribe(NAME, names::SMS_SEND).await {
        Ok(subscription) => subscription,
        Err(error) => return error,
    };
    loop {
        let delivered = match subscription.next().await {
            Ok(delivered) => delivered,
            Err(error) => return error,
        };
        while let Err(error) = enqueue(outbox, &delivered).await {
            if !matches!(error, OutboxError::Store(_)) {
                // It will never be sent, and must not hold up others. A refusal of the policy is in the log of the outbox.
                tracing::warn!(%error, notice = delivered.number, "a text that was asked for is not sent");
                break;
            }
            tokio::time::sleep(WAIT).await;
        }
    }
}

/// The number of the notice is the key, so that it is sent once, however often it is read. Its `/` keeps it apart from those of
/// campaigns. What was published long ago is not sent any more: nobody expects it.
async fn enqueue(outbox: &Outbox, delivered: &Delivered) -> Result<(), OutboxError> {
    let Notice { payload, tenant, time, .. } = &delivered.notice;
    let text = |name: &str| payload.get(name).and_then(Value::as_str);
    let missing =
        |what: &str| OutboxError::Invalid(format!("the payload of `{}` needs {what}", names::SMS_SEND));
    let (to, body) =
        (text("to").ok_or_else(|| missing("`to`"))?, text("body").ok_or_else(|| missing("`body`"))?);
    let to = number(to).map_err(|_| missing("a number with its country code in `to`"))?;
    let message = Outgoing::text(to, body);
    let message = match text("from") {
        Some(pool) if pool.starts_with("MG") => message.from(Sender::pool(pool)),
        Some(from) => message.from(Sender::Number(from.into())),
        None => message,
    };
    let until = time.checked_add(EXPIRES).unwrap_or(*time);
    if until <= Timestamp::now() {
        return Err(OutboxError::Invalid("it was published more than an hour ago".to_owned()));
    }
    let key = format!("/mesh/{}", delivered.number);
    outbox.enqueue_all([Enqueue::new(key, message).tenant(tenant).expires(until)]).await.map(drop)
}
