//! The engine behind wiremock.

use std::sync::Arc;

use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

use super::Shared;
use crate::engine::FakeRequest;

/// Serves on a bound listener. The server is not one of wiremock's pool: those answer on after they were dropped.
pub(super) async fn serve(listener: std::net::TcpListener, shared: Arc<Shared>) -> MockServer {
    let server = MockServer::builder().listener(listener).disable_request_recording().start().await;
    Mock::given(any()).respond_with(Wire(shared)).mount(&server).await;
    server
}

struct Wire(Arc<Shared>);

impl Respond for Wire {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        // Dot segments are resolved by now: wiremock has parsed the URL. The plain server shows a path as it came.
        let (path, query) = (request.url.path(), request.url.query().unwrap_or_default());
        let body = request.body.clone().into();
        let request = FakeRequest::new(request.method.clone(), path, query, request.headers.clone(), body);
        let reply = self.0.handle(&request);
        let mut template = ResponseTemplate::new(reply.status.as_u16()).set_delay(reply.delay);
        for (name, value) in &reply.headers {
            template = template.insert_header(name, value);
        }
        template.set_body_bytes(reply.body.into_bytes())
    }
}
