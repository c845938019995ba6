//! One key, asked for.

use super::{Gather, TwimlError};

/// A `Gather` that waits for one key, any of these. `#` is a key like the others only where it does not end the input.
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

/// Has a telephone this key?
fn is_key(key: char) -> bool {
    matches!(key, '0'..='9' | '*' | '#')
}

/// Was that key pressed, and no other?
pub(super) fn is_pressed(digits: &str, key: char) -> bool {
    let mut pressed = digits.trim().chars();
    pressed.next() == Some(key) && pressed.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_key_is_one_key() {
        assert!(is_pressed("1", '1') && is_pressed("#", '#'));
        assert!(!is_pressed("", '1') && !is_pressed("11", '1') && !is_pressed("2", '1'));
    }
}
