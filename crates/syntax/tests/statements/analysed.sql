create table t (a int deferrable)
create domain d int unique
create domain d int references x
do 'x' 'y'
do language plpgsql
do $$x$$ $$y$$
create table t (a int not deferrable)
create table t (a int initially deferred)
create table t (a int initially immediate)
create table t (a int unique deferrable not deferrable)
create table t (a int unique not deferrable initially deferred)
create table t (a int unique initially deferred not deferrable)
create table t (a int unique initially deferred initially immediate)
create table t (a int not null deferrable)
create table t (a int unique deferrable deferrable)
create table t (a int default 1 deferrable, b int deferrable)
create domain d int primary key
create domain d int check (value > 0) unique
create function f(out a int) returns table (b int) language sql as 'select 1'
