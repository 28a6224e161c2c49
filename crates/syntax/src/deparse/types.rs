//! Type names.

use super::Writer;
use crate::ast::{Expr, ExprKind, TypeName};

impl Writer {
    pub(super) fn type_name(&mut self, type_name: &TypeName) {
        if type_name.setof {
            self.push("SETOF ");
        }
        match type_name.name.parts.as_slice() {
            [schema, base] if schema == "pg_catalog" && !type_name.percent_type => {
                if !self.standard_type(base, type_name) {
                    self.generic_type(type_name);
                }
            }
            _ => self.generic_type(type_name),
        }
        if type_name.percent_type {
            self.push("%TYPE");
        }
        for size in &type_name.array {
            match size {
                Some(size) => self.push(&format!("[{size}]")),
                None => self.push("[]"),
            }
        }
    }

    fn generic_type(&mut self, type_name: &TypeName) {
        self.name(&type_name.name);
        self.modifiers(&type_name.modifiers);
    }

    fn modifiers(&mut self, modifiers: &[Expr]) {
        if !modifiers.is_empty() {
            self.parenthesized(modifiers, |out, modifier| out.expression(modifier));
        }
    }

    /// Writes the SQL standard's name, if the type has one and it means the same with these modifiers.
    fn standard_type(&mut self, base: &str, type_name: &TypeName) -> bool {
        let modifiers = &type_name.modifiers;
        let bare = modifiers.is_empty();
        let counted = matches!(modifiers.as_slice(), [Expr { kind: ExprKind::Number(digits), .. }]
            if digits.parse::<i32>().is_ok_and(|number| number >= 0));
        let zoned = |zone: &str| -> String { format!(" {zone} time zone") };
        let (words, behind) = match base {
            "bool" if bare => ("boolean", String::new()),
            "int2" if bare => ("smallint", String::new()),
            "int4" if bare => ("integer", String::new()),
            "int8" if bare => ("bigint", String::new()),
            "float4" if bare => ("real", String::new()),
            "float8" if bare => ("double precision", String::new()),
            "numeric" => ("numeric", String::new()),
            "varchar" if bare || counted => ("character varying", String::new()),
            // Without a length the standard's names mean a length of one.
            "bpchar" if counted => ("character", String::new()),
            "bit" if !bare => ("bit", String::new()),
            "varbit" => ("bit varying", String::new()),
            "timestamp" if bare || counted => ("timestamp", zoned("without")),
            "timestamptz" if bare || counted => ("timestamp", zoned("with")),
            "time" if bare || counted => ("time", zoned("without")),
            "timetz" if bare || counted => ("time", zoned("with")),
            "interval" if bare || counted => {
                self.push("interval");
                match &type_name.interval_fields {
                    Some(fields) => {
                        self.push(" ");
                        self.push(fields);
                        self.modifiers(modifiers);
                    }
                    None => self.modifiers(modifiers),
                }
                return true;
            }
            _ => return false,
        };
        self.push(words);
        self.modifiers(modifiers);
        self.push(&behind);
        true
    }

    /// `type 'text'`: the fields of an interval come behind the text.
    pub(super) fn typed_literal(&mut self, type_name: &TypeName, text: &str) {
        match &type_name.interval_fields {
            Some(fields) => {
                self.push("interval ");
                self.push(&crate::quote_literal(text));
                self.push(" ");
                self.push(fields);
                self.modifiers(&type_name.modifiers);
            }
            None => {
                self.type_name(type_name);
                self.push(" ");
                self.push(&crate::quote_literal(text));
            }
        }
    }
}
