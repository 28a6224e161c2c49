-- Two people with a list each. Runs once, on a new database.

insert into auth.users (id, aud, role, email, raw_user_meta_data, created_at, updated_at) values
  ('a11ce000-0000-4000-8000-000000000001', 'authenticated', 'authenticated', 'alice@example.com', '{"name": "Alice"}', now(), now()),
  ('b0b00000-0000-4000-8000-000000000002', 'authenticated', 'authenticated', 'bob@example.com', '{"name": "Bob"}', now(), now());

insert into public.profiles (id, name) values
  ('a11ce000-0000-4000-8000-000000000001', 'Alice'),
  ('b0b00000-0000-4000-8000-000000000002', 'Bob');

insert into public.lists (owner, title) values
  ('a11ce000-0000-4000-8000-000000000001', 'Garden'),
  ('b0b00000-0000-4000-8000-000000000002', 'Workshop');

insert into public.todos (list_id, title, priority, estimate, due_on, done_at)
  select l.id, v.title, v.priority::public.priority, v.estimate, v.due_on::date, v.done_at::timestamptz
  from (values
    ('Garden', 'Water the tomatoes', 'high', 0.50, '2025-05-01', null),
    ('Garden', 'Mow the lawn', 'normal', 1.25, '2025-05-03', null),
    ('Garden', 'Buy seeds', 'low', null, null, '2025-04-20 10:00:00+00'),
    ('Workshop', 'Sharpen the chisels', 'normal', 2.00, '2025-06-01', null)
  ) as v (list, title, priority, estimate, due_on, done_at)
  join public.lists l on l.title = v.list;

insert into public.tags (owner, name) values
  ('a11ce000-0000-4000-8000-000000000001', 'outside'),
  ('a11ce000-0000-4000-8000-000000000001', 'daily'),
  ('b0b00000-0000-4000-8000-000000000002', 'tools');

insert into public.todo_tags (todo_id, tag_id)
  select t.id, g.id
  from public.todos t, public.tags g
  where (t.title, g.name) in (('Water the tomatoes', 'outside'), ('Water the tomatoes', 'daily'), ('Mow the lawn', 'outside'), ('Sharpen the chisels', 'tools'));
