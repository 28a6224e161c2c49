-- What the catalogs tell of definitions: pg_get_expr and kin, as PostgreSQL writes them.

create type mood as enum ('sad', 'ok', 'happy');
create domain posint as int default 7 check (value > 0);
create domain email as text not null check (value like '%@%');
create table parent (
  id uuid primary key default gen_random_uuid(),
  name text not null,
  price numeric(10,2) default 0,
  ratio float8 default 1.5,
  big bigint default 0,
  small smallint default -1,
  created_at timestamptz default now(),
  updated_at timestamptz default current_timestamp,
  utc timestamp default (now() at time zone 'utc'),
  day date default current_date,
  m mood default 'ok',
  tags text[] default '{}',
  list text[] default array[]::text[],
  numbers int[] default array[1, 2],
  data jsonb default '{}'::jsonb,
  more jsonb default '[]',
  n int check (n > 0),
  flag boolean default false,
  status varchar(20) default 'open' check (status in ('open', 'closed')),
  code char(3) default 'abc',
  span interval default '1 day',
  later timestamptz default now() + interval '7 days',
  token text default encode(sha256('x'::bytea), 'hex'),
  pos posint,
  mail email,
  empty text default null,
  author text default current_user,
  constraint nm check (char_length(name) between 3 and 50),
  constraint either check ((n is null) <> (flag is true) or name ilike '%x%'),
  constraint chosen check (case when n > 1 then flag else name is not null end),
  constraint few check (coalesce(n, 0) + greatest(n, 1) < 10 and not (name = 'y'))
);
create table child (
  id bigint generated always as identity primary key,
  parent_id uuid references parent (id) on delete cascade on update set null,
  s serial,
  q text unique,
  a int, b int,
  total int generated always as (a + b * 2) stored,
  unique (a, b),
  foreign key (parent_id) references parent deferrable initially deferred
);
select a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_get_expr(d.adbin, d.adrelid) from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum where a.attrelid = 'parent'::regclass and a.attnum > 0 order by a.attnum;
select a.attname, format_type(a.atttypid, a.atttypmod), a.attidentity, a.attgenerated, pg_get_expr(d.adbin, d.adrelid) from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum where a.attrelid = 'child'::regclass and a.attnum > 0 order by a.attnum;
select conname, contype, pg_get_constraintdef(oid), conkey, confkey, confdeltype, confupdtype, condeferrable, condeferred, convalidated from pg_constraint where conrelid in ('parent'::regclass, 'child'::regclass) order by conname;
select conname, pg_get_constraintdef(oid) from pg_constraint where contypid = 'email'::regtype;
alter table child add constraint late check (a > 5) not valid;
select convalidated, pg_get_constraintdef(oid) from pg_constraint where conname = 'late';
create index on parent (lower(name));
create index parent_open on parent (created_at desc nulls last, name) where status = 'open';
create index parent_json on parent ((data ->> 'a'));
create index parent_tags on parent using gin (tags);
create index parent_hash on parent using hash (name);
create unique index child_pq on child (parent_id, q) include (a);
select indexname, indexdef from pg_indexes where schemaname = 'public' order by 1;
select i.indexrelid::regclass, i.indisunique, i.indisprimary, i.indnatts, i.indnkeyatts, i.indkey, pg_get_expr(i.indpred, i.indrelid), pg_get_expr(i.indexprs, i.indrelid) from pg_index i where i.indrelid in ('parent'::regclass, 'child'::regclass) order by i.indexrelid::regclass::text;
alter table parent enable row level security;
create policy own on parent for select to authenticated using (auth.uid() = id and status <> 'x');
create policy p2 on parent using (exists (select 1 from child c where c.parent_id = parent.id and c.q = 'x')) with check (name in ('a', 'b') or auth.role() = 'service_role');
create policy p3 on child for all using (parent_id in (select id from parent where parent.name like 'a%'));
create policy p4 on child for insert with check ((select count(*) from parent p join child c on c.parent_id = p.id where p.id = auth.uid()) < 5);
create policy p5 on child as restrictive for delete to anon, authenticated using (true);
create policy p6 on parent for update using ((data ->> 'owner')::uuid = auth.uid() and tags && array['x'] and id = any (array[auth.uid()]));
create policy p7 on parent using ((auth.jwt() ->> 'email') = mail and id not in (select parent_id from child));
create policy p8 on parent using (id = (select parent_id from child order by id desc limit 1));
select tablename, policyname, permissive, roles, cmd, qual, with_check from pg_policies where schemaname = 'public' order by 1, 2;
select polname, polcmd, polpermissive, pg_get_expr(polqual, polrelid) from pg_policy where polrelid = 'child'::regclass order by 1;
create view v as select p.id, p.name as nm, count(*) as n from parent p join child c on c.parent_id = p.id where p.n > 1 group by p.id, p.name having count(*) > 1 order by 2 limit 5;
create view w as select id, name from parent where flag;
select pg_get_viewdef('v'::regclass);
select definition from pg_views where viewname = 'w';
create function f(a int, b text default 'x') returns setof parent language sql stable security definer set search_path = public as $$ select * from parent $$;
create function g(out x int, inout y text, variadic z int[]) language sql immutable strict as $$ select 1, 'a' $$;
create function h() returns table (k int, l text) language sql as $$ select 1, 'b' $$;
create procedure pr(i int) language sql as $$ select 1 $$;
create function tg() returns trigger language plpgsql as $$ begin return new; end $$;
select pg_get_functiondef('f'::regproc);
select proname, pg_get_function_arguments(oid), pg_get_function_identity_arguments(oid), pg_get_function_result(oid), prokind, prosecdef, provolatile, proisstrict, proretset, pronargs, pronargdefaults, proargnames, proargmodes, prosrc, proconfig from pg_proc where pronamespace = 'public'::regnamespace order by 1;
create trigger t1 before insert or update of a, b on child for each row execute function tg();
create trigger t2 after delete on child for each statement execute function tg('x', 'y');
select tgname, tgtype, tgenabled, pg_get_triggerdef(oid) from pg_trigger where tgrelid = 'child'::regclass and not tgisinternal order by 1;
comment on table parent is 'the parent';
comment on column parent.name is 'its name';
comment on function h() is 'gives rows';
select obj_description('parent'::regclass), obj_description('parent'::regclass, 'pg_class'), col_description('parent'::regclass, 2), obj_description('h'::regproc, 'pg_proc'), obj_description('child'::regclass);
select typname, typtype, typcategory, typnotnull, format_type(typbasetype, typtypmod), typlen, typdefault from pg_type where typnamespace = 'public'::regnamespace and typname in ('mood', 'posint', 'email', 'parent', '_mood') order by 1;
select enumlabel, enumsortorder from pg_enum where enumtypid = 'mood'::regtype order by 2;
alter type mood add value 'soso' before 'ok';
select enumlabel, enumsortorder from pg_enum where enumtypid = 'mood'::regtype order by 2;
select pg_get_constraintdef(0::oid), pg_get_indexdef(0::oid), pg_get_viewdef(0::oid), pg_get_triggerdef(0::oid);
create table amounts (a numeric check (a >= 0 and a < 1.5), f float8 check (f > 0 or f in (1, 2.5)), b bigint check (b > 0 and b < 3000000000), s smallint check (s > -1), c numeric(8,2) default 1.50 check (coalesce(c, 0) <= 99.9));
select conname, pg_get_constraintdef(oid) from pg_constraint where conrelid = 'amounts'::regclass order by 1;
