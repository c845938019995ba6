//! 216xx and 217xx: creating a message.

use Reason::{
    InvalidParameter, InvalidSender, MediaProblem, MissingParameter, NotFound, NotTextable, OptedOut,
    QueueFull, ServiceUnavailable, TemplateProblem, TrialLimit, Unknown, WrongState,
};
use RetryClass::{AfterFix, Ambiguous, Later, Never};

use super::{CatalogueEntry, RetryClass, place};
use crate::provider::{Action, Outcome, Reason};

pub(super) static ENTRIES: &[CatalogueEntry] = &[
    CatalogueEntry::new(
        21601,
        InvalidSender,
        AfterFix,
        "the sender cannot send texts",
        "`From` is a number without the SMS capability.",
        "Send from a number that has the SMS capability.",
    )
    .console(place::ACTIVE_NUMBERS),
    CatalogueEntry::new(
        21602,
        MissingParameter,
        Never,
        "the message has no content",
        "The request has neither `Body` nor `MediaUrl` nor `ContentSid`, or the body is empty.",
        "Give a text, media or a template.",
    ),
    CatalogueEntry::new(
        21603,
        MissingParameter,
        Never,
        "the message has no sender",
        "The request has neither `From` nor `MessagingServiceSid`.",
        "Give one of your numbers or a messaging service.",
    )
    .console(place::ACTIVE_NUMBERS),
    CatalogueEntry::new(
        21604,
        MissingParameter,
        Never,
        "the message has no recipient",
        "The request has no `To`, or an empty one.",
        "Give the recipient's number.",
    ),
    CatalogueEntry::new(
        21606,
        InvalidSender,
        AfterFix,
        "the sender does not belong to this account or cannot reach this recipient",
        "`From` is not a number of this account, cannot send texts, or cannot text this country.",
        "Send from a number of this account that can text the recipient's country.",
    )
    .console(place::ACTIVE_NUMBERS)
    .on_trial("Send from the trial's own number. With test credentials only +15005550006 works."),
    CatalogueEntry::new(
        21608,
        TrialLimit,
        AfterFix,
        "the recipient is not verified",
        "A trial account, or one without an approved primary compliance profile, may text verified numbers only.",
        "Verify the number, or upgrade the account and have its primary compliance profile approved.",
    )
    .in_account(place::CALLER_IDS)
    .on_trial("Verify the recipient's number first; a trial may verify up to five numbers, and text only US numbers."),
    CatalogueEntry::new(
        21609,
        InvalidParameter,
        Never,
        "the status callback is invalid",
        "`StatusCallback` is not a public http or https address.",
        "Give a full public URL with its scheme and a host name without underscores.",
    ),
    CatalogueEntry::new(
        21610,
        OptedOut,
        Never,
        "the recipient has opted out",
        "They replied STOP or a word like it to this sender or its messaging service, or a compliance check found an \
         opt-out or a reassigned number.",
        "Send them nothing more. Only they can opt in again, by texting START to the sender.",
    )
    .console(place::MESSAGE_LOGS),
    CatalogueEntry::new(
        21611,
        QueueFull,
        Later,
        "the sender's queue is full",
        "More messages wait for this sender than it can send in ten hours.",
        "Send more slowly and try again later, or spread the load over a messaging service with more senders.",
    )
    .console(place::MESSAGING_SERVICES)
    .action(Action::Retry),
    CatalogueEntry::new(
        21612,
        InvalidSender,
        Never,
        "this sender cannot reach this recipient",
        "No carrier takes messages between this pair of `From` and `To`, or the two are of different channels.",
        "Use another sender: one of the recipient's country or a messaging service. Both sides need the same channel.",
    )
    .console(place::ACTIVE_NUMBERS),
    CatalogueEntry::new(
        21614,
        NotTextable,
        Never,
        "the recipient is not a mobile number",
        "`To` is a landline or another line that takes no texts.",
        "Call instead, or ask for a mobile number. A lookup tells the line's type beforehand.",
    ),
    CatalogueEntry::new(
        21617,
        InvalidParameter,
        Never,
        "the text is too long",
        "A body may have 1600 characters at most; some characters count as more than one.",
        "Shorten the text, or send it in parts.",
    ),
    CatalogueEntry::new(
        21619,
        Unknown,
        Ambiguous,
        "the message's record could not be created",
        "Twilio failed while it stored the message. It may have been sent nevertheless.",
        "List the messages to this recipient and compare before sending again.",
    )
    .console(place::MESSAGE_LOGS)
    .outcome(Outcome::Unknown)
    .action(Action::CheckOutcome),
    CatalogueEntry::new(
        21620,
        MediaProblem,
        Never,
        "a media address is invalid",
        "A `MediaUrl` is not a public http or https address.",
        "Give a full public URL that needs no login.",
    ),
    CatalogueEntry::new(
        21623,
        MediaProblem,
        Never,
        "the message has too many media files",
        "A message carries at most ten media files, on WhatsApp one.",
        "Send the rest in another message.",
    ),
    CatalogueEntry::new(
        21624,
        InvalidParameter,
        Never,
        "the validity period is invalid",
        "`ValidityPeriod` is not a whole number of seconds from 1 to 36000.",
        "Give 6 to 36000 seconds, or leave it out.",
    ),
    CatalogueEntry::new(
        21635,
        NotTextable,
        Never,
        "the recipient is a landline",
        "`To` is a landline outside the countries where landlines can take texts.",
        "Call instead, or ask for a mobile number. Set `ForceDelivery` only if you know better.",
    ),
    CatalogueEntry::new(
        21654,
        TemplateProblem,
        Never,
        "the template is missing",
        "The request has `ContentVariables` or needs a template, and no `ContentSid`.",
        "Give the template's `ContentSid`.",
    )
    .console(place::TEMPLATES),
    CatalogueEntry::new(
        21655,
        TemplateProblem,
        Never,
        "the template's SID is invalid",
        "`ContentSid` names no template of this account.",
        "Copy the SID again: HX and 32 hexadecimal digits.",
    )
    .console(place::TEMPLATES),
    CatalogueEntry::new(
        21656,
        TemplateProblem,
        Never,
        "the template's variables are invalid",
        "`ContentVariables` is not a JSON object of strings, or does not fit the template's placeholders.",
        "Send a JSON object such as {\"1\":\"Ann\"} with a value for every placeholder.",
    )
    .console(place::TEMPLATES),
    CatalogueEntry::new(
        21657,
        InvalidSender,
        Never,
        "the sender ID is not valid for this recipient",
        "The recipient's country does not take a sender ID like this one.",
        "Read the country's SMS guidelines and use a kind of sender that it allows.",
    )
    .console(place::SENDER_IDS),
    CatalogueEntry::new(
        21658,
        InvalidParameter,
        Never,
        "a parameter is too long",
        "A value in the request is longer than the parameter allows.",
        "Read which parameter the message names and shorten it.",
    ),
    CatalogueEntry::new(
        21664,
        InvalidParameter,
        Never,
        "the fallback sender needs a messaging service",
        "`FallbackFrom` was used without a messaging service that has an RCS sender.",
        "Send through a messaging service with an RCS sender, or leave `FallbackFrom` out.",
    )
    .console(place::MESSAGING_SERVICES),
    CatalogueEntry::new(
        21665,
        InvalidSender,
        Never,
        "the fallback sender is invalid",
        "`FallbackFrom` is not an SMS or MMS sender of this account in its right form.",
        "Give one of your numbers in E.164 form, a short code or a sender name; not an RCS sender.",
    )
    .console(place::ACTIVE_NUMBERS),
    CatalogueEntry::new(
        21666,
        InvalidParameter,
        Never,
        "a fallback sender cannot be used with this message",
        "`FallbackFrom` works only where a messaging service tries RCS first.",
        "Leave `FallbackFrom` out, or send through a messaging service with an RCS sender.",
    )
    .console(place::MESSAGING_SERVICES),
    CatalogueEntry::new(
        21667,
        InvalidParameter,
        Never,
        "a fallback sender cannot be used with this request",
        "`FallbackFrom` works only where a messaging service tries RCS first.",
        "Leave `FallbackFrom` out, or send through a messaging service with an RCS sender.",
    )
    .console(place::MESSAGING_SERVICES),
    CatalogueEntry::new(
        21701,
        NotFound,
        Never,
        "there is no such messaging service",
        "`MessagingServiceSid` names no service of this account.",
        "Copy the SID again: MG and 32 hexadecimal digits, of this account.",
    )
    .console(place::MESSAGING_SERVICES),
    CatalogueEntry::new(
        21702,
        WrongState,
        Never,
        "the messaging service is not available",
        "The service exists and cannot be used for this message.",
        "Open the service and check that it is active, or send through another one.",
    )
    .in_account(place::MESSAGING_SERVICES),
    CatalogueEntry::new(
        21703,
        InvalidSender,
        AfterFix,
        "the messaging service has no sender for this message",
        "None of the service's senders can carry this content to this recipient.",
        "Add a sender to the service that can reach the recipient's country and carry the content.",
    )
    .in_account(place::MESSAGING_SERVICES),
    CatalogueEntry::new(
        21704,
        InvalidSender,
        AfterFix,
        "the messaging service has no senders",
        "The service's sender pool is empty.",
        "Add a number or another sender to the service.",
    )
    .in_account(place::MESSAGING_SERVICES),
    CatalogueEntry::new(
        21705,
        InvalidParameter,
        Never,
        "the messaging service's SID is invalid",
        "`MessagingServiceSid` is malformed, or the service cannot be used by this account.",
        "Copy the SID again: MG and 32 hexadecimal digits.",
    )
    .console(place::MESSAGING_SERVICES),
    CatalogueEntry::new(
        21730,
        ServiceUnavailable,
        Later,
        "the service is in maintenance",
        "Twilio takes no messages of this kind for the time being.",
        "Send again later. Twilio's status page tells when maintenance ends.",
    )
    .action(Action::Retry),
];
