//! A table as SQLite declares it (docs/storage-format.md): STRICT columns, unique and plain indexes, foreign keys that are
//! deferred and without action. All else that a row must obey is run by the engine.

use crate::analysis::Analysis;
use crate::bound::Expr;
use crate::descend::Walk as _;
use crate::render;
use crate::rewrite::Rewrite;
use crate::stored::{self, Row};
use catalog::{Catalog, Column, ConstraintKind, ForeignKey, Index, IndexKey, Relation, TypeKind, TypeRef};
use datum::{StoredValue, TypeSource};
use sqlstate::{DatabaseError, Result};
use std::borrow::Cow;

/// SQLite's name of an object: `schema.name`, unquoted.
pub fn sqlite_name(catalog: &Catalog, schema: catalog::Oid, name: &str) -> Result<String> {
    let schema =
        catalog.schemas.get(&schema).ok_or_else(|| DatabaseError::internal("object without schema"))?;
    Ok(stored_name(&schema.name, name))
}

/// SQLite's name of `schema.name`. SQLite does not tell `A` from `a`, so a name with capitals says behind `~` which letters they
/// are, as the bits of a hexadecimal number; one with dots of its own says where the schema's name ends. No two names are alike then.
pub fn stored_name(schema: &str, name: &str) -> String {
    let whole = format!("{schema}.{name}");
    let dots = schema.contains('.') || name.contains('.');
    let capitals = whole.bytes().any(|byte| byte.is_ascii_uppercase());
    if !capitals && !dots && !whole.contains('~') {
        return whole;
    }
    let bits = |text: &str| {
        let letters = text.bytes().enumerate().filter(|(_, byte)| byte.is_ascii_uppercase());
        letters.fold(0_u64, |bits, (at, _)| bits | (1 << (at % 64)))
    };
    let (of_schema, of_name) = (bits(schema), bits(name));
    let mut stored = format!("{whole}~{of_name:x}");
    if of_schema != 0 || dots {
        stored.push_str(&format!(".{of_schema:x}.{}", schema.len()));
    }
    stored
}

/// 0A000 when SQLite would take two of a table's columns for one.
pub fn refuse_alike_columns(table: &Relation) -> Result<()> {
    let mut names = std::collections::HashSet::new();
    if table.columns.iter().all(|column| names.insert(column.name.to_ascii_lowercase())) {
        return Ok(());
    }
    Err(DatabaseError::unsupported("two columns whose names differ only in the case of their letters"))
}

/// An identifier in SQLite's text.
pub fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A text constant in SQLite's text.
pub fn quote_text(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// A stored value as a constant in SQLite's text.
pub fn literal(value: &StoredValue) -> String {
    match value {
        StoredValue::Null => "NULL".to_owned(),
        StoredValue::Integer(number) => number.to_string(),
        StoredValue::Real(number) if number.is_infinite() => {
            if *number > 0.0 {
                "9e999".to_owned()
            } else {
                "-9e999".to_owned()
            }
        }
        StoredValue::Real(number) => format!("{number:?}"),
        StoredValue::Text(text) => quote_text(text),
        StoredValue::Blob(bytes) => {
            let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            format!("x'{digits}'")
        }
    }
}

/// The class of SQLite values that a type's stored form is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StorageClass {
    /// INTEGER
    Integer,
    /// REAL
    Real,
    /// TEXT
    Text,
    /// BLOB
    Blob,
}

impl StorageClass {
    /// The word of a STRICT column.
    pub fn word(self) -> &'static str {
        match self {
            StorageClass::Integer => "INTEGER",
            // A REAL column would lose the sign of -0, and refuse NaN.
            StorageClass::Real => "ANY",
            StorageClass::Text => "TEXT",
            StorageClass::Blob => "BLOB",
        }
    }
}

/// How values of a type are stored.
pub fn storage_class(catalog: &Catalog, type_ref: TypeRef) -> Result<StorageClass> {
    use datum::oid::*;
    Ok(match catalog.base_type(type_ref).oid {
        BOOL | SINGLE_CHAR | INT2 | INT4 | INT8 | OID | TIMESTAMP | TIMESTAMPTZ | DATE | TIME => {
            StorageClass::Integer
        }
        FLOAT4 | FLOAT8 => StorageClass::Real,
        UUID | BYTEA => StorageClass::Blob,
        oid => match catalog.types.get(&oid).map(|user| &user.kind) {
            _ if is_object(oid) => StorageClass::Integer,
            Some(TypeKind::Enum { .. }) => StorageClass::Integer,
            _ => StorageClass::Text,
        },
    })
}

/// The collation that a column of a type is declared with.
pub fn collation(catalog: &Catalog, type_ref: TypeRef) -> Option<Cow<'static, str>> {
    datum::collation(catalog.base_type(type_ref).oid, catalog as &dyn TypeSource)
}

/// CREATE TABLE of a table, under the given SQLite name (a rebuild makes it under another name first).
pub fn create_table(catalog: &Catalog, table: &Relation, sqlite_name: &str) -> Result<String> {
    refuse_alike_columns(table)?;
    let mut parts = Vec::new();
    for column in &table.columns {
        parts.push(column_declaration(catalog, column)?);
    }
    if parts.is_empty() {
        // SQLite has no table without columns; this one no statement names.
        parts.push("\"bedplate no column\" INTEGER".to_owned());
    }
    for constraint in &table.constraints {
        if let ConstraintKind::ForeignKey(key) = &constraint.kind
            && let Some(text) = foreign_key(catalog, table, key)?
        {
            parts.push(text);
        }
    }
    Ok(format!("CREATE TABLE {} ({}) STRICT", quote(sqlite_name), parts.join(", ")))
}

/// ALTER TABLE ADD COLUMN; rows that are there read `missing`.
pub fn add_column(
    catalog: &Catalog,
    table: &Relation,
    column: &Column,
    missing: &StoredValue,
) -> Result<String> {
    let name = sqlite_name(catalog, table.schema, &table.name)?;
    let declaration = column_declaration(catalog, column)?;
    let default =
        if *missing == StoredValue::Null { String::new() } else { format!(" DEFAULT {}", literal(missing)) };
    Ok(format!("ALTER TABLE {} ADD COLUMN {declaration}{default}", quote(&name)))
}

fn column_declaration(catalog: &Catalog, column: &Column) -> Result<String> {
    let class = storage_class(catalog, column.type_ref)?;
    let mut text = format!("{} {}", quote(&column.name), class.word());
    if let Some(collation) = collation(catalog, column.type_ref) {
        text.push_str(" COLLATE ");
        text.push_str(&collation);
    }
    Ok(text)
}

/// The backstop of a foreign key; `None` where SQLite could not compare the keys as PostgreSQL does (the engine checks them anyway).
fn foreign_key(catalog: &Catalog, table: &Relation, key: &ForeignKey) -> Result<Option<String>> {
    let same_table = key.referenced == table.oid;
    let referenced =
        if same_table { Some(table) } else { catalog.relations.get(&key.referenced).map(|other| &**other) };
    let Some(referenced) = referenced else { return Ok(None) };
    let mut columns = Vec::new();
    let mut others = Vec::new();
    for (number, other) in key.columns.iter().zip(&key.referenced_columns) {
        let (Some(column), Some(other)) = (table.column_number(*number), referenced.column_number(*other))
        else {
            return Ok(None);
        };
        let comparable = storage_class(catalog, column.type_ref)? == storage_class(catalog, other.type_ref)?
            && collation(catalog, column.type_ref) == collation(catalog, other.type_ref);
        if !comparable {
            return Ok(None);
        }
        columns.push(quote(&column.name));
        others.push(quote(&other.name));
    }
    if !has_plain_unique_index(catalog, referenced, &key.referenced_columns) {
        return Ok(None);
    }
    let name = sqlite_name(catalog, referenced.schema, &referenced.name)?;
    Ok(Some(format!(
        "FOREIGN KEY ({}) REFERENCES {} ({}) DEFERRABLE INITIALLY DEFERRED",
        columns.join(", "),
        quote(&name),
        others.join(", ")
    )))
}

/// Whether SQLite has a unique index on just these columns: its foreign keys need one.
fn has_plain_unique_index(catalog: &Catalog, table: &Relation, columns: &[catalog::ColumnNumber]) -> bool {
    catalog.indexes_of(table.oid).any(|index| {
        let mut keys: Vec<_> = index
            .elements
            .iter()
            .filter_map(|element| match element.key {
                IndexKey::Column(number) => Some(number),
                IndexKey::Expression(_) => None,
            })
            .collect();
        let mut wanted = columns.to_vec();
        keys.sort_unstable();
        wanted.sort_unstable();
        index.unique
            && index.filter.is_none()
            && !index.nulls_not_distinct
            && !is_deferrable(catalog, index)
            && keys.len() == index.elements.len()
            && keys == wanted
    })
}

/// Whether the index belongs to a DEFERRABLE constraint.
pub(crate) fn is_deferrable(catalog: &Catalog, index: &Index) -> bool {
    constraint_of(catalog, index).is_some_and(|constraint| constraint.deferrable)
}

/// The constraint that owns an index.
pub(crate) fn constraint_of<'c>(catalog: &'c Catalog, index: &Index) -> Option<&'c catalog::Constraint> {
    let oid = index.constraint?;
    catalog.relations.get(&index.table)?.constraints.iter().find(|constraint| constraint.oid == oid)
}

/// CREATE INDEX; `None` for kinds of index that only speed PostgreSQL up (gin, gist, hnsw …).
pub fn create_index(catalog: &Catalog, index: &Index) -> Result<Option<String>> {
    if index.method != "btree" && index.method != "hash" {
        return Ok(None);
    }
    let table =
        catalog.relations.get(&index.table).ok_or_else(|| DatabaseError::internal("index without table"))?;
    let mut analysis = stored::system_analysis(catalog, table.owner);
    let range = stored::system_range(&mut analysis, table)?;
    let row = Row::Range(range.id);
    let mut keys = Vec::new();
    for element in &index.elements {
        let (text, ty) = match &element.key {
            IndexKey::Column(number) => {
                let column = table
                    .column_number(*number)
                    .ok_or_else(|| DatabaseError::internal("index on a dropped column"))?;
                (quote(&column.name), column.type_ref)
            }
            IndexKey::Expression(sql) => {
                let place = crate::analysis::Place::IndexExpression;
                let mut expr = stored::expression(&mut analysis, table, row, place, sql)?;
                inline(&mut analysis, &mut expr)?;
                let text = render::render_index_expression(catalog, table, &expr)?;
                // A text that stands alone SQLite takes for a column's name.
                (if text.starts_with('\'') { format!("+{text}") } else { text }, expr.ty)
            }
        };
        let collate = collation(catalog, ty).map_or_else(String::new, |name| format!(" COLLATE {name}"));
        let order = if element.descending { " DESC" } else { "" };
        if index.unique && index.nulls_not_distinct {
            // Two entries: whether it is NULL, and a value that is never NULL.
            let zero = match storage_class(catalog, ty)? {
                StorageClass::Integer | StorageClass::Real => "0",
                StorageClass::Text => "''",
                StorageClass::Blob => "x''",
            };
            keys.push(format!("({text}) IS NULL"));
            keys.push(format!("ifnull({text}, {zero}){collate}{order}"));
        } else {
            let text =
                if matches!(element.key, IndexKey::Expression(_)) { format!("({text})") } else { text };
            keys.push(format!("{text}{collate}{order}"));
        }
    }
    let filter = match &index.filter {
        Some(sql) => {
            let place = crate::analysis::Place::IndexPredicate;
            let mut expr = stored::condition(&mut analysis, table, row, place, sql)?;
            inline(&mut analysis, &mut expr)?;
            format!(" WHERE {}", render::render_index_expression(catalog, table, &expr)?)
        }
        None => String::new(),
    };
    let unique = if index.unique && !is_deferrable(catalog, index) { "UNIQUE " } else { "" };
    Ok(Some(format!(
        "CREATE {unique}INDEX {} ON {} ({}){filter}",
        quote(&sqlite_name(catalog, index.schema, &index.name)?),
        quote(&sqlite_name(catalog, table.schema, &table.name)?),
        keys.join(", ")
    )))
}

/// Puts the bodies of SQL functions in place of their calls, which is all of them that SQLite can keep in an index.
pub(crate) fn inline(analysis: &mut Analysis<'_>, expr: &mut Expr) -> Result<()> {
    let mut rewrite = Rewrite::new(analysis, 0);
    rewrite.expr(expr)?;
    if rewrite.steps.is_empty() {
        return Ok(());
    }
    Err(DatabaseError::unsupported("an index on what takes several steps"))
}

/// The name under which a table's rowid is read: one that no column has.
pub fn rowid_name(table: &Relation) -> Result<&'static str> {
    ["rowid", "_rowid_", "oid"]
        .into_iter()
        .find(|name| table.columns.iter().all(|column| !column.name.eq_ignore_ascii_case(name)))
        .ok_or_else(|| DatabaseError::unsupported("a table with columns named rowid, _rowid_ and oid"))
}
