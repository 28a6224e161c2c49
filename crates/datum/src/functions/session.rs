//! Clock, identity, settings, uuids and what the server says of itself.

use crate::registry::{Call, Function, immutable, stable, volatile};
use crate::time::calendar::timestamp_to_date;
use crate::types;
use crate::value::{Stored, StoredValue};
use sqlstate::{DatabaseError, INVALID_PARAMETER_VALUE, Result, UNDEFINED_OBJECT};

/// What `version()` answers: the PostgreSQL whose behaviour this is.
const VERSION: &str = "PostgreSQL 15.0 (Bedplate embedded)";

fn random_uuid(call: &Call<'_>) -> Result<StoredValue> {
    let mut bytes = [0u8; 16];
    call.context.random_bytes(&mut bytes)?;
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    Ok(bytes.to_vec().into())
}

fn show(call: &Call<'_>, missing_ok: bool) -> Result<StoredValue> {
    let name = call.text(0)?;
    match call.context.setting(name) {
        Some(value) => Ok(value.into()),
        None if missing_ok => Ok(StoredValue::Null),
        None => Err(DatabaseError::new(
            UNDEFINED_OBJECT,
            format!("unrecognized configuration parameter \"{name}\""),
        )),
    }
}

fn set_config(call: &mut Call<'_>) -> Result<StoredValue> {
    let Stored::Text(name) = call.stored(0) else {
        return Err(DatabaseError::new(sqlstate::NULL_VALUE_NOT_ALLOWED, "SET requires parameter name"));
    };
    // A NULL value is the empty one here: resetting needs the session's defaults.
    let value = if call.is_null(1) { "" } else { call.text(1)? };
    let local = !call.is_null(2) && call.bool(2)?;
    call.context.set_setting(name, value, local)?;
    Ok(call.context.setting(name).unwrap_or_else(|| value.to_owned()).into())
}

/// The labels of an argument's enum, and its name.
fn enum_labels(call: &Call<'_>) -> Result<(std::sync::Arc<str>, std::sync::Arc<[crate::Label]>)> {
    let mut ty = call.type_of(0)?;
    if let Ok(types::Kind::Array(element)) = types::kind(ty, call.context.types()) {
        ty = element;
    }
    match types::kind(ty, call.context.types())? {
        types::Kind::Enum { name, labels } => Ok((name, labels)),
        _ => Err(DatabaseError::new(INVALID_PARAMETER_VALUE, "could not determine actual enum type")),
    }
}

/// The first or last label of an enum.
fn enum_end(call: &Call<'_>, end: impl Fn(&[crate::Label]) -> Option<&crate::Label>) -> Result<StoredValue> {
    let (name, labels) = enum_labels(call)?;
    end(&labels).map_or(Ok(StoredValue::Null), |label| label.usable(&name).map(StoredValue::Integer))
}

fn enum_range(call: &Call<'_>, low: Stored<'_>, high: Stored<'_>) -> Result<StoredValue> {
    let within = |ordinal: i64| {
        !matches!(low, Stored::Integer(low) if ordinal < low)
            && !matches!(high, Stored::Integer(high) if ordinal > high)
    };
    let (name, labels) = enum_labels(call)?;
    let within = labels.iter().filter(|label| within(label.ordinal));
    let ordinals = within.map(|label| label.usable(&name).map(StoredValue::Integer));
    crate::array::Array::of(ordinals.collect::<Result<_>>()?).to_stored(crate::array::Encoding::Integer)
}

/// The printed name of a type, as `format_type` without a modifier gives it.
pub(crate) fn type_name(ty: crate::Oid, call: &Call<'_>) -> String {
    use crate::oid;
    if let Some(element) = oid::element_of(ty) {
        return format!("{}[]", type_name(element, call));
    }
    let name = match ty {
        oid::BOOL => "boolean",
        oid::INT2 => "smallint",
        oid::INT4 => "integer",
        oid::INT8 => "bigint",
        oid::FLOAT4 => "real",
        oid::FLOAT8 => "double precision",
        oid::BPCHAR => "character",
        oid::VARCHAR => "character varying",
        oid::TIMESTAMP => "timestamp without time zone",
        oid::TIMESTAMPTZ => "timestamp with time zone",
        oid::TIME => "time without time zone",
        oid::TIMETZ => "time with time zone",
        oid::SINGLE_CHAR => "\"char\"",
        oid::ANY => "\"any\"",
        ty => match oid::name_of(ty) {
            Some(name) => name,
            None => {
                return match call.context.types().describe(ty) {
                    Some(
                        crate::TypeInfo::Enum { name, .. }
                        | crate::TypeInfo::Domain { name, .. }
                        | crate::TypeInfo::Array { name, .. }
                        | crate::TypeInfo::Composite { name, .. },
                    ) => name.to_string(),
                    None => "???".to_owned(),
                };
            }
        },
    };
    name.to_owned()
}

pub(super) static FUNCTIONS: &[Function] = &[
    stable("now", |call| Ok(call.context.now().into())),
    stable("statement_timestamp", |call| Ok(call.context.statement_time().into())),
    volatile("clock_timestamp", |call| Ok(call.context.clock().into())),
    // The syntax CURRENT_DATE, CURRENT_TIME …: no functions in PostgreSQL.
    stable("current_date", |call| {
        Ok(timestamp_to_date(call.context.time_zone().to_local(call.context.now())).into())
    }),
    stable("localtimestamp", |call| Ok(call.context.time_zone().to_local(call.context.now()).into())),
    stable("localtime", |call| {
        let local = call.context.time_zone().to_local(call.context.now());
        Ok(local.rem_euclid(crate::time::calendar::DAY).into())
    }),
    volatile("gen_random_uuid", |call| random_uuid(call)),
    volatile("pg_random_uuid", |call| random_uuid(call)).lenient(),
    volatile("uuid_generate_v4", |call| random_uuid(call)),
    immutable("uuid_nil", |_| Ok(vec![0u8; 16].into())),
    stable("show_config_by_name", |call| show(call, false)),
    stable("show_config_by_name_missing_ok", |call| {
        let missing_ok = call.bool(1)?;
        show(call, missing_ok)
    }),
    volatile("set_config_by_name", set_config).lenient(),
    stable("pgsql_version", |_| Ok(VERSION.into())),
    stable("getdatabaseencoding", |_| Ok("UTF8".into())),
    stable("pg_typeof_text", |call| Ok(type_name(call.type_of(0)?, call).into())).typed().lenient(),
    stable("enum_first", |call| enum_end(call, |labels| labels.first())).typed().lenient(),
    stable("enum_last", |call| enum_end(call, |labels| labels.last())).typed().lenient(),
    stable("enum_range_all", |call| enum_range(call, Stored::Null, Stored::Null)).typed().lenient(),
    stable("enum_range_bounds", |call| enum_range(call, call.stored(0), call.stored(1))).typed().lenient(),
];
