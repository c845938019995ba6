//! Tests with Twilio's own example bodies: each is read completely, and again with each field removed, set to null, and
//! changed to another type.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::twilio::accounts::{Account, Balance};
use crate::twilio::alerts::Alert;
use crate::twilio::messages::MediaItem;
use crate::twilio::numbers::{AvailableNumber, PhoneNumber};
use crate::twilio::prices::{SmsPrices, VoicePrices};
use crate::twilio::recordings::Recording;
use crate::twilio::transcriptions::Transcription;
use crate::twilio::usage::UsageRecord;
use crate::twilio::wire::mutation::{read_whole, survives};
use crate::twilio::{Call, Message};

fn holds<T: DeserializeOwned + Serialize + std::fmt::Debug>(body: &Value) {
    read_whole::<T>(body);
    survives::<T>(body);
}

#[test]
fn the_example_bodies_are_read_whole_and_survive_growth() {
    let fixtures: Vec<Value> = serde_json::from_str(include_str!("fixtures.json")).unwrap();
    assert_eq!(fixtures.len(), 14);
    for fixture in &fixtures {
        let body = &fixture["body"];
        match fixture["answer"].as_str().unwrap() {
            "Account" => holds::<Account>(body),
            "Alert" => holds::<Alert>(body),
            "AvailableNumber" => holds::<AvailableNumber>(body),
            "Balance" => holds::<Balance>(body),
            "Call" => holds::<Call>(body),
            "MediaItem" => holds::<MediaItem>(body),
            "Message" => holds::<Message>(body),
            "PhoneNumber" => holds::<PhoneNumber>(body),
            "Recording" => holds::<Recording>(body),
            "SmsPrices" => holds::<SmsPrices>(body),
            "Transcription" => holds::<Transcription>(body),
            "UsageRecord" => holds::<UsageRecord>(body),
            "VoicePrices" => holds::<VoicePrices>(body),
            other => panic!("nobody reads {other}"),
        }
    }
}
