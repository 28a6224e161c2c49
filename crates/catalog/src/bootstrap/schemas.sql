-- The schemas and the privileges that new objects in them get. Run by a superuser.

alter schema public owner to postgres;
create schema extensions authorization postgres;
create schema graphql_public authorization postgres;
create schema if not exists bedplate;
create schema auth authorization supabase_auth_admin;
create schema storage authorization supabase_storage_admin;

grant usage on schema public, extensions, graphql_public to anon, authenticated, service_role;
grant all on schema extensions to dashboard_user;
grant usage on schema auth, storage to anon, authenticated, service_role;
grant all on schema auth, storage to dashboard_user;
grant usage, create on schema auth, storage to postgres;

alter default privileges for role postgres in schema public
  grant all on tables to postgres, anon, authenticated, service_role;
alter default privileges for role postgres in schema public
  grant all on functions to postgres, anon, authenticated, service_role;
alter default privileges for role postgres in schema public
  grant all on sequences to postgres, anon, authenticated, service_role;
alter default privileges in schema public
  grant all on tables to postgres, anon, authenticated, service_role;
alter default privileges in schema public
  grant all on functions to postgres, anon, authenticated, service_role;
alter default privileges in schema public
  grant all on sequences to postgres, anon, authenticated, service_role;
alter default privileges for role supabase_auth_admin in schema auth
  grant all on tables to postgres, dashboard_user;
alter default privileges for role supabase_auth_admin in schema auth
  grant all on sequences to postgres, dashboard_user;
alter default privileges for role supabase_auth_admin in schema auth
  grant all on functions to postgres, dashboard_user;
alter default privileges for role supabase_storage_admin in schema storage
  grant all on tables to postgres, service_role;

create publication supabase_realtime;
alter publication supabase_realtime owner to postgres;
