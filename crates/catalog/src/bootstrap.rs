//! What every database of Bedplate has from its first start: Supabase's roles, schemas and default privileges, and the tables
//! of accounts and files. The same PostgreSQL on both engines.
//!
//! To be run by a superuser, in this order: each of [`ROLES`] that is not there, each of [`EXTENSIONS`] that the server has
//! (after the schemas), each of [`SCRIPTS`] as its role (`SET ROLE`). A database that has the schemas `auth` and `storage`
//! already is adopted and never altered.

/// A role and the statement that makes it.
#[derive(Clone, Copy, Debug)]
pub struct BootstrapRole {
    /// Its name.
    pub name: &'static str,
    /// CREATE ROLE.
    pub create: &'static str,
}

/// A script and who runs it.
#[derive(Clone, Copy, Debug)]
pub struct Script {
    /// What it is about, for messages.
    pub name: &'static str,
    /// The role that runs it, which owns what it makes; `None` is the superuser itself.
    pub role: Option<&'static str>,
    /// Its statements.
    pub sql: &'static str,
}

const fn role(name: &'static str, create: &'static str) -> BootstrapRole {
    BootstrapRole { name, create }
}

/// The roles. `supabase_admin` is the superuser of a cluster that Bedplate makes.
pub const ROLES: &[BootstrapRole] = &[
    role(
        "supabase_admin",
        "create role supabase_admin superuser createdb createrole replication bypassrls login",
    ),
    role("postgres", "create role postgres createdb createrole replication bypassrls login"),
    role("anon", "create role anon nologin noinherit"),
    role("authenticated", "create role authenticated nologin noinherit"),
    role("service_role", "create role service_role nologin noinherit bypassrls"),
    role("authenticator", "create role authenticator login noinherit"),
    role("dashboard_user", "create role dashboard_user createdb createrole replication"),
    role("supabase_auth_admin", "create role supabase_auth_admin login noinherit createrole"),
    role("supabase_storage_admin", "create role supabase_storage_admin login noinherit createrole"),
    role("supabase_realtime_admin", "create role supabase_realtime_admin nologin noinherit"),
    role("supabase_read_only_user", "create role supabase_read_only_user login bypassrls"),
];

/// The scripts.
pub const SCRIPTS: &[Script] = &[
    Script { name: "roles", role: None, sql: include_str!("bootstrap/roles.sql") },
    Script { name: "schemas", role: None, sql: include_str!("bootstrap/schemas.sql") },
    Script { name: "auth", role: Some("supabase_auth_admin"), sql: include_str!("bootstrap/auth.sql") },
    Script {
        name: "storage",
        role: Some("supabase_storage_admin"),
        sql: include_str!("bootstrap/storage.sql"),
    },
];

/// The extensions that a project finds in schema `extensions`.
pub const EXTENSIONS: &[(&str, &str)] = &[
    ("uuid-ossp", "create extension if not exists \"uuid-ossp\" with schema extensions"),
    ("pgcrypto", "create extension if not exists pgcrypto with schema extensions"),
];
