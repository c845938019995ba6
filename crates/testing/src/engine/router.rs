//! Which handler answers which path. A new resource is a file of its own and one line in [`RESOURCES`].

use std::borrow::Cow;

use http::{Method, header};
use serde_json::Value;

use super::error::{Answer, Refusal};
use super::exchange::FakeRequest;
use super::form::Pairs;
use super::{
    Engine, account, alerts, available_numbers, calls, content, incoming_numbers, lookups, media, messages,
    messaging_services, pricing, recordings, transcriptions, usage, verifications, verify_services,
};

/// The routes of every resource.
const RESOURCES: &[&[Route]] = &[
    account::ROUTES,
    messages::ROUTES,
    media::ROUTES,
    calls::ROUTES,
    recordings::ROUTES,
    transcriptions::ROUTES,
    available_numbers::ROUTES,
    incoming_numbers::ROUTES,
    messaging_services::ROUTES,
    verify_services::ROUTES,
    verifications::ROUTES,
    lookups::ROUTES,
    content::ROUTES,
    usage::ROUTES,
    pricing::ROUTES,
    alerts::ROUTES,
];

/// One method on one path.
#[derive(Debug, Clone)]
pub(super) struct Route {
    pub(super) method: Method,
    /// Segments; `{Name}` stands for any one segment, with what must come behind it: `{Sid}.json`. `{Name}*` takes dots
    /// too: an e-mail address.
    pub(super) path: &'static str,
    pub(super) access: Access,
    pub(super) handler: fn(&mut Engine, &Asked<'_>) -> Answer,
}

/// Who may ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// The account and its API keys.
    Key,
    /// The account only.
    Account,
    /// Anybody: storage behind a redirect. No part of the API, so no fault strikes it.
    Open,
}

/// A request with what its route and its pairs say.
pub(super) struct Asked<'a> {
    pub(super) request: &'a FakeRequest,
    pub(super) query: Pairs,
    pub(super) form: Pairs,
    names: Vec<(&'static str, String)>,
}

impl<'a> Asked<'a> {
    pub(super) fn new(request: &'a FakeRequest, names: Vec<(&'static str, String)>) -> Self {
        let query = Pairs::decode(request.query.as_bytes());
        Self { request, query, form: form(request), names }
    }

    /// Reads a body of JSON, under its content type.
    pub(super) fn json(&self) -> Option<Value> {
        let content_type = self.request.header(header::CONTENT_TYPE).unwrap_or_default();
        let json = content_type.starts_with("application/json");
        json.then(|| serde_json::from_slice(&self.request.body).ok()).flatten()
    }

    /// The refusal of a path that leads to nothing.
    pub(super) fn not_found(&self) -> Refusal {
        Refusal::not_found(&self.request.path)
    }

    /// The URL of the request without its query, as the younger products give it of a resource.
    pub(super) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.request.base)
    }

    /// Returns what stood in the path for `{name}`, or nothing.
    pub(super) fn name(&self, name: &str) -> &str {
        self.names.iter().find(|(n, _)| *n == name).map_or("", |(_, value)| value)
    }
}

/// A body counts only under the content type of a form, as at Twilio.
fn form(request: &FakeRequest) -> Pairs {
    let content_type = request.header(header::CONTENT_TYPE).unwrap_or_default();
    if content_type.starts_with("application/x-www-form-urlencoded") {
        Pairs::decode(&request.body)
    } else {
        Pairs::default()
    }
}

/// What was found at a path.
#[derive(Debug)]
pub(super) enum Found {
    Route(&'static Route, Vec<(&'static str, String)>),
    WrongMethod,
    Nothing,
}

/// Finds the route of a request.
pub(super) fn find(request: &FakeRequest) -> Found {
    let mut found = Found::Nothing;
    for route in RESOURCES.iter().copied().flatten() {
        let Some(names) = matched(route.path, &request.path) else { continue };
        if route.method == request.method {
            return Found::Route(route, names);
        }
        found = Found::WrongMethod;
    }
    found
}

fn matched(pattern: &'static str, path: &str) -> Option<Vec<(&'static str, String)>> {
    let mut names = Vec::new();
    let (mut wanted, mut given) = (pattern.split('/'), path.split('/'));
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return Some(names),
            (Some(wanted), Some(given)) => {
                match wanted.strip_prefix('{').and_then(|rest| rest.split_once('}')) {
                    Some((name, suffix)) => names.push((name, segment(given, suffix)?)),
                    None if wanted == given => {}
                    None => return None,
                }
            }
            _ => return None,
        }
    }
}

/// Decodes a segment and takes its suffix off. Without a suffix nothing with a dot is taken.
fn segment(given: &str, suffix: &str) -> Option<String> {
    let value = given.strip_suffix(suffix.trim_end_matches('*')).filter(|value| !value.is_empty())?;
    if suffix.is_empty() && value.contains('.') {
        return None;
    }
    // In a path these stand for themselves.
    let pair = value.replace('+', "%2B").replace('=', "%3D").replace('&', "%26");
    url::form_urlencoded::parse(pair.as_bytes()).next().map(|(value, _)| Cow::into_owned(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_are_matched_whole() {
        let names =
            |pattern, path| matched(pattern, path).map(|n| n.into_iter().map(|(_, v)| v).collect::<Vec<_>>());
        assert_eq!(names("/A/{X}.json", "/A/b.json"), Some(vec!["b".to_owned()]));
        assert_eq!(names("/A/{X}/B.json", "/A/%2B1+2/B.json"), Some(vec!["+1+2".to_owned()]));
        assert_eq!(names("/A/{X}*", "/A/a@b.c"), Some(vec!["a@b.c".to_owned()]));
        for (pattern, path) in [
            ("/A/{X}.json", "/A/b"),
            ("/A/{X}.json", "/A/.json"),
            ("/A/{X}", "/A/b.json"),
            ("/A/{X}", "/A/b/"),
            ("/A", "/A/b"),
            ("/A", "/a"),
            ("/A/{X}*", "/A/"),
        ] {
            assert_eq!(names(pattern, path), None, "{pattern} {path}");
        }
    }
}
