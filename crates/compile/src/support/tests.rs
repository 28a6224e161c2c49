//! The list of refusals against the sources.

use super::{REFUSALS, refusal};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Where refusals are made.
const CRATES: [&str; 5] = ["syntax", "datum", "catalog", "compile", "embedded"];
/// Calls whose first argument says what is refused.
const CALLS: [&str; 2] = ["DatabaseError::unsupported(", "Cell::Refused("];
/// The parser's own: what it says becomes a refusal when the statement runs.
const PARSER_CALLS: [&str; 3] = [".unsupported(", "Unsupported(", ".refuse("];
/// Arguments that are no text themselves: what stands in them is said, with its text, where it is made.
const PASSED_ON: [&str; 6] = ["what", "words", "message", "why", "relation.name", "what.to_owned()"];

/// A text literal at the start, and what is behind it.
fn literal(text: &str) -> Option<(String, &str)> {
    let inner = text.strip_prefix('"')?;
    let (mut out, mut escaped) = (String::new(), false);
    let mut skips = false;
    for (at, c) in inner.char_indices() {
        match c {
            _ if skips && c.is_whitespace() => {}
            '\n' if escaped => (escaped, skips) = (false, true),
            _ if escaped => {
                escaped = false;
                out.push(c);
            }
            '\\' => escaped = true,
            '"' => return Some((out, &inner[at + 1..])),
            _ => {
                skips = false;
                out.push(c);
            }
        }
    }
    None
}

/// A format's words, `…` for what it puts in.
fn words_of_format(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        out.push('…');
        rest = after.split_once('}').map_or("", |(_, after)| after);
    }
    out + rest
}

/// What an argument says: a literal's words, a format's, or `Err` with the argument as written.
fn said(argument: &str) -> Result<String, String> {
    let argument = argument.trim_start();
    for form in ["format_args!(", "format!("] {
        if let Some(inner) = argument.strip_prefix(form)
            && let Some((text, _)) = literal(inner.trim_start())
        {
            return Ok(words_of_format(&text));
        }
    }
    match literal(argument) {
        Some((text, _)) => Ok(text),
        None => Err(argument.split([')', ',']).next().unwrap_or_default().to_owned()),
    }
}

fn sources(folder: &Path, found: &mut Vec<String>) {
    let entries = fs::read_dir(folder).expect("the sources are there");
    for entry in entries {
        let path = entry.expect("an entry").path();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if path.is_dir() {
            if name != "tests" && name != "support" {
                sources(&path, found);
            }
        } else if name.ends_with(".rs") && !name.ends_with("tests.rs") && name != "support.rs" {
            found.push(fs::read_to_string(&path).expect("a source"));
        }
    }
}

#[test]
fn every_refusal_has_a_row() {
    let mut found = BTreeSet::new();
    let mut unknown = BTreeSet::new();
    for name in CRATES {
        let mut texts = Vec::new();
        sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name).join("src"), &mut texts);
        for text in &texts {
            for call in CALLS {
                for (at, _) in text.match_indices(call) {
                    match said(&text[at + call.len()..]) {
                        Ok(words) => drop(found.insert(words)),
                        Err(argument) if PASSED_ON.contains(&argument.as_str()) => {}
                        Err(argument) => drop(unknown.insert(argument)),
                    }
                }
            }
            if text.contains("DatabaseError::unsupported(what)")
                || text.contains("DatabaseError::unsupported(message)")
            {
                for binding in ["let what =", "let message ="] {
                    for (at, _) in text.match_indices(binding) {
                        let rest = &text[at + binding.len()..];
                        let Some((value, after)) = rest.split_once(';') else { continue };
                        let next = after.trim_start().lines().next().unwrap_or_default();
                        if next.contains("DatabaseError::unsupported(")
                            && let Ok(words) = said(value)
                        {
                            found.insert(words);
                        }
                    }
                }
            }
            if name == "syntax" {
                for call in PARSER_CALLS {
                    for (at, _) in text.match_indices(call) {
                        if let Ok(words) = said(&text[at + call.len()..]) {
                            found.insert(words);
                        }
                    }
                }
            }
        }
    }
    assert!(unknown.is_empty(), "refusals whose words cannot be read: {unknown:?}");
    let listed: BTreeSet<String> =
        REFUSALS.iter().flat_map(|row| row.words.iter().map(|words| (*words).to_owned())).collect();
    let missing: Vec<_> = found.difference(&listed).collect();
    let gone: Vec<_> = listed.difference(&found).collect();
    assert!(
        missing.is_empty() && gone.is_empty(),
        "without a row: {missing:#?}\nwithout a refusal: {gone:#?}"
    );
}

#[test]
fn a_refusal_is_known_by_its_words() {
    let message = |what: &str| format!("{what} is not supported by the embedded engine");
    assert_eq!(refusal(&message("type int4range")).map(|(_, words)| words), Some("type …"));
    assert_eq!(refusal(&message("INHERITS")).map(|(_, words)| words), Some("INHERITS"));
    assert_eq!(
        refusal(&message("a foreign key from type text to type integer")).map(|(_, words)| words),
        Some("a foreign key from type … to type …")
    );
    assert_eq!(refusal("cannot drop columns from view"), None);
}
