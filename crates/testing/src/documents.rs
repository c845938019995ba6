//! The request for a document from a webhook. As at Twilio, redirects are followed with a GET, and a document may not be
//! longer than 64 kB.

use http::{HeaderMap, header};

use super::engine::{FetchedDocument, MAX_DOCUMENT, WebhookError, WebhookRequest};
use super::fake::AccountHandle;
use super::webhook_client::{Failure, Outgoing, WebhookResponse, exchange};

/// The most redirects in a row.
const MAX_REDIRECTS: usize = 10;

/// Sends a request, follows its redirects, and returns the document or the error.
pub(super) async fn fetch(
    account: &AccountHandle,
    request: &WebhookRequest,
) -> Result<FetchedDocument, WebhookError> {
    let mut hop = request.clone();
    for _ in 0..=MAX_REDIRECTS {
        let answer = exchange(outgoing(&hop), MAX_DOCUMENT).await.map_err(|failure| error(&failure))?;
        let Some(location) = location(&answer) else { return page(&hop, answer) };
        let next = account.with(|tenant| tenant.core.follow(&hop, location));
        hop = next.ok_or_else(|| WebhookError {
            status: Some(answer.status),
            ..WebhookError::new(11200, "the webhook redirected to a URL that is not valid")
        })?;
    }
    Err(WebhookError::new(11215, format!("the webhook redirected more than {MAX_REDIRECTS} times")))
}

fn outgoing(request: &WebhookRequest) -> Outgoing<'_> {
    Outgoing {
        url: &request.url,
        fragment: &request.fragment,
        form: request.form.as_deref(),
        signature: &request.signature,
        token: &request.token,
    }
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

fn location(answer: &WebhookResponse) -> Option<&str> {
    let redirects = matches!(answer.status, 301 | 302 | 303 | 307 | 308);
    text(&answer.headers, header::LOCATION).filter(|_| redirects)
}

fn page(request: &WebhookRequest, answer: WebhookResponse) -> Result<FetchedDocument, WebhookError> {
    let failed = |code, why: String, body: &[u8]| {
        let body = String::from_utf8_lossy(body).into_owned();
        Err(WebhookError { status: Some(answer.status), body, ..WebhookError::new(code, why) })
    };
    if !(200..300).contains(&answer.status) {
        return failed(11200, format!("the webhook answered {}", answer.status), &answer.body);
    }
    if answer.too_long {
        return failed(11750, format!("the document is longer than {} kB", MAX_DOCUMENT / 1024), &[]);
    }
    let content_type = text(&answer.headers, header::CONTENT_TYPE).map(str::to_owned);
    Ok(FetchedDocument { url: request.url.clone(), status: answer.status, content_type, body: answer.body })
}

/// Returns the error of an exchange that failed, with Twilio's code.
fn error(failure: &Failure) -> WebhookError {
    let code = match failure {
        Failure::Url(_) => 11100,
        Failure::Dns(_) => 11210,
        Failure::Connect(_) => 11205,
        Failure::Exchange(_) | Failure::Time(_) => 11200,
    };
    WebhookError::new(code, failure.text())
}
