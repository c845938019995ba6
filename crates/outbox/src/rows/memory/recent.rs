//! What was sent recently, in the reference model: one entry for each message and rule.

use super::Model;
use crate::policy::{Count, Counter, Exceeded, Limit, person};
use crate::rows::{NewMessage, Tick};
use crate::timing::Micros;

impl Model {
    /// What a message counts for, unless it is beyond a limit.
    pub(super) fn count(&self, tick: &Tick, new: &NewMessage) -> Result<Vec<Count>, Exceeded> {
        if new.emergency.is_some() {
            return Ok(Vec::new());
        }
        let limits = tick.policy.limits(&new.sending(), tick.begin_by);
        let mut later = None;
        for limit in &limits {
            let Some(until) = self.free_at(limit, tick.at) else { continue };
            match (limit.exceeded(until), &later) {
                (Exceeded::Never(because), _) => return Err(Exceeded::Never(because)),
                (_, Some((before, _))) if *before >= until => {}
                (exceeded, _) => later = Some((until, exceeded)),
            }
        }
        match later {
            Some((_, exceeded)) => Err(exceeded),
            None => Ok(limits.into_iter().map(Limit::count).collect()),
        }
    }

    /// When fewer messages count than the limit; `None` if that is now.
    fn free_at(&self, limit: &Limit<'_>, at: Micros) -> Option<Micros> {
        let most = usize::try_from(limit.most()).unwrap();
        let mut untils = self.untils(&limit.counter, at);
        untils.sort_unstable_by(|one, two| two.cmp(one));
        untils.get(most - 1).copied()
    }

    /// When the messages of a counter count no longer.
    pub(super) fn untils(&self, counter: &Counter, at: Micros) -> Vec<Micros> {
        let of = self.recent.iter().filter(|count| count.counter == *counter && count.until > at);
        of.map(|count| count.until).collect()
    }

    pub(super) fn give_back_counts(&mut self, counts: &[Count]) {
        for count in counts {
            if let Some(place) = self.recent.iter().position(|one| one == count) {
                self.recent.remove(place);
            }
        }
    }

    pub(super) fn forget_counts(&mut self, recipient: &str, scope: Option<&str>) {
        let who = person(recipient);
        self.recent.retain(|count| {
            count.counter.who != who || scope.is_some_and(|scope| count.counter.scope != scope)
        });
    }
}
