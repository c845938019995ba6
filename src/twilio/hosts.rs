//! Which host a product of Twilio lives on.

use url::Url;

use super::error::invalid_request;
use crate::provider::ProviderError;

/// The regions that process REST requests, each with the edge that reaches it.
/// <https://www.twilio.com/docs/global-infrastructure/understanding-twilio-regions>
const REGIONS: &[(&str, &str)] =
    &[("us1", "ashburn"), ("ie1", "dublin"), ("au1", "sydney"), ("jp1", "tokyo")];

/// Where every product is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hosts {
    place: Place,
    /// The base URL of the `api` product.
    api: Url,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Place {
    /// One URL for every product: a fake, a proxy, a recorder.
    Override,
    /// Twilio's own hosts; `dublin.ie1` or nothing.
    Twilio { location: Option<String> },
}

impl Default for Hosts {
    #[expect(clippy::expect_used, reason = "a constant URL, parsed by every test of this crate")]
    fn default() -> Self {
        let api = Url::parse("https://api.twilio.com").expect("the constant above is a URL");
        Self { place: Place::Twilio { location: None }, api }
    }
}

impl Hosts {
    /// Finds Twilio's hosts in a region, through an edge.
    pub(crate) fn twilio(region: Option<&str>, edge: Option<&str>) -> Result<Self, ProviderError> {
        for (what, label) in [("region", region), ("edge", edge)] {
            check_label(what, label)?;
        }
        let location = match (region, edge) {
            (None | Some("us1"), None) => None,
            (region, Some(edge)) => Some(format!("{edge}.{}", region.unwrap_or("us1"))),
            (Some(region), None) => Some(format!("{}.{region}", edge_of(region)?)),
        };
        let api = host_url("api", location.as_deref())?;
        Ok(Self { place: Place::Twilio { location }, api })
    }

    /// Sends every product to one URL. Plain http is taken on loopback, elsewhere only where it is allowed.
    pub(crate) fn all_at(base: &str, allow_http: bool) -> Result<Self, ProviderError> {
        let bad = |why: &str| invalid_request(format!("the base URL cannot be used: {why}"));
        let url = Url::parse(base.trim()).map_err(|error| bad(&error.to_string()))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(bad("it must start with https:// or http://"));
        }
        if url.query().is_some()
            || url.fragment().is_some()
            || !url.username().is_empty()
            || url.password().is_some()
        {
            return Err(bad("it must have neither a user, a query nor a fragment"));
        }
        if url.scheme() == "http" && !allow_http && !is_loopback(&url) {
            return Err(bad(
                "plain http to another machine would send the credentials in clear; use https, or allow_http()",
            ));
        }
        Ok(Self { place: Place::Override, api: url })
    }

    /// Returns the base URL of the `api` product.
    pub(crate) const fn api(&self) -> &Url {
        &self.api
    }

    /// Returns where a product is, without a slash at the end.
    pub(crate) fn base(&self, product: &str) -> Result<String, ProviderError> {
        check_label("product", Some(product))?;
        let url = match &self.place {
            Place::Override => self.api.as_str().to_owned(),
            Place::Twilio { location } => host_url(product, location.as_deref())?.into(),
        };
        Ok(url.trim_end_matches('/').to_owned())
    }

    /// Is it a host of Twilio's own, as its answers name them, whatever base URL is used here?
    pub(crate) fn is_canonical(product: &str, link: &Url) -> bool {
        let host = link.host_str().unwrap_or_default();
        let rest = host.strip_prefix(product).and_then(|rest| rest.strip_prefix('.'));
        link.scheme() == "https"
            && link.port().is_none()
            && rest.is_some_and(|rest| rest == "twilio.com" || rest.ends_with(".twilio.com"))
    }

    pub(crate) const fn is_regional(&self) -> bool {
        matches!(&self.place, Place::Twilio { location: Some(_) })
    }
}

fn edge_of(region: &str) -> Result<&'static str, ProviderError> {
    let known = REGIONS.iter().find(|(name, _)| *name == region);
    known.map(|(_, edge)| *edge).ok_or_else(|| {
        let names: Vec<&str> = REGIONS.iter().map(|(name, _)| *name).collect();
        invalid_request(format!(
            "the region {region:?} has no edge that is known here: set the edge too, or use one of {}",
            names.join(", ")
        ))
    })
}

fn host_url(product: &str, location: Option<&str>) -> Result<Url, ProviderError> {
    let text = match location {
        Some(location) => format!("https://{product}.{location}.twilio.com"),
        None => format!("https://{product}.twilio.com"),
    };
    Url::parse(&text).map_err(|_| invalid_request("the host of the product is no host"))
}

fn check_label(what: &str, label: Option<&str>) -> Result<(), ProviderError> {
    let good = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    match label {
        Some(text) if text.is_empty() || !text.bytes().all(good) => Err(invalid_request(format!(
            "the {what} must be lower-case letters, digits and dashes, as in \"ie1\", \"dublin\", \"verify\""
        ))),
        _ => Ok(()),
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_and_edges_as_they_work_today() {
        let cases = [
            (None, None, "https://api.twilio.com"),
            (Some("us1"), None, "https://api.twilio.com"),
            (Some("ie1"), None, "https://api.dublin.ie1.twilio.com"),
            (Some("au1"), None, "https://api.sydney.au1.twilio.com"),
            (Some("jp1"), None, "https://api.tokyo.jp1.twilio.com"),
            (Some("ie1"), Some("frankfurt"), "https://api.frankfurt.ie1.twilio.com"),
            (None, Some("sydney"), "https://api.sydney.us1.twilio.com"),
        ];
        for (region, edge, expected) in cases {
            assert_eq!(Hosts::twilio(region, edge).unwrap().base("api").unwrap(), expected);
        }
        for (region, edge) in
            [(Some("sg1"), None), (Some("IE1"), None), (None, Some("a.b")), (Some(""), None)]
        {
            assert!(Hosts::twilio(region, edge).is_err());
        }
        assert_eq!(Hosts::default().base("verify").unwrap(), "https://verify.twilio.com");
    }

    #[test]
    fn an_override_reaches_every_product_and_http_stays_on_loopback() {
        let fake = Hosts::all_at("http://127.0.0.1:8080/", false).unwrap();
        for product in ["api", "verify", "content"] {
            assert_eq!(fake.base(product).unwrap(), "http://127.0.0.1:8080");
        }
        assert_eq!(
            Hosts::all_at("https://p.example/twilio", false).unwrap().base("api").unwrap(),
            "https://p.example/twilio"
        );
        for good in ["http://localhost:1", "http://[::1]:1", "http://x.localhost"] {
            assert!(Hosts::all_at(good, false).is_ok(), "{good}");
        }
        assert!(Hosts::all_at("http://10.0.0.1", true).is_ok());
        for bad in [
            "http://10.0.0.1",
            "http://example.com",
            "ftp://127.0.0.1",
            "127.0.0.1",
            "https://u:p@x.com",
            "https://x.com?a=1",
            "",
        ] {
            assert!(Hosts::all_at(bad, false).is_err(), "{bad}");
        }
    }

    #[test]
    fn only_twilio_is_canonical() {
        let is = |text: &str| Hosts::is_canonical("verify", &Url::parse(text).unwrap());
        assert!(is("https://verify.twilio.com/v2/Services") && is("https://verify.dublin.ie1.twilio.com/"));
        for other in [
            "http://verify.twilio.com",
            "https://verify.twilio.com.evil.net",
            "https://verifyx.twilio.com",
            "https://verify.twilio.com:444",
        ] {
            assert!(!is(other), "{other}");
        }
    }
}
