-- Row security: who sees and writes which rows, and what errors tell.
create table notes (id int primary key, owner uuid not null, body text not null, public boolean not null default false, rank int);
insert into notes select g, case when g % 3 = 0 then '00000000-0000-0000-0000-00000000000a'::uuid else '00000000-0000-0000-0000-00000000000b'::uuid end, 'note ' || g, g % 5 = 0, g % 7 from generate_series(1, 30) g;
alter table notes enable row level security;
-- as anon
select count(*) from notes;
insert into notes values (100, '00000000-0000-0000-0000-00000000000a', 'x');
update notes set body = 'x';
delete from notes;
-- as postgres
create policy "public read" on notes for select using (public);
create policy "own" on notes for all to authenticated using (auth.uid() = owner);
-- as anon
select id from notes order by id;
select count(*) from notes where body like 'note%';
update notes set body = 'y' where id = 5;
update notes set body = 'y';
delete from notes where id = 5;
insert into notes values (100, '00000000-0000-0000-0000-00000000000a', 'x');
insert into notes values (1, '00000000-0000-0000-0000-00000000000a', 'x');
-- as authenticated {"sub": "00000000-0000-0000-0000-00000000000a", "role": "authenticated"}
select id, public from notes order by id;
select count(*) from notes where not public;
update notes set body = 'mine' where id = 3;
update notes set body = 'not mine' where id = 4;
update notes set body = 'public of another' where id = 5 returning id;
update notes set owner = '00000000-0000-0000-0000-00000000000b' where id = 3;
update notes set owner = '00000000-0000-0000-0000-00000000000b', public = true where id = 3;
update notes set rank = rank + 1 where rank > 5 and id = 27 returning id, rank;
delete from notes where id = 6 returning id, body;
delete from notes where id = 7;
insert into notes values (101, '00000000-0000-0000-0000-00000000000a', 'new') returning id, owner, body, public;
insert into notes values (102, '00000000-0000-0000-0000-00000000000b', 'new');
insert into notes values (3, '00000000-0000-0000-0000-00000000000a', 'again');
insert into notes values (4, '00000000-0000-0000-0000-00000000000a', 'hidden twin');
insert into notes values (103, '00000000-0000-0000-0000-00000000000a', null);
insert into notes values (3, '00000000-0000-0000-0000-00000000000a', 'upsert') on conflict (id) do update set body = excluded.body returning id, body;
insert into notes values (4, '00000000-0000-0000-0000-00000000000a', 'upsert') on conflict (id) do update set body = excluded.body;
insert into notes values (4, '00000000-0000-0000-0000-00000000000a', 'nothing') on conflict (id) do nothing;
insert into notes values (4, '00000000-0000-0000-0000-00000000000a', 'nothing') on conflict do nothing;
insert into notes values (5, '00000000-0000-0000-0000-00000000000a', 'upsert of public') on conflict (id) do update set body = excluded.body;
-- as postgres
create policy "not rank 1" on notes as restrictive for select to authenticated using (rank is distinct from 1);
create policy "no shouting" on notes as restrictive for insert to authenticated with check (body <> upper(body));
create policy "rank at most 5" on notes as restrictive for update to authenticated using (true) with check (rank <= 5);
-- as authenticated {"sub": "00000000-0000-0000-0000-00000000000a", "role": "authenticated"}
select id, rank from notes order by id;
insert into notes values (110, '00000000-0000-0000-0000-00000000000a', 'LOUD');
insert into notes values (111, '00000000-0000-0000-0000-00000000000a', 'quiet');
insert into notes (id, owner, body, rank) values (112, '00000000-0000-0000-0000-00000000000a', 'quiet', 1);
insert into notes (id, owner, body, rank) values (113, '00000000-0000-0000-0000-00000000000a', 'quiet', 1) returning id;
update notes set rank = 6 where id = 9;
update notes set rank = 1 where id = 9;
update notes set rank = 4 where id = 9 returning id, rank;
-- as authenticated {"sub": "00000000-0000-0000-0000-00000000000c", "role": "authenticated"}
select id from notes order by id;
update notes set body = 'z';
delete from notes;
-- as service_role
select count(*) from notes;
-- as postgres
select count(*), count(distinct owner) from notes;
create table teams (id int primary key, name text);
create table members (team int references teams, who uuid, primary key (team, who));
create table docs (id int primary key, team int references teams, title text);
insert into teams values (1, 'one'), (2, 'two'), (3, 'three');
insert into members values (1, '00000000-0000-0000-0000-00000000000a'), (2, '00000000-0000-0000-0000-00000000000a'), (2, '00000000-0000-0000-0000-00000000000b');
insert into docs select g, 1 + g % 3, 'doc ' || g from generate_series(1, 12) g;
alter table docs enable row level security;
alter table members enable row level security;
create policy "members see" on docs for select using (exists (select 1 from members m where m.team = docs.team and m.who = auth.uid()));
create policy "own memberships" on members for select using (who = auth.uid());
-- as authenticated {"sub": "00000000-0000-0000-0000-00000000000a", "role": "authenticated"}
select id, team from docs order by id;
select d.id, t.name from docs d join teams t on t.id = d.team where t.name <> 'one' order by d.id;
select t.name, (select count(*) from docs d where d.team = t.id) as docs from teams t order by t.name;
select t.name, d.id from teams t left join docs d on d.team = t.id and d.id > 6 order by t.name, d.id;
-- as authenticated {"sub": "00000000-0000-0000-0000-00000000000b", "role": "authenticated"}
select id, team from docs order by id;
-- as anon
select id from docs;
-- as postgres
drop policy "own memberships" on members;
-- as authenticated {"sub": "00000000-0000-0000-0000-00000000000a", "role": "authenticated"}
select id from docs;
-- as postgres
create function is_member(t int) returns boolean language sql stable security definer as 'select exists (select 1 from members where team = t and who = auth.uid())';
drop policy "members see" on docs;
create policy "members see" on docs for all using (is_member(team));
-- as authenticated {"sub": "00000000-0000-0000-0000-00000000000a", "role": "authenticated"}
select id, team from docs order by id;
insert into docs values (20, 1, 'mine');
insert into docs values (21, 3, 'not mine');
update docs set team = 3 where id = 20;
update docs set team = 2 where id = 20 returning team;
-- as postgres
create policy "endless" on members for select using (exists (select 1 from members));
-- as authenticated {"sub": "00000000-0000-0000-0000-00000000000a", "role": "authenticated"}
select * from members;
select id from docs where id < 5 order by id;
-- as postgres
alter table notes force row level security;
alter table teams enable row level security;
create role writer;
grant writer to postgres, authenticator;
grant insert, update (name), select (id) on teams to writer;
-- as writer
select id from teams;
select name from teams;
insert into teams values (9, 'nine');
-- as postgres
create policy "all" on teams for all to writer using (id < 5) with check (name <> 'bad');
-- as writer
select id from teams order by id;
select * from teams;
insert into teams values (9, 'nine');
insert into teams values (10, 'bad');
update teams set name = 'x';
update teams set name = 'bad' where id = 1;
update teams set id = 7 where id = 1;
delete from teams;
-- as postgres
create table layered (id int primary key, o uuid, v text);
insert into layered values (1, '00000000-0000-0000-0000-00000000000a', 'm'), (2, null, 'h');
alter table layered enable row level security;
create policy p on layered using (o = auth.uid());
create view layered_invoker with (security_invoker) as select * from layered;
create view layered_definer as select * from layered_invoker;
grant all on layered, layered_invoker, layered_definer to authenticated, anon;
create table excluded_columns (id int primary key, pub text, priv text, o uuid default auth.uid());
insert into excluded_columns values (1, 'p', 's', null);
revoke all on excluded_columns from authenticated;
grant select (id, pub), insert (id, pub, priv), update (pub) on excluded_columns to authenticated;
-- as anon
select id from layered_definer;
-- as authenticated {"sub": "00000000-0000-0000-0000-00000000000a", "role": "authenticated"}
select id from layered_definer;
insert into excluded_columns (id, pub) values (1, 'n') on conflict (id) do update set pub = excluded.priv;
insert into excluded_columns (id, pub) values (1, 'n') on conflict (id) do update set pub = excluded.pub returning pub;
