-- LOCK TABLE asks for a right: to read against ACCESS SHARE, to change against all else.
create table readable (id int);
create table writable (id int);
create table closed (id int);
create view shown as select * from closed;
revoke all on readable, writable, closed, shown from anon, authenticated, service_role;
grant select on readable to anon;
grant insert on writable to anon;
grant truncate on writable to authenticated;
grant select on shown to authenticated;
-- as anon
lock table readable in access share mode;
lock readable in row share mode;
lock table readable in row exclusive mode;
lock table readable;
lock table writable in row exclusive mode;
lock table writable in access share mode;
lock table writable in share row exclusive mode;
lock table readable, closed in access share mode;
lock table closed in access share mode nowait;
lock table shown in access share mode;
lock table absent;
-- as authenticated
lock table writable in share mode;
lock table writable in exclusive mode;
lock table writable in share update exclusive mode;
lock table readable in access share mode;
-- as postgres
lock table readable, writable, closed;
lock table shown in access share mode;
