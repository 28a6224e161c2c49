//! Function calls: ParseFuncOrColumn.

use super::aggregate::CallClauses;
use super::resolve::{Candidate, Found};
use super::{Analysis, Place, Resolved, Scope};
use crate::bound::{Conversion, Expr, ExprKind};
use crate::types::plain;
use catalog::builtin::{AggregateKind, BuiltinKind, CastContext, Unsupported, builtins};
use catalog::lookup::FunctionEntry;
use catalog::{FunctionKind, Oid, TypeRef};
use datum::oid;
use sqlstate::{
    AMBIGUOUS_FUNCTION, DATATYPE_MISMATCH, DatabaseError, FEATURE_NOT_SUPPORTED, Result, SYNTAX_ERROR,
    TOO_MANY_ARGUMENTS, UNDEFINED_FUNCTION, WRONG_OBJECT_TYPE,
};
use std::borrow::Cow;
use syntax::ast::{self, FunctionCall, Name, Position};

/// FUNC_MAX_ARGS
const ARGUMENTS_MAX: usize = 100;

/// What kind of function it is, and what calls of it need.
struct Facts {
    kind: BuiltinKind,
    declared: Vec<Oid>,
    result: Oid,
    returns_set: bool,
    variadic: Oid,
}

impl Analysis<'_> {
    /// `f(a, b)` with all that may follow.
    pub(crate) fn call(
        &mut self,
        scope: &mut Scope<'_>,
        place: Place,
        call: &FunctionCall,
        position: Position,
    ) -> Result<Expr> {
        if let Some(duplicate) = duplicate_name(&call.args) {
            return Err(DatabaseError::new(
                SYNTAX_ERROR,
                format!("argument name \"{duplicate}\" used more than once"),
            )
            .at(position));
        }
        let mut args = Vec::with_capacity(call.args.len());
        let mut names = Vec::new();
        for arg in &call.args {
            match &arg.name {
                Some(name) => names.push(name.clone()),
                None if !names.is_empty() => {
                    return Err(DatabaseError::new(
                        SYNTAX_ERROR,
                        "positional argument cannot follow named argument",
                    )
                    .at(arg.value.position));
                }
                None => {}
            }
            args.push(self.expression(scope, place, &arg.value)?);
        }
        let clauses = CallClauses::of(call);
        if !call.within_group.is_empty() {
            for key in &call.within_group {
                args.push(self.expression(scope, place, &key.expr)?);
            }
        }
        self.resolve_call(scope, place, &call.name, args, &names, &clauses, position)
    }

    #[expect(clippy::too_many_arguments, reason = "PostgreSQL's own function has as many")]
    pub(crate) fn resolve_call(
        &mut self,
        scope: &mut Scope<'_>,
        place: Place,
        name: &Name,
        mut args: Vec<Expr>,
        names: &[String],
        clauses: &CallClauses<'_>,
        position: Position,
    ) -> Result<Expr> {
        if args.len() > ARGUMENTS_MAX {
            return Err(DatabaseError::new(
                TOO_MANY_ARGUMENTS,
                format!("cannot pass more than {ARGUMENTS_MAX} arguments to a function"),
            )
            .at(position));
        }
        let types: Vec<Oid> = args.iter().map(|arg| arg.ty.oid).collect();
        let expand = !clauses.variadic;
        let found = self.find_function(name, &types, names, expand).map_err(|error| error.at(position))?;
        let candidate = match found {
            Found::Function(candidate) => candidate,
            Found::Cast(target) => {
                clauses.refuse_for_plain(name, position)?;
                let arg = args.remove(0);
                let target = plain(target);
                return match self.coerce_to_target(arg, target, CastContext::Explicit)? {
                    Some(cast) => Ok(cast.at(position)),
                    None => Err(self.cannot_cast(types[0], target.oid).at(position)),
                };
            }
            Found::Multiple => {
                let signature = self.call_signature(name, &types, names);
                return Err(DatabaseError::new(
                    AMBIGUOUS_FUNCTION,
                    format!("function {signature} is not unique"),
                )
                .with_hint(
                    "Could not choose a best candidate function. You might need to add explicit type casts.",
                )
                .at(position));
            }
            Found::Nothing => {
                if let ([arg], [], [field]) = (args.as_slice(), names, name.parts.as_slice())
                    && clauses.is_plain()
                    && let Some(column) = self.field_named(arg, field)
                {
                    self.mark_read(&column);
                    return Ok(column.at(position));
                }
                return Err(self.no_function(name, &types, names, clauses).at(position));
            }
        };
        let facts = self.facts(&candidate);
        self.resolved.push((position, Resolved::Function(candidate.function)));
        if candidate.function >= catalog::FIRST_USER_OID {
            self.functions.insert((candidate.function, self.role));
        }
        match facts.kind {
            BuiltinKind::Procedure => {
                let signature = self.call_signature(name, &types, names);
                return Err(DatabaseError::new(WRONG_OBJECT_TYPE, format!("{signature} is a procedure"))
                    .with_hint("To call a procedure, use CALL.")
                    .at(position));
            }
            BuiltinKind::Function => clauses.refuse_for_plain(name, position)?,
            BuiltinKind::Aggregate(AggregateKind::Normal) => clauses.check_aggregate(name, position)?,
            BuiltinKind::Aggregate(_) => clauses.check_ordered_set(name, position)?,
            BuiltinKind::Window => clauses.check_window(name, position)?,
        }
        let (mut args, result) = self.prepare_arguments(&candidate, &facts, args)?;
        let ty = plain(result);
        if self.is_about_sequences(candidate.function) {
            // Whose privileges count is known here alone; PostgreSQL's code looks at who runs it.
            args.push(super::coerce::integer(self.role.cast_signed()));
        }
        match facts.kind {
            BuiltinKind::Aggregate(kind) => {
                self.aggregate_call(scope, place, &candidate, kind, args, ty, clauses, name, position)
            }
            BuiltinKind::Window => {
                self.window_call(scope, place, candidate.function, args, ty, clauses, position)
            }
            BuiltinKind::Function | BuiltinKind::Procedure => {
                let function = candidate.function;
                if function == super::expression::CURRENT_SCHEMA && !self.stored {
                    return Ok(self.current_schema().at(position));
                }
                if facts.returns_set {
                    if let Some(message) = place.refuses_sets() {
                        return Err(DatabaseError::new(FEATURE_NOT_SUPPORTED, message).at(position));
                    }
                    scope.has_set_calls |= place != Place::FromFunction;
                    return Ok(Expr::new(ExprKind::SetCall { function, args }, ty).at(position));
                }
                Ok(Expr::new(ExprKind::Call { function, args }, ty).at(position))
            }
        }
    }

    /// `t.f` as `f(t)`; `None` when there is no such function.
    pub(crate) fn projection_call(
        &mut self,
        scope: &mut Scope<'_>,
        function: &str,
        row: Expr,
        position: Position,
    ) -> Result<Option<Expr>> {
        let name = Name { parts: vec![function.to_owned()], position };
        if self.arguments.is_none() && self.catalog.find_functions(&self.path, None, function)?.is_empty() {
            return Ok(None);
        }
        match self.find_function(&name, &[row.ty.oid], &[], true)? {
            Found::Function(_) | Found::Multiple => {
                let clauses = CallClauses::none();
                self.resolve_call(scope, Place::Select, &name, vec![row], &[], &clauses, position).map(Some)
            }
            Found::Cast(_) | Found::Nothing => Ok(None),
        }
    }

    fn no_function(
        &self,
        name: &Name,
        types: &[Oid],
        names: &[String],
        clauses: &CallClauses<'_>,
    ) -> DatabaseError {
        if let Some(function) = name.parts.last()
            && builtins().functions_named(function).is_empty()
            && builtins().is_unsupported(Unsupported::Function, function)
        {
            return DatabaseError::unsupported(format_args!("function {function}"));
        }
        let signature = self.call_signature(name, types, names);
        let error = DatabaseError::new(UNDEFINED_FUNCTION, format!("function {signature} does not exist"));
        error.with_hint(if clauses.order_by.len() > 1 {
            "No aggregate function matches the given name and argument types. Perhaps you misplaced ORDER BY; ORDER BY must appear after all regular arguments of the aggregate."
        } else {
            "No function matches the given name and argument types. You might need to add explicit type casts."
        })
    }

    /// `nextval` and kin, which ask for privileges when they run.
    fn is_about_sequences(&self, function: Oid) -> bool {
        match self.catalog.function_entry(function) {
            Some(FunctionEntry::Builtin(row)) => crate::render::SEQUENCE_FUNCTIONS.contains(&row.source),
            _ => false,
        }
    }

    fn facts(&self, candidate: &Candidate) -> Facts {
        match self.catalog.function_entry(candidate.function) {
            Some(FunctionEntry::Builtin(row)) => Facts {
                kind: row.kind,
                declared: candidate.args.clone(),
                result: row.result,
                returns_set: row.returns_set,
                variadic: row.variadic,
            },
            Some(FunctionEntry::User(row)) => Facts {
                kind: match row.kind {
                    FunctionKind::Function => BuiltinKind::Function,
                    FunctionKind::Procedure => BuiltinKind::Procedure,
                    FunctionKind::Aggregate => BuiltinKind::Aggregate(AggregateKind::Normal),
                    FunctionKind::Window => BuiltinKind::Window,
                },
                declared: candidate.args.clone(),
                result: row.returns.oid,
                returns_set: row.returns_set,
                variadic: 0,
            },
            None => Facts {
                kind: BuiltinKind::Function,
                declared: candidate.args.clone(),
                result: oid::UNKNOWN,
                returns_set: false,
                variadic: 0,
            },
        }
    }

    /// Defaults filled in, polymorphic types made concrete, arguments converted, VARIADIC ones gathered.
    fn prepare_arguments(
        &mut self,
        candidate: &Candidate,
        facts: &Facts,
        mut args: Vec<Expr>,
    ) -> Result<(Vec<Expr>, Oid)> {
        for at in args.len()..candidate.args.len() {
            let parameter = candidate.order.as_ref().map_or(at, |order| order[at]);
            args.push(self.default_argument(candidate.function, parameter)?);
        }
        let actual: Vec<Oid> = args.iter().map(|arg| arg.ty.oid).collect();
        let mut declared = facts.declared.clone();
        let result = self.enforce_generics(&actual, &mut declared, facts.result)?;
        let mut converted = Vec::with_capacity(args.len());
        for (arg, declared) in args.into_iter().zip(&declared) {
            converted.push(self.coerce_type(arg, plain(*declared), CastContext::Implicit)?);
        }
        if let Some(order) = &candidate.order {
            let mut placed: Vec<Option<Expr>> = converted.iter().map(|_| None).collect();
            for (arg, at) in converted.into_iter().zip(order) {
                placed[*at] = Some(arg);
            }
            converted = placed.into_iter().flatten().collect();
        }
        if candidate.variadic > 0 && facts.variadic_is_array() {
            let first = converted.len() - candidate.variadic;
            let elements = converted.split_off(first);
            let element = declared.get(first).copied().unwrap_or(oid::TEXT);
            let array = self.catalog.array_type(element).ok_or_else(|| {
                DatabaseError::new(
                    sqlstate::UNDEFINED_OBJECT,
                    format!("could not find array type for data type {}", self.type_name(element)),
                )
            })?;
            let position = elements.first().map_or(0, |element| element.position);
            converted.push(Expr::new(ExprKind::Array(elements), plain(array)).at(position));
        } else if facts.variadic == oid::ANY
            && candidate.variadic == 0
            && let Some(last) = converted.last()
            && self.catalog.element_type(self.base_oid(last.ty.oid)).is_none()
        {
            return Err(
                DatabaseError::new(DATATYPE_MISMATCH, "VARIADIC argument must be an array").at(last.position)
            );
        } else if facts.variadic == oid::ANY && candidate.variadic == 0 {
            // The function takes the elements, which are known when it is called.
            if let Some(array) = converted.pop() {
                let (ty, position) = (array.ty, array.position);
                let kind = ExprKind::Convert { expr: Box::new(array), by: Conversion::Spread };
                converted.push(Expr::new(kind, ty).at(position));
            }
        }
        Ok((converted, result))
    }

    /// The default of a parameter (by its place among the inputs).
    fn default_argument(&mut self, function: Oid, parameter: usize) -> Result<Expr> {
        let (text, target, owner): (Cow<'_, str>, TypeRef, Oid) = match self.catalog.function_entry(function)
        {
            Some(FunctionEntry::Builtin(row)) => {
                let first = row.args.len() - usize::from(row.default_count);
                let text = parameter.checked_sub(first).and_then(|at| row.defaults.split(", ").nth(at));
                (Cow::Borrowed(text.unwrap_or("NULL")), plain(row.args[parameter]), self.role)
            }
            Some(FunctionEntry::User(row)) => {
                let found = row.inputs().nth(parameter);
                let text = found.and_then(|parameter| parameter.default.clone());
                let target = found.map_or(plain(oid::UNKNOWN), |parameter| parameter.type_ref);
                (Cow::Owned(text.unwrap_or_else(|| "NULL".to_owned())), target, row.owner)
            }
            None => return Err(DatabaseError::internal("a default of an unknown function")),
        };
        let parsed = syntax::parse_expression(&text)?;
        let role = self.role;
        let _ = owner;
        self.stored(role, |analysis| {
            let mut scope = Scope::default();
            let value = analysis.expression(&mut scope, Place::FunctionDefault, &parsed)?;
            if crate::types::is_polymorphic(target.oid) {
                return Ok(value);
            }
            let source = value.ty.oid;
            let coerced = analysis.coerce_to_target(value, target, CastContext::Assignment)?;
            coerced.ok_or_else(|| analysis.cannot_cast(source, target.oid))
        })
    }
}

impl Facts {
    fn variadic_is_array(&self) -> bool {
        self.variadic != oid::ANY
    }
}

fn duplicate_name(args: &[ast::Argument]) -> Option<&str> {
    let mut seen = std::collections::BTreeSet::new();
    args.iter().filter_map(|arg| arg.name.as_deref()).find(|name| !seen.insert(*name))
}
