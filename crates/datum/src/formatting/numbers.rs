//! `to_char` of numbers: the digits of a number laid out by a template.

use super::number_template::{Anchor, Place, Template};
use crate::integer;
use crate::numeric::Numeric;
use crate::registry::{Call, Function, stable};
use crate::value::StoredValue;
use crate::{float, oid};
use sqlstate::{DatabaseError, INVALID_TEXT_REPRESENTATION, Result};

/// The digits that a double, and a real, tell apart.
const DOUBLE_DIGITS: i64 = 15;
const SINGLE_DIGITS: i64 = 6;

/// A number ready to be laid out.
struct Number {
    /// Its digits, with a point where there is a fraction; `#` where they do not fit.
    digits: Vec<char>,
    /// How many of the template's places stay empty before them.
    spaces: i64,
    negative: bool,
}

impl Number {
    /// The number of a text like `-12.50` in a template's places.
    fn new(text: &str, template: &Template) -> Number {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, text),
        };
        let whole = digits.find('.').unwrap_or(digits.len()) as i64;
        if whole > template.whole {
            let mut filled = vec!['#'; (template.whole + template.fraction + 1).max(1) as usize];
            if let Some(point) = filled.get_mut(template.whole as usize) {
                *point = '.';
            }
            return Number { digits: filled, spaces: 0, negative };
        }
        Number { digits: digits.chars().collect(), spaces: template.whole - whole, negative }
    }

    /// The digit at a place; beyond the last nothing.
    fn at(&self, place: usize) -> Option<char> {
        self.digits.get(place).copied()
    }

    /// The last place that `FM` shows: the point, or the last digit behind it that is not zero.
    fn last_relevant(&self) -> Option<usize> {
        let point = self.digits.iter().position(|c| *c == '.')?;
        let last = self.digits.iter().rposition(|c| *c != '0').unwrap_or(point);
        Some(last.max(point))
    }
}

/// A template being filled.
struct Layout<'n> {
    template: Template,
    number: &'n Number,
    out: String,
    /// Beyond the last digit PostgreSQL writes the end of a C string: what follows is not seen.
    ended: bool,
    spaces: i64,
    sign_written: bool,
    /// Whether a digit has been written.
    inside: bool,
    /// The template's digits so far.
    current: i64,
    count: i64,
    /// The next digit.
    next: usize,
    last_relevant: Option<usize>,
}

impl<'n> Layout<'n> {
    fn new(mut template: Template, number: &'n Number) -> Layout<'n> {
        if template.zero_start > 0 {
            template.zero_start -= 1;
        }
        let sign_written;
        if template.plus || template.minus {
            sign_written = template.minus;
        } else {
            if !number.negative && template.tight {
                template.brackets = false;
            }
            sign_written = !number.negative && template.tight && !template.locale_sign;
            if template.anchor == Some(Anchor::Before) && template.whole == template.before_anchor {
                template.anchor = Some(Anchor::After);
            }
        }
        let mut last_relevant = None;
        if template.tight && template.point {
            last_relevant = number.last_relevant();
            if let Some(last) = last_relevant
                && template.zero_end > number.spaces
            {
                // Digits that a zero asks for are not cut.
                let zero = (number.digits.len() as i64 - 1).min(template.zero_end - number.spaces);
                last_relevant = Some(last.max(zero.max(0) as usize));
            }
        }
        let mut count = template.fraction + template.whole - 1;
        if !sign_written && number.spaces == 0 {
            count += 1;
        }
        Layout {
            spaces: number.spaces,
            template,
            number,
            out: String::new(),
            ended: false,
            sign_written,
            inside: false,
            current: 0,
            count,
            next: 0,
            last_relevant,
        }
    }

    fn push(&mut self, c: char) {
        if !self.ended {
            self.out.push(c);
        }
    }

    fn push_text(&mut self, text: &str) {
        text.chars().for_each(|c| self.push(c));
    }

    /// Whether the zero before a point is to be a space: `9.9` shows 0.1 as ` .1`.
    fn is_hidden_zero(&self) -> bool {
        !self.template.zero && self.next == 0 && self.number.at(0) == Some('0') && self.template.fraction != 0
    }

    fn is_last_relevant_point(&self) -> bool {
        self.last_relevant.is_some_and(|last| self.number.at(last) == Some('.'))
    }

    fn sign(&mut self) {
        let template = &self.template;
        let reached = self.current >= self.spaces || (template.zero && template.zero_start == self.current);
        if self.sign_written || !reached || (self.is_hidden_zero() && !self.is_last_relevant_point()) {
            return;
        }
        let negative = self.number.negative;
        if self.template.locale_sign {
            if self.template.anchor == Some(Anchor::Before) {
                self.push(if negative { '-' } else { '+' });
                self.sign_written = true;
            }
        } else if self.template.brackets {
            self.push(if negative { '<' } else { ' ' });
            self.sign_written = true;
        } else {
            if negative {
                self.push('-');
            } else if !self.template.tight {
                self.push(' ');
            }
            self.sign_written = true;
        }
    }

    /// A digit of the template, or its point.
    fn digit(&mut self, place: Place) {
        self.sign();
        let zeroed = self.template.zero && self.template.zero_start <= self.current;
        if self.current < self.spaces && !zeroed {
            if !self.template.tight {
                self.push(' ');
            }
        } else if self.current < self.spaces {
            self.push('0');
            self.inside = true;
        } else {
            self.number_digit(place);
            if self.next < self.number.digits.len() {
                self.next += 1;
            }
        }
        let mut end = self.count + i64::from(self.spaces > 0) + i64::from(self.template.point);
        if self.last_relevant == Some(self.next) {
            end = self.current;
        }
        if self.current + 1 == end {
            if self.sign_written && self.template.brackets {
                self.push(if self.number.negative { '>' } else { ' ' });
            } else if self.template.locale_sign && self.template.anchor == Some(Anchor::After) {
                self.push(if self.number.negative { '-' } else { '+' });
            }
        }
        self.current += 1;
    }

    fn number_digit(&mut self, place: Place) {
        let digit = self.number.at(self.next);
        if digit == Some('.') {
            if self.last_relevant.is_none() || !self.is_last_relevant_point() || self.template.tight {
                self.push('.');
            }
        } else if self.last_relevant.is_some_and(|last| self.next > last) && place != Place::Zero {
            // FM cuts it.
        } else if self.is_hidden_zero() {
            if !self.template.tight {
                self.push(' ');
            } else if self.is_last_relevant_point() {
                self.push('0');
            }
        } else {
            match digit {
                Some(digit) => self.push(digit),
                None => self.ended = true,
            }
            self.inside = true;
        }
    }

    fn separator(&mut self) {
        if self.inside {
            self.push(',');
        } else if !self.template.tight {
            self.push(' ');
        }
    }

    fn finish(mut self) -> Result<String> {
        let negative = self.number.negative;
        for place in std::mem::take(&mut self.template.places) {
            match place {
                Place::Nine | Place::Zero | Place::Point => self.digit(place),
                Place::Comma | Place::Group => self.separator(),
                // The C locale has no currency symbol.
                Place::Currency => self.push(' '),
                Place::Minus if negative => self.push('-'),
                Place::Plus if !negative => self.push('+'),
                Place::Minus | Place::Plus => {
                    if !self.template.tight {
                        self.push(' ');
                    }
                }
                Place::Sign => self.push(if negative { '-' } else { '+' }),
                Place::Ordinal { upper } => {
                    if !negative && !self.template.point && self.number.at(0) != Some('#') {
                        let ending = ordinal(&self.number.digits)?;
                        self.push_text(&if upper { ending.to_ascii_uppercase() } else { ending.to_owned() });
                    }
                }
                Place::Text(c) => self.push(c),
                Place::Roman { .. } | Place::Silent => {}
            }
        }
        Ok(self.out)
    }
}

/// The ending of an ordinal number.
fn ordinal(digits: &[char]) -> Result<&'static str> {
    let last = digits.last().copied().unwrap_or(' ');
    if !last.is_ascii_digit() {
        let text: String = digits.iter().collect();
        return Err(DatabaseError::new(INVALID_TEXT_REPRESENTATION, format!("\"{text}\" is not a number")));
    }
    if digits.len() > 1 && digits[digits.len() - 2] == '1' {
        return Ok("th");
    }
    Ok(match last {
        '1' => "st",
        '2' => "nd",
        '3' => "rd",
        _ => "th",
    })
}

/// A number from 1 to 3999 in Roman numerals, in fifteen places unless `FM` says otherwise.
fn roman(value: i64, template: &Template) -> String {
    const NUMERALS: &[(i64, &str)] = &[
        (1000, "M"),
        (900, "CM"),
        (500, "D"),
        (400, "CD"),
        (100, "C"),
        (90, "XC"),
        (50, "L"),
        (40, "XL"),
        (10, "X"),
        (9, "IX"),
        (5, "V"),
        (4, "IV"),
        (1, "I"),
    ];
    let mut numeral = String::new();
    if (1..=3999).contains(&value) {
        let mut rest = value;
        for (worth, letters) in NUMERALS {
            while rest >= *worth {
                numeral.push_str(letters);
                rest -= worth;
            }
        }
    } else {
        numeral = "#".repeat(15);
    }
    let mut out = String::new();
    for place in &template.places {
        match place {
            Place::Roman { upper } => {
                let letters = if *upper { numeral.clone() } else { numeral.to_ascii_lowercase() };
                out.push_str(&if template.tight { letters } else { format!("{letters:>15}") });
            }
            Place::Text(c) => out.push(*c),
            // Signs and separators find no number beside them.
            Place::Comma | Place::Group | Place::Minus | Place::Plus if !template.tight => out.push(' '),
            Place::Currency => out.push(' '),
            _ => {}
        }
    }
    out
}

/// What `EEEE` shows of what is no number.
fn scientific_filler(template: &Template) -> String {
    let mut filled = vec!['#'; (template.whole + template.fraction + 6) as usize];
    filled[0] = ' ';
    filled[template.whole as usize + 1] = '.';
    filled.into_iter().collect()
}

/// A double with an exponent of two digits at least, a space before what is not negative.
fn scientific(value: f64, fraction: i64) -> String {
    let text = format!("{value:.*e}", fraction as usize);
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent: i64 = exponent.parse().unwrap_or(0);
    let space = if value.is_sign_negative() { "" } else { " " };
    format!("{space}{mantissa}e{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.abs())
}

fn numeric_scientific(value: &Numeric, template: &Template) -> Result<String> {
    let Numeric::Finite(_) = value else { return Ok(scientific_filler(template)) };
    let text = value.scientific(template.fraction as i32)?;
    Ok(if text.starts_with('-') { text } else { format!(" {text}") })
}

fn from_numeric(value: &Numeric, mut template: Template) -> Result<String> {
    if template.roman {
        let value = match value.clone().map(|value| value.round(0))? {
            Numeric::Finite(value) => value.to_i64().filter(|value| i32::try_from(*value).is_ok()),
            Numeric::NaN => {
                return Err(DatabaseError::new(
                    sqlstate::FEATURE_NOT_SUPPORTED,
                    "cannot convert NaN to integer",
                ));
            }
            Numeric::Infinity { .. } => {
                return Err(DatabaseError::new(
                    sqlstate::FEATURE_NOT_SUPPORTED,
                    "cannot convert infinity to integer",
                ));
            }
        };
        return Ok(roman(value.ok_or_else(|| integer::out_of_range(oid::INT4))?, &template));
    }
    if template.exponent {
        return numeric_scientific(value, &template);
    }
    let mut value = value.clone();
    if template.multiplied {
        value = value.multiply(&Numeric::from(10).power(&Numeric::from(template.shift))?)?;
        template.whole += template.shift;
    }
    let fraction = template.fraction as i32;
    let rounded = value.map(|value| value.round(fraction))?;
    let number = Number::new(&rounded.to_text(), &template);
    Layout::new(template, &number).finish()
}

fn from_integer(value: i64, mut template: Template, narrow: bool) -> Result<String> {
    if template.roman {
        let value = i32::try_from(value).map_err(|_| integer::out_of_range(oid::INT4))?;
        return Ok(roman(i64::from(value), &template));
    }
    if template.exponent {
        if narrow {
            return Ok(scientific(value as f64, template.fraction));
        }
        return numeric_scientific(&Numeric::from(value), &template);
    }
    let mut value = value;
    if template.multiplied {
        let ty = if narrow { oid::INT4 } else { oid::INT8 };
        let scaled = u32::try_from(template.shift).ok().and_then(|shift| 10i64.checked_pow(shift));
        value = scaled.and_then(|scale| value.checked_mul(scale)).ok_or_else(|| integer::out_of_range(ty))?;
        if narrow {
            integer::int4(value)?;
        }
        template.whole += template.shift;
    }
    let mut text = value.to_string();
    if template.fraction > 0 {
        text.push('.');
        (0..template.fraction).for_each(|_| text.push('0'));
    }
    let number = Number::new(&text, &template);
    Layout::new(template, &number).finish()
}

fn from_float(value: f64, mut template: Template, digits: i64) -> Result<String> {
    if template.roman {
        let rounded = value.round_ties_even();
        let rounded = if rounded.is_nan() { i64::from(i32::MIN) } else { rounded as i64 };
        return Ok(roman(rounded, &template));
    }
    if template.exponent {
        if !value.is_finite() {
            return Ok(scientific_filler(&template));
        }
        return Ok(scientific(value, template.fraction));
    }
    let mut value = value;
    if template.multiplied {
        value *= 10f64.powi(template.shift as i32);
        if digits == SINGLE_DIGITS {
            value = f64::from(value as f32);
        }
        template.whole += template.shift;
    }
    let fixed = |fraction: i64, value: f64| {
        if value.is_finite() {
            return format!("{value:.*}", fraction as usize);
        }
        let mut text = String::new();
        float::output(float::Width::Double, value, &mut text);
        text
    };
    let whole = fixed(0, value.abs()).len() as i64;
    if whole >= digits {
        template.fraction = 0;
    } else if whole + template.fraction > digits {
        template.fraction = digits - whole;
    }
    let number = Number::new(&fixed(template.fraction, value), &template);
    Layout::new(template, &number).finish()
}

fn to_char(call: &Call<'_>, of: impl FnOnce(Template) -> Result<String>) -> Result<StoredValue> {
    Ok(match call.text(1)? {
        "" => "".into(),
        text => of(Template::parse(text)?)?.into(),
    })
}

pub(super) static FUNCTIONS: &[Function] = &[
    stable("numeric_to_char", |call| {
        let value = Numeric::stored(call.text(0)?)?;
        to_char(call, |template| from_numeric(&value, template))
    }),
    stable("int4_to_char", |call| {
        let value = call.int(0)?;
        to_char(call, |template| from_integer(value, template, true))
    }),
    stable("int8_to_char", |call| {
        let value = call.int(0)?;
        to_char(call, |template| from_integer(value, template, false))
    }),
    stable("float4_to_char", |call| {
        let value = call.real(0)?;
        to_char(call, |template| from_float(value, template, SINGLE_DIGITS))
    }),
    stable("float8_to_char", |call| {
        let value = call.real(0)?;
        to_char(call, |template| from_float(value, template, DOUBLE_DIGITS))
    }),
];
