//! The words that documents are made of. A word that is not known here is written as it is: `RejectReason::from("new")`.

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
    /// Whether and from when on a dialled call is recorded.
    DialRecord {
        /// Not.
        DoNotRecord = "do-not-record",
        /// Once it is answered, both sides mixed.
        FromAnswer = "record-from-answer",
        /// While it rings, both sides mixed.
        FromRinging = "record-from-ringing",
        /// Once it is answered, both sides apart.
        FromAnswerDual = "record-from-answer-dual",
        /// While it rings, both sides apart.
        FromRingingDual = "record-from-ringing-dual",
    }
}

wire_enum! {
    /// How a call is turned away.
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
        /// When somebody comes or goes.
        Always = "true",
        /// Never.
        Never = "false",
        /// When somebody comes.
        OnEnter = "onEnter",
        /// When somebody goes.
        OnExit = "onExit",
    }
}

wire_enum! {
    /// Whether a conference is recorded.
    ConferenceRecord {
        /// Not.
        DoNotRecord = "do-not-record",
        /// From its start.
        FromStart = "record-from-start",
    }
}

wire_enum! {
    /// When Twilio reports what becomes of a conference.
    ConferenceEvent {
        /// It starts.
        Start = "start",
        /// It ends.
        End = "end",
        /// Somebody comes.
        Join = "join",
        /// Somebody goes.
        Leave = "leave",
        /// Somebody is muted, or no longer.
        Mute = "mute",
        /// Somebody is put on hold, or no longer.
        Hold = "hold",
        /// Something of it is changed.
        Modify = "modify",
        /// Somebody begins or stops to speak.
        Speaker = "speaker",
        /// An announcement runs or ends.
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
    /// How soon a `ConversationRelay` lets itself be interrupted.
    Sensitivity {
        /// Late.
        Low = "low",
        /// Between the two.
        Medium = "medium",
        /// At once.
        High = "high",
    }
}

wire_enum! {
    /// How long a pause in speech is, in words.
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
    /// How much weight words get.
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
    /// What a text is to be read as. Voices differ in which they know.
    InterpretAs {
        /// Letter by letter.
        SpellOut = "spell-out",
        /// Letter by letter, too; other voices know this word.
        Characters = "characters",
        /// A number of things.
        Cardinal = "cardinal",
        /// A place in an order.
        Ordinal = "ordinal",
        /// Digit by digit.
        Digits = "digits",
        /// A fraction.
        Fraction = "fraction",
        /// A measure.
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
    /// When Twilio reports the status of a call in a conversation.
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
