-- One person with a list, who signs in as dora@example.com with the password sample-password. Runs once, on a new database.
-- The other people sign up.

insert into auth.users (
  instance_id, id, aud, role, email, encrypted_password, email_confirmed_at, created_at, updated_at,
  raw_app_meta_data, raw_user_meta_data, confirmation_token, recovery_token, email_change_token_new, email_change
) values (
  '00000000-0000-0000-0000-000000000000', 'd02a0000-0000-4000-8000-000000000001', 'authenticated', 'authenticated', 'dora@example.com',
  '$2a$10$0QmJ8oOcFakQKgEuI6JJ3.tOd5bW5095hs.2jXahk27L.JhZ0xERO', now(), now(), now(),
  '{"provider": "email", "providers": ["email"]}', '{"name": "Dora"}', '', '', '', ''
);

insert into auth.identities (provider_id, user_id, identity_data, provider, created_at, updated_at) values (
  'd02a0000-0000-4000-8000-000000000001', 'd02a0000-0000-4000-8000-000000000001',
  '{"sub": "d02a0000-0000-4000-8000-000000000001", "email": "dora@example.com", "email_verified": true, "phone_verified": false}',
  'email', now(), now()
);

-- Her profile is there already: the trigger of the sign-up made it.
insert into public.lists (owner, title) values ('d02a0000-0000-4000-8000-000000000001', 'Kitchen');

insert into public.todos (list_id, title, priority, due_on)
  select l.id, v.title, v.priority::public.priority, v.due_on::date
  from (values
    ('Kitchen', 'Descale the kettle', 'normal', '2025-05-10'),
    ('Kitchen', 'Sort the spices', 'low', null)
  ) as v (list, title, priority, due_on)
  join public.lists l on l.title = v.list;
