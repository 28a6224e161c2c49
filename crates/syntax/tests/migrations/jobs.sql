begin;

set local statement_timeout = '5s';
set search_path to public, extensions;

create role reporting nologin noinherit;
grant reporting to authenticator;
alter role authenticated set statement_timeout = '8s';

create table jobs (
  id uuid primary key default extensions.uuid_generate_v4(),
  kind text not null,
  payload jsonb,
  run_at timestamptz not null default (now() + interval '5 minutes'),
  attempts int2 not null default 0,
  embedding extensions.vector(384),
  locked_until timestamptz(3),
  "order" int not null default 0,
  took interval day to second (3),
  ip inet default '127.0.0.1'::inet
) with (autovacuum_vacuum_scale_factor = 0.02);

create index jobs_embedding on jobs using hnsw (embedding vector_cosine_ops) with (m = 16, ef_construction = 64);

create or replace function claim_jobs(batch integer = 10, variadic kinds text[] default array[]::text[])
returns setof jobs as $body$
  with next as materialized (
    select id from jobs
    where run_at <= now() and (locked_until is null or locked_until < now())
      and (cardinality(kinds) = 0 or kind = any (kinds))
    order by run_at, "order" desc
    limit batch
    for update skip locked
  )
  update jobs j set locked_until = now() + '1 minute', attempts = attempts + 1
  from next where j.id = next.id
  returning j.*;
$body$ language sql volatile rows 10 cost 50 parallel unsafe;

create or replace function add_numbers(a int, b int) returns int
  immutable strict leakproof language sql
  return a + b;

create procedure cleanup(inout removed bigint default 0)
language sql
begin atomic
  delete from jobs where attempts > 5;
  select case when count(*) > 0 then count(*) else 0 end from jobs;
end;

create function report(from_day date, to_day date default current_date)
returns table (day date, kind text, n bigint, share numeric(5,2))
language plpgsql as $$
begin
  return query
    select d::date, j.kind, count(*), round(100.0 * count(*) / sum(count(*)) over (), 2)
    from generate_series(from_day, to_day, interval '1 day') with ordinality as s(d, nr)
    left join jobs j on j.run_at >= d and j.run_at < d + interval '1 day'
    group by 1, 2;
end $$;

insert into jobs (kind, payload, run_at) values
  ('mail', '{"to": "a@example.com", "body": "it''s; here"}', now()),
  ('mail', jsonb_build_object('to', 'b@example.com'), default),
  ('clean', null, '2024-01-01 00:00:00+00')
returning id, kind as "what", (payload ->> 'to');

insert into jobs (kind) select 'copy' from jobs where payload @> '{"to": "x"}' and not (payload ? 'done') except select 'no';

update jobs set (attempts, kind) = (select 1, upper(kind)), payload = payload || '{"a": 1}' #- '{b,c}' where kind like 'm%' escape '!' or kind ilike any (array['%x']);
delete from jobs using teams t where t.id = 5 and jobs.kind not in ('a', 'b') and (jobs.kind, jobs.attempts) <> ('c', 1);

with recursive tree (id, depth) as (
  select id, 1 from jobs where "order" = 0
  union all
  select j.id, t.depth + 1 from jobs j join tree t on t.id = j.id and t.depth < 10
), gone as (delete from jobs where id in (table tree) returning *)
select distinct on (kind) kind, extract(dow from run_at at time zone 'Europe/Berlin'),
  to_char(run_at, 'YYYY') collate "C", array_agg(id order by run_at desc nulls last) filter (where attempts > 0),
  percentile_cont(0.5) within group (order by attempts), substring(kind from 1 for 3), position('a' in kind),
  trim(both ' ' from kind), overlay(kind placing 'x' from 2), payload['a']['b'], (array[1,2,3])[2:3], -attempts, +1, 2 ^ 3,
  cast(payload as text), kind::varchar(3), date '2024-01-01' + time '10:00', nullif(kind, ''), greatest(1, 2), row(1, 'a'),
  grouping(kind), exists (select 1), current_timestamp(3), localtime, lag(attempts, 1) over w
from gone
where kind similar to '(a|b)%' and attempts is not null and (locked_until is null) is true
  and run_at between symmetric now() and 'epoch' and kind is distinct from 'x'
group by grouping sets ((kind), ()), rollup (attempts), payload, run_at, locked_until
having count(*) > 1 or bool_or(true)
window w as (partition by kind order by run_at rows between unbounded preceding and current row exclude ties)
order by kind asc, 2 desc nulls first
limit 10 offset 5;

create materialized view daily as select date_trunc('day', run_at) as day, count(*) from jobs group by 1 with no data;
create unique index on daily (day);
refresh materialized view concurrently daily;
create rule protect as on delete to daily do instead nothing;
select cron.schedule('nightly', '0 3 * * *', $$delete from jobs where run_at < now() - interval '30 days'$$);
create event trigger watch on ddl_command_end execute function on_ddl();
truncate table jobs, daily restart identity cascade;
notify jobs, 'ready';
explain (analyze, costs off) select 1;
lock table jobs in share row exclusive mode;
analyze jobs;
commit;
