//! Input, output and JSON output of every type.

use crate::array::{Array, Encoding, literal};
use crate::context::{Context, Field, Label, TypeInfo, TypeSource};
use crate::functions::single;
use crate::inet::Inet;
use crate::json::{self, push_string};
use crate::numeric::Numeric;
use crate::search::{query::Query, vector::Vector};
use crate::time::style::{DateStyle, IntervalStyle};
use crate::time::{self, Interval, output::Style};
use crate::value::{NAN, Oid, Stored, StoredValue};
use crate::{bits, bytes, composite, float, integer, oid, record, vector};
use sqlstate::{
    CHARACTER_NOT_IN_REPERTOIRE, DatabaseError, INVALID_TEXT_REPRESENTATION, Result,
    STRING_DATA_RIGHT_TRUNCATION,
};
use std::sync::Arc;

/// What a type is, domains looked through.
pub(crate) enum Kind {
    /// A built-in type that is no array.
    Base(Oid),
    /// An enum.
    Enum { name: Arc<str>, labels: Arc<[Label]> },
    /// An array of the element type.
    Array(Oid),
    /// A composite type.
    Composite { fields: Arc<[Field]> },
    /// A record without a type of its own: its values bring their shape.
    Record,
}

/// What a type is. The type modifier is the domain's where the type is one.
pub(crate) fn kind(ty: Oid, types: &dyn TypeSource) -> Result<Kind> {
    with_typmod(ty, -1, types).map(|(kind, _)| kind)
}

fn with_typmod(ty: Oid, typmod: i32, types: &dyn TypeSource) -> Result<(Kind, i32)> {
    if ty == oid::RECORD {
        return Ok((Kind::Record, typmod));
    }
    if let Some(element) = oid::element_of(ty) {
        return Ok((Kind::Array(element), typmod));
    }
    if oid::name_of(ty).is_some() {
        return Ok((Kind::Base(ty), typmod));
    }
    match types.describe(ty) {
        Some(TypeInfo::Enum { name, labels }) => Ok((Kind::Enum { name, labels }, typmod)),
        Some(TypeInfo::Domain { base, typmod, .. }) => with_typmod(base, typmod, types),
        Some(TypeInfo::Array { element, .. }) => Ok((Kind::Array(element), typmod)),
        Some(TypeInfo::Composite { fields, .. }) => Ok((Kind::Composite { fields }, typmod)),
        None => Err(DatabaseError::internal(format_args!("type {ty} is not known"))),
    }
}

/// The element type of an array type.
pub(crate) fn element_of(ty: Oid, types: &dyn TypeSource) -> Result<Oid> {
    match kind(ty, types)? {
        Kind::Array(element) => Ok(element),
        Kind::Base(oid::INT2VECTOR) => Ok(oid::INT2),
        Kind::Base(oid::OIDVECTOR) => Ok(oid::OID),
        _ => Err(DatabaseError::internal(format_args!("type {ty} is no array"))),
    }
}

/// How values of a type stand inside arrays and composites.
pub(crate) fn encoding(ty: Oid, types: &dyn TypeSource) -> Result<Encoding> {
    Ok(match kind(ty, types)? {
        Kind::Base(ty) => match ty {
            oid::BOOL => Encoding::Bool,
            oid::SINGLE_CHAR
            | oid::INT2
            | oid::INT4
            | oid::INT8
            | oid::OID
            | oid::DATE
            | oid::TIME
            | oid::TIMESTAMP
            | oid::TIMESTAMPTZ => Encoding::Integer,
            object if oid::is_object(object) => Encoding::Integer,
            oid::FLOAT4 | oid::FLOAT8 => Encoding::Real,
            oid::NUMERIC => Encoding::Numeric,
            oid::UUID => Encoding::Uuid,
            oid::BYTEA => Encoding::Bytes,
            _ => Encoding::Text,
        },
        Kind::Enum { .. } => Encoding::Integer,
        Kind::Array(_) => Encoding::Text,
        Kind::Composite { .. } | Kind::Record => Encoding::Composite,
    })
}

/// A type's input function: the stored value of a text, under a type modifier (-1 for none).
///
/// The modifier acts as in an assignment: numeric rounds, varchar and bpchar refuse excess that is not spaces.
pub fn input(ty: Oid, typmod: i32, text: &str, context: &dyn Context) -> Result<StoredValue> {
    if text.contains('\0') {
        return Err(DatabaseError::new(
            CHARACTER_NOT_IN_REPERTOIRE,
            "invalid byte sequence for encoding \"UTF8\": 0x00",
        ));
    }
    let (kind, typmod) = with_typmod(ty, typmod, context.types())?;
    match kind {
        Kind::Base(ty) => base_input(ty, typmod, text, context),
        Kind::Enum { name, labels } => match labels.iter().find(|label| &*label.label == text) {
            Some(label) => label.usable(&name).map(StoredValue::Integer),
            None => Err(DatabaseError::new(
                INVALID_TEXT_REPRESENTATION,
                format!("invalid input value for enum {name}: \"{text}\""),
            )),
        },
        Kind::Array(element) => {
            let array = literal::parse(text, |text| input(element, typmod, text, context))?;
            array.to_stored(encoding(element, context.types())?)
        }
        Kind::Composite { fields } => composite::input(text, &fields, context),
        Kind::Record => Err(DatabaseError::new(
            sqlstate::FEATURE_NOT_SUPPORTED,
            "input of anonymous composite types is not implemented",
        )),
    }
}

fn base_input(ty: Oid, typmod: i32, text: &str, context: &dyn Context) -> Result<StoredValue> {
    Ok(match ty {
        oid::BOOL => integer::bool_input(text)?.into(),
        oid::INT2 | oid::INT4 | oid::INT8 | oid::OID => integer::input(ty, text)?.into(),
        oid::FLOAT4 => float::input(float::Width::Single, text)?,
        oid::FLOAT8 => float::input(float::Width::Double, text)?,
        oid::NUMERIC => Numeric::input(text)?.under_typmod(typmod)?.to_text().into(),
        oid::TEXT | oid::CITEXT | oid::UNKNOWN | oid::CSTRING => text.into(),
        oid::VARCHAR => varchar(text, typmod, false)?.into(),
        oid::BPCHAR => bpchar(text, typmod, false)?.into(),
        oid::NAME => truncate_name(text).into(),
        oid::SINGLE_CHAR => single::input(text).into(),
        oid::BIT | oid::VARBIT => bits::input(ty, typmod, text)?.into(),
        oid::UUID => bytes::uuid_input(text)?.to_vec().into(),
        oid::BYTEA => bytes::bytea_input(text)?.into(),
        oid::TIMESTAMPTZ => time::input::timestamptz(text, typmod, context)?.into(),
        oid::TIMESTAMP => time::input::timestamp(text, typmod, context)?.into(),
        oid::DATE => time::input::date(text, context)?.into(),
        oid::TIME => time::input::time(text, typmod, context)?.into(),
        oid::TIMETZ => time::input::timetz(text, typmod, context)?.to_text().into(),
        oid::INTERVAL => Interval::input(text, typmod, context.interval_style())?.to_text().into(),
        oid::JSON => {
            json::parse::validate(text)?;
            text.into()
        }
        oid::JSONB => json::parse::parse(text)?.to_text().into(),
        oid::JSONPATH => json::path::input(text)?.into(),
        oid::TSVECTOR => Vector::input(text)?.to_text().into(),
        oid::TSQUERY => Query::input(text)?.to_stored().into(),
        oid::INET => Inet::input(text)?.to_text().into(),
        oid::CIDR => Inet::cidr_input(text)?.full().into(),
        oid::VECTOR => vector::input(text, typmod)?.into(),
        oid::VOID => "".into(),
        oid::PG_NODE_TREE => {
            return Err(DatabaseError::new(
                sqlstate::FEATURE_NOT_SUPPORTED,
                "cannot accept a value of type pg_node_tree",
            ));
        }
        oid::INT2VECTOR | oid::OIDVECTOR => {
            let element = if ty == oid::INT2VECTOR { oid::INT2 } else { oid::OID };
            let numbers: Result<Vec<StoredValue>> = text
                .split_ascii_whitespace()
                .map(|number| integer::input(element, number).map(StoredValue::from))
                .collect();
            Array::of(numbers?).to_stored(Encoding::Integer)?
        }
        object if oid::is_object(object) => {
            StoredValue::Integer(i64::from(context.object_input(object, text)?))
        }
        other => return Err(unsupported(other)),
    })
}

fn unsupported(ty: Oid) -> DatabaseError {
    match oid::name_of(ty) {
        Some(name) => DatabaseError::unsupported(format_args!("type {name}")),
        None => DatabaseError::unsupported(format_args!("type {ty}")),
    }
}

/// At most 63 bytes, whole characters.
pub(crate) fn truncate_name(text: &str) -> &str {
    let mut end = text.len().min(63);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// Applies `varchar(n)`: an explicit cast cuts, an assignment cuts only spaces.
pub(crate) fn varchar(text: &str, typmod: i32, explicit: bool) -> Result<&str> {
    limited(text, typmod, explicit, "character varying")
}

/// Applies `char(n)`: cut as varchar, and padded to the length.
pub(crate) fn bpchar(text: &str, typmod: i32, explicit: bool) -> Result<String> {
    let mut text = limited(text, typmod, explicit, "character")?.to_owned();
    if typmod >= 4 {
        let missing = (typmod as usize - 4).min(10_485_760).saturating_sub(text.chars().count());
        text.extend(std::iter::repeat_n(' ', missing));
    }
    Ok(text)
}

fn limited<'a>(text: &'a str, typmod: i32, explicit: bool, name: &str) -> Result<&'a str> {
    if typmod < 4 {
        return Ok(text);
    }
    let limit = (typmod - 4) as usize;
    match text.char_indices().nth(limit) {
        None => Ok(text),
        Some((end, _)) if explicit || text[end..].bytes().all(|byte| byte == b' ') => Ok(&text[..end]),
        Some(_) => Err(DatabaseError::new(
            STRING_DATA_RIGHT_TRUNCATION,
            format!("value too long for type {name}({limit})"),
        )),
    }
}

fn misfit(ty: Oid, value: Stored<'_>) -> DatabaseError {
    DatabaseError::internal(format_args!("{value:?} is no stored value of type {ty}"))
}

/// A type's output function, appended to `out`. NULL appends nothing.
pub fn output(
    ty: Oid,
    typmod: i32,
    value: Stored<'_>,
    context: &dyn Context,
    out: &mut String,
) -> Result<()> {
    if value.is_null() {
        return Ok(());
    }
    let (kind, typmod) = with_typmod(ty, typmod, context.types())?;
    match (kind, value) {
        (Kind::Base(ty), value) => base_output(ty, value, context, out),
        (Kind::Enum { labels, .. }, Stored::Integer(ordinal)) => {
            let found = labels.binary_search_by(|label| label.ordinal.cmp(&ordinal));
            let label =
                found.map_err(|_| DatabaseError::internal(format_args!("enum {ty} has no {ordinal}")))?;
            out.push_str(&labels[label].label);
            Ok(())
        }
        (Kind::Array(element), Stored::Text(text)) => {
            let array = Array::stored(text, encoding(element, context.types())?)?;
            literal::output(&array, out, |value, out| output(element, typmod, value, context, out))
        }
        (Kind::Composite { fields }, Stored::Text(text)) => composite::output(text, &fields, context, out),
        (Kind::Record, Stored::Text(text)) => record::output(text, context, out),
        (_, value) => Err(misfit(ty, value)),
    }
}

fn base_output(ty: Oid, value: Stored<'_>, context: &dyn Context, out: &mut String) -> Result<()> {
    match (ty, value) {
        (oid::BOOL, Stored::Integer(value)) => out.push(if value != 0 { 't' } else { 'f' }),
        (oid::INT2 | oid::INT4 | oid::INT8 | oid::OID, Stored::Integer(value)) => {
            if value < 0 {
                out.push('-');
            }
            time::output::push_padded(value, 1, out);
        }
        (oid::FLOAT4 | oid::FLOAT8, Stored::Text(NAN)) => out.push_str(NAN),
        (oid::FLOAT4, Stored::Real(value)) => float::output(float::Width::Single, value, out),
        (oid::FLOAT8, Stored::Real(value)) => float::output(float::Width::Double, value, out),
        (oid::FLOAT4 | oid::FLOAT8, Stored::Integer(value)) => {
            float::output(float::Width::Double, value as f64, out);
        }
        (
            oid::NUMERIC
            | oid::TEXT
            | oid::BPCHAR
            | oid::CITEXT
            | oid::UNKNOWN
            | oid::CSTRING
            | oid::VARCHAR
            | oid::NAME
            | oid::TIMETZ
            | oid::JSON
            | oid::JSONB
            | oid::JSONPATH
            | oid::INET
            | oid::CIDR
            | oid::BIT
            | oid::VARBIT
            | oid::TSVECTOR,
            Stored::Text(text),
        ) => out.push_str(text),
        (oid::TSQUERY, Stored::Text(text)) => out.push_str(&Query::stored(text)?.to_text()),
        (oid::INTERVAL, Stored::Text(text)) => match context.interval_style() {
            IntervalStyle::Postgres => out.push_str(text),
            style => out.push_str(&Interval::stored(text)?.shown(style)),
        },
        (oid::VECTOR, Stored::Text(text)) => vector::output(text, out)?,
        (oid::SINGLE_CHAR, Stored::Integer(value)) => out.push_str(&single::output(value)),
        (oid::UUID, Stored::Blob(bytes)) => bytes::uuid_output(bytes, out),
        (oid::BYTEA, Stored::Blob(bytes)) => {
            out.push_str("\\x");
            bytes::push_hex(bytes, out);
        }
        (oid::TIMESTAMPTZ, Stored::Integer(value)) => {
            time::output::timestamptz(value, context.time_zone(), Style::Text(context.date_style()), out);
        }
        (oid::TIMESTAMP, Stored::Integer(value)) => {
            time::output::timestamp(value, Style::Text(context.date_style()), out);
        }
        (oid::DATE, Stored::Integer(value)) => time::output::date(value, context.date_style(), out),
        (oid::TIME, Stored::Integer(value)) => time::output::push_time(value, out),
        (oid::VOID, _) => {}
        (oid::PG_NODE_TREE, Stored::Text(text)) => out.push_str(text),
        (oid::INT2VECTOR | oid::OIDVECTOR, Stored::Text(text)) => {
            out.extend(text.chars().filter_map(|character| match character {
                '[' | ']' => None,
                ',' => Some(' '),
                digit => Some(digit),
            }));
        }
        (object, Stored::Integer(value)) if oid::is_object(object) => {
            out.push_str(&context.object_output(object, Oid::try_from(value).unwrap_or(0))?);
        }
        (ty, value) if storable(ty) => return Err(misfit(ty, value)),
        (ty, _) => return Err(unsupported(ty)),
    }
    Ok(())
}

/// Whether values of a built-in type have a stored form here.
fn storable(ty: Oid) -> bool {
    matches!(
        ty,
        oid::BOOL
            | oid::INT2
            | oid::INT4
            | oid::INT8
            | oid::OID
            | oid::FLOAT4
            | oid::FLOAT8
            | oid::BPCHAR
            | oid::NUMERIC
            | oid::TEXT
            | oid::CITEXT
            | oid::UNKNOWN
            | oid::CSTRING
            | oid::VARCHAR
            | oid::NAME
            | oid::INTERVAL
            | oid::TIMETZ
            | oid::JSON
            | oid::JSONB
            | oid::JSONPATH
            | oid::INET
            | oid::CIDR
            | oid::BIT
            | oid::VARBIT
            | oid::TSVECTOR
            | oid::TSQUERY
            | oid::VECTOR
            | oid::SINGLE_CHAR
            | oid::UUID
            | oid::BYTEA
            | oid::TIMESTAMPTZ
            | oid::TIMESTAMP
            | oid::DATE
            | oid::TIME
            | oid::PG_NODE_TREE
            | oid::INT2VECTOR
            | oid::OIDVECTOR
    ) || oid::is_object(ty)
}

/// The text of a value by its type's output function.
pub(crate) fn to_text(ty: Oid, value: Stored<'_>, context: &dyn Context) -> Result<String> {
    let mut out = String::new();
    output(ty, -1, value, context, &mut out)?;
    Ok(out)
}

/// A value as `to_json` writes it, appended to `out`; NULL is `null`.
pub fn json_output(
    ty: Oid,
    typmod: i32,
    value: Stored<'_>,
    context: &dyn Context,
    out: &mut String,
) -> Result<()> {
    if value.is_null() {
        out.push_str("null");
        return Ok(());
    }
    let (kind, typmod) = with_typmod(ty, typmod, context.types())?;
    match (kind, value) {
        (Kind::Base(ty), value) => match (ty, value) {
            (oid::BOOL, Stored::Integer(value)) => out.push_str(if value != 0 { "true" } else { "false" }),
            (oid::JSON | oid::JSONB, Stored::Text(text)) => out.push_str(text),
            (oid::INT2 | oid::INT4 | oid::INT8, value) => base_output(ty, value, context, out)?,
            (oid::NUMERIC | oid::FLOAT4 | oid::FLOAT8, value) => {
                let start = out.len();
                base_output(ty, value, context, out)?;
                if !out.ends_with(|c: char| c.is_ascii_digit()) {
                    out.insert(start, '"');
                    out.push('"');
                }
            }
            (oid::TIMESTAMPTZ, Stored::Integer(value)) => {
                out.push('"');
                time::output::timestamptz(value, context.time_zone(), Style::Json, out);
                out.push('"');
            }
            (oid::TIMESTAMP, Stored::Integer(value)) => {
                out.push('"');
                time::output::timestamp(value, Style::Json, out);
                out.push('"');
            }
            (oid::DATE, Stored::Integer(value)) => {
                out.push('"');
                time::output::date(value, DateStyle::default(), out);
                out.push('"');
            }
            (oid::UUID | oid::TIME | oid::TIMETZ | oid::OID, value) => {
                // Nothing in these needs an escape.
                out.push('"');
                base_output(ty, value, context, out)?;
                out.push('"');
            }
            (oid::TEXT | oid::VARCHAR | oid::CITEXT | oid::NAME, Stored::Text(text)) => {
                push_string(text, out)
            }
            (ty, value) => {
                let mut text = String::new();
                base_output(ty, value, context, &mut text)?;
                push_string(&text, out);
            }
        },
        (Kind::Array(element), Stored::Text(text)) => {
            let array = Array::stored(text, encoding(element, context.types())?)?;
            let mut elements = array.elements.iter();
            json_array(element, typmod, &array.lengths, &mut elements, context, out)?;
        }
        (Kind::Composite { fields }, Stored::Text(text)) => {
            let values = composite::fields(text, &fields, context)?;
            let pairs = fields.iter().zip(values.iter().map(StoredValue::borrow));
            composite::json_output(pairs, context, out)?;
        }
        (Kind::Record, Stored::Text(text)) => record::json_output(text, context, out)?,
        (Kind::Enum { .. }, value) => {
            let mut text = String::new();
            output(ty, typmod, value, context, &mut text)?;
            push_string(&text, out);
        }
        (_, value) => return Err(misfit(ty, value)),
    }
    Ok(())
}

fn json_array<'a>(
    element: Oid,
    typmod: i32,
    lengths: &[usize],
    elements: &mut impl Iterator<Item = &'a StoredValue>,
    context: &dyn Context,
    out: &mut String,
) -> Result<()> {
    let Some((length, inner)) = lengths.split_first() else {
        out.push_str("[]");
        return Ok(());
    };
    out.push('[');
    for at in 0..*length {
        if at > 0 {
            out.push(',');
        }
        if inner.is_empty() {
            let value = elements.next().map_or(Stored::Null, StoredValue::borrow);
            json_output(element, typmod, value, context, out)?;
        } else {
            json_array(element, typmod, inner, elements, context, out)?;
        }
    }
    out.push(']');
    Ok(())
}
