//! What of a form is signed: every key in byte order, each with its values.

/// Appends the pairs as they are signed: sorted by key, of a repeated key each different value once, sorted too.
///
/// Keys are compared alone: a key that begins another comes before it, whatever their values are.
pub(super) fn signed<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<u8> {
    let mut length = 0;
    let mut sorted: Vec<Pair<'a>> = pairs
        .map(|(key, value)| {
            length += key.len() + value.len();
            Pair { start: start(key), key, value }
        })
        .collect();
    sorted.sort_unstable();
    sorted.dedup();
    let mut out = Vec::with_capacity(length);
    for pair in &sorted {
        out.extend_from_slice(pair.key.as_bytes());
        out.extend_from_slice(pair.value.as_bytes());
    }
    out
}

/// Fields are compared in this order; the first decides nearly always, without looking at a text.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Pair<'a> {
    start: u64,
    key: &'a str,
    value: &'a str,
}

/// The first eight bytes as a number that orders as they do. Filled up with zeros, so a text comes before a longer one
/// that begins with it; texts with zeros in them are told apart by what follows.
fn start(key: &str) -> u64 {
    let mut bytes = [0; 8];
    for (to, from) in bytes.iter_mut().zip(key.bytes()) {
        *to = from;
    }
    u64::from_be_bytes(bytes)
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn keys_decide_before_values() {
        let pairs = [("ReasonEnded", "a"), ("Reason", "Z"), ("reason", ""), ("Reason", "A"), ("Reason", "Z")];
        assert_eq!(signed(pairs.into_iter()), b"ReasonAReasonZReasonEndedareason");
    }

    proptest! {
        #[test]
        fn it_is_the_order_of_the_bytes(pairs in proptest::collection::vec(("[a-c\0]{0,10}", "[a-c]{0,2}"), 0..12)) {
            let mut expected = BTreeMap::<&[u8], BTreeSet<&[u8]>>::new();
            for (key, value) in &pairs {
                expected.entry(key.as_bytes()).or_default().insert(value.as_bytes());
            }
            let expected: Vec<u8> = expected
                .into_iter()
                .flat_map(|(key, values)| values.into_iter().flat_map(move |value| [key, value].concat()))
                .collect();
            prop_assert_eq!(signed(pairs.iter().map(|(key, value)| (key.as_str(), value.as_str()))), expected);
        }
    }
}
