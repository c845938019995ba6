//! `call make`: a call, once, and an exit status that says whether it may be ringing.

use switchboard::phone::Address;
use switchboard::twilio::CreateCall;
use switchboard::twilio::twiml::{Record, VoiceResponse};
use switchboard_accounts::Webhooks;

use crate::args::DryRun;
use crate::context::Context;
use crate::dry_run::refused;
use crate::failure::Failure;

/// Twilio transcribes recordings of up to this many seconds.
const TRANSCRIBED: u32 = 120;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Who is called: a number as in +14155551234, sip:… or client:…
    to: String,
    /// The URL of the TwiML document that runs when they answer
    #[arg(long, group = "document")]
    url: Option<String>,
    /// The TwiML document itself: '<Response><Say>Hello</Say></Response>'
    #[arg(long, group = "document", value_name = "XML")]
    twiml: Option<String>,
    /// The text that is said when they answer
    #[arg(long, group = "document", value_name = "TEXT")]
    say: Option<String>,
    /// Record the call
    #[arg(long)]
    record: bool,
    /// Record what they say after a beep, for up to two minutes, and transcribe it; alone or after --say
    #[arg(long)]
    transcribe: bool,
    /// The URL that receives the transcription; by default that of the file of accounts
    #[arg(long, value_name = "URL", requires = "transcribe")]
    transcription_callback: Option<String>,
    /// The URL that Twilio reports to what became of the call; by default that of the file of accounts
    #[arg(long, value_name = "URL")]
    callback: Option<String>,
    /// The caller: a number of the account, or a verified one; by default the number of the account
    #[arg(long, value_name = "NUMBER")]
    from: Option<String>,
    #[command(flatten)]
    dry_run: DryRun,
}

pub(crate) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    // A mistake in what was typed is told before the file of accounts is asked for anything.
    call(&args, &Webhooks::default())?;
    let (credentials, webhooks) = context.credentials_and(|accounts, _| accounts.webhooks().clone()).await?;
    let call = call(&args, &webhooks)?;
    let mut whole = call.clone();
    whole.from = whole.from.or_else(|| credentials.get("phoneNumber").map(Address::from));
    whole.check().map_err(|error| refused(&error))?;
    if args.dry_run.dry_run {
        return show(context, &whole);
    }
    context.out.check_fields::<switchboard::twilio::Call>()?;
    let account = context.adapter()?.account(&credentials)?;
    let made = context.hand_over(account.calls().create(&call)).await;
    let made = made.map_err(|failure| {
        let failure = failure.while_doing(&format!("to {}", call.to.masked()));
        failure.find_out(format!("switchboard call list --to {} --limit 5", call.to))
    })?;
    let to = context.out.masked(call.to.as_str());
    context.out.done(&format!("{}  {}  to {to}", made.sid, made.status), &made)
}

/// The call that is asked for. Its document is given, or made for a transcription: Twilio's calls have no such parameter.
fn call(args: &Args, webhooks: &Webhooks) -> Result<CreateCall, Failure> {
    let call = CreateCall::new(args.to.as_str());
    let mut call = match (&args.url, &args.twiml, &args.say) {
        (None, None, say) if args.transcribe => {
            let callback = args.transcription_callback.as_ref().or(webhooks.transcription_callback.as_ref());
            call.twiml(transcribed(say.as_deref(), callback.map(String::as_str))?)
        }
        (None, None, Some(text)) => call.say(text),
        (None, None, None) => return Err(nothing_to_do()),
        _ if args.transcribe => {
            return Err(Failure::usage(
                "--transcribe: a document of your own says itself what is transcribed",
            )
            .todo("put <Record transcribe=\"true\"/> into it, or use --say"));
        }
        (Some(url), ..) => call.url(url.as_str()),
        (_, Some(document), _) => call.twiml(document),
    };
    // The document of a transcription records already.
    if args.record && (args.url.is_some() || args.twiml.is_some() || args.say.is_some()) {
        call.record = Some(true);
        call.recording_status_callback = webhooks.recording_status.as_deref().map(Into::into);
    }
    let callback = args.callback.as_ref().or(webhooks.voice_status.as_ref());
    call.status_callback = callback.map(|url| url.as_str().into());
    call.from = args.from.as_deref().map(Address::from);
    Ok(call)
}

fn nothing_to_do() -> Failure {
    Failure::usage("the call has nothing to do when it is answered")
        .todo("add --say TEXT, --url URL or --twiml XML; or --transcribe, which records a message and transcribes it")
}

/// Says a text, if there is one, beeps, and records what is said to be transcribed.
fn transcribed(say: Option<&str>, callback: Option<&str>) -> Result<String, Failure> {
    let record = Record::new().max_length(TRANSCRIBED).play_beep(true).transcribe(true);
    let record = match callback {
        // The document has no URL of its own, so that a relative one would lead nowhere.
        Some(url) if !url.starts_with("https://") && !url.starts_with("http://") => {
            return Err(Failure::usage("--transcription-callback: a URL begins with https://")
                .todo("for instance --transcription-callback https://example.com/transcriptions"));
        }
        Some(url) => record.transcribe_callback(url),
        None => record,
    };
    let document = match say {
        Some(text) => VoiceResponse::new().say(text),
        None => VoiceResponse::new(),
    };
    Ok(document.record(record).into())
}

/// Shows a call that is not made.
fn show(context: &Context, call: &CreateCall) -> Result<(), Failure> {
    let from = call.from.as_ref().map(|from| context.out.masked(from.as_str())).unwrap_or_default();
    let document = call.url.as_ref().or(call.twiml.as_ref()).map(|text| text.as_str()).unwrap_or_default();
    let recorded = if call.record == Some(true) { ", recorded" } else { "" };
    let to = context.out.masked(call.to.as_str());
    let sentence = format!("would call {to} from {from}{recorded}, cost unknown: {document}");
    context.show_dry_run(&sentence, call)
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::exit::Exit;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        args: Args,
    }

    fn made(line: &str, webhooks: &Webhooks) -> Result<CreateCall, Failure> {
        let words = std::iter::once("call").chain(line.split_whitespace());
        call(&Line::try_parse_from(words).unwrap().args, webhooks)
    }

    #[test]
    fn a_transcription_without_a_document_records_a_message_once() {
        let call = made(
            "+14155551234 --record --transcribe --transcription-callback https://e.com/t",
            &Webhooks::default(),
        );
        let call = call.unwrap();
        let document = call.twiml.unwrap().into_string();
        assert!(document.contains(r#"transcribe="true" transcribeCallback="https://e.com/t""#), "{document}");
        assert_eq!(call.record, None, "the document records");
        let said = made("+14155551234 --say Speak --transcribe --record", &Webhooks::default()).unwrap();
        assert!(said.twiml.unwrap().as_str().contains("<Say>Speak</Say><Record"));
        assert_eq!(said.record, Some(true));
    }

    #[test]
    fn a_call_without_a_document_is_refused_with_what_to_do() {
        for line in ["+14155551234", "+14155551234 --record", "+14155551234 --url https://e.com --transcribe"]
        {
            let failure = made(line, &Webhooks::default()).unwrap_err();
            assert_eq!(failure.exit(), Exit::Usage, "{line}");
            assert!(failure.lines().1.contains("what to do"), "{line}");
        }
    }

    #[test]
    fn the_callbacks_of_the_file_are_used_where_none_is_named() {
        let mut webhooks = Webhooks::default();
        webhooks.voice_status = Some("https://e.com/status".to_owned());
        webhooks.transcription_callback = Some("https://e.com/text".to_owned());
        let call = made("+14155551234 --transcribe", &webhooks).unwrap();
        assert_eq!(call.status_callback.unwrap().as_str(), "https://e.com/status");
        assert!(call.twiml.unwrap().as_str().contains("https://e.com/text"));
        let own = made("+14155551234 --say Hi --callback https://own.com/", &webhooks).unwrap();
        assert_eq!(own.status_callback.unwrap().as_str(), "https://own.com/");
    }
}
