//! Values of attributes. A value that is not known here is written as it is: `RejectReason::from("new")`.

use crate::twilio::wire::wire_enum;

wire_enum! {
    /// What a `Gather` listens for.
    GatherInput {
        /// Keys.
        Dtmf = "dtmf",
        /// Speech.
        Speech = "speech",
    }
}

wire_enum! {
    /// Whether a dialled call is recorded, and from when.
    DialRecord {
        /// It is not recorded.
        DoNotRecord = "do-not-record",
        /// Once it is answered, both sides mixed.
        FromAnswer = "record-from-answer",
        /// While it rings, both sides mixed.
        FromRinging = "record-from-ringing",
        /// Once it is answered, each side on its own channel.
        FromAnswerDual = "record-from-answer-dual",
        /// While it rings, each side on its own channel.
        FromRingingDual = "record-from-ringing-dual",
    }
}

wire_enum! {
    /// What the caller hears of a rejected call.
    RejectReason {
        /// The number is not in service.
        Rejected = "rejected",
        /// The line is busy.
        Busy = "busy",
    }
}

wire_enum! {
    /// When a conference beeps.
    ConferenceBeep {
        /// When a participant joins or leaves.
        Always = "true",
        /// Never.
        Never = "false",
        /// When a participant joins.
        OnEnter = "onEnter",
        /// When a participant leaves.
        OnExit = "onExit",
    }
}

wire_enum! {
    /// Whether a conference is recorded.
    ConferenceRecord {
        /// It is not recorded.
        DoNotRecord = "do-not-record",
        /// From its start.
        FromStart = "record-from-start",
    }
}

wire_enum! {
    /// An event of a conference that Twilio reports.
    ConferenceEvent {
        /// It starts.
        Start = "start",
        /// It ends.
        End = "end",
        /// A participant joins.
        Join = "join",
        /// A participant leaves.
        Leave = "leave",
        /// A participant is muted or unmuted.
        Mute = "mute",
        /// A participant is put on hold or taken off it.
        Hold = "hold",
        /// One of its settings changes.
        Modify = "modify",
        /// A participant begins or stops speaking.
        Speaker = "speaker",
        /// An announcement starts or ends.
        Announcement = "announcement",
    }
}

wire_enum! {
    /// Which side of a call a stream carries.
    StreamTrack {
        /// What the caller says.
        Inbound = "inbound_track",
        /// What the caller hears.
        Outbound = "outbound_track",
        /// Both.
        Both = "both_tracks",
    }
}

wire_enum! {
    /// What interrupts a `ConversationRelay` while it speaks.
    Interruptible {
        /// Nothing.
        None = "none",
        /// Keys.
        Dtmf = "dtmf",
        /// Speech.
        Speech = "speech",
        /// Both.
        Any = "any",
    }
}

wire_enum! {
    /// How easily a `ConversationRelay` is interrupted.
    Sensitivity {
        /// Only by clear speech.
        Low = "low",
        /// Between the two.
        Medium = "medium",
        /// By any sound of speech.
        High = "high",
    }
}

wire_enum! {
    /// The length of a pause in speech, by name.
    BreakStrength {
        /// None.
        None = "none",
        /// The shortest.
        XWeak = "x-weak",
        /// Short.
        Weak = "weak",
        /// As after a comma.
        Medium = "medium",
        /// As after a sentence.
        Strong = "strong",
        /// As after a paragraph.
        XStrong = "x-strong",
    }
}

wire_enum! {
    /// How strongly words are emphasised.
    EmphasisLevel {
        /// More than a little.
        Strong = "strong",
        /// A little.
        Moderate = "moderate",
        /// Less than the others.
        Reduced = "reduced",
    }
}

wire_enum! {
    /// The alphabet of a pronunciation.
    PhonemeAlphabet {
        /// The International Phonetic Alphabet.
        Ipa = "ipa",
        /// X-SAMPA, which is ASCII.
        XSampa = "x-sampa",
    }
}

wire_enum! {
    /// How a text is read out. Which of these work depends on the voice.
    InterpretAs {
        /// Letter by letter.
        SpellOut = "spell-out",
        /// Letter by letter; some voices know this word and not `spell-out`.
        Characters = "characters",
        /// A cardinal number.
        Cardinal = "cardinal",
        /// An ordinal number.
        Ordinal = "ordinal",
        /// Digit by digit.
        Digits = "digits",
        /// A fraction.
        Fraction = "fraction",
        /// A number with a unit.
        Unit = "unit",
        /// A date; see `format`.
        Date = "date",
        /// A time.
        Time = "time",
        /// A street address.
        Address = "address",
        /// A word that is bleeped out.
        Expletive = "expletive",
        /// A telephone number.
        Telephone = "telephone",
    }
}

wire_enum! {
    /// An event of a call in a conversation that Twilio reports.
    ConversationEvent {
        /// It is placed.
        CallInitiated = "call-initiated",
        /// It rings.
        CallRinging = "call-ringing",
        /// It was answered.
        CallAnswered = "call-answered",
        /// It is over, in whatever way.
        CallCompleted = "call-completed",
    }
}
