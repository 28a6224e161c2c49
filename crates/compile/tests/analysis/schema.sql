create type mood as enum ('sad', 'ok', 'happy');
create domain posint as int check (value > 0);
create table owners (id uuid primary key, name text not null, born date, mood mood);
create table todos (
  id bigint primary key,
  owner uuid not null references owners,
  title varchar(40) not null,
  done boolean not null default false,
  price numeric(10,2),
  rating float8,
  tags text[],
  extra jsonb,
  raw json,
  due timestamptz,
  created timestamp,
  day date,
  wait interval,
  n int,
  s smallint,
  code char(4),
  addr inet,
  m mood,
  positive posint,
  scores int[],
  data bytea
);
create table members (org int not null, person uuid not null, role text, primary key (org, person));
create view open_todos as select id, title, owner from todos where not done;
create schema app;
create table app.things (id int primary key, label text);
create function add_one(x int) returns int language sql immutable as 'select x + 1';
create function greet(name text, greeting text default 'Hello') returns text language sql stable as 'select greeting || name';
create function over_load(x int) returns text language sql as 'select ''int''';
create function over_load(x text) returns text language sql as 'select ''text''';
create function todo_label(t todos) returns text language sql stable as 'select t.title';
create function todos_of(who uuid) returns setof todos language sql stable as 'select * from todos where owner = who';
create function pairs() returns table (a int, b text) language sql as 'select 1, ''x''';
create function many(variadic xs int[]) returns int language sql as 'select 1';
