//! The catalog that is read.

use super::{Fixture, operator};
use crate::SUPERUSER;
use catalog::{
    ConstraintKind, DefaultObject, FunctionKind, IndexKey, PolicyCommand, Privileges, ReferentialAction,
    RelationKind, TypeKind, Volatility,
};
use database::{Database, Session, Statement, Work};
use std::time::{Duration, Instant};
use syntax::ast::ParameterMode;

const SCHEMA: &[&str] = &[
    "create role anon nologin",
    "create role member in role anon",
    "alter role anon set statement_timeout = '3s'",
    "create schema app",
    "comment on schema app is 'the app'",
    "create type app.mood as enum ('sad', 'ok')",
    "alter type app.mood add value 'fine' before 'ok'",
    "create domain app.positive as int not null default 1 constraint is_positive check (value > 0)",
    "create type app.pair as (a int, b text)",
    "create table app.users (id uuid primary key default gen_random_uuid(), email text collate \"C\" not null unique, age numeric(5,2) check (age > 0), gone int, mood app.mood)",
    "alter table app.users drop column gone",
    "create table app.posts (id bigint generated always as identity primary key, author uuid references app.users on delete cascade deferrable initially deferred, title varchar(80) default 'x', loud text generated always as (upper(title)) stored, score app.positive, n serial)",
    "comment on table app.posts is 'posts'",
    "comment on column app.posts.title is 'the title'",
    "create index posts_lower on app.posts (lower(title) desc nulls last, id) include (author) where score > 1",
    "alter table app.posts enable row level security",
    "alter table app.posts force row level security",
    "create policy own on app.posts as restrictive for update to anon using (author is not null) with check (score > 2)",
    "create policy everybody on app.posts using (true)",
    "grant select (title), update (title) on app.posts to anon",
    "grant select on app.users to anon with grant option",
    "create function app.add(a int, b int default 2, out total int, variadic rest text[] default '{}') language sql immutable strict as 'select a + b'",
    "create function app.list(n int) returns table (id bigint, title text) language sql stable security definer rows 7 set search_path = app as 'select id, title from posts limit list.n'",
    "create function app.touch() returns trigger language plpgsql as 'begin return new; end'",
    "create trigger touch before update of title on app.posts for each row when (old.title is distinct from new.title) execute function app.touch('a', 'b')",
    "create view app.authors with (security_invoker = true, security_barrier = true) as select p.id as post, u.id, lower(u.email) as mail, u.mood from app.posts p join app.users u on u.id = p.author",
    "create view app.outer_authors as with a as (select * from app.authors) select s.post as p, s.id as author_id, 1 as one from (select * from a) s order by s.mood",
    "create view app.simple as select id, title from app.posts where n > 1 with local check option",
    "create view app.both as select id from app.users union select id from app.users",
    "create materialized view app.stored as select id from app.users",
    "create publication everything for table app.users, app.posts",
    "alter default privileges in schema app grant select on tables to anon",
    "create table app.closed (x int)",
    "create table app.opened (x int)",
    "grant insert on app.opened to anon",
    "create table app.parted (x int) partition by list (x)",
    "create table app.part partition of app.parted for values in (1)",
];

#[tokio::test]
async fn catalogs() {
    let fixture = Fixture::new().await;
    fixture.script(SCHEMA).await.unwrap();
    fixture
        .script_as_superuser(&[
            "alter role anon set app.color = 'red'",
            "alter role anon set log_statement = 'all'",
            "alter database postgres set app.size = 'large'",
        ])
        .await
        .unwrap();
    everything_is_found(&fixture).await;
    views_and_exposure(&fixture).await;
    settings_of_the_role_apply(&fixture).await;
    fixture.end().await;
}

async fn everything_is_found(fixture: &Fixture) {
    let catalog = fixture.database.catalog().await.unwrap();
    let anon = catalog.role("anon").unwrap();
    assert_eq!(anon.settings[0], ("statement_timeout".into(), "3s".into()));
    let member = catalog.role("member").unwrap();
    assert!(
        catalog
            .memberships
            .iter()
            .any(|found| found.role == anon.oid && found.member == member.oid && !found.admin)
    );
    assert_eq!(*catalog.settings, [("app.size".to_owned(), "large".to_owned())]);
    assert_eq!(catalog.schema("app").unwrap().comment.as_deref(), Some("the app"));
    assert!(catalog.schema("pg_toast").is_none());

    let app = catalog.schema("app").unwrap().oid;
    let mood = catalog.type_in(app, "mood").unwrap();
    let TypeKind::Enum { labels } = &mood.kind else { panic!("{mood:?}") };
    assert_eq!(labels.iter().map(|label| &*label.label).collect::<Vec<_>>(), ["sad", "fine", "ok"]);
    assert!(matches!(catalog.types[&mood.array].kind, TypeKind::Array { element } if element == mood.oid));
    let TypeKind::Domain { base, not_null, default, checks } =
        &catalog.type_in(app, "positive").unwrap().kind
    else {
        panic!()
    };
    assert_eq!((base.oid, *not_null, default.as_deref()), (23, true, Some("1")));
    assert_eq!((checks[0].name.as_str(), checks[0].expression.as_str()), ("is_positive", "(VALUE > 0)"));
    let TypeKind::Composite { relation } = catalog.type_in(app, "pair").unwrap().kind else { panic!() };
    assert_eq!(catalog.relations[&relation].kind, RelationKind::Composite);
    assert_eq!(catalog.relations[&relation].columns.len(), 2);

    let users = catalog.relation_named("app", "users").unwrap();
    let numbers: Vec<i16> = users.columns.iter().map(|column| column.number).collect();
    assert_eq!((numbers, users.next_column), (vec![1, 2, 3, 5], 6));
    assert_eq!(users.column("email").unwrap().collation.as_deref(), Some("C"));
    assert_eq!(users.column("age").unwrap().type_ref.modifier, (5 << 16 | 2) + 4);
    assert_eq!(users.column("id").unwrap().default.as_deref(), Some("gen_random_uuid()"));
    assert_eq!(users.primary_key(), Some(&[1i16][..]));
    assert!(users.constraints.iter().any(|found| matches!(&found.kind,
        ConstraintKind::Check { expression, columns } if expression == "(age > (0)::numeric)" && *columns == [3])));
    // The option goes beyond what the default privileges give by now.
    assert!(users.granted_explicitly);
    let grant = users.acl.iter().flatten().find(|item| item.grantee == anon.oid).unwrap();
    assert_eq!((grant.privileges, grant.grantable), (Privileges::SELECT, Privileges::SELECT));

    let posts = catalog.relation_named("app", "posts").unwrap();
    assert!(posts.row_security && posts.force_row_security && posts.granted_explicitly);
    assert_eq!(posts.comment.as_deref(), Some("posts"));
    let id = posts.column("id").unwrap();
    assert!(id.identity.unwrap().always && id.not_null);
    let sequence = &catalog.relations[&id.identity.unwrap().sequence];
    assert_eq!(sequence.sequence.as_ref().unwrap().owned_by, Some((posts.oid, 1)));
    let loud = posts.column("loud").unwrap();
    assert!(loud.generated);
    assert_eq!(loud.default.as_deref(), Some("upper((title)::text)"));
    assert_eq!(posts.column("n").unwrap().default.as_deref(), Some("nextval('app.posts_n_seq'::regclass)"));
    let title = posts.column("title").unwrap();
    assert_eq!((title.comment.as_deref(), title.type_ref.modifier), (Some("the title"), 84));
    assert_eq!(title.acl.as_ref().unwrap()[0].privileges, Privileges::SELECT.union(Privileges::UPDATE));
    let (from, constraint, key) = catalog.references_to(users.oid).next().unwrap();
    assert_eq!((from.oid, constraint.name.as_str()), (posts.oid, "posts_author_fkey"));
    assert!(constraint.deferrable && constraint.initially_deferred && constraint.validated);
    assert_eq!((key.on_delete, key.on_update), (ReferentialAction::Cascade, ReferentialAction::NoAction));
    assert_eq!((key.columns.as_slice(), key.referenced_columns.as_slice()), (&[2i16][..], &[1i16][..]));

    let index = catalog.index(app, "posts_lower").unwrap();
    assert_eq!(index.elements[0].key, IndexKey::Expression("lower((title)::text)".into()));
    assert!(index.elements[0].descending && !index.elements[0].nulls_first);
    assert_eq!((&index.elements[1].key, index.include.as_slice()), (&IndexKey::Column(1), &[2i16][..]));
    assert_eq!((index.filter.as_deref(), index.method.as_str()), (Some("((score)::integer > 1)"), "btree"));
    let unique = catalog.index(app, "users_email_key").unwrap();
    assert!(unique.unique && unique.constraint.is_some() && unique.elements[0].collation.is_none());

    let [everybody, own] = posts.policies.as_slice() else { panic!("{:?}", posts.policies) };
    assert_eq!(
        (everybody.permissive, everybody.command, &everybody.roles),
        (true, PolicyCommand::All, &vec![0])
    );
    assert_eq!((own.permissive, own.command, &own.roles), (false, PolicyCommand::Update, &vec![anon.oid]));
    assert_eq!(
        (own.using.as_deref(), own.check.as_deref()),
        (Some("(author IS NOT NULL)"), Some("((score)::integer > 2)"))
    );

    let trigger = &posts.triggers[0];
    assert_eq!(trigger.when.as_deref(), Some("((old.title)::text IS DISTINCT FROM (new.title)::text)"));
    assert_eq!((trigger.timing.as_str(), trigger.on_update, trigger.on_insert), ("BEFORE", true, false));
    assert_eq!((&trigger.update_columns, &trigger.args), (&vec![3], &vec!["a".to_owned(), "b".to_owned()]));
    assert!(trigger.for_each_row && trigger.enabled && !trigger.constraint);

    let add = catalog.functions_in(app, "add").next().unwrap();
    let parameters: Vec<(Option<&str>, ParameterMode, Option<&str>)> = add
        .parameters
        .iter()
        .map(|parameter| (parameter.name.as_deref(), parameter.mode, parameter.default.as_deref()))
        .collect();
    assert_eq!(
        parameters,
        [
            (Some("a"), ParameterMode::In, None),
            (Some("b"), ParameterMode::In, Some("2")),
            (Some("total"), ParameterMode::Out, None),
            (Some("rest"), ParameterMode::Variadic, Some("'{}'::text[]")),
        ]
    );
    assert_eq!((add.kind, add.volatility, add.strict), (FunctionKind::Function, Volatility::Immutable, true));
    let list = catalog.functions_in(app, "list").next().unwrap();
    assert!(list.returns_set && list.security_definer && list.rows == 7.0);
    assert_eq!(list.settings, [("search_path".to_owned(), "app".to_owned())]);
    assert_eq!(list.parameters[1].mode, ParameterMode::Table);
    assert!(
        catalog
            .publications
            .values()
            .any(|found| found.name == "everything" && found.tables == [users.oid, posts.oid])
    );
    assert!(catalog.extensions.values().any(|found| found.name == "plpgsql"));
    assert!(catalog.default_privileges.iter().any(|found| found.schema == Some(app)
        && found.object == DefaultObject::Tables
        && found.acl.iter().any(|item| item.grantee == anon.oid && item.privileges == Privileges::SELECT)));
}

async fn views_and_exposure(fixture: &Fixture) {
    let catalog = fixture.database.catalog().await.unwrap();
    let relation = |name: &str| catalog.relation_named("app", name).unwrap();
    let (users, posts) = (relation("users").oid, relation("posts").oid);
    let view = |name: &str| relation(name).view.as_ref().unwrap();
    assert_eq!(view("authors").origins, [Some((posts, 1)), Some((users, 1)), None, Some((users, 5))]);
    assert!(
        view("authors").security_invoker && view("authors").security_barrier && !view("authors").insertable
    );
    assert_eq!(view("outer_authors").origins, [Some((posts, 1)), Some((users, 1)), None]);
    assert_eq!(view("both").origins, [None]);
    assert_eq!(view("stored").origins, [Some((users, 1))]);
    let simple = view("simple");
    assert!(simple.insertable && simple.updatable && simple.deletable);
    assert_eq!((simple.check_option, simple.query.ends_with(';')), (Some(false), false));
    assert!(simple.query.contains("FROM app.posts"), "{}", simple.query);
    // What default privileges give does not open a table; what goes beyond them does.
    assert!(!relation("closed").granted_explicitly);
    assert!(relation("closed").acl.is_some());
    assert!(relation("opened").granted_explicitly);
    assert!(relation("part").is_partition && !relation("parted").is_partition);
    assert_eq!(relation("parted").kind, RelationKind::PartitionedTable);
}

async fn settings_of_the_role_apply(fixture: &Fixture) {
    fixture.database.catalog().await.unwrap();
    let anon = Session::new("anon");
    assert_eq!(fixture.value(&anon, "show statement_timeout").await.unwrap(), "3s");
    assert_eq!(fixture.value(&anon, "show app.color").await.unwrap(), "red");
    assert_eq!(fixture.value(&anon, "show log_statement").await.unwrap(), "none");
    assert_eq!(fixture.value(&operator(), "show statement_timeout").await.unwrap(), "0");
    let mut own = anon.with_setting("app.color", "blue");
    own.statement_timeout = Some(Duration::from_secs(1));
    assert_eq!(fixture.value(&own, "show statement_timeout").await.unwrap(), "1s");
    assert_eq!(fixture.value(&own, "show app.color").await.unwrap(), "blue");
}

#[tokio::test]
async fn it_follows_changes() {
    let fixture = Fixture::new().await;
    let first = fixture.database.catalog().await.unwrap();
    assert!(std::sync::Arc::ptr_eq(&first, &fixture.database.catalog().await.unwrap()));
    fixture.rows(&operator(), "select 1").await.unwrap();
    assert!(std::sync::Arc::ptr_eq(&first, &fixture.database.catalog().await.unwrap()));
    fixture.script(&["create table mine (x int)"]).await.unwrap();
    assert!(fixture.database.catalog().await.unwrap().relation_named("public", "mine").is_some());

    // Another session says so, or says nothing.
    let mut config = fixture.cluster.config(SUPERUSER, crate::DATABASE);
    config.catalog_interval = Duration::from_millis(300);
    let other = crate::PostgresDatabase::connect(config).await.unwrap();
    for (number, notify) in ["notify pgrst, 'reload schema'", "select 1"].into_iter().enumerate() {
        fixture.script(&[&format!("create table theirs{number} (x int)"), notify]).await.unwrap();
        let start = Instant::now();
        while other.catalog().await.unwrap().relation_named("public", &format!("theirs{number}")).is_none() {
            assert!(start.elapsed() < Duration::from_secs(20), "{notify}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
    // A renamed type has its new name in results.
    fixture.script(&["create type old_name as enum ('a')"]).await.unwrap();
    let type_name = async || {
        let work =
            Work::one(Statement::new("select enum_first(null::old_name)".replace("old_name", "public.t")));
        fixture
            .database
            .run(&operator(), work)
            .await
            .map(|outcomes| outcomes[0].result.columns[0].type_name.clone())
    };
    fixture.script(&["alter type old_name rename to t"]).await.unwrap();
    assert_eq!(&*type_name().await.unwrap(), "public.t");
    drop(other);
    fixture.end().await;
}

#[tokio::test]
async fn grants_are_remembered() {
    let fixture = Fixture::new().await;
    fixture
        .script(&[
            "create role anon",
            "create schema app",
            "alter default privileges for role postgres grant all on tables to anon",
            "create table quiet (x int)",
            "create table app.\"Named, so\" (x int)",
            "create table listed (x int)",
            "create table in_path (x int)",
            "create table in_block (x int)",
            "create function quiet() returns int language sql as 'select 1'",
            "grant execute on function quiet() to anon",
            "grant all on all tables in schema public to anon",
            "grant usage on schema app to anon",
            "GRANT\n SELECT, insert ON\n TABLE app.\"Named, so\" , public.listed TO anon",
            "set search_path = app, public",
            "grant select (x) on in_path to anon",
            "do $$ begin execute 'grant select on public.in_block to anon'; end $$",
        ])
        .await
        .unwrap();
    let catalog = fixture.database.catalog().await.unwrap();
    let explicit =
        |schema: &str, name: &str| catalog.relation_named(schema, name).unwrap().granted_explicitly;
    assert!(!explicit("public", "quiet"));
    assert!(explicit("public", "listed") && explicit("public", "in_path") && explicit("public", "in_block"));
    // A name with a comma in it is not recognised, and so stays closed.
    assert!(!explicit("app", "Named, so"));
    fixture.end().await;
}
