//! The connection test: checks credentials, and finds the account that they belong to.

use serde_json::{Map, Value};

use super::error::by_twilio;
use super::session::Session;
use crate::provider::{AccountKind, ApiRequest, Connection, ProviderError, RequestClass};

/// Twilio's code for an API key that lacks a permission. The key itself is valid, so the test succeeds with limited
/// access.
const NOT_PERMITTED: u32 = 70051;

pub(super) async fn test(session: &Session) -> Result<Connection, ProviderError> {
    let mut connection = Connection::new(session.account_sid(), session.username());
    let request = if session.uses_api_key() {
        ApiRequest::get("/Messages.json").query([("PageSize", "1")])
    } else {
        ApiRequest::get("/Accounts/{sid}.json").segment(session.account_sid())
    };
    let result = session.json::<Map<String, Value>>(request).await;
    match result {
        Ok(page) if session.uses_api_key() => expect(page.get("messages").is_some_and(Value::is_array))?,
        Ok(owner) => {
            expect(owner.get("sid").and_then(Value::as_str) == Some(session.account_sid()))?;
            describe(&mut connection, &owner);
        }
        Err(error) if error.provider_code() == Some(NOT_PERMITTED) => connection.limited = true,
        Err(error) => return Err(error),
    }
    Ok(connection)
}

/// Checks that Twilio answered, and not something else, such as the login page of a network.
fn expect(what_twilio_answers: bool) -> Result<(), ProviderError> {
    if what_twilio_answers {
        return Ok(());
    }
    Err(by_twilio(ProviderError::unreadable(RequestClass::Read)).with_message(
        "the answer did not come from Twilio: check for a proxy or a login page in the network",
    ))
}

/// Copies name, status and kind of the account. The answer also holds the auth token, which is not kept.
fn describe(connection: &mut Connection, owner: &Map<String, Value>) {
    let text = |name: &str| owner.get(name).and_then(Value::as_str).map(str::to_owned);
    connection.friendly_name = text("friendly_name");
    connection.status = text("status");
    connection.kind = text("type").map(|kind| match kind.as_str() {
        "Trial" => AccountKind::Trial,
        "Full" => AccountKind::Full,
        _ => AccountKind::Other(kind),
    });
}
