//! What a webhook answers to a message: a document with replies, a plain text, or nothing.

use super::check::check;
use super::inbound::Arrived;
use super::message::{Message, NewMessage};
use super::messaging::Messaging;
use crate::engine::form::Pairs;
use crate::engine::twiml::{self, Verb};
use crate::engine::webhook::{
    Endpoint, FetchedDocument, Params, WebhookError, WebhookRequest, fallback_params, resolve,
};

/// Documents for one message: more are a loop.
const MOST_DOCUMENTS: u32 = 20;
const TOO_MANY_REDIRECTS: u32 = 11215;
const BAD_URL: u32 = 11100;
const SCHEMA: u32 = 12200;

/// One delivery of a message to the webhook, and what came of it.
#[derive(Default)]
pub(crate) struct Reading {
    /// The status of the webhook's last answer.
    pub(crate) status: Option<u16>,
    pub(crate) body: String,
    /// The first error.
    pub(crate) error: Option<WebhookError>,
    /// Warnings about what Twilio would have ignored.
    pub(crate) warnings: Vec<String>,
    /// The SIDs of the replies.
    pub(crate) replies: Vec<String>,
    documents: u32,
    used_fallback: bool,
}

impl Messaging<'_> {
    /// Takes the answer to a request; returns the next one, if there is one.
    pub(crate) fn read_reply(
        &mut self,
        arrived: &Arrived,
        reading: &mut Reading,
        request: &WebhookRequest,
        answer: Result<FetchedDocument, WebhookError>,
    ) -> Option<WebhookRequest> {
        reading.documents += 1;
        let carried = answer.and_then(|page| {
            reading.status = Some(page.status);
            reading.body = String::from_utf8_lossy(&page.body).into_owned();
            self.carry_out(arrived, reading, &page)
        });
        let error = match carried {
            Ok(next) => return next,
            Err(error) => error,
        };
        if error.status.is_some() && reading.status.is_none() {
            (reading.status, reading.body) = (error.status, error.body.clone());
        }
        self.core.webhook_failed(&arrived.sid, Some(request), &error);
        let fallback = arrived.fallback.clone().filter(|_| !reading.used_fallback);
        let mut params = arrived.params.clone();
        params.extend(fallback_params(&error, request));
        reading.error.get_or_insert(error);
        reading.used_fallback = true;
        fallback.map(|fallback| self.core.webhook_request(&fallback, &params))
    }

    fn carry_out(
        &mut self,
        arrived: &Arrived,
        reading: &mut Reading,
        page: &FetchedDocument,
    ) -> Result<Option<WebhookRequest>, WebhookError> {
        if page.body.trim_ascii().is_empty() {
            return Ok(None);
        }
        if twiml::media_type(page) == "text/plain" {
            let text = String::from_utf8_lossy(&page.body).trim().to_owned();
            self.reply(arrived, reading, vec![("Body".to_owned(), text)], None);
            return Ok(None);
        }
        for verb in twiml::read_fetched(page)? {
            let schema_warnings = twiml::schema_warnings(&verb, false);
            schema_warnings.iter().for_each(|_| self.core.warn(&arrived.sid, SCHEMA));
            reading.warnings.extend(schema_warnings);
            match verb.name.as_str() {
                "Message" => self.reply_with(arrived, reading, page, &verb)?,
                "Redirect" => return self.redirect(arrived, reading, page, &verb).map(Some),
                _ => {}
            }
        }
        Ok(None)
    }

    fn redirect(
        &mut self,
        arrived: &Arrived,
        reading: &Reading,
        page: &FetchedDocument,
        verb: &Verb,
    ) -> Result<WebhookRequest, WebhookError> {
        if reading.documents >= MOST_DOCUMENTS {
            let why = format!("the document of one message redirected {MOST_DOCUMENTS} times");
            return Err(WebhookError::new(TOO_MANY_REDIRECTS, why));
        }
        let url = url_in(page, &verb.own)?;
        Ok(self.core.webhook_request(&Endpoint { url, get: verb.is_get("method") }, &arrived.params))
    }

    fn reply_with(
        &mut self,
        arrived: &Arrived,
        reading: &mut Reading,
        page: &FetchedDocument,
        verb: &Verb,
    ) -> Result<(), WebhookError> {
        let bodies = verb.children.iter().filter(|child| child.name == "Body");
        let body: String = bodies.map(|child| child.text.as_str()).collect();
        let body = if body.is_empty() { verb.own.clone() } else { body };
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
        self.reply(arrived, reading, pairs, endpoint);
        Ok(())
    }

    /// Sends one reply. One that Twilio would not send leaves an alert, and the others go out.
    fn reply(
        &mut self,
        arrived: &Arrived,
        reading: &mut Reading,
        mut pairs: Params,
        endpoint: Option<Endpoint>,
    ) {
        let Some(Message { from, to, .. }) = self.messages.rows.get(&arrived.sid).cloned() else { return };
        // The first pair of a key has precedence.
        pairs.push(("To".to_owned(), from.unwrap_or_default()));
        pairs.push(("From".to_owned(), to));
        match self.send_reply(pairs, endpoint) {
            Ok(sid) => reading.replies.push(sid),
            Err(error) => {
                self.core.webhook_failed(&arrived.sid, None, &error);
                reading.error.get_or_insert(error);
            }
        }
    }

    /// Sends what a document says; returns its SID, or why Twilio would not send it.
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
