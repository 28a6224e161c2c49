-- EXECUTE of one text again: after definitions, for others, with other types, within loops.
create table items (id integer primary key, price integer not null, owner text not null);
insert into items values (1, 10, 'ann'), (2, 20, 'bob'), (3, 30, 'ann');
create function run_it(what text) returns text language plpgsql as $$ declare told text; begin execute what into told; return told; end $$;
select run_it('select sum(price) from items');
select run_it('select sum(price) from items');
insert into items values (4, 40, 'bob');
select run_it('select sum(price) from items');

-- What is defined in between holds at once.
select run_it('select row_to_json(i) from items i where id = 1');
alter table items add column note text default 'new';
select run_it('select row_to_json(i) from items i where id = 1');
alter table items drop column note;
select run_it('select row_to_json(i) from items i where id = 1');
alter table items alter column price type numeric;
select run_it('select pg_typeof(price) from items where id = 1');
alter table items rename to things;
select run_it('select sum(price) from items');
alter table things rename to items;
select run_it('select sum(price) from items');
create or replace function worth(integer) returns integer language sql as 'select $1 * 2';
select run_it('select worth(4)');
create or replace function worth(integer) returns integer language sql as 'select $1 * 3';
select run_it('select worth(4)');
begin;
alter table items add column gone integer default 7;
select run_it('select gone from items where id = 1');
select run_it('select 1 / 0');
commit;
select run_it('select gone from items where id = 1');

-- Within one function, too.
create function between_definitions() returns text language plpgsql as $$
declare told text; was text := '';
begin
  for n in 1..3 loop
    execute 'select count(*) from pg_attribute where attrelid = ''items''::regclass and attnum > 0 and not attisdropped' into told;
    was := was || told || ' ';
    execute format('alter table items add column extra_%s integer', n);
  end loop;
  execute 'select row_to_json(i) from items i where id = 2' into told;
  return was || told;
end $$;
select between_definitions();
alter table items drop column extra_1, drop column extra_2, drop column extra_3;
select run_it('select row_to_json(i) from items i where id = 2');

-- The types of what follows USING.
create function typed() returns setof text language plpgsql as $$
declare told text;
begin
  execute 'select pg_typeof($1)::text || '' '' || ($1 / 2)::text' into told using 3; return next told;
  execute 'select pg_typeof($1)::text || '' '' || ($1 / 2)::text' into told using 3.0; return next told;
  execute 'select pg_typeof($1)::text || '' '' || ($1 / 2)::text' into told using 3::float8; return next told;
  execute 'select pg_typeof($1)::text || '' '' || ($1 / 2)::text' into told using 5; return next told;
  execute 'select pg_typeof($1)::text || '' '' || ($1 / 2)::text' into told using null::bigint; return next coalesce(told, 'null');
end $$;
select * from typed();
create function raised() returns integer language plpgsql as $$
declare total integer := 0; found_price integer;
begin
  for n in 1..4 loop
    execute 'update items set price = price + $1 where id = $2' using n, n;
    execute 'select price from items where id = $1' into found_price using n;
    total := total + found_price;
  end loop;
  return total;
end $$;
select raised();
select id, price from items order by id;

-- For whom it runs.
create role execute_reader;
grant execute_reader to authenticator;
grant select on items to execute_reader;
alter table items enable row level security;
create policy annes on items for select to execute_reader using (owner = 'ann');
create function run_as_owner(what text) returns text language plpgsql security definer as $$ declare told text; begin execute what into told; return told; end $$;
select run_it('select string_agg(id::text, '','' order by id) from items');
-- as execute_reader
select run_it('select string_agg(id::text, '','' order by id) from items');
select run_as_owner('select string_agg(id::text, '','' order by id) from items');
select run_it('select string_agg(id::text, '','' order by id) from items');
select run_it('update items set price = 0 returning id');
-- as postgres
select run_it('select string_agg(id::text, '','' order by id) from items');
drop policy annes on items;
create policy bobs on items for select to execute_reader using (owner = 'bob');
-- as execute_reader
select run_it('select string_agg(id::text, '','' order by id) from items');
-- as postgres
revoke select on items from execute_reader;
-- as execute_reader
select run_it('select string_agg(id::text, '','' order by id) from items');
select run_as_owner('select string_agg(id::text, '','' order by id) from items');
-- as postgres

-- What a name means.
create schema other_execute;
create table other_execute.items (id integer, price integer);
insert into other_execute.items values (9, 900);
select run_it('select sum(price) from items');
begin;
select run_it('select sum(price) from items');
set local search_path = other_execute, public;
select run_it('select sum(price) from items');
set local search_path = public;
select run_it('select sum(price) from items');
commit;
begin;
select run_it('select sum(price) from items');
create temporary table items (price integer) on commit drop;
insert into items values (-1);
select run_it('select sum(price) from items');
drop table pg_temp.items;
select run_it('select sum(price) from items');
commit;
select run_it('select sum(price) from items');

-- Temporary tables come first in functions and blocks too, as soon as they are there.
create table log_of_items (what text);
create function note_item() returns trigger language plpgsql as $$ begin insert into log_of_items values (new.owner); return new; end $$;
create trigger note_item after insert on items for each row execute function note_item();
create function count_log() returns bigint language plpgsql as $$ declare n bigint; begin select count(*) into n from log_of_items; return n; end $$;
begin;
create temporary table log_of_items (what text);
insert into items values (7, 7, 'gus');
select what from log_of_items;
select what from public.log_of_items;
select count_log();
drop table pg_temp.log_of_items;
insert into items values (6, 6, 'fay');
select what from log_of_items;
select count_log();
delete from items where id in (6, 7);
commit;
create function by_temporary() returns text language plpgsql as $$
declare told text;
begin
  create temporary table scratch (n integer) on commit drop;
  insert into scratch select generate_series(1, 5);
  update scratch set n = n * 2;
  select string_agg(n::text, ',' order by n) into told from scratch;
  execute 'delete from scratch where n > 6';
  return told || ';' || (select count(*) from scratch);
end $$;
select by_temporary();
select by_temporary();
do $$ begin create temporary table scratch (n integer); insert into scratch values (1); drop table scratch; end $$;
select n from scratch;
create function with_no_path() returns bigint language plpgsql set search_path = '' as $$ declare n bigint; begin select count(*) into n from scratch; return n; end $$;
select with_no_path();
begin;
create temporary table scratch (n integer);
insert into scratch values (1), (2);
select with_no_path();
commit;

-- What fails fails again, and several statements run as before.
select run_it('select 1 / (price - price) from items');
select run_it('select 1 / (price - price) from items');
select run_it('select nothing from items');
select run_it('select nothing from items');
select run_it('insert into items values (5, 1, ''eve''); select count(*) from items');
select run_it('insert into items values (5, 1, ''eve''); select count(*) from items');
select run_it('');
select run_it(null);
drop schema other_execute cascade;
drop function note_item() cascade;
drop table log_of_items;
drop function count_log(), by_temporary(), with_no_path();
drop function run_it(text), run_as_owner(text), worth(integer), between_definitions(), typed(), raised();
drop table items;
drop role execute_reader;
