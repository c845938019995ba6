//! 351xx: scheduling a message.

use Reason::{InvalidParameter, MissingParameter, RateLimited};
use RetryClass::Never;

use super::{CatalogueEntry, RetryClass, place};
use crate::provider::Reason;

pub(super) static ENTRIES: &[CatalogueEntry] = &[
    CatalogueEntry::new(
        35111,
        MissingParameter,
        Never,
        "the time to send is missing",
        "`ScheduleType` was given without `SendAt`.",
        "Give `SendAt` as a UTC time such as 2026-12-01T09:00:00Z.",
    ),
    CatalogueEntry::new(
        35115,
        InvalidParameter,
        Never,
        "the time to send is out of range",
        "`SendAt` is less than five minutes or more than 35 days ahead.",
        "Choose a time within that range, or send now without scheduling.",
    ),
    CatalogueEntry::new(
        35118,
        MissingParameter,
        Never,
        "scheduling needs a messaging service",
        "`SendAt` was given without `MessagingServiceSid`.",
        "Send through a messaging service.",
    )
    .console(place::MESSAGING_SERVICES),
    CatalogueEntry::new(
        35125,
        RateLimited,
        Never,
        "too many messages are scheduled",
        "The account has as many messages scheduled as Twilio keeps, about 500,000.",
        "Cancel messages that are no longer needed, or keep the schedule on your side and send when it is time.",
    )
    .console(place::MESSAGE_LOGS),
    CatalogueEntry::new(
        35126,
        InvalidParameter,
        Never,
        "the kind of schedule is wrong",
        "`ScheduleType` is missing or is not `fixed`.",
        "Set `ScheduleType` to `fixed`.",
    ),
];
