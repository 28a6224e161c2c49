-- COPY FROM … WHERE.
create table c (a int, b text, g int generated always as (a + 1) stored, d int default 7);
copy c (a, b) from stdin where a > 1;
1	x
2	y
3	z
\N	n
\.
select * from c order by 1;
copy c (a, b) from stdin where d = 7 and b like 'k%';
5	kk
6	jj
\.
copy c (a, b) from stdin where g > 1;
5	kk
\.
copy c (a, b) from stdin where a in (select 1);
5	kk
\.
copy c (a, b) from stdin where count(*) > 1;
5	kk
\.
copy c (a, b) from stdin where generate_series(1,2) > 1;
5	kk
\.
copy c (a, b) from stdin where row_number() over () > 1;
5	kk
\.
copy c (a, b) from stdin where a;
5	kk
\.
copy c (a, b) from stdin where zz > 1;
5	kk
\.
copy c (a, b) from stdin where c.a / (a - 5) > 0;
6	kk
5	kk
\.
copy c to stdout where a > 1;
copy c (a, b) from stdin with (format csv) where b <> 'q' and c.a < 100;
10,q
11,r
200,s
\.
select * from c order by 1;
create function trg() returns trigger language plpgsql as $$ begin new.a := new.a * 10; return new; end $$;
create trigger tr before insert on c for each row execute function trg();
copy c (a, b) from stdin where a < 9;
8	kk
9	kk
\.
copy c (a, b) from stdin where random() < 2;
7	kk
\.
select * from c order by 1;
create role cw; grant insert on c to cw; set role cw;
copy c (a, b) from stdin where a < 9;
8	kk
\.
copy c (a, b) from stdin;
8	kk
\.
copy c (a, b) from stdin where true;
8	kk
\.
reset role; grant select (a) on c to cw; set role cw;
copy c (a, b) from stdin where a < 9;
8	kk
\.
copy c (a, b) from stdin where b <> '';
8	kk
\.
reset role;
copy c (a, b) from stdin where null;
8	kk
\.
