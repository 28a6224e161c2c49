-- The order of rows when nothing asks for one: as inserted, those that were updated behind them.
create table named (id int primary key, name text unique, note text);
insert into named values (3, 'c'), (1, 'a'), (5, 'e'), (2, 'b');
select id from named;
update named set note = 'x' where id = 1;
select id, note from named;
select name from named;
update named set note = 'y' where id in (2, 3);
select id, note from named;
-- The last row stays where it is.
update named set note = 'z' where id = 2;
select id, note from named;
-- All of them, in the order in which they were.
update named set note = 'all';
select id, note from named;
-- A key that changes.
update named set id = 9, name = 'n' where id = 5;
select id, name from named;
-- An upsert updates.
insert into named values (1, 'a', 'upsert'), (7, 'g', 'new') on conflict (id) do update set note = excluded.note;
select id, note from named;
insert into named values (3, 'c', 'ignored') on conflict do nothing;
select id, note from named;
-- What is rolled back moves nothing.
begin;
savepoint here;
update named set note = 'gone' where id = 3;
rollback to here;
update named set note = 'kept' where id = 2;
insert into named values (4, 'd', 'after');
update named set note = 'last' where id = 9;
commit;
select id, note from named;
-- A row that is removed, and another.
delete from named where id = 1;
insert into named values (6, 'f', 'end');
select id, note from named;
-- Referential actions update too.
create table parts (id int primary key, owner int references named on update cascade on delete set null);
insert into parts values (1, 6), (2, 9), (3, 6), (4, 2);
update named set id = 60 where id = 6;
select id, owner from parts;
delete from named where id = 9;
select id, owner from parts;
-- A trigger's assignment.
create function noted() returns trigger language plpgsql as $$ begin new.note := 'noted'; return new; end $$;
create trigger noted before update on named for each row execute function noted();
update named set name = 'bb' where id = 2;
select id, name, note from named;
-- An order and a limit within hold without.
create view latest as select * from parts order by id desc limit 10;
create function latest_of(who int) returns setof latest language sql stable as $$ select * from latest where owner = who $$;
insert into parts values (5, 60), (6, 2);
select id from latest where owner = 60;
select id from latest_of(60);
select json_agg(x.id) from (select id from latest_of(60)) x;
select json_agg(json_build_array(n.id, (select json_agg(l.id) from latest_of(n.id) l))) from named n;
