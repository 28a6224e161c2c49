//! What is known of a database while its statements are changed: columns with their types, and expressions without columns with theirs.

use super::quiet;
use crate::dice::Dice;
use database::{Database, Session, Statement as Asked, Work};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use syntax::ast::{Expr, ExprKind, Name, Select, Statement, TableRef};
use syntax::deparse;
use syntax::visit::{Visit, walk_expr, walk_table_ref};

/// How many expressions are kept of a type.
const KEPT: usize = 60;

/// A column that may be named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Column {
    pub(super) relation: String,
    pub(super) name: String,
    pub(super) type_name: String,
}

/// What is known.
#[derive(Default)]
pub(super) struct Stock {
    /// Expressions of the scripts that name no column.
    closed: Vec<String>,
    /// Their types, of those that were asked for; `None` of what is no value.
    types: BTreeMap<String, Option<String>>,
    /// By type.
    by_type: BTreeMap<String, Vec<String>>,
    /// Literals whose type follows from where they stand.
    literals: Vec<String>,
    columns: Vec<Column>,
}

impl Stock {
    /// Of the statements of scripts.
    pub(super) fn new<'s>(statements: impl Iterator<Item = &'s Statement>) -> Stock {
        let mut found = Closed::default();
        for statement in statements {
            found.statement(statement);
        }
        Stock {
            closed: found.closed.into_iter().collect(),
            literals: found.literals.into_iter().collect(),
            ..Stock::default()
        }
    }

    /// Looks what the database has, and asks it for the types of some expressions.
    pub(super) async fn learn(
        &mut self,
        dice: &mut Dice,
        database: &Arc<dyn Database>,
        session: &Session,
        many: usize,
    ) {
        self.see(database).await;
        for _ in 0..many.min(self.closed.len()) {
            let text = dice.pick(&self.closed).clone();
            if self.types.contains_key(&text) {
                continue;
            }
            let work = Work::one(Asked::new(format!("SELECT {text}")));
            let type_name = match quiet(database, session, work).await {
                Ok(Ok(outcomes)) => outcomes.first().and_then(|outcome| {
                    let [column] = &*outcome.result.columns else { return None };
                    (outcome.result.rows.len() == 1).then(|| column.type_name.to_string())
                }),
                _ => None,
            };
            if let Some(type_name) = &type_name {
                let kept = self.by_type.entry(type_name.clone()).or_default();
                if kept.len() < KEPT {
                    kept.push(text.clone());
                }
            }
            self.types.insert(text, type_name);
        }
    }

    /// Looks what relations the database has.
    pub(super) async fn see(&mut self, database: &Arc<dyn Database>) {
        let Ok(catalog) = database.catalog().await else { return };
        self.columns.clear();
        for relation in catalog.relations.values() {
            for column in &relation.columns {
                self.columns.push(Column {
                    relation: relation.name.clone(),
                    name: column.name.clone(),
                    type_name: catalog.format_type_qualified(column.type_ref),
                });
            }
        }
    }

    /// The columns of the relations that a statement names.
    pub(super) fn columns_of(&self, statement: &Statement) -> Vec<Column> {
        let mut names = Relations::default();
        names.statement(statement);
        self.columns.iter().filter(|column| names.0.contains(&column.relation)).cloned().collect()
    }

    /// The type of an expression, if it is known.
    pub(super) fn type_of(&self, expr: &Expr, text: &str, columns: &[Column]) -> Option<String> {
        match &expr.kind {
            ExprKind::Column(parts) => {
                let name = parts.last()?;
                let mut types =
                    columns.iter().filter(|column| column.name == *name).map(|column| &column.type_name);
                let first = types.next()?;
                types.all(|other| other == first).then(|| first.clone())
            }
            ExprKind::Cast { type_name, .. } | ExprKind::TypedLiteral { type_name, .. } => {
                Some(deparse::type_name(type_name))
            }
            ExprKind::Number(digits) if digits.bytes().all(|digit| digit.is_ascii_digit()) => {
                Some("integer".to_owned())
            }
            _ => self.types.get(text).cloned().flatten(),
        }
    }

    /// An expression of a type that names no column.
    pub(super) fn of_type(&self, dice: &mut Dice, type_name: &str) -> Option<&str> {
        let list = self.by_type.get(type_name)?;
        Some(dice.pick(list).as_str())
    }

    /// A literal.
    pub(super) fn literal(&self, dice: &mut Dice) -> Option<&str> {
        (!self.literals.is_empty()).then(|| dice.pick(&self.literals).as_str())
    }
}

/// Finds expressions that stand for themselves.
#[derive(Default)]
struct Closed {
    closed: BTreeSet<String>,
    literals: BTreeSet<String>,
}

impl Visit for Closed {
    fn expr(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::String(text) if text.len() < 60 => self.literals.extend([deparse::expression(expr)]),
            ExprKind::String(_) | ExprKind::Star(_) | ExprKind::Default | ExprKind::Column(_) => {}
            _ if is_closed(expr) => {
                let text = deparse::expression(expr);
                if text.len() < 200 {
                    self.closed.insert(text);
                }
            }
            _ => {}
        }
        walk_expr(self, expr);
    }
}

/// Whether it names no column and no parameter, and is no aggregate over what is around it.
fn is_closed(expr: &Expr) -> bool {
    struct Open(bool);
    impl Visit for Open {
        fn expr(&mut self, expr: &Expr) {
            self.0 |= matches!(
                expr.kind,
                ExprKind::Column(_)
                    | ExprKind::Parameter(_)
                    | ExprKind::Star(_)
                    | ExprKind::Default
                    | ExprKind::Grouping(_)
            );
            walk_expr(self, expr);
        }
        fn select(&mut self, _: &Select) {
            self.0 = true;
        }
    }
    let mut open = Open(false);
    open.expr(expr);
    !open.0
}

/// The names of relations.
#[derive(Default)]
struct Relations(BTreeSet<String>);

impl Visit for Relations {
    fn relation_name(&mut self, name: &Name) {
        self.0.extend(name.parts.last().cloned());
    }
    fn table_ref(&mut self, table: &TableRef) {
        if let TableRef::Relation { name, .. } = table {
            self.0.extend(name.name.parts.last().cloned());
        }
        walk_table_ref(self, table);
    }
}
