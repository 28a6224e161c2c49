create schema app

create schema far

create table app.people (id int primary key, name text, boss int references app.people)

create table app.pets (id int primary key, owner_id int references app.people, name text, kind text default lower('CAT'))

alter table app.people enable row level security

create policy own on app.people using (exists (select 1 from app.pets where pets.owner_id = people.id and pets.name = people.name))

create policy plain on app.pets using (name <> '' and owner_id > 0)

create view app.pairing as select p.id, p.name, x.name as pet from app.people p join app.pets x on x.owner_id = p.id where p.name is not null

create view app.nested as select name, (select count(*) from app.pets where pets.owner_id = pairing.id) as pets from app.pairing

create view app.same as select people.id, people.name from app.people order by people.name

create function app.is_boss(person int) returns boolean language sql stable as 'select exists (select 1 from app.people where boss = person)'

create policy bosses on app.pets for delete using (app.is_boss(owner_id))

create type app.size as enum ('small', 'big')

alter table app.pets add column size app.size default 'small'::app.size check (size <> 'big'::app.size or name <> '')

create index pets_lower on app.pets (lower(name)) where kind <> 'none'

create sequence app.numbers

alter table app.pets add column number bigint default nextval('app.numbers')

create table app.child (a int, b int generated always as (a * 2) stored, check (a < b))

alter table app.people rename to persons

alter table app.persons rename column name to full_name

alter table app.pets rename column owner_id to person_id

alter table app.pets rename to animals

alter table app.animals rename column kind to species

alter table app.animals rename column size to extent

alter table app.child rename column a to z

alter type app.size rename to extent

alter function app.is_boss(int) rename to leads

alter sequence app.numbers rename to counter

alter view app.pairing rename to pairs

alter table app.pairs rename column pet to animal

alter table app.persons set schema far

alter sequence app.counter set schema far

alter type app.extent set schema far

alter function app.leads(int) set schema far

alter schema far rename to near

alter schema app rename to zoo

drop table near.persons

drop function near.leads(int)

drop type near.extent

drop view zoo.pairs cascade
