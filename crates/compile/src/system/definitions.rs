//! What definitions say: pg_get_expr, pg_get_constraintdef and kin.

use super::ruleutils::{self, quote_literal};
use super::{Definition, Viewer};
use crate::analysis::{Analysis, Place, Scope};
use crate::bound::{Expr, ExprKind};
use crate::stored::{self, Row};
use catalog::lookup::quote_identifier;
use catalog::{
    Constraint, ConstraintKind, ForeignKey, Function, Index, IndexElement, IndexKey, Oid, ReferentialAction,
    Relation, RelationKind, Trigger, TypeKind, TypeRef,
};
use datum::oid;
use sqlstate::{DatabaseError, Result};
use std::sync::Arc;
use syntax::ast::ParameterMode;

type Text = Result<Option<String>>;

/// The text of a definition.
pub(super) fn define(viewer: &Viewer<'_>, definition: &Definition) -> Text {
    let catalog = viewer.catalog;
    let table = |oid: Oid| catalog.relations.get(&oid);
    match *definition {
        Definition::Default(relation, number) => {
            let Some(relation) = table(relation) else { return Ok(None) };
            let column = relation.columns.iter().find(|column| column.number == number);
            let Some((column, sql)) = column.and_then(|column| Some((column, column.default.as_ref()?)))
            else {
                return Ok(None);
            };
            if column.generated {
                return over_row(viewer, relation, Place::GeneratedColumn, sql).map(Some);
            }
            default(viewer, column.type_ref, sql).map(Some)
        }
        Definition::Check(relation, constraint) => {
            let found = table(relation).and_then(|row| Some((row, check_of(row, constraint)?)));
            found.map(|(row, sql)| condition(viewer, row, Place::CheckConstraint, sql)).transpose()
        }
        Definition::CheckClause(relation, constraint) => {
            let text = define(viewer, &Definition::Check(relation, constraint))?;
            Ok(text.map(|text| format!("({text})")))
        }
        Definition::DomainCheckClause(domain, at) => {
            Ok(domain_check(viewer, domain, at)?.map(|text| format!("({text})")))
        }
        Definition::Using(relation, policy) | Definition::WithCheck(relation, policy) => {
            let Some(row) = table(relation) else { return Ok(None) };
            let Some(policy) = row.policies.iter().find(|row| row.oid == policy) else { return Ok(None) };
            let using = matches!(definition, Definition::Using(..));
            let sql = if using { &policy.using } else { &policy.check };
            sql.as_ref().map(|sql| condition(viewer, row, Place::Policy, sql)).transpose()
        }
        Definition::IndexExpressions(index) => {
            let Some((index, row)) = index_of(viewer, index) else { return Ok(None) };
            let mut texts = Vec::new();
            for element in &index.elements {
                if let IndexKey::Expression(sql) = &element.key {
                    texts.push(over_row(viewer, row, Place::IndexExpression, sql)?);
                }
            }
            Ok((!texts.is_empty()).then(|| texts.join(", ")))
        }
        Definition::IndexPredicate(index) => {
            let Some((index, row)) = index_of(viewer, index) else { return Ok(None) };
            index.filter.as_ref().map(|sql| condition(viewer, row, Place::IndexPredicate, sql)).transpose()
        }
        Definition::When(relation, trigger) => {
            let found = table(relation)
                .and_then(|row| Some((row, row.triggers.iter().find(|row| row.oid == trigger)?)));
            let Some((row, trigger)) = found else { return Ok(None) };
            let text = trigger.when.as_deref().map(|sql| when(viewer, row, sql)).transpose()?;
            // information_schema.triggers looks for the last WHEN of the whole definition, be it one of CASE.
            Ok(text.map(|text| match text.rsplit_once(" WHEN (") {
                Some((_, last)) => last.to_owned(),
                None => text,
            }))
        }
        Definition::Index(index) => index_definition(viewer, index),
        Definition::View(view) => view_definition(viewer, view),
        Definition::DomainDefault(domain) => match catalog.types.get(&domain).map(|row| &row.kind) {
            Some(TypeKind::Domain { base, default: Some(sql), .. }) => default(viewer, *base, sql).map(Some),
            _ => Ok(None),
        },
        Definition::DomainCheck(domain, at) => domain_check(viewer, domain, at),
        Definition::Body(_) => Err(body_of_statements()),
        Definition::Parameters(function) => {
            let Some(function) = catalog.functions.get(&function) else { return Ok(None) };
            let mut texts = Vec::new();
            for parameter in function.inputs() {
                if let Some(sql) = &parameter.default {
                    texts.push(default(viewer, parameter.type_ref, sql)?);
                }
            }
            Ok(Some(texts.join(", ")))
        }
    }
}

fn check_of(relation: &Relation, constraint: Oid) -> Option<&str> {
    let constraint = relation.constraints.iter().find(|row| row.oid == constraint)?;
    match &constraint.kind {
        ConstraintKind::Check { expression, .. } => Some(expression),
        _ => None,
    }
}

/// A trigger's condition over `old` and `new`.
fn when(viewer: &Viewer<'_>, relation: &Relation, sql: &str) -> Result<String> {
    let parsed = parse(sql)?;
    let mut analysis = stored::system_analysis(viewer.catalog, relation.owner);
    let mut scope = Scope::default();
    for (row, name) in [(Row::Old, "old"), (Row::New, "new")] {
        let mut item = row.item(relation, None, name);
        item.columns_visible = false;
        scope.items.push(item);
    }
    let expr = analysis.stored(relation.owner, |analysis| {
        let expr = analysis.expression(&mut scope, Place::TriggerWhen, &parsed)?;
        analysis.coerce_to_boolean(expr, "WHEN")
    })?;
    ruleutils::trigger_condition(viewer, relation, &parsed, &expr)
}

fn index_of<'a>(viewer: &Viewer<'a>, index: Oid) -> Option<(&'a Index, &'a Arc<Relation>)> {
    let index = viewer.catalog.indexes.get(&index)?;
    Some((index, viewer.catalog.relations.get(&index.table)?))
}

fn parse(sql: &str) -> Result<syntax::ast::Expr> {
    syntax::parse_expression(sql)
        .map_err(|error| DatabaseError::internal(format_args!("stored expression {sql:?}: {error}")))
}

fn over_row(viewer: &Viewer<'_>, relation: &Relation, place: Place, sql: &str) -> Result<String> {
    let mut analysis = stored::system_analysis(viewer.catalog, relation.owner);
    let mut expr = stored::expression(&mut analysis, relation, Row::New, place, sql)?;
    expr = analysis.resolve_unknown(expr)?;
    ruleutils::expression(viewer, Some(relation), &parse(sql)?, &expr)
}

fn condition(viewer: &Viewer<'_>, relation: &Relation, place: Place, sql: &str) -> Result<String> {
    let mut analysis = stored::system_analysis(viewer.catalog, relation.owner);
    let expr = stored::condition(&mut analysis, relation, Row::New, place, sql)?;
    ruleutils::expression(viewer, Some(relation), &parse(sql)?, &expr)
}

/// A default, without the conversion to its column's type, which is not written; an untyped literal is one of that type.
fn default(viewer: &Viewer<'_>, ty: TypeRef, sql: &str) -> Result<String> {
    let parsed = parse(sql)?;
    let mut analysis = stored::system_analysis(viewer.catalog, viewer.role);
    let base = TypeRef { oid: viewer.catalog.base_type(ty).oid, modifier: -1 };
    let role = viewer.role;
    let expr = analysis.stored(role, |analysis| {
        let expr = analysis.expression(&mut Scope::default(), Place::ColumnDefault, &parsed)?;
        if expr.ty.oid == oid::UNKNOWN {
            return analysis.coerce_assignment(expr, base, "");
        }
        Ok(expr)
    })?;
    ruleutils::expression(viewer, None, &parsed, &expr)
}

fn domain_check(viewer: &Viewer<'_>, domain: Oid, at: usize) -> Text {
    let Some(row) = viewer.catalog.types.get(&domain) else { return Ok(None) };
    let TypeKind::Domain { checks, base, .. } = &row.kind else { return Ok(None) };
    let Some(check) = checks.get(at) else { return Ok(None) };
    let parsed = parse(&check.expression)?;
    let mut analysis = stored::system_analysis(viewer.catalog, row.owner);
    let mut scope = Scope::default();
    scope.items.push(crate::analysis::Item {
        name: String::new(),
        schema: None,
        range: None,
        columns: vec![crate::analysis::ItemColumn {
            name: "value".to_owned(),
            expr: Expr::new(ExprKind::CaseOperand, viewer.catalog.base_type(*base)),
            number: None,
        }],
        relation_visible: false,
        columns_visible: true,
        beyond: false,
    });
    let owner = row.owner;
    let expr = analysis.stored(owner, |analysis| {
        let expr = analysis.expression(&mut scope, Place::DomainCheck, &parsed)?;
        analysis.coerce_to_boolean(expr, "CHECK")
    })?;
    ruleutils::expression(viewer, None, &parsed, &expr).map(Some)
}

/// The name and type of the column that an index has for an expression.
pub(super) fn index_column(viewer: &Viewer<'_>, relation: &Relation, sql: &str) -> (String, TypeRef) {
    let mut analysis = stored::system_analysis(viewer.catalog, relation.owner);
    let expr = stored::expression(&mut analysis, relation, Row::New, Place::IndexExpression, sql);
    let ty = expr.map_or(TypeRef { oid: 0, modifier: -1 }, |expr| expr.ty);
    // FigureIndexColname
    let name = parse(sql).map_or_else(
        |_| "expr".to_owned(),
        |parsed| match crate::analysis::column_name(&parsed) {
            name if name == "?column?" => "expr".to_owned(),
            name => name,
        },
    );
    (name, ty)
}

fn column_names(relation: &Relation, numbers: &[i16]) -> String {
    let name = |number: &i16| {
        let column = relation.columns.iter().find(|column| column.number == *number);
        column.map_or_else(String::new, |column| quote_identifier(&column.name))
    };
    numbers.iter().map(name).collect::<Vec<_>>().join(", ")
}

fn relation_name(viewer: &Viewer<'_>, oid: Oid) -> String {
    viewer.catalog.object_output(&viewer.path, oid::REGCLASS, oid)
}

/// The relation's name with its schema, always.
fn qualified(viewer: &Viewer<'_>, relation: &Relation) -> String {
    format!("{}.{}", quote_identifier(viewer.schema_name(relation.schema)), quote_identifier(&relation.name))
}

fn on(words: &str, action: ReferentialAction) -> String {
    let action = match action {
        ReferentialAction::NoAction => return String::new(),
        ReferentialAction::Restrict => "RESTRICT",
        ReferentialAction::Cascade => "CASCADE",
        ReferentialAction::SetNull => "SET NULL",
        ReferentialAction::SetDefault => "SET DEFAULT",
    };
    format!(" {words} {action}")
}

fn foreign_key(viewer: &Viewer<'_>, relation: &Relation, key: &ForeignKey) -> String {
    let referenced = viewer.catalog.relations.get(&key.referenced);
    let columns = referenced.map_or_else(String::new, |row| column_names(row, &key.referenced_columns));
    let mut text = format!(
        "FOREIGN KEY ({}) REFERENCES {}({columns})",
        column_names(relation, &key.columns),
        relation_name(viewer, key.referenced),
    );
    if key.match_full {
        text.push_str(" MATCH FULL");
    }
    text.push_str(&on("ON UPDATE", key.on_update));
    text.push_str(&on("ON DELETE", key.on_delete));
    if !key.set_columns.is_empty() {
        text.push_str(&format!(" ({})", column_names(relation, &key.set_columns)));
    }
    text
}

/// Whether a constraint is written with parentheses that pretty-printing leaves out.
pub(super) fn has_expression(viewer: &Viewer<'_>, constraint: Oid) -> bool {
    let found = viewer.catalog.constraint_by_oid(constraint);
    found.is_some_and(|(_, constraint)| matches!(constraint.kind, ConstraintKind::Check { .. }))
}

/// pg_get_constraintdef
pub(super) fn constraint(viewer: &Viewer<'_>, oid: Oid) -> Text {
    let Some((relation, constraint)) = viewer.catalog.constraint_by_oid(oid) else { return Ok(None) };
    constraint_text(viewer, relation, constraint).map(Some)
}

fn constraint_text(viewer: &Viewer<'_>, relation: &Relation, constraint: &Constraint) -> Result<String> {
    let mut text = match &constraint.kind {
        ConstraintKind::ForeignKey(key) => foreign_key(viewer, relation, key),
        ConstraintKind::Check { expression, .. } => {
            format!("CHECK ({})", condition(viewer, relation, Place::CheckConstraint, expression)?)
        }
        ConstraintKind::PrimaryKey { columns, index } => {
            format!("PRIMARY KEY ({}){}", column_names(relation, columns), include(viewer, relation, *index))
        }
        ConstraintKind::Unique { columns, index, nulls_not_distinct } => {
            let nulls = if *nulls_not_distinct { "NULLS NOT DISTINCT " } else { "" };
            let include = include(viewer, relation, *index);
            format!("UNIQUE {nulls}({}){include}", column_names(relation, columns))
        }
    };
    if constraint.no_inherit && matches!(constraint.kind, ConstraintKind::Check { .. }) {
        text.push_str(" NO INHERIT");
    }
    if constraint.deferrable {
        text.push_str(" DEFERRABLE");
    }
    if constraint.initially_deferred {
        text.push_str(" INITIALLY DEFERRED");
    }
    if !constraint.validated {
        text.push_str(" NOT VALID");
    }
    Ok(text)
}

fn include(viewer: &Viewer<'_>, relation: &Relation, index: Oid) -> String {
    match viewer.catalog.indexes.get(&index) {
        Some(index) if !index.include.is_empty() => {
            format!(" INCLUDE ({})", column_names(relation, &index.include))
        }
        _ => String::new(),
    }
}

/// An expression that is the key of an index, without the collation that is the column's rather than its own.
pub(crate) fn index_expression(viewer: &Viewer<'_>, relation: &Relation, sql: &str) -> Result<String> {
    Ok(key_parts(viewer, relation, sql)?.0)
}

/// An index's expression, and the collation that was written behind it.
fn key_parts(viewer: &Viewer<'_>, relation: &Relation, sql: &str) -> Result<(String, Option<String>)> {
    use syntax::ast::ExprKind as Written;
    let parsed = parse(sql)?;
    let mut analysis = stored::system_analysis(viewer.catalog, relation.owner);
    let expr = stored::expression(&mut analysis, relation, Row::New, Place::IndexExpression, sql)?;
    let mut expr = analysis.resolve_unknown(expr)?;
    let (mut written, mut collation) = (&parsed, None);
    while let (Written::Collate { expr: below, .. }, ExprKind::Collate { .. }) = (&written.kind, &expr.kind) {
        written = below;
        if let ExprKind::Collate { expr: inner, collation: name } = expr.kind {
            collation.get_or_insert(name);
            expr = *inner;
        }
    }
    let text = ruleutils::expression(viewer, Some(relation), written, &expr)?;
    // A call needs no parentheses of its own, nor does a column that is left.
    let call = matches!(
        written.kind,
        Written::Call(_)
            | Written::Coalesce(_)
            | Written::Greatest(_)
            | Written::Least(_)
            | Written::NullIf(..)
            | Written::ValueFunction { .. }
            | Written::Column(_)
    ) && !text.starts_with('(');
    Ok((if call { text } else { format!("({text})") }, collation))
}

fn element_text(viewer: &Viewer<'_>, relation: &Relation, element: &IndexElement) -> Result<String> {
    let (mut text, own) = match &element.key {
        IndexKey::Column(number) => (column_names(relation, &[*number]), None),
        IndexKey::Expression(sql) => key_parts(viewer, relation, sql)?,
    };
    if let Some(collation) = element.collation.as_ref().or(own.as_ref())
        && collation != "default"
    {
        text.push_str(&format!(" COLLATE {}", quote_identifier(collation)));
    }
    Ok(text)
}

fn index_definition(viewer: &Viewer<'_>, index: Oid) -> Text {
    let Some((index, relation)) = index_of(viewer, index) else { return Ok(None) };
    let mut elements = Vec::new();
    let ordered = index.method == "btree";
    for element in &index.elements {
        let mut text = element_text(viewer, relation, element)?;
        if let Some(class) = &element.operator_class {
            text.push_str(&operator_class(viewer, class, &index.method));
        }
        if ordered {
            match (element.descending, element.nulls_first) {
                (false, false) => {}
                (false, true) => text.push_str(" NULLS FIRST"),
                (true, true) => text.push_str(" DESC"),
                (true, false) => text.push_str(" DESC NULLS LAST"),
            }
        }
        elements.push(text);
    }
    let mut text = format!(
        "CREATE {}INDEX {} ON {} USING {} ({})",
        if index.unique { "UNIQUE " } else { "" },
        quote_identifier(&index.name),
        qualified(viewer, relation),
        quote_identifier(&index.method),
        elements.join(", "),
    );
    if !index.include.is_empty() {
        text.push_str(&format!(" INCLUDE ({})", column_names(relation, &index.include)));
    }
    if index.nulls_not_distinct {
        text.push_str(" NULLS NOT DISTINCT");
    }
    if let Some(sql) = &index.filter {
        text.push_str(&format!(" WHERE {}", condition(viewer, relation, Place::IndexPredicate, sql)?));
    }
    Ok(Some(text))
}

/// An operator class, unless it is the default one of its type and method.
fn operator_class(viewer: &Viewer<'_>, class: &str, method: &str) -> String {
    const DEFAULTS: [&str; 3] = ["jsonb_ops", "array_ops", "tsvector_ops"];
    let plain = class.rsplit('.').next().unwrap_or(class);
    let kind = plain.strip_suffix("_ops");
    let is_default = DEFAULTS.contains(&plain)
        || kind.is_some_and(|kind| {
            !kind.ends_with("_pattern")
                && catalog::builtin::builtins().type_by_name(kind).is_some_and(|row| row.extension.is_none())
        });
    if is_default || matches!((plain, method), ("vector_l2_ops", "ivfflat") | ("vector_ops", _)) {
        return String::new();
    }
    let extension = match plain {
        "gin_trgm_ops" | "gist_trgm_ops" => "pg_trgm",
        _ if matches!(method, "hnsw" | "ivfflat") => "vector",
        _ => return format!(" {plain}"),
    };
    match viewer.catalog.extension_schema(extension) {
        Some(schema) if !viewer.path.schemas().any(|known| known == schema) => {
            format!(" {}.{plain}", quote_identifier(viewer.schema_name(schema)))
        }
        _ => format!(" {plain}"),
    }
}

/// pg_get_indexdef of one column.
pub(super) fn index_column_definition(viewer: &Viewer<'_>, index: Oid, column: usize) -> Text {
    let Some((index, relation)) = index_of(viewer, index) else { return Ok(None) };
    let Some(at) = column.checked_sub(1) else { return index_definition(viewer, index.oid) };
    match (index.elements.get(at), index.include.get(at.saturating_sub(index.elements.len()))) {
        (Some(element), _) => element_text(viewer, relation, element).map(Some),
        (None, Some(number)) => Ok(Some(column_names(relation, &[*number]))),
        (None, None) => Ok(Some(String::new())),
    }
}

pub(super) fn view_definition(viewer: &Viewer<'_>, view: Oid) -> Text {
    let Some(relation) = viewer.catalog.relations.get(&view) else { return Ok(None) };
    if !matches!(relation.kind, RelationKind::View | RelationKind::MaterializedView) {
        return Ok(None);
    }
    let Some(view) = &relation.view else { return Ok(None) };
    let select = syntax::parse_select(&view.query)
        .map_err(|error| DatabaseError::internal(format_args!("view {}: {error}", relation.name)))?;
    let mut analysis: Analysis<'_> = stored::system_analysis(viewer.catalog, relation.owner);
    let query = analysis.stored(relation.owner, |analysis| analysis.query(None, &select))?;
    let names: Vec<String> = relation.columns.iter().map(|column| column.name.clone()).collect();
    ruleutils::view(viewer, &select, &query, &names).map(Some)
}

fn function_name(viewer: &Viewer<'_>, oid: Oid) -> String {
    viewer.catalog.object_output(&viewer.path, oid::REGPROC, oid)
}

/// What a trigger calls.
pub(super) fn trigger_action(viewer: &Viewer<'_>, trigger: &Trigger) -> String {
    let args: Vec<String> = trigger.args.iter().map(|arg| quote_literal(arg)).collect();
    format!("EXECUTE FUNCTION {}({})", function_name(viewer, trigger.function), args.join(", "))
}

/// pg_get_triggerdef; `pretty` leaves the schema out where the path reaches the table.
pub(super) fn trigger(viewer: &Viewer<'_>, oid: Oid, pretty: bool) -> Text {
    let Some((relation, trigger)) = viewer.catalog.trigger_by_oid(oid) else { return Ok(None) };
    let when = trigger.when.as_deref().map(|sql| when(viewer, relation, sql)).transpose()?;
    let mut events = Vec::new();
    if trigger.on_insert {
        events.push("INSERT".to_owned());
    }
    if trigger.on_delete {
        events.push("DELETE".to_owned());
    }
    if trigger.on_update {
        let columns = column_names(relation, &trigger.update_columns);
        events.push(if columns.is_empty() { "UPDATE".to_owned() } else { format!("UPDATE OF {columns}") });
    }
    if trigger.on_truncate {
        events.push("TRUNCATE".to_owned());
    }
    let table = if pretty { relation_name(viewer, relation.oid) } else { qualified(viewer, relation) };
    let mut text = format!(
        "CREATE {}TRIGGER {} {} {} ON {table} ",
        if trigger.constraint { "CONSTRAINT " } else { "" },
        quote_identifier(&trigger.name),
        trigger.timing,
        events.join(" OR "),
    );
    if trigger.constraint {
        text.push_str(if trigger.deferrable { "DEFERRABLE INITIALLY " } else { "NOT DEFERRABLE INITIALLY " });
        text.push_str(if trigger.initially_deferred { "DEFERRED " } else { "IMMEDIATE " });
    }
    if trigger.old_table.is_some() || trigger.new_table.is_some() {
        text.push_str("REFERENCING ");
        if let Some(table) = &trigger.old_table {
            text.push_str(&format!("OLD TABLE AS {} ", quote_identifier(table)));
        }
        if let Some(table) = &trigger.new_table {
            text.push_str(&format!("NEW TABLE AS {} ", quote_identifier(table)));
        }
    }
    text.push_str(if trigger.for_each_row { "FOR EACH ROW " } else { "FOR EACH STATEMENT " });
    if let Some(when) = when {
        text.push_str(&format!("WHEN ({when}) "));
    }
    text.push_str(&trigger_action(viewer, trigger));
    Ok(Some(text))
}

/// pg_get_function_arguments and pg_get_function_identity_arguments.
pub(super) fn arguments(viewer: &Viewer<'_>, function: &Function, identity: bool) -> Result<String> {
    let mut texts = Vec::new();
    for parameter in &function.parameters {
        let mode = match parameter.mode {
            ParameterMode::In if function.kind == catalog::FunctionKind::Procedure => "IN ",
            ParameterMode::In => "",
            ParameterMode::Out => "OUT ",
            ParameterMode::InOut => "INOUT ",
            ParameterMode::Variadic => "VARIADIC ",
            ParameterMode::Table => continue,
        };
        let mut text = mode.to_owned();
        if let Some(name) = &parameter.name
            && !name.is_empty()
        {
            text.push_str(&format!("{} ", quote_identifier(name)));
        }
        text.push_str(&viewer.catalog.format_type_oid(&viewer.path, parameter.type_ref.oid));
        if let (Some(sql), false) = (&parameter.default, identity) {
            text.push_str(&format!(" DEFAULT {}", default(viewer, parameter.type_ref, sql)?));
        }
        texts.push(text);
    }
    Ok(texts.join(", "))
}

/// pg_get_function_result
pub(super) fn result(viewer: &Viewer<'_>, function: &Function) -> Option<String> {
    if function.kind == catalog::FunctionKind::Procedure {
        return None;
    }
    let table: Vec<String> = function
        .parameters
        .iter()
        .filter(|parameter| parameter.mode == ParameterMode::Table)
        .map(|parameter| {
            let ty = viewer.catalog.format_type_oid(&viewer.path, parameter.type_ref.oid);
            match &parameter.name {
                Some(name) => format!("{} {ty}", quote_identifier(name)),
                None => ty,
            }
        })
        .collect();
    if !table.is_empty() {
        return Some(format!("TABLE({})", table.join(", ")));
    }
    let ty = viewer.catalog.format_type_oid(&viewer.path, function.returns.oid);
    Some(if function.returns_set { format!("SETOF {ty}") } else { ty })
}

/// PostgreSQL writes such a body down from its trees, in words of its own.
fn body_of_statements() -> DatabaseError {
    DatabaseError::unsupported("the definition of a function whose body is no text")
}

/// pg_get_functiondef
pub(super) fn function(viewer: &Viewer<'_>, oid: Oid) -> Text {
    let Some(function) = viewer.catalog.functions.get(&oid) else { return Ok(None) };
    if matches!(function.kind, catalog::FunctionKind::Aggregate | catalog::FunctionKind::Window) {
        return Err(DatabaseError::unsupported("the definition of an aggregate"));
    }
    if !function.form.is_text() {
        return Err(body_of_statements());
    }
    let procedure = function.kind == catalog::FunctionKind::Procedure;
    let mut text = format!(
        "CREATE OR REPLACE {} {}.{}({})\n",
        if procedure { "PROCEDURE" } else { "FUNCTION" },
        quote_identifier(viewer.schema_name(function.schema)),
        quote_identifier(&function.name),
        arguments(viewer, function, false)?,
    );
    if let Some(result) = result(viewer, function) {
        text.push_str(&format!(" RETURNS {result}\n"));
    }
    text.push_str(&format!(" LANGUAGE {}\n", quote_identifier(&function.language)));
    let start = text.len();
    match function.volatility {
        catalog::Volatility::Immutable => text.push_str(" IMMUTABLE"),
        catalog::Volatility::Stable => text.push_str(" STABLE"),
        catalog::Volatility::Volatile => {}
    }
    for (is, words) in [
        (function.strict, " STRICT"),
        (function.security_definer, " SECURITY DEFINER"),
        (function.leakproof, " LEAKPROOF"),
    ] {
        if is {
            text.push_str(words);
        }
    }
    #[expect(clippy::float_cmp, reason = "a number as it was given")]
    let default_rows = function.rows == 1000.0;
    if function.returns_set && !default_rows {
        text.push_str(&format!(" ROWS {}", function.rows));
    }
    if text.len() > start {
        text.push('\n');
    }
    for (name, value) in function.written_settings() {
        text.push_str(&format!(" SET {} TO {}\n", quote_identifier(name), setting(name, value)));
    }
    let mut quote = "$".to_owned() + if procedure { "procedure" } else { "function" };
    while function.body.contains(&quote) {
        quote.push('x');
    }
    quote.push('$');
    text.push_str(&format!("AS {quote}{}{quote}\n", function.body));
    Ok(Some(text))
}

/// A setting's value: names of a list are identifiers, anything else is a literal.
fn setting(name: &str, value: &str) -> String {
    if name.eq_ignore_ascii_case("search_path") {
        let names = catalog::lookup::search_path_names(value);
        if value.trim().is_empty() || names.is_empty() {
            return "''".to_owned();
        }
        return names.iter().map(|name| quote_literal(name)).collect::<Vec<_>>().join(", ");
    }
    quote_literal(value)
}
