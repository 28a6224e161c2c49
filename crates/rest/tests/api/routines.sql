create role note_reader;
grant usage on schema public to note_reader;
grant select on public.posts to note_reader;
create function public.who_asks() returns text language sql stable as $$ select current_user::text $$;
create function public.check_request() returns void language plpgsql as $$
declare
  who text := current_setting('request.jwt.claims', true)::json ->> 'sub';
  wish text := current_setting('request.headers', true)::json ->> 'x-wish';
begin
  if wish = 'closed' then
    raise exception 'Account of % is closed', who using hint = 'Write to us', errcode = 'PT451';
  elsif wish = 'reader' then
    execute 'set local role note_reader';
  elsif wish = 'later' then
    perform set_config('response.headers', '[{"X-Later": "yes"}]', true);
  end if;
end
$$;
create function public.rank(points integer) returns text language plpgsql immutable as $$
begin
  if points > 10 then return 'high'; end if;
  for i in 1 .. 3 loop
    if points = i then return 'place ' || i; end if;
  end loop;
  return null;
end
$$;
create function public.quota() returns void language plpgsql as $$
begin
  raise sqlstate 'PT402' using message = 'Payment Required', detail = 'Quota exceeded', hint = 'Upgrade your plan';
end
$$;
create function public.refuse(why text) returns integer language plpgsql as $$
begin
  raise exception '%', why using errcode = 'check_violation', detail = 'Nothing was done.';
end
$$;
create function public.put_label(id integer, name text) returns bigint language plpgsql as $$
begin
  insert into public.labels values (put_label.id, put_label.name);
  return (select count(*) from public.labels);
exception when unique_violation then
  return -1;
end
$$;
create function public.put_label_stable(id integer) returns integer language plpgsql stable as $$
begin
  insert into public.labels values (put_label_stable.id, 'never');
  return 1;
end
$$;
create function public.posts_matching(word text) returns setof public.posts language plpgsql stable as $$
begin
  if word = '' then return; end if;
  return query select * from public.posts where title ilike '%' || word || '%' order by id;
end
$$;
create function public.tally(upto integer) returns table (number integer, square integer) language plpgsql immutable as $$
begin
  for i in 1 .. upto loop
    number := i;
    square := i * i;
    return next;
  end loop;
end
$$;
create function public.loud(post public.posts) returns text language sql stable as $$ select upper(post.title) $$;
create function public.newest(public.users) returns setof public.posts rows 1 language sql stable as $$ select * from public.posts where author_id = $1.id order by id desc limit 1 $$;
create function public.everybody() returns setof public.users language sql stable as $$ select * from public.users order by id $$;
create function public.add_label(label text) returns setof public.labels language sql volatile as $$ insert into public.labels select max(id) + 1, label from public.labels returning * $$;
create function public.same_name(a text, b integer) returns table (a text, b integer) language sql stable as $$ select $1, $2 $$;
create table public."Posts" (id integer primary key, "Title" text);
insert into public."Posts" values (7, 'capital');
grant all on public."Posts" to anon;
create view public.desk as select id, name from public.labels where id > 0 union all select 0, 'none';
create function public.to_desk() returns trigger language plpgsql as $$
begin
  insert into public.labels values (new.id, new.name);
  return new;
end
$$;
create trigger into_desk instead of insert on public.desk for each row execute function public.to_desk();
create view public.endless as select 1 as a;
create or replace view public.endless as select a from public.endless;
grant all on public.desk, public.endless to anon
