//! COPY: its options (ProcessCopyOptions), and the programs of COPY FROM STDIN and COPY TO STDOUT.

use crate::analysis::Analysis;
use crate::program::{Command, CopyFormat, CopyHeader, Program, Step};
use crate::{modify, statement};
use catalog::{Relation, RelationKind};
use sqlstate::{
    DUPLICATE_COLUMN, DatabaseError, FEATURE_NOT_SUPPORTED, INVALID_COLUMN_REFERENCE,
    INVALID_PARAMETER_VALUE, Result, SYNTAX_ERROR, UNDEFINED_COLUMN, WRONG_OBJECT_TYPE,
};
use std::fmt::Write as _;
use syntax::ast;
use syntax::quote_identifier;

/// Compiles COPY.
pub(crate) fn compile(analysis: &mut Analysis<'_>, copy: &ast::Copy) -> Result<Program> {
    let options = options(copy)?;
    if !copy.standard {
        return Err(DatabaseError::unsupported("COPY from or to a file or program"));
    }
    if copy.from { copy_from(analysis, copy, &options) } else { copy_to(analysis, copy, &options) }
}

/// The options as written, the columns of FORCE … by name.
struct Options {
    format: CopyFormat,
    force_quote: Forced,
    force_not_null: Forced,
    force_null: Forced,
}

/// FORCE QUOTE and its kin.
#[derive(Default)]
enum Forced {
    #[default]
    None,
    All,
    Columns(Vec<String>),
}

fn unsupported(message: impl Into<String>) -> DatabaseError {
    DatabaseError::new(FEATURE_NOT_SUPPORTED, message)
}

fn invalid(message: impl Into<String>) -> DatabaseError {
    DatabaseError::new(INVALID_PARAMETER_VALUE, message)
}

fn truth(name: &str, value: Option<&str>) -> Result<bool> {
    match value.map(str::to_ascii_lowercase).as_deref() {
        None | Some("true" | "on" | "1") => Ok(true),
        Some("false" | "off" | "0") => Ok(false),
        Some(_) => Err(DatabaseError::new(SYNTAX_ERROR, format!("{name} requires a Boolean value"))),
    }
}

fn options(copy: &ast::Copy) -> Result<Options> {
    let mut seen: Vec<&str> = Vec::new();
    let (mut csv, mut header) = (false, CopyHeader::None);
    let (mut delimiter, mut null, mut quote, mut escape) = (None, None, None, None);
    let (mut force_quote, mut force_not_null, mut force_null) = (Forced::None, Forced::None, Forced::None);
    for (name, value) in &copy.options {
        if seen.contains(&name.as_str()) {
            return Err(DatabaseError::new(SYNTAX_ERROR, "conflicting or redundant options"));
        }
        seen.push(name);
        let value = value.as_deref();
        let text = || {
            let missing = || DatabaseError::new(SYNTAX_ERROR, format!("{name} requires a parameter"));
            value.map(str::to_owned).ok_or_else(missing)
        };
        let columns = || match value {
            Some("*") => Forced::All,
            Some(list) => Forced::Columns(list.split(',').map(str::to_owned).collect()),
            None => Forced::None,
        };
        match name.as_str() {
            "format" => match text()?.as_str() {
                "text" => {}
                "csv" => csv = true,
                "binary" => return Err(DatabaseError::unsupported("COPY in the binary format")),
                other => return Err(invalid(format!("COPY format \"{other}\" not recognized"))),
            },
            "freeze" => {
                truth(name, value)?;
            }
            "delimiter" => delimiter = Some(text()?),
            "null" => null = Some(text()?),
            "header" => {
                header = match value.map(str::to_ascii_lowercase).as_deref() {
                    Some("match") if copy.from => CopyHeader::Match,
                    Some("match") => return Err(unsupported("cannot use \"match\" with HEADER in COPY TO")),
                    Some("true" | "on" | "1") | None => CopyHeader::Written,
                    Some("false" | "off" | "0") => CopyHeader::None,
                    Some(_) => {
                        let message = "header requires a Boolean value or \"match\"";
                        return Err(DatabaseError::new(SYNTAX_ERROR, message));
                    }
                };
            }
            "quote" => quote = Some(text()?),
            "escape" => escape = Some(text()?),
            "force_quote" => force_quote = columns(),
            "force_not_null" => force_not_null = columns(),
            "force_null" => force_null = columns(),
            "encoding" => {
                let encoding = text()?;
                let known = encoding.to_ascii_uppercase().replace(['-', '_'], "");
                if known != "UTF8" && known != "UNICODE" {
                    return Err(DatabaseError::unsupported(format_args!("COPY in encoding {encoding}")));
                }
            }
            other => {
                return Err(DatabaseError::new(SYNTAX_ERROR, format!("option \"{other}\" not recognized")));
            }
        }
    }
    let delimiter = delimiter.unwrap_or_else(|| if csv { "," } else { "\t" }.to_owned());
    let null = null.unwrap_or_else(|| if csv { "" } else { "\\N" }.to_owned());
    let delimiter = one_byte(&delimiter, "COPY delimiter must be a single one-byte character")?;
    if delimiter == b'\n' || delimiter == b'\r' {
        return Err(invalid("COPY delimiter cannot be newline or carriage return"));
    }
    if null.contains(['\n', '\r']) {
        return Err(invalid("COPY null representation cannot use newline or carriage return"));
    }
    if !csv && b"\\.abcdefghijklmnopqrstuvwxyz0123456789".contains(&delimiter) {
        return Err(invalid(format!("COPY delimiter cannot be \"{}\"", char::from(delimiter))));
    }
    if !csv && quote.is_some() {
        return Err(unsupported("COPY quote available only in CSV mode"));
    }
    let quote = one_byte(quote.as_deref().unwrap_or("\""), "COPY quote must be a single one-byte character")?;
    if csv && delimiter == quote {
        return Err(invalid("COPY delimiter and quote must be different"));
    }
    if !csv && escape.is_some() {
        return Err(unsupported("COPY escape available only in CSV mode"));
    }
    let escape = match escape {
        Some(escape) => one_byte(&escape, "COPY escape must be a single one-byte character")?,
        None => quote,
    };
    for (forced, name, from) in [
        (&force_quote, "force quote", false),
        (&force_not_null, "force not null", true),
        (&force_null, "force null", true),
    ] {
        if matches!(forced, Forced::None) {
            continue;
        }
        if !csv {
            return Err(unsupported(format!("COPY {name} available only in CSV mode")));
        }
        if copy.from != from {
            let direction = if from { "COPY FROM" } else { "COPY TO" };
            return Err(unsupported(format!("COPY {name} only available using {direction}")));
        }
    }
    if null.as_bytes().contains(&delimiter) {
        return Err(unsupported("COPY delimiter must not appear in the NULL specification"));
    }
    if csv && null.as_bytes().contains(&quote) {
        return Err(unsupported("CSV quote character must not appear in the NULL specification"));
    }
    let format = CopyFormat {
        csv,
        header,
        delimiter,
        null,
        quote,
        escape,
        force_quote: Vec::new(),
        force_not_null: Vec::new(),
        force_null: Vec::new(),
    };
    Ok(Options { format, force_quote, force_not_null, force_null })
}

fn one_byte(text: &str, message: &str) -> Result<u8> {
    match text.as_bytes() {
        [byte] => Ok(*byte),
        _ => Err(unsupported(message)),
    }
}

/// Which of the columns are forced: those that are named must be among them.
fn forced(
    forced: &Forced,
    columns: &[String],
    all: &[String],
    relation: &str,
    word: &str,
) -> Result<Vec<bool>> {
    let names = match forced {
        Forced::None => return Ok(vec![false; columns.len()]),
        Forced::All => return Ok(vec![true; columns.len()]),
        Forced::Columns(names) => names,
    };
    for name in names {
        if !all.contains(name) {
            let message = format!("column \"{name}\" of relation \"{relation}\" does not exist");
            return Err(DatabaseError::new(UNDEFINED_COLUMN, message));
        }
        if !columns.contains(name) {
            let message = format!("{word} column \"{name}\" not referenced by COPY");
            return Err(DatabaseError::new(INVALID_COLUMN_REFERENCE, message));
        }
    }
    Ok(columns.iter().map(|column| names.contains(column)).collect())
}

/// The columns of COPY, by index: those listed, or all but generated ones (CopyGetAttnums).
fn columns(relation: &Relation, listed: &[String]) -> Result<Vec<usize>> {
    if listed.is_empty() {
        let own = relation.columns.iter().enumerate().filter(|(_, column)| !column.generated);
        return Ok(own.map(|(at, _)| at).collect());
    }
    let mut found = Vec::new();
    for name in listed {
        let at = relation.columns.iter().position(|column| column.name == *name);
        let Some(at) = at else {
            let message = format!("column \"{name}\" of relation \"{}\" does not exist", relation.name);
            return Err(DatabaseError::new(UNDEFINED_COLUMN, message));
        };
        if relation.columns[at].generated {
            let message = format!("column \"{name}\" is a generated column");
            return Err(DatabaseError::new(INVALID_COLUMN_REFERENCE, message)
                .with_detail("Generated columns cannot be used in COPY."));
        }
        if found.contains(&at) {
            let message = format!("column \"{name}\" specified more than once");
            return Err(DatabaseError::new(DUPLICATE_COLUMN, message));
        }
        found.push(at);
    }
    Ok(found)
}

fn copy_from(analysis: &mut Analysis<'_>, copy: &ast::Copy, options: &Options) -> Result<Program> {
    let Some(name) = &copy.table else { return Err(DatabaseError::internal("COPY FROM without a table")) };
    let relation = analysis.find_relation(name)?;
    let refused = match relation.kind {
        RelationKind::Table => None,
        RelationKind::View => Some("view"),
        RelationKind::Sequence => Some("sequence"),
        RelationKind::MaterializedView => Some("materialized view"),
        _ => Some("relation"),
    };
    if let Some(kind) = refused {
        let message = format!("cannot copy to {kind} \"{}\"", relation.name);
        let error = DatabaseError::new(WRONG_OBJECT_TYPE, message);
        return Err(if relation.kind == RelationKind::View {
            error.with_hint("To enable copying to a view, provide an INSTEAD OF INSERT trigger.")
        } else {
            error
        });
    }
    let columns = columns(&relation, &copy.columns)?;
    let name_of = |at: &usize| relation.columns[*at].name.clone();
    let names: Vec<String> = columns.iter().map(name_of).collect();
    let all: Vec<String> = relation.columns.iter().map(|column| column.name.clone()).collect();
    let table = relation.name.as_str();
    let mut format = options.format.clone();
    format.force_not_null = forced(&options.force_not_null, &names, &all, table, "FORCE_NOT_NULL")?;
    format.force_null = forced(&options.force_null, &names, &all, table, "FORCE_NULL")?;
    let compiled = modify::copy_from(analysis, name, &columns, copy.filter.as_ref())?;
    let step = Step::CopyFrom {
        modify: Box::new(compiled.modify),
        columns: compiled.columns,
        complete: compiled.complete,
        one_by_one: compiled.one_by_one,
        filter: compiled.filter,
        format,
    };
    Ok(statement::utility(Command::Copy, step, true))
}

fn copy_to(analysis: &mut Analysis<'_>, copy: &ast::Copy, options: &Options) -> Result<Program> {
    let parsed;
    let select = match (&copy.query, &copy.table) {
        (Some(query), _) => query.as_ref(),
        (None, Some(name)) => {
            let relation = analysis.find_relation(name)?;
            let kind = match relation.kind {
                RelationKind::Table => None,
                RelationKind::View => Some("view"),
                RelationKind::Sequence => Some("sequence"),
                RelationKind::MaterializedView => Some("materialized view"),
                _ => Some("relation"),
            };
            if let Some(kind) = kind {
                let message = format!("cannot copy from {kind} \"{}\"", relation.name);
                let error = DatabaseError::new(WRONG_OBJECT_TYPE, message);
                return Err(if kind == "sequence" {
                    DatabaseError::new(
                        WRONG_OBJECT_TYPE,
                        format!("cannot copy from sequence \"{}\"", relation.name),
                    )
                } else {
                    error.with_hint("Try the COPY (SELECT ...) TO variant.")
                });
            }
            let columns = columns(&relation, &copy.columns)?;
            let mut text = String::from("SELECT ");
            for (at, column) in columns.iter().enumerate() {
                let comma = if at == 0 { "" } else { ", " };
                let name = quote_identifier(&relation.columns[*column].name);
                // Writing to a String does not fail.
                let _ = write!(text, "{comma}{name}");
            }
            let parts: Vec<_> = name.parts.iter().map(|part| quote_identifier(part)).collect();
            let _ = write!(text, " FROM {}", parts.join("."));
            parsed = syntax::parse_select(&text)?;
            &parsed
        }
        (None, None) => return Err(DatabaseError::internal("COPY of nothing")),
    };
    let mut program = statement::select_program(analysis, select, 0)?;
    let names: Vec<String> = program.columns.iter().map(|column| column.name.clone()).collect();
    let relation = copy.table.as_ref().and_then(|name| name.parts.last()).map_or("", String::as_str);
    let mut format = options.format.clone();
    format.force_quote = forced(&options.force_quote, &names, &names, relation, "FORCE_QUOTE")?;
    let Some(Step::Query { statement, .. }) = program.steps.pop() else {
        return Err(DatabaseError::unsupported("COPY of this query"));
    };
    let columns = std::mem::take(&mut program.columns);
    program.steps.push(Step::CopyTo { statement, columns, format });
    program.command = Command::Copy;
    program.no_effect = None;
    Ok(program)
}
