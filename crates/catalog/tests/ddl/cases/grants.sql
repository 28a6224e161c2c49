create role case_a

create role case_b nologin noinherit

create role case_c in role case_a

create role case_reader in role pg_read_all_data

create role case_writer noinherit in role pg_write_all_data

create role case_both in role pg_write_all_data, pg_read_all_data

create role case_c

create role pg_case

create role case_d superuser createdb createrole bypassrls login role case_c admin case_a

alter role case_d nosuperuser noinherit

alter role case_a set statement_timeout = '3s'

alter role case_a set search_path = public, "Odd"

alter role case_a reset statement_timeout

alter role nosuch set a.b = 'c'

grant case_a to case_b

grant case_a to case_b

grant case_b to case_a

grant case_b to nosuch

revoke case_a from case_b

revoke case_a from case_b

create table t (id serial, a int, b text)

create schema s

create table s.t2 (a int)

create function f(int) returns int language sql as 'select 1'

create type mood as enum ('a')

grant select, insert on t to case_a

grant select on t to case_a with grant option

grant all on t to case_b, public

grant update (a, b), select (b) on t to case_a

grant all (a) on t to case_b

grant delete (a) on t to case_b

grant select (nosuch) on t to case_b

grant execute on t to case_a

grant nosuch on t to case_a

grant select on nosuch to case_a

grant select on t to nosuch

grant select on t to public with grant option

grant usage, select on sequence t_id_seq to case_a

grant all on t_id_seq to case_b

grant insert, select on t_id_seq to case_c

grant select on sequence t to case_a

grant usage on schema s to case_a, case_b

grant create on schema s to case_a with grant option

grant select on schema s to case_a

grant select on all tables in schema s to case_a

grant all on all tables in schema s to case_b

grant all on all sequences in schema public to case_c

grant execute on all functions in schema public to case_a

grant execute on function f(int) to case_b

grant execute on function f to case_c

grant execute on function nosuch(int) to case_c

revoke execute on function f(int) from public

revoke all on function f(int) from case_a

grant usage on type mood to case_a

revoke all on type mood from public

revoke select on t from case_b

revoke all on t from case_a

revoke grant option for create on schema s from case_a

-- as case_a
grant select on t to case_b

grant select on t to case_a with grant option

-- as case_a
grant select on t to case_b

-- as case_a
grant select, insert on t to case_b

-- as case_a
grant insert on t to case_b

revoke select on t from case_a

revoke select on t from case_a cascade

-- as case_b
grant select on s.t2 to case_a

alter default privileges in schema public grant all on tables to case_a, case_b

alter default privileges grant select on sequences to case_a

alter default privileges for role case_a in schema s revoke execute on functions from public

alter default privileges revoke execute on functions from public

alter default privileges in schema public grant usage on schemas to case_a

alter default privileges grant usage on schemas to case_a

alter default privileges in schema public grant execute on tables to case_a

alter default privileges in schema public revoke insert on tables from case_b

create table later (id serial, a int)

create function later() returns int language sql as 'select 1'

create schema later

alter default privileges grant execute on functions to public

create function later2() returns int language sql as 'select 1'

alter table later owner to case_a

alter table nosuch owner to case_a

alter table if exists nosuch owner to case_a

alter table later owner to nosuch

alter sequence later_id_seq owner to case_b

alter function later() owner to case_a

alter schema later owner to case_a

alter type mood owner to case_a

-- as case_b
alter table later add column x int

-- as case_b
drop table later

-- as case_b
create table mine (a int)

grant create on schema public to case_b

-- as case_b
create table mine (a int references later)

-- as case_b
create table mine (a int)

-- as case_b
drop type mood

-- as case_b
drop function f(int)

-- as case_b
drop schema s

-- as case_b
comment on table t is 'x'

-- as case_b
create schema mine

-- as case_b
create role case_e

-- as case_b
drop role case_a

-- as case_b
alter role case_a login

-- as case_b
truncate t

-- as case_b
create index on t (a)

-- as case_b
alter table mine owner to case_a

-- as case_b
create trigger x before insert on later for each row execute function f()

drop role case_b

drop role nosuch

drop role if exists nosuch

alter role case_c rename to case_z
