//! Compares the verifier with Twilio's own packages, on the same requests.

use serde_json::Value;
use switchboard::twilio::webhook::Verifier;

#[test]
#[ignore = "needs requests signed by Twilio's own packages: tests/official/run makes them"]
fn the_verifier_agrees_with_twilios_own_packages() {
    let cases = std::fs::read_to_string(std::env::var("SIGNATURE_CASES").unwrap()).unwrap();
    let (mut taken, mut refused) = (0, 0);
    for line in cases.lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let text = |name: &str| case[name].as_str().unwrap();
        let params = case["params"].as_object().unwrap().iter().flat_map(|(key, values)| {
            values.as_array().unwrap().iter().map(move |value| (key.as_str(), value.as_str().unwrap()))
        });
        let params: Vec<_> = params.collect();
        let ours = Verifier::new(text("token")).verify_form(text("url"), &params, text("signature")).is_ok();
        // Each package accepts spellings of the URL that the other does not; the verifier accepts both.
        let theirs = case["python"] == true || case["node"] == true;
        assert_eq!(ours, theirs, "{line}");
        if ours { taken += 1 } else { refused += 1 }
    }
    assert!(taken >= 100 && refused >= 50 && taken + refused >= 300, "{taken} taken, {refused} refused");
}
