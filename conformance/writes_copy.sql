-- COPY FROM STDIN and TO STDOUT.
create table c(id int primary key, t text, n numeric(6,2) default 1.5, b bool, at timestamptz, j jsonb, a int[], d date);
copy c from stdin;
1	plain	2.5	t	2024-01-02 03:04:05+00	{"b": 1, "a": [1, 2]}	{1,2,NULL}	2024-02-29
2	\N	\N	\N	\N	\N	\N	\N
3	tab\there\nline\\slash	0	f	infinity	"x"	{}	-infinity
4		-3.00	true	2024-07-01 12:00:00+02	null	{{1,2},{3,4}}	2000-01-01
5	é😀\x41\101	1	no	epoch	1.50	{1}	2024-12-31
\.
select * from c order by id;
copy c to stdout;
copy c (t, id) to stdout;
copy (select id, t from c where id > 2 order by id desc) to stdout;
copy c (id, t) from stdin;
6	defaults
\.
select id, t, n, b from c where id = 6;
copy c (id, t) from stdin with (format csv);
7,"quoted, ""text"""
8,
9,""
10,"two
lines"
\.
select id, t from c where id between 7 and 10 order by id;
copy c (id, t) from stdin with (format csv, header, delimiter ';', null 'NULL', quote '''', escape '\');
number;what
11;'it''s \' a'
12;NULL
13;'NULL'
\.
select id, t from c where id between 11 and 13 order by id;
copy c (id, t) from stdin (format csv, header match);
id,t
14,matched
\.
copy c (id, t) from stdin (format csv, header match);
id,x
15,no
\.
copy c (id, t) from stdin (format csv, header match);
id
15
\.
copy c (id, t) from stdin (format csv, force_not_null (t));
16,
\.
copy c (id, t) from stdin (format csv, force_null (t), null 'n');
17,"n"
18,n
\.
select id, t from c where id >= 14 order by id;
copy (select id, t from c where id in (7, 8, 9, 10, 12) order by id) to stdout (format csv, header);
copy (select id, t from c where id in (7, 8, 9) order by id) to stdout (format csv, force_quote *);
copy (select id, t from c where id in (7, 8, 9) order by id) to stdout (format csv, force_quote (t), quote '''');
copy (select id, t from c where id in (3, 10) order by id) to stdout with delimiter '|' null 'nothing';
copy (select id, t from c where id = 7) to stdout csv header;
copy (select 'a' as x, null as y, '' as z, '\.' as w) to stdout csv;
copy (select '\.' as w) to stdout csv;
copy (select '\.' as w) to stdout;
copy (values (1, 'x'), (2, 'y|z')) to stdout (delimiter '|', header);
copy c(id, nope) from stdin;
\.
copy c(id, id) from stdin;
\.
copy nope from stdin;
\.
copy c(id, t) from stdin;
20	a	b
\.
copy c(id, t) from stdin;
20
\.
copy c(id, n) from stdin;
20	1
21	abc
\.
copy c(id, d) from stdin;
20	2024-02-30
\.
copy c(id) from stdin;
20
1
\.
copy c(id) from stdin;
99999999999
\.
copy c(id, n) from stdin;
20	12345678
\.
copy c(t) from stdin;
x
\.
copy c(id, t) from stdin csv;
20,"open
\.
copy c(id, t) from stdin;
20	aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa	c
\.
copy c(id, t) from stdin;
20	\377
\.
select count(*) from c;
copy c from stdin (format xml);
copy c from stdin (format csv, delimiter 'ab');
copy c from stdin (delimiter 'a');
copy c from stdin (quote '"');
copy c from stdin (escape '"');
copy c from stdin (format csv, quote 'ab');
copy c from stdin (format csv, delimiter '"');
copy c from stdin (format csv, null 'a"b');
copy c from stdin (delimiter ',', null 'a,b');
copy c from stdin (format csv, delimiter e'\n');
copy c from stdin (null e'a\nb');
copy c from stdin (force_null (t));
copy c from stdin (format csv, force_quote (t));
copy c to stdout (format csv, force_null (t));
copy c to stdout (format csv, force_not_null (t));
copy c (id) from stdin (format csv, force_null (t));
copy c (id) from stdin (format csv, force_not_null (nope));
copy c to stdout (format csv, force_quote (nope));
copy c from stdin (nonsense);
copy c from stdin (format csv, format csv);
copy c from stdin (header nonsense);
create table g(id int generated always as identity, v int, twice int generated always as (v * 2) stored, u uuid default gen_random_uuid(), check (v < 100), unique (v));
copy g (v) from stdin;
1
2
\.
copy g (id, v) from stdin;
10	3
\.
select id, v, twice, u is not null as u from g order by v;
copy g (v, twice) from stdin;
1	2
\.
copy g (v) to stdout;
copy g (twice) to stdout;
copy (select v, twice from g order by v) to stdout;
copy g (v) from stdin;
50
200
\.
copy g (v) from stdin;
60
1
\.
create table many(k int primary key);
copy many from stdin;
1
2
1
x
\.
copy many from stdin;
1
2
1
\.
create table par(id int primary key);
create table chi(id int primary key, pid int references par(id));
copy chi from stdin;
1	5
\.
insert into par values (5);
copy chi from stdin;
1	5
2	\N
\.
copy par (id) from stdin;
5
\.
create domain small as int check (value < 10);
create type mood as enum ('sad', 'ok', 'happy');
create table ty(s small, m mood, v varchar(3), c char(4), x bytea, f float8, u uuid, i interval, tt text[]);
copy ty from stdin;
5	ok	abc	xy	\\x4142	1.5e10	00000000-0000-0000-0000-000000000001	1 day 02:00	{a,"b c",NULL}
\N	happy	\N	\N	\\x	0	\N	-1 mon	{}
\.
copy ty to stdout;
copy ty (s) from stdin;
11
\.
copy ty (m) from stdin;
angry
\.
copy ty (v) from stdin;
abcd
\.
copy ty (v) from stdin;
abc  
\.
create view vw as select id, t from c;
copy vw to stdout;
copy vw from stdin;
\.
copy (select id from vw where id < 3 order by id) to stdout;
create sequence sq;
copy sq to stdout;
create table empty_one();
copy empty_one from stdin;

\.
copy empty_one to stdout;
create table rls(id int, who text);
insert into rls values (1, 'anon'), (2, 'other');
alter table rls enable row level security;
create policy p on rls using (who = current_user);
grant select, insert on rls to anon;
grant usage on schema public to anon;
grant select (id) on c to anon;
-- as anon
copy rls to stdout;
copy (select * from rls) to stdout;
copy rls from stdin;
3	anon
\.
copy c to stdout;
copy (select id from c where id < 3 order by id) to stdout;
copy c (id) from stdin;
100
\.
-- as postgres
create function upper_t() returns trigger language plpgsql as $$ begin new.t := upper(new.t); return new; end $$;
create trigger up before insert on c for each row execute function upper_t();
copy c (id, t) from stdin;
30	shout
31	more
\.
copy c (id, t) from stdin;
32	fine
30	again
\.
select id, t from c where id >= 30 order by id;
create table crlf(a int, b text);
begin;
copy crlf from stdin;
1	x
\.
copy crlf (a) from stdin;
2
3
\.
select count(*), sum(a) from crlf;
commit;
create table esc(a text);
copy esc from stdin;
\b\f\n\r\t\v\q\\
a\
b
\x4g\7\78
\.
select a from esc;
copy esc to stdout;
