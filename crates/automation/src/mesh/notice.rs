//! A notice: that something happened, with what is to be known about it.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::MeshError;

/// That something happened: an event of the program, such as `order.paid`, or of the provider, such as `twilio.sms.received`.
///
/// Source and id name it: publishing the same pair again changes nothing, as in `CloudEvents`. So use the id of the thing
/// that happened, such as a payment provider's event id, if there is one.
///
/// ```
/// use serde_json::json;
/// use switchboard_automation::mesh::Notice;
///
/// let notice = Notice::new("stripe.payment.failed", json!({"customer_phone": "+14155551234", "amount": "12.50"}))
///     .source("stripe")
///     .id("evt_1")
///     .tenant("blue-door");
/// # let _ = notice;
/// ```
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Notice {
    /// Unique for the source, at most 255 bytes. By default a random one.
    #[serde(default = "random_id")]
    pub id: String,
    /// What happened: parts divided by dots, at most 255 bytes.
    pub name: String,
    /// Who says so, at most 255 bytes: `stripe`, or `app` if not set.
    #[serde(default = "app")]
    pub source: String,
    /// When it happened; by default now.
    #[serde(default = "now")]
    pub time: Timestamp,
    /// The person or thing that it is about, at most 255 bytes, for example a phone number. [`Mesh::forget`] finds it by this.
    ///
    /// [`Mesh::forget`]: super::Mesh::forget
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// The tenant; empty where there is only one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub tenant: String,
    /// The details, at most 64 KiB as JSON.
    #[serde(default)]
    pub payload: Value,
    /// The id of the notice that led to this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// How many notices led to this one, at most 8.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub hops: u8,
}

fn is_zero(hops: &u8) -> bool {
    *hops == 0
}

fn app() -> String {
    "app".to_owned()
}

/// A time as it is stored, in microseconds.
fn stored(time: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(time.as_microsecond()).unwrap_or(time)
}

fn now() -> Timestamp {
    stored(Timestamp::now())
}

fn random_id() -> String {
    format!("{:032x}", fastrand::u128(..))
}

impl Notice {
    /// The maximum length of a name, a source, an id, a subject and a tenant, in bytes.
    pub const MAX_NAME: usize = 255;
    /// The maximum size of a payload, in bytes of its JSON.
    pub const MAX_PAYLOAD: usize = 64 * 1024;
    /// The maximum number of notices that lead to one.
    pub const MAX_HOPS: u8 = 8;

    /// Says that something happened now.
    pub fn new(name: impl Into<String>, payload: impl Into<Value>) -> Self {
        Self {
            id: random_id(),
            name: name.into(),
            source: app(),
            time: now(),
            subject: None,
            tenant: String::new(),
            payload: payload.into(),
            cause: None,
            hops: 0,
        }
    }

    /// Sets the id.
    #[must_use]
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.id = id.into();
        self
    }

    /// Sets who says so.
    #[must_use]
    pub fn source(mut self, source: impl Into<String>) -> Self {
        self.source = source.into();
        self
    }

    /// Sets when it happened. Parts of a microsecond are left out.
    #[must_use]
    pub fn time(mut self, time: Timestamp) -> Self {
        self.time = stored(time);
        self
    }

    /// Sets whom or what it is about.
    #[must_use]
    pub fn subject(mut self, subject: impl Into<String>) -> Self {
        self.subject = Some(subject.into());
        self
    }

    /// Sets the tenant.
    #[must_use]
    pub fn tenant(mut self, tenant: impl Into<String>) -> Self {
        self.tenant = tenant.into();
        self
    }

    /// Says which notice led to this one. It belongs to the same tenant.
    #[must_use]
    pub fn caused_by(mut self, cause: &Self) -> Self {
        self.tenant.clone_from(&cause.tenant);
        self.cause = Some(cause.id.clone());
        self.hops = cause.hops.saturating_add(1);
        self
    }

    /// Checks the limits, and returns the payload as it is stored.
    pub(super) fn check(&self) -> Result<String, MeshError> {
        check_name(&self.name)?;
        let fields = [
            ("id", Some(&self.id)),
            ("source", Some(&self.source)),
            ("subject", self.subject.as_ref()),
            ("cause", self.cause.as_ref()),
        ];
        for (field, value) in fields {
            let fits = |value: &String| (1..=Self::MAX_NAME).contains(&value.len()) && !value.contains('\0');
            if !value.is_none_or(fits) {
                return Err(MeshError::BadField { field, max: Self::MAX_NAME });
            }
        }
        if self.tenant.len() > Self::MAX_NAME || self.tenant.contains('\0') {
            return Err(MeshError::BadField { field: "tenant", max: Self::MAX_NAME });
        }
        if self.hops > Self::MAX_HOPS {
            return Err(MeshError::TooManyHops { hops: self.hops, max: Self::MAX_HOPS });
        }
        let payload = self.payload.to_string();
        if payload.len() > Self::MAX_PAYLOAD {
            return Err(MeshError::TooLarge { bytes: payload.len(), max: Self::MAX_PAYLOAD });
        }
        // A deeper one can be written and not read.
        if serde_json::from_str::<Value>(&payload).ok().as_ref() != Some(&self.payload) {
            return Err(MeshError::Unreadable);
        }
        Ok(payload)
    }
}

pub(super) fn check_name(name: &str) -> Result<(), MeshError> {
    let is_part = |part: &str| {
        !part.is_empty()
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
    };
    if name.len() <= Notice::MAX_NAME && name.split('.').all(is_part) {
        return Ok(());
    }
    Err(MeshError::BadName { name: name.chars().take(64).collect() })
}

/// Shows neither the payload nor the subject.
impl fmt::Debug for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, name, source, time, tenant, cause, hops, .. } = self;
        f.debug_struct("Notice")
            .field("id", id)
            .field("name", name)
            .field("source", source)
            .field("time", time)
            .field("tenant", tenant)
            .field("cause", cause)
            .field("hops", hops)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_cannot_be_stored_is_refused_with_what_to_change() {
        let plain = || Notice::new("a.b", json!({}));
        let long = "x".repeat(256);
        let cases = [
            (Notice::new("a b", json!({})), "`a b` is no name"),
            (Notice::new("", json!({})), "no name"),
            (Notice::new("a..b", json!({})), "no name"),
            (Notice::new(&long, json!({})), "no name"),
            (plain().id(""), "the id"),
            (plain().source(&long), "the source"),
            (plain().subject("a\0b"), "the subject"),
            (plain().tenant(&long), "the tenant"),
            (Notice::new("a", json!({"secret": "x".repeat(Notice::MAX_PAYLOAD)})), "publish an id"),
        ];
        for (notice, part) in cases {
            let said = notice.check().unwrap_err().to_string();
            assert!(said.contains(part) && !said.contains("secret"), "{said} does not say {part}");
        }
        assert!(plain().check().is_ok());
    }

    #[test]
    fn what_could_not_be_read_again_is_refused() {
        let deep = |levels: usize| (0..levels).fold(json!(1), |value, _| json!([value]));
        assert!(Notice::new("a", deep(120)).check().is_ok());
        assert!(matches!(Notice::new("a", deep(200)).check(), Err(MeshError::Unreadable)));
    }

    #[test]
    fn causes_are_counted() {
        let mut notice = Notice::new("a", json!({})).tenant("t");
        for hops in 1..=8 {
            notice = Notice::new("a", json!({})).caused_by(&notice);
            assert_eq!((notice.hops, notice.tenant.as_str()), (hops, "t"));
            assert!(notice.check().is_ok());
        }
        let ninth = Notice::new("a", json!({})).caused_by(&notice);
        assert!(matches!(ninth.check(), Err(MeshError::TooManyHops { hops: 9, max: 8 })));
    }

    #[test]
    fn its_json_is_read_back_and_debug_shows_no_person() {
        let notice = Notice::new("a.b", json!({"to": "+14155551234"})).subject("+14155551234").id("1");
        let json = serde_json::to_string(&notice).unwrap();
        assert_eq!(serde_json::from_str::<Notice>(&json).unwrap(), notice);
        assert!(!format!("{notice:?}").contains("415"));
        let plain: Notice = serde_json::from_value(json!({"name": "a.b", "payload": {"x": 1}})).unwrap();
        assert_eq!((plain.source.as_str(), plain.id.len(), plain.hops), ("app", 32, 0));
        assert!(serde_json::from_value::<Notice>(json!({"name": "a.b", "paylod": 1})).is_err());
    }
}
