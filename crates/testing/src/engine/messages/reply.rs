//! What a webhook answers to a message: a document with replies, a plain text, or nothing.

use super::inbound::Arrived;
use super::{Message, check};
use crate::engine::callbacks::Listener;
use crate::engine::form::Pairs;
use crate::engine::hook::{Hook, Page, Params, Trouble, fallback_params, resolve};
use crate::engine::tenant::Tenant;
use crate::engine::twiml::{self, Verb};

/// Documents for one message: more are a loop.
const MOST_DOCUMENTS: u32 = 20;
const TOO_MANY_REDIRECTS: u32 = 11215;
const BAD_URL: u32 = 11100;
const SCHEMA: u32 = 12200;

/// One delivery of a message, while it goes from document to document and afterwards.
#[derive(Default)]
pub(crate) struct Reading {
    /// What the webhook answered, and with what.
    pub(crate) status: Option<u16>,
    pub(crate) body: String,
    /// What was wrong first.
    pub(crate) error: Option<Trouble>,
    /// What Twilio would have passed over.
    pub(crate) warnings: Vec<String>,
    /// The SIDs of the replies.
    pub(crate) replies: Vec<String>,
    documents: u32,
    fell_back: bool,
}

impl Tenant {
    /// Takes the answer to a request; returns the next one, if there is one.
    pub(crate) fn read_reply(
        &mut self,
        arrived: &Arrived,
        reading: &mut Reading,
        hook: &Hook,
        answer: Result<Page, Trouble>,
    ) -> Option<Hook> {
        reading.documents += 1;
        let carried = answer.and_then(|page| {
            reading.status = Some(page.status);
            reading.body = String::from_utf8_lossy(&page.body).into_owned();
            self.carry_out(arrived, reading, &page)
        });
        let trouble = match carried {
            Ok(next) => return next,
            Err(trouble) => trouble,
        };
        if trouble.status.is_some() && reading.status.is_none() {
            (reading.status, reading.body) = (trouble.status, trouble.body.clone());
        }
        self.webhook_failed(&arrived.sid, Some(hook), &trouble);
        let fallback = arrived.fallback.clone().filter(|_| !reading.fell_back);
        let mut params = arrived.params.clone();
        params.extend(fallback_params(&trouble, hook));
        reading.error.get_or_insert(trouble);
        reading.fell_back = true;
        fallback.map(|fallback| self.hook(&fallback, &params))
    }

    fn carry_out(
        &mut self,
        arrived: &Arrived,
        reading: &mut Reading,
        page: &Page,
    ) -> Result<Option<Hook>, Trouble> {
        if page.body.trim_ascii().is_empty() {
            return Ok(None);
        }
        if twiml::media_type(page) == "text/plain" {
            let text = String::from_utf8_lossy(&page.body).trim().to_owned();
            self.reply(arrived, reading, vec![("Body".to_owned(), text)], None);
            return Ok(None);
        }
        for verb in twiml::of_page(page)? {
            let complaints = twiml::complaints(&verb, false);
            complaints.iter().for_each(|_| self.warn(&arrived.sid, SCHEMA));
            reading.warnings.extend(complaints);
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
        page: &Page,
        verb: &Verb,
    ) -> Result<Hook, Trouble> {
        if reading.documents >= MOST_DOCUMENTS {
            let why = format!("the document of one message redirected {MOST_DOCUMENTS} times");
            return Err(Trouble::new(TOO_MANY_REDIRECTS, why));
        }
        let url = url_in(page, &verb.own)?;
        Ok(self.hook(&Listener { url, get: verb.is_get("method") }, &arrived.params))
    }

    fn reply_with(
        &mut self,
        arrived: &Arrived,
        reading: &mut Reading,
        page: &Page,
        verb: &Verb,
    ) -> Result<(), Trouble> {
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
        let listener = action.map(|url| Listener { url, get: verb.is_get("method") });
        self.reply(arrived, reading, pairs, listener);
        Ok(())
    }

    /// Sends one reply. One that Twilio would not send leaves an alert, and the others go out.
    fn reply(
        &mut self,
        arrived: &Arrived,
        reading: &mut Reading,
        mut pairs: Params,
        listener: Option<Listener>,
    ) {
        let Some(Message { from, to, .. }) = self.messages.get(&arrived.sid).cloned() else { return };
        // The first pair of a key counts.
        pairs.push(("To".to_owned(), from.unwrap_or_default()));
        pairs.push(("From".to_owned(), to));
        match self.send_reply(pairs, listener) {
            Ok(sid) => reading.replies.push(sid),
            Err(trouble) => {
                self.webhook_failed(&arrived.sid, None, &trouble);
                reading.error.get_or_insert(trouble);
            }
        }
    }

    /// Sends what a document says; returns its SID, or why Twilio would not send it.
    pub(in crate::engine) fn send_reply(
        &mut self,
        pairs: Params,
        listener: Option<Listener>,
    ) -> Result<String, Trouble> {
        let draft = check::draft(self, &Pairs::of(pairs));
        let draft = draft.map_err(|refusal| Trouble::new(refusal.code(), "a message was refused"))?;
        Ok(self.send(check::Draft { listener, ..draft }, "outbound-reply"))
    }
}

fn url_in(page: &Page, url: &str) -> Result<String, Trouble> {
    let resolved = resolve(Some(&page.url), url);
    resolved.ok_or_else(|| Trouble::new(BAD_URL, "a URL in the document is not valid"))
}
