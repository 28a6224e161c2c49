//! From a type as written to its OID and modifier: parse_type.c and the types' typmodin functions.

use super::format::{BIT, INTERVAL_FIELDS, INTERVAL_FULL_PRECISION, INTERVAL_FULL_RANGE, VARBIT};
use super::{SearchPath, split_name};
use crate::builtin::{Unsupported, builtins};
use crate::{Catalog, Oid, TypeRef};
use datum::oid;
use sqlstate::{
    DatabaseError, INVALID_PARAMETER_VALUE, INVALID_TEXT_REPRESENTATION, Result, SYNTAX_ERROR,
    UNDEFINED_COLUMN, UNDEFINED_OBJECT,
};
use syntax::ast::{Expr, ExprKind, Name, TypeName};

impl Catalog {
    /// The type that a type name means, with its modifier. SETOF is the caller's to judge.
    pub fn resolve_type(&self, path: &SearchPath, written: &TypeName) -> Result<TypeRef> {
        self.resolve(path, written).map_err(|error| error.at(written.name.position))
    }

    fn resolve(&self, path: &SearchPath, written: &TypeName) -> Result<TypeRef> {
        if written.percent_type {
            return self.column_type(path, &written.name);
        }
        let (schema, name) = split_name(&written.name)?;
        let Some(element) = self.find_type(path, schema, name)? else {
            return Err(self.unknown_type(schema, name, written));
        };
        let modifier = self.modifier(element, written)?;
        if written.array.is_empty() {
            return Ok(TypeRef { oid: element, modifier });
        }
        match self.array_type(element) {
            Some(array) => Ok(TypeRef { oid: array, modifier }),
            // An array of arrays is the array of the elements.
            None if self.element_type(element).is_some() => Ok(TypeRef { oid: element, modifier }),
            None => Err(undefined(written)),
        }
    }

    fn unknown_type(&self, schema: Option<&str>, name: &str, written: &TypeName) -> DatabaseError {
        let system = matches!(schema, None | Some("pg_catalog"));
        if system && builtins().is_unsupported(Unsupported::Type, name) {
            return DatabaseError::unsupported(format_args!("type {name}"));
        }
        undefined(written)
    }

    fn column_type(&self, path: &SearchPath, name: &Name) -> Result<TypeRef> {
        let Some((column, relation)) = name.parts.split_last().filter(|(_, rest)| !rest.is_empty()) else {
            return Err(DatabaseError::new(
                SYNTAX_ERROR,
                format!("improper %TYPE reference (too few dotted names): {}", name.parts.join(".")),
            ));
        };
        let relation = Name { parts: relation.to_vec(), position: name.position };
        let relation = self.require_relation(path, &relation)?;
        relation.column(column).map(|column| column.type_ref).ok_or_else(|| {
            DatabaseError::new(
                UNDEFINED_COLUMN,
                format!("column \"{column}\" of relation \"{}\" does not exist", relation.name),
            )
        })
    }

    fn modifier(&self, element: Oid, written: &TypeName) -> Result<i32> {
        let values = written.modifiers.iter().map(modifier_value).collect::<Result<Vec<i32>>>();
        let values = match (written.modifiers.is_empty(), takes_modifier(element)) {
            (true, _) => Vec::new(),
            (false, true) => values?,
            (false, false) => {
                return Err(DatabaseError::new(
                    SYNTAX_ERROR,
                    format!(
                        "type modifier is not allowed for type \"{}\"",
                        self.type_entry(element).map_or_else(String::new, |entry| entry.name().to_owned())
                    ),
                ));
            }
        };
        match element {
            oid::INTERVAL => interval_modifier(written.interval_fields.as_deref(), &values),
            _ if values.is_empty() => Ok(-1),
            oid::NUMERIC => numeric_modifier(&values),
            oid::VARCHAR => length_modifier("varchar", 4, &values),
            oid::BPCHAR => length_modifier("char", 4, &values),
            BIT => length_modifier("bit", 0, &values),
            VARBIT => length_modifier("varbit", 0, &values),
            oid::VECTOR => vector_modifier(&values),
            oid::TIMESTAMP => precision_modifier("TIMESTAMP", "", &values),
            oid::TIMESTAMPTZ => precision_modifier("TIMESTAMP", " WITH TIME ZONE", &values),
            oid::TIME => precision_modifier("TIME", "", &values),
            oid::TIMETZ => precision_modifier("TIME", " WITH TIME ZONE", &values),
            _ => Ok(-1),
        }
    }
}

/// The name as TypeNameToString writes it in messages.
pub fn type_name_text(written: &TypeName) -> String {
    let mut text = written.name.parts.join(".");
    if written.percent_type {
        text.push_str("%TYPE");
    }
    if !written.array.is_empty() {
        text.push_str("[]");
    }
    text
}

fn undefined(written: &TypeName) -> DatabaseError {
    DatabaseError::new(UNDEFINED_OBJECT, format!("type \"{}\" does not exist", type_name_text(written)))
}

fn takes_modifier(element: Oid) -> bool {
    matches!(
        element,
        oid::NUMERIC
            | oid::VARCHAR
            | oid::BPCHAR
            | BIT
            | VARBIT
            | oid::VECTOR
            | oid::HALFVEC
            | oid::SPARSEVEC
            | oid::TIMESTAMP
            | oid::TIMESTAMPTZ
            | oid::TIME
            | oid::TIMETZ
            | oid::INTERVAL
    )
}

fn modifier_value(expr: &Expr) -> Result<i32> {
    let text = match &expr.kind {
        ExprKind::Number(text) | ExprKind::String(text) => text.as_str(),
        ExprKind::Column(parts) if parts.len() == 1 => parts[0].as_str(),
        _ => {
            return Err(DatabaseError::new(
                SYNTAX_ERROR,
                "type modifiers must be simple constants or identifiers",
            )
            .at(expr.position));
        }
    };
    text.trim().parse().map_err(|_| {
        DatabaseError::new(
            INVALID_TEXT_REPRESENTATION,
            format!("invalid input syntax for type integer: \"{text}\""),
        )
    })
}

fn invalid(message: impl Into<String>) -> DatabaseError {
    DatabaseError::new(INVALID_PARAMETER_VALUE, message)
}

fn numeric_modifier(values: &[i32]) -> Result<i32> {
    let (precision, scale) = match *values {
        [precision] => (precision, 0),
        [precision, scale] => (precision, scale),
        _ => return Err(invalid("invalid NUMERIC type modifier")),
    };
    if !(1..=1000).contains(&precision) {
        return Err(invalid(format!("NUMERIC precision {precision} must be between 1 and 1000")));
    }
    if !(-1000..=1000).contains(&scale) {
        return Err(invalid(format!("NUMERIC scale {scale} must be between -1000 and 1000")));
    }
    Ok(((precision << 16) | (scale & 0x7ff)) + 4)
}

fn length_modifier(name: &str, header: i32, values: &[i32]) -> Result<i32> {
    let [length] = *values else { return Err(invalid("invalid type modifier")) };
    if length < 1 {
        return Err(invalid(format!("length for type {name} must be at least 1")));
    }
    let limit = if header == 0 { 83_886_080 } else { 10_485_760 };
    if length > limit {
        return Err(invalid(format!("length for type {name} cannot exceed {limit}")));
    }
    Ok(length + header)
}

/// vector(n): how many dimensions.
fn vector_modifier(values: &[i32]) -> Result<i32> {
    match *values {
        [dimensions @ 1..=16_000] => Ok(dimensions),
        [..=0] => Err(invalid("dimensions for type vector must be at least 1")),
        [_] => Err(invalid("dimensions for type vector cannot exceed 16000")),
        _ => Err(invalid("invalid type modifier")),
    }
}

/// The precision of a type of time. Beyond 6 PostgreSQL warns and takes 6.
fn precision_modifier(name: &str, zone: &str, values: &[i32]) -> Result<i32> {
    let [precision] = *values else { return Err(invalid("invalid type modifier")) };
    if precision < 0 {
        return Err(invalid(format!("{name}({precision}){zone} precision must not be negative")));
    }
    Ok(precision.min(6))
}

fn interval_modifier(fields: Option<&str>, values: &[i32]) -> Result<i32> {
    let range = match fields {
        None => INTERVAL_FULL_RANGE,
        Some(words) => {
            let words = words.to_ascii_lowercase();
            match INTERVAL_FIELDS.iter().find(|(_, name)| *name == words) {
                Some((mask, _)) => *mask,
                None => return Err(invalid("invalid INTERVAL type modifier")),
            }
        }
    };
    let precision = match *values {
        [] if fields.is_none() => return Ok(-1),
        [] => INTERVAL_FULL_PRECISION,
        [precision] if precision < 0 => {
            return Err(invalid(format!("INTERVAL({precision}) precision must not be negative")));
        }
        [precision] => precision.min(6),
        _ => return Err(invalid("invalid INTERVAL type modifier")),
    };
    Ok((range << 16) | precision)
}
