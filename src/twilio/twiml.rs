//! Documents that tell Twilio what to do. So far the one that says something; the others come with the webhooks.

/// The document that says a text and hangs up. Markup in the text is spoken, not obeyed; characters that XML forbids
/// are left out.
pub(crate) fn say(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 90);
    out.push_str(r#"<?xml version="1.0" encoding="UTF-8"?><Response><Say>"#);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            '\t' | '\n' | '\r' => out.push(c),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {}
            _ => out.push(c),
        }
    }
    out.push_str("</Say></Response>");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_spoken_and_not_obeyed() {
        let document = say("</Say><Redirect>evil</Redirect> \u{0}\u{1b}Tom & \"Jerry\"");
        assert_eq!(document.matches('<').count(), 5);
        assert!(document.contains("Tom &amp; &quot;Jerry&quot;") && !document.contains('\u{1b}'));
    }
}
