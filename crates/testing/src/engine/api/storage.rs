//! The storage that serves files. Its URLs are signed, and it refuses requests with other credentials.

use http::{StatusCode, header};

use crate::engine::request::RoutedRequest;
use crate::engine::wire::FakeReply;

const XML: &str = "application/xml";
const TWO_CREDENTIALS: &str = "<?xml version=\"1.0\"?><Error><Code>InvalidArgument</Code><Message>The URL is signed: send no Authorization</Message></Error>";

/// Refuses a request that has an `Authorization` header.
pub(super) fn refuse_credentials(request: &RoutedRequest<'_>) -> Option<FakeReply> {
    let given = request.raw.headers.contains_key(header::AUTHORIZATION);
    given.then(|| FakeReply::empty(StatusCode::BAD_REQUEST).with_body(XML, TWO_CREDENTIALS))
}
