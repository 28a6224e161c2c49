//! Media types: what a body is and what an answer may be.

use crate::model::Handler;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A media type that the data API knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum MediaType {
    Json,
    GeoJson,
    Csv,
    PlainText,
    Xml,
    OpenApi,
    /// OpenAPI 3.1: `application/openapi+json;version=3.1`, or by its registered name.
    OpenApi3 {
        registered: bool,
    },
    Form,
    Bytes,
    Any,
    /// `application/vnd.pgrst.array+json;nulls=stripped`
    StrippedArray,
    /// `application/vnd.pgrst.object+json`
    Object {
        stripped: bool,
    },
    /// `application/vnd.pgrst.plan`
    Plan {
        of: Box<MediaType>,
        json: bool,
        options: Vec<&'static str>,
    },
    /// Another.
    Other(String),
}

/// What an answer to a data request looks like.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Format {
    /// An array, or one object.
    Json { single: bool, stripped: bool },
    /// A line for each row.
    Csv,
    /// A feature collection.
    GeoJson,
    /// A function's value as it is.
    Value(ValueKind),
    /// What an aggregate makes of the rows.
    Handled(Arc<Handler>),
}

/// What a document is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ValueKind {
    /// Text, or what is written as such.
    Text,
    /// bytea
    Bytes,
    /// xml, whose text form drops a first line that is empty.
    Xml,
}

impl Format {
    /// Whether there is room for one row only.
    pub(crate) fn is_single(&self) -> bool {
        matches!(self, Format::Json { single: true, .. })
    }

    /// Whether the body is JSON that the data API makes.
    pub(crate) fn is_json(&self) -> bool {
        matches!(self, Format::Json { .. })
    }
}

/// The media type that a domain's name is, if it is one.
pub(crate) fn of_domain(name: &str) -> Option<MediaType> {
    let part = |text: &str, extra: &str| {
        !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || extra.contains(c))
    };
    match name.split_once('/') {
        Some(("*", "*")) => Some(MediaType::Any),
        Some((main, sub)) if part(main, ".-") && part(sub, ".+-") => {
            Some(MediaType::read(&name.to_lowercase()))
        }
        _ => None,
    }
}

const PLAN_OPTIONS: [&str; 5] = ["analyze", "verbose", "settings", "buffers", "wal"];

impl MediaType {
    /// Reads a media type; what is no such thing is [`MediaType::Other`].
    pub(crate) fn read(text: &str) -> MediaType {
        let Some((main, sub, parameters)) = split(text) else {
            return MediaType::Other(text.to_owned());
        };
        let stripped = parameters.get("nulls").is_some_and(|value| value == "stripped");
        match (main.as_str(), sub.as_str()) {
            ("application", "json") => MediaType::Json,
            ("application", "geo+json") => MediaType::GeoJson,
            ("text", "csv") => MediaType::Csv,
            ("text", "plain") => MediaType::PlainText,
            ("text", "xml") => MediaType::Xml,
            ("application", "openapi+json" | "vnd.oai.openapi+json") => {
                let registered = sub == "vnd.oai.openapi+json";
                match parameters.get("version").map(String::as_str) {
                    None | Some("2" | "2.0") if !registered => MediaType::OpenApi,
                    None | Some("3" | "3.1" | "3.1.0") => MediaType::OpenApi3 { registered },
                    Some(_) => MediaType::Other(text.to_owned()),
                }
            }
            ("application", "x-www-form-urlencoded") => MediaType::Form,
            ("application", "octet-stream") => MediaType::Bytes,
            ("application", "vnd.pgrst.plan" | "vnd.pgrst.plan+text") => plan(false, &parameters),
            ("application", "vnd.pgrst.plan+json") => plan(true, &parameters),
            ("application", "vnd.pgrst.object" | "vnd.pgrst.object+json") => MediaType::Object { stripped },
            ("application", "vnd.pgrst.array" | "vnd.pgrst.array+json") if stripped => {
                MediaType::StrippedArray
            }
            ("application", "vnd.pgrst.array" | "vnd.pgrst.array+json") => MediaType::Json,
            ("*", "*") => MediaType::Any,
            _ => MediaType::Other(text.to_owned()),
        }
    }

    /// Its text, without a character set.
    pub(crate) fn text(&self) -> String {
        match self {
            MediaType::Json => "application/json".to_owned(),
            MediaType::GeoJson => "application/geo+json".to_owned(),
            MediaType::Csv => "text/csv".to_owned(),
            MediaType::PlainText => "text/plain".to_owned(),
            MediaType::Xml => "text/xml".to_owned(),
            MediaType::OpenApi => "application/openapi+json".to_owned(),
            MediaType::OpenApi3 { registered: false } => "application/openapi+json;version=3.1".to_owned(),
            MediaType::OpenApi3 { registered: true } => {
                "application/vnd.oai.openapi+json;version=3.1".to_owned()
            }
            MediaType::Form => "application/x-www-form-urlencoded".to_owned(),
            MediaType::Bytes => "application/octet-stream".to_owned(),
            MediaType::Any => "*/*".to_owned(),
            MediaType::StrippedArray => "application/vnd.pgrst.array+json;nulls=stripped".to_owned(),
            MediaType::Object { stripped: true } => {
                "application/vnd.pgrst.object+json;nulls=stripped".to_owned()
            }
            MediaType::Object { stripped: false } => "application/vnd.pgrst.object+json".to_owned(),
            MediaType::Plan { of, json, options } => {
                let kind = if *json { "json" } else { "text" };
                let mut text = format!("application/vnd.pgrst.plan+{kind}; for=\"{}\"", of.text());
                if !options.is_empty() {
                    text.push_str(&format!("; options={}", options.join("|")));
                }
                text
            }
            MediaType::Other(text) => text.clone(),
        }
    }

    /// What a document is called that was made for this type: of any type, bytes.
    pub(crate) fn shown(&self) -> MediaType {
        if *self == MediaType::Any { MediaType::Bytes } else { self.clone() }
    }

    /// The header `Content-Type` of an answer.
    pub(crate) fn content_type(&self) -> String {
        match self {
            MediaType::Bytes | MediaType::Other(_) => self.text(),
            _ => format!("{}; charset=utf-8", self.text()),
        }
    }

    /// How rows are answered as this type, and under which name; `None` when they cannot be.
    pub(crate) fn format(&self) -> Option<(Format, MediaType)> {
        let json = |single, stripped| Format::Json { single, stripped };
        match self {
            MediaType::Json | MediaType::Any => Some((json(false, false), MediaType::Json)),
            MediaType::StrippedArray => Some((json(false, true), self.clone())),
            MediaType::Object { stripped } => Some((json(true, *stripped), self.clone())),
            MediaType::Csv => Some((Format::Csv, MediaType::Csv)),
            MediaType::GeoJson => Some((Format::GeoJson, MediaType::GeoJson)),
            MediaType::PlainText
            | MediaType::Xml
            | MediaType::OpenApi
            | MediaType::OpenApi3 { .. }
            | MediaType::Form
            | MediaType::Bytes
            | MediaType::Plan { .. }
            | MediaType::Other(_) => None,
        }
    }
}

fn plan(json: bool, parameters: &BTreeMap<String, String>) -> MediaType {
    let of = parameters.get("for").map_or(MediaType::Json, |text| MediaType::read(text));
    let given: Vec<&str> =
        parameters.get("options").map(|text| text.split('|').collect()).unwrap_or_default();
    let options = PLAN_OPTIONS.into_iter().filter(|option| given.contains(option)).collect();
    MediaType::Plan { of: Box::new(of), json, options }
}

fn split(text: &str) -> Option<(String, String, BTreeMap<String, String>)> {
    let (kind, parameters) = text.split_once(';').unwrap_or((text, ""));
    let (main, sub) = kind.trim_end().split_once('/')?;
    let legal = |part: &str, extra: &str| {
        !part.is_empty() && part.chars().all(|c| c.is_alphanumeric() || extra.contains(c))
    };
    if !legal(main, ".*") || !legal(sub, ".*+-") {
        return None;
    }
    let parameters = parameters.split(';').filter_map(|part| {
        let (key, value) = part.split_once('=')?;
        Some((key.trim().to_lowercase(), value.trim().trim_matches('"').to_owned()))
    });
    Some((main.to_lowercase(), sub.to_lowercase(), parameters.collect()))
}

/// The types of an `Accept` header, the most wanted first.
pub(crate) fn accepted(header: Option<&str>) -> Vec<MediaType> {
    let Some(header) = header else {
        return vec![MediaType::Any];
    };
    let mut ranked: Vec<(f64, i64, MediaType)> = split_list(header)
        .into_iter()
        .map(|entry| {
            let (text, quality) = without_quality(&entry);
            let count = |c| i64::try_from(text.matches(c).count()).unwrap_or(i64::MAX);
            (quality, count(';') - count('*'), MediaType::read(&text))
        })
        .collect();
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then(b.1.cmp(&a.1)));
    ranked.into_iter().map(|(_, _, media)| media).collect()
}

/// The parts between commas that are not in quotes.
fn split_list(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut quoted = false;
    for c in text.chars() {
        quoted ^= c == '"';
        match parts.last_mut() {
            Some(last) if c != ',' || quoted => last.push(c),
            _ => parts.push(String::new()),
        }
    }
    parts.iter().map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
}

fn without_quality(entry: &str) -> (String, f64) {
    let mut quality = 1.0;
    let kept: Vec<&str> = entry
        .split(';')
        .filter(|part| match part.trim().strip_prefix("q=") {
            Some(number) => {
                quality = number.trim().parse().unwrap_or(1.0);
                false
            }
            None => true,
        })
        .collect();
    (kept.join(";").trim().to_owned(), quality)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_read() {
        assert_eq!(MediaType::read("application/json; charset=utf-8"), MediaType::Json);
        assert_eq!(
            MediaType::read("ApplicatIon/vnd.PgRsT.object+json"),
            MediaType::Object { stripped: false }
        );
        assert_eq!(
            MediaType::read("application/vnd.pgrst.array+json;nulls=stripped"),
            MediaType::StrippedArray
        );
        assert_eq!(
            MediaType::read("application/vnd.pgrst.plan+json; for=\"text/csv\"; options=wal|analyze")
                .content_type(),
            "application/vnd.pgrst.plan+json; for=\"text/csv\"; options=analyze|wal; charset=utf-8"
        );
        assert_eq!(MediaType::read("unknown"), MediaType::Other("unknown".into()));
    }

    #[test]
    fn accept_is_ranked() {
        assert_eq!(accepted(None), [MediaType::Any]);
        assert_eq!(
            accepted(Some("*/*, text/csv;q=0.5, application/json")),
            [MediaType::Json, MediaType::Any, MediaType::Csv]
        );
    }
}
