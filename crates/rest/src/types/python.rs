//! Python: a `TypedDict` for each row, what inserts and updates take, and arguments of functions; enums as literals. For type checkers (mypy, pyright); at run time
//! they are plain dictionaries, as the clients give them.

use super::{Described, Field, Returned, Routine, Shape, Table};
use std::collections::{BTreeMap, HashSet};

const HEAD: &str = "\
from __future__ import annotations

from typing import Any, Dict, List, Literal, Optional, TypedDict, Union

from typing_extensions import NotRequired

Json = Union[None, bool, int, float, str, List[\"Json\"], Dict[str, \"Json\"]]
";

/// Everything.
pub(super) fn write(described: &Described) -> String {
    let mut names = Names::default();
    for (schema, types) in described {
        types.enums.keys().for_each(|name| names.add("enum", schema, name, ""));
        types.composites.keys().for_each(|name| names.add("composite", schema, name, ""));
        types.tables.keys().for_each(|name| names.add("table", schema, name, ""));
        types.views.keys().for_each(|name| names.add("view", schema, name, ""));
    }
    let mut out = HEAD.to_owned();
    for (schema, types) in described {
        for (name, labels) in &types.enums {
            let own = names.of("enum", schema, name);
            out.push_str(&format!("\n{own} = {}\n", literals(labels)));
        }
        for (name, fields) in &types.composites {
            let members: Vec<(String, String)> = fields
                .iter()
                .map(|(name, field)| (name.clone(), format!("Optional[{}]", shape(field, &names))))
                .collect();
            dictionary(&mut out, &names.of("composite", schema, name), &members);
        }
        let relations =
            types.tables.iter().map(|one| ("table", one)).chain(types.views.iter().map(|one| ("view", one)));
        for (kind, (name, table)) in relations {
            relation(&mut out, &mut names, (kind, schema, name), table);
        }
    }
    // Behind all others: what they return is evaluated.
    for (schema, types) in described {
        for (name, routines) in &types.functions {
            for (at, routine) in routines.iter().enumerate() {
                let number = if at == 0 { String::new() } else { (at + 1).to_string() };
                function(&mut out, &mut names, schema, name, &number, routine);
            }
        }
    }
    out
}

/// The names of classes, no two alike.
#[derive(Default)]
struct Names {
    taken: HashSet<String>,
    known: BTreeMap<(&'static str, String, String), String>,
}

impl Names {
    fn add(&mut self, kind: &'static str, schema: &str, name: &str, suffix: &str) {
        let own = self.unique(&format!("{}{}{suffix}", camel(schema), camel(name)));
        self.known.insert((kind, schema.to_owned(), name.to_owned()), own);
    }

    fn unique(&mut self, wanted: &str) -> String {
        let mut own = wanted.to_owned();
        let mut number = 1;
        while RESERVED.contains(&own.as_str()) || !self.taken.insert(own.clone()) {
            number += 1;
            own = format!("{wanted}_{number}");
        }
        own
    }

    fn of(&self, kind: &'static str, schema: &str, name: &str) -> String {
        self.known
            .get(&(kind, schema.to_owned(), name.to_owned()))
            .cloned()
            .unwrap_or_else(|| "Any".to_owned())
    }
}

/// What the file's head and the language have names for.
const RESERVED: [&str; 13] = [
    "Any",
    "Dict",
    "False",
    "Json",
    "List",
    "Literal",
    "None",
    "NotRequired",
    "Optional",
    "True",
    "TypedDict",
    "Union",
    "annotations",
];

/// `a_b c` as `ABC`: a name that Python takes.
fn camel(name: &str) -> String {
    let mut out = String::new();
    for part in name.split(|c: char| !c.is_alphanumeric()) {
        let mut characters = part.chars();
        if let Some(first) = characters.next() {
            out.extend(first.to_uppercase());
            out.push_str(characters.as_str());
        }
    }
    let starts = out.starts_with(|c: char| c.is_alphabetic());
    if starts { out } else { format!("_{out}") }
}

fn relation(
    out: &mut String,
    names: &mut Names,
    (kind, schema, name): (&'static str, &str, &str),
    table: &Table,
) {
    let own = names.of(kind, schema, name);
    let row: Vec<_> = table.columns.iter().map(|field| (field.name.clone(), value(field, names))).collect();
    dictionary(out, &own, &row);
    let written = |names: &Names, all_optional: bool| -> Vec<(String, String)> {
        let columns = table.columns.iter().filter(|field| !field.fixed);
        let member = |field: &Field| {
            let value = value(field, names);
            let optional = all_optional || field.optional;
            (field.name.clone(), if optional { format!("NotRequired[{value}]") } else { value })
        };
        columns.map(member).collect()
    };
    if table.insertable {
        let insert = names.unique(&format!("{own}Insert"));
        dictionary(out, &insert, &written(names, false));
    }
    if table.updatable {
        let update = names.unique(&format!("{own}Update"));
        dictionary(out, &update, &written(names, true));
    }
}

fn function(out: &mut String, names: &mut Names, schema: &str, name: &str, number: &str, routine: &Routine) {
    let stem = format!("{}{}{number}", camel(schema), camel(name));
    let arguments: Vec<(String, String)> = routine
        .arguments
        .iter()
        .map(|one| {
            let value = shape(&one.shape, names);
            (one.name.clone(), if one.optional { format!("NotRequired[{value}]") } else { value })
        })
        .collect();
    let own = names.unique(&format!("{stem}Args"));
    dictionary(out, &own, &arguments);
    let returns = names.unique(&format!("{stem}Returns"));
    let value = match &routine.returns {
        Returned::Value(value) => shape(value, names),
        Returned::Columns(columns) => {
            let row = names.unique(&format!("{stem}Row"));
            let members: Vec<_> = columns
                .iter()
                .map(|(name, column)| (name.clone(), format!("Optional[{}]", shape(column, names))))
                .collect();
            dictionary(out, &row, &members);
            row
        }
    };
    let value = if routine.set { format!("List[{value}]") } else { value };
    out.push_str(&format!("\n{returns} = {value}\n"));
}

/// A dictionary of these keys. Written as a call, since a column's name need not be one of Python's.
fn dictionary(out: &mut String, name: &str, members: &[(String, String)]) {
    out.push_str(&format!("\n{name} = TypedDict(\n    \"{name}\",\n    {{"));
    for (key, value) in members {
        out.push_str(&format!("\n        {}: {},", text(key), quoted(value)));
    }
    out.push_str(if members.is_empty() { "},\n)\n" } else { "\n    },\n)\n" });
}

/// A type that may be defined further down.
fn quoted(value: &str) -> String {
    match value.strip_prefix("NotRequired[").and_then(|rest| rest.strip_suffix(']')) {
        Some(inner) => format!("NotRequired[{}]", text(inner)),
        None => text(value),
    }
}

fn value(field: &Field, names: &Names) -> String {
    let value = shape(&field.shape, names);
    if field.nullable { format!("Optional[{value}]") } else { value }
}

fn shape(value: &Shape, names: &Names) -> String {
    match value {
        Shape::Boolean => "bool".to_owned(),
        Shape::Integer => "int".to_owned(),
        Shape::Number => "float".to_owned(),
        Shape::Text => "str".to_owned(),
        Shape::Json => "Json".to_owned(),
        Shape::Nothing => "None".to_owned(),
        Shape::Record => "Dict[str, Any]".to_owned(),
        Shape::Array(element) => format!("List[{}]", shape(element, names)),
        Shape::Enum(schema, name) => names.of("enum", schema, name),
        Shape::Labels(labels) => literals(labels),
        Shape::Composite(schema, name) => names.of("composite", schema, name),
        Shape::Row { schema, relation, is_view } => {
            names.of(if *is_view { "view" } else { "table" }, schema, relation)
        }
    }
}

fn literals(labels: &[String]) -> String {
    if labels.is_empty() {
        return "str".to_owned();
    }
    let labels: Vec<String> = labels.iter().map(|label| text(label)).collect();
    format!("Literal[{}]", labels.join(", "))
}

/// A string literal. A quote or backslash is escaped as in JSON, and a character beyond the BMP stands for itself.
fn text(value: &str) -> String {
    serde_json::Value::from(value).to_string()
}
