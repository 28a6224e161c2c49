//! Output lists: stars, names and literals (parse_target.c).

use super::column::find_item;
use super::{Analysis, Item, Place, Scope};
use crate::bound::{Expr, ExprKind, Target};
use datum::oid;
use sqlstate::{DatabaseError, Result, SYNTAX_ERROR, TOO_MANY_COLUMNS, WRONG_OBJECT_TYPE};
use syntax::ast::{self, ExprKind as Ast, Position, ValueFunction};

/// MaxTupleAttributeNumber
const TARGETS_MAX: usize = 1664;

impl Analysis<'_> {
    /// Analyses an output list (a select list, RETURNING): stars expanded, columns named, untyped literals still `unknown`.
    pub fn output_list(
        &mut self,
        scope: &mut Scope<'_>,
        place: Place,
        targets: &[ast::Target],
    ) -> Result<Vec<Target>> {
        let mut list = Vec::with_capacity(targets.len());
        for target in targets {
            match &target.expr.kind {
                Ast::Star(qualifier) => {
                    let columns = self.star(scope, qualifier, target.expr.position)?;
                    list.extend(columns.into_iter().map(|(name, expr)| Target { expr, name }));
                }
                Ast::FieldStar(row) => {
                    list.extend(self.field_star(scope, place, row, target.expr.position)?);
                }
                _ => {
                    let expr = self.expression(scope, place, &target.expr)?;
                    let name = target.alias.clone().unwrap_or_else(|| column_name(&target.expr));
                    list.push(Target { expr, name });
                }
            }
        }
        if list.len() > TARGETS_MAX {
            let message = format!("target lists can have at most {TARGETS_MAX} entries");
            return Err(DatabaseError::new(TOO_MANY_COLUMNS, message));
        }
        Ok(list)
    }

    /// `*` and `t.*`: names and values.
    pub(crate) fn star(
        &mut self,
        scope: &mut Scope<'_>,
        qualifier: &[String],
        position: Position,
    ) -> Result<Vec<(String, Expr)>> {
        let items: Vec<Item> = match qualifier {
            [] => {
                let visible = scope.items.iter().filter(|item| item.columns_visible).cloned();
                let items: Vec<Item> = visible.collect();
                if items.is_empty() {
                    return Err(DatabaseError::new(
                        SYNTAX_ERROR,
                        "SELECT * with no tables specified is not valid",
                    )
                    .at(position));
                }
                items
            }
            [table] | [_, table] => {
                let schema = (qualifier.len() == 2).then(|| qualifier[0].as_str());
                match find_item(scope, schema, table).map_err(|error| error.at(position))? {
                    Some(item) => vec![item.clone()],
                    None => {
                        let argument = match qualifier {
                            [argument] => self.argument_named(None, argument),
                            [function, argument] => self.argument_named(Some(function), argument),
                            _ => None,
                        };
                        if let Some(row) = argument
                            && let Some((names, _)) = self.row_shape(&row)
                        {
                            let fields = names.into_iter().filter_map(|name| {
                                self.field_named(&row, &name).map(|field| (name, field.at(position)))
                            });
                            return Ok(fields.collect());
                        }
                        return match self.variable_star(qualifier)? {
                            Some(fields) => Ok(fields),
                            None => Err(self.no_range(scope, table, position)),
                        };
                    }
                }
            }
            _ => {
                return Err(DatabaseError::new(
                    SYNTAX_ERROR,
                    format!("improper qualified name (too many dotted names): {}.*", qualifier.join(".")),
                )
                .at(position));
            }
        };
        let mut columns = Vec::new();
        for item in &items {
            for at in 0..item.columns.len() {
                let value = self.read_column(item, at, position);
                columns.push((item.columns[at].name.clone(), value));
            }
        }
        Ok(columns)
    }

    /// `(row).*`
    fn field_star(
        &mut self,
        scope: &mut Scope<'_>,
        place: Place,
        row: &ast::Expr,
        position: Position,
    ) -> Result<Vec<Target>> {
        let row = self.expression(scope, place, row)?;
        let Some((names, types)) = self.row_shape(&row) else {
            let name = self.type_name(row.ty.oid);
            return Err(if row.ty.oid == oid::RECORD {
                DatabaseError::unsupported("expansion of a record of unknown shape")
            } else {
                DatabaseError::new(WRONG_OBJECT_TYPE, format!("type {name} is not composite"))
            }
            .at(position));
        };
        let fields = names.into_iter().zip(types).enumerate().map(|(at, (name, ty))| {
            let expr = match &row.kind {
                ExprKind::Row { fields, .. } => fields[at].clone(),
                ExprKind::WholeRow(range) => {
                    Expr::new(ExprKind::Column { range: *range, column: at }, ty).at(position)
                }
                _ => Expr::new(ExprKind::Field { expr: Box::new(row.clone()), field: at }, ty).at(position),
            };
            Target { expr, name }
        });
        let fields: Vec<Target> = fields.collect();
        fields.iter().for_each(|field| self.mark_read(&field.expr));
        Ok(fields)
    }
}

/// FigureColname
pub(crate) fn column_name(expr: &ast::Expr) -> String {
    figure(expr).map_or_else(|| "?column?".to_owned(), |(name, _)| name)
}

/// The name and how strongly it is one: a cast's type name (1) gives way in CASE.
fn figure(expr: &ast::Expr) -> Option<(String, u8)> {
    let strong = |name: &str| Some((name.to_owned(), 2));
    match &expr.kind {
        Ast::Column(parts) => parts.last().map(|name| (name.clone(), 2)),
        Ast::Star(qualifier) => qualifier.last().map(|name| (name.clone(), 2)),
        Ast::Field(_, field) => strong(field),
        Ast::Subscript(expr, _) => figure(expr),
        Ast::Call(call) => call.name.parts.last().map(|name| (name.clone(), 2)),
        Ast::NullIf(..) => strong("nullif"),
        Ast::Cast { expr, type_name } => match figure(expr) {
            Some((name, 2)) => Some((name, 2)),
            _ => type_name.name.parts.last().map(|name| (name.clone(), 1)),
        },
        Ast::TypedLiteral { type_name, .. } => type_name.name.parts.last().map(|name| (name.clone(), 1)),
        Ast::Collate { expr, .. } => figure(expr),
        Ast::Grouping(_) => strong("grouping"),
        Ast::Exists(_) => strong("exists"),
        Ast::ArraySubquery(_) => strong("array"),
        Ast::Subquery(query) => subquery_name(query),
        Ast::Case { otherwise, .. } => match otherwise.as_deref().and_then(figure) {
            Some((name, strength)) if strength > 1 => Some((name, strength)),
            _ => Some(("case".to_owned(), 1)),
        },
        Ast::Array(_) => strong("array"),
        Ast::Row { .. } => strong("row"),
        Ast::Coalesce(_) => strong("coalesce"),
        Ast::Greatest(_) => strong("greatest"),
        Ast::Least(_) => strong("least"),
        Ast::ValueFunction { name, .. } => strong(match name {
            ValueFunction::CurrentDate => "current_date",
            ValueFunction::CurrentTime => "current_time",
            ValueFunction::CurrentTimestamp => "current_timestamp",
            ValueFunction::LocalTime => "localtime",
            ValueFunction::LocalTimestamp => "localtimestamp",
            ValueFunction::CurrentRole => "current_role",
            ValueFunction::CurrentUser => "current_user",
            ValueFunction::SessionUser => "session_user",
            ValueFunction::User => "user",
            ValueFunction::CurrentCatalog => "current_catalog",
            ValueFunction::CurrentSchema => "current_schema",
        }),
        Ast::Extract { .. } => strong("extract"),
        Ast::AtTimeZone { .. } => strong("timezone"),
        _ => None,
    }
}

/// A scalar sub-query is named as its only column.
fn subquery_name(query: &ast::Select) -> Option<(String, u8)> {
    match &query.body {
        ast::QueryBody::Select(core) => {
            let target = core.targets.first()?;
            match &target.alias {
                Some(alias) => Some((alias.clone(), 2)),
                None => figure(&target.expr).map(|(name, _)| (name, 2)),
            }
        }
        ast::QueryBody::Values(_) => Some(("column1".to_owned(), 2)),
        ast::QueryBody::SetOperation { left, .. } => subquery_name(left),
    }
}
