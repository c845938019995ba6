//! The XML writer behind every element: one string that grows, already escaped. There is no tree of nodes.
//!
//! An element is built before it is added to its parent, and added by copying its string. So an attribute can still be set
//! after children were added, as long as the element has no parent.

use std::fmt::{self, Write as _};
use std::ops::Range;

use super::TwimlError;
use super::escape::{Escaped, is_attribute_name, is_name};
use super::limits;

/// The XML declaration.
const HEAD: &str = r#"<?xml version="1.0" encoding="UTF-8"?>"#;

/// An unfinished element: `<Name a="1"` and, once it has content, `>` and the content. The end tag is written when the element
/// is added to its parent.
#[derive(Clone, PartialEq)]
pub(super) struct Buffer {
    xml: String,
    /// The range of the name in `xml`.
    name: Range<usize>,
    /// The end of the attributes in `xml`.
    tag: usize,
    /// The name is not a valid XML name, so the element is not written into its parent.
    bad_name: bool,
    /// It contains XML that was added unchecked.
    raw: bool,
    problems: Vec<TwimlError>,
}

impl Buffer {
    /// Starts an element.
    pub(super) fn new(name: &str) -> Self {
        let bad_name = !is_name(name);
        let name = if bad_name { "_" } else { name };
        Self { bad_name, ..Self::open(String::with_capacity(96), name) }
    }

    /// Starts a document.
    pub(super) fn document() -> Self {
        let mut xml = String::with_capacity(512);
        xml.push_str(HEAD);
        Self::open(xml, "Response")
    }

    fn open(mut xml: String, name: &str) -> Self {
        xml.push('<');
        let start = xml.len();
        xml.push_str(name);
        let end = xml.len();
        Self { xml, name: start..end, tag: end, bad_name: false, raw: false, problems: Vec::new() }
    }

    pub(super) fn name(&self) -> &str {
        self.xml.get(self.name.clone()).unwrap_or_default()
    }

    /// The content, escaped.
    pub(super) fn content(&self) -> &str {
        self.xml.get(self.tag + 1..).unwrap_or_default()
    }

    /// The value of an attribute, escaped.
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.xml.get(self.find(name)?)
    }

    pub(super) fn problem(&mut self, problem: TwimlError) {
        self.problems.push(problem);
    }

    pub(super) fn problems(&self) -> &[TwimlError] {
        &self.problems
    }

    /// Sets an attribute whose name comes from outside this crate.
    pub(super) fn set_checked(&mut self, name: &str, value: impl fmt::Display) {
        if is_attribute_name(name) {
            self.set_display(name, value);
        } else {
            let element = self.name().to_owned();
            self.problem(TwimlError::AttributeName { element });
        }
    }

    /// Sets an attribute to what `Display` writes.
    pub(super) fn set_display(&mut self, name: &str, value: impl fmt::Display) {
        // If `Display` fails halfway, the attribute keeps the part that was written.
        self.set_with(name, |out| {
            let _ = write!(out, "{value}");
        });
    }

    /// Sets an attribute.
    pub(super) fn set(&mut self, name: &str, value: &str) {
        self.set_with(name, |out| out.push(value));
    }

    /// Sets an attribute to words separated by spaces.
    pub(super) fn set_list(&mut self, name: &str, words: impl IntoIterator<Item = impl AsRef<str>>) {
        self.set_with(name, |out| {
            for (at, word) in words.into_iter().enumerate() {
                if at > 0 {
                    out.push(" ");
                }
                out.push(word.as_ref());
            }
        });
    }

    /// Sets or replaces an attribute: XML allows each name once.
    fn set_with(&mut self, name: &str, write: impl FnOnce(&mut Escaped<'_>)) {
        let forbidden;
        if let Some(place) = self.find(name) {
            let mut value = String::new();
            forbidden = escape(&mut value, write);
            self.tag = self.tag - place.len() + value.len();
            self.xml.replace_range(place, &value);
        } else if self.is_empty() {
            forbidden = escape_attribute(&mut self.xml, name, write);
            self.tag = self.xml.len();
        } else {
            let mut attribute = String::new();
            forbidden = escape_attribute(&mut attribute, name, write);
            self.xml.insert_str(self.tag, &attribute);
            self.tag += attribute.len();
        }
        self.note_forbidden(forbidden);
    }

    /// Finds the value of an attribute. Quotation marks inside values are escaped, so each one here is a delimiter.
    fn find(&self, name: &str) -> Option<Range<usize>> {
        let mut at = self.name.end;
        let mut parts = self.xml.get(at..self.tag)?.split('"');
        while let (Some(key), Some(value)) = (parts.next(), parts.next()) {
            let start = at + key.len() + 1;
            let end = start + value.len();
            if key.strip_prefix(' ').and_then(|key| key.strip_suffix('=')) == Some(name) {
                return Some(start..end);
            }
            at = end + 1;
        }
        None
    }

    pub(super) fn text(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        self.begin_content();
        let mut out = Escaped::text(&mut self.xml);
        out.push(text);
        let forbidden = out.forbidden;
        self.note_forbidden(forbidden);
    }

    pub(super) fn child(&mut self, mut child: Self) {
        if let Some(problem) = limits::exceeded_by(&child) {
            self.problem(problem);
        }
        if child.bad_name {
            let parent = self.name().to_owned();
            self.problem(TwimlError::ElementName { parent });
        } else {
            self.begin_content();
            self.xml.push_str(&child.xml);
            if child.is_empty() {
                self.xml.push_str("/>");
            } else {
                self.xml.push_str("</");
                self.xml.push_str(child.name());
                self.xml.push('>');
            }
            self.raw |= child.raw;
        }
        self.problems.append(&mut child.problems);
    }

    /// Adds the content of another element.
    pub(super) fn append(&mut self, other: &Self) {
        if !other.is_empty() {
            self.begin_content();
            self.xml.push_str(other.content());
        }
        self.raw |= other.raw;
        self.problems.extend_from_slice(&other.problems);
    }

    /// Adds XML without escaping or checking it.
    pub(super) fn raw(&mut self, xml: &str) {
        self.begin_content();
        self.xml.push_str(xml);
        self.raw = true;
    }

    fn begin_content(&mut self) {
        if self.is_empty() {
            self.xml.push('>');
        }
    }

    fn is_empty(&self) -> bool {
        self.xml.len() == self.tag
    }

    fn note_forbidden(&mut self, character: Option<char>) {
        if let Some(character) = character {
            let element = self.name().to_owned();
            self.problem(TwimlError::ForbiddenCharacter { element, character: u32::from(character) });
        }
    }

    /// Returns the XML with its end tag.
    pub(super) fn finish(mut self) -> String {
        if self.is_empty() {
            self.xml.push_str("/>");
        } else {
            let name = self.name.clone();
            self.xml.reserve(name.len() + 3);
            self.xml.push_str("</");
            self.xml.extend_from_within(name);
            self.xml.push('>');
        }
        self.xml
    }

    /// How many bytes [`finish`](Self::finish) gives.
    pub(super) fn finished_len(&self) -> usize {
        self.xml.len() + if self.is_empty() { 2 } else { self.name.len() + 3 }
    }
}

fn escape(out: &mut String, write: impl FnOnce(&mut Escaped<'_>)) -> Option<char> {
    let mut escaped = Escaped::attribute(out);
    write(&mut escaped);
    escaped.forbidden
}

fn escape_attribute(out: &mut String, name: &str, write: impl FnOnce(&mut Escaped<'_>)) -> Option<char> {
    out.push(' ');
    out.push_str(name);
    out.push_str("=\"");
    let forbidden = escape(out, write);
    out.push('"');
    forbidden
}

/// Shows names of elements and sizes only: texts and values may be personal. Raw XML is not shown at all.
impl fmt::Debug for Buffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{}>({} bytes", self.name(), self.finished_len())?;
        if self.raw {
            f.write_str(", some of them raw")?;
        } else {
            let tags = self.content().split('<').skip(1).filter(|tag| !tag.starts_with('/'));
            for (at, tag) in tags.enumerate() {
                let name = tag.split([' ', '>', '/']).next().unwrap_or_default();
                write!(f, "{} {name}", if at == 0 { ":" } else { "," })?;
            }
        }
        f.write_str(")")
    }
}

#[cfg(test)]
mod tests {
    use crate::twilio::twiml::{
        Dial, Element, Gather, Message, MessagingResponse, Say, TwimlError, VoiceResponse,
    };

    fn xml(element: impl Into<Element>) -> String {
        let document = VoiceResponse::new().element(element).try_to_xml().unwrap();
        let inside = document.split_once("<Response>").unwrap().1;
        inside.strip_suffix("</Response>").unwrap().to_owned()
    }

    #[test]
    fn a_setter_that_is_called_again_replaces_the_value() {
        let gather = Gather::new().action("/a?x=1&y=2").timeout(5).action("/b").num_digits(1).timeout(10);
        assert_eq!(xml(gather.clone()), r#"<Gather action="/b" timeout="10" numDigits="1"/>"#);
        let longer =
            gather.say("Hi").action("/much longer than before").attr("new", true).attr("timeout", "x");
        assert_eq!(
            xml(longer),
            r#"<Gather action="/much longer than before" timeout="x" numDigits="1" new="true"><Say>Hi</Say></Gather>"#,
        );
    }

    #[test]
    fn a_value_that_looks_like_an_attribute_is_not_replaced() {
        let tricky = Element::new("A").attr("a", " b=").attr("c", "\" b=\"x").attr("b", "1").attr("b", "2");
        assert_eq!(xml(tricky), r#"<A a=" b=" c="&quot; b=&quot;x" b="2"/>"#);
    }

    #[test]
    fn an_attribute_is_set_once_even_after_children_were_added() {
        let element = Element::new("A")
            .text("t")
            .attr("a", "1")
            .child(Element::new("B"))
            .attr("a", "22")
            .attr("c", "3");
        assert_eq!(xml(element), r#"<A a="22" c="3">t<B/></A>"#);
        assert_eq!(xml(Element::new("A").text("")), "<A/>");
    }

    #[test]
    fn invalid_names_are_left_out_and_reported() {
        let bad = Element::new("Say><Hangup/").text("x").child(Element::new("Play"));
        let document =
            VoiceResponse::new().say("1").element(bad).say(Say::new("2").attr("a b", "c").attr("", "d"));
        assert!(document.to_xml().ends_with("<Response><Say>1</Say><Say>2</Say></Response>"));
        let problems: Vec<_> = document.problems().collect();
        assert_eq!(problems.len(), 3);
        assert_eq!(problems[0], TwimlError::ElementName { parent: "Response".into() });
        assert_eq!(problems[2], TwimlError::AttributeName { element: "Say".into() });
        assert_eq!(document.try_to_xml(), Err(problems[0].clone()));
    }

    #[test]
    fn forbidden_characters_are_reported_with_their_element() {
        let document = VoiceResponse::new().gather(Gather::new().hints("a\u{1b}b").say("c\0d"));
        assert!(document.to_xml().contains(r#"hints="ab"><Say>cd</Say>"#));
        let problems: Vec<_> = document.problems().map(|problem| problem.to_string()).collect();
        assert_eq!(
            problems,
            [
                "<Gather> has a character that XML forbids: U+001B",
                "<Say> has a character that XML forbids: U+0000",
            ]
        );
    }

    #[test]
    fn raw_xml_is_written_unchanged() {
        let raw = Element::new("Start").attr("a", 1).dangerously_raw_xml("<New x='1'/>");
        assert_eq!(xml(raw), r#"<Start a="1"><New x='1'/></Start>"#);
        let document = VoiceResponse::new().dangerously_raw_xml("<New/>").hangup();
        assert!(document.to_xml().ends_with("<Response><New/><Hangup/></Response>"));
    }

    #[test]
    fn debug_shows_names_and_sizes_only() {
        let document = VoiceResponse::new()
            .say("my <secret> words")
            .gather(Gather::new().action("/secret").say("secret").pause(1))
            .dial(Dial::new().number("+14155550123"));
        let bytes = document.to_xml().len();
        assert_eq!(
            format!("{document:?}"),
            format!("VoiceResponse(<Response>({bytes} bytes: Say, Gather, Say, Pause, Dial, Number))"),
        );
        assert_eq!(format!("{:?}", Say::new("secret")), "<Say>(17 bytes: )".replace(": ", ""));
        let raw =
            MessagingResponse::new().message(Message::new("secret")).dangerously_raw_xml("<secret words");
        assert!(!format!("{raw:?}").contains("secret"), "{raw:?}");
    }
}
