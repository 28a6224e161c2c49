-- Read-only views of the same rows, and functions that the API calls.

create view public.open_todos with (security_invoker = true) as
  select t.id, t.title, t.priority, t.due_on, l.title as list
  from public.todos t
  join public.lists l on l.id = t.list_id
  where t.done_at is null;

-- For whoever asks: policies hold in it as outside.
create function public.list_progress() returns table (list text, total bigint, done bigint)
  language sql stable
  as $$
    select l.title, count(t.id), count(t.id) filter (where t.is_done)
    from public.lists l
    left join public.todos t on t.list_id = l.id
    group by l.id, l.title
    order by l.title
  $$;

create function public.todos_due_by(day date default current_date) returns setof public.todos
  language sql stable
  as $$ select * from public.todos where due_on <= day and done_at is null order by due_on, id $$;

-- Two numbers that everybody may know, though nobody may see the rows behind them.
create function public.site_statistics() returns jsonb
  language sql stable security definer set search_path = ''
  as $$
    select jsonb_build_object(
      'people', (select count(*) from public.profiles),
      'todos', (select count(*) from public.todos)
    )
  $$;

grant execute on function public.site_statistics() to anon, authenticated;
revoke execute on function public.owns_list(bigint) from anon;
