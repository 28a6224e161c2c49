alter default privileges in schema public grant all on tables to anon, authenticated, service_role;
create table public.users (
  id integer primary key,
  name text not null,
  email text unique,
  settings jsonb default '{}'::jsonb,
  tags text[] not null default '{}'::text[]
);
create table public.posts (
  id integer primary key,
  author_id integer not null references public.users(id),
  reviewer_id integer references public.users(id),
  title text not null,
  score numeric(6,2) default 1.50,
  published boolean not null default false,
  created_at timestamptz not null default '2024-01-02 03:04:05+00'::timestamptz
);
create table public.comments (
  id integer primary key,
  post_id integer not null references public.posts(id),
  parent_id integer references public.comments(id),
  body text not null
);
create table public.labels (id integer primary key, name text not null);
create table public.posts_labels (
  post_id integer not null references public.posts(id),
  label_id integer not null references public.labels(id),
  primary key (post_id, label_id)
);
create table public.notes (id integer primary key, owner text not null, body text);
create table public.forgotten (id integer primary key, secret text, post_id integer references public.posts(id));
create view public.published_posts as select id, author_id, title from public.posts where published;
alter table public.notes enable row level security;
create policy own on public.notes for all using (owner = current_setting('request.jwt.claims', true)::json ->> 'sub') with check (owner = current_setting('request.jwt.claims', true)::json ->> 'sub');
create function public.add_them(a integer, b integer default 1) returns integer language sql stable as $$ select a + b $$;
create function public.posts_of(author integer) returns setof public.posts language sql stable as $$ select * from public.posts where author_id = author $$;
create function public.leave_a_trace() returns integer language sql volatile as $$ insert into public.labels (id, name) values (999, 'trace') returning id $$;
create function public.say_status() returns text language sql volatile as $$ select set_config('response.status', '202', true) $$;
grant usage on schema public to anon, authenticated, service_role;
grant all on public.users, public.posts, public.comments, public.labels, public.posts_labels, public.published_posts, public.notes to anon, authenticated, service_role;
revoke all on public.users from anon;
grant select (id, name, settings, tags) on public.users to anon;
grant insert (id, name, settings, tags) on public.users to anon;
insert into public.users (id, name, email, settings, tags) values (1, 'Ann', 'ann@example.com', '{"theme": "dark", "size": 3}', '{a,b}'), (2, 'Bob', 'bob@example.com', '{"theme": "light"}', '{}'), (3, 'Cy', null, '{}', '{c}');
insert into public.posts (id, author_id, reviewer_id, title, score, published) values (1, 1, 2, 'First', 2.50, true), (2, 1, null, 'Second', 3.00, false), (3, 2, 1, 'Third, "quoted"', 1.00, true);
insert into public.comments (id, post_id, parent_id, body) values (1, 1, null, 'yes'), (2, 1, 1, 'no'), (3, 3, null, 'well');
insert into public.labels (id, name) values (1, 'red'), (2, 'blue');
insert into public.posts_labels (post_id, label_id) values (1, 1), (1, 2), (3, 2);
insert into public.notes (id, owner, body) values (1, 'ann', 'of ann'), (2, 'bob', 'of bob'), (3, 'ann', 'more of ann');
