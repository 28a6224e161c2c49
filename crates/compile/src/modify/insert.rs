//! INSERT.

use super::conflict;
use super::live;
use super::returning::{self};
use super::update::source;
use super::with::{Names, with_clause};
use super::{Compiled, NewRow, Table, part};
use crate::analysis::{Analysis, Place, Scope, Unknowns};
use crate::bound::{Body, Expr, ExprKind, From, OutputColumn, Query, Range, RangeColumn, RangeKind};
use crate::program::{Modify, ModifyKind};
use crate::rewrite::Rewrite;
use crate::security::{self, Command};
use crate::stored::Row;
use crate::{iterate, render, tables};
use catalog::{Column, Privileges};
use sqlstate::{DUPLICATE_COLUMN, DatabaseError, GENERATED_ALWAYS, Result, SYNTAX_ERROR};
use syntax::ast;

/// Compiles INSERT.
pub(super) fn compile(analysis: &mut Analysis<'_>, insert: &ast::Insert, depth: usize) -> Result<Compiled> {
    let mut scope = Scope::default();
    let shown = |names: &mut Names| {
        names.targets(&insert.returning);
        names.conflict(insert.on_conflict.as_ref());
    };
    let ctes = with_clause(analysis, &mut scope, insert.with.as_ref(), &[&shown])?;
    let alias = insert.alias.as_deref();
    let (table, _) = Table::find(analysis, &insert.table, alias, Privileges::INSERT, Command::Insert)?;
    let columns = target_columns(&table, &insert.columns, insert.source.is_some())?;
    let mut query = match &insert.source {
        None => Rows::new(&table, &columns, insert).values(analysis, &scope, &[Vec::new()])?,
        Some(select) => match &select.body {
            ast::QueryBody::Values(rows) if is_plain(select) => {
                Rows::new(&table, &columns, insert).values(analysis, &scope, rows)?
            }
            _ => from_select(analysis, &scope, &table, &columns, insert, select)?,
        },
    };
    // Without a written list, fewer values than columns leave the rest to their defaults.
    let given = match insert.source.as_ref().map(|select| &select.body) {
        Some(ast::QueryBody::Values(rows)) if insert.columns.is_empty() => {
            rows.first().map_or(columns.len(), Vec::len)
        }
        _ => columns.len(),
    };
    for at in columns.iter().take(given) {
        let number = table.named.columns[*at].number;
        table.required(analysis)?.inserted.insert(number);
    }
    // What has a default of the view's own is given, too.
    for column in table.named.columns.iter().filter(|column| table.is_view() && column.default.is_some()) {
        table.required(analysis)?.inserted.insert(column.number);
    }

    let name = insert.alias.as_deref().unwrap_or(&table.named.name);
    let mut conflict = match &insert.on_conflict {
        Some(on_conflict) => Some(conflict::analyse(analysis, &table, name, &scope.ctes, on_conflict)?),
        None => None,
    };
    let mut row_scope = Scope { ctes: scope.ctes.clone(), ..Scope::default() };
    row_scope.items.push(table.item(analysis, Row::New, name, insert.alias.is_none())?);
    let mut returning = returning::analyse(analysis, &mut row_scope, &insert.returning)?;
    table.settle(analysis)?;
    if let Some(returning) = &mut returning {
        returning.read_buffers(&ctes)?;
    }
    if let Some(conflict) = &mut conflict {
        conflict.read_buffers(&ctes)?;
    }
    query.ctes.splice(0..0, ctes);
    analysis.count_references(&mut query);

    let policies = table.new_row_policies(analysis, NewRow::Inserted)?;
    let mut rewrite = Rewrite::new(analysis, depth);
    crate::descend::Walk::query(&mut rewrite, &mut query)?;
    let probe = table.probe(&mut rewrite, policies)?;
    let conflict = conflict.take().map(|conflict| conflict.finish(&mut rewrite, &table)).transpose()?;
    let (projection, result_columns) = match returning {
        Some(returning) => {
            let (projection, columns) = returning.finish(&mut rewrite)?;
            (Some(projection), columns)
        }
        None => (None, Vec::new()),
    };
    let mut before = std::mem::take(&mut rewrite.steps);
    security::check_privileges_within(analysis)?;
    before.extend(iterate::take(analysis, &mut query)?);
    let source = render::render_query(analysis.catalog, &query)?;
    let live = live::of_rows(analysis, &table, matches!(query.body, Body::Values(_)));
    let mut assigned: Vec<usize> = Vec::new();
    for place in columns.iter().filter_map(|at| table.place(*at)) {
        if !assigned.contains(&place) {
            assigned.push(place);
        }
    }
    let mut written = assigned.clone();
    if let Some(update) = conflict.as_ref().and_then(|conflict| conflict.update.as_ref()) {
        written.extend_from_slice(&update.assigned);
    }
    let reveal = table.reveal(analysis, written);
    let modify = Modify {
        instead: table.is_instead(),
        table: table.plan,
        kind: ModifyKind::Insert,
        source,
        extras: 0,
        assigned,
        probe,
        conflict,
        returning: projection,
        reveal,
        live,
    };
    Ok(Compiled { before, modify, columns: result_columns })
}

/// The columns that are given, by index: those that were written, or all where a row is given.
pub(super) fn target_columns(
    table: &Table,
    targets: &[ast::ColumnTarget],
    given: bool,
) -> Result<Vec<usize>> {
    let (mut columns, mut wholes) = (Vec::new(), Vec::new());
    for target in targets {
        let at = table.column(target)?;
        // Parts of one column may come one after the other, the whole of it only once.
        if columns.contains(&at) && (target.indirection.is_empty() || wholes.contains(&at)) {
            let message = format!("column \"{}\" specified more than once", target.name);
            return Err(DatabaseError::new(DUPLICATE_COLUMN, message).at(target.position));
        }
        if target.indirection.is_empty() {
            wholes.push(at);
        }
        columns.push(at);
    }
    if targets.is_empty() && given {
        columns = (0..table.named.columns.len()).collect();
    }
    Ok(columns)
}

/// VALUES and nothing else, so that DEFAULT may stand in it.
fn is_plain(select: &ast::Select) -> bool {
    select.with.is_none()
        && select.order_by.is_empty()
        && select.limit.is_none()
        && select.offset.is_none()
        && select.locking.is_empty()
}

/// What is given to which columns.
pub(super) struct Rows<'t> {
    pub(super) table: &'t Table,
    pub(super) columns: &'t [usize],
    /// The columns as they were written, with the parts of them.
    pub(super) targets: &'t [ast::ColumnTarget],
    /// Whether the list of columns was written: then each needs a value.
    pub(super) written: bool,
    pub(super) overriding_system: Option<bool>,
}

impl<'t> Rows<'t> {
    fn new(table: &'t Table, columns: &'t [usize], insert: &'t ast::Insert) -> Rows<'t> {
        Rows {
            table,
            columns,
            targets: &insert.columns,
            written: !insert.columns.is_empty(),
            overriding_system: insert.overriding_system,
        }
    }

    /// VALUES: each row with a value for every column of the table.
    fn values(
        &self,
        analysis: &mut Analysis<'_>,
        outer: &Scope<'_>,
        rows: &[Vec<ast::Expr>],
    ) -> Result<Query> {
        if let [first, rest @ ..] = rows
            && let Some(other) = rest.iter().find(|row| row.len() != first.len())
        {
            let position = other.first().map_or(0, |expr| expr.position);
            let message = "VALUES lists must all be the same length";
            return Err(DatabaseError::new(SYNTAX_ERROR, message).at(position));
        }
        let mut scope = Scope { ctes: outer.ctes.clone(), ..Scope::default() };
        let place = if rows.len() == 1 { Place::InsertTarget } else { Place::Values };
        let mut bound = Vec::new();
        for row in rows {
            let given = given(analysis, &mut scope, place, row)?;
            bound.push(self.row(analysis, given)?);
        }
        // Before any default counts a sequence up.
        analysis.prefold_rows(&bound)?;
        let columns = self.table.relation.columns.iter();
        let columns = columns.map(|column| OutputColumn { name: column.name.clone(), ty: column.type_ref });
        Ok(Query {
            ctes: Vec::new(),
            body: Body::Values(bound),
            columns: columns.collect(),
            order_by: Vec::new(),
            limit: None,
            with_ties: false,
            offset: None,
        })
    }

    /// A whole row from the given values.
    pub(super) fn row(&self, analysis: &mut Analysis<'_>, given: Vec<Expr>) -> Result<Vec<Expr>> {
        self.check_width(given.len(), given.get(self.columns.len()).map_or(0, |expr| expr.position))?;
        let mut values: Vec<Option<Expr>> = vec![None; self.table.relation.columns.len()];
        for (place, (at, expr)) in self.columns.iter().zip(given).enumerate() {
            let column = &self.table.named.columns[*at];
            let ruling = self.table.ruling(*at);
            if let Some(target) = self.targets.get(place).filter(|target| !target.indirection.is_empty()) {
                self.refuse_generated(ruling)?;
                let current = values[*at].take().unwrap_or_else(|| Expr::null(column.type_ref));
                let (mut scope, place) = (Scope::default(), Place::InsertTarget);
                values[*at] = Some(part::assign(analysis, &mut scope, place, column, target, current, expr)?);
                continue;
            }
            let is_default = matches!(expr.kind, ExprKind::Default);
            if !is_default {
                self.refuse_generated(ruling)?;
            }
            let replaced = ruling.identity.is_some() && self.overriding_system == Some(false);
            if !is_default && !replaced {
                let position = expr.position;
                let value = analysis
                    .coerce_assignment(expr, column.type_ref, &column.name)
                    .map_err(|error| if position > 0 { error.at(position) } else { error })?;
                self.put(&mut values, *at, value)?;
            }
        }
        self.fill(analysis, values)
    }

    /// Gives the table's column its value. A view may show one twice: 42601.
    fn put(&self, values: &mut [Option<Expr>], at: usize, value: Expr) -> Result<()> {
        let place = self.table.place(at);
        let Some(slot) = place.and_then(|at| values.get_mut(at)) else { return Ok(()) };
        if slot.replace(value).is_some() {
            let name = &self.table.ruling(at).name;
            let message = format!("multiple assignments to same column \"{name}\"");
            return Err(DatabaseError::new(SYNTAX_ERROR, message));
        }
        Ok(())
    }

    /// Defaults for what was not given.
    fn fill(&self, analysis: &mut Analysis<'_>, mut values: Vec<Option<Expr>>) -> Result<Vec<Expr>> {
        if self.table.is_view() {
            for (at, column) in self.table.named.columns.iter().enumerate() {
                let place = self.table.place(at);
                if column.default.is_some() && place.is_some_and(|at| values[at].is_none()) {
                    self.refuse_generated(self.table.ruling(at))?;
                    let value = tables::column_default(analysis, column)?;
                    self.put(&mut values, at, value)?;
                }
            }
        }
        let columns = self.table.relation.columns.iter();
        columns
            .zip(values)
            .map(|(column, value)| value.map_or_else(|| tables::column_default(analysis, column), Ok))
            .collect()
    }

    /// 42601 when there are more or fewer values than columns. Without a written list fewer are allowed.
    fn check_width(&self, given: usize, position: ast::Position) -> Result<()> {
        if given > self.columns.len() {
            let message = "INSERT has more expressions than target columns";
            return Err(DatabaseError::new(SYNTAX_ERROR, message).at(position));
        }
        if given < self.columns.len() && self.written {
            let message = "INSERT has more target columns than expressions";
            return Err(DatabaseError::new(SYNTAX_ERROR, message));
        }
        Ok(())
    }

    /// 428C9 for a value given to a column that makes its own.
    fn refuse_generated(&self, column: &Column) -> Result<()> {
        let message = format!("cannot insert a non-DEFAULT value into column \"{}\"", column.name);
        if column.generated {
            let detail = format!("Column \"{}\" is a generated column.", column.name);
            return Err(DatabaseError::new(GENERATED_ALWAYS, message).with_detail(detail));
        }
        let always = column.identity.is_some_and(|identity| identity.always);
        if always && self.overriding_system.is_none() {
            let detail =
                format!("Column \"{}\" is an identity column defined as GENERATED ALWAYS.", column.name);
            return Err(DatabaseError::new(GENERATED_ALWAYS, message)
                .with_detail(detail)
                .with_hint("Use OVERRIDING SYSTEM VALUE to override."));
        }
        Ok(())
    }
}

/// The values of a row of VALUES.
pub(super) fn given(
    analysis: &mut Analysis<'_>,
    scope: &mut Scope<'_>,
    place: Place,
    row: &[ast::Expr],
) -> Result<Vec<Expr>> {
    let mut given = Vec::with_capacity(row.len());
    for expr in row {
        match &expr.kind {
            ast::ExprKind::Star(qualifier) => {
                let fields = analysis.star(scope, qualifier, expr.position)?;
                given.extend(fields.into_iter().map(|(_, value)| value));
            }
            _ => given.push(analysis.expression(scope, place, expr)?),
        }
    }
    Ok(given)
}

/// INSERT … SELECT.
fn from_select(
    analysis: &mut Analysis<'_>,
    scope: &Scope<'_>,
    table: &Table,
    columns: &[usize],
    insert: &ast::Insert,
    select: &ast::Select,
) -> Result<Query> {
    let mut query = analysis.query_with(Some(scope), select, Unknowns::Keep)?;
    // What its WITH names is as well named by that of the statement.
    let ctes = std::mem::take(&mut query.ctes);
    let rows = Rows::new(table, columns, insert);
    rows.check_width(query.columns.len(), select.position)?;
    let id = analysis.new_range();
    let width = query.columns.len();
    let types: Vec<_> = query.columns.iter().map(|column| column.ty).collect();
    let range_column =
        |column: &OutputColumn| RangeColumn { name: column.name.clone(), ty: column.ty, not_null: false };
    let range = Range {
        id,
        alias: "source".to_owned(),
        columns: query.columns.iter().map(range_column).collect(),
        nullable: false,
        kind: RangeKind::Subquery { query: Box::new(query), lateral: false },
    };
    let given = (0..width).map(|column| Expr::new(ExprKind::Column { range: id, column }, types[column]));
    let values = rows.row(analysis, given.collect())?;
    Ok(source(ctes, vec![From::Range(Box::new(range))], None, values))
}
