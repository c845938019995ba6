//! Names of well-known senders: a host that imitates one, and a text that claims to be from one.

use serde::Deserialize;

use super::link::{Link, is_within};
use super::words::Words;

/// A well-known sender.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Brand {
    /// The name as one word: `wellsfargo`.
    pub(super) name: String,
    /// How it is written in a text, if not as `name`: `wells fargo`.
    #[serde(default)]
    pub(super) spoken: Vec<String>,
    /// Its own domains. `example.*` is the name under every country's ending.
    pub(super) domains: Vec<String>,
    /// The name is an ordinary word too (`chase`, `target`): it needs one of the words of a lure beside it.
    #[serde(default)]
    pub(super) ordinary: bool,
}

impl Brand {
    fn owns(&self, host: &str) -> bool {
        self.domains.iter().any(|domain| match domain.strip_suffix(".*") {
            None => is_within(host, domain),
            Some(name) => registered(host).split('.').next() == Some(name),
        })
    }
}

/// What makes a host with a brand's name a lure.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Lures {
    /// Words that stand beside a name: `login`, `support`.
    words: Vec<String>,
    /// Endings under which even the bare name is a lure: `top`.
    endings: Vec<String>,
}

impl Lures {
    pub(super) fn len(&self) -> usize {
        self.words.len() + self.endings.len()
    }

    /// Does a host imitate one of the brands?
    pub(super) fn imitates(&self, link: &Link, brands: &[Brand]) -> bool {
        let host = link.host.as_str();
        let registered = registered(host);
        let above = host.strip_suffix(registered).unwrap_or_default();
        brands.iter().any(|brand| self.imitates_one(registered, above, brand))
            && !brands.iter().any(|brand| brand.owns(host))
    }

    fn imitates_one(&self, registered: &str, above: &str, brand: &Brand) -> bool {
        let name = registered.split('.').next().unwrap_or_default();
        // The name or domain of another above this one: `paypal.other.example`, `apple.com.other.example`.
        let is_whole_domain = above.contains(".com.") || registered.starts_with("com-");
        let is_name = |label: &str| label == brand.name && (is_whole_domain || !brand.ordinary);
        if !above.is_empty() && above.split('.').any(|label| is_name(label) || self.is_lure(label, brand)) {
            return true;
        }
        let ending = registered.rsplit('.').next().unwrap_or_default();
        if name == brand.name {
            return self.endings.iter().any(|listed| listed == ending);
        }
        self.is_lure(name, brand)
    }

    /// Is a label the name with something beside it, or the name with other letters that look the same?
    fn is_lure(&self, label: &str, brand: &Brand) -> bool {
        label
            .split('-')
            .any(|token| looks_like(token, &brand.name) || !brand.ordinary && is_misspelt(token, &brand.name))
            || self.is_name_and_words(label, &brand.name, brand.ordinary)
            || self.is_name_glued_to_a_word(label, &brand.name)
    }

    fn is_name_and_words(&self, label: &str, name: &str, ordinary: bool) -> bool {
        if label.len() <= name.len() {
            return false;
        }
        let Some((before, after)) = around(label, name) else { return false };
        let mut beside = before.split('-').chain(after.split('-')).filter(|word| !word.is_empty());
        match ordinary {
            true => beside.any(|word| self.words.iter().any(|lure| lure == word)),
            false => beside.next().is_some(),
        }
    }

    /// `paypallogin`, `securechase`.
    fn is_name_glued_to_a_word(&self, label: &str, name: &str) -> bool {
        // `billing` is no bank.
        if self.words.iter().any(|lure| lure == label) {
            return false;
        }
        let beside = label.strip_prefix(name).or_else(|| label.strip_suffix(name));
        beside.is_some_and(|beside| self.words.iter().any(|lure| lure == beside.trim_matches('-')))
    }
}

/// What stands before and after a name that is whole words of a label: `my-`, `-pay` of `my-royal-mail-pay`.
fn around<'l>(label: &'l str, name: &str) -> Option<(&'l str, &'l str)> {
    let (before, after) = label.split_once(name)?;
    let is_whole =
        (before.is_empty() || before.ends_with('-')) && (after.is_empty() || after.starts_with('-'));
    is_whole.then_some((before, after))
}

/// The part of a host that somebody registered, as far as its form tells: the last two labels, or three in `co.uk`.
fn registered(host: &str) -> &str {
    const SECOND: [&str; 7] = ["ac", "co", "com", "edu", "gov", "net", "org"];
    let mut dots = host.rmatch_indices('.').map(|(at, _)| at);
    let (last, second, third) = (dots.next(), dots.next(), dots.next());
    let is_country = last.is_some_and(|last| host.len() - last == 3);
    let middle = second.zip(last).and_then(|(second, last)| host.get(second + 1..last)).unwrap_or_default();
    let from = if is_country && SECOND.contains(&middle) { third } else { second };
    from.map_or(host, |dot| host.get(dot + 1..).unwrap_or(host))
}

/// Is a token another writing of a name: `paypa1`, `rnicrosoft`?
fn looks_like(token: &str, name: &str) -> bool {
    let may = || token.contains("rn") || token.contains("vv") || token.bytes().any(|b| b.is_ascii_digit());
    token != name
        && (name.len()..name.len() + 4).contains(&token.len())
        && may()
        && [('1', 'l'), ('1', 'i')].iter().any(|(digit, letter)| {
            let plain: String = token
                .chars()
                .map(|c| match c {
                    '0' => 'o',
                    '3' => 'e',
                    '4' => 'a',
                    '5' => 's',
                    c if c == *digit => *letter,
                    c => c,
                })
                .collect();
            plain == name || plain.replace("rn", "m").replace("vv", "w") == name
        })
}

/// Is a token a long name with one letter too few, too many, or another one: `netflx`?
fn is_misspelt(token: &str, name: &str) -> bool {
    /// Shorter names are too near to other words.
    const SHORTEST: usize = 7;
    if token == name || name.len() < SHORTEST || token.len().abs_diff(name.len()) > 1 {
        return false;
    }
    let same = token.bytes().zip(name.bytes()).take_while(|(a, b)| a == b).count();
    let rest = |word: &str, skip: usize| word.as_bytes().get(same + skip..).unwrap_or_default().to_vec();
    rest(token, 1) == rest(name, 1) || rest(token, 1) == rest(name, 0) || rest(token, 0) == rest(name, 1)
}

/// The words that may stand beside a brand before the colon: `alert`, `security`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Titles {
    words: Vec<String>,
}

impl Titles {
    pub(super) fn len(&self) -> usize {
        self.words.len()
    }

    /// The brand from which a text claims to be: `Netflix: …`, `Amazon Security alert: …`.
    pub(super) fn sender<'b>(&self, text: &str, words: &Words, brands: &'b [Brand]) -> Option<&'b Brand> {
        const MOST: usize = 5;
        let colon = text.char_indices().take(64).find(|(_, c)| *c == ':').map(|(at, _)| at)?;
        let before: Vec<&str> = words
            .iter()
            .take_while(|word| word.place.end <= colon)
            .take(MOST + 1)
            .map(|word| words.key(word))
            .collect();
        if before.is_empty() || before.len() > MOST {
            return None;
        }
        brands.iter().find(|brand| {
            let names = std::iter::once(&brand.name).chain(&brand.spoken);
            names.into_iter().any(|name| self.is_name_and_titles(&before, name))
        })
    }

    fn is_name_and_titles(&self, before: &[&str], name: &str) -> bool {
        let mut rest = before.iter();
        name.split(' ').all(|part| rest.next().is_some_and(|word| *word == part))
            && rest.all(|word| self.words.iter().any(|title| title == word))
    }
}

impl Brand {
    /// Does one of the links lead elsewhere?
    pub(super) fn is_left_by<'l>(&self, links: &'l [Link]) -> Option<&'l Link> {
        links.iter().find(|link| !self.owns(&link.host))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn imitates(host: &str) -> bool {
        let brand = |name: &str, domain: &str, ordinary| Brand {
            name: name.to_owned(),
            spoken: Vec::new(),
            domains: vec![domain.to_owned()],
            ordinary,
        };
        let brands = [
            brand("paypal", "paypal.com", false),
            brand("microsoft", "microsoft.com", false),
            brand("amazon", "amazon.*", false),
            brand("chase", "chase.com", true),
        ];
        let lures =
            Lures { words: vec!["login".to_owned(), "secure".to_owned()], endings: vec!["top".to_owned()] };
        lures.imitates(&Link { host: host.to_owned(), place: 0..0, user_info: false }, &brands)
    }

    #[test]
    fn tells_a_lure_from_the_brand_and_from_others() {
        for host in [
            "paypa1.com",
            "paypal-help.com",
            "paypal.com.other.example",
            "paypallogin.com",
            "rnicrosoft.com",
            "m1crosoft.com",
            "amaz0n-refund.com",
            "paypal.top",
            "chase-login.com",
            "secure-chase.example",
            "paypal.other.co.uk",
        ] {
            assert!(imitates(host), "{host}");
        }
        for host in [
            "paypal.com",
            "www.paypal.com",
            "amazon.co.uk",
            "amazon.de",
            "pay.amazon.com",
            "chaseplumbing.example",
            "chase.example",
            "purchase-login.com",
            "chase-family.example",
            "example.com",
            "repaypals.com",
            "microsystem.com",
        ] {
            assert!(!imitates(host), "{host}");
        }
    }

    #[test]
    fn registered_domains() {
        assert_eq!(registered("a.b.example.co.uk"), "example.co.uk");
        assert_eq!(registered("a.b.example.com"), "example.com");
        assert_eq!(registered("localhost"), "localhost");
    }
}
