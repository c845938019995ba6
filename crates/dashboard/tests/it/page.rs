//! The page's files, and the headers of everything.

use http::StatusCode;

use crate::site::Site;

#[tokio::test]
async fn the_page_and_its_files_are_served_without_a_login() {
    let site = Site::open().await;
    for (path, kind) in [
        ("/settings", "text/html"),
        ("/settings/credentials", "text/html"),
        ("/settings/conversations/7", "text/html"),
        ("/settings/assets/app.js", "text/javascript"),
        ("/settings/assets/style.css", "text/css"),
    ] {
        let (parts, body) = site.raw(path, "").await;
        assert_eq!(parts.status, StatusCode::OK, "{path}");
        assert!(parts.headers["content-type"].to_str().unwrap().starts_with(kind), "{path}");
        let policy = parts.headers["content-security-policy"].to_str().unwrap();
        for part in ["default-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"]
        {
            assert!(policy.contains(part), "{policy}");
        }
        assert_eq!(parts.headers["x-content-type-options"], "nosniff");
        assert_eq!(parts.headers["referrer-policy"], "no-referrer");
        let text = String::from_utf8(body).unwrap();
        assert!(!text.contains("%API%") && !text.contains("%BASE%"), "{path}");
        // The browser asks whether it is still the same.
        let request = http::Request::get(path).header("if-none-match", parts.headers["etag"].clone());
        let again = site.call(request.body(axum::body::Body::empty()).unwrap()).await;
        assert_eq!(again.status, StatusCode::NOT_MODIFIED, "{path}");
    }
    let (_, html) = site.raw("/settings", "").await;
    let html = String::from_utf8(html).unwrap();
    assert!(html.contains("data-api=\"/api\"") && html.contains("/settings/assets/app.js"), "{html}");
    for inline in ["<style", " style=", " onclick", "<script>"] {
        assert!(!html.contains(inline), "{inline}");
    }
}

#[test]
fn the_script_never_makes_html_of_text() {
    let script = include_str!("../../page/app.js");
    for word in [
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
        "new Function",
        "DOMParser",
    ] {
        assert!(!script.contains(word), "{word}");
    }
}
