//! The database from the port down.

mod conversation;
mod fault;
mod foundation;
mod plans;
mod support;
mod work;

use crate::connection::Connection;
use crate::database::{EmbeddedDatabase, Options};
use crate::records;
use ::database::{Database, Outcome, Session, Statement, SystemPrivilege, Value, Work};
use catalog::{
    Catalog, Column, Constraint, ConstraintKind, Index, IndexElement, IndexKey, Relation, RelationKind, Role,
    Schema, TypeRef,
};
use sqlstate::Result;

/// The operator's session.
fn operator() -> Session {
    Session::operator(SystemPrivilege::i_am_the_operator())
}

/// A catalog made by hand: role `postgres`, schema `public`, table `t (id integer primary key, v text)`.
fn small_catalog() -> Catalog {
    let mut catalog = Catalog::new();
    catalog.put_role(Role {
        oid: 10,
        name: "postgres".to_owned(),
        superuser: true,
        bypass_rls: true,
        inherit: true,
        login: true,
        create_role: true,
        create_db: true,
        comment: None,
        settings: Vec::new(),
    });
    let pg_catalog = catalog::builtin::PG_CATALOG;
    catalog.put_schema(Schema {
        oid: pg_catalog,
        name: "pg_catalog".to_owned(),
        owner: 10,
        acl: None,
        comment: None,
    });
    catalog.put_schema(Schema { oid: 2200, name: "public".to_owned(), owner: 10, acl: None, comment: None });
    let column = |number, name: &str, oid, not_null| Column {
        number,
        name: name.to_owned(),
        type_ref: TypeRef { oid, modifier: -1 },
        not_null,
        default: None,
        generated: false,
        identity: None,
        collation: None,
        acl: None,
        comment: None,
    };
    catalog.put_relation(Relation {
        oid: 16_400,
        schema: 2200,
        name: "t".to_owned(),
        kind: RelationKind::Table,
        owner: 10,
        row_type: 16_402,
        columns: vec![column(1, "id", datum::oid::INT4, true), column(2, "v", datum::oid::TEXT, false)],
        next_column: 3,
        constraints: vec![Constraint {
            oid: 16_403,
            name: "t_pkey".to_owned(),
            kind: ConstraintKind::PrimaryKey { columns: vec![1], index: 16_404 },
            deferrable: false,
            initially_deferred: false,
            validated: true,
            comment: None,
            no_inherit: false,
        }],
        policies: Vec::new(),
        triggers: Vec::new(),
        row_security: false,
        force_row_security: false,
        acl: None,
        granted_explicitly: false,
        view: None,
        sequence: None,
        replica_identity: None,
        options: Vec::new(),
        comment: None,
        is_partition: false,
        persistence: catalog::Persistence::Permanent,
        unpopulated: false,
    });
    catalog.put_index(Index {
        oid: 16_404,
        schema: 2200,
        name: "t_pkey".to_owned(),
        table: 16_400,
        unique: true,
        nulls_not_distinct: false,
        method: "btree".to_owned(),
        elements: vec![IndexElement {
            key: IndexKey::Column(1),
            descending: false,
            nulls_first: false,
            collation: None,
            operator_class: None,
        }],
        include: Vec::new(),
        filter: None,
        constraint: Some(16_403),
        comment: None,
    });
    catalog
}

/// Puts the small catalog into a new file, with its table.
fn prepare(connection: &Connection) -> Result<()> {
    let catalog = small_catalog();
    records::save(connection, &Catalog::default(), &catalog)?;
    for relation in catalog.relations.values() {
        connection.engine(&compile::storage::create_table(&catalog, relation, "public.t")?).unwrap();
    }
    for index in catalog.indexes.values() {
        connection.engine(&compile::storage::create_index(&catalog, index)?.unwrap()).unwrap();
    }
    Ok(())
}

fn open(options: Options) -> EmbeddedDatabase {
    EmbeddedDatabase::open_with(options, &prepare).unwrap()
}

async fn run(database: &EmbeddedDatabase, text: &str, parameters: Vec<Value>) -> Result<Outcome> {
    let work = Work::one(Statement::with(text, parameters));
    Ok(database.run(&operator(), work).await?.pop().unwrap())
}

/// The rows of a statement.
async fn rows(database: &EmbeddedDatabase, text: &str) -> Vec<Vec<Value>> {
    run(database, text, vec![]).await.unwrap().result.rows
}
