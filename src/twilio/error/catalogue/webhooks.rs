//! 11xxx and 12xxx: failures of your own URLs. They appear in the debugger and in error webhooks.
//!
//! Their retry class is `Never`: there is no request to send again. Twilio itself repeats the webhook if the connection
//! overrides of the URL say so.

use Reason::{MediaProblem, WebhookProblem};
use RetryClass::Never;

use super::{CatalogueEntry, RetryClass, place};
use crate::provider::Reason;

pub(super) static ENTRIES: &[CatalogueEntry] = &[
    CatalogueEntry::new(
        11200,
        WebhookProblem,
        Never,
        "your URL could not be fetched",
        "Your server did not answer within 15 seconds, broke off, or answered with an error.",
        "Open the URL from outside your network and answer within 15 seconds. Move slow work behind the answer.",
    )
    .console(place::ERROR_LOGS),
    CatalogueEntry::new(
        11205,
        WebhookProblem,
        Never,
        "your server could not be connected to",
        "No connection was made in two attempts of five seconds each: the server is down, or a firewall drops Twilio.",
        "Check that the server is up and reachable from the public internet on the URL's port.",
    )
    .console(place::ERROR_LOGS),
    CatalogueEntry::new(
        11210,
        WebhookProblem,
        Never,
        "your URL's host name does not resolve",
        "The host of the URL has no public DNS record, or is misspelled.",
        "Correct the host name, or publish its DNS record. Private names such as localhost cannot work.",
    )
    .console(place::ERROR_LOGS),
    CatalogueEntry::new(
        11215,
        WebhookProblem,
        Never,
        "your URL redirects too often",
        "Following the redirects of the URL did not end.",
        "Enter the final URL. Look for a loop between http and https, or between hosts.",
    )
    .console(place::ERROR_LOGS),
    CatalogueEntry::new(
        11217,
        WebhookProblem,
        Never,
        "your server answered with an error status",
        "Your server answered a webhook with a 4xx or 5xx status.",
        "Find the request in your server's log and make it answer 2xx. If it was 401 or 403, check the signature and \
         any login in front of the URL.",
    )
    .console(place::ERROR_LOGS),
    CatalogueEntry::new(
        11220,
        WebhookProblem,
        Never,
        "the TLS handshake with your server failed",
        "Your server offers no TLS version or cipher that Twilio accepts, or its certificate chain is incomplete.",
        "Serve TLS 1.2 or newer with a complete chain from a public authority.",
    )
    .console(place::ERROR_LOGS),
    CatalogueEntry::new(
        11235,
        WebhookProblem,
        Never,
        "your certificate is for another domain",
        "The names in your server's certificate do not include the host of the URL.",
        "Install a certificate that names this host.",
    )
    .console(place::ERROR_LOGS),
    CatalogueEntry::new(
        11236,
        WebhookProblem,
        Never,
        "your certificate has expired",
        "The certificate of your server is past its last day.",
        "Renew the certificate and reload the server.",
    )
    .console(place::ERROR_LOGS),
    CatalogueEntry::new(
        11237,
        WebhookProblem,
        Never,
        "your certificate cannot be traced to a known authority",
        "The certificate is self-signed, or your server does not send the intermediate certificates.",
        "Use a certificate from a public authority and serve the full chain.",
    )
    .console(place::ERROR_LOGS),
    CatalogueEntry::new(
        11240,
        WebhookProblem,
        Never,
        "the edge location in your URL is invalid",
        "The part `#e=` of the URL does not name an edge location that Twilio knows.",
        "Correct or remove `#e=` in the URL.",
    )
    .console(place::ERROR_LOGS),
    CatalogueEntry::new(
        11241,
        WebhookProblem,
        Never,
        "the edge location in your URL is not supported",
        "The part `#e=` of the URL names an edge location from which Twilio does not send webhooks.",
        "Name a supported edge location in `#e=`, or remove it.",
    )
    .console(place::ERROR_LOGS),
    CatalogueEntry::new(
        11242,
        WebhookProblem,
        Never,
        "a webhook over Twilio Interconnect is not allowed",
        "The part `#e=` of the URL asks for a private connection that this account does not have.",
        "Name a public edge location in `#e=`, or remove it.",
    )
    .console(place::ERROR_LOGS),
    CatalogueEntry::new(
        11243,
        WebhookProblem,
        Never,
        "the retry policy in your URL is invalid",
        "The part `#rp=` of the URL holds a word that Twilio does not know.",
        "Correct or remove `#rp=` in the URL.",
    )
    .console(place::ERROR_LOGS),
    CatalogueEntry::new(
        11750,
        WebhookProblem,
        Never,
        "your TwiML is too large",
        "The answer to a webhook was larger than 64 kB.",
        "Shorten the document. Put long speech into a recording, or continue in a second document with a redirect.",
    )
    .console(place::ERROR_LOGS),
    CatalogueEntry::new(
        11751,
        MediaProblem,
        Never,
        "the media is too large for its channel",
        "A media file is larger than the channel or the carrier takes.",
        "Shrink the file, or send a link to it.",
    )
    .console(place::MESSAGE_LOGS),
    CatalogueEntry::new(
        12100,
        WebhookProblem,
        Never,
        "your TwiML cannot be parsed",
        "The answer to a webhook is not well-formed XML; often an error page, or an `&` that is not escaped.",
        "Answer with well-formed XML that begins with the document itself.",
    )
    .console(place::ERROR_LOGS),
    CatalogueEntry::new(
        12200,
        WebhookProblem,
        Never,
        "your TwiML does not match the schema",
        "The answer has an element or an attribute that TwiML does not know there. Names are case-sensitive.",
        "Correct the names and the nesting. Twilio ignores what it does not know.",
    )
    .console(place::ERROR_LOGS),
    CatalogueEntry::new(
        12300,
        WebhookProblem,
        Never,
        "your answer has a wrong content type",
        "The answer's Content-Type is missing or is not one that Twilio accepts here.",
        "Answer TwiML with `Content-Type: text/xml`.",
    )
    .console(place::ERROR_LOGS),
];
