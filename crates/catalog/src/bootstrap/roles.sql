-- Settings and memberships of the roles that bootstrap.rs makes. Run by a superuser.

alter role anon set statement_timeout = '3s';
alter role authenticated set statement_timeout = '8s';
alter role authenticator set statement_timeout = '8s';
alter role authenticator set lock_timeout = '8s';
alter role postgres set search_path = "$user", public, extensions;
alter role supabase_auth_admin set search_path = auth;
alter role supabase_auth_admin set idle_in_transaction_session_timeout = '60s';
alter role supabase_storage_admin set search_path = storage;

grant anon, authenticated, service_role to authenticator, postgres, supabase_storage_admin;
grant authenticator, supabase_auth_admin, supabase_storage_admin to postgres;
grant pg_monitor, pg_read_all_data to supabase_read_only_user;
