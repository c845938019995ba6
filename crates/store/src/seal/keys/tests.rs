use super::*;

/// The bytes 0 to 31.
const OLD: &str = "2026a:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
/// 32 bytes of 7.
const NEW: &str = "2026b:BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=";

fn parse(text: &str) -> Keys {
    Keys::parse(text).unwrap()
}

const HERE: SealContext<'_> =
    SealContext { purpose: Purpose::Credentials, tenant: "user-7", provider: "twilio", row: "r1" };

#[tokio::test]
async fn the_first_key_seals_and_all_open() {
    let old = parse(OLD).seal(&HERE, "planted").await.unwrap();
    let both = parse(&format!(" {NEW} ,\n{OLD},\n"));
    let new = both.seal(&HERE, "planted").await.unwrap();
    assert_eq!((old.key_id(), new.key_id(), both.key_id()), ("2026a", "2026b", "2026b"));
    for sealed in [&old, &new] {
        assert_eq!(both.open(&HERE, sealed).await.unwrap().expose(), "planted");
    }
    let error = parse(NEW).open(&HERE, &old).await.unwrap_err();
    assert!(matches!(&error, SealError::MissingKey { key_id } if key_id == "2026a"), "{error}");
    assert!(both.has_key("2026a") && !parse(NEW).has_key("2026a"));
}

#[tokio::test]
async fn a_flipped_bit_in_any_byte_is_refused() {
    let keys = parse(&format!("{NEW},{OLD}"));
    let sealed = keys.seal(&HERE, "the auth token").await.unwrap();
    let mut tried = 0;
    for at in 0..sealed.as_str().len() {
        for bit in 0..8 {
            let mut bytes = sealed.as_str().as_bytes().to_vec();
            bytes[at] ^= 1 << bit;
            let Ok(text) = String::from_utf8(bytes) else { continue };
            let opened = match Sealed::parse(text) {
                Ok(sealed) => keys.open(&HERE, &sealed).await,
                Err(error) => Err(error),
            };
            assert!(opened.is_err(), "byte {at}, bit {bit}");
            tried += 1;
        }
    }
    // The same for the encrypted bytes themselves, some of whose bits the text spells with two characters.
    let bytes = sealed.bytes().unwrap();
    for (at, bit) in (0..bytes.len()).flat_map(|at| (0..8).map(move |bit| (at, bit))) {
        let mut bytes = bytes.clone();
        bytes[at] ^= 1 << bit;
        let sealed = Sealed::new("2026b", &bytes).unwrap();
        assert!(matches!(keys.open(&HERE, &sealed).await, Err(SealError::Refused { .. })), "{at} {bit}");
        tried += 1;
    }
    assert!(tried > 1000, "{tried}");
    for length in 0..bytes.len() {
        let sealed = Sealed::new("2026b", &bytes[..length]).unwrap();
        assert!(keys.open(&HERE, &sealed).await.is_err(), "{length}");
    }
}

#[tokio::test]
async fn a_value_opens_in_its_own_place_only() {
    let keys = parse(OLD);
    let sealed = keys.seal(&HERE, "planted").await.unwrap();
    let others = [
        SealContext { row: "r2", ..HERE },
        SealContext { tenant: "user-8", ..HERE },
        SealContext { provider: "slack", ..HERE },
        SealContext { purpose: Purpose::ReplacedToken, ..HERE },
        SealContext { purpose: Purpose::WebhookPayload, ..HERE },
        // The border between two parts is moved.
        SealContext { tenant: "user-7|6:twilio", provider: "", ..HERE },
        SealContext { tenant: "user-7twilio", provider: "", ..HERE },
        SealContext { tenant: "", provider: "", row: "", ..HERE },
    ];
    for other in others {
        assert!(matches!(keys.open(&other, &sealed).await, Err(SealError::Refused { .. })), "{other:?}");
    }
    assert_eq!(keys.open(&HERE, &sealed).await.unwrap().expose(), "planted");
}

#[test]
fn the_associated_data_are_as_documented() {
    assert_eq!(HERE.associated_data(), "v1|6:user-7|6:twilio|2:r1");
    let spanish = SealContext { tenant: "año", ..HERE };
    assert_eq!(spanish.associated_data(), "v1|4:año|6:twilio|2:r1");
}

#[tokio::test]
async fn equal_texts_are_sealed_differently_even_empty_ones() {
    let keys = parse(OLD);
    for text in ["", "same"] {
        let (one, two) = (keys.seal(&HERE, text).await.unwrap(), keys.seal(&HERE, text).await.unwrap());
        assert_ne!(one, two);
        assert_eq!(keys.open(&HERE, &two).await.unwrap().expose(), text);
    }
}

#[test]
fn wrong_keys_are_named_by_place_and_never_shown() {
    let short = OLD.replace("AAEC", "");
    for (text, expected) in [
        ("", "there is no key"),
        (" ,\n", "there is no key"),
        ("planted", "key number 1 has no `:`"),
        (&format!("{OLD},planted:planted"), "key number 2 is not base64"),
        (&format!("{OLD},{short}"), "key number 2 does not have 32 bytes"),
        (&format!("{OLD},{OLD}"), "key number 2 has the id of another key"),
        (&OLD.replace("2026a", "2026 a"), "key number 1 has no id of 1 to 32"),
    ] {
        let error = Keys::parse(text).unwrap_err();
        let shown = format!("{error} {error:?}");
        assert!(shown.contains(expected), "{shown}");
        assert!(!shown.contains("planted") && !shown.contains("AAEC"), "{shown}");
    }
    let shown = format!("{:?} {:#?}", parse(OLD), parse(NEW));
    assert!(shown.contains("2026a") && !shown.contains("AAEC") && !shown.contains("BwcH"), "{shown}");
}

#[tokio::test]
async fn a_new_key_is_random_and_can_be_read() {
    let (one, two) = (Keys::new_key("2026c").unwrap(), Keys::new_key("2026c").unwrap());
    assert_ne!(one, two);
    let sealed = parse(one.expose()).seal(&HERE, "text").await.unwrap();
    assert_eq!(parse(one.expose()).open(&HERE, &sealed).await.unwrap().expose(), "text");
    let error = parse(two.expose()).open(&HERE, &sealed).await.unwrap_err();
    assert!(matches!(error, SealError::Refused { .. }));
    assert!(Keys::new_key("a b").is_err());
}
