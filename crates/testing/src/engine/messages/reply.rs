//! The answer of a webhook to a message: a document with replies, plain text, or nothing.

use super::check::check;
use super::inbound::InboundMessage;
use super::message::{Message, NewMessage};
use super::messaging::Messaging;
use crate::engine::form::Pairs;
use crate::engine::twiml::{self, Verb};
use crate::engine::webhook::{
    Endpoint, FetchedDocument, Params, WebhookError, WebhookRequest, fallback_params, resolve,
};

/// The most documents for one message. More are a redirect loop.
const MAX_DOCUMENTS: u32 = 20;
const TOO_MANY_REDIRECTS: u32 = 11215;
const BAD_URL: u32 = 11100;
const SCHEMA: u32 = 12200;

/// The result of one delivery of a message to the webhook.
#[derive(Default)]
pub(crate) struct WebhookResult {
    /// The status of the webhook's last answer.
    pub(crate) status: Option<u16>,
    pub(crate) body: String,
    /// The first error.
    pub(crate) error: Option<WebhookError>,
    /// Warnings about elements and attributes that Twilio ignores.
    pub(crate) warnings: Vec<String>,
    /// The SIDs of the replies.
    pub(crate) replies: Vec<String>,
    documents: u32,
    used_fallback: bool,
}

impl Messaging<'_> {
    /// Handles the answer to a request. Returns the next request, if there is one.
    pub(crate) fn read_reply(
        &mut self,
        inbound: &InboundMessage,
        result: &mut WebhookResult,
        request: &WebhookRequest,
        answer: Result<FetchedDocument, WebhookError>,
    ) -> Option<WebhookRequest> {
        result.documents += 1;
        let carried = answer.and_then(|page| {
            result.status = Some(page.status);
            result.body = String::from_utf8_lossy(&page.body).into_owned();
            self.carry_out(inbound, result, &page)
        });
        let error = match carried {
            Ok(next) => return next,
            Err(error) => error,
        };
        if error.status.is_some() && result.status.is_none() {
            (result.status, result.body) = (error.status, error.body.clone());
        }
        self.core.webhook_failed(&inbound.sid, Some(request), &error);
        let fallback = inbound.fallback.clone().filter(|_| !result.used_fallback);
        let mut params = inbound.params.clone();
        params.extend(fallback_params(&error, request));
        result.error.get_or_insert(error);
        result.used_fallback = true;
        fallback.map(|fallback| self.core.webhook_request(&fallback, &params))
    }

    fn carry_out(
        &mut self,
        inbound: &InboundMessage,
        result: &mut WebhookResult,
        page: &FetchedDocument,
    ) -> Result<Option<WebhookRequest>, WebhookError> {
        if page.body.trim_ascii().is_empty() {
            return Ok(None);
        }
        if twiml::media_type(page) == "text/plain" {
            let text = String::from_utf8_lossy(&page.body).trim().to_owned();
            self.reply(inbound, result, vec![("Body".to_owned(), text)], None);
            return Ok(None);
        }
        for verb in twiml::read_fetched(page)? {
            let schema_warnings = twiml::schema_warnings(&verb, false);
            schema_warnings.iter().for_each(|_| self.core.warn(&inbound.sid, SCHEMA));
            result.warnings.extend(schema_warnings);
            match verb.name.as_str() {
                "Message" => self.reply_with(inbound, result, page, &verb)?,
                "Redirect" => return self.redirect(inbound, result, page, &verb).map(Some),
                _ => {}
            }
        }
        Ok(None)
    }

    fn redirect(
        &mut self,
        inbound: &InboundMessage,
        result: &WebhookResult,
        page: &FetchedDocument,
        verb: &Verb,
    ) -> Result<WebhookRequest, WebhookError> {
        if result.documents >= MAX_DOCUMENTS {
            let why = format!("the document of one message redirected {MAX_DOCUMENTS} times");
            return Err(WebhookError::new(TOO_MANY_REDIRECTS, why));
        }
        let url = url_in(page, &verb.own_text)?;
        Ok(self.core.webhook_request(&Endpoint { url, get: verb.is_get("method") }, &inbound.params))
    }

    fn reply_with(
        &mut self,
        inbound: &InboundMessage,
        result: &mut WebhookResult,
        page: &FetchedDocument,
        verb: &Verb,
    ) -> Result<(), WebhookError> {
        let bodies = verb.children.iter().filter(|child| child.name == "Body");
        let body: String = bodies.map(|child| child.text.as_str()).collect();
        let body = if body.is_empty() { verb.own_text.clone() } else { body };
        let mut pairs = vec![("Body".to_owned(), body)];
        for media in verb.children.iter().filter(|child| child.name == "Media") {
            pairs.push(("MediaUrl".to_owned(), url_in(page, &media.text)?));
        }
        for (key, name) in [("To", "to"), ("From", "from")] {
            pairs.extend(verb.get(name).map(|value| (key.to_owned(), value.to_owned())));
        }
        let action = verb.get("action").or(verb.get("statusCallback"));
        let action = action.map(|url| url_in(page, url)).transpose()?;
        let endpoint = action.map(|url| Endpoint { url, get: verb.is_get("method") });
        self.reply(inbound, result, pairs, endpoint);
        Ok(())
    }

    /// Sends one reply. A reply that Twilio would refuse raises an alert; the other replies are sent.
    fn reply(
        &mut self,
        inbound: &InboundMessage,
        result: &mut WebhookResult,
        mut pairs: Params,
        endpoint: Option<Endpoint>,
    ) {
        let Some(Message { from, to, .. }) = self.messages.rows.get(&inbound.sid).cloned() else { return };
        // Of several pairs with one key the first one counts, so these are only defaults.
        pairs.push(("To".to_owned(), from.unwrap_or_default()));
        pairs.push(("From".to_owned(), to));
        match self.send_reply(pairs, endpoint) {
            Ok(sid) => result.replies.push(sid),
            Err(error) => {
                self.core.webhook_failed(&inbound.sid, None, &error);
                result.error.get_or_insert(error);
            }
        }
    }

    /// Sends a message of a document. Returns its SID, or why Twilio would refuse it.
    pub(in crate::engine) fn send_reply(
        &mut self,
        pairs: Params,
        endpoint: Option<Endpoint>,
    ) -> Result<String, WebhookError> {
        let draft = check(self, &Pairs::of(pairs));
        let draft = draft.map_err(|refusal| WebhookError::new(refusal.code(), "a message was refused"))?;
        Ok(self.send(NewMessage { endpoint, ..draft }, "outbound-reply"))
    }
}

fn url_in(page: &FetchedDocument, url: &str) -> Result<String, WebhookError> {
    let resolved = resolve(Some(&page.url), url);
    resolved.ok_or_else(|| WebhookError::new(BAD_URL, "a URL in the document is not valid"))
}
