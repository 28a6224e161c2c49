//! The canonical text of what a definition says: relations, functions and types outside `pg_catalog` are written with their
//! schemas, and where there is a sub-query columns with their tables, so that the text means the same under any
//! search path and after later definitions.

use crate::analysis::{Analysis, Resolved};
use crate::bound::{Body, Query};
use catalog::builtin::PG_CATALOG;
use catalog::lookup::{FunctionEntry, SearchPath};
use catalog::{Catalog, Oid};
use sqlstate::Result;
use std::collections::HashMap;
use syntax::ast::{self, Expr, ExprKind, Ident, Name, Position, QueryBody, Select, TableRef, TypeName};

/// An expression's text.
pub(super) fn expression(analysis: &Analysis<'_>, expr: &Expr) -> Result<String> {
    let mut expr = expr.clone();
    let mut qualify = Qualify::new(analysis);
    qualify.with_tables = contains_subquery(&expr);
    qualify.expr(&mut expr);
    Ok(syntax::deparse::expression(&expr))
}

/// A query's text, with `*` written out.
pub(super) fn query(analysis: &Analysis<'_>, select: &Select, bound: &Query) -> Result<String> {
    let mut select = select.clone();
    let mut qualify = Qualify::new(analysis);
    qualify.with_tables = true;
    qualify.select(&mut select);
    expand_stars(&mut select, bound);
    Ok(syntax::deparse::select(&select))
}

/// Whether an expression has a sub-query in it: there a column's bare name could come to mean another one.
fn contains_subquery(expr: &Expr) -> bool {
    let text = syntax::deparse::expression(expr);
    text.to_ascii_lowercase().contains("select")
}

struct Qualify<'q, 'a> {
    analysis: &'q Analysis<'a>,
    relations: HashMap<Position, Oid>,
    functions: HashMap<Position, Oid>,
    columns: HashMap<Position, String>,
    /// Columns get their tables.
    with_tables: bool,
}

impl<'q, 'a> Qualify<'q, 'a> {
    fn new(analysis: &'q Analysis<'a>) -> Qualify<'q, 'a> {
        let mut qualify = Qualify {
            analysis,
            relations: HashMap::new(),
            functions: HashMap::new(),
            columns: HashMap::new(),
            with_tables: false,
        };
        for (position, resolved) in &analysis.resolved {
            match resolved {
                Resolved::Relation(oid) => {
                    qualify.relations.insert(*position, *oid);
                }
                Resolved::Function(oid) => {
                    qualify.functions.insert(*position, *oid);
                }
                Resolved::Column { table, .. } => {
                    qualify.columns.insert(*position, table.clone());
                }
            }
        }
        qualify
    }

    fn catalog(&self) -> &'a Catalog {
        self.analysis.catalog
    }

    fn schema_name(&self, schema: Oid) -> Option<Ident> {
        if schema == PG_CATALOG {
            return None;
        }
        self.catalog().schemas.get(&schema).map(|schema| schema.name.clone())
    }

    fn prefix(&self, name: &mut Name, schema: Oid) {
        if name.parts.len() == 1
            && let Some(schema) = self.schema_name(schema)
        {
            name.parts.insert(0, schema);
        }
    }

    fn relation(&self, name: &mut Name) {
        if let Some(relation) =
            self.relations.get(&name.position).and_then(|oid| self.catalog().relations.get(oid))
        {
            self.prefix(name, relation.schema);
        }
    }

    fn function(&self, name: &mut Name) {
        let found = self.functions.get(&name.position).and_then(|oid| self.catalog().function_entry(*oid));
        match found {
            Some(FunctionEntry::User(row)) => self.prefix(name, row.schema),
            Some(FunctionEntry::Builtin(row)) => {
                if let Some(schema) = self.catalog().builtin_schema(row.extension) {
                    self.prefix(name, schema);
                }
            }
            None => {}
        }
    }

    fn type_name(&self, ty: &mut TypeName) {
        if ty.name.parts.len() != 1 {
            return;
        }
        let found = self.catalog().find_type(&self.analysis.path, None, &ty.name.parts[0]);
        let schema = found.ok().flatten().and_then(|oid| match self.catalog().type_entry(oid)? {
            catalog::lookup::TypeEntry::User(row) => Some(row.schema),
            catalog::lookup::TypeEntry::Builtin(row) => self.catalog().builtin_schema(row.extension),
        });
        if let Some(schema) = schema {
            self.prefix(&mut ty.name, schema);
        }
    }

    fn all(&self, exprs: &mut [Expr]) {
        exprs.iter_mut().for_each(|expr| self.expr(expr));
    }

    fn expr(&self, expr: &mut Expr) {
        match &mut expr.kind {
            ExprKind::Column(parts) => {
                if self.with_tables
                    && parts.len() == 1
                    && let Some(table) = self.columns.get(&expr.position)
                    && !table.is_empty()
                {
                    parts.insert(0, table.clone());
                }
            }
            ExprKind::Number(_)
            | ExprKind::String(_)
            | ExprKind::BitString(_)
            | ExprKind::Boolean(_)
            | ExprKind::Null
            | ExprKind::Parameter(_)
            | ExprKind::Star(_)
            | ExprKind::ValueFunction { .. }
            | ExprKind::Default
            | ExprKind::Unsupported(_) => {}
            ExprKind::FieldStar(inner)
            | ExprKind::Field(inner, _)
            | ExprKind::Unary { operand: inner, .. }
            | ExprKind::Not(inner)
            | ExprKind::IsNull { expr: inner, .. }
            | ExprKind::IsBoolean { expr: inner, .. }
            | ExprKind::IsOther { expr: inner, .. }
            | ExprKind::Extract { from: inner, .. }
            | ExprKind::Collate { expr: inner, .. } => self.expr(inner),
            ExprKind::Subscript(inner, subscripts) => {
                self.expr(inner);
                for subscript in subscripts {
                    match subscript {
                        ast::Subscript::Index(index) => self.expr(index),
                        ast::Subscript::Slice(low, high) => {
                            [low, high].into_iter().flatten().for_each(|bound| self.expr(bound));
                        }
                    }
                }
            }
            ExprKind::Binary { left, right, .. }
            | ExprKind::IsDistinct { left, right, .. }
            | ExprKind::NullIf(left, right)
            | ExprKind::AnyArray { left, array: right, .. }
            | ExprKind::AtTimeZone { expr: left, zone: right } => {
                self.expr(left);
                self.expr(right);
            }
            ExprKind::And(list)
            | ExprKind::Or(list)
            | ExprKind::Array(list)
            | ExprKind::Row { fields: list, .. }
            | ExprKind::Coalesce(list)
            | ExprKind::Greatest(list)
            | ExprKind::Least(list)
            | ExprKind::Grouping(list) => self.all(list),
            ExprKind::Like { expr, pattern, escape, .. } => {
                self.expr(expr);
                self.expr(pattern);
                if let Some(escape) = escape {
                    self.expr(escape);
                }
            }
            ExprKind::Between { expr, low, high, .. } => {
                self.expr(expr);
                self.expr(low);
                self.expr(high);
            }
            ExprKind::InList { expr, list, .. } => {
                self.expr(expr);
                self.all(list);
            }
            ExprKind::InSubquery { expr, query, .. } | ExprKind::AnySubquery { left: expr, query, .. } => {
                self.expr(expr);
                self.select(query);
            }
            ExprKind::Exists(query) | ExprKind::Subquery(query) | ExprKind::ArraySubquery(query) => {
                self.select(query);
            }
            ExprKind::Call(call) => self.call(call),
            ExprKind::Cast { expr, type_name } => {
                self.expr(expr);
                if let ExprKind::String(text) = &mut expr.kind {
                    self.object_name(type_name, text);
                }
                self.type_name(type_name);
            }
            ExprKind::TypedLiteral { type_name, text, .. } => {
                self.object_name(type_name, text);
                self.type_name(type_name);
            }
            ExprKind::Case { operand, arms, otherwise } => {
                [operand, otherwise].into_iter().flatten().for_each(|expr| self.expr(expr));
                for (condition, value) in arms {
                    self.expr(condition);
                    self.expr(value);
                }
            }
        }
    }

    /// A literal of regclass or its kin means an object: its name is written so that it goes on meaning it.
    fn object_name(&self, type_name: &TypeName, text: &mut String) {
        let Ok(ty) = self.catalog().resolve_type(&self.analysis.path, type_name) else { return };
        if catalog::lookup::is_object_type(ty.oid)
            && let Ok(object) = self.catalog().object_input(&self.analysis.path, ty.oid, text)
        {
            *text = self.catalog().object_output(&SearchPath::default(), ty.oid, object);
        }
    }

    fn call(&self, call: &mut ast::FunctionCall) {
        let sequence =
            matches!(call.name.parts.last().map(String::as_str), Some("nextval" | "currval" | "setval"));
        let builtin =
            self.functions.get(&call.name.position).is_some_and(|oid| *oid < catalog::FIRST_USER_OID);
        if sequence
            && builtin
            && let Some(argument) = call.args.first_mut()
            && let ExprKind::String(text) = &argument.value.kind
            && let Ok(regclass) = syntax::parse_type_name("regclass")
        {
            // PostgreSQL stores the sequence's number.
            let mut text = text.clone();
            self.object_name(&regclass, &mut text);
            let position = argument.value.position;
            let literal = Box::new(Expr { kind: ExprKind::String(text), position });
            argument.value.kind = ExprKind::Cast { expr: literal, type_name: regclass };
        }
        self.function(&mut call.name);
        call.args.iter_mut().for_each(|arg| self.expr(&mut arg.value));
        for order in call.order_by.iter_mut().chain(&mut call.within_group) {
            self.expr(&mut order.expr);
        }
        if let Some(filter) = &mut call.filter {
            self.expr(filter);
        }
        if let Some(ast::Over::Spec(window)) = &mut call.over {
            self.window(window);
        }
    }

    fn window(&self, window: &mut ast::WindowSpec) {
        self.all(&mut window.partition_by);
        window.order_by.iter_mut().for_each(|order| self.expr(&mut order.expr));
    }

    fn select(&self, select: &mut Select) {
        for cte in select.with.iter_mut().flat_map(|with| &mut with.ctes) {
            if let ast::Statement::Select(query) = &mut cte.statement {
                self.select(query);
            }
        }
        match &mut select.body {
            QueryBody::Select(core) => self.core(core),
            QueryBody::Values(rows) => rows.iter_mut().for_each(|row| self.all(row)),
            QueryBody::SetOperation { left, right, .. } => {
                self.select(left);
                self.select(right);
            }
        }
        // A bare name in ORDER BY is an output column first; it stays bare.
        for order in &mut select.order_by {
            if !matches!(&order.expr.kind, ExprKind::Column(parts) if parts.len() == 1) {
                self.expr(&mut order.expr);
            }
        }
        [&mut select.limit, &mut select.offset].into_iter().flatten().for_each(|bound| self.expr(bound));
    }

    fn core(&self, core: &mut ast::SelectCore) {
        if let Some(ast::Distinct::On(keys)) = &mut core.distinct {
            for key in keys {
                if !matches!(&key.kind, ExprKind::Column(parts) if parts.len() == 1) {
                    self.expr(key);
                }
            }
        }
        for target in &mut core.targets {
            // The name that a bare column gives stays the same under its table's name.
            self.expr(&mut target.expr);
        }
        core.from.iter_mut().for_each(|from| self.table_ref(from));
        for expr in [&mut core.filter, &mut core.having].into_iter().flatten() {
            self.expr(expr);
        }
        core.group_by.iter_mut().for_each(|item| self.group_by(item));
        core.windows.iter_mut().for_each(|(_, window)| self.window(window));
    }

    fn group_by(&self, item: &mut ast::GroupBy) {
        match item {
            ast::GroupBy::Expr(expr) => {
                if !matches!(&expr.kind, ExprKind::Column(parts) if parts.len() == 1) {
                    self.expr(expr);
                }
            }
            ast::GroupBy::Empty => {}
            ast::GroupBy::Rollup(list) | ast::GroupBy::Cube(list) => self.all(list),
            ast::GroupBy::Sets(items) => items.iter_mut().for_each(|item| self.group_by(item)),
        }
    }

    fn table_ref(&self, from: &mut TableRef) {
        match from {
            // Its columns are still found under the table's bare name.
            TableRef::Relation { name, .. } => self.relation(&mut name.name),
            TableRef::Subquery { query, .. } => self.select(query),
            TableRef::Function { functions, .. } => {
                for function in functions {
                    self.expr(&mut function.call);
                    function.columns.iter_mut().for_each(|(_, ty)| self.type_name(ty));
                }
            }
            TableRef::Join { left, right, condition, .. } => {
                self.table_ref(left);
                self.table_ref(right);
                if let ast::JoinCondition::On(condition) = condition {
                    self.expr(condition);
                }
            }
        }
    }
}

/// Writes out `*` and `t.*` of the outermost list: later columns of the tables are not the view's.
fn expand_stars(select: &mut Select, bound: &Query) {
    let (QueryBody::Select(core), Body::Core(bound_core)) = (&mut select.body, &bound.body) else { return };
    let is_star = |target: &ast::Target| matches!(target.expr.kind, ExprKind::Star(_));
    if !core.targets.iter().any(is_star) {
        return;
    }
    let visible = bound.columns.len();
    let others = core.targets.iter().filter(|target| !is_star(target)).count();
    let stars = core.targets.len() - others;
    let mut left = visible.saturating_sub(others);
    let mut remaining_stars = stars;
    let mut at = 0;
    let mut targets = Vec::new();
    for target in std::mem::take(&mut core.targets) {
        if !is_star(&target) {
            targets.push(target);
            at += 1;
            continue;
        }
        let width = star_width(&target, bound_core, left, remaining_stars);
        for bound_target in bound_core.targets.iter().skip(at).take(width) {
            targets.push(ast::Target {
                expr: column_of(&bound_target.expr, bound_core, &bound_target.name, target.expr.position),
                alias: Some(bound_target.name.clone()),
            });
        }
        at += width;
        left -= width;
        remaining_stars -= 1;
    }
    core.targets = targets;
}

/// How many columns a star stands for.
fn star_width(target: &ast::Target, core: &crate::bound::Core, left: usize, remaining_stars: usize) -> usize {
    if remaining_stars == 1 {
        return left;
    }
    let ExprKind::Star(parts) = &target.expr.kind else { return 0 };
    let name = parts.last();
    let ranges = ranges(core);
    let of_one = name.and_then(|name| ranges.iter().find(|range| range.alias == *name));
    of_one.map_or_else(|| ranges.iter().map(|range| range.columns.len()).sum(), |range| range.columns.len())
}

fn ranges(core: &crate::bound::Core) -> Vec<&crate::bound::Range> {
    fn collect<'f>(from: &'f crate::bound::From, found: &mut Vec<&'f crate::bound::Range>) {
        match from {
            crate::bound::From::Range(range) => found.push(range),
            crate::bound::From::Join { left, right, .. } => {
                collect(left, found);
                collect(right, found);
            }
        }
    }
    let mut found = Vec::new();
    core.from.iter().for_each(|from| collect(from, &mut found));
    found
}

/// A column as text that names it again.
fn column_of(expr: &crate::bound::Expr, core: &crate::bound::Core, name: &str, position: Position) -> Expr {
    use crate::bound::ExprKind as Bound;
    let parts = match &expr.kind {
        Bound::Column { range, column } => ranges(core)
            .into_iter()
            .find(|other| other.id == *range)
            .and_then(|range| Some(vec![range.alias.clone(), range.columns.get(*column)?.name.clone()])),
        _ => None,
    };
    Expr { kind: ExprKind::Column(parts.unwrap_or_else(|| vec![name.to_owned()])), position }
}
