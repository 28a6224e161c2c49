//! Expressions.

use super::{Renderer, Source};
use crate::bound::{Conversion, DomainChecks, Expr, ExprKind, Subscript};
use crate::mutant::{self, Canary};
use crate::program::Bind;
use crate::storage;
use catalog::TypeRef;
use sqlstate::{DatabaseError, Result, STATEMENT_TOO_COMPLEX};

/// The longest text of an expression, in bytes. What is written twice at each level (NULLIF) must end somewhere.
const TEXT_MAX: usize = 4 << 20;

impl Renderer<'_> {
    /// An expression as a value.
    pub(super) fn expr(&mut self, expr: &Expr) -> Result<String> {
        if self.hoists && self.is_worth_hoisting(expr) {
            self.hoists = false;
            let sql = self.plain(expr);
            self.hoists = true;
            return Ok(format!("(SELECT {})", sql?));
        }
        let sql = self.plain(expr)?;
        if sql.len() > TEXT_MAX && !matches!(expr.kind, ExprKind::Constant(_)) {
            return Err(DatabaseError::new(
                STATEMENT_TOO_COMPLEX,
                "the statement is too complex for the embedded engine",
            ));
        }
        Ok(sql)
    }

    fn plain(&mut self, expr: &Expr) -> Result<String> {
        Ok(match &expr.kind {
            ExprKind::Constant(value) => storage::literal(value),
            ExprKind::Parameter(number) => self.bind(&Bind::Parameter(*number)),
            ExprKind::Bind(bind) => self.bind(bind),
            ExprKind::Column { range, column } => self.column(*range, *column)?,
            ExprKind::RowId(range) => self.row_id(*range)?,
            ExprKind::WholeRow(range) => {
                let fields = self.whole_row_fields(*range, expr)?;
                let names = self.whole_row_names(*range);
                let row = self.row(&fields, &names, expr.ty)?;
                match self.presence(*range)? {
                    Some(here) => format!("(CASE WHEN {here} IS NOT NULL THEN {row} END)"),
                    None => row,
                }
            }
            ExprKind::Call { function, args } => self.call(*function, args, expr)?,
            ExprKind::Operator { operator, args } => self.operator(*operator, args, expr)?,
            ExprKind::And(terms) => self.joined(terms, " AND ")?,
            ExprKind::Or(terms) => self.joined(terms, " OR ")?,
            ExprKind::Not(inner) => format!("(NOT {})", self.expr(inner)?),
            ExprKind::IsNull { expr: inner, not } => self.is_null(inner, *not)?,
            ExprKind::IsBoolean { expr: inner, value, not } => {
                let inner = self.expr(inner)?;
                let not = if *not { "NOT " } else { "" };
                let word = match value {
                    Some(true) => "TRUE",
                    Some(false) => "FALSE",
                    None => "NULL",
                };
                format!("({inner} IS {not}{word})")
            }
            ExprKind::IsDistinct { operator, left, right, not } => {
                self.is_distinct(*operator, left, right, *not)?
            }
            ExprKind::Case { operand, arms, otherwise } => self.case(operand.as_deref(), arms, otherwise)?,
            ExprKind::CaseOperand => {
                self.operands.last().cloned().ok_or_else(|| DatabaseError::internal("no CASE around"))?
            }
            ExprKind::Coalesce(args) if args.len() == 1 => self.expr(&args[0])?,
            ExprKind::Coalesce(args) if args.len() > super::call::VALUES_MAX => {
                return Err(DatabaseError::unsupported("coalesce of so many values"));
            }
            ExprKind::Coalesce(args) => format!("coalesce({})", self.list(args)?),
            ExprKind::Extreme { greatest, args } => {
                let name = if *greatest { "greatest" } else { "least" };
                self.typed_call(name, args, expr.ty, &[])?
            }
            ExprKind::NullIf { operator, left, right } => {
                let equal = self.comparison(*operator, left, right)?;
                if mutant::is_planted(Canary::BadText) && !matches!(left.kind, ExprKind::Column { .. }) {
                    return Ok(format!("(CASE WHEN {equal})"));
                }
                let left = self.expr(left)?;
                format!("(CASE WHEN {equal} THEN NULL ELSE {left} END)")
            }
            ExprKind::AnyArray { operator, all, left, array } => {
                self.any_array(*operator, *all, left, array, false)?
            }
            ExprKind::RowCompare { operators, left, right } => self.row_compare(operators, left, right)?,
            ExprKind::Exists(query) => format!("EXISTS ({})", self.subquery(query)?),
            ExprKind::Subquery(query) => self.scalar_subquery(query)?,
            ExprKind::ArraySubquery(query) => self.array_subquery(query, expr.ty)?,
            ExprKind::AnySubquery { all, tests, query } => self.any_subquery(*all, tests, query)?,
            ExprKind::SubqueryColumn(at) => {
                let columns = self.subquery_columns.last();
                let name = columns.and_then(|columns| columns.get(*at)).cloned();
                name.ok_or_else(|| DatabaseError::internal("no sub-query around"))?
            }
            ExprKind::Array(elements) => self.typed_call("array", elements, expr.ty, &[])?,
            ExprKind::Row { fields, names } => self.row(fields, names, expr.ty)?,
            ExprKind::Field { expr: inner, field } => {
                let number = field.to_string();
                self.typed_call("row_field", std::slice::from_ref(inner), expr.ty, &[number])?
            }
            ExprKind::Subscript { expr: inner, subscripts } => self.subscript(inner, subscripts, expr.ty)?,
            ExprKind::AssignSubscript { expr: inner, subscripts, value } => {
                let (bounds, sliced) = self.subscripts(subscripts)?;
                if expr.ty.oid == datum::oid::JSONB {
                    let (document, value) = (self.expr(inner)?, self.expr(value)?);
                    return Ok(format!("pg_jsonb_assign({document}, {value}, {})", bounds.join(", ")));
                }
                let name = if sliced { "array_assign_slice" } else { "array_assign" };
                let args = [Expr::clone(inner), Expr::clone(value)];
                self.typed_call(name, &args, expr.ty, &bounds)?
            }
            ExprKind::Convert { expr: inner, by } => self.convert(inner, by, expr.ty)?,
            ExprKind::Collate { expr: inner, .. } => self.expr(inner)?,
            ExprKind::Aggregate(aggregate) => self.aggregate(aggregate, expr.ty)?,
            ExprKind::Window { aggregate, window } => self.window(aggregate, *window, expr.ty)?,
            ExprKind::Grouping(_) => return Err(DatabaseError::unsupported("GROUPING")),
            ExprKind::SetCall { .. } => {
                return Err(DatabaseError::unsupported("a set-returning function in a select list"));
            }
            ExprKind::Default => return Err(DatabaseError::internal("DEFAULT outside of a list of values")),
        })
    }

    pub(super) fn list(&mut self, exprs: &[Expr]) -> Result<String> {
        let texts: Result<Vec<_>> = exprs.iter().map(|expr| self.expr(expr)).collect();
        Ok(texts?.join(", "))
    }

    fn joined(&mut self, terms: &[Expr], by: &str) -> Result<String> {
        let texts: Result<Vec<_>> = terms.iter().map(|term| self.expr(term)).collect();
        Ok(format!("({})", texts?.join(by)))
    }

    pub(super) fn column(&mut self, range: crate::bound::RangeId, column: usize) -> Result<String> {
        let source = self.sources.get(&range).cloned();
        match source {
            Some(Source::Table(relation)) => {
                let column =
                    relation.columns.get(column).ok_or_else(|| DatabaseError::internal("no such column"))?;
                self.note_read(&relation, Some(&column.name))?;
                let name = storage::quote(&column.name);
                Ok(if self.bare { name } else { format!("r{}.{name}", range.0) })
            }
            Some(Source::Function { ordinality: Some(at) }) if at == column => {
                Ok(format!("r{}.rowid", range.0))
            }
            Some(Source::Numbered | Source::Function { .. }) => Ok(format!("r{}.c{column}", range.0)),
            None => Err(DatabaseError::internal(format_args!("range {} is not in sight", range.0))),
        }
    }

    fn row_id(&mut self, range: crate::bound::RangeId) -> Result<String> {
        match self.sources.get(&range).cloned() {
            Some(Source::Table(relation)) => Ok(format!("r{}.{}", range.0, storage::rowid_name(&relation)?)),
            _ => Err(DatabaseError::internal("a rowid of what is no table")),
        }
    }

    /// The columns of a range as expressions.
    pub(super) fn whole_row_fields(&mut self, range: crate::bound::RangeId, _: &Expr) -> Result<Vec<Expr>> {
        let Some(shape) = self.shapes.get(&range) else {
            return Err(DatabaseError::internal("a row of an unknown range"));
        };
        let fields = shape.columns.iter().enumerate();
        Ok(fields.map(|(column, shape)| Expr::new(ExprKind::Column { range, column }, shape.ty)).collect())
    }

    /// What is not NULL exactly when a range has a row here; `None` when it always has.
    pub(super) fn presence(&mut self, range: crate::bound::RangeId) -> Result<Option<String>> {
        match self.shapes.get(&range) {
            Some(shape) if shape.nullable => {}
            _ => return Ok(None),
        }
        match self.sources.get(&range) {
            Some(Source::Table(_)) => self.row_id(range).map(Some),
            Some(Source::Function { .. }) => Ok(Some(format!("r{}.rowid", range.0))),
            _ => Ok(Some(format!("r{}.here", range.0))),
        }
    }

    /// The names of a range's columns.
    pub(super) fn whole_row_names(&self, range: crate::bound::RangeId) -> Vec<String> {
        let shape = self.shapes.get(&range);
        shape
            .map(|shape| shape.columns.iter().map(|column| column.name.clone()).collect())
            .unwrap_or_default()
    }

    fn row(&mut self, fields: &[Expr], names: &[String], ty: TypeRef) -> Result<String> {
        if ty.oid != datum::oid::RECORD {
            return self.typed_call("row", fields, ty, &[]);
        }
        let types: Vec<TypeRef> = fields.iter().map(|field| field.ty).collect();
        let mut sql = format!("pg_record({}", storage::quote_text(&self.record_shape(names, &types)));
        for field in fields {
            sql.push_str(", ");
            sql.push_str(&self.expr(field)?);
        }
        sql.push(')');
        Ok(sql)
    }

    /// The shape of a record: names, types, and the collations under which its fields compare.
    fn record_shape(&self, names: &[String], types: &[TypeRef]) -> String {
        let mut shape = String::from("[");
        for (at, ty) in types.iter().enumerate() {
            let generated = format!("f{}", at + 1);
            let name = names.get(at).unwrap_or(&generated);
            let separator = if at > 0 { "," } else { "" };
            let collation = self.collation(*ty).unwrap_or_default();
            let name = super::call::json_text(name);
            shape.push_str(&format!("{separator}[{name},{},{},\"{collation}\"]", ty.oid, ty.modifier));
        }
        shape.push(']');
        shape
    }

    /// A composite value as a record.
    fn record_of(&mut self, inner: &Expr) -> Result<String> {
        let Some(relation) = crate::types::composite(self.catalog, inner.ty.oid).cloned() else {
            return self.expr(inner);
        };
        let names: Vec<String> = relation.columns.iter().map(|column| column.name.clone()).collect();
        let types: Vec<TypeRef> = relation.columns.iter().map(|column| column.type_ref).collect();
        let shape = storage::quote_text(&self.record_shape(&names, &types));
        Ok(format!("pg_record_of({shape}, {})", self.expr(inner)?))
    }

    fn is_null(&mut self, inner: &Expr, not: bool) -> Result<String> {
        let word = if not { "IS NOT NULL" } else { "IS NULL" };
        let fields = match &inner.kind {
            ExprKind::Row { fields, .. } => fields.clone(),
            ExprKind::WholeRow(range) => {
                let range = *range;
                if let Some(shape) = self.shapes.get(&range) {
                    let fields = shape.columns.iter().enumerate();
                    fields
                        .map(|(column, shape)| Expr::new(ExprKind::Column { range, column }, shape.ty))
                        .collect()
                } else {
                    Vec::new()
                }
            }
            _ => {
                let record = inner.ty.oid == datum::oid::RECORD;
                let sql = self.expr(inner)?;
                if record || crate::types::is_composite(self.catalog, inner.ty.oid) {
                    return Ok(format!("pg_row_null({sql}, {}, {})", u8::from(record), u8::from(not)));
                }
                return Ok(format!("({sql} {word})"));
            }
        };
        if fields.is_empty() {
            return Ok("1".to_owned());
        }
        let tests: Result<Vec<_>> =
            fields.iter().map(|field| self.expr(field).map(|sql| format!("{sql} {word}"))).collect();
        Ok(format!("({})", tests?.join(" AND ")))
    }

    fn case(&mut self, operand: Option<&Expr>, arms: &[(Expr, Expr)], otherwise: &Expr) -> Result<String> {
        if let Some(operand) = operand {
            let sql = self.expr(operand)?;
            self.operands.push(sql);
        }
        let mut sql = String::from("(CASE");
        for (condition, value) in arms {
            let condition = self.condition(condition)?;
            let value = self.expr(value)?;
            sql.push_str(&format!(" WHEN {condition} THEN {value}"));
        }
        sql.push_str(&format!(" ELSE {} END)", self.expr(otherwise)?));
        if operand.is_some() {
            self.operands.pop();
        }
        Ok(sql)
    }

    fn subscript(&mut self, inner: &Expr, subscripts: &[Subscript], ty: TypeRef) -> Result<String> {
        if self.catalog.element_type(self.catalog.base_type(inner.ty).oid).is_none() {
            return Err(DatabaseError::unsupported("a subscript of what is no array"));
        }
        let (bounds, sliced) = self.subscripts(subscripts)?;
        let name = if sliced { "array_slice" } else { "array_subscript" };
        self.typed_call(name, std::slice::from_ref(inner), ty, &bounds)
    }

    /// The subscripts as arguments, and whether they are those of a slice: then two each, the empty text for an open bound.
    fn subscripts(&mut self, subscripts: &[Subscript]) -> Result<(Vec<String>, bool)> {
        let sliced = subscripts.iter().any(|subscript| matches!(subscript, Subscript::Slice(..)));
        let mut bounds = Vec::new();
        for subscript in subscripts {
            match subscript {
                Subscript::Index(index) if sliced => {
                    bounds.push("1".to_owned());
                    bounds.push(self.expr(index)?);
                }
                Subscript::Index(index) => bounds.push(self.expr(index)?),
                Subscript::Slice(low, high) => {
                    for bound in [low, high] {
                        bounds.push(
                            bound.as_ref().map_or_else(|| Ok("''".to_owned()), |bound| self.expr(bound))?,
                        );
                    }
                }
            }
        }
        Ok((bounds, sliced))
    }

    fn convert(&mut self, inner: &Expr, by: &Conversion, ty: TypeRef) -> Result<String> {
        match by {
            Conversion::Relabel if ty.oid == datum::oid::RECORD => self.record_of(inner),
            Conversion::Relabel => {
                let sql = self.expr(inner)?;
                // The declared collation of a column would go with it.
                if self.collation(inner.ty).is_some() && self.collation(ty).is_none() && !self.bare {
                    return Ok(format!("({sql} COLLATE BINARY)"));
                }
                Ok(sql)
            }
            Conversion::Text => self.typed_call("cast_io", std::slice::from_ref(inner), ty, &[]),
            Conversion::Array(element) => self.convert_array(inner, element, ty),
            Conversion::Domain(checks) => self.domain(inner, checks),
            Conversion::Spread => {
                Err(DatabaseError::unsupported("VARIADIC before an array for this function")
                    .at(inner.position))
            }
        }
    }

    fn convert_array(&mut self, inner: &Expr, element: &Expr, ty: TypeRef) -> Result<String> {
        let refused = || DatabaseError::unsupported("this conversion of an array");
        if let ExprKind::Convert { expr, by: Conversion::Domain(checks) } = &element.kind {
            return self.array_of_domain(inner, expr, checks);
        }
        let (source, modifier) = match &element.kind {
            ExprKind::Convert { expr, by: Conversion::Text } if expr.kind == ExprKind::CaseOperand => {
                ("io".to_owned(), -1)
            }
            ExprKind::Convert { expr, by: Conversion::Relabel } if expr.kind == ExprKind::CaseOperand => {
                (String::new(), -1)
            }
            ExprKind::CaseOperand => (String::new(), -1),
            ExprKind::Call { function, args } => {
                let row = catalog::builtin::builtins().function_by_oid(*function).ok_or_else(refused)?;
                let modifier = match args.as_slice() {
                    [first] if first.kind == ExprKind::CaseOperand => -1,
                    [first, rest @ ..] if first.kind == ExprKind::CaseOperand => {
                        match rest.first().map(|arg| &arg.kind) {
                            Some(ExprKind::Constant(datum::StoredValue::Integer(modifier))) => *modifier,
                            _ => return Err(refused()),
                        }
                    }
                    _ => return Err(refused()),
                };
                (row.source.to_owned(), modifier)
            }
            _ => return Err(refused()),
        };
        let more = [storage::quote_text(&source), modifier.to_string(), "0".to_owned()];
        self.typed_call("array_map", std::slice::from_ref(inner), ty, &more)
    }

    /// An array whose elements become values of a domain: each is tested.
    fn array_of_domain(&mut self, inner: &Expr, element: &Expr, checks: &DomainChecks) -> Result<String> {
        let missing = || DatabaseError::internal("a domain below an array without an array type");
        let array = self.catalog.array_type(element.ty.oid).ok_or_else(missing)?;
        let value = match &element.kind {
            ExprKind::CaseOperand => self.expr(inner)?,
            _ => {
                let ty = TypeRef { oid: array, modifier: element.ty.modifier };
                self.convert_array(inner, element, ty)?
            }
        };
        if !checks.not_null && checks.checks.is_empty() {
            return Ok(value);
        }
        let tested = self.tested("c0".to_owned(), checks)?;
        let signature = format!("{array},{}", element.ty.oid);
        // Nothing counts, but all are looked at.
        Ok(format!(
            "(CASE WHEN (SELECT count({tested}) FROM pg_set_array_unnest('{signature}', {value})) >= 0 THEN {value} END)"
        ))
    }

    /// A value of a domain: NULL and the CHECKs are tested.
    fn domain(&mut self, inner: &Expr, checks: &DomainChecks) -> Result<String> {
        let value = self.expr(inner)?;
        if !checks.not_null && checks.checks.is_empty() {
            return Ok(value);
        }
        self.tested(value, checks)
    }

    fn tested(&mut self, value: String, checks: &DomainChecks) -> Result<String> {
        let mut sql = String::from("(CASE");
        let (schema, name) = &checks.object;
        let object = format!("{}, {}", storage::quote_text(schema), storage::quote_text(name));
        if checks.not_null {
            let message = storage::quote_text(&format!("domain {} does not allow null values", checks.name));
            sql.push_str(&format!(" WHEN {value} IS NULL THEN pg_fail('23502', {message}, {object})"));
        }
        self.operands.push(value.clone());
        for (name, check) in &checks.checks {
            let condition = self.expr(check)?;
            let message = format!("value for domain {} violates check constraint \"{name}\"", checks.name);
            let (message, constraint) = (storage::quote_text(&message), storage::quote_text(name));
            let fail = format!("pg_fail('23514', {message}, {object}, {constraint})");
            sql.push_str(&format!(" WHEN NOT {condition} THEN {fail}"));
        }
        self.operands.pop();
        sql.push_str(&format!(" ELSE {value} END)"));
        Ok(sql)
    }
}
