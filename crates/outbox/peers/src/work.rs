//! What every queue does with a text: it POSTs it, and reads the answer.

use serde::{Deserialize, Serialize};

use crate::server::Server;

/// Requests that wait for their answer at a time.
pub(crate) const AT_ONCE: usize = 64;
const ACCOUNT: &str = "AC00000000000000000000000000000001";

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Text {
    to: String,
    body: String,
}

pub(crate) fn texts(count: usize) -> impl Iterator<Item = Text> {
    (0..count).map(|number| Text {
        to: format!("+1415{number:07}"),
        body: format!("Your table {number} is ready, see you soon"),
    })
}

#[derive(Clone, Debug)]
pub(crate) struct Provider {
    client: reqwest::Client,
    url: String,
}

#[derive(Deserialize)]
struct Message {
    sid: String,
}

impl Provider {
    pub(crate) fn at(server: &Server) -> Self {
        let url = format!("{}/2010-04-01/Accounts/{ACCOUNT}/Messages.json", server.url());
        Self { client: reqwest::Client::builder().no_proxy().build().unwrap(), url }
    }

    pub(crate) async fn send(&self, text: &Text) -> Result<(), reqwest::Error> {
        let params = [("To", text.to.as_str()), ("From", "+15005550006"), ("Body", text.body.as_str())];
        let request = self.client.post(&self.url).basic_auth(ACCOUNT, Some("2")).form(&params);
        let message = request.send().await?.error_for_status()?.json::<Message>().await?;
        assert_eq!(message.sid.len(), 34);
        Ok(())
    }
}
