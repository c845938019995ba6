//! One URL in the several spellings that Twilio's servers are known to sign.
//!
//! Nothing is parsed and written anew: a part is replaced, everything else stays byte for byte as it came. Each
//! spelling asks for the same thing of the same server, so accepting all of them accepts nothing that was not signed.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use crate::twilio::webhook::params::is_name;

/// Which spelling of the URL was signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Spelling {
    /// As it came.
    AsIs,
    /// Without the port it came with, or with the port that its scheme stands for.
    OtherPort,
    /// With quotes, spaces and letters beyond ASCII percent-encoded, as browsers do: `'` is `%27`. So is a `/` for an empty
    /// path, or none.
    Encoded,
    /// With its query read and written anew, as old clients do: `+` is `%20`, `@` is `%40`.
    Rewritten,
}

/// The longest query that is written anew, and of how many pairs. Twilio's own are far below; a stranger's must not cost
/// more than a signature.
const MOST_BYTES: usize = 4096;
const MOST_PAIRS: usize = 100;

/// What a URL parser would encode in a path and in a query, had it been left as it is.
const PATH: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'`').add(b'{').add(b'}');
const QUERY: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'\'');

/// Offers each spelling once, the likeliest first, until one is taken.
pub(super) fn first(url: &str, mut is_it: impl FnMut(&str) -> bool) -> Option<Spelling> {
    let url = url.split('#').next().unwrap_or_default();
    if is_it(url) {
        return Some(Spelling::AsIs);
    }
    let parts = Parts::of(url)?;
    let other_port = parts.other_port();
    if is_it(&parts.with(&other_port, parts.path, parts.query)) {
        return Some(Spelling::OtherPort);
    }
    // `https://host` and `https://host/` are one request.
    let root = match parts.path {
        "" => Some("/"),
        "/" => Some(""),
        _ => None,
    };
    let mut both_ports = |path: &str, query: Option<&str>| {
        is_it(&parts.with(parts.port, path, query)) || is_it(&parts.with(&other_port, path, query))
    };
    if let Some(root) = root
        && both_ports(root, parts.query)
    {
        return Some(Spelling::Encoded);
    }
    let path: Cow<'_, str> = utf8_percent_encode(parts.path, PATH).into();
    let query: Option<Cow<'_, str>> = parts.query.map(|query| utf8_percent_encode(query, QUERY).into());
    let is_new = path != parts.path || query.as_deref() != parts.query;
    if is_new && both_ports(&path, query.as_deref()) {
        return Some(Spelling::Encoded);
    }
    let rewritten = parts.query.and_then(rewritten)?;
    let is_new = Some(rewritten.as_str()) != parts.query && Some(rewritten.as_str()) != query.as_deref();
    (is_new && both_ports(&path, Some(&rewritten))).then_some(Spelling::Rewritten)
}

/// A URL in its parts, each as it came.
#[derive(Clone, Copy)]
pub(super) struct Parts<'a> {
    pub(super) scheme: &'a str,
    /// What stands before the port: user and password, too.
    pub(super) host: &'a str,
    /// With its colon; empty where there is none.
    port: &'a str,
    pub(super) path: &'a str,
    /// Without its question mark.
    pub(super) query: Option<&'a str>,
}

impl<'a> Parts<'a> {
    pub(super) fn of(url: &'a str) -> Option<Self> {
        let (scheme, rest) = url.split_once("://")?;
        let rest = rest.split('#').next().unwrap_or_default();
        let (authority, target) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        let (path, query) = match target.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (target, None),
        };
        // Of an IPv6 address, colons stand in brackets.
        let colon = authority.rfind(':').filter(|at| authority.rfind([']', '@']).is_none_or(|end| end < *at));
        let (host, port) = authority.split_at(colon.unwrap_or(authority.len()));
        Some(Self { scheme, host, port, path, query })
    }

    /// The port that was left out, or nothing for the one that was given.
    fn other_port(&self) -> String {
        match (self.port, self.scheme) {
            ("", "https" | "wss") => ":443".to_owned(),
            ("", "http" | "ws") => ":80".to_owned(),
            _ => String::new(),
        }
    }

    fn with(&self, port: &str, path: &str, query: Option<&str>) -> String {
        let (mark, query) = query.map_or(("", ""), |query| ("?", query));
        [self.scheme, "://", self.host, port, path, mark, query].concat()
    }

    /// Writes the URL with another path.
    pub(super) fn with_path(&self, path: &str) -> String {
        self.with(self.port, path, self.query)
    }

    /// Writes the URL without its query.
    pub(super) fn without_query(&self) -> String {
        self.with(self.port, self.path, None)
    }

    /// Writes the URL with another scheme.
    pub(super) fn with_scheme(&self, scheme: &'a str) -> String {
        Self { scheme, ..*self }.with(self.port, self.path, self.query)
    }

    /// Writes the URL without user, password and the values of its query: what may be shown. What is no name is not
    /// shown either, and what is long is cut.
    pub(super) fn shown(&self) -> String {
        let host = self.host.rsplit_once('@').map_or(self.host, |(_, host)| host);
        let names = self.query.map(|query| {
            let names = query.split('&').map(|pair| pair.split('=').next().unwrap_or_default());
            let mut shown =
                names.map(|name| if is_name(name) { format!("{name}=…") } else { "…".to_owned() });
            let mut first = shown.by_ref().take(SHOWN_NAMES).collect::<Vec<_>>();
            first.extend(shown.next().map(|_| "…".to_owned()));
            first.join("&")
        });
        let host = cut(host);
        Parts { host: &host, ..*self }.with(self.port, &cut(self.path), names.as_deref())
    }
}

const SHOWN_NAMES: usize = 10;
const SHOWN_CHARACTERS: usize = 120;

fn cut(text: &str) -> String {
    let mut shown: String = text.chars().filter(|c| !c.is_control()).take(SHOWN_CHARACTERS).collect();
    if text.chars().nth(SHOWN_CHARACTERS).is_some() {
        shown.push('…');
    }
    shown
}

/// Writes a query as Node's `querystring` does: repeated keys side by side, a `=` everywhere, `%20` for a space.
///
/// What is encoded already and stays so keeps its own digits.
fn rewritten(query: &str) -> Option<String> {
    if query.len() > MOST_BYTES || query.split('&').nth(MOST_PAIRS).is_some() {
        return None;
    }
    let mut keys: Vec<(&str, Vec<&str>)> = Vec::new();
    for pair in query.split('&') {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        if key.is_empty() {
            return None;
        }
        match keys.iter_mut().find(|(known, _)| *known == key) {
            Some((_, values)) => values.push(value),
            None => keys.push((key, vec![value])),
        }
    }
    let pairs = keys.iter().flat_map(|(key, values)| values.iter().map(move |value| (key, value)));
    let pairs = pairs.map(|(key, value)| format!("{}={}", component(key), component(value)));
    Some(pairs.collect::<Vec<_>>().join("&"))
}

fn component(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte == b'+' {
            out.push_str("%20");
        } else if is_unreserved(byte) {
            out.push(char::from(byte));
        } else if let Some((plain, digits, after)) = encoded(byte, after) {
            rest = after;
            if is_unreserved(plain) {
                out.push(char::from(plain));
            } else {
                out.push('%');
                out.extend(digits.map(char::from));
            }
        } else {
            out.push_str(percent_encoding::percent_encode_byte(byte));
        }
    }
    out
}

/// Reads the two digits after a percent sign, if it is one and they are.
fn encoded(sign: u8, rest: &[u8]) -> Option<(u8, [u8; 2], &[u8])> {
    let (digits, after) = rest.split_first_chunk::<2>().filter(|_| sign == b'%')?;
    let [high, low] = digits.map(|byte| char::from(byte).to_digit(16));
    Some((u8::try_from(high? * 16 + low?).ok()?, *digits, after))
}

fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_.!~*'()".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(url: &str) -> Vec<(String, Spelling)> {
        let mut found = Vec::new();
        let mut wanted = 0;
        loop {
            let mut seen = 0;
            let mut text = String::new();
            let spelling = first(url, |spelled| {
                text = spelled.to_owned();
                seen += 1;
                seen > wanted
            });
            match spelling {
                Some(spelling) => found.push((text, spelling)),
                None => return found,
            }
            wanted += 1;
        }
    }

    fn check(url: &str, expected: &[&str]) {
        assert_eq!(all(url).into_iter().map(|(text, _)| text).collect::<Vec<_>>(), expected, "{url}");
    }

    #[test]
    fn ports() {
        check("https://a.b/x#rc=2", &["https://a.b/x", "https://a.b:443/x"]);
        check("http://a.b?x=", &["http://a.b?x=", "http://a.b:80?x=", "http://a.b/?x=", "http://a.b:80/?x="]);
        check("https://a.b:443/x", &["https://a.b:443/x", "https://a.b/x"]);
        check("https://a.b:8443/x", &["https://a.b:8443/x", "https://a.b/x"]);
        check("wss://u:p@a.b/x", &["wss://u:p@a.b/x", "wss://u:p@a.b:443/x"]);
        check("http://[::1]/x", &["http://[::1]/x", "http://[::1]:80/x"]);
        check("http://[::1]:9/x", &["http://[::1]:9/x", "http://[::1]/x"]);
        check("nonsense", &["nonsense"]);
    }

    #[test]
    fn a_url_that_fits_as_it_is_is_asked_for_once() {
        let mut asked = 0;
        let spelling = first("https://a.b/x?Body=It's+a", |_| {
            asked += 1;
            true
        });
        assert_eq!((spelling, asked), (Some(Spelling::AsIs), 1));
    }

    #[test]
    fn queries() {
        let found = all("https://a.b/x?Body=It's+a%2Fb&to=@c&Body=%41%3a");
        let (texts, spellings): (Vec<_>, Vec<_>) = found.into_iter().unzip();
        assert_eq!(texts[2], "https://a.b/x?Body=It%27s+a%2Fb&to=@c&Body=%41%3a");
        assert_eq!(texts[4], "https://a.b/x?Body=It's%20a%2Fb&Body=A%3a&to=%40c");
        assert_eq!(texts.len(), 6);
        assert_eq!((spellings[2], spellings[5]), (Spelling::Encoded, Spelling::Rewritten));
        check("https://a.b/x?&a", &["https://a.b/x?&a", "https://a.b:443/x?&a"]);
        assert_eq!(component("%%41%zz%"), "%25A%25zz%25");
    }

    #[test]
    fn a_stranger_does_not_choose_how_much_work_there_is() {
        let many: Vec<String> = (0..20_000).map(|n| format!("k{n}=1")).collect();
        let url = format!("https://a.b/{}?{}", "p".repeat(50_000), many.join("&"));
        assert_eq!(all(&url).len(), 2);
        assert!(Parts::of(&url).unwrap().shown().len() < 500);
        assert!(!Parts::of("https://a.b/?+14155551234&planted%20words").unwrap().shown().contains("415"));
    }

    #[test]
    fn what_is_shown_has_no_values_and_no_password() {
        let shown = Parts::of("https://u:p@a.b:1/x?From=%2B1&Body=hi&z").unwrap().shown();
        assert_eq!(shown, "https://a.b:1/x?From=…&Body=…&z=…");
    }
}
