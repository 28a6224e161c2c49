//! Rows into a catalog.

use super::acl::{acl, is_granted_explicitly};
use super::rows;
use super::rule::origins;
use catalog::{
    Cast, Catalog, Column, ColumnNumber, Constraint, ConstraintKind, DefaultObject, DefaultPrivileges,
    DomainCheck, EnumLabel, Extension, ForeignKey, Function, FunctionKind, Identity, Index, IndexElement,
    IndexKey, Membership, Oid, Parameter, Persistence, Policy, PolicyCommand, Publication, ReferentialAction,
    Relation, RelationKind, Role, Schema, Sequence, Trigger, Type, TypeKind, TypeRef, View, Volatility,
};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use syntax::ast::ParameterMode;

/// All that the queries answered.
#[derive(Default)]
pub(super) struct Rows {
    pub(super) roles: Vec<rows::Role>,
    pub(super) database_settings: Vec<rows::Entry>,
    pub(super) memberships: Vec<rows::Membership>,
    pub(super) schemas: Vec<rows::Schema>,
    pub(super) relations: Vec<rows::Relation>,
    pub(super) columns: Vec<rows::Column>,
    pub(super) constraints: Vec<rows::Constraint>,
    pub(super) indexes: Vec<rows::Index>,
    pub(super) policies: Vec<rows::Policy>,
    pub(super) triggers: Vec<rows::Trigger>,
    pub(super) types: Vec<rows::Type>,
    pub(super) functions: Vec<rows::Function>,
    pub(super) extensions: Vec<rows::Extension>,
    pub(super) publications: Vec<rows::Publication>,
    pub(super) casts: Vec<rows::Cast>,
    pub(super) default_privileges: Vec<rows::DefaultPrivileges>,
    pub(super) explicit_grants: Vec<rows::ExplicitGrant>,
}

/// The catalog that the rows describe.
pub(super) fn build(rows: Rows) -> Catalog {
    let mut catalog = Catalog::new();
    for row in rows.roles {
        catalog.put_role(role(row));
    }
    catalog.memberships = Arc::new(
        rows.memberships
            .into_iter()
            .map(|rows::Membership { role, member, admin }| Membership { role, member, admin })
            .collect(),
    );
    for rows::Schema { oid, name, owner, acl: access, comment } in rows.schemas {
        catalog.put_schema(Schema { oid, name, owner, acl: acl(access), comment });
    }
    catalog.settings =
        Arc::new(rows.database_settings.into_iter().filter_map(|row| split_setting(&row.entry)).collect());
    catalog.default_privileges =
        Arc::new(rows.default_privileges.into_iter().filter_map(default_privileges).collect());
    catalog.casts = Arc::new(
        rows.casts
            .into_iter()
            .map(|rows::Cast { source, target, function, implicit }| Cast {
                source,
                target,
                function,
                implicit,
            })
            .collect(),
    );
    let parts = Parts::new(rows.columns, rows.constraints, rows.policies, rows.triggers, &rows.relations);
    let explicit_grants = rows.explicit_grants.iter().map(|grant| grant.relation).collect();
    put_relations(&mut catalog, rows.relations, parts, &explicit_grants);
    for row in rows.indexes {
        catalog.put_index(index(row));
    }
    for row in rows.types {
        catalog.put_type(type_of(row));
    }
    for row in rows.functions {
        catalog.put_function(function(row));
    }
    for rows::Extension { oid, name, schema, owner, comment } in rows.extensions {
        catalog.extensions.insert(oid, Arc::new(Extension { oid, name, schema, owner, comment }));
    }
    for rows::Publication { oid, name, owner, all_tables, tables, comment } in rows.publications {
        let publication = Publication { oid, name, owner, all_tables, tables, comment };
        catalog.publications.insert(oid, Arc::new(publication));
    }
    catalog
}

fn role(row: rows::Role) -> Role {
    let rows::Role {
        oid,
        name,
        superuser,
        bypass_rls,
        inherit,
        login,
        create_role,
        create_db,
        comment,
        settings,
    } = row;
    let settings = settings.iter().filter_map(|entry| split_setting(entry)).collect();
    Role { oid, name, superuser, bypass_rls, inherit, login, create_role, create_db, settings, comment }
}

/// `name=value`
pub(super) fn split_setting(entry: &str) -> Option<(String, String)> {
    entry.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()))
}

fn default_privileges(row: rows::DefaultPrivileges) -> Option<DefaultPrivileges> {
    let object = match row.object {
        'r' => DefaultObject::Tables,
        'S' => DefaultObject::Sequences,
        'f' => DefaultObject::Functions,
        'T' => DefaultObject::Types,
        'n' => DefaultObject::Schemas,
        _ => return None,
    };
    Some(DefaultPrivileges {
        role: row.role,
        schema: row.schema,
        object,
        acl: acl(row.acl).unwrap_or_default(),
    })
}

/// What belongs to relations, by relation.
struct Parts {
    columns: HashMap<Oid, Vec<Column>>,
    constraints: HashMap<Oid, Vec<Constraint>>,
    policies: HashMap<Oid, Vec<Policy>>,
    triggers: HashMap<Oid, Vec<Trigger>>,
    /// For each view and column number: the relation and column that it is a plain reference to.
    origins: HashMap<(Oid, ColumnNumber), (Oid, ColumnNumber)>,
}

impl Parts {
    fn new(
        columns: Vec<rows::Column>,
        constraints: Vec<rows::Constraint>,
        policies: Vec<rows::Policy>,
        triggers: Vec<rows::Trigger>,
        relations: &[rows::Relation],
    ) -> Parts {
        let identities: HashMap<(Oid, ColumnNumber), Oid> = relations
            .iter()
            .filter_map(|relation| match relation.owned_by {
                Some((table, column, 'i')) => Some(((table, column), relation.oid)),
                _ => None,
            })
            .collect();
        let view_origins = relations.iter().flat_map(|relation| {
            let origins = relation.rule.as_deref().map(origins).unwrap_or_default();
            origins
                .into_iter()
                .map(|origin| ((relation.oid, origin.number), (origin.relation, origin.column)))
        });
        let mut parts = Parts {
            columns: HashMap::new(),
            constraints: HashMap::new(),
            policies: HashMap::new(),
            triggers: HashMap::new(),
            origins: view_origins.collect(),
        };
        for row in columns {
            let relation = row.relation;
            let sequence = identities.get(&(relation, row.number)).copied();
            parts.columns.entry(relation).or_default().push(column(row, sequence));
        }
        for row in constraints {
            let relation = row.relation;
            parts.constraints.entry(relation).or_default().extend(constraint(row));
        }
        for row in policies {
            let relation = row.relation;
            parts.policies.entry(relation).or_default().extend(policy(row));
        }
        for row in triggers {
            let relation = row.relation;
            parts.triggers.entry(relation).or_default().push(trigger(row));
        }
        parts
    }

    /// Follows views down to a table.
    fn origin(&self, relation: Oid, column: ColumnNumber) -> Option<(Oid, ColumnNumber)> {
        let mut found = *self.origins.get(&(relation, column))?;
        // Views cannot be in a circle, so this ends; the bound is for trees that are not what they seem.
        for _ in 0..self.origins.len() {
            match self.origins.get(&found) {
                Some(next) => found = *next,
                None => break,
            }
        }
        Some(found)
    }
}

fn put_relations(
    catalog: &mut Catalog,
    rows: Vec<rows::Relation>,
    mut parts: Parts,
    explicit_grants: &HashSet<Oid>,
) {
    for row in rows {
        let rows::Relation {
            oid,
            schema,
            name,
            kind,
            owner,
            row_type,
            column_count,
            row_security,
            force_row_security,
            acl: access,
            replica_identity,
            options,
            is_partition,
            unlogged,
            populated,
            comment,
            query,
            rule: _,
            changes,
            sequence,
            owned_by,
        } = row;
        let Some(kind) = relation_kind(kind) else { continue };
        let columns = parts.columns.remove(&oid).unwrap_or_default();
        let options: Vec<(String, Option<String>)> = options
            .unwrap_or_default()
            .iter()
            .filter_map(|entry| split_setting(entry))
            .map(|(k, v)| (k, Some(v)))
            .collect();
        let acl = acl(access);
        let view = query.map(|query| View {
            query: query.trim_end().trim_end_matches(';').trim_start().to_owned(),
            security_invoker: is_on(&options, "security_invoker"),
            security_barrier: is_on(&options, "security_barrier"),
            check_option: option(&options, "check_option")
                .map(|value| value.eq_ignore_ascii_case("cascaded")),
            origins: columns.iter().map(|column| parts.origin(oid, column.number)).collect(),
            insertable: changes & INSERT_EVENT != 0,
            updatable: changes & UPDATE_EVENT != 0,
            deletable: changes & DELETE_EVENT != 0,
        });
        let granted_explicitly = explicit_grants.contains(&oid)
            || is_granted_explicitly(&acl, &columns, schema, owner, &catalog.default_privileges);
        catalog.put_relation(Relation {
            oid,
            schema,
            name,
            kind,
            owner,
            row_type,
            columns,
            next_column: column_count.saturating_add(1),
            constraints: parts.constraints.remove(&oid).unwrap_or_default(),
            policies: parts.policies.remove(&oid).unwrap_or_default(),
            triggers: parts.triggers.remove(&oid).unwrap_or_default(),
            row_security,
            force_row_security,
            acl,
            granted_explicitly,
            view,
            sequence: sequence.map(|sequence| sequence_of(sequence, owned_by)),
            replica_identity: replica_identity_name(replica_identity).map(str::to_owned),
            options,
            comment,
            is_partition,
            persistence: if unlogged { Persistence::Unlogged } else { Persistence::Permanent },
            unpopulated: !populated,
        });
    }
}

/// The bits of `pg_relation_is_updatable`: one for each command type.
const UPDATE_EVENT: i32 = 1 << 2;
const INSERT_EVENT: i32 = 1 << 3;
const DELETE_EVENT: i32 = 1 << 4;

fn relation_kind(kind: char) -> Option<RelationKind> {
    Some(match kind {
        'r' => RelationKind::Table,
        'v' => RelationKind::View,
        'm' => RelationKind::MaterializedView,
        'S' => RelationKind::Sequence,
        'f' => RelationKind::ForeignTable,
        'p' => RelationKind::PartitionedTable,
        'c' => RelationKind::Composite,
        _ => return None,
    })
}

fn replica_identity_name(letter: char) -> Option<&'static str> {
    match letter {
        'n' => Some("nothing"),
        'f' => Some("full"),
        'i' => Some("index"),
        _ => None,
    }
}

fn option<'a>(options: &'a [(String, Option<String>)], name: &str) -> Option<&'a str> {
    options.iter().find(|(key, _)| key == name)?.1.as_deref()
}

fn is_on(options: &[(String, Option<String>)], name: &str) -> bool {
    option(options, name)
        .is_some_and(|value| matches!(value.to_ascii_lowercase().as_str(), "true" | "on" | "yes" | "1"))
}

fn sequence_of(row: rows::Sequence, owned_by: Option<(u32, i16, char)>) -> Sequence {
    let rows::Sequence { type_oid, start, increment, min, max, cache, cycle } = row;
    let owned_by = owned_by.map(|(table, column, _)| (table, column));
    Sequence { type_oid, start, increment, min, max, cache, cycle, owned_by }
}

fn column(row: rows::Column, identity_sequence: Option<Oid>) -> Column {
    let rows::Column {
        relation: _,
        number,
        name,
        type_oid,
        modifier,
        not_null,
        default,
        generated,
        identity,
        collation,
        acl: access,
        comment,
    } = row;
    let always = match identity.as_str() {
        "a" => Some(true),
        "d" => Some(false),
        _ => None,
    };
    Column {
        number,
        name,
        type_ref: TypeRef { oid: type_oid, modifier },
        not_null,
        default,
        generated: !generated.is_empty(),
        identity: always.map(|always| Identity { always, sequence: identity_sequence.unwrap_or(0) }),
        collation,
        acl: acl(access),
        comment,
    }
}

fn constraint(row: rows::Constraint) -> Option<Constraint> {
    if row.relation == 0 {
        // A domain's: it is with the type.
        return None;
    }
    let rows::Constraint {
        oid,
        name,
        kind,
        relation: _,
        deferrable,
        initially_deferred,
        validated,
        no_inherit,
        columns,
        index,
        referenced,
        referenced_columns,
        on_delete,
        on_update,
        r#match,
        set_columns,
        expression,
        nulls_not_distinct,
        comment,
    } = row;
    let columns = columns.unwrap_or_default();
    let kind = match kind {
        'c' => ConstraintKind::Check { expression: expression?, columns },
        'p' => ConstraintKind::PrimaryKey { columns, index },
        'u' => {
            ConstraintKind::Unique { columns, index, nulls_not_distinct: nulls_not_distinct.unwrap_or(false) }
        }
        'f' => ConstraintKind::ForeignKey(ForeignKey {
            columns,
            referenced,
            referenced_columns: referenced_columns.unwrap_or_default(),
            on_delete: referential_action(&on_delete),
            on_update: referential_action(&on_update),
            match_full: r#match == "f",
            set_columns: set_columns.unwrap_or_default(),
        }),
        _ => return None,
    };
    Some(Constraint { oid, name, kind, deferrable, initially_deferred, validated, comment, no_inherit })
}

fn referential_action(letter: &str) -> ReferentialAction {
    match letter {
        "r" => ReferentialAction::Restrict,
        "c" => ReferentialAction::Cascade,
        "n" => ReferentialAction::SetNull,
        "d" => ReferentialAction::SetDefault,
        _ => ReferentialAction::NoAction,
    }
}

fn index(row: rows::Index) -> Index {
    let rows::Index {
        oid,
        schema,
        name,
        table,
        unique,
        nulls_not_distinct,
        method,
        key_count,
        columns,
        elements,
        filter,
        constraint,
        comment,
    } = row;
    let element = |rows::IndexElement { column, expression, options, collation, operator_class }| {
        let options = options.unwrap_or(0);
        IndexElement {
            key: expression.map_or(IndexKey::Column(column), IndexKey::Expression),
            descending: options & 1 != 0,
            nulls_first: options & 2 != 0,
            collation,
            operator_class,
        }
    };
    Index {
        oid,
        schema,
        name,
        table,
        unique,
        nulls_not_distinct: nulls_not_distinct.unwrap_or(false),
        method,
        elements: elements.into_iter().map(element).collect(),
        include: columns.into_iter().skip(key_count).collect(),
        filter,
        constraint,
        comment,
    }
}

fn policy(row: rows::Policy) -> Option<Policy> {
    let rows::Policy { oid, name, relation: _, permissive, command, roles, using, check, comment } = row;
    let command = match command {
        '*' => PolicyCommand::All,
        'r' => PolicyCommand::Select,
        'a' => PolicyCommand::Insert,
        'w' => PolicyCommand::Update,
        'd' => PolicyCommand::Delete,
        _ => return None,
    };
    Some(Policy { oid, name, permissive, command, roles, using, check, comment })
}

fn trigger(row: rows::Trigger) -> Trigger {
    let rows::Trigger {
        oid,
        name,
        relation: _,
        kind,
        update_columns,
        function,
        args,
        constraint,
        deferrable,
        initially_deferred,
        old_table,
        new_table,
        enabled,
        definition,
        comment,
    } = row;
    let timing = match kind {
        kind if kind & 64 != 0 => "INSTEAD OF",
        kind if kind & 2 != 0 => "BEFORE",
        _ => "AFTER",
    };
    Trigger {
        oid,
        name,
        timing: timing.to_owned(),
        on_insert: kind & 4 != 0,
        on_delete: kind & 8 != 0,
        on_update: kind & 16 != 0,
        on_truncate: kind & 32 != 0,
        update_columns,
        for_each_row: kind & 1 != 0,
        when: definition.as_deref().and_then(when_clause),
        function,
        args: trigger_args(&args),
        constraint,
        deferrable,
        initially_deferred,
        old_table,
        new_table,
        enabled: enabled != 'D',
        comment,
    }
}

/// The condition of a trigger's definition: PostgreSQL prints a WHEN only within the whole.
fn when_clause(definition: &str) -> Option<String> {
    let (_, rest) = definition.split_once(" WHEN (")?;
    let (condition, _) = rest.rsplit_once(") EXECUTE FUNCTION ")?;
    Some(condition.to_owned())
}

/// Each argument ends with a zero byte.
fn trigger_args(hex: &str) -> Vec<String> {
    let bytes: Vec<u8> = (0..hex.len() / 2)
        .filter_map(|at| hex.get(2 * at..2 * at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok()))
        .collect();
    let mut args: Vec<String> =
        bytes.split(|byte| *byte == 0).map(|arg| String::from_utf8_lossy(arg).into_owned()).collect();
    args.pop();
    args
}

/// The distance between the numbers of two labels, as the embedded engine gives them.
const LABEL_GAP: i64 = 65_536;

fn type_of(row: rows::Type) -> Type {
    let rows::Type {
        oid,
        schema,
        name,
        owner,
        kind,
        category,
        element,
        array,
        relation,
        base,
        modifier,
        not_null,
        default,
        acl: access,
        labels,
        checks,
        comment,
    } = row;
    let kind = match kind {
        'e' => TypeKind::Enum {
            labels: (1..)
                .zip(labels.unwrap_or_default())
                .map(|(at, label)| EnumLabel { ordinal: at * LABEL_GAP, label, uncommitted: false })
                .collect(),
        },
        'd' => TypeKind::Domain {
            base: TypeRef { oid: base, modifier },
            not_null,
            default,
            checks: checks
                .unwrap_or_default()
                .into_iter()
                .map(|(name, expression, validated)| DomainCheck { name, expression, validated })
                .collect(),
        },
        'c' => TypeKind::Composite { relation },
        _ if category == 'A' && element != 0 => TypeKind::Array { element },
        _ => TypeKind::Other { category },
    };
    Type { oid, schema, name, owner, kind, array, acl: acl(access), comment }
}

fn function(row: rows::Function) -> Function {
    let parameters = parameters(&row);
    let rows::Function {
        oid,
        schema,
        name,
        owner,
        kind,
        input_types: _,
        all_types: _,
        modes: _,
        names: _,
        defaults: _,
        returns,
        returns_set,
        language,
        body,
        volatility,
        strict,
        security_definer,
        leakproof,
        rows,
        settings,
        acl: access,
        comment,
        extension,
    } = row;
    Function {
        oid,
        schema,
        name,
        owner,
        kind: match kind {
            'p' => FunctionKind::Procedure,
            'a' => FunctionKind::Aggregate,
            'w' => FunctionKind::Window,
            _ => FunctionKind::Function,
        },
        parameters,
        returns: TypeRef { oid: returns, modifier: -1 },
        returns_set,
        language,
        body: body.unwrap_or_default(),
        volatility: match volatility {
            'i' => Volatility::Immutable,
            's' => Volatility::Stable,
            _ => Volatility::Volatile,
        },
        strict,
        security_definer,
        leakproof,
        rows,
        settings: settings.iter().filter_map(|entry| split_setting(entry)).collect(),
        form: catalog::BodyForm::Text,
        acl: acl(access),
        comment,
        extension,
    }
}

fn parameters(row: &rows::Function) -> Vec<Parameter> {
    let types = row.all_types.as_ref().unwrap_or(&row.input_types);
    let parameter = |(at, type_oid): (usize, &Oid)| Parameter {
        name: row.names.as_ref().and_then(|names| names.get(at)).filter(|name| !name.is_empty()).cloned(),
        mode: match row.modes.as_ref().and_then(|modes| modes.get(at)) {
            Some('o') => ParameterMode::Out,
            Some('b') => ParameterMode::InOut,
            Some('v') => ParameterMode::Variadic,
            Some('t') => ParameterMode::Table,
            _ => ParameterMode::In,
        },
        type_ref: TypeRef { oid: *type_oid, modifier: -1 },
        default: row.defaults.as_ref().and_then(|defaults| defaults.get(at)).cloned().flatten(),
    };
    types.iter().enumerate().map(parameter).collect()
}
