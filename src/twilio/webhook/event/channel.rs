//! What WhatsApp and RCS add to a message.

use super::read::part;
use crate::phone::Address;
use crate::sms::Text;
use crate::twilio::wire::wire_enum;

wire_enum! {
    /// What a channel message is.
    MessageType {
        /// Words.
        Text = "text",
        /// A picture.
        Image = "image",
        /// Sound.
        Audio = "audio",
        /// A film.
        Video = "video",
        /// A file.
        Document = "document",
        /// A sticker.
        Sticker = "sticker",
        /// A place.
        Location = "location",
        /// Somebody's card.
        Contacts = "contacts",
        /// A button that was pressed.
        Button = "button",
        /// An answer to a list or a form.
        Interactive = "interactive",
        /// A smiley on another message.
        Reaction = "reaction",
    }
}

part! {
    /// A button that the person pressed.
    Button {
        /// What stands on it.
        text: Text = "Text",
        /// What you put behind it.
        payload: Text = "Payload",
    }
}

part! {
    /// What the person chose from a list.
    ListChoice {
        /// The ID that you gave it.
        id: Text = "Id",
        /// What stands on it.
        title: Text = "Title",
    }
}

part! {
    /// A place that the person sent.
    Location {
        /// Degrees north, as they came; see [`coordinates`](Location::coordinates).
        latitude: Text = "Latitude",
        /// Degrees east, as they came.
        longitude: Text = "Longitude",
        /// Its address.
        address: Text = "Address",
        /// Its name.
        label: Text = "Label",
    }
}

impl Location {
    /// Returns degrees north and east, where both can be read.
    #[must_use]
    pub fn coordinates(&self) -> Option<(f64, f64)> {
        let read = |text: &Option<Text>, most: f64| {
            let degrees = text.as_ref()?.as_str().parse::<f64>().ok()?;
            (degrees.abs() <= most).then_some(degrees)
        };
        Some((read(&self.latitude, 90.0)?, read(&self.longitude, 180.0)?))
    }
}

part! {
    /// The advertisement that led the person to you.
    Referral {
        /// Its text.
        body: Text = "Body",
        /// Its headline.
        headline: Text = "Headline",
        /// Its ID.
        source_id: String = "SourceId",
        /// Its kind: `ad`, `post`.
        source_type: String = "SourceType",
        /// Its URL.
        source_url: Text = "SourceUrl",
        /// How many pictures it has.
        num_media: u32 = "NumMedia",
        /// Its picture.
        media_id: String = "MediaId",
        /// What the picture is.
        media_content_type: String = "MediaContentType",
        /// Where the picture is.
        media_url: Text = "MediaUrl",
        /// The ID of the click.
        ctwa_clid: Text = "CtwaClid",
    }
}

part! {
    /// The message that this one answers.
    RepliedTo {
        /// Who sent that.
        sender: Address = "Sender",
        /// Its SID.
        sid: String = "Sid",
    }
}
