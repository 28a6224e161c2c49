create type mood as enum ('sad', 'ok', 'happy');
create domain posint as int check (value > 0);
create table owners (id uuid primary key, name text not null, born date, mood mood);
create table todos (
  id bigint primary key,
  owner uuid references owners,
  title varchar(40) not null,
  done boolean not null default false,
  price numeric(10,2),
  amount numeric,
  rating float8,
  tags text[],
  extra jsonb,
  raw json,
  due timestamptz,
  created timestamp,
  day date,
  at time,
  wait interval,
  n int,
  s smallint,
  code char(4),
  addr inet,
  scores int[],
  data bytea
);
create table members (org int not null, person uuid not null, role text, primary key (org, person));
create table empty (id int primary key, v text);
insert into owners values
 ('00000000-0000-0000-0000-000000000001', 'Ann', '1990-02-03', 'happy'),
 ('00000000-0000-0000-0000-000000000002', 'bob', null, 'sad'),
 ('00000000-0000-0000-0000-000000000003', 'Zoë', '2001-12-31', null);
insert into todos (id, owner, title, done, price, amount, rating, tags, extra, raw, due, created, day, at, wait, n, s, code, addr, scores, data) values
 (1, '00000000-0000-0000-0000-000000000001', 'buy milk', true, 1.50, 10.0, 1.5, '{home,food}', '{"a":1,"b":{"c":[1,2]},"t":"x"}', '{"z": 1,  "a": 2}', '2024-01-02 03:04:05+00', '2024-01-02 03:04:05.678', '2024-01-02', '03:04:05', '1 day 02:03:04', 5, 1, 'ab', '10.0.0.1', '{1,2,3}', '\x0102'),
 (2, '00000000-0000-0000-0000-000000000001', 'Write', false, 20.00, 9.6, -2, '{}', '{"a":null,"b":2.50,"t":"10"}', '[1, 2]', '2023-06-01 00:00:00+02', '2023-06-01', '2023-06-01', '23:59:59.5', '1 mon', -3, 2, 'abcd', '9.0.0.0/8', '{}', '\x'),
 (3, '00000000-0000-0000-0000-000000000002', 'éclair', false, null, 10.00, 1e20, null, null, null, null, null, null, null, '30 days', null, null, null, null, null, null),
 (4, null, '100% sure_', true, 3.00, 1.10, 0.1, '{home,NULL,"a b"}', '[1,"two",{"x":true}]', '"str"', 'infinity', '-infinity', '0044-03-15 BC', '00:00', '-1 day', 5, -7, 'Z', '10.0.0.1/32', '{3,NULL,5}', '\xff00'),
 (5, '00000000-0000-0000-0000-000000000003', 'Write', false, 1.5, 10, 2, '{food}', '{"t":"y"}', 'true', '2024-01-02 03:04:06+00', '2020-02-29', '2020-02-29', '12:00', '00:00:01', 7, 3, 'ab', '2001:db8::1', '{9}', '\x01');
insert into members values (1, '00000000-0000-0000-0000-000000000001', 'admin'), (1, '00000000-0000-0000-0000-000000000002', 'user'), (5, '00000000-0000-0000-0000-000000000001', null), (7, '00000000-0000-0000-0000-000000000003', 'user');
create view open_todos as select id, title, owner from todos where not done;
create view per_owner as select o.name, count(t.id) as todos, max(t.due) as last from owners o left join todos t on t.owner = o.id group by o.name;
create function add_one(x int) returns int language sql immutable as 'select x + 1';
create function greet(name text, greeting text default 'Hello') returns text language sql stable as $$select greeting || ' ' || name$$;
create function titles_of(who uuid) returns setof text language sql stable as 'select title from todos where owner = who order by id';
create function todos_of(who uuid) returns setof todos language sql stable as 'select * from todos where owner = who';
create function todo_label(t todos) returns text language sql stable as $$select t.id || ': ' || t.title$$;
create function tally() returns table (who text, many bigint) language sql stable as 'select o.name, count(*) from owners o join todos t on t.owner = o.id group by o.name';
