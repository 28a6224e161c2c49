//! CREATE VIEW.

use super::context::{Ddl, wrong_kind};
use super::temporary::Asked;
use super::{AnalyzedQuery, QueryColumn};
use crate::{Column, DefaultObject, ObjectRef, Oid, Relation, RelationKind, View};
use datum::oid;
use sqlstate::{
    DUPLICATE_TABLE, DatabaseError, FEATURE_NOT_SUPPORTED, INVALID_PARAMETER_VALUE, INVALID_TABLE_DEFINITION,
    Result, SYNTAX_ERROR,
};
use std::sync::Arc;
use syntax::ast::{
    CreateView, Cte, Expr, ExprKind, Ident, Name, QueryBody, RelationName, Select, SelectCore, Statement,
    TableRef, Target, With,
};

impl Ddl<'_> {
    pub(super) fn create_view(&mut self, statement: &CreateView) -> Result<()> {
        let CreateView { or_replace, temporary, recursive, name, columns, options, query, check_option } =
            statement;
        if let QueryBody::Select(core) = &query.body
            && core.into.is_some()
        {
            return Err(DatabaseError::new(FEATURE_NOT_SUPPORTED, "views must not contain SELECT INTO"));
        }
        let walk = recursive.then(|| recursive_query(name, columns, query));
        let query = walk.as_ref().unwrap_or(query);
        let mut analyzed = self.session.analyzer.query(&self.catalog, &self.session, query)?;
        if columns.len() > analyzed.columns.len() {
            let message = "CREATE VIEW specifies more column names than columns";
            return Err(DatabaseError::new(SYNTAX_ERROR, message));
        }
        for (column, name) in analyzed.columns.iter_mut().zip(columns) {
            column.name.clone_from(name);
        }
        let mut view = self.view_row(&analyzed, *check_option)?;
        self.read_view_options(&mut view, options)?;
        // Whether a view below can be written is not asked.
        if view.check_option.is_some()
            && let Some(why) = analyzed.not_updatable
        {
            let message = "WITH CHECK OPTION is supported only on automatically updatable views";
            return Err(DatabaseError::new(FEATURE_NOT_SUPPORTED, message).with_hint(why));
        }
        let mut asked = if *temporary { Asked::Temporary } else { Asked::Permanent };
        if asked == Asked::Permanent && self.names_temporary(&analyzed.depends) {
            asked = Asked::Temporary;
            let name = name.parts.last().map_or("", String::as_str);
            self.notice(format!("view \"{name}\" will be a temporary view"));
        }
        let (schema, view_name, persistence) = self.relation_place(name, asked)?;
        if !self.relation_exists(schema, view_name) {
            let mut relation = self.blank_relation(schema, view_name, RelationKind::View);
            for column in &analyzed.columns {
                self.add_view_column(&mut relation, column)?;
            }
            relation.view = Some(view);
            relation.persistence = persistence;
            relation.options = options.clone();
            let oid = self.put_new_relation(relation, DefaultObject::Tables)?;
            self.depend(ObjectRef::Relation(oid), analyzed.depends);
            return Ok(());
        }
        if !or_replace {
            let message = format!("relation \"{view_name}\" already exists");
            return Err(DatabaseError::new(DUPLICATE_TABLE, message));
        }
        match self.catalog.relation(schema, view_name).cloned() {
            Some(old) if old.kind == RelationKind::View => {
                let options = options.clone();
                self.replace_view(&old, analyzed, view, options)
            }
            _ => Err(wrong_kind(view_name, "a view")),
        }
    }

    fn replace_view(
        &mut self,
        old: &Arc<Relation>,
        analyzed: AnalyzedQuery,
        view: View,
        options: Vec<(Ident, Option<String>)>,
    ) -> Result<()> {
        self.require_relation_owner(old)?;
        let fail = |message: String| DatabaseError::new(INVALID_TABLE_DEFINITION, message);
        if analyzed.columns.len() < old.columns.len() {
            return Err(fail("cannot drop columns from view".to_owned()));
        }
        let mut relation = (**old).clone();
        for (column, new) in old.columns.iter().zip(&analyzed.columns) {
            if column.name != new.name {
                let message =
                    format!("cannot change name of view column \"{}\" to \"{}\"", column.name, new.name);
                return Err(fail(message).with_hint(
                    "Use ALTER VIEW ... RENAME COLUMN ... to change name of view column instead.",
                ));
            }
            if column.type_ref != new.type_ref {
                let types = |type_ref| self.catalog.format_type(self.path(), type_ref);
                return Err(fail(format!(
                    "cannot change data type of view column \"{}\" from {} to {}",
                    column.name,
                    types(column.type_ref),
                    types(new.type_ref)
                )));
            }
        }
        for new in analyzed.columns.iter().skip(old.columns.len()) {
            self.add_view_column(&mut relation, new)?;
        }
        relation.view = Some(view);
        relation.options = options;
        let oid = relation.oid;
        self.catalog.put_relation(relation);
        self.depend(ObjectRef::Relation(oid), analyzed.depends);
        Ok(())
    }

    pub(super) fn add_view_column(&self, relation: &mut Relation, column: &QueryColumn) -> Result<()> {
        let mut type_ref = column.type_ref;
        if type_ref.oid == oid::UNKNOWN {
            type_ref.oid = oid::TEXT;
        }
        self.add_plain_column(relation, &column.name, type_ref)?;
        if let Some(TypePseudo(name)) = self.pseudo(type_ref.oid) {
            return Err(DatabaseError::new(
                INVALID_TABLE_DEFINITION,
                format!("column \"{}\" has pseudo-type {name}", column.name),
            ));
        }
        Ok(())
    }

    fn pseudo(&self, type_oid: Oid) -> Option<TypePseudo> {
        let row = crate::builtin::builtins().type_by_oid(type_oid)?;
        row.is_pseudo().then_some(TypePseudo(row.name))
    }

    pub(super) fn view_row(&self, analyzed: &AnalyzedQuery, check_option: Option<bool>) -> Result<View> {
        let origins = analyzed.columns.iter().map(|column| self.base_origin(column.origin?));
        Ok(View {
            query: analyzed.sql.clone(),
            security_invoker: false,
            security_barrier: false,
            check_option,
            origins: origins.collect(),
            insertable: analyzed.insertable,
            updatable: analyzed.updatable,
            deletable: analyzed.deletable,
        })
    }

    /// The base table's column that a relation's column shows: through views, down to a table.
    fn base_origin(&self, origin: (Oid, crate::ColumnNumber)) -> Option<(Oid, crate::ColumnNumber)> {
        let relation = self.catalog.relations.get(&origin.0)?;
        let Some(view) = &relation.view else { return Some(origin) };
        let at = relation.columns.iter().position(|column: &Column| column.number == origin.1)?;
        *view.origins.get(at)?
    }

    fn read_view_options(&self, view: &mut View, options: &[(Ident, Option<String>)]) -> Result<()> {
        for (name, value) in options {
            let flag = || match value.as_deref() {
                None | Some("true" | "on" | "1" | "yes") => Ok(true),
                Some("false" | "off" | "0" | "no") => Ok(false),
                Some(other) => Err(DatabaseError::new(
                    INVALID_PARAMETER_VALUE,
                    format!("invalid value for boolean option \"{name}\": {other}"),
                )),
            };
            match name.as_str() {
                "security_invoker" => view.security_invoker = flag()?,
                "security_barrier" => view.security_barrier = flag()?,
                "check_option" => {
                    view.check_option = match value.as_deref() {
                        Some("local") => Some(false),
                        Some("cascaded") => Some(true),
                        other => {
                            let other = other.unwrap_or("");
                            return Err(DatabaseError::new(
                                INVALID_PARAMETER_VALUE,
                                format!("invalid value for enum option \"check_option\": {other}"),
                            )
                            .with_detail("Valid values are \"local\" and \"cascaded\"."));
                        }
                    }
                }
                _ => {
                    return Err(DatabaseError::new(
                        INVALID_PARAMETER_VALUE,
                        format!("unrecognized parameter \"{name}\""),
                    ));
                }
            }
        }
        Ok(())
    }

    /// ALTER VIEW … SET (…) and RESET.
    pub(super) fn set_view_options(
        &mut self,
        relation: &Relation,
        options: &[(Ident, Option<String>)],
    ) -> Result<()> {
        let Some(mut view) = relation.view.clone() else { return Ok(()) };
        self.read_view_options(&mut view, options)?;
        self.update_relation(relation.oid, |relation| {
            for (name, value) in options {
                relation.options.retain(|(other, _)| other != name);
                relation.options.push((name.clone(), value.clone()));
            }
            relation.view = Some(view);
        })
    }
}

impl Ddl<'_> {
    /// ALTER VIEW … RESET.
    pub(super) fn reset_view_options(&mut self, relation: &Relation, names: &[Ident]) -> Result<()> {
        let Some(mut view) = relation.view.clone() else { return Ok(()) };
        for name in names {
            match name.as_str() {
                "security_invoker" => view.security_invoker = false,
                "security_barrier" => view.security_barrier = false,
                "check_option" => view.check_option = None,
                _ => {}
            }
        }
        self.update_relation(relation.oid, |relation| {
            relation.options.retain(|(other, _)| !names.contains(other));
            relation.view = Some(view);
        })
    }
}

struct TypePseudo(&'static str);

/// What CREATE RECURSIVE VIEW stands for: `WITH RECURSIVE v(columns) AS (query) SELECT columns FROM v`.
fn recursive_query(name: &Name, columns: &[Ident], query: &Select) -> Select {
    let view = name.parts.last().cloned().unwrap_or_default();
    let position = query.position;
    let column = |column: &Ident| Target {
        expr: Expr { kind: ExprKind::Column(vec![column.clone()]), position },
        alias: None,
    };
    let core = SelectCore {
        distinct: None,
        targets: columns.iter().map(column).collect(),
        into: None,
        from: vec![TableRef::Relation {
            name: RelationName { name: Name { parts: vec![view.clone()], position }, only: false },
            alias: None,
            sample: false,
        }],
        filter: None,
        group_by: Vec::new(),
        group_distinct: false,
        having: None,
        windows: Vec::new(),
    };
    let cte = Cte {
        name: view,
        columns: columns.to_vec(),
        materialized: None,
        statement: Statement::Select(Box::new(query.clone())),
        search: None,
        cycle: None,
        position,
    };
    Select {
        with: Some(With { recursive: true, ctes: vec![cte] }),
        body: QueryBody::Select(Box::new(core)),
        order_by: Vec::new(),
        limit: None,
        with_ties: false,
        offset: None,
        locking: Vec::new(),
        position,
    }
}
