//! WITH around row-changing statements, and row-changing statements in WITH.
//!
//! PostgreSQL runs all parts of such a statement on one snapshot, those that change rows just once and to their end. Here each of
//! them is a step of its own whose RETURNING rows go into a buffer, and so is a query that one of them reads: what reads it later
//! reads the buffer. The engine sees to it that no step sees what another one wrote.

use super::compile;
use crate::analysis::{Analysis, Scope, visible};
use crate::bound::{
    Body, Core, Cte, CteBody, CteId, Expr, ExprKind, From, OutputColumn, Query, Range, RangeColumn, RangeKind,
};
use crate::descend::{self, Walk};
use crate::program::{Step, Target};
use crate::{render, rewrite};
use sqlstate::{DatabaseError, FEATURE_NOT_SUPPORTED, Result};
use std::collections::{BTreeMap, BTreeSet};
use syntax::ast;
use syntax::visit::Visit;

/// What must run for a common table expression of a statement that changes rows in WITH.
#[derive(Debug)]
pub(crate) struct Pending {
    /// It.
    pub(crate) cte: CteId,
    /// How often it reads the others.
    pub(crate) reads: BTreeMap<CteId, usize>,
    /// What must run so that its buffer is filled; nothing when it is a query that no other step reads.
    pub(crate) steps: Vec<Step>,
}

/// The expressions of WITH that a row-changing statement sees: those around it, then its own.
pub(super) fn with_clause(
    analysis: &mut Analysis<'_>,
    scope: &mut Scope<'_>,
    with: Option<&ast::With>,
    beyond_source: &[&dyn Fn(&mut Names)],
) -> Result<Vec<Cte>> {
    let mut ctes = analysis.around.clone();
    scope.ctes.extend(ctes.iter().map(visible));
    let Some(with) = with else { return Ok(ctes) };
    let mut own = analysis.with(scope, with)?;
    // RETURNING and ON CONFLICT are statements of their own to SQLite: what they read must be kept.
    let mut names = Names::default();
    beyond_source.iter().for_each(|look| look(&mut names));
    keep(analysis, &ctes, &mut own, &names)?;
    ctes.extend(own);
    Ok(ctes)
}

/// The names of relations in a tree; some may be those of common table expressions.
#[derive(Debug, Default)]
pub(super) struct Names(BTreeSet<String>);

impl Visit for Names {
    fn relation_name(&mut self, name: &ast::Name) {
        if let [only] = name.parts.as_slice() {
            self.0.insert(only.clone());
        }
    }
}

impl Names {
    /// Those of an output list.
    pub(super) fn targets(&mut self, targets: &[ast::Target]) {
        targets.iter().for_each(|target| self.expr(&target.expr));
    }

    /// Those of the clauses of MERGE.
    pub(super) fn merge(&mut self, clauses: &[ast::MergeClause]) {
        for clause in clauses {
            clause.condition.iter().for_each(|condition| self.expr(condition));
            match &clause.action {
                ast::MergeAction::Nothing | ast::MergeAction::Delete => {}
                ast::MergeAction::Update(assignments) => self.assignments(assignments),
                ast::MergeAction::Insert { values, .. } => {
                    values.iter().flatten().for_each(|value| self.expr(value));
                }
            }
        }
    }

    fn assignments(&mut self, assignments: &[ast::Assignment]) {
        for assignment in assignments {
            match assignment {
                ast::Assignment::Column(_, value) | ast::Assignment::Row(_, value) => self.expr(value),
            }
        }
    }

    /// Those of ON CONFLICT.
    pub(super) fn conflict(&mut self, on_conflict: Option<&ast::OnConflict>) {
        let Some(update) = on_conflict.and_then(|conflict| conflict.update.as_ref()) else { return };
        self.assignments(&update.assignments);
        update.filter.iter().for_each(|filter| self.expr(filter));
    }
}

/// Has the queries among these expressions that are named run as steps of their own, and those that they read.
fn keep(analysis: &mut Analysis<'_>, around: &[Cte], ctes: &mut [Cte], names: &Names) -> Result<()> {
    let Some(last) = ctes.iter().rposition(|cte| names.0.contains(&cte.name)) else { return Ok(()) };
    for at in 0..=last {
        let cte = &ctes[at];
        let is_read = names.0.contains(&cte.name) || analysis.references(cte.id) > 0;
        let CteBody::Query(_) = cte.body else { continue };
        if !is_read {
            continue;
        }
        let id = analysis.new_range();
        let columns = cte.columns.clone();
        let range_column =
            |column: &OutputColumn| RangeColumn { name: column.name.clone(), ty: column.ty, not_null: false };
        let range = Range {
            id,
            alias: cte.name.clone(),
            columns: columns.iter().map(range_column).collect(),
            nullable: false,
            kind: RangeKind::Cte(cte.id),
        };
        let targets = columns.iter().enumerate().map(|(at, column)| crate::bound::Target {
            expr: Expr::new(ExprKind::Column { range: id, column: at }, column.ty),
            name: column.name.clone(),
        });
        let core = Core {
            from: vec![From::Range(Box::new(range))],
            filter: None,
            group_by: Vec::new(),
            grouping_sets: Vec::new(),
            having: None,
            windows: Vec::new(),
            targets: targets.collect(),
            distinct: None,
            grouped: false,
        };
        let own: Vec<CteId> = ctes[..=at].iter().map(|cte| cte.id).collect();
        let mut query = Query {
            ctes: around.iter().chain(&ctes[..=at]).cloned().collect(),
            columns,
            body: Body::Core(Box::new(core)),
            order_by: Vec::new(),
            limit: None,
            with_ties: false,
            offset: None,
        };
        let mut steps = rewrite::query_at(analysis, &mut query, 0)?;
        let buffer = analysis.new_buffer();
        let statement = render::render_query(analysis.catalog, &query)?;
        steps.push(Step::Query { statement, into: Target::Buffer(buffer) });
        let cte = own[at];
        match analysis.pending.iter_mut().find(|pending| pending.cte == cte) {
            Some(pending) => pending.steps = steps,
            None => analysis.pending.push(Pending { cte, reads: BTreeMap::new(), steps }),
        }
        ctes[at].body = CteBody::Buffer(buffer);
    }
    Ok(())
}

impl Analysis<'_> {
    /// Whether a WITH changes rows, so that its order counts.
    pub(crate) fn changes_rows(with: &ast::With) -> bool {
        with.ctes.iter().any(|cte| !matches!(cte.statement, ast::Statement::Select(_)))
    }

    /// How often each common table expression was read so far.
    pub(crate) fn reads(&self) -> BTreeMap<CteId, usize> {
        self.cte_references.clone()
    }

    /// Notes what a common table expression reads of the others, and what must run for it.
    pub(crate) fn pend(&mut self, cte: CteId, before: &BTreeMap<CteId, usize>, steps: Vec<Step>) {
        let mut reads = BTreeMap::new();
        for (other, count) in &self.cte_references {
            let new = count.saturating_sub(before.get(other).copied().unwrap_or(0));
            if new > 0 && *other != cte {
                reads.insert(*other, new);
            }
        }
        self.pending.push(Pending { cte, reads, steps });
    }

    /// A data-modifying statement in WITH: its columns, and the steps that fill its buffer.
    pub(crate) fn modifying_cte(
        &mut self,
        scope: &Scope<'_>,
        cte: &ast::Cte,
        earlier: &mut [Cte],
    ) -> Result<(Vec<OutputColumn>, u32, Vec<Step>)> {
        if scope.parent.is_some() || self.in_modifying_cte {
            return Err(DatabaseError::new(
                FEATURE_NOT_SUPPORTED,
                "WITH clause containing a data-modifying statement must be at the top level",
            )
            .at(cte.position));
        }
        if matches!(cte.statement, ast::Statement::Merge(_)) {
            let message = "MERGE not supported in WITH query";
            return Err(DatabaseError::new(FEATURE_NOT_SUPPORTED, message).at(cte.position));
        }
        let mut names = Names::default();
        Visit::statement(&mut names, &cte.statement);
        let around = self.around.clone();
        keep(self, &around, earlier, &names)?;
        let mut seen = around.clone();
        seen.extend(earlier.iter().filter(|cte| matches!(cte.body, CteBody::Buffer(_))).cloned());
        // What is needed of the tables of the query around is not asked twice.
        let outer = std::mem::take(&mut self.required);
        let around = std::mem::replace(&mut self.around, seen);
        self.in_modifying_cte = true;
        let compiled = compile(self, &cte.statement, 0);
        self.in_modifying_cte = false;
        self.around = around;
        self.required = outer;
        let super::Compiled { before, modify, columns } = compiled?;
        let buffer = self.new_buffer();
        let mut steps = before;
        steps.push(Step::Modify { modify: Box::new(modify), into: Target::Buffer(buffer) });
        let columns = columns.into_iter();
        let columns = columns.map(|column| OutputColumn { name: column.name, ty: column.type_ref });
        Ok((columns.collect(), buffer, steps))
    }

    /// What must run before the statement, and what PostgreSQL runs after it: what WITH changes and nothing reads.
    pub(crate) fn take_steps(&mut self) -> (Vec<Step>, Vec<Step>) {
        let pending = std::mem::take(&mut self.pending);
        let mut by_others: BTreeMap<CteId, usize> = BTreeMap::new();
        for (other, count) in pending.iter().flat_map(|entry| &entry.reads) {
            *by_others.entry(*other).or_default() += count;
        }
        let by_statement = |cte: &CteId| self.references(*cte) > by_others.get(cte).copied().unwrap_or(0);
        let mut reached: BTreeSet<CteId> =
            pending.iter().map(|entry| entry.cte).filter(by_statement).collect();
        for entry in pending.iter().rev() {
            if reached.contains(&entry.cte) {
                reached.extend(entry.reads.keys().copied());
            }
        }
        let (mut before, mut after) = (Vec::new(), Vec::new());
        for entry in pending {
            let list = if reached.contains(&entry.cte) { &mut before } else { &mut after };
            list.extend(entry.steps);
        }
        (before, after)
    }
}

/// Has an expression read the kept rows of common table expressions from their buffers.
pub(super) fn read_buffers(expr: &mut Expr, ctes: &[Cte]) -> Result<()> {
    struct Read<'c>(&'c [Cte]);
    impl Walk for Read<'_> {
        fn range(&mut self, range: &mut Range) -> Result<()> {
            if let RangeKind::Cte(id) = range.kind
                && let Some(cte) = self.0.iter().find(|cte| cte.id == id)
                && let CteBody::Buffer(buffer) = cte.body
            {
                range.kind = RangeKind::Buffer(buffer);
            }
            descend::descend_range(self, range)
        }
    }
    if ctes.is_empty() { Ok(()) } else { Read(ctes).expr(expr) }
}
