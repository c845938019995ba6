//! The decoded pairs of a query or a form.

use url::form_urlencoded;

/// Pairs in the order of the request.
#[derive(Default)]
pub(super) struct Pairs(Vec<(String, String)>);

impl Pairs {
    /// Decodes `a=1&b=2`.
    pub(super) fn decode(raw: &[u8]) -> Self {
        Self(form_urlencoded::parse(raw).into_owned().collect())
    }

    /// Wraps pairs that are already decoded.
    pub(super) fn of(pairs: Vec<(String, String)>) -> Self {
        Self(pairs)
    }

    /// Returns the first value of a key, even an empty one.
    pub(super) fn given(&self, key: &str) -> Option<&str> {
        self.0.iter().find(|(k, _)| k == key).map(|(_, v)| v.as_str())
    }

    /// Returns the first value of a key that is not empty.
    pub(super) fn get(&self, key: &str) -> Option<&str> {
        self.0.iter().find(|(k, v)| k == key && !v.is_empty()).map(|(_, v)| v.as_str())
    }

    /// Returns the first value of a key that is not empty, owned.
    pub(super) fn owned(&self, key: &str) -> Option<String> {
        self.get(key).map(str::to_owned)
    }

    /// Returns every value of a key that is not empty.
    pub(super) fn all<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(k, v)| k == key && !v.is_empty()).map(|(_, v)| v.as_str())
    }

    /// Returns only the pairs of these keys.
    pub(super) fn only(&self, keys: &[&str]) -> Self {
        Self(self.0.iter().filter(|(k, _)| keys.contains(&k.as_str())).cloned().collect())
    }

    /// Returns whether the value is `true`.
    pub(super) fn flag(&self, key: &str) -> bool {
        self.get(key).is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    /// Returns whether the method is `GET`.
    pub(super) fn is_get(&self, key: &str) -> bool {
        self.get(key).is_some_and(|method| method.eq_ignore_ascii_case("GET"))
    }

    /// Encodes the pairs without some keys, and adds other pairs at the end.
    pub(super) fn encode_with(&self, without: &[&str], with: &[(&str, &str)]) -> String {
        let kept = self.0.iter().map(|(k, v)| (k.as_str(), v.as_str()));
        let kept = kept.filter(|(k, _)| !without.contains(k));
        form_urlencoded::Serializer::new(String::new())
            .extend_pairs(kept.chain(with.iter().copied()))
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_decoded_in_order() {
        let pairs = Pairs::decode(b"MediaUrl=a&Body=&MediaUrl=b%26c&DateSent%3E=2026-01-05&To=%2B1");
        assert_eq!(pairs.all("MediaUrl").collect::<Vec<_>>(), ["a", "b&c"]);
        assert_eq!((pairs.given("Body"), pairs.get("Body")), (Some(""), None));
        assert_eq!(pairs.get("DateSent>"), Some("2026-01-05"));
        assert_eq!(
            pairs.encode_with(&["MediaUrl", "Body"], &[("Page", "1")]),
            "DateSent%3E=2026-01-05&To=%2B1&Page=1"
        );
    }
}
