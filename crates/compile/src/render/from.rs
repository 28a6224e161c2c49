//! FROM.

use super::condition::is_correlated;
use super::{Renderer, Shape, Source, native};
use crate::bound::{Expr, ExprKind, From, Range, RangeFunction, RangeKind, RelationRange};
use crate::program::Bind;
use crate::storage;
use crate::walk;
use sqlstate::{DATATYPE_MISMATCH, DatabaseError, Result};
use std::collections::BTreeSet;
use syntax::ast::JoinKind;

impl Renderer<'_> {
    /// Makes the ranges of FROM known, before anything that reads them is rendered.
    pub(super) fn declare(&mut self, from: &From) {
        match from {
            From::Range(range) => {
                let source = match &range.kind {
                    RangeKind::Relation(relation) => Source::Table(relation.relation.clone()),
                    RangeKind::Function { functions, ordinality, .. }
                        if *ordinality || is_table_valued(self.catalog, functions) =>
                    {
                        let last = range.columns.len().saturating_sub(1);
                        Source::Function { ordinality: ordinality.then_some(last) }
                    }
                    RangeKind::Subquery { lateral: true, .. } | RangeKind::System(_) => {
                        Source::Function { ordinality: None }
                    }
                    _ => Source::Numbered,
                };
                self.sources.insert(range.id, source);
                self.shapes
                    .insert(range.id, Shape { columns: range.columns.clone(), nullable: range.nullable });
            }
            From::Join { left, right, .. } => {
                self.declare(left);
                self.declare(right);
            }
        }
    }

    /// The items of FROM and the filters that go to WHERE.
    pub(super) fn items(&mut self, items: &[From]) -> Result<(String, Vec<String>)> {
        let mut filters = Vec::new();
        let mut texts = Vec::new();
        for (at, item) in items.iter().enumerate() {
            let text = self.item(item, &mut filters)?;
            // What was joined by commas before comes first all the same: only sides that may be missing need brackets.
            let text = if at > 0 && is_two_sided(item) {
                self.note_all(item)?;
                format!("({text})")
            } else {
                text
            };
            texts.push(text);
        }
        Ok((texts.join(", "), filters))
    }

    fn item(&mut self, from: &From, filters: &mut Vec<String>) -> Result<String> {
        match from {
            From::Range(range) => self.range(range, filters),
            From::Join { kind, left, right, condition } => {
                let word = match kind {
                    JoinKind::Inner => "JOIN",
                    JoinKind::Left => "LEFT JOIN",
                    JoinKind::Right => "RIGHT JOIN",
                    JoinKind::Full => "FULL JOIN",
                };
                let left_sql = self.item(left, filters)?;
                let right_sql = self.item(right, filters)?;
                let right_sql = if matches!(**right, From::Join { .. }) {
                    self.note_all(right)?;
                    format!("({right_sql})")
                } else {
                    right_sql
                };
                Ok(match condition {
                    Some(condition) => {
                        let condition = self.condition(condition)?;
                        format!("{left_sql} {word} {right_sql} ON {condition}")
                    }
                    None => format!("{left_sql} {word} {right_sql} ON 1"),
                })
            }
        }
    }

    /// SQLite takes brackets for a sub-query of all columns, and asks for each.
    fn note_all(&mut self, from: &From) -> Result<()> {
        match from {
            From::Range(range) => {
                if let RangeKind::Relation(relation) = &range.kind
                    && (relation.filters.is_empty() || !range.nullable)
                {
                    for column in &relation.relation.columns {
                        self.note_read(&relation.relation, Some(&column.name))?;
                    }
                }
                Ok(())
            }
            From::Join { left, right, .. } => {
                self.note_all(left)?;
                self.note_all(right)
            }
        }
    }

    fn range(&mut self, range: &Range, filters: &mut Vec<String>) -> Result<String> {
        let alias = format!("r{}", range.id.0);
        let sql = self.plain_range(range, &alias, filters)?;
        let numbered = matches!(self.sources.get(&range.id), Some(Source::Numbered));
        if range.nullable && numbered && self.whole_rows.contains(&range.id) {
            return Ok(format!("(SELECT {alias}.*, 1 AS here FROM {sql}) AS {alias}"));
        }
        Ok(sql)
    }

    fn plain_range(&mut self, range: &Range, alias: &str, filters: &mut Vec<String>) -> Result<String> {
        Ok(match &range.kind {
            RangeKind::Relation(relation) => self.relation(range, relation, alias, filters)?,
            RangeKind::Subquery { query, lateral: true } => {
                // A sub-query of SQLite's sees the query around, never its siblings; an argument of a function does.
                let sql = self.subquery(query)?;
                let columns: Vec<_> = (0..query.columns.len()).map(|at| format!("c{at}")).collect();
                format!("bedplate_unpack((SELECT pg_pack({}) FROM ({sql}))) AS {alias}", columns.join(", "))
            }
            RangeKind::Subquery { query, lateral: false } => {
                if is_correlated(query) && self.reads_sibling(query) {
                    return Err(DatabaseError::unsupported("a sub-query in FROM that reads its siblings"));
                }
                let mut sql = self.subquery(query)?;
                let volatile = walk_is_volatile(self, query);
                if volatile && query.limit.is_none() && query.offset.is_none() {
                    // Not flattened, so that a volatile column has one value for each row.
                    sql.push_str(" LIMIT -1");
                }
                format!("({sql}) AS {alias}")
            }
            RangeKind::Cte(id) => match self.buffers.get(id) {
                Some(buffer) => format!("bedplate_rows({buffer}) AS {alias}"),
                None => format!("cte{} AS {alias}", id.0),
            },
            RangeKind::Buffer(buffer) => format!("bedplate_rows({buffer}) AS {alias}"),
            RangeKind::System(relation) => {
                let role = self.bind(&Bind::CurrentUser);
                format!("bedplate_system({}, {role}) AS {alias}", relation.oid)
            }
            RangeKind::Values(rows) => format!("({}) AS {alias}", self.values(rows)?),
            RangeKind::Function { functions, ordinality, .. } => {
                self.functions(range, functions, *ordinality, alias)?
            }
        })
    }

    /// A table. Its policies go to WHERE; where an outer join could bring hidden rows back as NULLs they stay inside.
    fn relation(
        &mut self,
        range: &Range,
        relation: &RelationRange,
        alias: &str,
        filters: &mut Vec<String>,
    ) -> Result<String> {
        let table = &relation.relation;
        self.note_read(table, None)?;
        let name = storage::quote(&storage::sqlite_name(self.catalog, table.schema, &table.name)?);
        if relation.filters.is_empty() {
            return Ok(format!("{name} AS {alias}"));
        }
        if !range.nullable {
            for filter in &relation.filters {
                let sql = self.condition(filter)?;
                filters.push(sql);
            }
            return Ok(format!("{name} AS {alias}"));
        }
        let mut columns = vec![format!("{alias}.{0} AS {0}", storage::rowid_name(table)?)];
        let used = self.used.get(&range.id).cloned().unwrap_or_default();
        let whole = self.whole_rows.contains(&range.id);
        for (at, column) in table.columns.iter().enumerate() {
            if !whole && !used.contains(&at) {
                continue;
            }
            self.note_read(table, Some(&column.name))?;
            let column = storage::quote(&column.name);
            columns.push(format!("{alias}.{column} AS {column}"));
        }
        let mut conditions = Vec::new();
        for filter in &relation.filters {
            conditions.push(self.condition(filter)?);
        }
        let (columns, conditions) = (columns.join(", "), conditions.join(" AND "));
        Ok(format!("(SELECT {columns} FROM {name} AS {alias} WHERE {conditions}) AS {alias}"))
    }

    fn functions(
        &mut self,
        range: &Range,
        functions: &[RangeFunction],
        ordinality: bool,
        alias: &str,
    ) -> Result<String> {
        let alone = match functions {
            [function] if function.query.is_none() => {
                let set = matches!(function.call.kind, ExprKind::SetCall { .. });
                let fields = set && self.gives_fields(function)?;
                ((set || !ordinality) && !fields).then_some(function)
            }
            _ => None,
        };
        let Some(function) = alone else {
            // Side by side, the shorter ones padded with NULL.
            let mut packed = Vec::with_capacity(functions.len());
            let mut widths = Vec::with_capacity(functions.len());
            for function in functions {
                let rows = match (&function.query, &function.call.kind) {
                    (Some(query), _) => format!("({})", self.subquery(query)?),
                    (None, ExprKind::SetCall { .. }) if self.gives_fields(function)? => {
                        self.field_rows(&function.call)?
                    }
                    (None, ExprKind::SetCall { .. }) => self.set_call(&function.call, function.columns)?,
                    (None, _) => format!("({})", self.one_row(&function.call, function.columns)?),
                };
                let columns: Vec<_> = (0..function.columns).map(|at| format!("c{at}")).collect();
                packed.push(format!("(SELECT pg_pack({}) FROM {rows})", columns.join(", ")));
                widths.push(function.columns.to_string());
            }
            return Ok(format!("bedplate_zip('{}', {}) AS {alias}", widths.join(","), packed.join(", ")));
        };
        match &function.call.kind {
            ExprKind::SetCall { function: oid, args } if function.call.ty.oid == datum::oid::RECORD => {
                match json_record_function(*oid) {
                    Some(name) if !ordinality => {
                        Ok(format!("{} AS {alias}", self.json_record(range, name, args)?))
                    }
                    _ => {
                        let columns = range.columns.len() - usize::from(ordinality);
                        Ok(format!("{} AS {alias}", self.set_call(&function.call, columns)?))
                    }
                }
            }
            ExprKind::SetCall { .. } => {
                let columns = range.columns.len() - usize::from(ordinality);
                Ok(format!("{} AS {alias}", self.set_call(&function.call, columns)?))
            }
            ExprKind::Call { .. } if !ordinality && self.is_row(&function.call) => {
                let rows = self.row_columns(range, &function.call)?;
                Ok(format!("{rows} AS {alias}"))
            }
            _ => {
                let reads = walk::any(&function.call, &mut |part| {
                    matches!(part.kind, ExprKind::Column { .. } | ExprKind::WholeRow(_))
                });
                let row = self.one_row(&function.call, function.columns)?;
                if reads {
                    let columns: Vec<_> = (0..function.columns).map(|at| format!("c{at}")).collect();
                    let columns = columns.join(", ");
                    return Ok(format!(
                        "bedplate_unpack((SELECT pg_pack({columns}) FROM ({row}))) AS {alias}"
                    ));
                }
                Ok(format!("({row} LIMIT -1) AS {alias}"))
            }
        }
    }

    /// Whether a function gives one row whose columns the range shows.
    fn is_row(&self, call: &Expr) -> bool {
        let ExprKind::Call { function, .. } = call.kind else { return false };
        let composite = crate::types::is_composite(self.catalog, call.ty.oid);
        composite || call.ty.oid == datum::oid::RECORD && json_record_function(function).is_some()
    }

    /// The columns of a function's one row.
    fn row_columns(&mut self, range: &Range, call: &Expr) -> Result<String> {
        let ExprKind::Call { function, args } = &call.kind else {
            return Err(DatabaseError::internal("a function of one row that is none"));
        };
        if call.ty.oid == datum::oid::RECORD
            && let Some(name) = json_record_function(*function)
        {
            return self.json_record(range, name, args);
        }
        let oid = call.ty.oid;
        Ok(format!("pg_set_row_fields('{oid},{oid}', {})", self.expr(call)?))
    }

    /// `json_to_record` and kin: the columns of the range tell what the rows are.
    fn json_record(&mut self, range: &Range, name: &str, args: &[Expr]) -> Result<String> {
        let (argument, base) = match args {
            [argument] => (argument, None),
            [base, argument, ..] => (argument, Some(base)),
            [] => return Err(DatabaseError::internal("a function without a document")),
        };
        let mut more = String::new();
        match base.map(|base| &base.kind) {
            None | Some(ExprKind::Constant(datum::StoredValue::Null)) => {}
            Some(ExprKind::Row { fields, .. }) if fields.len() <= 7 => {
                matches_columns(range, fields)?;
                more = format!(", {}", self.list(fields)?);
            }
            Some(_) => return Err(DatabaseError::unsupported(format_args!("{name} of this record"))),
        }
        let columns: Vec<String> = range
            .columns
            .iter()
            .map(|column| {
                format!("[{},{},{}]", super::call::json_text(&column.name), column.ty.oid, column.ty.modifier)
            })
            .collect();
        let shape = storage::quote_text(&format!("[{}]", columns.join(",")));
        Ok(format!("pg_set_json_record_columns({shape}, '{name}', {}{more})", self.expr(argument)?))
    }

    /// Whether a set-returning function gives composite values, of which the range has the fields.
    fn gives_fields(&self, function: &RangeFunction) -> Result<bool> {
        let ExprKind::SetCall { function: oid, .. } = &function.call.kind else { return Ok(false) };
        if *oid >= catalog::FIRST_USER_OID {
            return Ok(false);
        }
        let unnests = super::call::builtin(*oid)?.name == "unnest";
        Ok(unnests && crate::types::is_composite(self.catalog, function.call.ty.oid))
    }

    /// The fields of the composite values that a set-returning function gives.
    fn field_rows(&mut self, call: &Expr) -> Result<String> {
        let Some(relation) = crate::types::composite(self.catalog, call.ty.oid).cloned() else {
            return Err(DatabaseError::internal("fields of what is no row"));
        };
        let rows = self.set_call(call, 1)?;
        let mut fields = Vec::new();
        for (at, column) in relation.columns.iter().enumerate() {
            let signature = format!("{},{}", call.ty.oid, column.type_ref.oid);
            fields.push(format!("pg_row_field('{signature}', c0, {at}) AS c{at}"));
        }
        Ok(format!("(SELECT {} FROM {rows})", fields.join(", ")))
    }

    /// The row of a function that gives one: its value, or the fields of it.
    fn one_row(&mut self, call: &Expr, columns: usize) -> Result<String> {
        let composite = crate::types::composite(self.catalog, call.ty.oid).cloned();
        let Some(relation) = composite else {
            if columns != 1 || call.ty.oid == datum::oid::RECORD {
                return Err(DatabaseError::unsupported("a function of one row in FROM with these columns"));
            }
            return Ok(format!("SELECT {} AS c0", self.expr(call)?));
        };
        let mut fields = Vec::with_capacity(columns);
        for (field, column) in relation.columns.iter().enumerate() {
            let kind = ExprKind::Field { expr: Box::new(call.clone()), field };
            let sql = self.expr(&Expr::new(kind, column.type_ref))?;
            fields.push(format!("{sql} AS c{field}"));
        }
        Ok(format!("SELECT {}", fields.join(", ")))
    }

    /// The table-valued function of a set-returning one.
    fn set_call(&mut self, call: &Expr, columns: usize) -> Result<String> {
        let ExprKind::SetCall { function, args } = &call.kind else {
            return Err(DatabaseError::internal("a set-returning function that is none"));
        };
        if *function >= catalog::FIRST_USER_OID {
            return Err(DatabaseError::unsupported("a function of the user's own beside another one"));
        }
        let row = super::call::builtin(*function)?;
        let Some(code) = datum::set_function(row.source) else {
            return Err(DatabaseError::unsupported(format_args!("function {}", row.name)));
        };
        if if code.is_open() { columns > code.columns } else { columns != code.columns } {
            return Err(DatabaseError::unsupported(format_args!("function {} with these columns", row.name)));
        }
        let mut list = Vec::new();
        if code.typed {
            list.push(format!("'{}'", super::call::signature(args, call.ty)));
        }
        for arg in args {
            list.push(self.expr(arg)?);
        }
        Ok(format!("pg_set_{}({})", row.source, list.join(", ")))
    }

    /// VALUES with columns `c0`, `c1` …
    pub(super) fn values(&mut self, rows: &[Vec<Expr>]) -> Result<String> {
        if let [row] = rows {
            let mut targets = Vec::new();
            for (at, expr) in row.iter().enumerate() {
                targets.push(format!("{} AS c{at}", self.expr(expr)?));
            }
            if targets.is_empty() {
                targets.push("NULL".to_owned());
            }
            return Ok(format!("SELECT {}", targets.join(", ")));
        }
        let width = rows.first().map_or(0, Vec::len);
        // SQLite names the columns of VALUES after the first row's, where that has columns of a query around it.
        if let Some((first, rest)) = rows.split_first()
            && first
                .iter()
                .any(|expr| walk::any(expr, &mut |part| matches!(part.kind, ExprKind::Column { .. })))
        {
            let columns: Vec<_> = (0..width).map(|at| format!("c{at}")).collect();
            let first = self.values(std::slice::from_ref(first))?;
            let rest = self.plain_values(rest)?;
            return Ok(format!("SELECT {} FROM ({first} UNION ALL {rest})", columns.join(", ")));
        }
        let columns: Vec<_> = (0..width).map(|at| format!("column{} AS c{at}", at + 1)).collect();
        Ok(format!("SELECT {} FROM ({})", columns.join(", "), self.plain_values(rows)?))
    }

    /// `VALUES (…), (…)`.
    pub(super) fn plain_values(&mut self, rows: &[Vec<Expr>]) -> Result<String> {
        let mut lists = Vec::new();
        for row in rows {
            lists.push(format!("({})", self.list(row)?));
        }
        Ok(format!("VALUES {}", lists.join(", ")))
    }

    /// Whether a sub-query in FROM reads a range that is declared now and not of a query around: its siblings.
    fn reads_sibling(&self, query: &crate::bound::Query) -> bool {
        let mut brought = BTreeSet::new();
        super::condition::brought_by_query(query, &mut brought);
        let mut found = false;
        walk::visit_query(query, &mut |expr| {
            if let ExprKind::Column { range, .. } | ExprKind::WholeRow(range) = expr.kind {
                found = found || (!brought.contains(&range) && self.siblings.contains(&range));
            }
            walk::Descend::Into
        });
        found
    }
}

/// Whether an item of FROM has a RIGHT or FULL join.
fn is_two_sided(from: &From) -> bool {
    match from {
        From::Range(_) => false,
        From::Join { kind, left, right, .. } => {
            matches!(kind, JoinKind::Right | JoinKind::Full) || is_two_sided(left) || is_two_sided(right)
        }
    }
}

/// The name of a function whose columns the query defines, from JSON.
fn json_record_function(function: catalog::Oid) -> Option<&'static str> {
    let name = super::call::builtin(function).ok()?.name;
    let names = [
        "json_to_record",
        "jsonb_to_record",
        "json_to_recordset",
        "jsonb_to_recordset",
        "json_populate_record",
        "jsonb_populate_record",
        "json_populate_recordset",
        "jsonb_populate_recordset",
    ];
    names.into_iter().find(|known| *known == name)
}

/// Whether a base row has the columns that the query defines: 42804 if not.
fn matches_columns(range: &Range, fields: &[Expr]) -> Result<()> {
    let mismatch = |detail: String| {
        let message = "function return row and query-specified return row do not match";
        Err(DatabaseError::new(DATATYPE_MISMATCH, message).with_detail(detail))
    };
    if fields.len() != range.columns.len() {
        let attributes = if fields.len() == 1 { "attribute" } else { "attributes" };
        return mismatch(format!(
            "Returned row contains {} {attributes}, but query expects {}.",
            fields.len(),
            range.columns.len()
        ));
    }
    for (at, (field, column)) in fields.iter().zip(&range.columns).enumerate() {
        if field.ty.oid != column.ty.oid {
            let name = |oid| {
                catalog::Catalog::default().format_type_oid(&catalog::lookup::SearchPath::default(), oid)
            };
            return mismatch(format!(
                "Returned type {} at ordinal position {}, but query expects {}.",
                name(field.ty.oid),
                at + 1,
                name(column.ty.oid)
            ));
        }
    }
    Ok(())
}

/// Whether functions in FROM become one table-valued function.
fn is_table_valued(catalog: &catalog::Catalog, functions: &[RangeFunction]) -> bool {
    match functions {
        [function] if function.query.is_some() => true,
        [function] => match function.call.kind {
            ExprKind::SetCall { .. } => true,
            ExprKind::Call { function: oid, .. } => {
                json_record_function(oid).is_some()
                    || crate::types::is_composite(catalog, function.call.ty.oid)
            }
            _ => false,
        },
        functions => functions.len() > 1,
    }
}

/// Whether a query calls something volatile.
fn walk_is_volatile(renderer: &Renderer<'_>, query: &crate::bound::Query) -> bool {
    let mut volatile = false;
    walk::visit_query(query, &mut |expr| {
        if let ExprKind::Call { function, .. } = expr.kind
            && let Ok(row) = super::call::builtin(function)
        {
            volatile = volatile
                || row.volatility == catalog::Volatility::Volatile
                || native::SEQUENCE_FUNCTIONS.contains(&row.source);
        }
        walk::Descend::Into
    });
    let _ = renderer;
    volatile
}
