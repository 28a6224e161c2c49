//! Smaller requests: what is left when one thing is taken away.

use super::Asked;
use serde_json::Value;
use std::collections::BTreeSet;

/// Requests without one header, parameter, item of a list, or member of the body.
pub(super) fn candidates(asked: &Asked) -> Vec<Asked> {
    let mut found = Vec::new();
    for at in 0..asked.headers.len() {
        let mut fewer = asked.clone();
        fewer.headers.remove(at);
        found.push(fewer);
    }
    if let Some((path, query)) = asked.target.split_once('?') {
        let parts: Vec<&str> = query.split('&').collect();
        let with = |parts: Vec<&str>| {
            let target =
                if parts.is_empty() { path.to_owned() } else { format!("{path}?{}", parts.join("&")) };
            Asked { target, ..asked.clone() }
        };
        for at in 0..parts.len() {
            let mut fewer = parts.clone();
            fewer.remove(at);
            found.push(with(fewer));
        }
        for (at, part) in parts.iter().enumerate() {
            let Some((name, list)) = part.split_once('=') else { continue };
            for shorter in without_items(list) {
                let shorter = format!("{name}={shorter}");
                let mut fewer = parts.clone();
                fewer[at] = &shorter;
                found.push(with(fewer));
            }
        }
    }
    found.extend(without_members(&asked.body).into_iter().map(|body| Asked { body, ..asked.clone() }));
    found
}

/// A list without one of its items, at any depth of parentheses.
fn without_items(list: &str) -> Vec<String> {
    let mut spans = Vec::new();
    let mut starts = vec![0];
    for (at, byte) in list.bytes().enumerate().chain([(list.len(), b')')]) {
        match byte {
            b'(' => starts.push(at + 1),
            b',' | b')' => {
                let Some(start) = starts.pop() else { break };
                spans.push((start, at));
                if byte == b',' {
                    starts.push(at + 1);
                }
            }
            _ => {}
        }
    }
    let without = |(start, end): (usize, usize)| {
        let (head, tail) = (&list[..start], &list[end..]);
        match (head.strip_suffix(','), tail.strip_prefix(',')) {
            (_, Some(tail)) => Some(format!("{head}{tail}")),
            (Some(head), None) => Some(format!("{head}{tail}")),
            (None, None) => None,
        }
    };
    spans.into_iter().filter_map(without).collect()
}

/// A body without one of its members.
fn without_members(body: &str) -> Vec<String> {
    let Ok(value) = serde_json::from_str::<Value>(body) else { return Vec::new() };
    let objects = match &value {
        Value::Array(items) => items.iter().filter_map(Value::as_object).collect(),
        Value::Object(members) => vec![members],
        _ => Vec::new(),
    };
    let names: BTreeSet<String> = objects.into_iter().flat_map(|members| members.keys().cloned()).collect();
    let without = |name: &String| {
        let mut value = value.clone();
        match &mut value {
            Value::Array(items) => {
                items.iter_mut().filter_map(Value::as_object_mut).for_each(|members| {
                    members.remove(name);
                });
            }
            Value::Object(members) => {
                members.remove(name);
            }
            _ => {}
        }
        value.to_string()
    };
    names.iter().map(without).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_go_one_by_one() {
        assert_eq!(without_items("a,b(c,d),e"), ["b(c,d),e", "a,b(d),e", "a,b(c),e", "a,e", "a,b(c,d)"]);
        assert!(without_items("a").is_empty());
    }
}
