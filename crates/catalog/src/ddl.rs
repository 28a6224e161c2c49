//! Definition statements applied to a catalog, with PostgreSQL's checks, names and errors.
//!
//! [`apply`] is a function of values: the old catalog and the statement give the new catalog and what the engine has to do to
//! its storage. Nothing is half done: on an error there is no new catalog.

mod alter_table;
mod alter_type;
mod analyzer;
mod change;
mod column;
mod comment;
mod constraint;
mod context;
mod dependency;
mod describe;
mod drop;
mod extension;
mod foreign_key;
mod function;
mod grant;
mod index;
mod naming;
mod owned;
mod owner;
mod policy;
mod publication;
mod rename;
mod rewrite;
mod schema;
mod sequence;
mod storage_parameter;
mod table;
mod table_as;
mod temporary;
mod trigger;
mod truncate;
mod user_type;
mod view;
mod walk;

pub use analyzer::{
    Analyzed, AnalyzedQuery, Analyzer, ExpressionKind, ExpressionRequest, QueryColumn, Scope, Target,
};
pub use change::PhysicalChange;
pub use temporary::{end_of_transaction, without_schemas};

use crate::lookup::SearchPath;
use crate::{Catalog, Oid};
use context::Ddl;
use sqlstate::{DatabaseError, Result};
use syntax::ast::{ObjectKind, Statement};

/// Who runs a definition statement, and how it resolves names.
#[derive(Clone)]
pub struct DdlSession<'a> {
    /// current_user
    pub role: Oid,
    /// session_user
    pub session_role: Oid,
    /// Resolved for `role`.
    pub search_path: SearchPath,
    /// The name of the session's temporary schema, whether it is there yet or not.
    pub temporary_schema: &'a str,
    /// The setting check_function_bodies.
    pub check_function_bodies: bool,
    /// The compiler.
    pub analyzer: &'a dyn Analyzer,
}

/// A definition statement's effect.
#[derive(Clone, Debug)]
pub struct Applied {
    /// The database's contents from now on.
    pub catalog: Catalog,
    /// What to do to storage, in order.
    pub changes: Vec<PhysicalChange>,
    /// The command tag: "CREATE TABLE".
    pub tag: &'static str,
    /// What PostgreSQL says beside it.
    pub notices: Vec<Notice>,
    /// What of the statement was accepted and has no effect on the embedded engine, for `check` (rule 15).
    pub no_effect: Option<String>,
}

/// NOTICE or WARNING.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    /// "NOTICE" or "WARNING".
    pub severity: &'static str,
    /// Code, message, detail and hint.
    pub text: DatabaseError,
}

/// Applies a definition statement.
pub fn apply(catalog: &Catalog, statement: &Statement, session: &DdlSession<'_>) -> Result<Applied> {
    let mut ddl = Ddl {
        catalog: catalog.clone(),
        session: session.clone(),
        changes: Vec::new(),
        notices: Vec::new(),
        no_effect: Vec::new(),
        altering: false,
        extension: None,
    };
    ddl.run(statement)?;
    let Ddl { catalog, session: _, changes, notices, no_effect, altering: _, extension: _ } = ddl;
    let no_effect = (!no_effect.is_empty()).then(|| no_effect.join("; "));
    Ok(Applied { catalog, changes, tag: tag(statement), notices, no_effect })
}

impl Ddl<'_> {
    fn run(&mut self, statement: &Statement) -> Result<()> {
        match statement {
            Statement::CreateTable(table) => self.create_table(table),
            Statement::CreateTableAs { .. } => self.create_table_as(statement),
            Statement::RefreshMaterializedView { name, concurrently, with_data } => {
                self.refresh_materialized_view(name, *concurrently, *with_data)
            }
            Statement::AlterTable(alter) => self.alter_table(alter),
            Statement::Rename(rename) => self.rename(rename),
            Statement::SetSchema { kind, name, if_exists, schema } => {
                self.set_schema(*kind, name, *if_exists, schema)
            }
            Statement::OwnerTo { kind, name, if_exists, owner } => {
                self.owner_to(*kind, name, *if_exists, owner)
            }
            Statement::CreateIndex(index) => self.create_index(index),
            Statement::CreateView(view) => self.create_view(view),
            Statement::CreateSequence { name, if_not_exists, temporary, options } => {
                self.create_sequence(name, *if_not_exists, *temporary, options)
            }
            Statement::AlterSequence { name, if_exists, options } => {
                self.alter_sequence(name, *if_exists, options)
            }
            Statement::CreateEnum { name, labels } => self.create_enum(name, labels),
            Statement::CreateComposite { name, columns } => self.create_composite(name, columns),
            Statement::AlterEnumAdd { name, label, if_not_exists, place } => {
                self.add_enum_value(name, label, *if_not_exists, place)
            }
            Statement::AlterEnumRename { name, from, to } => self.rename_enum_value(name, from, to),
            Statement::CreateDomain { name, type_name, collation, default, constraints } => {
                self.create_domain(name, type_name, collation.as_ref(), default.as_ref(), constraints)
            }
            Statement::AlterDomain { name, action } => self.alter_domain(name, action),
            Statement::CreateSchema { name, if_not_exists, owner, elements } => {
                self.create_schema(name.as_deref(), *if_not_exists, owner.as_ref(), elements)
            }
            Statement::CreateExtension { name, if_not_exists, schema, position: _ } => {
                self.create_extension(name, *if_not_exists, schema.as_deref())
            }
            Statement::CreateFunction(function) => self.create_function(function),
            Statement::AlterFunction { kind, name, options } => self.alter_function(*kind, name, options),
            Statement::CreateTrigger(trigger) => self.create_trigger(trigger),
            Statement::CreatePolicy(policy) => self.create_policy(policy),
            Statement::AlterPolicy { name, table, roles, using, check } => {
                self.alter_policy(name, table, roles.as_deref(), using.as_ref(), check.as_ref())
            }
            Statement::CreateRole { name, options, login } => self.create_role(name, options, *login),
            Statement::AlterRole { role, options } => self.alter_role(role, options),
            Statement::AlterRoleSet { role, database, setting } => {
                self.alter_role_set(role.as_ref(), database.as_ref(), setting)
            }
            Statement::AlterDatabaseSet { database: _, setting } => self.alter_database_set(setting),
            Statement::Grant(grant) => self.grant(grant),
            Statement::GrantRole { grant, roles, members, admin_option, cascade: _, group: _ } => {
                self.grant_role(*grant, roles, members, *admin_option)
            }
            Statement::AlterDefaultPrivileges { roles, schemas, grant } => {
                self.alter_default_privileges(roles, schemas, grant)
            }
            Statement::Comment { kind, name, text } => self.comment(*kind, name, text.as_deref()),
            Statement::Drop(drop) => self.drop_objects(drop),
            Statement::Truncate { tables, restart_identity, cascade } => {
                self.truncate(tables, *restart_identity, *cascade)
            }
            Statement::Publication(publication) => self.change_publication(publication),
            Statement::DropOwned { roles, cascade } => self.drop_owned(roles, *cascade),
            Statement::ReassignOwned { roles, to } => self.reassign_owned(roles, to),
            Statement::Maintenance { verb, .. } => {
                self.without_effect(*verb);
                Ok(())
            }
            Statement::Unsupported { what, position } => Err(DatabaseError::unsupported(what).at(*position)),
            Statement::Select(_)
            | Statement::Insert(_)
            | Statement::Update(_)
            | Statement::Delete(_)
            | Statement::Merge(_)
            | Statement::Explain { .. }
            | Statement::Do { .. }
            | Statement::Set(_)
            | Statement::Show(_)
            | Statement::Transaction(_)
            | Statement::SetConstraints { .. }
            | Statement::Lock { .. }
            | Statement::Notify { .. }
            | Statement::Listen { .. }
            | Statement::Copy(_)
            | Statement::Session(_)
            | Statement::Call(_) => Err(DatabaseError::internal("no definition statement")),
        }
    }
}

/// The command tag of a definition statement.
pub fn tag(statement: &Statement) -> &'static str {
    match statement {
        Statement::CreateTable(_) => "CREATE TABLE",
        Statement::CreateTableAs { materialized: true, .. } => "CREATE MATERIALIZED VIEW",
        Statement::CreateTableAs { .. } => "CREATE TABLE AS",
        Statement::RefreshMaterializedView { .. } => "REFRESH MATERIALIZED VIEW",
        Statement::AlterTable(alter) => alter_tag(alter.kind),
        Statement::Rename(rename) => match rename.kind {
            ObjectKind::Column | ObjectKind::Constraint => alter_tag(rename.of),
            kind => alter_tag(kind),
        },
        Statement::SetSchema { kind, .. } | Statement::OwnerTo { kind, .. } => alter_tag(*kind),
        Statement::CreateIndex(_) => "CREATE INDEX",
        Statement::CreateView(_) => "CREATE VIEW",
        Statement::CreateSequence { .. } => "CREATE SEQUENCE",
        Statement::AlterSequence { .. } => "ALTER SEQUENCE",
        Statement::CreateEnum { .. } | Statement::CreateComposite { .. } => "CREATE TYPE",
        Statement::AlterEnumAdd { .. } | Statement::AlterEnumRename { .. } => "ALTER TYPE",
        Statement::CreateDomain { .. } => "CREATE DOMAIN",
        Statement::AlterDomain { .. } => "ALTER DOMAIN",
        Statement::CreateSchema { .. } => "CREATE SCHEMA",
        Statement::CreateExtension { .. } => "CREATE EXTENSION",
        Statement::CreateFunction(function) if function.procedure => "CREATE PROCEDURE",
        Statement::CreateFunction(_) => "CREATE FUNCTION",
        Statement::AlterFunction { kind, .. } => alter_tag(*kind),
        Statement::CreateTrigger(_) => "CREATE TRIGGER",
        Statement::CreatePolicy(_) => "CREATE POLICY",
        Statement::AlterPolicy { .. } => "ALTER POLICY",
        Statement::CreateRole { .. } => "CREATE ROLE",
        Statement::AlterRole { .. } | Statement::AlterRoleSet { .. } => "ALTER ROLE",
        Statement::AlterDatabaseSet { .. } => "ALTER DATABASE",
        Statement::Grant(grant) if grant.grant => "GRANT",
        Statement::Grant(_) => "REVOKE",
        Statement::GrantRole { group: true, .. } => "ALTER ROLE",
        Statement::GrantRole { grant: true, .. } => "GRANT ROLE",
        Statement::GrantRole { grant: false, .. } => "REVOKE ROLE",
        Statement::AlterDefaultPrivileges { .. } => "ALTER DEFAULT PRIVILEGES",
        Statement::Comment { .. } => "COMMENT",
        Statement::Drop(drop) => drop_tag(drop.kind),
        Statement::Truncate { .. } => "TRUNCATE TABLE",
        Statement::Publication(syntax::ast::Publication::Create { .. }) => "CREATE PUBLICATION",
        Statement::Publication(_) => "ALTER PUBLICATION",
        Statement::DropOwned { .. } => "DROP OWNED",
        Statement::ReassignOwned { .. } => "REASSIGN OWNED",
        Statement::Maintenance { verb, .. } => verb,
        Statement::Unsupported { .. }
        | Statement::Select(_)
        | Statement::Insert(_)
        | Statement::Update(_)
        | Statement::Delete(_)
        | Statement::Merge(_)
        | Statement::Explain { .. }
        | Statement::Do { .. }
        | Statement::Set(_)
        | Statement::Show(_)
        | Statement::Transaction(_)
        | Statement::SetConstraints { .. }
        | Statement::Lock { .. }
        | Statement::Notify { .. }
        | Statement::Listen { .. }
        | Statement::Copy(_)
        | Statement::Session(_)
        | Statement::Call(_) => "",
    }
}

macro_rules! object_tags {
    ($name:ident, $verb:literal) => {
        fn $name(kind: ObjectKind) -> &'static str {
            match kind {
                ObjectKind::Table | ObjectKind::Column | ObjectKind::Constraint => concat!($verb, " TABLE"),
                ObjectKind::Index => concat!($verb, " INDEX"),
                ObjectKind::Sequence => concat!($verb, " SEQUENCE"),
                ObjectKind::View => concat!($verb, " VIEW"),
                ObjectKind::MaterializedView => concat!($verb, " MATERIALIZED VIEW"),
                ObjectKind::Type => concat!($verb, " TYPE"),
                ObjectKind::Domain | ObjectKind::DomainConstraint => concat!($verb, " DOMAIN"),
                ObjectKind::Schema => concat!($verb, " SCHEMA"),
                ObjectKind::Function => concat!($verb, " FUNCTION"),
                ObjectKind::Procedure => concat!($verb, " PROCEDURE"),
                ObjectKind::Routine => concat!($verb, " ROUTINE"),
                ObjectKind::Aggregate => concat!($verb, " AGGREGATE"),
                ObjectKind::Trigger => concat!($verb, " TRIGGER"),
                ObjectKind::Policy => concat!($verb, " POLICY"),
                ObjectKind::Role => concat!($verb, " ROLE"),
                ObjectKind::Extension => concat!($verb, " EXTENSION"),
                ObjectKind::Publication => concat!($verb, " PUBLICATION"),
                ObjectKind::Database => concat!($verb, " DATABASE"),
                ObjectKind::Operator => concat!($verb, " OPERATOR"),
                ObjectKind::Cast => concat!($verb, " CAST"),
                ObjectKind::Collation => concat!($verb, " COLLATION"),
                ObjectKind::Rule => concat!($verb, " RULE"),
                ObjectKind::EventTrigger => concat!($verb, " EVENT TRIGGER"),
                ObjectKind::Language => concat!($verb, " LANGUAGE"),
                ObjectKind::Other => $verb,
            }
        }
    };
}

object_tags!(alter_tag, "ALTER");
object_tags!(drop_tag, "DROP");
