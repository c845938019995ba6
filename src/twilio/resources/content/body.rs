//! The content of each type of template. Placeholders such as `{{1}}` are filled when it is sent.

use crate::phone::Address;
use crate::sms::Text;
use crate::twilio::wire::{answer, wire_enum};

answer! {
    /// `twilio/text`: a text.
    TextContent {
        /// The text.
        body: Text = "body",
    }
}

answer! {
    /// `twilio/media`: pictures and files, with or without a text.
    MediaContent {
        /// The text.
        body: Text = "body",
        /// The URLs of the pictures and files.
        media: Vec<Text> = "media",
    }
}

answer! {
    /// `twilio/quick-reply`: a text with answers to tap.
    QuickReply {
        /// The text.
        body: Text = "body",
        /// The answers.
        actions: Vec<ContentAction> = "actions",
    }
}

answer! {
    /// `twilio/list-picker`: a text with a menu of up to ten entries.
    ListPicker {
        /// The text.
        body: Text = "body",
        /// The label of the button that opens the menu.
        button: Text = "button",
        /// The entries.
        items: Vec<ListItem> = "items",
    }
}

answer! {
    /// An entry of a menu.
    ListItem {
        /// The id that your webhook receives when the entry is chosen.
        id: String = "id",
        /// Its label.
        item: Text = "item",
        /// Its description, in small print.
        description: Text = "description",
    }
}

answer! {
    /// `twilio/call-to-action`: a text with buttons that open a page or make a call.
    CallToAction {
        /// The text.
        body: Text = "body",
        /// The buttons.
        actions: Vec<ContentAction> = "actions",
    }
}

answer! {
    /// `twilio/card`: a title with a picture and buttons.
    Card {
        /// The title.
        title: Text = "title",
        /// The line below it.
        subtitle: Text = "subtitle",
        /// The URL of the picture.
        media: Vec<Text> = "media",
        /// The buttons.
        actions: Vec<ContentAction> = "actions",
    }
}

wire_enum! {
    /// What a button does.
    ContentActionType {
        /// It sends an answer.
        QuickReply = "QUICK_REPLY",
        /// It opens a page.
        Url = "URL",
        /// It calls a number.
        PhoneNumber = "PHONE_NUMBER",
        /// It copies a code.
        CopyCode = "COPY_CODE",
        /// It calls you over WhatsApp.
        VoiceCall = "VOICE_CALL",
        /// It gives you permission to call over WhatsApp.
        VoiceCallRequest = "VOICE_CALL_REQUEST",
    }
}

answer! {
    /// A button.
    ContentAction = "as Twilio" {
        /// The action of the button.
        kind: ContentActionType = "type",
        /// Its label.
        title: Text = "title",
        /// The page it opens.
        url: Text = "url",
        /// The number it calls.
        phone: Address = "phone",
        /// The code it copies.
        code: Text = "code",
        /// The id that your webhook receives when the button is tapped.
        id: String = "id",
        /// The size of the page that it opens, such as `TALL`.
        webview_size: String = "webview_size",
    }
}

impl ContentAction {
    /// Makes a button that sends an answer; your webhook receives `id` as `ButtonPayload`.
    pub fn quick_reply(title: impl Into<Text>, id: impl Into<String>) -> Self {
        let kind = ContentActionType::QuickReply;
        Self { kind: Some(kind), title: Some(title.into()), id: Some(id.into()), ..Self::default() }
    }

    /// Makes a button that opens a page.
    pub fn url(title: impl Into<Text>, url: impl Into<Text>) -> Self {
        let kind = ContentActionType::Url;
        Self { kind: Some(kind), title: Some(title.into()), url: Some(url.into()), ..Self::default() }
    }

    /// Makes a button that calls a number.
    pub fn phone_number(title: impl Into<Text>, phone: impl Into<Address>) -> Self {
        let kind = ContentActionType::PhoneNumber;
        Self { kind: Some(kind), title: Some(title.into()), phone: Some(phone.into()), ..Self::default() }
    }

    /// Makes a button that copies a code.
    pub fn copy_code(title: impl Into<Text>, code: impl Into<Text>) -> Self {
        let kind = ContentActionType::CopyCode;
        Self { kind: Some(kind), title: Some(title.into()), code: Some(code.into()), ..Self::default() }
    }
}

impl ListItem {
    /// Makes an entry; your webhook receives `id` when it is chosen.
    pub fn new(id: impl Into<String>, item: impl Into<Text>) -> Self {
        Self { id: Some(id.into()), item: Some(item.into()), ..Self::default() }
    }

    /// Sets its description, in small print.
    #[must_use]
    pub fn description(mut self, text: impl Into<Text>) -> Self {
        self.description = Some(text.into());
        self
    }
}
