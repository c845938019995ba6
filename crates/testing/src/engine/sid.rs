//! SIDs and tokens that look random but are generated from a seed.

/// Generates unique numbers of 32 hexadecimal digits.
#[derive(Debug)]
pub(super) struct Sids {
    count: u64,
    /// The upper 48 bits of the seed. The lower 16 bits are in the count.
    seed: u64,
}

impl Sids {
    /// Begins the sequence of one account of one fake. It is the same in every run for the same two numbers.
    pub(super) const fn new(seed: u64, account: u64) -> Self {
        Self { count: (seed << 48) | ((account & 0xffff) << 32), seed: seed >> 16 }
    }

    /// Makes the next SID with this prefix.
    pub(super) fn next(&mut self, prefix: &str) -> String {
        format!("{prefix}{}", self.token())
    }

    /// Makes the next 32 digits. The first half alone never repeats: `mix` is a bijection.
    pub(super) fn token(&mut self) -> String {
        self.count += 1;
        let first = mix(self.count);
        format!("{first:016x}{:016x}", mix(first ^ 0x7477_696c_696f ^ self.seed))
    }
}

/// Returns whether this is a SID with one of the given prefixes.
pub(crate) fn is_sid(text: &str, prefixes: &[&str]) -> bool {
    prefixes
        .iter()
        .filter_map(|prefix| text.strip_prefix(prefix))
        .any(|rest| rest.len() == 32 && rest.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// Hashes a number: the finaliser of `SplitMix64`, <https://doi.org/10.1145/2714064.2660195>.
pub(super) fn mix(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sids_have_their_shape_repeat_in_every_run_and_never_in_one() {
        let make = || {
            let (mut one, mut other) = (Sids::new(0, 0), Sids::new(1, 7));
            (0..5000).map(|n| if n % 2 == 0 { one.next("SM") } else { other.next("SM") }).collect::<Vec<_>>()
        };
        let (first, second) = (make(), make());
        assert_eq!(first, second);
        assert!(first.iter().all(|sid| is_sid(sid, &["SM"]) && !is_sid(sid, &["CA"])));
        assert_eq!(first.iter().collect::<std::collections::BTreeSet<_>>().len(), 5000);
    }

    #[test]
    fn every_bit_of_a_seed_counts() {
        let sids: std::collections::BTreeSet<_> =
            (0..64).map(|bit| Sids::new(1 << bit, 0).next("SM")).collect();
        assert_eq!(sids.len(), 64);
    }
}
