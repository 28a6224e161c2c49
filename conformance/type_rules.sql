-- The rules of types, each seen from outside: conversions, the choice of operators and functions, common types, modifiers, comparison.
-- conversions that need no asking
select 1 + 1.5, 1 + 2::bigint, 1.5 + 2::float8, 'a'::varchar || 'b'::text;
select 1::smallint = 1::bigint, 1 = 1.0, date '2024-01-02' < timestamp '2024-01-02 00:00:01', length('abc'::varchar(2));
-- conversions that only an assignment does
create type tempo as enum ('slow', 'mid', 'fast');
create table held (i int, s smallint, t text, v varchar(3), c char(4), n numeric(4,1), f real, b boolean, m tempo, j jsonb, d date, ts timestamptz);
insert into held (i, s, t) values (1.6, 70::bigint, 12);
insert into held (t) values (true), (date '2024-01-02'), (1.50), (interval '1 day');
insert into held (d) values (timestamp '2024-01-02 10:00:00');
select i, s, t, d from held order by i, t, d;
select length(12);
select abs(1.5::float8::numeric), lower(12);
select 1 || true;
select substr(12345, 2);
-- conversions that must be written
insert into held (i) values ('12'::text);
insert into held (b) values (1);
insert into held (i) values (true);
select 1::boolean, true::int, '12'::text::int, '{"a": 1}'::text::jsonb -> 'a', 'mid'::text::tempo, 65::"char", 12::text;
select '12'::text + 1;
select case when '2024-01-02'::text = date '2024-01-02' then 1 end;
-- the preferred type of a category
select abs('-1.5'), abs('-1.5'), round('2.5'), round('2.5'), round(2.5);
select sqrt(4), power(2, 3), ln(1), 1 / 2::float4, 2::smallint ^ 2;
select age('2024-01-02', '2024-01-01'), date_trunc('day', date '2024-01-02');
-- untyped literals
select 1 = '1', 2.5 > '2', date '2024-01-02' = '2024-01-02', 'a' || 'b', 'a' || 1, '{1}'::int[] || '{2}';
select 1 + '2', '2' * 3, now() - '1 day' < now(), '2024-01-02'::date - '2024-01-01';
select 1 = 'x';
select '1' + '2';
select length('abc'), '1' < '2', '10' < '9', upper('é'), concat('a', 1);
select position('b' in 'abc'), strpos('abc', 'c'), '{"a": 1}' -> 'a';
select '{"a": 1}'::jsonb -> 'a', '[1, 2]'::jsonb - 0, '{"a": 1}'::jsonb - 'a', '{"a": 1}'::jsonb || '{"b": 2}';
-- a common type
select coalesce(1, 2.5), coalesce(null, 1, 2.5), case when true then 1 else 2::bigint end, case when true then 1 else 2.50 end;
select 1 union select 2.5 order by 1;
select '1' union select 1 order by 1;
select null union select 'a' order by 1;
select greatest(1, 2.5, '3'), least('b'::text, 'a'), array[1, 2.5, null], array['a', 'b'::varchar(5)];
values (1), (2.5), (null);
select coalesce(1, 'x');
select coalesce(1, true);
select case when true then 1 else 'a'::text end;
select 1 union select 'a'::text;
select array[1, 'a'::text];
select greatest(date '2024-01-02', 5);
-- lengths, precisions, scales
select 'abcdef'::varchar(3), 'ab'::char(4) || '|', 1.25::numeric(4,1), 1.35::numeric(4,1), 12345::numeric(4,1);
select '2024-01-02 03:04:05.6789'::timestamptz(2), '1.23456 seconds'::interval(2);
insert into held (v) values ('abcd');
insert into held (v) values ('abc   ') returning v, length(v);
insert into held (v) values ('abcd'::varchar(3)) returning v;
insert into held (n) values (123.45) returning n;
insert into held (n) values (1234.5);
insert into held (c) values ('abcde');
insert into held (f) values (16777217) returning f;
update held set v = 'xyzuv';
-- whole numbers
select 1, 2147483647, 2147483648, 9223372036854775808, 1.0, 1e3;
select 2147483647 + 1;
select i + 1 from (values (2147483647), (1)) x(i);
select 2147483647::bigint + 1, -2147483648 - 0;
select 9223372036854775807 + 1;
select 32767::smallint + 1::smallint;
select 100000 * 100000;
select (-2147483648) / -1;
select abs(-2147483648);
select 7 / 2, -7 / 2, 7 % 3, -7 % 3, 7 / 2.0, 7::numeric / 3, 1 / 0.3::float8;
select 1 / 0;
-- comparison by type
select 10.0 = 10.00, 9.6 < 10.0, 1.10::numeric = 1.1, count(distinct n) from (values (1.0), (1.00), (2.5)) x(n);
select n from (values (10.0), (9.6), (-1.5), (100)) x(n) order by n;
select max(n), min(n), 10.00 in (10.0, 3), 10.0 between 9.6 and 100 from (values (10.0), (9.6)) x(n);
select interval '1 mon' = interval '30 days', interval '24:00' = '1 day', interval '1 day' > '2 hours';
select v from (values (interval '2 days'), (interval '30 hours'), (interval '1 mon'), (interval '-1 day')) x(v) order by v;
select '{"a": 1.0, "b": 2}'::jsonb = '{"b": 2, "a": 1.00}', '[1, 2]'::jsonb < '[1, 10]'::jsonb, '1'::jsonb < '"a"'::jsonb;
select count(distinct j) from (values ('{"a": 1.0}'::jsonb), ('{"a": 1.00}'), ('{"a": 2}')) x(j);
select v from (values ('B'), ('a'), ('b'), ('A'), ('é'), ('10'), ('9')) x(v) order by v;
select '10' < '9', 'B' < 'a', 'a' < 'é', 'a' = 'a ', 'a'::char(3) = 'a', 'a'::char(3) = 'a  '::char(5), 'a'::char(3) = 'a '::text;
select case when n = 1.0 then '10.0' else '9' end as t from (values (1.00), (2.0)) x(n) order by t;
select case when n = 1.0 then '10.0' else '10.00' end = '10.0' from (values (1.00), (2.0)) x(n) order by 1;
select length('ab'::char(4)), 'ab'::char(4)::text || '|', octet_length('ab'::char(4)), concat('ab'::char(4), '|');
-- enums, in the order in which they were made
insert into held (m) values ('fast'), ('slow'), ('mid');
select m from held where m is not null order by m;
select 'slow'::tempo < 'mid', 'mid' < 'fast'::tempo, max(m), min(m), count(*) filter (where m < 'fast') from held;
select 'none'::tempo;
select m from held where m > 'quick';
-- NULL
select null = null, null <> 1, 1 is distinct from null, null is distinct from null, 1 is not distinct from 1, null is not distinct from 1;
select v from (values (1), (null), (2)) x(v) order by v;
select v from (values (1), (null), (2)) x(v) order by v desc;
select v from (values (1), (null), (2)) x(v) where v is distinct from 1 order by v;
select not null::boolean, null and false, null or true, 1 in (2, null), 1 not in (2, null), 1 in (1, null);
-- the zone of the session
begin;
set local timezone = 'America/New_York';
select '2024-07-01 12:00'::timestamptz, timestamptz '2024-01-01 12:00', '2024-07-01 12:00+00'::timestamptz, '2024-07-01'::date::timestamptz;
select timestamp '2024-07-01 12:00' = timestamptz '2024-07-01 16:00+00', extract(hour from timestamptz '2024-07-01 12:00+00');
commit;
