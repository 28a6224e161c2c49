//! From names as written to objects, through a search path, as PostgreSQL's namespace.c and parse_type.c do; and the way
//! back, from a type to its name.

mod format;
mod path;
mod quote;
mod registered;
mod source;
mod typename;

pub use path::{SearchPath, TEMPORARY_SCHEMA_PREFIX, search_path_names};
pub use quote::quote_identifier;
pub use registered::{is_object_type, qualified_name};
pub use source::CatalogTypes;
pub use typename::type_name_text;

use crate::builtin::{BuiltinFunction, BuiltinType, PG_CATALOG, builtins};
use crate::{Catalog, Function, FunctionKind, Oid, Relation, Schema, Type, TypeKind, TypeRef, Volatility};
use sqlstate::{
    DatabaseError, FEATURE_NOT_SUPPORTED, INVALID_SCHEMA_NAME, Result, SYNTAX_ERROR, UNDEFINED_TABLE,
};
use std::sync::Arc;
use syntax::ast::Name;

/// A type, PostgreSQL's own or the user's.
#[derive(Clone, Copy, Debug)]
pub enum TypeEntry<'c> {
    /// One of pg_catalog or of an extension.
    Builtin(&'static BuiltinType),
    /// One of the catalog.
    User(&'c Arc<Type>),
}

impl TypeEntry<'_> {
    /// pg_type.oid
    pub fn oid(&self) -> Oid {
        match self {
            TypeEntry::Builtin(row) => row.oid,
            TypeEntry::User(row) => row.oid,
        }
    }

    /// pg_type.typname
    pub fn name(&self) -> &str {
        match self {
            TypeEntry::Builtin(row) => row.name,
            TypeEntry::User(row) => &row.name,
        }
    }

    /// The type of its arrays, 0 when there is none.
    pub fn array(&self) -> Oid {
        match self {
            TypeEntry::Builtin(row) => row.array,
            TypeEntry::User(row) => row.array,
        }
    }

    /// The element type of a true array type.
    pub fn element(&self) -> Option<Oid> {
        match self {
            TypeEntry::Builtin(row) => row.is_array().then_some(row.element),
            TypeEntry::User(row) => match row.kind {
                TypeKind::Array { element } => Some(element),
                TypeKind::Enum { .. }
                | TypeKind::Domain { .. }
                | TypeKind::Composite { .. }
                | TypeKind::Other { .. } => None,
            },
        }
    }
}

/// A function, PostgreSQL's own or the user's.
#[derive(Clone, Copy, Debug)]
pub enum FunctionEntry<'c> {
    /// One of pg_catalog or of an extension.
    Builtin(&'static BuiltinFunction),
    /// One of the catalog.
    User(&'c Arc<Function>),
}

impl FunctionEntry<'_> {
    /// pg_proc.oid
    pub fn oid(&self) -> Oid {
        match self {
            FunctionEntry::Builtin(row) => row.oid,
            FunctionEntry::User(row) => row.oid,
        }
    }
}

impl Function {
    /// The types of the input parameters: pg_proc.proargtypes.
    pub fn input_types(&self) -> impl Iterator<Item = Oid> {
        self.inputs().map(|parameter| parameter.type_ref.oid)
    }

    /// The input parameters: IN, INOUT, VARIADIC.
    pub fn inputs(&self) -> impl Iterator<Item = &crate::Parameter> {
        use syntax::ast::ParameterMode::{In, InOut, Variadic};
        self.parameters.iter().filter(|parameter| matches!(parameter.mode, In | InOut | Variadic))
    }

    /// Whether it can be called in an expression.
    pub fn is_callable(&self) -> bool {
        matches!(self.kind, FunctionKind::Function | FunctionKind::Aggregate | FunctionKind::Window)
    }
}

impl Catalog {
    /// The type of this OID.
    pub fn type_entry(&self, oid: Oid) -> Option<TypeEntry<'_>> {
        match builtins().type_by_oid(oid) {
            Some(row) => Some(TypeEntry::Builtin(row)),
            None => self.types.get(&oid).map(TypeEntry::User),
        }
    }

    /// The base type below a domain (and a domain over a domain …) with the modifier to apply; of others, itself.
    pub fn base_type(&self, mut type_ref: TypeRef) -> TypeRef {
        while let Some(row) = self.types.get(&type_ref.oid)
            && let TypeKind::Domain { base, .. } = &row.kind
        {
            type_ref = *base;
        }
        type_ref
    }

    /// How far a value of this type depends on settings when it is made from text, as typinput's provolatile.
    pub fn input_volatility(&self, oid: Oid) -> Volatility {
        match self.type_entry(oid) {
            Some(TypeEntry::Builtin(row)) => row.input_volatility,
            _ => Volatility::Stable,
        }
    }

    /// How far a value's text depends on settings, as typoutput's provolatile.
    pub fn output_volatility(&self, oid: Oid) -> Volatility {
        match self.type_entry(self.base_type(TypeRef { oid, modifier: -1 }).oid) {
            Some(TypeEntry::Builtin(row)) => row.output_volatility,
            _ => Volatility::Stable,
        }
    }

    /// The element type when this is an array type.
    pub fn element_type(&self, oid: Oid) -> Option<Oid> {
        self.type_entry(oid)?.element()
    }

    /// The type of this type's arrays.
    pub fn array_type(&self, oid: Oid) -> Option<Oid> {
        self.type_entry(oid).map(|entry| entry.array()).filter(|array| *array != 0)
    }

    /// The schema that an extension's objects are in, when it is there.
    pub fn extension_schema(&self, extension: &str) -> Option<Oid> {
        self.extensions.values().find(|row| row.name == extension).map(|row| row.schema)
    }

    /// The schema that a built-in object stands in: pg_catalog, or its extension's when that is there.
    pub fn builtin_schema(&self, extension: Option<&str>) -> Option<Oid> {
        match extension {
            None => Some(PG_CATALOG),
            Some(name) => self.extension_schema(name),
        }
    }

    /// The schema of this name, or 3F000.
    pub fn require_schema(&self, name: &str) -> Result<&Arc<Schema>> {
        self.schema(name).ok_or_else(|| {
            DatabaseError::new(INVALID_SCHEMA_NAME, format!("schema \"{name}\" does not exist"))
        })
    }

    /// The schema of this name, `pg_temp` the session's own.
    pub fn schema_on(&self, path: &SearchPath, name: &str) -> Option<&Arc<Schema>> {
        match name {
            "pg_temp" => self.schemas.get(&path.temporary()?),
            name => self.schema(name),
        }
    }

    /// As [`Catalog::schema_on`], or 3F000.
    pub fn require_schema_on(&self, path: &SearchPath, name: &str) -> Result<&Arc<Schema>> {
        match self.schema_on(path, name) {
            Some(schema) => Ok(schema),
            None => self.require_schema(name),
        }
    }

    /// The relation that a name means: table, view, sequence or composite type. Not indexes.
    pub fn find_relation(&self, path: &SearchPath, name: &Name) -> Result<Option<&Arc<Relation>>> {
        let (schema, relation) = split_name(name)?;
        Ok(match schema {
            Some(schema) => {
                self.schema_on(path, schema).and_then(|schema| self.relation(schema.oid, relation))
            }
            None => path.schemas().find_map(|schema| self.relation(schema, relation)),
        })
    }

    /// As [`Catalog::find_relation`], or 42P01.
    pub fn require_relation(&self, path: &SearchPath, name: &Name) -> Result<&Arc<Relation>> {
        self.find_relation(path, name)?.ok_or_else(|| {
            let text = name.parts.join(".");
            DatabaseError::new(UNDEFINED_TABLE, format!("relation \"{text}\" does not exist"))
        })
    }

    /// The type in this schema (one of pg_catalog or of an extension too) with this pg_type.typname.
    pub fn type_in_schema(&self, schema: Oid, name: &str) -> Option<Oid> {
        if let Some(row) = builtins().type_by_name(name)
            && self.builtin_schema(row.extension) == Some(schema)
        {
            return Some(row.oid);
        }
        self.type_in(schema, name).map(|row| row.oid)
    }

    /// The type that a name means.
    pub fn find_type(&self, path: &SearchPath, schema: Option<&str>, name: &str) -> Result<Option<Oid>> {
        Ok(match schema {
            Some(schema) => self.type_in_schema(self.require_schema_on(path, schema)?.oid, name),
            None => path.schemas().find_map(|schema| self.type_in_schema(schema, name)),
        })
    }

    /// All functions that a name may mean, those of the first schema of the path first. With a schema, that one's only.
    pub fn find_functions(
        &self,
        path: &SearchPath,
        schema: Option<&str>,
        name: &str,
    ) -> Result<Vec<FunctionEntry<'_>>> {
        let mut found = Vec::new();
        match schema {
            Some(schema) => {
                self.functions_into(self.require_schema_on(path, schema)?.oid, name, &mut found);
            }
            None => path.function_schemas().for_each(|schema| self.functions_into(schema, name, &mut found)),
        }
        Ok(found)
    }

    fn functions_into<'c>(&'c self, schema: Oid, name: &str, found: &mut Vec<FunctionEntry<'c>>) {
        let rows = builtins().functions_named(name).iter();
        found.extend(
            rows.filter(|row| self.builtin_schema(row.extension) == Some(schema)).map(FunctionEntry::Builtin),
        );
        found.extend(self.functions_in(schema, name).map(FunctionEntry::User));
    }

    /// The function of this OID.
    pub fn function_entry(&self, oid: Oid) -> Option<FunctionEntry<'_>> {
        match builtins().function_by_oid(oid) {
            Some(row) => Some(FunctionEntry::Builtin(row)),
            None => self.functions.get(&oid).map(FunctionEntry::User),
        }
    }
}

/// A name's schema, when written, and its last part. A name of three parts must name this database, which has no name here.
pub fn split_name(name: &Name) -> Result<(Option<&str>, &str)> {
    match name.parts.as_slice() {
        [name] => Ok((None, name)),
        [schema, name] => Ok((Some(schema), name)),
        [_, _, _] => Err(DatabaseError::new(
            FEATURE_NOT_SUPPORTED,
            format!("cross-database references are not implemented: {}", name.parts.join(".")),
        )),
        _ => Err(DatabaseError::new(
            SYNTAX_ERROR,
            format!("improper qualified name (too many dotted names): {}", name.parts.join(".")),
        )),
    }
}

#[cfg(test)]
mod tests;
