//! A small backtracking parser whose error texts and positions are those that clients of the data API know.
//!
//! They come from how alternatives and sequences merge what was expected: a failure without progress is merged with its
//! neighbour's at the same place, one with progress replaces it, and a label replaces what it names. [`Sequence`]
//! and [`either`] keep these rules; grammar rules are plain functions over a [`Cursor`].

/// How deep a query may be nested: the grammar is recursive and so is everything that walks its trees.
pub(super) const DEPTH_MAX: usize = 32;

/// A place in the text.
#[derive(Clone, Debug)]
pub(super) struct Cursor {
    chars: Vec<char>,
    at: usize,
    depth: usize,
    /// Whether what was expected is noted down: only for the reading that makes the error.
    notes: bool,
}

/// One thing that is known about a failure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Note {
    /// What stood there, by itself; `None` is the end.
    Found(Option<char>),
    /// What stood there although it must not.
    Unexpected(char),
    /// What would have been right, in quotes.
    Literal(&'static str),
    /// What would have been right, by name.
    Label(&'static str),
    /// Something else.
    Message(&'static str),
}

/// Where and why.
#[derive(Clone, Debug, Default)]
pub(super) struct Trouble {
    at: usize,
    notes: Vec<Note>,
}

/// A success: its value, whether it made progress, and what could have followed.
#[derive(Debug)]
pub(super) struct Done<T> {
    pub(super) value: T,
    progress: bool,
    trouble: Trouble,
}

/// A failure.
#[derive(Debug)]
pub(super) struct Failed {
    progress: bool,
    trouble: Trouble,
}

pub(super) type Parsed<T> = Result<Done<T>, Failed>;

impl Trouble {
    fn merge(mut self, other: Trouble) -> Trouble {
        if other.notes.is_empty() {
            return if self.notes.is_empty() && other.at > self.at { other } else { self };
        }
        if self.notes.is_empty() || other.at > self.at {
            return other;
        }
        if other.at == self.at {
            self.notes.extend(other.notes);
        }
        self
    }

    fn relabel(&mut self, label: &'static str) {
        self.notes.retain(|note| !matches!(note, Note::Literal(_) | Note::Label(_)));
        self.notes.push(Note::Label(label));
    }
}

impl Cursor {
    pub(super) fn new(text: &str) -> Cursor {
        Cursor { chars: text.chars().collect(), at: 0, depth: 0, notes: false }
    }

    /// Reads as for an error's text: rule by rule, without the quick ways.
    #[cfg(test)]
    pub(super) fn noting(text: &str) -> Cursor {
        Cursor { notes: true, ..Cursor::new(text) }
    }

    fn note<const N: usize>(&self, notes: [Note; N]) -> Vec<Note> {
        if self.notes { notes.to_vec() } else { Vec::new() }
    }

    fn fail<T, const N: usize>(&self, notes: [Note; N]) -> Parsed<T> {
        Err(Failed { progress: false, trouble: Trouble { at: self.at, notes: self.note(notes) } })
    }

    fn step<T>(&self, value: T) -> Parsed<T> {
        Ok(Done { value, progress: true, trouble: Trouble { at: self.at, notes: Vec::new() } })
    }

    /// A value, whatever stands here.
    pub(super) fn pure<T>(&self, value: T) -> Parsed<T> {
        Ok(Done { value, progress: false, trouble: Trouble { at: self.at, notes: Vec::new() } })
    }

    /// A failure that says nothing.
    pub(super) fn nothing<T>(&self) -> Parsed<T> {
        self.fail([])
    }

    /// A character of a class.
    pub(super) fn satisfy(&mut self, class: impl Fn(char) -> bool) -> Parsed<char> {
        match self.chars.get(self.at) {
            Some(c) if class(*c) => {
                let c = *c;
                self.at += 1;
                self.step(c)
            }
            other => self.fail([Note::Found(other.copied())]),
        }
    }

    /// The longest run of a class, unless what was expected is noted down: what [`many1`] of [`Cursor::satisfy`] reads, at once.
    pub(super) fn run(&mut self, class: impl Fn(char) -> bool) -> Option<Parsed<String>> {
        if self.notes {
            return None;
        }
        let length = self.length_of_run(class);
        if length == 0 {
            return Some(self.nothing());
        }
        let text = self.chars[self.at..self.at + length].iter().collect();
        self.at += length;
        Some(self.step(text))
    }

    /// A plain word (ASCII letters, digits, `_`) in front of one of the characters or, if that may be, of the end, unless what was expected is noted
    /// down. Reads the word alone.
    pub(super) fn quick_word(&mut self, before: &[char], or_end: bool) -> Option<String> {
        if self.notes {
            return None;
        }
        let length = self.length_of_run(|c| c.is_ascii_alphanumeric() || c == '_');
        let end = self.at + length;
        let ends = match self.chars.get(end) {
            Some(c) => before.contains(c),
            None => or_end,
        };
        if length == 0 || !ends {
            return None;
        }
        let text = self.chars[self.at..end].iter().collect();
        self.at = end;
        Some(text)
    }

    fn length_of_run(&self, class: impl Fn(char) -> bool) -> usize {
        self.chars.get(self.at..).unwrap_or_default().iter().take_while(|c| class(**c)).count()
    }

    /// A value whose text was read.
    pub(super) fn read<T>(&self, value: T) -> Parsed<T> {
        self.step(value)
    }

    /// A character of a class with a name.
    pub(super) fn named(&mut self, name: &'static str, class: impl Fn(char) -> bool) -> Parsed<char> {
        label(name, |c| c.satisfy(&class), self)
    }

    /// This character; `text` is it as a string.
    pub(super) fn char(&mut self, text: &'static str) -> Parsed<char> {
        let mut parsed = self.satisfy(|c| text.starts_with(c));
        if let Err(failed) = &mut parsed
            && self.notes
        {
            failed.trouble.notes.push(Note::Literal(text));
        }
        parsed
    }

    /// This text. A mismatch after its first character has made progress, yet is reported at its beginning.
    pub(super) fn string(&mut self, text: &'static str) -> Parsed<()> {
        let start = self.at;
        for expected in text.chars() {
            let found = self.chars.get(self.at).copied();
            if found != Some(expected) {
                let trouble =
                    Trouble { at: start, notes: self.note([Note::Found(found), Note::Literal(text)]) };
                return Err(Failed { progress: self.at > start, trouble });
            }
            self.at += 1;
        }
        self.step(())
    }

    /// The end.
    pub(super) fn end(&mut self) -> Parsed<()> {
        match self.chars.get(self.at) {
            None => {
                let trouble = Trouble {
                    at: self.at,
                    notes: self.note([Note::Found(None), Note::Label("end of input")]),
                };
                Ok(Done { value: (), progress: false, trouble })
            }
            Some(c) => self.fail([Note::Unexpected(*c), Note::Label("end of input")]),
        }
    }

    /// Succeeds where the class does not stand; a failure is reported behind the character.
    pub(super) fn not_followed_by(&mut self, class: impl Fn(char) -> bool) -> Parsed<()> {
        match self.chars.get(self.at) {
            Some(c) if class(*c) => {
                let trouble = Trouble { at: self.at + 1, notes: self.note([Note::Unexpected(*c)]) };
                Err(Failed { progress: false, trouble })
            }
            other => {
                let trouble = Trouble { at: self.at, notes: self.note([Note::Found(other.copied())]) };
                Ok(Done { value: (), progress: false, trouble })
            }
        }
    }

    /// Blanks.
    pub(super) fn blanks(&mut self) -> Parsed<()> {
        let parsed = many(|c| c.satisfy(|ch| ch == ' ' || ch == '\t'), self)?;
        Ok(Done { value: (), progress: parsed.progress, trouble: parsed.trouble })
    }

    /// Goes one level down for the rule.
    pub(super) fn nested<T>(&mut self, rule: impl FnOnce(&mut Cursor) -> Parsed<T>) -> Parsed<T> {
        if self.depth >= DEPTH_MAX {
            let trouble = Trouble { at: self.at, notes: self.note([Note::Message("nested too deeply")]) };
            return Err(Failed { progress: true, trouble });
        }
        self.depth += 1;
        let parsed = rule(self);
        self.depth -= 1;
        parsed
    }
}

/// Rules one after the other.
pub(super) struct Sequence {
    progress: bool,
    trouble: Trouble,
}

impl Sequence {
    pub(super) fn start(cursor: &Cursor) -> Sequence {
        Sequence { progress: false, trouble: Trouble { at: cursor.at, notes: Vec::new() } }
    }

    /// The next rule's value.
    pub(super) fn then<T>(&mut self, parsed: Parsed<T>) -> Result<T, Failed> {
        match parsed {
            Ok(done) => {
                if done.progress {
                    self.progress = true;
                    self.trouble = done.trouble;
                } else {
                    self.trouble = std::mem::take(&mut self.trouble).merge(done.trouble);
                }
                Ok(done.value)
            }
            Err(failed) if failed.progress => Err(failed),
            Err(failed) => Err(Failed {
                progress: self.progress,
                trouble: std::mem::take(&mut self.trouble).merge(failed.trouble),
            }),
        }
    }

    pub(super) fn done<T>(self, value: T) -> Parsed<T> {
        Ok(Done { value, progress: self.progress, trouble: self.trouble })
    }
}

/// The first rule, or where it failed without progress the second.
pub(super) fn either<T>(
    first: impl FnOnce(&mut Cursor) -> Parsed<T>,
    second: impl FnOnce(&mut Cursor) -> Parsed<T>,
    cursor: &mut Cursor,
) -> Parsed<T> {
    let start = cursor.at;
    let failed = match first(cursor) {
        Ok(done) => return Ok(done),
        Err(failed) if failed.progress => return Err(failed),
        Err(failed) => failed,
    };
    cursor.at = start;
    match second(cursor) {
        Ok(done) if done.progress => Ok(done),
        Ok(done) => Ok(Done { trouble: failed.trouble.merge(done.trouble), ..done }),
        Err(other) if other.progress => Err(other),
        Err(other) => Err(Failed { progress: false, trouble: failed.trouble.merge(other.trouble) }),
    }
}

/// A rule that, when it fails, has made no progress.
pub(super) fn attempt<T>(rule: impl FnOnce(&mut Cursor) -> Parsed<T>, cursor: &mut Cursor) -> Parsed<T> {
    let start = cursor.at;
    rule(cursor).map_err(|failed| {
        cursor.at = start;
        Failed { progress: false, trouble: failed.trouble }
    })
}

/// A rule under a name.
pub(super) fn label<T>(
    name: &'static str,
    rule: impl FnOnce(&mut Cursor) -> Parsed<T>,
    cursor: &mut Cursor,
) -> Parsed<T> {
    match rule(cursor) {
        Ok(mut done) => {
            if !done.progress && !done.trouble.notes.is_empty() {
                done.trouble.relabel(name);
            }
            Ok(done)
        }
        Err(mut failed) => {
            if !failed.progress && cursor.notes {
                failed.trouble.relabel(name);
            }
            Err(failed)
        }
    }
}

/// A rule or nothing.
pub(super) fn optional<T>(
    rule: impl FnOnce(&mut Cursor) -> Parsed<T>,
    cursor: &mut Cursor,
) -> Parsed<Option<T>> {
    either(
        |c| {
            let done = rule(c)?;
            Ok(Done { value: Some(done.value), progress: done.progress, trouble: done.trouble })
        },
        |c| c.pure(None),
        cursor,
    )
}

/// A rule as often as it makes progress.
pub(super) fn many<T>(mut rule: impl FnMut(&mut Cursor) -> Parsed<T>, cursor: &mut Cursor) -> Parsed<Vec<T>> {
    let mut values = Vec::new();
    let mut progress = false;
    loop {
        let start = cursor.at;
        match rule(cursor) {
            Ok(done) if done.progress => {
                values.push(done.value);
                progress = true;
            }
            Ok(done) => return Ok(Done { value: values, progress, trouble: done.trouble }),
            Err(failed) if failed.progress => return Err(failed),
            Err(failed) => {
                cursor.at = start;
                return Ok(Done { value: values, progress, trouble: failed.trouble });
            }
        }
    }
}

/// A rule at least once.
pub(super) fn many1<T>(
    mut rule: impl FnMut(&mut Cursor) -> Parsed<T>,
    cursor: &mut Cursor,
) -> Parsed<Vec<T>> {
    let mut sequence = Sequence::start(cursor);
    let first = sequence.then(rule(cursor))?;
    let mut values = vec![first];
    values.extend(sequence.then(many(rule, cursor))?);
    sequence.done(values)
}

/// Rules with a separator between them, at least one.
pub(super) fn separated1<T, S>(
    mut rule: impl FnMut(&mut Cursor) -> Parsed<T>,
    mut separator: impl FnMut(&mut Cursor) -> Parsed<S>,
    cursor: &mut Cursor,
) -> Parsed<Vec<T>> {
    let mut sequence = Sequence::start(cursor);
    let mut values = vec![sequence.then(rule(cursor))?];
    let rest = many(
        |c| {
            let mut inner = Sequence::start(c);
            inner.then(separator(c))?;
            let value = inner.then(rule(c))?;
            inner.done(value)
        },
        cursor,
    );
    values.extend(sequence.then(rest)?);
    sequence.done(values)
}

/// Blanks, a rule, blanks.
pub(super) fn lexeme<T>(rule: impl FnOnce(&mut Cursor) -> Parsed<T>, cursor: &mut Cursor) -> Parsed<T> {
    let mut sequence = Sequence::start(cursor);
    sequence.then(cursor.blanks())?;
    let value = sequence.then(rule(cursor))?;
    sequence.then(cursor.blanks())?;
    sequence.done(value)
}

/// Succeeds where one of the texts or the end follows; consumes nothing.
pub(super) fn before(texts: &[&'static str], end_too: bool, cursor: &mut Cursor) -> Parsed<()> {
    let start = cursor.at;
    let mut trouble = Trouble { at: start, notes: Vec::new() };
    for text in texts {
        let parsed = cursor.string(text);
        cursor.at = start;
        match parsed {
            Ok(_) => {
                return Ok(Done { value: (), progress: false, trouble });
            }
            Err(failed) => trouble = trouble.merge(failed.trouble),
        }
    }
    if !end_too {
        return Err(Failed { progress: false, trouble });
    }
    match cursor.end() {
        Ok(done) => Ok(Done { value: (), progress: false, trouble: trouble.merge(done.trouble) }),
        Err(failed) => Err(Failed { progress: false, trouble: trouble.merge(failed.trouble) }),
    }
}

/// Why a text cannot be read: the position line and what was found and expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ParseFailure {
    /// `"what failed (text)" (line 1, column 5)`
    pub(crate) message: String,
    /// `unexpected "x" expecting …`
    pub(crate) details: String,
}

/// Reads the whole text by the rule; what the rule leaves unread is not looked at, as grammars end themselves.
pub(super) fn parse<T>(
    what: &str,
    shown: &str,
    text: &str,
    rule: impl Fn(&mut Cursor) -> Parsed<T>,
) -> Result<T, ParseFailure> {
    let mut cursor = Cursor::new(text);
    if let Ok(done) = rule(&mut cursor) {
        return Ok(done.value);
    }
    // Once more, for the error's text.
    (cursor.at, cursor.depth, cursor.notes) = (0, 0, true);
    rule(&mut cursor).map(|done| done.value).map_err(|failed| {
        let (line, column) = place(&cursor.chars, failed.trouble.at);
        ParseFailure {
            message: format!("\"failed to parse {what} ({shown})\" (line {line}, column {column})"),
            details: describe(&failed.trouble.notes),
        }
    })
}

fn place(chars: &[char], at: usize) -> (usize, usize) {
    let (mut line, mut column) = (1, 1);
    for c in chars.iter().take(at) {
        match c {
            '\n' => (line, column) = (line + 1, 1),
            '\t' => column = column + 8 - (column - 1) % 8,
            _ => column += 1,
        }
    }
    (line, column)
}

fn describe(notes: &[Note]) -> String {
    if notes.is_empty() {
        return "unknown parse error".to_owned();
    }
    let unexpected = listed(notes, |note| match note {
        Note::Unexpected(c) => Some(quoted_char(c)),
        Note::Found(_) | Note::Literal(_) | Note::Label(_) | Note::Message(_) => None,
    });
    let found = notes.iter().find_map(|note| match note {
        Note::Found(found) => Some(found.map_or("end of input".to_owned(), |c| quoted(&c.to_string()))),
        Note::Unexpected(_) | Note::Literal(_) | Note::Label(_) | Note::Message(_) => None,
    });
    let expected = listed(notes, |note| match note {
        Note::Literal(text) => Some(quoted(text)),
        Note::Label(text) => Some(text.to_owned()),
        Note::Found(_) | Note::Unexpected(_) | Note::Message(_) => None,
    });
    let messages = listed(notes, |note| match note {
        Note::Message(text) => Some(text.to_owned()),
        Note::Found(_) | Note::Unexpected(_) | Note::Literal(_) | Note::Label(_) => None,
    });
    let parts = [
        unexpected.or(found).map(|text| format!("unexpected {text}")),
        expected.map(|text| format!("expecting {text}")),
        messages,
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

fn listed(notes: &[Note], pick: impl Fn(Note) -> Option<String>) -> Option<String> {
    let mut texts: Vec<String> = Vec::new();
    for text in notes.iter().filter_map(|note| pick(*note)) {
        if !texts.contains(&text) {
            texts.push(text);
        }
    }
    let last = texts.pop()?;
    Some(if texts.is_empty() { last } else { format!("{} or {last}", texts.join(", ")) })
}

fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    text.chars().for_each(|c| escape(c, '"', &mut out));
    out.push('"');
    out
}

fn quoted_char(c: char) -> String {
    let mut out = String::from("'");
    escape(c, '\'', &mut out);
    out.push('\'');
    out
}

fn escape(c: char, quote: char, out: &mut String) {
    match c {
        '\n' => out.push_str("\\n"),
        '\t' => out.push_str("\\t"),
        '\r' => out.push_str("\\r"),
        '\\' => out.push_str("\\\\"),
        c if c == quote => {
            out.push('\\');
            out.push(c);
        }
        c if c.is_ascii() && !c.is_ascii_control() => out.push(c),
        c => out.push_str(&format!("\\{}", u32::from(c))),
    }
}
