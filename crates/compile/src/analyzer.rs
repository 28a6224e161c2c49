//! What definitions mean: the compiler as [`catalog::ddl`] sees it.

mod body;
mod facts;
mod qualify;
pub(crate) mod updatable;

use crate::Asker;
use crate::analysis::{Analysis, Item, ItemColumn, Place, Scope as Names};
use crate::bound::{Expr, ExprKind};
use crate::stored::Row;
use catalog::ddl::{
    Analyzed, AnalyzedQuery, Analyzer as Port, DdlSession, ExpressionKind, ExpressionRequest, QueryColumn,
    Scope, Target,
};
use catalog::{Catalog, Function, Relation};
use sqlstate::{DATATYPE_MISMATCH, Result};
use syntax::ast::Select;

/// The compiler, for `catalog::ddl`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Analyzer;

impl Port for Analyzer {
    fn expression(
        &self,
        catalog: &Catalog,
        session: &DdlSession<'_>,
        request: &ExpressionRequest<'_>,
    ) -> Result<Analyzed> {
        let mut analysis = analysis(catalog, session);
        let mut names = scope(catalog, request.scope);
        let expr = analysis.expression(&mut names, place(request.kind), request.expr)?;
        let expr = convert(&mut analysis, expr, request)?;
        let sql = qualify::expression(&analysis, request.expr)?;
        let facts = facts::of_expression(&analysis, expr.clone());
        let relation = match request.scope {
            Scope::Relation(relation) | Scope::Trigger { relation, .. } => Some(relation),
            Scope::Nothing | Scope::Domain(_) => None,
        };
        Ok(Analyzed {
            type_ref: expr.ty,
            sql,
            columns: relation.map_or_else(Vec::new, |relation| facts.row_columns(relation)),
            volatility: facts.volatility,
            is_null: matches!(&expr.kind, ExprKind::Constant(datum::StoredValue::Null)),
            constant: matches!(expr.kind, ExprKind::Constant(_)),
            depends: facts.depends(&analysis, relation),
        })
    }

    fn query(&self, catalog: &Catalog, session: &DdlSession<'_>, query: &Select) -> Result<AnalyzedQuery> {
        let mut analysis = analysis(catalog, session);
        let bound = analysis.query(None, query)?;
        // Whether the view's owner may read all this is found out when the view is read.
        let sql = qualify::query(&analysis, query, &bound)?;
        let facts = facts::of_query(&analysis, bound.clone());
        let columns = bound.columns.iter().enumerate().map(|(at, column)| QueryColumn {
            name: column.name.clone(),
            type_ref: column.ty,
            origin: updatable::origin(catalog, &bound, at),
        });
        let verdict = updatable::judge(catalog, &bound);
        let with_column = updatable::base_with_column(&bound).err();
        Ok(AnalyzedQuery {
            columns: columns.collect(),
            sql,
            insertable: verdict.is_ok() && with_column.is_none(),
            updatable: verdict.is_ok() && with_column.is_none(),
            deletable: verdict.is_ok(),
            not_updatable: with_column,
            depends: facts.depends(&analysis, None),
        })
    }

    fn function_body(&self, catalog: &Catalog, session: &DdlSession<'_>, function: &Function) -> Result<()> {
        body::check(catalog, session, function)
    }
}

/// An analysis for whoever runs the definition.
fn analysis<'a>(catalog: &'a Catalog, session: &DdlSession<'_>) -> Analysis<'a> {
    let asker = Asker { role: session.role, session_user: session.session_role, search_path: &[] };
    let mut analysis = Analysis::new(catalog, &asker, &[]);
    analysis.path = session.search_path.clone();
    analysis.without_parameters = true;
    analysis
}

fn place(kind: ExpressionKind) -> Place {
    match kind {
        ExpressionKind::Check => Place::CheckConstraint,
        ExpressionKind::DomainCheck => Place::DomainCheck,
        ExpressionKind::ColumnDefault => Place::ColumnDefault,
        ExpressionKind::GeneratedColumn => Place::GeneratedColumn,
        ExpressionKind::FunctionDefault => Place::FunctionDefault,
        ExpressionKind::IndexExpression => Place::IndexExpression,
        ExpressionKind::IndexPredicate => Place::IndexPredicate,
        ExpressionKind::AlterColumnTransform => Place::AlterColumnTransform,
        ExpressionKind::Policy => Place::Policy,
        ExpressionKind::TriggerWhen => Place::TriggerWhen,
    }
}

/// The names that an expression sees.
fn scope(catalog: &Catalog, scope: Scope<'_>) -> Names<'static> {
    let mut names = Names::default();
    let schema =
        |relation: &Relation| catalog.schemas.get(&relation.schema).map(|schema| schema.name.clone());
    match scope {
        Scope::Nothing => {}
        Scope::Relation(relation) => {
            names.items.push(Row::New.item(relation, schema(relation).as_deref(), &relation.name));
        }
        Scope::Domain(ty) => names.items.push(Item {
            name: String::new(),
            schema: None,
            range: None,
            columns: vec![ItemColumn {
                name: "value".to_owned(),
                expr: Expr::new(ExprKind::CaseOperand, ty),
                number: None,
            }],
            relation_visible: false,
            columns_visible: true,
            beyond: false,
        }),
        Scope::Trigger { relation, old, new } => {
            for (is_there, row, name) in [(old, Row::Old, "old"), (new, Row::New, "new")] {
                if is_there {
                    let mut item = row.item(relation, None, name);
                    item.columns_visible = false;
                    names.items.push(item);
                }
            }
        }
    }
    names
}

/// Converts an expression to what its place asks for.
fn convert(analysis: &mut Analysis<'_>, expr: Expr, request: &ExpressionRequest<'_>) -> Result<Expr> {
    let construct = match request.kind {
        ExpressionKind::Check | ExpressionKind::DomainCheck => "CHECK",
        ExpressionKind::Policy => "POLICY",
        ExpressionKind::IndexPredicate => "WHERE",
        ExpressionKind::TriggerWhen => "WHEN",
        ExpressionKind::IndexExpression => return analysis.resolve_unknown(expr),
        ExpressionKind::ColumnDefault | ExpressionKind::GeneratedColumn => {
            let Some(Target { name, type_ref }) = request.target else {
                return analysis.resolve_unknown(expr);
            };
            return analysis.coerce_assignment(expr, type_ref, name).map_err(|mut error| {
                if error.code() == DATATYPE_MISMATCH {
                    let fields = error.fields_mut();
                    fields.message =
                        fields.message.replace(" but expression is ", " but default expression is ");
                    fields.position = None;
                }
                error
            });
        }
        ExpressionKind::FunctionDefault => {
            let Some(Target { type_ref, .. }) = request.target else { return analysis.resolve_unknown(expr) };
            let expr = analysis.coerce_to_specific(expr, type_ref, "DEFAULT")?;
            return Ok(expr);
        }
        ExpressionKind::AlterColumnTransform => {
            let Some(Target { name, type_ref }) = request.target else {
                return analysis.resolve_unknown(expr);
            };
            return analysis.coerce_assignment(expr, type_ref, name);
        }
    };
    analysis.coerce_to_boolean(expr, construct)
}
