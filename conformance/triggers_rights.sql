-- Whose rights a trigger's function has.
create table log (i bigint generated always as identity primary key, m text);
create table doc (id int primary key, owner uuid, body text);
create table secret (id int primary key, v text);
grant select, insert, update, delete on doc to authenticated;
revoke all on log, secret from authenticated, anon;
insert into secret values (1, 's');
create function as_definer() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  insert into public.log (m) values (current_user || ' ' || tg_op || ' ' || coalesce(auth.uid()::text, 'nobody'));
  return new;
end $$;
create function as_invoker() returns trigger language plpgsql as $$
begin
  insert into public.log (m) values (current_user);
  return new;
end $$;
create trigger definer after insert on doc for each row execute function as_definer();
-- as authenticated {"sub": "00000000-0000-0000-0000-00000000000a", "role": "authenticated"}
insert into doc values (1, auth.uid(), 'x');
-- as postgres
select m from log order by i;
create trigger invoker after insert on doc for each row execute function as_invoker();
insert into doc values (2, null, 'x');
-- as authenticated {"sub": "00000000-0000-0000-0000-00000000000a", "role": "authenticated"}
insert into doc values (3, auth.uid(), 'x');
-- as postgres
grant insert on log to authenticated;
-- as authenticated {"sub": "00000000-0000-0000-0000-00000000000a", "role": "authenticated"}
insert into doc values (3, auth.uid(), 'x');
-- as postgres
select m from log order by i;
revoke insert on log from authenticated;
drop trigger invoker on doc;
-- a trigger's function needs no EXECUTE of who fires it
revoke execute on function as_definer() from public, authenticated;
-- as authenticated {"sub": "00000000-0000-0000-0000-00000000000a", "role": "authenticated"}
insert into doc values (4, auth.uid(), 'x');
-- as postgres
-- row security within a function
create table note (id int primary key, owner uuid, doc int);
alter table note enable row level security;
grant all on note to authenticated;
create policy own on note for all to authenticated using (owner = auth.uid()) with check (owner = auth.uid());
create function copy_note() returns trigger language plpgsql as $$
begin
  insert into note values (new.id, new.owner, (select count(*) from note));
  return new;
end $$;
create trigger copy after insert on doc for each row execute function copy_note();
insert into note values (100, '00000000-0000-0000-0000-00000000000b', 0);
-- as authenticated {"sub": "00000000-0000-0000-0000-00000000000a", "role": "authenticated"}
insert into doc values (5, auth.uid(), 'mine');
insert into doc values (6, '00000000-0000-0000-0000-00000000000b', 'of another');
-- as postgres
select * from note order by id;
alter function copy_note() security definer;
-- as authenticated {"sub": "00000000-0000-0000-0000-00000000000a", "role": "authenticated"}
insert into doc values (6, '00000000-0000-0000-0000-00000000000b', 'of another');
select id from note order by id;
-- as postgres
select * from note order by id;
drop trigger copy on doc;

-- WITH CHECK comes behind BEFORE triggers
alter table doc enable row level security;
create policy own on doc for all to authenticated using (owner = auth.uid()) with check (owner = auth.uid() and body <> 'bad');
create function take() returns trigger language plpgsql as $$
begin
  new.owner := auth.uid();
  return new;
end $$;
create function spoil() returns trigger language plpgsql as $$
begin
  new.body := 'bad';
  return new;
end $$;
create trigger take before insert on doc for each row execute function take();
-- as authenticated {"sub": "00000000-0000-0000-0000-00000000000a", "role": "authenticated"}
insert into doc values (10, '00000000-0000-0000-0000-00000000000b', 'given away') returning owner;
insert into doc values (11, null, 'bad');
-- as postgres
create trigger spoil before update on doc for each row execute function spoil();
-- as authenticated {"sub": "00000000-0000-0000-0000-00000000000a", "role": "authenticated"}
update doc set body = 'good' where id = 10;
insert into doc values (10, null, 'new') on conflict (id) do update set body = 'good';
-- as postgres
drop trigger spoil on doc;
-- the columns that a trigger sets need no right
revoke update on doc from authenticated;
grant update (body) on doc to authenticated;
create function give() returns trigger language plpgsql as $$ begin new.id := new.id + 1000; return new; end $$;
create trigger give before update on doc for each row execute function give();
-- as authenticated {"sub": "00000000-0000-0000-0000-00000000000a", "role": "authenticated"}
update doc set body = 'moved' where id = 10 returning id, body;
update doc set id = 5 where id = 1010;
-- as postgres
-- the role in a function and behind it
create function read_secret() returns trigger language plpgsql security definer as $$
begin
  new.body := (select v from public.secret where id = 1) || ' ' || current_user;
  return new;
end $$;
create function zz_whoami() returns trigger language plpgsql as $$
begin
  new.body := new.body || ' ' || current_user;
  return new;
end $$;
create trigger read_secret before insert on doc for each row execute function read_secret();
create trigger zz_whoami before insert on doc for each row execute function zz_whoami();
-- as authenticated {"sub": "00000000-0000-0000-0000-00000000000a", "role": "authenticated"}
insert into doc values (20, null, 'x') returning body;
select v from secret;
-- as postgres
alter function read_secret() security invoker;
-- as authenticated {"sub": "00000000-0000-0000-0000-00000000000a", "role": "authenticated"}
insert into doc values (21, null, 'x') returning body;
-- as postgres
drop trigger read_secret on doc;

-- the search path: a function's own, else the caller's
create schema other;
create table other.target (v text);
create table public.target (v text);
create function to_target() returns trigger language plpgsql as $$ begin insert into target values (tg_name); return new; end $$;
create trigger to_target after insert on doc for each row execute function to_target();
insert into doc values (30, null, 'x');
alter function to_target() set search_path = other;
insert into doc values (31, null, 'x');
alter function to_target() set search_path = '';
insert into doc values (32, null, 'x');
select 'public', v from public.target union all select 'other', v from other.target;
drop trigger to_target on doc;

-- referential actions: BEFORE triggers run as the owner of the table, AFTER triggers as who asked
create table parent (id int primary key);
create table child (id int primary key, parent int references parent on delete cascade);
create function who() returns trigger language plpgsql as $$
begin
  insert into log (m) values (tg_name || ' ' || tg_op || ' ' || tg_table_name || ' ' || current_user);
  return old;
end $$;
create trigger b before delete on child for each row execute function who();
create trigger a after delete on child for each row execute function who();
create trigger b before delete on parent for each row execute function who();
insert into parent values (1), (2);
insert into child values (10, 1), (11, 1), (20, 2);
grant select, delete on parent to authenticated;
grant insert on log to authenticated;
truncate log;
-- as authenticated {"sub": "00000000-0000-0000-0000-00000000000a", "role": "authenticated"}
delete from parent where id = 1;
-- as postgres
select m from log order by i;
revoke insert on log from authenticated;
-- as authenticated {"sub": "00000000-0000-0000-0000-00000000000a", "role": "authenticated"}
delete from parent where id = 2;
-- as postgres
select count(*) from child;

-- functions of SQL in the body and in WHEN
create function is_big(n int) returns boolean language sql stable as $$ select n > 1000 $$;
create function add_log(m text) returns void language sql security definer as $$ insert into public.log (m) values ($1) $$;
create table sized (id int primary key);
create function log_it() returns trigger language plpgsql as $$ begin perform add_log('big ' || new.id); return new; end $$;
create trigger big after insert on sized for each row when (is_big(new.id)) execute function log_it();
grant all on sized to authenticated;
truncate log;
-- as authenticated {"sub": "00000000-0000-0000-0000-00000000000a", "role": "authenticated"}
insert into sized values (1), (2000), (3000);
-- as postgres
select m from log order by i;
revoke execute on function is_big(int) from public, authenticated;
-- as authenticated {"sub": "00000000-0000-0000-0000-00000000000a", "role": "authenticated"}
insert into sized values (2);
-- as postgres
-- errors tell what the role may know
create table uniq (id int primary key, owner uuid, email text unique);
alter table uniq enable row level security;
create function to_uniq() returns trigger language plpgsql security definer as $$ begin insert into uniq values (new.id, null, 'same'); return new; end $$;
create trigger to_uniq after insert on sized for each row execute function to_uniq();
insert into sized values (50);
insert into sized values (51);
drop trigger big on sized;
-- as authenticated {"sub": "00000000-0000-0000-0000-00000000000a", "role": "authenticated"}
insert into sized values (52);
-- as postgres
-- what a definer's statement may tell is not told to who asked later
create table hidden_parent (id int primary key);
create table hidden_child (id int primary key, parent int references hidden_parent);
alter table hidden_child enable row level security;
create policy may_insert on hidden_child for insert to authenticated with check (true);
grant all on hidden_child, hidden_parent to authenticated;
insert into hidden_parent values (1);
create table knock (id int);
grant all on knock to authenticated;
create function enter() returns trigger language plpgsql security definer as $$ begin insert into hidden_child values (new.id, new.id); return new; end $$;
create trigger enter after insert on knock for each row execute function enter();
-- as authenticated {"sub": "00000000-0000-0000-0000-00000000000a", "role": "authenticated"}
insert into knock values (77);
begin;
insert into knock values (1);
insert into hidden_child values (2, 99);
commit;
begin;
insert into knock values (1);
insert into hidden_child values (1, 1);
commit;
