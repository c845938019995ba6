//! 30032 to 30640: registration, protection and compliance, as they stop a message. Most come as its `error_code`.

use Reason::{
    Filtered, FraudBlocked, NotEnabled, QuietHours, SenderNotRegistered, ServiceUnavailable, Timeout,
    WrongState,
};
use RetryClass::{AfterFix, Ambiguous, Later, Never};

use super::{CatalogueEntry, RetryClass, place};
use crate::provider::{Action, Reason};

pub(super) static ENTRIES: &[CatalogueEntry] = &[
    CatalogueEntry::new(
        30032,
        SenderNotRegistered,
        AfterFix,
        "the toll-free number is not verified",
        "Texts from an unverified toll-free number to the US and Canada are blocked.",
        "Submit the number for toll-free verification; it takes some days. Use another sender meanwhile.",
    )
    .in_account(place::TOLL_FREE),
    CatalogueEntry::new(
        30033,
        SenderNotRegistered,
        AfterFix,
        "the campaign is suspended",
        "A carrier or Twilio suspended the US campaign of the sender.",
        "Read why in the campaign's details, put it right, and ask Twilio's support to lift the suspension.",
    )
    .in_account(place::A2P),
    CatalogueEntry::new(
        30034,
        SenderNotRegistered,
        AfterFix,
        "the US number is not registered",
        "Texts from a US long code need a registered brand and campaign, with the number in the campaign's messaging \
         service.",
        "Register brand and campaign and add the number to the messaging service; approval takes weeks. A verified \
         toll-free number is quicker.",
    )
    .in_account(place::A2P),
    CatalogueEntry::new(
        30035,
        SenderNotRegistered,
        Later,
        "the number is still being registered",
        "The number was added to a campaign not long ago, and the carriers do not know it yet.",
        "Send a new message once the number's registration is done, or use another sender meanwhile.",
    )
    .console(place::A2P),
    CatalogueEntry::new(
        30036,
        Timeout,
        Later,
        "the message expired in the queue",
        "It could not be sent within its validity period.",
        "Send a new message with a longer `ValidityPeriod`, more slowly, or from more senders.",
    )
    .console(place::MESSAGE_LOGS),
    CatalogueEntry::new(
        30037,
        NotEnabled,
        AfterFix,
        "outbound messages are disabled",
        "Twilio has switched off outbound messages for this account.",
        "Ask Twilio's support why, and what has to change.",
    )
    .in_account(place::MESSAGE_LOGS),
    CatalogueEntry::new(
        30038,
        Filtered,
        Never,
        "an inbound one-time password was filtered",
        "Twilio withholds the text of inbound messages that look like one-time passwords.",
        "Receive one-time passwords on a number of a mobile carrier.",
    )
    .console(place::MESSAGE_LOGS),
    CatalogueEntry::new(
        30039,
        Filtered,
        Never,
        "a message loop was stopped",
        "Two numbers answered each other automatically, and Twilio dropped the message.",
        "Break the loop: do not answer automatic replies, and not your own numbers.",
    )
    .console(place::MESSAGE_LOGS),
    CatalogueEntry::new(
        30042,
        SenderNotRegistered,
        AfterFix,
        "the sender name is too generic",
        "The carrier blocks generic names, special characters and names used in fraud.",
        "Use a name that tells who you are, in letters and digits, and register it where the country asks for it.",
    )
    .in_account(place::SENDER_IDS),
    CatalogueEntry::new(
        30047,
        QuietHours,
        Later,
        "the message could not be moved out of the quiet hours",
        "Quiet hours were on at the recipient's place, and moving the message to a later time failed.",
        "Send a new message during the day at the recipient's place.",
    )
    .console(place::MESSAGING_SERVICES),
    CatalogueEntry::new(
        30409,
        WrongState,
        Never,
        "the message cannot be canceled",
        "Only a message that is still scheduled can be canceled; this one has gone further.",
        "Fetch the message and look at its status.",
    )
    .console(place::MESSAGE_LOGS)
    .action(Action::FixRequest),
    CatalogueEntry::new(
        30410,
        Timeout,
        Ambiguous,
        "the carrier did not answer in time",
        "The carrier may have taken the message. Twilio does not send it again, so that nobody gets it twice.",
        "Find out whether it arrived before sending it again.",
    )
    .console(place::MESSAGE_LOGS),
    CatalogueEntry::new(
        30450,
        FraudBlocked,
        Never,
        "the message was blocked as SMS pumping",
        "Traffic to numbers like this one looked like fraud. Such a block lasts 15 to 30 minutes.",
        "Look for bots at your sign-up form. Put numbers that you trust on the safe list.",
    )
    .in_account(place::MESSAGING_SETTINGS),
    CatalogueEntry::new(
        30500,
        ServiceUnavailable,
        Ambiguous,
        "Twilio's messaging platform failed",
        "An internal error hit the message after it was accepted.",
        "Find out whether it arrived, then send a new message if it did not.",
    )
    .console(place::MESSAGE_LOGS),
    CatalogueEntry::new(
        30610,
        QuietHours,
        Later,
        "the message was blocked in the quiet hours",
        "The law at the recipient's place does not allow such messages at this hour.",
        "Send a new message during the day at the recipient's place.",
    )
    .console(place::MESSAGING_SERVICES),
    CatalogueEntry::new(
        30640,
        Filtered,
        Never,
        "the recipient is known to sue over texts",
        "A compliance check found the recipient on a list of known litigators.",
        "Send them nothing more.",
    )
    .console(place::MESSAGING_SERVICES),
];
