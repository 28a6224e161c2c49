//! The templates of numbers: what stands in one, and what may stand beside what.

use sqlstate::{DatabaseError, Result, SYNTAX_ERROR};

/// One place of a template.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Place {
    /// `9`
    Nine,
    /// `0`
    Zero,
    /// `.` and `D`
    Point,
    /// `,`
    Comma,
    /// `G`
    Group,
    /// `L`
    Currency,
    /// `MI`
    Minus,
    /// `PL`
    Plus,
    /// `SG`
    Sign,
    /// `RN` and `rn`
    Roman { upper: bool },
    /// `TH` and `th`
    Ordinal { upper: bool },
    /// What writes nothing itself: `S`, `PR`, `FM`, `V`, `B`, `C`, `EEEE`.
    Silent,
    /// A character as it is.
    Text(char),
}

/// Where `S` puts the sign.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Anchor {
    Before,
    After,
}

/// A template.
#[derive(Clone, Debug, Default)]
pub(super) struct Template {
    pub(super) places: Vec<Place>,
    /// Digits before the point.
    pub(super) whole: i64,
    /// Digits after the point.
    pub(super) fraction: i64,
    /// Digits behind `V`.
    pub(super) shift: i64,
    /// The place of the first `0` before the point, counted from 1; 0 without one.
    pub(super) zero_start: i64,
    /// The digits up to the last `0`.
    pub(super) zero_end: i64,
    /// `S`, and the digits before it.
    pub(super) anchor: Option<Anchor>,
    pub(super) before_anchor: i64,
    pub(super) point: bool,
    /// `FM`
    pub(super) tight: bool,
    pub(super) locale_sign: bool,
    pub(super) minus: bool,
    pub(super) plus: bool,
    /// `PR`
    pub(super) brackets: bool,
    /// A `0` before the point.
    pub(super) zero: bool,
    pub(super) blank: bool,
    pub(super) roman: bool,
    /// `V`
    pub(super) multiplied: bool,
    /// `EEEE`
    pub(super) exponent: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum Word {
    Comma,
    Point,
    Zero,
    Nine,
    Blank,
    Code,
    Exponent,
    Fill,
    Group,
    Currency,
    Minus,
    Plus,
    Brackets,
    Roman(bool),
    SignPair,
    Spell,
    Sign,
    Ordinal(bool),
    Shift,
}

/// The words, all in upper or all in lower case; where one begins another the longer one first.
const WORDS: &[(&str, Word)] = &[
    (",", Word::Comma),
    (".", Word::Point),
    ("0", Word::Zero),
    ("9", Word::Nine),
    ("B", Word::Blank),
    ("C", Word::Code),
    ("D", Word::Point),
    ("EEEE", Word::Exponent),
    ("FM", Word::Fill),
    ("G", Word::Group),
    ("L", Word::Currency),
    ("MI", Word::Minus),
    ("PL", Word::Plus),
    ("PR", Word::Brackets),
    ("RN", Word::Roman(true)),
    ("SG", Word::SignPair),
    ("SP", Word::Spell),
    ("S", Word::Sign),
    ("TH", Word::Ordinal(true)),
    ("V", Word::Shift),
    ("b", Word::Blank),
    ("c", Word::Code),
    ("d", Word::Point),
    ("eeee", Word::Exponent),
    ("fm", Word::Fill),
    ("g", Word::Group),
    ("l", Word::Currency),
    ("mi", Word::Minus),
    ("pl", Word::Plus),
    ("pr", Word::Brackets),
    ("rn", Word::Roman(false)),
    ("sg", Word::SignPair),
    ("sp", Word::Spell),
    ("s", Word::Sign),
    ("th", Word::Ordinal(false)),
    ("v", Word::Shift),
];

fn refused(message: &str) -> DatabaseError {
    DatabaseError::new(SYNTAX_ERROR, message)
}

impl Template {
    /// Reads a template.
    pub(super) fn parse(text: &str) -> Result<Template> {
        let mut out = Template::default();
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            if let Some((word, meaning)) = WORDS.iter().find(|(word, _)| rest.starts_with(word)) {
                out.word(*meaning)?;
                rest = &rest[word.len()..];
            } else if c == '"' {
                rest = out.quoted(&rest[1..]);
            } else {
                // Outside of quotes a backslash only protects a quote.
                if let Some(tail) = rest.strip_prefix('\\')
                    && tail.starts_with('"')
                {
                    rest = tail;
                }
                let c = rest.chars().next().unwrap_or(c);
                out.places.push(Place::Text(c));
                rest = &rest[c.len_utf8()..];
            }
        }
        Ok(out)
    }

    /// A text up to its closing quote, where a backslash protects the next character. What follows it is left.
    fn quoted<'t>(&mut self, text: &'t str) -> &'t str {
        let mut characters = text.char_indices();
        while let Some((at, c)) = characters.next() {
            match c {
                '"' => return &text[at + 1..],
                '\\' => self.places.push(Place::Text(characters.next().map_or('\\', |(_, c)| c))),
                c => self.places.push(Place::Text(c)),
            }
        }
        ""
    }

    fn word(&mut self, word: Word) -> Result<()> {
        if self.exponent && word != Word::Exponent {
            return Err(refused("\"EEEE\" must be the last pattern used"));
        }
        let place = match word {
            Word::Nine => {
                if self.brackets {
                    return Err(refused("\"9\" must be ahead of \"PR\""));
                }
                if self.multiplied {
                    self.shift += 1;
                } else if self.point {
                    self.fraction += 1;
                } else {
                    self.whole += 1;
                }
                Place::Nine
            }
            Word::Zero => {
                if self.brackets {
                    return Err(refused("\"0\" must be ahead of \"PR\""));
                }
                if !self.zero && !self.point {
                    self.zero = true;
                    self.zero_start = self.whole + 1;
                }
                if self.point {
                    self.fraction += 1;
                } else {
                    self.whole += 1;
                }
                self.zero_end = self.whole + self.fraction;
                Place::Zero
            }
            Word::Point => {
                if self.point {
                    return Err(refused("multiple decimal points"));
                }
                if self.multiplied {
                    return Err(refused("cannot use \"V\" and decimal point together"));
                }
                self.point = true;
                Place::Point
            }
            Word::Comma => Place::Comma,
            Word::Group => Place::Group,
            Word::Currency => Place::Currency,
            Word::Blank => {
                self.blank |= self.whole == 0 && self.fraction == 0 && !self.zero;
                Place::Silent
            }
            Word::Fill => {
                self.tight = true;
                Place::Silent
            }
            Word::Code | Word::Spell => Place::Silent,
            Word::Roman(upper) => {
                self.roman = true;
                Place::Roman { upper }
            }
            Word::Ordinal(upper) => Place::Ordinal { upper },
            Word::Shift => {
                if self.point {
                    return Err(refused("cannot use \"V\" and decimal point together"));
                }
                self.multiplied = true;
                Place::Silent
            }
            Word::Exponent => {
                self.scientific()?;
                Place::Silent
            }
            Word::Sign | Word::Minus | Word::Plus | Word::SignPair | Word::Brackets => self.sign(word)?,
        };
        self.places.push(place);
        Ok(())
    }

    fn scientific(&mut self) -> Result<()> {
        if self.exponent {
            return Err(refused("cannot use \"EEEE\" twice"));
        }
        let others = self.blank
            || self.tight
            || self.locale_sign
            || self.brackets
            || self.minus
            || self.plus
            || self.roman
            || self.multiplied;
        if others {
            return Err(refused("\"EEEE\" is incompatible with other formats")
                .with_detail("\"EEEE\" may only be used together with digit and decimal point patterns."));
        }
        self.exponent = true;
        Ok(())
    }

    fn sign(&mut self, word: Word) -> Result<Place> {
        let together = |pair: &str| Err(refused(&format!("cannot use {pair} together")));
        match word {
            Word::Minus => {
                if self.locale_sign {
                    return together("\"S\" and \"MI\"");
                }
                self.minus = true;
                Ok(Place::Minus)
            }
            Word::Plus => {
                if self.locale_sign {
                    return together("\"S\" and \"PL\"");
                }
                self.plus = true;
                Ok(Place::Plus)
            }
            Word::SignPair => {
                if self.locale_sign {
                    return together("\"S\" and \"SG\"");
                }
                (self.minus, self.plus) = (true, true);
                Ok(Place::Sign)
            }
            Word::Brackets => {
                if self.locale_sign || self.plus || self.minus {
                    return together("\"PR\" and \"S\"/\"PL\"/\"MI\"/\"SG\"");
                }
                self.brackets = true;
                Ok(Place::Silent)
            }
            _ => {
                if self.locale_sign {
                    return Err(refused("cannot use \"S\" twice"));
                }
                if self.plus || self.minus || self.brackets {
                    return together("\"S\" and \"PL\"/\"MI\"/\"SG\"/\"PR\"");
                }
                if !self.point {
                    self.anchor = Some(Anchor::Before);
                    self.before_anchor = self.whole;
                    self.locale_sign = true;
                } else if self.anchor.is_none() {
                    self.anchor = Some(Anchor::After);
                    self.locale_sign = true;
                }
                Ok(Place::Silent)
            }
        }
    }
}
