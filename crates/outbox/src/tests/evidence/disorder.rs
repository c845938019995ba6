//! What goes wrong: lost answers, late requests, late lists, callbacks out of order, and a clock that jumps.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use fastrand::Rng;
use switchboard_testing::{FakeTwilio, Fault};

use super::FASTER;
use crate::tests::clock::JumpingClock;

/// A time of production, as long as it is in this test.
fn scaled(seconds: u64) -> Duration {
    Duration::from_secs(seconds) / FASTER
}

pub(super) struct Disorder {
    random: Rng,
    fake: Arc<FakeTwilio>,
    began: Instant,
    /// The fault with the delay that is in use.
    late: Option<Fault>,
    /// During this time the provider's list stands still: it shows nothing new until the end.
    stuck: [Instant; 2],
    restart_at: Instant,
    clock: JumpingClock,
    jump_at: Instant,
    ended: bool,
    restarts: u32,
}

impl Disorder {
    /// `time`: how long the program sends.
    pub(super) fn new(seed: u64, fake: Arc<FakeTwilio>, clock: JumpingClock, time: Duration) -> Self {
        let now = Instant::now();
        // 1 % of the requests each, which is about 5 % together with the late ones.
        for fault in [Fault::cut(), Fault::cut_after(), Fault::status(503), Fault::status_after(500)] {
            fake.fail_rate(fault, 1);
        }
        fake.shuffle_callbacks(seed);
        fake.lose_callbacks(70);
        let stuck_from = now + time / 4;
        Self {
            random: Rng::with_seed(seed),
            fake,
            began: now,
            late: None,
            // For half an hour, which is longer than two reads of a proof are apart.
            stuck: [stuck_from, stuck_from + scaled(1_800)],
            restart_at: now + time / 3,
            clock,
            jump_at: now,
            ended: false,
            restarts: 0,
        }
    }

    /// Changes what goes wrong. To be called many times a second.
    pub(super) async fn step(&mut self) {
        let now = Instant::now();
        let [from, to] = self.stuck;
        let is_stuck = (from..to).contains(&now);
        let lag = if is_stuck { to - now } else { scaled(self.random.u64(0..=60)) };
        self.fake.set_list_lag(lag);
        if now >= self.jump_at && !self.ended {
            self.jump_at = now + Duration::from_millis(self.random.u64(1_000..4_000));
            // The clock of a process never goes back, so only a clock that is further ahead than before changes anything.
            // It matters most while a list stands still, and while a request is not carried out yet.
            let forward = is_stuck || self.random.u8(..4) > 0;
            self.clock.jump(scaled(3_600), forward).await;
        }
        if self.ended || self.random.u8(..10) > 0 {
            return;
        }
        self.fake.call_back_early(self.random.bool());
        self.fake.repeat_callbacks(self.random.usize(1..=2));
        // Requests are carried out up to twelve minutes after their answer was lost, and half of them nearly that late.
        let earliest = if self.random.bool() { 600 } else { 1 };
        let delay = scaled(self.random.u64(earliest..=720));
        let late = if self.random.bool() { Fault::cut_late(delay) } else { Fault::status_late(503, delay) };
        if let Some(before) = self.late.replace(late.clone()) {
            self.fake.fail_rate(before, 0);
        }
        self.fake.fail_rate(late, 1);
    }

    /// Is it time to end the worker without mercy?
    pub(super) fn restarts(&mut self) -> bool {
        let now = Instant::now();
        let due = now >= self.restart_at && !self.ended;
        if due {
            self.restarts += 1;
            self.restart_at = now + self.began.elapsed() / 2;
        }
        due
    }

    /// Everything is sent: requests work again, and the clock stays where it is.
    pub(super) fn end(&mut self) {
        self.ended = true;
        let faults = [Fault::cut(), Fault::cut_after(), Fault::status(503), Fault::status_after(500)];
        for fault in faults.into_iter().chain(self.late.take()) {
            self.fake.fail_rate(fault, 0);
        }
    }
}

impl fmt::Display for Disorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {} restarts", self.clock, self.restarts)
    }
}
