//! A conversation with a program that reads and writes text.

use super::macros::{children, parameters, verb};
use super::{Interruptible, Sensitivity};

verb! {
    /// Turns what is said into text for a program of yours, and the program's text into speech.
    ///
    /// <https://www.twilio.com/docs/voice/twiml/connect/conversationrelay>
    ConversationRelay = "ConversationRelay" {
        /// Sets the program, as in `wss://example.com/talk`.
        url: text = "url",
        /// Sets the language of both sides.
        language: text = "language",
        /// Sets the language that it speaks.
        tts_language: text = "ttsLanguage",
        /// Sets the language that it hears.
        transcription_language: text = "transcriptionLanguage",
        /// Sets who speaks: `Google`, `Amazon`, `ElevenLabs`.
        tts_provider: text = "ttsProvider",
        /// Sets the voice.
        voice: text = "voice",
        /// Sets who hears: `Google`, `Deepgram`.
        transcription_provider: text = "transcriptionProvider",
        /// Sets the model that hears.
        speech_model: text = "speechModel",
        /// Sets whether swear words become asterisks.
        profanity_filter: bool = "profanityFilter",
        /// Sets whether the program is told of keys.
        dtmf_detection: bool = "dtmfDetection",
        /// Sets what is said first.
        welcome_greeting: text = "welcomeGreeting",
        /// Sets what interrupts that.
        welcome_greeting_interruptible: Interruptible = "welcomeGreetingInterruptible",
        /// Sets what interrupts it.
        interruptible: Interruptible = "interruptible",
        /// Sets how soon it lets itself be interrupted.
        interrupt_sensitivity: Sensitivity = "interruptSensitivity",
        /// Sets whether the program's next text cuts off the one before.
        preemptible: bool = "preemptible",
        /// Sets words that are likely, with commas between them.
        hints: text = "hints",
        /// Sets whether the program is told of what is said while somebody still speaks.
        partial_prompts: bool = "partialPrompts",
        /// Sets the service of Conversational Intelligence, `GA…`.
        intelligence_service: text = "intelligenceService",
        /// Sets what the program is told of while it speaks itself.
        report_input_during_agent_speech: Interruptible = "reportInputDuringAgentSpeech",
        /// Sets whether `ElevenLabs` writes numbers out before it speaks: `on`, `auto`, `off`.
        elevenlabs_text_normalization: text = "elevenlabsTextNormalization",
        /// Sets the same for languages that need it in their own way.
        elevenlabs_language_text_normalization: text = "elevenlabsLanguageTextNormalization",
        /// Sets whether the speech provider writes numbers out before it speaks.
        tts_text_normalization: text = "ttsTextNormalization",
        /// Sets the same for languages that need it in their own way.
        tts_language_text_normalization: text = "ttsLanguageTextNormalization",
        /// Sets whether `Deepgram` writes dates, amounts and the like as figures.
        deepgram_smart_format: bool = "deepgramSmartFormat",
        /// Sets whether the transcription provider writes dates, amounts and the like as figures.
        asr_smart_format: bool = "asrSmartFormat",
        /// Sets how many milliseconds of silence end what is said, or `auto`.
        speech_timeout: text = "speechTimeout",
        /// Sets how the end of a turn is found.
        turn_detection: text = "turnDetection",
        /// Sets how sure the model must be that a turn has ended, as in `0.8`.
        eot_threshold: text = "eotThreshold",
        /// Sets how sure the model must be to report the end of a turn early.
        eager_eot_threshold: text = "eagerEotThreshold",
        /// Sets whether "yes" and "mhm" of a listener do not interrupt.
        ignore_backchannel: bool = "ignoreBackchannel",
        /// Sets how background noise is reduced.
        background_noise_reduction: text = "backgroundNoiseReduction",
        /// Sets whether the echo of the program's own words is left out of what was said.
        echo_prompt_filtering: text = "echoPromptFiltering",
        /// Sets whether the program gets an unfinished sentence when the caller hangs up.
        partial_prompt_on_hangup: bool = "partialPromptOnHangup",
        /// Sets what else a report of what was said includes.
        include_in_prompt: text = "includeInPrompt",
        /// Sets whether Twilio connects to the program again after the connection broke.
        application_reconnect: text = "applicationReconnect",
        /// Sets the name of the customer that the conversation is for.
        customer_name: text = "customerName",
        /// Sets what more the program is told of: `debugging speaker-events tokens-played`.
        debug: text = "debug",
        /// Sets the events that the program is told of.
        events: text = "events",
    }
}

parameters!(ConversationRelay);

impl ConversationRelay {
    /// Connects to a program, as in `wss://example.com/talk`.
    pub fn new(url: impl AsRef<str>) -> Self {
        Self::open().url(url)
    }
}

children! { ConversationRelay {
    /// Adds a language that the program may change to.
    add_language: RelayLanguage,
} }

verb! {
    /// A language that a [`ConversationRelay`] may change to.
    RelayLanguage = "Language" {
        /// Sets its code, as in `sv-SE`.
        code: text = "code",
        /// Sets who speaks it.
        tts_provider: text = "ttsProvider",
        /// Sets the voice.
        voice: text = "voice",
        /// Sets who hears it.
        transcription_provider: text = "transcriptionProvider",
        /// Sets the model that hears it.
        speech_model: text = "speechModel",
        /// Sets words that are likely to be said in it, separated by commas.
        hints: text = "hints",
        /// Sets whether dates, amounts and the like are written as figures.
        asr_smart_format: bool = "asrSmartFormat",
        /// Sets whether the speech provider writes numbers out before it speaks.
        tts_text_normalization: text = "ttsTextNormalization",
        /// Sets the same for languages that need it in their own way.
        tts_language_text_normalization: text = "ttsLanguageTextNormalization",
    }
}

impl RelayLanguage {
    /// A language by its code, as in `sv-SE`.
    pub fn new(code: impl AsRef<str>) -> Self {
        Self::open().code(code)
    }
}
