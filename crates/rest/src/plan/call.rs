//! Which function is called, with which arguments.

use crate::asked::{Asked, Invocation};
use crate::error::{Nameless, NoFunction, Refusal, near_function};
use crate::media::MediaType;
use crate::model::{Model, Routine, Shape};
use crate::payload::{Cell, Payload};
use database::Value;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A call.
#[derive(Debug)]
pub(crate) struct CallPlan {
    pub(crate) routine: Arc<Routine>,
    pub(crate) arguments: Vec<Argument>,
}

/// An argument: the parameter's place, and its value.
#[derive(Debug)]
pub(crate) struct Argument {
    pub(crate) parameter: usize,
    pub(crate) value: ArgumentValue,
}

/// An argument's value.
#[derive(Debug)]
pub(crate) enum ArgumentValue {
    /// Of the body or the query.
    Cell(Cell),
    /// Several texts for a VARIADIC parameter.
    Texts(Vec<String>),
    /// The whole body.
    Whole(Value),
}

/// Chooses among a function's overloads by the names of the arguments, and gives each argument its value.
pub(crate) fn choose_function(
    model: &Model,
    asked: &Asked,
    name: &str,
    invocation: Invocation,
) -> Result<CallPlan, Refusal> {
    let names: BTreeSet<String> = match invocation {
        Invocation::Read { .. } => asked.query.arguments.iter().map(|(name, _)| name.clone()).collect(),
        Invocation::Post => asked.columns.clone(),
    };
    let by_post = invocation == Invocation::Post;
    let overloads = model.functions_named(&asked.schema, name);
    let mut by_name: Vec<&Arc<Routine>> =
        overloads.iter().filter(|one| takes(one, &names, by_post, &asked.content_type)).collect();
    if by_name.is_empty() && by_post {
        by_name = overloads.iter().filter(|one| takes_whole(one, &asked.content_type)).collect();
    }
    match by_name.as_slice() {
        [one] => Ok(CallPlan { routine: Arc::clone(one), arguments: arguments(one, asked, invocation) }),
        [] => {
            let arguments: Vec<String> = names.into_iter().collect();
            let nameless = nameless(by_post, &asked.content_type);
            let suggestion = match nameless {
                Nameless::Only(_) => None,
                Nameless::No | Nameless::Json => near_function(model, &asked.schema, name, &arguments),
            };
            Err(Refusal::NoFunction(Box::new(NoFunction {
                schema: asked.schema.clone(),
                name: name.to_owned(),
                arguments,
                nameless,
                suggestion,
            })))
        }
        several => Err(Refusal::AmbiguousFunction(several.iter().map(|one| Arc::clone(one)).collect())),
    }
}

fn nameless(by_post: bool, media: &MediaType) -> Nameless {
    match media {
        _ if !by_post => Nameless::No,
        MediaType::Json => Nameless::Json,
        MediaType::PlainText => Nameless::Only("text"),
        MediaType::Xml => Nameless::Only("xml"),
        MediaType::Bytes => Nameless::Only("bytea"),
        _ => Nameless::No,
    }
}

/// Whether all that a function requires is named, and nothing that it does not know.
fn takes(routine: &Routine, names: &BTreeSet<String>, by_post: bool, media: &MediaType) -> bool {
    if routine.parameters.is_empty() {
        return names.is_empty() && !matches!(nameless(by_post, media), Nameless::Only(_));
    }
    let known = |name: &String| routine.parameters.iter().any(|parameter| parameter.name == *name);
    names.iter().all(known)
        && routine.parameters.iter().all(|parameter| !parameter.required || names.contains(&parameter.name))
}

/// Whether a function's one nameless parameter is of the body's type.
fn takes_whole(routine: &Routine, media: &MediaType) -> bool {
    let [parameter] = routine.parameters.as_slice() else {
        return false;
    };
    let accepted: &[&str] = match media {
        MediaType::Json => &["json", "jsonb"],
        MediaType::PlainText => &["text"],
        MediaType::Xml => &["xml"],
        MediaType::Bytes => &["bytea"],
        _ => &[],
    };
    parameter.name.is_empty() && accepted.contains(&parameter.declared.as_sql())
}

fn arguments(routine: &Routine, asked: &Asked, invocation: Invocation) -> Vec<Argument> {
    let whole = routine.parameters.len() == 1 && routine.parameters[0].name.is_empty();
    if whole {
        let value = ArgumentValue::Whole(body(&asked.payload, &routine.parameters[0].shape));
        return vec![Argument { parameter: 0, value }];
    }
    let pairs: &[(String, String)] = match (&asked.payload, invocation) {
        (_, Invocation::Read { .. }) => &asked.query.arguments,
        (Payload::Pairs(pairs), Invocation::Post) => pairs,
        (Payload::Rows(rows), Invocation::Post) => {
            let row = rows.rows.first();
            return of_row(routine, &rows.columns, row.map_or(&[], Vec::as_slice));
        }
        (Payload::None | Payload::Raw(_), Invocation::Post) => &[],
    };
    of_pairs(routine, pairs)
}

fn body(payload: &Payload, shape: &Shape) -> Value {
    match payload {
        Payload::Rows(rows) => Value::from(rows.text.as_str()),
        Payload::Raw(bytes) if *shape == Shape::Bytes => Value::Bytes(bytes.clone().into_boxed_slice()),
        Payload::Raw(bytes) => Value::from(String::from_utf8_lossy(bytes).into_owned()),
        Payload::None | Payload::Pairs(_) => Value::Null,
    }
}

fn of_row(routine: &Routine, names: &[String], row: &[Cell]) -> Vec<Argument> {
    let named = |(at, parameter): (usize, &crate::model::Parameter)| {
        let place = names.iter().position(|name| *name == parameter.name)?;
        let cell = row.get(place).cloned().unwrap_or(Cell::Null);
        Some(Argument { parameter: at, value: ArgumentValue::Cell(cell) })
    };
    routine.parameters.iter().enumerate().filter_map(named).collect()
}

fn of_pairs(routine: &Routine, pairs: &[(String, String)]) -> Vec<Argument> {
    let mut arguments = Vec::new();
    for (at, parameter) in routine.parameters.iter().enumerate() {
        let given =
            || pairs.iter().filter(|(name, _)| *name == parameter.name).map(|(_, value)| value.clone());
        let value = if parameter.variadic && given().next().is_some() {
            ArgumentValue::Texts(given().collect())
        } else if let Some(last) = given().next_back() {
            ArgumentValue::Cell(Cell::Text(last))
        } else {
            continue;
        };
        arguments.push(Argument { parameter: at, value });
    }
    arguments
}
