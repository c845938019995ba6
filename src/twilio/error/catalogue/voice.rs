//! 13xxx and 14xxx: what happened while a TwiML document ran, in a call or as the answer to a text.

use Reason::{CountryNotEnabled, FraudBlocked, InvalidRecipient, RateLimited, TrialLimit, WebhookProblem};
use RetryClass::{Later, Never};

use super::{CatalogueEntry, RetryClass, place};
use crate::provider::Reason;

pub(super) static ENTRIES: &[CatalogueEntry] = &[
    CatalogueEntry::new(
        13224,
        InvalidRecipient,
        Never,
        "the number to dial is invalid or not supported",
        "The number in `<Dial>` is not in E.164 form, does not exist, or no carrier of Twilio's can reach it.",
        "Write the number in E.164 form, with `+` and country code, and check that it is in service.",
    )
    .console(place::CALL_LOGS),
    CatalogueEntry::new(
        13225,
        FraudBlocked,
        Never,
        "the number to dial is blocked by Twilio",
        "Twilio blocks calls to the number in `<Dial>`, mostly because of a high risk of fraud.",
        "Do not call this number. If you have a legitimate need, ask Twilio's support.",
    )
    .in_account(place::CALL_LOGS),
    CatalogueEntry::new(
        13227,
        CountryNotEnabled,
        Never,
        "calls to the dialled country are not enabled",
        "The account's voice permissions do not include the country or the range of the number in `<Dial>`.",
        "Enable the country, then call again.",
    )
    .in_account(place::VOICE_GEO),
    CatalogueEntry::new(
        13805,
        TrialLimit,
        Never,
        "the call reached the trial account's time limit",
        "Calls of a trial account end after ten minutes.",
        "Upgrade the account for longer calls.",
    )
    .in_account(place::BILLING)
    .on_trial("Every call ends after ten minutes."),
    CatalogueEntry::new(
        14107,
        RateLimited,
        Later,
        "two numbers answer each other in a loop",
        "A pair of numbers exchanged more than 30 replies with pauses of less than 30 seconds.",
        "Break the loop: do not answer automatic replies, and not your own numbers. The pair is free again after 30 \
         seconds of silence.",
    )
    .console(place::MESSAGE_LOGS),
    CatalogueEntry::new(
        14109,
        WebhookProblem,
        Never,
        "your TwiML answers one text with too many messages",
        "The document, with what it redirects to, holds more `<Message>` elements than Twilio sends for one inbound \
         text.",
        "Answer with fewer messages, or send the rest through the REST API.",
    )
    .console(place::ERROR_LOGS),
];
