//! Stored SQL after a rename: the texts that name the object get its new name.
//!
//! A renamed relation keeps its old name as an alias where it stood in FROM, so that nothing else in the query changes; a
//! renamed column keeps its old name as the name of an output column. What cannot be decided by the text is refused.

use super::context::Ddl;
use crate::{Catalog, ColumnNumber, ConstraintKind, IndexKey, ObjectRef, Oid, Sql, TypeKind};
use sqlstate::{DatabaseError, Result};
use syntax::ast::{
    Alias, Expr, ExprKind, JoinCondition, Name, QueryBody, RelationName, Select, TableRef, TypeName,
};
use syntax::visit::{
    VisitMut, walk_cte_mut, walk_expr_mut, walk_select_mut, walk_table_ref_mut, walk_type_name_mut,
};

/// A schema and a name in it.
type Place = (String, String);

/// What has another name now.
#[derive(Clone, Debug)]
enum Renaming {
    Relation {
        old: Place,
        new: Place,
    },
    Column {
        relation: Oid,
        old: String,
        new: String,
    },
    Function {
        old: Place,
        new: Place,
    },
    Type {
        old: Place,
        new: Place,
    },
    /// An enum's label: a text that has it is refused, since `'x'` alone does not say whose it is.
    Label {
        old: String,
    },
}

impl Ddl<'_> {
    /// Gives the SQL of `user` the new name of `object`; `before` is the catalog before the rename.
    pub(super) fn rewrite_names(
        &mut self,
        before: &Catalog,
        user: ObjectRef,
        object: ObjectRef,
    ) -> Result<()> {
        let path = self.path().clone();
        let refuse = || {
            let (user, object) = (before.describe(&path, user), before.describe(&path, object));
            DatabaseError::unsupported(format_args!("renaming {object}, which {user} uses,"))
        };
        let renamings = renamings(before, &self.catalog, object).ok_or_else(refuse)?;
        for renaming in renamings {
            let mut catalog = self.catalog.clone();
            let done = rewrite_user(&mut catalog, before, user, &renaming)?;
            if !done {
                return Err(refuse());
            }
            self.catalog = catalog;
        }
        Ok(())
    }
}

impl Ddl<'_> {
    /// Refuses the rename of a label that stored SQL writes: a default, a policy, a check, a view.
    pub(super) fn require_label_unused(&self, enum_type: Oid, label: &str) -> Result<()> {
        let renaming = Renaming::Label { old: label.to_owned() };
        let named = ObjectRef::Type(enum_type);
        for (user, _) in self.catalog.dependencies.iter().filter(|(_, uses)| uses.contains(&named)) {
            if !rewrite_user(&mut self.catalog.clone(), &self.catalog, *user, &renaming)? {
                let user = self.catalog.describe(self.path(), *user);
                return Err(DatabaseError::unsupported(format_args!("renaming a label that {user} writes")));
            }
        }
        Ok(())
    }
}

fn place(catalog: &Catalog, schema: Oid, name: &str) -> Option<Place> {
    Some((catalog.schemas.get(&schema)?.name.clone(), name.to_owned()))
}

/// What changed for the object; `None` when texts cannot tell it from others.
fn renamings(before: &Catalog, after: &Catalog, object: ObjectRef) -> Option<Vec<Renaming>> {
    Some(match object {
        ObjectRef::Relation(oid) => {
            let (old, new) = (before.relations.get(&oid)?, after.relations.get(&oid)?);
            let old = place(before, old.schema, &old.name)?;
            let new = place(after, new.schema, &new.name)?;
            let row_type = Renaming::Type { old: old.clone(), new: new.clone() };
            vec![Renaming::Relation { old, new }, row_type]
        }
        ObjectRef::Column(relation, number) => {
            let name = |catalog: &Catalog, number: ColumnNumber| {
                Some(catalog.relations.get(&relation)?.column_number(number)?.name.clone())
            };
            vec![Renaming::Column { relation, old: name(before, number)?, new: name(after, number)? }]
        }
        ObjectRef::Function(oid) => {
            let (old, new) = (before.functions.get(&oid)?, after.functions.get(&oid)?);
            if before.functions_in(old.schema, &old.name).count() > 1 {
                return None;
            }
            vec![Renaming::Function {
                old: place(before, old.schema, &old.name)?,
                new: place(after, new.schema, &new.name)?,
            }]
        }
        ObjectRef::Type(oid) => {
            let (old, new) = (before.types.get(&oid)?, after.types.get(&oid)?);
            vec![Renaming::Type {
                old: place(before, old.schema, &old.name)?,
                new: place(after, new.schema, &new.name)?,
            }]
        }
        ObjectRef::Default(..)
        | ObjectRef::Constraint(_)
        | ObjectRef::Policy(_)
        | ObjectRef::Trigger(_)
        | ObjectRef::Index(_) => return None,
    })
}

/// Rewrites the texts of one object. False when one of them could not be.
fn rewrite_user(
    catalog: &mut Catalog,
    before: &Catalog,
    user: ObjectRef,
    renaming: &Renaming,
) -> Result<bool> {
    let table = match user {
        ObjectRef::Default(oid, _) => Some(oid),
        ObjectRef::Constraint(oid) => before.constraint_by_oid(oid).map(|(relation, _)| relation.oid),
        ObjectRef::Policy(oid) => before.policy_by_oid(oid).map(|(relation, _)| relation.oid),
        ObjectRef::Trigger(oid) => before.trigger_by_oid(oid).map(|(relation, _)| relation.oid),
        ObjectRef::Index(oid) => before.indexes.get(&oid).map(|index| index.table),
        ObjectRef::Relation(_) | ObjectRef::Column(..) | ObjectRef::Type(_) | ObjectRef::Function(_) => None,
    };
    let base = match (user, table) {
        (ObjectRef::Trigger(_), Some(oid)) => vec![Binding::of("old", oid), Binding::of("new", oid)],
        (_, Some(oid)) => {
            let name = before.relations.get(&oid).map_or("", |relation| relation.name.as_str());
            vec![Binding::of(name, oid)]
        }
        (_, None) => Vec::new(),
    };
    let mut renamer = Renamer { before, renaming, base, scopes: Vec::new(), refused: false };
    let relation = |catalog: &Catalog, oid: Oid| catalog.relations.get(&oid).map(|row| (**row).clone());
    match user {
        ObjectRef::Relation(oid) => {
            if let Some(mut row) = relation(catalog, oid)
                && let Some(view) = &mut row.view
            {
                renamer.query(&mut view.query)?;
                catalog.put_relation(row);
            }
        }
        ObjectRef::Column(..) => return Ok(false),
        ObjectRef::Default(oid, number) => {
            if let Some(mut row) = relation(catalog, oid) {
                for column in row.columns.iter_mut().filter(|column| column.number == number) {
                    renamer.optional(&mut column.default)?;
                }
                catalog.put_relation(row);
            }
        }
        ObjectRef::Constraint(oid) => {
            if let Some(mut row) = table.and_then(|oid| relation(catalog, oid)) {
                for constraint in row.constraints.iter_mut().filter(|row| row.oid == oid) {
                    if let ConstraintKind::Check { expression, .. } = &mut constraint.kind {
                        renamer.expression(expression)?;
                    }
                }
                catalog.put_relation(row);
            }
        }
        ObjectRef::Policy(oid) => {
            if let Some(mut row) = table.and_then(|oid| relation(catalog, oid)) {
                for policy in row.policies.iter_mut().filter(|row| row.oid == oid) {
                    renamer.optional(&mut policy.using)?;
                    renamer.optional(&mut policy.check)?;
                }
                catalog.put_relation(row);
            }
        }
        ObjectRef::Trigger(oid) => {
            if let Some(mut row) = table.and_then(|oid| relation(catalog, oid)) {
                for trigger in row.triggers.iter_mut().filter(|row| row.oid == oid) {
                    renamer.optional(&mut trigger.when)?;
                }
                catalog.put_relation(row);
            }
        }
        ObjectRef::Index(oid) => {
            if let Some(mut row) = catalog.indexes.get(&oid).map(|row| (**row).clone()) {
                renamer.optional(&mut row.filter)?;
                for element in &mut row.elements {
                    if let IndexKey::Expression(sql) = &mut element.key {
                        renamer.expression(sql)?;
                    }
                }
                catalog.put_index(row);
            }
        }
        ObjectRef::Type(oid) => {
            if let Some(mut row) = catalog.types.get(&oid).map(|row| (**row).clone()) {
                if let TypeKind::Domain { default, checks, .. } = &mut row.kind {
                    renamer.optional(default)?;
                    for check in checks {
                        renamer.expression(&mut check.expression)?;
                    }
                }
                catalog.put_type(row);
            }
        }
        ObjectRef::Function(oid) => {
            if let Some(mut row) = catalog.functions.get(&oid).map(|row| (**row).clone()) {
                for parameter in &mut row.parameters {
                    renamer.optional(&mut parameter.default)?;
                }
                catalog.put_function(row);
            }
        }
    }
    Ok(!renamer.refused)
}

/// A name that columns can be qualified with.
struct Binding {
    alias: String,
    /// The relation; `None` for a sub-query, a function or a common table expression.
    relation: Option<Oid>,
}

impl Binding {
    fn of(alias: &str, relation: Oid) -> Binding {
        Binding { alias: alias.to_owned(), relation: Some(relation) }
    }
}

struct Renamer<'r> {
    before: &'r Catalog,
    renaming: &'r Renaming,
    /// What the expression sees without a FROM.
    base: Vec<Binding>,
    /// The FROM clauses around, outermost first.
    scopes: Vec<Vec<Binding>>,
    refused: bool,
}

impl Renamer<'_> {
    fn expression(&mut self, sql: &mut Sql) -> Result<()> {
        let mut tree = syntax::parse_expression(sql)?;
        self.expr(&mut tree);
        *sql = syntax::deparse::expression(&tree);
        Ok(())
    }

    fn refuse_label(&mut self, text: &str) {
        if let Renaming::Label { old } = self.renaming {
            self.refused |= text == old;
        }
    }

    fn optional(&mut self, sql: &mut Option<Sql>) -> Result<()> {
        match sql {
            Some(sql) => self.expression(sql),
            None => Ok(()),
        }
    }

    fn query(&mut self, sql: &mut Sql) -> Result<()> {
        let mut tree = syntax::parse_select(sql)?;
        self.select(&mut tree);
        *sql = syntax::deparse::select(&tree);
        Ok(())
    }

    fn bind(&self, table: &TableRef, out: &mut Vec<Binding>) {
        match table {
            TableRef::Relation { name, alias, sample: _ } => {
                let relation = match name.name.parts.as_slice() {
                    [schema, name] => self.before.relation_named(schema, name).map(|row| row.oid),
                    _ => None,
                };
                let own = name.name.parts.last().map_or("", String::as_str);
                let alias = alias.as_ref().map_or(own, |alias| alias.name.as_str()).to_owned();
                out.push(Binding { alias, relation });
            }
            TableRef::Subquery { alias, .. } | TableRef::Function { alias, .. } => {
                let alias = alias.as_ref().map_or("", |alias| alias.name.as_str()).to_owned();
                out.push(Binding { alias, relation: None });
            }
            TableRef::Join { left, right, alias, .. } => {
                self.bind(left, out);
                self.bind(right, out);
                if let Some(alias) = alias {
                    out.push(Binding { alias: alias.name.clone(), relation: None });
                }
            }
        }
    }

    fn column(&mut self, parts: &mut [String]) {
        match self.renaming {
            Renaming::Column { relation, old, new } => {
                if self.means_column(parts, *relation, old)
                    && let Some(last) = parts.last_mut()
                {
                    last.clone_from(new);
                }
            }
            Renaming::Relation { old, new } => match parts {
                [qualifier, _] if *qualifier == old.1 => {
                    let shadowed = self.scopes.iter().flatten().any(|binding| binding.alias == *qualifier);
                    if !shadowed && self.base.iter().any(|binding| binding.alias == *qualifier) {
                        qualifier.clone_from(&new.1);
                    }
                }
                [schema, name, _] if (&*schema, &*name) == (&old.0, &old.1) => {
                    schema.clone_from(&new.0);
                    name.clone_from(&new.1);
                }
                _ => {}
            },
            Renaming::Function { .. } | Renaming::Type { .. } | Renaming::Label { .. } => {}
        }
    }

    /// Whether a column reference means the renamed column.
    fn means_column(&mut self, parts: &[String], relation: Oid, old: &str) -> bool {
        if parts.last().map(String::as_str) != Some(old) {
            return false;
        }
        let around = self.scopes.iter().rev().flatten().chain(&self.base);
        match parts {
            [_] => {
                for binding in around {
                    match binding.relation.and_then(|oid| self.before.relations.get(&oid)) {
                        Some(row) if row.column(old).is_some() => return row.oid == relation,
                        Some(_) => {}
                        None => {
                            self.refused = true;
                            return false;
                        }
                    }
                }
                false
            }
            [qualifier, _] => {
                let mut around = around;
                let binding = around.find(|binding| binding.alias == *qualifier);
                binding.is_some_and(|binding| binding.relation == Some(relation))
            }
            [schema, name, _] => {
                self.before.relation_named(schema, name).is_some_and(|row| row.oid == relation)
            }
            _ => {
                self.refused = true;
                false
            }
        }
    }

    /// The text of a regclass, regproc or regtype constant.
    fn constant(&self, type_name: &TypeName, text: &mut String) {
        let kind = type_name.name.parts.last().map_or("", String::as_str);
        let (old, new) = match (self.renaming, kind) {
            (Renaming::Relation { old, new }, "regclass")
            | (Renaming::Function { old, new }, "regproc")
            | (Renaming::Type { old, new }, "regtype") => (old, new),
            _ => return,
        };
        let spell = |place: &Place| {
            format!("{}.{}", syntax::quote_identifier(&place.0), syntax::quote_identifier(&place.1))
        };
        if *text == spell(old) {
            *text = spell(new);
        }
    }
}

fn replace(name: &mut Name, old: &Place, new: &Place) {
    if let [schema, object] = name.parts.as_mut_slice()
        && *schema == old.0
        && *object == old.1
    {
        schema.clone_from(&new.0);
        object.clone_from(&new.1);
    }
}

impl VisitMut for Renamer<'_> {
    fn select(&mut self, select: &mut Select) {
        let mut bindings = Vec::new();
        if let QueryBody::Select(core) = &select.body {
            for table in &core.from {
                self.bind(table, &mut bindings);
            }
        }
        self.scopes.push(bindings);
        let names = |select: &Select| match &select.body {
            QueryBody::Select(core) => {
                let name = |expr: &Expr| match &expr.kind {
                    ExprKind::Column(parts) => parts.last().cloned(),
                    _ => None,
                };
                core.targets.iter().map(|target| name(&target.expr)).collect()
            }
            QueryBody::Values(_) | QueryBody::SetOperation { .. } => Vec::new(),
        };
        let before: Vec<Option<String>> = names(select);
        walk_select_mut(self, select);
        let after = names(select);
        if let QueryBody::Select(core) = &mut select.body {
            for ((target, before), after) in core.targets.iter_mut().zip(before).zip(after) {
                if before != after && target.alias.is_none() {
                    target.alias = before;
                }
            }
        }
        self.scopes.pop();
    }

    fn cte(&mut self, cte: &mut syntax::ast::Cte) {
        walk_cte_mut(self, cte);
    }

    fn table_ref(&mut self, table: &mut TableRef) {
        if let (Renaming::Relation { old, new }, TableRef::Relation { name, alias, .. }) =
            (self.renaming, &mut *table)
            && is_place(name, old)
            && old.1 != new.1
            && alias.is_none()
        {
            *alias = Some(Alias { name: old.1.clone(), columns: Vec::new() });
        }
        if let (Renaming::Column { relation, old, .. }, TableRef::Join { condition, left, right, .. }) =
            (self.renaming, &*table)
        {
            let mut bound = Vec::new();
            self.bind(left, &mut bound);
            self.bind(right, &mut bound);
            let joined = bound.iter().any(|binding| binding.relation == Some(*relation));
            let by_name = match condition {
                JoinCondition::Using(names, _) => names.contains(old),
                JoinCondition::Natural => true,
                JoinCondition::None | JoinCondition::On(_) => false,
            };
            self.refused |= joined && by_name;
        }
        if let (Renaming::Column { relation, .. }, TableRef::Relation { name, alias: Some(alias), .. }) =
            (self.renaming, &*table)
        {
            // Columns' aliases hide the names behind them.
            let of_relation = match name.name.parts.as_slice() {
                [schema, name] => {
                    self.before.relation_named(schema, name).map(|row| row.oid) == Some(*relation)
                }
                _ => false,
            };
            self.refused |= of_relation && !alias.columns.is_empty();
        }
        walk_table_ref_mut(self, table);
    }

    fn expr(&mut self, expr: &mut Expr) {
        match &mut expr.kind {
            ExprKind::Column(parts) => self.column(parts),
            ExprKind::Cast { expr, type_name } => {
                if let ExprKind::String(text) = &mut expr.kind {
                    self.constant(type_name, text);
                }
            }
            ExprKind::TypedLiteral { type_name, text, .. } => {
                self.refuse_label(text);
                self.constant(type_name, text);
            }
            ExprKind::String(text) => self.refuse_label(text),
            ExprKind::Field(_, name) => {
                if let Renaming::Column { old, .. } = self.renaming {
                    self.refused |= name == old;
                }
            }
            _ => {}
        }
        walk_expr_mut(self, expr);
    }

    fn function_name(&mut self, name: &mut Name) {
        if let Renaming::Function { old, new } = self.renaming {
            replace(name, old, new);
        }
    }

    fn relation_name(&mut self, name: &mut Name) {
        if let Renaming::Relation { old, new } = self.renaming {
            replace(name, old, new);
        }
    }

    fn type_name(&mut self, type_name: &mut TypeName) {
        if let Renaming::Type { old, new } = self.renaming {
            replace(&mut type_name.name, old, new);
        }
        walk_type_name_mut(self, type_name);
    }
}

fn is_place(name: &RelationName, place: &Place) -> bool {
    matches!(name.name.parts.as_slice(), [schema, object] if *schema == place.0 && *object == place.1)
}
