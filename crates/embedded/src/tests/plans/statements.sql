-- a row by its key, under policies
select * from notes where id = 7
-- own rows by the column's index
select id, title from notes where owner = (select auth.uid())
-- all that one sees
select id from notes
-- count
select count(*) from notes
-- a page in the order of an index
select id, at from logs order by at desc limit 20
-- a join
select n.id, t.name from notes n join teams t on t.id = n.team where n.id = 7
-- what belongs to a row
select t.id, (select count(*) from notes n where n.team = t.id) from teams t where t.id = 3
-- PostgREST: a row with what belongs to it
SELECT coalesce(json_agg("_t"), '[]')::text AS body, count(*) AS page_total FROM (SELECT "notes"."id", "notes"."title", (SELECT coalesce(json_agg("_e"), '[]') FROM (SELECT "comments_1"."id", "comments_1"."body" FROM "public"."comments" AS "comments_1" WHERE "comments_1"."note" = "notes"."id" ORDER BY "comments_1"."id") "_e") AS "comments", (SELECT row_to_json("_e") FROM (SELECT "teams_1"."name" FROM "public"."teams" AS "teams_1" WHERE "teams_1"."id" = "notes"."team") "_e") AS "teams" FROM "public"."notes" AS "notes" WHERE "notes"."id" = $1 LIMIT 1000) "_t"
-- PostgREST: a page
SELECT coalesce(json_agg("_t"), '[]')::text AS body, count(*) AS page_total FROM (SELECT "logs"."id", "logs"."line" FROM "public"."logs" AS "logs" ORDER BY "logs"."at" DESC NULLS FIRST LIMIT 20) "_t"
-- lists
select id from logs where id in (1, 2, 3)
select id from logs where id = any ($1::int[])
select id from logs where line = any (array['a', 'b'])
select id from notes where id in (1, 2, 3)
-- a prefix
select id from logs where line like 'abc%'
select id from logs where line like $1
select id from notes where body like 'abc%'
-- an index on an expression
select id from notes where lower(title) = 'x'
-- a partial index
select id from notes where mood is null and rank = 3
-- numbers in a range
select id from notes where price between 1 and 2.5
-- groups
select team, count(*), max(created) from notes group by team
select max(id) from logs
select max(at) from logs
-- sub-queries
select id from teams t where exists (select 1 from notes n where n.team = t.id)
select id from logs where id in (select n.id from notes n where n.owner = auth.uid())
-- common table expressions
with mine as (select id, team from notes where owner = auth.uid()) select m.id, t.name from mine m join teams t on t.id = m.team
-- windows
select id, row_number() over (partition by team order by created) from notes where team = 3
-- writes
insert into notes (id, owner, title) values (1, auth.uid(), 'x') on conflict (id) do update set title = excluded.title returning id
update notes set title = 'y' where id = 7 returning id, title
update notes set rank = rank + 1 where owner = auth.uid()
delete from notes where id = 7
delete from comments where note = 7
update notes n set rank = m.level from members m where m.team = n.team and m.who = n.owner and n.id = 7
insert into logs (id, line) select n.id, n.title from notes n where n.team = 3
