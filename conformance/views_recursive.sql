-- Views that come to themselves, casts of whole rows, parameters that share a name, time zones with seconds.
create view again as select 1 as a;
create or replace view again as select a from again;
select * from again;
create view first as select 1 as a;
create view second as select a from first;
create or replace view first as select a from second;
select * from first;
select * from second where a = 1;
create view apart as select f.a, s.a as b from (select 1 as a) f, (select 2 as a) s;
select x.a, y.b from apart x join apart y using (a);

create table pair (a int, b text);
insert into pair values (1, 'one'), (2, null);
create function shown(p pair) returns text language sql stable as 'select coalesce(p.b, ''none'') || p.a::text';
with q as (select * from pair) select shown(q::pair) from q order by 1;
with q as (select * from pair) select (q::pair).b from q order by q.a;
select (q::pair).a from (select 1::bigint as x, 'y'::varchar as y) q;
select q::pair from (select 1 as x) q;
select q::pair from (select 1 as x, 'a' as y, 2 as z) q;
select q::pair from (select true as x, 'a' as y) q;
select shown(q::pair) from pair p left join (select 1 as a, 'x' as b) q on p.a = q.a order by p.a;
select row(1, 'x')::pair, (row(2, 'y')::pair).b;
select (select shown(q::pair)) from (select * from pair where a = 1) q;

create function echoes(a text, b int) returns table (a text, b int) language sql as 'select $1, $2';
select * from echoes('x', 1);
create function echoes_out(a text, out a text) language sql as 'select $1';
select echoes_out('y');
create function echoes_in(a text, a text) returns text language sql as 'select $1';
create function echoes_twice(a text, out b text, out b text) language sql as 'select $1, $1';
create function echoes_plpgsql(a text) returns table (a text) language plpgsql as 'begin return; end';

set timezone = '05:30:15';
set timezone = 'FOO+1:02:03';
set timezone = '05:30';
select timestamptz '2020-01-01 00:00:00+00';
set timezone = 'Africa/Monrovia';
show timezone;
reset timezone;
set default_with_oids = false;
show default_with_oids;
set default_with_oids = off;
