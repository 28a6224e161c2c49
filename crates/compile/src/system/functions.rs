//! The functions that read the catalog.

use super::others::{class, comments};
use super::{Definition, Viewer, define, definitions};
use catalog::builtin::{PG_CATALOG, builtins};
use catalog::lookup::quote_identifier;
use catalog::privileges::AclClass;
use catalog::{Oid, Privileges, Relation, TypeRef};
use datum::{Stored, StoredValue, oid};
use sqlstate::{DatabaseError, INVALID_PARAMETER_VALUE, Result, UNDEFINED_COLUMN, UNDEFINED_OBJECT};

/// The functions by prosrc.
const FUNCTIONS: &[&str] = &[
    "col_description_oid_int4",
    "format_type",
    "obj_description_oid",
    "obj_description_oid_name",
    "shobj_description_oid_name",
    "pg_function_is_visible",
    "pg_get_constraintdef",
    "pg_get_constraintdef_ext",
    "pg_get_expr",
    "pg_get_expr_ext",
    "pg_get_function_arguments",
    "pg_get_function_identity_arguments",
    "pg_get_function_result",
    "pg_get_functiondef",
    "pg_get_indexdef",
    "pg_get_indexdef_ext",
    "pg_get_serial_sequence",
    "pg_get_triggerdef",
    "pg_get_triggerdef_ext",
    "pg_get_userbyid",
    "pg_get_viewdef",
    "pg_get_viewdef_ext",
    "pg_get_viewdef_name",
    "pg_table_is_visible",
    "pg_type_is_visible",
    "to_regclass",
    "to_regnamespace",
    "to_regproc",
    "to_regprocedure",
    "to_regrole",
    "to_regtype",
    "text_regclass",
];

/// Whether a function (by its prosrc) is one that [`call`] runs.
pub fn is_function(source: &str) -> bool {
    const KINDS: [&str; 7] = ["any_column", "column", "database", "function", "schema", "sequence", "table"];
    let kind = source.strip_prefix("has_").and_then(|rest| rest.split_once("_privilege_"));
    FUNCTIONS.contains(&source)
        || source.starts_with("pg_has_role_")
        || kind.is_some_and(|(kind, _)| KINDS.contains(&kind))
}

/// Calls such a function.
///
/// # Errors
/// PostgreSQL's own, 0A000 for what is not kept here.
pub fn call(viewer: &Viewer<'_>, source: &str, args: &[Stored<'_>]) -> Result<StoredValue> {
    // Only the modifier of a type may be NULL.
    if args.iter().any(Stored::is_null) && source != "format_type" {
        return Ok(StoredValue::Null);
    }
    let arguments = Arguments(args);
    let text = |found: Option<String>| Ok(StoredValue::from(found));
    match source {
        "pg_get_expr" | "pg_get_expr_ext" => match Definition::of_node(arguments.text(0)?) {
            Some(definition) => define(viewer, &definition),
            None => Ok(StoredValue::Null),
        },
        "pg_get_constraintdef" | "pg_get_constraintdef_ext" => {
            let constraint = arguments.oid(0)?;
            if definitions::has_expression(viewer, constraint) {
                arguments.refuse_pretty(1)?;
            }
            text(definitions::constraint(viewer, constraint)?)
        }
        "pg_get_indexdef" => define(viewer, &Definition::Index(arguments.oid(0)?)),
        "pg_get_indexdef_ext" => {
            let column = usize::try_from(arguments.number(1)?).unwrap_or(0);
            if column == 0 {
                arguments.refuse_pretty(2)?;
            }
            text(definitions::index_column_definition(viewer, arguments.oid(0)?, column)?)
        }
        "pg_get_viewdef" | "pg_get_viewdef_ext" => {
            arguments.refuse_pretty(1)?;
            text(definitions::view_definition(viewer, arguments.oid(0)?)?)
        }
        "pg_get_viewdef_name" => {
            let view = viewer.catalog.object_input(&viewer.path, oid::REGCLASS, arguments.text(0)?)?;
            text(definitions::view_definition(viewer, view)?)
        }
        "pg_get_triggerdef" => text(definitions::trigger(viewer, arguments.oid(0)?, false)?),
        "pg_get_triggerdef_ext" => {
            text(definitions::trigger(viewer, arguments.oid(0)?, arguments.number(1)? != 0)?)
        }
        "pg_get_functiondef" => {
            let function = arguments.oid(0)?;
            refuse_builtin(function)?;
            text(definitions::function(viewer, function)?)
        }
        "pg_get_function_arguments" | "pg_get_function_identity_arguments" => {
            let function = arguments.oid(0)?;
            refuse_builtin(function)?;
            let identity = source == "pg_get_function_identity_arguments";
            match viewer.catalog.functions.get(&function) {
                Some(function) => text(Some(definitions::arguments(viewer, function, identity)?)),
                None => text(None),
            }
        }
        "pg_get_function_result" => {
            let function = arguments.oid(0)?;
            refuse_builtin(function)?;
            let found = viewer.catalog.functions.get(&function);
            text(found.and_then(|function| definitions::result(viewer, function)))
        }
        "pg_get_userbyid" => {
            let role = arguments.oid(0)?;
            let name = viewer.catalog.roles.get(&role).map(|row| row.name.clone());
            text(Some(name.unwrap_or_else(|| format!("unknown (OID={role})"))))
        }
        "pg_get_serial_sequence" => text(serial_sequence(viewer, arguments.text(0)?, arguments.text(1)?)?),
        "format_type" => {
            if args.first().is_none_or(Stored::is_null) {
                return Ok(StoredValue::Null);
            }
            let modifier = match args.get(1) {
                Some(Stored::Integer(modifier)) => i32::try_from(*modifier).unwrap_or(-1),
                _ => -1,
            };
            let ty = TypeRef { oid: arguments.oid(0)?, modifier };
            if ty.oid == 0 {
                return text(Some("-".to_owned()));
            }
            // Given as NULL, the modifier makes character print without a length that it would have.
            text(Some(match (ty.oid, args.get(1)) {
                (oid::BPCHAR, Some(Stored::Null) | None) => "character".to_owned(),
                _ => viewer.catalog.format_type(&viewer.path, ty),
            }))
        }
        "obj_description_oid" | "obj_description_oid_name" => {
            let class = match args.get(1) {
                Some(Stored::Text(name)) => {
                    builtins().system_relation("pg_catalog", name).map_or(0, |row| row.oid)
                }
                _ => 0,
            };
            let any = args.len() == 1;
            text(comment(viewer, arguments.oid(0)?, 0, |found| any || found == class))
        }
        "shobj_description_oid_name" => Ok(StoredValue::Null),
        "col_description_oid_int4" => {
            let column = arguments.number(1)?;
            text(comment(viewer, arguments.oid(0)?, column, |found| found == class::CLASS))
        }
        "pg_table_is_visible" => Ok(visible_table(viewer, arguments.oid(0)?).into()),
        "pg_type_is_visible" => Ok(visible_type(viewer, arguments.oid(0)?).into()),
        "pg_function_is_visible" => {
            let function = arguments.oid(0)?;
            let known = viewer.catalog.function_entry(function).map(|_| {
                !viewer.catalog.object_output(&viewer.path, oid::REGPROC, function).contains('.')
                    || super::routines::schema_of(viewer, function) == PG_CATALOG
            });
            Ok(known.into())
        }
        "text_regclass" => {
            let found = viewer.catalog.object_input(&viewer.path, oid::REGCLASS, arguments.text(0)?)?;
            Ok(StoredValue::Integer(i64::from(found)))
        }
        "to_regclass" => registered(viewer, oid::REGCLASS, arguments.text(0)?),
        "to_regnamespace" => registered(viewer, oid::REGNAMESPACE, arguments.text(0)?),
        "to_regproc" => registered(viewer, oid::REGPROC, arguments.text(0)?),
        "to_regprocedure" => registered(viewer, 2202, arguments.text(0)?),
        "to_regrole" => registered(viewer, oid::REGROLE, arguments.text(0)?),
        "to_regtype" => registered(viewer, oid::REGTYPE, arguments.text(0)?),
        privilege => has_privilege(viewer, privilege, &arguments),
    }
}

struct Arguments<'s>(&'s [Stored<'s>]);

impl<'s> Arguments<'s> {
    fn text(&self, at: usize) -> Result<&'s str> {
        match self.0.get(at) {
            Some(Stored::Text(text)) => Ok(text),
            _ => Err(DatabaseError::internal("a function of the catalog wants a text")),
        }
    }

    fn number(&self, at: usize) -> Result<i64> {
        match self.0.get(at) {
            Some(Stored::Integer(number)) => Ok(*number),
            _ => Err(DatabaseError::internal("a function of the catalog wants a number")),
        }
    }

    fn oid(&self, at: usize) -> Result<Oid> {
        self.number(at).map(|number| Oid::try_from(number).unwrap_or(0))
    }

    /// Definitions are written in full parentheses only.
    fn refuse_pretty(&self, at: usize) -> Result<()> {
        match self.0.get(at) {
            Some(Stored::Integer(pretty)) if *pretty != 0 => {
                Err(DatabaseError::unsupported("pretty-printed definitions"))
            }
            _ => Ok(()),
        }
    }
}

fn refuse_builtin(function: Oid) -> Result<()> {
    match builtins().function_by_oid(function) {
        Some(row) => Err(DatabaseError::unsupported(format_args!("the definition of {}", row.name))),
        None => Ok(()),
    }
}

fn comment(viewer: &Viewer<'_>, object: Oid, column: i64, class: impl Fn(Oid) -> bool) -> Option<String> {
    let mut found = comments(viewer).into_iter();
    found.find(|row| row.0 == object && row.2 == column && class(row.1)).map(|row| row.3.to_owned())
}

fn registered(viewer: &Viewer<'_>, type_oid: Oid, name: &str) -> Result<StoredValue> {
    match viewer.catalog.object_input(&viewer.path, type_oid, name) {
        Ok(found) => Ok(StoredValue::Integer(i64::from(found))),
        Err(error) => match error.code() {
            sqlstate::UNDEFINED_TABLE
            | UNDEFINED_OBJECT
            | sqlstate::UNDEFINED_FUNCTION
            | sqlstate::AMBIGUOUS_FUNCTION
            | sqlstate::INVALID_SCHEMA_NAME => Ok(StoredValue::Null),
            _ => Err(error),
        },
    }
}

fn visible_table(viewer: &Viewer<'_>, object: Oid) -> Option<bool> {
    if let Some(relation) = builtins().system_relation_by_oid(object) {
        return Some(relation.schema == "pg_catalog");
    }
    let catalog = viewer.catalog;
    let (schema, name) = match catalog.relations.get(&object) {
        Some(relation) => (relation.schema, relation.name.as_str()),
        None => catalog.indexes.get(&object).map(|index| (index.schema, index.name.as_str()))?,
    };
    let first = viewer
        .path
        .schemas()
        .find(|schema| catalog.relation(*schema, name).is_some() || catalog.index(*schema, name).is_some());
    Some(first == Some(schema))
}

fn visible_type(viewer: &Viewer<'_>, object: Oid) -> Option<bool> {
    let entry = viewer.catalog.type_entry(object)?;
    let found = viewer.path.schemas().find_map(|schema| viewer.catalog.type_in_schema(schema, entry.name()));
    Some(found == Some(object))
}

/// The sequence that a column owns, qualified.
fn serial_sequence(viewer: &Viewer<'_>, table: &str, column: &str) -> Result<Option<String>> {
    let catalog = viewer.catalog;
    let oid = catalog.object_input(&viewer.path, oid::REGCLASS, table)?;
    let Some(relation) = catalog.relations.get(&oid) else { return Ok(None) };
    let Some(row) = relation.columns.iter().find(|row| row.name == column) else {
        return Err(DatabaseError::new(
            UNDEFINED_COLUMN,
            format!("column \"{column}\" of relation \"{}\" does not exist", relation.name),
        ));
    };
    let owned = catalog.relations.values().find(|other| {
        other.sequence.as_ref().is_some_and(|sequence| sequence.owned_by == Some((oid, row.number)))
    });
    Ok(owned.map(|sequence| {
        format!(
            "{}.{}",
            quote_identifier(viewer.schema_name(sequence.schema)),
            quote_identifier(&sequence.name)
        )
    }))
}

// ---------------------------------------------------------------------------------------- privileges

/// A privilege as it is asked for, and whether with the right to grant it.
fn privilege(word: &str, known: &[(&str, Privileges)]) -> Result<(Privileges, bool)> {
    let asked = word.trim();
    let word = asked.to_ascii_uppercase();
    let (plain, grantable) = match word.strip_suffix(" WITH GRANT OPTION") {
        Some(plain) => (plain.trim_end(), true),
        None => (word.as_str(), false),
    };
    let found = known.iter().find(|(name, _)| *name == plain);
    found.map(|(_, privilege)| (*privilege, grantable)).ok_or_else(|| {
        DatabaseError::new(INVALID_PARAMETER_VALUE, format!("unrecognized privilege type: \"{asked}\""))
    })
}

/// Of a comma-separated list any is enough.
fn privileges(words: &str, known: &[(&str, Privileges)]) -> Result<Vec<(Privileges, bool)>> {
    words.split(',').map(|word| privilege(word, known)).collect()
}

const TABLE: &[(&str, Privileges)] = &[
    ("SELECT", Privileges::SELECT),
    ("INSERT", Privileges::INSERT),
    ("UPDATE", Privileges::UPDATE),
    ("DELETE", Privileges::DELETE),
    ("TRUNCATE", Privileges::TRUNCATE),
    ("REFERENCES", Privileges::REFERENCES),
    ("TRIGGER", Privileges::TRIGGER),
    ("RULE", Privileges::NONE),
];
const COLUMN: &[(&str, Privileges)] = &[
    ("SELECT", Privileges::SELECT),
    ("INSERT", Privileges::INSERT),
    ("UPDATE", Privileges::UPDATE),
    ("REFERENCES", Privileges::REFERENCES),
];
const SEQUENCE: &[(&str, Privileges)] =
    &[("USAGE", Privileges::USAGE), ("SELECT", Privileges::SELECT), ("UPDATE", Privileges::UPDATE)];
const SCHEMA: &[(&str, Privileges)] = &[("CREATE", Privileges::CREATE), ("USAGE", Privileges::USAGE)];
const FUNCTION: &[(&str, Privileges)] = &[("EXECUTE", Privileges::EXECUTE)];

fn has_privilege(viewer: &Viewer<'_>, source: &str, arguments: &Arguments<'_>) -> Result<StoredValue> {
    let (kind, form) = if let Some(form) = source.strip_prefix("pg_has_role_") {
        ("role", form)
    } else {
        let rest = source.strip_prefix("has_").unwrap_or(source);
        let split = rest.split_once("_privilege_");
        split.ok_or_else(|| DatabaseError::internal(format_args!("no function {source}")))?
    };
    let words = if kind == "column" { 3 } else { 2 };
    let has_role = form.split('_').count() == words
        && !(kind == "column" && matches!(form, "id_attnum" | "id_name" | "name_attnum" | "name_name"));
    let (role, first) =
        if has_role { (role_argument(viewer, arguments)?, 1) } else { (Some(viewer.role), 0) };
    let Some(role) = role else { return Ok(false.into()) };
    let last = arguments.text(arguments.0.len().saturating_sub(1))?;
    match kind {
        "role" => has_role_answer(viewer, role, arguments, first, last),
        "schema" => {
            let schema = match arguments.0.get(first) {
                Some(Stored::Text(name)) => Some(viewer.catalog.require_schema(name)?.oid),
                _ => Some(arguments.oid(first)?),
            };
            let wanted = privileges(last, SCHEMA)?;
            let schema = schema.and_then(|oid| viewer.catalog.schemas.get(&oid));
            Ok(schema.map(|row| holds(viewer, role, row.owner, AclClass::Schema, &row.acl, &wanted)).into())
        }
        "database" => {
            let known: &[(&str, Privileges)] = &[
                ("CREATE", Privileges::CREATE),
                ("CONNECT", Privileges::USAGE),
                ("TEMPORARY", Privileges::SELECT),
                ("TEMP", Privileges::SELECT),
            ];
            let wanted = privileges(last, known)?;
            let creates = viewer.catalog.is_superuser(role)
                || viewer
                    .catalog
                    .role("postgres")
                    .is_some_and(|owner| viewer.catalog.has_privileges_of(role, owner.oid));
            Ok(wanted.iter().any(|(wanted, _)| *wanted != Privileges::CREATE || creates).into())
        }
        "function" => {
            let function = match arguments.0.get(first) {
                Some(Stored::Text(name)) => viewer.catalog.object_input(&viewer.path, 2202, name)?,
                _ => arguments.oid(first)?,
            };
            let wanted = privileges(last, FUNCTION)?;
            if builtins().function_by_oid(function).is_some() {
                return Ok(true.into());
            }
            let row = viewer.catalog.functions.get(&function);
            Ok(row.map(|row| holds(viewer, role, row.owner, AclClass::Function, &row.acl, &wanted)).into())
        }
        _ => relation_privilege(viewer, kind, role, arguments, first, last),
    }
}

fn relation_privilege(
    viewer: &Viewer<'_>,
    kind: &str,
    role: Oid,
    arguments: &Arguments<'_>,
    first: usize,
    last: &str,
) -> Result<StoredValue> {
    let relation = match arguments.0.get(first) {
        Some(Stored::Text(name)) => viewer.catalog.object_input(&viewer.path, oid::REGCLASS, name)?,
        _ => arguments.oid(first)?,
    };
    let known = match kind {
        "sequence" => SEQUENCE,
        "column" | "any_column" => COLUMN,
        _ => TABLE,
    };
    let wanted = privileges(last, known)?;
    if builtins().system_relation_by_oid(relation).is_some() {
        let reads = wanted.iter().any(|(wanted, grant)| *wanted == Privileges::SELECT && !grant);
        return Ok((reads || viewer.catalog.is_superuser(role)).into());
    }
    let Some(relation) = viewer.catalog.relations.get(&relation) else { return Ok(StoredValue::Null) };
    if kind == "sequence" && relation.sequence.is_none() {
        return Err(DatabaseError::new(
            sqlstate::WRONG_OBJECT_TYPE,
            format!("\"{}\" is not a sequence", relation.name),
        ));
    }
    let column = if kind == "column" { column_argument(relation, arguments, first + 1)? } else { None };
    if kind == "column" && column.is_none() {
        return Ok(StoredValue::Null);
    }
    let class = relation.acl_class();
    let whole = holds(viewer, role, relation.owner, class, &relation.acl, &wanted);
    if whole {
        return Ok(true.into());
    }
    match kind {
        "any_column" => {
            let any = relation.columns.iter().any(|column| {
                column.acl.is_some()
                    && holds(viewer, role, relation.owner, AclClass::Column, &column.acl, &wanted)
            });
            Ok(any.into())
        }
        "column" => Ok(column
            .map(|column| {
                column.acl.is_some()
                    && holds(viewer, role, relation.owner, AclClass::Column, &column.acl, &wanted)
            })
            .into()),
        _ => Ok(false.into()),
    }
}

fn column_argument<'r>(
    relation: &'r Relation,
    arguments: &Arguments<'_>,
    at: usize,
) -> Result<Option<&'r catalog::Column>> {
    match arguments.0.get(at) {
        Some(Stored::Text(name)) => {
            let found = relation.columns.iter().find(|column| column.name == **name);
            found.map(Some).ok_or_else(|| {
                DatabaseError::new(
                    UNDEFINED_COLUMN,
                    format!("column \"{name}\" of relation \"{}\" does not exist", relation.name),
                )
            })
        }
        _ => {
            let number = arguments.number(at)?;
            Ok(relation.columns.iter().find(|column| i64::from(column.number) == number))
        }
    }
}

/// Whether the role holds any of these privileges.
fn holds(
    viewer: &Viewer<'_>,
    role: Oid,
    owner: Oid,
    class: AclClass,
    acl: &catalog::Acl,
    wanted: &[(Privileges, bool)],
) -> bool {
    wanted.iter().any(|(privilege, grantable)| {
        if privilege.is_empty() {
            return false;
        }
        if !grantable {
            return !viewer.catalog.acl_mask(role, owner, class, acl, *privilege).is_empty();
        }
        let roles = viewer.catalog.privilege_roles(role);
        viewer.catalog.is_superuser(role)
            || roles.contains(&owner)
            || acl
                .iter()
                .flatten()
                .any(|item| roles.contains(&item.grantee) && item.grantable.contains(*privilege))
    })
}

/// The role of the first argument; `None` for a number that is no role's, which has nothing.
fn role_argument(viewer: &Viewer<'_>, arguments: &Arguments<'_>) -> Result<Option<Oid>> {
    match arguments.0.first() {
        Some(Stored::Text("public")) => Ok(Some(0)),
        Some(Stored::Text(name)) => match viewer.catalog.role(name) {
            Some(role) => Ok(Some(role.oid)),
            None => Err(DatabaseError::new(UNDEFINED_OBJECT, format!("role \"{name}\" does not exist"))),
        },
        _ => arguments.oid(0).map(Some),
    }
}

fn has_role_answer(
    viewer: &Viewer<'_>,
    role: Oid,
    arguments: &Arguments<'_>,
    at: usize,
    words: &str,
) -> Result<StoredValue> {
    let other = match arguments.0.get(at) {
        Some(Stored::Text(name)) => match viewer.catalog.role(name) {
            Some(role) => role.oid,
            None => {
                return Err(DatabaseError::new(UNDEFINED_OBJECT, format!("role \"{name}\" does not exist")));
            }
        },
        _ => arguments.oid(at)?,
    };
    let known = &[("USAGE", Privileges::USAGE), ("MEMBER", Privileges::CREATE)];
    let wanted = privileges(words, known)?;
    if wanted.iter().any(|(_, option)| *option) {
        return Err(DatabaseError::unsupported("pg_has_role with the right to grant"));
    }
    let any = wanted.iter().any(|(wanted, _)| match *wanted {
        Privileges::USAGE => viewer.catalog.has_privileges_of(role, other),
        _ => viewer.catalog.is_member_of(role, other),
    });
    Ok(any.into())
}
