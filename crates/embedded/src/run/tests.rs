//! Row changes by programs made by hand, with answers as PostgreSQL 15 gives them.

use super::events::Events;
use super::rows::StoredRow;
use super::steps::Sink;
use super::{RoleNames, Run};
use crate::clock::SystemClock;
use crate::connection::{Connection, Purpose};
use crate::context::{Frame, WorkState};
use crate::folder::Place;
use crate::plan::Plans;
use crate::random::Seed;
use crate::sequences::Sequences;
use crate::settings::Settings;
use crate::state::CatalogState;
use catalog::{Catalog, Oid, ReferentialAction, Role, TypeRef};
use compile::program::{
    Access, Bind, Check, Conflict, ConflictUpdate, ForeignKeyPlan, Modify, ModifyKind, PlanColumn, PolicyRow,
    Probe, Projection, Reveal, SqliteStatement, TablePlan, UniquePlan,
};
use datum::StoredValue::{Integer, Null, Text};
use datum::{StoredValue, oid};
use sqlstate::{DatabaseError, Result};
use std::sync::Arc;

struct Fixture {
    connection: Connection,
    plans: Plans,
    state: Arc<CatalogState>,
    _place: Place,
}

fn int4() -> TypeRef {
    TypeRef { oid: oid::INT4, modifier: -1 }
}

fn text() -> TypeRef {
    TypeRef { oid: oid::TEXT, modifier: -1 }
}

fn statement(sql: &str, binds: Vec<Bind>, reads: &[(&str, &[&str])]) -> SqliteStatement {
    let reads = reads.iter().map(|(table, columns)| {
        ((*table).to_owned(), columns.iter().map(|column| (*column).to_owned()).collect())
    });
    SqliteStatement {
        sql: sql.to_owned(),
        binds,
        access: Access { reads: reads.collect(), writes: Vec::new() },
    }
}

fn column(number: i16, name: &str, type_ref: TypeRef, not_null: bool) -> PlanColumn {
    PlanColumn { number, name: name.to_owned(), type_ref, not_null, generated: false }
}

fn unique(table: &str, at: usize, column: &str) -> UniquePlan {
    UniquePlan {
        name: format!("{table}_{column}_key"),
        constraint: true,
        columns: vec![at],
        key: vec![(column.to_owned(), int4())],
        entry: statement("SELECT ?1 IS NOT NULL, ?1", vec![Bind::New(at)], &[]),
        find: statement(
            &format!("SELECT rowid FROM \"public.{table}\" WHERE \"{column}\" = ?1"),
            vec![Bind::Key(0)],
            &[(&format!("public.{table}"), &[column])],
        ),
        deferrable: false,
        initially_deferred: false,
    }
}

fn foreign_key(on_delete: ReferentialAction, on_update: ReferentialAction) -> ForeignKeyPlan {
    ForeignKeyPlan {
        oid: 30,
        name: "c_pid_fkey".to_owned(),
        table: (20, "public".to_owned(), "c".to_owned()),
        columns: vec![(1, "pid".to_owned())],
        referenced: (10, "public".to_owned(), "p".to_owned()),
        referenced_columns: vec![(0, "id".to_owned())],
        match_full: false,
        on_delete,
        on_update,
        set_columns: vec![0],
        defaults: Some(statement("SELECT 77", vec![], &[])),
        deferrable: false,
        initially_deferred: false,
        find_referenced: statement(
            "SELECT rowid FROM \"public.p\" WHERE id = ?1",
            vec![Bind::Key(0)],
            &[("public.p", &["id"])],
        ),
        find_referencing: statement(
            "SELECT rowid FROM \"public.c\" WHERE pid = ?1",
            vec![Bind::Key(0)],
            &[("public.c", &["pid"])],
        ),
    }
}

fn table(oid: Oid, name: &str, columns: Vec<PlanColumn>) -> TablePlan {
    TablePlan {
        oid,
        schema: "public".to_owned(),
        name: name.to_owned(),
        sqlite_name: format!("public.{name}"),
        rowid: "rowid",
        columns,
        generated: None,
        checks: None,
        uniques: vec![unique(name, 0, "id")],
        foreign_keys: Vec::new(),
        references: Vec::new(),
    }
}

/// p(id unique, v), c(id unique, pid references p, q not null check (q > 0)).
fn tables(key: ForeignKeyPlan) -> (Arc<TablePlan>, Arc<TablePlan>) {
    let key = Arc::new(key);
    let mut p = table(10, "p", vec![column(1, "id", int4(), true), column(2, "v", text(), false)]);
    p.references.push(Arc::clone(&key));
    let mut c = table(
        20,
        "c",
        vec![column(1, "id", int4(), false), column(2, "pid", int4(), false), column(3, "q", int4(), true)],
    );
    c.foreign_keys.push(key);
    c.checks = Some(probe());
    (Arc::new(p), Arc::new(c))
}

/// Policy `id < 100`, then CHECK (q > 0).
fn probe() -> Probe {
    Probe {
        statement: statement("SELECT ?1 < 100, ?2 > 0", vec![Bind::New(0), Bind::New(2)], &[]),
        checks: vec![
            Check::Policy { name: None, row: PolicyRow::New },
            Check::Constraint { name: "c_q_check".to_owned() },
        ],
    }
}

impl Fixture {
    fn new(key: ForeignKeyPlan) -> (Fixture, Arc<TablePlan>, Arc<TablePlan>) {
        let place = Place::temporary().unwrap();
        let connection = Connection::open(&place.file, Purpose::Write { durable: false }).unwrap();
        connection
            .engine(
                "CREATE TABLE \"public.p\"(id INTEGER, v TEXT) STRICT;
                 CREATE UNIQUE INDEX \"public.p_id_key\" ON \"public.p\"(id);
                 CREATE TABLE \"public.c\"(id INTEGER, pid INTEGER, q INTEGER,
                   FOREIGN KEY (pid) REFERENCES \"public.p\"(id) DEFERRABLE INITIALLY DEFERRED) STRICT;
                 CREATE UNIQUE INDEX \"public.c_id_key\" ON \"public.c\"(id);",
            )
            .unwrap();
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
        let state = Arc::new(CatalogState::new(Arc::new(catalog)));
        let (p, c) = tables(key);
        state.put_table(&p);
        state.put_table(&c);
        (Fixture { connection, plans: Plans::default(), state, _place: place }, p, c)
    }

    fn run(&self) -> Run<'_> {
        let work = Arc::new(WorkState::new(
            0,
            Arc::new(SystemClock),
            Settings::default(),
            Seed::default(),
            Arc::new(Sequences::default()),
            true,
        ));
        let frame = Arc::new(Frame::new(Arc::clone(&work), Arc::clone(&self.state)));
        self.connection.slot.set_frame(Some(Arc::clone(&frame)));
        Run {
            connection: &self.connection,
            plans: &self.plans,
            work,
            frame,
            state: Arc::clone(&self.state),
            role: RoleNames { oid: 10, name: "postgres".into() },
            session_role: "postgres".into(),
            session_user: "postgres".into(),
            search_path: Arc::new([]),
            settings_seen: 0,
            temporary_schema: crate::temporary::SCHEMA_OF_A_WORK.into(),
            lasting: false,
            notices: Vec::new(),
            events: Events::default(),
            depth: 0,
            trigger_depth: 0,
            calls: 0,
            transition_rows: None,
            trigger_writes: std::cell::RefCell::default(),
            copy_rows: None,
            copied: None,
            redo: std::cell::RefCell::default(),
            stack_base: super::routine::stack_address(),
            savepoints: Vec::new(),
            held: super::Held::default(),
            block: true,
            may_define: true,
            budget: None,
            read_only: false,
            reads_only: false,
            no_effect: None,
            tag: None,
        }
    }

    /// Inserts rows given as SQLite's VALUES, in a statement of its own; on an error all is rolled back.
    fn insert(
        &self,
        table: &Arc<TablePlan>,
        values: &str,
        change: impl FnOnce(&mut Modify),
    ) -> Result<Vec<StoredRow>> {
        let mut modify = Modify {
            table: Arc::clone(table),
            instead: false,
            kind: ModifyKind::Insert,
            source: statement(values, vec![], &[]),
            extras: 0,
            assigned: Vec::new(),
            probe: (table.name == "c").then(probe),
            conflict: None,
            returning: Some(Projection::Columns((0..table.columns.len()).map(Bind::New).collect())),
            reveal: everything(table.columns.len()),
            live: None,
        };
        change(&mut modify);
        self.modify(&modify)
    }

    fn modify(&self, modify: &Modify) -> Result<Vec<StoredRow>> {
        self.connection.engine("SAVEPOINT s").unwrap();
        let mut sink = Sink::Stored { rows: Vec::new() };
        let mut run = self.run();
        let done = run.modify(modify, &[], &[], &mut sink);
        let done = done.and_then(|count| run.fire_statement_end().map(|()| count));
        if done.is_ok() {
            assert!(!self.connection.keys_are_violated(), "the backstop found a broken key");
        } else {
            self.connection.engine("ROLLBACK TO s").unwrap();
        }
        self.connection.engine("RELEASE s").unwrap();
        done.map(|_| match sink {
            Sink::Stored { rows } => rows,
            Sink::Values { .. } | Sink::Count { .. } => Vec::new(),
        })
    }

    fn delete(&self, table: &Arc<TablePlan>, condition: &str) -> Result<Vec<StoredRow>> {
        let names: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
        let source = format!("SELECT rowid,{} FROM \"{}\" {condition}", names.join(","), table.sqlite_name);
        self.modify(&Modify {
            table: Arc::clone(table),
            instead: false,
            kind: ModifyKind::Delete,
            source: statement(&source, vec![], &[(&table.sqlite_name, &names)]),
            extras: 0,
            assigned: Vec::new(),
            probe: None,
            conflict: None,
            returning: None,
            reveal: everything(names.len()),
            live: None,
        })
    }

    fn update(
        &self,
        table: &Arc<TablePlan>,
        column: usize,
        value: &str,
        condition: &str,
    ) -> Result<Vec<StoredRow>> {
        let names: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
        let source =
            format!("SELECT rowid,{},{value} FROM \"{}\" {condition}", names.join(","), table.sqlite_name);
        self.modify(&Modify {
            table: Arc::clone(table),
            instead: false,
            kind: ModifyKind::Update,
            source: statement(&source, vec![], &[(&table.sqlite_name, &names)]),
            extras: 0,
            assigned: vec![column],
            probe: None,
            conflict: None,
            returning: None,
            reveal: everything(names.len()),
            live: None,
        })
    }

    fn rows(&self, table: &TablePlan) -> Vec<StoredRow> {
        let names: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
        let text = format!("SELECT {} FROM \"{}\" ORDER BY id", names.join(","), table.sqlite_name);
        let mut rows = Vec::new();
        self.connection
            .query_table(&text, &table.sqlite_name, &[], |row| {
                rows.push(crate::connection::owned_row(row, 0, names.len())?);
                Ok(())
            })
            .unwrap();
        rows
    }
}

fn shown(error: &DatabaseError) -> String {
    let fields = error.fields();
    let detail = fields.detail.as_deref().map(|detail| format!(" / {detail}")).unwrap_or_default();
    let place = [&fields.table, &fields.column, &fields.constraint];
    let place: Vec<&str> = place.into_iter().flatten().map(String::as_str).collect();
    format!("{error}{detail} [{}]", place.join(" "))
}

fn plain() -> (Fixture, Arc<TablePlan>, Arc<TablePlan>) {
    Fixture::new(foreign_key(ReferentialAction::NoAction, ReferentialAction::NoAction))
}

fn fails(done: Result<Vec<StoredRow>>) -> String {
    shown(&done.unwrap_err())
}

fn everything(columns: usize) -> Reveal {
    Reveal { rows: true, table: true, columns: vec![true; columns], given: Vec::new() }
}

#[test]
fn checks_come_in_order() {
    let (f, p, c) = plain();
    f.insert(&p, "VALUES (1,'a')", |_| {}).unwrap();
    assert_eq!(
        fails(f.insert(&c, "VALUES (100, 1, NULL)", |_| {})),
        "42501: new row violates row-level security policy for table \"c\" []"
    );
    assert_eq!(
        fails(f.insert(&c, "VALUES (1, 1, NULL)", |_| {})),
        "23502: null value in column \"q\" of relation \"c\" violates not-null constraint / Failing row contains (1, 1, null). [c q]"
    );
    assert_eq!(
        fails(f.insert(&c, "VALUES (1, 1, -1)", |_| {})),
        "23514: new row for relation \"c\" violates check constraint \"c_q_check\" / Failing row contains (1, 1, -1). [c c_q_check]"
    );
    assert_eq!(
        f.insert(&c, "VALUES (1, 1, 5), (2, NULL, 6)", |_| {}).unwrap(),
        [[Integer(1), Integer(1), Integer(5)], [Integer(2), Null, Integer(6)]]
    );
    assert_eq!(
        fails(f.insert(&c, "VALUES (3, 1, 5), (1, 1, 5), (4, 1, -5)", |_| {})),
        "23505: duplicate key value violates unique constraint \"c_id_key\" / Key (id)=(1) already exists. [c c_id_key]"
    );
    assert_eq!(f.rows(&c).len(), 2);
}

#[test]
fn hidden_rows_stay_hidden_in_errors() {
    let (f, p, c) = plain();
    f.insert(&p, "VALUES (1,'a')", |_| {}).unwrap();
    let hide = |modify: &mut Modify| modify.reveal.rows = false;
    assert_eq!(
        fails(f.insert(&p, "VALUES (1,'b')", hide)),
        "23505: duplicate key value violates unique constraint \"p_id_key\" [p p_id_key]"
    );
    assert_eq!(
        fails(f.insert(&c, "VALUES (1,9,1)", hide)),
        "23503: insert or update on table \"c\" violates foreign key constraint \"c_pid_fkey\" / Key is not present in table \"p\". [c c_pid_fkey]"
    );
    let some = |modify: &mut Modify| {
        modify.reveal.table = false;
        modify.reveal.columns = vec![true, false, true];
    };
    assert_eq!(
        fails(f.insert(&c, "VALUES (1,1,-1)", some)),
        "23514: new row for relation \"c\" violates check constraint \"c_q_check\" / Failing row contains (id, q) = (1, -1). [c c_q_check]"
    );
}

#[test]
fn keys_without_action() {
    let (f, p, c) = plain();
    f.insert(&p, "VALUES (1,'a'),(2,'b')", |_| {}).unwrap();
    assert_eq!(
        fails(f.insert(&c, "VALUES (1,9,1)", |_| {})),
        "23503: insert or update on table \"c\" violates foreign key constraint \"c_pid_fkey\" / Key (pid)=(9) is not present in table \"p\". [c c_pid_fkey]"
    );
    f.insert(&c, "VALUES (1,1,1)", |_| {}).unwrap();
    assert_eq!(
        fails(f.delete(&p, "WHERE id = 1")),
        "23503: update or delete on table \"p\" violates foreign key constraint \"c_pid_fkey\" on table \"c\" / Key (id)=(1) is still referenced from table \"c\". [c c_pid_fkey]"
    );
    assert_eq!(
        fails(f.update(&p, 0, "7", "WHERE id = 1")),
        "23503: update or delete on table \"p\" violates foreign key constraint \"c_pid_fkey\" on table \"c\" / Key (id)=(1) is still referenced from table \"c\". [c c_pid_fkey]"
    );
    f.update(&c, 1, "2", "").unwrap();
    f.delete(&p, "WHERE id = 1").unwrap();
    assert_eq!(f.rows(&c), [[Integer(1), Integer(2), Integer(1)]]);
}

#[test]
fn a_key_may_be_passed_on_within_a_statement() {
    let (f, p, c) = plain();
    f.insert(&p, "VALUES (1,'a')", |_| {}).unwrap();
    f.insert(&c, "VALUES (1,1,1)", |_| {}).unwrap();
    // The row that has the key afterwards is another one.
    f.insert(&p, "VALUES (2,'b')", |_| {}).unwrap();
    f.update(&p, 0, "CASE id WHEN 1 THEN 0 ELSE 1 END", "ORDER BY id").unwrap();
    assert_eq!(f.rows(&p), [[Integer(0), Text("a".into())], [Integer(1), Text("b".into())]]);
}

#[test]
fn cascades() {
    let (f, p, c) = Fixture::new(foreign_key(ReferentialAction::Cascade, ReferentialAction::Cascade));
    f.insert(&p, "VALUES (1,'a'),(2,'b')", |_| {}).unwrap();
    f.insert(&c, "VALUES (1,1,1),(2,2,2),(3,1,3)", |_| {}).unwrap();
    f.update(&p, 0, "9", "WHERE id = 1").unwrap();
    assert_eq!(
        f.rows(&c).iter().map(|row| row[1].clone()).collect::<Vec<StoredValue>>(),
        [Integer(9), Integer(2), Integer(9)]
    );
    f.delete(&p, "WHERE id = 9").unwrap();
    assert_eq!(f.rows(&c), [[Integer(2), Integer(2), Integer(2)]]);
}

#[test]
fn set_null_and_set_default() {
    let (f, p, c) = Fixture::new(foreign_key(ReferentialAction::SetNull, ReferentialAction::SetDefault));
    f.insert(&p, "VALUES (1,'a'),(2,'b'),(77,'c')", |_| {}).unwrap();
    f.insert(&c, "VALUES (1,1,1),(2,2,2)", |_| {}).unwrap();
    f.delete(&p, "WHERE id = 1").unwrap();
    f.update(&p, 0, "3", "WHERE id = 2").unwrap();
    assert_eq!(f.rows(&c), [[Integer(1), Null, Integer(1)], [Integer(2), Integer(77), Integer(2)]]);
    // The default has to be there: it is the key that goes.
    assert_eq!(
        fails(f.update(&p, 0, "78", "WHERE id = 77")),
        "23503: update or delete on table \"p\" violates foreign key constraint \"c_pid_fkey\" on table \"c\" / Key (id)=(77) is still referenced from table \"c\". [c c_pid_fkey]"
    );
}

#[test]
fn conflicts() {
    let (f, p, _) = plain();
    f.insert(&p, "VALUES (1,'a')", |_| {}).unwrap();
    let nothing = |modify: &mut Modify| {
        modify.conflict = Some(Conflict { arbiters: vec![0], update: None });
    };
    let rows = f.insert(&p, "VALUES (1,'x'),(2,'b'),(2,'y')", nothing).unwrap();
    assert_eq!(rows, [[Integer(2), Text("b".into())]]);
    let update = |modify: &mut Modify| {
        modify.conflict = Some(Conflict {
            arbiters: vec![0],
            update: Some(ConflictUpdate {
                values: statement(
                    "SELECT ?1 <> 'keep', ?2 || ?1",
                    vec![Bind::Old(1), Bind::Excluded(1)],
                    &[],
                ),
                assigned: vec![1],
                existing: None,
                probe: None,
            }),
        });
    };
    let rows = f.insert(&p, "VALUES (1,'x'),(3,'keep')", update).unwrap();
    assert_eq!(rows, [[Integer(1), Text("xa".into())], [Integer(3), Text("keep".into())]]);
    assert_eq!(f.insert(&p, "VALUES (3,'z')", update).unwrap(), Vec::<StoredRow>::new());
    let twice = f.insert(&p, "VALUES (4,'x'),(4,'y')", update).unwrap_err();
    assert_eq!(shown(&twice), "21000: ON CONFLICT DO UPDATE command cannot affect row a second time []");
    assert_eq!(
        twice.fields().hint.as_deref(),
        Some(
            "Ensure that no rows proposed for insertion within the same command have duplicate constrained values."
        )
    );
}

#[test]
fn deferred_keys_wait_for_the_end() {
    let mut key = foreign_key(ReferentialAction::NoAction, ReferentialAction::NoAction);
    key.deferrable = true;
    key.initially_deferred = true;
    let (f, p, c) = Fixture::new(key);
    f.connection.engine("SAVEPOINT w").unwrap();
    let modify = |table: &Arc<TablePlan>, values: &str| Modify {
        table: Arc::clone(table),
        instead: false,
        kind: ModifyKind::Insert,
        source: statement(values, vec![], &[]),
        extras: 0,
        assigned: Vec::new(),
        probe: None,
        conflict: None,
        returning: None,
        reveal: everything(3),
        live: None,
    };
    let mut run = f.run();
    let mut sink = Sink::Count { count: 0 };
    run.modify(&modify(&c, "VALUES (1,5,1)"), &[], &[], &mut sink).unwrap();
    run.fire_statement_end().unwrap();
    assert!(f.connection.keys_are_violated());
    assert_eq!(
        shown(&run.set_constraints(Some(&[30]), false).unwrap_err()),
        "23503: insert or update on table \"c\" violates foreign key constraint \"c_pid_fkey\" / Key (pid)=(5) is not present in table \"p\". [c c_pid_fkey]"
    );
    drop(run);
    f.connection.engine("ROLLBACK TO w").unwrap();
    let mut run = f.run();
    run.modify(&modify(&c, "VALUES (1,5,1)"), &[], &[], &mut sink).unwrap();
    run.fire_statement_end().unwrap();
    run.modify(&modify(&p, "VALUES (5,'late')"), &[], &[], &mut sink).unwrap();
    run.fire_statement_end().unwrap();
    run.fire_deferred().unwrap();
    assert!(!f.connection.keys_are_violated());
    f.connection.engine("RELEASE w").unwrap();
}

#[test]
fn the_wall_admits_what_is_declared_and_nothing_else() {
    let (f, p, _) = plain();
    f.insert(&p, "VALUES (1,'a')", |_| {}).unwrap();
    let run = f.run();
    let bindings = run.bindings(&[], &[]);
    let query = |sql: &str, reads: &[(&str, &[&str])]| {
        let mut count = 0;
        f.connection.query(&statement(sql, vec![], reads), &bindings, |_| {
            count += 1;
            Ok(())
        })?;
        Ok::<_, DatabaseError>(count)
    };
    let all: &[(&str, &[&str])] = &[("public.p", &["id", "v"])];
    assert_eq!(query("SELECT id, v FROM \"public.p\"", all).unwrap(), 1);
    assert_eq!(query("SELECT rowid FROM \"public.p\" AS x", &[("public.p", &[])]).unwrap(), 1);
    for (sql, reads) in [
        ("SELECT id, v FROM \"public.p\" AS tampered", &[("public.p", &["id"][..])][..]),
        ("SELECT 1 FROM \"public.p\"", &[]),
        ("SELECT count(*) FROM \"public.c\"", all),
        ("SELECT name FROM sqlite_schema", all),
        ("DELETE FROM \"public.p\"", all),
        ("UPDATE \"public.p\" SET v = id", all),
        ("INSERT INTO \"public.p\" VALUES (1, 2)", all),
        ("ATTACH 'x' AS y", all),
        ("PRAGMA user_version", all),
        ("PRAGMA writable_schema=ON", all),
        ("SELECT load_extension('x')", all),
        ("CREATE TABLE t(a)", all),
        ("DROP TABLE \"public.p\"", all),
        ("SAVEPOINT x", all),
        ("COMMIT", all),
        ("VACUUM", all),
        ("SELECT * FROM pragma_table_info('public.p')", all),
    ] {
        let error = query(sql, reads).unwrap_err();
        assert_eq!(error.code(), sqlstate::INTERNAL_ERROR, "{sql}");
    }
    // VACUUM and friends are refused by their nature too; nothing of the above changed anything.
    assert_eq!(query("SELECT id, v FROM \"public.p\"", all).unwrap(), 1);
}

#[test]
fn functions_raise_whole_errors() {
    let (f, _, _) = plain();
    let run = f.run();
    let error = run
        .one_row(&statement("SELECT pg_type_input('25,23', 'abc', -1)", vec![], &[]), &run.bindings(&[], &[]))
        .unwrap_err();
    assert_eq!(shown(&error), "22P02: invalid input syntax for type integer: \"abc\" []");
    let row = run
        .one_row(
            &statement("SELECT pg_type_input('25,23', ?1, -1)", vec![Bind::Parameter(1)], &[]),
            &run.bindings(&[Text("42".into())], &[]),
        )
        .unwrap();
    assert_eq!(row, [Integer(42)]);
}

#[test]
fn buffers_are_read_as_rows() {
    let (f, _, _) = plain();
    let run = f.run();
    let rows = vec![vec![Integer(1), Text("a".into())], vec![Integer(2), Null]];
    f.connection.slot.put_buffer(3, Arc::new(rows));
    let mut found = Vec::new();
    f.connection
        .query(
            &statement("SELECT c1, c0, c2 FROM bedplate_rows(3) ORDER BY c0 DESC", vec![], &[]),
            &run.bindings(&[], &[]),
            |row| {
                found.push(crate::connection::owned_row(row, 0, 3)?);
                Ok(())
            },
        )
        .unwrap();
    assert_eq!(found, [[Null, Integer(2), Null], [Text("a".into()), Integer(1), Null]]);
}
