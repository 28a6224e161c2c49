//! A request as asked: what HTTP says, before any catalog is looked at.

use crate::error::{RangeRefusal, Refusal};
use crate::media::{self, MediaType};
use crate::payload::{Payload, Purpose};
use crate::preferences::Preferences;
use crate::query::{Arguments, ParseFailure, Query, Range};
use crate::settings::Settings;
use http::{HeaderMap, Method, header};
use std::collections::BTreeSet;

/// The request.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) action: Action,
    pub(crate) schema: String,
    /// The answer says which schema it is of.
    pub(crate) names_schema: bool,
    pub(crate) query: Query,
    /// The rows of the resource itself that are wanted.
    pub(crate) range: Range,
    pub(crate) payload: Payload,
    /// The names that the payload gives values to.
    pub(crate) columns: BTreeSet<String>,
    pub(crate) preferences: Preferences,
    pub(crate) accept: Vec<MediaType>,
    pub(crate) content_type: MediaType,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// Rows of a relation.
    Read { relation: String, head: bool },
    /// Rows changed.
    Write { relation: String, mutation: Mutation },
    /// A function called.
    Call { function: String, invocation: Invocation },
    /// What may be done with a relation.
    DescribeRelation(String),
    /// What may be done with a function.
    DescribeFunction(String),
    /// What may be done with the root.
    DescribeRoot,
    /// The document of all that there is.
    Root { head: bool },
}

/// How rows are changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mutation {
    /// POST
    Insert,
    /// PATCH
    Update,
    /// PUT
    UpsertOne,
    /// DELETE
    Delete,
}

/// How a function is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Invocation {
    /// GET, HEAD: nothing may be changed.
    Read { head: bool },
    /// POST
    Post,
}

impl Asked {
    /// Reads a request; of several mistakes the first in this order is told: path, schema, method, query, ranges, body.
    pub(crate) fn read(
        settings: &Settings,
        method: &Method,
        path: &str,
        query: Option<&str>,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Result<Asked, Refusal> {
        let resource = Resource::read(path)?;
        let (schema, names_schema) = schema(settings, method, headers)?;
        let action = resource.action(method)?;
        let arguments = match action {
            Action::Call { invocation: Invocation::Read { .. }, .. } => Arguments::Allowed,
            _ => Arguments::Refused,
        };
        let query = parse_query(settings, query.unwrap_or(""), arguments)?;
        let range = range(method, &query, headers)?;
        let content_type =
            header_text(headers, &header::CONTENT_TYPE).map_or(MediaType::Json, MediaType::read);
        let preferences = Preferences::read(headers, settings.transaction_end.client_may_choose());
        let nested = preferences.nesting.is_some();
        let (payload, columns) = payload(&action, &query, &content_type, nested, body)?;
        Ok(Asked {
            schema,
            names_schema,
            range,
            payload,
            columns,
            preferences,
            accept: media::accepted(header_text(headers, &header::ACCEPT)),
            content_type,
            action,
            query,
        })
    }
}

fn header_text<'a>(headers: &'a HeaderMap, name: &header::HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

enum Resource {
    Root,
    Relation(String),
    Function(String),
}

impl Resource {
    fn read(path: &str) -> Result<Resource, Refusal> {
        let segments: Vec<&str> = path.trim_matches('/').split('/').collect();
        match segments.as_slice() {
            [""] => Ok(Resource::Root),
            [relation] => Ok(Resource::Relation(decode(relation)?)),
            ["rpc", function] => Ok(Resource::Function(decode(function)?)),
            _ => Err(Refusal::Path),
        }
    }

    fn action(self, method: &Method) -> Result<Action, Refusal> {
        let head = *method == Method::HEAD;
        let write = |relation, mutation| Ok(Action::Write { relation, mutation });
        match (self, method.as_str()) {
            (Resource::Function(function), "GET" | "HEAD") => {
                Ok(Action::Call { function, invocation: Invocation::Read { head } })
            }
            (Resource::Function(function), "POST") => {
                Ok(Action::Call { function, invocation: Invocation::Post })
            }
            (Resource::Function(function), "OPTIONS") => Ok(Action::DescribeFunction(function)),
            (Resource::Function(_), other) => Err(Refusal::FunctionMethod(other.to_owned())),
            (Resource::Relation(relation), "GET" | "HEAD") => Ok(Action::Read { relation, head }),
            (Resource::Relation(relation), "POST") => write(relation, Mutation::Insert),
            (Resource::Relation(relation), "PUT") => write(relation, Mutation::UpsertOne),
            (Resource::Relation(relation), "PATCH") => write(relation, Mutation::Update),
            (Resource::Relation(relation), "DELETE") => write(relation, Mutation::Delete),
            (Resource::Relation(relation), "OPTIONS") => Ok(Action::DescribeRelation(relation)),
            (Resource::Root, "GET" | "HEAD") => Ok(Action::Root { head }),
            (Resource::Root, "OPTIONS") => Ok(Action::DescribeRoot),
            (Resource::Relation(_) | Resource::Root, other) => Err(Refusal::Method(other.to_owned())),
        }
    }
}

/// A path segment's text; what is no text, or holds a character that no name can, is no path.
fn decode(segment: &str) -> Result<String, Refusal> {
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment.as_bytes();
    while let Some((byte, tail)) = rest.split_first() {
        if *byte == b'%' {
            let digits =
                tail.get(..2).and_then(|digits| std::str::from_utf8(digits).ok()).ok_or(Refusal::Path)?;
            bytes.push(u8::from_str_radix(digits, 16).map_err(|_| Refusal::Path)?);
            rest = &tail[2..];
        } else {
            bytes.push(*byte);
            rest = tail;
        }
    }
    let text = String::from_utf8(bytes).map_err(|_| Refusal::Path)?;
    if text.contains('\0') { Err(Refusal::Path) } else { Ok(text) }
}

fn schema(settings: &Settings, method: &Method, headers: &HeaderMap) -> Result<(String, bool), Refusal> {
    let writes = matches!(method.as_str(), "POST" | "PATCH" | "PUT" | "DELETE");
    let profile = headers.get(if writes { "content-profile" } else { "accept-profile" });
    let Some(profile) = profile else {
        let first = settings.schemas.first().cloned().unwrap_or_default();
        return Ok((first, settings.schemas.len() != 1));
    };
    let asked = String::from_utf8_lossy(profile.as_bytes()).into_owned();
    if settings.schemas.contains(&asked) {
        Ok((asked, true))
    } else {
        Err(Refusal::Schema { asked, exposed: settings.schemas.clone() })
    }
}

fn parse_query(settings: &Settings, text: &str, arguments: Arguments) -> Result<Query, Refusal> {
    if text.contains("%00") {
        return Err(Refusal::Query(ParseFailure {
            message: "The query string holds a zero byte".to_owned(),
            details: "No name and no text can hold one".to_owned(),
        }));
    }
    let query = Query::parse(text, arguments)?;
    let terms: usize = query.order.iter().map(|(_, terms)| terms.len()).sum();
    if query.filters.len() + query.condition_count() + terms > settings.conditions_max {
        return Err(Refusal::TooCostly("conditions"));
    }
    if query.embed_count() > settings.embeds_max {
        return Err(Refusal::TooCostly("embedded resources"));
    }
    Ok(query)
}

/// The rows wanted: the query's limit and offset within the Range header, which only GET has.
fn range(method: &Method, query: &Query, headers: &HeaderMap) -> Result<Range, Refusal> {
    let of_header = if *method == Method::GET {
        header_text(headers, &header::RANGE).map_or(Range::ALL, header_range)
    } else {
        Range::ALL
    };
    let of_query = query.top_range();
    let range = if of_query.is_zero() { Range::ZERO } else { of_header.intersect(of_query) };
    if range.is_empty() && !of_query.is_zero() {
        return Err(Refusal::Range(if of_header.is_empty() {
            RangeRefusal::LowerAboveUpper
        } else {
            RangeRefusal::NegativeLimit
        }));
    }
    if *method == Method::PUT && range != Range::ALL {
        return Err(Refusal::PutRange);
    }
    Ok(range)
}

/// `5-9` or `5-`; anything else is no range.
fn header_range(text: &str) -> Range {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    match text.split_once('-') {
        Some((lower, upper)) if digits(lower) && (upper.is_empty() || digits(upper)) => Range {
            lower: lower.parse().unwrap_or(i64::MAX),
            upper: (!upper.is_empty()).then(|| upper.parse().unwrap_or(i64::MAX)),
        },
        _ => Range::ALL,
    }
}

fn payload(
    action: &Action,
    query: &Query,
    content_type: &MediaType,
    nested: bool,
    body: &[u8],
) -> Result<(Payload, BTreeSet<String>), Refusal> {
    let (purpose, columns) = match action {
        // Its rows hold rows: they are read when the relations are known.
        Action::Write { mutation: Mutation::Insert, .. } if nested => {
            return Ok((Payload::Raw(body.to_vec()), BTreeSet::new()));
        }
        Action::Write { mutation: Mutation::Insert | Mutation::Update, .. } => {
            (Purpose::Rows, query.columns.as_ref())
        }
        Action::Write { mutation: Mutation::UpsertOne, .. } => (Purpose::Rows, None),
        Action::Call { invocation: Invocation::Post, .. } => (Purpose::Arguments, query.columns.as_ref()),
        _ => return Ok((Payload::None, BTreeSet::new())),
    };
    let payload = Payload::read(body, content_type, columns, purpose)?;
    let names = payload.names();
    Ok((payload, names))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(
        method: &str,
        path: &str,
        query: &str,
        headers: &[(&'static str, &str)],
        body: &str,
    ) -> Result<Asked, Refusal> {
        let headers = headers
            .iter()
            .map(|(name, value)| (name.parse().expect("name"), value.parse().expect("value")))
            .collect();
        let settings = Settings { schemas: vec!["public".into(), "other".into()], ..Settings::default() };
        Asked::read(&settings, &method.parse().expect("method"), path, Some(query), &headers, body.as_bytes())
    }

    fn code(result: Result<Asked, Refusal>) -> String {
        result.expect_err("refused").into_answer(true).code.into_owned()
    }

    #[test]
    fn mistakes_have_an_order() {
        assert_eq!(code(read("GET", "/a/b/c", "", &[("accept-profile", "x")], "")), "PGRST125");
        assert_eq!(code(read("TRACE", "/a", "", &[("accept-profile", "x")], "")), "PGRST106");
        assert_eq!(code(read("TRACE", "/a", "a=b", &[], "")), "PGRST117");
        assert_eq!(code(read("DELETE", "/rpc/a", "a=b", &[], "")), "PGRST101");
        assert_eq!(code(read("POST", "/a", "a=b", &[], "{")), "PGRST100");
        assert_eq!(code(read("POST", "/a", "limit=-1", &[], "{")), "PGRST103");
        assert_eq!(code(read("POST", "/a", "", &[], "{")), "PGRST102");
        assert_eq!(code(read("PUT", "/a", "limit=1", &[], "{}")), "PGRST114");
    }

    #[test]
    fn ranges_meet() {
        let range = |query: &str, header: &str| {
            read("GET", "/a", query, &[("range", header)], "").map(|asked| asked.range)
        };
        assert_eq!(range("", "5-9").expect("range"), Range { lower: 5, upper: Some(9) });
        assert_eq!(range("limit=2", "5-").expect_err("empty").into_answer(true).code, "PGRST103");
        assert_eq!(range("limit=0", "5-9").expect("range"), Range::ZERO);
        assert_eq!(range("", "x").expect("range"), Range::ALL);
        assert_eq!(code(read("GET", "/a", "", &[("range", "9-5")], "")), "PGRST103");
        assert_eq!(read("HEAD", "/a", "", &[("range", "9-5")], "").expect("asked").range, Range::ALL);
    }

    #[test]
    fn names_are_decoded() {
        let asked = read("GET", "/a%20b", "", &[], "").expect("asked");
        assert_eq!(asked.action, Action::Read { relation: "a b".into(), head: false });
        assert_eq!(code(read("GET", "/a%00b", "", &[], "")), "PGRST125");
        assert_eq!(code(read("GET", "/a", "b=eq.%00", &[], "")), "PGRST100");
    }

    /// Attack 46: what one request may ask for has an end.
    #[test]
    fn attack_46_a_request_has_a_cost_limit() {
        let embeds = (0..65).map(|n| format!("a{n}:rel(*)")).collect::<Vec<_>>().join(",");
        assert_eq!(code(read("GET", "/a", &format!("select={embeds}"), &[], "")), "54001");
        let nested = format!("select={}*{}", "a(".repeat(31), ")".repeat(31));
        assert!(read("GET", "/a", &nested, &[], "").is_ok());
        let filters = "a=eq.1&".repeat(513);
        assert_eq!(code(read("GET", "/a", &filters, &[], "")), "54001");
        let tree = format!("or=({})", vec!["a.eq.1"; 513].join(","));
        assert_eq!(code(read("GET", "/a", &tree, &[], "")), "54001");
    }
}
