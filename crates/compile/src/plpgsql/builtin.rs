//! Trigger functions of extensions, as the PL/pgSQL that does the same.

use super::{Compiler, Event};
use crate::Asker;
use crate::program::{ModifyKind, RoutinePlan};
use catalog::builtin::builtins;
use catalog::{Acl, Catalog, Function, FunctionKind, TypeRef, Volatility};
use datum::oid;
use sqlstate::{DatabaseError, Result, TRIGGERED_ACTION_EXCEPTION};
use syntax::quote_identifier;

/// Compiles a built-in trigger function for one event.
pub(super) fn trigger_routine(
    catalog: &Catalog,
    asker: &Asker<'_>,
    event: &Event<'_>,
) -> Result<RoutinePlan> {
    let refused = || {
        let what = format_args!("trigger \"{}\", whose function is built in", event.trigger.name);
        DatabaseError::unsupported(what)
    };
    let row = builtins().function_by_oid(event.trigger.function).ok_or_else(refused)?;
    let text = match row.source {
        "moddatetime" => moddatetime(event)?.ok_or_else(refused)?,
        _ => return Err(refused()),
    };
    let body = syntax::plpgsql::parse(&text)?;
    let function = Function {
        oid: row.oid,
        schema: 0,
        name: row.name.to_owned(),
        owner: asker.role,
        kind: FunctionKind::Function,
        parameters: Vec::new(),
        returns: TypeRef { oid: oid::TRIGGER, modifier: -1 },
        returns_set: false,
        language: "plpgsql".to_owned(),
        body: text,
        volatility: Volatility::Volatile,
        strict: false,
        security_definer: false,
        leakproof: false,
        rows: 1.0,
        settings: Vec::new(),
        form: catalog::BodyForm::Text,
        acl: Acl::default(),
        comment: None,
        extension: None,
    };
    Compiler::new(catalog, asker, &function, event, &body).compile(event, &body)
}

/// contrib/spi's moddatetime: a column becomes the time of the transaction. `None` where it is used in another way than it must.
fn moddatetime(event: &Event<'_>) -> Result<Option<String>> {
    let Event { relation, trigger, kind } = event;
    let [name] = trigger.args.as_slice() else { return Ok(None) };
    if !trigger.for_each_row || trigger.timing != "BEFORE" || *kind != ModifyKind::Update {
        return Ok(None);
    }
    let failed = |message: String| Err(DatabaseError::new(TRIGGERED_ACTION_EXCEPTION, message));
    match relation.column(name) {
        None => failed(format!("\"{}\" has no attribute \"{name}\"", relation.name)),
        Some(column) if ![oid::TIMESTAMP, oid::TIMESTAMPTZ].contains(&column.type_ref.oid) => failed(
            format!("attribute \"{name}\" of \"{}\" must be type TIMESTAMP or TIMESTAMPTZ", relation.name),
        ),
        Some(_) => {
            let column = quote_identifier(name);
            Ok(Some(format!("begin new.{column} := pg_catalog.now(); return new; end")))
        }
    }
}
