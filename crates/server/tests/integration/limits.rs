//! Rate limits that nodes share, on both engines.

use database::{Database, DatabaseError, Session, Statement, SystemPrivilege, Value, Work};
use limits::{Bucket, Limiter, Shared};
use std::sync::Arc;
use std::time::Duration;
use testkit::TestPostgres;

/// A token every ten seconds, thirty at once.
const BUCKET: Bucket = Bucket { name: "sign_ups", limit: 30, per: Duration::from_secs(300), burst: 30 };

/// A token every tenth of a second, two at once.
const QUICK: Bucket = Bucket { name: "quick", limit: 10, per: Duration::from_secs(1), burst: 2 };

fn node(database: &Arc<dyn Database>) -> Shared {
    let session = Session::feature(SystemPrivilege::i_am_the_operator(), "supabase_auth_admin");
    Shared::new(Arc::clone(database), session, &[7; 32])
}

async fn rows(database: &Arc<dyn Database>, query: &str) -> Vec<Vec<Value>> {
    let operator = Session::operator(SystemPrivilege::i_am_the_operator());
    let outcomes = database.run(&operator, Work::one(Statement::new(query))).await.expect("rows");
    outcomes.into_iter().next().expect("an outcome").result.rows
}

async fn on_both_engines<F: Future<Output = ()>>(test: impl Fn(Arc<dyn Database>) -> F) {
    let embedded = testkit::embedded().await.expect("an embedded database");
    server::system::upgrade(&*embedded).await.expect("our tables");
    test(embedded).await;
    let postgres = TestPostgres::start().await.expect("a PostgreSQL");
    let database = postgres.database().await.expect("a database");
    server::system::upgrade(&*database).await.expect("our tables");
    test(Arc::clone(&database)).await;
    database.close().await.expect("an end");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_nodes_share_a_bucket_of_which_a_hundred_at_once_get_exactly_the_burst() {
    on_both_engines(|database| async move {
        let nodes = [Arc::new(node(&database)), Arc::new(node(&database))];
        let takes: Vec<_> = (0..100)
            .map(|number| {
                let node = Arc::clone(&nodes[number % 2]);
                tokio::spawn(async move { node.take(&BUCKET, "address:192.0.2.1").await })
            })
            .collect();
        let mut allowed = 0;
        for take in takes {
            let decision = take.await.expect("a task").expect("a decision");
            allowed += u32::from(decision.allowed);
            if !decision.allowed {
                assert_eq!(decision.remaining, 0);
                assert!(
                    decision.retry_after > Duration::ZERO && decision.retry_after <= Duration::from_secs(10)
                );
            }
        }
        assert_eq!(allowed, 30, "{:?}", database.engine());
        let other = nodes[0].take(&BUCKET, "address:192.0.2.2").await.expect("a decision");
        assert_eq!((other.allowed, other.remaining), (true, 29));
        let other = nodes[1].take(&Bucket { name: "other", ..BUCKET }, "address:192.0.2.1").await;
        assert!(other.expect("a decision").allowed);
    })
    .await;
}

#[tokio::test]
async fn a_bucket_fills_again() {
    on_both_engines(|database| async move {
        let node = node(&database);
        let mut refused = None;
        for _ in 0..50 {
            let decision = node.take(&QUICK, "a").await.expect("a decision");
            if !decision.allowed {
                refused = Some(decision);
                break;
            }
        }
        let refused = refused.expect("two at once and then one in a tenth of a second");
        assert!(refused.retry_after <= Duration::from_millis(100), "{refused:?}");
        tokio::time::sleep(refused.retry_after + Duration::from_millis(20)).await;
        assert!(node.take(&QUICK, "a").await.expect("a decision").allowed);
    })
    .await;
}

#[tokio::test]
async fn the_table_holds_no_address_and_forgets_what_is_full() {
    on_both_engines(|database| async move {
        let node = node(&database);
        node.take(&BUCKET, &limits::account_key("ann@example.com")).await.expect("a decision");
        let stored = rows(&database, "select key, encode(key, 'escape') from bedplate.rate_limits").await;
        assert_eq!(stored.len(), 1);
        assert!(!format!("{stored:?}").contains("ann"), "{stored:?}");
        let operator = Session::operator(SystemPrivilege::i_am_the_operator());
        let past = "update bedplate.rate_limits set full_at = now() - interval '1 second'";
        database.run(&operator, Work::one(Statement::new(past))).await.expect("an update");
        for number in 0..1100 {
            node.take(&BUCKET, &format!("address:{number}")).await.expect("a decision");
        }
        let count = "select count(*) from bedplate.rate_limits where full_at <= now()";
        for _ in 0..200 {
            if rows(&database, count).await == [[Value::Int(0)]] {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("the full bucket is still kept on {:?}", database.engine());
    })
    .await;
}

#[tokio::test]
async fn who_was_refused_does_not_reach_the_database_again() {
    on_both_engines(|database| async move {
        let node = node(&database);
        while node.take(&BUCKET, "a").await.expect("a decision").allowed {}
        // Were the database asked, it would allow it now.
        let operator = Session::operator(SystemPrivilege::i_am_the_operator());
        let emptied =
            database.run(&operator, Work::one(Statement::new("delete from bedplate.rate_limits"))).await;
        emptied.expect("no rows");
        let refused = node.take(&BUCKET, "a").await.expect("a decision");
        assert!(!refused.allowed && refused.retry_after <= Duration::from_secs(10), "{refused:?}");
        assert!(node.take(&BUCKET, "b").await.expect("a decision").allowed);
    })
    .await;
}

#[tokio::test]
async fn a_database_that_fails_allows_nothing() {
    let embedded = testkit::embedded().await.expect("an embedded database");
    // Without our tables.
    let failed: Result<limits::Decision, DatabaseError> = node(&embedded).take(&BUCKET, "a").await;
    assert!(failed.is_err());
}
