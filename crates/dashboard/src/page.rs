//! The page: three files that are part of the program.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use axum::Router;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};

const HTML: &str = include_str!("../page/index.html");
const CSS: &str = include_str!("../page/style.css");
const SCRIPT: &str = include_str!("../page/app.js");

/// A path with one `/` before it and none behind; empty for the root.
pub(crate) fn path(text: &str) -> String {
    let text = text.trim_matches('/');
    if text.is_empty() { String::new() } else { format!("/{text}") }
}

pub(crate) fn router(prefix: &str, at: &str) -> Router {
    let at = path(at);
    let fill = |text: &str| {
        text.replace("%API%", &escaped(&format!("{prefix}/api")))
            .replace("%BASE%", &escaped(&format!("{prefix}{at}")))
    };
    let html = File::new(fill(HTML), "text/html; charset=utf-8");
    let css = File::new(CSS.to_owned(), "text/css; charset=utf-8");
    let script = File::new(SCRIPT.to_owned(), "text/javascript; charset=utf-8");
    let serve = |file: File| get(move |headers: HeaderMap| async move { file.answer(&headers) });
    let first = if at.is_empty() { "/".to_owned() } else { at.clone() };
    let router = if at.is_empty() {
        Router::new()
    } else {
        Router::new().route(&format!("{at}/"), serve(html.clone()))
    };
    router
        .route(&first, serve(html.clone()))
        .route(&format!("{at}/assets/style.css"), serve(css))
        .route(&format!("{at}/assets/app.js"), serve(script))
        .route(&format!("{at}/{{view}}"), serve(html.clone()))
        .route(&format!("{at}/{{view}}/{{id}}"), serve(html))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;")
}

/// A file with the name of its content.
///
/// It is shared: servers clone handlers for every connection.
#[derive(Clone)]
struct File {
    content: Bytes,
    kind: &'static str,
    tag: HeaderValue,
}

impl File {
    fn new(content: String, kind: &'static str) -> Self {
        let mut hash = DefaultHasher::new();
        content.hash(&mut hash);
        let tag = HeaderValue::try_from(format!("\"{:016x}\"", hash.finish()));
        Self { tag: tag.unwrap_or(HeaderValue::from_static("\"\"")), content: content.into(), kind }
    }

    fn answer(self, headers: &HeaderMap) -> Response {
        let known = headers.get(header::IF_NONE_MATCH).and_then(|tags| tags.to_str().ok());
        let is_known =
            known.is_some_and(|tags| tags.split(',').any(|tag| tag.trim().trim_start_matches("W/") == tag));
        // The browser asks each time, so that a new version is never mixed with an old one.
        let headers =
            [(header::ETAG, self.tag), (header::CACHE_CONTROL, HeaderValue::from_static("no-cache"))];
        if is_known {
            return (StatusCode::NOT_MODIFIED, headers).into_response();
        }
        (headers, [(header::CONTENT_TYPE, self.kind)], self.content).into_response()
    }
}
