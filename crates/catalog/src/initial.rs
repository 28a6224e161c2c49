//! What a database contains before anybody made anything in it: what initdb leaves.

use crate::builtin::{INFORMATION_SCHEMA, PG_CATALOG, PUBLIC_SCHEMA};
use crate::privileges::PUBLIC;
use crate::{AclItem, Catalog, Extension, Oid, Privileges, Role, Schema};

/// The bootstrap superuser's OID.
pub const BOOTSTRAP_ROLE: Oid = 10;
/// The bootstrap superuser's name, as on Supabase. `postgres`, as whom migrations run, is an ordinary role beside it.
pub const BOOTSTRAP_ROLE_NAME: &str = "supabase_admin";

/// The role that may read everything, whose members have SELECT on all relations.
pub(crate) const PG_READ_ALL_DATA: Oid = 6181;
/// The role that may write everything.
pub(crate) const PG_WRITE_ALL_DATA: Oid = 6182;

const PREDEFINED_ROLES: [(Oid, &str); 12] = [
    (3373, "pg_monitor"),
    (3374, "pg_read_all_settings"),
    (3375, "pg_read_all_stats"),
    (3377, "pg_stat_scan_tables"),
    (4200, "pg_signal_backend"),
    (4544, "pg_checkpoint"),
    (4569, "pg_read_server_files"),
    (4570, "pg_write_server_files"),
    (4571, "pg_execute_server_program"),
    (6171, "pg_database_owner"),
    (PG_READ_ALL_DATA, "pg_read_all_data"),
    (PG_WRITE_ALL_DATA, "pg_write_all_data"),
];

impl Catalog {
    /// The catalog of a new database: the superuser, PostgreSQL's own roles and schemas, `public` and plpgsql.
    pub fn initial() -> Catalog {
        let mut catalog = Catalog::new();
        catalog.put_role(Role {
            superuser: true,
            bypass_rls: true,
            login: true,
            create_role: true,
            create_db: true,
            ..plain_role(BOOTSTRAP_ROLE, BOOTSTRAP_ROLE_NAME)
        });
        for (oid, name) in PREDEFINED_ROLES {
            catalog.put_role(plain_role(oid, name));
        }
        let schemas = [
            (PG_CATALOG, "pg_catalog", "system catalog schema"),
            (INFORMATION_SCHEMA, "information_schema", ""),
            (PUBLIC_SCHEMA, "public", "standard public schema"),
        ];
        for (oid, name, comment) in schemas {
            let item = |grantee, privileges| AclItem {
                grantee,
                grantor: BOOTSTRAP_ROLE,
                privileges,
                grantable: Privileges::NONE,
            };
            let acl = vec![item(BOOTSTRAP_ROLE, Privileges::SCHEMA), item(PUBLIC, Privileges::USAGE)];
            catalog.put_schema(Schema {
                oid,
                name: name.to_owned(),
                owner: BOOTSTRAP_ROLE,
                acl: Some(acl),
                comment: Some(comment.to_owned()).filter(|comment| !comment.is_empty()),
            });
        }
        let oid = 13_559;
        let plpgsql = Extension {
            oid,
            name: "plpgsql".to_owned(),
            schema: PG_CATALOG,
            owner: BOOTSTRAP_ROLE,
            comment: Some("PL/pgSQL procedural language".to_owned()),
        };
        catalog.extensions.insert(oid, plpgsql.into());
        catalog
    }
}

fn plain_role(oid: Oid, name: &str) -> Role {
    Role {
        oid,
        name: name.to_owned(),
        superuser: false,
        bypass_rls: false,
        inherit: true,
        login: false,
        create_role: false,
        create_db: false,
        settings: Vec::new(),
        comment: None,
    }
}
