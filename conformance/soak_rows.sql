-- What generated questions found: rows that refer to themselves, and what errors tell a role that has its rights by column.
create table self (id bigint primary key, team integer, up bigint references self (id) on delete set null);
insert into self values (11, 1, 12), (12, 5, 12), (13, 5, 12), (14, 1, null);
update self set id = 12, team = 6 where id = 12;
insert into self values (12, 7, null) on conflict (id) do update set id = excluded.id, team = excluded.team;
insert into self values (12, 8, 11) on conflict (id) do update set id = excluded.id, team = excluded.team, up = excluded.up returning *;
update self set id = id, up = 12 where id in (12, 14);
update self set id = 20, up = 20 where id = 14;
update self set id = 21 where id = 20;
update self set id = 22 where id = 12;
update self set id = 30 where id = 13;
delete from self where id = 12;
select * from self order by id;
create table follows (id integer primary key, up integer references follows (id) on update cascade on delete cascade);
insert into follows values (1, 1), (2, 1), (3, 2);
update follows set id = 10 where id = 1;
update follows set id = 10 where id = 10;
update follows set id = id + 1 where id = 10 returning *;
select * from follows order by id;
delete from follows where id = 11;
select count(*) from follows;
create table later (id integer primary key, up integer references later (id) deferrable initially deferred);
begin;
insert into later values (1, 2), (3, 4), (5, 6);
update later set id = 2 where id = 1;
update later set id = 4 where id = 3;
update later set up = 5 where id = 5;
commit;
select * from later order by id;
begin;
insert into later values (7, 8), (9, 100);
update later set id = 8 where id = 7;
commit;
create table two (a integer, b integer, x integer, y integer, primary key (a, b), foreign key (x, y) references two (a, b));
insert into two values (1, 1, 1, 1), (1, 2, 1, 1);
update two set a = 1, b = 1 where b = 1;
update two set a = 1, b = 2 where b = 2;
update two set b = b + 10 where b = 1;
-- By column: DETAIL names columns unless the table as a whole may be read.
create role soak_reader;
grant soak_reader to authenticator, postgres;
create table rows_of (id integer primary key, n integer not null, m integer not null check (m > 0), s text);
create unique index on rows_of (lower(s));
grant select (id, n, m, s), insert, update on rows_of to soak_reader;
-- as soak_reader
insert into rows_of values (1, null, 1, 'a');
insert into rows_of values (1, 1, 0, 'a');
insert into rows_of values (1, 1, 1, 'a');
insert into rows_of values (1, 1, 1, 'b');
insert into rows_of values (2, 1, 1, 'A');
update rows_of set n = null;
-- as postgres
revoke all on rows_of from soak_reader;
revoke select (id, n, m, s) on rows_of from soak_reader;
grant select (id), insert, update, delete on rows_of to soak_reader;
-- as soak_reader
insert into rows_of (id, m) values (3, 1);
insert into rows_of (id, m) values (1, 1) on conflict (id) do update set n = 2;
insert into rows_of (id, n, m) values (1, 1, 1) on conflict (id) do update set m = 0;
insert into rows_of (id, n, m) values (1, 1, 1) on conflict (id) do update set s = 'c', n = null;
merge into rows_of using (values (1)) v (i) on id = i when matched then update set m = -1 when not matched then insert (id, s) values (5, 'z');
merge into rows_of using (values (6)) v (i) on id = i when matched then update set m = -1 when not matched then insert (id, s) values (i, 'z');
update rows_of set m = 0;
-- as postgres
grant select on rows_of to soak_reader;
-- as soak_reader
insert into rows_of (id, m) values (3, 1);
update rows_of set m = 0;
-- as postgres
drop table rows_of, two, later, follows, self;
drop role soak_reader;
