//! Percentiles of times in a fixed space: counts in buckets whose bounds grow by 2 %.

use std::collections::BTreeMap;

use super::figures::TimeFigures;
use crate::timing::Micros;

/// The ratio of the bounds of a bucket. Its middle is at most 1 % away from every time in it.
const RATIO: f64 = 1.02;
/// Times below a millisecond are one bucket.
const LEAST: f64 = 1_000.0;

/// Counts of times. From a millisecond to a year there are 1,222 buckets.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Times {
    buckets: BTreeMap<u16, u64>,
    count: u64,
}

impl Times {
    pub(super) fn add(&mut self, time: Micros) {
        let time = (time.max(0) as f64).max(LEAST);
        let bucket = ((time / LEAST).ln() / RATIO.ln()).floor();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 1,800")]
        let bucket = bucket as u16;
        *self.buckets.entry(bucket).or_default() += 1;
        self.count += 1;
    }

    pub(super) fn figures(&self) -> Option<TimeFigures> {
        (self.count > 0).then(|| TimeFigures::new(self.count, self.percentile(50), self.percentile(95)))
    }

    /// The time, in seconds, that so many per cent did not exceed, by the nearest rank.
    fn percentile(&self, percent: u64) -> f64 {
        let rank = (u128::from(self.count) * u128::from(percent)).div_ceil(100);
        let mut seen = 0;
        let bucket = self.buckets.iter().find(|(_, count)| {
            seen += u128::from(**count);
            seen >= rank
        });
        let bucket = bucket.map_or(0, |(bucket, _)| *bucket);
        // The middle, so that the error is the same on both sides; to a millisecond.
        let time = LEAST * RATIO.powf(f64::from(bucket)) * 2.0 * RATIO / (1.0 + RATIO);
        (time / 1_000.0).round() / 1_000.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn no_time_has_no_percentile_and_one_has_itself() {
        let mut times = Times::default();
        assert_eq!(times.figures(), None);
        times.add(4_000_000);
        let figures = times.figures().unwrap();
        assert_eq!((figures.count, figures.p50_seconds == figures.p95_seconds), (1, true));
        assert!((figures.p50_seconds - 4.0).abs() <= 0.04, "{figures:?}");
    }

    proptest! {
        #[test]
        fn percentiles_are_accurate_to_one_per_cent(
            all in prop::collection::vec(prop_oneof![-5..2_000_i64, 0..90_000_000_i64, 0..31_536_000_000_000_i64], 1..200)
        ) {
            let mut times = Times::default();
            all.iter().for_each(|time| times.add(*time));
            let mut sorted = all;
            sorted.sort_unstable();
            let figures = times.figures().unwrap();
            for (percent, told) in [(50, figures.p50_seconds), (95, figures.p95_seconds)] {
                let exact = sorted[(sorted.len() * percent).div_ceil(100) - 1] as f64 / 1e6;
                // Half a millisecond of rounding, and what is below a millisecond.
                let error = (told - exact).abs();
                prop_assert!(error <= exact * 0.0101 + 0.0016, "{percent} %: {told}, and not {exact}");
            }
        }
    }
}
