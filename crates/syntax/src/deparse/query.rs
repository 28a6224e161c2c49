//! Queries.

use super::Writer;
use crate::ast::{
    Alias, Cte, Distinct, GroupBy, JoinCondition, JoinKind, LockWait, Locking, QueryBody, RelationName,
    Select, SelectCore, SetOperator, TableFunction, TableRef, Target, With,
};

impl Writer {
    pub(super) fn select(&mut self, select: &Select) {
        if let Some(with) = &select.with {
            self.with(with);
        }
        match &select.body {
            QueryBody::Select(core) => self.core(core),
            QueryBody::Values(rows) => {
                self.push("VALUES ");
                self.list(rows, |out, row| out.parenthesized(row, |out, expr| out.expression(expr)));
            }
            QueryBody::SetOperation { operator, all, left, right } => {
                self.set_operand(left, *operator, true);
                let word = match operator {
                    SetOperator::Union => " UNION ",
                    SetOperator::Intersect => " INTERSECT ",
                    SetOperator::Except => " EXCEPT ",
                };
                self.push(word);
                self.push(if *all { "ALL " } else { "" });
                self.set_operand(right, *operator, false);
            }
        }
        self.order_by(&select.order_by);
        if let Some(limit) = &select.limit {
            if select.with_ties {
                self.push(" FETCH FIRST (");
                self.expression(limit);
                self.push(") ROWS WITH TIES");
            } else {
                self.push(" LIMIT ");
                self.expression(limit);
            }
        }
        if let Some(offset) = &select.offset {
            self.push(" OFFSET ");
            self.expression(offset);
        }
        for locking in &select.locking {
            self.locking(locking);
        }
    }

    /// An operand of UNION and its kin: in parentheses when it has clauses of its own, or binds less.
    fn set_operand(&mut self, select: &Select, around: SetOperator, left: bool) {
        let plain = select.with.is_none()
            && select.order_by.is_empty()
            && select.limit.is_none()
            && select.offset.is_none()
            && select.locking.is_empty();
        let binds = match &select.body {
            QueryBody::SetOperation { operator, .. } => {
                let tight = |operator: SetOperator| operator == SetOperator::Intersect;
                match (tight(*operator), tight(around)) {
                    (true, false) => true,
                    (false, true) => false,
                    _ => left,
                }
            }
            _ => true,
        };
        if plain && binds {
            self.select(select);
        } else {
            self.push("(");
            self.select(select);
            self.push(")");
        }
    }

    pub(super) fn with(&mut self, with: &With) {
        self.push(if with.recursive { "WITH RECURSIVE " } else { "WITH " });
        self.list(&with.ctes, Self::cte);
        self.push(" ");
    }

    fn cte(&mut self, cte: &Cte) {
        self.ident(&cte.name);
        if !cte.columns.is_empty() {
            self.push("(");
            self.idents(&cte.columns);
            self.push(")");
        }
        self.push(" AS ");
        match cte.materialized {
            Some(true) => self.push("MATERIALIZED "),
            Some(false) => self.push("NOT MATERIALIZED "),
            None => {}
        }
        self.push("(");
        self.statement(&cte.statement);
        self.push(")");
        if let Some(search) = &cte.search {
            self.push(if search.breadth { " SEARCH BREADTH FIRST BY " } else { " SEARCH DEPTH FIRST BY " });
            self.idents(&search.columns);
            self.push(" SET ");
            self.ident(&search.sequence);
        }
        if let Some(cycle) = &cte.cycle {
            self.push(" CYCLE ");
            self.idents(&cycle.columns);
            self.push(" SET ");
            self.ident(&cycle.mark);
            if let Some((value, default)) = &cycle.values {
                self.push(" TO ");
                self.expression(value);
                self.push(" DEFAULT ");
                self.expression(default);
            }
            self.push(" USING ");
            self.ident(&cycle.path);
        }
    }

    fn core(&mut self, core: &SelectCore) {
        self.push("SELECT");
        match &core.distinct {
            Some(Distinct::All) => self.push(" DISTINCT"),
            Some(Distinct::On(list)) => {
                self.push(" DISTINCT ON ");
                self.parenthesized(list, |out, expr| out.expression(expr));
            }
            None => {}
        }
        if !core.targets.is_empty() {
            self.push(" ");
            self.targets(&core.targets);
        }
        if let Some(into) = &core.into {
            self.push(" INTO ");
            if let Some(word) = into.persistence {
                self.push(word);
                self.push(" ");
            }
            self.name(&into.name);
        }
        if !core.from.is_empty() {
            self.push(" FROM ");
            self.list(&core.from, |out, table| out.table_ref(table));
        }
        self.clause(" WHERE ", core.filter.as_ref());
        if !core.group_by.is_empty() {
            self.push(if core.group_distinct { " GROUP BY DISTINCT " } else { " GROUP BY " });
            self.list(&core.group_by, Self::group_by);
        }
        self.clause(" HAVING ", core.having.as_ref());
        if !core.windows.is_empty() {
            self.push(" WINDOW ");
            self.list(&core.windows, |out, (name, spec)| {
                out.ident(name);
                out.push(" AS ");
                out.window(spec);
            });
        }
    }

    pub(super) fn clause(&mut self, word: &str, expr: Option<&crate::ast::Expr>) {
        if let Some(expr) = expr {
            self.push(word);
            self.expression(expr);
        }
    }

    pub(super) fn targets(&mut self, targets: &[Target]) {
        self.list(targets, |out, target| {
            out.expression(&target.expr);
            if let Some(alias) = &target.alias {
                out.push(" AS ");
                out.ident(alias);
            }
        });
    }

    fn group_by(&mut self, item: &GroupBy) {
        match item {
            GroupBy::Expr(expr) => self.expression(expr),
            GroupBy::Empty => self.push("()"),
            GroupBy::Rollup(list) => {
                self.push("ROLLUP ");
                self.parenthesized(list, |out, expr| out.expression(expr));
            }
            GroupBy::Cube(list) => {
                self.push("CUBE ");
                self.parenthesized(list, |out, expr| out.expression(expr));
            }
            GroupBy::Sets(list) => {
                self.push("GROUPING SETS ");
                self.parenthesized(list, Self::group_by);
            }
        }
    }

    fn locking(&mut self, locking: &Locking) {
        self.push(" FOR ");
        self.push(locking.strength);
        if !locking.of.is_empty() {
            self.push(" OF ");
            self.list(&locking.of, |out, name| out.name(name));
        }
        match locking.wait {
            LockWait::Block => {}
            LockWait::Error => self.push(" NOWAIT"),
            LockWait::Skip => self.push(" SKIP LOCKED"),
        }
    }

    // ---------------------------------------------------------------------------------------- FROM

    pub(super) fn relation(&mut self, relation: &RelationName) {
        self.push(if relation.only { "ONLY " } else { "" });
        self.name(&relation.name);
    }

    fn alias(&mut self, alias: Option<&Alias>) {
        let Some(alias) = alias else { return };
        self.push(" AS ");
        self.ident(&alias.name);
        if !alias.columns.is_empty() {
            self.push("(");
            self.idents(&alias.columns);
            self.push(")");
        }
    }

    pub(super) fn table_ref(&mut self, table: &TableRef) {
        match table {
            TableRef::Relation { name, alias, sample } => {
                self.relation(name);
                self.alias(alias.as_ref());
                self.push(if *sample { " TABLESAMPLE ?" } else { "" });
            }
            TableRef::Subquery { lateral, query, alias, .. } => {
                self.push(if *lateral { "LATERAL (" } else { "(" });
                self.select(query);
                self.push(")");
                self.alias(alias.as_ref());
            }
            TableRef::Function { lateral, functions, rows_from, ordinality, alias, .. } => {
                self.push(if *lateral { "LATERAL " } else { "" });
                self.functions(functions, *rows_from, *ordinality, alias.as_ref());
            }
            TableRef::Join { kind, left, right, condition, alias, .. } => {
                if alias.is_some() {
                    self.push("(");
                }
                self.table_ref(left);
                self.join(*kind, right, condition);
                if alias.is_some() {
                    self.push(")");
                    self.alias(alias.as_ref());
                }
            }
        }
    }

    fn join(&mut self, kind: JoinKind, right: &TableRef, condition: &JoinCondition) {
        let word = match (kind, condition) {
            (_, JoinCondition::None) => "CROSS JOIN",
            (JoinKind::Inner, _) => "JOIN",
            (JoinKind::Left, _) => "LEFT JOIN",
            (JoinKind::Right, _) => "RIGHT JOIN",
            (JoinKind::Full, _) => "FULL JOIN",
        };
        self.push(if matches!(condition, JoinCondition::Natural) { " NATURAL " } else { " " });
        self.push(word);
        self.push(" ");
        if matches!(right, TableRef::Join { alias: None, .. }) {
            self.push("(");
            self.table_ref(right);
            self.push(")");
        } else {
            self.table_ref(right);
        }
        match condition {
            JoinCondition::On(expr) => self.clause(" ON ", Some(expr)),
            JoinCondition::Using(columns, alias) => {
                self.push(" USING (");
                self.idents(columns);
                self.push(")");
                if let Some(alias) = alias {
                    self.push(" AS ");
                    self.ident(alias);
                }
            }
            JoinCondition::None | JoinCondition::Natural => {}
        }
    }

    fn functions(
        &mut self,
        functions: &[TableFunction],
        rows_from: bool,
        ordinality: bool,
        alias: Option<&Alias>,
    ) {
        let columns = |out: &mut Writer, columns: &[(String, crate::ast::TypeName)]| {
            out.parenthesized(columns, |out, (name, type_name)| {
                out.ident(name);
                out.push(" ");
                out.type_name(type_name);
            });
        };
        if rows_from {
            self.push("ROWS FROM ");
            self.parenthesized(functions, |out, function| {
                out.expression(&function.call);
                if !function.columns.is_empty() {
                    out.push(" AS ");
                    columns(out, &function.columns);
                }
            });
        } else if let Some(function) = functions.first() {
            self.expression(&function.call);
        }
        self.push(if ordinality { " WITH ORDINALITY" } else { "" });
        let definitions = functions.first().map_or(&[][..], |function| &function.columns);
        if rows_from || definitions.is_empty() {
            return self.alias(alias);
        }
        self.push(" AS ");
        if let Some(alias) = alias {
            self.ident(&alias.name);
        }
        columns(self, definitions);
    }
}
