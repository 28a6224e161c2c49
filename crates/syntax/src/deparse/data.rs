//! Data modification.

use super::Writer;
use crate::ast::{
    Assignment, ColumnTarget, ConflictTarget, Delete, IndexElement, Indirection, Insert, Merge, MergeAction,
    OnConflict, Statement, Target, Update,
};

impl Writer {
    pub(super) fn statement(&mut self, statement: &Statement) {
        match statement {
            Statement::Select(select) => self.select(select),
            Statement::Insert(insert) => self.insert(insert),
            Statement::Update(update) => self.update(update),
            Statement::Delete(delete) => self.delete(delete),
            Statement::Merge(merge) => self.merge(merge),
            Statement::Call(call) => {
                self.push("CALL ");
                self.call(call);
            }
            Statement::Explain { options, statement } => {
                self.push("EXPLAIN ");
                if !options.is_empty() {
                    self.parenthesized(options, |out, (name, value)| {
                        out.ident(name);
                        if let Some(value) = value {
                            out.push(" ");
                            out.push(&crate::quote_literal(value));
                        }
                    });
                    self.push(" ");
                }
                self.statement(statement);
            }
            _ => {}
        }
    }

    fn insert(&mut self, insert: &Insert) {
        if let Some(with) = &insert.with {
            self.with(with);
        }
        self.push("INSERT INTO ");
        self.name(&insert.table);
        if let Some(alias) = &insert.alias {
            self.push(" AS ");
            self.ident(alias);
        }
        if !insert.columns.is_empty() {
            self.push(" ");
            self.parenthesized(&insert.columns, Self::column_target);
        }
        self.overriding(insert.overriding_system);
        match &insert.source {
            Some(source) => {
                self.push(" ");
                self.select(source);
            }
            None => self.push(" DEFAULT VALUES"),
        }
        if let Some(conflict) = &insert.on_conflict {
            self.on_conflict(conflict);
        }
        self.returning(&insert.returning);
    }

    fn column_target(&mut self, target: &ColumnTarget) {
        self.ident(&target.name);
        for step in &target.indirection {
            match step {
                Indirection::Field(name) => {
                    self.push(".");
                    self.ident(name);
                }
                Indirection::Subscript(subscript) => self.subscript(subscript),
            }
        }
    }

    fn on_conflict(&mut self, conflict: &OnConflict) {
        self.push(" ON CONFLICT");
        match &conflict.target {
            Some(ConflictTarget::Index { elements, filter }) => {
                self.push(" ");
                self.parenthesized(elements, Self::index_element);
                self.clause(" WHERE ", filter.as_ref());
            }
            Some(ConflictTarget::Constraint(name)) => {
                self.push(" ON CONSTRAINT ");
                self.ident(name);
            }
            None => {}
        }
        match &conflict.update {
            Some(update) => {
                self.push(" DO UPDATE SET ");
                self.list(&update.assignments, Self::assignment);
                self.clause(" WHERE ", update.filter.as_ref());
            }
            None => self.push(" DO NOTHING"),
        }
    }

    pub(super) fn index_element(&mut self, element: &IndexElement) {
        match &element.expr.kind {
            crate::ast::ExprKind::Column(parts) if parts.len() == 1 => self.parts(parts),
            _ => {
                self.push("(");
                self.expression(&element.expr);
                self.push(")");
            }
        }
        if let Some(collation) = &element.collation {
            self.push(" COLLATE ");
            self.name(collation);
        }
        if let Some(class) = &element.operator_class {
            self.push(" ");
            self.name(class);
        }
        self.direction(element.descending, element.nulls_first);
    }

    fn assignment(&mut self, assignment: &Assignment) {
        match assignment {
            Assignment::Column(target, value) => {
                self.column_target(target);
                self.push(" = ");
                self.expression(value);
            }
            Assignment::Row(targets, value) => {
                self.parenthesized(targets, Self::column_target);
                self.push(" = ");
                self.expression(value);
            }
        }
    }

    fn update(&mut self, update: &Update) {
        if let Some(with) = &update.with {
            self.with(with);
        }
        self.push("UPDATE ");
        self.relation(&update.table);
        if let Some(alias) = &update.alias {
            self.push(" AS ");
            self.ident(alias);
        }
        self.push(" SET ");
        self.list(&update.assignments, Self::assignment);
        if !update.from.is_empty() {
            self.push(" FROM ");
            self.list(&update.from, |out, table| out.table_ref(table));
        }
        self.clause(" WHERE ", update.filter.as_ref());
        self.returning(&update.returning);
    }

    fn delete(&mut self, delete: &Delete) {
        if let Some(with) = &delete.with {
            self.with(with);
        }
        self.push("DELETE FROM ");
        self.relation(&delete.table);
        if let Some(alias) = &delete.alias {
            self.push(" AS ");
            self.ident(alias);
        }
        if !delete.using.is_empty() {
            self.push(" USING ");
            self.list(&delete.using, |out, table| out.table_ref(table));
        }
        self.clause(" WHERE ", delete.filter.as_ref());
        self.returning(&delete.returning);
    }

    fn merge(&mut self, merge: &Merge) {
        if let Some(with) = &merge.with {
            self.with(with);
        }
        self.push("MERGE INTO ");
        self.relation(&merge.table);
        if let Some(alias) = &merge.alias {
            self.push(" AS ");
            self.ident(alias);
        }
        self.push(" USING ");
        self.table_ref(&merge.source);
        self.clause(" ON ", Some(&merge.condition));
        for clause in &merge.clauses {
            self.push(if clause.matched { " WHEN MATCHED" } else { " WHEN NOT MATCHED" });
            self.clause(" AND ", clause.condition.as_ref());
            self.push(" THEN ");
            match &clause.action {
                MergeAction::Nothing => self.push("DO NOTHING"),
                MergeAction::Delete => self.push("DELETE"),
                MergeAction::Update(assignments) => {
                    self.push("UPDATE SET ");
                    self.list(assignments, Self::assignment);
                }
                MergeAction::Insert { columns, overriding_system, values } => {
                    self.push("INSERT");
                    if !columns.is_empty() {
                        self.push(" ");
                        self.parenthesized(columns, Self::column_target);
                    }
                    self.overriding(*overriding_system);
                    match values {
                        Some(values) => {
                            self.push(" VALUES ");
                            self.parenthesized(values, Self::expression);
                        }
                        None => self.push(" DEFAULT VALUES"),
                    }
                }
            }
        }
    }

    fn overriding(&mut self, system: Option<bool>) {
        match system {
            Some(true) => self.push(" OVERRIDING SYSTEM VALUE"),
            Some(false) => self.push(" OVERRIDING USER VALUE"),
            None => {}
        }
    }

    fn returning(&mut self, targets: &[Target]) {
        if !targets.is_empty() {
            self.push(" RETURNING ");
            self.targets(targets);
        }
    }
}
