//! `ETag`, `If-Match` and `If-None-Match` (RFC 9110).
//!
//! A tag is strong: a digest of the body's bytes and its media type. What a write's condition is about is the representation that GET of the same
//! path and query gives, under the same `Accept`; it is made and compared within the write's transaction.

use crate::error::Refusal;
use data_encoding::HEXLOWER;
use http::{HeaderMap, Method, header};
use sha2::{Digest as _, Sha256};

/// What a request requires of the representation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Precondition {
    pub(crate) if_match: Option<Tags>,
    pub(crate) if_none_match: Option<Tags>,
}

/// The tags of a header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Tags {
    /// `*`
    Any,
    /// One of these.
    Of(Vec<Tag>),
}

/// A tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tag {
    weak: bool,
    /// With its quotes.
    text: String,
}

/// What there is now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Current<'a> {
    /// Whether there is anything: what `*` asks for.
    pub(crate) exists: bool,
    /// The representation's tag, when it has one.
    pub(crate) tag: Option<&'a str>,
}

/// What follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The request is carried out.
    Holds,
    /// `If-Match` does not hold.
    Failed,
    /// `If-None-Match` does not hold.
    Found,
}

impl Precondition {
    /// Reads the headers.
    pub(crate) fn read(headers: &HeaderMap) -> Result<Precondition, Refusal> {
        Ok(Precondition {
            if_match: tags(headers, &header::IF_MATCH)?,
            if_none_match: tags(headers, &header::IF_NONE_MATCH)?,
        })
    }

    /// Whether nothing is required.
    pub(crate) fn is_empty(&self) -> bool {
        self.if_match.is_none() && self.if_none_match.is_none()
    }

    /// Whether all that is required is that nothing is there yet.
    pub(crate) fn only_creates(&self) -> bool {
        self.if_match.is_none() && self.if_none_match == Some(Tags::Any)
    }

    /// Compares: `If-Match` strongly, `If-None-Match` weakly.
    pub(crate) fn judge(&self, current: Current<'_>) -> Verdict {
        let matches = |tags: &Tags, strong: bool| match tags {
            Tags::Any => current.exists,
            Tags::Of(tags) => tags.iter().any(|tag| current.tag == Some(&*tag.text) && !(strong && tag.weak)),
        };
        if self.if_match.as_ref().is_some_and(|tags| !matches(tags, true)) {
            return Verdict::Failed;
        }
        if self.if_none_match.as_ref().is_some_and(|tags| matches(tags, false)) {
            return Verdict::Found;
        }
        Verdict::Holds
    }
}

/// The tag of a body.
pub(crate) fn tag_of(media: &[u8], body: &[u8]) -> String {
    let digest = Sha256::new().chain_update(media).chain_update([0]).chain_update(body).finalize();
    format!("\"{}\"", HEXLOWER.encode(&digest[..16]))
}

/// Whether the method only reads.
pub(crate) fn only_reads(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

fn tags(headers: &HeaderMap, name: &header::HeaderName) -> Result<Option<Tags>, Refusal> {
    let mut all = Vec::new();
    let mut any = false;
    for value in headers.get_all(name) {
        let text = value.to_str().map_err(|_| Refusal::Tags(name.clone()))?.trim();
        if text == "*" {
            any = true;
            continue;
        }
        read_list(text, &mut all).ok_or_else(|| Refusal::Tags(name.clone()))?;
    }
    match (any, all.is_empty()) {
        (true, true) => Ok(Some(Tags::Any)),
        (true, false) => Err(Refusal::Tags(name.clone())),
        (false, false) => Ok(Some(Tags::Of(all))),
        (false, true) if headers.contains_key(name) => Err(Refusal::Tags(name.clone())),
        (false, true) => Ok(None),
    }
}

/// `"a", W/"b"`
fn read_list(mut text: &str, into: &mut Vec<Tag>) -> Option<()> {
    loop {
        text = text.trim_start_matches([' ', '\t', ',']);
        if text.is_empty() {
            return Some(());
        }
        let (weak, rest) = match text.strip_prefix("W/") {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let end = rest.strip_prefix('"')?.find('"')? + 2;
        let (tag, behind) = rest.split_at_checked(end)?;
        into.push(Tag { weak, text: tag.to_owned() });
        text = behind.trim_start_matches([' ', '\t']);
        if !text.is_empty() && !text.starts_with(',') {
            return None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(name: &'static str, value: &str) -> Result<Precondition, Refusal> {
        let mut headers = HeaderMap::new();
        headers.insert(name, value.parse().expect("a value"));
        Precondition::read(&headers)
    }

    #[test]
    fn lists_are_read() {
        let found = read("if-match", "\"a\" ,, W/\"b,\",\"\"").expect("tags");
        let tag = |weak, text: &str| Tag { weak, text: text.to_owned() };
        let tags = vec![tag(false, "\"a\""), tag(true, "\"b,\""), tag(false, "\"\"")];
        assert_eq!(found.if_match, Some(Tags::Of(tags)));
        assert_eq!(read("if-none-match", " * ").expect("any").if_none_match, Some(Tags::Any));
        for wrong in ["a", "\"a", "\"a\" \"b\"", "", "*, \"a\"", "w/\"a\""] {
            assert!(read("if-match", wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn tags_are_compared() {
        let judge = |name, value, current| read(name, value).expect("tags").judge(current);
        let now = Current { exists: true, tag: Some("\"a\"") };
        let nothing = Current { exists: false, tag: None };
        let untagged = Current { exists: true, tag: None };
        assert_eq!(judge("if-match", "\"b\", \"a\"", now), Verdict::Holds);
        assert_eq!(judge("if-match", "W/\"a\"", now), Verdict::Failed);
        assert_eq!(judge("if-match", "*", now), Verdict::Holds);
        assert_eq!(judge("if-match", "*", nothing), Verdict::Failed);
        assert_eq!(judge("if-match", "\"a\"", untagged), Verdict::Failed);
        assert_eq!(judge("if-none-match", "W/\"a\"", now), Verdict::Found);
        assert_eq!(judge("if-none-match", "\"b\"", now), Verdict::Holds);
        assert_eq!(judge("if-none-match", "*", nothing), Verdict::Holds);
        assert_eq!(judge("if-none-match", "*", untagged), Verdict::Found);
        assert_ne!(tag_of(b"a", b"b"), tag_of(b"ab", b""));
    }
}
