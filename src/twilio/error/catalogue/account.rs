//! 10xxx: the state of the account.

use Reason::{AccountSuspended, RateLimited, TrialLimit};
use RetryClass::{Later, Never};

use super::{CatalogueEntry, RetryClass, place};
use crate::provider::{Action, Reason};

pub(super) static ENTRIES: &[CatalogueEntry] = &[
    CatalogueEntry::new(
        10001,
        AccountSuspended,
        Never,
        "the account is not active",
        "The account or its parent is suspended or closed, often because the balance ran out.",
        "Add funds or settle what is overdue, wait ten minutes, then send again. If the account stays suspended, ask \
         Twilio's support.",
    )
    .in_account(place::BILLING),
    CatalogueEntry::new(
        10002,
        TrialLimit,
        Never,
        "a trial account may not do this",
        "The request uses a feature that Twilio gives to upgraded accounts only.",
        "Upgrade the account.",
    )
    .in_account(place::BILLING)
    .on_trial("This feature needs an upgraded account; no setting enables it on a trial."),
    CatalogueEntry::new(
        10003,
        AccountSuspended,
        Never,
        "an incoming call was rejected because the account is not active",
        "Somebody called a number of an account that is suspended or closed.",
        "Add funds or settle what is overdue. If the account stays suspended, ask Twilio's support.",
    )
    .in_account(place::BILLING),
    CatalogueEntry::new(
        10004,
        RateLimited,
        Later,
        "too many calls at the same time",
        "The account has as many calls in progress as Twilio allows it.",
        "Queue the calls and place them as others end. Ask Twilio's support for a higher limit if this is usual.",
    )
    .console(place::CALL_LOGS)
    .action(Action::Retry),
];
