//! 60xxx: Verify, and the packages of Lookup.
//!
//! 60202, 60203 and 60212 come with HTTP 429 and yet do not pass by sending again: each is about this person's
//! verification, not about the account's rate.

use Reason::{
    CountryNotEnabled, FraudBlocked, InvalidParameter, MissingParameter, NotEnabled, NotTextable,
    PermissionDenied, TemplateProblem, TooManyAttempts, Unknown, WrongState,
};
use RetryClass::{AfterFix, Never};

use super::{CatalogueEntry, RetryClass, place};
use crate::provider::{Action, Reason};

pub(super) static ENTRIES: &[CatalogueEntry] = &[
    CatalogueEntry::new(
        60200,
        InvalidParameter,
        Never,
        "a parameter is invalid",
        "The message names the parameter. The channel `auto` is invalid where Fraud Guard is off.",
        "Correct the parameter.",
    )
    .console(place::VERIFY_SERVICES),
    CatalogueEntry::new(
        60202,
        TooManyAttempts,
        Never,
        "too many codes were tried",
        "Five wrong codes were entered for this verification.",
        "Wait until the verification has expired, ten minutes after its start, then start a new one.",
    )
    .console(place::VERIFY_SERVICES)
    .action(Action::FixRequest),
    CatalogueEntry::new(
        60203,
        TooManyAttempts,
        Never,
        "the code was sent too often",
        "Five codes were sent for this verification and none was entered.",
        "Wait until the verification has expired, ten minutes after its start, then start a new one. Check that the \
         number is right.",
    )
    .console(place::VERIFY_SERVICES)
    .action(Action::FixRequest),
    CatalogueEntry::new(
        60204,
        NotEnabled,
        AfterFix,
        "the service does not have this feature",
        "The feature is not switched on for this Verify service.",
        "Switch the feature on in the service's settings, or ask Twilio's support for it.",
    )
    .in_account(place::VERIFY_SERVICES),
    CatalogueEntry::new(
        60205,
        NotTextable,
        Never,
        "the number is a landline",
        "A code cannot be texted to a landline.",
        "Verify with the channel `call`, or ask for a mobile number.",
    )
    .action(Action::FixRequest),
    CatalogueEntry::new(
        60206,
        MissingParameter,
        Never,
        "amount and payee are required",
        "The service confirms payments, and `Amount` or `Payee` is missing.",
        "Give both, or switch payment confirmation off for the service.",
    )
    .console(place::VERIFY_SERVICES),
    CatalogueEntry::new(
        60207,
        WrongState,
        Never,
        "the service has too many rate limits",
        "The Verify service holds as many rate limits as it may.",
        "Change or delete a rate limit that is not used.",
    )
    .console(place::VERIFY_SERVICES),
    CatalogueEntry::new(
        60208,
        InvalidParameter,
        Never,
        "a rate limit of this name exists",
        "`UniqueName` is taken within the service.",
        "Use the rate limit that exists, or another name.",
    )
    .console(place::VERIFY_SERVICES),
    CatalogueEntry::new(
        60209,
        InvalidParameter,
        Never,
        "the rate limit's name is invalid",
        "`UniqueName` holds a character that is not allowed.",
        "Use letters, digits, hyphens and underscores.",
    ),
    CatalogueEntry::new(
        60210,
        WrongState,
        Never,
        "the rate limit has too many buckets",
        "The rate limit holds as many buckets as it may.",
        "Change or delete a bucket that is not used.",
    )
    .console(place::VERIFY_SERVICES),
    CatalogueEntry::new(
        60211,
        InvalidParameter,
        Never,
        "a bucket of this interval exists",
        "The rate limit has a bucket with the same interval.",
        "Update the bucket that exists, or use another interval.",
    )
    .console(place::VERIFY_SERVICES),
    CatalogueEntry::new(
        60212,
        TooManyAttempts,
        Never,
        "too many verifications at once for this number",
        "Several requests for the same number arrived at the same time.",
        "Start one verification for a number and wait for its answer. Look for a form that is sent twice.",
    )
    .console(place::VERIFY_SERVICES)
    .action(Action::FixRequest),
    CatalogueEntry::new(
        60214,
        InvalidParameter,
        Never,
        "payments cannot be confirmed by call",
        "The channel `call` does not work where the service confirms payments.",
        "Use the channel `sms`.",
    ),
    CatalogueEntry::new(
        60215,
        WrongState,
        Never,
        "the account has too many mailers",
        "The account holds as many email integrations as it may.",
        "Change or delete a mailer that is not used.",
    )
    .console(place::VERIFY_SERVICES),
    CatalogueEntry::new(
        60217,
        NotEnabled,
        AfterFix,
        "the service has no mailer",
        "The channel `email` needs an email integration on the Verify service.",
        "Create an email integration and assign it to the service.",
    )
    .in_account(place::VERIFY_SERVICES),
    CatalogueEntry::new(
        60220,
        NotEnabled,
        AfterFix,
        "codes to China need approval",
        "Twilio checks the use case before it sends codes to China.",
        "Ask Twilio's support to approve your use case.",
    )
    .in_account(place::VERIFY_SERVICES),
    CatalogueEntry::new(
        60223,
        NotEnabled,
        AfterFix,
        "the channel is disabled",
        "The channel of this verification is switched off for the service or the account.",
        "Enable the channel in the service's settings, or use another one.",
    )
    .in_account(place::VERIFY_SERVICES),
    CatalogueEntry::new(
        60228,
        TemplateProblem,
        AfterFix,
        "the template was not found",
        "`TemplateSid` or the service's default names no template for this channel and language.",
        "Choose a template that exists and is approved, or leave `TemplateSid` out.",
    )
    .console(place::VERIFY_SERVICES),
    CatalogueEntry::new(
        60410,
        FraudBlocked,
        Never,
        "the verification was blocked as likely fraud",
        "Fraud Guard blocks the range of numbers for up to twelve hours.",
        "Do not send again. If the person is genuine, put the number on the safe list or verify by another channel.",
    )
    .in_account(place::VERIFY_FRAUD_GUARD),
    CatalogueEntry::new(
        60600,
        Unknown,
        Never,
        "the lookup does not cover this number",
        "Twilio has no data of this kind for the number's country or carrier.",
        "Do without this field for the number.",
    ),
    CatalogueEntry::new(
        60601,
        PermissionDenied,
        AfterFix,
        "the lookup is not authorised for this number",
        "The data needs an approval by the carrier or the country that the account does not have.",
        "Ask Twilio's support for access to this data.",
    )
    .action(Action::ContactSupport),
    CatalogueEntry::new(
        60605,
        CountryNotEnabled,
        AfterFix,
        "verifications to this country are not enabled",
        "Verify's own geo permissions do not include the number's country.",
        "Enable the country for Verify, then start again.",
    )
    .in_account(place::VERIFY_GEO),
    CatalogueEntry::new(
        60606,
        NotEnabled,
        AfterFix,
        "the lookup package is not enabled",
        "The account has not switched on this package of Lookup.",
        "Ask for the package, or do without this field.",
    )
    .action(Action::ContactSupport),
];
