-- select id, title from todos
SELECT r1."id" AS c0, r1."title" AS c1 FROM "public.todos" AS r1
-- reads public.todos (id, title)

-- select * from todos where id = $1
SELECT r1."id" AS c0, r1."owner" AS c1, r1."org" AS c2, r1."title" AS c3, r1."done" AS c4, r1."price" AS c5, r1."amount" AS c6, r1."tags" AS c7, r1."extra" AS c8, r1."due" AS c9, r1."n" AS c10 FROM "public.todos" AS r1 WHERE (r1."id" = ?1)
-- binds [Parameter(1)]
-- reads public.todos (amount, done, due, extra, id, n, org, owner, price, tags, title)

-- select id from todos where owner = $1 and not done order by due desc, id limit $2 offset $3
SELECT r1."id" AS c0 FROM "public.todos" AS r1 WHERE (r1."owner" = ?1) AND (NOT r1."done") ORDER BY r1."due" DESC NULLS FIRST, c0 LIMIT coalesce(CASE WHEN ?2 < 0 THEN pg_fail('2201W', 'LIMIT must not be negative') ELSE ?2 END, -1) OFFSET coalesce(CASE WHEN ?3 < 0 THEN pg_fail('2201X', 'OFFSET must not be negative') ELSE ?3 END, 0)
-- binds [Parameter(1), Parameter(2), Parameter(3)]
-- reads public.todos (done, due, id, owner)

-- select id from todos order by n, amount desc nulls last
SELECT r1."id" AS c0 FROM "public.todos" AS r1 ORDER BY r1."n" NULLS LAST, r1."amount" COLLATE pg_numeric DESC
-- reads public.todos (amount, id, n)

-- select id from todos where amount = 10 or price > 1.5
SELECT r1."id" AS c0 FROM "public.todos" AS r1 WHERE ((r1."amount" = '10' COLLATE pg_numeric) OR (r1."price" > '1.5' COLLATE pg_numeric))
-- reads public.todos (amount, id, price)

-- select id from todos where title in ('a', 'b') and n not in (1, 2)
SELECT r1."id" AS c0 FROM "public.todos" AS r1 WHERE (r1."title" IN ('a', 'b')) AND (r1."n" NOT IN (1, 2))
-- reads public.todos (id, n, title)

-- select id from todos where owner = any($1) and n = any('{1,2}')
SELECT r1."id" AS c0 FROM "public.todos" AS r1 WHERE (r1."owner" IN (SELECT c0 FROM pg_set_array_unnest('2951,2950', ?1))) AND (r1."n" IN (SELECT c0 FROM pg_set_array_unnest('1007,23', '[1,2]')))
-- binds [Parameter(1)]
-- reads public.todos (id, n, owner)

-- select id from todos where 'x' = any(tags)
SELECT r1."id" AS c0 FROM "public.todos" AS r1 WHERE pg_any_of('25,1009,16', 'texteq', 'x', r1."tags")
-- reads public.todos (id, tags)

-- select n + 1, n / 2, amount * 2, title || 'x', 'a' || n from todos
SELECT pg_int4pl(r1."n", 1) AS c0, pg_int4div(r1."n", 2) AS c1, pg_numeric_mul(r1."amount", '2') AS c2, (r1."title" || 'x') AS c3, pg_textanycat_text_anynonarray('25,23,25', 'a', r1."n") AS c4 FROM "public.todos" AS r1
-- reads public.todos (amount, n, title)

-- select id from todos where due > now() - interval '1 day'
SELECT r1."id" AS c0 FROM "public.todos" AS r1 WHERE (r1."due" > (SELECT pg_timestamptz_mi_interval(?1, '1 day')))
-- binds [Now]
-- reads public.todos (due, id)

-- select extra ->> 'a', (extra -> 'b')::int from todos where extra @> '{"a":1}'
SELECT pg_jsonb_object_field_text(r1."extra", 'a') AS c0, pg_jsonb_int4(pg_jsonb_object_field(r1."extra", 'b')) AS c1 FROM "public.todos" AS r1 WHERE pg_jsonb_contains(r1."extra", '{"a": 1}')
-- reads public.todos (extra)

-- select n::text, title::int, due::date, mood::text from todos, owners
SELECT pg_cast_io('23,25', r1."n") AS c0, pg_cast_io('25,23', r1."title") AS c1, pg_timestamptz_date(r1."due") AS c2, pg_cast_io('16388,25', r2."mood") AS c3 FROM "public.todos" AS r1, "public.owners" AS r2
-- reads public.owners (mood)
-- reads public.todos (due, n, title)

-- select count(*), sum(n), max(amount), min(title) from todos
SELECT count(*) AS c0, pg_sum_int4(r1."n") AS c1, pg_max_numeric(r1."amount") AS c2, min(r1."title") AS c3 FROM "public.todos" AS r1
-- reads public.todos (amount, n, title)

-- select owner, count(*) filter (where done) from todos group by owner having count(*) > 1 order by 2 desc
SELECT r1."owner" AS c0, count(*) FILTER (WHERE r1."done") AS c1 FROM "public.todos" AS r1 GROUP BY r1."owner" HAVING (count(*) > 1) ORDER BY c1 DESC
-- reads public.todos (done, owner)

-- select amount, count(distinct n) from todos group by amount
SELECT r1."amount" AS c0, count(DISTINCT r1."n") AS c1 FROM "public.todos" AS r1 GROUP BY r1."amount" COLLATE pg_numeric
-- reads public.todos (amount, n)

-- select t.id, o.name from todos t left join owners o on o.id = t.owner where o.mood > 'sad'
SELECT r1."id" AS c0, r2."name" AS c1 FROM "public.todos" AS r1 LEFT JOIN "public.owners" AS r2 ON (r2."id" = r1."owner") WHERE (r2."mood" > 65536)
-- reads public.owners (id, mood, name)
-- reads public.todos (id, owner)

-- select o.name, coalesce((select json_agg(x) from (select t.id, t.title from todos t where t.owner = o.id order by t.id) x), '[]') from owners o
SELECT r1."name" AS c0, coalesce((SELECT pg_json_agg_shape('[["id",20,-1],["title",25,-1]]', r3.c0, r3.c1) AS c0 FROM (SELECT r2."id" AS c0, r2."title" AS c1 FROM "public.todos" AS r2 WHERE (r2."owner" = r1."id") ORDER BY c0) AS r3), '[]') AS c1 FROM "public.owners" AS r1
-- reads public.owners (id, name)
-- reads public.todos (id, owner, title)

-- select row_to_json(t) from todos t where t.id = $1
SELECT pg_row_to_json_shape('[["id",20,-1],["owner",2950,-1],["org",23,-1],["title",25,-1],["done",16,-1],["price",1700,655366],["amount",1700,-1],["tags",1009,-1],["extra",3802,-1],["due",1184,-1],["n",23,-1]]', r1."id", r1."owner", r1."org", r1."title", r1."done", r1."price", r1."amount", r1."tags", r1."extra", r1."due", r1."n") AS c0 FROM "public.todos" AS r1 WHERE (r1."id" = ?1)
-- binds [Parameter(1)]
-- reads public.todos (amount, done, due, extra, id, n, org, owner, price, tags, title)

-- select id from todos t where exists (select 1 from members m where m.org = t.org and m.person = $1)
SELECT r1."id" AS c0 FROM "public.todos" AS r1 WHERE (r1."org" IN (SELECT r2."org" AS c0 FROM "public.members" AS r2 WHERE (r2."person" = ?1)))
-- binds [Parameter(1)]
-- reads public.members (org, person)
-- reads public.todos (id, org)

-- select id from todos t where not exists (select 1 from members m where m.org = t.org and m.person = $1)
SELECT r1."id" AS c0 FROM "public.todos" AS r1 WHERE (NOT EXISTS (SELECT 1 AS c0 FROM "public.members" AS r2 WHERE (r2."org" = r1."org") AND (r2."person" = ?1)))
-- binds [Parameter(1)]
-- reads public.members (org, person)
-- reads public.todos (id, org)

-- select id from todos where owner in (select id from owners where mood = 'ok')
SELECT r1."id" AS c0 FROM "public.todos" AS r1 WHERE (r1."owner" IN (SELECT r2."id" AS c0 FROM "public.owners" AS r2 WHERE (r2."mood" = 131072)))
-- reads public.owners (id, mood)
-- reads public.todos (id, owner)

-- select (select name from owners o where o.id = t.owner), (select max(n) from todos) from todos t
SELECT (SELECT r2."name" AS c0 FROM "public.owners" AS r2 WHERE (r2."id" = r1."owner")) AS c0, (SELECT max(r3."n") AS c0 FROM "public.todos" AS r3) AS c1 FROM "public.todos" AS r1
-- reads public.owners (id, name)
-- reads public.todos (n, owner)

-- select case n when 1 then 'a' else title end, nullif(n, 0), greatest(n, 1), n is distinct from 1 from todos
SELECT (CASE WHEN (r1."n" = 1) THEN 'a' ELSE r1."title" END) AS c0, (CASE WHEN (r1."n" = 0) THEN NULL ELSE r1."n" END) AS c1, pg_greatest('23,23,23', r1."n", 1) AS c2, (r1."n" IS NOT 1) AS c3 FROM "public.todos" AS r1
-- reads public.todos (n, title)

-- select distinct title from todos order by title
SELECT DISTINCT r1."title" AS c0 FROM "public.todos" AS r1 ORDER BY c0
-- reads public.todos (title)

-- select distinct on (owner) owner, title from todos order by owner, due desc
SELECT c0, c1 FROM (SELECT r1."owner" AS c0, r1."title" AS c1, r1."due" AS c2, row_number() OVER (PARTITION BY r1."owner" ORDER BY r1."owner", r1."due" DESC NULLS FIRST) AS n FROM "public.todos" AS r1) WHERE n = 1 ORDER BY c0, c2 DESC NULLS FIRST
-- reads public.todos (due, owner, title)

-- select row_number() over (partition by owner order by due desc), sum(n) over (order by id) from todos
SELECT row_number() OVER (PARTITION BY r1."owner" ORDER BY r1."due" DESC NULLS FIRST) AS c0, pg_sum_int4(r1."n") OVER (ORDER BY r1."id") AS c1 FROM "public.todos" AS r1
-- reads public.todos (due, id, n, owner)

-- with x as (select id, n from todos) select * from x a join x b using (id)
WITH cte1(c0, c1) AS MATERIALIZED (SELECT r1."id" AS c0, r1."n" AS c1 FROM "public.todos" AS r1) SELECT r2.c0 AS c0, r2.c1 AS c1, r3.c1 AS c2 FROM cte1 AS r2 JOIN cte1 AS r3 ON (r2.c0 = r3.c0)
-- reads public.todos (id, n)

-- with recursive r(n) as (select 1 union all select n + 1 from r where n < 5) select n from r
WITH RECURSIVE cte1(c0) AS (SELECT 1 AS c0 UNION ALL SELECT pg_int4pl(r1.c0, 1) AS c0 FROM cte1 AS r1 WHERE (r1.c0 < 5)) SELECT r2.c0 AS c0 FROM cte1 AS r2

-- select id from todos union select n from todos order by 1
SELECT c0 FROM (SELECT r1."id" AS c0 FROM "public.todos" AS r1 UNION SELECT r2."n" AS c0 FROM "public.todos" AS r2) ORDER BY c0 NULLS LAST
-- reads public.todos (id, n)

-- select * from (values (1, 'a'), (2, 'b')) v(x, y)
SELECT r2.c0 AS c0, r2.c1 AS c1 FROM (SELECT r1.c0 AS c0, r1.c1 AS c1 FROM (SELECT column1 AS c0, column2 AS c1 FROM (VALUES (1, 'a'), (2, 'b'))) AS r1) AS r2

-- select g from generate_series(1, $1) g
SELECT r1.c0 AS c0 FROM pg_set_generate_series_int4(1, ?1) AS r1
-- binds [Parameter(1)]

-- select t.id, u from todos t, unnest(t.tags) u
SELECT r1."id" AS c0, r2.c0 AS c1 FROM "public.todos" AS r1, pg_set_array_unnest('1009,25', r1."tags") AS r2
-- reads public.todos (id, tags)

-- select * from open_todos where id = 1
SELECT r1.c0 AS c0, r1.c1 AS c1, r1.c2 AS c2 FROM (SELECT r2."id" AS c0, r2."title" AS c1, r2."owner" AS c2 FROM "public.todos" AS r2 WHERE (NOT r2."done")) AS r1 WHERE (r1.c0 = 1)
-- reads public.todos (done, id, owner, title)

-- select id, body from notes
SELECT r1."id" AS c0, r1."body" AS c1 FROM "public.notes" AS r1 WHERE ((r1."org" IN (SELECT r2."org" AS c0 FROM "public.members" AS r2 WHERE (r2."person" = (SELECT pg_cast_io('25,2950', (CASE WHEN (pg_show_config_by_name_missing_ok('request.jwt.claim.sub', 1) = '') THEN NULL ELSE pg_show_config_by_name_missing_ok('request.jwt.claim.sub', 1) END)))))) OR (r1."author" = (SELECT pg_cast_io('25,2950', (CASE WHEN (pg_show_config_by_name_missing_ok('request.jwt.claim.sub', 1) = '') THEN NULL ELSE pg_show_config_by_name_missing_ok('request.jwt.claim.sub', 1) END)))))
-- reads public.members (org, person)
-- reads public.notes (author, body, id, org)

-- select id from notes where body = 'x' and id > 3
SELECT r1."id" AS c0 FROM "public.notes" AS r1 WHERE ((r1."org" IN (SELECT r2."org" AS c0 FROM "public.members" AS r2 WHERE (r2."person" = (SELECT pg_cast_io('25,2950', (CASE WHEN (pg_show_config_by_name_missing_ok('request.jwt.claim.sub', 1) = '') THEN NULL ELSE pg_show_config_by_name_missing_ok('request.jwt.claim.sub', 1) END)))))) OR (r1."author" = (SELECT pg_cast_io('25,2950', (CASE WHEN (pg_show_config_by_name_missing_ok('request.jwt.claim.sub', 1) = '') THEN NULL ELSE pg_show_config_by_name_missing_ok('request.jwt.claim.sub', 1) END))))) AND (r1."body" = 'x') AND (r1."id" > 3)
-- reads public.members (org, person)
-- reads public.notes (author, body, id, org)

-- select id from notes where body::int = 3
SELECT r1."id" AS c0 FROM "public.notes" AS r1 WHERE ((r1."org" IN (SELECT r2."org" AS c0 FROM "public.members" AS r2 WHERE (r2."person" = (SELECT pg_cast_io('25,2950', (CASE WHEN (pg_show_config_by_name_missing_ok('request.jwt.claim.sub', 1) = '') THEN NULL ELSE pg_show_config_by_name_missing_ok('request.jwt.claim.sub', 1) END)))))) OR (r1."author" = (SELECT pg_cast_io('25,2950', (CASE WHEN (pg_show_config_by_name_missing_ok('request.jwt.claim.sub', 1) = '') THEN NULL ELSE pg_show_config_by_name_missing_ok('request.jwt.claim.sub', 1) END))))) AND (CASE WHEN ((r1."org" IN (SELECT r2."org" AS c0 FROM "public.members" AS r2 WHERE (r2."person" = (SELECT pg_cast_io('25,2950', (CASE WHEN (pg_show_config_by_name_missing_ok('request.jwt.claim.sub', 1) = '') THEN NULL ELSE pg_show_config_by_name_missing_ok('request.jwt.claim.sub', 1) END)))))) OR (r1."author" = (SELECT pg_cast_io('25,2950', (CASE WHEN (pg_show_config_by_name_missing_ok('request.jwt.claim.sub', 1) = '') THEN NULL ELSE pg_show_config_by_name_missing_ok('request.jwt.claim.sub', 1) END))))) THEN (pg_cast_io('25,23', r1."body") = 3) ELSE 0 END)
-- reads public.members (org, person)
-- reads public.notes (author, body, id, org)

-- select id from notes where author = auth.uid()
SELECT r1."id" AS c0 FROM "public.notes" AS r1 WHERE ((r1."org" IN (SELECT r2."org" AS c0 FROM "public.members" AS r2 WHERE (r2."person" = (SELECT pg_cast_io('25,2950', (CASE WHEN (pg_show_config_by_name_missing_ok('request.jwt.claim.sub', 1) = '') THEN NULL ELSE pg_show_config_by_name_missing_ok('request.jwt.claim.sub', 1) END)))))) OR (r1."author" = (SELECT pg_cast_io('25,2950', (CASE WHEN (pg_show_config_by_name_missing_ok('request.jwt.claim.sub', 1) = '') THEN NULL ELSE pg_show_config_by_name_missing_ok('request.jwt.claim.sub', 1) END))))) AND (r1."author" = (SELECT pg_cast_io('25,2950', (CASE WHEN (pg_show_config_by_name_missing_ok('request.jwt.claim.sub', 1) = '') THEN NULL ELSE pg_show_config_by_name_missing_ok('request.jwt.claim.sub', 1) END))))
-- reads public.members (org, person)
-- reads public.notes (author, id, org)

-- select t.id, n.body from todos t left join notes n on n.id = t.id
SELECT r1."id" AS c0, r2."body" AS c1 FROM "public.todos" AS r1 LEFT JOIN (SELECT r2.rowid AS rowid, r2."id" AS "id", r2."author" AS "author", r2."org" AS "org", r2."body" AS "body" FROM "public.notes" AS r2 WHERE ((r2."org" IN (SELECT r3."org" AS c0 FROM "public.members" AS r3 WHERE (r3."person" = (SELECT pg_cast_io('25,2950', (CASE WHEN (pg_show_config_by_name_missing_ok('request.jwt.claim.sub', 1) = '') THEN NULL ELSE pg_show_config_by_name_missing_ok('request.jwt.claim.sub', 1) END)))))) OR (r2."author" = (SELECT pg_cast_io('25,2950', (CASE WHEN (pg_show_config_by_name_missing_ok('request.jwt.claim.sub', 1) = '') THEN NULL ELSE pg_show_config_by_name_missing_ok('request.jwt.claim.sub', 1) END)))))) AS r2 ON (r2."id" = r1."id")
-- reads public.members (org, person)
-- reads public.notes (author, body, id, org)
-- reads public.todos (id)

