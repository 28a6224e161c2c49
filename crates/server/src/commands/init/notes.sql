-- Notes that belong to whoever wrote them, and that others may read once they are published.

create table public.notes (
  id uuid primary key default gen_random_uuid(),
  author uuid not null default auth.uid(),
  title text not null check (char_length(title) between 1 and 200),
  body text not null default '',
  is_published boolean not null default false,
  created_at timestamptz not null default now()
);

create index notes_author on public.notes (author, created_at);

-- Without a policy nobody sees a row.
alter table public.notes enable row level security;

create policy "Published notes are for everyone" on public.notes
  for select using (is_published);

create policy "Authors see their notes" on public.notes
  for select to authenticated using (auth.uid() = author);

create policy "Authors write their notes" on public.notes
  for insert to authenticated with check (auth.uid() = author);

create policy "Authors change their notes" on public.notes
  for update to authenticated using (auth.uid() = author) with check (auth.uid() = author);

create policy "Authors delete their notes" on public.notes
  for delete to authenticated using (auth.uid() = author);
