-- Runs once, on a new database, after the migrations.

insert into public.notes (author, title, body, is_published) values
  ('00000000-0000-0000-0000-000000000001', 'Hello', 'Everyone can read this note: it is published.', true),
  ('00000000-0000-0000-0000-000000000001', 'A draft', 'Only its author can read this one.', false);
