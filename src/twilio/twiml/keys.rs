//! A `Gather` for a single key.

use super::{Gather, TwimlError};

/// Makes a `Gather` that waits for one of these keys. `#` ends the input by default; where it is one of the keys, that is
/// turned off.
pub(super) fn one_key(keys: impl IntoIterator<Item = char>) -> Gather {
    let mut gather = Gather::new().num_digits(1);
    let mut ends_with_hash = true;
    for key in keys {
        ends_with_hash &= key != '#';
        if !is_key(key) {
            gather.0.problem(TwimlError::NoSuchKey);
        }
    }
    if ends_with_hash { gather } else { gather.finish_on_key("") }
}

/// Does a telephone have this key?
fn is_key(key: char) -> bool {
    matches!(key, '0'..='9' | '*' | '#')
}

/// Was exactly this key pressed?
pub(super) fn is_pressed(digits: &str, key: char) -> bool {
    let mut pressed = digits.trim().chars();
    pressed.next() == Some(key) && pressed.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_pressed_requires_exactly_the_one_key() {
        assert!(is_pressed("1", '1') && is_pressed("#", '#'));
        assert!(!is_pressed("", '1') && !is_pressed("11", '1') && !is_pressed("2", '1'));
    }
}
