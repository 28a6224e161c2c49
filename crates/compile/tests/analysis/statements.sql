-- names
select id, title from todos
select * from owners
select o.* from owners o
select o.*, o.name as again from owners o
select titel from todos
select todos.titel from todos
select x from todos
select t.id from todos
select todos.id from todos t
select nothere.id from todos
select id from todos, owners
select todos.id from todos, owners
select id from nosuch
select id from app.things
select app.things.label from app.things
select things.label from app.things
select id from things
select id from nosch.things
select * from todos t, owners t
select * from todos, todos
select todos from todos
select t from todos t
select (t).id from todos t
select (t).* from owners t
select (t).nope from owners t
select t.id, o.nam from todos t join owners o on o.id = t.owner
select name from todos t join owners o on o.id = t.owner
select ownr from todos
select "Title" from todos
select *
select * from (select 1 as a, 2 as b) s
select s.a from (select 1 as a) s
select s.b from (select 1 as a) s
select a from (select 1)
select * from (select 1, 2) s(x)
select * from (select 1, 2) s(x, y, z)
select * from todos t(a, b, c)
select todo_label(t) from todos t
select t.todo_label from todos t
select todo_label from todos t
select title.x from todos
select ctid2 from todos
-- literals and casts
select 1, 2147483648, 9223372036854775808, 1.5, 1e3, -1, 'a', null, true
select '1' + 1
select 1 + '1'
select '1' + '2'
select 1 + 'x'
select 1 = 'x'
select 'x' || 'y'
select 'a' || 1
select 1 || 2
select 1 = true
select 'true' = true
select 1::text, '1'::int, 'x'::int
select 'x'::mood
select 'sad'::mood
select mood 'happy'
select date '2024-01-01', timestamp '2024-01-01 10:00', interval '1 day', time '10:00'
select date '2024-13-01'
select 'abc'::varchar(2), 'abc'::char(5), 1::numeric(4,1)
select 1::boolean, true::int, 1.5::int, 'a'::text::uuid
select cast(1 as nosuch)
select 1::json
select '{"a":1}'::jsonb, '{bad'::jsonb
select null::int, null::mood
select 1::posint, 'x'::posint
select '{1,2}'::int[], array[1,2]::text[], array[]::int[], array[]
select array[1, 'x']
select array[1, 2.5], array['a', null], array[[1,2],[3,4]]
select array[1, true]
select id::text, price::int, due::date, day::timestamptz, title::int from todos
select due::int from todos
select id::uuid from todos
select done::int, n::boolean, s::int, code::text from todos
select row(1, 'a'), (1, 2)
select x'1F'
select 1::int4, 1::int8, 1::float8, 1::real, 1::smallint
select 'a' collate "C", 1 collate "C"
select 'now'::timestamptz, 'today'::date
select 5 / 2, 5 / 2.0, 5 % 2, 2 ^ 3, 5.0 / 2
select n + s, n + id, n + price, n + rating, price * rating from todos
select -n, +n, - price, @ n, ~ n from todos
select - title from todos
select n + title from todos
select day + 1, day - day, due - due, due + interval '1 day', day + interval '1 day', due - 1 from todos
select created - due from todos
select wait * 2, wait / 2, 2 * wait from todos
select due > '2024-01-01', day < '2024-01-01', due > day, created > day from todos
select due > 'x' from todos
select m > 'ok', m = 'nope' from todos
select m = title from todos
select owner = 'x' from todos
select owner = '00000000-0000-0000-0000-000000000000' from todos
select owner = title from todos
select owner = 1 from todos
select code = 'ab', code || 'x', title || code from todos
select title = code from todos
select price = 1, price = '1.5', price > 'x' from todos
select extra->'a', extra->>'a', extra->1, extra#>'{a,b}', extra#>>'{a}', extra ? 'a', extra @> '{}', extra || '{}', extra - 'a' from todos
select extra->>1.5 from todos
select raw->'a', raw->>'a' from todos
select raw = raw from todos
select raw from todos order by raw
select distinct raw from todos
select extra['a'], extra['a']['b'], tags[1], tags[1:2], scores[n] from todos
select title[1] from todos
select tags['x'] from todos
select tags || 'x', tags || tags, 'x' || tags, tags @> '{a}', tags && array['a'] from todos
select addr << '10.0.0.0/8', addr = '10.0.0.1', addr = 'x' from todos
select positive + 1, positive = 1, positive from todos
select data || '\x00', data = '\x00' from todos
-- predicates
select 1 where 1
select 1 where 'x'
select 1 where null
select 1 from todos where title
select 1 from todos where done
select 1 from todos where not title
select 1 from todos where done and title
select n is null, n is not null, done is true, n is true from todos
select n is distinct from 1, n is not distinct from null, n is distinct from 'x' from todos
select n in (1, 2, 3), n in (1, 'x') from todos
select n in (1), n in ('1'), n not in (1, 2), title in ('a', 'b'), m in ('sad', 'ok') from todos
select n in (1, 2.5, id), n in (1, true) from todos
select (n, s) in ((1, 2), (3, 4)) from todos
select (n, s) = (1, 2), (n, s) < (1, 2), (n, s) <> (1, 2) from todos
select (n, s) = (1, 2, 3) from todos
select n between 1 and 2, n not between 1 and 2, n between symmetric 2 and 1 from todos
select n between 1 and 'x' from todos
select title like 'a%', title not like 'a', title ilike 'a', title like 'a' escape '!', title similar to 'a' from todos
select n like 'a' from todos
select title ~ 'a', title !~ 'a', title ~* 'a' from todos
select n = any(array[1,2]), n = any('{1,2}'), n = all(scores), title = any(tags), n <> all(array[1]) from todos
select n = any(1) from todos
select n = any(tags) from todos
select title like any(array['a','b']) from todos
select owner = any(array['00000000-0000-0000-0000-000000000000']::uuid[]) from todos
select nullif(n, 1), nullif(title, ''), nullif('a', 'b'), nullif(n, 'x') from todos
select nullif(n, title) from todos
select coalesce(n, 1), coalesce(n, 1.5), coalesce(title, ''), coalesce(null, 'a'), coalesce(price, 0) from todos
select coalesce(n, 'x') from todos
select coalesce(n, title) from todos
select greatest(n, 1, 2.5), least(title, 'a'), greatest(m, 'ok') from todos
select greatest(extra, null) from todos
select case when done then 1 else 2.5 end, case n when 1 then 'a' end, case when n then 1 end from todos
select case n when 'x' then 1 end from todos
select case when done then 1 else 'x' end from todos
select case when done then title else n end from todos
select case when done then null else null end, case when done then m else 'sad' end from todos
-- functions
select lower('A'), length(title), upper(n) from todos
select nosuch(1)
select nosuch(id, title, 'x') from todos
select lower(1, 2)
select now(), current_timestamp, current_date, localtimestamp, current_user, session_user, current_time(2)
select add_one(1), add_one('1'), add_one(n), add_one(s), add_one(id) from todos
select add_one(1.5)
select greet('a'), greet('a', 'b'), greet(name => 'a'), greet(greeting => 'x', name => 'y')
select greet(nam => 'a')
select greet()
select greet('a', name => 'b')
select greet(name => 'a', 'b')
select over_load(1), over_load('a'), over_load(1.5)
select over_load(null)
select many(1, 2, 3), many(variadic array[1,2]), many()
select app.nosuch(1)
select nosch.f(1)
select round(1.5), round(5, 1), round('2.5'), round(n), round(rating), round(price, 1) from todos
select abs(n), abs(price), abs('1'), ceil(1.5), floor(rating), power(2, 3), sqrt(2), mod(5, 2) from todos
select substring('abc' from 1 for 2), substr('abc', 1), position('a' in 'b'), trim('  a '), left('abc', 2), replace('a', 'b', 'c'), split_part('a.b', '.', 1)
select substring(title from 1) from todos
select concat('a', 1, null), concat_ws(',', 'a', 'b'), format('%s', 1), jsonb_build_object('a', 1, 'b', title), jsonb_build_array(1, 'a') from todos
select to_jsonb(t), row_to_json(t), to_json(n), jsonb_agg(t) from todos t group by t.id
select extract(year from due), date_part('year', day), date_trunc('day', due), age(due), extract(epoch from wait) from todos
select extract(foo from due) from todos
select due at time zone 'UTC', created at time zone 'UTC' from todos
select to_char(due, 'YYYY'), to_char(n, '9'), to_timestamp(1), to_date('2024', 'YYYY') from todos
select array_length(tags, 1), cardinality(tags), array_append(scores, 1), array_append(scores, 'x'), array_cat(tags, tags), unnest(tags) from todos
select array_append(scores, 1.5) from todos
select array_position(tags, 'a'), array_remove(scores, 1), array_to_string(tags, ','), string_to_array('a', ',') from todos
select array_length(n, 1) from todos
select gen_random_uuid(), random(), md5('a'), encode(data, 'hex') from todos
select jsonb_set(extra, '{a}', '1'), jsonb_array_length(extra), jsonb_typeof(extra), jsonb_strip_nulls(extra) from todos
select count(*), count(n), count(distinct n), sum(n), sum(id), sum(price), sum(rating), avg(n), min(title), max(due), min(price) from todos
select count() from todos
select sum(title) from todos
select sum(*) from todos
select string_agg(title, ','), array_agg(n), array_agg(tags), json_agg(title), bool_and(done), every(done) from todos
select string_agg(n, ',') from todos
select json_object_agg(title, n), jsonb_object_agg(title, n) from todos
select string_agg(title, ',' order by id desc), array_agg(distinct n order by n) from todos
select array_agg(distinct n order by id) from todos
select count(*) filter (where done), sum(n) filter (where n) from todos
select lower('a') filter (where true)
select lower(distinct 'a')
select percentile_cont(0.5) within group (order by rating) from todos
select mode() within group (order by title) from todos
select count(distinct raw) from todos
-- grouping
select title, count(*) from todos
select title, count(*) from todos group by title
select title, id from todos group by id
select title, owner from todos group by title
select t.title, o.name from todos t join owners o on o.id = t.owner group by t.id
select t.title, o.name from todos t join owners o on o.id = t.owner group by t.id, o.id
select count(*) from todos where count(*) > 1
select sum(count(*)) from todos
select title from todos group by title having count(*) > 1
select title from todos having count(*) > 1
select count(*) from todos having title = 'a'
select lower(title) from todos group by lower(title)
select upper(title) from todos group by lower(title)
select lower(title) as l, count(*) from todos group by l
select lower(title) as l, count(*) from todos group by 1
select lower(title) as l, count(*) from todos group by 3
select lower(title) as title, count(*) from todos group by title
select count(*) from todos group by count(*)
select count(*) as c from todos group by c
select 1 from todos group by 'x'
select done, (select count(*) from owners where owners.id = todos.owner) from todos group by done
select done, (select max(name) from owners) from todos group by done
select max(n) from todos order by title
select distinct title from todos order by id
select distinct title from todos order by title
select distinct on (owner) owner, title from todos order by owner, id
select distinct on (owner) owner, title from todos order by title
select distinct on (owner, done) title from todos order by done, owner, id
-- order, limit
select id from todos order by 1
select id from todos order by 2
select id from todos order by 'x'
select id from todos order by 1.5
select id as x from todos order by x
select id as x, n as x from todos order by x
select id as title from todos order by title
select id from todos order by lower(title), n desc nulls last
select id as x from todos order by x + 1
select id from todos order by nosuch
select id from todos limit 1 offset 2
select id from todos limit 'x'
select id from todos limit '5'
select id from todos limit n
select id from todos limit 1.5
select id from todos limit null
select id from todos limit true
select id from todos limit (select 1)
select id from todos order by id fetch first 2 rows with ties
select id from todos fetch first 2 rows with ties
select id from todos for update
select count(*) from todos for update
select id from todos union select id from todos for update
-- joins
select * from members join owners on owners.id = members.person
select * from todos t join owners o using (id)
select id from members a join members b using (org)
select org, a.role, b.role from members a join members b using (org)
select * from members a natural join members b
select * from members a join members b using (nosuch)
select * from members a join app.things b using (org)
select * from todos t join owners o on t.owner
select * from todos t join owners o on o.id = x.id
select * from todos t left join owners o on o.id = t.owner left join members m on m.person = o.id
select a.org, j.org from (members a join members b on true) j
select org from members a join members b on true
select * from (members a join members b using (org)) as j(x)
select j.org, j.role from (members a join members b using (org)) as j
select * from members a full join members b using (org, person)
select a.org from (members a join members b using (org)) as j
select * from todos t, (select * from owners where owners.id = t.owner) s
select s.name from todos t, lateral (select * from owners where owners.id = t.owner) s
select s.name from todos t left join lateral (select * from owners where owners.id = t.owner) s on true
select t.id from todos t join owners o on o.id = t.owner and t2.id = 1 join todos t2 on true
-- sub-queries
select (select 1), (select 'a'), (select id from todos limit 1)
select (select 1, 2)
select (select id, title from todos)
select exists (select 1), exists (select * from todos)
select id from todos where owner in (select id from owners)
select id from todos where owner in (select name from owners)
select id from todos where owner in (select id, name from owners)
select id from todos where (owner, n) in (select id, 1 from owners)
select id from todos where owner not in (select id from owners)
select id from todos where n > all (select 1), n
select id from todos where n > all (select 1)
select id from todos where n = any (select 'x')
select array(select id from todos), array(select tags from todos)
select array(select id, title from todos)
select (select o.name from owners o where o.id = t.owner) from todos t
select (select o.name from owners o where o.id = t.nosuch) from todos t
select (select t.name from owners o) from todos t
select id from todos where exists (select 1 from members where members.org = todos.n and person = owner)
select (select count(*) from members m where m.person = t.owner), coalesce((select json_agg(m) from members m where m.person = t.owner), '[]') from todos t
select row_to_json(x) from (select id, title from todos) x
select json_agg(x order by x.id) from (select id, title from todos) x
-- with
with a as (select 1 as x) select * from a
with a(y) as (select 1 as x) select y from a
with a(y, z) as (select 1 as x) select y from a
with a as (select 1), a as (select 2) select * from a
with a as (select * from b), b as (select 1) select * from a
with a as (select 1 as x), b as (select x + 1 as y from a) select x, y from a, b
with recursive r(n) as (select 1 union all select n + 1 from r where n < 5) select * from r
with recursive r as (select 1 as n union all select n + 1.5 from r) select * from r
with recursive r as (select 1 as n union select n + 1 from r order by n) select * from r
with todos as (select 1 as id) select id from todos
with a as (select 1 as x) select a.x, (select x from a) from a
-- set operations
select 1 union select 2
select 1 union select 'x'
select 1 union select '2'
select 1 union all select 2.5
select 'a' union select 'b'
select null union select 1
select 1 union select 1, 2
select 1 as a union select 2 as b order by a
select 1 as a union select 2 as b order by b
select 1 as a union select 2 order by a + 1
select 1 as a union select 2 order by 1
select 1 union select true
select title from todos union select name from owners
select title from todos intersect select 'x' except select 'y'
select raw from todos union select raw from todos
select raw from todos union all select raw from todos
select id, title from todos union all select n, name from todos, owners
(select 1 as x limit 1) union all (select 2 order by 1) order by x limit 3
select m from todos union select 'sad'
select day from todos union select due from todos
-- values
values (1, 'a'), (2, 'b')
values (1, 'a'), (2.5, null)
values (1), (1, 2)
values (1), ('x')
values (1), (true)
select * from (values (1, 'a'), (2, 'b')) v(x, y)
select * from (values (1), (2)) v
select * from (values (1))
values (1), (2) order by 1 desc limit 1
values (default)
-- functions in from
select * from generate_series(1, 3)
select * from generate_series(1, 3) g
select g from generate_series(1, 3) g
select n from generate_series(1, 3) as g(n)
select * from generate_series(1, 3) with ordinality
select * from generate_series(1, 3) with ordinality as g(a, b)
select * from unnest(array['a', 'b']) u
select u.* from todos, unnest(tags) u
select * from unnest(array[1]) as u(a, b)
select * from jsonb_each('{}'), jsonb_array_elements('[]') e
select key, value from jsonb_each_text('{}')
select * from json_to_recordset('[]')
select * from json_to_recordset('[]') as x(a int, b text)
select * from jsonb_to_record('{}') as x(a int, b text)
select * from generate_series(1, 3) as x(a int)
select * from todos_of('00000000-0000-0000-0000-000000000000')
select t.title from todos_of('00000000-0000-0000-0000-000000000000') t
select * from pairs()
select a from pairs() p
select p.b, p from pairs() p
select * from add_one(1)
select * from add_one(1) as x
select * from nosuch(1)
select * from now()
select generate_series(1, 3), n from todos
select generate_series(1, 3) from todos where generate_series(1, 2) > 1
select sum(generate_series(1, 3))
select generate_series(1, n) from todos
select coalesce(generate_series(1, 3), 1)
select * from generate_series(1, n), todos
select * from generate_series('2024-01-01'::date, '2024-01-02', '1 day')
select * from generate_series('2024-01-01'::timestamptz, '2024-01-02', interval '1 day')
-- windows
select row_number() over (order by id), rank() over (partition by owner order by n desc) from todos
select sum(n) over (), sum(n) over w, lag(n) over w, lag(n, 1, 0) over w, first_value(title) over w from todos window w as (partition by owner order by id)
select sum(n) over nosuch from todos
select row_number() from todos
select row_number() over (order by id) from todos where row_number() over () > 1
select sum(row_number() over ()) over () from todos
select count(distinct n) over () from todos
select ntile(4) over (order by id), percent_rank() over (order by n), nth_value(n, 2) over (order by id) from todos
select sum(n) over (order by id rows between 1 preceding and current row) from todos
select sum(n) over (order by id rows between unbounded following and current row) from todos
select sum(n) over (order by id rows 'x' preceding) from todos
select sum(sum(n)) over (order by done), done from todos group by done
select lower(title) over () from todos
select sum(n) over (w order by id) from todos window w as (partition by owner)
select sum(n) over (w partition by id) from todos window w as (partition by owner)
select 1 from todos window w as (order by id), w as (order by n)
select sum(n) over (order by raw) from todos
-- parameters
select $1
select $1::int, $2
select id from todos where id = $1 and title = $2
select id from todos where owner = any($1)
select id from todos where n in ($1, $2) limit $3 offset $4
select $1 + 1, $1 || 'a'
select coalesce($1, 1), case when $2 then 1 else $3 end
select lower($1), $1
select $1 = $2
select id from todos where extra @> $1 and tags && $2 and extra ->> $3 = $4
select jsonb_build_object('a', $1)
select $3
select $0
insert into owners values (1)
-- columns' names
select 1, 'a', id::text, lower(title), n + 1, case when done then 1 end, coalesce(n, 1), (select 1 as z), exists (select 1), array[1], row(1), nullif(1, 2), greatest(1, 2), cast(1 as int8), 'a'::text, date '2024-01-01', true, extra->'a', tags[1], (select max(n) from todos), n::numeric(4,2), -n, not done, current_date, extract(year from due), due at time zone 'UTC', title collate "C", case when done then title else lower(title) end, (t.n), t.n::text from todos t
select coalesce((select json_agg(x) from members x where x.person = t.owner), '[]') from todos t
select upper(title)::varchar(5), lower(code), length(code), title || code::text from todos
select name from owners where name = 'x'::varchar and name = current_user
select current_user || 'x', current_user = 'x', length(current_user)
select t.title, (select count(*) from members m where m.person = t.owner and m.org = tt.n) from todos t
select (select (select t.n) from owners limit 1) from todos t
select 1 from todos t where exists (select 1 from owners o where o.id = t.owner and exists (select 1 from members m where m.person = o.id and m.org = t.n))
select pg_catalog.lower('A'), pg_catalog.count(*) from todos
select 1 operator(pg_catalog.+) 2, 1 operator(nosch.+) 2
select n + null, n = null, null = null, null + null, -null
select null || 'a', null || null, 'a' || null::text
select case when true then null end, case when true then 'a' else null end, case 1 when 1 then n when 2 then s end from todos
select coalesce(n, s, id), coalesce(null, null), greatest(null, null) from todos
select array[n, s, id], array[null, null], array['1', 2] from todos
select array[[1, 2], null], array[array[1], array['x']]
select '{1,2}'::int[] || 3, array[1] || null, null || array[1], array['a'] || 'b', 'a' || array['b'], '{a}' || '{b}'
select 1 union select null union select 'x'
select null union select null
select n from todos union select title from todos
select n, null from todos union all select s, 'x' from todos
select price from todos union select n from todos
select title from todos union select code from todos
select * from (select n as a, s as b from todos) x, (select 1 as a) y where a = 1
select x.a, y.a from (select n as a from todos) x, (select 1 as a) y where x.a = y.a
select title, count(*) from todos group by todos.title
select t.title from todos t group by t.title, t.id having max(n) > min(s)
select n + 1 from todos group by n
select n + 1 from todos group by n + 1
select n + s from todos group by n + 1, s
select t.* from todos t group by t.id
select count(*) from todos t group by t
select sum(n) from todos group by ()
select max(n) from todos group by n having n > 1 order by n
select max(n) as n from todos group by todos.n order by n
select title from todos group by 1 order by max(n)
select distinct n from todos order by n + 1
select distinct n + 1 as m from todos order by m
select id from todos order by id asc nulls first, id desc
select id as a, id as b from todos order by a, b
select interval '1' day, interval '1-2' year to month, interval '5' minute, interval(3) '1.23456 sec'
select timestamp(3) '2024-01-01', '2024-01-01'::timestamptz(0), '10:00'::time(2), localtimestamp(1)
select '1'::numeric(3,1), 12345::numeric(3,1), 'abc'::char, 'abc'::"char"
select 1::nosch.t, 1::app.t
select cast('x' as mood), cast(m as text), cast('sad'::text as mood) from todos
select m = 'sad'::text from todos
select m::text = 'sad', m || 'x', m in ('sad'), m between 'sad' and 'ok' from todos
select extra -> 'a' -> 'b' ->> 'c', extra -> n, extra ->> title, (extra ->> 'n')::int + 1, extra -> 'a' = '1' from todos
select extra = '1', extra || n from todos
select extra::text, extra::int, extra::boolean, extra::numeric, raw::jsonb, raw::int from todos
select jsonb_build_object('a'), to_jsonb('x'), to_jsonb('x'::text), jsonb_agg('x') from todos
select tags[n], tags[1][2], scores[1:n], (array[1,2,3])[2], ('{a,b}'::text[])[1] from todos
select array_agg(title)::text[], array_agg(distinct m), array_length(array_agg(n), 1) from todos
select unnest(scores) + 1, unnest(array['a']) || 'x' from todos
select extract(day from interval '1 day'), extract(epoch from now()), extract('year' from now()), extract(year from '2024-01-01')
select date_part('year', now()), date_part('year', '2024-01-01')
select now() - due, now() + '1 day', now() - '1 day', now()::date - day, day + interval '1 day', day - 1, due::time from todos
select now() > '2024-01-01'::date, day = now(), created = due from todos
select sum(wait), avg(wait), max(wait), sum(price * n), avg(rating), sum(s), avg(price) from todos
select sum('1'), max('a'), min(null), count('x')
select max(m), min(done) from todos
select bool_or(n > 1), bool_and(n) from todos
select string_agg(title, n) from todos
select rank() over (order by count(*)) from todos
select count(*) over (order by max(n)) from todos
select sum(n) over (partition by title order by id range between 1 preceding and current row) from todos
select sum(n) over (order by id groups between 1 preceding and 1 following exclude current row) from todos
select lag(title) over w, lag(title, n) over w, lag(title, 1, 'x') over w, lead(n, 1, 'x') over w from todos window w as (order by id)
select first_value(n) over (order by nosuch) from todos
select $1::text::int, $2 is null, $1
select $1 is null
select $1 = any(array[1, 2]), $2 = any(tags), n = any($3) from todos
select case when $1 then $2 else 1 end, $3 like 'a', $4 between 1 and 2
select $1 || $2, $3 + $4
select $1 -> 'a'
select array[$1, 1], row($2, 1), ($3, 2) = (1, 2)
select * from generate_series(1, $1), unnest($2::text[]) u, jsonb_array_elements($3) e
select id from todos where due > $1 and day = $2 and price < $3 and done = $4 and m = $5 and owner = $6
select id from todos where (owner, n) = ($1, $2) and id in (select $3)
select f.x from (select add_one(1) as x) f where f.x > all (array[1, 2])
select todo_label(todos), todo_label(t) from todos, todos t
select todo_label(o) from owners o
select pairs()
select (pairs()).a
select todos_of(null), pg_typeof(1)
select greet('a', greeting => 'b'), greet(name := 'a')
select many(), many('1', 2)
select version(), current_database(), pg_backend_pid()
select count(*) filter (where count(*) > 1) from todos
select id from todos where id in (select max(id) from todos group by owner having count(*) > 1)
select a.id, b.id from todos a left join todos b on a.id = b.id and b.done where b.id is null
select * from todos natural join owners
select o.id from owners o join todos using (owner)
select j.* from (todos t join owners o on o.id = t.owner) as j(a, b)
select * from members m cross join lateral (select m.org + 1 as next) x
select id from (values (1), (2)) v(id) where id = 'x'
select * from (select title from todos union all select name from owners) u(t) where t like 'a%' order by t
with x(a, b) as (values (1, 'a')) select a + 1, b || 'x' from x
with x as (select 1 as a) select (select a from x), exists (select 1 from x where a = y.a) from x y
with recursive t as (select 1 as n union all select n + 1 from t) select n from t limit 3
with a as (select 1), b as (select * from a, c) select * from b
select not 1, not null, true and null, true and 'x', 1 or true
select true > false, done < true, done::text || 'x', done = 'yes', done = 1 from todos
