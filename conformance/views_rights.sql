-- Writing through views: whose privileges and whose policies count.
create role view_owner;
create role other_owner;
grant view_owner, other_owner to postgres;
grant usage, create on schema public to view_owner, other_owner;
grant usage on schema public to anon, authenticated;
create table note(id int primary key, owner text not null, body text, stars int default 0, secret text default 's');
insert into note values (1, 'anon', 'a1', 1), (2, 'view_owner', 'v2', 2), (3, 'authenticated', 'u3', 3), (4, 'anon', 'a4', 0), (5, 'other', 'o5', 0);
alter table note enable row level security;
create policy own on note using (owner = current_user) with check (owner = current_user);
create policy of_view on note to view_owner using (stars >= 0 and owner <> 'other') with check (owner <> 'nobody');
grant select, insert, update, delete on note to view_owner;
grant select (id, body, owner) on note to anon;
grant select, insert, update, delete on note to authenticated;
begin;
set local role view_owner;
create view plain as select id, owner, body, stars from note;
create view invoked with (security_invoker) as select id, owner, body, stars from note;
create view shown with (security_barrier) as select id, owner, body, stars from note where stars < 3;
create view checked as select id, owner, body, stars from note where stars < 10 with check option;
create view no_grant as select id, body from note;
grant select, insert, update, delete on plain, invoked, shown, checked to anon, authenticated;
create view of_invoked as select id, owner, body from invoked;
create view invoked_of with (security_invoker) as select id, owner, body from plain;
grant select, insert, update, delete on of_invoked, invoked_of to anon, authenticated;
grant select (id), update (body) on no_grant to anon;
grant insert (id, body), select on no_grant to anon;
commit;
-- as anon
select id from plain order by id;
select id from invoked order by id;
select id from of_invoked order by id;
select id from invoked_of order by id;
update plain set body = body || '!' returning id, body;
update plain set body = 'x' where id = 5;
update plain set owner = 'nobody' where id = 1;
update plain set owner = 'anybody' where id = 4 returning owner;
delete from plain where owner = 'other';
insert into plain values (10, 'nobody', 'n');
insert into plain values (10, 'x', 'by anon', 2) returning *;
insert into plain values (10, 'x', 'twice') on conflict (id) do update set body = excluded.body returning id, body;
insert into plain values (5, 'x', 'hidden') on conflict (id) do update set body = excluded.body;
insert into plain values (5, 'x', 'hidden') on conflict (id) do nothing returning id;
update invoked set body = 'mine' returning id;
update invoked set body = 'mine' where id = 1;
insert into invoked values (11, 'anon', 'i');
delete from invoked where id = 1;
update of_invoked set body = 'x' where id = 1;
delete from of_invoked;
insert into of_invoked values (12, 'anon', 'oi');
update invoked_of set body = 'through' where id = 1 returning id, body;
insert into invoked_of values (13, 'nobody', 'io');
insert into invoked_of values (13, 'x', 'io') returning id;
delete from invoked_of where id = 13 returning id;
update no_grant set id = 7;
update no_grant set body = 'b' where id = 1;
update no_grant set body = 'b2' where body = 'b';
insert into no_grant values (20, 'y');
delete from no_grant;
select count(*) from note;
update shown set body = 's' where 1 / (stars - 3) < 5 returning id;
delete from shown where 1 / (stars - 3) > 5;
update plain set body = 'p' where stars < 3 and 1 / (stars - 3) < 5 returning id;
select id from shown where 1 / (stars - 3) < 0 order by id;
insert into checked values (30, 'anon', 'c', 11);
insert into checked values (30, 'nobody', 'c', 11);
insert into checked values (30, 'anon', 'c', 9) returning id, stars;
update checked set stars = stars + 1 where id = 30;
update checked set stars = 12, owner = 'nobody' where id = 30;
insert into checked values (30, 'anon', 'c', 9) on conflict (id) do update set stars = 50;
insert into checked(id, owner, stars) values (30, 'anon', 5) on conflict (id) do update set stars = 4 where checked.stars = 9 returning stars;
-- as authenticated
select id from invoked order by id;
update invoked set body = 'u' returning id;
update invoked set owner = 'anon' where id = 3;
insert into invoked values (40, 'anon', 'no');
insert into invoked values (40, 'authenticated', 'yes') returning id, body, stars;
update of_invoked set body = 'ou' where id in (1, 3, 40) returning id;
insert into of_invoked values (41, 'authenticated', 'o') on conflict (id) do nothing returning id;
insert into of_invoked values (1, 'authenticated', 'o') on conflict (id) do update set body = 'stolen';
delete from invoked where id = 40 returning id;
delete from of_invoked where id = 41 returning *;
delete from invoked_of where id in (1, 40) returning id;
insert into invoked select id + 100, 'authenticated', body from invoked returning id, owner;
insert into invoked select id + 100, owner, body from plain;
with gone as (delete from invoked where id > 100 returning id, body) select * from gone;
with moved as (update plain set body = 'moved' where id = 2 returning id, owner) insert into invoked select id + 50, 'authenticated', owner from moved returning id, body;
-- as postgres
select id, owner, body, stars, secret from note order by id;
revoke update on note from view_owner;
-- as anon
update plain set body = 'after' where id = 2;
update invoked_of set body = 'after' where id = 2;
insert into plain values (2, 'x', 'conflict') on conflict (id) do update set body = 'c';
insert into plain values (50, 'x', 'still');
-- as postgres
grant update (body) on note to view_owner;
-- as anon
update plain set body = 'column' where id = 2 returning body;
update plain set stars = 5 where id = 2;
update plain set stars = 5, body = 'b' where id = 2;
-- as postgres
revoke select on note from view_owner;
-- as anon
update plain set body = 'blind' where id = 2;
update plain set body = 'blind';
insert into plain values (60, 'x', 'blind');
insert into plain values (61, 'x', 'blind') returning id;
insert into plain values (60, 'x', 'blind') on conflict (id) do nothing;
delete from plain where id = 60;
delete from plain;
-- as postgres
select id, owner, body from note order by id;
grant select on note to view_owner;
alter table note force row level security;
create view by_superuser as select id, owner, body from note where body is not null with check option;
grant select, insert, update, delete on by_superuser to anon;
-- as anon
insert into by_superuser values (80, 'whoever', 'su') returning owner;
insert into by_superuser values (81, 'whoever', null);
update by_superuser set body = null where id = 80;
update by_superuser set owner = 'other' where id = 80 returning *;
delete from by_superuser where id = 80 returning id;
-- as postgres
alter view plain owner to other_owner;
-- as anon
select id from plain;
update plain set body = 'x' where id = 1;
insert into plain values (90, 'other_owner', 'b');
-- as postgres
grant all on note to other_owner;
-- as anon
insert into plain values (90, 'other_owner', 'b') returning id;
insert into plain values (91, 'anon', 'b');
select id, owner from plain order by id;
update plain set body = 'o' returning id;
-- as postgres
alter view invoked set (security_invoker = false);
-- as anon
insert into invoked values (92, 'z', 'as the owner') returning id;
-- as postgres
alter view invoked set (security_invoker = on);
-- as anon
insert into invoked values (93, 'anon', 'as anon') returning id;
-- as postgres
create policy leak on note for select to authenticated using (owner in ('authenticated', 'anon'));
create table team(tid int primary key, member text);
insert into team values (1, 'anon'), (2, 'authenticated');
create table task(id int primary key, tid int references team(tid), n int);
insert into task values (1, 1, 5), (2, 2, 0), (3, 1, 7);
alter table task enable row level security;
create policy member on task using (exists (select 1 from team where team.tid = task.tid and member = current_user and length(member) > task.id - task.id));
grant select, update, delete on team, task to anon;
create view task_view with (security_invoker) as select id, tid, n from task;
create view task_wall with (security_barrier) as select id, tid, n from task where exists (select 1 from team where team.tid = task.tid and member = 'anon' and length(member) > task.id - task.id);
grant select, update, delete on task_view, task_wall to anon;
-- as anon
select id from task where 10 / n > 0 order by id;
select id from task_view where 10 / n > 0 order by id;
select id from task_wall where 10 / n > 0 order by id;
select id from (select * from task) q where 10 / n > 0 order by id;
select id from (select * from task_view) q where 10 / n > 0 order by id;
with q as (select * from task) select id from q where 10 / n > 0 order by id;
with q as (select * from task), r as (select * from q) select id from r where 10 / n > 0 order by id;
select a.id from team join task_view a on 10 / n > 0 and a.tid = team.tid order by 1;
select a.id from team left join task_view a on 10 / n > 0 and a.tid = team.tid order by 1;
select a.id from team left join task a on 10 / n > 0 and a.tid = team.tid order by 1;
select id from (select id, 10 / n as q from task) z where q > 0 order by id;
with z as (select id, 10 / n as q from task) select id from z where q > 0 order by id;
select id from (select id, n from task union all select id, n from task_view) u where 10 / n > 0 order by id;
select n from task group by n having 10 / n > 0 order by n;
select n from task_view group by n having 10 / n > 0 order by n;
select count(*) filter (where 10 / n > 0) from task_view;
select tid from team where exists (select 1 from task_view where task_view.tid = team.tid and 10 / n > 0) order by tid;
select tid from team where tid in (select tid from task_wall where 10 / n > 0) order by tid;
update task_view set n = n + 1 where 10 / n > 0 returning id;
update task_wall set n = n + 1 where 10 / n > 0 returning id;
update task_view set n = 3 from team where 10 / n > 0 and team.tid = task_view.tid returning id;
delete from task_wall where 10 / n < 0 returning id;
delete from task_view using team where 10 / n < 0 and team.tid = task_view.tid returning id;
update task set n = 4 from task_view where 10 / task_view.n > 0 and task_view.id = task.id returning task.id;
