//! WITH RECURSIVE before its queries are analysed: which items depend on which, and whether those that refer to themselves
//! do so where they may (parse_cte.c's makeDependencyGraph and checkWellFormedRecursion).

use super::Analysis;
use sqlstate::{DatabaseError, FEATURE_NOT_SUPPORTED, INVALID_RECURSION, Result};
use std::collections::BTreeSet;
use syntax::ast::{
    Cte, Expr, ExprKind, JoinCondition, JoinKind, Name, QueryBody, Select, SetOperator, Statement, TableRef,
    With,
};
use syntax::visit::{Visit, walk_expr, walk_select, walk_table_ref};

/// The items of WITH RECURSIVE in an order in which each comes after those that it reads, and whether it reads itself.
pub(super) struct Ordered<'w> {
    pub(super) items: Vec<(&'w Cte, bool)>,
}

impl Analysis<'_> {
    /// Sorts the items; 0A000 when they refer to each other in a circle, 42P19 when one refers to itself where it may not.
    pub(super) fn order_recursive<'w>(&self, with: &'w With) -> Result<Ordered<'w>> {
        let names: Vec<&str> = with.ctes.iter().map(|cte| cte.name.as_str()).collect();
        let mut waiting: Vec<(&Cte, bool, BTreeSet<usize>)> = Vec::new();
        for (at, cte) in with.ctes.iter().enumerate() {
            let mut search = Search { names: &names, inner: Vec::new(), found: BTreeSet::new() };
            search.statement(&cte.statement);
            let recursive = search.found.remove(&at);
            waiting.push((cte, recursive, search.found));
        }
        let mut done: BTreeSet<usize> = BTreeSet::new();
        let mut items = Vec::with_capacity(waiting.len());
        while items.len() < waiting.len() {
            let next = waiting.iter().enumerate().find(|(at, (_, _, needs))| {
                !done.contains(at) && needs.iter().all(|need| done.contains(need))
            });
            let Some((at, (cte, recursive, _))) = next else {
                let first = waiting.iter().enumerate().find(|(at, _)| !done.contains(at));
                let error = DatabaseError::new(
                    FEATURE_NOT_SUPPORTED,
                    "mutual recursion between WITH items is not implemented",
                );
                return Err(match first {
                    Some((_, (cte, ..))) => error.at(cte.position),
                    None => error,
                });
            };
            done.insert(at);
            items.push((*cte, *recursive));
        }
        for (cte, recursive) in &items {
            if *recursive {
                check(cte)?;
            }
        }
        Ok(Ordered { items })
    }
}

/// Looks for references to the items of a WITH.
struct Search<'n> {
    names: &'n [&'n str],
    /// The names of WITHs within, which hide others.
    inner: Vec<Vec<String>>,
    found: BTreeSet<usize>,
}

/// The only part of a name, when no WITH within has it.
fn visible<'n>(name: &'n Name, inner: &[Vec<String>]) -> Option<&'n str> {
    let [only] = name.parts.as_slice() else { return None };
    (!inner.iter().any(|names| names.contains(only))).then_some(only.as_str())
}

impl Visit for Search<'_> {
    fn table_ref(&mut self, table: &TableRef) {
        if let TableRef::Relation { name, .. } = table
            && let Some(name) = visible(&name.name, &self.inner)
            && let Some(at) = self.names.iter().position(|known| *known == name)
        {
            self.found.insert(at);
        }
        walk_table_ref(self, table);
    }

    fn select(&mut self, select: &Select) {
        let Some(with) = &select.with else { return walk_select(self, select) };
        let all: Vec<String> = with.ctes.iter().map(|cte| cte.name.clone()).collect();
        self.inner.push(if with.recursive { all.clone() } else { Vec::new() });
        for cte in &with.ctes {
            self.statement(&cte.statement);
            if !with.recursive
                && let Some(names) = self.inner.last_mut()
            {
                names.push(cte.name.clone());
            }
        }
        let rest = Select { with: None, ..select.clone() };
        walk_select(self, &rest);
        self.inner.pop();
    }
}

/// Where a reference stands.
#[derive(Clone, Copy, PartialEq)]
enum Around {
    Fine,
    FirstTerm,
    Subquery,
    OuterJoin,
    Intersect,
    Except,
}

impl Around {
    fn message(self, name: &str) -> String {
        let place = match self {
            Around::Fine => {
                return format!("recursive reference to query \"{name}\" must not appear more than once");
            }
            Around::FirstTerm => "its non-recursive term",
            Around::Subquery => "a subquery",
            Around::OuterJoin => "an outer join",
            Around::Intersect => "INTERSECT",
            Around::Except => "EXCEPT",
        };
        format!("recursive reference to query \"{name}\" must not appear within {place}")
    }
}

/// Looks at the references of an item to itself.
struct SelfReferences<'n> {
    name: &'n str,
    inner: Vec<Vec<String>>,
    around: Around,
    count: usize,
    wrong: Option<DatabaseError>,
}

impl SelfReferences<'_> {
    fn within(&mut self, around: Around, look: impl FnOnce(&mut Self)) {
        let outside = std::mem::replace(&mut self.around, around);
        look(self);
        self.around = outside;
    }

    /// A side of an outer join that may be missing.
    fn optional(&mut self, table: &TableRef) {
        let around = if self.around == Around::Fine { Around::OuterJoin } else { self.around };
        self.within(around, |look| look.table_ref(table));
    }

    fn body(&mut self, select: &Select) {
        if let (QueryBody::SetOperation { operator, all, left, right }, Around::Fine) =
            (&select.body, self.around)
        {
            match operator {
                SetOperator::Union => {}
                SetOperator::Intersect => {
                    let around = if *all { Around::Intersect } else { Around::Fine };
                    self.within(around, |look| {
                        look.select(left);
                        look.select(right);
                    });
                    return;
                }
                SetOperator::Except => {
                    let around = if *all { Around::Except } else { Around::Fine };
                    self.within(around, |look| look.select(left));
                    self.within(Around::Except, |look| look.select(right));
                    return;
                }
            }
        }
        walk_select(self, select);
    }
}

impl Visit for SelfReferences<'_> {
    fn table_ref(&mut self, table: &TableRef) {
        match table {
            TableRef::Relation { name, .. } => {
                if visible(&name.name, &self.inner) != Some(self.name) {
                    return;
                }
                self.count += 1;
                if self.around != Around::Fine || self.count > 1 {
                    let message = self.around.message(self.name);
                    let error = DatabaseError::new(INVALID_RECURSION, message).at(name.name.position);
                    self.wrong.get_or_insert(error);
                }
            }
            TableRef::Join { kind, left, right, condition, .. } => {
                if matches!(kind, JoinKind::Right | JoinKind::Full) {
                    self.optional(left);
                } else {
                    self.table_ref(left);
                }
                if matches!(kind, JoinKind::Left | JoinKind::Full) {
                    self.optional(right);
                } else {
                    self.table_ref(right);
                }
                if let JoinCondition::On(test) = condition {
                    self.expr(test);
                }
            }
            TableRef::Subquery { .. } | TableRef::Function { .. } => walk_table_ref(self, table),
        }
    }

    fn expr(&mut self, expr: &Expr) {
        let around = match &expr.kind {
            ExprKind::Exists(_)
            | ExprKind::Subquery(_)
            | ExprKind::ArraySubquery(_)
            | ExprKind::InSubquery { .. }
            | ExprKind::AnySubquery { .. } => Around::Subquery,
            _ => self.around,
        };
        self.within(around, |look| walk_expr(look, expr));
    }

    fn select(&mut self, select: &Select) {
        let Some(with) = &select.with else { return self.body(select) };
        let all: Vec<String> = with.ctes.iter().map(|cte| cte.name.clone()).collect();
        self.inner.push(if with.recursive { all } else { Vec::new() });
        for cte in &with.ctes {
            self.statement(&cte.statement);
            if !with.recursive
                && let Some(names) = self.inner.last_mut()
            {
                names.push(cte.name.clone());
            }
        }
        self.body(&Select { with: None, ..select.clone() });
        self.inner.pop();
    }
}

/// 42P19 and its like for an item that refers to itself.
fn check(cte: &Cte) -> Result<()> {
    let invalid = |message: String| Err(DatabaseError::new(INVALID_RECURSION, message).at(cte.position));
    let name = cte.name.as_str();
    let Statement::Select(select) = &cte.statement else {
        return invalid(format!("recursive query \"{name}\" must not contain data-modifying statements"));
    };
    let QueryBody::SetOperation { operator: SetOperator::Union, left, right, .. } = &select.body else {
        return invalid(format!(
            "recursive query \"{name}\" does not have the form non-recursive-term UNION [ALL] recursive-term"
        ));
    };
    let look = |around: Around, run: &dyn Fn(&mut SelfReferences<'_>)| {
        let mut references = SelfReferences { name, inner: Vec::new(), around, count: 0, wrong: None };
        run(&mut references);
        references.wrong.map_or(Ok(()), Err)
    };
    if let Some(with) = &select.with {
        look(Around::Subquery, &|look| with.ctes.iter().for_each(|cte| look.statement(&cte.statement)))?;
    }
    let decoration = [
        ("ORDER BY", select.order_by.first().map(|key| key.expr.start())),
        ("OFFSET", select.offset.as_ref().map(Expr::start)),
        ("LIMIT", select.limit.as_ref().map(Expr::start)),
        ("FOR UPDATE/SHARE", select.locking.first().map(|_| 0)),
    ];
    for (what, position) in decoration {
        if let Some(position) = position {
            return Err(DatabaseError::new(
                FEATURE_NOT_SUPPORTED,
                format!("{what} in a recursive query is not implemented"),
            )
            .at(position));
        }
    }
    look(Around::FirstTerm, &|look| look.select(left))?;
    look(Around::Fine, &|look| look.select(right))
}
