//! What is asked of the system catalogs: each query answers one JSON object a row, read into a struct of `rows`.
//!
//! They run on PostgreSQL 14 and later. A column that only later versions have is read from the row as JSON, where an
//! absent one is NULL.

/// Schemas whose objects are PostgreSQL's own or temporary.
macro_rules! user_schemas {
    () => {
        "(SELECT oid FROM pg_namespace WHERE nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') \
         AND nspname NOT LIKE 'pg\\_temp\\_%' AND nspname NOT LIKE 'pg\\_toast\\_temp\\_%')"
    };
}

/// An access control list as [[grantee, grantor, privilege, grantable], …].
macro_rules! acl {
    ($column:literal) => {
        concat!(
            "(CASE WHEN ",
            $column,
            " IS NOT NULL THEN (SELECT coalesce(json_agg(json_build_array(grantee::int8, grantor::int8, ",
            "privilege_type, is_grantable)), '[]') FROM aclexplode(",
            $column,
            ")) END)"
        )
    };
}

macro_rules! rows {
    ($($part:expr),+ $(,)?) => {
        concat!("SELECT row_to_json(x) FROM (", $($part),+, ") AS x")
    };
}

pub(super) const ROLES: &str = rows!(
    "SELECT oid::int8, rolname AS name, rolsuper AS superuser, rolbypassrls AS bypass_rls, rolinherit AS inherit, ",
    "rolcanlogin AS login, rolcreaterole AS create_role, rolcreatedb AS create_db, ",
    "shobj_description(oid, 'pg_authid') AS comment, ",
    "(SELECT coalesce(json_agg(entry ORDER BY s.setdatabase, at), '[]') FROM pg_db_role_setting s, ",
    "unnest(s.setconfig) WITH ORDINALITY AS c (entry, at) WHERE s.setrole = r.oid AND s.setdatabase IN (0, ",
    "(SELECT d.oid FROM pg_database d WHERE d.datname = current_database()))) AS settings FROM pg_roles r ORDER BY oid",
);

/// The settings that any role may change: those of a role that are not among them need more rights than its sessions have.
pub(super) const USER_SETTINGS: &str = rows!("SELECT name FROM pg_settings WHERE context = 'user'");

pub(super) const DATABASE_SETTINGS: &str = rows!(
    "SELECT entry FROM pg_db_role_setting s, unnest(s.setconfig) WITH ORDINALITY AS c (entry, at) ",
    "WHERE s.setrole = 0 AND s.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database())) ",
    "ORDER BY s.setdatabase, at",
);

pub(super) const MEMBERSHIPS: &str = rows!(
    "SELECT DISTINCT roleid::int8 AS role, member::int8, bool_or(admin_option) AS admin FROM pg_auth_members ",
    "GROUP BY roleid, member ORDER BY 1, 2",
);

pub(super) const SCHEMAS: &str = rows!(
    "SELECT oid::int8, nspname AS name, nspowner::int8 AS owner, ",
    acl!("nspacl"),
    " AS acl, ",
    "obj_description(oid, 'pg_namespace') AS comment FROM pg_namespace ",
    "WHERE oid IN ",
    user_schemas!(),
    " OR nspname IN ('pg_catalog', 'information_schema') ORDER BY oid",
);

pub(super) const RELATIONS: &str = rows!(
    "SELECT c.oid::int8, c.relnamespace::int8 AS schema, c.relname AS name, c.relkind AS kind, ",
    "c.relowner::int8 AS owner, c.reltype::int8 AS row_type, c.relnatts AS column_count, ",
    "c.relrowsecurity AS row_security, c.relforcerowsecurity AS force_row_security, ",
    acl!("c.relacl"),
    " AS acl, ",
    "c.relreplident AS replica_identity, c.reloptions AS options, c.relispartition AS is_partition, ",
    "c.relpersistence = 'u' AS unlogged, c.relispopulated AS populated, ",
    "obj_description(c.oid, 'pg_class') AS comment, ",
    "CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END AS query, ",
    "CASE WHEN c.relkind IN ('v', 'm') THEN (SELECT w.ev_action::text FROM pg_rewrite w ",
    "WHERE w.ev_class = c.oid AND w.ev_type = '1' AND w.is_instead) END AS rule, ",
    "CASE WHEN c.relkind IN ('v', 'f') THEN pg_relation_is_updatable(c.oid, true) ELSE 0 END AS changes, ",
    "(SELECT row_to_json(s) FROM (SELECT seqtypid::int8 AS type_oid, seqstart AS start, seqincrement AS increment, ",
    "seqmin AS min, seqmax AS max, seqcache AS cache, seqcycle AS cycle FROM pg_sequence WHERE seqrelid = c.oid) s) ",
    "AS sequence, ",
    "CASE WHEN c.relkind = 'S' THEN (SELECT json_build_array(d.refobjid::int8, d.refobjsubid, d.deptype) ",
    "FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.objsubid = 0 ",
    "AND d.refclassid = 'pg_class'::regclass AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i') LIMIT 1) END AS owned_by ",
    "FROM pg_class c WHERE c.relkind IN ('r', 'v', 'm', 'S', 'f', 'p', 'c') AND c.relpersistence <> 't' ",
    "AND c.relnamespace IN ",
    user_schemas!(),
    " ORDER BY c.oid",
);

pub(super) const COLUMNS: &str = rows!(
    "SELECT a.attrelid::int8 AS relation, a.attnum AS number, a.attname AS name, a.atttypid::int8 AS type_oid, ",
    "a.atttypmod AS modifier, a.attnotnull AS not_null, pg_get_expr(d.adbin, d.adrelid) AS default, ",
    "a.attgenerated AS generated, a.attidentity AS identity, ",
    "CASE WHEN a.attcollation <> t.typcollation THEN (SELECT collname FROM pg_collation WHERE oid = a.attcollation) ",
    "END AS collation, ",
    acl!("a.attacl"),
    " AS acl, col_description(a.attrelid, a.attnum) AS comment ",
    "FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_type t ON t.oid = a.atttypid ",
    "LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum ",
    "WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'v', 'm', 'f', 'p', 'c') ",
    "AND c.relpersistence <> 't' AND c.relnamespace IN ",
    user_schemas!(),
    " ORDER BY a.attrelid, a.attnum",
);

pub(super) const CONSTRAINTS: &str = rows!(
    "SELECT k.oid::int8, k.conname AS name, k.contype AS kind, k.conrelid::int8 AS relation, ",
    "k.contypid::int8 AS domain, k.condeferrable AS deferrable, k.condeferred AS initially_deferred, ",
    "k.convalidated AS validated, k.contype = 'c' AND k.connoinherit AS no_inherit, ",
    "k.conkey AS columns, k.conindid::int8 AS index, k.confrelid::int8 AS referenced, ",
    "k.confkey AS referenced_columns, k.confdeltype AS on_delete, k.confupdtype AS on_update, ",
    "k.confmatchtype AS match, to_jsonb(k) -> 'confdelsetcols' AS set_columns, ",
    "CASE WHEN k.contype = 'c' THEN pg_get_expr(k.conbin, k.conrelid) END AS expression, ",
    "CASE WHEN k.contype = 'u' THEN (SELECT to_jsonb(i) ->> 'indnullsnotdistinct' = 'true' FROM pg_index i ",
    "WHERE i.indexrelid = k.conindid) END AS nulls_not_distinct, obj_description(k.oid, 'pg_constraint') AS comment ",
    "FROM pg_constraint k WHERE k.contype IN ('c', 'p', 'u', 'f') AND k.connamespace IN ",
    user_schemas!(),
    " ORDER BY k.oid",
);

pub(super) const INDEXES: &str = rows!(
    "SELECT c.oid::int8, c.relnamespace::int8 AS schema, c.relname AS name, i.indrelid::int8 AS table, ",
    "i.indisunique AS unique, to_jsonb(i) ->> 'indnullsnotdistinct' = 'true' AS nulls_not_distinct, ",
    "m.amname AS method, i.indnkeyatts AS key_count, i.indkey::int2[] AS columns, ",
    "(SELECT json_agg(json_build_object('column', i.indkey[n - 1], ",
    "'expression', CASE WHEN i.indkey[n - 1] = 0 THEN pg_get_indexdef(c.oid, n, false) END, ",
    "'options', i.indoption[n - 1], ",
    "'collation', (SELECT l.collname FROM pg_collation l, pg_attribute a WHERE l.oid = i.indcollation[n - 1] ",
    "AND a.attrelid = c.oid AND a.attnum = n AND l.oid <> coalesce((SELECT b.attcollation FROM pg_attribute b ",
    "WHERE b.attrelid = i.indrelid AND b.attnum = i.indkey[n - 1] AND b.attnum > 0), ",
    "(SELECT t.typcollation FROM pg_type t WHERE t.oid = a.atttypid))), ",
    "'operator_class', (SELECT o.opcname FROM pg_opclass o WHERE o.oid = i.indclass[n - 1] AND NOT o.opcdefault)) ",
    "ORDER BY n) FROM generate_series(1, i.indnkeyatts) AS n) AS elements, ",
    "pg_get_expr(i.indpred, i.indrelid) AS filter, ",
    "(SELECT k.oid::int8 FROM pg_constraint k WHERE k.conindid = c.oid AND k.contype IN ('p', 'u', 'x') LIMIT 1) ",
    "AS constraint, obj_description(c.oid, 'pg_class') AS comment ",
    "FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am m ON m.oid = c.relam ",
    "WHERE c.relpersistence <> 't' AND c.relnamespace IN ",
    user_schemas!(),
    " ORDER BY c.oid",
);

pub(super) const POLICIES: &str = rows!(
    "SELECT oid::int8, polname AS name, polrelid::int8 AS relation, polpermissive AS permissive, polcmd AS command, ",
    "polroles::int8[] AS roles, pg_get_expr(polqual, polrelid) AS using, ",
    "pg_get_expr(polwithcheck, polrelid) AS check, obj_description(oid, 'pg_policy') AS comment ",
    "FROM pg_policy ORDER BY polrelid, polname",
);

pub(super) const TRIGGERS: &str = rows!(
    "SELECT t.oid::int8, t.tgname AS name, t.tgrelid::int8 AS relation, t.tgtype AS kind, ",
    "t.tgattr::int2[] AS update_columns, t.tgfoid::int8 AS function, encode(t.tgargs, 'hex') AS args, ",
    "t.tgconstraint <> 0 AS constraint, t.tgdeferrable AS deferrable, t.tginitdeferred AS initially_deferred, ",
    "t.tgoldtable AS old_table, t.tgnewtable AS new_table, t.tgenabled AS enabled, ",
    "CASE WHEN t.tgqual IS NOT NULL THEN pg_get_triggerdef(t.oid) END AS definition, ",
    "obj_description(t.oid, 'pg_trigger') AS comment ",
    "FROM pg_trigger t WHERE NOT t.tgisinternal ORDER BY t.tgrelid, t.tgname",
);

pub(super) const TYPES: &str = rows!(
    "SELECT t.oid::int8, t.typnamespace::int8 AS schema, t.typname AS name, t.typowner::int8 AS owner, ",
    "t.typtype AS kind, t.typcategory AS category, t.typelem::int8 AS element, t.typarray::int8 AS array, ",
    "t.typrelid::int8 AS relation, t.typbasetype::int8 AS base, t.typtypmod AS modifier, t.typnotnull AS not_null, ",
    "t.typdefault AS default, ",
    acl!("t.typacl"),
    " AS acl, ",
    "(SELECT json_agg(e.enumlabel ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid) AS labels, ",
    "CASE WHEN t.typtype = 'd' THEN (SELECT json_agg(json_build_array(k.conname, pg_get_expr(k.conbin, 0), ",
    "k.convalidated) ORDER BY k.conname) FROM pg_constraint k WHERE k.contypid = t.oid AND k.contype = 'c') END ",
    "AS checks, obj_description(t.oid, 'pg_type') AS comment ",
    "FROM pg_type t LEFT JOIN pg_class c ON c.oid = t.typrelid ",
    "WHERE t.typnamespace IN ",
    user_schemas!(),
    " AND c.relpersistence IS DISTINCT FROM 't' ",
    "AND c.relkind IS DISTINCT FROM 'S' ORDER BY t.oid",
);

pub(super) const FUNCTIONS: &str = rows!(
    "SELECT p.oid::int8, p.pronamespace::int8 AS schema, p.proname AS name, p.proowner::int8 AS owner, ",
    "p.prokind AS kind, p.proargtypes::int8[] AS input_types, p.proallargtypes::int8[] AS all_types, ",
    "p.proargmodes AS modes, p.proargnames AS names, ",
    "CASE WHEN p.pronargdefaults > 0 THEN (SELECT json_agg(pg_get_function_arg_default(p.oid, n) ORDER BY n) ",
    "FROM generate_series(1, coalesce(array_length(p.proallargtypes, 1), p.pronargs)) AS n) END AS defaults, ",
    "p.prorettype::int8 AS returns, p.proretset AS returns_set, l.lanname AS language, ",
    "coalesce(pg_get_function_sqlbody(p.oid), p.prosrc) AS body, p.provolatile AS volatility, ",
    "p.proisstrict AS strict, p.prosecdef AS security_definer, p.proleakproof AS leakproof, p.prorows AS rows, ",
    "coalesce(p.proconfig, '{}') AS settings, ",
    acl!("p.proacl"),
    " AS acl, ",
    "obj_description(p.oid, 'pg_proc') AS comment, (SELECT e.extname FROM pg_depend d JOIN pg_extension e ",
    "ON e.oid = d.refobjid WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid ",
    "AND d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e') AS extension ",
    "FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang WHERE p.pronamespace IN ",
    user_schemas!(),
    " ORDER BY p.oid",
);

pub(super) const EXTENSIONS: &str = rows!(
    "SELECT oid::int8, extname AS name, extnamespace::int8 AS schema, extowner::int8 AS owner, ",
    "obj_description(oid, 'pg_extension') AS comment FROM pg_extension ORDER BY oid",
);

pub(super) const PUBLICATIONS: &str = rows!(
    "SELECT p.oid::int8, p.pubname AS name, p.pubowner::int8 AS owner, p.puballtables AS all_tables, ",
    "(SELECT coalesce(json_agg(r.prrelid::int8 ORDER BY r.prrelid), '[]') FROM pg_publication_rel r ",
    "WHERE r.prpubid = p.oid) AS tables, obj_description(p.oid, 'pg_publication') AS comment ",
    "FROM pg_publication p ORDER BY p.oid",
);

pub(super) const CASTS: &str = rows!(
    "SELECT c.castsource::int8 AS source, c.casttarget::int8 AS target, c.castfunc::int8 AS function, ",
    "c.castcontext = 'i' AS implicit FROM pg_cast c JOIN pg_proc p ON p.oid = c.castfunc ",
    "WHERE c.castmethod = 'f' AND p.pronamespace IN ",
    user_schemas!(),
    " ORDER BY c.oid",
);

pub(super) const DEFAULT_PRIVILEGES: &str = rows!(
    "SELECT defaclrole::int8 AS role, nullif(defaclnamespace, 0)::int8 AS schema, defaclobjtype AS object, ",
    acl!("defaclacl"),
    " AS acl FROM pg_default_acl ORDER BY oid",
);

/// What the event trigger of private clusters wrote down.
pub(super) const EXPLICIT_GRANTS: &str = rows!("SELECT relation::int8 FROM bedplate.explicit_grants");
