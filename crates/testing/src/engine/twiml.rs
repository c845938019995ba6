//! TwiML: the verbs of a document, and the errors and warnings of Twilio.

mod schema;

use roxmltree::{Document, Node};

pub(super) use self::schema::schema_warnings;
use super::webhook::{FetchedDocument, WebhookError};

/// The most bytes of a document.
pub(crate) const MAX_DOCUMENT: usize = 64 * 1024;
/// The deepest nesting of elements; Twilio's own verbs need four levels.
const MAX_DEPTH: usize = 16;
const PARSE_FAILED: u32 = 12100;
const WRONG_TYPE: u32 = 12300;

/// One element below the root.
#[derive(Clone)]
pub(super) struct Verb {
    pub(super) name: String,
    attributes: Vec<(String, String)>,
    /// All text in the element and its children, trimmed.
    pub(super) text: String,
    /// The text directly in the element, trimmed.
    pub(super) own_text: String,
    pub(super) children: Vec<Verb>,
}

impl Verb {
    /// Returns an attribute, even an empty one.
    pub(super) fn given(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Returns an attribute that is not empty.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.given(name).filter(|value| !value.is_empty())
    }

    /// Returns an attribute as a number, or the default.
    pub(super) fn number(&self, name: &str, default: u32) -> u32 {
        self.get(name).and_then(|text| text.trim().parse().ok()).unwrap_or(default)
    }

    /// Returns whether the attribute is `true`.
    pub(super) fn flag(&self, name: &str) -> bool {
        self.get(name).is_some_and(|text| text.eq_ignore_ascii_case("true"))
    }

    /// Returns whether the attribute is the method `GET`.
    pub(super) fn is_get(&self, name: &str) -> bool {
        self.get(name).is_some_and(|text| text.eq_ignore_ascii_case("GET"))
    }
}

/// Reads the verbs of a document.
pub(super) fn read(bytes: &[u8]) -> Result<Vec<Verb>, WebhookError> {
    let bad = |why: String| WebhookError::new(PARSE_FAILED, format!("the document cannot be read: {why}"));
    let text = str::from_utf8(bytes).map_err(|_| bad("it is not UTF-8".to_owned()))?;
    if text.trim().is_empty() {
        return Err(bad("it is empty".to_owned()));
    }
    let document = Document::parse(text).map_err(|error| bad(place(&error)))?;
    let root = document.root_element();
    if root.tag_name().name() != "Response" {
        return Err(bad("its root is not Response".to_owned()));
    }
    let verbs: Option<Vec<Verb>> = elements(root).map(|node| verb(node, MAX_DEPTH)).collect();
    verbs.ok_or_else(|| bad(format!("its elements nest deeper than {MAX_DEPTH}")))
}

/// Returns the position of the error. The parser's message is left out, since it may quote the document.
fn place(error: &roxmltree::Error) -> String {
    let place = error.pos();
    format!("it is no XML from line {}, column {} on", place.row, place.col)
}

fn elements<'a, 'd>(node: Node<'a, 'd>) -> impl Iterator<Item = Node<'a, 'd>> {
    node.children().filter(Node::is_element)
}

fn verb(node: Node<'_, '_>, depth: usize) -> Option<Verb> {
    let depth = depth.checked_sub(1)?;
    let text: String = node.descendants().filter(Node::is_text).filter_map(|text| text.text()).collect();
    let own: String = node.children().filter(Node::is_text).filter_map(|text| text.text()).collect();
    Some(Verb {
        name: node.tag_name().name().to_owned(),
        attributes: node.attributes().map(|a| (a.name().to_owned(), a.value().to_owned())).collect(),
        text: text.trim().to_owned(),
        own_text: own.trim().to_owned(),
        children: elements(node).map(|child| verb(child, depth)).collect::<Option<_>>()?,
    })
}

/// Returns the media type without its parameters, in lower case.
pub(super) fn media_type(page: &FetchedDocument) -> String {
    let given = page.content_type.as_deref().unwrap_or_default();
    given.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// Reads the answer of a webhook as TwiML, if its content type is one that Twilio accepts.
pub(super) fn read_fetched(page: &FetchedDocument) -> Result<Vec<Verb>, WebhookError> {
    let found = match media_type(page).as_str() {
        _ if page.body.trim_ascii().is_empty() => read(&[]),
        "text/xml" | "application/xml" | "text/html" => read(&page.body),
        "" => Err(WebhookError::new(WRONG_TYPE, "the document has no Content-Type")),
        other => {
            let other: String = other.chars().take(40).collect();
            Err(WebhookError::new(WRONG_TYPE, format!("the Content-Type is {other}, not text/xml")))
        }
    };
    found.map_err(|error| WebhookError { status: Some(page.status), ..error })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(document: &str) -> String {
        read(document.as_bytes()).err().unwrap().text()
    }

    #[test]
    fn a_document_is_read_with_its_text_and_attributes() {
        let document = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response><!-- x -->\
            <Gather numDigits='1' timeout='x'><Say> Press <emphasis>1</emphasis> &amp; wait </Say></Gather>\
            <Redirect>/a</Redirect></Response>";
        let verbs = read(document.as_bytes()).ok().unwrap();
        assert_eq!(verbs.iter().map(|v| v.name.as_str()).collect::<Vec<_>>(), ["Gather", "Redirect"]);
        assert_eq!(verbs[0].children[0].text, "Press 1 & wait");
        assert_eq!((verbs[0].number("numDigits", 0), verbs[0].number("timeout", 5)), (1, 5));
    }

    #[test]
    fn what_is_no_document_is_told_and_not_quoted() {
        let deep = format!("<Response>{}{}</Response>", "<a>".repeat(9000), "</a>".repeat(9000));
        for (document, why) in [
            ("", "is empty"),
            ("<Response><Say>secret</Response>", "no XML from line 1"),
            ("<Responses/>", "not Response"),
            ("<!DOCTYPE r [<!ENTITY x 'y'>]><Response>&x;</Response>", "no XML"),
            (&deep, "nest deeper"),
        ] {
            let told = failure(document);
            assert!(told.starts_with("12100: ") && told.contains(why), "{told}");
            assert!(!told.contains("secret"));
        }
        assert!(read(b"<Response>\xff</Response>").is_err());
    }
}
