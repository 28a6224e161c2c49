create function f(a int, b text default 'x') returns int language sql as 'select 1'

create function f(a int, b text) returns int language sql as 'select 1'

create or replace function f(a int, b text) returns int language sql as 'select 1'

create or replace function f(a int, b text default 'y') returns text language sql as 'select ''1'''

create or replace function f(x int, b text default 'y') returns int language sql as 'select 2'

create or replace function f(a int, b text default 'y') returns int language sql immutable strict security definer as 'select 2'

create or replace procedure f(a int, b text default 'y') language sql as 'select 2'

create function f(a int) returns setof text language sql stable set search_path = '' set statement_timeout = '1s' as 'select ''1'''

create function g(out a int, out b text) language sql as 'select 1, ''x'''

create function g2(a int, out b text) language sql as 'select ''x'''

create function g3(inout a int) returns text language sql as 'select ''x'''

create function h() returns table (x int, y text) language sql as 'select 1, ''x'''

create or replace function h() returns table (x int, z text) language sql as 'select 1, ''x'''

create function i(variadic a int[]) returns int language sql as 'select 1'

create function i2(variadic a int) returns int language sql as 'select 1'

create function i3(variadic a int[], b int) returns int language sql as 'select 1'

create function j(a int default 1, b int) returns int language sql as 'select 1'

create function j(a int, a int) returns int language sql as 'select 1'

create function j(a int) language sql as 'select 1'

create function j(a int) returns nosuch language sql as 'select 1'

create function j(a nosuch) returns int language sql as 'select 1'

create function j(a int) returns int as 'select 1'

create function j(a int) returns int language nosuch as 'select 1'

create function j(a int) returns int language sql

create function j(a int) returns int language sql language sql as 'select 1'

create function j(a int) returns int language sql stable immutable as 'select 1'

create function j(a int) returns anyelement language sql as 'select 1'

create function j(a int) returns trigger language sql as 'select 1'

create function j(a trigger) returns int language plpgsql as 'begin return 1; end'

create function j(a anyelement) returns anyarray language sql as 'select array[a]'

create function nosch.j(a int) returns int language sql as 'select 1'

create function tf() returns trigger language plpgsql as 'begin return new; end'

create procedure pr(a int) language sql as 'select 1'

alter function f(int, text) volatile called on null input security invoker

alter function f(int) reset search_path

alter function f(int) set search_path = public, "Odd"

alter function f(int) reset all

alter function nosuch(int) stable

alter function f stable

alter procedure h() security definer

alter function pr(int) security definer

alter procedure pr(int) security definer

alter function f(int, text) rename to ff

alter function ff(int, text) rename to h

create function h(int, text) returns int language sql as 'select 1'

alter function ff(int, text) rename to h

create schema s

alter function ff(int, text) set schema s

comment on function h(int, text) is 'two'

comment on procedure pr(int) is 'one'

comment on function pr(int) is 'one'

comment on function nosuch(int) is 'none'

drop function h

drop function h(), i(int[])

drop routine pr(int)

create table t (id int, name text, n int)

create view v as select id, name from t

create trigger a before insert or update of name, n on t for each row when (new.n > 0) execute function tf('x', 'y')

create trigger a after insert on t for each row execute function tf()

create or replace trigger a after insert on t for each row execute function tf()

create trigger b after delete on t execute function tf()

create trigger b2 after update on t referencing old table as o new table as n for each statement execute function tf()

create trigger c before truncate on t for each row execute function tf()

create trigger c before truncate on t execute function tf()

create trigger d before insert on t for each row execute function nosuch()

create trigger d before insert on t for each row execute function g()

create trigger d before insert on v for each row execute function tf()

create trigger d instead of insert on t for each row execute function tf()

create trigger d instead of insert on v for each row execute function tf()

create trigger e before update of nosuch on t for each row execute function tf()

create trigger e before update of n, n on t for each row execute function tf()

create trigger e before update on t referencing old table as o for each row execute function tf()

create trigger e after insert or update on t referencing new table as o for each row execute function tf()

create trigger e after insert on t referencing old table as o for each row execute function tf()

create trigger e after insert on nosuch for each row execute function tf()

create constraint trigger ct after insert on t deferrable initially deferred for each row execute function tf()

alter table t disable trigger a

alter trigger b on t rename to bb

alter trigger nosuch on t rename to bb

alter trigger bb on t rename to a

comment on trigger a on t is 'first'

drop trigger bb on t
