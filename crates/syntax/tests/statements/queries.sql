select
select 1
select 1,
select 1 2
select a b c
select a as b, c d from t
select * from
select * from t where
select * from t order by
select * from t order by a nulls
select * from t order by a nulls first, b desc nulls last
select a from t limit
select a from t limit 1 offset 2
select a from t offset 2 limit 1
select a from t limit 1 limit 2
select a from t limit 1, 2
select a from t fetch first 3 rows only
select a from t fetch first row only
select a from t order by a fetch first 3 rows with ties
select a from t fetch first 3 rows with ties
select a from t for update
select a from t for update of t nowait limit 1
select a from t for update skip locked
select a from t limit 1 for no key update
select a from t for read only
select a from t for
select 1 union select 2 union all select 3 intersect select 4
(select 1) union (select 2) order by 1
(select 1 order by 1) order by 1
(select 1 limit 1) limit 1
(select 1 offset 1) offset 1
((select 1))
((select 1) union select 2)
((select 1) + 1)
select ((select 1))
select ((select 1) + 1)
select ((select 1) union select 2)
select ((select 1), 2)
select (((select 1)), (2))
select ((select 1)).x
select ((1))
select (1, 2)
select (1, 2) = (3, 4)
select row(1), row(), row
select ()
select (a).b, (a).*, (a)[1].c[2:3]
select a.b.c.d, a.*, a.b.*
select a.*.b
select a[1], a[1:2], a[:], a[1:], a[:2], a.b[1].c
select a[
select a[1
select -1, - 1, --1
select - - 1, +1, + + 1
select 1 + 2 * 3 - 4 / 5 % 6 ^ 7
select 1 = 2 = 3
select 1 < 2 > 3
select 1 <> 2 != 3
select a like b like c
select a like b escape c escape d
select a like b escape 'x' and c
select not a not like b
select a between 1 and 2 and 3
select a between 1 and 2 between 3 and 4
select a between symmetric 1 and 2
select a not between 1 and 2
select a between 1 or 2 and 3
select a in (1,2,3) in (4)
select a in ()
select a not in (select 1)
select a in ((select 1), 2)
select a in ((select 1))
select a in ((1))
select a in 1
select a is
select a is null and b is not null or c isnull and d notnull
select a is distinct from b is distinct from c
select a is not distinct from b
select a is true, b is not false, c is unknown
select a is foo
select a is json
select a is document
select a is nfc normalized
select a = any (b), a = all (select 1), a <> some (array[1])
select a like any (b)
select a not ilike all (array['x'])
select a = any b
select a = any ()
select a = any (1, 2)
select a operator(pg_catalog.+) b
select operator(pg_catalog.-) b
select operator(pg_catalog.foo) b
select a @> b -> c ->> 'd' #>> '{a}'
select @ a
select a !
select a ~ b !~ c ~* d
select a || b || c
select a at time zone 'UTC' at time zone 'x'
select a at time 'x'
select a collate "C" || b
select a collate c.d.e
select a::int::text
select a::int[]
select a::int[3][4]
select a::int array
select a::int array[3]
select a::numeric(10,2), a::varchar(3), a::char, a::"char", a::bit varying(3), a::bit(2)
select a::double precision, a::float(3), a::float(60), a::float(0)
select a::timestamp(3) with time zone, a::time without time zone, a::timestamp with
select a::interval day to second(3), a::interval(3), a::interval month to year
select a::foo.bar(1,2)
select a::
select cast(a as int)
select cast(a as)
select cast(a int)
select int '1', integer '2', date '2020-01-01', timestamp 'x', timestamptz 'y', interval '1' day, interval(3) '1'
select foo.bar 'x'
select numeric(10,2) '1.5'
select foo(1) 'x'
select foo(a => 1) 'x'
select double precision '1.5'
select double precision
select bit '1', bit varying '1', b'1', x'1f', char 'a', varchar 'x', nchar 'y', n'y', national character varying(3) 'x'
select time with time zone 'x', time(2) 'x'
select f(), f(1), f(1,), f(*), f(all 1), f(distinct 1, 2 order by 3)
select f(a => 1, b := 2), f(variadic a), f(1, variadic b), f(variadic a, b)
select f(1) filter (where a > 1) over (partition by b order by c rows between unbounded preceding and current row)
select f(1) over w from t window w as (order by a), v as (w rows 3 preceding)
select f(1) over (rows between 1 following and 2 preceding)
select f(1) over (rows unbounded following)
select f(1) over (rows between current row and 1 preceding)
select f(1) over (range between unbounded preceding and unbounded following exclude ties)
select f(1) over (rows between 1 preceding)
select percentile_cont(0.5) within group (order by a) from t
select f(distinct a) within group (order by b)
select f(a order by b) within group (order by c)
select f(1).x
select f(1)[1]
select case when a then b else c end
select case a when 1 then 2 end
select case end
select case a else b end
select case when a then b
select coalesce(a, b), coalesce(), nullif(a, b), nullif(a), greatest(1,2), least(1)
select extract(year from a), extract(epoch from b), extract('dow' from c), extract(select from c), extract(week from d)
select position('a' in b), position('a', 'b')
select substring(a from 1 for 2), substring(a for 2), substring(a, 1, 2), substring(a from 'x'), substring(a similar b escape c), substring(a for 2 from 1)
select substring()
select overlay(a placing b from 1 for 2), overlay(a placing b from 1), overlay(a,b,c)
select trim(a), trim(both from a), trim(leading 'x' from a), trim(trailing from a), trim('x' from a), trim(a, b)
select current_date, current_timestamp(3), current_time, localtime, localtimestamp(2), current_user, session_user, user, current_role, current_catalog, current_schema
select current_date()
select current_schema()
select exists (select 1), not exists (select 2)
select exists select 1
select exists
select array[1,2], array[[1],[2]], array[], array(select 1)
select array[1,[2]]
select array
select grouping(a, b) from t group by rollup(a), cube(b, c), grouping sets ((a), (), rollup(b))
select a from t group by ()
select a from t group by distinct a
select $1, $2::int, $1.x, $1[1]
select $1a
select 1a
select 1.5e
select 1.5e+
select 0x1f
select 1_000
select 1..2
select .5, 5., 1e5, 1.5e-10
select 99999999999999999999
select 'abc
select 'abc' 'def'
select "abc
select ""
select $$abc
select $a$ b $b$ c $a$
select e'\u12'
select e'\u0041\n\x41\101\'' , E'\q'
select e'\ud800'
select e'\ud800\u0041'
select e'\udc00'
select e'\U00110000'
select e'\000'
select e'\xff'
select e'\xc3\xa9'
select u&'\0041', U&"\0061b"
select u&'\00zz'
select u&'!0041' uescape '!'
select u&'!0041' uescape 'a'
select u&'!0041' uescape 1
select u&'\d800'
select u&'\d800x'
select u&'\0000'
select b'12'
select b'1
select x'1
select /* a
select /* a /* b */
select 1 -- comment
select 1;
select 1;;
select a from only t, only (u), v *
select * from a join b on true join c using (x) left join d on e
select * from a join b
select * from a cross join b natural join c
select * from a natural join b on true
select * from (a join b on true) j
select * from (a join b on true)
select * from (a)
select * from ((a join b on true) x)
select * from ((a join b on true) x join c on true)
select * from (((a join b on true)))
select * from (select 1)
select * from (values (1)) 
select * from (values (1), (2)) v(x)
select * from (select 1) as x, lateral (select 2) y
select * from ((select 1) union (select 2)) x
select * from ((select 1) x join b on true)
select * from ((select 1)) x
select * from f(1) with ordinality as x(a, b)
select * from f(1) as x(a int, b text)
select * from f(1) as (a int, b text)
select * from f(1) x(a int)
select * from rows from (f(1), g(2) as (a int)) with ordinality x
select * from lateral f(1)
select * from lateral t
select * from current_date, coalesce(1,2) x
select * from a.b.c, a.b.c.d
select * from t tablesample bernoulli (1) repeatable (2)
select * from t as
select * from t a(b, c)
select * from t where a = 1 group by b having c > 1 window w as () order by d
select distinct on (a) b from t
select distinct a from t
select distinct from t
select all a from t
select into x from t
select a into temp table x from t
select from t
values (1, 2), (3)
values
values (1) order by 1 limit 1
table t
table only t
with a as (select 1) select * from a
with a as (select 1), b(x) as materialized (select 2) select 1
with recursive a as (select 1 union all select 2) search depth first by x set y cycle x set z using p select 1
with a as (insert into t values (1) returning *) select * from a
with a as (select 1)
with a as select 1
with a as (select 1) (with b as (select 2) select 3)
with a as (select 1) insert into t select * from a
with a as (select 1) update t set x = 1
with a as (select 1) delete from t
with a as (select 1) foo
insert into t values (1)
insert into t (a, b.c, d[1]) values (1, default, 2)
insert into t default values
insert into t (a) default values
insert into t as x select 1
insert into t x values (1)
insert into t overriding system value values (1)
insert into t overriding foo value values (1)
insert into t
insert t
insert into t (select 1)
insert into t ((select 1))
insert into t (a) (select 1)
insert into t values (1) on conflict do nothing
insert into t values (1) on conflict (a, lower(b), (c + 1)) where d do update set a = excluded.a where t.b returning *
insert into t values (1) on conflict on constraint x do nothing
insert into t values (1) on conflict do
insert into t values (1) on conflict (a collate "C" text_ops) do nothing
insert into t values (1) returning
update t set a = 1
update t set a = 1, (b, c) = (2, 3), (d) = row(4), (e, f) = (select 1, 2) from u where x returning a as b
update t as x set a = default
update t x set a = 1
update t set
update t a = 1
update only t set a.b = 1, c[1] = 2
update t set a = 1 where current of c
delete from t
delete t
delete from t as x using u, v where a returning *
delete from t where
merge into t using s on a when matched then delete
select a.select, a.from from b.table
select "A", A, "a""b"
select abs(-1), - f(1), -a.b
select a <= b >= c
select a => b
select a := b
select 1 operator
select a operator b
select (1,2) overlaps (3,4), row(1,2) overlaps row(3,4)
select (1,2,3) overlaps (3,4)
select (1) overlaps (2)
select 1 and
select 1 or, 2 is
select collation for (a)
select left('a', 1), right('b', 2), like('a', 'b')
select left
select between(1)
select values
select xmlelement(name foo)
select xmlparse(document 'x')
select treat(a as int)
select normalize(a), normalize(a, nfc), normalize(a, foo)
select unique (select 1)
select default
select a.b(1), a.b.c(1), a.f() over ()
select count(*) filter (where x)
select interval '1' year to month, interval '1' second(3)
select x.y z, x.y as "Z"
select 1 as select
select 1 select
select 1 as
select tab.col[1:2].f
select ?
select a ? b, a ?| b, a ?& c
select a #- b, a - -1, a*-1, a@-1, a<-1
select \
select {
select a from t where a ~~ 'x' and b !~~* 'y'
select 1 from t where not a = b and not exists (select 1)
select not not a
select - not a
select a + not b
select a from b where c order by d using <
select a from b where c order by d using operator(pg_catalog.<) nulls first
select a'b'
select 'a'b
select 1from t
select é, "É" from ü
select 'é' x y
select nullif, int from t
select a from t1, t2 as t3 (x), (select 1) as t4(y) cross join lateral f(x) as g
select * from t where (a, b) in ((1, 2), (3, 4))
select * from t where (a, b) in (select 1, 2)
select * from t where ((a, b)) = any (select 1, 2)
select a from t where b = (select max(c) from u)
select (select 1) + (select 2), array(select 1)[1]
select (array[1,2])[1]
select ((a).b).c
select a.b[1]
select (a.b)[1]
select f(a)::int[1]
select count(distinct a), sum(all b)
select 1 where true
select 1 having true
select 1 limit all
select 1 limit null
select 1 offset 1 rows
select 1 offset 1 + 1 rows
select 1 fetch next 1 + 1 rows only
select 1 fetch first (1+1) rows only
select 1 fetch first -1 rows only
select a as x, b y from t as u (v, w)
select * from generate_series(1, 10) as g(i) where i % 2 = 0
foo
SELEC 1
1
'x'
select 'a'␤'b'
select 'a' -- c␤  'b'
select 'a' 'b'
select e'a\n'␤'b\t'
select 'ä', "ö" x y
select 'ä' from from
select␤ 1␤ from␤ where
select x'1'␤'f'
-- only a comment␤select 1 1
/* a /* b */ c */ select from from
select u&'\0061'␤'b'
select $é$ x $é$
select $1$
select $a
select a$b, a$
select "a""b""c" from "x"."y"
select 'it''s', 'a''', ''''
