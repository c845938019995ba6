//! 212xx to 214xx: calls, the country of a text, and buying numbers.

use Reason::{
    CountryNotEnabled, FraudBlocked, InvalidParameter, InvalidRecipient, InvalidSender, MissingParameter,
    NotFound, TrialLimit, WrongState,
};
use RetryClass::{AfterFix, Never};

use super::{CatalogueEntry, RetryClass, place};
use crate::provider::Reason;

pub(super) static ENTRIES: &[CatalogueEntry] = &[
    CatalogueEntry::new(
        21201,
        MissingParameter,
        Never,
        "no number to call",
        "The request has no `To`.",
        "Give the number to call.",
    ),
    CatalogueEntry::new(
        21203,
        CountryNotEnabled,
        Never,
        "international calls are not enabled",
        "The account may not call numbers in other countries.",
        "Enable the country, then call again.",
    )
    .in_account(place::VOICE_GEO),
    CatalogueEntry::new(
        21205,
        InvalidParameter,
        Never,
        "a URL is invalid",
        "A URL in the request is not an absolute http or https address.",
        "Give a full public URL with its scheme and a host name without underscores.",
    ),
    CatalogueEntry::new(
        21206,
        InvalidParameter,
        Never,
        "the digits to send are invalid",
        "`SendDigits` holds a character other than digits, `w`, `W`, `#` and `*`.",
        "Remove the other characters. `w` waits half a second.",
    ),
    CatalogueEntry::new(
        21210,
        InvalidSender,
        AfterFix,
        "the caller number is not verified",
        "`From` is neither a number of this account nor a verified caller ID.",
        "Call from a number that you own at Twilio, or verify this one as a caller ID.",
    )
    .in_account(place::CALLER_IDS)
    .on_trial("Verify your own number as a caller ID, or call from the trial's number."),
    CatalogueEntry::new(
        21211,
        InvalidRecipient,
        Never,
        "the recipient is not a valid number",
        "`To` is not a complete number in E.164 form, does not exist, or is the sender itself.",
        "Write the number with `+` and country code, such as +15551234567. Do not send it again as it is.",
    ),
    CatalogueEntry::new(
        21212,
        InvalidSender,
        Never,
        "the sender is not a valid number",
        "`From` is malformed, is a generic or protected name, or is on a do-not-originate list.",
        "Send from one of your numbers in E.164 form, a short code, or a specific sender name of at most 11 letters \
         and digits.",
    )
    .console(place::ACTIVE_NUMBERS),
    CatalogueEntry::new(
        21213,
        MissingParameter,
        Never,
        "no number to call from",
        "The request has no `From`.",
        "Give one of your numbers as the caller.",
    )
    .console(place::ACTIVE_NUMBERS),
    CatalogueEntry::new(
        21214,
        InvalidRecipient,
        Never,
        "the number cannot be called",
        "No carrier of Twilio's can reach the number.",
        "Check the number. Reach the person on another one.",
    ),
    CatalogueEntry::new(
        21215,
        CountryNotEnabled,
        AfterFix,
        "calls to this country are not enabled",
        "The account's voice permissions do not include the country or the range of this number.",
        "Enable the country, then call again.",
    )
    .in_account(place::VOICE_GEO),
    CatalogueEntry::new(
        21216,
        FraudBlocked,
        Never,
        "Twilio blocks calls to this number",
        "The number has a high risk of fraud or is closed by regulation, or a +1 number was called without an \
         approved primary customer profile.",
        "Do not call again as it is. Complete the primary customer profile, or ask Twilio's support.",
    )
    .in_account(place::CUSTOMER_PROFILE),
    CatalogueEntry::new(
        21217,
        InvalidRecipient,
        Never,
        "the number to call is not valid",
        "`To` does not look like a phone number.",
        "Write the number with `+` and country code, such as +15551234567.",
    ),
    CatalogueEntry::new(
        21219,
        TrialLimit,
        AfterFix,
        "the number to call is not verified",
        "A trial account may call verified numbers only.",
        "Verify the number, or upgrade the account.",
    )
    .in_account(place::CALLER_IDS)
    .on_trial("Verify the person's number first; a trial may verify up to five."),
    CatalogueEntry::new(
        21220,
        WrongState,
        Never,
        "the call is not in a state for this change",
        "The call has ended already, or is not yet in progress.",
        "Fetch the call and look at its status.",
    )
    .console(place::CALL_LOGS),
    CatalogueEntry::new(
        21408,
        CountryNotEnabled,
        AfterFix,
        "texts to this country are not enabled",
        "The account's messaging permissions do not include the country of the recipient.",
        "Enable the country, then send again.",
    )
    .in_account(place::MESSAGING_GEO)
    .on_trial("Enable the country as on a full account; the recipient must be verified too."),
    CatalogueEntry::new(
        21421,
        InvalidParameter,
        Never,
        "the number to buy is invalid",
        "`PhoneNumber` is not a valid number that Twilio offers.",
        "Search the available numbers and take one from the list.",
    )
    .console(place::BUY_NUMBER),
    CatalogueEntry::new(
        21422,
        NotFound,
        Never,
        "the number is not available",
        "Somebody else has bought the number, or Twilio no longer offers it.",
        "Search again and take another number.",
    )
    .console(place::BUY_NUMBER),
    CatalogueEntry::new(
        21451,
        InvalidParameter,
        Never,
        "the area code is invalid",
        "`AreaCode` is not an area code of the country.",
        "Give a valid three-digit area code, or search without one.",
    )
    .console(place::BUY_NUMBER),
    CatalogueEntry::new(
        21452,
        NotFound,
        Never,
        "there is no number in this area code",
        "Twilio has no number to offer in the area code now.",
        "Try a neighbouring area code, or search without one.",
    )
    .console(place::BUY_NUMBER),
];
