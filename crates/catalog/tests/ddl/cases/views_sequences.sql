create table t (id int primary key, a int, b text, c numeric)

create view v as select id, a from t

create view v as select id from t

create or replace view v as select id, a, b from t

create or replace view v as select id from t

create or replace view v as select id, a as x, b from t

create or replace view v as select id, b as a, b from t

create or replace view t as select 1 as id

create view w (x, y) as select id, b from t

create view w2 (x, y, z) as select id, b from t

create view w3 with (security_invoker = true, security_barrier) as select id from t

create view w4 with (nosuch = true) as select id from t

create view w5 as select id, id from t

alter view w3 set (security_invoker = false)

alter view w3 rename to w3b

alter table w3b rename column id to ident

alter view nosuch rename to x

alter view if exists nosuch rename to x

alter view t rename to x

alter view w set schema nosuch

create schema s

alter view w set schema s

alter table t set schema s

comment on view v is 'a view'

comment on view s.t is 'no view'

comment on column v.id is 'its id'

comment on column v.nosuch is 'x'

create sequence q

create sequence q

create sequence if not exists q

create sequence q2 as smallint increment -2 start 10 minvalue -100 maxvalue 100 cache 5 cycle

create sequence q3 increment 0

create sequence q3 minvalue 10 maxvalue 5

create sequence q3 start 5 minvalue 10

create sequence q3 start 50 maxvalue 10

create sequence q3 as smallint maxvalue 100000

create sequence q3 as text

create sequence q3 cache 0

create sequence q3 increment 1 increment 2

create sequence q3 owned by s.t.nosuch

create table own (id int)

create sequence q3 owned by own.id

create sequence q4 owned by s.t.id

create sequence q4 owned by own

alter sequence q2 as integer no maxvalue restart with 7

alter sequence q2 restart with 5000000000

alter sequence q as int

alter sequence nosuch restart

alter sequence if exists nosuch restart

alter sequence own increment 2

alter sequence q rename to qq

alter sequence qq owned by own.id

alter sequence qq owned by none

alter sequence q3 set schema s

alter sequence qq set schema s

create table ident (id int generated always as identity)

alter sequence ident_id_seq owned by none

alter sequence ident_id_seq increment 5

comment on sequence s.qq is 'seq'

create publication pub

create publication pub2 for table own, ident

create publication pub

alter publication pub add table own

alter publication pub add table own

alter publication pub drop table ident

alter publication pub2 set table own

alter publication pub add table v

alter publication nosuch add table own

drop publication pub2

truncate own

create table ref (a int references s.t)

truncate s.t

truncate s.t cascade

truncate v

create schema s

create schema if not exists s

create schema pg_x

create schema made create table inside (a int) create view vi as select a from inside

alter schema made rename to remade

comment on schema s is 'a schema'

comment on table own is 'a table'

comment on column own.id is 'a column'

comment on constraint ref_a_fkey on ref is 'a key'

comment on constraint nosuch on ref is 'a key'

comment on table nosuch is 'x'
