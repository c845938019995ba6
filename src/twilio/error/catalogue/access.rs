//! 70051 and the 57xxxx codes: what a key, or a trial account, may do.

use Reason::{PermissionDenied, TrialLimit};
use RetryClass::{AfterFix, Never};

use super::{CatalogueEntry, RetryClass, place};
use crate::provider::Reason;

pub(super) static ENTRIES: &[CatalogueEntry] = &[
    CatalogueEntry::new(
        70051,
        PermissionDenied,
        Never,
        "the key lacks a permission",
        "A restricted key or an OAuth app has no permission for this resource, or the key is of another account.",
        "Grant the permission to the key, or use a standard key.",
    )
    .in_account(place::CREDENTIALS),
    CatalogueEntry::new(
        572_002,
        TrialLimit,
        AfterFix,
        "the trial must text this recipient from another number",
        "A trial account gets a sender for each verified recipient, and `From` is a different one.",
        "Send from the number that the Console shows for this recipient, or upgrade the account.",
    )
    .in_account(place::CALLER_IDS)
    .on_trial("Each verified recipient has a sender of its own; use that one."),
    CatalogueEntry::new(
        572_005,
        TrialLimit,
        AfterFix,
        "the trial may not text this recipient yet",
        "The recipient's number is not verified.",
        "Verify the number, or upgrade the account.",
    )
    .in_account(place::CALLER_IDS)
    .on_trial("Verify the recipient's number first; a trial may verify up to five."),
    CatalogueEntry::new(
        573_005,
        TrialLimit,
        AfterFix,
        "the trial may not call this recipient yet",
        "The recipient's number is not verified.",
        "Verify the number, or upgrade the account.",
    )
    .in_account(place::CALLER_IDS)
    .on_trial("Verify the recipient's number first; a trial may verify up to five."),
    CatalogueEntry::new(
        575_001,
        TrialLimit,
        AfterFix,
        "Verify is not available on a trial",
        "Verify needs an upgraded account.",
        "Upgrade the account.",
    )
    .in_account(place::BILLING)
    .on_trial("Verify works after the upgrade only; the fake Twilio of this crate lets you try it before."),
];
