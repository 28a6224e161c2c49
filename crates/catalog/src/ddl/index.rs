//! CREATE INDEX.

use super::column::has_btree_order;
use super::constraint::no_operator_class;
use super::context::{Ddl, relation_word};
use super::naming::{addition, expression_name};
use super::{ExpressionKind, PhysicalChange, Scope};
use crate::builtin::builtins;
use crate::{Index, IndexElement, IndexKey, ObjectRef, Oid, Relation, RelationKind, Volatility};
use datum::oid;
use sqlstate::{
    DUPLICATE_TABLE, DatabaseError, FEATURE_NOT_SUPPORTED, INVALID_OBJECT_DEFINITION, Result,
    UNDEFINED_COLUMN, UNDEFINED_OBJECT, WRONG_OBJECT_TYPE,
};
use syntax::ast::{self, CreateIndex, ExprKind};

/// What an access method can do.
struct Method {
    name: &'static str,
    unique: bool,
    several: bool,
    include: bool,
    ordered: bool,
    /// The extension that it comes with.
    extension: Option<&'static str>,
}

const METHODS: &[Method] = &[
    Method { name: "btree", unique: true, several: true, include: true, ordered: true, extension: None },
    Method { name: "hash", unique: false, several: false, include: false, ordered: false, extension: None },
    Method { name: "gin", unique: false, several: true, include: false, ordered: false, extension: None },
    Method { name: "gist", unique: false, several: true, include: true, ordered: false, extension: None },
    Method { name: "spgist", unique: false, several: false, include: true, ordered: false, extension: None },
    Method {
        name: "ivfflat",
        unique: false,
        several: false,
        include: false,
        ordered: false,
        extension: Some("vector"),
    },
    Method {
        name: "hnsw",
        unique: false,
        several: false,
        include: false,
        ordered: false,
        extension: Some("vector"),
    },
    Method { name: "brin", unique: false, several: true, include: false, ordered: false, extension: None },
];

impl Ddl<'_> {
    pub(super) fn create_index(&mut self, statement: &CreateIndex) -> Result<()> {
        let CreateIndex {
            name,
            unique,
            concurrently: _,
            if_not_exists,
            table,
            method,
            elements,
            include,
            nulls_not_distinct,
            storage,
            filter,
        } = statement;
        let relation = self.relation(&table.name)?;
        match relation.kind {
            RelationKind::Table | RelationKind::PartitionedTable | RelationKind::MaterializedView => {}
            RelationKind::View
            | RelationKind::Sequence
            | RelationKind::ForeignTable
            | RelationKind::Composite => {
                let message = format!("cannot create index on relation \"{}\"", relation.name);
                let kinds = match relation.kind {
                    RelationKind::Composite => "composite types".to_owned(),
                    kind => format!("{}s", relation_word(kind)),
                };
                return Err(DatabaseError::new(WRONG_OBJECT_TYPE, message)
                    .with_detail(format!("This operation is not supported for {kinds}.")));
            }
        }
        self.require_relation_owner(&relation)?;
        self.require_create(relation.schema)?;
        if *if_not_exists
            && let Some(name) = name
            && self.relation_exists(relation.schema, name)
        {
            self.coded_notice(DUPLICATE_TABLE, format!("relation \"{name}\" already exists, skipping"));
            return Ok(());
        }
        let known = self.find_method(method)?;
        let lacks = |what: &str| {
            let message = format!("access method \"{method}\" does not support {what}");
            Err(DatabaseError::new(FEATURE_NOT_SUPPORTED, message))
        };
        if *unique && !known.unique {
            return lacks("unique indexes");
        }
        if elements.len() > 1 && !known.several {
            return lacks("multicolumn indexes");
        }
        if !include.is_empty() && !known.include {
            return lacks("included columns");
        }
        let oid = self.catalog.allocate();
        let mut index = Index {
            oid,
            schema: relation.schema,
            name: String::new(),
            table: relation.oid,
            unique: *unique,
            nulls_not_distinct: *nulls_not_distinct,
            method: known.name.to_owned(),
            elements: Vec::new(),
            include: Vec::new(),
            filter: None,
            constraint: None,
            comment: None,
        };
        let mut names = Vec::new();
        let mut depends = Vec::new();
        for element in elements {
            names.push(unique_name(&names, expression_name(&element.expr)));
        }
        for name in include {
            let number = relation.column(name).map(|column| column.number).ok_or_else(|| {
                DatabaseError::new(UNDEFINED_COLUMN, format!("column \"{name}\" does not exist"))
            })?;
            names.push(unique_name(&names, Some(name.clone())));
            index.include.push(number);
        }
        index.name = match name {
            Some(name) => {
                self.require_free_relation(relation.schema, name)?;
                name.clone()
            }
            None => self.choose_index_name(&relation, &names, false, false),
        };
        if let Some(filter) = filter {
            let scope = Scope::Relation(&relation);
            let analyzed = self.analyze(filter, ExpressionKind::IndexPredicate, scope, None)?;
            if analyzed.volatility != Volatility::Immutable {
                let message = "functions in index predicate must be marked IMMUTABLE";
                return Err(DatabaseError::new(INVALID_OBJECT_DEFINITION, message));
            }
            depends.extend(analyzed.depends_with_columns(relation.oid));
            index.filter = Some(analyzed.sql);
        }
        super::storage_parameter::check_index(known.name, storage)?;
        for element in elements {
            let element = self.index_element(&relation, element, known, &mut depends)?;
            index.elements.push(element);
        }
        if !matches!(known.name, "btree" | "hash") {
            self.without_effect(format!("index {} ({})", index.name, known.name));
        }
        if !storage.is_empty() {
            self.without_effect("storage parameters");
        }
        self.depend(ObjectRef::Index(oid), depends);
        self.catalog.put_index(index);
        self.change(PhysicalChange::CreateIndex { index: oid });
        Ok(())
    }

    fn index_element(
        &mut self,
        relation: &Relation,
        element: &ast::IndexElement,
        method: &Method,
        depends: &mut Vec<ObjectRef>,
    ) -> Result<IndexElement> {
        let ast::IndexElement { expr, collation, operator_class, descending, nulls_first } = element;
        let column = match &expr.kind {
            ExprKind::Column(parts) if parts.len() == 1 => Some(&parts[0]),
            _ => None,
        };
        let (key, type_ref) = match column {
            Some(name) => {
                let column = relation.column(name).ok_or_else(|| {
                    DatabaseError::new(UNDEFINED_COLUMN, format!("column \"{name}\" does not exist"))
                })?;
                (IndexKey::Column(column.number), column.type_ref)
            }
            None => {
                let scope = Scope::Relation(relation);
                let analyzed = self.analyze(expr, ExpressionKind::IndexExpression, scope, None)?;
                if analyzed.volatility != Volatility::Immutable {
                    let message = "functions in index expression must be marked IMMUTABLE";
                    return Err(DatabaseError::new(INVALID_OBJECT_DEFINITION, message));
                }
                depends.extend(analyzed.depends_with_columns(relation.oid));
                let type_oid = analyzed.type_ref.oid;
                if let Some(row) = builtins().type_by_oid(type_oid).filter(|row| row.is_pseudo()) {
                    let column = expression_name(expr).unwrap_or_else(|| "expr".to_owned());
                    return Err(DatabaseError::new(
                        sqlstate::INVALID_TABLE_DEFINITION,
                        format!("column \"{column}\" has pseudo-type {}", row.name),
                    ));
                }
                (IndexKey::Expression(analyzed.sql), analyzed.type_ref)
            }
        };
        let type_oid = type_ref.oid;
        let collation = match collation {
            Some(collation) => self.known_collation(collation, type_oid).map_err(super::context::unplaced)?,
            None => None,
        };
        if !method.ordered && (*descending || nulls_first.is_some()) {
            let what = if *descending { "ASC/DESC options" } else { "NULLS FIRST/LAST options" };
            let message = format!("access method \"{}\" does not support {what}", method.name);
            return Err(DatabaseError::new(FEATURE_NOT_SUPPORTED, message));
        }
        let operator_class = match operator_class {
            Some(class) => {
                let class = self.operator_class(class, method)?;
                self.require_fitting_class(&class, type_oid, method)?;
                Some(class)
            }
            None if matches!(expr.kind, ExprKind::String(_) | ExprKind::Null) => {
                return Err(no_operator_class("unknown", method.name));
            }
            None => {
                self.require_default_class(type_oid, method)?;
                None
            }
        };
        if method.extension == Some("vector") {
            self.require_dimensions(type_ref, method)?;
        }
        Ok(IndexElement {
            key,
            descending: *descending,
            nulls_first: nulls_first.unwrap_or(*descending),
            collation,
            operator_class,
        })
    }

    fn operator_class(&self, class: &ast::Name, method: &Method) -> Result<String> {
        let name = class.parts.last().map_or("", String::as_str);
        let of_extension = |extension: &str| self.catalog.extension_schema(extension).is_some();
        let known = match name {
            "gin_trgm_ops" | "gist_trgm_ops" if !of_extension("pg_trgm") => false,
            "citext_ops" | "citext_pattern_ops" if !of_extension("citext") => false,
            "vector_ops" if !of_extension("vector") => false,
            _ => builtins().is_operator_class(name, method.name),
        };
        match known {
            true => Ok(name.to_owned()),
            false => Err(DatabaseError::new(
                UNDEFINED_OBJECT,
                format!(
                    "operator class \"{}\" does not exist for access method \"{}\"",
                    class.parts.join("."),
                    method.name
                ),
            )),
        }
    }

    /// A class of pgvector takes the type in its name.
    fn require_fitting_class(&self, class: &str, type_oid: Oid, method: &Method) -> Result<()> {
        let Some((taken, _)) = class.split_once('_').filter(|_| {
            method.extension == Some("vector")
                || matches!(class, "vector_ops" | "halfvec_ops" | "sparsevec_ops")
        }) else {
            return Ok(());
        };
        let base = self.catalog.base_type(crate::TypeRef { oid: type_oid, modifier: -1 }).oid;
        if self.catalog.type_entry(base).is_some_and(|entry| entry.name() == taken) {
            return Ok(());
        }
        let message = format!(
            "operator class \"{class}\" does not accept data type {}",
            self.catalog.format_type_oid(self.path(), type_oid)
        );
        Err(DatabaseError::new(sqlstate::DATATYPE_MISMATCH, message))
    }

    /// An index of pgvector wants to know the dimensions, and takes so many.
    fn require_dimensions(&self, type_ref: crate::TypeRef, method: &Method) -> Result<()> {
        let base = self.catalog.base_type(type_ref);
        let most = if base.oid == oid::VECTOR { 2000 } else { 64_000 };
        match base.modifier {
            ..0 => {
                Err(DatabaseError::new(sqlstate::INVALID_PARAMETER_VALUE, "column does not have dimensions"))
            }
            dimensions if dimensions > most => Err(DatabaseError::new(
                sqlstate::PROGRAM_LIMIT_EXCEEDED,
                format!("column cannot have more than {most} dimensions for {} index", method.name),
            )),
            _ => Ok(()),
        }
    }

    fn require_default_class(&self, type_oid: Oid, method: &Method) -> Result<()> {
        let base = self.catalog.base_type(crate::TypeRef { oid: type_oid, modifier: -1 }).oid;
        let array = self.catalog.element_type(base).is_some();
        let known = match method.name {
            "gin" => array || matches!(base, oid::JSONB | oid::TSVECTOR),
            "gist" => matches!(base, oid::TSVECTOR | oid::TSQUERY),
            "ivfflat" => base == oid::VECTOR,
            "hnsw" => false,
            // vector has no operator class for them.
            "hash" | "brin" if base == oid::VECTOR => false,
            "spgist" => matches!(base, oid::TEXT | oid::VARCHAR | oid::INET | oid::CIDR),
            "brin" => {
                !array
                    && !matches!(base, oid::JSON | oid::JSONB | oid::BOOL)
                    && has_btree_order(&self.catalog, base)
            }
            _ => has_btree_order(&self.catalog, base),
        };
        match known {
            true => Ok(()),
            false => {
                Err(no_operator_class(&self.catalog.format_type_oid(self.path(), type_oid), method.name))
            }
        }
    }

    /// The name of an index without one: ChooseIndexName.
    pub(super) fn choose_index_name(
        &self,
        relation: &Relation,
        columns: &[String],
        primary: bool,
        constraint: bool,
    ) -> String {
        let (schema, table) = (relation.schema, relation.name.as_str());
        if primary {
            return self.choose_relation_name(schema, table, None, "pkey", true);
        }
        let columns = addition(columns.iter().map(String::as_str));
        let label = if constraint { "key" } else { "idx" };
        self.choose_relation_name(schema, table, Some(&columns), label, constraint)
    }

    fn find_method(&self, name: &str) -> Result<&'static Method> {
        let there = |method: &&Method| {
            method.extension.is_none_or(|extension| self.catalog.extension_schema(extension).is_some())
        };
        if let Some(method) = METHODS.iter().find(|method| method.name == name).filter(there) {
            return Ok(method);
        }
        match name {
            "rum" | "bloom" => {
                Err(DatabaseError::unsupported(format_args!("an index with access method {name}")))
            }
            _ => {
                let message = format!("access method \"{name}\" does not exist");
                Err(DatabaseError::new(UNDEFINED_OBJECT, message))
            }
        }
    }

    /// The names of an index's columns as pg_attribute has them, as far as they follow from the table.
    pub(super) fn index_column_names(&self, relation: &Relation, index: &Index) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        let of = |number| relation.column_number(number).map(|column: &crate::Column| column.name.clone());
        for element in &index.elements {
            let name = match &element.key {
                IndexKey::Column(number) => of(*number),
                IndexKey::Expression(_) => None,
            };
            names.push(unique_name(&names, name));
        }
        for number in &index.include {
            names.push(unique_name(&names, of(*number)));
        }
        names
    }
}

/// A column name for an index that no other column of it has: ChooseIndexColumnNames.
fn unique_name(names: &[String], name: Option<String>) -> String {
    let name = name.unwrap_or_else(|| "expr".to_owned());
    let mut candidate = name.clone();
    let mut pass = 0;
    while names.contains(&candidate) {
        pass += 1;
        let number = pass.to_string();
        candidate = format!("{}{number}", super::naming::clip(&name, 63 - number.len()));
    }
    candidate
}
