//! After analysis: views are replaced by their queries, SQL functions by their bodies, and policies are put on every relation.
//!
//! PostgreSQL's rewriter (fireRIRrules) and inliner. What comes out names tables only, each with the filters of its policies.

mod prefix;
mod reached;

use crate::analysis::Analysis;
use crate::bound::{Core, CteBody, Expr, ExprKind, Query, Range, RangeId, RangeKind};
use crate::descend::{self, Walk};
use crate::functions;
use crate::mutant::{self, Mutant};
use crate::program::{Bind, Step};
use crate::security::{self, Command};
use crate::stored::Row;
use crate::walk;
use catalog::{Oid, Privileges, RelationKind};
use sqlstate::{DatabaseError, INVALID_OBJECT_DEFINITION, Result, STATEMENT_TOO_COMPLEX};
use std::collections::BTreeSet;

/// How deep views and functions may stand in each other.
const DEPTH: usize = 64;

/// The rewriting of one statement.
pub(crate) struct Rewrite<'r, 'a> {
    /// The statement's analysis: ranges and arguments of what is expanded are numbered by it.
    pub(crate) analysis: &'r mut Analysis<'a>,
    /// Whose right to execute functions counts: who asks, or the owner of the SECURITY DEFINER function around.
    pub(crate) caller: Oid,
    /// Steps that must run before the statement: functions that are not inlined.
    pub(crate) steps: Vec<Step>,
    /// Ranges whose policies are woven already (targets of UPDATE and DELETE).
    pub(crate) woven: BTreeSet<RangeId>,
    /// Whether the node that is looked at is evaluated just once: an output of a query without FROM that is no sub-query.
    pub(crate) once: bool,
    /// The same of what is directly below the node that is looked at.
    once_below: bool,
    /// How many queries are around that PostgreSQL may not come to evaluate: what has effects cannot run before them.
    pub(crate) unreached: usize,
    /// How many sub-queries in expressions are around.
    pub(crate) nested: usize,
    /// What sub-queries hide from what is around them.
    pub(crate) walls: security::Walls,
    /// Relations whose policies are being expanded: one that comes again is endless.
    active: Vec<Oid>,
    /// The views whose queries are around, within the body of one function.
    pub(crate) views: Vec<Oid>,
    /// How many views and functions are around.
    depth: usize,
}

/// Rewrites a query and all within it. Gives the steps that must run before. `depth` counts the functions around.
pub fn query_at(analysis: &mut Analysis<'_>, query: &mut Query, depth: usize) -> Result<Vec<Step>> {
    let mut rewrite = Rewrite::new(analysis, depth);
    rewrite.query(query)?;
    Ok(rewrite.steps)
}

impl<'r, 'a> Rewrite<'r, 'a> {
    /// A rewriting for who asks.
    pub(crate) fn new(analysis: &'r mut Analysis<'a>, depth: usize) -> Rewrite<'r, 'a> {
        let caller = analysis.role;
        Rewrite {
            analysis,
            caller,
            steps: Vec::new(),
            woven: BTreeSet::new(),
            once: false,
            once_below: false,
            unreached: 0,
            nested: 0,
            walls: security::Walls::default(),
            active: Vec::new(),
            views: Vec::new(),
            depth,
        }
    }

    /// How many views and functions are around.
    pub(crate) fn level(&self) -> usize {
        self.depth
    }

    /// Runs one level deeper, for a view or function.
    pub(crate) fn deeper<T>(&mut self, run: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if self.depth >= DEPTH {
            return Err(DatabaseError::new(STATEMENT_TOO_COMPLEX, "stack depth limit exceeded"));
        }
        self.depth += 1;
        let result = run(self);
        self.depth -= 1;
        result
    }

    /// A view becomes its query, analysed for its owner.
    fn view(&mut self, range: &mut Range) -> Result<()> {
        let RangeKind::Relation(relation) = &range.kind else { return Ok(()) };
        let relation = relation.relation.clone();
        let view = relation.view.as_ref().ok_or_else(|| DatabaseError::internal("a view without a query"))?;
        if self.views.contains(&relation.oid) {
            return Err(DatabaseError::new(
                INVALID_OBJECT_DEFINITION,
                format!("infinite recursion detected in rules for relation \"{}\"", relation.name),
            ));
        }
        let select = syntax::parse_select(&view.query)
            .map_err(|error| DatabaseError::internal(format_args!("view {}: {error}", relation.name)))?;
        let as_asker = (view.security_invoker && !mutant::is(Mutant::InvokerViewAsOwner))
            || mutant::is(Mutant::ViewAsAsker);
        // PostgreSQL asks for whoever runs the statement, through whatever views the invoker's view is reached.
        let role = if as_asker { self.caller } else { relation.owner };
        let mut query = self.analysis.stored(role, |analysis| analysis.query(None, &select))?;
        if self.is_locked(range.id) {
            self.analysis.lock_query(&query);
            let strength = self.analysis.locking.unwrap_or("UPDATE");
            self.analysis.refuse_nullable_locks_within(&query, strength)?;
        }
        self.views.push(relation.oid);
        let done = self.deeper(|rewrite| rewrite.query(&mut query));
        self.views.pop();
        done?;
        range.kind = RangeKind::Subquery { query: Box::new(query), lateral: false };
        if view.security_barrier {
            self.walls.barriers.insert(range.id);
        }
        Ok(())
    }

    /// A sub-query that reads nothing around it is evaluated once, before anything was written: what the functions in it read is
    /// what there was before the statement.
    fn settle_live(&mut self, expr: &mut Expr) -> Result<()> {
        let Some(query) = walk::subquery_mut(expr) else { return Ok(()) };
        let mut of_row = false;
        descend::each_expr_of_query(query, &mut |part| {
            of_row |= matches!(
                part.kind,
                ExprKind::Bind(
                    Bind::New(_) | Bind::Old(_) | Bind::Excluded(_) | Bind::Extra(_) | Bind::Argument(_)
                )
            );
            Ok(())
        })?;
        if of_row || !descend::outer_ranges(query)?.is_empty() {
            return Ok(());
        }
        let live = &mut self.analysis.live;
        descend::each_range(query, &mut |range| {
            live.remove(&range.id);
            Ok(())
        })
    }

    /// Whether FOR UPDATE and its kin name the range: that asks for the right to update, and for its policies.
    fn is_locked(&self, range: RangeId) -> bool {
        let entry = self.analysis.required.get(&range);
        entry.is_some_and(|entry| entry.required.privileges.contains(Privileges::UPDATE))
    }

    /// The policies of a table for reading become filters.
    fn table(&mut self, range: &mut Range) -> Result<()> {
        let RangeKind::Relation(table) = &mut range.kind else { return Ok(()) };
        let (relation, role) = (table.relation.clone(), table.check_as);
        if !security::applies(self.analysis.catalog, &relation, role) {
            return Ok(());
        }
        let row = Row::Range(range.id);
        let mut filters = Vec::new();
        if !mutant::is(Mutant::SelectUnfiltered) {
            filters = security::using(self.analysis, &relation, row, role, Command::Select)?;
        }
        if self.is_locked(range.id) && !mutant::is(Mutant::LockUnfiltered) {
            filters.extend(security::using(self.analysis, &relation, row, role, Command::Update)?);
        }
        self.policies(relation.oid, &relation.name, &mut filters)?;
        table.filters = filters;
        Ok(())
    }

    /// Rewrites the expressions of a relation's policies: 42P17 when they read the relation itself under its own policies.
    pub(crate) fn policies(&mut self, relation: Oid, name: &str, exprs: &mut [Expr]) -> Result<()> {
        // PostgreSQL asks only of policies with sub-queries in them, as they are written.
        let has_queries =
            exprs.iter().any(|expr| walk::any(expr, &mut |part| walk::subquery(part).is_some()));
        if !has_queries {
            return exprs.iter_mut().try_for_each(|expr| self.expr(expr));
        }
        if self.active.contains(&relation) {
            return Err(DatabaseError::new(
                INVALID_OBJECT_DEFINITION,
                format!("infinite recursion detected in policy for relation \"{name}\""),
            ));
        }
        self.active.push(relation);
        let result = exprs.iter_mut().try_for_each(|expr| self.expr(expr));
        self.active.pop();
        result
    }
}

/// LIMIT 0.
fn is_zero(limit: &Expr) -> bool {
    match &limit.kind {
        ExprKind::Constant(datum::StoredValue::Integer(rows)) => *rows == 0,
        ExprKind::Convert { expr, .. } => is_zero(expr),
        _ => false,
    }
}

impl Walk for Rewrite<'_, '_> {
    fn expr(&mut self, expr: &mut Expr) -> Result<()> {
        let once = std::mem::take(&mut self.once) || self.once_below;
        let around =
            std::mem::replace(&mut self.once_below, once && reached::evaluates_all_below(&expr.kind));
        let nests = matches!(
            expr.kind,
            ExprKind::Exists(_)
                | ExprKind::Subquery(_)
                | ExprKind::ArraySubquery(_)
                | ExprKind::AnySubquery { .. }
        );
        self.nested += usize::from(nests);
        let below = descend::descend_expr(self, expr);
        self.nested -= usize::from(nests);
        self.once_below = around;
        below?;
        if nests && !self.analysis.live.is_empty() {
            self.settle_live(expr)?;
        }
        self.once = once;
        match &expr.kind {
            ExprKind::Call { function, .. } if *function >= catalog::FIRST_USER_OID => {
                let expanded = functions::expand_call(self, expr);
                self.once = false;
                expanded
            }
            ExprKind::SetCall { function, .. } if *function >= catalog::FIRST_USER_OID => {
                Err(DatabaseError::unsupported("a set-returning function of one's own in a select list"))
            }
            _ => {
                self.once = false;
                Ok(())
            }
        }
    }

    fn core(&mut self, core: &mut Core) -> Result<()> {
        let plain = core.filter.is_none() && !core.grouped && core.windows.is_empty();
        if self.nested == 0 && core.from.is_empty() && plain {
            for target in &mut core.targets {
                self.once = true;
                self.expr(&mut target.expr)?;
                self.once = false;
            }
            return Ok(());
        }
        let unreached = reached::may_not_reach_from(core);
        self.unreached += usize::from(unreached);
        let below = descend::descend_core(self, core);
        self.unreached -= usize::from(unreached);
        below?;
        prefix::add_ranges(core);
        security::guard(core, &mut self.walls)
    }

    fn query(&mut self, query: &mut Query) -> Result<()> {
        let before = self.steps.len();
        let evaluated = reached::by(query);
        let none = query.limit.as_ref().is_some_and(is_zero);
        for cte in &mut query.ctes {
            if let CteBody::Query(inner) = &mut cte.body {
                let steps = self.steps.len();
                let unreached = !none && cte.references > 0 && !evaluated.contains(&cte.id);
                self.unreached += usize::from(unreached);
                let below = self.query(inner);
                self.unreached -= usize::from(unreached);
                below?;
                if cte.references == 0 {
                    // Nobody evaluates it.
                    self.steps.truncate(steps);
                }
                // A recursive one is never merged.
                if !cte.recursive {
                    let shown = self.walls.shown(inner)?;
                    self.walls.ctes.insert(cte.id, shown);
                }
            }
        }
        let unreached = !none && query.limit.as_ref().is_some_and(|limit| !reached::is_positive(limit));
        self.unreached += usize::from(unreached);
        let below = descend::descend_body(self, query);
        self.unreached -= usize::from(unreached);
        below?;
        if none {
            // LIMIT 0: nothing of it is evaluated.
            self.steps.truncate(before);
        }
        for cte in &mut query.ctes {
            if let CteBody::Query(inner) = &mut cte.body
                && self.walls.walled.contains(&cte.id)
            {
                security::wall(inner);
            }
        }
        Ok(())
    }

    fn range(&mut self, range: &mut Range) -> Result<()> {
        match &mut range.kind {
            RangeKind::Relation(relation) => {
                if self.woven.contains(&range.id) {
                    return Ok(());
                }
                match relation.relation.kind {
                    RelationKind::View => self.view(range),
                    RelationKind::Table => self.table(range),
                    RelationKind::Sequence => {
                        Err(DatabaseError::unsupported("reading a sequence as a table"))
                    }
                    RelationKind::MaterializedView if relation.relation.unpopulated => {
                        Err(DatabaseError::new(
                            sqlstate::OBJECT_NOT_IN_PREREQUISITE_STATE,
                            format!(
                                "materialized view \"{}\" has not been populated",
                                relation.relation.name
                            ),
                        )
                        .with_hint("Use the REFRESH MATERIALIZED VIEW command."))
                    }
                    // It has rows of its own, which no policy guards.
                    RelationKind::MaterializedView => self.table(range),
                    RelationKind::ForeignTable | RelationKind::PartitionedTable | RelationKind::Composite => {
                        Err(DatabaseError::unsupported(format_args!("reading {}", relation.relation.name)))
                    }
                }
            }
            RangeKind::Function { .. } => {
                descend::descend_range_arguments(self, range)?;
                functions::expand_range(self, range)
            }
            RangeKind::Subquery { .. }
            | RangeKind::Cte(_)
            | RangeKind::Values(_)
            | RangeKind::Buffer(_)
            | RangeKind::System(_) => descend::descend_range(self, range),
        }
    }
}

/// The columns of a relation as expressions over a row.
pub(crate) fn row_of(relation: &catalog::Relation, row: Row) -> Vec<Expr> {
    let columns = relation.columns.iter().enumerate();
    columns.map(|(at, column)| row.column(at, column.type_ref)).collect()
}
