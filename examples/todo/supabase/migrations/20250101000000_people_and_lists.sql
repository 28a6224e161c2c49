-- People, and the lists that each of them keeps.

create type public.priority as enum ('low', 'normal', 'high');

create table public.profiles (
  id uuid primary key references auth.users (id) on delete cascade,
  name text not null check (char_length(name) between 1 and 80),
  created_at timestamptz not null default now()
);

create table public.lists (
  id bigint generated always as identity primary key,
  owner uuid not null default auth.uid() references public.profiles (id) on delete cascade,
  title text not null check (char_length(title) between 1 and 120),
  created_at timestamptz not null default now(),
  unique (owner, title)
);

comment on table public.lists is 'A list of things to do. It belongs to one person.';

alter table public.profiles enable row level security;
alter table public.lists enable row level security;

create policy "People see themselves" on public.profiles
  for select to authenticated using (auth.uid() = id);
create policy "People rename themselves" on public.profiles
  for update to authenticated using (auth.uid() = id) with check (auth.uid() = id);

create policy "Owners see their lists" on public.lists
  for select to authenticated using (auth.uid() = owner);
create policy "Owners make lists" on public.lists
  for insert to authenticated with check (auth.uid() = owner);
create policy "Owners change their lists" on public.lists
  for update to authenticated using (auth.uid() = owner) with check (auth.uid() = owner);
create policy "Owners delete their lists" on public.lists
  for delete to authenticated using (auth.uid() = owner);
