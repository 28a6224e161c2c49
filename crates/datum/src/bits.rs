//! bit and varbit: stored as the text of their digits, whose order is theirs.

use crate::oid;
use crate::value::Oid;
use sqlstate::{
    DatabaseError, INVALID_TEXT_REPRESENTATION, PROGRAM_LIMIT_EXCEEDED, Result, STRING_DATA_LENGTH_MISMATCH,
    STRING_DATA_RIGHT_TRUNCATION,
};

/// The longest bit string.
pub(crate) const MAX_LENGTH: usize = 2_147_483_640;

/// Longer ones are not made from nothing: a digit takes a byte here.
const MAX_MADE: usize = 1 << 20;

/// Refuses to make a bit string longer than this engine's.
pub(crate) fn require_reasonable(length: usize) -> Result<()> {
    if length > MAX_MADE {
        return Err(DatabaseError::unsupported("a bit string this long"));
    }
    Ok(())
}

/// "bit string length exceeds the maximum allowed".
pub(crate) fn too_long() -> DatabaseError {
    DatabaseError::new(
        PROGRAM_LIMIT_EXCEEDED,
        format!("bit string length exceeds the maximum allowed ({MAX_LENGTH})"),
    )
}

/// The input function: binary digits, after `b` or nothing, or hexadecimal ones after `x`.
pub(crate) fn input(ty: Oid, typmod: i32, text: &str) -> Result<String> {
    let invalid = |c: char, kind: &str| {
        DatabaseError::new(INVALID_TEXT_REPRESENTATION, format!("\"{c}\" is not a valid {kind} digit"))
    };
    let bits: String = match text.strip_prefix(['x', 'X']) {
        Some(digits) => {
            let mut bits = String::with_capacity(digits.len() * 4);
            for c in digits.chars() {
                let digit = c.to_digit(16).ok_or_else(|| invalid(c, "hexadecimal"))?;
                bits.push_str(&format!("{digit:04b}"));
            }
            bits
        }
        None => {
            let digits = text.strip_prefix(['b', 'B']).unwrap_or(text);
            if let Some(c) = digits.chars().find(|c| !matches!(c, '0' | '1')) {
                return Err(invalid(c, "binary"));
            }
            digits.to_owned()
        }
    };
    under_typmod(ty, typmod, &bits, false)
}

/// Applies `bit(n)` or `bit varying(n)`: an explicit cast cuts, and pads `bit(n)` with zeros; else excess is an error.
pub(crate) fn under_typmod(ty: Oid, typmod: i32, bits: &str, explicit: bool) -> Result<String> {
    let Some(limit) = usize::try_from(typmod).ok().filter(|limit| *limit > 0) else {
        return Ok(bits.to_owned());
    };
    let kept = bits.get(..limit.min(bits.len())).unwrap_or(bits);
    if ty == oid::VARBIT {
        if bits.len() > limit && !explicit {
            return Err(DatabaseError::new(
                STRING_DATA_RIGHT_TRUNCATION,
                format!("bit string too long for type bit varying({limit})"),
            ));
        }
        return Ok(kept.to_owned());
    }
    if bits.len() != limit && !explicit {
        return Err(DatabaseError::new(
            STRING_DATA_LENGTH_MISMATCH,
            format!("bit string length {} does not match type bit({limit})", bits.len()),
        ));
    }
    require_reasonable(limit - kept.len())?;
    let mut padded = kept.to_owned();
    padded.extend(std::iter::repeat_n('0', limit - kept.len()));
    Ok(padded)
}
