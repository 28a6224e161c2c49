-- Row security and privileges, rule by rule: each weaving rule of the compiler has a statement here whose answer changes without it.
create role rls_reader; create role rls_writer; create role rls_keeper;
grant rls_reader, rls_writer, rls_keeper to postgres, authenticator;
grant create on schema public to rls_keeper, rls_writer;
create function on_every(n int, share int) returns boolean language sql immutable as 'select n % 100 < share';
create table shares (id int primary key, part int not null, word text not null);
insert into shares select g, (g * 37) % 100, 'word ' || g from generate_series(1, 200) g;
alter table shares enable row level security;
grant select on shares to rls_reader;
-- as rls_reader
select count(*) from shares;
-- as postgres
create policy share on shares for select to rls_reader using (part < 10);
-- as rls_reader
select count(*), min(id), max(part) from shares;
-- as postgres
alter policy share on shares using (part < 25);
-- as rls_reader
select count(*), min(id), max(part) from shares where word like 'word %';
-- as postgres
alter policy share on shares using (part < 50);
-- as rls_reader
select count(*), min(id), max(part) from shares where id > 20;
select count(*) from shares a join shares b on a.id = b.id + 1;
-- as postgres
alter policy share on shares using (on_every(part, 75));
-- as rls_reader
select count(*), min(id), max(part) from shares;
select part / 10 as tenth, count(*) from shares group by 1 order by 1;
-- as postgres
alter policy share on shares using (part < 90);
-- as rls_reader
select count(*), min(id), max(part) from shares;
select id from shares where part > 85 order by id;
select count(*) from (select * from shares union all select * from shares) twice;
select exists (select 1 from shares where part >= 90), (select max(part) from shares);
-- as postgres
create policy again on shares for select to rls_reader using (part >= 95);
create policy never on shares as restrictive for select to rls_reader using (part <> 97);
-- as rls_reader
select count(*), max(part) from shares;
select id from shares where part > 94 order by id;
-- as postgres
-- Who is subject: owner, forced owner, bypass, policies without row security.
alter table shares owner to rls_keeper;
-- as rls_keeper
select count(*) from shares;
update shares set word = 'owned' where id = 1;
-- as service_role
select count(*) from shares;
-- as postgres
alter table shares force row level security;
-- as rls_keeper
select count(*) from shares;
update shares set word = 'owned' where id = 2;
insert into shares values (900, 1, 'forced');
-- as service_role
select count(*) from shares;
-- as postgres
alter table shares no force row level security;
alter table shares disable row level security;
-- as rls_reader
select count(*) from shares;
-- as postgres
-- Role and command of a policy; what checks a new row.
create table tasks (id int primary key, owner text not null, state text not null, n int not null default 0);
insert into tasks select g, case when g % 2 = 0 then 'rls_writer' else 'rls_keeper' end, case when g % 5 = 0 then 'closed' else 'open' end, g from generate_series(1, 20) g;
alter table tasks enable row level security;
grant select, insert, update, delete on tasks to rls_reader, rls_writer, rls_keeper;
create policy seen on tasks for select to rls_writer using (owner = 'rls_writer' or state = 'closed');
create policy made on tasks for insert to rls_writer with check (owner = 'rls_writer' or state = 'gift');
create policy moved on tasks for update to rls_writer using (n < 11 or state = 'gift') with check (n < 100 or state = 'gift');
create policy gone on tasks for delete to rls_writer using (n > 15);
create policy kept on tasks to rls_keeper using (owner = 'rls_keeper');
-- as rls_reader
select count(*) from tasks;
insert into tasks values (50, 'rls_writer', 'open');
-- as rls_writer
select id from tasks order by id;
insert into tasks values (51, 'rls_writer', 'open', 51);
insert into tasks values (52, 'rls_keeper', 'open', 52);
insert into tasks values (53, 'rls_keeper', 'gift', 53);
insert into tasks values (54, 'rls_keeper', 'gift', 54) returning id;
insert into tasks values (55, 'rls_writer', 'open', 55) returning id, n;
update tasks set state = 'moved';
update tasks set state = 'moved' where id < 9 returning id;
update tasks set n = 200 where id = 2;
update tasks set n = n + 1 where id = 2 returning n;
update tasks set n = 100;
update tasks set owner = 'rls_keeper' where id = 4;
update tasks set owner = 'rls_keeper' where id = 4 returning id;
update tasks set owner = 'rls_keeper';
delete from tasks where id = 16 returning id, owner;
delete from tasks where id = 17;
delete from tasks where id = 2;
delete from tasks;
-- as postgres
select id, owner, state, n from tasks order by id;
-- as rls_keeper
select count(*) from tasks;
insert into tasks values (60, 'rls_keeper', 'open');
insert into tasks values (61, 'rls_writer', 'open');
update tasks set owner = 'rls_writer';
update tasks set owner = 'rls_writer' where id = 60;
update tasks set n = 1000 where id = 60 returning n;
-- as postgres
insert into tasks select g, 'rls_writer', 'open', g from generate_series(70, 79) g;
update tasks set n = 5 where id between 70 and 74;
update tasks set owner = 'rls_keeper' where id = 71;
-- as rls_writer
insert into tasks values (70, 'rls_writer', 'again') on conflict (id) do update set n = 6;
insert into tasks values (70, 'rls_writer', 'again') on conflict (id) do update set n = tasks.n + 1 returning id, n;
insert into tasks values (70, 'rls_writer', 'again') on conflict (id) do update set n = 500;
insert into tasks values (70, 'rls_writer', 'again') on conflict (id) do update set owner = 'rls_keeper';
insert into tasks values (71, 'rls_writer', 'again') on conflict (id) do update set n = 7;
insert into tasks values (75, 'rls_writer', 'again') on conflict (id) do update set n = 8;
insert into tasks values (75, 'rls_writer', 'again') on conflict (id) do nothing;
insert into tasks values (76, 'rls_keeper', 'again') on conflict (id) do update set n = 9;
-- as postgres
select id, owner, state, n from tasks where id >= 60 order by id;
-- Restrictive policies alone, and beside permissive ones.
create table vault (id int primary key, word text);
insert into vault values (1, 'one'), (2, 'two'), (3, 'three');
alter table vault enable row level security;
grant select, insert, update, delete on vault to rls_writer;
create policy narrow on vault as restrictive to rls_writer using (id < 3) with check (word <> 'bad');
-- as rls_writer
select * from vault;
insert into vault values (4, 'four');
update vault set word = 'x';
delete from vault;
-- as postgres
create policy wide on vault to rls_writer using (true);
-- as rls_writer
select * from vault order by id;
insert into vault values (4, 'four');
insert into vault values (5, 'bad');
update vault set word = 'x';
update vault set word = 'bad' where id = 1;
update vault set id = id + 10 where id = 2;
delete from vault where id = 3;
-- as postgres
select * from vault order by id;
-- What a predicate may tell.
create table pay (id int primary key, who text not null, cents int not null);
create table staff (who text primary key);
insert into pay values (1, 'rls_reader', 10), (2, 'rls_writer', 0), (3, 'rls_reader', 20), (4, 'rls_keeper', 0);
insert into staff values ('rls_reader');
alter table pay enable row level security;
grant select on pay, staff to rls_reader;
create policy mine on pay for select to rls_reader using (exists (select 1 from staff where staff.who = pay.who));
-- as rls_reader
select id from pay where 100 / cents > 5 order by id;
select count(*) from pay where cents <> 0 and 100 / cents > 1;
select s.who, p.id from staff s left join pay p on p.who = s.who and 100 / p.cents > 5 order by p.id;
select s.who, p.id from staff s join pay p on 100 / p.cents > 5 order by p.id;
select id from pay where (who || cents)::text like 'rls_reader%' order by id;
-- as postgres
create table tips (id int primary key, who text not null, cents int not null);
insert into tips values (1, 'rls_reader', 10), (2, 'rls_writer', 0), (3, 'rls_reader', 20), (4, 'rls_keeper', 0);
create index on tips (cents);
alter table tips enable row level security;
grant select, delete on tips to rls_reader;
create policy mine on tips to rls_reader using ((select count(*) from staff where staff.who = tips.who) > 0);
-- as rls_reader
select id from tips where 100 / cents > 5 order by id;
select id from tips where cents >= 0 and 100 / cents > 5 order by id;
select s.who, t.id from staff s left join tips t on 100 / t.cents > 5 order by t.id;
select s.who, t.id from staff s join tips t on 100 / t.cents > 5 order by t.id;
delete from tips where 100 / cents > 5;
-- as postgres
-- Privileges.
create table ledger (id int primary key, a text, b text, c text);
insert into ledger values (1, 'a1', 'b1', 'c1'), (2, 'a2', 'b2', 'c2');
create table bare (id int primary key, a text);
revoke all on ledger, bare from public, anon, authenticated, service_role;
grant select (id, a), insert (id, a), update (a) on ledger to rls_reader;
grant insert, update, delete on ledger to rls_writer;
-- as rls_reader
select id, a from ledger order by id;
select count(*) from ledger;
select * from ledger;
select b from ledger;
select id from ledger where c = 'c1';
select ledger from ledger;
select id from ledger order by b;
insert into ledger (id, a) values (3, 'a3');
insert into ledger (id, a, b) values (4, 'a4', 'b4');
insert into ledger (id, a) values (5, 'a5') returning id;
insert into ledger (id, a) values (6, 'a6') returning b;
insert into ledger (id, a) values (1, 'again');
insert into ledger (id, a) values (1, 'up') on conflict (id) do update set a = excluded.a;
insert into ledger (id, a) values (1, 'up') on conflict (id) do update set b = excluded.a;
update ledger set a = 'x' where id = 1;
update ledger set b = 'x' where id = 1;
update ledger set a = b;
update ledger set a = 'y' where c = 'c1';
update ledger set a = 'z' where id = 2 returning a;
delete from ledger where id = 1;
select count(*) from bare;
select 1 from bare;
truncate ledger;
-- as rls_writer
select id from ledger;
select count(*) from ledger;
update ledger set a = 'w';
update ledger set a = 'w' where id = 1;
update ledger set a = 'w' returning id;
delete from ledger where id = 3;
insert into ledger values (7, 'a', 'b', 'c');
insert into ledger values (7, 'a', 'b', 'c');
insert into ledger values (8, 'a', 'b', 'c') returning id;
delete from ledger;
-- as postgres
create unique index on ledger (c);
insert into ledger values (1, 'a1', 'b1', 'c1'), (2, 'a2', 'b2', 'c2');
grant insert (c) on ledger to rls_reader;
-- as rls_reader
insert into ledger (id, c) values (9, 'c1');
insert into ledger (id, c) values (1, 'c9');
-- as postgres
-- Errors under row security.
create table twins (id int primary key, who text not null, n int check (n > 0));
insert into twins values (1, 'rls_keeper', 1), (2, 'rls_reader', 2);
alter table twins enable row level security;
grant select, insert, update on twins to rls_reader;
create policy mine on twins to rls_reader using (who = 'rls_reader');
-- as rls_reader
insert into twins values (1, 'rls_reader', 5);
insert into twins values (2, 'rls_reader', 5);
insert into twins values (3, 'rls_reader', -5);
update twins set id = 1 where id = 2;
-- as postgres
-- Locks.
grant select on tasks to anon;
create policy shown on tasks for select to anon using (true);
-- as rls_writer
select id from tasks where id < 80 order by id for update;
select count(*) from (select id from tasks for share) locked;
select id from tasks where id > 60 order by id for update of tasks;
select id from tasks for update of nothing;
select t.id from tasks t join vault v on v.id = t.id order by t.id for update of v;
-- as anon
select count(*) from tasks where id > 60;
select id from tasks where id = 60 for update;
select id from tasks where id = 60 for no key update;
select id from tasks where id = 60 for share;
-- as rls_reader
select id, a from ledger order by id for update;
select id from pay for update;
-- as postgres
-- Views: as their owner, or as who asks.
create table base (id int primary key, team text, word text);
create table hidden (team text primary key);
insert into base values (1, 'red', 'a'), (2, 'blue', 'b'), (3, 'red', 'c'), (4, 'green', 'd');
insert into hidden values ('blue');
revoke all on base, hidden from public, anon, authenticated, service_role;
alter table base owner to rls_keeper;
create view base_all as select id, team, word from base;
alter view base_all owner to rls_keeper;
create view base_asker with (security_invoker = true) as select id, team, word from base;
alter view base_asker owner to rls_keeper;
create view base_writer as select id, team from base;
alter view base_writer owner to rls_writer;
grant select on base_all, base_asker, base_writer to rls_reader;
-- as rls_reader
select * from base;
select * from base_all order by id;
select * from base_asker order by id;
select * from base_writer order by id;
-- as rls_writer
select * from base_writer;
select * from base_all;
-- as postgres
grant select on base to rls_reader, rls_writer;
alter table base enable row level security;
create policy for_reader on base for select to rls_reader using (team = 'red');
create policy for_writer on base for select to rls_writer using (not exists (select 1 from hidden h where h.team = base.team));
-- as rls_reader
select * from base order by id;
select * from base_all order by id;
select * from base_asker order by id;
select * from base_writer order by id;
-- as rls_writer
select * from base order by id;
-- as postgres
grant select on hidden to rls_writer;
-- as rls_reader
select * from base_writer order by id;
select * from hidden;
-- as rls_writer
select * from base order by id;
select * from base_writer order by id;
-- as postgres
revoke select on hidden from rls_writer;
grant select on hidden to rls_reader;
-- as rls_reader
select * from base_writer order by id;
select * from base_all order by id for update;
-- as postgres
grant update on base_all to rls_reader;
-- as rls_reader
select * from base_all order by id for update;
-- as postgres
-- Functions: who may call them, and as whom they read.
revoke select on hidden from rls_reader;
create function words_invoker() returns setof text language sql stable as 'select word from base order by word';
create function words_definer() returns setof text language sql stable security definer as 'select word from base order by word';
create function hidden_count() returns bigint language sql stable as 'select count(*) from hidden';
create function hidden_count_definer() returns bigint language sql stable security definer as 'select count(*) from hidden';
create function secret_word() returns text language sql immutable as 'select ''secret''::text';
revoke execute on function secret_word() from public, anon, authenticated, service_role;
create function base_add(i int, w text) returns void language sql security definer as 'insert into base values (i, ''made'', w)';
create function base_add_invoker(i int, w text) returns void language sql as 'insert into base values (i, ''made'', w)';
-- as rls_reader
select * from words_invoker();
select * from words_definer();
select hidden_count();
select hidden_count_definer();
select secret_word();
select id, secret_word() from base;
select base_add(10, 'ten');
select base_add_invoker(11, 'eleven');
-- as rls_writer
select hidden_count();
select * from words_invoker();
-- as postgres
select * from base order by id;
grant execute on function secret_word() to rls_reader;
-- as rls_reader
select secret_word();
-- as postgres
-- Schemas.
create schema closed;
create table closed.box (id int);
create function closed.one() returns int language sql as 'select 1';
create view box_view as select id from closed.box;
insert into closed.box values (1);
grant select on closed.box, box_view to rls_reader;
-- as rls_reader
select * from closed.box;
select closed.one();
select * from box_view;
-- as postgres
grant usage on schema closed to rls_reader;
-- as rls_reader
select * from closed.box;
select closed.one();
