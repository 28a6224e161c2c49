//! How a path is printed.

use super::{Binary, Kind, Node, Path, RegexFlags};
use crate::json::push_string;
use std::fmt;

impl Binary {
    /// The operator as it is written.
    pub(super) fn symbol(self) -> &'static str {
        match self {
            Binary::And => "&&",
            Binary::Or => "||",
            Binary::Equal => "==",
            Binary::NotEqual => "!=",
            Binary::Less => "<",
            Binary::Greater => ">",
            Binary::LessOrEqual => "<=",
            Binary::GreaterOrEqual => ">=",
            Binary::StartsWith => "starts with",
            Binary::Add => "+",
            Binary::Subtract => "-",
            Binary::Multiply => "*",
            Binary::Divide => "/",
            Binary::Modulo => "%",
        }
    }

    fn priority(self) -> u8 {
        match self {
            Binary::Or => 0,
            Binary::And => 1,
            Binary::Add | Binary::Subtract => 3,
            Binary::Multiply | Binary::Divide | Binary::Modulo => 4,
            _ => 2,
        }
    }
}

impl Kind {
    fn priority(&self) -> u8 {
        match self {
            Kind::Binary(operator, ..) => operator.priority(),
            Kind::Plus(_) | Kind::Minus(_) => 5,
            _ => 6,
        }
    }
}

impl RegexFlags {
    fn letters(self) -> String {
        let letters =
            [(self.ignore_case, 'i'), (self.dot_all, 's'), (self.multi_line, 'm'), (self.quote, 'q')];
        letters.into_iter().filter(|(set, _)| *set).map(|(_, letter)| letter).collect()
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = String::new();
        if !self.lax {
            out.push_str("strict ");
        }
        self.expression.print(false, true, &mut out);
        f.write_str(&out)
    }
}

impl Node {
    fn print(&self, in_key: bool, brackets: bool, out: &mut String) {
        let operand = |node: &Node, out: &mut String| {
            node.print(false, node.kind.priority() <= self.kind.priority(), out);
        };
        let inner = |node: &Node, out: &mut String| node.print(false, false, out);
        let dot = if in_key { "." } else { "" };
        match &self.kind {
            Kind::Null => out.push_str("null"),
            Kind::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Kind::Number(number) if self.next.is_some() => {
                out.push_str(&format!("({})", number.to_text()));
            }
            Kind::Number(number) => out.push_str(&number.to_text()),
            Kind::String(text) => push_string(text, out),
            Kind::Variable(name) => {
                out.push('$');
                push_string(name, out);
            }
            Kind::Key(key) => {
                out.push_str(dot);
                push_string(key, out);
            }
            Kind::Root => out.push('$'),
            Kind::Current => out.push('@'),
            Kind::Last => out.push_str("last"),
            Kind::AnyArray => out.push_str("[*]"),
            Kind::AnyKey => {
                out.push_str(dot);
                out.push('*');
            }
            Kind::Subscripts(subscripts) => {
                out.push('[');
                for (at, (from, to)) in subscripts.iter().enumerate() {
                    if at > 0 {
                        out.push(',');
                    }
                    inner(from, out);
                    if let Some(to) = to {
                        out.push_str(" to ");
                        inner(to, out);
                    }
                }
                out.push(']');
            }
            Kind::Any { first, last } => {
                let level = |level: u32| {
                    if level == u32::MAX { "last".to_owned() } else { level.to_string() }
                };
                out.push_str(dot);
                out.push_str("**");
                if *first == *last {
                    out.push_str(&format!("{{{}}}", level(*first)));
                } else if (*first, *last) != (0, u32::MAX) {
                    out.push_str(&format!("{{{} to {}}}", level(*first), level(*last)));
                }
            }
            Kind::Binary(operator, left, right) => {
                if brackets {
                    out.push('(');
                }
                operand(left, out);
                out.push_str(&format!(" {} ", operator.symbol()));
                operand(right, out);
                if brackets {
                    out.push(')');
                }
            }
            Kind::Plus(node) | Kind::Minus(node) => {
                if brackets {
                    out.push('(');
                }
                out.push(if matches!(self.kind, Kind::Plus(_)) { '+' } else { '-' });
                operand(node, out);
                if brackets {
                    out.push(')');
                }
            }
            Kind::Not(node) => {
                out.push_str("!(");
                inner(node, out);
                out.push(')');
            }
            Kind::IsUnknown(node) => {
                out.push('(');
                inner(node, out);
                out.push_str(") is unknown");
            }
            Kind::Exists(node) => {
                out.push_str("exists (");
                inner(node, out);
                out.push(')');
            }
            Kind::Filter(node) => {
                out.push_str("?(");
                inner(node, out);
                out.push(')');
            }
            Kind::LikeRegex { expression, pattern, flags } => {
                if brackets {
                    out.push('(');
                }
                operand(expression, out);
                out.push_str(" like_regex ");
                push_string(pattern, out);
                let letters = flags.letters();
                if !letters.is_empty() {
                    out.push_str(&format!(" flag \"{letters}\""));
                }
                if brackets {
                    out.push(')');
                }
            }
            Kind::Method(method) => out.push_str(&format!(".{}()", method.name())),
            Kind::DateTime(template) => {
                out.push_str(".datetime(");
                if let Some(template) = template {
                    push_string(template, out);
                }
                out.push(')');
            }
        }
        if let Some(next) = &self.next {
            next.print(true, true, out);
        }
    }
}
