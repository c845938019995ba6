//! 30001 to 30030: what became of a message on its way. These come as its `error_code`.

use Reason::{
    AccountSuspended, Filtered, InvalidParameter, InvalidRecipient, MediaProblem, NotTextable, QueueFull,
    RateLimited, RecipientUnreachable, SenderNotRegistered, ServiceUnavailable, Unknown,
};
use RetryClass::{AfterFix, Ambiguous, Later, Never};

use super::{CatalogueEntry, RetryClass, place};
use crate::provider::Reason;

pub(super) static ENTRIES: &[CatalogueEntry] = &[
    CatalogueEntry::new(
        30001,
        QueueFull,
        Later,
        "the sender's queue overflowed",
        "More messages waited for this sender than it can send in ten hours.",
        "Send more slowly, or add senders to the messaging service. Then send a new message.",
    )
    .console(place::MESSAGING_SERVICES),
    CatalogueEntry::new(
        30002,
        AccountSuspended,
        AfterFix,
        "the account was suspended before the message went out",
        "The balance ran out, or Twilio suspended the account, while the message was in the queue.",
        "Settle what is overdue or answer Twilio's notice. Send a new message once the account is active.",
    )
    .in_account(place::BILLING),
    CatalogueEntry::new(
        30003,
        RecipientUnreachable,
        Later,
        "the handset is not reachable",
        "The phone is off, out of coverage or roaming where texts do not arrive, or the number is no longer in use.",
        "Send a new message some hours later, a few times at most. If none arrives, treat the number as doubtful.",
    )
    .console(place::MESSAGE_LOGS),
    CatalogueEntry::new(
        30004,
        Filtered,
        Never,
        "the message was blocked",
        "The recipient blocks such messages, is barred by the carrier, or the carrier refused it.",
        "Do not send it again as it is. Ask the recipient over another way whether they want these messages.",
    )
    .console(place::MESSAGE_LOGS),
    CatalogueEntry::new(
        30005,
        InvalidRecipient,
        Never,
        "the handset is unknown",
        "The number does not exist or is no longer in use.",
        "Remove the number from your list, or ask for a new one.",
    )
    .console(place::MESSAGE_LOGS),
    CatalogueEntry::new(
        30006,
        NotTextable,
        Never,
        "the recipient is a landline or its carrier cannot be reached",
        "The line takes no texts, or no carrier connects to it.",
        "Call instead, or ask for a mobile number.",
    )
    .console(place::MESSAGE_LOGS),
    CatalogueEntry::new(
        30007,
        Filtered,
        Never,
        "the message was filtered",
        "A carrier or Twilio took the message for spam or a breach of policy. Public link shorteners, missing opt-out \
         words and unregistered senders are common causes.",
        "Do not send it again as it is. Review the text and its links, and check that the sender is registered for \
         this use.",
    )
    .console(place::MESSAGE_LOGS),
    CatalogueEntry::new(
        30008,
        Unknown,
        Later,
        "the carrier did not say why",
        "The carrier reported a failure without a reason.",
        "Send a new message once. If it fails too, look at whether the sender, the text or the carrier is common to \
         the failures.",
    )
    .console(place::MESSAGE_LOGS),
    CatalogueEntry::new(
        30009,
        Unknown,
        Never,
        "a part of an inbound message is missing",
        "Not all segments of a long message reached Twilio.",
        "Ask the sender to send it again.",
    )
    .console(place::MESSAGE_LOGS),
    CatalogueEntry::new(
        30010,
        InvalidParameter,
        Never,
        "the message costs more than its limit",
        "The price was above the `MaxPrice` of the request. Twilio ignores this parameter since June 2024.",
        "Leave `MaxPrice` out.",
    ),
    CatalogueEntry::new(
        30011,
        MediaProblem,
        Never,
        "media messages are not supported there",
        "Twilio sends no MMS to the recipient's country or from this sender.",
        "Send a text with a link to the media.",
    )
    .console(place::MESSAGE_LOGS),
    CatalogueEntry::new(
        30017,
        ServiceUnavailable,
        Later,
        "the carrier's network is congested",
        "The carrier could not take the message in time.",
        "Send a new message after some minutes.",
    )
    .console(place::MESSAGE_LOGS),
    CatalogueEntry::new(
        30018,
        SenderNotRegistered,
        AfterFix,
        "the sender name must be registered first",
        "The recipient's country lets only registered sender names through.",
        "Register the sender name for the country, or use another kind of sender.",
    )
    .in_account(place::SENDER_IDS),
    CatalogueEntry::new(
        30019,
        MediaProblem,
        Never,
        "the media is too large for the carrier",
        "The recipient's carrier takes only smaller media.",
        "Shrink the file, or send a link to it.",
    )
    .console(place::MESSAGE_LOGS),
    CatalogueEntry::new(
        30020,
        ServiceUnavailable,
        Ambiguous,
        "Twilio failed while scheduling",
        "An internal error hit the message while it waited for its time.",
        "Find out whether it arrived, then schedule a new message if it did not.",
    )
    .console(place::MESSAGE_LOGS),
    CatalogueEntry::new(
        30021,
        ServiceUnavailable,
        Ambiguous,
        "Twilio's messaging service failed",
        "An internal error hit the message while a sender was being chosen.",
        "Find out whether it arrived, then send a new message if it did not.",
    )
    .console(place::MESSAGE_LOGS),
    CatalogueEntry::new(
        30022,
        RateLimited,
        Later,
        "the campaign's rate was exceeded",
        "The US campaign sent faster than its carriers allow.",
        "Send more slowly. Send a new message after some minutes.",
    )
    .console(place::A2P),
    CatalogueEntry::new(
        30023,
        RateLimited,
        Later,
        "the brand's daily limit is reached",
        "The brand has sent as many messages to this US carrier today as its trust score allows.",
        "Send a new message after midnight, Pacific time. Ask for secondary vetting to raise the limit.",
    )
    .console(place::A2P),
    CatalogueEntry::new(
        30024,
        SenderNotRegistered,
        AfterFix,
        "the numeric sender ID is not provisioned there",
        "The carrier does not know this numeric sender for the recipient's country.",
        "Use a sender that is provisioned for the country, or have this one registered.",
    )
    .in_account(place::SENDER_IDS),
    CatalogueEntry::new(
        30025,
        RateLimited,
        Later,
        "half of the daily limit for T-Mobile is used",
        "The brand has used 50 % of what it may send to T-Mobile today.",
        "Spread the rest over the day. The count starts again at midnight, Pacific time.",
    )
    .console(place::A2P),
    CatalogueEntry::new(
        30026,
        RateLimited,
        Later,
        "most of the daily limit for T-Mobile is used",
        "The brand has used 70 % of what it may send to T-Mobile today.",
        "Keep the rest for urgent messages. The count starts again at midnight, Pacific time.",
    )
    .console(place::A2P),
    CatalogueEntry::new(
        30027,
        RateLimited,
        Later,
        "the daily limit for T-Mobile is reached",
        "The brand has used all that it may send to T-Mobile today.",
        "Send a new message after midnight, Pacific time. Ask for secondary vetting to raise the limit.",
    )
    .console(place::A2P),
    CatalogueEntry::new(
        30028,
        InvalidParameter,
        Never,
        "the API version is not supported",
        "The request or the webhook is set to an API version that has no such feature.",
        "Use the API version 2010-04-01.",
    ),
    CatalogueEntry::new(
        30029,
        InvalidParameter,
        Never,
        "the content retention is invalid",
        "`ContentRetention` is neither `retain` nor `discard`, or the account lacks the feature.",
        "Correct `ContentRetention`, or leave it out.",
    ),
    CatalogueEntry::new(
        30030,
        InvalidParameter,
        Never,
        "the address retention is invalid",
        "`AddressRetention` is neither `retain` nor `obfuscate`, or the account lacks the feature.",
        "Correct `AddressRetention`, or leave it out.",
    ),
];
