//! Values of the port in and out of their stored form.

use catalog::TypeRef;
use database::Value;
use datum::{Context, Stored, StoredValue, oid};
use sqlstate::{DATATYPE_MISMATCH, DatabaseError, NUMERIC_VALUE_OUT_OF_RANGE, Result};

/// A parameter in the stored form of its type.
pub(crate) fn parameter(value: &Value, type_ref: TypeRef, context: &dyn Context) -> Result<StoredValue> {
    let from_text = |text: &str| {
        if text.contains('\0') {
            return Err(DatabaseError::new(
                sqlstate::CHARACTER_NOT_IN_REPERTOIRE,
                "invalid byte sequence for encoding \"UTF8\": 0x00",
            ));
        }
        datum::input(type_ref.oid, type_ref.modifier, text, context)
    };
    match value {
        Value::Null => Ok(StoredValue::Null),
        Value::Text(text) => from_text(text),
        Value::Bool(truth) if type_ref.oid == oid::BOOL => Ok(StoredValue::from(*truth)),
        Value::Bool(truth) => from_text(if *truth { "true" } else { "false" }),
        Value::Int(number) => match type_ref.oid {
            oid::INT8 => Ok(StoredValue::Integer(*number)),
            oid::INT4 if i32::try_from(*number).is_err() => Err(out_of_range("integer")),
            oid::INT2 if i16::try_from(*number).is_err() => Err(out_of_range("smallint")),
            oid::INT4 | oid::INT2 => Ok(StoredValue::Integer(*number)),
            _ => from_text(&number.to_string()),
        },
        Value::Float(number) => {
            let mut text = String::new();
            datum::output(oid::FLOAT8, -1, StoredValue::from(*number).borrow(), context, &mut text)?;
            from_text(&text)
        }
        Value::Bytes(bytes) if type_ref.oid == oid::BYTEA => Ok(StoredValue::Blob(bytes.to_vec())),
        Value::Bytes(_) => Err(DatabaseError::new(
            DATATYPE_MISMATCH,
            format!("bytes were given for a parameter of type {}", type_ref.oid),
        )),
    }
}

fn out_of_range(name: &str) -> DatabaseError {
    DatabaseError::new(NUMERIC_VALUE_OUT_OF_RANGE, format!("{name} out of range"))
}

/// How the values of a result's column leave.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Leaving {
    Bool,
    Int,
    Float,
    Bytes,
    /// The stored form is the text itself.
    Text,
    /// By the type's output function.
    Output(TypeRef),
}

impl Leaving {
    pub(crate) fn of(type_ref: TypeRef) -> Leaving {
        match type_ref.oid {
            oid::BOOL => Leaving::Bool,
            oid::INT2 | oid::INT4 | oid::INT8 => Leaving::Int,
            oid::FLOAT4 | oid::FLOAT8 => Leaving::Float,
            oid::BYTEA => Leaving::Bytes,
            oid::TEXT | oid::VARCHAR | oid::NAME | oid::JSON | oid::JSONB | oid::NUMERIC => Leaving::Text,
            _ => Leaving::Output(type_ref),
        }
    }

    /// The port's value.
    pub(crate) fn value(self, stored: Stored<'_>, context: &dyn Context) -> Result<Value> {
        Ok(match (self, stored) {
            (_, Stored::Null) => Value::Null,
            (Leaving::Bool, Stored::Integer(number)) => Value::Bool(number != 0),
            (Leaving::Int, Stored::Integer(number)) => Value::Int(number),
            (Leaving::Float, number) if number.real().is_some() => {
                Value::Float(number.real().unwrap_or_default())
            }
            (Leaving::Bytes, Stored::Blob(bytes)) => Value::Bytes(bytes.into()),
            (Leaving::Text, Stored::Text(text)) => Value::Text(text.into()),
            (Leaving::Output(type_ref), stored) => {
                // A moment or a uuid, which are the most, is written without growing.
                let mut text = String::with_capacity(36);
                datum::output(type_ref.oid, type_ref.modifier, stored, context, &mut text)?;
                Value::Text(text.into())
            }
            (leaving, stored) => {
                return Err(DatabaseError::internal(format_args!(
                    "a result column as {leaving:?} held {stored:?}"
                )));
            }
        })
    }
}
