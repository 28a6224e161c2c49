//! A value in its stored form, borrowed and owned.

/// The OID of a type, as in `pg_type`.
pub type Oid = u32;

/// A stored value, borrowed: exactly what an SQLite column or bound parameter holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Stored<'a> {
    /// NULL of any type.
    Null,
    /// INTEGER.
    Integer(i64),
    /// REAL.
    Real(f64),
    /// TEXT.
    Text(&'a str),
    /// BLOB.
    Blob(&'a [u8]),
}

/// A stored value, owned.
#[derive(Clone, Debug, PartialEq, Default)]
pub enum StoredValue {
    /// NULL of any type.
    #[default]
    Null,
    /// INTEGER.
    Integer(i64),
    /// REAL.
    Real(f64),
    /// TEXT.
    Text(String),
    /// BLOB.
    Blob(Vec<u8>),
}

impl Stored<'_> {
    /// Whether this is NULL.
    pub fn is_null(&self) -> bool {
        matches!(self, Stored::Null)
    }

    /// The number of a float, NaN included; `None` for what is no float.
    pub fn real(&self) -> Option<f64> {
        match *self {
            Stored::Real(value) => Some(value),
            Stored::Integer(value) => Some(value as f64),
            Stored::Text(NAN) => Some(f64::NAN),
            _ => None,
        }
    }

    /// A copy that owns its bytes.
    pub fn to_owned(&self) -> StoredValue {
        match *self {
            Stored::Null => StoredValue::Null,
            Stored::Integer(value) => StoredValue::Integer(value),
            Stored::Real(value) => StoredValue::Real(value),
            Stored::Text(value) => StoredValue::Text(value.to_owned()),
            Stored::Blob(value) => StoredValue::Blob(value.to_vec()),
        }
    }
}

impl StoredValue {
    /// The same value, borrowed.
    pub fn borrow(&self) -> Stored<'_> {
        match self {
            StoredValue::Null => Stored::Null,
            StoredValue::Integer(value) => Stored::Integer(*value),
            StoredValue::Real(value) => Stored::Real(*value),
            StoredValue::Text(value) => Stored::Text(value),
            StoredValue::Blob(value) => Stored::Blob(value),
        }
    }

    /// Whether this is NULL.
    pub fn is_null(&self) -> bool {
        matches!(self, StoredValue::Null)
    }
}

impl From<bool> for StoredValue {
    fn from(value: bool) -> Self {
        StoredValue::Integer(i64::from(value))
    }
}

impl From<i64> for StoredValue {
    fn from(value: i64) -> Self {
        StoredValue::Integer(value)
    }
}

impl From<i32> for StoredValue {
    fn from(value: i32) -> Self {
        StoredValue::Integer(i64::from(value))
    }
}

impl From<usize> for StoredValue {
    fn from(value: usize) -> Self {
        StoredValue::Integer(i64::try_from(value).unwrap_or(i64::MAX))
    }
}

/// How NaN is stored: SQLite makes NULL of a REAL that is none, and sorts text above every REAL, as PostgreSQL sorts NaN.
pub(crate) const NAN: &str = "NaN";

impl From<f64> for StoredValue {
    fn from(value: f64) -> Self {
        if value.is_nan() { StoredValue::Text(NAN.to_owned()) } else { StoredValue::Real(value) }
    }
}

impl From<String> for StoredValue {
    fn from(value: String) -> Self {
        StoredValue::Text(value)
    }
}

impl From<&str> for StoredValue {
    fn from(value: &str) -> Self {
        StoredValue::Text(value.to_owned())
    }
}

impl From<Vec<u8>> for StoredValue {
    fn from(value: Vec<u8>) -> Self {
        StoredValue::Blob(value)
    }
}

impl<T: Into<StoredValue>> From<Option<T>> for StoredValue {
    fn from(value: Option<T>) -> Self {
        value.map_or(StoredValue::Null, Into::into)
    }
}

/// White space as C's `isspace` has it, which every input function skips.
pub(crate) fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r' | '\x0b' | '\x0c')
}
