//! Where in an HTML text something stands, found by reading the template's literal text.
//!
//! The places and what may stand in them are those of Go's html/template. Comments are left out, as Go leaves them out:
//! what is escaped for a comment cannot also be right for the mail clients that read conditional ones.

/// A place in HTML.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Context {
    state: State,
    /// The element whose tag or content it is, in lower case; after a `/` for an end tag.
    element: String,
    /// What the attribute's value is.
    attribute: Attribute,
    /// How far an URL has come.
    url: UrlPart,
    /// Whether it is inside `url(…)` of a style.
    in_css_url: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Text,
    /// Within `<…`, between attributes.
    Tag,
    /// Right behind an attribute's name.
    AfterName,
    /// Right behind `=`.
    BeforeValue,
    /// In an attribute's value, up to this delimiter.
    Value(Delimiter),
    /// In `<!-- … -->`.
    Comment,
    /// In the content of title or textarea: text without tags.
    Rcdata,
    Style,
    Script,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Delimiter {
    Double,
    Single,
    Space,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Attribute {
    #[default]
    Plain,
    Url,
    Style,
    Script,
}

/// How far an URL has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum UrlPart {
    /// At its start: a value here brings its scheme.
    #[default]
    Start,
    /// Behind the start, before any `?` or `#`.
    Path,
    /// Behind `?` or `#`.
    Query,
    /// It depends on a condition.
    Unknown,
}

/// What a value must be escaped for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Nothing is shown here (a comment).
    Nowhere,
    /// Text, or an attribute's value in quotes.
    Text,
    /// An attribute's value without quotes.
    Unquoted,
    /// A part of an URL.
    Url { part: UrlPart, quoted: bool },
    /// A value in a style.
    Style { quoted: bool },
}

impl Context {
    /// Goes on over literal text, and gives what of it is shown.
    pub(super) fn advance(&mut self, text: &str) -> Result<String, String> {
        let mut shown = String::with_capacity(text.len());
        let mut rest = text;
        while !rest.is_empty() {
            let (length, is_shown) = match self.state {
                State::Text => (self.text(rest)?, self.state != State::Comment),
                State::Comment => (self.comment(rest), false),
                State::Tag | State::AfterName => (self.tag(rest)?, true),
                State::BeforeValue => (self.before_value(rest), true),
                State::Value(delimiter) => (self.value_text(rest, delimiter), true),
                State::Rcdata | State::Style | State::Script => (self.raw(rest), true),
            };
            if is_shown {
                shown.push_str(&rest[..length]);
            }
            rest = &rest[length..];
        }
        Ok(shown)
    }

    /// A value comes: what it must be escaped for.
    pub(super) fn value(&mut self) -> Result<Context, String> {
        if self.state == State::BeforeValue {
            self.begin_value(Delimiter::Space);
        }
        match self.state {
            State::Tag | State::AfterName => {
                return Err("a value cannot name an attribute: put it into the quotes of one".into());
            }
            State::Script => {
                return Err("a value inside a script is not supported: no mail client runs one".into());
            }
            State::Value(_) if self.attribute == Attribute::Script => {
                return Err("a value inside an event's script is not supported".into());
            }
            State::Value(_) if self.is_url() && self.url == UrlPart::Unknown => {
                return Err(
                    "it depends on a condition whether the value is part of the address or of its query"
                        .into(),
                );
            }
            _ => {}
        }
        Ok(self.clone())
    }

    /// What a value here must be escaped for.
    pub(super) fn place(&self) -> Place {
        match self.state {
            State::Value(delimiter) => {
                let quoted = delimiter != Delimiter::Space;
                match self.attribute {
                    _ if self.is_url() => Place::Url { part: self.url, quoted },
                    Attribute::Style => Place::Style { quoted },
                    _ if quoted => Place::Text,
                    _ => Place::Unquoted,
                }
            }
            State::Comment => Place::Nowhere,
            State::Style if self.in_css_url => Place::Url { part: self.url, quoted: true },
            State::Style => Place::Style { quoted: true },
            State::Text
            | State::Rcdata
            | State::Tag
            | State::AfterName
            | State::BeforeValue
            | State::Script => Place::Text,
        }
    }

    /// What a template may not end in.
    pub(super) fn unfinished(&self) -> Option<&'static str> {
        match self.state {
            State::Text => None,
            State::Tag | State::AfterName | State::BeforeValue => Some("a tag"),
            State::Value(_) => Some("an attribute's value"),
            State::Comment => Some("a comment"),
            State::Rcdata | State::Style | State::Script => Some("an element that must be closed"),
        }
    }

    fn is_url(&self) -> bool {
        self.attribute == Attribute::Url || self.in_css_url
    }

    fn text(&mut self, rest: &str) -> Result<usize, String> {
        let Some(at) = rest.find('<') else { return Ok(rest.len()) };
        if at > 0 {
            return Ok(at);
        }
        if rest.starts_with("<!--") {
            self.state = State::Comment;
            return Ok(4);
        }
        if matches!(rest, "<" | "</" | "<!" | "<!-") {
            return Err("a < right before an action: what follows could become a tag (write &lt;)".into());
        }
        let name = rest[1..].strip_prefix('/').unwrap_or(&rest[1..]);
        if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
            return Ok(1);
        }
        let start = rest.len() - name.len();
        let end = name.find(|c: char| c.is_ascii_whitespace() || matches!(c, '>' | '/'));
        let end = end.ok_or("an action may not stand inside the name of a tag")?;
        self.element = rest[1..start + end].to_ascii_lowercase();
        self.state = State::Tag;
        Ok(start + end)
    }

    fn comment(&mut self, rest: &str) -> usize {
        match rest.find("-->") {
            Some(end) => {
                self.state = State::Text;
                end + 3
            }
            None => rest.len(),
        }
    }

    fn tag(&mut self, rest: &str) -> Result<usize, String> {
        let first = rest.as_bytes()[0];
        match first {
            b'>' => {
                self.state = match self.element.as_str() {
                    "script" => State::Script,
                    "style" => State::Style,
                    "title" | "textarea" => State::Rcdata,
                    _ => State::Text,
                };
                self.in_css_url = false;
                Ok(1)
            }
            b'=' if self.state == State::AfterName => {
                self.state = State::BeforeValue;
                Ok(1)
            }
            b'/' => {
                self.state = State::Tag;
                Ok(1)
            }
            _ if first.is_ascii_whitespace() => Ok(1),
            _ => {
                let ends = |c: char| c.is_ascii_whitespace() || matches!(c, '=' | '>' | '/');
                let end = rest.char_indices().skip(1).find(|(_, c)| ends(*c)).map(|(at, _)| at);
                let end = end.ok_or("an action may not stand inside the name of an attribute")?;
                self.attribute = attribute(&rest[..end].to_ascii_lowercase());
                self.state = State::AfterName;
                Ok(end)
            }
        }
    }

    fn before_value(&mut self, rest: &str) -> usize {
        match rest.as_bytes()[0] {
            b'"' => self.begin_value(Delimiter::Double),
            b'\'' => self.begin_value(Delimiter::Single),
            b'>' => {
                self.state = State::Tag;
                return 0;
            }
            byte if byte.is_ascii_whitespace() => {}
            _ => {
                self.begin_value(Delimiter::Space);
                return 0;
            }
        }
        1
    }

    fn begin_value(&mut self, delimiter: Delimiter) {
        self.state = State::Value(delimiter);
        self.url = UrlPart::Start;
        self.in_css_url = false;
    }

    fn value_text(&mut self, rest: &str, delimiter: Delimiter) -> usize {
        let end = match delimiter {
            Delimiter::Double => rest.find('"'),
            Delimiter::Single => rest.find('\''),
            Delimiter::Space => rest.find(|c: char| c.is_ascii_whitespace() || c == '>'),
        };
        self.follow(&rest[..end.unwrap_or(rest.len())]);
        let Some(end) = end else { return rest.len() };
        self.state = State::Tag;
        self.in_css_url = false;
        match delimiter {
            Delimiter::Space => end,
            Delimiter::Double | Delimiter::Single => end + 1,
        }
    }

    /// The content of an element up to its end tag.
    fn raw(&mut self, rest: &str) -> usize {
        let closing = format!("</{}", self.element);
        let bytes = rest.as_bytes();
        let found = (0..bytes.len()).find(|at| {
            bytes
                .get(*at..at + closing.len())
                .is_some_and(|part| part.eq_ignore_ascii_case(closing.as_bytes()))
        });
        if self.state == State::Style {
            self.attribute = Attribute::Style;
            self.follow(&rest[..found.unwrap_or(rest.len())]);
        }
        match found {
            Some(at) => {
                self.state = State::Text;
                self.in_css_url = false;
                self.attribute = Attribute::Plain;
                at
            }
            None => rest.len(),
        }
    }

    /// Keeps track of URLs within a value's literal text.
    fn follow(&mut self, text: &str) {
        let mut text = text;
        if self.attribute == Attribute::Style {
            let lower = text.to_ascii_lowercase();
            let (opened, closed) = (lower.rfind("url("), lower.rfind(')'));
            match (opened, closed) {
                (Some(open), close) if close.is_none_or(|close| close < open) => {
                    self.in_css_url = true;
                    self.url = UrlPart::Start;
                    text = &text[open + 4..];
                }
                (_, Some(_)) => self.in_css_url = false,
                _ => {}
            }
        }
        if !self.is_url() {
            return;
        }
        let content = text.trim_start_matches(|c: char| c.is_ascii_whitespace() || matches!(c, '"' | '\''));
        if content.contains(['?', '#']) {
            self.url = UrlPart::Query;
        } else if !content.is_empty() && self.url == UrlPart::Start {
            self.url = UrlPart::Path;
        }
    }
}

/// The place after either of two; `None` when no place is both.
pub(super) fn join(left: Context, right: Context) -> Option<Context> {
    let between = |state| matches!(state, State::Tag | State::AfterName);
    if between(left.state) && between(right.state) && left.element == right.element {
        return Some(Context { state: State::Tag, ..left });
    }
    // Between elements it is of no interest which one was the last.
    if left.state == State::Text && right.state == State::Text {
        return Some(Context::default());
    }
    if left == (Context { url: left.url, ..right.clone() }) {
        let url = if left.url == right.url { left.url } else { UrlPart::Unknown };
        return Some(Context { url, ..left });
    }
    None
}

/// What the value of an attribute of this name is.
fn attribute(name: &str) -> Attribute {
    // Names in other name spaces and data- attributes are read by what follows.
    let name = name.strip_prefix("data-").unwrap_or(name);
    let name =
        name.rsplit_once(':').map_or(name, |(space, rest)| if space == "xmlns" { "xmlns" } else { rest });
    match name {
        "style" => Attribute::Style,
        _ if name.starts_with("on") => Attribute::Script,
        "action" | "archive" | "background" | "cite" | "classid" | "codebase" | "data" | "formaction"
        | "href" | "icon" | "longdesc" | "manifest" | "poster" | "profile" | "usemap" | "xmlns" => {
            Attribute::Url
        }
        _ if ["src", "uri", "url"].iter().any(|part| name.contains(part)) => Attribute::Url,
        _ => Attribute::Plain,
    }
}
