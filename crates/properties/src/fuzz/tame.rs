//! Statements changed as trees, so that most of them mean something still: expressions go into others of the same type, queries into
//! queries, clauses come and go, operators are exchanged for their kin.

use super::stock::{Column, Stock};
use super::templates;
use crate::dice::Dice;
use database::Value;
use syntax::ast::{
    Delete, Distinct, Expr, ExprKind, FunctionCall, Insert, JoinCondition, JoinKind, LikeKind, OnConflict,
    OrderBy, Over, QueryBody, Select, SelectCore, SetOperator, Statement, TableRef, Target, Update,
    WindowSpec,
};
use syntax::deparse;
use syntax::visit::{VisitMut, walk_expr_mut, walk_select_mut, walk_table_ref_mut};

/// The longest text that goes into something else.
const LONGEST: usize = 1500;

/// A changed statement: several in one transaction, the first ones of which prepare.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Changed {
    pub(super) statements: Vec<String>,
    /// `$1` … of the first.
    pub(super) parameters: Vec<Value>,
}

/// A statement that nobody wrote. `None` when this one is of a kind that has no tree.
pub(super) fn changed(dice: &mut Dice, stock: &Stock, statement: &Statement) -> Option<Changed> {
    let mut tree = statement.clone();
    if deparse::statement(&tree).is_empty() {
        return None;
    }
    let columns = stock.columns_of(&tree);
    let mut changer = Changer { dice, stock, columns: &columns, left: 0, task: Task::Count, done: false };
    for _ in 0..*changer.dice.pick(&[0, 1, 1, 1, 2, 2, 3]) {
        let task = *changer.dice.pick(&[
            Task::Expression,
            Task::Expression,
            Task::Expression,
            Task::Expression,
            Task::Target,
            Task::Query,
            Task::Clause,
            Task::Clause,
            Task::From,
            Task::Write,
        ]);
        changer.change(&mut tree, task);
    }
    let mut parameters = Vec::new();
    if changer.dice.chance(8) {
        changer.task = Task::Parameter;
        parameters.extend(changer.parameter(&mut tree));
    }
    let text = deparse::statement(&tree);
    let whole =
        if parameters.is_empty() && text.len() < 4 * LONGEST { whole(dice, &tree, &text) } else { None };
    let statements = whole.unwrap_or_else(|| vec![text]);
    Some(Changed { statements, parameters })
}

/// The whole statement in another, or next to others.
fn whole(dice: &mut Dice, tree: &Statement, text: &str) -> Option<Vec<String>> {
    let chosen = dice.below(100);
    let template = match tree {
        Statement::Select(_) if chosen < 18 => templates::pick(dice, "whole").to_owned(),
        Statement::Select(select) if chosen < 30 => {
            let name = name_of_column(dice, select)?;
            templates::pick(dice, "by name").replace("{c}", &syntax::quote_identifier(&name))
        }
        Statement::Select(select) if chosen < 42 => {
            let (table, expr) = over_one_table(dice, select)?;
            let template = templates::pick(dice, "defined").replace("{t}", &table);
            return Some(pieces(&template.replace("{x}", &expr)));
        }
        Statement::Insert(_) | Statement::Update(_) | Statement::Delete(_) if chosen < 40 => {
            templates::pick(dice, "writes").to_owned()
        }
        _ => return None,
    };
    Some(pieces(&template.replace("{x}", text)))
}

/// The statements of a text.
fn pieces(text: &str) -> Vec<String> {
    match syntax::split_script(text) {
        Ok(pieces) => pieces.into_iter().map(|piece| piece.text.to_owned()).collect(),
        Err(_) => vec![text.to_owned()],
    }
}

/// The name of one of a query's columns.
fn name_of_column(dice: &mut Dice, select: &Select) -> Option<String> {
    let QueryBody::Select(core) = &select.body else { return Some("column1".to_owned()) };
    if core.targets.is_empty() {
        return None;
    }
    let target = dice.pick(&core.targets);
    match (&target.alias, &target.expr.kind) {
        (Some(alias), _) => Some(alias.clone()),
        (None, ExprKind::Column(parts)) => parts.last().cloned(),
        (None, ExprKind::Call(call)) => call.name.parts.last().cloned(),
        (None, ExprKind::Coalesce(_)) => Some("coalesce".to_owned()),
        (None, ExprKind::Case { .. }) => Some("case".to_owned()),
        (None, _) => None,
    }
}

/// A table and an expression over its columns alone.
fn over_one_table(dice: &mut Dice, select: &Select) -> Option<(String, String)> {
    let QueryBody::Select(core) = &select.body else { return None };
    let [TableRef::Relation { name, .. }] = &core.from[..] else { return None };
    let mut offered: Vec<&Expr> = core.targets.iter().map(|target| &target.expr).collect();
    offered.extend(core.filter.iter().chain(core.filter.iter()));
    offered.extend(select.order_by.iter().map(|item| &item.expr));
    offered.retain(|expr| !matches!(expr.kind, ExprKind::Star(_) | ExprKind::Number(_)));
    if offered.is_empty() {
        return None;
    }
    let expr = deparse::expression(offered[dice.below(offered.len())]);
    let table: Vec<String> =
        name.name.parts.iter().map(|part| syntax::quote_identifier(part).into_owned()).collect();
    (expr.len() < LONGEST).then(|| (table.join("."), expr))
}

/// What to change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Task {
    Count,
    Expression,
    Target,
    Query,
    Clause,
    From,
    Write,
    Parameter,
}

/// Walks to one place and changes it.
struct Changer<'d> {
    dice: &'d mut Dice,
    stock: &'d Stock,
    columns: &'d [Column],
    /// Places before the one that is meant; while counting, places.
    left: usize,
    task: Task,
    done: bool,
}

/// Counts the places of a task.
struct Counter {
    task: Task,
    found: usize,
}

impl VisitMut for Counter {
    fn expr(&mut self, expr: &mut Expr) {
        self.found += usize::from(is_place(self.task, expr));
        walk_expr_mut(self, expr);
    }
    fn select(&mut self, select: &mut Select) {
        self.found += usize::from(matches!(self.task, Task::Target | Task::Query | Task::Clause));
        walk_select_mut(self, select);
    }
    fn table_ref(&mut self, table: &mut TableRef) {
        self.found += usize::from(self.task == Task::From);
        walk_table_ref_mut(self, table);
    }
}

fn is_place(task: Task, expr: &Expr) -> bool {
    match task {
        Task::Expression => {
            !matches!(expr.kind, ExprKind::Star(_) | ExprKind::Default | ExprKind::FieldStar(_))
        }
        Task::Parameter => matches!(expr.kind, ExprKind::String(_)),
        _ => false,
    }
}

impl VisitMut for Changer<'_> {
    fn expr(&mut self, expr: &mut Expr) {
        if self.done {
            return;
        }
        if is_place(self.task, expr) && self.arrived() {
            return self.expression(expr);
        }
        walk_expr_mut(self, expr);
    }

    fn select(&mut self, select: &mut Select) {
        if self.done {
            return;
        }
        if matches!(self.task, Task::Target | Task::Query | Task::Clause) && self.arrived() {
            return match self.task {
                Task::Target => self.target(select),
                Task::Query => self.query(select),
                _ => self.clause(select),
            };
        }
        walk_select_mut(self, select);
    }

    fn table_ref(&mut self, table: &mut TableRef) {
        if self.done {
            return;
        }
        if self.task == Task::From && self.arrived() {
            return self.from(table);
        }
        walk_table_ref_mut(self, table);
    }
}

impl Changer<'_> {
    /// Whether this is the place.
    fn arrived(&mut self) -> bool {
        self.done = self.left == 0;
        self.left = self.left.saturating_sub(1);
        self.done
    }

    fn change(&mut self, tree: &mut Statement, task: Task) {
        if task == Task::Write {
            return self.write(tree);
        }
        let mut counter = Counter { task, found: 0 };
        counter.statement(tree);
        if counter.found == 0 {
            return;
        }
        (self.task, self.left, self.done) = (task, self.dice.below(counter.found), false);
        self.statement(tree);
    }

    /// Makes a literal a parameter.
    fn parameter(&mut self, tree: &mut Statement) -> Option<Value> {
        struct Taken(usize, Option<String>);
        impl VisitMut for Taken {
            fn expr(&mut self, expr: &mut Expr) {
                if let ExprKind::String(text) = &expr.kind {
                    if self.0 == 0 && self.1.is_none() {
                        self.1 = Some(text.clone());
                        expr.kind = ExprKind::Parameter(1);
                        return;
                    }
                    self.0 = self.0.saturating_sub(1);
                }
                walk_expr_mut(self, expr);
            }
        }
        let mut counter = Counter { task: Task::Parameter, found: 0 };
        counter.statement(tree);
        if counter.found == 0 {
            return None;
        }
        let mut taken = Taken(self.dice.below(counter.found), None);
        taken.statement(tree);
        taken.1.map(|text| Value::from(text.as_str()))
    }

    /// An expression for another of its type.
    fn expression(&mut self, expr: &mut Expr) {
        let text = deparse::expression(expr);
        if text.len() > LONGEST {
            return;
        }
        if let ExprKind::String(_) | ExprKind::Null = expr.kind {
            // Its type follows from where it stands.
            let other = match self.dice.below(4) {
                0 => Some("NULL".to_owned()),
                1 => self.stock.literal(self.dice).map(str::to_owned),
                _ => Some(format!("({text})")),
            };
            return put(expr, other);
        }
        if self.dice.chance(15) && kin(self.dice, &mut expr.kind) {
            return;
        }
        if is_truth(&expr.kind) && self.dice.chance(60) {
            return put(expr, Some(templates::pick(self.dice, "truth").replace("{x}", &text)));
        }
        let type_name = self.stock.type_of(expr, &text, self.columns);
        let other = match (type_name, self.dice.below(10)) {
            (Some(type_name), 0..3) => self.of_type(&type_name),
            (Some(type_name), 3..7) => Some(templates::of_type(self.dice, &type_name).to_owned()),
            _ => Some(templates::pick(self.dice, "any").to_owned()),
        };
        put(expr, other.map(|other| other.replace("{x}", &text)));
    }

    /// Something else of a type: a column, or what names none.
    fn of_type(&mut self, type_name: &str) -> Option<String> {
        let offered: Vec<&Column> =
            self.columns.iter().filter(|column| column.type_name == type_name).collect();
        match self.dice.chance(40) && !offered.is_empty() {
            true => Some(syntax::quote_identifier(&self.dice.pick(&offered).name).into_owned()),
            false => self.stock.of_type(self.dice, type_name).map(|text| format!("({text})")),
        }
    }

    /// An item of a select list for another, of any type.
    fn target(&mut self, select: &mut Select) {
        let QueryBody::Select(core) = &mut select.body else { return };
        if core.targets.is_empty() {
            return;
        }
        let at = self.dice.below(core.targets.len());
        let target = &mut core.targets[at];
        if matches!(target.expr.kind, ExprKind::Star(_) | ExprKind::FieldStar(_)) {
            return;
        }
        let text = deparse::expression(&target.expr);
        if text.len() > LONGEST {
            return;
        }
        let other = templates::pick(self.dice, "listed").replace("{x}", &text);
        match self.dice.chance(50) {
            true => put(&mut target.expr, Some(other)),
            false => {
                if let Ok(expr) = syntax::parse_expression(&other) {
                    core.targets.push(Target { expr, alias: None });
                }
            }
        }
    }

    /// A query for another with its columns.
    fn query(&mut self, select: &mut Select) {
        let text = deparse::select(select);
        if text.len() > LONGEST {
            return;
        }
        let other = templates::pick(self.dice, "queries").replace("{x}", &text);
        if let Ok(other) = syntax::parse_select(&other) {
            *select = other;
        }
    }

    /// A clause comes, goes or changes.
    fn clause(&mut self, select: &mut Select) {
        let number = |digits: &str| Some(expr_of(ExprKind::Number(digits.to_owned())));
        match self.dice.below(16) {
            0 => select.order_by.clear(),
            1 => select.limit = number("2"),
            2 => select.offset = number("1"),
            3 => (select.limit, select.offset, select.with_ties) = (None, None, false),
            4 => {
                let expr = expr_of(ExprKind::Number("1".to_owned()));
                let nulls_first = *self.dice.pick(&[None, Some(true), Some(false)]);
                let descending = self.dice.chance(50);
                select.order_by.push(OrderBy { expr, descending, nulls_first, using: None });
            }
            5 => {
                for item in &mut select.order_by {
                    item.descending = !item.descending;
                }
            }
            6 => {
                if let Some(with) = &mut select.with {
                    with.ctes
                        .iter_mut()
                        .for_each(|cte| cte.materialized = Some(cte.materialized != Some(true)));
                }
            }
            _ => match &mut select.body {
                QueryBody::SetOperation { operator, all, .. } => {
                    *operator =
                        *self.dice.pick(&[SetOperator::Union, SetOperator::Intersect, SetOperator::Except]);
                    *all = self.dice.chance(50);
                }
                QueryBody::Select(core) => self.core(core),
                QueryBody::Values(rows) => rows.extend(rows.first().cloned()),
            },
        }
    }

    fn core(&mut self, core: &mut SelectCore) {
        match self.dice.below(10) {
            0 => core.filter = None,
            1 => core.distinct = if core.distinct.is_some() { None } else { Some(Distinct::All) },
            2 => core.having = syntax::parse_expression("count(*) > 0").ok(),
            3 => core.group_by.clear(),
            4 if core.targets.len() > 1 => {
                let at = self.dice.below(core.targets.len());
                core.targets.remove(at);
            }
            5 => {
                // An aggregate becomes a window function, or is filtered.
                let at = self.dice.below(core.targets.len());
                if let Some(Target { expr: Expr { kind: ExprKind::Call(call), .. }, .. }) =
                    core.targets.get_mut(at)
                {
                    self.call(call);
                }
            }
            6 => core.targets.extend(core.targets.first().cloned()),
            _ => {
                // What is listed is not null, or is equal to itself.
                let plain = |target: &&Target| matches!(target.expr.kind, ExprKind::Column(_));
                let offered: Vec<&Target> = core.targets.iter().filter(plain).collect();
                if offered.is_empty() {
                    return;
                }
                let text = deparse::expression(&self.dice.pick(&offered).expr);
                let condition = templates::pick(self.dice, "listed").replace("{x}", &text);
                let before = core.filter.as_ref().map_or("true".to_owned(), deparse::expression);
                let joined = format!("({before}) AND (({condition}) IS NOT NULL)");
                if joined.len() < LONGEST {
                    core.filter = syntax::parse_expression(&joined).ok();
                }
            }
        }
    }

    fn call(&mut self, call: &mut FunctionCall) {
        match self.dice.below(5) {
            0 => call.over = Some(Over::Spec(WindowSpec::default())),
            1 => call.filter = syntax::parse_expression("true").ok().map(Box::new),
            2 => call.distinct = !call.distinct,
            3 => {
                let items = call.args.first().map(|argument| argument.value.clone());
                let item = |expr| OrderBy { expr, descending: true, nulls_first: None, using: None };
                call.order_by = items.map(item).into_iter().collect();
            }
            _ => call.over = None,
        }
    }

    /// An item of FROM for another with its columns.
    fn from(&mut self, table: &mut TableRef) {
        if let TableRef::Join { kind, condition, .. } = table {
            if matches!(condition, JoinCondition::None) && self.dice.chance(70) {
                *condition = JoinCondition::On(expr_of(ExprKind::Boolean(self.dice.chance(60))));
            }
            if !matches!(condition, JoinCondition::None) {
                *kind = *self.dice.pick(&[JoinKind::Inner, JoinKind::Left, JoinKind::Right, JoinKind::Full]);
            }
            return;
        }
        let (source, alias) = match table {
            TableRef::Relation { name, alias, .. } => {
                let text: Vec<_> =
                    name.name.parts.iter().map(|part| syntax::quote_identifier(part)).collect();
                let alias = match alias {
                    Some(alias) => with_columns(&alias.name, &alias.columns),
                    None => with_columns(name.name.parts.last().map_or("x", String::as_str), &[]),
                };
                (text.join("."), alias)
            }
            TableRef::Subquery { query, alias: Some(alias), lateral: false, .. } => {
                (format!("({}) fi", deparse::select(query)), with_columns(&alias.name, &alias.columns))
            }
            _ => return,
        };
        if source.len() > LONGEST {
            return;
        }
        let other = *self.dice.pick(&[
            "(SELECT * FROM {x})",
            "LATERAL (SELECT * FROM {x})",
            "(SELECT * FROM {x} ORDER BY 1 LIMIT 3)",
            "(SELECT DISTINCT * FROM {x})",
            "(SELECT * FROM {x} UNION ALL SELECT * FROM {x})",
            "(SELECT * FROM {x} OFFSET 0)",
            "(WITH fw AS MATERIALIZED (SELECT * FROM {x}) SELECT * FROM fw)",
            "(SELECT fj.* FROM (SELECT 1) fz LEFT JOIN LATERAL (SELECT * FROM {x}) fj ON true)",
            "(SELECT * FROM {x} FOR UPDATE)",
        ]);
        let query = format!("SELECT 1 FROM {} {alias}", other.replace("{x}", &source));
        if let Ok(Select { body: QueryBody::Select(mut core), .. }) = syntax::parse_select(&query)
            && let Some(other) = core.from.pop()
        {
            *table = other;
        }
    }

    /// A clause of a data modification.
    fn write(&mut self, tree: &mut Statement) {
        match tree {
            Statement::Insert(insert) => self.insert(insert),
            Statement::Update(update) => self.update(update),
            Statement::Delete(delete) => self.delete(delete),
            _ => {}
        }
    }

    fn insert(&mut self, insert: &mut Insert) {
        match self.dice.below(4) {
            0 => insert.returning = all(),
            1 => insert.on_conflict = Some(OnConflict { target: None, update: None, position: 0 }),
            2 => insert.on_conflict = None,
            _ => {
                // The rows by way of a query. What stands in DEFAULT's place must be known.
                if let Some(source) = &insert.source
                    && let Ok(other) =
                        syntax::parse_select(&format!("SELECT * FROM ({}) fq", deparse::select(source)))
                {
                    insert.source = Some(other);
                }
            }
        }
    }

    fn update(&mut self, update: &mut Update) {
        match self.dice.below(4) {
            0 => update.returning = all(),
            1 => update.filter = None,
            2 => update.from.extend(one_row()),
            _ => update.assignments.reverse(),
        }
    }

    fn delete(&mut self, delete: &mut Delete) {
        match self.dice.below(3) {
            0 => delete.returning = all(),
            1 => delete.filter = None,
            _ => delete.using.extend(one_row()),
        }
    }
}

/// RETURNING *.
fn all() -> Vec<Target> {
    vec![Target { expr: expr_of(ExprKind::Star(Vec::new())), alias: None }]
}

/// An item of FROM that has one row.
fn one_row() -> Option<TableRef> {
    let select = syntax::parse_select("SELECT 1 FROM (SELECT 1 AS fz_one) fz").ok()?;
    match select.body {
        QueryBody::Select(mut core) => core.from.pop(),
        _ => None,
    }
}

fn with_columns(name: &str, columns: &[String]) -> String {
    let name = syntax::quote_identifier(name);
    let columns: Vec<_> = columns.iter().map(|column| syntax::quote_identifier(column)).collect();
    if columns.is_empty() { name.into_owned() } else { format!("{name} ({})", columns.join(", ")) }
}

fn expr_of(kind: ExprKind) -> Expr {
    Expr { kind, position: 0 }
}

/// Puts a text in an expression's place, if it is an expression.
fn put(expr: &mut Expr, text: Option<String>) {
    if let Some(text) = text
        && let Ok(other) = syntax::parse_expression(&text)
    {
        *expr = other;
    }
}

/// Whether what it is says that it is a truth value.
fn is_truth(kind: &ExprKind) -> bool {
    use ExprKind as K;
    match kind {
        K::And(_)
        | K::Or(_)
        | K::Not(_)
        | K::Boolean(_)
        | K::IsNull { .. }
        | K::IsBoolean { .. }
        | K::IsDistinct { .. }
        | K::Like { .. }
        | K::Between { .. }
        | K::InList { .. }
        | K::InSubquery { .. }
        | K::AnyArray { .. }
        | K::AnySubquery { .. }
        | K::Exists(_) => true,
        K::Binary { operator, .. } => {
            matches!(
                &*operator.symbol,
                "=" | "<>" | "<" | ">" | "<=" | ">=" | "~" | "~*" | "@>" | "<@" | "&&"
            )
        }
        _ => false,
    }
}

/// Exchanges an operator for one of its kin, turns a NOT round.
fn kin(dice: &mut Dice, kind: &mut ExprKind) -> bool {
    const FAMILIES: &[&[&str]] = &[
        &["=", "<>", "<", ">", "<=", ">="],
        &["+", "-", "*", "/", "%"],
        &["~", "~*", "!~", "!~*"],
        &["->", "->>"],
        &["@>", "<@", "&&"],
        &["&", "|", "#"],
        &["#>", "#>>"],
    ];
    use ExprKind as K;
    match kind {
        K::Binary { operator, .. } | K::AnyArray { operator, .. } | K::AnySubquery { operator, .. } => {
            let Some(family) = FAMILIES.iter().find(|family| family.contains(&&*operator.symbol)) else {
                return false;
            };
            operator.symbol = (*dice.pick(family)).to_owned();
        }
        K::IsNull { not, .. }
        | K::IsDistinct { not, .. }
        | K::Between { not, .. }
        | K::InList { not, .. }
        | K::InSubquery { not, .. } => *not = !*not,
        K::IsBoolean { value, not, .. } => {
            *not = dice.chance(50);
            *value = *dice.pick(&[None, Some(true), Some(false)]);
        }
        K::Like { kind, not, .. } => {
            *not = dice.chance(50);
            *kind = *dice.pick(&[LikeKind::Like, LikeKind::ILike, LikeKind::Similar]);
        }
        K::And(list) => *kind = K::Or(std::mem::take(list)),
        K::Or(list) => *kind = K::And(std::mem::take(list)),
        K::Greatest(list) => *kind = K::Least(std::mem::take(list)),
        K::Coalesce(list) => list.reverse(),
        _ => return false,
    }
    true
}
