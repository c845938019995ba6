//! The only user: whoever opens the link that was printed. Others of this machine can reach the port, and see nothing.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use axum::Router;
use axum::extract::Path;
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::get;
use http::request::Parts;
use http::{HeaderValue, StatusCode, header};
use switchboard_dashboard::{Identity, Login, Roles};

use crate::exit::Exit;
use crate::failure::Failure;

/// The beginning of the cookie's name. The port follows, because browsers send the cookies of one port to all.
const COOKIE: &str = "switchboard";

/// The only user of a dashboard. A clone is the same one.
#[derive(Clone)]
pub(super) struct OneUser(Arc<State>);

struct State {
    login: Login,
    address: SocketAddr,
    /// The secret of the link, which works once.
    link: String,
    is_used: AtomicBool,
    /// The secret of the cookie.
    session: String,
}

impl OneUser {
    pub(super) fn new(tenant: &str, name: &str, address: SocketAddr) -> Result<Self, Failure> {
        Ok(Self(Arc::new(State {
            login: Login::new(tenant, name).roles(Roles::all()),
            address,
            link: secret()?,
            is_used: AtomicBool::new(false),
            session: secret()?,
        })))
    }

    /// The link that signs in.
    pub(super) fn link(&self) -> String {
        format!("http://{}/login/{}", self.0.address, self.0.link)
    }

    pub(super) fn router(&self) -> Router {
        let user = self.clone();
        let sign_in = async move |Path(given): Path<String>| user.sign_in(&given);
        Router::new().route("/login/{secret}", get(sign_in))
    }

    fn sign_in(&self, given: &str) -> Response {
        let is_right = is_same(given, &self.0.link);
        if !is_right || self.0.is_used.swap(true, Ordering::SeqCst) {
            let text =
                "This link was used before, or is not the one that was printed. Start the dashboard again.\n";
            return (StatusCode::FORBIDDEN, text).into_response();
        }
        let mut response = Redirect::to("/settings/send").into_response();
        let State { session, address, .. } = &*self.0;
        let cookie = format!("{COOKIE}-{}={session}; Path=/; HttpOnly; SameSite=Lax", address.port());
        if let Ok(cookie) = HeaderValue::try_from(cookie) {
            response.headers_mut().insert(header::SET_COOKIE, cookie);
        }
        let headers = [(header::CACHE_CONTROL, "no-store"), (header::REFERRER_POLICY, "no-referrer")];
        headers.into_iter().for_each(|(name, value)| {
            response.headers_mut().insert(name, HeaderValue::from_static(value));
        });
        response
    }

    /// Another site can give its own name the address of this machine.
    fn is_this_machine(&self, parts: &Parts) -> bool {
        let State { address, .. } = &*self.0;
        let host = parts.headers.get(header::HOST).and_then(|host| host.to_str().ok());
        !address.ip().is_loopback()
            || host.is_some_and(|host| {
                host == address.to_string() || host == format!("localhost:{}", address.port())
            })
    }
}

#[async_trait]
impl Identity for OneUser {
    async fn login(&self, parts: &Parts) -> Option<Login> {
        if !self.is_this_machine(parts) {
            return None;
        }
        let name = format!("{COOKIE}-{}", self.0.address.port());
        let cookies = parts.headers.get(header::COOKIE)?.to_str().ok()?;
        let mut cookies = cookies.split("; ").filter_map(|cookie| cookie.split_once('='));
        let is_signed_in = cookies.any(|(known, value)| known == name && is_same(value, &self.0.session));
        is_signed_in.then(|| self.0.login.clone())
    }

    async fn still_valid(&self, login: &Login) -> bool {
        *login == self.0.login
    }
}

/// 32 random bytes, in hexadecimal digits.
fn secret() -> Result<String, Failure> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)
        .map_err(|_| Failure::new(Exit::Failed, "the operating system gives no random bytes"))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Compares in a time that does not tell where they differ.
fn is_same(given: &str, known: &str) -> bool {
    given.len() == known.len()
        && given.bytes().zip(known.bytes()).fold(0, |differs, (a, b)| differs | (a ^ b)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(host: &str, cookie: &str) -> Parts {
        let request = http::Request::get("/api/session").header("host", host).header("cookie", cookie);
        request.body(()).unwrap().into_parts().0
    }

    #[tokio::test]
    async fn only_who_has_opened_the_link_is_known_and_it_works_once() {
        let user = OneUser::new("AC1", "ada", "127.0.0.1:4020".parse().unwrap()).unwrap();
        let secret = user.link().rsplit('/').next().unwrap().to_owned();
        assert_eq!(user.sign_in("0").status(), StatusCode::FORBIDDEN);
        let response = user.sign_in(&secret);
        let cookie = response.headers()[header::SET_COOKIE].to_str().unwrap().to_owned();
        let cookie = cookie.split(';').next().unwrap();
        assert_eq!(user.sign_in(&secret).status(), StatusCode::FORBIDDEN);
        for host in ["127.0.0.1:4020", "localhost:4020"] {
            assert_eq!(user.login(&parts(host, &format!("a=b; {cookie}"))).await.unwrap().user, "ada");
        }
        assert!(user.login(&parts("evil.example:4020", cookie)).await.is_none());
        assert!(user.login(&parts("127.0.0.1:4020", &format!("switchboard-4020={secret}"))).await.is_none());
        assert!(user.login(&parts("127.0.0.1:4020", "")).await.is_none());
    }
}
