//! A conversation between the caller and a program that reads and writes text.

use super::macros::{children, parameters, verb};
use super::{Interruptible, Sensitivity};

verb! {
    /// Transcribes what the caller says for a program of yours, over a WebSocket, and speaks what the program answers.
    ///
    /// <https://www.twilio.com/docs/voice/twiml/connect/conversationrelay>
    ConversationRelay = "ConversationRelay" {
        /// Sets the WebSocket of the program, as in `wss://example.com/talk`.
        url: text = "url",
        /// Sets the language of speech and transcription.
        language: text = "language",
        /// Sets the language of speech.
        tts_language: text = "ttsLanguage",
        /// Sets the language of transcription.
        transcription_language: text = "transcriptionLanguage",
        /// Sets the provider of speech: `Google`, `Amazon`, `ElevenLabs`.
        tts_provider: text = "ttsProvider",
        /// Sets the voice.
        voice: text = "voice",
        /// Sets the provider of transcription: `Google`, `Deepgram`.
        transcription_provider: text = "transcriptionProvider",
        /// Sets the transcription model.
        speech_model: text = "speechModel",
        /// Sets whether swear words become asterisks.
        profanity_filter: bool = "profanityFilter",
        /// Sets whether the program receives the keys that are pressed.
        dtmf_detection: bool = "dtmfDetection",
        /// Sets the greeting, which is said first.
        welcome_greeting: text = "welcomeGreeting",
        /// Sets what interrupts the greeting.
        welcome_greeting_interruptible: Interruptible = "welcomeGreetingInterruptible",
        /// Sets what interrupts the speech of the program.
        interruptible: Interruptible = "interruptible",
        /// Sets how easily speech is interrupted.
        interrupt_sensitivity: Sensitivity = "interruptSensitivity",
        /// Sets whether the program's next text interrupts the one before.
        preemptible: bool = "preemptible",
        /// Sets words that are likely to be said, separated by commas.
        hints: text = "hints",
        /// Sets whether the program receives partial transcriptions while somebody still speaks.
        partial_prompts: bool = "partialPrompts",
        /// Sets the Conversational Intelligence service, `GA…`.
        intelligence_service: text = "intelligenceService",
        /// Sets which input the program receives while its own text is spoken.
        report_input_during_agent_speech: Interruptible = "reportInputDuringAgentSpeech",
        /// Sets whether `ElevenLabs` writes numbers out before it speaks: `on`, `auto`, `off`.
        elevenlabs_text_normalization: text = "elevenlabsTextNormalization",
        /// Sets the language-specific form of that text normalization.
        elevenlabs_language_text_normalization: text = "elevenlabsLanguageTextNormalization",
        /// Sets whether the speech provider writes numbers out before it speaks.
        tts_text_normalization: text = "ttsTextNormalization",
        /// Sets the language-specific form of that text normalization.
        tts_language_text_normalization: text = "ttsLanguageTextNormalization",
        /// Sets whether `Deepgram` writes dates, amounts and the like as figures.
        deepgram_smart_format: bool = "deepgramSmartFormat",
        /// Sets whether the transcription provider writes dates, amounts and the like as figures.
        asr_smart_format: bool = "asrSmartFormat",
        /// Sets how many milliseconds of silence end what is said, or `auto`.
        speech_timeout: text = "speechTimeout",
        /// Sets how the end of the caller's turn is detected.
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
        /// Sets which debugging messages the program receives: `debugging speaker-events tokens-played`.
        debug: text = "debug",
        /// Sets which events the program receives.
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
    /// Adds a language that the program may switch to.
    add_language: RelayLanguage,
} }

verb! {
    /// A language that a [`ConversationRelay`] may switch to.
    RelayLanguage = "Language" {
        /// Sets its code, as in `sv-SE`.
        code: text = "code",
        /// Sets the provider of speech.
        tts_provider: text = "ttsProvider",
        /// Sets the voice.
        voice: text = "voice",
        /// Sets the provider of transcription.
        transcription_provider: text = "transcriptionProvider",
        /// Sets the transcription model.
        speech_model: text = "speechModel",
        /// Sets words that are likely to be said in it, separated by commas.
        hints: text = "hints",
        /// Sets whether dates, amounts and the like are written as figures.
        asr_smart_format: bool = "asrSmartFormat",
        /// Sets whether the speech provider writes numbers out before it speaks.
        tts_text_normalization: text = "ttsTextNormalization",
        /// Sets the language-specific form of that text normalization.
        tts_language_text_normalization: text = "ttsLanguageTextNormalization",
    }
}

impl RelayLanguage {
    /// A language by its code, as in `sv-SE`.
    pub fn new(code: impl AsRef<str>) -> Self {
        Self::open().code(code)
    }
}
