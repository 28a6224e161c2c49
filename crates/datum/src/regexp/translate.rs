//! PostgreSQL's advanced regular expressions in the syntax of the engine beneath.

use super::Options;
use sqlstate::{DatabaseError, INVALID_REGULAR_EXPRESSION, Result};

/// What the extents of matches prefer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Preference {
    /// The engine's own choice is PostgreSQL's.
    Same,
    /// The longest.
    Longest,
    /// The shortest.
    Shortest,
    /// Greedy and non-greedy parts together: only whether a text matches is certain.
    Mixed,
}

/// A translated expression.
pub(super) struct Translated {
    pub(super) pattern: String,
    pub(super) preference: Preference,
}

/// Letters and digits as C's locale functions have them.
const WORD: &str = r"\p{Alphabetic}\p{N}_";
const SPACE: &str = r"\t-\r \x{1680}\x{2000}-\x{2006}\x{2008}-\x{200A}\x{2028}\x{2029}\x{205F}\x{3000}";
const DIGIT: &str = "0-9";

/// The most repetitions that a bound may ask for.
const MAX_REPETITIONS: u32 = 255;

pub(super) fn invalid(what: &str) -> DatabaseError {
    DatabaseError::new(INVALID_REGULAR_EXPRESSION, format!("invalid regular expression: {what}"))
}

/// What stands before an expression (`***=`, `(?i)`) taken off, and the options that it means.
pub(super) fn prefix(pattern: &str, mut options: Options) -> Result<(&str, Options)> {
    let mut rest = pattern;
    if let Some(literal) = rest.strip_prefix("***=") {
        options.quote = true;
        rest = literal;
    } else if let Some(advanced) = rest.strip_prefix("***:") {
        rest = advanced;
    } else if rest.starts_with("***") {
        return Err(invalid("quantifier operand invalid"));
    }
    // Options may stand at the start: (?i).
    if !options.quote
        && let Some(letters) = rest.strip_prefix("(?")
        && let Some(end) = letters.find(|c: char| !c.is_ascii_alphabetic())
        && end > 0
        && letters[end..].starts_with(')')
    {
        for letter in letters[..end].chars() {
            if letter == 'g' {
                return Err(invalid("invalid embedded option"));
            }
            options.apply(letter).map_err(|error| {
                if error.code() == sqlstate::INVALID_PARAMETER_VALUE {
                    invalid("invalid embedded option")
                } else {
                    error
                }
            })?;
        }
        rest = &letters[end + 1..];
    }
    Ok((rest, options))
}

/// Translates an expression.
pub(super) fn translate(pattern: &str, options: Options) -> Result<Translated> {
    let (rest, options) = prefix(pattern, options)?;
    let mut out = String::from(if options.ignore_case { "(?i)" } else { "" });
    if options.quote {
        rest.chars().for_each(|c| push_literal(c, &mut out));
        return Ok(Translated { pattern: out, preference: Preference::Same });
    }
    let mut translator = Translator::new(rest, options);
    translator.out = out;
    translator.run()?;
    let quantifiers = translator.quantifiers;
    let preference = match (translator.lazy, translator.greedy || translator.alternatives) {
        (true, true) => Preference::Mixed,
        (true, false) if quantifiers > 1 => Preference::Shortest,
        (false, _) if quantifiers > 1 || translator.alternatives => Preference::Longest,
        _ => Preference::Same,
    };
    Ok(Translated { pattern: translator.out, preference })
}

/// The class that an escape outside of brackets means.
pub(super) fn class_escape(c: char) -> Option<String> {
    Some(match c {
        'd' => "[0-9]".to_owned(),
        'D' => "[^0-9]".to_owned(),
        'w' => format!("[{WORD}]"),
        'W' => format!("[^{WORD}]"),
        's' => format!("[{SPACE}]"),
        'S' => format!("[^{SPACE}]"),
        _ => return None,
    })
}

/// Reads an expression from its start and writes it anew.
pub(super) struct Translator<'a> {
    pub(super) rest: &'a str,
    options: Options,
    pub(super) out: String,
    depth: usize,
    quantifiers: usize,
    lazy: bool,
    greedy: bool,
    alternatives: bool,
}

/// Appends a character that stands for itself.
pub(super) fn push_literal(c: char, out: &mut String) {
    // Not all punctuation: `\<` and `\>` are word boundaries to the engine beneath.
    if r"\.+*?()|[]{}^$#&-~".contains(c) {
        out.push('\\');
        out.push(c);
    } else if c.is_ascii_control() {
        out.push_str(&format!("\\x{{{:x}}}", u32::from(c)));
    } else {
        out.push(c);
    }
}

impl<'a> Translator<'a> {
    pub(super) fn new(rest: &'a str, options: Options) -> Translator<'a> {
        Translator {
            rest,
            options,
            out: String::new(),
            depth: 0,
            quantifiers: 0,
            lazy: false,
            greedy: false,
            alternatives: false,
        }
    }

    pub(super) fn next(&mut self) -> Option<char> {
        let c = self.rest.chars().next()?;
        self.rest = &self.rest[c.len_utf8()..];
        Some(c)
    }

    fn run(&mut self) -> Result<()> {
        // Whether what came last can be repeated.
        let mut atom = false;
        let mut atoms_before = Vec::new();
        while let Some(c) = self.next() {
            match c {
                '\\' => atom = self.escape()?,
                '[' => {
                    if self.rest.starts_with("[:<:]]") {
                        self.rest = &self.rest[6..];
                        self.out.push_str(r"\b{start}");
                        atom = false;
                    } else if self.rest.starts_with("[:>:]]") {
                        self.rest = &self.rest[6..];
                        self.out.push_str(r"\b{end}");
                        atom = false;
                    } else {
                        self.bracket()?;
                        atom = true;
                    }
                }
                '(' => {
                    if let Some(tail) = self.rest.strip_prefix('?') {
                        match tail.chars().next() {
                            Some(':') => {
                                self.rest = &tail[1..];
                                self.out.push_str("(?:");
                            }
                            Some('=' | '!' | '<') => {
                                return Err(DatabaseError::unsupported(
                                    "look-around in a regular expression",
                                ));
                            }
                            Some('#') => {
                                let end =
                                    tail.find(')').ok_or_else(|| invalid("parentheses () not balanced"))?;
                                self.rest = &tail[end + 1..];
                                continue;
                            }
                            _ => return Err(invalid("quantifier operand invalid")),
                        }
                    } else {
                        self.out.push('(');
                    }
                    self.depth += 1;
                    atoms_before.push(atom);
                    atom = false;
                }
                ')' => {
                    if self.depth == 0 {
                        return Err(invalid("parentheses () not balanced"));
                    }
                    self.depth -= 1;
                    atoms_before.pop();
                    self.out.push(')');
                    atom = true;
                }
                '|' => {
                    self.alternatives = true;
                    self.out.push('|');
                    atom = false;
                }
                '*' | '+' | '?' => {
                    self.quantified(atom)?;
                    self.out.push(c);
                    self.end_quantifier()?;
                    atom = false;
                }
                '{' if self.rest.starts_with(|c: char| c.is_ascii_digit()) => {
                    self.quantified(atom)?;
                    self.bound()?;
                    atom = false;
                }
                '^' => {
                    self.out.push_str(if self.options.line_anchors { "(?m:^)" } else { r"\A" });
                    atom = false;
                }
                '$' => {
                    self.out.push_str(if self.options.line_anchors { "(?m:$)" } else { r"\z" });
                    atom = false;
                }
                '.' => {
                    self.out.push_str(if self.options.line_classes { r"[^\n]" } else { "(?s:.)" });
                    atom = true;
                }
                c if self.options.expanded && c.is_whitespace() => {}
                '#' if self.options.expanded => {
                    let end = self.rest.find('\n').unwrap_or(self.rest.len());
                    self.rest = &self.rest[end..];
                }
                c => {
                    push_literal(c, &mut self.out);
                    atom = true;
                }
            }
        }
        if self.depth > 0 {
            return Err(invalid("parentheses () not balanced"));
        }
        Ok(())
    }

    fn quantified(&mut self, atom: bool) -> Result<()> {
        if !atom {
            return Err(invalid("quantifier operand invalid"));
        }
        self.quantifiers += 1;
        Ok(())
    }

    /// After `*`, `+`, `?` or a bound: `?` makes it non-greedy, another quantifier is wrong.
    fn end_quantifier(&mut self) -> Result<()> {
        if let Some(tail) = self.rest.strip_prefix('?') {
            self.rest = tail;
            self.out.push('?');
            self.lazy = true;
        } else {
            self.greedy = true;
        }
        if self.rest.starts_with(['*', '+', '?']) {
            return Err(invalid("quantifier operand invalid"));
        }
        Ok(())
    }

    pub(super) fn number(&mut self) -> Result<u32> {
        let digits = self.rest.bytes().take_while(u8::is_ascii_digit).count();
        let value = self.rest[..digits].parse().ok().filter(|value| *value <= MAX_REPETITIONS);
        self.rest = &self.rest[digits..];
        value.ok_or_else(|| invalid("invalid repetition count(s)"))
    }

    fn bound(&mut self) -> Result<()> {
        let least = self.number()?;
        let mut fixed = false;
        let bound = if let Some(tail) = self.rest.strip_prefix(',') {
            self.rest = tail;
            if self.rest.starts_with(|c: char| c.is_ascii_digit()) {
                let most = self.number()?;
                if most < least {
                    return Err(invalid("invalid repetition count(s)"));
                }
                fixed = most == least;
                format!("{{{least},{most}}}")
            } else {
                format!("{{{least},}}")
            }
        } else {
            fixed = true;
            format!("{{{least}}}")
        };
        match self.rest.strip_prefix('}') {
            Some(tail) => self.rest = tail,
            None if self.rest.is_empty() => return Err(invalid("braces {} not balanced")),
            None => return Err(invalid("invalid repetition count(s)")),
        }
        self.out.push_str(&bound);
        if fixed {
            // A fixed count prefers nothing, and leaves no choice.
            self.quantifiers -= 1;
            if let Some(tail) = self.rest.strip_prefix('?') {
                self.rest = tail;
            }
            if self.rest.starts_with(['*', '+', '?']) {
                return Err(invalid("quantifier operand invalid"));
            }
            return Ok(());
        }
        self.end_quantifier()
    }

    /// The character of an escape that stands for one, if it does.
    pub(super) fn character_escape(&mut self, c: char) -> Result<Option<char>> {
        Ok(Some(match c {
            'a' => '\x07',
            'b' => '\x08',
            'B' => '\\',
            'e' => '\x1b',
            'f' => '\x0c',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'v' => '\x0b',
            'u' => self.hex(4)?,
            'U' => self.hex(8)?,
            'x' => {
                let digits = self.rest.bytes().take_while(u8::is_ascii_hexdigit).count();
                self.hex(digits.min(255))?
            }
            'c' => {
                let c = self.next().ok_or_else(|| invalid("invalid escape \\ sequence"))?;
                char::from_u32(u32::from(c) & 0x1f).unwrap_or('\0')
            }
            c if c.is_ascii_alphanumeric() => return Ok(None),
            c => c,
        }))
    }

    fn hex(&mut self, digits: usize) -> Result<char> {
        let text = self.rest.get(..digits).unwrap_or("");
        let code = u32::from_str_radix(text, 16).ok().and_then(char::from_u32);
        let c = code.ok_or_else(|| invalid("invalid escape \\ sequence"))?;
        self.rest = &self.rest[digits..];
        Ok(c)
    }

    /// An escape outside brackets; whether it can be repeated.
    fn escape(&mut self) -> Result<bool> {
        let Some(c) = self.next() else { return Err(invalid("invalid escape \\ sequence")) };
        let constraint = match c {
            'A' => r"\A",
            'Z' => r"\z",
            'y' => r"\b",
            'Y' => r"\B",
            'm' => r"\b{start}",
            'M' => r"\b{end}",
            _ => "",
        };
        if !constraint.is_empty() {
            self.out.push_str(constraint);
            return Ok(false);
        }
        match c {
            '0'..='9' => return Err(DatabaseError::unsupported("a back-reference in a regular expression")),
            c => match class_escape(c) {
                Some(class) => self.out.push_str(&class),
                None => match self.character_escape(c)? {
                    Some(c) => push_literal(c, &mut self.out),
                    None => return Err(invalid("invalid escape \\ sequence")),
                },
            },
        }
        Ok(true)
    }

    /// What follows `[`.
    pub(super) fn bracket(&mut self) -> Result<()> {
        let unbalanced = || invalid("brackets [] not balanced");
        self.out.push('[');
        if let Some(tail) = self.rest.strip_prefix('^') {
            self.rest = tail;
            self.out.push('^');
            if self.options.line_classes {
                self.out.push_str(r"\n");
            }
        }
        let mut first = true;
        loop {
            let c = self.next().ok_or_else(unbalanced)?;
            if c == ']' && !first {
                break;
            }
            first = false;
            if c == '[' && self.rest.starts_with(':') {
                self.class()?;
                continue;
            }
            if c == '[' && self.rest.starts_with(['.', '=']) {
                let element = self.collating_element()?;
                self.range(element)?;
                continue;
            }
            if c == '\\' {
                let escaped = self.next().ok_or_else(|| invalid("invalid escape \\ sequence"))?;
                match escaped {
                    'd' => self.out.push_str(DIGIT),
                    'w' => self.out.push_str(WORD),
                    's' => self.out.push_str(SPACE),
                    escaped => {
                        let c = self.character_escape(escaped)?;
                        self.range(c.ok_or_else(|| invalid("invalid escape \\ sequence"))?)?;
                    }
                }
                continue;
            }
            self.range(c)?;
        }
        self.out.push(']');
        Ok(())
    }

    /// `[.x.]` or `[=x=]` in brackets: a character.
    fn collating_element(&mut self) -> Result<char> {
        let invalid = || invalid("invalid collating element");
        let kind = self.next().unwrap_or('.');
        let end = self.rest.find(&format!("{kind}]")).ok_or_else(invalid)?;
        let mut characters = self.rest[..end].chars();
        let (first, second) = (characters.next(), characters.next());
        if second.is_some() {
            return Err(DatabaseError::unsupported("a collating element by its name"));
        }
        self.rest = &self.rest[end + 2..];
        first.ok_or_else(invalid)
    }

    /// A character in brackets, or the range that begins with it.
    fn range(&mut self, low: char) -> Result<()> {
        push_literal(low, &mut self.out);
        let Some(tail) = self.rest.strip_prefix('-') else { return Ok(()) };
        if tail.starts_with(']') || tail.is_empty() {
            return Ok(());
        }
        self.rest = tail;
        let mut high = self.next().unwrap_or('-');
        if high == '[' && self.rest.starts_with([':', '.', '=']) {
            return Err(invalid("invalid character range"));
        }
        if high == '\\' {
            let escaped = self.next().ok_or_else(|| invalid("invalid escape \\ sequence"))?;
            high = self.character_escape(escaped)?.ok_or_else(|| invalid("invalid escape \\ sequence"))?;
        }
        if high < low {
            return Err(invalid("invalid character range"));
        }
        self.out.push('-');
        push_literal(high, &mut self.out);
        Ok(())
    }

    /// `[:name:]` in brackets.
    fn class(&mut self) -> Result<()> {
        let end = self.rest.find(":]").ok_or_else(|| invalid("brackets [] not balanced"))?;
        let class = match &self.rest[1..end] {
            "alpha" => r"\p{Alphabetic}",
            "digit" => DIGIT,
            "alnum" => r"\p{Alphabetic}\p{N}",
            "upper" => r"\p{Uppercase}",
            "lower" => r"\p{Lowercase}",
            "space" => SPACE,
            "blank" => r"\t ",
            "cntrl" => r"\p{Cc}",
            "xdigit" => "0-9A-Fa-f",
            "word" => WORD,
            "punct" => r"!-/:-@\[-`{-~\p{P}\p{S}",
            "graph" => r"\p{L}\p{M}\p{N}\p{P}\p{S}",
            "print" => r"\p{L}\p{M}\p{N}\p{P}\p{S}\p{Zs}",
            _ => return Err(invalid("invalid character class")),
        };
        self.out.push_str(class);
        self.rest = &self.rest[end + 2..];
        Ok(())
    }
}
