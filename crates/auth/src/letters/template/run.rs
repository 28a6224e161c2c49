//! Filling a template in.

use super::escape::{escape, query};
use super::{Expression, Function, Node};
use serde_json::Value;
use std::cmp::Ordering;

pub(super) fn run(nodes: &[Node], root: &Value, dot: &Value, out: &mut String) {
    for node in nodes {
        match node {
            Node::Literal(text) => out.push_str(text),
            Node::Value(expression, context) => {
                let text = shown(&value(expression, root, dot));
                match context {
                    Some(context) => {
                        let is_encoded = matches!(expression, Expression::Call(Function::UrlQuery, _));
                        out.push_str(&escape(&text, context.place(), is_encoded));
                    }
                    None => out.push_str(&text),
                }
            }
            Node::If(branches, otherwise) => {
                let taken = branches.iter().find(|(condition, _)| is_true(&value(condition, root, dot)));
                run(taken.map_or(otherwise, |(_, nodes)| nodes), root, dot, out);
            }
            Node::With(expression, nodes, otherwise) => match value(expression, root, dot) {
                inner if is_true(&inner) => run(nodes, root, &inner, out),
                _ => run(otherwise, root, dot, out),
            },
            Node::Range(expression, nodes, otherwise) => {
                let elements: Vec<Value> = match value(expression, root, dot) {
                    Value::Array(elements) => elements,
                    // In the order of the names, as Go does.
                    Value::Object(fields) => {
                        let mut fields: Vec<(String, Value)> = fields.into_iter().collect();
                        fields.sort_by(|(left, _), (right, _)| left.cmp(right));
                        fields.into_iter().map(|(_, value)| value).collect()
                    }
                    _ => Vec::new(),
                };
                if elements.is_empty() {
                    run(otherwise, root, dot, out);
                }
                for element in &elements {
                    run(nodes, root, element, out);
                }
            }
        }
    }
}

fn value(expression: &Expression, root: &Value, dot: &Value) -> Value {
    match expression {
        Expression::Field { of_root, path } => {
            let from = if *of_root { root } else { dot };
            path.iter().try_fold(from, |value, name| value.get(name)).cloned().unwrap_or(Value::Null)
        }
        Expression::Literal(value) => value.clone(),
        Expression::Call(function, arguments) => {
            call(*function, &mut arguments.iter().map(|argument| value(argument, root, dot)))
        }
    }
}

fn call(function: Function, arguments: &mut dyn Iterator<Item = Value>) -> Value {
    let compared = |arguments: &mut dyn Iterator<Item = Value>, wanted: &[Ordering]| {
        let (left, right) = (arguments.next(), arguments.next());
        let order = left.zip(right).and_then(|(left, right)| compare(&left, &right));
        Value::Bool(order.is_some_and(|order| wanted.contains(&order)))
    };
    match function {
        // The first that decides, else the last one.
        Function::And | Function::Or => {
            let mut last = Value::Null;
            for argument in arguments {
                last = argument;
                if is_true(&last) == (function == Function::Or) {
                    break;
                }
            }
            last
        }
        Function::Not => Value::Bool(!arguments.next().is_some_and(|argument| is_true(&argument))),
        Function::Eq => {
            let first = arguments.next().unwrap_or(Value::Null);
            let mut others = arguments;
            Value::Bool(Iterator::any(&mut others, |other| is_equal(&first, &other)))
        }
        Function::Ne => {
            let (left, right) = (arguments.next(), arguments.next());
            Value::Bool(!left.zip(right).is_some_and(|(left, right)| is_equal(&left, &right)))
        }
        Function::Lt => compared(arguments, &[Ordering::Less]),
        Function::Le => compared(arguments, &[Ordering::Less, Ordering::Equal]),
        Function::Gt => compared(arguments, &[Ordering::Greater]),
        Function::Ge => compared(arguments, &[Ordering::Greater, Ordering::Equal]),
        Function::Len => Value::from(match arguments.next() {
            Some(Value::String(text)) => text.len(),
            Some(Value::Array(elements)) => elements.len(),
            Some(Value::Object(fields)) => fields.len(),
            _ => 0,
        }),
        Function::Index => {
            let first = arguments.next().unwrap_or(Value::Null);
            arguments.fold(first, |value, index| {
                let found = match &index {
                    Value::String(name) => value.get(name),
                    Value::Number(number) => {
                        let whole = number.as_f64().filter(|n| n.fract() == 0.0 && (0.0..1e9).contains(n));
                        // In range by the filter.
                        #[expect(
                            clippy::cast_possible_truncation,
                            clippy::cast_sign_loss,
                            reason = "filtered above"
                        )]
                        whole.and_then(|number| value.get(number as usize))
                    }
                    _ => None,
                };
                found.cloned().unwrap_or(Value::Null)
            })
        }
        Function::Print => Value::String(arguments.map(|argument| shown(&argument)).collect()),
        Function::UrlQuery => {
            let text: String = arguments.map(|argument| shown(&argument)).collect();
            Value::String(query(&text))
        }
    }
}

/// As Go has it: false, 0, nothing and what is empty are not true.
fn is_true(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(truth) => *truth,
        Value::Number(number) => number.as_f64().is_none_or(|number| number != 0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(elements) => !elements.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
    }
}

fn is_equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => left.as_f64() == right.as_f64(),
        _ => left == right,
    }
}

fn compare(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => left.as_f64().partial_cmp(&right.as_f64()),
        (Value::String(left), Value::String(right)) => Some(left.cmp(right)),
        _ => None,
    }
}

/// A value as text. Nothing is empty; a number has no exponent, other than Go's; what is composed is JSON.
fn shown(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Number(number) => match number.as_f64() {
            Some(float) if float.fract() == 0.0 && float.abs() < 1e15 => format!("{float:.0}"),
            _ => number.to_string(),
        },
        other => other.to_string(),
    }
}
