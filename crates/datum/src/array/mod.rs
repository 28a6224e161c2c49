//! Arrays: stored as JSON arrays of stored elements, printed as `{…}`.

pub(crate) mod functions;
pub(crate) mod literal;
pub(crate) mod operators;
pub(crate) mod sets;

use crate::json::{self, scan};
use crate::value::{Stored, StoredValue};
use crate::{bytes, float};
use sqlstate::{DatabaseError, PROGRAM_LIMIT_EXCEEDED, Result};

/// How an element stands in the JSON array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// `true`, `false`; stored as an integer.
    Bool,
    /// Digits; stored as an integer.
    Integer,
    /// A number, specials quoted; stored as a real.
    Real,
    /// A number, specials quoted; stored as text.
    Numeric,
    /// A string of 36 characters; stored as a blob.
    Uuid,
    /// A string of hex; stored as a blob.
    Bytes,
    /// A string; stored as text.
    Text,
    /// A nested array; stored as text.
    Composite,
}

/// The largest number of dimensions.
const MAX_DIMENSIONS: usize = 6;

/// An array with its elements in stored form, row by row.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Array {
    /// The length of each dimension; none for an empty array.
    pub(crate) lengths: Vec<usize>,
    /// The elements.
    pub(crate) elements: Vec<StoredValue>,
}

impl Array {
    /// A one-dimensional array.
    pub(crate) fn of(elements: Vec<StoredValue>) -> Array {
        let lengths = if elements.is_empty() { Vec::new() } else { vec![elements.len()] };
        Array { lengths, elements }
    }

    /// The array of a stored text.
    pub(crate) fn stored(text: &str, encoding: Encoding) -> Result<Array> {
        let mut array = Array::default();
        array.read(text, encoding, 0)?;
        if array.elements.is_empty() {
            array.lengths.clear();
        }
        Ok(array)
    }

    fn read(&mut self, text: &str, encoding: Encoding, depth: usize) -> Result<()> {
        if depth >= MAX_DIMENSIONS {
            return Err(too_many_dimensions(depth + 1));
        }
        let mut count = 0;
        for element in scan::elements(text) {
            count += 1;
            if element.starts_with('[') && encoding != Encoding::Composite {
                self.read(element, encoding, depth + 1)?;
            } else {
                self.elements.push(decode(element, encoding)?);
            }
        }
        while self.lengths.len() <= depth {
            self.lengths.push(0);
        }
        self.lengths[depth] = count;
        Ok(())
    }

    /// The stored text.
    pub(crate) fn to_text(&self, encoding: Encoding) -> Result<String> {
        let mut out = String::with_capacity(self.elements.len() * 4 + 2);
        if self.lengths.is_empty() {
            out.push_str("[]");
            return Ok(out);
        }
        let mut elements = self.elements.iter();
        write(&self.lengths, &mut elements, encoding, &mut out)?;
        Ok(out)
    }

    /// The stored value.
    pub(crate) fn to_stored(&self, encoding: Encoding) -> Result<StoredValue> {
        self.to_text(encoding).map(StoredValue::Text)
    }
}

/// "number of array dimensions … exceeds the maximum allowed".
pub(crate) fn too_many_dimensions(count: usize) -> DatabaseError {
    DatabaseError::new(
        PROGRAM_LIMIT_EXCEEDED,
        format!("number of array dimensions ({count}) exceeds the maximum allowed ({MAX_DIMENSIONS})"),
    )
}

fn write<'a>(
    lengths: &[usize],
    elements: &mut impl Iterator<Item = &'a StoredValue>,
    encoding: Encoding,
    out: &mut String,
) -> Result<()> {
    let Some((length, inner)) = lengths.split_first() else { return Ok(()) };
    out.push('[');
    for at in 0..*length {
        if at > 0 {
            out.push(',');
        }
        if inner.is_empty() {
            encode(elements.next().map_or(Stored::Null, StoredValue::borrow), encoding, out)?;
        } else {
            write(inner, elements, encoding, out)?;
        }
    }
    out.push(']');
    Ok(())
}

/// Appends an element as it stands in the JSON array.
pub(crate) fn encode(value: Stored<'_>, encoding: Encoding, out: &mut String) -> Result<()> {
    match (encoding, value) {
        (_, Stored::Null) => out.push_str("null"),
        (Encoding::Bool, Stored::Integer(value)) => out.push_str(if value != 0 { "true" } else { "false" }),
        (Encoding::Integer, Stored::Integer(value)) => out.push_str(&value.to_string()),
        (Encoding::Real, Stored::Integer(value)) => out.push_str(&value.to_string()),
        (Encoding::Real, Stored::Real(value)) => {
            if value.is_finite() {
                float::output(float::Width::Double, value, out);
            } else {
                out.push('"');
                float::output(float::Width::Double, value, out);
                out.push('"');
            }
        }
        (Encoding::Numeric, Stored::Text(value)) => {
            if value.ends_with(|c: char| c.is_ascii_digit()) {
                out.push_str(value);
            } else {
                json::push_string(value, out);
            }
        }
        (Encoding::Uuid, Stored::Blob(value)) => {
            out.push('"');
            bytes::uuid_output(value, out);
            out.push('"');
        }
        (Encoding::Bytes, Stored::Blob(value)) => {
            out.push_str("\"\\\\x");
            bytes::push_hex(value, out);
            out.push('"');
        }
        (Encoding::Text, Stored::Text(value)) => json::push_string(value, out),
        (Encoding::Composite, Stored::Text(value)) => out.push_str(value),
        (encoding, value) => {
            return Err(DatabaseError::internal(format_args!("array element {value:?} is not {encoding:?}")));
        }
    }
    Ok(())
}

/// The stored value of an element as it stands in the JSON array.
pub(crate) fn decode(element: &str, encoding: Encoding) -> Result<StoredValue> {
    let broken =
        || DatabaseError::internal(format_args!("stored array element {element:?} is not {encoding:?}"));
    if element == "null" {
        return Ok(StoredValue::Null);
    }
    let quoted = element.starts_with('"');
    Ok(match encoding {
        Encoding::Bool => match element {
            "true" | "1" => true.into(),
            "false" | "0" => false.into(),
            _ => return Err(broken()),
        },
        Encoding::Integer => StoredValue::Integer(element.parse().map_err(|_| broken())?),
        Encoding::Real if quoted => float::parse(float::Width::Double, &scan::unquote(element))?.into(),
        Encoding::Real => StoredValue::Real(element.parse().map_err(|_| broken())?),
        Encoding::Numeric if quoted => StoredValue::Text(scan::unquote(element).into_owned()),
        Encoding::Numeric | Encoding::Composite => StoredValue::Text(element.to_owned()),
        Encoding::Uuid if quoted => StoredValue::Blob(bytes::uuid_input(&scan::unquote(element))?.to_vec()),
        Encoding::Bytes if quoted => StoredValue::Blob(bytes::bytea_input(&scan::unquote(element))?),
        Encoding::Text if quoted => StoredValue::Text(scan::unquote(element).into_owned()),
        _ => return Err(broken()),
    })
}
