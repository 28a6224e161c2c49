-- Values, rows and statements that triggers meet.
create table log (i bigint generated always as identity primary key, m text);
create type mood as enum ('sad', 'ok', 'happy');
create domain short as text check (char_length(value) < 6);
create sequence numbers start 100;
create table post (
  id uuid primary key default gen_random_uuid(),
  title text,
  slug text unique,
  tags text[] default '{}',
  meta jsonb default '{}',
  feeling mood default 'ok',
  name short,
  amount numeric(8,2),
  due date,
  "Count" int default 0,
  ok boolean,
  number int,
  owner uuid
);
create function prepare_post() returns trigger language plpgsql as $$
begin
  -- comments; with a semicolon 'and a quote
  new.slug := lower(regexp_replace(new.title, '[^a-zA-Z0-9]+', '-', 'g'));
  new.tags := array_append(new.tags, 'it''s; new');
  new.meta := new.meta || jsonb_build_object('by', tg_name, 'len', length(new.title));
  new.meta = jsonb_set(new.meta, '{seen}', 'true');
  /* a block; comment */
  new.feeling := case when new.ok then 'happy' else 'sad' end;
  new.amount := new.amount * 1.005;
  new.due := coalesce(new.due, '2024-02-29'::date) + 1;
  new."Count" := new."Count" + 1;
  new.number := nextval('numbers');
  new.ok := new.ok is not null and new.title like '%e%';
  new.owner := auth.uid();
  return new;
end;
$$;
create trigger prepare before insert on post for each row execute function prepare_post();
insert into post (title, amount, ok) values ('Hello, World!', 10.10, true), ('x', null, null)
  returning title, slug, tags, meta, feeling, amount, due, "Count", ok, number, owner;
insert into post (title) values ('Hello World') returning slug;
create or replace function prepare_post() returns trigger language plpgsql as $$ begin new.name := new.title; return new; end $$;
insert into post (title) values ('short') returning name;
insert into post (title) values ('too long');
create or replace function prepare_post() returns trigger language plpgsql as $$ begin new.feeling := new.title; return new; end $$;
insert into post (title) values ('happy') returning feeling;
insert into post (title) values ('angry');
create or replace function prepare_post() returns trigger language plpgsql as $$ begin new.number := true; return new; end $$;
insert into post (title) values ('t');
create or replace function prepare_post() returns trigger language plpgsql as $$ begin new.title := 12.50 * 2; new.number := 2.5; new.ok := 'yes'; new.meta := '[1]'; return new; end $$;
insert into post (title) values ('t') returning title, number, ok, meta;
create or replace function prepare_post() returns trigger language plpgsql as $$ begin new.meta := 'not json'; return new; end $$;
insert into post (title) values ('t');
create or replace function prepare_post() returns trigger language plpgsql as $$ begin new.amount := 1e9; return new; end $$;
insert into post (title) values ('t');
create or replace function prepare_post() returns trigger language plpgsql as $$
begin
  select max(number), 'chosen' into new.number, new.title from post;
  insert into log (m) values ('x') returning i into new."Count";
  return new;
end $$;
insert into post (number) values (5000) returning number, title, "Count";
drop table post;

-- rows as values in conditions and expressions
create table t (id int primary key, a int, b text);
create function note() returns trigger language plpgsql as $$
begin
  insert into log (m) values (tg_name || ' ' || coalesce(old.id, 0) || ' ' || coalesce(new.id, 0));
  return coalesce(new, old);
end $$;
create trigger eq after update on t for each row when (old = new) execute function note();
create trigger ne after update on t for each row when (old is distinct from new) execute function note();
create trigger row_ne after update on t for each row when ((old.a, old.b) is distinct from (new.a, new.b)) execute function note();
create trigger star_ne after update on t for each row when (old.* is distinct from new.*) execute function note();
create trigger is_null after update on t for each row when (new.a is null or new.b in ('x', 'y')) execute function note();
insert into t values (1, 1, 'a'), (2, null, null);
truncate log;
update t set a = a;
select m from log order by i;
truncate log;
update t set a = 5, b = 'x' where id = 1;
select m from log order by i;
truncate log;

-- what may be done to triggers
create or replace trigger eq after update on t for each row when (new.id = 1) execute function note();
update t set a = a where id = 1;
select m from log order by i;
truncate log;
alter table t disable trigger all;
update t set a = a;
select m from log order by i;
alter table t enable trigger all;
alter table t disable trigger user;
alter table t enable trigger is_null;
update t set a = null;
select m from log order by m;
truncate log;
alter table t enable trigger user;
alter trigger eq on t rename to zz_eq;
alter table t rename column b to bb;
alter table t add column c int default 3;
create or replace function note() returns trigger language plpgsql as $$
begin
  insert into log (m) values (tg_name || ' ' || coalesce(new.bb, '-') || ' ' || new.c);
  return new;
end $$;
update t set c = 4, bb = 'y' where id = 1;
select m from log order by i;
truncate log;
drop function note();
drop trigger zz_eq on t;
drop function note() cascade;
update t set c = 5 where id = 1;
alter table t rename to tt;

-- statements of every form
create table src (id int primary key, v text);
insert into src values (1, 'one'), (2, 'two'), (3, 'three');
create table dst (id int primary key, v text, n int default 0);
create or replace function mark() returns trigger language plpgsql as $$
begin
  insert into log (m) values (tg_op || ' ' || coalesce(old.id::text, '-') || '>' || coalesce(new.id::text, '-') || ' ' || (select count(*) from dst));
  return coalesce(new, old);
end $$;
create trigger mark before insert or update or delete on dst for each row execute function mark();
insert into dst select id, v from src order by id;
insert into dst (id, v) select id + 10, v || '!' from dst where id < 3 returning *;
update dst set v = s.v || s.id from src s where s.id = dst.id and s.id < 3 returning dst.id, dst.v, s.v;
delete from dst using src s where s.id = dst.id and s.id = 3 returning dst.*, s.v;
with gone as (delete from dst where id > 10 returning id) select count(*) from gone;
update dst set n = (select count(*) from src) where id = 1 returning n;
select m from log order by i;
truncate log;

-- a tree whose rows refer to each other
create table node (id int primary key, parent int references node on delete cascade on update cascade, depth int);
create function set_depth() returns trigger language plpgsql as $$
begin
  new.depth := coalesce((select n.depth + 1 from node n where n.id = new.parent), 0);
  return new;
end $$;
create trigger set_depth before insert or update of parent on node for each row execute function set_depth();
create function node_gone() returns trigger language plpgsql as $$
begin
  insert into log (m) values ('gone ' || old.id || ' left ' || (select count(*) from node));
  return null;
end $$;
create trigger gone after delete on node for each row execute function node_gone();
insert into node (id, parent) values (1, null), (2, 1), (3, 2), (4, 2), (5, 1);
select * from node order by id;
update node set id = 20 where id = 2;
select * from node order by id;
delete from node where id = 20;
select m from log order by i;
delete from node;
select m from log order by i;
truncate log;

-- actions that set columns
create table boss (id int primary key);
create table worker (id int primary key, boss int default 0 references boss on delete set default on update set null, was int, note text check (note <> 'bad'));
create function keep_was() returns trigger language plpgsql as $$
begin
  new.was := old.boss;
  new.note := 'lost ' || old.boss;
  return new;
end $$;
create trigger keep_was before update of boss on worker for each row execute function keep_was();
insert into boss values (0), (1), (2);
insert into worker (id, boss) values (10, 1), (20, 2);
delete from boss where id = 1;
update boss set id = 3 where id = 2;
select * from worker order by id;
create or replace function keep_was() returns trigger language plpgsql as $$ begin new.note := 'bad'; return new; end $$;
delete from boss where id = 0;
create or replace function keep_was() returns trigger language plpgsql as $$ begin new.boss := 3; return new; end $$;
delete from boss where id = 0;
select * from worker order by id;

-- depth
create table level (id int primary key, depth int);
create function down() returns trigger language plpgsql as $$
begin
  new.depth := pg_trigger_depth();
  return new;
end $$;
create trigger down before insert on level for each row execute function down();
create function again() returns trigger language plpgsql as $$ begin insert into level (id) values (new.id + 1); return null; end $$;
create trigger again after insert on level for each row when (pg_trigger_depth() < 3) execute function again();
insert into level (id) values (1);
select * from level order by id;
select pg_trigger_depth();

-- functions of SQL that change rows, within
create table counted (id int);
create function add_two(n int) returns void language sql as $$ insert into counted values (n); insert into counted values (n + 1) $$;
create trigger counted_note before insert on counted for each row execute function down();
create function call_it() returns trigger language plpgsql as $$ begin perform add_two(new.id); return new; end $$;
create table caller (id int);
create trigger call_it after insert on caller for each row execute function call_it();
insert into caller values (1);
drop trigger counted_note on counted;
insert into caller values (1), (5);
select * from counted order by id;

-- in a transaction; deferred keys are looked at when it ends
create table later_parent (id int primary key);
create table later (id int primary key, p int references later_parent deferrable initially deferred);
create function make_later_parent() returns trigger language plpgsql as $$ begin insert into later_parent values (new.p); return new; end $$;
begin;
insert into later values (1, 1);
create trigger make_it after update on later for each row execute function make_later_parent();
update later set p = 7 where id = 1;
select * from later_parent;
commit;
insert into later values (2, 9);
select count(*) from later;

-- names
create schema "My Schema";
create table "My Schema"."The Table" ("Id" int primary key, "select" text);
create function "My Schema"."Fn x"() returns trigger language plpgsql as $$
<<fn>>
declare
  "Var" text := 'v';
  select_it text;
begin
  select "select" into select_it from "My Schema"."The Table" where "Id" = 1;
  NEW."select" := "Var" || fn."Var" || coalesce(select_it, 'none') || TG_TABLE_SCHEMA || TG_TABLE_NAME || "Fn x".TG_NAME;
  RETURN NEW;
END fn $$;
create trigger "Trigger ""q""" before insert on "My Schema"."The Table" for each row execute function "My Schema"."Fn x"();
insert into "My Schema"."The Table" values (1), (2) returning *;

-- what stands in policies may not be changed under the statement's feet
create table member (doc int, who uuid);
create table doc (id int primary key, v text);
alter table doc enable row level security;
grant all on doc, member to authenticated;
create policy members on doc for all to authenticated using (exists (select 1 from member m where m.doc = id and m.who = auth.uid()));
create function join_doc() returns trigger language plpgsql security definer as $$ begin insert into public.member values (new.id, auth.uid()); return new; end $$;
create trigger join_doc before insert on doc for each row execute function join_doc();
-- as authenticated {"sub": "00000000-0000-0000-0000-00000000000a", "role": "authenticated"}
insert into doc values (1, 'mine');
-- as postgres
drop trigger join_doc on doc;
create policy anyone on doc for insert to authenticated with check (true);
create trigger join_doc after insert on doc for each row execute function join_doc();
-- as authenticated {"sub": "00000000-0000-0000-0000-00000000000a", "role": "authenticated"}
insert into doc values (2, 'mine');
select * from doc;
insert into doc values (3, 'mine') returning id;
-- as postgres
create function lift() returns trigger language plpgsql as $$ begin perform set_config('role', 'service_role', true); return new; end $$;
create trigger lift after update on doc for each row execute function lift();
-- as authenticated {"sub": "00000000-0000-0000-0000-00000000000a", "role": "authenticated"}
update doc set v = 'x' where id = 2;
-- as postgres
create or replace function lift() returns trigger language plpgsql security definer as $$ begin perform set_config('role', 'service_role', true); return new; end $$;
-- as authenticated {"sub": "00000000-0000-0000-0000-00000000000a", "role": "authenticated"}
update doc set v = 'x' where id = 2;
select current_user;
-- as postgres
-- the extension that everybody uses for it
create extension moddatetime schema extensions;
create table md (id int, at timestamptz, local timestamp, note text);
create trigger md before update on md for each row execute procedure extensions.moddatetime(at);
insert into md values (1), (2);
update md set note = 'x' where id = 1;
select id, at is null as never, at <= now() as in_time from md order by id;
create trigger md_local before update on md for each row execute procedure extensions.moddatetime(local);
update md set note = 'y' where id = 1 returning local = at at time zone 'UTC' as same, at = now() as now;
create trigger md_note before update on md for each row execute procedure extensions.moddatetime(note);
update md set note = 'z';
drop trigger md_note on md;
create trigger md_none before update on md for each row execute procedure extensions.moddatetime(nothing);
update md set note = 'z';

-- INTO behind a statement that changes rows takes one row at most
create table many (id int primary key, v int default 0);
insert into many values (1), (2), (3);
create table asks (id int, got int, found_one boolean);
create function ask() returns trigger language plpgsql as $$
begin
  update many set v = v + 1 where id >= new.id returning id into new.got;
  new.found_one := found;
  return new;
end $$;
create trigger ask before insert on asks for each row execute function ask();
insert into asks (id) values (3) returning *;
insert into asks (id) values (4) returning *;
insert into asks (id) values (1) returning *;
create or replace function ask() returns trigger language plpgsql as $$
begin
  select id into new.got from many where id >= new.id order by id desc;
  new.found_one := found;
  return new;
end $$;
insert into asks (id) values (1), (9) returning *;
create or replace function ask() returns trigger language plpgsql as $$
declare
  r record;
  total int;
begin
  with gone as (delete from many where id = new.id returning v) select count(*) into total from gone;
  insert into many values (new.id + 100, total) returning * into r;
  new.got := r.v + r.id;
  delete from many where id = 2 returning * into strict r;
  new.found_one := r.v = 0;
  return new;
end $$;
insert into asks (id) values (1) returning *;
insert into asks (id) values (3) returning *;
select * from many order by id;
create or replace function ask() returns trigger language plpgsql as $$
declare
  id int := 5;
begin
  insert into many (id, v) values (new.id, 1) on conflict (id) do nothing;
  return new;
end $$;
insert into asks (id) values (1);
create or replace function ask() returns trigger language plpgsql as $$
declare
  v_max many.v%type;
  v_row many;
begin
  select max(v) as v_max, 7 into v_max from many group by id order by v_max desc limit 1;
  select * into v_row from many order by many.id limit 1;
  new.got := v_max * 1000 + v_row.id;
  return new;
end $$;
insert into asks (id) values (1) returning got;
