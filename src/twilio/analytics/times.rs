//! Percentiles of seconds in a fixed space: counts in buckets whose bounds grow by 2 %.

use std::collections::BTreeMap;

use serde::Serialize;

/// The ratio of the bounds of a bucket. Its middle is at most 1 % away from every time in it.
const RATIO: f64 = 1.02;
/// Up to here each second is a bucket of its own.
const EXACT: u64 = 60;

/// How long something took. Twilio's dates have whole seconds.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct TimeFigures {
    /// How many times were measured.
    pub count: u64,
    /// The mean.
    pub mean_seconds: f64,
    /// Half of them took so many seconds or less; accurate to 1 %.
    pub p50_seconds: f64,
    /// 95 % of them took so many seconds or less; accurate to 1 %.
    pub p95_seconds: f64,
    /// The longest.
    pub max_seconds: u64,
}

/// Counts of times. A year has 724 buckets.
#[derive(Debug, Default)]
pub(super) struct Times {
    buckets: BTreeMap<u32, u64>,
    count: u64,
    sum: u64,
    max: u64,
}

impl Times {
    pub(super) fn add(&mut self, seconds: u64) {
        *self.buckets.entry(bucket(seconds)).or_default() += 1;
        self.count += 1;
        self.sum = self.sum.saturating_add(seconds);
        self.max = self.max.max(seconds);
    }

    /// Returns the figures; `None` where nothing was measured.
    pub(super) fn figures(&self) -> Option<TimeFigures> {
        (self.count > 0).then(|| TimeFigures {
            count: self.count,
            mean_seconds: (self.sum as f64 / self.count as f64 * 10.0).round() / 10.0,
            p50_seconds: self.percentile(50),
            p95_seconds: self.percentile(95),
            max_seconds: self.max,
        })
    }

    /// The seconds that so many per cent did not exceed, by the nearest rank.
    fn percentile(&self, percent: u64) -> f64 {
        let rank = (u128::from(self.count) * u128::from(percent)).div_ceil(100);
        let mut seen = 0;
        let found = self.buckets.iter().find(|(_, count)| {
            seen += u128::from(**count);
            seen >= rank
        });
        let bucket = found.map_or(0, |(bucket, _)| *bucket);
        // No percentile is beyond the longest time.
        middle(bucket).min(self.max as f64)
    }
}

fn bucket(seconds: u64) -> u32 {
    if seconds <= EXACT {
        return u32::try_from(seconds).unwrap_or(u32::MAX);
    }
    let over = (seconds as f64 / EXACT as f64).ln() / RATIO.ln();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 2,033")]
    let over = over.floor() as u32;
    EXACT as u32 + 1 + over
}

/// The middle of a bucket, so that the error is the same on both sides.
fn middle(bucket: u32) -> f64 {
    match bucket.checked_sub(EXACT as u32 + 1) {
        None => f64::from(bucket),
        Some(over) => (EXACT as f64 * RATIO.powf(f64::from(over)) * 2.0 * RATIO / (1.0 + RATIO)).round(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn nothing_measured_has_no_figures_and_seconds_are_exact() {
        let mut times = Times::default();
        assert_eq!(times.figures(), None);
        [1, 2, 3, 60].into_iter().for_each(|seconds| times.add(seconds));
        let figures = times.figures().unwrap();
        assert_eq!((figures.p50_seconds, figures.p95_seconds, figures.mean_seconds), (2.0, 60.0, 16.5));
        assert_eq!((figures.count, figures.max_seconds), (4, 60));
        times.add(u64::MAX);
        assert_eq!(times.figures().unwrap().max_seconds, u64::MAX);
    }

    proptest! {
        #[test]
        fn percentiles_are_accurate_to_one_per_cent(
            all in prop::collection::vec(prop_oneof![0..200_u64, 0..100_000_u64, 0..40_000_000_u64], 1..200)
        ) {
            let mut times = Times::default();
            all.iter().for_each(|time| times.add(*time));
            let mut sorted = all;
            sorted.sort_unstable();
            let figures = times.figures().unwrap();
            for (percent, told) in [(50, figures.p50_seconds), (95, figures.p95_seconds)] {
                let exact = sorted[(sorted.len() * percent).div_ceil(100) - 1] as f64;
                // Half a second of rounding.
                prop_assert!((told - exact).abs() <= exact * 0.0101 + 0.5, "{percent} %: {told}, and not {exact}");
            }
        }
    }
}
