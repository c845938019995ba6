//! Finds the handler of a request by its path. A new resource is a new file in `api`, and one line in `api.rs`.

use std::borrow::Cow;

use super::api::RESOURCES;
use super::route::Route;
use super::wire::FakeRequest;

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

/// Decodes a segment without its suffix. A pattern without a suffix does not match segments with a dot.
fn segment(given: &str, suffix: &str) -> Option<String> {
    let value = given.strip_suffix(suffix.trim_end_matches('*')).filter(|value| !value.is_empty())?;
    if suffix.is_empty() && value.contains('.') {
        return None;
    }
    // These have a meaning in a form, and none in a path.
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
