-- BEFORE triggers: what they make of a row is seen by later triggers, generated columns, checks and RETURNING.
create table log (i bigint generated always as identity primary key, m text);
create table item (
  id int primary key,
  name text not null,
  n int not null default 0 check (n < 100),
  twice int generated always as (n * 2) stored,
  updated_at timestamptz,
  code varchar(4)
);
create function touch() returns trigger language plpgsql as $$
begin
  NEW.updated_at = '2024-01-01 00:00:00+00';
  RETURN NEW;
end;
$$;
create trigger touch before update on item for each row execute function touch();
insert into item (id, name) values (1, 'one'), (2, 'two') returning *;
update item set n = n + 1 where id = 1 returning *;
update item set n = 5 where id = 1 returning id, n, twice, updated_at is not null as touched;

-- assignments
create function tidy_name() returns trigger language plpgsql as $$
begin
  new.name := lower(trim(new.name));
  new.n := coalesce(new.n, 0) + 1;
  new.twice := 7;
  return new;
end $$;
create trigger a_tidy before insert or update of name on item for each row execute function tidy_name();
insert into item (id, name, n) values (3, '  THREE ', 10) returning *;
insert into item (id, name, n) values (4, null, 10);
insert into item (id, name, n) values (4, 'x', 99);
update item set name = 'THREE' where id = 3 returning *;
update item set n = 20 where id = 3 returning *;
update item set name = 'Y', n = 99 where id = 3;
-- the next trigger by name sees what the one before it left
create function tag() returns trigger language plpgsql as $$
begin
  new.name := new.name || '/' || tg_name;
  return new;
end $$;
create trigger c_tag before insert on item for each row execute function tag();
create trigger b_tag before insert on item for each row execute function tag();
create trigger "B_tag" before insert on item for each row execute function tag();
insert into item (id, name) values (5, 'Five') returning id, name;
alter table item disable trigger c_tag;
insert into item (id, name) values (6, 'Six') returning id, name;
alter table item enable trigger c_tag;
insert into item (id, name) values (7, 'Seven') returning id, name;
drop trigger c_tag on item;
drop trigger b_tag on item;
drop trigger "B_tag" on item;
drop trigger a_tag on item;
drop trigger a_tidy on item;

-- skipped rows
create function skip_odd() returns trigger language plpgsql as $$
begin
  return null;
end $$;
create trigger skip before insert on item for each row when (new.id % 2 = 1) execute function skip_odd();
insert into item (id, name) values (11, 'a'), (12, 'b'), (13, 'c') returning id;
insert into item (id, name) values (15, 'a');
create trigger skip_update before update on item for each row when (new.n is distinct from old.n and old.id < 3) execute function skip_odd();
update item set n = n + 1 where id in (1, 2, 12) returning id;
update item set name = name || '!' where id in (1, 12) returning id, name;
create trigger skip_delete before delete on item for each row when (old.id = 1) execute function skip_odd();
delete from item where id in (1, 2) returning id;
create function keep_old() returns trigger language plpgsql as $$ begin return old; end $$;
create trigger z_keep before update on item for each row when (new.name = 'keep') execute function keep_old();
update item set name = 'keep', n = 50 where id = 12 returning *;
drop trigger skip on item;
create trigger old_of_insert before insert on item for each row execute function keep_old();
insert into item (id, name) values (20, 'old of an insert') returning id;
drop trigger old_of_insert on item;
create function new_of_delete() returns trigger language plpgsql as $$ begin return new; end $$;
create trigger new_of_delete before delete on item for each row execute function new_of_delete();
delete from item where id = 12 returning id;
drop trigger new_of_delete on item;
create function either() returns trigger language plpgsql as $$
begin
  insert into log (m) values (tg_op || ' ' || coalesce(old.id::text, '-') || ' ' || coalesce(new.id::text, '-'));
  return coalesce(new, old);
end $$;
create trigger either before insert or update or delete on item for each row execute function either();
insert into item (id, name) values (30, 'thirty');
update item set id = 31 where id = 30;
delete from item where id = 31 returning id;
select m from log order by i;
drop table item;

-- errors
create table e (id int primary key, a text, n int, s varchar(3));
create table stash (id int generated always as identity, v text);
create function f() returns trigger language plpgsql as $$ begin new.a := 'x'; end $$;
create trigger f before insert on e for each row execute function f();
insert into e values (1);
create or replace function f() returns trigger language plpgsql as $$ begin new.nothing := 'x'; return new; end $$;
insert into e values (1);
create or replace function f() returns trigger language plpgsql as $$ begin new.a := new.nothing; return new; end $$;
insert into e values (1);
create or replace function f() returns trigger language plpgsql as $$ begin new.a := id; return new; end $$;
insert into e values (1);
create or replace function f() returns trigger language plpgsql as $$ begin new.n := 'abc'; return new; end $$;
insert into e values (1);
create or replace function f() returns trigger language plpgsql as $$ begin new.n := new.a; return new; end $$;
insert into e values (1, '12') returning *;
insert into e values (2, '1x');
create or replace function f() returns trigger language plpgsql as $$ begin new.s := 'abcd'; return new; end $$;
insert into e values (3);
create or replace function f() returns trigger language plpgsql as $$ begin new.a := a from (values ('p'), ('q')) v(a); return new; end $$;
insert into e values (3);
create or replace function f() returns trigger language plpgsql as $$ begin new.a := 1, 2; return new; end $$;
insert into e values (3);
create or replace function f() returns trigger language plpgsql as $$ begin select 1; return new; end $$;
insert into e values (3);
create or replace function f() returns trigger language plpgsql as $$ begin insert into stash (v) values ('x') returning id; return new; end $$;
insert into e values (3);
create or replace function f() returns trigger language plpgsql as $$ declare v int; begin insert into stash (v) values ('x') into v; return new; end $$;
insert into e values (3);
create or replace function f() returns trigger language plpgsql as $$ declare v text; begin select s.v into strict v from stash s where false; return new; end $$;
insert into e values (3);
create or replace function f() returns trigger language plpgsql as $$ declare v int; begin select x into strict v from (values (1), (2)) t(x); return new; end $$;
insert into e values (3);
create or replace function f() returns trigger language plpgsql as $$ declare v int not null := 3; begin v := null; return new; end $$;
insert into e values (3);
create or replace function f() returns trigger language plpgsql as $$ begin return 1; end $$;
insert into e values (3);
create or replace function f() returns trigger language plpgsql as $$ declare r record; begin r.x := 1; return new; end $$;
insert into e values (3);
create or replace function f() returns trigger language plpgsql as $$ declare r record; begin select 1 as y into r; new.a := r.x; return new; end $$;
insert into e values (3);
create or replace function f() returns trigger language plpgsql as $$ declare a text := 'k'; begin update e set n = n + 1 where a = 'x'; return new; end $$;
insert into e values (3);
create or replace function f() returns trigger language plpgsql as $$ begin insert into nowhere values (1); return new; end $$;
insert into e values (3);
create or replace function f() returns trigger language plpgsql as $$ begin perform 1 / (new.id - 3); return new; end $$;
insert into e values (3);
insert into e values (4) returning id;
create or replace function f() returns trigger language plpgsql as $$ begin new.a := new; return new; end $$;
insert into e (id, n) values (5, 6) returning a;
select id, a, n from e order by id;
select f();

-- what a BEFORE trigger sees of its own statement
create table seen (id int, others int);
create function count_others() returns trigger language plpgsql as $$
begin
  new.others := (select count(*) from seen);
  return new;
end $$;
create trigger count_others before insert on seen for each row execute function count_others();
insert into seen (id) values (1), (2), (3) returning *;
insert into seen (id) select id + 3 from seen returning *;

-- rows that a BEFORE trigger changes itself
create table chain (id int primary key, n int not null default 0, v text);
insert into chain (id) values (1), (2), (3);
create function bump_others() returns trigger language plpgsql as $$
begin
  update chain set n = n + 1 where id <> new.id and n = 0;
  return new;
end $$;
create trigger bump before update of v on chain for each row execute function bump_others();
update chain set v = 'x';
update chain set v = 'x' where id = 2 returning *;
select * from chain order by id;
create function bump_itself() returns trigger language plpgsql as $$
begin
  update chain set n = n + 10 where id = old.id;
  return old;
end $$;
create trigger bump_itself before delete on chain for each row execute function bump_itself();
delete from chain where id = 3;

-- ON CONFLICT fires BEFORE INSERT, then BEFORE UPDATE
create table up (id int primary key, v text, times int not null default 1);
create function note() returns trigger language plpgsql as $$
begin
  insert into log (m) values (tg_when || ' ' || tg_op || ' ' || new.v || ' ' || coalesce(old.v, '-'));
  new.v := new.v || '+';
  return new;
end $$;
truncate log;
create trigger note before insert or update on up for each row execute function note();
create trigger note_after after insert or update on up for each row execute function note();
insert into up values (1, 'a') on conflict (id) do update set v = excluded.v, times = up.times + 1 returning *;
insert into up values (1, 'b'), (2, 'c') on conflict (id) do update set v = excluded.v, times = up.times + 1 returning *;
insert into up values (1, 'd') on conflict do nothing returning *;
insert into up values (1, 'e') on conflict (id) do update set v = excluded.v where up.times > 100 returning *;
insert into up values (7, 'f'), (7, 'g') on conflict (id) do update set v = excluded.v;
select m from log order by i;

-- local variables
create table v (id int primary key, owner text, total numeric(10,2), info jsonb, tags text[]);
create table rate (owner text primary key, percent numeric not null, label text);
insert into rate values ('ann', 10, 'low'), ('bob', 50, 'high');
create function rated() returns trigger language plpgsql as $$
declare
  p numeric;
  lbl rate.label%type := 'none';
  twice int default 2;
  r record;
  whole rate%rowtype;
  constant_one constant int := 1;
  missing text;
begin
  select percent, label into p, lbl from rate where owner = new.owner;
  select * into r from rate order by percent desc limit 1;
  select * into whole from rate where owner = 'ann';
  select label into missing from rate where owner = 'nobody';
  p := p * twice + constant_one;
  new.total := p;
  new.info := jsonb_build_object('label', lbl, 'found', found, 'highest', r.owner, 'first', whole.percent, 'missing', missing);
  new.tags := array[lbl, r.label];
  <<nested>>
  declare
    lbl text := 'inner';
  begin
    new.tags := new.tags || lbl || nested.lbl;
  end;
  return new;
end $$;
create trigger rated before insert on v for each row execute function rated();
insert into v (id, owner) values (1, 'ann'), (2, 'bob'), (3, 'cy') returning *;
create or replace function rated() returns trigger language plpgsql as $$
#variable_conflict use_variable
declare
  owner text := 'ann';
  hits int;
begin
  select count(*) into hits from rate where rate.owner = owner;
  new.total := hits;
  return new;
end $$;
insert into v (id) values (10) returning total;
create or replace function rated() returns trigger language plpgsql as $$
#variable_conflict use_column
declare
  owner text := 'ann';
  hits int;
begin
  select count(*) into hits from rate where rate.owner = owner;
  new.total := hits;
  return new;
end $$;
insert into v (id) values (11) returning total;
create or replace function rated() returns trigger language plpgsql as $$
declare
  was int;
begin
  update rate set percent = percent + 1 where owner = 'ann' returning percent into was;
  new.total := was;
  update rate set percent = 0 where owner = 'nobody';
  new.info := to_jsonb(found);
  perform 1 from rate;
  new.tags := array[found::text];
  return new;
end $$;
insert into v (id) values (12), (13) returning id, total, info, tags;

-- control structures are for later: the function is made, its call is refused by name
create or replace function rated() returns trigger language plpgsql as $$
begin
  if new.id > 5 then
    new.total := 1;
  end if;
  return new;
end $$;
insert into v (id) values (20) returning total;
create or replace function rated() returns trigger language plpgsql as $$
begin
  raise exception 'no % allowed', new.id using errcode = 'P0009';
end $$;
insert into v (id) values (21);
