//! How a request is stored: as JSON with names in camelCase, and read back in any of `statusCallback`, `status_callback`
//! and `StatusCallback`. A name that is unknown or comes twice is an error, so that no parameter is silently ignored.

use serde::de::{self, Deserialize, MapAccess};

/// Makes a request serialisable: its fields `{ apart from the parameters } { parameters }`.
macro_rules! stored {
    ($name:ident { $($apart:ident,)* } { $($field:ident),+ }) => {
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                use $crate::twilio::wire::{Parameter as _, camel_case};
                use serde::ser::SerializeMap as _;
                let mut map = serializer.serialize_map(None)?;
                $(map.serialize_entry(&camel_case(stringify!($apart)), &self.$apart)?;)*
                $(if self.$field.is_set() {
                    map.serialize_entry(&camel_case(stringify!($field)), &self.$field)?;
                })+
                if !self.more.is_empty() {
                    map.serialize_entry("more", &self.more)?;
                }
                map.end()
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Fields;
                impl<'de> serde::de::Visitor<'de> for Fields {
                    type Value = $name;
                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str("an object")
                    }
                    fn visit_map<A: serde::de::MapAccess<'de>>(self, map: A) -> Result<$name, A::Error> {
                        let mut request = $name::default();
                        let mut map = $crate::twilio::wire::RequestMap::new(map);
                        while let Some(name) = map.next_name()? {
                            $(if map.is(&name, stringify!($apart))? {
                                request.$apart = map.value()?;
                                continue;
                            })*
                            $(if map.is(&name, stringify!($field))? {
                                request.$field = map.value()?;
                                continue;
                            })+
                            if map.is(&name, "more")? {
                                request.more = map.value()?;
                                continue;
                            }
                            return Err(map.unknown(&name, &[$(stringify!($apart),)* $(stringify!($field)),+]));
                        }
                        Ok(request)
                    }
                }
                deserializer.deserialize_map(Fields)
            }
        }
    };
}

pub(crate) use stored;

/// Turns the name of a field into camelCase, as JSON has it.
pub(crate) fn camel_case(field: &str) -> String {
    let mut camel = String::with_capacity(field.len());
    let mut upper = false;
    for c in field.chars() {
        match c {
            '_' => upper = true,
            c if upper => {
                camel.push(c.to_ascii_uppercase());
                upper = false;
            }
            c => camel.push(c),
        }
    }
    camel
}

fn letters(name: &str) -> impl Iterator<Item = u8> {
    name.bytes().filter(|b| *b != b'_').map(|b| b.to_ascii_lowercase())
}

/// The entries of a request in JSON, each of which may come once.
pub(crate) struct RequestMap<A> {
    map: A,
    seen: Vec<&'static str>,
}

impl<'de, A: MapAccess<'de>> RequestMap<A> {
    pub(crate) const fn new(map: A) -> Self {
        Self { map, seen: Vec::new() }
    }

    pub(crate) fn next_name(&mut self) -> Result<Option<super::Key<'de>>, A::Error> {
        self.map.next_key()
    }

    /// Is it this field's name, in any of its spellings?
    ///
    /// # Errors
    /// Where the field occurs a second time.
    pub(crate) fn is(&mut self, name: &super::Key<'de>, field: &'static str) -> Result<bool, A::Error> {
        if !letters(name.as_ref()).eq(letters(field)) {
            return Ok(false);
        }
        if self.seen.contains(&field) {
            return Err(de::Error::duplicate_field(field));
        }
        self.seen.push(field);
        Ok(true)
    }

    /// Reads the value; null counts as missing.
    pub(crate) fn value<T: Deserialize<'de> + Default>(&mut self) -> Result<T, A::Error> {
        Ok(self.map.next_value::<Option<T>>()?.unwrap_or_default())
    }

    pub(crate) fn unknown(&self, name: &super::Key<'de>, fields: &[&str]) -> A::Error {
        let known: Vec<String> = fields.iter().map(|field| camel_case(field)).collect();
        let name = name.as_ref();
        de::Error::custom(format_args!("unknown field `{name}`, there are {}", known.join(", ")))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::twilio::wire::fixtures::{Sample, full};

    #[test]
    fn json_is_camel_case_and_every_spelling_is_read() {
        let json = json!({
            "kind": "x", "to": "+1415", "statusCallback": "https://e.com", "validityPeriod": 60,
            "sendAt": "2026-01-05T10:00:00.25Z", "mediaUrl": ["a", "b"], "tags": {"k": "v"}
        });
        assert_eq!(serde_json::to_value(full()).unwrap(), json);
        for respell in [|name: &str| name.to_owned(), snake_case, pascal_case] {
            let respelled =
                json.as_object().unwrap().iter().map(|(name, value)| (respell(name), value.clone()));
            assert_eq!(serde_json::from_value::<Sample>(Value::Object(respelled.collect())).unwrap(), full());
        }
        let with_more = full().param("Brand", "New");
        let stored = serde_json::to_string(&with_more).unwrap();
        assert_eq!(serde_json::from_str::<Sample>(&stored).unwrap(), with_more);
        let empty = json!({"kind": null, "to": null, "statusCallback": null, "mediaUrl": null});
        assert_eq!(serde_json::from_value::<Sample>(empty).unwrap(), Sample::default());
    }

    fn snake_case(name: &str) -> String {
        let lower = |c: char| if c.is_uppercase() { format!("_{}", c.to_lowercase()) } else { c.to_string() };
        name.chars().map(lower).collect()
    }

    fn pascal_case(name: &str) -> String {
        let (first, rest) = name.split_at(1);
        format!("{}{rest}", first.to_uppercase())
    }

    #[test]
    fn what_is_not_known_or_comes_twice_is_an_error() {
        let error = |json: Value| serde_json::from_value::<Sample>(json).unwrap_err().to_string();
        let unknown = error(json!({"to": "+1", "statusCalback": "x"}));
        assert!(
            unknown.starts_with("unknown field `statusCalback`, there are kind, to, statusCallback"),
            "{unknown}"
        );
        assert!(error(json!({"statusCallback": "x", "status_callback": "y"})).contains("duplicate field"));
        assert!(error(json!([1])).contains("an object"));
    }
}
