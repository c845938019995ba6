//! 63xxx: WhatsApp, RCS, Messenger. Most come as the `error_code` of a message.

use Reason::{
    Filtered, InvalidParameter, InvalidRecipient, InvalidSender, MediaProblem, OptedOut, OutsideWindow,
    RateLimited, RecipientUnreachable, SenderNotRegistered, ServiceUnavailable, TemplateProblem, Unknown,
};
use RetryClass::{AfterFix, Ambiguous, Later, Never};

use super::{CatalogueEntry, RetryClass, place};
use crate::provider::Reason;

pub(super) static ENTRIES: &[CatalogueEntry] = &[
    CatalogueEntry::new(
        63001,
        InvalidSender,
        AfterFix,
        "the channel did not accept the sender's credentials",
        "The link between the sender and the channel's provider is broken or was revoked.",
        "Connect the sender to the channel again.",
    )
    .in_account(place::WHATSAPP_SENDERS),
    CatalogueEntry::new(
        63002,
        InvalidSender,
        AfterFix,
        "the channel does not know the sender",
        "`From` names no sender of this channel.",
        "Check the sender's address and its prefix, such as whatsapp:+15551234567.",
    )
    .console(place::WHATSAPP_SENDERS),
    CatalogueEntry::new(
        63003,
        InvalidRecipient,
        Never,
        "the channel does not know the recipient",
        "`To` is not an address of this channel, or the number has no account there.",
        "Check the address and its prefix, or send a plain text.",
    )
    .console(place::MESSAGE_LOGS),
    CatalogueEntry::new(
        63005,
        InvalidParameter,
        Never,
        "the channel did not accept the content",
        "The channel's provider refused what the message contains.",
        "Read the channel's own error in the message's log and change the content.",
    )
    .console(place::MESSAGE_LOGS),
    CatalogueEntry::new(
        63006,
        InvalidParameter,
        Never,
        "the content cannot be written for the channel",
        "The message uses something that the channel has no form for.",
        "Use a content type that the channel supports.",
    )
    .console(place::MESSAGE_LOGS),
    CatalogueEntry::new(
        63007,
        InvalidSender,
        AfterFix,
        "there is no channel for the sender",
        "`From` is not a sender of this channel in this account. For WhatsApp: not registered, or of another account.",
        "Register the sender with the channel, or send from one that is. The sandbox sender is whatsapp:+14155238886.",
    )
    .in_account(place::WHATSAPP_SENDERS),
    CatalogueEntry::new(
        63008,
        InvalidSender,
        AfterFix,
        "the channel is misconfigured",
        "The sender's settings are incomplete, or `From` and `To` are not written as the channel wants them.",
        "Check the sender's settings, and the prefixes of both addresses.",
    )
    .in_account(place::WHATSAPP_SENDERS),
    CatalogueEntry::new(
        63009,
        ServiceUnavailable,
        Ambiguous,
        "the channel's provider failed",
        "The provider answered Twilio with an error of its own. It may have taken the message.",
        "Find out whether it arrived, then send a new message if it did not.",
    )
    .console(place::MESSAGE_LOGS),
    CatalogueEntry::new(
        63010,
        ServiceUnavailable,
        Ambiguous,
        "Twilio failed on the way to the channel",
        "An internal error hit the message after it was accepted.",
        "Find out whether it arrived, then send a new message if it did not.",
    )
    .console(place::MESSAGE_LOGS),
    CatalogueEntry::new(
        63011,
        InvalidParameter,
        Never,
        "the channel refused the request",
        "The channel's provider cannot do what the message asks for with this recipient.",
        "Change the content or the channel.",
    )
    .console(place::MESSAGE_LOGS),
    CatalogueEntry::new(
        63012,
        ServiceUnavailable,
        Ambiguous,
        "the channel's provider had an internal error",
        "The provider failed while it handled the message. It may have been delivered.",
        "Find out whether it arrived, then send a new message if it did not.",
    )
    .console(place::MESSAGE_LOGS),
    CatalogueEntry::new(
        63013,
        Filtered,
        Never,
        "the message breaks the channel's policy",
        "The channel's provider refused the message or the sender for a breach of its policy.",
        "Do not send it again as it is. Read the channel's policy and the sender's standing.",
    )
    .console(place::WHATSAPP_SENDERS),
    CatalogueEntry::new(
        63014,
        OptedOut,
        Never,
        "the recipient has blocked you",
        "The user blocked the sender or declined its messages on the channel.",
        "Send them nothing more until they write to you.",
    )
    .console(place::MESSAGE_LOGS),
    CatalogueEntry::new(
        63015,
        RecipientUnreachable,
        AfterFix,
        "the recipient has not joined the sandbox",
        "The WhatsApp sandbox reaches only those who sent it its join words within the last three days.",
        "Ask the recipient to send `join` and your sandbox's words to +14155238886, then send again.",
    )
    .in_account(place::WHATSAPP_SANDBOX)
    .on_trial("Every tester has to join the sandbox, again every three days."),
    CatalogueEntry::new(
        63016,
        OutsideWindow,
        AfterFix,
        "free text is not allowed now",
        "More than 24 hours have passed since the user last wrote. Only an approved template may be sent.",
        "Send an approved template by its `ContentSid`, without `Body`, or wait for the user to write.",
    )
    .console(place::TEMPLATES),
    CatalogueEntry::new(
        63017,
        RateLimited,
        Later,
        "the account sends too fast",
        "The account and its subaccounts sent more than 2000 messages in a second.",
        "Send more slowly. Send a new message after a pause.",
    )
    .console(place::MESSAGE_LOGS),
    CatalogueEntry::new(
        63018,
        RateLimited,
        Later,
        "the channel's limit for the sender is reached",
        "The sender wrote too fast, to too many people in a day, or too often to this person.",
        "Send more slowly. A daily limit passes within 24 hours.",
    )
    .console(place::WHATSAPP_SENDERS),
    CatalogueEntry::new(
        63019,
        MediaProblem,
        AfterFix,
        "the media could not be fetched",
        "The channel could not download a `MediaUrl`, or its type or size is not accepted.",
        "Make the URL public, correct its Content-Type, keep within the channel's size, then send again.",
    )
    .console(place::MESSAGE_LOGS),
    CatalogueEntry::new(
        63020,
        SenderNotRegistered,
        AfterFix,
        "Meta's Business Manager refuses the account",
        "The WhatsApp business account has a problem at Meta, such as a missing payment method or verification.",
        "Open Meta's Business Manager and settle what it shows, then send again.",
    )
    .in_account(place::WHATSAPP_SENDERS),
    CatalogueEntry::new(
        63021,
        InvalidParameter,
        Never,
        "the channel found the content invalid",
        "A part of the message is malformed or too long; a template's text may have 1024 characters.",
        "Correct or shorten the content.",
    )
    .console(place::MESSAGE_LOGS),
    CatalogueEntry::new(
        63022,
        SenderNotRegistered,
        AfterFix,
        "the sender's name certificate is invalid",
        "The WhatsApp display name was changed or its certificate is no longer valid.",
        "Register the sender again, or ask Twilio's support.",
    )
    .in_account(place::WHATSAPP_SENDERS),
    CatalogueEntry::new(
        63023,
        Unknown,
        Ambiguous,
        "the channel did not say why",
        "The channel reported an error without a reason.",
        "Find out whether the message arrived, then send a new one if it did not.",
    )
    .console(place::MESSAGE_LOGS),
    CatalogueEntry::new(
        63024,
        InvalidRecipient,
        Never,
        "the recipient is invalid",
        "The number has no account on the channel, or may not get such messages.",
        "Send a plain text, or ask for another address.",
    )
    .console(place::MESSAGE_LOGS),
    CatalogueEntry::new(
        63025,
        MediaProblem,
        Never,
        "the media exists already",
        "The same file was uploaded to the channel before.",
        "Use the media that is there, or give the file another address.",
    )
    .console(place::MESSAGE_LOGS),
    CatalogueEntry::new(
        63026,
        Filtered,
        Never,
        "the sender was flagged as spam",
        "Users reported or blocked too many of the sender's messages.",
        "Stop this campaign. Write only to people who asked for it.",
    )
    .console(place::WHATSAPP_SENDERS),
    CatalogueEntry::new(
        63027,
        TemplateProblem,
        Never,
        "the template does not exist in this language",
        "The channel has no approved template of this name in the language asked for.",
        "Use a language in which the template is approved, or have it approved in this one.",
    )
    .console(place::TEMPLATES),
    CatalogueEntry::new(
        63028,
        TemplateProblem,
        Never,
        "the template got a wrong number of values",
        "The number of variables given is not the number of placeholders.",
        "Give a value for every placeholder, and no more.",
    )
    .console(place::TEMPLATES),
    CatalogueEntry::new(
        63029,
        TemplateProblem,
        Never,
        "the recipient could not load the template",
        "The recipient's app failed to download the template.",
        "Send a simpler template, or a plain text.",
    )
    .console(place::TEMPLATES),
    CatalogueEntry::new(
        63030,
        InvalidParameter,
        Never,
        "the channel does not support a parameter",
        "A parameter does not fit this kind of message on this channel.",
        "Leave the parameter out, or use another content type.",
    )
    .console(place::MESSAGE_LOGS),
    CatalogueEntry::new(
        63031,
        InvalidRecipient,
        Never,
        "sender and recipient are the same",
        "`From` and `To` are the same address.",
        "Send to another address.",
    ),
    CatalogueEntry::new(
        63032,
        RecipientUnreachable,
        Never,
        "WhatsApp withholds such messages from the recipient",
        "The recipient's number is part of an experiment of WhatsApp's.",
        "Reach this person by a plain text or a call.",
    )
    .console(place::MESSAGE_LOGS),
    CatalogueEntry::new(
        63033,
        OptedOut,
        Never,
        "the recipient is blocked",
        "The recipient is blocked from getting this sender's messages on the channel.",
        "Send them nothing more on this channel.",
    )
    .console(place::MESSAGE_LOGS),
    CatalogueEntry::new(
        63036,
        RecipientUnreachable,
        Never,
        "the recipient cannot get RCS messages",
        "The phone or its carrier does not support RCS, or RCS is switched off.",
        "Send a plain text, or send through a messaging service that falls back to one.",
    )
    .console(place::MESSAGING_SERVICES),
    CatalogueEntry::new(
        63038,
        RateLimited,
        Later,
        "the account's daily limit is reached",
        "The account has sent as many messages in 24 hours as it may.",
        "Send a new message when the 24 hours are over, or upgrade the account.",
    )
    .console(place::MESSAGE_LOGS)
    .on_trial("A trial sends 50 WhatsApp messages a day; the limit passes within 24 hours."),
];
