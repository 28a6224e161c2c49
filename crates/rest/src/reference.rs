//! References of a batch's request to the answers before it: `{"$result": "/0/body/0/id"}` for a value in a body, `${/0/body/0/id}` for a
//! filter's value in a query.
//!
//! The text after the bars is a JSON pointer (RFC 6901) into the array of the batch's results. What it finds is data and nothing else: in a body it takes the
//! place of one JSON value, in a query that of one whole value, put there when the query has been parsed. No name can come from one.

use crate::asked::Asked;
use crate::error::Refusal;
use crate::payload;
use crate::query::{Logic, Operation, Query, encode};
use axum::body::Bytes;
use serde_json::value::RawValue;

/// How deep a body with references may be.
const DEPTH: usize = 64;

/// The answers so far: statuses and bodies.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Results<'a>(pub(crate) &'a [(u16, Option<Bytes>)]);

/// A query's references, each with the word that stands for it in the query.
#[derive(Debug)]
pub(crate) struct References(Vec<(String, String)>);

fn wrong(pointer: &str, why: &str) -> Refusal {
    Refusal::Reference { pointer: pointer.chars().take(200).collect(), why: why.to_owned() }
}

impl Results<'_> {
    /// The JSON value that a pointer finds.
    fn find(&self, pointer: &str) -> Result<String, Refusal> {
        let mut steps =
            pointer.strip_prefix('/').ok_or_else(|| wrong(pointer, "It does not begin with /"))?.split('/');
        let first = steps.next().unwrap_or("");
        let at =
            index(first).ok_or_else(|| wrong(pointer, "It does not begin with the number of a request"))?;
        let (status, body) =
            self.0.get(at).ok_or_else(|| wrong(pointer, "That request comes later, or never"))?;
        match steps.next() {
            Some("status") if steps.next().is_none() => return Ok(status.to_string()),
            Some("body") => {}
            _ => return Err(wrong(pointer, "Behind the request's number stands body or status")),
        }
        let none = || wrong(pointer, "There is nothing at that place");
        let text = body.as_deref().and_then(|body| std::str::from_utf8(body).ok()).ok_or_else(none)?;
        let mut found: &RawValue = serde_json::from_str(text.trim()).map_err(|_| none())?;
        for step in steps {
            let step = step.replace("~1", "/").replace("~0", "~");
            found = match found.get().as_bytes().first() {
                Some(b'{') => payload::object(found.get()).and_then(|members| members.get(&step).copied()),
                Some(b'[') => serde_json::from_str::<Vec<&RawValue>>(found.get())
                    .ok()
                    .and_then(|elements| elements.get(index(&step)?).copied()),
                _ => None,
            }
            .ok_or_else(none)?;
        }
        Ok(found.get().to_owned())
    }

    /// The text of a string, number or boolean.
    fn find_text(&self, pointer: &str) -> Result<String, Refusal> {
        let found = self.find(pointer)?;
        match found.as_bytes().first() {
            Some(b'"') => {
                serde_json::from_str(&found).map_err(|_| wrong(pointer, "The text there is no text"))
            }
            Some(b'{' | b'[' | b'n') | None => {
                Err(wrong(pointer, "Only a string, a number or a boolean can be a filter's value"))
            }
            Some(_) => Ok(found),
        }
    }

    /// A body with values in place of references.
    pub(crate) fn fill(&self, body: &Bytes) -> Result<Bytes, Refusal> {
        let refers = body.windows(9).any(|window| window == b"\"$result\"");
        let Some(text) = std::str::from_utf8(body).ok().filter(|_| refers) else { return Ok(body.clone()) };
        let Ok(value) = serde_json::from_str::<&RawValue>(text.trim()) else { return Ok(body.clone()) };
        let mut out = String::with_capacity(text.len());
        self.write(value, &mut out, 0)?;
        Ok(out.into())
    }

    fn write(&self, value: &RawValue, out: &mut String, depth: usize) -> Result<(), Refusal> {
        let text = value.get();
        let invalid = || Refusal::Body("Empty or invalid json".to_owned());
        if depth > DEPTH {
            return Err(Refusal::TooCostly("levels in a body with references"));
        }
        match text.as_bytes().first() {
            Some(b'{') => {
                let members = payload::object(text).ok_or_else(invalid)?;
                if let (Some(pointer), 1) = (members.get("$result"), members.len()) {
                    let pointer: String = serde_json::from_str(pointer.get())
                        .map_err(|_| wrong(pointer.get(), "A reference is a string"))?;
                    out.push_str(&self.find(&pointer)?);
                    return Ok(());
                }
                out.push('{');
                for (at, (name, member)) in members.iter().enumerate() {
                    out.push_str(if at > 0 { "," } else { "" });
                    out.push_str(&serde_json::Value::from(name.as_str()).to_string());
                    out.push(':');
                    self.write(member, out, depth + 1)?;
                }
                out.push('}');
            }
            Some(b'[') => {
                let elements: Vec<&RawValue> = serde_json::from_str(text).map_err(|_| invalid())?;
                out.push('[');
                for (at, element) in elements.iter().enumerate() {
                    out.push_str(if at > 0 { "," } else { "" });
                    self.write(element, out, depth + 1)?;
                }
                out.push(']');
            }
            _ => out.push_str(text),
        }
        Ok(())
    }
}

fn index(step: &str) -> Option<usize> {
    let plain = step == "0" || !step.starts_with('0');
    step.parse().ok().filter(|_| plain && step.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Puts words in the place of a query's references. A word is one that neither query nor path holds.
pub(crate) fn set_aside(query: &str, path: &str) -> Result<(String, References), Refusal> {
    // Clients may have encoded the braces.
    let query =
        query.replace("%24%7B", "${").replace("%24%7b", "${").replace("$%7B", "${").replace("$%7b", "${");
    if path.contains("${") {
        return Err(wrong(path, "No name can come from a reference"));
    }
    let mut references = Vec::new();
    let mut out = String::with_capacity(query.len());
    let mut rest = query.as_str();
    let mut stem = "bedplateReference".to_owned();
    while query.contains(&stem) {
        stem.push('Q');
    }
    while let Some((before, behind)) = rest.split_once("${") {
        let closed =
            behind.split_once('}').or_else(|| behind.split_once("%7D")).or_else(|| behind.split_once("%7d"));
        let (pointer, after) = closed.ok_or_else(|| wrong(behind, "It does not end"))?;
        let word = format!("{stem}N{}Z", references.len());
        out.push_str(before);
        out.push_str(&word);
        references.push((word, crate::query::decode(pointer)));
        rest = after;
    }
    out.push_str(rest);
    Ok((out, References(references)))
}

impl References {
    /// Puts the values in the place of the words. A word that stands anywhere else than for a whole value is a mistake.
    pub(crate) fn put_back(self, asked: &mut Asked, results: &Results<'_>) -> Result<(), Refusal> {
        for (word, pointer) in self.0 {
            let value = results.find_text(&pointer)?;
            let mut replaced = 0;
            let mut put = |text: &mut String| {
                if *text == word {
                    text.clone_from(&value);
                    replaced += 1;
                }
            };
            let Query { filters, logic, arguments, canonical, .. } = &mut asked.query;
            filters.iter_mut().for_each(|(_, filter)| in_operation(&mut filter.operation, &mut put));
            logic.iter_mut().for_each(|(_, tree)| in_logic(tree, &mut put));
            arguments.iter_mut().for_each(|(_, argument)| put(argument));
            if replaced != 1 {
                return Err(wrong(
                    &pointer,
                    "It can stand only for the whole value of a filter or an argument",
                ));
            }
            let mut encoded = String::new();
            encode(&value, &mut encoded);
            *canonical = canonical.replace(&word, &encoded);
        }
        Ok(())
    }
}

fn in_logic(tree: &mut Logic, put: &mut impl FnMut(&mut String)) {
    match tree {
        Logic::Filter(filter) => in_operation(&mut filter.operation, put),
        Logic::Group { members, .. } => members.iter_mut().for_each(|member| in_logic(member, put)),
    }
}

fn in_operation(operation: &mut Operation, put: &mut impl FnMut(&mut String)) {
    match operation {
        // Within the braces of `(any)` a value would be a part of an array's text.
        Operation::Compare { quantifier: None, value, .. }
        | Operation::IsDistinctFrom(value)
        | Operation::Search { value, .. } => put(value),
        Operation::In(values) => values.iter_mut().for_each(put),
        Operation::Compare { .. } | Operation::Is(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Settings;
    use http::{HeaderMap, Method};

    fn results() -> Vec<(u16, Option<Bytes>)> {
        let body = r#"[{"id":12345678901234567890.10,"a/b":"x,)\"&y","n":null,"l":[1,2]}]"#;
        vec![(201, Some(Bytes::from_static(body.as_bytes()))), (204, None)]
    }

    #[test]
    fn pointers_find() {
        let all = results();
        let find = |pointer: &str| Results(&all).find(pointer).ok();
        assert_eq!(find("/0/body/0/id").as_deref(), Some("12345678901234567890.10"));
        assert_eq!(find("/0/body/0/a~1b").as_deref(), Some("\"x,)\\\"&y\""));
        assert_eq!(find("/0/body/0/l/1").as_deref(), Some("2"));
        assert_eq!(find("/1/status").as_deref(), Some("204"));
        for wrong in [
            "",
            "0/body",
            "/2/body",
            "/1/body",
            "/0/body/01",
            "/0/body/0/z",
            "/0/headers",
            "/x/body",
            "/0/body/-1",
        ] {
            assert_eq!(find(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn bodies_are_filled() {
        let all = results();
        let fill = |body: &'static str| {
            let filled = Results(&all).fill(&Bytes::from_static(body.as_bytes())).ok()?;
            String::from_utf8(filled.to_vec()).ok()
        };
        assert_eq!(
            fill(r#"[{"a":{"$result":"/0/body/0/id"},"b":1.50,"c":{"$result":"/0/body/0/l","d":1}}]"#)
                .as_deref(),
            Some(r#"[{"a":12345678901234567890.10,"b":1.50,"c":{"$result":"/0/body/0/l","d":1}}]"#)
        );
        assert_eq!(fill(r#"{"a":"$result"}"#).as_deref(), Some(r#"{"a":"$result"}"#));
        assert_eq!(fill(r#"{"a":{"$result":1}}"#), None);
        assert_eq!(fill(r#"{"a":{"$result":"/7/body"}}"#), None);
    }

    fn asked(query: &str) -> Result<Asked, Refusal> {
        let all = results();
        let (query, references) = set_aside(query, "/a")?;
        let settings = Settings::default();
        let mut asked = Asked::read(&settings, &Method::GET, "/a", Some(&query), &HeaderMap::new(), b"")?;
        references.put_back(&mut asked, &Results(&all))?;
        Ok(asked)
    }

    #[test]
    fn queries_get_values_only() {
        let whole = asked("b=eq.${/0/body/0/a~1b}&or=(c.in.(1,$%7B/0/body/0/id%7D),d.gt.2)").expect("asked");
        let Operation::Compare { value, .. } = &whole.query.filters[0].1.operation else {
            panic!("{whole:?}")
        };
        assert_eq!(value, "x,)\"&y");
        assert!(format!("{:?}", whole.query.logic).contains("12345678901234567890.10"));
        assert!(whole.query.canonical.contains("x%2C%29%22%26y"));
        for wrong in [
            "select=${/0/body/0/a~1b}",
            "${/0/body/0/a~1b}=eq.1",
            "order=${/0/body/0/a~1b}",
            "b=${/0/body/0/a~1b}",
            "b=eq.x${/0/body/0/id}",
            "b=eq(any).{${/0/body/0/id}}",
            "limit=${/0/body/0/id}",
            "b=eq.${/0/body/0/n}",
            "b=eq.${/0/body/0/l}",
            "b=eq.${/0/body",
        ] {
            assert!(asked(wrong).is_err(), "{wrong}");
        }
    }
}
