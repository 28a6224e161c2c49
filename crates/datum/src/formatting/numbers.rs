//! `to_char` of numbers and `to_number`: digits, signs, separators.

use crate::numeric::Numeric;
use crate::registry::{Call, Function, stable};
use crate::value::StoredValue;
use sqlstate::{DatabaseError, Result, SYNTAX_ERROR};

/// Where a sign stands and how it looks.
#[derive(Clone, Copy, PartialEq)]
enum Sign {
    /// Before the number, a space for positive ones.
    Default,
    /// `S` before or after the number, `+` shown.
    Locale { after: bool },
    /// `MI`: `-` or a space, where the template has it.
    Minus,
    /// `PL`: `+` or a space.
    Plus,
    /// `SG`: either.
    Both,
    /// `PR`: angle brackets around negative numbers.
    Brackets,
}

/// One place of a template.
#[derive(Clone, Debug, PartialEq)]
enum Place {
    Nine,
    Zero,
    Point,
    Group,
    Sign,
    Minus,
    Plus,
    Text(String),
}

struct Template {
    places: Vec<Place>,
    sign: Sign,
    fill: bool,
    /// Digits before and after the point.
    whole: usize,
    fraction: usize,
}

fn template(text: &str) -> Result<Template> {
    let refuse = |message: &str| Err(DatabaseError::new(SYNTAX_ERROR, message));
    let mut out = Template { places: Vec::new(), sign: Sign::Default, fill: true, whole: 0, fraction: 0 };
    let mut rest = text;
    let mut point = false;
    while let Some(c) = rest.chars().next() {
        let pair = rest.get(..2).unwrap_or("").to_ascii_uppercase();
        let mut used = c.len_utf8();
        match (c.to_ascii_uppercase(), pair.as_str()) {
            (_, "FM") => {
                out.fill = false;
                used = 2;
            }
            (_, "MI") => {
                if out.sign != Sign::Default {
                    return refuse("cannot use \"MI\" together with another sign");
                }
                out.sign = Sign::Minus;
                out.places.push(Place::Minus);
                used = 2;
            }
            (_, "PL") => {
                out.sign = Sign::Plus;
                out.places.push(Place::Plus);
                used = 2;
            }
            (_, "SG") => {
                out.sign = Sign::Both;
                out.places.push(Place::Sign);
                used = 2;
            }
            (_, "PR") => {
                if rest.len() > 2 && rest[2..].contains(['9', '0']) {
                    return refuse("\"9\" must be ahead of \"PR\"");
                }
                out.sign = Sign::Brackets;
                used = 2;
            }
            (_, "TH" | "RN" | "EE") | ('V', _) => {
                return Err(DatabaseError::unsupported(format_args!("number template {text:?}")));
            }
            ('9' | '0', _) => {
                out.places.push(if c == '0' { Place::Zero } else { Place::Nine });
                if point {
                    out.fraction += 1;
                } else {
                    out.whole += 1;
                }
            }
            ('.' | 'D', _) => {
                if point {
                    return refuse("multiple decimal points");
                }
                point = true;
                out.places.push(Place::Point);
            }
            (',' | 'G', _) => out.places.push(Place::Group),
            ('S', _) => {
                if out.sign != Sign::Default {
                    return refuse("cannot use \"S\" twice");
                }
                out.sign = Sign::Locale { after: out.whole + out.fraction > 0 };
                out.places.push(Place::Sign);
            }
            // The C locale has no currency symbol.
            ('L', _) => out.places.push(Place::Text(" ".to_owned())),
            ('"', _) => {
                let end = rest[1..].find('"').map_or(rest.len(), |end| end + 2);
                out.places.push(Place::Text(rest[1..end.max(2) - 1].to_owned()));
                used = end;
            }
            ('\\', _) if rest[1..].starts_with('"') => {
                out.places.push(Place::Text("\"".to_owned()));
                used = 2;
            }
            _ => out.places.push(Place::Text(c.to_string())),
        }
        rest = &rest[used..];
    }
    Ok(out)
}

/// A number as its template shows it; `None` digits for what does not fit.
fn show(value: &Numeric, template: &Template) -> Result<String> {
    let Numeric::Finite(decimal) = value.clone() else {
        return Err(DatabaseError::unsupported("to_char() of NaN or infinity"));
    };
    let rounded = decimal.round(template.fraction as i32);
    let negative = rounded.is_negative();
    let text = rounded.abs().to_text();
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let whole = if whole == "0" { "" } else { whole };
    // A number always has a digit before its point: a template without room for it overflows.
    let overflow = whole.len() > template.whole || template.whole == 0;
    let mut out = String::new();
    let sign_shown = |sign: Sign| match sign {
        Sign::Brackets => {
            if negative {
                "<"
            } else {
                " "
            }
        }
        _ => {
            if negative {
                "-"
            } else {
                " "
            }
        }
    };
    // The first place from the left that shows a digit: a zero place, or the first significant one.
    let zero_from = {
        let mut seen = 0;
        let mut first_zero = template.whole;
        for place in &template.places {
            match place {
                Place::Zero if seen < template.whole => {
                    first_zero = first_zero.min(seen);
                    seen += 1;
                }
                Place::Nine if seen < template.whole => seen += 1,
                Place::Point => break,
                _ => {}
            }
        }
        first_zero
    };
    let significant_from = template.whole.saturating_sub(whole.len());
    let mut starts = zero_from.min(significant_from);
    // A template without fraction shows at least a zero.
    if starts == template.whole && template.fraction == 0 && template.whole > 0 {
        starts = template.whole - 1;
    }
    let (mut seen, mut after, mut sign_written) = (0, 0, false);
    let floating =
        matches!(template.sign, Sign::Default | Sign::Plus | Sign::Brackets | Sign::Locale { after: false });
    let mark = match template.sign {
        Sign::Locale { .. } => {
            if negative {
                "-"
            } else {
                "+"
            }
        }
        sign => sign_shown(sign),
    };
    let last_fraction = if template.fill {
        template.fraction
    } else {
        // FM cuts trailing zeros that only a nine asks for.
        let forced = template
            .places
            .iter()
            .skip_while(|place| **place != Place::Point)
            .filter(|place| matches!(place, Place::Nine | Place::Zero))
            .enumerate()
            .filter(|(_, place)| **place == Place::Zero)
            .map(|(at, _)| at + 1)
            .max()
            .unwrap_or(0);
        fraction.trim_end_matches('0').len().max(forced)
    };
    let write_mark = |out: &mut String, written: &mut bool| {
        if floating && !*written {
            *written = true;
            if template.fill || mark != " " {
                out.push_str(mark);
            }
        }
    };
    let mut in_fraction = false;
    for place in &template.places {
        match place {
            Place::Nine | Place::Zero if !in_fraction => {
                if overflow {
                    write_mark(&mut out, &mut sign_written);
                    out.push('#');
                } else if seen >= starts {
                    write_mark(&mut out, &mut sign_written);
                    let digit = if seen >= significant_from {
                        &whole[seen - significant_from..=seen - significant_from]
                    } else {
                        "0"
                    };
                    out.push_str(digit);
                } else if template.fill {
                    out.push(' ');
                }
                seen += 1;
            }
            Place::Nine | Place::Zero => {
                if overflow {
                    out.push('#');
                } else if after < last_fraction {
                    out.push_str(fraction.get(after..after + 1).unwrap_or("0"));
                }
                after += 1;
            }
            Place::Point => {
                in_fraction = true;
                write_mark(&mut out, &mut sign_written);
                out.push('.');
            }
            Place::Group => {
                if overflow || seen > starts {
                    out.push(',');
                } else if template.fill {
                    out.push(' ');
                }
            }
            Place::Sign => match template.sign {
                Sign::Both => out.push(if negative { '-' } else { '+' }),
                Sign::Locale { after: true } => out.push_str(mark),
                _ => {}
            },
            Place::Minus => {
                if negative {
                    out.push('-');
                } else if template.fill {
                    out.push(' ');
                }
            }
            Place::Plus => {
                if !negative {
                    out.push('+');
                } else if template.fill {
                    out.push(' ');
                }
            }
            Place::Text(text) => out.push_str(text),
        }
    }
    write_mark(&mut out, &mut sign_written);
    if template.sign == Sign::Brackets {
        if negative {
            out.push('>');
        } else if template.fill {
            out.push(' ');
        }
    }
    if template.sign == Sign::Plus && negative {
        return Err(DatabaseError::unsupported("number template PL for negative numbers"));
    }
    Ok(out)
}

fn to_char(value: &Numeric, call: &Call<'_>) -> Result<StoredValue> {
    Ok(show(value, &template(call.text(1)?)?)?.into())
}

/// `to_number`: the digits, sign and point of a text; what else the template passes over is ignored.
fn to_number(call: &mut Call<'_>) -> Result<StoredValue> {
    let (text, format) = (call.text(0)?, call.text(1)?);
    let template = template(format)?;
    if template.places.iter().any(|place| matches!(place, Place::Text(_))) || template.sign == Sign::Brackets
    {
        return Err(DatabaseError::unsupported(format_args!("number template {format:?} in an input")));
    }
    let mut digits = String::new();
    let mut negative = false;
    let (mut before, mut after, mut point) = (0, 0, false);
    for c in text.chars() {
        match c {
            '0'..='9' if point && after < template.fraction => {
                digits.push(c);
                after += 1;
            }
            '0'..='9' if !point && before < template.whole => {
                digits.push(c);
                before += 1;
            }
            '.' if !point && template.fraction > 0 => {
                digits.push('.');
                point = true;
            }
            '-' => negative = true,
            '+' | ' ' | ',' => {}
            _ => return Err(DatabaseError::unsupported("to_number() of a text with other characters")),
        }
    }
    if before + after == 0 {
        return Err(DatabaseError::new(
            sqlstate::INVALID_TEXT_REPRESENTATION,
            "invalid input syntax for type numeric: \" \"",
        ));
    }
    let sign = if negative { "-" } else { "" };
    Ok(Numeric::input(&format!("{sign}{}", digits.trim_end_matches('.')))?.to_text().into())
}

pub(super) static FUNCTIONS: &[Function] = &[
    stable("numeric_to_char", |call| to_char(&Numeric::stored(call.text(0)?)?, call)),
    stable("int4_to_char", |call| to_char(&Numeric::from(call.int(0)?), call)),
    stable("int8_to_char", |call| to_char(&Numeric::from(call.int(0)?), call)),
    stable("float4_to_char", |call| to_char(&Numeric::from_f32(call.real(0)?), call)),
    stable("float8_to_char", |call| to_char(&Numeric::from_f64(call.real(0)?), call)),
    stable("numeric_to_number", to_number),
];
