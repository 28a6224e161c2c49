//! The private cluster's life.

use super::operator;
use crate::cluster::tests::{kill, postmaster_in, postmaster_of};
use crate::{DATABASE, PostgresDatabase, PrivateCluster, SUPERUSER};
use database::{Database, Statement, Value, Work};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::Mutex;

/// A data folder that anybody may enter, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let folder = PathBuf::from(format!("/tmp/bedplate-test-{name}-{}", std::process::id()));
        std::fs::create_dir(&folder).unwrap();
        Folder(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

async fn one(cluster: &PrivateCluster, text: &str) -> Value {
    let database = PostgresDatabase::connect(cluster.config(SUPERUSER, DATABASE)).await.unwrap();
    let outcomes = database.run(&operator(), Work::one(Statement::new(text))).await.unwrap();
    database.close().await.unwrap();
    outcomes.first().and_then(|outcome| outcome.result.rows.first()?.first().cloned()).unwrap_or(Value::Null)
}

#[tokio::test]
async fn it_keeps_what_was_written() {
    let folder = Folder::new("keeps");
    let lines = Mutex::new(Vec::new());
    let progress = |line: &str| lines.lock().unwrap().push(line.to_owned());
    let cluster = PrivateCluster::start(&folder.0, &progress).await.unwrap();
    assert!(cluster.is_new());
    one(&cluster, "create table t as select 7 as x").await;
    assert_eq!(one(&cluster, "show data_checksums").await, "on".into());
    assert_eq!(one(&cluster, "show fsync").await, "on".into());
    assert_eq!(one(&cluster, "show listen_addresses").await, "".into());
    // By code point, with letters beyond ASCII: C.UTF-8, from whichever provider.
    let locale = "select 'B' < 'a' and 'z' < 'ä' and upper('ä') = 'Ä' and getdatabaseencoding() = 'UTF8'";
    assert_eq!(one(&cluster, locale).await, Value::Bool(true));
    let socket_folder = cluster.socket_folder().to_owned();
    cluster.stop().await.unwrap();
    assert!(!socket_folder.exists());

    let cluster = PrivateCluster::start(&folder.0, &progress).await.unwrap();
    assert!(!cluster.is_new());
    assert_eq!(one(&cluster, "select x from t").await, Value::Int(7));
    drop(cluster);
    let lines = lines.lock().unwrap();
    assert_eq!(lines.len(), 1);
    assert!(lines[0].starts_with("Making a PostgreSQL "));
}

#[tokio::test]
async fn a_server_left_behind_is_stopped() {
    let folder = Folder::new("orphan");
    let cluster = PrivateCluster::start(&folder.0, &|_| {}).await.unwrap();
    one(&cluster, "create table t as select 7 as x").await;
    // As if we had been killed: nobody tells the server.
    let (orphan, socket_folder) = (postmaster_of(&folder.0), cluster.socket_folder().to_owned());
    std::mem::forget(cluster);
    let lines = Mutex::new(Vec::new());
    let cluster = PrivateCluster::start(&folder.0, &|line: &str| lines.lock().unwrap().push(line.to_owned()))
        .await
        .unwrap();
    assert_eq!(*lines.lock().unwrap(), ["Stopping the PostgreSQL server that an earlier run left behind"]);
    assert!(!socket_folder.exists());
    assert_ne!(postmaster_of(&folder.0), orphan);
    assert_eq!(one(&cluster, "select x from t").await, Value::Int(7));

    // As if the machine had lost power.
    let server = postmaster_of(&folder.0).unwrap();
    kill(server);
    let socket_folder = cluster.socket_folder().to_owned();
    std::mem::forget(cluster);
    let cluster = PrivateCluster::start(&folder.0, &|_| {}).await.unwrap();
    assert_eq!(one(&cluster, "select x from t").await, Value::Int(7));
    assert!(!socket_folder.exists());
    cluster.stop().await.unwrap();
    // A pid file whose number another program has now.
    let pid_file = folder.0.join("postgres/postmaster.pid");
    std::fs::write(&pid_file, format!("{}\n{}\n", std::process::id(), folder.0.display())).unwrap();
    let cluster = PrivateCluster::start(&folder.0, &|_| {}).await.unwrap();
    assert_eq!(one(&cluster, "select x from t").await, Value::Int(7));
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn a_data_folder_of_mode_0700() {
    let folder = Folder::new("closed");
    std::fs::set_permissions(&folder.0, std::fs::Permissions::from_mode(0o700)).unwrap();
    let secret = folder.0.join("secret");
    std::fs::write(&secret, "x").unwrap();
    let cluster = PrivateCluster::start(&folder.0, &|_| {}).await.unwrap();
    assert_eq!(cluster.folder(), folder.0.canonicalize().unwrap().join("postgres"));
    // Nobody but the account of the server may enter, and it may not look around.
    let mode = std::fs::metadata(&folder.0).unwrap().permissions().mode() & 0o777;
    assert!(matches!(mode, 0o700 | 0o710), "{mode:o}");
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn an_ephemeral_one_leaves_nothing() {
    let cluster = PrivateCluster::start_ephemeral(&|_| {}).await.unwrap();
    let folder = cluster.folder().parent().unwrap().to_owned();
    let socket_folder = cluster.socket_folder().to_owned();
    assert!(folder.exists() && socket_folder.exists());
    drop(cluster);
    assert!(!folder.exists() && !socket_folder.exists());
}

#[tokio::test]
async fn ephemeral_ones_of_killed_owners_are_swept() {
    let cluster = PrivateCluster::start_ephemeral(&|_| {}).await.unwrap();
    let (folder, socket_folder) =
        (cluster.folder().parent().unwrap().to_owned(), cluster.socket_folder().to_owned());
    kill(postmaster_in(cluster.folder()).unwrap());
    std::mem::forget(cluster);
    // As if the owner had been another process, which is gone.
    let name = folder
        .file_name()
        .unwrap()
        .to_str()
        .unwrap()
        .replace(&format!("-{}-", std::process::id()), "-4194303-");
    let left = folder.with_file_name(name);
    std::fs::rename(&folder, &left).unwrap();
    let next = PrivateCluster::start_ephemeral(&|_| {}).await.unwrap();
    assert!(!left.exists() && !socket_folder.exists());
    next.stop().await.unwrap();
}
