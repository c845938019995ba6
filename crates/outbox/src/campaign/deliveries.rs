//! When the messages of a campaign arrived, for a chart.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;

use super::Campaign;
use crate::error::OutboxError;
use crate::message::timestamp;
use crate::rows::history::Select;
use crate::timing::Micros;

/// Stored messages that one page covers.
const PAGE: u32 = 2_000;
/// A chart has at most so many buckets.
const MAX_BUCKETS: i64 = 2_000;
const SECOND: Micros = 1_000_000;

/// How many messages of a campaign arrived when. See [`Campaign::deliveries`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct DeliveryChart {
    /// The width of each bucket: the one that was asked for, or 2, 4, 8 … times as much.
    pub width: Duration,
    /// The buckets, oldest first and without gaps, from the first to the last one with a message.
    pub buckets: Vec<Deliveries>,
}

/// The messages that reached their final delivery status in one span of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Deliveries {
    /// When the span begins: a multiple of its width since 1970, UTC.
    pub at: Timestamp,
    /// How many arrived.
    pub delivered: u64,
    /// How many surely did not arrive after the provider had taken them.
    pub undelivered: u64,
}

impl Campaign {
    /// Counts when its messages reached their final delivery status, by the time of
    /// [`Message::ended`](crate::Message::ended), in buckets of this width, in whole seconds. If that would be more
    /// than 2,000 buckets, they are twice as wide, or four times, and so on.
    ///
    /// Messages that the provider did not take, and those whose delivery is not known, are in no bucket. It reads
    /// all stored messages of the campaign in pages, and needs the same memory for any number of them.
    ///
    /// # Errors
    /// [`OutboxError::NotFound`] if there is no such campaign, [`OutboxError::Invalid`] if a bucket is shorter than a second.
    pub async fn deliveries(&self, bucket: Duration) -> Result<DeliveryChart, OutboxError> {
        let seconds = i64::try_from(bucket.as_secs()).unwrap_or(i64::MAX);
        if seconds < 1 {
            return Err(OutboxError::invalid("a bucket of a chart is at least a second wide"));
        }
        let (row, _) = self.find().await?;
        let mut buckets = Buckets::new(seconds.saturating_mul(SECOND));
        let mut select = Select {
            after: 0,
            since: Micros::MIN,
            until: Micros::MAX,
            tenant: None,
            campaign: Some(row.id),
            with_request: false,
            limit: PAGE,
        };
        loop {
            let page = self.outbox.rows().histories(select.clone()).await?;
            for row in &page.rows {
                if let (Some(at), Some(status)) = (row.delivered.done, &row.status) {
                    buckets.add(at, status.is_success());
                }
            }
            match page.next {
                Some(next) => select.after = next,
                None => return Ok(buckets.chart()),
            }
        }
    }
}

/// Counts of limited number: where they would be too many, neighbours are put together.
struct Buckets {
    width: Micros,
    /// By their place, how many were delivered and how many were not.
    counts: BTreeMap<i64, (u64, u64)>,
}

impl Buckets {
    const fn new(width: Micros) -> Self {
        Self { width, counts: BTreeMap::new() }
    }

    fn add(&mut self, at: Micros, delivered: bool) {
        let (yes, no) = self.counts.entry(at.div_euclid(self.width)).or_default();
        *(if delivered { yes } else { no }) += 1;
        while self.places().is_some_and(|(first, last)| last - first >= MAX_BUCKETS) {
            self.widen();
        }
    }

    /// The first and the last place.
    fn places(&self) -> Option<(i64, i64)> {
        Some((*self.counts.keys().next()?, *self.counts.keys().next_back()?))
    }

    fn widen(&mut self) {
        // Of buckets so wide that this overflows there are never many.
        self.width = self.width.saturating_mul(2);
        for (place, (yes, no)) in std::mem::take(&mut self.counts) {
            let sum = self.counts.entry(place.div_euclid(2)).or_default();
            *sum = (sum.0 + yes, sum.1 + no);
        }
    }

    fn chart(self) -> DeliveryChart {
        let width = Duration::from_micros(self.width.unsigned_abs());
        let bucket = |place: i64| {
            let (delivered, undelivered) = self.counts.get(&place).copied().unwrap_or_default();
            Deliveries { at: timestamp(place.saturating_mul(self.width)), delivered, undelivered }
        };
        let places = self.places().into_iter().flat_map(|(first, last)| first..=last);
        DeliveryChart { width, buckets: places.map(bucket).collect() }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn chart(width: Micros, all: &[(Micros, bool)]) -> DeliveryChart {
        let mut buckets = Buckets::new(width);
        all.iter().for_each(|(at, delivered)| buckets.add(*at, *delivered));
        buckets.chart()
    }

    #[test]
    fn a_chart_has_no_gaps_and_begins_at_a_multiple_of_its_width() {
        let at = |seconds: i64| 1_800_000_000_000_000 + seconds * SECOND;
        let chart = chart(60 * SECOND, &[(at(185), true), (at(59), false), (at(0), true), (at(-1), true)]);
        let counts: Vec<_> = chart.buckets.iter().map(|one| (one.delivered, one.undelivered)).collect();
        assert_eq!(counts, [(1, 0), (1, 1), (0, 0), (0, 0), (1, 0)]);
        assert_eq!(chart.buckets[1].at, timestamp(at(0)));
        assert_eq!(chart.width, Duration::from_secs(60));
        assert!(super::tests::chart(SECOND, &[]).buckets.is_empty());
    }

    #[test]
    fn two_thousand_buckets_are_kept_and_one_more_makes_them_twice_as_wide() {
        let full: Vec<_> = (0..2_000).map(|n| (n * SECOND, true)).collect();
        let chart = chart(SECOND, &full);
        assert_eq!((chart.width, chart.buckets.len()), (Duration::from_secs(1), 2_000));
        let more: Vec<_> = (0..2_001).map(|n| (n * SECOND, true)).collect();
        let chart = super::tests::chart(SECOND, &more);
        assert_eq!((chart.width, chart.buckets.len()), (Duration::from_secs(2), 1_001));
        assert_eq!(chart.buckets.first().unwrap().delivered, 2);
        assert_eq!(chart.buckets.last().unwrap().delivered, 1);
    }

    #[test]
    fn extreme_times_and_widths_do_no_harm() {
        for width in [SECOND, Micros::MAX] {
            for all in [[(Micros::MIN, true), (Micros::MAX, false)], [(Micros::MAX, true), (0, false)]] {
                let chart = chart(width, &all);
                let (yes, no) = chart
                    .buckets
                    .iter()
                    .fold((0, 0), |(yes, no), one| (yes + one.delivered, no + one.undelivered));
                assert_eq!((yes, no), (1, 1));
            }
        }
    }

    proptest! {
        #[test]
        fn each_message_is_in_the_bucket_of_its_time(
            all in prop::collection::vec((0..90_000_i64, any::<bool>()), 1..200),
            seconds in 1..100_i64,
        ) {
            let micros: Vec<_> = all.iter().map(|(at, delivered)| (at * SECOND, *delivered)).collect();
            let chart = chart(seconds * SECOND, &micros);
            let width = i64::try_from(chart.width.as_secs()).unwrap();
            prop_assert!(chart.buckets.len() <= 2_000);
            prop_assert!(width % seconds == 0 && (width / seconds).count_ones() == 1);
            for one in &chart.buckets {
                let at = one.at.as_second();
                let within = |wanted: bool| {
                    all.iter().filter(|(time, is)| *is == wanted && (at..at + width).contains(time)).count() as u64
                };
                prop_assert_eq!(at % width, 0);
                prop_assert_eq!((one.delivered, one.undelivered), (within(true), within(false)));
            }
            let counted: u64 = chart.buckets.iter().map(|one| one.delivered + one.undelivered).sum();
            prop_assert_eq!(counted, all.len() as u64);
        }
    }
}
