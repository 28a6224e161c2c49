//! The queue of jobs, on both engines.

use async_trait::async_trait;
use database::{Database, End, Outcome, Session, Statement, SystemPrivilege, Value, Work};
use jobs::{
    Claimed, Failure, Handler, Job, JobId, Observation, Observer, Retry, Runner, Settings, State, Waker,
};
use serde_json::json;
use server::serve::Stop;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use testkit::TestPostgres;
use tokio::task::JoinHandle;

/// Does what the payload says, and remembers what it ran.
#[derive(Default)]
struct Worker {
    runs: Mutex<Vec<(JobId, u32)>>,
    retry: Option<Retry>,
}

#[async_trait]
impl Handler for Worker {
    async fn run(&self, job: &Claimed) -> Result<(), Failure> {
        self.runs.lock().expect("the runs").push((job.id, job.attempt));
        if let Some(milliseconds) = job.payload["sleep"].as_u64() {
            tokio::time::sleep(Duration::from_millis(milliseconds)).await;
        }
        match job.payload["do"].as_str().unwrap_or("") {
            "fail" => Err(Failure::Transient("not\nnow".into())),
            "refuse" => Err(Failure::Permanent("never".into())),
            "panic" => panic!("as the test wants it"),
            _ => Ok(()),
        }
    }

    fn time_limit(&self) -> Duration {
        Duration::from_secs(20)
    }

    fn retry(&self) -> Retry {
        self.retry.unwrap_or(Retry {
            most_attempts: 3,
            first_pause: Duration::from_millis(10),
            longest_pause: Duration::from_millis(20),
        })
    }
}

impl Worker {
    fn runs_of(&self, id: JobId) -> Vec<u32> {
        let runs = self.runs.lock().expect("the runs");
        runs.iter().filter(|(ran, _)| *ran == id).map(|(_, attempt)| *attempt).collect()
    }
}

/// Remembers the names of what happened.
#[derive(Default)]
struct Seen(Mutex<Vec<String>>);

impl Observer for Seen {
    fn observe(&self, observation: &Observation<'_>) {
        let name = format!("{observation:?}");
        let name = name.split([' ', '(']).next().unwrap_or_default().to_owned();
        self.0.lock().expect("what was seen").push(name);
    }
}

impl Seen {
    fn count(&self, name: &str) -> usize {
        self.0.lock().expect("what was seen").iter().filter(|seen| *seen == name).count()
    }
}

fn settings() -> Settings {
    Settings {
        most_at_once: 4,
        look_every: Duration::from_millis(50),
        lease: Duration::from_millis(2000),
        keep_done: Duration::from_secs(60),
        patience: Duration::from_millis(300),
    }
}

struct Node {
    stop: Stop,
    waker: Waker,
    worker: Arc<Worker>,
    seen: Arc<Seen>,
    task: JoinHandle<()>,
}

impl Node {
    fn start(database: &Arc<dyn Database>, settings: Settings) -> Node {
        let (worker, seen, waker) =
            (Arc::new(Worker::default()), Arc::new(Seen::default()), Waker::default());
        let runner = Runner::new(Arc::clone(database), seen.clone(), settings)
            .handling("work", worker.clone())
            .woken_by(waker.clone());
        let (stop, stopped) = Stop::new();
        Node { stop, waker, worker, seen, task: tokio::spawn(runner.run(stopped)) }
    }

    async fn stop(self) -> (Arc<Worker>, Arc<Seen>) {
        self.stop.stop();
        self.task.await.expect("an end");
        (self.worker, self.seen)
    }

    /// As if its process was killed.
    async fn kill(self) {
        self.task.abort();
        let _ = self.task.await;
    }
}

fn operator() -> Session {
    Session::operator(SystemPrivilege::i_am_the_operator())
}

/// The accounts' own role, which queues mail.
fn accounts() -> Session {
    Session::feature(SystemPrivilege::i_am_the_operator(), "supabase_auth_admin")
}

async fn run(database: &Arc<dyn Database>, work: Work) -> Vec<Outcome> {
    database.run(&operator(), work).await.expect("an answer")
}

async fn queue(database: &Arc<dyn Database>, payload: serde_json::Value) -> JobId {
    let job = Job::new("work", payload);
    database.run(&accounts(), Work::one(job.statement())).await.expect("queued");
    job.id
}

/// State, attempts, payload and last error of a job.
async fn row(database: &Arc<dyn Database>, id: JobId) -> Option<(String, i64, String, String)> {
    let text = "select state, attempts, payload::text, last_error from bedplate.jobs where id = $1::uuid";
    let outcomes = run(database, Work::one(Statement::with(text, [Value::from(id.to_string())]))).await;
    let row = outcomes.first()?.result.rows.first()?.clone();
    let text = |at: usize| row[at].as_str().unwrap_or_default().to_owned();
    Some((text(0), row[1].as_int().expect("a number"), text(2), text(3)))
}

async fn state(database: &Arc<dyn Database>, id: JobId) -> String {
    row(database, id).await.map_or_else(|| "none".to_owned(), |(state, ..)| state)
}

#[track_caller]
fn until(begun: Instant, what: &str) {
    assert!(begun.elapsed() < Duration::from_secs(30), "{what} does not happen");
}

async fn wait_for(database: &Arc<dyn Database>, id: JobId, wanted: &str) {
    let begun = Instant::now();
    while state(database, id).await != wanted {
        until(begun, wanted);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn fresh(database: Arc<dyn Database>) -> Arc<dyn Database> {
    server::system::upgrade(&*database).await.expect("our tables");
    run(&database, Work::one(Statement::new("create table public.cause (id integer primary key)"))).await;
    run(&database, Work::one(Statement::new("grant all on public.cause to supabase_auth_admin"))).await;
    database
}

/// A job is committed with its cause, or is not.
async fn commits_with_its_cause(database: &Arc<dyn Database>) {
    let cause = |id: i64| Statement::with("insert into public.cause values ($1)", [Value::Int(id)]);
    let committed = Job::new("work", json!({}));
    let session = accounts();
    database.run(&session, Work::all([committed.statement(), cause(1)])).await.expect("committed");
    // The cause fails after its job was queued.
    let failed = Job::new("work", json!({}));
    let refused = database.run(&session, Work::all([failed.statement(), cause(1)])).await;
    assert_eq!(refused.expect_err("a refusal").code(), sqlstate::UNIQUE_VIOLATION);
    // The whole is rolled back.
    let rolled_back = Job::new("work", json!({}));
    let work = Work { end: End::Rollback, ..Work::all([cause(2), rolled_back.statement()]) };
    database.run(&session, work).await.expect("rolled back");
    for (job, expected) in [(committed.id, "waiting"), (failed.id, "none"), (rolled_back.id, "none")] {
        assert_eq!(state(database, job).await, expected);
    }
    // Whoever queues may not look, change or delete.
    for text in [
        "select * from bedplate.jobs",
        "delete from bedplate.jobs",
        "update bedplate.jobs set attempts = 0",
        "select * from bedplate.secrets",
        "select * from bedplate.inbox",
    ] {
        let refused = database.run(&session, Work::one(Statement::new(text))).await;
        assert_eq!(refused.expect_err(text).code(), sqlstate::INSUFFICIENT_PRIVILEGE, "{text}");
    }
    for role in ["anon", "authenticated", "service_role"] {
        let refused =
            database.run(&Session::new(role), Work::one(Job::new("work", json!({})).statement())).await;
        assert_eq!(refused.expect_err(role).code(), sqlstate::INSUFFICIENT_PRIVILEGE, "{role}");
    }
}

/// Success, retries, death, and the operator's say.
async fn runs_are_settled(database: &Arc<dyn Database>) {
    let node = Node::start(database, settings());
    let done = queue(database, json!({"secret": "hush"})).await;
    node.waker.wake();
    wait_for(database, done, "done").await;
    let (_, attempts, payload, error) = row(database, done).await.expect("a row");
    // What is done keeps its identifier, and nothing that was in it.
    assert_eq!((attempts, payload.as_str(), error.as_str()), (1, "null", ""));
    let again = Job::new("work", json!({})).with_id(done);
    run(database, Work::one(again.statement())).await;

    let failing = queue(database, json!({"do": "fail"})).await;
    let refused = queue(database, json!({"do": "refuse"})).await;
    let panicking = queue(database, json!({"do": "panic"})).await;
    for id in [failing, refused, panicking] {
        wait_for(database, id, "dead").await;
    }
    assert_eq!(node.worker.runs_of(done), [1], "one effect per identifier");
    assert_eq!(node.worker.runs_of(failing), [1, 2, 3]);
    assert_eq!(node.worker.runs_of(refused), [1]);
    assert_eq!(node.worker.runs_of(panicking), [1, 2, 3]);
    let (_, attempts, payload, error) = row(database, failing).await.expect("a row");
    assert_eq!((attempts, error.as_str()), (3, "not now"));
    assert!(payload.contains("fail"), "a dead letter is kept whole: {payload}");

    // Not before its time, and not without a handler.
    let later = Job::new("work", json!({})).with_delay(3600);
    let unknown = Job::new("of_a_newer_release", json!({}));
    run(database, Work::all([later.statement(), unknown.statement()])).await;

    let dead = run(database, Work::one(jobs::list(Some(State::Dead), 10))).await;
    assert_eq!(jobs::entries(&dead[0]).len(), 3);
    // With another outcome it succeeds.
    let text = "update bedplate.jobs set payload = '{}' where id = $1::uuid";
    run(database, Work::one(Statement::with(text, [Value::from(failing.to_string())]))).await;
    let retried = run(database, Work::one(jobs::retry(failing))).await;
    assert_eq!(retried[0].affected, 1);
    wait_for(database, failing, "done").await;
    assert_eq!(node.worker.runs_of(failing), [1, 2, 3, 1]);
    for (statement, affected) in [
        (jobs::delete(refused), 1),
        (jobs::delete(refused), 0),
        (jobs::retry(done), 0),
        (jobs::retry(JobId::new()), 0),
    ] {
        assert_eq!(run(database, Work::one(statement)).await[0].affected, affected);
    }
    for id in [later.id, unknown.id] {
        assert_eq!(state(database, id).await, "waiting");
    }
    let (_, seen) = node.stop().await;
    assert_eq!((seen.count("Failed"), seen.count("Dead"), seen.count("Unreachable")), (4, 3, 0));
}

/// Rows of done jobs go after their time.
async fn done_rows_go(database: &Arc<dyn Database>) {
    let node = Node::start(database, Settings { keep_done: Duration::from_millis(10), ..settings() });
    let id = queue(database, json!({})).await;
    wait_for(database, id, "none").await;
    assert_eq!(node.stop().await.0.runs_of(id), [1]);
}

/// Who lost its lease settles nothing, and whose process died loses it.
async fn leases_end(database: &Arc<dyn Database>) {
    let first = Node::start(database, settings());
    let id = queue(database, json!({"sleep": 60_000})).await;
    wait_for(database, id, "running").await;
    // As long as it runs, the lease is renewed.
    tokio::time::sleep(settings().lease * 2).await;
    let second = Node::start(database, settings());
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(first.worker.runs_of(id), [1]);
    assert!(second.worker.runs_of(id).is_empty());
    first.kill().await;
    let begun = Instant::now();
    while second.worker.runs_of(id).is_empty() {
        until(begun, "taking it up");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(second.worker.runs_of(id), [2]);
    // Another has it now: this one must not settle it.
    let taken = "update bedplate.jobs set lease = '01938f6e-0000-7000-8000-00000000000a', due_at = now() + interval '1 hour' \
                 where id = $1::uuid";
    run(database, Work::one(Statement::with(taken, [Value::from(id.to_string())]))).await;
    let begun = Instant::now();
    while second.seen.count("LeaseLost") == 0 {
        until(begun, "noticing the loss");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(state(database, id).await, "running");
    second.stop().await;
    assert_eq!(state(database, id).await, "running");
    // The only owner of a database takes up what its predecessor left.
    let runner = Runner::new(Arc::clone(database), Arc::new(Seen::default()), settings());
    assert_eq!(runner.take_up_abandoned().await.expect("taken up"), 1);
    run(
        database,
        Work::one(Statement::with(
            "update bedplate.jobs set payload = '{}' where id = $1::uuid",
            [Value::from(id.to_string())],
        )),
    )
    .await;
    let third = Node::start(database, settings());
    wait_for(database, id, "done").await;
    third.stop().await;
}

/// Whoever queued a job wakes the node; it does not wait for its next look.
async fn a_waker_is_faster_than_the_look(database: &Arc<dyn Database>) {
    let node = Node::start(database, Settings { look_every: Duration::from_secs(3600), ..settings() });
    tokio::time::sleep(Duration::from_millis(300)).await;
    let id = queue(database, json!({})).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(state(database, id).await, "waiting");
    node.waker.wake();
    wait_for(database, id, "done").await;
    node.stop().await;
}

/// What ends the node in the middle of each attempt is given up in the end.
async fn what_kills_its_node_dies(database: &Arc<dyn Database>) {
    let id = queue(database, json!({})).await;
    let text = "update bedplate.jobs set attempts = 3, state = 'running', lease = id, due_at = now() where id = $1::uuid";
    run(database, Work::one(Statement::with(text, [Value::from(id.to_string())]))).await;
    let node = Node::start(database, settings());
    wait_for(database, id, "dead").await;
    assert!(node.stop().await.0.runs_of(id).is_empty());
}

/// A stop lets short work end, and gives long work back uncounted.
async fn a_stop_is_orderly(database: &Arc<dyn Database>) {
    let node = Node::start(database, Settings { most_at_once: 2, ..settings() });
    let short = queue(database, json!({"sleep": 150})).await;
    let long = queue(database, json!({"sleep": 60_000})).await;
    wait_for(database, short, "running").await;
    wait_for(database, long, "running").await;
    // No more than so many at once.
    let third = queue(database, json!({})).await;
    assert_eq!(state(database, third).await, "waiting");
    let begun = Instant::now();
    node.stop().await;
    assert!(begun.elapsed() < Duration::from_secs(10));
    assert_eq!(state(database, short).await, "done");
    let (state, attempts, ..) = row(database, long).await.expect("a row");
    assert_eq!((state.as_str(), attempts), ("waiting", 0));
    run(database, Work::one(jobs::delete(long))).await;
}

/// Every job once, whoever is faster.
async fn many_compete(databases: &[Arc<dyn Database>], count: usize) {
    let settings = Settings { lease: Duration::from_secs(20), ..settings() };
    let nodes: Vec<Node> = databases.iter().map(|database| Node::start(database, settings)).collect();
    let database = &databases[0];
    let jobs: Vec<Job> = (0..count).map(|_| Job::new("work", json!({"sleep": 2}))).collect();
    for part in jobs.chunks(50) {
        run(database, Work::all(part.iter().map(Job::statement))).await;
        nodes.iter().for_each(|node| node.waker.wake());
    }
    let begun = Instant::now();
    let left = "select count(*) from bedplate.jobs where state in ('waiting', 'running') and kind = 'work' \
                and due_at < now() + interval '10 minutes'";
    while run(database, Work::one(Statement::new(left))).await[0].result.rows[0][0] != Value::Int(0) {
        assert!(begun.elapsed() < Duration::from_secs(120), "they do not end");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let mut runs: BTreeMap<JobId, u32> = BTreeMap::new();
    for node in nodes {
        let (worker, seen) = node.stop().await;
        assert_eq!((seen.count("LeaseLost"), seen.count("Failed")), (0, 0));
        for (id, _) in &*worker.runs.lock().expect("the runs") {
            *runs.entry(*id).or_default() += 1;
        }
    }
    for job in &jobs {
        assert_eq!(runs.get(&job.id), Some(&1), "{}", job.id);
    }
}

async fn everything(database: &Arc<dyn Database>) {
    commits_with_its_cause(database).await;
    runs_are_settled(database).await;
    leases_end(database).await;
    a_waker_is_faster_than_the_look(database).await;
    what_kills_its_node_dies(database).await;
    a_stop_is_orderly(database).await;
    done_rows_go(database).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_on_the_embedded_engine() {
    let database = fresh(testkit::embedded().await.expect("a database")).await;
    everything(&database).await;
    let databases: Vec<Arc<dyn Database>> = (0..3).map(|_| Arc::clone(&database)).collect();
    many_compete(&databases, 200).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_on_postgresql() {
    let server = TestPostgres::start().await.expect("a PostgreSQL server");
    let database = fresh(server.database().await.expect("a database")).await;
    everything(&database).await;
    let databases: Vec<Arc<dyn Database>> = (0..8).map(|_| Arc::clone(&database)).collect();
    many_compete(&databases, 500).await;
}

/// A queue that cannot be reached is tried again, with pauses.
#[tokio::test]
async fn a_database_that_is_away_is_no_end() {
    let database = testkit::embedded().await.expect("a database");
    // Our tables are not there yet.
    let node = Node::start(&database, settings());
    let begun = Instant::now();
    while node.seen.count("Unreachable") < 2 {
        until(begun, "trying again");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(node.seen.count("Unreachable") < 200);
    server::system::upgrade(&*database).await.expect("our tables");
    let id = queue(&database, json!({})).await;
    wait_for(&database, id, "done").await;
    node.stop().await;
}
