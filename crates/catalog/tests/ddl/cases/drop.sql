create table p (id int primary key, u int unique)

create table k (id int, pid int references p, uu int references p (u))

drop table p

alter table p drop constraint p_pkey

alter table p drop column u

drop index p_pkey

create view v as select id, pid from k

create view v2 as select id from v

drop table k

drop view v

alter table k drop column id

drop table p, k

drop table k cascade

drop table p cascade

create type mood as enum ('a', 'b')

create table m (x mood, y mood[], z int default 3)

create function ff(mood) returns int language sql as 'select 1'

create function fg() returns setof mood language sql as 'select null::mood'

drop type mood

drop type mood cascade

create table q (u int, v int, check (u > v), check (u > 0))

create index on q (u) where v > 0

create policy pp on q using (v > 0)

alter table q drop column v

alter table q drop column u

drop policy nosuch on q

drop policy if exists nosuch on q

drop policy if exists nosuch on nosuch

drop policy pp on q

create sequence s1

create table w (a int default nextval('s1'))

drop sequence s1

drop sequence s1 cascade

create schema sc

create table sc.a (x int)

create view sc.v as select x from sc.a

create type sc.e as enum ('a')

create function sc.f(a int, b text[]) returns int language sql as 'select 1'

create table usee (a sc.e)

drop schema sc

drop schema sc cascade

drop schema sc

drop schema if exists sc

create table rt (a int)

create table rt2 (b rt, c rt[])

drop table rt

drop table rt cascade

drop table if exists nosuch, nosch.x

drop table nosuch

drop table nosch.x

drop view q

drop index q

drop sequence q

drop type q

drop index nosuch

drop index if exists nosuch

drop view nosuch

drop sequence nosuch

drop type nosuch

drop type if exists nosuch

drop domain nosuch

drop function nosuch(int)

drop function nosuch

drop function if exists nosuch(int)

drop trigger nosuch on q

drop trigger nosuch on nosuch

drop trigger if exists nosuch on nosuch

drop extension nosuch

drop extension if exists nosuch

drop publication nosuch

create table own (id int generated always as identity, s serial)

drop sequence own_id_seq

drop sequence own_s_seq

drop sequence own_s_seq cascade

create function tf() returns trigger language plpgsql as 'begin return new; end'

create trigger tr before insert on own for each row execute function tf()

create trigger tr2 before insert on q for each row execute function tf()

drop function tf()

drop function tf() cascade

create domain dom as int check (value > 0)

create table usd (a dom, b dom[])

drop domain dom

drop type dom

drop domain dom cascade

create table gen (a int, b int generated always as (a * 2) stored)

alter table gen drop column a

alter table gen drop column a cascade

create view v3 as select x, y from m2

drop table q, w, usee cascade
