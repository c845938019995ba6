//! Reads TwiML documents back with an independent XML parser.

use std::sync::{Arc, Mutex};

use axum::body::to_bytes;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use proptest::prelude::*;
use roxmltree::{Document, Node};
use switchboard::twilio::MakeCall;
use switchboard::twilio::twiml::{
    Acknowledge, Choice, Dial, Element, Forward, Gather, Menu, Message, MessagingResponse, Number, Prosody,
    Say, TwimlError, VoiceResponse, Voicemail, WaitResponse, Whisper,
};

/// The expected tree of a document; adjacent texts are merged.
#[derive(Debug, Clone, PartialEq)]
enum Tree {
    Text(String),
    Element { name: String, attributes: Vec<(String, String)>, inside: Vec<Tree> },
}

impl Tree {
    fn element(name: &str, attributes: &[(&str, &str)], inside: Vec<Self>) -> Self {
        let attributes =
            attributes.iter().map(|(name, value)| ((*name).to_owned(), allowed(value))).collect();
        Self::Element { name: name.to_owned(), attributes, inside: joined(inside) }
    }

    fn text(text: &str) -> Self {
        Self::Text(allowed(text))
    }

    fn read(node: Node<'_, '_>) -> Self {
        if node.is_text() {
            return Self::Text(node.text().unwrap().to_owned());
        }
        assert!(node.is_element(), "neither a text nor an element");
        let attributes = node.attributes().map(|one| (one.name().to_owned(), one.value().to_owned()));
        Self::Element {
            name: node.tag_name().name().to_owned(),
            attributes: attributes.collect(),
            inside: node.children().map(Self::read).collect(),
        }
    }

    fn to_element(&self) -> Option<Element> {
        let Self::Element { name, attributes, inside } = self else { return None };
        // Some attributes are set after children were added, and each is set twice.
        let (before, after) = attributes.split_at(attributes.len() / 2);
        let set =
            |element: Element, (name, value): &(String, String)| element.attr(name, "").attr(name, value);
        let start = before.iter().fold(Element::new(name), set);
        let filled = inside.iter().fold(start, |element, part| match part {
            Self::Text(text) => element.text(text),
            part => element.child(part.to_element().unwrap()),
        });
        Some(after.iter().fold(filled, set))
    }

    /// The same tree as a parser returns it.
    fn as_read(&self) -> Self {
        match self {
            Self::Text(text) => Self::text(text),
            Self::Element { name, attributes, inside } => {
                let attributes: Vec<_> = attributes.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
                Self::element(name, &attributes, inside.iter().map(Self::as_read).collect())
            }
        }
    }
}

/// Keeps the characters that XML 1.0 allows, by the ranges of its specification.
fn allowed(text: &str) -> String {
    let ranges = [0x9..=0xa, 0xd..=0xd, 0x20..=0xd7ff, 0xe000..=0xfffd, 0x1_0000..=0x10_ffff];
    text.chars().filter(|c| ranges.iter().any(|range| range.contains(&u32::from(*c)))).collect()
}

fn joined(parts: Vec<Tree>) -> Vec<Tree> {
    let mut out: Vec<Tree> = Vec::new();
    for part in parts {
        match (out.last_mut(), part) {
            (_, Tree::Text(text)) if text.is_empty() => {}
            (Some(Tree::Text(before)), Tree::Text(text)) => before.push_str(&text),
            (_, part) => out.push(part),
        }
    }
    out
}

fn read(xml: &str) -> Tree {
    assert!(xml.starts_with(r#"<?xml version="1.0" encoding="UTF-8"?><Response"#), "{xml}");
    Tree::read(Document::parse(xml).unwrap_or_else(|error| panic!("{error}: {xml}")).root_element())
}

fn response(inside: Vec<Tree>) -> Tree {
    Tree::element("Response", &[], inside)
}

/// Random texts, most of them with characters that need escaping.
fn any_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => any::<char>().prop_map(String::from),
        2 => (0_u8..0x30).prop_map(|byte| char::from(byte).to_string()),
        2 => prop::sample::select(vec![
            "]]>", "\r\n", "\r", "\n", "\t", "\"", "'", "&", "<", ">", "&amp;", "&#13;", "<!--", "-->", "<?xml?>", "</Say>",
            "<Hangup/>", "\u{fffe}", "\u{ffff}", "\u{fffd}", "\u{7f}", "\u{85}", "\u{2028}", "\u{1f600}", "\u{10ffff}",
            " name=\"", "=", "  ", "\u{feff}", "%n", "日本",
        ]).prop_map(str::to_owned),
        1 => Just("plain words ".to_owned()),
    ];
    prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

fn any_tree() -> impl Strategy<Value = Tree> {
    let names = || prop::sample::select(vec!["Say", "Dial", "say-as", "_x", "A.b", "Response", "Message"]);
    let attributes = || {
        let values = prop::collection::vec(any_text(), 0..4);
        values.prop_map(|values| {
            let names = ["action", "b", "interpret-as", "c.d"];
            names.iter().zip(values).map(|(name, value)| ((*name).to_owned(), value)).collect::<Vec<_>>()
        })
    };
    let element = move |inside: BoxedStrategy<Vec<Tree>>| {
        (names(), attributes(), inside).prop_map(|(name, attributes, inside)| Tree::Element {
            name: name.to_owned(),
            attributes,
            inside,
        })
    };
    let leaf = element(Just(Vec::new()).boxed());
    leaf.prop_recursive(4, 24, 4, move |inner| {
        let part = prop_oneof![any_text().prop_map(Tree::Text), inner];
        element(prop::collection::vec(part, 0..5).boxed())
    })
}

proptest! {
    #[test]
    fn any_tree_is_read_back_unchanged(trees in prop::collection::vec(any_tree(), 0..4)) {
        let document = trees.iter().fold(VoiceResponse::new(), |document, tree| {
            document.element(tree.to_element().unwrap())
        });
        let expected = response(trees.iter().map(Tree::as_read).collect());
        prop_assert_eq!(read(&document.to_xml()), expected);
    }

    #[test]
    fn any_text_in_typed_verbs_is_read_back(texts in prop::collection::vec(any_text(), 12)) {
        let t = |at: usize| texts[at].as_str();
        let call = VoiceResponse::new()
            .say(Say::new(t(0)).voice(t(1)).text(t(2)).prosody(Prosody::new(t(3)).rate(t(4))).text(t(5)))
            .gather(Gather::new().action(t(6)).hints("first").say(t(7)).hints(t(8)).pause(1))
            .dial(Dial::new().caller_id(t(9)).number(Number::new(t(10)).attr("new", t(11))))
            .redirect(t(0));
        let prosody = Tree::element("prosody", &[("rate", t(4))], vec![Tree::text(t(3))]);
        let spoken = vec![Tree::text(t(0)), Tree::text(t(2)), prosody, Tree::text(t(5))];
        let pause = Tree::element("Pause", &[("length", "1")], vec![]);
        let asked = vec![Tree::element("Say", &[], vec![Tree::text(t(7))]), pause];
        let number = Tree::element("Number", &[("new", t(11))], vec![Tree::text(t(10))]);
        let expected = response(vec![
            Tree::element("Say", &[("voice", t(1))], spoken),
            Tree::element("Gather", &[("action", t(6)), ("hints", t(8))], asked),
            Tree::element("Dial", &[("callerId", t(9))], vec![number]),
            Tree::element("Redirect", &[], vec![Tree::text(t(0))]),
        ]);
        prop_assert_eq!(read(&call.to_xml()), expected);

        let clean = texts.iter().all(|text| allowed(text) == *text);
        prop_assert_eq!(call.try_to_xml().is_ok(), clean);
    }

    #[test]
    fn any_text_in_a_reply_is_read_back(body in any_text(), media in any_text(), to in any_text()) {
        let reply = MessagingResponse::new().message(Message::new(&body).media(&media).to(&to));
        let inside = vec![
            Tree::element("Body", &[], vec![Tree::text(&body)]),
            Tree::element("Media", &[], vec![Tree::text(&media)]),
        ];
        let expected = response(vec![Tree::element("Message", &[("to", &to)], inside)]);
        prop_assert_eq!(read(&String::from(reply)), expected);
    }

    #[test]
    fn any_name_gives_a_document_that_can_be_read(name in any_text(), value in any_text()) {
        let element = Element::new(&name).attr(&value, &name).attr(&name, &value).attr(&name, "again").text(&value);
        let document = VoiceResponse::new().element(element).hangup();
        let Tree::Element { inside, .. } = read(&document.to_xml()) else { panic!("no element") };
        let last = inside.last().cloned();
        prop_assert_eq!(last, Some(Tree::element("Hangup", &[], vec![])));
        prop_assert!(inside.len() == 2 || document.check().is_err());
    }
}

#[test]
fn markup_in_a_text_is_escaped() {
    let said = "</Say></Response><Redirect>http://evil.example</Redirect>";
    let document = VoiceResponse::new().say(Say::new(said).voice("\"/><Hangup/>"));
    let voice = [("voice", "\"/><Hangup/>")];
    let expected = response(vec![Tree::element("Say", &voice, vec![Tree::text(said)])]);
    assert_eq!(read(&document.to_xml()), expected);
}

#[test]
fn a_document_can_be_sent_with_make_call() {
    let document = VoiceResponse::new().say("Hello").hangup();
    let xml = document.to_xml();
    assert_eq!(document.to_string(), xml);
    let call = MakeCall::twiml("+14155551234", document);
    assert_eq!(call.twiml.unwrap().as_str(), xml);
    let said = MakeCall::say("+14155551234", "a \u{0}<b> & c").twiml.unwrap();
    let expected = response(vec![Tree::element("Say", &[], vec![Tree::text("a <b> & c")])]);
    assert_eq!(read(said.as_str()), expected);
}

#[test]
fn deep_and_wide_documents_are_written() {
    let deep = (0..2_000).fold(Element::new("A"), |inner, _| Element::new("A").child(inner));
    let document = VoiceResponse::new().element(deep);
    assert!(document.to_xml().len() < 30_000 && document.check().is_ok());
    let wide = (0..50_000).fold(VoiceResponse::new(), |document, _| document.say("x"));
    assert!(matches!(wide.check(), Err(TwimlError::TooLarge { .. })));
}

#[test]
fn debug_shows_no_text() {
    let menu = Menu::new("/planted", "planted").option('1', "planted");
    let Choice::Again(again) = menu.answer("planted", 1) else { panic!("not asked again") };
    let page = Acknowledge::new("planted", "/planted").key('2', "planted");
    let voicemail = Voicemail::new("planted", "/planted").thanks("planted");
    let forward = Forward::to("planted", "/planted", "/planted");
    let whisper = Whisper::from_caller("planted", "/planted");
    let element = Element::new("Say").attr("voice", "planted").text("planted");
    let wrong = VoiceResponse::new().element(Element::new("pl anted")).say("planted \0");
    let printed = [
        format!("{menu:?} {again:?} {:?}", menu.first()),
        format!("{page:?} {:?} {:?}", page.document(), page.answer("1")),
        format!("{voicemail:?} {:?} {forward:?} {:?}", voicemail.document(), forward.document()),
        format!("{whisper:?} {:?} {element:?}", whisper.document()),
        format!("{wrong:?} {:?} {}", wrong.check(), wrong.check().unwrap_err()),
    ];
    for printed in printed {
        assert!(!printed.contains("planted") && !printed.contains("anted"), "{printed}");
    }
}

async fn answered(response: Response) -> (StatusCode, Option<String>, String) {
    let kind = response.headers().get(header::CONTENT_TYPE).map(|kind| kind.to_str().unwrap().to_owned());
    let status = response.status();
    let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
    (status, kind, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn a_document_is_an_http_response() {
    let (status, kind, body) = answered(MessagingResponse::new().message("Hi \u{1b}").into_response()).await;
    assert_eq!((status, kind.as_deref()), (StatusCode::OK, Some("text/xml; charset=utf-8")));
    assert!(body.ends_with("<Response><Message><Body>Hi </Body></Message></Response>"));
    assert_eq!(answered(VoiceResponse::new().into_response()).await.0, StatusCode::OK);
    assert_eq!(answered(WaitResponse::new().play("/music").into_response()).await.0, StatusCode::OK);
}

#[tokio::test]
async fn a_document_that_twilio_would_refuse_becomes_a_500() {
    let large = (0..20).fold(VoiceResponse::new(), |document, _| document.say("\u{0} secret ".repeat(450)));
    let misnamed = VoiceResponse::new().say("secret \u{0}").element(Element::new("no name"));
    for document in [large, misnamed] {
        let problem = document.problems().last().unwrap().to_string();
        let (response, log) = logged(|| document.into_response());
        assert!(log.contains("ERROR") && log.contains(&problem) && !log.contains("secret"), "{log}");
        let (status, _, body) = answered(response).await;
        assert_eq!((status, body.as_str()), (StatusCode::INTERNAL_SERVER_ERROR, ""));
    }
}

/// Returns the result of a closure and what it logged.
fn logged<T>(run: impl FnOnce() -> T) -> (T, String) {
    let log = Arc::new(Mutex::new(Vec::new()));
    let written = log.clone();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(move || Written(written.clone()));
    let given = tracing::subscriber::with_default(subscriber.finish(), run);
    let log = String::from_utf8(log.lock().unwrap().clone()).unwrap();
    (given, log)
}

struct Written(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Written {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
