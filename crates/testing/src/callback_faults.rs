//! Callbacks as the worst network brings them: twice, and in the wrong order.

use fastrand::Rng;

use super::engine::Callback;

/// How often a callback comes, and whether it keeps its place.
#[derive(Debug)]
pub(super) struct CallbackFaults {
    times: usize,
    order: Option<Rng>,
}

impl Default for CallbackFaults {
    fn default() -> Self {
        Self { times: 1, order: None }
    }
}

impl CallbackFaults {
    pub(super) fn repeat(&mut self, times: usize) {
        self.times = times.max(1);
    }

    pub(super) fn shuffle(&mut self, seed: u64) {
        self.order = Some(Rng::with_seed(seed));
    }

    /// Repeats and mixes up what came about together. A repeated callback keeps its token.
    pub(super) fn apply(&mut self, callbacks: Vec<Callback>) -> Vec<Callback> {
        let repeated = callbacks.into_iter().flat_map(|callback| std::iter::repeat_n(callback, self.times));
        let mut numbered: Vec<(usize, Callback)> = repeated.enumerate().collect();
        if let Some(order) = &mut self.order {
            order.shuffle(&mut numbered);
            // Chance may leave all in their order, and then a test would prove nothing.
            if numbered.iter().map(|(place, _)| place).is_sorted() && numbered.len() > 1 {
                numbered.reverse();
            }
        }
        numbered.into_iter().map(|(_, callback)| callback).collect()
    }
}
