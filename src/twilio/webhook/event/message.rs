//! A message that somebody sent to you, and what it says about consent.

use serde::{Deserialize, Serialize};

use super::content::{
    Button, InboundMedia, ListChoice, Location, MessageType, Payload, Place, Referral, RepliedTo,
};
use super::read::event;
use crate::phone::{Address, AddressKind};
use crate::sms::{Consent, Keyword, Keywords, Text};
use crate::twilio::MessageStatus;
use crate::twilio::twiml::MessagingResponse;
use crate::twilio::wire::wire_enum;

wire_enum! {
    /// The keyword that Twilio recognised, if it handles consent itself (Advanced Opt-Out of a messaging service).
    OptOutType {
        /// The person opts out.
        Stop = "STOP",
        /// The person opts in again.
        Start = "START",
        /// The person asks for help.
        Help = "HELP",
    }
}

event! {
    /// A message that somebody sent to you: SMS, MMS, WhatsApp, RCS.
    ///
    /// Twilio expects TwiML within 15 seconds. Any field may be missing; what is empty, unknown or cannot be read is
    /// kept in `extra`.
    ///
    /// <https://www.twilio.com/docs/messaging/guides/webhook-request>
    InboundMessage {
        @within {
            /// Its media files.
            media: Vec<InboundMedia>,
        }
        /// Its SID: `SM…`, or `MM…` with media.
        sid: String = "MessageSid" | "SmsSid" | "SmsMessageSid",
        /// The account it belongs to.
        account_sid: String = "AccountSid",
        /// The messaging service that your number belongs to.
        messaging_service_sid: String = "MessagingServiceSid",
        /// The sender.
        from: Address = "From",
        /// Your number.
        to: Address = "To",
        /// The text; see [`text`](InboundMessage::text).
        body: Text = "Body",
        /// The number of its segments.
        num_segments: u32 = "NumSegments",
        /// The number of media files that Twilio announces; `media` has those that were sent.
        num_media: u32 = "NumMedia",
        /// The message status: `received`.
        status: MessageStatus = "SmsStatus" | "MessageStatus",
        /// The keyword that Twilio recognised, if Advanced Opt-Out handled the message.
        opt_out_type: OptOutType = "OptOutType",
        /// The name the person gave themselves (WhatsApp).
        profile_name: Text = "ProfileName",
        /// The person's WhatsApp number, without a plus sign.
        wa_id: Address = "WaId",
        /// The channel's identifier of the person.
        external_user_id: Text = "ExternalUserId",
        /// The type of a channel's message.
        message_type: MessageType = "MessageType",
        /// Was it forwarded?
        forwarded: bool = "Forwarded",
        /// Was it forwarded many times?
        frequently_forwarded: bool = "FrequentlyForwarded",
        /// The data that the person entered into a form.
        interactive_data: Payload = "InteractiveData",
        /// Further data of the channel.
        channel_metadata: Payload = "ChannelMetadata",
        /// Only for a fallback URL: the Twilio error code with which the primary URL failed.
        error_code: u32 = "ErrorCode",
        /// Only for a fallback URL: the primary URL that failed.
        error_url: Text = "ErrorUrl",
        /// The version of the API.
        api_version: String = "ApiVersion",
        @parts {
            /// The region of the person's number.
            from_place: Place = "From",
            /// The region of your number.
            to_place: Place = "To",
            /// The button that was pressed.
            button: Button = "Button",
            /// What was chosen from a list.
            list: ListChoice = "List",
            /// The location that was sent.
            location: Location = "",
            /// The advertisement that led here.
            referral: Referral = "Referral",
            /// The message that this one answers.
            reply_to: RepliedTo = "OriginalRepliedMessage",
        }
    }
}

impl InboundMessage {
    /// Returns the text; it is empty if there is none, as for an image without text.
    #[must_use]
    pub fn text(&self) -> &str {
        self.body.as_ref().map_or("", Text::as_str)
    }

    /// Returns the address of the person who sent the message.
    #[must_use]
    pub fn person(&self) -> Option<&Address> {
        self.from.as_ref()
    }

    /// Returns your sender for which consent is recorded: the messaging service, `MG…`, for all of its senders, else your
    /// number.
    #[must_use]
    pub fn sender(&self) -> Option<&str> {
        self.messaging_service_sid.as_deref().or_else(|| self.to.as_ref().map(Address::as_str))
    }

    /// Returns the keyword of the message: the one that Twilio recognised, else one of the default words.
    #[must_use]
    pub fn keyword(&self) -> Option<Keyword> {
        self.said_by_twilio().or_else(|| Keyword::of(self.text()))
    }

    /// Returns the keyword of the message: the one that Twilio recognised, else one of your own words.
    #[must_use]
    pub fn keyword_in(&self, words: &Keywords) -> Option<Keyword> {
        self.said_by_twilio().or_else(|| words.of(self.text()))
    }

    /// Returns whether the person opts out or opts in again; `None` for any other message.
    #[must_use]
    pub fn consent(&self) -> Option<Consent> {
        self.keyword().and_then(Consent::of)
    }

    /// Returns whether Twilio has already answered, so that you must not answer.
    ///
    /// Twilio answers if `OptOutType` is set, and if one of its own keywords was texted to a telephone number. It does not
    /// answer on WhatsApp and other channels, nor for your own short code.
    ///
    /// <https://www.twilio.com/docs/messaging/tutorials/advanced-opt-out>
    #[must_use]
    pub fn is_answered_by_twilio(&self) -> bool {
        let phone = |to: &Address| to.kind() == Ok(AddressKind::Phone);
        self.opt_out_type.is_some()
            || (self.to.as_ref().is_some_and(phone) && Keyword::as_twilio_reads(self.text()).is_some())
    }

    /// Answers with a text. The document is empty if [Twilio has already answered](Self::is_answered_by_twilio), or if the
    /// message is an opt-out.
    ///
    /// To answer an opt-out nevertheless, as the law requires for your own short code, build a [`MessagingResponse`].
    pub fn reply(&self, text: impl Into<Text>) -> MessagingResponse {
        if self.is_answered_by_twilio() || self.keyword() == Some(Keyword::Stop) {
            return MessagingResponse::new();
        }
        MessagingResponse::new().message(text.into().as_str())
    }

    fn said_by_twilio(&self) -> Option<Keyword> {
        match self.opt_out_type.as_ref()? {
            OptOutType::Stop => Some(Keyword::Stop),
            OptOutType::Start => Some(Keyword::Start),
            OptOutType::Help => Some(Keyword::Help),
            OptOutType::Unknown(_) => None,
        }
    }
}

/// A person opted out of the messages of one of your senders, or opted in again.
///
/// Twilio keeps its own list, and refuses messages to the people on it with error 21610. Keep your own list in agreement.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ConsentChange {
    /// The change.
    pub consent: Consent,
    /// The message with which the person did so.
    pub message: InboundMessage,
}

impl ConsentChange {
    /// Returns who opted out or in.
    #[must_use]
    pub fn person(&self) -> Option<&Address> {
        self.message.person()
    }

    /// Returns your sender that it applies to: the messaging service, `MG…`, for all of its senders, else your number.
    #[must_use]
    pub fn sender(&self) -> Option<&str> {
        self.message.sender()
    }

    /// Returns whether Twilio has already answered. See [`InboundMessage::is_answered_by_twilio`].
    #[must_use]
    pub fn is_answered_by_twilio(&self) -> bool {
        self.message.is_answered_by_twilio()
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixtures;
    use super::super::mutation::{read_whole, survives};
    use super::*;
    use crate::twilio::webhook::Params;

    fn texted(to: &str, body: &str) -> InboundMessage {
        InboundMessage::read(&Params::from_pairs([("From", "+14155551234"), ("To", to), ("Body", body)]))
    }

    #[test]
    fn a_reply_is_empty_if_twilio_has_already_answered() {
        let silent = MessagingResponse::new().to_xml();
        let whatsapp = "whatsapp:+14155550100";
        for (to, body, is_silent) in [
            ("+14155550100", "Hello", false),
            ("+14155550100", "please stop by", false),
            ("+14155550100", "Stop!", true),
            ("+14155550100", "start", true),
            ("+14155550100", "INFO", true),
            // Twilio recognises only the word alone, so it has not answered.
            ("+14155550100", "Help!", false),
            ("12345", "HELP", false),
            ("12345", "stop", true),
            (whatsapp, "HELP", false),
            (whatsapp, "stop", true),
        ] {
            let reply = texted(to, body).reply("Thank you").to_xml();
            assert_eq!(reply == silent, is_silent, "{to} {body}");
        }
    }

    #[test]
    fn an_mms_is_read_whole() {
        let message: InboundMessage = read_whole(fixtures::MMS);
        assert_eq!(message.sid.as_deref(), Some("MM0123456789abcdef0123456789abcdef"));
        assert_eq!((message.num_segments, message.num_media, message.media.len()), (Some(1), Some(2), 2));
        assert_eq!(message.media[1].content_type.as_deref(), Some("image/png"));
        assert_eq!(message.status, Some(MessageStatus::Received));
        assert_eq!(message.from_place.unwrap().city.unwrap(), "SAN PLANTED");
    }

    #[test]
    fn a_whatsapp_message_is_read_whole() {
        let message: InboundMessage = read_whole(fixtures::WHATSAPP);
        assert_eq!(message.message_type, Some(MessageType::Location));
        assert_eq!(message.location.as_ref().unwrap().coordinates(), Some((52.5, 13.4)));
        assert_eq!(message.button.unwrap().payload.unwrap(), "planted-payload");
        assert_eq!(message.list.unwrap().title.unwrap(), "planted title");
        assert_eq!(message.referral.unwrap().num_media, Some(1));
        assert_eq!(message.reply_to.unwrap().sid.unwrap(), "SM00000000000000000000000000000001");
        assert_eq!(message.channel_metadata.unwrap().value()["type"], "whatsapp");
        assert_eq!(message.forwarded, Some(true));
    }

    #[test]
    fn messages_survive_growth() {
        for pairs in [fixtures::SMS, fixtures::MMS, fixtures::WHATSAPP, fixtures::STOP] {
            survives::<InboundMessage>(pairs);
        }
    }

    #[test]
    fn of_several_names_of_a_field_the_first_listed_counts_in_any_order() {
        let pairs = [("SmsSid", "SM2"), ("MessageSid", "SM1"), ("SmsMessageSid", "SM1"), ("Body", "x")];
        let message = InboundMessage::read(&Params::from_pairs(pairs));
        assert_eq!(message.sid.as_deref(), Some("SM1"));
        assert_eq!(message.extra.iter().collect::<Vec<_>>(), [("SmsSid", "SM2")]);
    }

    #[test]
    fn num_media_may_be_wrong() {
        for count in ["0", "99999999999999999999", "-1", "many", ""] {
            let pairs = [("MessageSid", "MM1"), ("NumMedia", count), ("MediaUrl0", "https://x/0")];
            let message = InboundMessage::read(&Params::from_pairs(pairs));
            assert_eq!(message.media.len(), 1, "{count}");
            assert_eq!(message.num_media.is_some(), count == "0", "{count}");
        }
    }

    #[test]
    fn consent_is_what_twilio_recognised_or_else_by_the_words() {
        let mut message = texted("+15005550006", "Stop!");
        assert_eq!((message.keyword(), message.consent()), (Some(Keyword::Stop), Some(Consent::OptedOut)));
        message.opt_out_type = Some(OptOutType::Start);
        assert_eq!(message.consent(), Some(Consent::OptedIn));
        message.opt_out_type = Some(OptOutType::from("BRAND-NEW"));
        assert_eq!(message.consent(), Some(Consent::OptedOut));
        assert_eq!(texted("+15005550006", "stop by tonight").keyword(), None);
        let french = texted("+15005550006", "Arrêt");
        assert_eq!(french.keyword(), None);
        assert_eq!(french.keyword_in(&Keywords::default().stop("ARRÊT")), Some(Keyword::Stop));
    }

    #[test]
    fn twilio_answers_keywords_that_are_texted_to_a_telephone_number() {
        for (to, body, answered) in [
            ("+15005550006", "STOP", true),
            ("+15005550006", " help ", true),
            ("+15005550006", "help?", false),
            ("+15005550006", "hello", false),
            ("72345", "STOP", false),
            ("whatsapp:+15005550006", "STOP", false),
            ("rcs:acme", "STOP", false),
        ] {
            assert_eq!(texted(to, body).is_answered_by_twilio(), answered, "{to} {body}");
        }
        let mut message = texted("72345", "ARRET");
        message.opt_out_type = Some(OptOutType::Stop);
        assert!(message.is_answered_by_twilio());
    }

    #[test]
    fn the_sender_is_the_messaging_service_if_there_is_one() {
        let mut message = texted("+15005550006", "STOP");
        assert_eq!(
            (message.person().unwrap().as_str(), message.sender()),
            ("+14155551234", Some("+15005550006"))
        );
        message.messaging_service_sid = Some("MG1".into());
        assert_eq!(message.sender(), Some("MG1"));
    }
}
