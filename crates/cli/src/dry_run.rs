//! What a dry run shows: the request that is not made, with the numbers of people masked.

use serde::Serialize;
use serde_json::{Value, json};

use crate::context::Context;
use crate::failure::Failure;

impl Context {
    /// Shows a request that is not made.
    pub(crate) fn show_dry_run(&self, sentence: &str, request: &impl Serialize) -> Result<(), Failure> {
        let request = self.masked_request(request);
        self.out.say_or(sentence, json!({ "dryRun": true, "request": request }))
    }

    /// A request as it may be shown.
    pub(crate) fn masked_request(&self, request: &impl Serialize) -> Value {
        let mut request = json!(request);
        for field in ["to", "from"] {
            if let Some(Value::String(number)) = request.get_mut(field) {
                *number = self.out.masked(number);
            }
        }
        request
    }
}

/// The refusal of a request that Twilio would certainly refuse: it is found in what was typed, and nothing was sent.
pub(crate) fn refused(error: &switchboard::ProviderError) -> Failure {
    let failure = Failure::usage(error.message());
    match error.advice() {
        Some(advice) => failure.todo(advice),
        None => failure,
    }
}
