//! Texts and calls that are typed, delivered by a fake of Twilio as signed webhooks.

use switchboard::phone::{Address, AddressKind};
use switchboard_testing::{FakeTwilio, InboundCall, InboundSms, Phone};
use tokio::io::{AsyncBufReadExt as _, BufReader};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;

const HELP: &str = "\
text FROM WORDS…  somebody texts the number:  text +14155551234 hello
call FROM         somebody calls it:          call +14155551234
press KEYS        the caller presses keys:    press 1
say WORDS…        the caller speaks:          say sales, please
hangup            the caller hangs up
quit              ends";

/// What somebody typed.
#[derive(Debug, PartialEq, Eq)]
enum Line {
    Nothing,
    Text { from: String, body: String },
    Call { from: String },
    Press(String),
    Say(String),
    HangUp,
    Help,
    Quit,
}

/// Reads a line, or says what is wrong with it.
fn parse(line: &str) -> Result<Line, String> {
    let (command, rest) = line.trim().split_once(char::is_whitespace).unwrap_or((line.trim(), ""));
    let rest = rest.trim();
    let words = |example: &str| {
        if rest.is_empty() {
            Err(format!("{command}: something is missing, as in `{example}`"))
        } else {
            Ok(rest)
        }
    };
    match command {
        "" => Ok(Line::Nothing),
        "text" => {
            let example = "text +14155551234 hello";
            let (from, body) = words(example)?.split_once(char::is_whitespace).unwrap_or((rest, ""));
            Ok(Line::Text { from: person(command, from, example)?, body: body.trim_start().to_owned() })
        }
        "call" => {
            let example = "call +14155551234";
            Ok(Line::Call { from: person(command, words(example)?, example)? })
        }
        "press" => Ok(Line::Press(words("press 1")?.to_owned())),
        "say" => Ok(Line::Say(words("say sales, please")?.to_owned())),
        "hangup" => Ok(Line::HangUp),
        "help" | "?" => Ok(Line::Help),
        "quit" | "exit" => Ok(Line::Quit),
        other => Err(format!("there is no `{other}`: type help")),
    }
}

fn person(command: &str, from: &str, example: &str) -> Result<String, String> {
    let kind = Address::parse(from).and_then(|address| address.kind());
    let kind = kind.map_err(|error| format!("{command} FROM: {error}, as in `{example}`"))?;
    let may = matches!(
        (command, kind),
        (_, AddressKind::Phone)
            | ("text", AddressKind::WhatsApp | AddressKind::ShortCode)
            | ("call", AddressKind::Client | AddressKind::Sip)
    );
    if may {
        Ok(from.to_owned())
    } else {
        Err(format!("{command} FROM: nobody can {command} from that, as in `{example}`"))
    }
}

/// The people of a fake, who do what is typed.
#[derive(Debug)]
pub(crate) struct People {
    fake: FakeTwilio,
    sms_url: String,
    voice_url: String,
    out: Output,
    phone: Option<Phone>,
    /// How much of what the caller hears was shown.
    heard: usize,
}

impl People {
    /// Starts a fake whose number has these webhooks.
    pub(crate) async fn start(sms_url: String, voice_url: String, out: Output) -> Result<Self, Failure> {
        let fake = FakeTwilio::builder().seed(0).real_time().try_start().await;
        let fake =
            fake.map_err(|error| Failure::new(Exit::Failed, format!("the fake cannot start: {error}")))?;
        fake.set_sms_url(&sms_url);
        fake.set_voice_url(&voice_url);
        Ok(Self { fake, sms_url, voice_url, out, phone: None, heard: 0 })
    }

    pub(crate) const fn fake(&self) -> &FakeTwilio {
        &self.fake
    }

    /// Does what stands on standard input, line by line, until its end.
    pub(crate) async fn obey_input(mut self) -> Result<(), Failure> {
        let mut lines = BufReader::new(tokio::io::stdin()).lines();
        loop {
            let line = lines.next_line().await;
            let line = line.map_err(|error| {
                Failure::new(Exit::Failed, format!("standard input cannot be read: {error}"))
            })?;
            let Some(line) = line else { return Ok(()) };
            match parse(&line) {
                Ok(Line::Quit) => return Ok(()),
                Ok(line) => self.obey(line).await?,
                Err(wrong) => self.out.warn(&wrong),
            }
        }
    }

    async fn obey(&mut self, line: Line) -> Result<(), Failure> {
        match line {
            Line::Text { from, body } => self.text(&from, &body).await,
            Line::Call { from } => {
                let call = InboundCall::new(from.as_str()).url(self.voice_url.as_str());
                self.phone = Some(self.fake.receive_call(call).await);
                self.heard = 0;
                self.hear()
            }
            Line::Press(keys) => self.at_the_phone(async |phone| phone.press(&keys).await).await,
            Line::Say(words) => self.at_the_phone(async |phone| phone.say(&words).await).await,
            Line::HangUp => self.at_the_phone(async |phone| phone.hang_up().await).await,
            Line::Help => {
                self.out.note(HELP);
                Ok(())
            }
            Line::Nothing | Line::Quit => Ok(()),
        }
    }

    async fn text(&self, from: &str, body: &str) -> Result<(), Failure> {
        let received = self.fake.receive(InboundSms::new(from, body).url(self.sms_url.as_str())).await;
        let person = self.out.masked(from);
        if let Some(error) = received.error() {
            self.out.warn(&error);
        }
        received.warnings().iter().for_each(|warning| self.out.warn(warning));
        if let Some(reply) = received.automatic_reply() {
            self.out.say(&format!("  Twilio answers {person}: {reply:?}"))?;
        }
        received.replies().iter().try_for_each(|reply| {
            let more = if reply.media.is_empty() {
                String::new()
            } else {
                format!(" with {}", reply.media.join(" "))
            };
            self.out.say(&format!("  reply to {person}: {:?}{more}", reply.body))
        })
    }

    async fn at_the_phone(&mut self, act: impl AsyncFnOnce(&Phone)) -> Result<(), Failure> {
        let Some(phone) = &self.phone else {
            self.out.warn("nobody is calling: type `call +14155551234` first");
            return Ok(());
        };
        act(phone).await;
        self.hear()
    }

    /// Shows what the caller has heard since the last time.
    fn hear(&mut self) -> Result<(), Failure> {
        let Some(phone) = &self.phone else { return Ok(()) };
        let said = phone.said();
        for words in said.get(self.heard..).unwrap_or_default() {
            self.out.say(&format!("  the caller hears: {words:?}"))?;
        }
        self.heard = said.len();
        if let Some(error) = phone.error() {
            self.out.warn(&error);
        }
        self.out.say(&format!("  the call is {}", phone.status()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_and_a_mistake_names_what_is_right() {
        let text = |from: &str, body: &str| Ok(Line::Text { from: from.into(), body: body.into() });
        assert_eq!(parse("text +14155551234  hello  there "), text("+14155551234", "hello  there"));
        assert_eq!(parse("text whatsapp:+14155551234 hi"), text("whatsapp:+14155551234", "hi"));
        assert_eq!(parse("text +14155551234"), text("+14155551234", ""));
        assert_eq!(parse("  call +14155551234"), Ok(Line::Call { from: "+14155551234".into() }));
        assert_eq!(parse("call client:alice"), Ok(Line::Call { from: "client:alice".into() }));
        assert_eq!(parse("press 1#"), Ok(Line::Press("1#".into())));
        assert_eq!(parse("say hello there"), Ok(Line::Say("hello there".into())));
        assert_eq!(parse(" \t"), Ok(Line::Nothing));
        for (wrong, told) in [
            ("text", "text +14155551234 hello"),
            ("text 4155551234 hi", "text +14155551234 hello"),
            ("text client:alice hi", "text +14155551234 hello"),
            ("call whatsapp:+14155551234", "call +14155551234"),
            ("press", "press 1"),
            ("dance", "type help"),
        ] {
            let error = parse(wrong).unwrap_err();
            assert!(error.contains(told) && !error.contains("4155551234 hi"), "{wrong}: {error}");
        }
    }
}
