//! The URL of a request, from base URL, account and path. It can never leave these.

use url::Url;

use super::hosts::Hosts;
use crate::provider::{ApiRequest, ProviderError};
use crate::transport::{climbs, fill};

/// The version of the API that messages and calls live in.
const VERSION: &str = "/2010-04-01";

/// Makes the URL of a request, and refuses one that would leave the base URL or the account.
pub(super) fn url(hosts: &Hosts, account_sid: &str, request: &ApiRequest) -> Result<Url, ProviderError> {
    if let Some(problem) = request.problem() {
        return Err(ProviderError::invalid_request(problem));
    }
    let path = fill(request.path(), request.segments())?;
    let product = request.product().unwrap_or("api");
    let (within, path) = match product {
        "api" => under_account(account_sid, &path),
        _ => (String::new(), path),
    };
    let base = hosts.base(product)?;
    let mut text = format!("{base}{path}");
    if !request.query_string().is_empty() {
        text.push('?');
        text.push_str(request.query_string());
    }
    let url = Url::parse(&text)
        .map_err(|error| ProviderError::invalid_request(format!("the path makes no URL: {error}")))?;
    if url.as_str().starts_with(&format!("{base}{within}")) {
        return Ok(url);
    }
    Err(ProviderError::invalid_request("the path leads out of the account, so nothing was sent"))
}

/// Returns the required beginning of the path, and the whole path. `/Accounts…` is used as it is, any other path is put
/// under the account.
fn under_account(account_sid: &str, path: &str) -> (String, String) {
    let path = path.strip_prefix(VERSION).filter(|rest| rest.starts_with('/')).unwrap_or(path);
    let names_accounts =
        path.strip_prefix("/Accounts").is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '.']));
    if names_accounts {
        (format!("{VERSION}/Accounts"), format!("{VERSION}{path}"))
    } else {
        let prefix = format!("{VERSION}/Accounts/{account_sid}/");
        let whole = format!("{}{}", prefix.trim_end_matches('/'), path);
        (prefix, whole)
    }
}

/// Checks a link to the next page. It must have the base URL's origin, or Twilio's own host of the product, which is
/// then replaced by the base URL.
pub(super) fn next_page(
    hosts: &Hosts,
    account_sid: &str,
    product: &str,
    link: &str,
) -> Result<Url, ProviderError> {
    let refused = |why: &str| {
        ProviderError::invalid_request(format!("the link to the next page was not followed: {why}"))
    };
    let base = hosts.base(product)?;
    let base_url = Url::parse(&base).map_err(|_| refused("the base URL is not a URL"))?;
    let url = if link.starts_with('/') && !link.starts_with("//") {
        Url::parse(&format!("{base}{link}"))
    } else {
        match Url::parse(link) {
            Ok(absolute) if absolute.origin() == base_url.origin() => Ok(absolute),
            Ok(absolute) if Hosts::is_canonical(product, &absolute) => {
                let query = absolute.query().map(|query| format!("?{query}")).unwrap_or_default();
                Url::parse(&format!("{base}{}{query}", absolute.path()))
            }
            Ok(_) => return Err(refused("it points to another host, and would take the credentials there")),
            Err(error) => Err(error),
        }
    };
    let url = url.map_err(|_| refused("it is no URL"))?;
    if climbs(url.path()) {
        return Err(refused("it has a segment of dots"));
    }
    let within = match product {
        "api" => format!("{base}{VERSION}/Accounts/{account_sid}"),
        _ => base,
    };
    match url.as_str().strip_prefix(&within) {
        // The SID must end here: a longer text is another account's SID.
        Some(rest) if rest.is_empty() || rest.starts_with(['/', '.', '?']) => Ok(url),
        _ => Err(refused("it leads out of the account")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AC: &str = "AC0123456789abcdef0123456789abcdef";

    fn to(request: ApiRequest) -> Result<String, ProviderError> {
        url(&Hosts::default(), AC, &request).map(String::from)
    }

    #[test]
    fn paths_are_put_under_the_account_unless_they_name_one() {
        let root = "https://api.twilio.com/2010-04-01/Accounts";
        let cases = [
            (ApiRequest::get("/Messages.json"), format!("{root}/{AC}/Messages.json")),
            (ApiRequest::get("Messages.json"), format!("{root}/{AC}/Messages.json")),
            (ApiRequest::get("/Accounts.json"), format!("{root}.json")),
            (ApiRequest::get("/Accounts/AC1/Calls.json"), format!("{root}/AC1/Calls.json")),
            (ApiRequest::get("/2010-04-01/Accounts/AC1.json"), format!("{root}/AC1.json")),
            (ApiRequest::get("/AccountsX.json"), format!("{root}/{AC}/AccountsX.json")),
            (
                ApiRequest::get("/Messages.json").query([("To", "+1")]),
                format!("{root}/{AC}/Messages.json?To=%2B1"),
            ),
            (
                ApiRequest::get("/v2/PhoneNumbers/{n}").segment("+1/../x").on("lookups"),
                "https://lookups.twilio.com/v2/PhoneNumbers/%2B1%2F..%2Fx".to_owned(),
            ),
        ];
        for (request, expected) in cases {
            assert_eq!(to(request).unwrap(), expected);
        }
    }

    #[test]
    fn a_path_cannot_be_climbed_out_of() {
        for path in [
            "/../../v2/x",
            "/Accounts/../../x",
            "/x/%2e%2e/y",
            "/x/.%2E/y",
            "/x/%252e%252e/y",
            "/..%2f..%2fx",
            "/x?y",
            "/x#y",
            "//evil.example/x/..",
            "/x\\y",
            "/x\ty",
        ] {
            assert!(to(ApiRequest::get(path)).is_err(), "{path}");
        }
        assert!(to(ApiRequest::get("/x").on("evil.example/")).is_err());
        assert!(to(ApiRequest::get("/x").on("a@evil")).is_err());
        let double = to(ApiRequest::get("//evil.example/x")).unwrap();
        assert!(double.starts_with("https://api.twilio.com/2010-04-01/Accounts/"), "{double}");
    }

    #[test]
    fn next_links_stay_on_the_origin_and_in_the_account() {
        let hosts = Hosts::all_at("http://127.0.0.1:9", false).unwrap();
        let next = |product: &str, link: &str| next_page(&hosts, AC, product, link).map(String::from);
        let page = format!("/2010-04-01/Accounts/{AC}/Messages.json?Page=1");
        assert_eq!(next("api", &page).unwrap(), format!("http://127.0.0.1:9{page}"));
        assert_eq!(
            next("verify", "https://verify.twilio.com/v2/Services?Page=1").unwrap(),
            "http://127.0.0.1:9/v2/Services?Page=1"
        );
        assert!(next("api", &format!("/2010-04-01/Accounts/{AC}.json")).is_ok());
        for link in [
            "https://evil.example/2010-04-01/Accounts/x",
            "//evil.example/x",
            "/2010-04-01/Accounts/AC99/Messages.json",
            "/2010-04-01/Accounts/../../x",
            "/2010-04-01/Accounts/AC0123456789abcdef0123456789abcdef0/Messages.json",
            "/2010-04-01/Accounts/AC0123456789abcdef0123456789abcdef%2F..%2fAC1/Messages.json",
            "/2010-04-01/Accounts/AC0123456789abcdef0123456789abcdef/%252e%252e/AC1.json",
            "http://127.0.0.1:10/2010-04-01",
            "javascript:1",
            "",
        ] {
            assert!(next("api", link).is_err(), "{link}");
        }
    }
}
