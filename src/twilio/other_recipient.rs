//! The warning for an answer that names another recipient than the request.

use crate::phone::{Address, E164};

/// Logs a warning where both numbers are known and differ.
///
/// HTTP/1.1 answers carry no request id. If a server sends one answer too many on a kept-alive connection, each later
/// request on it receives the answer to the one before. No client can detect that with certainty, and test servers
/// often answer with a fixed number, so this is a warning and not an error.
pub(super) fn warn(asked: &Address, answered: Option<&Address>) {
    let Some(answered) = answered.filter(|answered| answered.as_str() != asked.as_str()) else { return };
    if !tracing::enabled!(tracing::Level::WARN) {
        return;
    }
    let number = |address: &Address| E164::parse(address.as_str()).ok();
    if let (Some(to), Some(other)) = (number(asked), number(answered))
        && to != other
    {
        tracing::warn!(
            asked = %asked.masked(),
            answered = %answered.masked(),
            "the answer names another recipient: its SID may be that of another request"
        );
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);

    impl std::io::Write for Log {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn logged(asked: &str, answered: Option<&str>) -> String {
        let log = Log::default();
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt().with_writer(move || writer.clone()).finish();
        let answered = answered.map(Address::from);
        tracing::subscriber::with_default(subscriber, || warn(&asked.into(), answered.as_ref()));
        String::from_utf8(log.0.lock().unwrap().clone()).unwrap()
    }

    #[test]
    fn only_two_known_numbers_that_differ_are_worth_a_warning() {
        let shown = logged("+14155551234", Some("+14155559999"));
        assert!(shown.contains("WARN") && shown.contains("1234") && shown.contains("9999"), "{shown}");
        assert!(!shown.contains("5551234") && !shown.contains("5559999"), "{shown}");
        for answered in
            [None, Some("+14155551234"), Some("sip:ada@example.com"), Some("client:ada"), Some("")]
        {
            assert_eq!(logged("+14155551234", answered), "", "{answered:?}");
        }
        assert_eq!(logged("whatsapp:+14155551234", Some("+14155559999")), "");
    }
}
