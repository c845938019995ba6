//! Whether a message of Twilio's list has the text that was sent: Twilio may have changed it.

use crate::provider::{FoundRow, Likeness, Outgoing};
use crate::sms::{Segmentation, Text};

/// Twilio writes this before each text of a trial account.
///
/// <https://www.twilio.com/docs/usage/tutorials/how-to-use-your-free-trial-account>
const TRIAL: &str = "Sent from your Twilio trial account - ";

/// Compares the texts as they are, without the words of a trial account, and after Smart Encoding.
pub(super) fn of(message: &Outgoing, found: &FoundRow) -> Likeness {
    let plain = message.likeness(found);
    if plain == Likeness::Same {
        return plain;
    }
    let listed = found.text.as_ref().map_or("", |text| text.as_str());
    let stripped = listed.strip_prefix(TRIAL).unwrap_or(listed);
    let rewritten = |text: &str| Text::new(Segmentation::smart(text).text());
    let message =
        Outgoing { text: message.text.as_ref().map(|text| rewritten(text.as_str())), ..message.clone() };
    let found = FoundRow { text: found.text.as_ref().map(|_| rewritten(stripped)), ..found.clone() };
    match (message.likeness(&found), plain) {
        (Likeness::Same, _) => Likeness::Same,
        (Likeness::Opaque, _) | (_, Likeness::Opaque) => Likeness::Opaque,
        _ => Likeness::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::{Delivery, DeliveryStatus, SendId};

    #[test]
    fn what_twilio_changes_is_still_the_same_text() {
        for (sent, listed, expected) in [
            ("Hi", "Hi", Likeness::Same),
            ("Hi", "Sent from your Twilio trial account - Hi", Likeness::Same),
            ("It’s “late”…", "It's \"late\"...", Likeness::Same),
            ("It’s late", "Sent from your Twilio trial account - It's late", Likeness::Same),
            ("Hi", "Sent from your Twilio trial account - Hi!", Likeness::Other),
            ("Hi", "Say Hi", Likeness::Other),
            ("Hi", "", Likeness::Opaque),
            (
                "Sent from your Twilio trial account - Hi",
                "Sent from your Twilio trial account - Hi",
                Likeness::Same,
            ),
            (
                "At https://a.example/1…",
                "Sent from your Twilio trial account - At https://twil.io/x",
                Likeness::Opaque,
            ),
        ] {
            let delivery = Delivery::new(SendId::text("SM1"), DeliveryStatus::Sent);
            let row = FoundRow { text: Some(listed.into()), ..FoundRow::new(delivery, true) };
            assert_eq!(of(&Outgoing::text("+14155551234", sent), &row), expected, "{sent:?} {listed:?}");
        }
    }
}
