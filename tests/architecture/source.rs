//! Reads Rust sources as far as the layer checks need: the code that is compiled into the library, and the paths in it.

use std::collections::BTreeSet;

/// Returns a file without comments, without the content of literals, and without the items under `#[cfg(test)]`.
pub(crate) fn production(text: &str) -> String {
    without_tests(&without_quotes(text))
}

/// Replaces comments and string and character literals with spaces, because braces and paths in them mean nothing.
fn without_quotes(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < chars.len() {
        let end = quoted(&chars, at);
        if end == at {
            out.push(chars[at]);
            at += 1;
        } else {
            out.extend(chars[at..end].iter().map(|c| if *c == '\n' { '\n' } else { ' ' }));
            at = end;
        }
    }
    out
}

/// Returns the end of the comment or literal that begins at `start`, or `start` if none does.
fn quoted(chars: &[char], start: usize) -> usize {
    let find = |from: usize, end: &str| {
        let end: Vec<char> = end.chars().collect();
        let found = (from..chars.len()).find(|at| chars[*at..].starts_with(&end));
        found.map_or(chars.len(), |at| at + end.len())
    };
    let word_before = start > 0 && (chars[start - 1].is_alphanumeric() || chars[start - 1] == '_');
    match (chars[start], chars.get(start + 1)) {
        ('/', Some('/')) => find(start, "\n") - 1,
        ('/', Some('*')) => find(start, "*/"),
        ('"', _) => string_end(chars, start),
        ('r', Some('"' | '#')) if !word_before => {
            let hashes = chars[start + 1..].iter().take_while(|c| **c == '#').count();
            match chars.get(start + 1 + hashes) {
                Some('"') => find(start + 2 + hashes, &format!("\"{}", "#".repeat(hashes))),
                _ => start,
            }
        }
        ('\'', Some('\\')) => find(start + 3, "'"),
        ('\'', Some(_)) if chars.get(start + 2) == Some(&'\'') => start + 3,
        _ => start,
    }
}

fn string_end(chars: &[char], start: usize) -> usize {
    let mut at = start + 1;
    while at < chars.len() && chars[at] != '"' {
        at += if chars[at] == '\\' { 2 } else { 1 };
    }
    (at + 1).min(chars.len())
}

/// Removes each item under `#[cfg(test)]`, and keeps the code after it.
fn without_tests(code: &str) -> String {
    let (mut out, mut rest) = (String::new(), code);
    while let Some((before, item)) = rest.split_once("#[cfg(test)]") {
        out.push_str(before);
        rest = &item[item_length(item)..];
    }
    out + rest
}

/// Returns the length of an item with its attributes. An item ends with a semicolon or with its first block.
fn item_length(item: &str) -> usize {
    let mut open = 0_usize;
    let mut in_attribute = false;
    for (at, c) in item.char_indices() {
        match c {
            '#' if open == 0 => in_attribute = true,
            '(' | '[' | '{' => open += 1,
            ')' | ']' | '}' if open == 0 => return at,
            ')' | ']' | '}' => {
                open -= 1;
                let list = item[at + 1..].trim_start().starts_with(';');
                if open == 0 && c == '}' && !in_attribute && !list {
                    return at + 1;
                }
                in_attribute = in_attribute && open > 0;
            }
            ';' if open == 0 => return at + 1,
            _ => {}
        }
    }
    item.len()
}

/// Returns every path after `crate::` or `super::` in the code of a module, as a path from the root of the crate.
pub(crate) fn paths(code: &str, module: &[String]) -> BTreeSet<Vec<String>> {
    let mut found = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        tree(&code[at + "crate::".len()..], &[], &mut found);
    }
    for (at, _) in code.match_indices("super::") {
        if code[..at].ends_with("super::") {
            continue;
        }
        let above = code[at..].split("super::").take_while(|between| between.is_empty()).count();
        let base = &module[..module.len().saturating_sub(above)];
        tree(&code[at + above * "super::".len()..], base, &mut found);
    }
    found
}

/// Returns the path of each item that a module re-exports.
pub(crate) fn reexports(code: &str) -> BTreeSet<Vec<String>> {
    let mut found = BTreeSet::new();
    for (at, _) in code.match_indices("pub use ") {
        tree(&code[at + "pub use ".len()..], &[], &mut found);
    }
    found
}

/// Reads a tree of paths such as `a::{b, c::d}`, and returns the code after it.
fn tree<'c>(code: &'c str, base: &[String], found: &mut BTreeSet<Vec<String>>) -> &'c str {
    let code = code.trim_start();
    if let Some(mut list) = code.strip_prefix('{') {
        loop {
            list = tree(list, base, found).trim_start();
            match list.strip_prefix(',') {
                Some(more) if !more.trim_start().starts_with('}') => list = more,
                Some(more) => return more.trim_start().strip_prefix('}').unwrap_or(more),
                None => return list.strip_prefix('}').unwrap_or(list),
            }
        }
    }
    let length = code.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(code.len());
    let (name, rest) = code.split_at(length);
    let mut path = base.to_vec();
    if name.is_empty() {
        found.insert(path);
        return rest.strip_prefix('*').unwrap_or(rest);
    }
    path.push(name.to_owned());
    match rest.strip_prefix("::") {
        Some(more) if !more.starts_with('<') => tree(more, &path, found),
        _ => {
            found.insert(path);
            match rest.trim_start().strip_prefix("as ") {
                Some(alias) => alias.trim_start_matches(|c: char| c.is_alphanumeric() || c == '_'),
                None => rest,
            }
        }
    }
}
