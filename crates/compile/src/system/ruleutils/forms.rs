//! How a definition was written, where its meaning does not tell: which calls are conversions, which have a syntax of their own.

use crate::bound::Expr;
use std::collections::HashMap;
use syntax::ast::{self, ExprKind as Ast, Position, ValueFunction};
use syntax::visit::{self, Visit};

/// A written form.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Form {
    /// A call by name with so many arguments.
    Call {
        name: String,
        args: usize,
        standard: bool,
    },
    AtTimeZone,
    Extract,
    /// An untyped literal.
    Literal,
    /// A number as written.
    Number(String),
    /// CURRENT_DATE and kin.
    Value(ValueFunction, Option<i32>),
}

/// The forms of a definition by their positions.
#[derive(Debug, Default)]
pub(super) struct Forms {
    found: HashMap<Position, Form>,
}

impl Visit for Forms {
    fn expr(&mut self, expr: &ast::Expr) {
        match &expr.kind {
            Ast::AtTimeZone { .. } => {
                self.found.insert(expr.position, Form::AtTimeZone);
            }
            Ast::Extract { .. } => {
                self.found.insert(expr.position, Form::Extract);
            }
            Ast::Number(digits) => {
                self.found.insert(expr.position, Form::Number(digits.clone()));
            }
            Ast::String(_) => {
                self.found.insert(expr.position, Form::Literal);
            }
            Ast::ValueFunction { name, precision } => {
                self.found.insert(expr.position, Form::Value(*name, *precision));
            }
            Ast::Call(call) => {
                let name = call.name.parts.last().cloned().unwrap_or_default();
                let own = matches!(name.as_str(), "substring" | "position" | "btrim" | "ltrim" | "rtrim");
                let standard = own && call.name.parts.len() == 2 && call.name.parts[0] == "pg_catalog";
                self.found.insert(expr.position, Form::Call { name, args: call.args.len(), standard });
            }
            _ => {}
        }
        visit::walk_expr(self, expr);
    }
}

impl Forms {
    pub(super) fn of_expression(expr: &ast::Expr) -> Forms {
        let mut forms = Forms::default();
        forms.expr(expr);
        forms
    }

    pub(super) fn of_query(query: &ast::Select) -> Forms {
        let mut forms = Forms::default();
        forms.select(query);
        forms
    }

    pub(super) fn at(&self, position: Position) -> Option<Form> {
        self.found.get(&position).cloned()
    }

    /// Whether a function of this name is called here by its name.
    pub(super) fn calls(&self, position: Position, function: &str) -> bool {
        match self.found.get(&position) {
            Some(Form::Call { name, .. }) => name == function,
            Some(Form::AtTimeZone) => function == "timezone",
            Some(Form::Extract) => function == "extract",
            Some(Form::Value(..) | Form::Literal | Form::Number(_)) | None => false,
        }
    }

    /// How many arguments the call here was written with.
    pub(super) fn argument_count(&self, position: Position) -> Option<usize> {
        match self.found.get(&position) {
            Some(Form::Call { args, .. }) => Some(*args),
            _ => None,
        }
    }

    /// The function that is called here by the standard's own syntax.
    pub(super) fn standard_form(&self, position: Position) -> Option<&'static str> {
        const NAMES: [&str; 5] = ["substring", "position", "btrim", "ltrim", "rtrim"];
        match self.found.get(&position) {
            Some(Form::Call { name, standard: true, .. }) => NAMES.into_iter().find(|known| known == name),
            _ => None,
        }
    }

    /// The words of CURRENT_DATE and kin, when that is what the expression is.
    pub(super) fn value_function(&self, expr: &Expr) -> Option<String> {
        use datum::oid;
        let Some(Form::Value(name, precision)) = self.found.get(&expr.position) else { return None };
        let (words, ty) = match name {
            ValueFunction::CurrentDate => ("CURRENT_DATE", oid::DATE),
            ValueFunction::CurrentTime => ("CURRENT_TIME", oid::TIMETZ),
            ValueFunction::CurrentTimestamp => ("CURRENT_TIMESTAMP", oid::TIMESTAMPTZ),
            ValueFunction::LocalTime => ("LOCALTIME", oid::TIME),
            ValueFunction::LocalTimestamp => ("LOCALTIMESTAMP", oid::TIMESTAMP),
            ValueFunction::CurrentRole => ("CURRENT_ROLE", oid::NAME),
            ValueFunction::CurrentUser => ("CURRENT_USER", oid::NAME),
            ValueFunction::SessionUser => ("SESSION_USER", oid::NAME),
            ValueFunction::User => ("USER", oid::NAME),
            ValueFunction::CurrentCatalog => ("CURRENT_CATALOG", oid::NAME),
            ValueFunction::CurrentSchema => ("CURRENT_SCHEMA", oid::NAME),
        };
        if expr.ty.oid != ty {
            return None;
        }
        Some(match precision {
            Some(precision) => format!("{words}({precision})"),
            None => words.to_owned(),
        })
    }
}

/// Whether the user wrote a conversion as the whole.
pub(super) fn is_conversion(expr: &ast::Expr) -> bool {
    matches!(expr.kind, Ast::Cast { .. } | Ast::TypedLiteral { .. })
}
