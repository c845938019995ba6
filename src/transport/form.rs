//! Pairs of a form or of a query, encoded.

use url::form_urlencoded::Serializer;

/// Writes pairs as `application/x-www-form-urlencoded`, in the order they come. Lists are repeated keys.
pub(crate) struct Form(Serializer<'static, String>);

impl Form {
    pub(crate) fn new() -> Self {
        Self(Serializer::new(String::with_capacity(256)))
    }

    pub(crate) fn put(&mut self, key: &str, value: impl AsRef<str>) -> &mut Self {
        self.0.append_pair(key, value.as_ref());
        self
    }

    pub(crate) fn maybe<V: AsRef<str>>(&mut self, key: &str, value: Option<V>) -> &mut Self {
        if let Some(value) = value {
            self.0.append_pair(key, value.as_ref());
        }
        self
    }

    pub(crate) fn finish(mut self) -> String {
        self.0.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_repeated_and_everything_is_encoded() {
        let mut form = Form::new();
        form.put("To", "+1").put("MediaUrl", "a b").put("MediaUrl", "c&d").maybe("From", None::<&str>);
        assert_eq!(form.finish(), "To=%2B1&MediaUrl=a+b&MediaUrl=c%26d");
    }
}
