//! Against a real cluster, started by this crate.

#![expect(clippy::unwrap_used, reason = "tests")]

use crate::{DATABASE, PostgresDatabase, PrivateCluster};
use database::{Database, Session, Statement, SystemPrivilege, Value, Work};

struct Fixture {
    database: PostgresDatabase,
    cluster: PrivateCluster,
}

async fn fixture() -> Fixture {
    let cluster = PrivateCluster::start_ephemeral(&|_| {}).await.unwrap();
    let database = PostgresDatabase::connect(cluster.config("postgres", DATABASE)).await.unwrap();
    Fixture { database, cluster }
}

fn operator() -> Session {
    Session::operator(SystemPrivilege::i_am_the_operator())
}

#[tokio::test]
async fn values() {
    let Fixture { database, cluster } = fixture().await;
    let outcomes = database.run(&operator(), Work::one(Statement::new(
        "select true b, 1::int2 i2, 2 i4, 3::int8 i8, 1.5::float8 f8, 0.1::real f4, '\\x00ff'::bytea y, 'x' t, 1.50::numeric(5,2) n, null::int z, int4range(1,3) r, '2020-01-01'::timestamptz ts"))).await.unwrap();
    let result = &outcomes[0].result;
    let names: Vec<&str> = result.columns.iter().map(|c| &*c.type_name).collect();
    assert_eq!(
        names,
        [
            "boolean",
            "smallint",
            "integer",
            "bigint",
            "double precision",
            "real",
            "bytea",
            "text",
            "numeric(5,2)",
            "integer",
            "int4range",
            "timestamp with time zone"
        ]
    );
    assert_eq!(
        result.rows,
        [vec![
            Value::Bool(true),
            Value::Int(1),
            Value::Int(2),
            Value::Int(3),
            Value::Float(1.5),
            Value::Float(0.1f32.into()),
            Value::Bytes([0, 255].into()),
            "x".into(),
            "1.50".into(),
            Value::Null,
            "[1,3)".into(),
            "2020-01-01 00:00:00+00".into(),
        ]]
    );
    drop(database);
    cluster.stop().await.unwrap();
}
