-- Whoever signs up has a profile from the first moment: the row is made in the transaction that makes the user.

create function public.handle_new_user() returns trigger
  language plpgsql security definer set search_path = ''
  as $$
  begin
    insert into public.profiles (id, name)
    values (new.id, left(coalesce(nullif(new.raw_user_meta_data ->> 'name', ''), nullif(split_part(new.email, '@', 1), ''), 'Guest'), 80));
    return new;
  end
  $$;

create trigger on_auth_user_created
  after insert on auth.users
  for each row execute function public.handle_new_user();
