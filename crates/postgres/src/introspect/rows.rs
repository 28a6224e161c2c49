//! The rows that the queries answer.

use serde::Deserialize;

/// grantee, grantor, privilege, grantable
pub(super) type AclRow = (u32, u32, String, bool);

#[derive(Deserialize)]
pub(super) struct Role {
    pub(super) oid: u32,
    pub(super) name: String,
    pub(super) superuser: bool,
    pub(super) bypass_rls: bool,
    pub(super) inherit: bool,
    pub(super) login: bool,
    pub(super) create_role: bool,
    pub(super) create_db: bool,
    pub(super) comment: Option<String>,
    pub(super) settings: Vec<String>,
}

#[derive(Deserialize)]
pub(super) struct Name {
    pub(super) name: String,
}

#[derive(Deserialize)]
pub(super) struct Entry {
    pub(super) entry: String,
}

#[derive(Deserialize)]
pub(super) struct Membership {
    pub(super) role: u32,
    pub(super) member: u32,
    pub(super) admin: bool,
}

#[derive(Deserialize)]
pub(super) struct Schema {
    pub(super) oid: u32,
    pub(super) name: String,
    pub(super) owner: u32,
    pub(super) acl: Option<Vec<AclRow>>,
    pub(super) comment: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Relation {
    pub(super) oid: u32,
    pub(super) schema: u32,
    pub(super) name: String,
    pub(super) kind: char,
    pub(super) owner: u32,
    pub(super) row_type: u32,
    pub(super) column_count: i16,
    pub(super) row_security: bool,
    pub(super) force_row_security: bool,
    pub(super) acl: Option<Vec<AclRow>>,
    pub(super) replica_identity: char,
    pub(super) options: Option<Vec<String>>,
    pub(super) is_partition: bool,
    pub(super) unlogged: bool,
    pub(super) populated: bool,
    pub(super) comment: Option<String>,
    pub(super) query: Option<String>,
    pub(super) rule: Option<String>,
    /// The events that it takes: bits numbered as PostgreSQL's command types.
    pub(super) changes: i32,
    pub(super) sequence: Option<Sequence>,
    /// table, column, kind of dependency
    pub(super) owned_by: Option<(u32, i16, char)>,
}

#[derive(Deserialize)]
pub(super) struct Sequence {
    pub(super) type_oid: u32,
    pub(super) start: i64,
    pub(super) increment: i64,
    pub(super) min: i64,
    pub(super) max: i64,
    pub(super) cache: i64,
    pub(super) cycle: bool,
}

#[derive(Deserialize)]
pub(super) struct Column {
    pub(super) relation: u32,
    pub(super) number: i16,
    pub(super) name: String,
    pub(super) type_oid: u32,
    pub(super) modifier: i32,
    pub(super) not_null: bool,
    pub(super) default: Option<String>,
    pub(super) generated: String,
    pub(super) identity: String,
    pub(super) collation: Option<String>,
    pub(super) acl: Option<Vec<AclRow>>,
    pub(super) comment: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Constraint {
    pub(super) oid: u32,
    pub(super) name: String,
    pub(super) kind: char,
    pub(super) relation: u32,
    pub(super) deferrable: bool,
    pub(super) initially_deferred: bool,
    pub(super) validated: bool,
    pub(super) no_inherit: bool,
    pub(super) columns: Option<Vec<i16>>,
    pub(super) index: u32,
    pub(super) referenced: u32,
    pub(super) referenced_columns: Option<Vec<i16>>,
    pub(super) on_delete: String,
    pub(super) on_update: String,
    pub(super) r#match: String,
    pub(super) set_columns: Option<Vec<i16>>,
    pub(super) expression: Option<String>,
    pub(super) nulls_not_distinct: Option<bool>,
    pub(super) comment: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Index {
    pub(super) oid: u32,
    pub(super) schema: u32,
    pub(super) name: String,
    pub(super) table: u32,
    pub(super) unique: bool,
    pub(super) nulls_not_distinct: Option<bool>,
    pub(super) method: String,
    pub(super) key_count: usize,
    pub(super) columns: Vec<i16>,
    pub(super) elements: Vec<IndexElement>,
    pub(super) filter: Option<String>,
    pub(super) constraint: Option<u32>,
    pub(super) comment: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct IndexElement {
    pub(super) column: i16,
    pub(super) expression: Option<String>,
    pub(super) options: Option<i16>,
    pub(super) collation: Option<String>,
    pub(super) operator_class: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Policy {
    pub(super) oid: u32,
    pub(super) name: String,
    pub(super) relation: u32,
    pub(super) permissive: bool,
    pub(super) command: char,
    pub(super) roles: Vec<u32>,
    pub(super) using: Option<String>,
    pub(super) check: Option<String>,
    pub(super) comment: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Trigger {
    pub(super) oid: u32,
    pub(super) name: String,
    pub(super) relation: u32,
    pub(super) kind: i16,
    pub(super) update_columns: Vec<i16>,
    pub(super) function: u32,
    pub(super) args: String,
    pub(super) constraint: bool,
    pub(super) deferrable: bool,
    pub(super) initially_deferred: bool,
    pub(super) old_table: Option<String>,
    pub(super) new_table: Option<String>,
    pub(super) enabled: char,
    pub(super) definition: Option<String>,
    pub(super) comment: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Type {
    pub(super) oid: u32,
    pub(super) schema: u32,
    pub(super) name: String,
    pub(super) owner: u32,
    pub(super) kind: char,
    pub(super) category: char,
    pub(super) element: u32,
    pub(super) array: u32,
    pub(super) relation: u32,
    pub(super) base: u32,
    pub(super) modifier: i32,
    pub(super) not_null: bool,
    pub(super) default: Option<String>,
    pub(super) acl: Option<Vec<AclRow>>,
    pub(super) labels: Option<Vec<String>>,
    /// name, expression, validated
    pub(super) checks: Option<Vec<(String, String, bool)>>,
    pub(super) comment: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Function {
    pub(super) oid: u32,
    pub(super) schema: u32,
    pub(super) name: String,
    pub(super) owner: u32,
    pub(super) kind: char,
    pub(super) input_types: Vec<u32>,
    pub(super) all_types: Option<Vec<u32>>,
    pub(super) modes: Option<Vec<char>>,
    pub(super) names: Option<Vec<String>>,
    pub(super) defaults: Option<Vec<Option<String>>>,
    pub(super) returns: u32,
    pub(super) returns_set: bool,
    pub(super) language: String,
    pub(super) body: Option<String>,
    pub(super) volatility: char,
    pub(super) strict: bool,
    pub(super) security_definer: bool,
    pub(super) leakproof: bool,
    pub(super) rows: f32,
    pub(super) settings: Vec<String>,
    pub(super) acl: Option<Vec<AclRow>>,
    pub(super) comment: Option<String>,
    pub(super) extension: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Extension {
    pub(super) oid: u32,
    pub(super) name: String,
    pub(super) schema: u32,
    pub(super) owner: u32,
    pub(super) comment: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Publication {
    pub(super) oid: u32,
    pub(super) name: String,
    pub(super) owner: u32,
    pub(super) all_tables: bool,
    pub(super) tables: Vec<u32>,
    pub(super) comment: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Cast {
    pub(super) source: u32,
    pub(super) target: u32,
    pub(super) function: u32,
    pub(super) implicit: bool,
}

#[derive(Deserialize)]
pub(super) struct DefaultPrivileges {
    pub(super) role: u32,
    pub(super) schema: Option<u32>,
    pub(super) object: char,
    pub(super) acl: Option<Vec<AclRow>>,
}

#[derive(Deserialize)]
pub(super) struct ExplicitGrant {
    pub(super) relation: u32,
}
