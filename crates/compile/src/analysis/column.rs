//! Names of columns, rows and arguments: transformColumnRef and parse_relation.c.

use super::{Analysis, Item, Resolved, Scope};
use crate::bound::{Expr, ExprKind, RangeId};
use crate::types::plain;
use crate::walk::{Descend, visit};
use datum::oid;
use sqlstate::{AMBIGUOUS_ALIAS, DatabaseError, Result, SYNTAX_ERROR};
use syntax::ast::Position;

/// Columns that every table has in PostgreSQL.
const SYSTEM_COLUMNS: &[&str] = &["ctid", "xmin", "cmin", "xmax", "cmax", "tableoid"];

impl Analysis<'_> {
    /// `a`, `t.a`, `s.t.a`.
    pub(crate) fn column_reference(
        &mut self,
        scope: &mut Scope<'_>,
        parts: &[String],
        position: Position,
    ) -> Result<Expr> {
        self.variable_or(parts, position, |analysis| analysis.column_or_argument(scope, parts, position))
    }

    fn column_or_argument(
        &mut self,
        scope: &mut Scope<'_>,
        parts: &[String],
        position: Position,
    ) -> Result<Expr> {
        match parts {
            [column] => self.bare_column(scope, column, position),
            [table, column] => self.qualified_column(scope, None, table, column, position),
            [schema, table, column] => self.qualified_column(scope, Some(schema), table, column, position),
            _ => Err(DatabaseError::new(
                SYNTAX_ERROR,
                format!("improper qualified name (too many dotted names): {}", parts.join(".")),
            )
            .at(position)),
        }
    }

    fn bare_column(&mut self, scope: &mut Scope<'_>, column: &str, position: Position) -> Result<Expr> {
        if let Some(found) = self.find_column(scope, column, position)? {
            return Ok(found);
        }
        if let Some(item) = find_item(scope, None, column).map_err(|error| error.at(position))? {
            let item = item.clone();
            return Ok(self.whole_row(&item).at(position));
        }
        if let Some(argument) = self.argument_named(None, column) {
            return Ok(argument.at(position));
        }
        if SYSTEM_COLUMNS.contains(&column) && scope.items.iter().any(|item| item.range.is_some()) {
            return Err(DatabaseError::unsupported(format_args!("system column {column}")).at(position));
        }
        Err(self.no_column(scope, None, column, position))
    }

    /// colNameToVar
    pub(crate) fn find_column(
        &mut self,
        scope: &Scope<'_>,
        column: &str,
        position: Position,
    ) -> Result<Option<Expr>> {
        let mut level = Some(scope);
        while let Some(scope) = level {
            if let Some((item, at)) = self.column_here(scope, column, position)? {
                let item = item.clone();
                return Ok(Some(self.read_column(&item, at, position)));
            }
            level = scope.parent;
        }
        Ok(None)
    }

    /// As colNameToVar with localonly: whether a column of this name can be seen at this level.
    pub(crate) fn column_here<'s>(
        &self,
        scope: &'s Scope<'_>,
        column: &str,
        position: Position,
    ) -> Result<Option<(&'s Item, usize)>> {
        if scope.items_hidden {
            return Ok(None);
        }
        let mut found = None;
        for item in scope.items.iter().filter(|item| item.columns_visible) {
            if let Some(at) = self.column_of(item, column, position)? {
                if found.is_some() {
                    return Err(self.ambiguous_column(column, position));
                }
                if item.beyond {
                    return Err(beyond_reach(&item.name).at(position));
                }
                found = Some((item, at));
            }
        }
        Ok(found)
    }

    fn column_of(&self, item: &Item, column: &str, position: Position) -> Result<Option<usize>> {
        let mut matching = item.columns.iter().enumerate().filter(|(_, other)| other.name == column);
        let Some((at, _)) = matching.next() else { return Ok(None) };
        match matching.next() {
            Some(_) => Err(self.ambiguous_column(column, position)),
            None => Ok(Some(at)),
        }
    }

    fn qualified_column(
        &mut self,
        scope: &mut Scope<'_>,
        schema: Option<&str>,
        table: &str,
        column: &str,
        position: Position,
    ) -> Result<Expr> {
        let item = find_item(scope, schema, table).map_err(|error| error.at(position))?.cloned();
        let Some(item) = item else {
            if schema.is_none()
                && let Some(argument) = self.argument_named(Some(table), column)
            {
                return Ok(argument.at(position));
            }
            if schema.is_none()
                && let Some(row) = self.argument_named(None, table)
                && let Some(field) = self.field_named(&row, column)
            {
                return Ok(field.at(position));
            }
            return Err(self.no_range(scope, table, position));
        };
        if let Some(at) = self.column_of(&item, column, position)? {
            return Ok(self.read_column(&item, at, position));
        }
        if SYSTEM_COLUMNS.contains(&column) && item.range.is_some() {
            return Err(DatabaseError::unsupported(format_args!("system column {column}")).at(position));
        }
        // `t.f` may be the function call `f(t)`.
        let row = self.whole_row(&item).at(position);
        match self.projection_call(scope, column, row, position)? {
            Some(call) => Ok(call),
            None => Err(self.no_column(scope, Some(table), column, position)),
        }
    }

    /// The value of an item's column; it counts as read.
    pub(crate) fn read_column(&mut self, item: &Item, at: usize, position: Position) -> Expr {
        let column = &item.columns[at];
        self.resolved.push((position, Resolved::Column { table: item.name.clone(), range: item.range }));
        if let (Some(range), Some(number)) = (item.range, column.number)
            && let Some(relation) = self.required.get_mut(&range)
        {
            relation.required.selected.insert(number);
        } else {
            self.mark_read(&column.expr);
        }
        column.expr.clone().at(position)
    }

    /// Records that the columns in an expression are read.
    pub(crate) fn mark_read(&mut self, expr: &Expr) {
        let required = &mut self.required;
        visit(expr, &mut |part| {
            match part.kind {
                ExprKind::Column { range, column } => {
                    if let Some(entry) = required.get_mut(&range)
                        && let Some(column) = entry.relation.columns.get(column)
                    {
                        entry.required.selected.insert(column.number);
                    }
                }
                ExprKind::WholeRow(range) => {
                    if let Some(entry) = required.get_mut(&range) {
                        entry.required.whole_row = true;
                    }
                }
                _ => {}
            }
            Descend::Into
        });
    }

    /// The row of an item of FROM as one value.
    pub(crate) fn whole_row(&mut self, item: &Item) -> Expr {
        if let (Some(range), [column]) = (item.range, item.columns.as_slice())
            && self.rows.get(&range).is_some_and(|shape| shape.is_scalar)
        {
            return column.expr.clone();
        }
        let plain_range = item.range.filter(|range| {
            let own = |(at, column): (usize, &super::ItemColumn)| {
                column.expr.kind == ExprKind::Column { range: *range, column: at }
            };
            item.columns.iter().enumerate().all(own)
        });
        if let Some(range) = item.range
            && let Some(entry) = self.required.get_mut(&range)
        {
            entry.required.whole_row = true;
        }
        if let Some(range) = plain_range {
            return Expr::new(ExprKind::WholeRow(range), plain(self.row_type(range)));
        }
        let fields: Vec<Expr> = item.columns.iter().map(|column| column.expr.clone()).collect();
        let row_type = item.range.map_or(oid::RECORD, |range| self.row_type(range));
        if item.range.is_none() {
            fields.iter().for_each(|field| self.mark_read(field));
        }
        let names = item.columns.iter().map(|column| column.name.clone()).collect();
        Expr::new(ExprKind::Row { fields, names }, plain(row_type))
    }

    /// `t.*` as one value.
    pub(crate) fn row_reference(
        &mut self,
        scope: &Scope<'_>,
        qualifier: &[String],
        position: Position,
    ) -> Result<Expr> {
        let (schema, table) = match qualifier {
            [table] => (None, table),
            [schema, table] => (Some(schema.as_str()), table),
            _ => {
                let message =
                    format!("improper qualified name (too many dotted names): {}.*", qualifier.join("."));
                return Err(DatabaseError::new(SYNTAX_ERROR, message).at(position));
            }
        };
        let item = find_item(scope, schema, table).map_err(|error| error.at(position))?.cloned();
        match item {
            Some(item) => Ok(self.whole_row(&item).at(position)),
            None => match self.variable_row(qualifier)? {
                Some(row) => Ok(row.at(position)),
                None => Err(self.no_range(scope, table, position)),
            },
        }
    }

    fn row_type(&self, range: RangeId) -> u32 {
        self.rows.get(&range).map_or(oid::RECORD, |shape| shape.row_type)
    }

    /// An argument of the SQL function whose body this is; `f.x` names its function.
    pub(crate) fn argument_named(&self, function: Option<&str>, name: &str) -> Option<Expr> {
        let known = self.arguments.as_ref()?;
        if function.is_some_and(|function| function != known.function) {
            return None;
        }
        let argument = known.arguments.iter().find(|argument| argument.name.as_deref() == Some(name))?;
        Some(argument.value.clone())
    }

    /// A field of a composite value.
    pub(crate) fn field_named(&self, expr: &Expr, name: &str) -> Option<Expr> {
        let (names, types) = self.row_shape(expr)?;
        let at = names.iter().position(|other| other == name)?;
        let position = expr.position;
        if let ExprKind::Row { fields, .. } = &expr.kind {
            return Some(fields[at].clone().at(position));
        }
        if let ExprKind::WholeRow(range) = expr.kind {
            return Some(Expr::new(ExprKind::Column { range, column: at }, types[at]).at(position));
        }
        let kind = ExprKind::Field { expr: Box::new(expr.clone()), field: at };
        Some(Expr::new(kind, types[at]).at(position))
    }

    /// The columns of a composite value: their names and types.
    pub(crate) fn row_shape(&self, expr: &Expr) -> Option<(Vec<String>, Vec<catalog::TypeRef>)> {
        match &expr.kind {
            ExprKind::WholeRow(range) => {
                let shape = self.rows.get(range)?;
                return Some((shape.names.clone(), shape.types.clone()));
            }
            ExprKind::Row { fields, names } => {
                return Some((names.clone(), fields.iter().map(|field| field.ty).collect()));
            }
            ExprKind::Column { range, column } if expr.ty.oid == oid::RECORD => {
                return self.rows.get(range)?.records.get(column).cloned();
            }
            _ => {}
        }
        if let ExprKind::Call { function, args } | ExprKind::SetCall { function, args } = &expr.kind
            && expr.ty.oid == oid::RECORD
        {
            let outputs = self.concrete_outputs(*function, args).unwrap_or_default();
            return (!outputs.is_empty()).then(|| outputs.into_iter().unzip());
        }
        let relation = self.composite(expr.ty.oid)?;
        let columns = relation.columns.iter();
        Some(columns.map(|column| (column.name.clone(), column.type_ref)).unzip())
    }
}

/// refnameNamespaceItem: the item of FROM of this name, inner levels first; 42P09 when two have it.
pub(crate) fn find_item<'s>(
    scope: &'s Scope<'_>,
    schema: Option<&str>,
    name: &str,
) -> Result<Option<&'s Item>> {
    let mut level = Some(scope);
    while let Some(scope) = level {
        if !scope.items_hidden {
            let visible = scope.items.iter().filter(|item| item.relation_visible && item.name == name);
            let mut matching = visible.filter(|item| schema.is_none() || item.schema.as_deref() == schema);
            if let Some(item) = matching.next() {
                if matching.next().is_some() {
                    return Err(DatabaseError::new(
                        AMBIGUOUS_ALIAS,
                        format!("table reference \"{name}\" is ambiguous"),
                    ));
                }
                if item.beyond {
                    return Err(beyond_reach(name));
                }
                return Ok(Some(item));
            }
        }
        level = scope.parent;
    }
    Ok(None)
}

/// 42P10 for the left side of a RIGHT or FULL join, from its right side.
fn beyond_reach(name: &str) -> DatabaseError {
    DatabaseError::new(
        sqlstate::INVALID_COLUMN_REFERENCE,
        format!("invalid reference to FROM-clause entry for table \"{name}\""),
    )
    .with_detail("The combining JOIN type must be INNER or LEFT for a LATERAL reference.")
}
