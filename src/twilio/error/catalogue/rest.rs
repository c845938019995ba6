//! 20xxx: any request, whatever it asks for.

use Reason::{
    AccountSuspended, BadCredentials, InvalidParameter, Network, NotFound, PermissionDenied, RateLimited,
    ServiceUnavailable, WrongState,
};
use RetryClass::{AfterFix, Ambiguous, Later, Never};

use super::{CatalogueEntry, RetryClass, place};
use crate::provider::{Action, Reason};

pub(super) static ENTRIES: &[CatalogueEntry] = &[
    CatalogueEntry::new(
        20001,
        InvalidParameter,
        Never,
        "a parameter is unknown or invalid",
        "The request carries a parameter that this resource does not take, or a value that the parameter cannot have.",
        "Compare the names and the values of the parameters with the resource's page. Names are case-sensitive.",
    ),
    CatalogueEntry::new(
        20003,
        BadCredentials,
        Never,
        "the credentials were not accepted",
        "Account SID and token or key do not match, the token was rotated, the credentials are of another region, a \
         standard key was used on an account resource, or the account is suspended.",
        "Enter the account SID with its current auth token or an API key, and check the region. Accounts and keys \
         need the auth token or a main key.",
    )
    .console(place::CREDENTIALS),
    CatalogueEntry::new(
        20004,
        InvalidParameter,
        Never,
        "the resource does not take this method",
        "The request used an HTTP method that this URL does not support.",
        "Use the method that the resource's page names.",
    ),
    CatalogueEntry::new(
        20005,
        AccountSuspended,
        Never,
        "the account is not active",
        "The account or its parent is suspended or closed.",
        "Settle what is overdue, or ask Twilio's support why the account is not active.",
    )
    .in_account(place::BILLING),
    CatalogueEntry::new(
        20007,
        InvalidParameter,
        Never,
        "the page is too large",
        "The request asked for more than 1000 entries a page.",
        "Ask for at most 1000 a page and follow the pages.",
    ),
    CatalogueEntry::new(
        20008,
        PermissionDenied,
        Never,
        "test credentials may not use this resource",
        "Twilio's test credentials can only create messages and calls and buy numbers.",
        "Use live credentials for this request, or the fake Twilio of this crate for tests.",
    )
    .console(place::CREDENTIALS)
    .action(Action::FixRequest),
    CatalogueEntry::new(
        20009,
        WrongState,
        Later,
        "the resource is still in progress and cannot be deleted",
        "A message or a call can be deleted only once it is finished.",
        "Wait until its status is final, then delete it.",
    )
    .action(Action::Retry),
    CatalogueEntry::new(
        20011,
        Network,
        Never,
        "the TLS version is too old",
        "The connection was made with a TLS version older than 1.2.",
        "Connect with TLS 1.2 or newer. Check proxies between you and Twilio.",
    ),
    CatalogueEntry::new(
        20012,
        Network,
        Never,
        "the TLS cipher is not supported",
        "The connection was made with a cipher that Twilio no longer accepts.",
        "Connect with a current TLS library. Check proxies between you and Twilio.",
    ),
    CatalogueEntry::new(
        20403,
        AccountSuspended,
        Never,
        "the account may not use the API",
        "The account is suspended or closed, or may not use this resource.",
        "Settle what is overdue, or ask Twilio's support.",
    )
    .in_account(place::BILLING),
    CatalogueEntry::new(
        20404,
        NotFound,
        Never,
        "there is no such resource",
        "The SID or the path is wrong, belongs to another account or region, or the resource was deleted. For a \
         verification: it expired, was approved or was canceled.",
        "Check the SID, the account and the host. If it was a verification, start a new one.",
    ),
    CatalogueEntry::new(
        20409,
        WrongState,
        AfterFix,
        "the request conflicts with the state of the resource",
        "Another request changed the resource at the same time, or the resource already has the requested state.",
        "Fetch the resource again and decide anew.",
    ),
    CatalogueEntry::new(
        20410,
        NotFound,
        AfterFix,
        "the resource is gone",
        "The resource or this version of the API was removed for good.",
        "Fetch the parent resource again and use what it lists now.",
    ),
    CatalogueEntry::new(
        20422,
        InvalidParameter,
        Never,
        "a parameter is invalid",
        "A parameter is missing or has a value that this resource does not take.",
        "Read which parameter the message names and correct it.",
    ),
    CatalogueEntry::new(
        20423,
        InvalidParameter,
        Never,
        "a SID is invalid",
        "A SID has a wrong prefix or length.",
        "Copy the SID again: two letters and 32 hexadecimal digits.",
    ),
    CatalogueEntry::new(
        20429,
        RateLimited,
        Later,
        "too many requests at the same time",
        "The account has more requests open than Twilio allows. This one was not processed.",
        "Send again after a growing, random pause, and open fewer requests at a time.",
    ),
    CatalogueEntry::new(
        20500,
        ServiceUnavailable,
        Ambiguous,
        "Twilio had an internal error",
        "Twilio failed or timed out while it handled the request. A create may have been carried out.",
        "Repeat reads. Before creating again, list what was created for this recipient and compare.",
    ),
    CatalogueEntry::new(
        20503,
        ServiceUnavailable,
        Ambiguous,
        "Twilio is not available",
        "A part of Twilio is overloaded or in maintenance. A create may have been carried out.",
        "Repeat reads after a growing pause. Before creating again, list what was created and compare.",
    ),
];
