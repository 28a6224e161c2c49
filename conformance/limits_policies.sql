-- Found by generated questions: what policies must not take away.
create table sheets (id int primary key, owner uuid, price numeric(10,2), label text, code char(4));
create table lines (id int primary key, sheet int, price numeric(10,2), label text);
insert into sheets values (1, '00000000-0000-0000-0000-00000000000a', 5, 'a', 'ab'), (2, '00000000-0000-0000-0000-00000000000b', 6, 'b', 'b');
insert into lines values (1, 1, 7, 'x'), (2, 2, 8, 'y'), (3, null, 0, 'z');
alter table sheets enable row level security;
create policy "own" on sheets for all to authenticated using (auth.uid() = owner);
grant all on sheets, lines to anon, authenticated;
-- as anon
select l.id, s.id from sheets s full join lines l on l.sheet = s.id where s.price <> s.price or l.price > 6 order by l.id;
select l.id, s.id from lines l left join sheets s on l.sheet = s.id where (s.price = 1) is not true order by l.id;
select l.id, s.id from sheets s right join lines l on l.sheet = s.id where coalesce(10 / s.price, 1) > 0 order by l.id;
select sum(s.price) from sheets s having count(s.label) < 3;
select bool_or(s.price > 1) from sheets s having count(*) filter (where s.price > 1) is not null;
select s.owner, count(*) from sheets s group by s.owner having 10 / count(*) > 0;
-- as authenticated {"sub": "00000000-0000-0000-0000-00000000000a", "role": "authenticated"}
select l.id, s.id from sheets s full join lines l on l.sheet = s.id where s.price <> s.price or l.price > 6 order by l.id;
select l.id, s.id from lines l left join sheets s on l.sheet = s.id where (s.price = 5) is not true order by l.id;
select l.id, s.id from lines l left join sheets s on l.sheet = s.id and 10 / s.price > 1 order by l.id;
select sum(s.price) from sheets s having count(s.label) < 3;
select (select max(l.price) from lines l where l.sheet = s.id) from sheets s group by (select max(l.price) from lines l where l.sheet = s.id);
select (select max(l.price) from lines l where l.sheet = s.id) from sheets s group by (select min(l.price) from lines l where l.sheet = s.id);
select id from sheets where label like 'a%';
select id from sheets where label like 'b%';
select id from sheets where label like 'a\%%' or label like 'A%';
-- as postgres
select id from sheets where code like '%b' order by id;
select id from sheets where code like 'b%' order by id;
select id from lines where label like 'x' or label like '' order by id;
select case when true then '03:04:05'::time else '2000-01-01'::date end;
select case when true then array[1] else array['a'] end;
