create schema other;
create type public.mood as enum ('sad', 'ok "fine"', 'it''s');
create type other.colour as enum ('red');
create type public.address as (street text, number integer, mood public.mood);
create domain public.positive as integer not null check (value > 0);
create table public.teams (id bigint generated always as identity primary key, name text not null unique);
create table public."Odd name" ("a b" integer primary key, "class" text default 'x', "ünï" boolean);
create table public.people (
  id uuid primary key default gen_random_uuid(),
  team_id bigint references public.teams (id),
  mood public.mood not null default 'sad',
  colour other.colour,
  age public.positive,
  home public.address,
  homes public.address[],
  tags text[] not null default '{}',
  moods public.mood[],
  settings jsonb,
  score numeric(6,2),
  born date not null,
  made_at timestamptz not null default now(),
  doubled integer generated always as (1 + 1) stored,
  odd integer references public."Odd name" ("a b")
);
create table public.badges (person uuid primary key references public.people (id), label text not null);
create table public.pairs (a integer, b integer, primary key (a, b));
create table public.of_pairs (id integer primary key, a integer, b integer, foreign key (a, b) references public.pairs (a, b));
create view public.members as select id, team_id, mood from public.people;
create view public.counted as select count(*) as people from public.people;
create function public.people_of(team bigint) returns setof public.people language sql stable as $$ select * from public.people where team_id = team $$;
create function public.add_up(a integer, b integer default 1) returns integer language sql immutable as $$ select a + b $$;
create function public.add_up(a text) returns text language sql immutable as $$ select a $$;
create function public.nothing() returns void language sql volatile as $$ select 1 $$;
create function public.listed(at_least public.mood) returns table (id uuid, mood public.mood) language sql stable as $$ select id, mood from public.people where mood >= at_least $$;
create function public.full_name(public.teams) returns text language sql stable as $$ select $1.name $$;
create function public.members_of(public.teams) returns setof public.people language sql stable as $$ select * from public.people where team_id = $1.id $$;
