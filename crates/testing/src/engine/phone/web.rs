//! What a live call tells a webhook, and which URL a document means.

use super::{Flow, Phone};
use crate::engine::callbacks::Listener;
use crate::engine::hook::{Params, Trouble, resolve};
use crate::engine::tenant::Tenant;
use crate::engine::twiml::Verb;

pub(super) const BAD_URL: u32 = 11100;

/// Owns the keys of some pairs.
pub(super) fn pairs<const N: usize>(pairs: [(&str, String); N]) -> Params {
    pairs.map(|(key, value)| (key.to_owned(), value)).to_vec()
}

impl Phone {
    /// Resolves a URL of the document.
    pub(super) fn url(&self, url: &str) -> Result<String, Trouble> {
        resolve(self.base.as_deref(), url).ok_or_else(|| {
            let why = match self.base {
                Some(_) => "a URL in the document is not valid",
                None => "the document has no URL of its own, so it needs whole URLs, in each action too",
            };
            Trouble::new(BAD_URL, why)
        })
    }

    /// Goes to a URL of the document with a method.
    pub(super) fn ask(&self, url: &str, get: bool, extra: Params) -> Result<Flow, Trouble> {
        Ok(Flow::Ask(Listener { url: self.url(url)?, get }, extra))
    }

    /// Goes to the action of a verb, or to the document itself.
    pub(super) fn act(&self, verb: &Verb, extra: Params) -> Result<Flow, Trouble> {
        self.ask(verb.get("action").unwrap_or_default(), verb.is_get("method"), extra)
    }

    /// Goes to the action of a verb, or on without one.
    pub(super) fn act_if_given(&self, verb: &Verb, extra: Params) -> Result<Flow, Trouble> {
        if verb.get("action").is_some() { self.act(verb, extra) } else { Ok(Flow::Next) }
    }

    /// The listener that an attribute names.
    pub(super) fn listener(&self, verb: &Verb, url: &str, method: &str) -> Result<Option<Listener>, Trouble> {
        let listener = |url| Ok(Listener { url: self.url(url)?, get: verb.is_get(method) });
        verb.get(url).map(listener).transpose()
    }
}

impl Tenant {
    /// The parameters of every request for a document.
    pub(super) fn web_params(&self, sid: &str, extra: &Params) -> Params {
        let Some(call) = self.calls.get(sid) else { return extra.clone() };
        let mut params = call.web_params(sid, &self.account.sid);
        params.retain(|(key, _)| !extra.iter().any(|(own, _)| own == key));
        params.extend(extra.iter().cloned());
        params
    }
}
