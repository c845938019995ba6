//! URLs and paths that stay under the base URL: `..` in any encoding is refused.

use std::fmt::Write as _;

use percent_encoding::percent_decode_str;
use url::Url;

use crate::provider::{ApiRequest, ProviderError};

const DOT_SEGMENT: &str = "it has a segment of dots, which would lead to a higher path";
/// A path that is encoded more often than this is refused as an attempt to hide `..`.
const MAX_ENCODINGS: usize = 8;

/// Puts the path of a request under a base URL, with its query.
pub(super) fn url_under(base: &Url, request: &ApiRequest) -> Result<Url, ProviderError> {
    if let Some(problem) = request.problem() {
        return Err(ProviderError::invalid_request(problem));
    }
    let path = fill(request.path(), request.segments())?;
    let within = base.as_str().trim_end_matches('/');
    let query = Some(request.query_string()).filter(|query| !query.is_empty());
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    let url = Url::parse(&format!("{within}{path}{query}")).map_err(|error| {
        ProviderError::invalid_request(format!("the path does not give a valid URL: {error}"))
    })?;
    if url.origin() == base.origin()
        && url.as_str().strip_prefix(within).is_some_and(|rest| rest.starts_with('/'))
    {
        return Ok(url);
    }
    Err(ProviderError::invalid_request("the path leads away from the base URL, so nothing was sent"))
}

/// Replaces each placeholder of a path with one percent-encoded segment, and refuses values that would add or remove
/// segments.
///
/// `?` and `#` would end the path, and no segment may consist of dots, in any encoding.
pub(crate) fn fill(path: &str, values: &[String]) -> Result<String, ProviderError> {
    if has_dot_segment(path) {
        return Err(refused(DOT_SEGMENT));
    }
    let mut values = values.iter();
    let mut out = String::with_capacity(path.len() + 40);
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, after)) = after.split_once('}') else {
            return Err(refused("it has a { without a }"));
        };
        let value = values.next().ok_or_else(|| refused(&format!("{{{name}}} is not filled")))?;
        check_piece(before)?;
        out.push_str(before);
        encode_segment(name, value, &mut out)?;
        rest = after;
    }
    if values.next().is_some() {
        return Err(refused("there are more values than {places} in it"));
    }
    check_piece(rest)?;
    out.push_str(rest);
    if !out.starts_with('/') {
        out.insert(0, '/');
    }
    // A placeholder may be next to a dot, or inside a percent-escape.
    let is_dots = |segment: &str| matches!(&*segment.to_ascii_lowercase().replace("%2e", "."), "." | "..");
    if out.split('/').any(is_dots) {
        return Err(refused(DOT_SEGMENT));
    }
    Ok(out)
}

fn refused(why: &str) -> ProviderError {
    ProviderError::invalid_request(format!("the path cannot be sent: {why}"))
}

/// Checks the fixed text between two placeholders. The values of placeholders are encoded, and cannot contain `..`.
fn check_piece(piece: &str) -> Result<(), ProviderError> {
    match piece.chars().find(|c| matches!(c, '?' | '#' | '\\') || c.is_control() || c.is_whitespace()) {
        Some('?') => Err(refused("it has a ?; give the query to .query(..)")),
        Some(other) => Err(refused(&format!("it has a {other:?} in it"))),
        None => Ok(()),
    }
}

/// Does the path have a segment of dots, even if it is encoded several times? A URL parser resolves `%2e%2e`, and a server
/// may decode once more and read `..%2f` as a segment.
pub(crate) fn has_dot_segment(path: &str) -> bool {
    let mut decoded = path.to_owned();
    for _ in 0..MAX_ENCODINGS {
        if decoded.split(['/', '\\']).any(|segment| segment == "." || segment == "..") {
            return true;
        }
        match percent_decode_str(&decoded).decode_utf8_lossy() {
            next if next == decoded => return false,
            next => decoded = next.into_owned(),
        }
    }
    true
}

fn encode_segment(name: &str, value: &str, out: &mut String) -> Result<(), ProviderError> {
    if value.is_empty() {
        return Err(refused(&format!("the value for {{{name}}} is empty")));
    }
    if value == "." || value == ".." {
        return Err(refused(&format!("the value for {{{name}}} is made of dots")));
    }
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(path: &str, values: &[&str]) -> Result<String, ProviderError> {
        fill(path, &values.iter().map(|v| (*v).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn each_value_is_one_segment() {
        assert_eq!(filled("/Messages/{sid}.json", &["SM1"]).unwrap(), "/Messages/SM1.json");
        assert_eq!(filled("v2/PhoneNumbers/{number}", &["+1415"]).unwrap(), "/v2/PhoneNumbers/%2B1415");
        assert_eq!(filled("/x/{a}/{b}", &["a/b", "ü?#%2e"]).unwrap(), "/x/a%2Fb/%C3%BC%3F%23%252e");
    }

    #[test]
    fn values_and_paths_that_would_change_the_segments_are_refused() {
        let cases: [(&str, &[&str]); 22] = [
            ("/x/{a}", &[""]),
            ("/x/{a}", &["."]),
            ("/x/{a}", &[".."]),
            ("/x/{a}", &[]),
            ("/x", &["a"]),
            ("/x/{a", &["a"]),
            ("/x/../y", &[]),
            ("/x/%2e%2E/y", &[]),
            ("/x/.%2e", &[]),
            ("/x/%252e%252e/y", &[]),
            ("/x/%25252e%25252E/y", &[]),
            ("/x/..%2fy", &[]),
            ("/x%2f..%2Fy", &[]),
            ("/x/%2e%2e%5cy", &[]),
            ("/x/..%255cy", &[]),
            ("/{a}/../y", &["a"]),
            ("/%2{a}./y", &["e"]),
            ("/%2525252525252525252e", &[]),
            ("/x?y=1", &[]),
            ("/x#y", &[]),
            ("/x\\..\\y", &[]),
            ("/x y", &[]),
        ];
        for (path, values) in cases {
            assert!(filled(path, values).is_err(), "{path} {values:?}");
        }
    }
}
