//! What can surely be known to be wrong with a message, and what its own limits refuse.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::super::{check, whatsapp};
use super::CreateMessage;
use crate::phone::{Address, AddressKind};
use crate::provider::{ProviderError, Reason};
use crate::sms::Text;

/// The most characters of a text.
const MAX_BODY: usize = 1600;
/// The most pictures and files.
const MAX_MEDIA: usize = 10;
/// How early and how late a message may be scheduled, each widened by a minute for clocks that differ.
const EARLIEST: SignedDuration = SignedDuration::from_secs(300 - 60);
const LATEST: SignedDuration = SignedDuration::from_secs(35 * 24 * 3600 + 60);

impl CreateMessage {
    /// Checks what can surely be known to be wrong. [`create`](super::Messages::create) does so by itself.
    ///
    /// # Errors
    /// `INVALID_REQUEST`, saying what to change.
    pub fn check(&self) -> Result<(), ProviderError> {
        self.check_at(self.from.as_ref(), Timestamp::now())
            .map_err(|error| error.with_recipient(self.to.clone()))
    }

    pub(super) fn check_at(&self, from: Option<&Address>, now: Timestamp) -> Result<(), ProviderError> {
        check::recipient(&self.to)?;
        if matches!(self.to.kind(), Ok(AddressKind::Client | AddressKind::Sip | AddressKind::Alphanumeric)) {
            return Err(check::refuse(
                "a message goes to a number or to a channel such as whatsapp:, not to a name",
            )
            .with_reason(Reason::InvalidRecipient));
        }
        match from {
            Some(from) => check::sender(from)?,
            None if self.messaging_service_sid.is_none() => {
                return Err(check::missing(
                    "there is no sender: set from(..), a messaging service, or the credentials' phone number",
                ));
            }
            None => {}
        }
        check::optional_sid("messaging service", self.messaging_service_sid.as_deref(), "MG")?;
        check::optional_sid("TwiML app", self.application_sid.as_deref(), "AP")?;
        check::callback(self.status_callback.as_ref())?;
        check::range("validity period in seconds", self.validity_period, 1, 36_000)?;
        self.check_more()?;
        self.check_content()?;
        self.check_schedule(now)?;
        self.check_guards(from)
    }

    /// What has a method of its own must not come twice, past the checks.
    fn check_more(&self) -> Result<(), ProviderError> {
        const OWN: &[(&str, &str)] = &[
            ("To", "new(..)"),
            ("From", "from(..)"),
            ("MessagingServiceSid", "messaging_service(..)"),
            ("Body", "body(..)"),
            ("MediaUrl", "media_url(..)"),
            ("ContentSid", "template(..)"),
            ("SendAsMms", "send_as_mms(..)"),
            ("SmartEncoded", "smart_encoded(..)"),
        ];
        let own = OWN.iter().find(|(known, _)| self.more.iter().any(|(name, _)| name == known));
        match own {
            Some((name, method)) => Err(check::refuse(format!(
                "{name} is given as a parameter that is not known here: set it with {method}, where it is checked"
            ))),
            None => Ok(()),
        }
    }

    fn check_content(&self) -> Result<(), ProviderError> {
        let text = self.body.as_ref().map_or("", Text::as_str);
        check::optional_sid("content template", self.content_sid.as_deref(), "HX")?;
        if text.is_empty() && self.media_url.is_empty() && self.content_sid.is_none() {
            return Err(check::missing("there is nothing to send: set a body, a media URL or a template"));
        }
        let length = text.chars().count();
        if length > MAX_BODY {
            return Err(check::refuse(format!(
                "the text has {length} characters, Twilio takes {MAX_BODY}: shorten it or send several"
            )));
        }
        if self.media_url.len() > MAX_MEDIA {
            return Err(check::refuse(format!(
                "there are {} media URLs, Twilio takes {MAX_MEDIA}",
                self.media_url.len()
            ))
            .with_reason(Reason::MediaProblem));
        }
        for media in &self.media_url {
            check::url("media URL", media.as_str())?;
        }
        self.check_template(text)
    }

    fn check_template(&self, text: &str) -> Result<(), ProviderError> {
        let wrong = |message: &str| Err(check::refuse(message).with_reason(Reason::TemplateProblem));
        if self.content_sid.is_some() && !text.is_empty() {
            return wrong("a template and a body cannot go together: the template is the text");
        }
        let Some(variables) = &self.content_variables else { return Ok(()) };
        if self.content_sid.is_none() {
            return wrong("there are template variables without a template: set its SID, HX…");
        }
        match serde_json::from_str(variables.as_str()) {
            Ok(variables @ Value::Object(_)) => whatsapp::check_variables(&self.to, &variables),
            _ => wrong("the template variables must be a JSON object, as in {\"1\": \"Ada\"}"),
        }
    }

    fn check_schedule(&self, now: Timestamp) -> Result<(), ProviderError> {
        let Some(at) = self.send_at else { return Ok(()) };
        if self.messaging_service_sid.is_none() {
            return Err(check::missing("a message can be scheduled only with a messaging service, MG…"));
        }
        let wait = at.duration_since(now);
        if wait < EARLIEST || wait > LATEST {
            return Err(check::refuse(format!(
                "a message can be scheduled 5 minutes to 35 days ahead, this one is {} minutes ahead",
                wait.as_mins()
            )));
        }
        Ok(())
    }
}
