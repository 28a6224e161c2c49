-- What is to be done, and tags for it. Both belong to whoever owns the list.

create table public.todos (
  id bigint generated always as identity primary key,
  list_id bigint not null references public.lists (id) on delete cascade,
  title text not null check (char_length(title) between 1 and 200),
  priority public.priority not null default 'normal',
  estimate numeric(5,2) check (estimate >= 0),
  due_on date,
  done_at timestamptz,
  is_done boolean generated always as (done_at is not null) stored,
  details jsonb not null default '{}',
  created_at timestamptz not null default now(),
  unique (list_id, title)
);

create index todos_due on public.todos (due_on) where done_at is null;

create table public.tags (
  id bigint generated always as identity primary key,
  owner uuid not null default auth.uid() references public.profiles (id) on delete cascade,
  name text not null check (char_length(name) between 1 and 40),
  unique (owner, name)
);

create table public.todo_tags (
  todo_id bigint not null references public.todos (id) on delete cascade,
  tag_id bigint not null references public.tags (id) on delete cascade,
  primary key (todo_id, tag_id)
);

-- Asked by the policies below. It runs as its owner, so that a policy of one table needs no right to look into another.
create function public.owns_list(list_id bigint) returns boolean
  language sql stable security definer set search_path = ''
  as $$ select exists (select 1 from public.lists l where l.id = $1 and l.owner = auth.uid()) $$;

alter table public.todos enable row level security;
alter table public.tags enable row level security;
alter table public.todo_tags enable row level security;

create policy "Owners see their todos" on public.todos
  for select to authenticated using (public.owns_list(list_id));
create policy "Owners add todos" on public.todos
  for insert to authenticated with check (public.owns_list(list_id));
create policy "Owners change their todos" on public.todos
  for update to authenticated using (public.owns_list(list_id)) with check (public.owns_list(list_id));
create policy "Owners delete their todos" on public.todos
  for delete to authenticated using (public.owns_list(list_id));

create policy "Owners use their tags" on public.tags
  for all to authenticated using (auth.uid() = owner) with check (auth.uid() = owner);

create policy "Owners tag their todos" on public.todo_tags
  for all to authenticated
  using (exists (select 1 from public.todos t where t.id = todo_id) and exists (select 1 from public.tags g where g.id = tag_id))
  with check (exists (select 1 from public.todos t where t.id = todo_id) and exists (select 1 from public.tags g where g.id = tag_id));
