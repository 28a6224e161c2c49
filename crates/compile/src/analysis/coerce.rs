//! Conversions between types: PostgreSQL's parse_coerce.c.

use super::Analysis;
use crate::bound::{Conversion, Expr, ExprKind};
use crate::mutant::{self, Mutant};
use crate::types::{self, BOOL, INT4, UNKNOWN, plain};
use catalog::builtin::{CastContext, CastMethod, builtins};
use catalog::{Oid, TypeRef};
use datum::{StoredValue, oid};
use sqlstate::{AMBIGUOUS_PARAMETER, CANNOT_COERCE, DATATYPE_MISMATCH, DatabaseError, Result};
use syntax::ast::Position;

/// How one type becomes another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Path {
    /// The same stored form.
    Relabel,
    /// A cast function.
    Function(Oid),
    /// By output and input.
    Text,
    /// Element by element.
    Array,
}

impl Analysis<'_> {
    /// The name of a type in error messages (format_type_be).
    pub(crate) fn type_name(&self, ty: Oid) -> String {
        match ty {
            oid::BPCHAR => "character".to_owned(),
            oid::BPCHAR_ARRAY => "character[]".to_owned(),
            oid::BIT => "bit".to_owned(),
            oid::BIT_ARRAY => "bit[]".to_owned(),
            _ => self.catalog.format_type_oid(&self.path, ty),
        }
    }

    /// find_coercion_pathway
    pub(crate) fn coercion_path(&self, target: Oid, source: Oid, context: CastContext) -> Option<Path> {
        let (source, target) = (self.base_oid(source), self.base_oid(target));
        if source == target {
            return Some(Path::Relabel);
        }
        if let Some(cast) = builtins().cast(source, target) {
            let needed = match cast.context {
                CastContext::Implicit if mutant::is(Mutant::ImplicitCastsMissing) => CastContext::Assignment,
                CastContext::Assignment if mutant::is(Mutant::AssignmentCastsImplicit) => {
                    CastContext::Implicit
                }
                CastContext::Explicit if mutant::is(Mutant::ExplicitCastsAssigned) => CastContext::Assignment,
                needed => needed,
            };
            return (context >= needed).then_some(match cast.method {
                CastMethod::Function => Path::Function(cast.function),
                CastMethod::InOut => Path::Text,
                CastMethod::Binary => Path::Relabel,
            });
        }
        if !matches!(target, oid::OIDVECTOR | oid::INT2VECTOR)
            && let Some(to) = self.catalog.element_type(target)
            && let Some(from) = self.catalog.element_type(source)
            && self.coercion_path(to, from, context).is_some()
        {
            return Some(Path::Array);
        }
        if context >= CastContext::Assignment
            && self.category(target) == 'S'
            && !mutant::is(Mutant::TextAssignmentMissing)
        {
            return Some(Path::Text);
        }
        if context >= CastContext::Explicit
            && self.category(source) == 'S'
            && !mutant::is(Mutant::TextCastMissing)
        {
            return Some(Path::Text);
        }
        None
    }

    /// can_coerce_type
    pub(crate) fn can_coerce(&self, inputs: &[Oid], targets: &[Oid], context: CastContext) -> bool {
        let mut generic = false;
        for (&input, &target) in inputs.iter().zip(targets) {
            if input == target || target == oid::ANY {
                continue;
            }
            if types::is_polymorphic(target) {
                generic = true;
                continue;
            }
            if input == oid::UNKNOWN || self.coercion_path(target, input, context).is_some() {
                continue;
            }
            if input == oid::RECORD && self.is_composite(target) {
                continue;
            }
            if target == oid::RECORD && self.is_composite(input) {
                continue;
            }
            return false;
        }
        !generic || self.generics_are_consistent(inputs, targets)
    }

    /// coerce_to_target_type: `None` when there is no such conversion.
    pub(crate) fn coerce_to_target(
        &mut self,
        expr: Expr,
        target: TypeRef,
        context: CastContext,
    ) -> Result<Option<Expr>> {
        if !self.can_coerce(&[expr.ty.oid], &[target.oid], context) {
            return Ok(None);
        }
        let position = expr.position;
        let converted = self.coerce_type(expr, target, context)?;
        Ok(Some(self.coerce_modifier(converted, target, context)?.at_if_absent(position)))
    }

    /// coerce_type: the conversion is known to exist; the modifier is applied only where the conversion does it itself.
    pub(crate) fn coerce_type(&mut self, expr: Expr, target: TypeRef, context: CastContext) -> Result<Expr> {
        let source = expr.ty.oid;
        if source == target.oid {
            return Ok(expr);
        }
        match target.oid {
            oid::ANY
            | oid::ANYELEMENT
            | oid::ANYNONARRAY
            | oid::ANYCOMPATIBLE
            | oid::ANYCOMPATIBLENONARRAY => {
                return Ok(expr);
            }
            oid::ANYARRAY | oid::ANYENUM | oid::ANYCOMPATIBLEARRAY if source != oid::UNKNOWN => {
                let base = self.catalog.base_type(plain(source));
                return Ok(if base.oid == source { expr } else { relabel(expr, base) });
            }
            _ => {}
        }
        let position = expr.position;
        match expr.kind {
            ExprKind::Constant(value) if source == oid::UNKNOWN => {
                return self.literal(value, target, context, position);
            }
            ExprKind::Parameter(number) if source == oid::UNKNOWN => {
                let read = self.read_as(target.oid)?;
                self.give_parameter_type(number, read, position)?;
                let value = Expr::new(ExprKind::Parameter(number), plain(read)).at(position);
                return self.as_domains(value, target.oid, context);
            }
            _ => {}
        }
        if let ExprKind::Collate { expr: inner, collation } = expr.kind {
            let inner = self.coerce_type(*inner, target, context)?;
            let ty = inner.ty;
            return Ok(Expr::new(ExprKind::Collate { expr: Box::new(inner), collation }, ty).at(position));
        }
        if let Some(path) = self.coercion_path(target.oid, source, context) {
            return match path {
                Path::Relabel => {
                    let domain = self.coerce_to_domain(expr, target.oid, context)?;
                    if domain.ty.oid == target.oid {
                        Ok(domain)
                    } else {
                        Ok(relabel(domain, plain(target.oid)))
                    }
                }
                _ => {
                    // A domain's base modifier is the base's business.
                    let mut base = self.catalog.base_type(target);
                    if base.oid == target.oid {
                        base = target;
                    }
                    let converted = self.convert(expr, path, base, context)?;
                    if base.oid == target.oid {
                        Ok(converted)
                    } else {
                        self.coerce_to_domain(converted, target.oid, context)
                    }
                }
            };
        }
        if source == oid::RECORD && self.is_composite(target.oid) {
            return self.record_to_composite(expr, target, context);
        }
        if target.oid == oid::RECORD && self.is_composite(source) {
            return Ok(match expr.kind {
                // The row's columns stay in sight.
                ExprKind::WholeRow(_) | ExprKind::Row { .. } => Expr { ty: plain(oid::RECORD), ..expr },
                _ => relabel(expr, plain(oid::RECORD)),
            });
        }
        // An unknown value that is no literal: the output of a sub-query that kept a literal's type.
        if source == oid::UNKNOWN {
            let mut text = expr;
            text.ty = types::TEXT;
            return self.convert(text, Path::Text, target, CastContext::Explicit);
        }
        Err(self.cannot_cast(source, target.oid).at(position))
    }

    /// 42846
    pub(crate) fn cannot_cast(&self, source: Oid, target: Oid) -> DatabaseError {
        let (source, target) = (self.type_name(source), self.type_name(target));
        DatabaseError::new(CANNOT_COERCE, format!("cannot cast type {source} to {target}"))
    }

    /// An untyped literal as a value of the type.
    fn literal(
        &mut self,
        value: StoredValue,
        target: TypeRef,
        context: CastContext,
        position: Position,
    ) -> Result<Expr> {
        let read = self.read_as(target.oid)?;
        let mut base = self.catalog.base_type(plain(target.oid));
        if read != base.oid {
            base = plain(read);
        }
        // Only interval's input wants the modifier: its fields say how a bare number is read.
        let modifier = match base.oid {
            oid::INTERVAL if base.oid == target.oid => target.modifier,
            oid::INTERVAL => base.modifier,
            _ => -1,
        };
        let folded = match value {
            StoredValue::Text(text) => self.fold(TypeRef { oid: base.oid, modifier }, &text, position)?,
            other => Expr::new(ExprKind::Constant(other), TypeRef { oid: base.oid, modifier }),
        };
        self.as_domains(folded.at(position), target.oid, context)
    }

    /// The type as which a value of a type is read from text: without domains, those of an array's elements either.
    fn read_as(&self, ty: Oid) -> Result<Oid> {
        let base = self.base_oid(ty);
        let Some(element) = self.catalog.element_type(base).filter(|element| self.is_domain(*element)) else {
            return Ok(base);
        };
        let inner = self.base_oid(element);
        match self.catalog.array_type(inner) {
            Some(array) if self.catalog.element_type(inner).is_none() => Ok(array),
            _ => Err(DatabaseError::unsupported("an array of a domain over an array")),
        }
    }

    /// A value that was read without domains gets them: of its elements, then its own.
    fn as_domains(&mut self, expr: Expr, target: Oid, context: CastContext) -> Result<Expr> {
        let base = self.base_oid(target);
        let expr = match expr.ty.oid == base {
            true => expr,
            false => self.convert(expr, Path::Array, plain(base), context)?,
        };
        if base == target { Ok(expr) } else { self.coerce_to_domain(expr, target, context) }
    }

    /// build_coercion_expression
    fn convert(&mut self, expr: Expr, path: Path, target: TypeRef, context: CastContext) -> Result<Expr> {
        let position = expr.position;
        let kind = match path {
            Path::Relabel => return Ok(relabel(expr, target)),
            Path::Function(function) => {
                let count = builtins().function_by_oid(function).map_or(1, |row| row.args.len());
                let mut args = vec![expr];
                if count > 1 {
                    args.push(integer(target.modifier));
                }
                if count > 2 {
                    args.push(Expr::boolean(context == CastContext::Explicit));
                }
                // A function of one argument does not apply the modifier; coerce_modifier does.
                let modifier = if count > 1 { target.modifier } else { -1 };
                let ty = TypeRef { oid: target.oid, modifier };
                return Ok(match self.fold_cast(function, &args) {
                    Some(value) => Expr::new(ExprKind::Constant(value), ty).at(position),
                    None => Expr::new(ExprKind::Call { function, args }, ty).at(position),
                });
            }
            Path::Text => ExprKind::Convert { expr: Box::new(expr), by: Conversion::Text },
            Path::Array => {
                let from = self.catalog.element_type(self.base_oid(expr.ty.oid));
                let to = self.catalog.element_type(target.oid);
                let (Some(from), Some(to)) = (from, to) else {
                    return Err(self.cannot_cast(expr.ty.oid, target.oid).at(position));
                };
                if let ExprKind::Array(elements) = expr.kind {
                    return self.convert_elements(elements, target, to, context, position);
                }
                let element =
                    Expr::new(ExprKind::CaseOperand, TypeRef { oid: from, modifier: expr.ty.modifier });
                let to = TypeRef { oid: to, modifier: target.modifier };
                let Some(element) = self.coerce_to_target(element, to, context)? else {
                    return Err(self.cannot_cast(expr.ty.oid, target.oid).at(position));
                };
                let ty = TypeRef { oid: target.oid, modifier: element.ty.modifier };
                let by = Conversion::Array(Box::new(element));
                return Ok(Expr::new(ExprKind::Convert { expr: Box::new(expr), by }, ty).at(position));
            }
        };
        Ok(Expr::new(kind, plain(target.oid)).at(position))
    }

    /// A written array is converted element by element.
    fn convert_elements(
        &mut self,
        elements: Vec<Expr>,
        target: TypeRef,
        element: Oid,
        context: CastContext,
        position: Position,
    ) -> Result<Expr> {
        let mut converted = Vec::with_capacity(elements.len());
        for item in elements {
            let source = item.ty.oid;
            let nested = self.catalog.element_type(self.base_oid(source)).is_some();
            let to = TypeRef { oid: if nested { target.oid } else { element }, modifier: target.modifier };
            let item = self.coerce_to_target(item, to, context)?;
            converted.push(item.ok_or_else(|| self.cannot_cast(source, to.oid).at(position))?);
        }
        Ok(Expr::new(ExprKind::Array(converted), target).at(position))
    }

    /// The value of a cast of a constant, where nothing but the constant decides it.
    fn fold_cast(&self, function: Oid, args: &[Expr]) -> Option<StoredValue> {
        let row = builtins().function_by_oid(function)?;
        let code = datum::function(row.source).filter(|code| !code.typed)?;
        if row.volatility != catalog::Volatility::Immutable {
            return None;
        }
        let mut values = Vec::with_capacity(args.len());
        for arg in args {
            match &arg.kind {
                ExprKind::Constant(value) if arg.ty.oid != oid::UNKNOWN => values.push(value.borrow()),
                _ => return None,
            }
        }
        // What fails here fails when it runs, as in PostgreSQL.
        code.invoke(&values, &super::fold::Folding::new(self.catalog, &self.path)).ok()
    }

    /// coerce_type_typmod
    pub(crate) fn coerce_modifier(
        &mut self,
        expr: Expr,
        target: TypeRef,
        context: CastContext,
    ) -> Result<Expr> {
        if expr.ty.modifier == target.modifier {
            return Ok(expr);
        }
        if mutant::is(Mutant::ModifierIgnored) {
            return Ok(relabel(expr, target));
        }
        let context = if mutant::is(Mutant::TooLongIsCut) { CastContext::Explicit } else { context };
        if target.modifier < 0 {
            let ty = TypeRef { oid: expr.ty.oid, modifier: -1 };
            return Ok(relabel(expr, ty));
        }
        let element = self.catalog.element_type(target.oid);
        let scalar = element.unwrap_or(target.oid);
        match builtins().cast(scalar, scalar) {
            Some(cast) if cast.method == CastMethod::Function => {
                let path = if element.is_some() { Path::Array } else { Path::Function(cast.function) };
                self.convert(expr, path, target, context)
            }
            _ => Ok(relabel(expr, target)),
        }
    }

    /// coerce_to_domain: the value has the base type, or a domain below.
    fn coerce_to_domain(&mut self, expr: Expr, domain: Oid, context: CastContext) -> Result<Expr> {
        if !self.is_domain(domain) || expr.ty.oid == domain {
            return Ok(expr);
        }
        let base = self.catalog.base_type(plain(domain));
        let position = expr.position;
        let expr = self.coerce_modifier(expr, base, context)?;
        let checks = self.domain_checks(domain)?;
        let by = Conversion::Domain(checks);
        Ok(Expr::new(ExprKind::Convert { expr: Box::new(expr), by }, plain(domain)).at(position))
    }

    fn record_to_composite(&mut self, expr: Expr, target: TypeRef, context: CastContext) -> Result<Expr> {
        let position = expr.position;
        let Some(relation) = self.composite(target.oid).cloned() else {
            return Err(self.cannot_cast(expr.ty.oid, target.oid).at(position));
        };
        let fields = match expr.kind {
            ExprKind::Row { fields, .. } => fields,
            ExprKind::WholeRow(range) => {
                let Some((_, types)) = self.row_shape(&expr) else {
                    return Err(DatabaseError::unsupported("a cast of a record to a composite type"));
                };
                let column =
                    |(column, ty): (usize, &TypeRef)| Expr::new(ExprKind::Column { range, column }, *ty);
                types.iter().enumerate().map(column).collect()
            }
            _ => return Err(DatabaseError::unsupported("a cast of a record to a composite type")),
        };
        let wrong = |analysis: &Self, detail: &str| {
            analysis.cannot_cast(oid::RECORD, target.oid).with_detail(detail).at(position)
        };
        if fields.len() < relation.columns.len() {
            return Err(wrong(self, "Input has too few columns."));
        }
        if fields.len() > relation.columns.len() {
            return Err(wrong(self, "Input has too many columns."));
        }
        let mut converted = Vec::with_capacity(fields.len());
        let mut names = Vec::with_capacity(fields.len());
        for (at, (field, column)) in fields.into_iter().zip(&relation.columns).enumerate() {
            let source = field.ty.oid;
            let Some(field) = self.coerce_to_target(field, column.type_ref, context)? else {
                let (from, to) = (self.type_name(source), self.type_name(column.type_ref.oid));
                return Err(wrong(self, &format!("Cannot cast type {from} to {to} in column {}.", at + 1)));
            };
            converted.push(field);
            names.push(column.name.clone());
        }
        let base = self.base_oid(target.oid);
        let row = Expr::new(ExprKind::Row { fields: converted, names }, plain(base)).at(position);
        self.coerce_to_domain(row, target.oid, context)
    }

    /// Converts to boolean; 42804 `argument of WHERE must be type boolean, not type integer`.
    pub fn coerce_to_boolean(&mut self, expr: Expr, construct: &str) -> Result<Expr> {
        self.coerce_to_specific(expr, BOOL, construct)
    }

    /// coerce_to_specific_type
    pub(crate) fn coerce_to_specific(
        &mut self,
        expr: Expr,
        target: TypeRef,
        construct: &str,
    ) -> Result<Expr> {
        let set = super::aggregate::first_of(&expr, |kind| matches!(kind, ExprKind::SetCall { .. }));
        if let Some(position) = set {
            let message = format!("argument of {construct} must not return a set");
            return Err(DatabaseError::new(DATATYPE_MISMATCH, message).at(position));
        }
        if expr.ty.oid == target.oid {
            return Ok(expr);
        }
        let (position, source) = (expr.location(), expr.ty.oid);
        self.coerce_to_target(expr, target, CastContext::Assignment)?.ok_or_else(|| {
            let (wanted, found) = (self.type_name(target.oid), self.type_name(source));
            DatabaseError::new(
                DATATYPE_MISMATCH,
                format!("argument of {construct} must be type {wanted}, not type {found}"),
            )
            .at(position)
        })
    }

    /// Converts a value for assignment to a column (assignment casts, length enforced); 42804 `column "c" is of type t but
    /// expression is of type u`.
    pub fn coerce_assignment(&mut self, expr: Expr, target: TypeRef, column: &str) -> Result<Expr> {
        let (position, source) = (expr.location(), expr.ty.oid);
        self.coerce_to_target(expr, target, CastContext::Assignment)?.ok_or_else(|| {
            let (wanted, found) = (self.type_name(target.oid), self.type_name(source));
            DatabaseError::new(
                DATATYPE_MISMATCH,
                format!("column \"{column}\" is of type {wanted} but expression is of type {found}"),
            )
            .with_hint("You will need to rewrite or cast the expression.")
            .at(position)
        })
    }

    /// Converts a value for a PL/pgSQL variable: as in an assignment, and by its text where there is no such cast
    /// (COERCION_PLPGSQL).
    pub(crate) fn coerce_plpgsql(&mut self, expr: Expr, target: TypeRef) -> Result<Expr> {
        if let Some(done) = self.coerce_to_target(expr.clone(), target, CastContext::Assignment)? {
            return Ok(done);
        }
        let base = self.catalog.base_type(target);
        let is_row = |ty: Oid| ty == oid::RECORD || self.is_composite(ty);
        if is_row(expr.ty.oid) || is_row(base.oid) {
            return Err(DatabaseError::unsupported("converting rows in an assignment"));
        }
        let text = self.convert(expr, Path::Text, plain(base.oid), CastContext::Assignment)?;
        let sized = self.coerce_modifier(text, base, CastContext::Assignment)?;
        let context = CastContext::Assignment;
        if base.oid == target.oid { Ok(sized) } else { self.coerce_to_domain(sized, target.oid, context) }
    }

    /// select_common_type: 42804 when there is none, and without a context's name `None`.
    pub(crate) fn common_type(&self, exprs: &[&Expr], context: Option<&str>) -> Result<Option<Oid>> {
        let Some(first) = exprs.first() else { return Ok(None) };
        let mut chosen = first.ty.oid;
        if chosen != oid::UNKNOWN && exprs.iter().all(|expr| expr.ty.oid == chosen) {
            return Ok(Some(chosen));
        }
        chosen = self.base_oid(chosen);
        let (mut category, mut preferred) = (self.category(chosen), types::is_preferred(chosen));
        for expr in &exprs[1..] {
            let next = self.base_oid(expr.ty.oid);
            if next == oid::UNKNOWN || next == chosen {
                continue;
            }
            let (next_category, next_preferred) = (self.category(next), types::is_preferred(next));
            if chosen == oid::UNKNOWN {
                (chosen, category, preferred) = (next, next_category, next_preferred);
            } else if next_category != category && !mutant::is(Mutant::CategoriesMixed) {
                let Some(context) = context else { return Ok(None) };
                return Err(DatabaseError::new(
                    DATATYPE_MISMATCH,
                    format!(
                        "{context} types {} and {} cannot be matched",
                        self.type_name(chosen),
                        self.type_name(next)
                    ),
                )
                .at(expr.location()));
            } else if !preferred
                && !mutant::is(Mutant::FirstTypeIsCommon)
                && self.can_coerce(&[chosen], &[next], CastContext::Implicit)
                && !self.can_coerce(&[next], &[chosen], CastContext::Implicit)
            {
                (chosen, category, preferred) = (next, next_category, next_preferred);
            }
        }
        Ok(Some(if chosen == oid::UNKNOWN { oid::TEXT } else { chosen }))
    }

    /// coerce_to_common_type
    pub(crate) fn coerce_to_common(&mut self, expr: Expr, target: Oid, context: &str) -> Result<Expr> {
        if expr.ty.oid == target {
            return Ok(expr);
        }
        if self.can_coerce(&[expr.ty.oid], &[target], CastContext::Implicit) {
            return self.coerce_type(expr, plain(target), CastContext::Implicit);
        }
        let (from, to) = (self.type_name(expr.ty.oid), self.type_name(target));
        Err(DatabaseError::new(CANNOT_COERCE, format!("{context} could not convert type {from} to {to}"))
            .at(expr.location()))
    }

    /// The common type of these, and these converted to it.
    pub(crate) fn coerce_all_to_common(
        &mut self,
        exprs: Vec<Expr>,
        context: &str,
    ) -> Result<(Oid, Vec<Expr>)> {
        let common = self.common_type(&exprs.iter().collect::<Vec<_>>(), Some(context))?;
        let common = common.unwrap_or(oid::TEXT);
        let converted = exprs.into_iter().map(|expr| self.coerce_to_common(expr, common, context));
        Ok((common, converted.collect::<Result<_>>()?))
    }

    /// An output column that is still `unknown` becomes text.
    pub(crate) fn resolve_unknown(&mut self, expr: Expr) -> Result<Expr> {
        if expr.ty.oid == oid::UNKNOWN {
            self.coerce_type(expr, types::TEXT, CastContext::Implicit)
        } else {
            Ok(expr)
        }
    }

    fn give_parameter_type(&mut self, number: u32, ty: Oid, position: Position) -> Result<()> {
        let at = usize::try_from(number).unwrap_or(0).saturating_sub(1);
        if self.parameters.len() <= at {
            self.parameters.resize(at + 1, None);
        }
        match self.parameters[at] {
            None => {
                self.parameters[at] = Some(plain(ty));
                Ok(())
            }
            Some(known) if known.oid == ty => Ok(()),
            Some(known) => {
                let (known, other) = (self.type_name(known.oid), self.type_name(ty));
                Err(DatabaseError::new(
                    AMBIGUOUS_PARAMETER,
                    format!("inconsistent types deduced for parameter ${number}"),
                )
                .with_detail(format!("{known} versus {other}"))
                .at(position))
            }
        }
    }

    pub(crate) fn base_oid(&self, ty: Oid) -> Oid {
        types::base_oid(self.catalog, ty)
    }

    pub(crate) fn category(&self, ty: Oid) -> char {
        types::category(self.catalog, ty)
    }

    pub(crate) fn is_composite(&self, ty: Oid) -> bool {
        types::is_composite(self.catalog, ty)
    }

    pub(crate) fn is_domain(&self, ty: Oid) -> bool {
        types::is_domain(self.catalog, ty)
    }

    pub(crate) fn composite(&self, ty: Oid) -> Option<&std::sync::Arc<catalog::Relation>> {
        types::composite(self.catalog, ty)
    }
}

/// exprTypmod's common case: all of one type and modifier keep it.
pub(crate) fn common_modifier(exprs: &[&Expr], common: Oid) -> i32 {
    let Some(first) = exprs.first() else { return -1 };
    let same = exprs.iter().all(|expr| expr.ty.oid == common && expr.ty.modifier == first.ty.modifier);
    if same { first.ty.modifier } else { -1 }
}

/// The same value under another type.
pub(crate) fn relabel(expr: Expr, ty: TypeRef) -> Expr {
    let position = expr.position;
    if let ExprKind::Constant(_) = expr.kind {
        return Expr { kind: expr.kind, ty, position };
    }
    Expr::new(ExprKind::Convert { expr: Box::new(expr), by: Conversion::Relabel }, ty).at(position)
}

/// An int4 constant.
pub(crate) fn integer(value: i32) -> Expr {
    Expr::new(ExprKind::Constant(StoredValue::from(value)), INT4)
}

/// An untyped literal.
pub(crate) fn unknown(text: &str) -> Expr {
    Expr::new(ExprKind::Constant(StoredValue::from(text)), UNKNOWN)
}
