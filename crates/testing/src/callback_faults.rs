//! Faults of status callbacks: they are lost, sent several times, or in another order.

use fastrand::Rng;

use super::engine::Callback;

/// How often each callback is sent, which are lost, and whether their order is shuffled.
#[derive(Debug)]
pub(super) struct CallbackFaults {
    times: usize,
    order: Option<Rng>,
    /// The percentage of callbacks that are lost, and what decides which.
    lost: (u8, Rng),
}

impl Default for CallbackFaults {
    fn default() -> Self {
        Self { times: 1, order: None, lost: (0, Rng::with_seed(0)) }
    }
}

impl CallbackFaults {
    pub(super) fn repeat(&mut self, times: usize) {
        self.times = times.max(1);
    }

    pub(super) fn shuffle(&mut self, seed: u64) {
        self.order = Some(Rng::with_seed(seed));
    }

    pub(super) fn lose(&mut self, per_cent: u8) {
        self.lost.0 = per_cent;
    }

    /// Loses, repeats and shuffles callbacks that are due at the same time. A repeated callback keeps its idempotency
    /// token.
    pub(super) fn apply(&mut self, mut callbacks: Vec<Callback>) -> Vec<Callback> {
        let (per_cent, random) = &mut self.lost;
        if *per_cent > 0 {
            callbacks.retain(|_| random.u8(..100) >= *per_cent);
        }
        let repeated = callbacks.into_iter().flat_map(|callback| std::iter::repeat_n(callback, self.times));
        let mut numbered: Vec<(usize, Callback)> = repeated.enumerate().collect();
        if let Some(order) = &mut self.order {
            order.shuffle(&mut numbered);
            // A shuffle can keep the order by chance, and then the test would not test another order.
            if numbered.iter().map(|(position, _)| position).is_sorted() && numbered.len() > 1 {
                numbered.reverse();
            }
        }
        numbered.into_iter().map(|(_, callback)| callback).collect()
    }
}
