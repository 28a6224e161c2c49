-- has_table_privilege and kin.

create table open (a int, b text);
create table shut (a int, b text);
create sequence numbers;
create function f(a int) returns int language sql as $$ select a $$;
create schema hidden;
revoke all on shut from anon, authenticated;
revoke all on function f(int) from public, anon, authenticated;
grant select (a), update (a, b) on shut to authenticated;
grant execute on function f(int) to authenticated;
revoke all on sequence numbers from anon;
select has_table_privilege('anon', 'open', 'select'), has_table_privilege('anon', 'shut', 'select'), has_table_privilege('shut', 'insert'), has_table_privilege('authenticated', 'shut'::regclass, 'select, insert');
select has_table_privilege('anon', 'public.open', 'SELECT, UPDATE'), has_table_privilege('anon', 'open', 'select with grant option'), has_table_privilege('postgres', 'open', 'select with grant option');
select has_column_privilege('authenticated', 'shut', 'a', 'select'), has_column_privilege('authenticated', 'shut', 'b', 'select'), has_column_privilege('authenticated', 'shut', 'b', 'update'), has_column_privilege('authenticated', 'shut', 1::smallint, 'select');
select has_any_column_privilege('authenticated', 'shut', 'select'), has_any_column_privilege('anon', 'shut', 'select');
select has_schema_privilege('anon', 'public', 'usage'), has_schema_privilege('anon', 'hidden', 'usage'), has_schema_privilege('hidden', 'create'), has_schema_privilege('anon', 'public', 'create');
select has_function_privilege('anon', 'f(int)', 'execute'), has_function_privilege('authenticated', 'f(int)', 'execute'), has_function_privilege('anon', 'lower(text)', 'execute'), has_function_privilege('f(integer)', 'execute');
select has_sequence_privilege('anon', 'numbers', 'usage'), has_sequence_privilege('authenticated', 'numbers', 'usage, select');
select pg_has_role('postgres', 'anon', 'member'), pg_has_role('anon', 'postgres', 'member'), pg_has_role('anon', 'usage'), pg_has_role('authenticator', 'anon', 'usage');
select has_table_privilege('nobody_here', 'open', 'select');
select has_table_privilege('anon', 'nothing', 'select');
select has_table_privilege('anon', 'open', 'fly');
select has_column_privilege('anon', 'open', 'nothing', 'select');
select has_schema_privilege('anon', 'nothing', 'usage');
select has_table_privilege(null, 'open', 'select'), has_table_privilege('anon', 0::oid, 'select'), has_table_privilege('anon', 'pg_class', 'select');
select pg_get_userbyid(c.relowner), relacl::text from pg_class c where relname in ('open', 'shut') order by relname;
select attname, attacl::text from pg_attribute where attrelid = 'shut'::regclass and attnum > 0 order by attnum;
select proacl::text from pg_proc where proname = 'f';
select nspname, nspacl::text from pg_namespace where nspname = 'hidden';
select rolname, rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin, rolbypassrls from pg_roles where rolname in ('anon', 'authenticated', 'service_role', 'authenticator') order by 1;
select r.rolname, m.rolname from pg_auth_members a join pg_roles r on r.oid = a.roleid join pg_roles m on m.oid = a.member where m.rolname = 'authenticator' order by 1;
select pg_table_is_visible('open'::regclass), pg_table_is_visible('auth.users'::regclass), pg_type_is_visible('int4'::regtype), pg_table_is_visible(0::oid);
-- as anon
select has_table_privilege('open', 'select'), has_table_privilege('shut', 'select'), current_user;
select relname from pg_class where relname in ('open', 'shut') and has_table_privilege(oid, 'select') order by 1;
-- as postgres
