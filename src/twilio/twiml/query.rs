//! One parameter in the query of a URL that may be relative.

/// Sets a parameter of a URL's query. Others stay as they are; so does the fragment, in which Twilio reads how to ask the
/// URL (`#rc=2`).
pub(super) fn with_parameter(url: &str, name: &str, value: u32) -> String {
    let (address, fragment) = match url.split_once('#') {
        Some((address, fragment)) => (address, Some(fragment)),
        None => (url, None),
    };
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let mut out = String::with_capacity(url.len() + name.len() + 8);
    out.push_str(path);
    out.push('?');
    let others = query.split('&').filter(|pair| !pair.is_empty() && pair.split('=').next() != Some(name));
    for pair in others {
        out.push_str(pair);
        out.push('&');
    }
    out.push_str(name);
    out.push('=');
    out.push_str(&value.to_string());
    if let Some(fragment) = fragment {
        out.push('#');
        out.push_str(fragment);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_query_is_kept() {
        for (url, expected) in [
            ("/menu", "/menu?attempt=2"),
            ("", "?attempt=2"),
            ("https://example.com/menu?", "https://example.com/menu?attempt=2"),
            ("/menu?a=1&b=%20", "/menu?a=1&b=%20&attempt=2"),
            ("/menu?attempt=1&a=1", "/menu?a=1&attempt=2"),
            ("/menu?attempts=1&flag", "/menu?attempts=1&flag&attempt=2"),
            ("/menu?a=1#rc=2&rp=all", "/menu?a=1&attempt=2#rc=2&rp=all"),
        ] {
            assert_eq!(with_parameter(url, "attempt", 2), expected, "{url}");
        }
    }
}
