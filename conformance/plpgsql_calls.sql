-- Functions in PL/pgSQL that give one value, called where they are evaluated once.
create role calls_owner;
grant calls_owner to postgres;
grant usage, create on schema public to calls_owner;
create table kept (id int primary key, note text);
insert into kept values (1, 'one'), (2, 'two');
grant select on kept to calls_owner;

-- control flow, variables, parameters by name and number
create function sign_of(n int) returns text language plpgsql as $$
begin
  if n > 0 then return 'plus'; elsif n < 0 then return 'minus'; end if;
  return 'zero';
end $$;
select sign_of(3);
select sign_of(-3) as s;
select sign_of(0);
select sign_of(null);
select sign_of('7');
select * from sign_of(1);
select length(sign_of(-1)) + 1;
select sign_of(n => 4);
create function twice(int) returns int language plpgsql as 'begin return $1 * 2; end';
select twice(21);
select twice(2147483647);
create function named(a int, b int default 5) returns int language plpgsql as 'begin return named.a * 10 + b + $1; end';
select named(1);
select named(1, 2);
select named(b => 3, a => 2);
create function sum_to(n int) returns bigint language plpgsql as $$
declare total bigint := 0;
begin
  for i in 1 .. n loop total := total + i; end loop;
  return total;
end $$;
select sum_to(10), sum_to(0), sum_to(null);
create function to_domain(t text) returns varchar language plpgsql as 'begin return t; end';
select to_domain('x');
create function as_date(t text) returns date language plpgsql as 'begin return t; end';
select as_date('2024-02-29');
select as_date('2023-02-29');
create function rounded(n numeric) returns int language plpgsql as 'begin return n; end';
select rounded(2.5), rounded(-2.5);
create function as_json(k text, v int) returns jsonb language plpgsql as $$ begin return jsonb_build_object(k, v); end $$;
select as_json('a', 1), as_json('b', null);
create function as_array(v anyarray) returns int language plpgsql as 'begin return 1; end';
create function ints(v int[]) returns int language plpgsql as 'declare s int := 0; x int; begin foreach x in array v loop s := s + x; end loop; return s; end';
select ints(array[1,2,3]);
select ints('{}');

-- void, and what is wrong with RETURN
create function nothing() returns void language plpgsql as 'begin perform 1; end';
select nothing();
select nothing() is null;
select * from nothing();
create function early() returns void language plpgsql as 'begin return; perform 1 / 0; end';
select early();
create function no_return(n int) returns int language plpgsql as 'begin if n > 0 then return 1; end if; end';
select no_return(1);
select no_return(0);
select no_return(null);

-- errors
create function refuse(t text) returns int language plpgsql as $$
begin
  raise exception 'refused: %', t using hint = 'try another', detail = 'because', errcode = 'P0099';
end $$;
select refuse('x');
create function stop_sqlstate() returns void language plpgsql as $$
begin raise sqlstate 'PT402' using message = 'Payment Required', detail = 'Quota exceeded', hint = 'Upgrade'; end $$;
select stop_sqlstate();
create function divide(a int, b int) returns int language plpgsql as $$
begin
  return a / b;
exception when division_by_zero then return null;
end $$;
select divide(6, 3), divide(1, 0);
create function notice_it(t text) returns text language plpgsql as $$
begin raise notice 'seen %', t; return upper(t); end $$;
select notice_it('abc');

-- queries, changes, FOUND
create function note_of(i int) returns text language plpgsql stable as $$
declare found_note text;
begin
  select note into found_note from kept where id = i;
  if not found then return 'none'; end if;
  return found_note;
end $$;
select note_of(1), note_of(9);
create function put(i int, t text) returns int language plpgsql as $$
begin
  insert into kept values (i, t) on conflict (id) do update set note = excluded.note;
  return (select count(*) from kept);
end $$;
select put(3, 'three');
select put(1, 'uno');
select * from kept order by id;
create function put_stable(i int) returns int language plpgsql stable as $$
begin insert into kept values (i, 'never'); return i; end $$;
select put_stable(10);
create function change_stable() returns void language plpgsql immutable as $$ begin update kept set note = 'x'; end $$;
select change_stable();
create function drop_stable() returns void language plpgsql stable as $$ begin delete from kept; end $$;
select drop_stable();
select count(*) from kept;
select put(7, 'seven');
create function rolls_back(i int) returns text language plpgsql as $$
begin
  insert into kept values (i, 'gone');
  insert into kept values (1, 'twice');
  return 'both';
exception when unique_violation then return sqlstate || ': ' || (select count(*) from kept)::text;
end $$;
select rolls_back(50);
select count(*) from kept;

-- functions call functions
create function sign_and_note(n int, out s text) language sql as 'select sign_of($1) || coalesce(note_of($1), $1::text)';
select sign_and_note(1), sign_and_note(-8);
create function factorial(n int) returns numeric language plpgsql as $$
begin
  if n <= 1 then return 1; end if;
  return n * factorial(n - 1);
end $$;
select factorial(20);
create function through_sql(n int) returns text language sql as 'select sign_of($1)';
select through_sql(-2);
create function endless(n int) returns int language plpgsql as 'begin return endless(n + 1); end';

-- whose rights
create function count_kept() returns bigint language plpgsql as 'begin return (select count(*) from kept); end';
create function count_kept_definer() returns bigint language plpgsql security definer as 'begin return (select count(*) from kept); end';
create function who() returns text language plpgsql as 'begin return current_user; end';
create function who_definer() returns text language plpgsql security definer as 'begin return current_user; end';
alter function count_kept_definer() owner to calls_owner;
alter function who_definer() owner to calls_owner;
create function who_through() returns text language sql security definer as 'select who()';
alter function who_through() owner to calls_owner;
create function who_outer() returns text language sql as 'select who_through() || who()';
create function rows_through(n int) returns table (s text) language sql as 'select sign_of(n)';
create function hidden() returns int language plpgsql as 'begin return 1; end';
revoke execute on function hidden() from public;
create function becomes() returns void language plpgsql as $$ begin execute 'set local role calls_owner'; end $$;
create function becomes_definer() returns void language plpgsql security definer as $$ begin execute 'set local role authenticated'; end $$;
revoke all on kept from authenticated;
-- as authenticated
select count_kept();
select count_kept_definer();
select who(), who_definer();
select who_through();
select * from who_through();
select who_outer();
select * from rows_through(-1);
select hidden();
-- as postgres
begin;
select becomes();
select current_user;
select count_kept();
rollback;
select current_user;
select becomes_definer();

-- settings
create function shown(name text) returns text language plpgsql set work_mem = '3MB' as 'begin return current_setting(name); end';
select shown('work_mem');
create function sets(v text) returns text language plpgsql as $$ begin perform set_config('calls.x', v, true); return current_setting('calls.x'); end $$;
begin;
select sets('inside');
select current_setting('calls.x');
rollback;
begin read only;
select sign_of(1), note_of(2);
select put(4, 'four');
rollback;

-- sets and rows
create function three(n int) returns setof int language plpgsql as $$
begin
  for i in 1 .. 3 loop return next i * n; end loop;
  return;
end $$;
select * from three(2);
select t, t + 1 from three(5) t where t > 5;
select count(*), sum(three) from three(1);
create function notes_like(p text) returns table (nr int, words text) language plpgsql stable as $$
begin
  return query select k.id, k.note from kept k where k.note like p order by k.id;
  if not found then
    nr := 0; words := 'none'; return next;
  end if;
end $$;
select * from notes_like('t%');
select * from notes_like('nothing');
select n.words from notes_like('%') n order by n.nr desc limit 1;
create function all_kept() returns setof kept language plpgsql as $$
begin
  return query select * from kept where id < 3 order by id;
  return query execute 'select * from kept where id >= $1 order by id' using 3;
end $$;
select * from all_kept();
select id from all_kept() where note is not null order by id desc;
create function split_it(t text, out head text, out tail text) language plpgsql as $$
begin
  head := split_part(t, ' ', 1);
  tail := substr(t, length(head) + 2);
end $$;
select * from split_it('one two three');
select head from split_it('x');
create function only_out(a int, out b int) language plpgsql as 'begin b := a + 1; end';
select only_out(1), only_out(2) + 1;
select * from only_out(5);
create function second_by_number(a int, out b int) language plpgsql as 'begin b := $1; $2 := $2 + 1; end';
create function wrong_type() returns table (a text) language plpgsql as 'begin return query select 1; end';
select * from wrong_type();
create function wrong_count() returns setof int language plpgsql as 'begin return query select 1, 2; end';
select * from wrong_count();
create function wrong_varchar() returns table (a text) language plpgsql as $$ begin return query select 'x'::varchar(3); end $$;
select * from wrong_varchar();
create function wrong_return() returns setof int language plpgsql as 'begin return 1; end';
select * from wrong_return();
create function no_rows() returns setof int language plpgsql as 'begin return; end';
select * from no_rows();
create function rows_put(i int) returns setof kept language plpgsql as $$
begin return query insert into kept values (i, 'put'), (i + 1, 'put') returning *; end $$;
select * from rows_put(70);
select count(*) from kept;
create function row_count_of() returns setof bigint language plpgsql as $$
declare n bigint;
begin
  return query select 1::bigint union all select 2;
  get diagnostics n = row_count;
  return next n + 10;
end $$;
select * from row_count_of();
