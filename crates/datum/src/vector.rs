//! pgvector's `vector`: numbers of single precision, stored as the hexadecimal text of their bits.
//!
//! Eight digits a number, lower case, so that a table is scanned without reading decimals; the collation `pg_vector` has their
//! order. A sum over the dimensions is taken as pgvector's build for x86-64 with fused multiplication takes it; on other machines
//! its last digits are others there too.

use crate::array::{Array, Encoding};
use crate::float::{self, Width};
use crate::registry::{Call, Function, immutable};
use crate::types::encoding;
use crate::value::{Stored, StoredValue};
use sqlstate::{
    DATA_EXCEPTION, DatabaseError, INVALID_TEXT_REPRESENTATION, NULL_VALUE_NOT_ALLOWED,
    NUMERIC_VALUE_OUT_OF_RANGE, PROGRAM_LIMIT_EXCEEDED, Result,
};
use std::cmp::Ordering;
use std::fmt::Write;

/// The most dimensions.
const MAX_DIMENSIONS: usize = 16_000;

/// The digits of one number.
const DIGITS: usize = 8;

fn invalid(text: &str) -> DatabaseError {
    DatabaseError::new(
        INVALID_TEXT_REPRESENTATION,
        format!("invalid input syntax for type vector: \"{text}\""),
    )
}

fn wrong(message: impl Into<String>) -> DatabaseError {
    DatabaseError::new(DATA_EXCEPTION, message)
}

fn too_many() -> DatabaseError {
    DatabaseError::new(
        PROGRAM_LIMIT_EXCEEDED,
        format!("vector cannot have more than {MAX_DIMENSIONS} dimensions"),
    )
}

/// At least one dimension, and not too many.
fn check_dimensions(count: usize) -> Result<()> {
    match count {
        0 => Err(wrong("vector must have at least 1 dimension")),
        1..=MAX_DIMENSIONS => Ok(()),
        _ => Err(too_many()),
    }
}

/// The dimensions that a type modifier asks for; -1 for any.
fn check_expected(typmod: i64, count: usize) -> Result<()> {
    if typmod != -1 && usize::try_from(typmod) != Ok(count) {
        return Err(wrong(format!("expected {typmod} dimensions, not {count}")));
    }
    Ok(())
}

fn check_element(value: f32) -> Result<()> {
    if value.is_nan() {
        return Err(wrong("NaN not allowed in vector"));
    }
    if value.is_infinite() {
        return Err(wrong("infinite value not allowed in vector"));
    }
    Ok(())
}

/// How much of a text is a number as strtof reads it.
enum Scanned<'a> {
    Decimal(&'a str),
    NotANumber,
    Infinite,
    Hexadecimal,
    Nothing,
}

fn scan(text: &str) -> Scanned<'_> {
    let bytes = text.as_bytes();
    let sign = usize::from(matches!(bytes.first(), Some(b'+' | b'-')));
    let rest = &bytes[sign..];
    let begins = |word: &[u8]| rest.len() >= word.len() && rest[..word.len()].eq_ignore_ascii_case(word);
    if begins(b"nan") {
        return Scanned::NotANumber;
    }
    if begins(b"inf") {
        return Scanned::Infinite;
    }
    if begins(b"0x") {
        let digits = rest[2..].strip_prefix(b".").unwrap_or(&rest[2..]);
        if digits.first().is_some_and(u8::is_ascii_hexdigit) {
            return Scanned::Hexadecimal;
        }
    }
    let digits = |from: usize| from + bytes[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let whole = digits(sign);
    let mut end = whole;
    let mut count = whole - sign;
    if bytes.get(end) == Some(&b'.') {
        end = digits(whole + 1);
        count += end - whole - 1;
    }
    if count == 0 {
        return Scanned::Nothing;
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let signed = end + 1 + usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        let last = digits(signed.min(bytes.len()));
        if last > signed {
            end = last;
        }
    }
    Scanned::Decimal(&text[..end])
}

/// The input function.
pub(crate) fn input(text: &str, typmod: i32) -> Result<String> {
    let skip = |text: &str| -> usize {
        text.len() - text.trim_start_matches([' ', '\t', '\n', '\r', '\u{b}', '\u{c}']).len()
    };
    let mut rest = &text[skip(text)..];
    rest = rest
        .strip_prefix('[')
        .ok_or_else(|| invalid(text).with_detail("Vector contents must start with \"[\"."))?;
    rest = &rest[skip(rest)..];
    if rest.starts_with(']') {
        return check_dimensions(0).map(|()| String::new());
    }
    let mut values = Vec::new();
    loop {
        if values.len() == MAX_DIMENSIONS {
            return Err(too_many());
        }
        rest = &rest[skip(rest)..];
        let value = match scan(rest) {
            Scanned::Decimal(number) => {
                let value: f32 = number.parse().map_err(|_| invalid(text))?;
                if value.is_infinite() {
                    return Err(DatabaseError::new(
                        NUMERIC_VALUE_OUT_OF_RANGE,
                        format!("\"{number}\" is out of range for type vector"),
                    ));
                }
                rest = &rest[number.len()..];
                value
            }
            Scanned::NotANumber => return Err(wrong("NaN not allowed in vector")),
            Scanned::Infinite => return Err(wrong("infinite value not allowed in vector")),
            Scanned::Hexadecimal => {
                return Err(DatabaseError::unsupported("a hexadecimal number in a vector"));
            }
            Scanned::Nothing => return Err(invalid(text)),
        };
        values.push(value);
        rest = &rest[skip(rest)..];
        if let Some(after) = rest.strip_prefix(',') {
            rest = after;
        } else if let Some(after) = rest.strip_prefix(']') {
            rest = after;
            break;
        } else {
            return Err(invalid(text));
        }
    }
    if skip(rest) < rest.len() {
        return Err(invalid(text).with_detail("Junk after closing right brace."));
    }
    check_dimensions(values.len())?;
    check_expected(typmod.into(), values.len())?;
    Ok(encode(values))
}

/// The output function, appended.
pub(crate) fn output(stored: &str, out: &mut String) -> Result<()> {
    out.push('[');
    for (at, value) in decode(stored)?.into_iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        float::output(Width::Single, value.into(), out);
    }
    out.push(']');
    Ok(())
}

/// The stored text.
fn encode(values: impl IntoIterator<Item = f32>) -> String {
    let mut out = String::new();
    for value in values {
        // Writing to a string does not fail.
        let _ = write!(out, "{:08x}", value.to_bits());
    }
    out
}

/// The number that eight hexadecimal digits are, all at once.
fn number(digits: [u8; DIGITS]) -> f32 {
    let text = u64::from_be_bytes(digits);
    // A letter has bit 6, and its low four bits are nine below its value.
    let nibbles = (text & 0x0f0f_0f0f_0f0f_0f0f) + 9 * ((text >> 6) & 0x0101_0101_0101_0101);
    let bytes = (nibbles | (nibbles >> 4)) & 0x00ff_00ff_00ff_00ff;
    let pairs = (bytes | (bytes >> 8)) & 0x0000_ffff_0000_ffff;
    f32::from_bits((pairs | (pairs >> 16)) as u32)
}

fn numbers(stored: &str) -> impl Iterator<Item = f32> {
    stored.as_bytes().as_chunks::<DIGITS>().0.iter().copied().map(number)
}

fn decode(stored: &str) -> Result<Vec<f32>> {
    if !stored.len().is_multiple_of(DIGITS) || stored.is_empty() {
        return Err(DatabaseError::internal("a stored vector is not whole"));
    }
    Ok(numbers(stored).collect())
}

/// The order of two stored vectors: number by number, then the shorter first.
pub(crate) fn compare_text(left: &str, right: &str) -> Ordering {
    numbers(left)
        .zip(numbers(right))
        .find_map(|(left, right)| left.partial_cmp(&right).filter(|order| order.is_ne()))
        .unwrap_or_else(|| left.len().cmp(&right.len()))
}

fn one(call: &Call<'_>) -> Result<Vec<f32>> {
    decode(call.text(0)?)
}

fn two(call: &Call<'_>) -> Result<(Vec<f32>, Vec<f32>)> {
    let (left, right) = (decode(call.text(0)?)?, decode(call.text(1)?)?);
    same_dimensions(&left, &right)?;
    Ok((left, right))
}

fn same_dimensions(left: &[f32], right: &[f32]) -> Result<()> {
    if left.len() != right.len() {
        return Err(wrong(format!("different vector dimensions {} and {}", left.len(), right.len())));
    }
    Ok(())
}

/// `left * right + sum`, rounded once: a product of two numbers of single precision is exact in double precision.
fn fused(left: f32, right: f32, sum: f32) -> f32 {
    (f64::from(left) * f64::from(right) + f64::from(sum)) as f32
}

/// How many sums run side by side.
const LANES: usize = 8;

/// The sum of what `step` adds for each dimension: as many sums as there are lanes, added by halves, four more
/// side by side if there are as many, and then the rest one by one.
fn folded(left: &[f32], right: &[f32], step: impl Fn(f32, f32, f32) -> f32) -> f32 {
    let mut lanes = [0f32; LANES];
    let (left, left_rest) = left.as_chunks::<LANES>();
    let (right, right_rest) = right.as_chunks::<LANES>();
    for (left, right) in left.iter().zip(right) {
        for at in 0..LANES {
            lanes[at] = step(left[at], right[at], lanes[at]);
        }
    }
    for at in 0..4 {
        lanes[at] += lanes[at + 4];
    }
    let (left_half, left_rest) = left_rest.as_chunks::<4>();
    let (right_half, right_rest) = right_rest.as_chunks::<4>();
    for (left, right) in left_half.iter().zip(right_half) {
        for at in 0..4 {
            lanes[at] = step(left[at], right[at], lanes[at]);
        }
    }
    lanes[0] = (lanes[0] + lanes[2]) + (lanes[1] + lanes[3]);
    left_rest.iter().zip(right_rest).fold(lanes[0], |sum, (left, right)| step(*left, *right, sum))
}

fn squared_distance(left: &[f32], right: &[f32]) -> f32 {
    folded(left, right, |left, right, sum| fused(left - right, left - right, sum))
}

fn product(left: &[f32], right: &[f32]) -> f32 {
    folded(left, right, fused)
}

fn cosine_distance(left: &[f32], right: &[f32]) -> f64 {
    let similarity = f64::from(product(left, right));
    let norms = f64::from(product(left, left)) * f64::from(product(right, right));
    let similarity = similarity / norms.sqrt();
    // A NaN, of a vector of zeros, stays one.
    1.0 - similarity.clamp(-1.0, 1.0)
}

fn norm(values: &[f32]) -> f64 {
    let square = |value: &f32| f64::from(*value) * f64::from(*value);
    let (pairs, rest) = values.as_chunks::<4>();
    let (mut even, mut odd) = (0.0, 0.0);
    for [a, b, c, d] in pairs {
        even += square(a) + square(c);
        odd += square(b) + square(d);
    }
    rest.iter().fold(even + odd, |sum, value| sum + square(value)).sqrt()
}

fn finite(values: Vec<f32>) -> Result<StoredValue> {
    if values.iter().any(|value| value.is_infinite()) {
        return Err(float::overflow());
    }
    Ok(encode(values).into())
}

fn normalize(call: &mut Call<'_>) -> Result<StoredValue> {
    let values = one(call)?;
    let norm = norm(&values);
    if norm > 0.0 {
        return finite(values.into_iter().map(|value| (f64::from(value) / norm) as f32).collect());
    }
    Ok(encode(values.into_iter().map(|_| 0.0)).into())
}

fn elementwise(call: &Call<'_>, of: fn(f32, f32) -> f32) -> Result<StoredValue> {
    let (left, right) = two(call)?;
    finite(left.into_iter().zip(right).map(|(left, right)| of(left, right)).collect())
}

fn multiply(call: &mut Call<'_>) -> Result<StoredValue> {
    let (left, right) = two(call)?;
    let mut result = Vec::with_capacity(left.len());
    for (left, right) in left.into_iter().zip(right) {
        let value = left * right;
        if value.is_infinite() {
            return Err(float::overflow());
        }
        if value == 0.0 && left != 0.0 && right != 0.0 {
            return Err(float::underflow());
        }
        result.push(value);
    }
    Ok(encode(result).into())
}

fn concatenate(call: &mut Call<'_>) -> Result<StoredValue> {
    let joined = format!("{}{}", call.text(0)?, call.text(1)?);
    check_dimensions(joined.len() / DIGITS)?;
    Ok(joined.into())
}

fn subvector(call: &mut Call<'_>) -> Result<StoredValue> {
    let (values, start, count) = (one(call)?, call.int(1)?, call.int(2)?);
    let dimensions = values.len() as i64;
    if count < 1 {
        return check_dimensions(0).map(|()| StoredValue::Null);
    }
    let end = if start > dimensions - count { dimensions + 1 } else { start + count };
    let start = start.max(1);
    let taken = usize::try_from(end - start).unwrap_or(0);
    check_dimensions(taken)?;
    let skipped = usize::try_from(start - 1).unwrap_or(0);
    Ok(encode(values.into_iter().skip(skipped).take(taken)).into())
}

fn quantize(call: &mut Call<'_>) -> Result<StoredValue> {
    let bits: String = one(call)?.into_iter().map(|value| if value > 0.0 { '1' } else { '0' }).collect();
    Ok(bits.into())
}

fn send(call: &mut Call<'_>) -> Result<StoredValue> {
    let values = one(call)?;
    let dimensions = u16::try_from(values.len()).map_err(|_| too_many())?;
    let mut out = Vec::with_capacity(values.len() * 4 + 4);
    out.extend(dimensions.to_be_bytes());
    out.extend([0, 0]);
    values.iter().for_each(|value| out.extend(value.to_be_bytes()));
    Ok(out.into())
}

/// The cast that applies a type modifier.
fn under_modifier(call: &mut Call<'_>) -> Result<StoredValue> {
    let text = call.text(0)?;
    check_expected(call.int(1)?, text.len() / DIGITS)?;
    Ok(text.into())
}

fn from_array(call: &mut Call<'_>) -> Result<StoredValue> {
    let types = call.context.types();
    let encoding = encoding(crate::types::element_of(call.type_of(0)?, types)?, types)?;
    let array = Array::stored(call.text(0)?, encoding)?;
    if array.lengths.len() > 1 {
        return Err(wrong("array must be 1-D"));
    }
    if array.elements.iter().any(StoredValue::is_null) {
        return Err(DatabaseError::new(NULL_VALUE_NOT_ALLOWED, "array must not contain nulls"));
    }
    check_dimensions(array.elements.len())?;
    check_expected(call.int(1)?, array.elements.len())?;
    let mut values = Vec::with_capacity(array.elements.len());
    for element in &array.elements {
        values.push(match (encoding, element.borrow()) {
            (Encoding::Numeric, Stored::Text(text)) => float::parse(Width::Single, text)? as f32,
            (Encoding::Integer, Stored::Integer(value)) => value as f32,
            (_, value) => match value.real() {
                Some(value) => value as f32,
                None => return Err(DatabaseError::internal("an array element is no number")),
            },
        });
    }
    values.iter().try_for_each(|value| check_element(*value))?;
    Ok(encode(values).into())
}

fn to_array(call: &mut Call<'_>) -> Result<StoredValue> {
    let values = one(call)?.into_iter().map(|value| f64::from(value).into()).collect();
    Array::of(values).to_stored(Encoding::Real)
}

/// Two bit strings of one length.
fn two_bits<'a>(call: &Call<'a>) -> Result<(&'a str, &'a str)> {
    let (left, right) = (call.text(0)?, call.text(1)?);
    if left.len() != right.len() {
        return Err(wrong(format!("different bit lengths {} and {}", left.len(), right.len())));
    }
    Ok((left, right))
}

fn hamming(call: &mut Call<'_>) -> Result<StoredValue> {
    let (left, right) = two_bits(call)?;
    let differing = left.bytes().zip(right.bytes()).filter(|(left, right)| left != right).count();
    Ok((differing as f64).into())
}

fn jaccard(call: &mut Call<'_>) -> Result<StoredValue> {
    let (left, right) = two_bits(call)?;
    let ones = |bits: &str| bits.bytes().filter(|bit| *bit == b'1').count();
    let both = left.bytes().zip(right.bytes()).filter(|pair| *pair == (b'1', b'1')).count();
    if both == 0 {
        return Ok(1.0.into());
    }
    Ok((1.0 - both as f64 / (ones(left) + ones(right) - both) as f64).into())
}

fn spherical(call: &mut Call<'_>) -> Result<StoredValue> {
    let (left, right) = two(call)?;
    let distance = f64::from(product(&left, &right)).clamp(-1.0, 1.0);
    Ok((distance.acos() / std::f64::consts::PI).into())
}

pub(crate) static FUNCTIONS: &[Function] = &[
    immutable("l2_distance", |call| {
        let (left, right) = two(call)?;
        Ok(f64::from(squared_distance(&left, &right)).sqrt().into())
    }),
    immutable("vector_l2_squared_distance", |call| {
        let (left, right) = two(call)?;
        Ok(f64::from(squared_distance(&left, &right)).into())
    }),
    immutable("inner_product", |call| {
        let (left, right) = two(call)?;
        Ok(f64::from(product(&left, &right)).into())
    }),
    immutable("vector_negative_inner_product", |call| {
        let (left, right) = two(call)?;
        Ok(f64::from(-product(&left, &right)).into())
    }),
    immutable("cosine_distance", |call| {
        let (left, right) = two(call)?;
        Ok(cosine_distance(&left, &right).into())
    }),
    immutable("l1_distance", |call| {
        let (left, right) = two(call)?;
        Ok(f64::from(folded(&left, &right, |left, right, sum| sum + (left - right).abs())).into())
    }),
    immutable("vector_spherical_distance", spherical),
    immutable("vector_dims", |call| Ok((call.text(0)?.len() / DIGITS).into())),
    immutable("vector_norm", |call| Ok(norm(&one(call)?).into())),
    immutable("l2_normalize", normalize),
    immutable("vector_add", |call| elementwise(call, |left, right| left + right)),
    immutable("vector_sub", |call| elementwise(call, |left, right| left - right)),
    immutable("vector_mul", multiply),
    immutable("vector_concat", concatenate),
    immutable("subvector", subvector),
    immutable("binary_quantize", quantize),
    immutable("vector_send", send),
    immutable("vector", under_modifier),
    immutable("array_to_vector", from_array).typed(),
    immutable("vector_to_float4", to_array),
    immutable("hamming_distance", hamming),
    immutable("jaccard_distance", jaccard),
];

/// The state of the aggregates avg and sum.
#[derive(Default)]
pub(crate) struct Total {
    /// Whether the result is the average, whose sums are of double precision.
    pub(crate) average: bool,
    rows: f64,
    sums: Vec<f64>,
}

impl Total {
    /// The state before the first row.
    pub(crate) fn new(average: bool) -> Total {
        Total { average, rows: 0.0, sums: Vec::new() }
    }

    /// Takes a stored vector.
    pub(crate) fn take(&mut self, stored: &str) -> Result<()> {
        let values = decode(stored)?;
        self.rows += 1.0;
        if self.sums.is_empty() {
            self.sums = values.into_iter().map(f64::from).collect();
            return Ok(());
        }
        if self.sums.len() != values.len() {
            let (has, got) = (self.sums.len(), values.len());
            return Err(wrong(match self.average {
                true => format!("expected {has} dimensions, not {got}"),
                false => format!("different vector dimensions {has} and {got}"),
            }));
        }
        for (sum, value) in self.sums.iter_mut().zip(values) {
            *sum = match self.average {
                true => *sum + f64::from(value),
                false => f64::from(*sum as f32 + value),
            };
            if sum.is_infinite() {
                return Err(float::overflow());
            }
        }
        Ok(())
    }

    /// The sum or the average; NULL of no rows.
    pub(crate) fn value(&self) -> Result<StoredValue> {
        if self.rows == 0.0 {
            return Ok(StoredValue::Null);
        }
        let divisor = if self.average { self.rows } else { 1.0 };
        let values: Vec<f32> = self.sums.iter().map(|sum| (sum / divisor) as f32).collect();
        values.iter().try_for_each(|value| check_element(*value))?;
        Ok(encode(values).into())
    }
}

#[cfg(test)]
mod tests;
