//! The reply to a text, and a text that is sent during a call.

use super::Redirect;
use super::buffer::Buffer;
use super::document::document;
use super::macros::{children, from_text, made_of_text, verb};
use crate::twilio::calls::HttpMethod;

document! {
    /// The reply to a text: what a webhook for messages answers. An empty document sends nothing.
    ///
    /// ```
    /// use switchboard::twilio::twiml::{Message, MessagingResponse};
    ///
    /// let reply = MessagingResponse::new().message("Thanks");
    /// let picture = MessagingResponse::new().message(Message::new("Here").media("https://example.com/cat.jpg"));
    /// let silence = MessagingResponse::new();
    /// # assert!(silence.to_xml().ends_with("<Response/>"));
    /// # let _ = (reply, picture);
    /// ```
    ///
    /// A verb for calls does not compile:
    ///
    /// ```compile_fail,E0599
    /// let reply = switchboard::twilio::twiml::MessagingResponse::new().say("Thanks");
    /// ```
    ///
    /// <https://www.twilio.com/docs/messaging/twiml>
    MessagingResponse
}

children! { MessagingResponse {
    /// Sends a message.
    message: Message,
    /// Continues with the document at a URL.
    redirect: Redirect,
} }

verb! {
    /// A message: a text of at most 1,600 characters, up to ten files, or both.
    ///
    /// <https://www.twilio.com/docs/messaging/twiml/message>
    Message = "Message" {
        /// Sets the recipient; by default, the person who sent the text.
        to: text = "to",
        /// Sets the sender; the number that received the text by default.
        from: text = "from",
        /// Sets the URL that Twilio reports the status of the message to.
        action: text = "action",
        /// Sets the HTTP method of those reports.
        method: HttpMethod = "method",
        /// Sets the older name of `action`.
        status_callback: text = "statusCallback",
    }
}

impl Message {
    /// A message with a text.
    pub fn new(text: impl AsRef<str>) -> Self {
        let mut body = Buffer::new("Body");
        body.text(text.as_ref());
        let mut message = Self::open();
        message.0.child(body);
        message
    }

    /// A message of files alone.
    pub fn without_text() -> Self {
        Self::open()
    }
}

from_text!(Message);

children! { Message {
    /// Adds the file at a URL.
    media: Media,
} }

verb! {
    /// A file of a message.
    Media = "Media" {}
}

made_of_text!(Media, "The file at a URL.");

verb! {
    /// A text that is sent during a call, to the caller by default.
    ///
    /// To text from a program, create a message instead: Twilio keeps this verb for old documents.
    ///
    /// <https://www.twilio.com/docs/voice/twiml/sms>
    Sms = "Sms" {
        /// Sets whom the text is for; the caller by default.
        to: text = "to",
        /// Sets the sender; by default, the number that was called.
        from: text = "from",
        /// Sets the URL of the document that runs when the text is sent.
        action: text = "action",
        /// Sets the HTTP method of that request.
        method: HttpMethod = "method",
        /// Sets the URL that Twilio reports the status of the text to.
        status_callback: text = "statusCallback",
    }
}

made_of_text!(Sms, "Sends a text to the caller.");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::twilio::twiml::lines;

    #[test]
    fn a_reply_has_the_expected_xml() {
        let files = Message::new("Tom & <Jerry>")
            .media("https://example.com/a?b=1&c=2")
            .media("https://example.com/d");
        let reply = MessagingResponse::new()
            .message("One")
            .message(files.to("+14155550100").action("/status"))
            .message(Message::without_text().media("https://example.com/e"));
        insta::assert_snapshot!(lines(&reply.to_xml()), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <Response>
    <Message>
    <Body>One</Body>
    </Message>
    <Message to="+14155550100" action="/status">
    <Body>Tom &amp; &lt;Jerry&gt;</Body>
    <Media>https://example.com/a?b=1&amp;c=2</Media>
    <Media>https://example.com/d</Media>
    </Message>
    <Message>
    <Media>https://example.com/e</Media>
    </Message>
    </Response>
    "#);
    }
}
