//! Whatever SQL the catalog keeps must mean the same to anybody, at any time: it is analysed again, under a search path that
//! reaches nothing.

use catalog::ddl::{Analyzer as _, DdlSession, ExpressionKind, ExpressionRequest, Scope, Target};
use catalog::lookup::SearchPath;
use catalog::{BOOTSTRAP_ROLE, Catalog, ConstraintKind, IndexKey, ObjectRef, Relation, TypeKind, TypeRef};
use compile::Analyzer;
use std::collections::BTreeSet;

/// The stored texts that do not read back, or that name other things than the catalog has noted.
pub(crate) fn unreadable(catalog: &Catalog) -> String {
    let mut reader = Reader { catalog, wrong: String::new() };
    for relation in catalog.relations.values() {
        reader.relation(relation);
    }
    for index in catalog.indexes.values() {
        let Some(table) = catalog.relations.get(&index.table) else { continue };
        let object = ObjectRef::Index(index.oid);
        let scope = Scope::Relation(table);
        let mut named = BTreeSet::new();
        for element in &index.elements {
            if let IndexKey::Expression(sql) = &element.key {
                named.extend(reader.expression(object, sql, ExpressionKind::IndexExpression, scope, None));
            }
        }
        if let Some(sql) = &index.filter {
            named.extend(reader.expression(object, sql, ExpressionKind::IndexPredicate, scope, None));
        }
        reader.compare(object, &named);
    }
    for row in catalog.types.values() {
        if let TypeKind::Domain { base, default, checks, .. } = &row.kind {
            let object = ObjectRef::Type(row.oid);
            let mut named = BTreeSet::new();
            let target = Some((row.name.as_str(), *base));
            if let Some(sql) = default {
                named.extend(reader.expression(
                    object,
                    sql,
                    ExpressionKind::ColumnDefault,
                    Scope::Nothing,
                    target,
                ));
            }
            for check in checks {
                let scope = Scope::Domain(*base);
                named.extend(reader.expression(
                    object,
                    &check.expression,
                    ExpressionKind::DomainCheck,
                    scope,
                    None,
                ));
            }
            reader.compare(object, &named);
        }
    }
    for function in catalog.functions.values() {
        let object = ObjectRef::Function(function.oid);
        for parameter in &function.parameters {
            let target = Some(("", parameter.type_ref));
            if let Some(sql) = &parameter.default {
                reader.expression(object, sql, ExpressionKind::FunctionDefault, Scope::Nothing, target);
            }
        }
    }
    reader.wrong
}

struct Reader<'c> {
    catalog: &'c Catalog,
    wrong: String,
}

impl Reader<'_> {
    fn session(&self) -> DdlSession<'static> {
        DdlSession {
            role: BOOTSTRAP_ROLE,
            session_role: BOOTSTRAP_ROLE,
            search_path: SearchPath::new::<&str>(self.catalog, &[], BOOTSTRAP_ROLE),
            temporary_schema: "pg_temp_3",
            check_function_bodies: true,
            analyzer: &Analyzer,
        }
    }

    fn fail(&mut self, object: ObjectRef, sql: &str, error: impl std::fmt::Display) {
        let session = self.session();
        let object = self.catalog.describe(&session.search_path, object);
        self.wrong.push_str(&format!("  {object}: {error}\n    {sql}\n"));
    }

    fn expression(
        &mut self,
        object: ObjectRef,
        sql: &str,
        kind: ExpressionKind,
        scope: Scope<'_>,
        target: Option<(&str, TypeRef)>,
    ) -> Vec<ObjectRef> {
        let session = self.session();
        let target = target.map(|(name, type_ref)| Target { name, type_ref });
        let found = syntax::parse_expression(sql).and_then(|expr| {
            Analyzer.expression(
                self.catalog,
                &session,
                &ExpressionRequest { expr: &expr, kind, scope, target },
            )
        });
        match found {
            Ok(found) => {
                if found.sql != sql {
                    self.fail(object, sql, format_args!("reads back as {}", found.sql));
                }
                let own = match scope {
                    Scope::Relation(relation) | Scope::Trigger { relation, .. } => relation.oid,
                    Scope::Nothing | Scope::Domain(_) => 0,
                };
                let columns = found.columns.iter().map(|number| ObjectRef::Column(own, *number));
                found.depends.iter().copied().chain(columns).collect()
            }
            Err(error) => {
                self.fail(object, sql, error);
                Vec::new()
            }
        }
    }

    fn compare(&mut self, object: ObjectRef, named: &BTreeSet<ObjectRef>) {
        let noted: BTreeSet<ObjectRef> =
            self.catalog.dependencies.get(&object).into_iter().flat_map(|on| on.iter().copied()).collect();
        if noted != *named {
            self.fail(object, "", format_args!("depends on {noted:?}, names {named:?}"));
        }
    }

    fn relation(&mut self, relation: &Relation) {
        let scope = Scope::Relation(relation);
        for column in &relation.columns {
            let Some(sql) = &column.default else { continue };
            let object = ObjectRef::Default(relation.oid, column.number);
            let target = Some((column.name.as_str(), column.type_ref));
            let named = match column.generated {
                true => self.expression(object, sql, ExpressionKind::GeneratedColumn, scope, target),
                false => self.expression(object, sql, ExpressionKind::ColumnDefault, Scope::Nothing, target),
            };
            self.compare(object, &named.into_iter().collect());
        }
        for constraint in &relation.constraints {
            if let ConstraintKind::Check { expression, .. } = &constraint.kind {
                let object = ObjectRef::Constraint(constraint.oid);
                let named = self.expression(object, expression, ExpressionKind::Check, scope, None);
                self.compare(object, &named.into_iter().collect());
            }
        }
        for policy in &relation.policies {
            let object = ObjectRef::Policy(policy.oid);
            let mut named = BTreeSet::new();
            for sql in policy.using.iter().chain(&policy.check) {
                named.extend(self.expression(object, sql, ExpressionKind::Policy, scope, None));
            }
            self.compare(object, &named);
        }
        for trigger in &relation.triggers {
            let object = ObjectRef::Trigger(trigger.oid);
            let Some(sql) = &trigger.when else { continue };
            let scope = Scope::Trigger { relation, old: !trigger.on_insert, new: !trigger.on_delete };
            let named = self.expression(object, sql, ExpressionKind::TriggerWhen, scope, None);
            self.compare(object, &named.into_iter().collect());
        }
        let Some(view) = &relation.view else { return };
        let object = ObjectRef::Relation(relation.oid);
        let session = self.session();
        let found = syntax::parse_select(&view.query)
            .and_then(|query| Analyzer.query(self.catalog, &session, &query));
        match found {
            Ok(found) => {
                if found.sql != view.query {
                    self.fail(object, &view.query, format_args!("reads back as {}", found.sql));
                }
                self.compare(object, &found.depends.iter().copied().collect());
            }
            Err(error) => self.fail(object, &view.query, error),
        }
    }
}
