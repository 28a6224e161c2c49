//! Arrays: stored as JSON arrays of stored elements, printed as `{…}`.

pub(crate) mod functions;
pub(crate) mod literal;
pub(crate) mod operators;
pub(crate) mod sets;

use crate::json::{self, scan};
use crate::value::{NAN, Stored, StoredValue};
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
    /// The first subscript of each dimension; empty when all are 1.
    pub(crate) lower: Vec<i64>,
    /// The elements.
    pub(crate) elements: Vec<StoredValue>,
}

impl Array {
    /// A one-dimensional array.
    pub(crate) fn of(elements: Vec<StoredValue>) -> Array {
        let lengths = if elements.is_empty() { Vec::new() } else { vec![elements.len()] };
        Array { lengths, lower: Vec::new(), elements }
    }

    /// The array of a stored text.
    pub(crate) fn stored(text: &str, encoding: Encoding) -> Result<Array> {
        let mut array = Array::default();
        let (bounds, text) = split_bounds(text);
        array.read(text, encoding, 0)?;
        if array.elements.is_empty() {
            array.lengths.clear();
        }
        array.with_lower(read_bounds(bounds))
    }

    /// The array with these first subscripts; none of them, or all 1, is what an array has by itself.
    pub(crate) fn with_lower(mut self, lower: Vec<i64>) -> Result<Array> {
        self.lower.clear();
        if lower.iter().all(|bound| *bound == 1) || self.lengths.is_empty() {
            return Ok(self);
        }
        for (bound, length) in lower.iter().zip(&self.lengths) {
            if i32::try_from(*bound).is_err() || i32::try_from(*bound + *length as i64).is_err() {
                return Err(DatabaseError::new(
                    PROGRAM_LIMIT_EXCEEDED,
                    format!("array lower bound is too large: {bound}"),
                ));
            }
        }
        self.lower = lower;
        Ok(self)
    }

    /// The first subscript of a dimension, counted from 0.
    pub(crate) fn lower(&self, dimension: usize) -> i64 {
        self.lower.get(dimension).copied().unwrap_or(1)
    }

    /// The last subscript of a dimension that there is.
    pub(crate) fn upper(&self, dimension: usize) -> i64 {
        self.lower(dimension) + self.lengths.get(dimension).map_or(0, |length| *length as i64) - 1
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
        if encoding == Encoding::Composite && self.lengths.len() > 1 {
            // A row is written as an array is: which is which would be lost.
            return Err(DatabaseError::unsupported("an array of more dimensions of composite values"));
        }
        push_bounds(&self.lower, &mut out);
        let mut elements = self.elements.iter();
        write(&self.lengths, &mut elements, encoding, &mut out)?;
        Ok(out)
    }

    /// The stored value.
    pub(crate) fn to_stored(&self, encoding: Encoding) -> Result<StoredValue> {
        self.to_text(encoding).map(StoredValue::Text)
    }
}

/// The first subscripts that stand before the elements of a stored array whose subscripts do not begin at 1
/// (`0,-2[[1,2]]`), and the elements.
pub(crate) fn split_bounds(text: &str) -> (&str, &str) {
    if text.starts_with('[') {
        return ("", text);
    }
    text.split_at(text.find('[').unwrap_or(text.len()))
}

/// The first subscripts as they stand before the elements.
pub(crate) fn read_bounds(bounds: &str) -> Vec<i64> {
    bounds.split(',').filter_map(|bound| bound.parse().ok()).collect()
}

/// Appends first subscripts as they stand before the elements.
pub(crate) fn push_bounds(lower: &[i64], out: &mut String) {
    for (at, bound) in lower.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        out.push_str(&bound.to_string());
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
        (Encoding::Real, Stored::Text(NAN)) => json::push_string(NAN, out),
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
        Encoding::Real => element.parse::<f64>().map_err(|_| broken())?.into(),
        Encoding::Numeric if quoted => StoredValue::Text(scan::unquote(element).into_owned()),
        Encoding::Numeric | Encoding::Composite => StoredValue::Text(element.to_owned()),
        Encoding::Uuid if quoted => StoredValue::Blob(bytes::uuid_input(&scan::unquote(element))?.to_vec()),
        Encoding::Bytes if quoted => StoredValue::Blob(bytes::bytea_input(&scan::unquote(element))?),
        Encoding::Text if quoted => StoredValue::Text(scan::unquote(element).into_owned()),
        _ => return Err(broken()),
    })
}
