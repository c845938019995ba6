//! The faults that a test can inject into single requests.

use std::time::Duration;

/// A fault of one request.
///
/// A client that must not send twice needs to know whether the request was *carried out*: each variant says whether it
/// is, and when. "Later" is by the clock of the fake: [`FakeTwilio::advance`](crate::FakeTwilio::advance) moves it.
///
/// ```
/// use std::time::Duration;
/// use switchboard_testing::Fault;
///
/// let busy = Fault::too_many_requests().retry_after(Duration::from_secs(2));
/// assert_ne!(busy, Fault::status(503));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// 429, code 20429, with a `Retry-After` in whole seconds if given. Not carried out.
    TooManyRequests {
        /// The value of the header.
        retry_after: Option<Duration>,
    },
    /// A gateway's status with an HTML body. Not carried out.
    ServerError {
        /// The status, `503` for instance.
        status: u16,
    },
    /// A gateway's status with an HTML body. Carried out before the answer.
    ServerErrorAfter {
        /// The status, `502` for instance.
        status: u16,
    },
    /// A gateway's status with an HTML body. Carried out later: a created message does not exist before, and is in no
    /// list. Where Twilio would refuse the request at that time, nothing happens.
    ServerErrorLate {
        /// The status, `503` for instance.
        status: u16,
        /// The time from the answer until the request is carried out.
        delay: Duration,
    },
    /// The connection is closed without an answer. Not carried out.
    Cut,
    /// The connection is closed without an answer. Carried out before that.
    CutAfter,
    /// The connection is closed without an answer. Carried out later, as with [`ServerErrorLate`](Self::ServerErrorLate).
    CutLate {
        /// The time from the end of the connection until the request is carried out.
        delay: Duration,
    },
    /// The status of the success, with a body that is not JSON. Carried out before the answer.
    MalformedJson,
    /// The status of the success, with the first half of the JSON. Carried out before the answer.
    TruncatedJson,
    /// The correct answer, after this time. Carried out before the wait.
    Slow(Duration),
    /// An error answer with one of Twilio's codes. Not carried out.
    Code {
        /// The HTTP status.
        status: u16,
        /// Twilio's code.
        code: u32,
    },
}

impl Fault {
    /// 429 without a `Retry-After`, which Twilio rarely sends. Not carried out.
    #[must_use]
    pub const fn too_many_requests() -> Self {
        Self::TooManyRequests { retry_after: None }
    }

    /// Adds a `Retry-After` to a 429. Other faults do not change.
    #[must_use]
    pub fn retry_after(self, wait: Duration) -> Self {
        match self {
            Self::TooManyRequests { .. } => Self::TooManyRequests { retry_after: Some(wait) },
            other => other,
        }
    }

    /// A status with an HTML body. Not carried out.
    #[must_use]
    pub const fn status(status: u16) -> Self {
        Self::ServerError { status }
    }

    /// A status with an HTML body, after the request was carried out.
    #[must_use]
    pub const fn status_after(status: u16) -> Self {
        Self::ServerErrorAfter { status }
    }

    /// A status with an HTML body. The request is carried out this much later, by the clock of the fake.
    #[must_use]
    pub const fn status_late(status: u16, delay: Duration) -> Self {
        Self::ServerErrorLate { status, delay }
    }

    /// No answer. Not carried out.
    #[must_use]
    pub const fn cut() -> Self {
        Self::Cut
    }

    /// No answer, after the request was carried out.
    #[must_use]
    pub const fn cut_after() -> Self {
        Self::CutAfter
    }

    /// No answer. The request is carried out this much later, by the clock of the fake.
    #[must_use]
    pub const fn cut_late(delay: Duration) -> Self {
        Self::CutLate { delay }
    }

    /// An error answer with one of Twilio's codes. Not carried out.
    #[must_use]
    pub const fn code(status: u16, code: u32) -> Self {
        Self::Code { status, code }
    }

    /// The correct answer, after this time.
    #[must_use]
    pub const fn slow(wait: Duration) -> Self {
        Self::Slow(wait)
    }
}
