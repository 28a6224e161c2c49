-- information_schema, for its owner and for others.

create type mood as enum ('sad', 'ok');
create domain percent as numeric(5,2) check (value between 0 and 100);
create table people (
  id int generated always as identity primary key,
  name varchar(30) not null,
  code char(2),
  age smallint check (age > 0),
  height numeric(5,2),
  weight real,
  share percent,
  feeling mood default 'ok',
  tags text[],
  born date,
  at timestamp(3),
  seen timestamptz default now(),
  span interval,
  ip inet,
  info jsonb,
  raw bytea,
  key uuid,
  twin text generated always as (name || 'x') stored,
  unique (name, code)
);
create table pets (id serial primary key, owner int not null references people (id) on delete cascade, kind text, constraint pets_kind_check check (kind in ('cat', 'dog')));
create table empty ();
create view grown as select id, name from people where age > 17;
create view counted as select count(*) as n from people;
create sequence numbers start 5 increment 2 maxvalue 99 cycle;
create function add(a int, b int default 1, out c int) language sql immutable as $$ select a + b $$;
create function touch() returns trigger language plpgsql as $$ begin return new; end $$;
create trigger touched before insert or update on pets for each row execute function touch();
select table_name, table_type, is_insertable_into, is_typed from information_schema.tables where table_schema = 'public' order by 1;
select table_name, column_name, ordinal_position, column_default, is_nullable, data_type, udt_schema, udt_name from information_schema.columns where table_schema = 'public' order by 1, 3;
select column_name, character_maximum_length, character_octet_length, numeric_precision, numeric_precision_radix, numeric_scale, datetime_precision, domain_name, dtd_identifier from information_schema.columns where table_name = 'people' order by ordinal_position;
select column_name, is_identity, identity_generation, identity_start, identity_increment, identity_maximum, identity_minimum, identity_cycle, is_generated, generation_expression, is_updatable from information_schema.columns where table_name = 'people' and (is_identity = 'YES' or is_generated = 'ALWAYS') order by ordinal_position;
select table_name, constraint_name, constraint_type, is_deferrable, initially_deferred, enforced from information_schema.table_constraints where table_schema = 'public' and constraint_name not like '%_not_null' order by 1, 2;
select count(*) from information_schema.table_constraints where table_name = 'people' and constraint_name like '%_not_null';
select constraint_name, table_name, column_name, ordinal_position, position_in_unique_constraint from information_schema.key_column_usage where table_schema = 'public' order by 1, 4;
select table_name, column_name, constraint_name from information_schema.constraint_column_usage where table_schema = 'public' order by 3, 2;
select table_name, constraint_name from information_schema.constraint_table_usage where table_schema = 'public' order by 2;
select constraint_name, unique_constraint_name, match_option, update_rule, delete_rule from information_schema.referential_constraints where constraint_schema = 'public';
select constraint_name, check_clause from information_schema.check_constraints where constraint_schema = 'public' and constraint_name not like '%_not_null' order by 1;
select tc.table_name, kcu.column_name, ccu.table_name as foreign_table, ccu.column_name as foreign_column from information_schema.table_constraints tc join information_schema.key_column_usage kcu on tc.constraint_name = kcu.constraint_name and tc.table_schema = kcu.table_schema join information_schema.constraint_column_usage ccu on ccu.constraint_name = tc.constraint_name where tc.constraint_type = 'FOREIGN KEY' and tc.table_schema = 'public';
select routine_name, routine_type, data_type, type_udt_name, routine_body, routine_definition, external_language, is_deterministic, security_type, is_null_call from information_schema.routines where routine_schema = 'public' order by 1;
select parameter_name, ordinal_position, parameter_mode, data_type, udt_name from information_schema.parameters where specific_schema = 'public' and specific_name like 'add%' order by 2;
select table_name, view_definition, check_option, is_updatable, is_insertable_into from information_schema.views where table_schema = 'public' order by 1;
select schema_name, schema_owner from information_schema.schemata where schema_name in ('public', 'auth') order by 1;
select sequence_name, data_type, numeric_precision, start_value, minimum_value, maximum_value, increment, cycle_option from information_schema.sequences where sequence_schema = 'public' order by 1;
select domain_name, data_type, numeric_precision, numeric_scale, udt_name from information_schema.domains where domain_schema = 'public';
select trigger_name, event_manipulation, event_object_table, action_order, action_statement, action_orientation, action_timing from information_schema.triggers where trigger_schema = 'public' order by 1, 2;
select grantor, grantee, privilege_type, is_grantable, with_hierarchy from information_schema.role_table_grants where table_name = 'pets' order by 2, 3;
revoke all on pets from anon, authenticated;
grant select on pets to authenticated with grant option;
grant update (kind) on pets to anon;
select grantee, privilege_type, is_grantable from information_schema.role_table_grants where table_name = 'pets' and grantee in ('anon', 'authenticated') order by 1, 2;
-- as anon
select table_name from information_schema.tables where table_schema = 'public' order by 1;
select column_name from information_schema.columns where table_name = 'pets' order by 1;
select constraint_name from information_schema.table_constraints where table_name in ('pets', 'people') and constraint_name not like '%_not_null' order by 1;
select count(*) from information_schema.check_constraints where constraint_name = 'pets_kind_check';
select column_name, column_default from information_schema.columns where table_name = 'people' and column_name = 'feeling';
select schemaname, tablename from pg_tables where schemaname = 'public' order by 2;
-- as postgres
select current_user = 'postgres', current_schema();
