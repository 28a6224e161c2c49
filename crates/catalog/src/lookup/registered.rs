//! The types whose values are objects: regclass, regtype, regproc and kin, from text and back (regproc.c).

use super::{FunctionEntry, SearchPath, quote_identifier, split_name};
use crate::builtin::{Unsupported, builtins};
use crate::{Catalog, Oid, TypeRef};
use datum::oid;
use sqlstate::{
    AMBIGUOUS_FUNCTION, DatabaseError, INVALID_NAME, INVALID_SCHEMA_NAME, Result, UNDEFINED_FUNCTION,
    UNDEFINED_OBJECT, UNDEFINED_TABLE,
};
use syntax::ast::Name;

/// regprocedure
const REGPROCEDURE: Oid = 2202;

/// Whether values of the type are objects of the catalog, so that [`Catalog::object_input`] reads them.
pub fn is_object_type(type_oid: Oid) -> bool {
    matches!(
        type_oid,
        oid::REGCLASS
            | oid::REGTYPE
            | oid::REGPROC
            | REGPROCEDURE
            | oid::REGROLE
            | oid::REGNAMESPACE
            | oid::REGCONFIG
    )
}

impl Catalog {
    /// The OID that a text means as a value of regclass, regtype, regproc, regprocedure, regrole or regnamespace.
    pub fn object_input(&self, path: &SearchPath, type_oid: Oid, text: &str) -> Result<Oid> {
        if text == "-" {
            return Ok(0);
        }
        if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
            return text.parse().map_err(|_| {
                let message = format!("value \"{text}\" is out of range for type oid");
                DatabaseError::new(sqlstate::NUMERIC_VALUE_OUT_OF_RANGE, message)
            });
        }
        match type_oid {
            oid::REGCLASS => self.class_input(path, text),
            oid::REGTYPE => {
                Ok(self.resolve_type(path, &syntax::parse_type_name(text)?).map_err(unplaced)?.oid)
            }
            oid::REGPROC => self.function_input(path, text),
            REGPROCEDURE => self.signature_input(path, text),
            oid::REGROLE => {
                let name = single(text)?;
                self.role(&name).map(|role| role.oid).ok_or_else(|| {
                    DatabaseError::new(UNDEFINED_OBJECT, format!("role \"{name}\" does not exist"))
                })
            }
            oid::REGNAMESPACE => {
                let name = single(text)?;
                self.schema(&name).map(|schema| schema.oid).ok_or_else(|| {
                    DatabaseError::new(INVALID_SCHEMA_NAME, format!("schema \"{name}\" does not exist"))
                })
            }
            oid::REGCONFIG => {
                let name = qualified_name(text)?;
                let (schema, plain) = split_name(&name)?;
                if let Some(schema) = schema
                    && self.schema(schema).is_none()
                    && schema != "pg_catalog"
                {
                    let message = format!("schema \"{schema}\" does not exist");
                    return Err(DatabaseError::new(INVALID_SCHEMA_NAME, message));
                }
                let known = datum::CONFIGURATIONS.iter().find(|(known, _)| *known == plain);
                known
                    .filter(|_| schema.is_none_or(|schema| schema == "pg_catalog"))
                    .map(|row| row.1)
                    .ok_or_else(|| {
                        let message = format!("text search configuration \"{text}\" does not exist");
                        DatabaseError::new(UNDEFINED_OBJECT, message)
                    })
            }
            _ => Err(DatabaseError::internal(format_args!("type {type_oid} has no objects"))),
        }
    }

    fn class_input(&self, path: &SearchPath, text: &str) -> Result<Oid> {
        let name = qualified_name(text)?;
        if let Some(relation) = self.find_relation(path, &name)? {
            return Ok(relation.oid);
        }
        let (schema, plain) = split_name(&name)?;
        let index = match schema {
            Some(schema) => self.schema(schema).and_then(|row| self.index(row.oid, plain)),
            None => path.schemas().find_map(|schema| self.index(schema, plain)),
        };
        if let Some(index) = index {
            return Ok(index.oid);
        }
        if let Some(relation) = builtins().system_relation(schema.unwrap_or("pg_catalog"), plain) {
            return Ok(relation.oid);
        }
        if let Some(schema) = schema
            && self.schema(schema).is_none()
        {
            let message = format!("schema \"{schema}\" does not exist");
            return Err(DatabaseError::new(INVALID_SCHEMA_NAME, message));
        }
        let message = format!("relation \"{}\" does not exist", name.parts.join("."));
        Err(DatabaseError::new(UNDEFINED_TABLE, message))
    }

    fn function_input(&self, path: &SearchPath, text: &str) -> Result<Oid> {
        let name = qualified_name(text)?;
        let (schema, plain) = split_name(&name)?;
        match self.find_functions(path, schema, plain)?.as_slice() {
            [only] => Ok(only.oid()),
            [] => Err(unknown_function(plain, text)),
            _ => Err(DatabaseError::new(
                AMBIGUOUS_FUNCTION,
                format!("more than one function named \"{text}\""),
            )),
        }
    }

    fn signature_input(&self, path: &SearchPath, text: &str) -> Result<Oid> {
        let Some((name, args)) = text.strip_suffix(')').and_then(|text| text.split_once('(')) else {
            let message = "expected a left parenthesis";
            return Err(DatabaseError::new(sqlstate::INVALID_TEXT_REPRESENTATION, message));
        };
        let name = qualified_name(name)?;
        let (schema, plain) = split_name(&name)?;
        let args = args.split(',').map(str::trim).filter(|arg| !arg.is_empty());
        let args = args
            .map(|arg| Ok(self.resolve_type(path, &syntax::parse_type_name(arg)?).map_err(unplaced)?.oid))
            .collect::<Result<Vec<Oid>>>()?;
        let found = self.find_functions(path, schema, plain)?.into_iter().find(|entry| match entry {
            FunctionEntry::Builtin(row) => *row.args == *args,
            FunctionEntry::User(row) => row.input_types().eq(args.iter().copied()),
        });
        found.map(|entry| entry.oid()).ok_or_else(|| unknown_function(plain, text))
    }

    /// How such a value prints: the name as the path reaches it, the number when there is no such object, `-` for 0.
    pub fn object_output(&self, path: &SearchPath, type_oid: Oid, object: Oid) -> String {
        if object == 0 {
            return "-".to_owned();
        }
        let found = match type_oid {
            oid::REGCLASS => self.class_output(path, object),
            oid::REGTYPE => {
                self.type_entry(object).map(|_| self.format_type(path, TypeRef { oid: object, modifier: -1 }))
            }
            oid::REGPROC => self.function_entry(object).map(|entry| self.function_output(path, entry, false)),
            REGPROCEDURE => self.function_entry(object).map(|entry| self.function_output(path, entry, true)),
            oid::REGCONFIG => {
                datum::CONFIGURATIONS.iter().find(|row| row.1 == object).map(|row| row.0.to_owned())
            }
            oid::REGROLE => self.roles.get(&object).map(|role| quote_identifier(&role.name)),
            oid::REGNAMESPACE => self.schemas.get(&object).map(|schema| quote_identifier(&schema.name)),
            _ => None,
        };
        found.unwrap_or_else(|| object.to_string())
    }

    fn class_output(&self, path: &SearchPath, object: Oid) -> Option<String> {
        if let Some(relation) = builtins().system_relation_by_oid(object) {
            let name = quote_identifier(relation.name);
            let within = relation.schema == "pg_catalog";
            return Some(if within { name } else { format!("{}.{name}", relation.schema) });
        }
        let (schema, name) = match self.relations.get(&object) {
            Some(relation) => (relation.schema, relation.name.as_str()),
            None => self.indexes.get(&object).map(|index| (index.schema, index.name.as_str()))?,
        };
        let first = path
            .schemas()
            .find(|schema| self.relation(*schema, name).is_some() || self.index(*schema, name).is_some());
        Some(self.spell(first == Some(schema), schema, name))
    }

    fn function_output(&self, path: &SearchPath, entry: FunctionEntry<'_>, signature: bool) -> String {
        let (schema, name, args) = match entry {
            FunctionEntry::Builtin(row) => (self.builtin_schema(row.extension), row.name, row.args.to_vec()),
            FunctionEntry::User(row) => (Some(row.schema), row.name.as_str(), row.input_types().collect()),
        };
        let candidates = self.find_functions(path, None, name).unwrap_or_default();
        // A name alone is enough only where it can mean this function.
        let reached = candidates.iter().any(|other| other.oid() == entry.oid());
        let name = schema.map_or_else(|| quote_identifier(name), |schema| self.spell(reached, schema, name));
        if !signature {
            return name;
        }
        let types: Vec<String> = args.iter().map(|oid| self.format_type_oid(path, *oid)).collect();
        format!("{name}({})", types.join(","))
    }

    fn spell(&self, reached: bool, schema: Oid, name: &str) -> String {
        let name = quote_identifier(name);
        match self.schemas.get(&schema) {
            Some(schema) if !reached => format!("{}.{name}", quote_identifier(&schema.name)),
            _ => name,
        }
    }
}

fn unknown_function(plain: &str, text: &str) -> DatabaseError {
    if builtins().is_unsupported(Unsupported::Function, plain) {
        return DatabaseError::unsupported(format_args!("function {plain}"));
    }
    DatabaseError::new(UNDEFINED_FUNCTION, format!("function \"{text}\" does not exist"))
}

fn unplaced(mut error: DatabaseError) -> DatabaseError {
    error.fields_mut().position = None;
    error
}

/// A name as an identifier list: folded where it is not quoted.
pub fn qualified_name(text: &str) -> Result<Name> {
    let invalid = || DatabaseError::new(INVALID_NAME, "invalid name syntax");
    let mut parts = Vec::new();
    let mut rest = text.trim();
    loop {
        let part;
        if let Some(quoted) = rest.strip_prefix('"') {
            let mut name = String::new();
            let mut chars = quoted.char_indices();
            let end = loop {
                match chars.next() {
                    Some((at, '"')) if quoted[at + 1..].starts_with('"') => {
                        chars.next();
                        name.push('"');
                    }
                    Some((at, '"')) => break at + 1,
                    Some((_, other)) => name.push(other),
                    None => return Err(invalid()),
                }
            };
            part = name;
            rest = quoted[end..].trim_start();
        } else {
            let end = rest.find(|c: char| c == '.' || c.is_whitespace()).unwrap_or(rest.len());
            part = rest[..end].to_ascii_lowercase();
            rest = rest[end..].trim_start();
        }
        if part.is_empty() {
            return Err(invalid());
        }
        parts.push(part);
        match rest.strip_prefix('.') {
            Some(more) => rest = more.trim_start(),
            None if rest.is_empty() => return Ok(Name { parts, position: 0 }),
            None => return Err(invalid()),
        }
    }
}

fn single(text: &str) -> Result<String> {
    let mut name = qualified_name(text)?;
    match name.parts.len() {
        1 => Ok(name.parts.remove(0)),
        _ => Err(DatabaseError::new(INVALID_NAME, "invalid name syntax")),
    }
}
