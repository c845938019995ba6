//! What a number under `+1` is, by its first digits: enough to know which registration it needs.

/// The first three digits of toll-free numbers, <https://www.fcc.gov/general/what-toll-free-number-and-how-does-it-work>.
const TOLL_FREE: &[&str] = &["800", "833", "844", "855", "866", "877", "888"];

/// The area codes under `+1` outside the United States and its territories: Canada, and then the Caribbean and Bermuda.
/// <https://nationalnanpa.com/area_codes/>
const ELSEWHERE: &[&str] = &[
    "204", "226", "236", "249", "250", "257", "263", "289", "306", "343", "354", "365", "367", "368", "382",
    "387", "403", "416", "418", "428", "431", "437", "438", "450", "460", "468", "474", "506", "514", "519",
    "537", "548", "579", "581", "584", "587", "600", "604", "613", "622", "639", "647", "672", "683", "705",
    "709", "742", "753", "778", "780", "782", "807", "819", "825", "867", "873", "879", "902", "905",
    "942", //
    "242", "246", "264", "268", "284", "345", "441", "473", "649", "658", "664", "721", "758", "767", "784",
    "809", "829", "849", "868", "869", "876",
];

/// Is it a toll-free number of North America?
pub(super) fn is_toll_free(number: &str) -> bool {
    area(number).is_some_and(|area| TOLL_FREE.contains(&area))
}

/// Is it an ordinary number of the United States?
pub(super) fn is_us_long_code(number: &str) -> bool {
    area(number).is_some_and(|area| !TOLL_FREE.contains(&area) && !ELSEWHERE.contains(&area))
}

/// Returns the first three digits of a number under `+1`.
fn area(number: &str) -> Option<&str> {
    number.strip_prefix("+1").filter(|rest| rest.len() == 10)?.get(..3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_told_apart_by_their_first_digits() {
        for (number, long_code, toll_free) in [
            ("+14155550100", true, false),
            ("+17875550100", true, false),
            ("+18335550100", false, true),
            ("+14165550100", false, false),
            ("+18765550100", false, false),
            ("+447700900123", false, false),
            ("12345", false, false),
            ("+1415555010", false, false),
            ("", false, false),
        ] {
            assert_eq!((is_us_long_code(number), is_toll_free(number)), (long_code, toll_free), "{number}");
        }
    }
}
