//! `to_number`: the digits, sign and point of a text, read by a template.

use super::number_template::{Anchor, Place, Template};
use crate::numeric::Numeric;
use crate::registry::{Call, Function, stable};
use crate::value::StoredValue;
use sqlstate::{DatabaseError, FEATURE_NOT_SUPPORTED, Result};

/// A text being read.
struct Reader<'t> {
    text: &'t [char],
    at: usize,
    template: &'t Template,
    sign: char,
    digits: String,
    before: i64,
    after: i64,
    point: bool,
}

impl Reader<'_> {
    fn current(&self) -> Option<char> {
        self.text.get(self.at).copied()
    }

    /// Passes over what is no part of a number.
    fn skip(&mut self, count: usize) {
        for _ in 0..count {
            match self.current() {
                Some(c) if !"0123456789.,+-".contains(c) => self.at += 1,
                _ => break,
            }
        }
    }

    /// A digit of the template, or its point: at most one character of the number, and a sign where one may stand.
    fn digit(&mut self, place: Place) {
        if self.current() == Some(' ') {
            self.at += 1;
        }
        let template = self.template;
        if self.sign == ' ' && place != Place::Point && self.before + self.after == 0 {
            let locale_before = template.locale_sign && template.anchor == Some(Anchor::Before);
            match self.current() {
                Some(sign @ ('-' | '+')) => {
                    self.sign = sign;
                    self.at += 1;
                }
                Some('<') if !locale_before && template.brackets => {
                    self.sign = '-';
                    self.at += 1;
                }
                _ => {}
            }
        }
        let mut read = false;
        match self.current() {
            None => return,
            Some(digit) if digit.is_ascii_digit() => {
                if self.point && self.after == template.fraction {
                    return;
                }
                self.digits.push(digit);
                if self.point {
                    self.after += 1;
                } else {
                    self.before += 1;
                }
                read = true;
            }
            Some('.') if template.point && !self.point => {
                self.digits.push('.');
                self.point = true;
                read = true;
            }
            Some(_) => {}
        }
        if self.sign == ' ' && self.before + self.after > 0 {
            let next = self.text.get(self.at + 1).copied();
            if template.locale_sign && read {
                // A sign behind the last digit.
                if let Some(sign @ ('-' | '+')) = next {
                    self.sign = sign;
                    self.at += 1;
                }
            } else if !read
                && !template.locale_sign
                && (template.plus || template.minus)
                && let Some(sign @ ('-' | '+')) = self.current()
            {
                self.sign = sign;
            }
        }
    }

    fn place(&mut self, place: Place) {
        match place {
            Place::Nine | Place::Zero | Place::Point => self.digit(place),
            Place::Comma | Place::Group => {
                if self.template.tight || self.current() != Some(',') {
                    return;
                }
            }
            Place::Currency | Place::Minus | Place::Plus | Place::Sign => return self.skip(1),
            Place::Ordinal { .. } => {
                if !self.template.point && self.sign != '-' {
                    self.skip(2);
                }
                return;
            }
            Place::Roman { .. } | Place::Silent => return,
            Place::Text(_) => {}
        }
        self.at += 1;
    }
}

fn to_number(call: &mut Call<'_>) -> Result<StoredValue> {
    let format = call.text(1)?;
    if format.is_empty() {
        return Ok(StoredValue::Null);
    }
    let template = Template::parse(format)?;
    let refused = |what: &str| {
        Err(DatabaseError::new(FEATURE_NOT_SUPPORTED, format!("\"{what}\" not supported for input")))
    };
    if template.exponent {
        return refused("EEEE");
    }
    if template.roman {
        return refused("RN");
    }
    let text: Vec<char> = call.text(0)?.chars().collect();
    let mut reader = Reader {
        text: &text,
        at: 0,
        template: &template,
        sign: ' ',
        digits: String::new(),
        before: 0,
        after: 0,
        point: false,
    };
    for place in &template.places {
        if reader.at >= text.len() {
            break;
        }
        reader.place(*place);
    }
    let digits = reader.digits.strip_suffix('.').unwrap_or(&reader.digits);
    let sign = reader.sign;
    let precision = template.whole + template.shift + reader.after;
    let typmod = ((precision << 16 | reader.after) + 4) as i32;
    let mut value = Numeric::input(&format!("{sign}{digits}"))?.under_typmod(typmod)?;
    if template.multiplied {
        value = value.multiply(&Numeric::from(10).power(&Numeric::from(-template.shift))?)?;
    }
    Ok(value.to_text().into())
}

pub(super) static FUNCTIONS: &[Function] = &[stable("numeric_to_number", to_number)];
