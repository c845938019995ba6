//! The links of a text, and what is wrong with them.

use std::ops::Range;

use super::fold::{is_invisible, latin_of, plain};

/// Without `https://` and without a path, only these make a word with a dot a link: `Main.Then` is none.
const BARE: [&str; 45] = [
    "app", "at", "biz", "ca", "ch", "click", "cloud", "club", "co", "com", "de", "dev", "edu", "es", "eu",
    "example", "fr", "gov", "icu", "info", "io", "it", "jp", "link", "live", "ly", "me", "mil", "mobi",
    "net", "nl", "online", "org", "pl", "pro", "ru", "shop", "site", "store", "tk", "top", "tv", "uk", "us",
    "xyz",
];

/// Longer words are read up to here: a host has at most 253 characters.
const MAX_READ: usize = 2_048;

/// A link of a text.
pub(super) struct Link {
    /// The host, in lower case, as it is written: `xn--` labels are not decoded.
    pub(super) host: String,
    pub(super) place: Range<usize>,
    /// A name stands before the host: `https://paypal.com@other.example`.
    pub(super) user_info: bool,
}

impl Link {
    /// Finds the links of a text, in one pass.
    pub(super) fn all(text: &str) -> Vec<Self> {
        let mut links = Vec::new();
        let mut start = 0;
        for piece in text.split_inclusive(|c: char| plain(c).is_whitespace() || c == '\u{3002}') {
            // Almost every word ends here.
            if piece.len() > 3 && piece.contains(['.', ':', '\u{ff0e}', '\u{ff1a}']) {
                links.extend(Self::of(piece, start));
            }
            start += piece.len();
        }
        links
    }

    fn of(piece: &str, start: usize) -> Option<Self> {
        let word: String = piece
            .chars()
            .take(MAX_READ)
            .filter(|c| !is_invisible(*c))
            .map(plain)
            .filter(|c| !c.is_whitespace())
            .flat_map(char::to_lowercase)
            .collect();
        // A dot in brackets shall hide a link from a filter.
        let word = if word.contains("[.]") { word.replace("[.]", ".") } else { word };
        let place = start..start + piece.trim_end().len();
        let (authority, user_info) = match word.split_once("://") {
            Some((before, after)) if before.ends_with("http") || before.ends_with("https") => {
                authority(after)
            }
            Some(_) => return None,
            None => (bare(&word)?, false),
        };
        let host = authority.trim_matches(|c: char| !c.is_alphanumeric() && c != '[' && c != ']');
        (!host.is_empty()).then(|| Self { host: host.to_owned(), place, user_info })
    }

    /// Is the host this domain, or below it?
    pub(super) fn is_within(&self, domain: &str) -> bool {
        is_within(&self.host, domain)
    }

    /// Does the host hide where the link leads?
    pub(super) fn is_disguised(&self) -> bool {
        self.user_info
            || is_address(&self.host)
            || self.host.split('.').any(|label| label.starts_with("xn--") || mixes(label))
            || is_whole_disguise(&self.host)
    }
}

/// Is a host this domain, or below it?
pub(super) fn is_within(host: &str, domain: &str) -> bool {
    host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// The host of what follows `://`, and whether a name stands before it.
fn authority(after: &str) -> (&str, bool) {
    let authority = after.split(['/', '\\', '?', '#']).next().unwrap_or_default();
    let (host, user_info) = authority.rsplit_once('@').map_or((authority, false), |(_, host)| (host, true));
    let host = match host.starts_with('[') {
        true => host,
        false => host.split(':').next().unwrap_or_default(),
    };
    (host, user_info)
}

/// The host of a link without `https://`.
fn bare(word: &str) -> Option<&str> {
    let (head, path) = word.split_once('/').map_or((word, ""), |(head, path)| (head, path));
    let has_path = word.len() > head.len();
    let head = if has_path { head } else { head.trim_end_matches(|c: char| !c.is_alphanumeric()) };
    let host = head.rsplit(|c: char| !c.is_alphanumeric() && c != '.' && c != '-').next().unwrap_or_default();
    // What stands before it tells an address of e-mail from a link.
    if head.strip_suffix(host).is_some_and(|before| before.ends_with('@')) {
        return None;
    }
    let (name, top) = host.trim_start_matches(['.', '-']).rsplit_once('.')?;
    if name.is_empty() || name.split('.').any(str::is_empty) {
        return None;
    }
    let is_domain = match has_path {
        true => {
            top.chars().count() > 1 && top.chars().all(char::is_alphabetic)
                || is_address(host) && host.split('.').count() == 4 && !path.is_empty()
        }
        false => BARE.contains(&top) && !name.starts_with(|c: char| c.is_ascii_digit()),
    };
    is_domain.then_some(host)
}

/// Is a host the address of a machine, in any way of writing it?
fn is_address(host: &str) -> bool {
    let is_number = |label: &str| match label.strip_prefix("0x") {
        Some(hex) => !hex.is_empty() && hex.bytes().all(|b| b.is_ascii_hexdigit()),
        None => !label.is_empty() && label.bytes().all(|b| b.is_ascii_digit()),
    };
    host.starts_with('[') || host.split('.').all(is_number)
}

/// Does a label have Latin letters, and Cyrillic or Greek ones that look like them?
fn mixes(label: &str) -> bool {
    label.chars().any(|c| c.is_ascii_alphabetic()) && label.chars().any(|c| latin_of(c).is_some())
}

/// Is the name before a Latin ending written only with letters that look like Latin ones?
fn is_whole_disguise(host: &str) -> bool {
    let Some((name, top)) = host.rsplit_once('.') else { return false };
    let label = name.rsplit('.').next().unwrap_or_default();
    top.is_ascii() && !label.is_empty() && label.chars().all(|c| latin_of(c).is_some())
}

/// Domains written with blanks, such as `bit . ly/x` and `b i t . l y / x`.
///
/// The blanks must be inside the domain, and a path must follow, so that the end of a sentence is no domain.
pub(super) fn spaced(text: &str, is_listed: impl Fn(&str) -> bool) -> Option<Range<usize>> {
    /// The longest name before the dot that is looked for.
    const MAX_NAME: usize = 16;
    const MAX_TOP: usize = 6;
    let dense: Vec<(usize, char)> = text
        .char_indices()
        .filter(|(_, c)| !is_invisible(*c))
        .map(|(at, c)| (at, plain(c).to_ascii_lowercase()))
        .filter(|(_, c)| *c != ' ')
        .collect();
    let dots = dense.iter().enumerate().filter(|(_, (_, c))| *c == '.').map(|(i, _)| i);
    for dot in dots {
        let top: String = dense
            .iter()
            .skip(dot + 1)
            .take(MAX_TOP)
            .map(|(_, c)| *c)
            .take_while(char::is_ascii_alphabetic)
            .collect();
        let slash = dot + 1 + top.len();
        let Some((end, '/')) = dense.get(slash) else { continue };
        let mut domain = format!(".{top}");
        for start in (dot.saturating_sub(MAX_NAME)..dot).rev() {
            let Some((at, c)) = dense.get(start).filter(|(_, c)| c.is_ascii_alphanumeric() || *c == '-')
            else {
                break;
            };
            domain.insert(0, *c);
            let has_blanks = end - at > domain.len();
            let begins =
                start == 0 || text.get(..*at).is_some_and(|before| before.ends_with([' ', '\n', '(', ':']));
            if has_blanks && begins && is_listed(&domain) {
                return Some(*at..*end);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(text: &str) -> Vec<String> {
        Link::all(text).into_iter().map(|link| link.host).collect()
    }

    #[test]
    fn finds_links_and_only_links() {
        for (text, host) in [
            ("See https://a.example/b.", "a.example"),
            ("Map:bit.ly/x", "bit.ly"),
            ("(HTTPS://BIT.LY)", "bit.ly"),
            ("go to www.shop.com, now", "www.shop.com"),
            ("http://1.2.3.4:80/x", "1.2.3.4"),
            ("http://[::1]/x", "[::1]"),
            ("https://a@b.example", "b.example"),
            ("bi\u{200b}t.ly/x", "bit.ly"),
            ("ｂｉｔ．ｌｙ／x", "bit.ly"),
            ("10.0.0.1/login", "10.0.0.1"),
            ("tinyurl[.]com/3", "tinyurl.com"),
        ] {
            assert_eq!(hosts(text), [host], "{text}");
        }
        for text in [
            "5th and Main.Then we",
            "10.0.4.17 rebooted",
            "$22.50/hour",
            "12.11./13.11.",
            "v2.1.0.4",
            "me@a.com",
            "e.g. a.m./p.m.",
            "1.250,00 EUR",
            "and/or",
            "..com",
        ] {
            assert_eq!(hosts(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn sees_disguises() {
        let is_disguised = |text: &str| Link::all(text).iter().any(Link::is_disguised);
        for text in [
            "http://3232235777/",
            "http://0x7f.1/",
            "http://аpple.com",
            "http://xn--a.com",
            "http://a@b.com",
            "http://[::1]",
        ] {
            assert!(is_disguised(text), "{text}");
        }
        for text in
            ["https://müller.example", "https://почта.рф", "https://4711.example", "https://apple.com"]
        {
            assert!(!is_disguised(text), "{text}");
        }
    }

    #[test]
    fn finds_spaced_domains() {
        let is_listed = |domain: &str| domain == "bit.ly";
        for text in ["bit . ly/x", "x b i t . l y / 3", "Pay: bit .ly/a"] {
            assert!(spaced(text, is_listed).is_some(), "{text}");
        }
        for text in ["wait a bit. Ly is here", "habit . ly/x", "a bit.ly/x"] {
            assert!(spaced(text, is_listed).is_none(), "{text}");
        }
    }

    #[test]
    fn within() {
        assert!(is_within("bit.ly", "bit.ly") && is_within("www.bit.ly", "bit.ly"));
        assert!(!is_within("habit.ly", "bit.ly") && !is_within("bit.ly.example", "bit.ly"));
    }
}
