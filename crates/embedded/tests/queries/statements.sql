-- plain
select 1, 'a', null, true, 1.50, -3
select id, title from todos order by id
select * from owners order by id
select * from todos where id = 1
select * from todos where id = 4
select id from todos where owner = '00000000-0000-0000-0000-000000000001' order by id desc
select id from todos order by title, id
select id, n from todos order by n, id
select id, n from todos order by n desc, id
select id, n from todos order by n nulls first, id
select id, n from todos order by n desc nulls last, id limit 2 offset 1
select id from todos order by price, id
select id, amount from todos order by amount desc, id
select id from todos order by wait, id
select id from todos order by due, id
select id from todos order by addr, id
select id from todos order by rating
select name from owners order by mood, name
select name from owners order by lower(name)
select id from todos order by id limit null
select id from todos order by id limit 0
select id from todos order by id limit -1
select id from todos order by id offset -1
select id from todos order by id limit (select 2)
select id from todos order by id limit 1.5
select distinct title from todos order by title
select distinct amount from todos where amount = 10
select distinct on (title) title, id from todos order by title, id desc
select distinct on (owner) owner, id from todos order by owner, n desc nulls last
select distinct done, n is null from todos order by 1, 2
-- predicates
select id from todos where amount = 10 order by id
select id from todos where amount in (10, 1.1) order by id
select id from todos where amount > 9.7 order by id
select id from todos where price between 1.5 and 3 order by id
select id from todos where title in ('Write', 'x') order by id
select id from todos where title not in ('Write', 'x') order by id
select id from todos where n not in (5, null) order by id
select id from todos where n is distinct from 5 order by id
select id from todos where n is not distinct from null
select id from todos where amount is distinct from 10 order by id
select id from todos where not done and n > 0 or title like 'b%' order by id
select id from todos where title like '%\%%' order by id
select id from todos where title like '100!% %' escape '!'
select id from todos where title ilike 'W%' order by id
select id from todos where title ilike 'É%'
select id from todos where title not like 'W%' order by id
select id from todos where title ~ '^[A-Z]' order by id
select id from todos where title ~* '^w' and title !~ 'x' order by id
select id from todos where n = any('{5,7}') order by id
select id from todos where n = any(scores) order by id
select id from todos where n <> all(array[5, 7]) order by id
select id from todos where owner = any(array['00000000-0000-0000-0000-000000000001','00000000-0000-0000-0000-000000000003']::uuid[]) order by id
select id from todos where title = any(array['Write']) order by id
select id, n = any(null::int[]) from todos where id = 1
select id from todos where not (n = any(null::int[]))
select id from todos where amount = any(array[10, 1.10]) order by id
select id from todos where 'home' = any(tags) order by id
select id from todos where tags @> '{food}' order by id
select id from todos where tags && array['food', 'x'] order by id
select id from todos where tags = '{food}'
select id from todos where due > '2024-01-01' order by id
select id from todos where due >= '2024-01-02 03:04:06+00' order by id
select id from todos where day < '2021-01-01' order by id
select id from todos where created < day order by id
select id from todos where wait = '30 days' order by id
select id from todos where wait > '1 day' order by id
select name from owners where mood > 'sad'
select name from owners where mood in ('sad', 'ok') order by name
select id from todos where code = 'ab' order by id
select id from todos where code = 'ab  ' order by id
select id from todos where addr = '10.0.0.1' order by id
select id from todos where data = '\x01'
select id from todos where (n, s) = (5, 1)
select id from todos where (n, s) > (5, 1) order by id
select id from todos where (n, done) in ((5, true), (7, false)) order by id
select id from todos where case when n > 4 then done else n < 0 end order by id
select id from todos where (done is true) is not false order by id
select id from todos where (n > 4) is unknown
select id from todos where id between symmetric 4 and 2 order by id
select 1 where null
-- arithmetic and functions
select 5 / 2, -5 / 2, 5 % 3, -5 % 3, 5 / 2.0, 2 ^ 10, 5.0 / 3, 1e3, 1.10 + 2.2
select 2147483647 + 1
select 1 / 0
select n / 0 from todos where id = 1
select n::smallint * 30000::smallint from todos where id = 5
select id, n + s, n - s, n * s, -n, abs(n), n % 3 from todos order by id
select id, price * 3, price / 3, price + n, amount * amount, round(amount / 3, 4) from todos order by id
select round(2.5), round(-2.5), round(2.567, 2), round(2.5::float8), 2.5::int, 3.5::int, 2.5::float8::int, trunc(-2.7), ceil(2.1), floor(-2.1)
select rating, rating * 2, rating::text, rating::numeric, rating::int8 from todos where id in (1, 2, 5) order by id
select greatest(1, 3, 2), least('b', 'a'), greatest(null, 2), greatest(1.5, 2), least(amount, 9.7) from todos where id = 1
select coalesce(n, 0), coalesce(null, title), nullif(n, 5), nullif(title, 'Write'), nullif(amount, 10) from todos order by id
select title || '!' , 'n=' || n, n || title, title || null from todos order by id
select lower(title), upper(title), length(title), char_length(title), initcap(title), reverse(title) from todos order by id
select substring(title from 2 for 3), left(title, 2), right(title, 2), position('t' in title), strpos(title, 'r'), replace(title, 'r', 'R') from todos order by id
select trim('  a '), ltrim('xxa', 'x'), rtrim('axx', 'x'), btrim('xax', 'x'), lpad('a', 3, '-'), rpad('a', 3), repeat('ab', 2), split_part('a.b.c', '.', 2)
select concat('a', 1, null, true), concat_ws('-', 'a', null, 'b'), format('%s-%I-%L', 'x', 'A b', 'q''s'), md5('a'), encode('\x01ff', 'hex')
select md5(title), starts_with(title, 'W'), ascii('A'), chr(66), translate('abc', 'ab', 'xy') from todos where id = 2
select regexp_replace('abc123', '[0-9]+', '#'), regexp_matches('ab12', '([a-z]+)([0-9]+)'), regexp_split_to_array('a,b,c', ',')
select code, length(code), code || 'x', code::text || 'x' from todos order by id
select id::text, '5'::int + 1, true::text, 'yes'::boolean, 1::boolean, done::int, owner::text, day::text, due::text, wait::text, price::text, n::text from todos where id = 1
select 'abcdef'::varchar(3), 'ab'::char(4), 12.345::numeric(4,1), 123456.7::numeric(4,1)
select '12x'::int
select title::int from todos where id = 1
select 'sad'::mood, 'sad'::mood < 'happy'::mood, 'x'::mood
select mood::text, mood || '!' from owners order by name
select 5::posint, -5::posint
select (-5)::posint
-- dates
select due, created, day, at, wait from todos order by id
select due + interval '1 day', day + 1, day - 1, created - interval '1 hour', day + interval '1 month' from todos where id in (1, 2, 5) order by id
select day - '2020-01-01'::date, due - '2024-01-01 00:00:00+00', created - '2024-01-01', age(due, '2023-01-01 00:00:00+00') from todos where id in (1, 2) order by id
select extract(year from due), extract(month from day), extract(epoch from wait), extract(dow from day), date_part('hour', due), extract(second from at) from todos where id in (1, 2) order by id
select date_trunc('month', due), date_trunc('day', created), date_trunc('hour', due) from todos where id in (1, 2) order by id
select due at time zone 'Europe/Paris', created at time zone 'Europe/Paris', due::date, due::time, day::timestamptz from todos where id in (1, 2) order by id
select to_char(due, 'YYYY-MM-DD HH24:MI:SS'), to_char(day, 'Mon DD'), to_timestamp(0), to_date('2024-03-04', 'YYYY-MM-DD') from todos where id = 1
select date '2024-02-29' + interval '1 year', timestamp '2024-01-31' + interval '1 month', interval '1 day' * 3, interval '1 hour' / 2, make_date(2024, 1, 2)
select now() = current_timestamp, current_date = now()::date, now() > '2020-01-01'
select max(due), min(day), max(wait), min(at) from todos where id <> 4
-- json
select extra -> 'a', extra ->> 'a', extra -> 'b' -> 'c' -> 0, extra #> '{b,c}', extra #>> '{b,c,1}', extra -> 1, extra ->> 2 from todos order by id
select raw -> 'z', raw ->> 0, raw, raw::jsonb from todos order by id
select id from todos where extra @> '{"a":1}'
select id from todos where extra ? 't' order by id
select id from todos where extra ->> 't' = '10'
select id from todos where (extra ->> 't')::int = 10
select id from todos where extra = '{"t":"y"}'
select extra || '{"k":true}', extra - 't', extra #- '{b}' from todos where id in (1, 2) order by id
select jsonb_build_object('a', n, 'b', title, 'c', done, 'd', price, 'e', due, 'f', tags, 'g', extra, 'h', null) from todos where id = 1
select json_build_object('a', n, 'b', title, 'c', raw), json_build_array(1, 'x', null), jsonb_build_array(1, 'x', null) from todos where id = 1
select to_jsonb(n), to_json(title), to_jsonb(price), to_json(due), to_jsonb(tags), to_jsonb(day), to_json(done) from todos where id in (1, 4) order by id
select row_to_json(o) from owners o order by id
select to_jsonb(o) from owners o order by id
select row_to_json(t) from todos t where id in (1, 4) order by id
select to_jsonb(t) - 'raw' from todos t where id = 2
select json_agg(o order by o.id) from owners o
select jsonb_agg(o order by o.id desc) from owners o
select json_agg(title order by id) from todos
select jsonb_agg(n order by id) from todos
select json_agg(t) from (select id, title from todos order by id limit 2) t
select coalesce(json_agg(t), '[]') from (select id from todos where id > 100) t
select json_object_agg(id, title order by id), jsonb_object_agg(title, n) from todos where id < 3
select jsonb_set(extra, '{a}', '5'), jsonb_typeof(extra), jsonb_array_length('[1,2]') from todos where id = 1
select jsonb_array_elements('[1,"a",null]'), 1
select value from jsonb_array_elements('[1,{"a":2}]')
select value from jsonb_array_elements_text('[1,"a",null]')
select key, value from jsonb_each('{"a":1,"b":"x"}')
select key, value from jsonb_each_text('{"a":1,"b":"x"}')
select * from json_each_text('{"a":1,"b":"x"}') as e(k, v)
select jsonb_object_keys('{"b":1,"a":2}')
select t.id, e.value from todos t, jsonb_array_elements_text(to_jsonb(t.tags)) e where t.tags is not null order by 1, 2
select * from json_to_recordset('[{"a":1,"b":"x"},{"a":2}]') as x(a int, b text)
select * from jsonb_to_record('{"a":1,"b":"x","c":[1]}') as x(a int, b text, c jsonb)
select extra['a'], extra['b']['c'][1] from todos where id = 1
-- arrays
select tags, tags[1], tags[3], tags[1:2], array_length(tags, 1), cardinality(tags), scores[2] from todos order by id
select array[1, 2] || 3, array[1] || array[2, 3], 0 || array[1], array['a', null], array[[1, 2], [3, 4]], array[1, 2]::text[]
select array_append(tags, 'z'), array_remove(tags, 'home'), array_position(tags, 'food'), array_to_string(tags, ',', '?'), array_cat(tags, '{q}') from todos order by id
select string_to_array('a,b,,c', ','), '{1,2}'::int[], array(select id from todos order by id), array(select n from todos where id > 100)
select unnest(array[3, 1, 2])
select id, unnest(tags) from todos order by id, 2
select u from unnest(array['b', 'a']) u order by u
select t.id, u from todos t, unnest(t.scores) u order by 1, 2
select t.id, u.tag, u.ord from todos t left join unnest(t.tags) with ordinality u(tag, ord) on true order by 1, 3
select array_agg(id order by id desc), array_agg(distinct n), array_agg(title order by title, id) from todos
select g from generate_series(1, 4) g
select g from generate_series(10, 1, -4) g
select g::date from generate_series('2024-01-30'::date, '2024-02-01', '1 day') g
select * from generate_series(1, 2) with ordinality as g(a, b)
select generate_series(1, 3), 'x'
-- aggregates
select count(*), count(n), count(distinct n), sum(n), avg(n), min(n), max(n), sum(price), avg(price), min(title), max(amount), min(amount) from todos
select count(*), sum(n), max(n), avg(n), string_agg(title, ','), array_agg(n), json_agg(n), bool_and(done) from empty, todos
select sum(id), avg(rating), sum(rating), stddev(n), variance(n) from todos where id <> 3
select title, count(*), sum(n) from todos group by title order by 2 desc, 1
select amount, count(*) from todos group by amount order by amount, 2
select done, string_agg(title, ', ' order by title desc) from todos group by done order by done
select done, count(*) filter (where n > 0), sum(n) filter (where n > 100) from todos group by done order by done
select lower(title) as t, count(*) from todos group by t having count(*) > 1
select o.name, count(t.id), coalesce(sum(t.n), 0) from owners o left join todos t on t.owner = o.id group by o.id order by o.name
select count(o), count(t) from owners o left join todos t on t.owner = o.id and t.n > 100
select bool_or(done), bool_and(done), every(n > 0) from todos
select string_agg(distinct title, ',' order by title) from todos
select count(distinct amount) from todos
select max(title) from todos having count(*) > 10
select extract(year from day), count(*) from todos where id <> 4 group by 1 order by 1
select percentile_cont(0.5) within group (order by n) from todos
select mode() within group (order by title) from todos
-- joins
select t.id, o.name from todos t join owners o on o.id = t.owner order by t.id
select t.id, o.name from todos t left join owners o on o.id = t.owner order by t.id
select t.id, o.name from todos t right join owners o on o.id = t.owner order by o.name, t.id
select t.id, o.name from todos t full join owners o on o.id = t.owner and t.n > 4 order by t.id, o.name
select a.org, a.role, b.role from members a join members b using (org) order by 1, 2, 3
select org, person from members natural join (select 1 as org) x order by person
select * from (values (1, 'a'), (2, 'b')) v(x, y) join (values (2, true)) w(x, z) using (x)
select coalesce(x.id, y.id) from (values (1), (2)) x(id) full join (values (2), (3)) y(id) using (id) order by 1
select id from (values (1), (2)) x(id) full join (values (2), (3)) y(id) using (id) order by id
select t.id, m.org from todos t, members m where m.person = t.owner and m.org = t.n order by 1, 2
select o.name, j.c from owners o left join lateral (select count(*) as c from todos t where t.owner = o.id) j on true order by o.name
select o.name, j.title from owners o cross join lateral (select title from todos t where t.owner = o.id order by id limit 1) j order by o.name
select o.name, j.id from owners o left join lateral (select id from todos t where t.owner = o.id order by id desc limit 2) j on true order by 1, 2
-- sub-queries
select (select max(n) from todos), (select title from todos where id = 1), (select title from todos where id = 100)
select (select title from todos)
select id, (select name from owners o where o.id = t.owner) from todos t order by id
select name from owners o where exists (select 1 from todos t where t.owner = o.id and t.done) order by name
select name from owners o where not exists (select 1 from todos t where t.owner = o.id and t.done) order by name
select name from owners where id in (select owner from todos where n > 4) order by name
select name from owners where id not in (select owner from todos where n > 4) order by name
select name from owners where id not in (select owner from todos where owner is not null and n > 4) order by name
select id from todos where n > all (select s from todos where s is not null) order by id
select id from todos where n > any (select s from todos) order by id
select id from todos where (owner, n) in (select person, org from members) order by id
select id, n in (select org from members) from todos order by id
select id from todos t where n = (select max(n) from todos where owner = t.owner) order by id
select o.name, (select json_agg(t.title order by t.id) from todos t where t.owner = o.id) from owners o order by o.name
select o.name, coalesce((select json_agg(row_to_json(x)) from (select t.id, t.title from todos t where t.owner = o.id order by t.id) x), '[]') from owners o order by o.name
select row_to_json(x) from (select o.name, (select json_agg(y) from (select t.id, t.price from todos t where t.owner = o.id order by t.id desc) y) as todos from owners o order by o.name) x
select row_to_json((select x from (select o.id, o.name) x)) from owners o order by o.name
select array(select title from todos t where t.owner = o.id order by id) from owners o order by name
select x.id from (select id, n from todos where n is not null) x where x.n > 4 order by 1
select a, a, a from (select random() as a) s where false
select count(*) from (select random() as a from todos) s where a = a
-- with
with x as (select id, n from todos where n > 4) select * from x order by id
with x as (select id from todos), y as (select count(*) as c from x) select c, (select max(id) from x) from y
with recursive r(n) as (select 1 union all select n + 1 from r where n < 5) select sum(n) from r
with recursive r as (select 1 as n, 'a' as t union all select n + 1, t || 'b' from r where n < 3) select * from r order by n
with x as materialized (select random() as a) select (select a from x) = (select a from x)
-- set operations
select 1 union select 2 union select 1 order by 1
select 1 union all select 2.5 order by 1
select n from todos union select s from todos order by 1
select title from todos intersect select 'Write' order by 1
select title from todos except select 'Write' order by title
select id from todos where id = 1 union all (select id from todos order by id desc limit 1) order by 1
select count(*) from (select amount from todos where id = 1 union select 10.00) x
(select 1 as x union all select 1) union select 2 order by x desc
select 1 union all (select 2 union select 2)
values (1, 'a'), (2, 'b')
values (2), (1) order by 1
select * from (values (1, null), (2, 'x')) v(a, b) order by a desc
-- windows
select id, row_number() over (order by id desc), rank() over (order by title), dense_rank() over (order by title) from todos order by id
select id, sum(n) over (order by id), count(*) over (), lag(n) over (order by id), lead(n, 1, 0) over (order by id) from todos order by id
select id, sum(n) over w, first_value(title) over w from todos window w as (partition by done order by id) order by id
select id, sum(n) over (order by id rows between 1 preceding and 1 following), ntile(2) over (order by id) from todos order by id
select title, sum(count(*)) over (order by title) from todos group by title order by title
select id, avg(price) over (partition by done) from todos order by id
select * from (select id, row_number() over (partition by title order by id) as k from todos) x where k = 2
-- views and functions
select * from open_todos order by id
select title from open_todos where id = 2
select * from per_owner order by name
select add_one(4), add_one(n) from todos order by id
select greet('Ann'), greet(greeting => 'Hi', name => 'Bob'), greet(name, 'Yo') from owners order by name
select titles_of('00000000-0000-0000-0000-000000000001')
select * from titles_of('00000000-0000-0000-0000-000000000001')
select id, title from todos_of('00000000-0000-0000-0000-000000000001') where n > 0
select t.todo_label, todo_label(t) from todos t order by id
select * from tally() order by who
select who from tally() where many > 1
select count(*) from todos for update
select id from todos where id = 1 for update
-- row values
select (t).title from todos t where id = 1
select o is null, o is not null, row(1, null) is null, row(null, null) is null from owners o order by id
select row(1, 'a') = row(1, 'a'), row(1, 2) < row(1, 3)
select current_user, current_schema
select id, title from todos where id = 1 union select 2, 'x' order by 1
select upper(x.title) from (select title from todos order by id) x limit 1
select t.id, x from todos t, lower(t.title) x order by 1
select o.name, j from owners o left join lateral (select id, title from todos t where t.owner = o.id order by id limit 1) j on true order by 1
select o.name, count(j) from owners o left join lateral (select id from todos t where t.owner = o.id) j on true group by o.name order by 1
select o.name, j.id, j.price, j.owner, j.data from owners o join lateral (select * from todos t where t.owner = o.id and t.id < 3) j on true order by 1, 2
select id, k.s from todos t, lateral (select t.id * 2 as s union all select 0) k order by 1, 2
select array_agg(distinct title), array_agg(distinct n order by n desc), string_agg(distinct title, ';'), json_agg(distinct n), count(distinct amount), sum(distinct n), avg(distinct n) from todos
select done, array_agg(distinct n) filter (where n > 0) from todos group by done order by done
select t.id, x.i, x.e from todos t, unnest(t.scores) with ordinality x(e, i) order by 1, 2
select o, count(*) from owners o left join todos t on t.owner = o.id group by o.id order by o.name
select row_to_json(t) from owners o left join (select id, owner from todos where n > 6) t on t.owner = o.id order by o.name
select json_agg(t) from owners o left join todos t on t.owner = o.id and false
select coalesce(sum(n) filter (where done), 0), count(*) filter (where owner is null) from todos
select title, n from todos where (title, n) in (select title, max(n) from todos group by title) order by 1
select (select count(*) from todos t where t.owner = o.id) as c, o.name from owners o order by c desc, o.name
select o.name from owners o order by (select count(*) from todos t where t.owner = o.id) desc, o.name
select o.name, sum((select count(*) from members m where m.person = o.id)) from owners o group by o.name order by 1
select case title when 'Write' then 'w' when 'buy milk' then 'b' else 'o' end, case amount when 10 then 'ten' end from todos order by id
select id from todos where title between 'A' and 'Z' order by id
select id from todos where owner is null or n is null order by id
select not done, not (n > 3), done or null, done and null from todos order by id
select id from todos where not (n > 3) order by id
select id from todos where (n > 3) = done order by id
select 'a' < 'B', 'é' > 'z', 'a' || null, length('é')
select 0.1 + 0.2, 0.1::float8 + 0.2::float8, 1::float8 / 3, 1e300 * 1e10, 3.0::float8, 1.5::real
select 10 / 3.0, 2.0 * 3.50, 7 % 2.5, (-7) % 3, 2 ^ 0.5, |/ 4
select numeric '1.50' = 1.5, '1.50'::numeric::text, 1.500::numeric(10,2), 100::numeric / 7
select true::int + 1, 't'::bool, 'off'::bool, true and 'yes'
select '2024-01-31'::date + 1, '2024-03-10 12:00+02'::timestamptz, '12:30'::time + interval '1 hour', interval '1 year 2 mons 3 days 04:05:06.7'
select timestamptz '2024-01-01 00:00:00' < now(), timestamp '2024-01-01' = date '2024-01-01'
select jsonb '{"b":1,"a":[1,2.50,"x\u00e9"]}', json '{"b" : 1}', '{"a":1,"a":2}'::jsonb, '[1, 2]'::jsonb = '[1,2]'::jsonb
select jsonb_agg(distinct n order by n) from todos where n is not null
select jsonb_pretty('{"a":1}'), jsonb_extract_path_text('{"a":{"b":"c"}}', 'a', 'b'), jsonb_path_exists('{"a":1}', '$.a')
select array[1,2] = array[1,2], array[1,2] < array[1,3], array[1.0] = array[1], '{a,b}'::text[] @> array['a'], array_length(array[]::int[], 1)
select distinct scores from todos where scores is not null order by scores
select tags, count(*) from todos group by tags order by 2 desc, 1 nulls first
select max(scores), min(tags) from todos
select amount::int, amount::text, n::numeric, n::float8, rating::int from todos where id in (1, 2, 5) order by id
select coalesce(null, null, 3), coalesce(n::text, 'none') from todos order by id
select id, extract(hour from at), at + interval '2 hours' from todos where at is not null order by id
select * from todos t join members m on m.person = t.owner and m.org = t.n join owners o on o.id = m.person where t.id = 1
select x.n, y.n from (select n from todos where n > 4) x join (select n from todos where n < 6) y on x.n = y.n order by 1
with a as (select id, title from todos where done), b as (select * from a where id > 1) select b.*, (select count(*) from a) from b
with recursive tree(id, depth) as (select 1, 0 union select id + 1, depth + 1 from tree where depth < 3) select * from tree order by depth
select * from (select id, title from todos order by id desc limit 2) x order by id
select id from todos order by title collate "C", id
select count(*) from (select distinct done, owner from todos) x
select 1 from todos limit 1 offset 100
select max(id) + 1, count(*) * 2 from todos
select owner, max(n) - min(n) as spread from todos group by 1 having count(*) > 1 order by spread
select string_agg(title || ':' || coalesce(n::text, '-'), ', ' order by n nulls first, id) from todos
select lag(title, 2, 'none') over (order by id), last_value(id) over (order by id rows between unbounded preceding and unbounded following) from todos order by id
select id, rank() over w, percent_rank() over w, cume_dist() over w from todos window w as (order by title) order by id
select id, count(*) over (partition by title), array_agg(id) over (partition by title order by id) from todos order by id
select id, sum(price) over (order by id), avg(n) over (order by id rows 1 preceding) from todos order by id
select exists (select 1 from todos where n = 100), exists (select 1 from todos)
select id from todos t where exists (select 1 from members m where m.person = t.owner and m.org > coalesce(t.n, 0)) order by id
select id from todos where owner in (select person from members where role = 'user') or n = 5 order by id
select id from todos where id in (select unnest(array[1, 3]))
select id, (select string_agg(m.role, ',' order by m.role) from members m where m.person = t.owner) from todos t order by id
select 'todos'::regclass::oid = 'public.todos'::regclass::oid, 'int4'::regtype::oid, 'nosuch'::regclass
select t.id, r.a, r.b from todos t, jsonb_to_recordset('[{"a":1,"b":"x"},{"a":null,"b":{"c":1}}]') as r(a int, b text) where t.id < 3 order by 1, 2
select t.id, r.a, r.t from todos t, jsonb_to_record(t.extra) as r(a jsonb, t text) where t.id < 3 order by 1
select a = b from (select r as a, r as b from (select random() as r from generate_series(1, 3)) x) y
select count(distinct g) from (select gen_random_uuid() as g from generate_series(1, 5)) x
select x.r = x.r from (select random() as r) x
select title from todos where title > 'W' and title < 'X' order by id
select id from todos where lower(title) = 'write' order by id
select sum(n) as total, sum(n) filter (where done) * 2 as twice from todos having sum(n) > 1
select o.name from owners o where o.id in (select t.owner from todos t where t.n = 5) and o.name like 'A%'
select coalesce(o.name, 'nobody') as who, count(*) from todos t left join owners o on o.id = t.owner group by 1 order by 2 desc, 1
select id, (extra ->> 'a')::int + 1 from todos where extra ->> 'a' is not null
select date_trunc('day', due)::date as d, count(*) from todos where due < 'infinity' group by 1 order by 1
select to_jsonb(array[1, 2]), to_json('{1,NULL}'::int[]), array_to_json(array['a', 'b']), jsonb_build_object('k', array[1.5])
select u.k, count(*) from todos t, lateral jsonb_object_keys(t.extra) u(k) where jsonb_typeof(t.extra) = 'object' group by u.k order by 1
select id from todos where extra is not null and jsonb_typeof(extra) = 'object' and extra ->> 't' in ('x', 'y') order by id
select n as "N", title as "Ti tle" from todos order by "N" nulls first limit 1
select t.* from (select 1 as a, 'x' as b) t
select count(*) from todos t1, todos t2 where t1.id < t2.id
select id from todos where price is not null order by price * -1, id
select max(n) over (), id from todos order by id limit 2
select 1 where exists (select 1 from empty) or not exists (select 1 from empty)
select e.id, e.v from empty e right join (select 1 as id) x using (id)
select * from empty full join (select 1 as id, 'z' as w) y using (id)
select split_part(title, ' ', 1), regexp_replace(title, '[aeiou]', '*', 'g'), title ~ 'i.k' from todos order by id
select case when amount > 5 then 'big' when amount is null then 'none' else 'small' end as size, count(*) from todos group by size order by size
select unnest(array[1, 2, 3]), unnest(array['a', 'b'])
select id, unnest(tags) as tag, generate_series(1, 2) as g from todos where id in (1, 2) order by id, g
select * from unnest(array[1, 2], array['x', 'y', 'z']) as t(a, b)
select t.id, u.* from todos t, unnest(t.tags, t.scores) with ordinality as u(tag, score, ord) where t.id in (1, 4) order by 1, 4
select * from rows from (generate_series(1, 2), unnest(array['a', 'b', 'c'])) as r(x, y)
select generate_series(1, 2) + 10, id from todos where id < 3 order by 2, 1
select distinct unnest(array[2, 1, 2]) as x order by x
select unnest(array[]::int[]), 1
select (jsonb_each_text('{"a":1,"b":"x"}')).key
select t.id, (jsonb_each(t.extra)).* from todos t where t.id = 1 order by 2
select o.name, (todos_of(o.id)).title from owners o order by 1, 2
select (tally()).* order by 1
select id, (jsonb_each_text(extra)).value, unnest(array['p']) from todos where id = 5
select title, count(*) from todos group by rollup (title) order by title nulls last
select done, title, count(*) from todos group by grouping sets ((done), (title), ()) order by 1, 2, 3
select id from todos order by n nulls first fetch first 1 row with ties
select n from todos intersect all select s from todos order by 1
select x from (select 1 as x union all select 1) a except all select 1
select id from todos where (n, s) = (select 5, 1)
select o.name, (select count(t.id) + max(length(o.name)) from todos t where t.owner = o.id) from owners o order by 1
select m.org, m2.role from members m join members m2 using (org) as j where j.org = 1 order by 2
