//! information_schema: schemas, tables, columns, routines, triggers and grants.

use super::access::TABLE_PRIVILEGES;
use super::types::schema_of;
use super::{Cell, DATABASE, Definition, Maker, NULL, Rows, Viewer, information_keys, n, v, yes};
use catalog::builtin::{PG_CATALOG, builtins};
use catalog::lookup::TypeEntry;
use catalog::{
    Column, FunctionKind, Oid, Privileges, Relation, RelationKind, Trigger, TypeKind, TypeRef, Volatility,
};
use datum::oid;

pub(super) fn maker(name: &str) -> Option<Maker> {
    Some(match name {
        "applicable_roles" => applicable_roles,
        "check_constraints" => information_keys::check_constraints,
        "columns" => columns,
        "constraint_column_usage" => information_keys::constraint_column_usage,
        "constraint_table_usage" => information_keys::constraint_table_usage,
        "domains" => domains,
        "enabled_roles" => enabled_roles,
        "information_schema_catalog_name" => catalog_name,
        "key_column_usage" => information_keys::key_column_usage,
        "parameters" => parameters,
        "referential_constraints" => information_keys::referential_constraints,
        "role_routine_grants" => role_routine_grants,
        "role_table_grants" => role_table_grants,
        "routine_privileges" => routine_privileges,
        "routines" => routines,
        "schemata" => schemata,
        "sequences" => sequences,
        "table_constraints" => information_keys::table_constraints,
        "table_privileges" => table_privileges,
        "tables" => tables,
        "triggers" => triggers,
        "views" => views,
        _ => return None,
    })
}

impl Rows {
    /// Adds a row; a column without a value is NULL, as what PostgreSQL does not have is in information_schema.
    pub(super) fn add_known(&mut self, mut values: Vec<(&'static str, Cell)>) {
        for column in &self.relation.columns {
            if !values.iter().any(|(name, _)| *name == column.name) {
                values.push((column.name, NULL));
            }
        }
        self.add_all(values);
    }
}

fn catalog_name(_: &Viewer<'_>, rows: &mut Rows) {
    rows.add_known(vec![("catalog_name", v(DATABASE))]);
}

fn enabled_roles(viewer: &Viewer<'_>, rows: &mut Rows) {
    for role in viewer.catalog.roles.values().filter(|role| viewer.has_role(role.oid)) {
        rows.add_known(vec![("role_name", v(&*role.name))]);
    }
}

fn applicable_roles(viewer: &Viewer<'_>, rows: &mut Rows) {
    for row in viewer.catalog.memberships.iter().filter(|row| viewer.has_role(row.member)) {
        rows.add_known(vec![
            ("grantee", v(viewer.role_name(row.member))),
            ("role_name", v(viewer.role_name(row.role))),
            ("is_grantable", yes(row.admin)),
        ]);
    }
}

fn schemata(viewer: &Viewer<'_>, rows: &mut Rows) {
    for schema in viewer.catalog.schemas.values() {
        let any = [Privileges::USAGE, Privileges::CREATE]
            .iter()
            .any(|wanted| viewer.catalog.has_schema_privilege(viewer.role, schema, *wanted));
        if any || viewer.has_role(schema.owner) {
            rows.add_known(vec![
                ("catalog_name", v(DATABASE)),
                ("schema_name", v(&*schema.name)),
                ("schema_owner", v(viewer.role_name(schema.owner))),
            ]);
        }
    }
}

/// Tables and views, not sequences and composite types.
pub(super) fn is_relation(relation: &Relation) -> bool {
    matches!(
        relation.kind,
        RelationKind::Table
            | RelationKind::PartitionedTable
            | RelationKind::View
            | RelationKind::ForeignTable
    )
}

/// What information_schema says of views.
fn can(relation: &Relation) -> (bool, bool) {
    match &relation.view {
        Some(view) => (view.insertable, view.updatable && view.deletable),
        None => (true, true),
    }
}

fn tables(viewer: &Viewer<'_>, rows: &mut Rows) {
    for relation in builtins().system_relations() {
        let base = relation.kind == 'r';
        rows.add_known(vec![
            ("table_catalog", v(DATABASE)),
            ("table_schema", v(relation.schema)),
            ("table_name", v(relation.name)),
            ("table_type", v(if base { "BASE TABLE" } else { "VIEW" })),
            ("is_insertable_into", yes(base)),
            ("is_typed", yes(false)),
        ]);
    }
    let seen = |relation: &&std::sync::Arc<Relation>| is_relation(relation) && viewer.may_see(relation);
    for relation in viewer.catalog.relations.values().filter(seen) {
        let kind = match relation.kind {
            RelationKind::View => "VIEW",
            RelationKind::ForeignTable => "FOREIGN",
            _ => "BASE TABLE",
        };
        rows.add_known(vec![
            ("table_catalog", v(DATABASE)),
            ("table_schema", v(viewer.schema_name(relation.schema))),
            ("table_name", v(&*relation.name)),
            ("table_type", v(kind)),
            ("is_insertable_into", yes(can(relation).0)),
            ("is_typed", yes(false)),
        ]);
    }
}

fn views(viewer: &Viewer<'_>, rows: &mut Rows) {
    for relation in viewer.catalog.relations.values() {
        let Some(view) = &relation.view else { continue };
        if relation.kind != RelationKind::View || !viewer.may_see(relation) {
            continue;
        }
        let owned = viewer.has_role(relation.owner);
        let instead = |test: fn(&Trigger) -> bool| {
            relation.triggers.iter().any(|trigger| trigger.timing == "INSTEAD OF" && test(trigger))
        };
        rows.add_known(vec![
            ("table_catalog", v(DATABASE)),
            ("table_schema", v(viewer.schema_name(relation.schema))),
            ("table_name", v(&*relation.name)),
            ("view_definition", if owned { Cell::Defined(Definition::View(relation.oid)) } else { NULL }),
            (
                "check_option",
                v(match view.check_option {
                    None => "NONE",
                    Some(true) => "CASCADED",
                    Some(false) => "LOCAL",
                }),
            ),
            ("is_updatable", yes(can(relation).1)),
            ("is_insertable_into", yes(can(relation).0)),
            ("is_trigger_updatable", yes(instead(|trigger| trigger.on_update))),
            ("is_trigger_deletable", yes(instead(|trigger| trigger.on_delete))),
            ("is_trigger_insertable_into", yes(instead(|trigger| trigger.on_insert))),
        ]);
    }
}

/// What information_schema tells of a type; the names of its columns are the same everywhere.
fn facets(viewer: &Viewer<'_>, declared: TypeRef, domain_itself: bool) -> Vec<(&'static str, Cell)> {
    let catalog = viewer.catalog;
    let base = catalog.base_type(declared);
    let shown = if domain_itself { base } else { declared };
    let inner = if matches!(catalog.types.get(&shown.oid).map(|row| &row.kind), Some(TypeKind::Domain { .. }))
    {
        base
    } else {
        shown
    };
    let data_type = if catalog.element_type(inner.oid).is_some() {
        "ARRAY".to_owned()
    } else if inner.oid == oid::BPCHAR {
        // format_type without a modifier
        "character".to_owned()
    } else if schema_of(catalog, inner.oid) == PG_CATALOG {
        catalog.format_type_oid(&viewer.path, inner.oid)
    } else {
        "USER-DEFINED".to_owned()
    };
    let modifier = base.modifier;
    let length = match base.oid {
        oid::VARCHAR | oid::BPCHAR if modifier >= 4 => n(modifier - 4),
        _ => NULL,
    };
    let octets = match base.oid {
        oid::VARCHAR | oid::BPCHAR if modifier >= 4 => n((modifier - 4) * 4),
        oid::TEXT | oid::VARCHAR | oid::BPCHAR => n(1_073_741_824),
        _ => NULL,
    };
    let (precision, radix, scale) = match base.oid {
        oid::INT2 => (n(16), n(2), n(0)),
        oid::INT4 => (n(32), n(2), n(0)),
        oid::INT8 => (n(64), n(2), n(0)),
        oid::FLOAT4 => (n(24), n(2), NULL),
        oid::FLOAT8 => (n(53), n(2), NULL),
        oid::NUMERIC if modifier >= 4 => {
            (n(((modifier - 4) >> 16) & 0xffff), n(10), n((modifier - 4) & 0xffff))
        }
        oid::NUMERIC => (NULL, n(10), NULL),
        _ => (NULL, NULL, NULL),
    };
    let moment = match base.oid {
        oid::DATE => n(0),
        oid::TIME | oid::TIMETZ | oid::TIMESTAMP | oid::TIMESTAMPTZ => {
            n(if modifier < 0 { 6 } else { modifier })
        }
        oid::INTERVAL if modifier < 0 || modifier & 0xffff == 0xffff => n(6),
        oid::INTERVAL => n(modifier & 0xffff),
        _ => NULL,
    };
    let udt = if domain_itself { base.oid } else { inner.oid };
    let name = type_name(viewer, udt);
    vec![
        ("data_type", v(data_type)),
        ("character_maximum_length", length),
        ("character_octet_length", octets),
        ("numeric_precision", precision),
        ("numeric_precision_radix", radix),
        ("numeric_scale", scale),
        ("datetime_precision", moment),
        ("udt_catalog", v(DATABASE)),
        ("udt_schema", v(viewer.schema_name(schema_of(catalog, udt)))),
        ("udt_name", v(name)),
    ]
}

fn type_name(viewer: &Viewer<'_>, type_oid: Oid) -> String {
    match viewer.catalog.type_entry(type_oid) {
        Some(TypeEntry::Builtin(row)) => row.name.to_owned(),
        Some(TypeEntry::User(row)) => row.name.clone(),
        None => String::new(),
    }
}

/// NOT NULL of a column or of its domain.
fn is_not_null(viewer: &Viewer<'_>, column: &Column) -> bool {
    let domain = viewer.catalog.types.get(&column.type_ref.oid).map(|row| &row.kind);
    column.not_null || matches!(domain, Some(TypeKind::Domain { not_null: true, .. }))
}

fn columns(viewer: &Viewer<'_>, rows: &mut Rows) {
    for relation in viewer.catalog.relations.values().filter(|relation| is_relation(relation)) {
        let updatable = can(relation).1;
        for column in relation.columns.iter().filter(|column| viewer.may_see_column(relation, column)) {
            let default = || Cell::Defined(Definition::Default(relation.oid, column.number));
            let has_default = column.default.is_some();
            let mut values = vec![
                ("table_catalog", v(DATABASE)),
                ("table_schema", v(viewer.schema_name(relation.schema))),
                ("table_name", v(&*relation.name)),
                ("column_name", v(&*column.name)),
                ("ordinal_position", n(column.number)),
                ("column_default", if has_default && !column.generated { default() } else { NULL }),
                ("is_nullable", yes(!is_not_null(viewer, column))),
                ("dtd_identifier", v(column.number.to_string())),
                ("is_self_referencing", yes(false)),
                ("is_identity", yes(column.identity.is_some())),
                ("is_generated", v(if column.generated { "ALWAYS" } else { "NEVER" })),
                ("generation_expression", if has_default && column.generated { default() } else { NULL }),
                ("is_updatable", yes(updatable)),
            ];
            values.extend(facets(viewer, column.type_ref, false));
            if let Some(row) = viewer.catalog.types.get(&column.type_ref.oid)
                && matches!(row.kind, TypeKind::Domain { .. })
            {
                values.extend([
                    ("domain_catalog", v(DATABASE)),
                    ("domain_schema", v(viewer.schema_name(row.schema))),
                    ("domain_name", v(&*row.name)),
                ]);
            }
            if let Some(identity) = column.identity
                && let Some(sequence) =
                    viewer.catalog.relations.get(&identity.sequence).and_then(|row| row.sequence.as_ref())
            {
                values.extend([
                    ("identity_generation", v(if identity.always { "ALWAYS" } else { "BY DEFAULT" })),
                    ("identity_start", v(sequence.start.to_string())),
                    ("identity_increment", v(sequence.increment.to_string())),
                    ("identity_maximum", v(sequence.max.to_string())),
                    ("identity_minimum", v(sequence.min.to_string())),
                    ("identity_cycle", yes(sequence.cycle)),
                ]);
            } else {
                values.push(("identity_cycle", yes(false)));
            }
            rows.add_known(values);
        }
    }
}

fn domains(viewer: &Viewer<'_>, rows: &mut Rows) {
    for row in viewer.catalog.types.values() {
        let TypeKind::Domain { default, .. } = &row.kind else { continue };
        if !viewer.has_role(row.owner) && !viewer.catalog.may_use_type(viewer.role, row) {
            continue;
        }
        let mut values = vec![
            ("domain_catalog", v(DATABASE)),
            ("domain_schema", v(viewer.schema_name(row.schema))),
            ("domain_name", v(&*row.name)),
            (
                "domain_default",
                if default.is_some() { Cell::Defined(Definition::DomainDefault(row.oid)) } else { NULL },
            ),
            ("dtd_identifier", v("1")),
        ];
        values.extend(facets(viewer, TypeRef { oid: row.oid, modifier: -1 }, true));
        rows.add_known(values);
    }
}

fn sequences(viewer: &Viewer<'_>, rows: &mut Rows) {
    for relation in viewer.catalog.relations.values() {
        let Some(sequence) = &relation.sequence else { continue };
        // Those of identity columns are not told of.
        let identity = sequence.owned_by.is_some_and(|(table, number)| {
            viewer.catalog.relations.get(&table).is_some_and(|table| {
                table.columns.iter().any(|column| column.number == number && column.identity.is_some())
            })
        });
        if identity || !viewer.may_see(relation) {
            continue;
        }
        let bits = match sequence.type_oid {
            oid::INT2 => 16,
            oid::INT4 => 32,
            _ => 64,
        };
        rows.add_known(vec![
            ("sequence_catalog", v(DATABASE)),
            ("sequence_schema", v(viewer.schema_name(relation.schema))),
            ("sequence_name", v(&*relation.name)),
            ("data_type", v(viewer.catalog.format_type_oid(&viewer.path, sequence.type_oid))),
            ("numeric_precision", n(bits)),
            ("numeric_precision_radix", n(2)),
            ("numeric_scale", n(0)),
            ("start_value", v(sequence.start.to_string())),
            ("minimum_value", v(sequence.min.to_string())),
            ("maximum_value", v(sequence.max.to_string())),
            ("increment", v(sequence.increment.to_string())),
            ("cycle_option", yes(sequence.cycle)),
        ]);
    }
}

fn seen_functions<'a>(viewer: &Viewer<'a>) -> impl Iterator<Item = &'a catalog::Function> {
    let (catalog, role) = (viewer.catalog, viewer.role);
    catalog.functions.values().map(AsRef::as_ref).filter(move |function| {
        catalog.has_privileges_of(role, function.owner) || catalog.may_execute(role, function)
    })
}

fn specific_name(function: &catalog::Function) -> String {
    format!("{}_{}", function.name, function.oid)
}

fn routines(viewer: &Viewer<'_>, rows: &mut Rows) {
    for function in seen_functions(viewer) {
        let owned = viewer.has_role(function.owner);
        let procedure = function.kind == FunctionKind::Procedure;
        let mut values = vec![
            ("specific_catalog", v(DATABASE)),
            ("specific_schema", v(viewer.schema_name(function.schema))),
            ("specific_name", v(specific_name(function))),
            ("routine_catalog", v(DATABASE)),
            ("routine_schema", v(viewer.schema_name(function.schema))),
            ("routine_name", v(&*function.name)),
            (
                "routine_type",
                match function.kind {
                    FunctionKind::Function => v("FUNCTION"),
                    FunctionKind::Procedure => v("PROCEDURE"),
                    FunctionKind::Aggregate | FunctionKind::Window => NULL,
                },
            ),
            ("routine_body", v(if function.language == "sql" { "SQL" } else { "EXTERNAL" })),
            ("routine_definition", if owned { v(function.source()) } else { NULL }),
            ("external_language", v(function.language.to_uppercase())),
            ("parameter_style", v("GENERAL")),
            ("is_deterministic", yes(function.volatility == Volatility::Immutable)),
            ("sql_data_access", v("MODIFIES")),
            ("is_null_call", if procedure { NULL } else { yes(function.strict) }),
            ("schema_level_routine", yes(true)),
            ("max_dynamic_result_sets", n(0)),
            ("security_type", v(if function.security_definer { "DEFINER" } else { "INVOKER" })),
            ("as_locator", yes(false)),
            ("is_udt_dependent", yes(false)),
            ("dtd_identifier", v("0")),
        ];
        if !procedure {
            for (name, cell) in facets(viewer, function.returns, false) {
                let name = match name {
                    "data_type" => "data_type",
                    "udt_catalog" => "type_udt_catalog",
                    "udt_schema" => "type_udt_schema",
                    "udt_name" => "type_udt_name",
                    _ => continue,
                };
                values.push((name, cell));
            }
        }
        rows.add_known(values);
    }
}

fn parameters(viewer: &Viewer<'_>, rows: &mut Rows) {
    use syntax::ast::ParameterMode::{In, InOut, Out, Table, Variadic};
    for function in seen_functions(viewer) {
        for (at, parameter) in function.parameters.iter().enumerate() {
            let mode = match parameter.mode {
                In | Variadic => "IN",
                Out | Table => "OUT",
                InOut => "INOUT",
            };
            let mut values = vec![
                ("specific_catalog", v(DATABASE)),
                ("specific_schema", v(viewer.schema_name(function.schema))),
                ("specific_name", v(specific_name(function))),
                ("ordinal_position", super::count(at + 1)),
                ("parameter_mode", v(mode)),
                ("is_result", yes(false)),
                ("as_locator", yes(false)),
                ("parameter_name", v(parameter.name.as_deref())),
                ("dtd_identifier", v((at + 1).to_string())),
            ];
            if parameter.default.is_some() {
                values.push(("parameter_default", Cell::Refused("parameters.parameter_default".to_owned())));
            }
            for (name, cell) in facets(viewer, TypeRef { modifier: -1, ..parameter.type_ref }, false) {
                if matches!(name, "data_type" | "udt_catalog" | "udt_schema" | "udt_name") {
                    values.push((name, cell));
                }
            }
            rows.add_known(values);
        }
    }
}

fn triggers(viewer: &Viewer<'_>, rows: &mut Rows) {
    type Event = (&'static str, fn(&Trigger) -> bool);
    const EVENTS: [Event; 3] = [
        ("INSERT", |trigger| trigger.on_insert),
        ("DELETE", |trigger| trigger.on_delete),
        ("UPDATE", |trigger| trigger.on_update),
    ];
    for relation in viewer.catalog.relations.values() {
        if !information_keys::may_change(viewer, relation) {
            continue;
        }
        let schema = viewer.schema_name(relation.schema);
        for trigger in &relation.triggers {
            for (event, on) in EVENTS.iter().filter(|(_, on)| on(trigger)) {
                let before = relation.triggers.iter().filter(|other| {
                    on(other)
                        && other.for_each_row == trigger.for_each_row
                        && other.timing == trigger.timing
                        && other.name <= trigger.name
                });
                let when = trigger.when.is_some() && viewer.has_role(relation.owner);
                rows.add_known(vec![
                    ("trigger_catalog", v(DATABASE)),
                    ("trigger_schema", v(schema)),
                    ("trigger_name", v(&*trigger.name)),
                    ("event_manipulation", v(*event)),
                    ("event_object_catalog", v(DATABASE)),
                    ("event_object_schema", v(schema)),
                    ("event_object_table", v(&*relation.name)),
                    ("action_order", super::count(before.count())),
                    (
                        "action_condition",
                        if when { Cell::Defined(Definition::When(relation.oid, trigger.oid)) } else { NULL },
                    ),
                    ("action_statement", v(super::definitions::trigger_action(viewer, trigger))),
                    ("action_orientation", v(if trigger.for_each_row { "ROW" } else { "STATEMENT" })),
                    ("action_timing", v(&*trigger.timing)),
                    ("action_reference_old_table", v(trigger.old_table.as_deref())),
                    ("action_reference_new_table", v(trigger.new_table.as_deref())),
                ]);
            }
        }
    }
}

fn grants(viewer: &Viewer<'_>, rows: &mut Rows, public: bool) {
    for relation in viewer.catalog.relations.values().filter(|relation| is_relation(relation)) {
        for item in viewer.acl_items(relation) {
            let mine = viewer.has_role(item.grantor) || (item.grantee != 0 && viewer.has_role(item.grantee));
            if !(mine || public && item.grantee == 0) {
                continue;
            }
            let grantee = if item.grantee == 0 { "PUBLIC" } else { viewer.role_name(item.grantee) };
            let owner = item.grantee != 0 && viewer.catalog.has_privileges_of(item.grantee, relation.owner);
            for (privilege, name) in TABLE_PRIVILEGES {
                if item.privileges.contains(privilege) {
                    rows.add_known(vec![
                        ("grantor", v(viewer.role_name(item.grantor))),
                        ("grantee", v(grantee)),
                        ("table_catalog", v(DATABASE)),
                        ("table_schema", v(viewer.schema_name(relation.schema))),
                        ("table_name", v(&*relation.name)),
                        ("privilege_type", v(name)),
                        ("is_grantable", yes(owner || item.grantable.contains(privilege))),
                        ("with_hierarchy", yes(name == "SELECT")),
                    ]);
                }
            }
        }
    }
}

fn table_privileges(viewer: &Viewer<'_>, rows: &mut Rows) {
    grants(viewer, rows, true);
}

fn role_table_grants(viewer: &Viewer<'_>, rows: &mut Rows) {
    grants(viewer, rows, false);
}

fn execute_grants(viewer: &Viewer<'_>, rows: &mut Rows, public: bool) {
    for function in viewer.catalog.functions.values() {
        let items = match &function.acl {
            Some(items) => items.clone(),
            None => catalog::privileges::AclClass::Function.default_items(function.owner),
        };
        for item in items.iter().filter(|item| item.privileges.contains(Privileges::EXECUTE)) {
            let mine = viewer.has_role(item.grantor) || (item.grantee != 0 && viewer.has_role(item.grantee));
            if !(mine || public && item.grantee == 0) {
                continue;
            }
            let grantee = if item.grantee == 0 { "PUBLIC" } else { viewer.role_name(item.grantee) };
            let owner = item.grantee != 0 && viewer.catalog.has_privileges_of(item.grantee, function.owner);
            let schema = viewer.schema_name(function.schema);
            rows.add_known(vec![
                ("grantor", v(viewer.role_name(item.grantor))),
                ("grantee", v(grantee)),
                ("specific_catalog", v(DATABASE)),
                ("specific_schema", v(schema)),
                ("specific_name", v(specific_name(function))),
                ("routine_catalog", v(DATABASE)),
                ("routine_schema", v(schema)),
                ("routine_name", v(&*function.name)),
                ("privilege_type", v("EXECUTE")),
                ("is_grantable", yes(owner || item.grantable.contains(Privileges::EXECUTE))),
            ]);
        }
    }
}

fn routine_privileges(viewer: &Viewer<'_>, rows: &mut Rows) {
    execute_grants(viewer, rows, true);
}

fn role_routine_grants(viewer: &Viewer<'_>, rows: &mut Rows) {
    execute_grants(viewer, rows, false);
}
