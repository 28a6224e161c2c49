select id, title from todos
select * from todos where id = $1
select id from todos where owner = $1 and not done order by due desc, id limit $2 offset $3
select id from todos order by n, amount desc nulls last
select id from todos where amount = 10 or price > 1.5
select id from todos where title in ('a', 'b') and n not in (1, 2)
select id from todos where owner = any($1) and n = any('{1,2}')
select id from todos where 'x' = any(tags)
select n + 1, n / 2, amount * 2, title || 'x', 'a' || n from todos
select id from todos where due > now() - interval '1 day'
select extra ->> 'a', (extra -> 'b')::int from todos where extra @> '{"a":1}'
select n::text, title::int, due::date, mood::text from todos, owners
select count(*), sum(n), max(amount), min(title) from todos
select owner, count(*) filter (where done) from todos group by owner having count(*) > 1 order by 2 desc
select amount, count(distinct n) from todos group by amount
select t.id, o.name from todos t left join owners o on o.id = t.owner where o.mood > 'sad'
select o.name, coalesce((select json_agg(x) from (select t.id, t.title from todos t where t.owner = o.id order by t.id) x), '[]') from owners o
select row_to_json(t) from todos t where t.id = $1
select id from todos t where exists (select 1 from members m where m.org = t.org and m.person = $1)
select id from todos t where not exists (select 1 from members m where m.org = t.org and m.person = $1)
select id from todos where owner in (select id from owners where mood = 'ok')
select (select name from owners o where o.id = t.owner), (select max(n) from todos) from todos t
select case n when 1 then 'a' else title end, nullif(n, 0), greatest(n, 1), n is distinct from 1 from todos
select distinct title from todos order by title
select distinct on (owner) owner, title from todos order by owner, due desc
select row_number() over (partition by owner order by due desc), sum(n) over (order by id) from todos
with x as (select id, n from todos) select * from x a join x b using (id)
with recursive r(n) as (select 1 union all select n + 1 from r where n < 5) select n from r
select id from todos union select n from todos order by 1
select * from (values (1, 'a'), (2, 'b')) v(x, y)
select g from generate_series(1, $1) g
select t.id, u from todos t, unnest(t.tags) u
select * from open_todos where id = 1
select id, body from notes
select id from notes where body = 'x' and id > 3
select id from notes where body::int = 3
select id from notes where author = auth.uid()
select t.id, n.body from todos t left join notes n on n.id = t.id
