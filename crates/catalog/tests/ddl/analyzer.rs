//! A compiler small enough for the cases: it resolves columns and functions and guesses types; what it says must be what
//! PostgreSQL says for the expressions that the cases have, no more.

use catalog::builtin::{CastContext, builtins};
use catalog::ddl::{
    Analyzed, AnalyzedQuery, Analyzer, DdlSession, ExpressionKind, ExpressionRequest, QueryColumn, Scope,
};
use catalog::lookup::FunctionEntry;
use catalog::{Catalog, ColumnNumber, Function, ObjectRef, Oid, Relation, TypeRef, Volatility};
use datum::oid;
use sqlstate::{
    DATATYPE_MISMATCH, DatabaseError, FEATURE_NOT_SUPPORTED, Result, UNDEFINED_COLUMN, UNDEFINED_FUNCTION,
};
use syntax::ast::{Expr, ExprKind, QueryBody, Select, TableRef};

pub(crate) struct Small;

struct Work<'a> {
    catalog: &'a Catalog,
    session: &'a DdlSession<'a>,
    scope: Vec<(String, &'a Relation)>,
    value: Option<TypeRef>,
    columns: Vec<ColumnNumber>,
    own: Option<Oid>,
    depends: Vec<ObjectRef>,
    volatility: Volatility,
}

impl Work<'_> {
    fn column(&mut self, parts: &[String], position: u32) -> Result<TypeRef> {
        if let (Some(value), [name]) = (self.value, parts)
            && name == "value"
        {
            return Ok(value);
        }
        let (qualifier, name) = match parts {
            [name] => (None, name),
            [qualifier, name] => (Some(qualifier), name),
            _ => return Err(DatabaseError::internal("a longer name")),
        };
        for (alias, relation) in &self.scope {
            if qualifier.is_some_and(|qualifier| qualifier != alias) {
                continue;
            }
            let Some(column) = relation.column(name) else { continue };
            if self.own == Some(relation.oid) {
                if !self.columns.contains(&column.number) {
                    self.columns.push(column.number);
                }
            } else {
                self.depends.push(ObjectRef::Column(relation.oid, column.number));
            }
            return Ok(column.type_ref);
        }
        let message = format!("column \"{name}\" does not exist");
        Err(DatabaseError::new(UNDEFINED_COLUMN, message).at(position))
    }

    fn plain(oid: Oid) -> TypeRef {
        TypeRef { oid, modifier: -1 }
    }

    fn type_of(&mut self, expr: &Expr) -> Result<TypeRef> {
        Ok(match &expr.kind {
            ExprKind::Number(text) if text.contains('.') => Self::plain(oid::NUMERIC),
            ExprKind::Number(_) => Self::plain(oid::INT4),
            ExprKind::String(_) | ExprKind::Null => Self::plain(oid::UNKNOWN),
            ExprKind::Boolean(_) => Self::plain(oid::BOOL),
            ExprKind::Column(parts) => self.column(parts, expr.position)?,
            ExprKind::Cast { expr, type_name } => {
                self.type_of(expr)?;
                self.catalog.resolve_type(&self.session.search_path, type_name)?
            }
            ExprKind::Not(inner) | ExprKind::IsNull { expr: inner, .. } => {
                self.type_of(inner)?;
                Self::plain(oid::BOOL)
            }
            ExprKind::And(list) | ExprKind::Or(list) => {
                for inner in list {
                    self.type_of(inner)?;
                }
                Self::plain(oid::BOOL)
            }
            ExprKind::Binary { operator, left, right } => {
                let left = self.type_of(left)?;
                self.type_of(right)?;
                match operator.symbol.as_str() {
                    "+" | "-" | "*" | "/" => left,
                    "||" | "->>" => Self::plain(oid::TEXT),
                    "->" => Self::plain(oid::JSONB),
                    _ => Self::plain(oid::BOOL),
                }
            }
            ExprKind::ValueFunction { name, .. } => {
                self.volatility = self.volatility.max(Volatility::Stable);
                Self::plain(match name {
                    syntax::ast::ValueFunction::CurrentTimestamp => oid::TIMESTAMPTZ,
                    _ => oid::NAME,
                })
            }
            ExprKind::Least(list) | ExprKind::Coalesce(list) => {
                let mut first = Self::plain(oid::UNKNOWN);
                for inner in list {
                    let next = self.type_of(inner)?;
                    if first.oid == oid::UNKNOWN {
                        first = next;
                    }
                }
                first
            }
            ExprKind::NullIf(left, right) => {
                self.type_of(right)?;
                self.type_of(left)?
            }
            ExprKind::Subscript(inner, _) => {
                let array = self.type_of(inner)?;
                Self::plain(self.catalog.element_type(array.oid).unwrap_or(oid::TEXT))
            }
            ExprKind::TypedLiteral { type_name, .. } => {
                self.catalog.resolve_type(&self.session.search_path, type_name)?
            }
            ExprKind::Call(call) => self.call(call)?,
            other => return Err(DatabaseError::internal(format_args!("the cases have no {other:?}"))),
        })
    }

    fn call(&mut self, call: &syntax::ast::FunctionCall) -> Result<TypeRef> {
        let (schema, name) = catalog::lookup::split_name(&call.name)?;
        let mut args = Vec::new();
        for argument in &call.args {
            if let (ExprKind::String(text), "nextval") = (&argument.value.kind, name) {
                let name = syntax::ast::Name { parts: vec![text.clone()], position: 0 };
                let sequence = self.catalog.require_relation(&self.session.search_path, &name)?;
                self.depends.push(ObjectRef::Relation(sequence.oid));
            }
            args.push(self.type_of(&argument.value)?.oid);
        }
        let found = self.catalog.find_functions(&self.session.search_path, schema, name)?;
        let fits = |entry: &&FunctionEntry<'_>| match entry {
            FunctionEntry::Builtin(row) => row.args.len() == args.len(),
            FunctionEntry::User(row) => row.inputs().count() == args.len(),
        };
        match found.iter().find(fits) {
            Some(FunctionEntry::Builtin(row)) => {
                self.volatility = self.volatility.max(row.volatility);
                Ok(Self::plain(row.result))
            }
            Some(FunctionEntry::User(row)) => {
                self.volatility = self.volatility.max(row.volatility);
                self.depends.push(ObjectRef::Function(row.oid));
                Ok(row.returns)
            }
            None => Err(DatabaseError::new(UNDEFINED_FUNCTION, format!("function {name} does not exist"))),
        }
    }

    fn assignable(&self, from: Oid, to: Oid) -> bool {
        let base = |oid| self.catalog.base_type(Self::plain(oid)).oid;
        let (from, to) = (base(from), base(to));
        from == to
            || from == oid::UNKNOWN
            || builtins().cast(from, to).is_some_and(|cast| cast.context != CastContext::Explicit)
            || matches!(to, oid::TEXT | oid::VARCHAR | oid::BPCHAR)
            || (self.catalog.element_type(to).is_some() && self.catalog.element_type(from).is_some())
    }
}

impl Analyzer for Small {
    fn expression(
        &self,
        catalog: &Catalog,
        session: &DdlSession<'_>,
        request: &ExpressionRequest<'_>,
    ) -> Result<Analyzed> {
        let mut work = Work {
            catalog,
            session,
            scope: Vec::new(),
            value: None,
            columns: Vec::new(),
            own: None,
            depends: Vec::new(),
            volatility: Volatility::Immutable,
        };
        match request.scope {
            Scope::Nothing => {}
            Scope::Relation(relation) => {
                work.own = Some(relation.oid);
                work.scope.push((relation.name.clone(), relation));
            }
            Scope::Domain(base) => work.value = Some(base),
            Scope::Trigger { relation, old, new } => {
                work.own = Some(relation.oid);
                if old {
                    work.scope.push(("old".to_owned(), relation));
                }
                if new {
                    work.scope.push(("new".to_owned(), relation));
                }
            }
        }
        let found = work.type_of(request.expr)?;
        let condition = match request.kind {
            ExpressionKind::Check | ExpressionKind::DomainCheck => Some("CHECK"),
            ExpressionKind::Policy => Some("POLICY"),
            ExpressionKind::IndexPredicate => Some("WHERE"),
            ExpressionKind::TriggerWhen => Some("WHEN"),
            _ => None,
        };
        let name = |oid| catalog.format_type_oid(&session.search_path, oid);
        if let Some(word) = condition
            && !matches!(found.oid, oid::BOOL | oid::UNKNOWN)
        {
            let message = format!("argument of {word} must be type boolean, not type {}", name(found.oid));
            return Err(DatabaseError::new(DATATYPE_MISMATCH, message).at(request.expr.position));
        }
        if let Some(target) = request.target
            && !work.assignable(found.oid, target.type_ref.oid)
        {
            let message = format!(
                "column \"{}\" is of type {} but default expression is of type {}",
                target.name,
                name(target.type_ref.oid),
                name(found.oid)
            );
            return Err(DatabaseError::new(DATATYPE_MISMATCH, message)
                .with_hint("You will need to rewrite or cast the expression."));
        }
        work.columns.sort_unstable();
        Ok(Analyzed {
            type_ref: request.target.map_or(found, |target| target.type_ref),
            sql: syntax::deparse::expression(request.expr),
            columns: work.columns,
            volatility: work.volatility,
            is_null: request.expr.kind == ExprKind::Null,
            constant: false,
            depends: work.depends,
        })
    }

    fn query(&self, catalog: &Catalog, session: &DdlSession<'_>, query: &Select) -> Result<AnalyzedQuery> {
        let QueryBody::Select(core) = &query.body else {
            return Err(DatabaseError::new(FEATURE_NOT_SUPPORTED, "the cases have plain queries"));
        };
        let mut work = Work {
            catalog,
            session,
            scope: Vec::new(),
            value: None,
            columns: Vec::new(),
            own: None,
            depends: Vec::new(),
            volatility: Volatility::Immutable,
        };
        for table in &core.from {
            let TableRef::Relation { name, .. } = table else { continue };
            let relation = catalog.find_relation(&session.search_path, &name.name)?.ok_or_else(|| {
                let message = format!("relation \"{}\" does not exist", name.name.parts.join("."));
                DatabaseError::new(sqlstate::UNDEFINED_TABLE, message).at(name.name.position)
            })?;
            work.scope.push((relation.name.clone(), relation));
        }
        let mut columns = Vec::new();
        for target in &core.targets {
            let before = work.depends.len();
            let type_ref = work.type_of(&target.expr)?;
            let origin = match (&target.expr.kind, work.depends.get(before)) {
                (ExprKind::Column(_), Some(ObjectRef::Column(oid, number))) => Some((*oid, *number)),
                _ => None,
            };
            let name = match (&target.alias, &target.expr.kind) {
                (Some(alias), _) => alias.clone(),
                (None, ExprKind::Column(parts)) => parts.last().cloned().unwrap_or_default(),
                _ => "?column?".to_owned(),
            };
            columns.push(QueryColumn { name, type_ref, origin });
        }
        let simple = core.from.len() == 1;
        Ok(AnalyzedQuery {
            columns,
            sql: syntax::deparse::select(query),
            insertable: simple,
            updatable: simple,
            deletable: simple,
            not_updatable: None,
            depends: work.depends,
        })
    }

    fn function_body(&self, _: &Catalog, _: &DdlSession<'_>, function: &Function) -> Result<()> {
        syntax::parse_script(&function.body).map(|_| ())
    }
}
