-- Forms that generated statements found: each is PostgreSQL's, none is SQLite's as it stands.
create table f (id int primary key, shop text, n int, q numeric);
insert into f values (1, 'a', 2, 1.5), (2, 'b', 3, 2.5), (3, 'c', 4, null);
create function f_who() returns text language sql stable as 'select current_user::text';

-- VALUES over columns of a query around.
select id, (select v.c from (values (f.id), (f.id + 10)) v (c) order by 1 desc limit 1) from f order by id;
select id, (select min(v.c) filter (where v.c is not null) from (values (shop), (null)) v (c)) from f order by id;
select id, v.a, v.b from f, lateral (values (id, shop), (n, 'x')) v (a, b) order by 1, 2, 3;
select f.id from f where (select v.c from (values (f.id), (f.n)) v (c) offset 1) > 2 order by id;
select (select count(distinct v.c) from (values (max(id)), (max(n))) v (c)) from f;

-- Calls of one's own in windows of a query without FROM.
select first_value(current_user) over (order by f_who());
select rank() over (partition by f_who() order by f_who());
select f_who() order by 1 fetch first row with ties;

-- HAVING over one group whose aggregates stand in windows alone.
select array_agg(count(*)) over () having count(*) > 0;
select sum(count(*)) over () from f having count(*) > 3;
select sum(count(*)) over () from f having count(*) > 2;
select sum(max(n)) over (), max(n) from f having count(*) > 0;
select 'a' from f having true order by max(n);
select rank() over (order by count(*)) from f having max(n) > 1;
select rank() over () from f having false;

-- Indexes on constants.
create unique index on f (('abc'));
create index on f ((null));
create index on f ((1), ('x'));
create index on f (('x'::text));
create index on f (('it''s'::varchar)) where shop = 'a';
create index on f ((1 + 1));
create unique index on f ((coalesce(shop, 'y')), id);
create unique index f_text on f (('x'::text)) where n > 3;
insert into f values (4, 'd', 5, 1);
insert into f values (5, 'e', 1, 1);
delete from f where id = 5;

-- Recursive references in sub-queries.
with recursive t as (select '{"n": 1}' union select null from (select from t) t) select from t;
with recursive t (n) as (select 1 union all select fq.* from (select n + 1 from t where n < 4) as fq) select n from t;
with recursive t (n) as (select 1 union all select n + 1 from (select * from t) x where n < 4) select n from t;
with recursive t (n) as (select 1 union all select x.n + 1 from (select n from (select n from t where n < 9) y where n < 7) x join f on f.id = x.n) select n from t;
with recursive t (n, s) as (select 1, 'a' union all select x.m, x.s || f.shop from f join (select n + 1 as m, s from t) x on x.m = f.id where exists (select 1 where x.m < 4)) select * from t;
with recursive t (n) as (select 1 union all select x.n from (select n + 1 as n, f.id from t, f where f.id = t.n) x join f on f.n > x.n) select * from t;

-- Frames over what is no plain column.
select id, sum(q) over (order by case q when q then q end desc range between 1 preceding and current row) from f order by id;
select id, count(*) over (order by case n when 2 then q when 3 then -q else 0.5 end range between 0.5 preceding and 0.5 following) from f order by id;
select id, sum(q) over (order by case when n = (case n when 2 then 2 else 3 end) then q end range 1 preceding) from f order by id;

-- Aggregates of a row that a definition is about.
create policy p on f using (exists (select 1 where (select array_agg(distinct shop)) is not null));
create policy p on f using ((select max(f.n)) > 1);
alter table f add check ((select max(f.n)) > 1);
update f set n = n returning (select array_agg(f.n));
update f set n = (select max(f.n));
insert into f values (9) returning (select max(f.n));
delete from f where (select max(f.n)) > 1;
select exists (select 1 where (select array_agg(distinct shop)) is not null) from f;

-- Columns of types that name objects.
create table o as select pg_typeof(1) as t, 'f'::regclass as r;
select * from o;
update o set t = t where t is not null returning t;
select t, r from o where t = 'integer'::regtype and r = 'f'::regclass;
create table o2 (r regclass primary key, t regtype[], p regproc);
insert into o2 values ('f', '{int4,text}', 'now'), ('o', null, null);
select r, t, p, r::oid = 'f'::regclass::oid from o2 order by r::text;

-- LIMIT and OFFSET that read a query around.
select id, (select 1 limit f.id - 1) from f order by id;
select id, array(select n from generate_series(1, 5) n order by n desc limit f.id offset f.id - 1) from f order by id;
select id, array(select n from generate_series(1, 5) n order by n desc limit (select count(*) from f c where c.id <= f.id)) from f order by id;
select f.id, x.n from f, lateral (select n from generate_series(1, 5) n order by n desc limit f.id) x order by 1, 2;
select f.id, x.n from f left join lateral (select n from generate_series(1, 4) n order by n desc offset f.id) x on true order by 1, 2;
select array(select n from generate_series(1, 5) n limit -f.id) from f;
select array(select n from generate_series(1, 0) n limit -f.id) from f;
select array(select n from generate_series(1, 5) n offset -f.id) from f;
select id, array(select n from generate_series(1, 5) n limit nullif(f.id, 1) offset nullif(f.id, 2)) from f order by id;
select id, array(select n from generate_series(1, 3) n union all select 9 limit f.id offset 2) from f order by id;
select id from f where exists (select 1 from f c limit f.id - 1) order by id;
select id from f where id in (select c.id from f c order by c.id limit f.id - 1) order by id;

-- Arrays of composite values.
create type pair as (a int, b text);
create table box (id int primary key, p pair, ps pair[]);
insert into box values (1, (1, 'x'), array[(1, 'x')::pair]), (2, (2, 'y'), '{}');
select max(c) from (select array(select p from box order by id) as c) fz;
select max(ps) from box;
select z from unnest(array(select p from box order by id)) z;
select array[ps] from box where id = 1;
select '{{"(1,x)"}}'::pair[];
select array_cat(ps, ps) from box where id = 1;
select (array[array_agg(row(id, id * 2) order by id), array_agg(row(id, id * 2) order by id)])[2] from box;

-- DISTINCT ON over window functions, and without FROM.
select distinct on (1) rank() over ();
select distinct on (r) r, id from (select rank() over (order by n % 2) as r, id from f) x order by r, id desc;
select distinct on (rank() over (order by n % 2)) id, shop from f order by rank() over (order by n % 2), id desc;
select distinct on (count(*) over (partition by n % 2), n % 2) id, sum(id) over (partition by n % 2) from f order by count(*) over (partition by n % 2), n % 2, id;

-- What is constant is computed before any row is read.
create table none (id int);
select array['{b,a}'::text[], '{a}'::text[]] from none;
select array[array[1], array[id]] from none;

-- HAVING in a sub-query whose list is of the query around.
select id, (select f.n having count(*) > 0) from f order by id;
select count(*), (select max(z.c) from (select count(f.q) as c having count(*) > 0) z) from f;
select id, (select f.n from f g having count(*) > 9) from f order by id;

-- Aggregates within aggregates, by way of a sub-query; IN beside such frames; a sequence that is none.
select bool_and((select count(*) filter (where a.id is null) > 0)) from f a;
select count((select percentile_disc(0.5) within group (order by z.c) from (select jsonb_agg(id) c) z)) from f;
select sum((select count(a.id))) from f a;
select sum((select count(b.id) from f b)) from f a;
select sum((select count(b.id + a.id) from f b)) from f a;
select case when q in (select 1) then sum(q) over (order by q desc range between 1 preceding and current row) end from f order by id;
select nextval('0');
select currval('0');
select setval('0', 1);
select '1111111111111111111101'::timestamptz;
select '11111111111111111101'::date;
select '99999990101'::timestamptz;
select '21474836470101'::timestamp;
select '42949672960101'::timestamp;
