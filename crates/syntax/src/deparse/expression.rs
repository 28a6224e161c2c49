//! Expressions, with the parentheses that gram.y's precedences ask for.

use super::Writer;
use crate::ast::{
    Expr, ExprKind, FrameBound, FunctionCall, LikeKind, OperatorName, OrderBy, Over, Select, Subscript,
    ValueFunction, WindowSpec,
};
use crate::lexer::Keyword;

/// How tightly an expression's outermost operator binds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Or,
    And,
    Not,
    Is,
    Comparison,
    Predicate,
    Operator,
    Sum,
    Product,
    Power,
    AtTimeZone,
    Collate,
    Sign,
    Cast,
    Primary,
}

impl Level {
    /// The level of an operand beside which the operator may not stand again.
    fn above(self) -> Level {
        match self {
            Level::Or => Level::And,
            Level::And => Level::Not,
            Level::Not => Level::Is,
            Level::Is => Level::Comparison,
            Level::Comparison => Level::Predicate,
            Level::Predicate => Level::Operator,
            Level::Operator => Level::Sum,
            Level::Sum => Level::Product,
            Level::Product => Level::Power,
            Level::Power => Level::AtTimeZone,
            Level::AtTimeZone => Level::Collate,
            Level::Collate => Level::Sign,
            Level::Sign => Level::Cast,
            Level::Cast | Level::Primary => Level::Primary,
        }
    }

    fn of_operator(operator: &OperatorName) -> Level {
        if operator.schema.is_some() {
            return Level::Operator;
        }
        match operator.symbol.as_str() {
            "+" | "-" => Level::Sum,
            "*" | "/" | "%" => Level::Product,
            "^" => Level::Power,
            "<" | ">" | "=" | "<=" | ">=" | "<>" => Level::Comparison,
            _ => Level::Operator,
        }
    }

    fn of(expr: &Expr) -> Level {
        use ExprKind as K;
        match &expr.kind {
            K::Or(_) => Level::Or,
            K::And(_) => Level::And,
            K::Not(_) => Level::Not,
            K::IsNull { .. } | K::IsBoolean { .. } | K::IsDistinct { .. } | K::IsOther { .. } => Level::Is,
            K::Like { .. } | K::Between { .. } | K::InList { .. } | K::InSubquery { .. } => Level::Predicate,
            K::Binary { operator, .. } => Level::of_operator(operator),
            K::AnyArray { operator, .. } | K::AnySubquery { operator, .. } => Level::of_operator(operator),
            K::Unary { operator, .. } if is_sign(operator) => Level::Sign,
            K::Unary { .. } => Level::Operator,
            K::Number(digits) if digits.starts_with('-') => Level::Sign,
            K::AtTimeZone { .. } => Level::AtTimeZone,
            K::Collate { .. } => Level::Collate,
            K::Cast { .. } => Level::Cast,
            K::Number(_)
            | K::String(_)
            | K::BitString(_)
            | K::Boolean(_)
            | K::Null
            | K::Parameter(_)
            | K::Column(_)
            | K::Star(_)
            | K::FieldStar(_)
            | K::Field(..)
            | K::Subscript(..)
            | K::Exists(_)
            | K::Subquery(_)
            | K::ArraySubquery(_)
            | K::Array(_)
            | K::Row { .. }
            | K::Call(_)
            | K::TypedLiteral { .. }
            | K::Case { .. }
            | K::Coalesce(_)
            | K::Greatest(_)
            | K::Least(_)
            | K::NullIf(..)
            | K::ValueFunction { .. }
            | K::Extract { .. }
            | K::Grouping(_)
            | K::Default
            | K::Unsupported(_) => Level::Primary,
        }
    }
}

fn is_sign(operator: &OperatorName) -> bool {
    operator.schema.is_none() && matches!(operator.symbol.as_str(), "+" | "-")
}

impl Writer {
    /// An expression of which at least this level is wanted.
    fn operand(&mut self, expr: &Expr, least: Level) {
        if Level::of(expr) < least {
            self.push("(");
            self.expression(expr);
            self.push(")");
        } else {
            self.expression(expr);
        }
    }

    pub(super) fn expressions(&mut self, list: &[Expr]) {
        self.list(list, |out, expr| out.expression(expr));
    }

    /// `WORD(a, b)`
    fn function(&mut self, word: &str, args: &[Expr]) {
        self.push(word);
        self.parenthesized(args, |out, expr| out.expression(expr));
    }

    fn subquery(&mut self, select: &Select) {
        self.push("(");
        self.select(select);
        self.push(")");
    }

    pub(super) fn expression(&mut self, expr: &Expr) {
        use ExprKind as K;
        match &expr.kind {
            K::Number(digits) => self.push(digits),
            K::String(text) => self.push(&crate::quote_literal(text)),
            K::BitString(text) => {
                let (prefix, digits) = text.split_at(text.len().min(1));
                self.push(&format!("{}'{digits}'", prefix.to_ascii_uppercase()));
            }
            K::Boolean(value) => self.push(if *value { "true" } else { "false" }),
            K::Null => self.push("NULL"),
            K::Parameter(number) => self.push(&format!("${number}")),
            K::Column(parts) => self.parts(parts),
            K::Star(parts) => {
                self.parts(parts);
                self.push(if parts.is_empty() { "*" } else { ".*" });
            }
            K::FieldStar(base) => {
                self.indirection_base(base, false);
                self.push(".*");
            }
            K::Field(base, name) => {
                self.indirection_base(base, false);
                self.push(".");
                self.ident(name);
            }
            K::Subscript(base, subscripts) => {
                self.indirection_base(base, true);
                for subscript in subscripts {
                    self.subscript(subscript);
                }
            }
            K::Exists(query) => {
                self.push("EXISTS ");
                self.subquery(query);
            }
            K::Subquery(query) => self.subquery(query),
            K::ArraySubquery(query) => {
                self.push("ARRAY");
                self.subquery(query);
            }
            K::Array(elements) => {
                self.push("ARRAY[");
                self.expressions(elements);
                self.push("]");
            }
            K::Row { fields, explicit } => {
                self.function(if *explicit || fields.len() < 2 { "ROW" } else { "" }, fields)
            }
            K::Call(call) => self.call(call),
            K::TypedLiteral { type_name, text, .. } => self.typed_literal(type_name, text),
            K::Case { operand, arms, otherwise } => self.case(operand.as_deref(), arms, otherwise.as_deref()),
            K::Coalesce(args) => self.function("COALESCE", args),
            K::Greatest(args) => self.function("GREATEST", args),
            K::Least(args) => self.function("LEAST", args),
            K::NullIf(left, right) => {
                self.push("NULLIF(");
                self.expression(left);
                self.push(", ");
                self.expression(right);
                self.push(")");
            }
            K::ValueFunction { name, precision } => {
                self.push(value_function(*name));
                if let Some(digits) = precision {
                    self.push(&format!("({digits})"));
                }
            }
            K::Extract { field, from } => {
                self.push("EXTRACT(");
                self.extract_field(field);
                self.push(" FROM ");
                self.expression(from);
                self.push(")");
            }
            K::Grouping(args) => self.function("GROUPING", args),
            K::Default => self.push("DEFAULT"),
            // The tree has not kept it: a text that no parser takes, not one that says less.
            K::Unsupported(words) => self.push(&format!("{words} ?")),
            _ => self.operation(expr),
        }
    }

    /// What has operands beside its operator.
    fn operation(&mut self, expr: &Expr) {
        use ExprKind as K;
        let not_word = |not: bool| if not { "NOT " } else { "" };
        match &expr.kind {
            K::Or(parts) => self.chain(parts, " OR "),
            K::And(parts) => self.chain(parts, " AND "),
            K::Not(operand) => {
                self.push("NOT ");
                self.operand(operand, Level::Is);
            }
            K::IsNull { expr, not } => {
                self.operand(expr, Level::Comparison);
                self.push(if *not { " IS NOT NULL" } else { " IS NULL" });
            }
            K::IsBoolean { expr, value, not } => {
                self.operand(expr, Level::Comparison);
                let word = value.map_or("UNKNOWN", |value| if value { "TRUE" } else { "FALSE" });
                self.push(&format!(" IS {}{word}", not_word(*not)));
            }
            K::IsDistinct { left, right, not } => {
                self.operand(left, Level::Comparison);
                self.push(&format!(" IS {}DISTINCT FROM ", not_word(*not)));
                self.operand(right, Level::Comparison);
            }
            K::IsOther { expr, words } => {
                self.operand(expr, Level::Comparison);
                self.push(&format!(" IS {words}"));
            }
            K::Like { kind, not, expr, pattern, escape } => {
                self.operand(expr, Level::Operator);
                let word = match kind {
                    LikeKind::Like => "LIKE",
                    LikeKind::ILike => "ILIKE",
                    LikeKind::Similar => "SIMILAR TO",
                };
                self.push(&format!(" {}{word} ", not_word(*not)));
                self.operand(pattern, Level::Operator);
                if let Some(escape) = escape {
                    self.push(" ESCAPE ");
                    self.operand(escape, Level::Operator);
                }
            }
            K::Between { not, symmetric, expr, low, high } => {
                self.operand(expr, Level::Operator);
                self.push(&format!(" {}BETWEEN ", not_word(*not)));
                self.push(if *symmetric { "SYMMETRIC " } else { "" });
                self.operand(low, Level::Sign);
                self.push(" AND ");
                self.operand(high, Level::Operator);
            }
            K::InList { not, expr, list } => {
                self.operand(expr, Level::Operator);
                self.push(&format!(" {}IN (", not_word(*not)));
                match list.as_slice() {
                    [only] => self.not_a_query(only),
                    list => self.expressions(list),
                }
                self.push(")");
            }
            K::InSubquery { not, expr, query } => {
                self.operand(expr, Level::Operator);
                self.push(&format!(" {}IN ", not_word(*not)));
                self.subquery(query);
            }
            K::AnyArray { operator, all, left, array } => {
                self.quantified(operator, *all, left);
                self.push("(");
                self.not_a_query(array);
                self.push(")");
            }
            K::AnySubquery { operator, all, left, query } => {
                self.quantified(operator, *all, left);
                self.subquery(query);
            }
            K::Binary { operator, left, right } => {
                let level = Level::of_operator(operator);
                // Comparisons do not associate.
                let least = if level == Level::Comparison { level.above() } else { level };
                self.operand(left, least);
                self.push(" ");
                self.operator(operator);
                self.push(" ");
                self.operand(right, level.above());
            }
            K::Unary { operator, operand } => {
                self.operator(operator);
                self.push(" ");
                self.operand(operand, if is_sign(operator) { Level::Cast } else { Level::Sum });
            }
            K::AtTimeZone { expr, zone } => {
                self.operand(expr, Level::AtTimeZone);
                self.push(" AT TIME ZONE ");
                self.operand(zone, Level::Collate);
            }
            K::Collate { expr, collation } => {
                self.operand(expr, Level::Collate);
                self.push(" COLLATE ");
                self.name(collation);
            }
            K::Cast { expr, type_name } => {
                self.operand(expr, Level::Cast);
                self.push("::");
                self.type_name(type_name);
            }
            // All other kinds are written by `expression`, which calls this for the rest only.
            _ => {}
        }
    }

    /// Parentheses around each operand that is a conjunction or disjunction itself.
    fn chain(&mut self, parts: &[Expr], word: &str) {
        for (index, part) in parts.iter().enumerate() {
            if index > 0 {
                self.push(word);
            }
            self.operand(part, Level::Not);
        }
    }

    /// A sub-query alone in the parentheses of IN or ANY would be read as the set itself.
    fn not_a_query(&mut self, expr: &Expr) {
        if matches!(expr.kind, ExprKind::Subquery(_)) {
            self.push("COALESCE(");
            self.expression(expr);
            self.push(")");
        } else {
            self.expression(expr);
        }
    }

    fn quantified(&mut self, operator: &OperatorName, all: bool, left: &Expr) {
        let level = Level::of_operator(operator);
        self.operand(left, if level == Level::Comparison { level.above() } else { level });
        self.push(" ");
        self.operator(operator);
        self.push(if all { " ALL " } else { " ANY " });
    }

    pub(super) fn operator(&mut self, operator: &OperatorName) {
        match &operator.schema {
            Some(schema) => {
                self.push("OPERATOR(");
                self.ident(schema);
                self.push(".");
                self.push(&operator.symbol);
                self.push(")");
            }
            None => self.push(&operator.symbol),
        }
    }

    /// What a field is selected from; `subscripted` when it is a subscript instead.
    fn indirection_base(&mut self, base: &Expr, subscripted: bool) {
        let bare = match &base.kind {
            ExprKind::Parameter(_) | ExprKind::Field(..) | ExprKind::Subquery(_) => true,
            ExprKind::Column(_) => subscripted,
            ExprKind::Subscript(..) => !subscripted,
            _ => false,
        };
        if bare {
            self.expression(base);
        } else {
            self.push("(");
            self.expression(base);
            self.push(")");
        }
    }

    pub(super) fn subscript(&mut self, subscript: &Subscript) {
        self.push("[");
        match subscript {
            Subscript::Index(index) => self.expression(index),
            Subscript::Slice(low, high) => {
                if let Some(low) = low {
                    self.expression(low);
                }
                self.push(":");
                if let Some(high) = high {
                    self.expression(high);
                }
            }
        }
        self.push("]");
    }

    fn case(&mut self, operand: Option<&Expr>, arms: &[(Expr, Expr)], otherwise: Option<&Expr>) {
        self.push("CASE");
        if let Some(operand) = operand {
            self.push(" ");
            self.expression(operand);
        }
        for (condition, value) in arms {
            self.push(" WHEN ");
            self.expression(condition);
            self.push(" THEN ");
            self.expression(value);
        }
        if let Some(otherwise) = otherwise {
            self.push(" ELSE ");
            self.expression(otherwise);
        }
        self.push(" END");
    }

    /// The grammar takes a word that is no keyword, one of six keywords, or a string.
    fn extract_field(&mut self, field: &str) {
        use Keyword::{Day, Hour, Minute, Month, Second, Year};
        let word = !field.is_empty() && field.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
        let allowed = match Keyword::find(field.as_bytes()) {
            Some(keyword) => matches!(keyword, Year | Month | Day | Hour | Minute | Second),
            None => true,
        };
        if word && allowed {
            self.push(field);
        } else {
            self.push(&crate::quote_literal(field));
        }
    }

    // ------------------------------------------------------------------------------- calls, windows

    pub(super) fn call(&mut self, call: &FunctionCall) {
        self.name(&call.name);
        self.push("(");
        if call.distinct {
            self.push("DISTINCT ");
        }
        if call.star {
            self.push("*");
        }
        let last = call.args.len().wrapping_sub(1);
        for (index, argument) in call.args.iter().enumerate() {
            if index > 0 {
                self.push(", ");
            }
            if call.variadic && index == last {
                self.push("VARIADIC ");
            }
            if let Some(name) = &argument.name {
                self.ident(name);
                self.push(" => ");
            }
            self.expression(&argument.value);
        }
        self.order_by(&call.order_by);
        self.push(")");
        if !call.within_group.is_empty() {
            self.push(" WITHIN GROUP (ORDER BY ");
            self.order_items(&call.within_group);
            self.push(")");
        }
        if let Some(filter) = &call.filter {
            self.push(" FILTER (WHERE ");
            self.expression(filter);
            self.push(")");
        }
        match &call.over {
            Some(Over::Named(name)) => {
                self.push(" OVER ");
                self.ident(name);
            }
            Some(Over::Spec(spec)) => {
                self.push(" OVER ");
                self.window(spec);
            }
            None => {}
        }
    }

    /// ` ORDER BY …`, if there is any.
    pub(super) fn order_by(&mut self, items: &[OrderBy]) {
        if !items.is_empty() {
            self.push(" ORDER BY ");
            self.order_items(items);
        }
    }

    fn order_items(&mut self, items: &[OrderBy]) {
        self.list(items, |out, item| {
            out.expression(&item.expr);
            if let Some(operator) = &item.using {
                out.push(" USING ");
                out.push(operator);
            }
            out.direction(item.descending, item.nulls_first);
        });
    }

    pub(super) fn direction(&mut self, descending: bool, nulls_first: Option<bool>) {
        if descending {
            self.push(" DESC");
        }
        match nulls_first {
            Some(true) => self.push(" NULLS FIRST"),
            Some(false) => self.push(" NULLS LAST"),
            None => {}
        }
    }

    pub(super) fn window(&mut self, spec: &WindowSpec) {
        self.push("(");
        let mut parts: Vec<String> = Vec::new();
        let mut part = |write: &dyn Fn(&mut Writer)| {
            let mut out = Writer::default();
            write(&mut out);
            parts.push(out.text.trim_start().to_owned());
        };
        if let Some(base) = &spec.base {
            part(&|out| out.ident(base));
        }
        if !spec.partition_by.is_empty() {
            part(&|out| {
                out.push("PARTITION BY ");
                out.expressions(&spec.partition_by);
            });
        }
        if !spec.order_by.is_empty() {
            part(&|out| out.order_by(&spec.order_by));
        }
        if let Some(frame) = &spec.frame {
            part(&|out| {
                out.push(frame.unit);
                match &frame.end {
                    Some(end) => {
                        out.push(" BETWEEN ");
                        out.frame_bound(&frame.start);
                        out.push(" AND ");
                        out.frame_bound(end);
                    }
                    None => {
                        out.push(" ");
                        out.frame_bound(&frame.start);
                    }
                }
                if let Some(words) = frame.exclude {
                    out.push(" EXCLUDE ");
                    out.push(words);
                }
            });
        }
        self.push(&parts.join(" "));
        self.push(")");
    }

    fn frame_bound(&mut self, bound: &FrameBound) {
        match bound {
            FrameBound::UnboundedPreceding => self.push("UNBOUNDED PRECEDING"),
            FrameBound::UnboundedFollowing => self.push("UNBOUNDED FOLLOWING"),
            FrameBound::CurrentRow => self.push("CURRENT ROW"),
            FrameBound::Preceding(distance) => {
                self.operand(distance, Level::Primary);
                self.push(" PRECEDING");
            }
            FrameBound::Following(distance) => {
                self.operand(distance, Level::Primary);
                self.push(" FOLLOWING");
            }
        }
    }
}

fn value_function(name: ValueFunction) -> &'static str {
    match name {
        ValueFunction::CurrentDate => "CURRENT_DATE",
        ValueFunction::CurrentTime => "CURRENT_TIME",
        ValueFunction::CurrentTimestamp => "CURRENT_TIMESTAMP",
        ValueFunction::LocalTime => "LOCALTIME",
        ValueFunction::LocalTimestamp => "LOCALTIMESTAMP",
        ValueFunction::CurrentRole => "CURRENT_ROLE",
        ValueFunction::CurrentUser => "CURRENT_USER",
        ValueFunction::SessionUser => "SESSION_USER",
        ValueFunction::User => "USER",
        ValueFunction::CurrentCatalog => "CURRENT_CATALOG",
        ValueFunction::CurrentSchema => "CURRENT_SCHEMA",
    }
}
