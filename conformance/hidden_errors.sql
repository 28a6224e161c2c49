-- What errors may show of rows to roles that may not see them.
create role conf_one; create role conf_two; grant conf_one, conf_two to authenticator;
create table t(id int primary key, owner text, secret text check (secret <> 'bad'), n int not null default 0);
create table ch(id int primary key, tid int references t);
grant all on t, ch to conf_one; grant select (id, owner), insert, update (n), delete on t to conf_two;
insert into t values (1,'conf_one','s1'),(2,'conf_two','s2'),(3,'conf_one','s3');
alter table t enable row level security;
create policy own on t to conf_one using (owner = current_user);
create policy own2 on t for select to conf_two using (owner = 'conf_two');
create policy ins2 on t for insert to conf_two with check (owner = 'conf_two');
-- as conf_one
select * from t order by id;
insert into t values (9,'conf_two','x');
insert into t values (2,'conf_one','x');
insert into t values (4,'conf_one','bad');
insert into t values (4,'conf_one','ok',null);
insert into t values (4,'conf_one','ok') returning *;
update t set owner = 'conf_two' where id = 1;
update t set n = n + 1 returning id;
update t set n = 5 where id = 2;
delete from t where id = 2;
insert into t values (2,'conf_one','x') on conflict (id) do nothing;
insert into t values (2,'conf_one','x') on conflict (id) do update set n = 3;
insert into t values (1,'conf_one','up') on conflict (id) do update set secret = excluded.secret returning *;
insert into t values (1,'conf_one','up') on conflict (id) do update set owner = 'conf_two';
insert into ch values (1, 2);
insert into ch values (2, 99);
delete from t where id = 1;
insert into ch values (3, 1);
delete from t where id = 1;
-- as conf_two
select * from t;
select id, owner from t;
select secret from t;
insert into t(id, owner, secret) values (20, 'conf_two', 'a') returning id;
insert into t(id, owner, secret) values (20, 'conf_two', 'a');
insert into t(id, owner, secret) values (21, 'conf_two', 'bad');
insert into t(id, owner, secret) values (21, 'conf_two', 'a') returning secret;
update t set n = 2 where id = 20;
update t set secret = 'x';
delete from t where id = 20;
truncate t;
alter table t add column x int;
drop table t;
create table mine(a int);
insert into ch values (5, 99);
-- as postgres
insert into t values (1,'conf_one','s1');
insert into t values (50,'conf_one','bad');
insert into ch values (5, 99);
delete from t where id = 2;
alter table t force row level security;
alter table t disable row level security;
-- as conf_one
insert into t values (1,'conf_one','s1');
insert into t values (60,'conf_one','bad');
insert into ch values (5, 99);
-- as conf_two
insert into t(id, owner, secret) values (1, 'conf_two', 'a');
insert into t(id, owner, secret) values (61, 'conf_two', 'bad');
insert into t(id, owner, secret, n) values (61, 'conf_two', 'bb', null);
-- as postgres
drop table ch, t;
revoke all on schema public from conf_one, conf_two;
drop role conf_one, conf_two;
