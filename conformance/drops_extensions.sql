-- Schemas that go with the extensions in them.
create schema tools;
create extension citext with schema tools;
create table tools.plain (i int);
create table names (n tools.citext, i int);
drop schema tools;
create schema empty_but;
create extension pg_trgm with schema empty_but;
drop schema empty_but;
drop schema empty_but cascade;
select extname from pg_extension where extname in ('citext', 'pg_trgm');
drop schema tools cascade;
select extname from pg_extension where extname in ('citext', 'pg_trgm');
select attname from pg_attribute where attrelid = 'names'::regclass and attnum > 0 and not attisdropped order by attnum;
create extension if not exists citext with schema public;
select 'A'::citext = 'a';
drop extension citext;
