-- AFTER triggers run at the end of the statement, by name, among the foreign keys' own.
create table log (i bigint generated always as identity primary key, m text);
create table p (id int primary key, v text);
create table c (id int primary key, pid int references p on delete cascade on update cascade, v text);
create table g (id int primary key, cid int references c on delete set null, v text);
create function note() returns trigger language plpgsql as $$
begin
  insert into log (m) values (
    tg_name || ' ' || tg_when || ' ' || tg_op || ' ' || tg_table_schema || '.' || tg_table_name || ' ' || tg_level
    || ' ' || tg_nargs || ' ' || coalesce(tg_argv[0], '-') || ' ' || coalesce(tg_argv[1], '-')
    || ' old ' || coalesce(old.id::text, '-') || ' new ' || coalesce(new.id::text, '-')
    || ' rows ' || (select count(*) from p) || ',' || (select count(*) from c));
  return new;
end $$;
create trigger n_ins after insert on p for each row execute function note('one', 2);
create trigger m_ins after insert on p for each row execute function note();
insert into p values (1, 'a'), (2, 'b');
select m from log order by i;
truncate log;
insert into p values (3, 'c'), (1, 'again');
select m from log order by i;
create trigger n_upd after update of v on p for each row when (old.v is distinct from new.v) execute function note();
create trigger n_del after delete on p for each row execute function note();
update p set v = v;
update p set v = 'z' where id = 2;
update p set id = 20 where id = 2;
delete from p where id = 20;
select m from log order by i;
truncate log;

-- referential actions fire the triggers of what they change; names decide the order
create trigger "A_del" after delete on p for each row execute function note();
create trigger z_del after delete on p for each row execute function note();
create trigger c_before before delete or update on c for each row execute function note();
create function note_old() returns trigger language plpgsql as $$
begin
  insert into log (m) values (tg_name || ' ' || tg_op || ' ' || tg_table_name || ' ' || old.id);
  return old;
end $$;
drop trigger c_before on c;
create trigger c_before before delete on c for each row execute function note_old();
create trigger "A_c" after delete on c for each row execute function note_old();
create trigger z_c after delete on c for each row execute function note_old();
create trigger c_upd after update of pid on c for each row execute function note();
create trigger c_upd_v after update of v on c for each row execute function note();
create trigger g_upd after update on g for each row execute function note();
insert into p values (5, 'five'), (6, 'six');
insert into c values (50, 5), (51, 5), (60, 6);
insert into g values (500, 50), (510, 51);
truncate log;
delete from p where id = 5;
select m from log order by i;
select * from g order by id;
truncate log;
update p set id = 66 where id = 6;
select m from log order by i;
select * from c order by id;
truncate log;

-- an AFTER trigger named before the key's own makes the missing row in time
create table late (id int primary key, pid int references p);
create function make_parent() returns trigger language plpgsql as $$
begin
  insert into p (id, v) values (new.pid, 'made') on conflict do nothing;
  return null;
end $$;
create trigger "AAA" after insert on late for each row execute function make_parent();
insert into late values (1, 100);
drop trigger "AAA" on late;
create trigger zzz after insert on late for each row execute function make_parent();
insert into late values (2, 200);
select id from late order by id;
truncate log;

-- triggers fire triggers; their own statements end before the one around
create table a (id int primary key);
create table b (id int primary key);
create function a_to_b() returns trigger language plpgsql as $$
begin
  insert into log (m) values ('before b ' || new.id);
  insert into b values (new.id * 10), (new.id * 10 + 1);
  insert into log (m) values ('after b ' || new.id);
  return new;
end $$;
create function b_note() returns trigger language plpgsql as $$
begin
  insert into log (m) values ('b ' || new.id || ' of ' || (select count(*) from b));
  return new;
end $$;
create trigger a_to_b after insert on a for each row execute function a_to_b();
create trigger b_note after insert on b for each row execute function b_note();
insert into a values (1), (2);
select m from log order by i;
truncate log;
-- an error in a nested trigger undoes all
create function fail_on_31() returns trigger language plpgsql as $$ begin perform 1 / (new.id - 31); return new; end $$;
create trigger fail after insert on b for each row execute function fail_on_31();
insert into a values (3);
select count(*) from a;
select count(*) from b;
select count(*) from log;
insert into a values (4);
-- without end
create table deep (id int primary key);
create function deeper() returns trigger language plpgsql as $$ begin insert into deep values (new.id + 1); return new; end $$;
create trigger deeper after insert on deep for each row execute function deeper();
insert into deep values (1);
drop trigger deeper on deep;
create trigger deeper after insert on deep for each row when (new.id < 40) execute function deeper();
insert into deep values (1);
select count(*), max(id) from deep;

-- the sign-up trigger
create table public.profiles (
  id uuid primary key references auth.users on delete cascade,
  full_name text,
  avatar_url text,
  updated_at timestamptz
);
alter table public.profiles enable row level security;
create function public.handle_new_user() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  insert into public.profiles (id, full_name, avatar_url)
  values (new.id, new.raw_user_meta_data ->> 'full_name', new.raw_user_meta_data->>'avatar_url');
  return new;
end;
$$;
create trigger on_auth_user_created after insert on auth.users for each row execute procedure public.handle_new_user();
insert into auth.users (id, email, raw_user_meta_data) values ('00000000-0000-0000-0000-000000000001', 'a@b.c', '{"full_name": "Ann", "avatar_url": "x"}');
select * from public.profiles;
-- as supabase_auth_admin
insert into auth.users (id, email, raw_user_meta_data) values ('00000000-0000-0000-0000-000000000002', 'b@b.c', '{"full_name": "Bob"}');
-- as postgres
select id, full_name, avatar_url from public.profiles order by id;
create or replace function public.handle_new_user() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  insert into public.profiles as p (id, full_name)
  values (new.id, coalesce(new.raw_user_meta_data ->> 'full_name', split_part(new.email, '@', 1)))
  on conflict (id) do update set full_name = excluded.full_name || '*', updated_at = null where p.id = new.id;
  return new;
end;
$$;
insert into auth.users (id, email) values ('00000000-0000-0000-0000-000000000003', 'cy@b.c');
drop trigger on_auth_user_created on auth.users;
create trigger on_auth_user_updated after update of email on auth.users for each row when (old.email is distinct from new.email) execute procedure public.handle_new_user();
update auth.users set email = 'dan@b.c' where email = 'cy@b.c';
update auth.users set phone = '1' where email = 'dan@b.c';
select id, full_name from public.profiles order by id;
delete from auth.users where email = 'dan@b.c';
select count(*) from public.profiles;

-- rows as values
create table audit (i bigint generated always as identity, tab name, op text, was jsonb, is_now jsonb, who name);
create function audit() returns trigger language plpgsql as $$
begin
  insert into audit (tab, op, was, is_now, who) values (tg_table_name, tg_op, to_jsonb(old), to_jsonb(new), current_user);
  return coalesce(new, old);
end $$;
create table thing (id int primary key, v text, at date);
create trigger audit after insert or update or delete on thing for each row execute function audit();
insert into thing values (1, 'a', '2024-02-03'), (2, null, null);
update thing set v = 'b' where id = 1;
delete from thing where id = 1;
delete from thing;
select tab, op, was, is_now, who from audit order by i;
create table thing_history (op text, id int, v text, at date);
create function history() returns trigger language plpgsql as $$
begin
  insert into thing_history select tg_op, new.*;
  insert into thing_history values ('again', new.*);
  return null;
end $$;
create trigger history after insert on thing for each row execute function history();
insert into thing values (3, 'c', '2024-05-06') returning *;
select * from thing_history;
create trigger only_changes after update on thing for each row when (old.* is distinct from new.*) execute function audit();
update thing set v = v;
update thing set v = 'changed';
select count(*) from audit;
create trigger whole after update on thing for each row when (old is distinct from new) execute function audit();
update thing set v = 'changed';
update thing set v = 'again';
select count(*) from audit;

-- counters
create table post (id int primary key, likes int not null default 0);
create table likes (post int references post on delete cascade, who text, primary key (post, who));
create function count_like() returns trigger language plpgsql as $$
begin
  update post set likes = likes + 1 where id = new.post;
  return new;
end $$;
create function count_unlike() returns trigger language plpgsql as $$
begin
  update post set likes = likes - 1 where id = old.post;
  return old;
end $$;
create trigger liked after insert on likes for each row execute function count_like();
create trigger unliked after delete on likes for each row execute function count_unlike();
insert into post values (1), (2);
insert into likes values (1, 'a'), (1, 'b'), (2, 'a');
delete from likes where who = 'b';
select * from post order by id;
delete from post where id = 1;
select * from likes;
with ins as (insert into likes values (2, 'z') returning post) select ins.post from ins;
select * from post;

-- once for the statement
truncate log;
create function note_statement() returns trigger language plpgsql as $$
begin
  insert into log (m) values (tg_name || ' ' || tg_when || ' ' || tg_op || ' ' || tg_level || ' ' || (select count(*) from post) || coalesce(new.id::text, ' none'));
  return null;
end $$;
create trigger s_before before insert or update or delete on post for each statement execute function note_statement();
create trigger s_after after insert or update or delete on post for each statement execute function note_statement();
create trigger r_after after insert on post for each row execute function note_statement();
insert into post values (10), (11);
update post set likes = 0 where id > 100;
delete from post where id = 11;
insert into post values (10) on conflict (id) do update set likes = 5;
select m from log order by i;
truncate post, likes;

-- UPDATE OF a generated column
create table gen (id int primary key, n int, twice int generated always as (n * 2) stored, other text);
create function note_gen() returns trigger language plpgsql as $$ begin insert into log (m) values (tg_name || ' ' || coalesce(new.twice, -1)); return new; end $$;
truncate log;
insert into gen (id, n) values (1, 2);
create trigger of_twice after update of twice on gen for each row execute function note_gen();
update gen set other = 'x';
update gen set n = 5;
create trigger before_any before update on gen for each row execute function note_gen();
update gen set other = 'y';
select m from log order by i;

-- TRUNCATE fires no trigger of rows
create trigger gen_del after delete on gen for each row execute function note_gen();
truncate gen;

-- for later: constraint triggers, transition tables
create constraint trigger ct after insert on gen deferrable initially deferred for each row execute function note_gen();
insert into gen (id, n) values (2, 2);
drop trigger ct on gen;
create trigger tt after insert on gen referencing new table as added for each statement execute function note_statement();
insert into gen (id, n) values (3, 2);
