//! pg_proc, pg_language and pg_trigger.

use super::{Definition, NULL, Rows, Viewer, count, n, node, numbers, o, texts, v};
use catalog::builtin::{BuiltinKind, PG_CATALOG, builtins};
use catalog::{BOOTSTRAP_ROLE, Function, FunctionKind, Oid, Trigger, Volatility};
use syntax::ast::ParameterMode;

/// pg_language.oid
fn language_oid(language: &str) -> Oid {
    match language {
        "internal" => 12,
        "c" => 13,
        "sql" => 14,
        _ => 13_560,
    }
}

pub(super) fn language(_: &Viewer<'_>, rows: &mut Rows) {
    for (name, trusted) in [("internal", false), ("c", false), ("sql", true), ("plpgsql", true)] {
        rows.add([
            ("oid", o(language_oid(name))),
            ("lanname", v(name)),
            ("lanowner", o(BOOTSTRAP_ROLE)),
            ("lanispl", v(name == "plpgsql")),
            ("lanpltrusted", v(trusted)),
            ("lanacl", NULL),
        ]);
    }
}

fn volatility(volatility: Volatility) -> &'static str {
    match volatility {
        Volatility::Immutable => "i",
        Volatility::Stable => "s",
        Volatility::Volatile => "v",
    }
}

fn kind(kind: FunctionKind) -> &'static str {
    match kind {
        FunctionKind::Function => "f",
        FunctionKind::Procedure => "p",
        FunctionKind::Aggregate => "a",
        FunctionKind::Window => "w",
    }
}

fn mode(mode: ParameterMode) -> &'static str {
    match mode {
        ParameterMode::In => "i",
        ParameterMode::Out => "o",
        ParameterMode::InOut => "b",
        ParameterMode::Variadic => "v",
        ParameterMode::Table => "t",
    }
}

pub(super) fn proc(viewer: &Viewer<'_>, rows: &mut Rows) {
    for row in builtins().functions() {
        let Some(schema) = viewer.catalog.builtin_schema(row.extension) else { continue };
        let kind = match row.kind {
            BuiltinKind::Function => "f",
            BuiltinKind::Aggregate(_) => "a",
            BuiltinKind::Window => "w",
            BuiltinKind::Procedure => "p",
        };
        rows.add([
            ("oid", o(row.oid)),
            ("proname", v(row.name)),
            ("pronamespace", o(schema)),
            ("proowner", o(BOOTSTRAP_ROLE)),
            ("provariadic", o(row.variadic)),
            ("prokind", v(kind)),
            ("prosecdef", v(false)),
            ("proleakproof", v(row.leakproof)),
            ("proisstrict", v(row.strict)),
            ("proretset", v(row.returns_set)),
            ("provolatile", v(volatility(row.volatility))),
            ("pronargs", count(row.args.len())),
            ("pronargdefaults", n(row.default_count)),
            ("prorettype", o(row.result)),
            ("proargtypes", numbers(&*row.args)),
            ("proallargtypes", if row.all_args.is_empty() { NULL } else { numbers(&*row.all_args) }),
            ("proconfig", NULL),
            ("proacl", NULL),
        ]);
    }
    for function in viewer.catalog.functions.values() {
        user_function(viewer, function, rows);
    }
}

fn user_function(viewer: &Viewer<'_>, function: &Function, rows: &mut Rows) {
    let plain = function.parameters.iter().all(|parameter| parameter.mode == ParameterMode::In);
    let named = function.parameters.iter().any(|parameter| parameter.name.is_some());
    let variadic = function.parameters.iter().find(|parameter| parameter.mode == ParameterMode::Variadic);
    let variadic = variadic.and_then(|parameter| viewer.catalog.element_type(parameter.type_ref.oid));
    let defaults = function.inputs().filter(|parameter| parameter.default.is_some()).count();
    let settings = function.written_settings().map(|(name, value)| format!("{name}={value}"));
    rows.add([
        ("oid", o(function.oid)),
        ("proname", v(&*function.name)),
        ("pronamespace", o(function.schema)),
        ("proowner", o(function.owner)),
        ("prolang", o(language_oid(&function.language))),
        ("procost", v(if matches!(function.language.as_str(), "c" | "internal") { 1.0 } else { 100.0 })),
        ("prorows", v(if function.returns_set { f64::from(function.rows) } else { 0.0 })),
        ("provariadic", o(variadic.unwrap_or(0))),
        ("prosupport", o(0)),
        ("prokind", v(kind(function.kind))),
        ("prosecdef", v(function.security_definer)),
        ("proleakproof", v(function.leakproof)),
        ("proisstrict", v(function.strict)),
        ("proretset", v(function.returns_set)),
        ("provolatile", v(volatility(function.volatility))),
        ("pronargs", count(function.inputs().count())),
        ("pronargdefaults", count(defaults)),
        ("prorettype", o(function.returns.oid)),
        ("proargtypes", numbers(function.input_types())),
        (
            "proallargtypes",
            if plain {
                NULL
            } else {
                numbers(function.parameters.iter().map(|parameter| parameter.type_ref.oid))
            },
        ),
        (
            "proargmodes",
            if plain {
                NULL
            } else {
                texts(function.parameters.iter().map(|parameter| mode(parameter.mode)))
            },
        ),
        (
            "proargnames",
            if named {
                texts(function.parameters.iter().map(|parameter| parameter.name.as_deref().unwrap_or("")))
            } else {
                NULL
            },
        ),
        ("proargdefaults", node((defaults > 0).then_some(Definition::Parameters(function.oid)))),
        ("protrftypes", NULL),
        ("prosrc", v(function.source())),
        ("probin", NULL),
        ("prosqlbody", node((!function.form.is_text()).then_some(Definition::Body(function.oid)))),
        ("proconfig", if function.written_settings().next().is_none() { NULL } else { texts(settings) }),
        ("proacl", viewer.acl(&function.acl)),
    ]);
}

/// tgtype
fn trigger_type(trigger: &Trigger) -> i64 {
    let timing = match trigger.timing.as_str() {
        "BEFORE" => 2,
        "INSTEAD OF" => 64,
        _ => 0,
    };
    i64::from(trigger.for_each_row)
        | timing
        | if trigger.on_insert { 4 } else { 0 }
        | if trigger.on_delete { 8 } else { 0 }
        | if trigger.on_update { 16 } else { 0 }
        | if trigger.on_truncate { 32 } else { 0 }
}

pub(super) fn trigger(viewer: &Viewer<'_>, rows: &mut Rows) {
    for relation in viewer.catalog.relations.values() {
        for trigger in &relation.triggers {
            let mut arguments = Vec::new();
            for argument in &trigger.args {
                arguments.extend_from_slice(argument.as_bytes());
                arguments.push(0);
            }
            rows.add([
                ("oid", o(trigger.oid)),
                ("tgrelid", o(relation.oid)),
                ("tgparentid", o(0)),
                ("tgname", v(&*trigger.name)),
                ("tgfoid", o(trigger.function)),
                ("tgtype", n(trigger_type(trigger))),
                ("tgenabled", v(if trigger.enabled { "O" } else { "D" })),
                ("tgisinternal", v(false)),
                ("tgconstrrelid", o(0)),
                ("tgconstrindid", o(0)),
                ("tgdeferrable", v(trigger.deferrable)),
                ("tginitdeferred", v(trigger.initially_deferred)),
                ("tgnargs", count(trigger.args.len())),
                ("tgattr", numbers(&trigger.update_columns)),
                ("tgargs", v(arguments)),
                ("tgqual", node(trigger.when.as_ref().map(|_| Definition::When(relation.oid, trigger.oid)))),
                ("tgoldtable", v(trigger.old_table.as_deref())),
                ("tgnewtable", v(trigger.new_table.as_deref())),
            ]);
        }
    }
}

/// The schema of a function.
pub(super) fn schema_of(viewer: &Viewer<'_>, function: Oid) -> Oid {
    viewer.catalog.functions.get(&function).map_or(PG_CATALOG, |row| row.schema)
}
