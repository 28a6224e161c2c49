! select 1 <> 2 ! = 3
"" insert
"C" security r
"\0061b" with a as ( select 1 ) insert into t select * from a
"a b" event trigger e create ddl_command_start execute function f ( )
"uuid-ossp" session authorization authorization default
"x" "a" "b" "c" from select . "y"
"É" select
$
$ conflict select a
$$begin end$$
$$begin end$$ drop statistics s
$$y$$ begin transaction read only , deferrable
$é$ x $é$ ( ( select 1 ) ) . x
% create procedure p ( a int ) language plpgsql as $$x$$
' b select 1
' select ( ( select 1 ) )
'''' select 'it''s' , 'a''' , ''''
',' create extension x from y
'1' drop owned by program
'1' option view v as select
'1.5' 1 < 2 > 3
'2020-01-01' select . 5 , 5 . , 1e5 , 1 . 5e - 10
'UTC' select u&'\d800'
'UTC' substring a
'UTC' zone time
'a' select
'a' select 'a' 'b'
'a''' 'it''s' , select , ''''
'abc' = select
'abc' select 'def'
'b' a select
'insert, update' $$y$$ do
'insert, update' create publication p for table a , only b , c * with ( publish = 'insert, update' )
'insert, update' table t ( a , b ) as select 1 , 2 with no data
'it''s' , 'a''' , ''''
'it''s' select 99999999999999999999
'utf8' schema 'utf8' s
'x' 'x'
'x' a at + time select
'x' copy t copy from program copy
'x' heap 'x'
'x' load 'x'
'x' u&'\d800x' 'x'
'y' create domain d int references x
'y' table t rename constraint to b
'ä' from from
'é' select 'é'
(
( 'ä' from from
( ( ( select é 1 ) é 1 )
( ( 1 offset 1 ) offset 1
( ( 1 select text ) + nchar 1 )
( ( depth ) select 2 )
( ( not select 1 ) )
( ( select ) 1 ) + 1 )
( ( select 1
( ( select 1 ) +
( ( select 1 ) + ( 1 )
( ( select 1 ) + 1
( ( select 1 ) + 1 national
( ( select 1 ) : union 2 select )
( ( select 1 select union select 2 )
( ( select session_user 1 ) union ) 2 select
( * from ( true ( a join b on select null ) )
( 1 limit 1 ) " limit ]
( 1 limit 1 ) limit 1
( create limit t ( a , b ) as select 1 , 2
( current_date select current_date select )
( f ( 1 ) over ( range between unbounded preceding and unbounded following exclude ties )
( false select 1 fetch first ( 1 +
( foo
( on on cast comment
( select ( select 1 ) + ( 2 ) , array ( 1 ) [ 1 ]
( select ) )
( select 1
( select 1 ) )
( select 1 ) + 1 )
( select 1 ) 1 union ( select 2 ) order by 1
( select 1 ) union ( select 2
( select 1 ,
( select 1 1 by order ) order by 1
( select 1 limit ) limit 1
( select 1 limit 1 1a ) 1
( select 1 limit 1 select ) limit 1
( select 1 limit 1from ) limit 1
( select 1 offset ] ) offset 1
( select 1 order by ) order by 1
( select in 1 ) offset 1 ) offset b
( select name 1 order 1 by order by 1
( t
( table t ( a gin_trgm_ops int ) inherits create b , c )
( u&'\0000'
) ( select
) ) ( select 1 ) ) (
) ) select ) ( )
) a in ( select
) a like any ( b select
) collation for
) copy 1 from stdin where a a > t
) create schema s create function f ( ) returns int language sql as 'x'
) e'\ud800\u0041' a
) function f returns ) ( 1 return int + 2
) select * from ( a join b on true ) j
) select a ( (
) select a a from t limit 1 limit 2
) vacuum ( full , analyze ) t
* * ( 1 select ) + 1 )
* e'\000'
* from ) ( 1 f x ( a int )
* from lateral f f ( 1 )
* select * from
* select from a join b
+ . 5e select
, index i on t ( coalesce ( a create
, local temporary table t ( a int ) without oids
, on operator + ( int comment int ) is 'x'
, select select as foo
, session
, table only t
, table t ( a int create check ( a > 1 ) not valid no inherit )
, type encrypted
, type t new "u"
- first 1 fetch select - 1 rows only
- time zone set 5
.
. alter database d rename to e
. commit
. create
. domain d text
. index on t using gin ( a gin_trgm_ops )
. select a from for
. select e'\xc3\xa9'
. session
. u&'\d800'
.. 1 select 2
.. u&'\d800x'
/ * a * * b * / c / / select from from
/ * a / * b * / * / select from from
/ * a / * b * / c * / 'y' select from
/ * a select * b * / c * / / from from
0 SELEC 1
0 abort disable x
1 "É" select varying and
1 * from f ( 1 ) as ( a int , b text text )
1 * select from t where
1 , 'y'
1 - - comment
1 1
1 1 t as select create
1 2
1 ::
1 a as ( select 1 + insert into t select * from a
1 alter view v set schema s
1 between ( )
1 drop x
1 exists select select
1 into t values ( insert ) on conflict do nothing
1 lower fetch explain select 1
1 recursive view v ( a ) create as , 1
1 select $ 1 $
1 select ( 1
1 select 1 as
1 select 2
1 select distinct a from t
1 select having
1 select limit null
1 select offset 1 + 1 rows
1 select select
1 select z select 1
1 table t ( a int references x match full on delete set null ( a , b ) )
1 table t ( a serial primary key , generated bigserial )
1 u&'!0041' u&'!0041' uescape select
100 x x reset
1from t
2 set local
2 values ( 1 , 2 ) , ( 3 )
255 set local time zone utc
3 1 =
3 a '''' from t fetch first 3 select rows with ties
3 create table t ( default int a 1
4 discard all
5e 1 2 > select 3
5e select 5e 1
::
:: exists a :: $ :: text
:= = select b
= 1_000
= a select select any group
= alter sequence s
= select b '12'
=> select foo ( a => 1 ) 'x'
>= select foo . bar 'x'
SELEC 1 1
U @ a
[
[ 1 0x1f
[ a select
[ abort
[ f ( 1 coalesce over ( rows between 1 preceding ( )
[ role if exists a ,
[ select a [ 1
[ select f ( 1 ) over preceding rows between current row and 1 ( )
[ t index not exists on t ( a )
[ usage , on sequence s x
\ select \
] a not ilike all ( array [ 'x' select )
] drop subscription s
] e'\udc00' e'\udc00'
] grant usage on domain d to x
] select a not ilike all ( array [ 'x' ] )
] select double precision '1.5'
] x
a
a "" at time zone 'UTC' at time zone 'x'
a $a$ b $b$ $a$ b $b$ a [
a 'b'
a 'x' at time zone 'UTC' search at time zone select
a + not b
a , select in ( ( 1 ) )
a . [ 1 e'\xc3\xa9' ]
a :: :: timestamp timestamp ( 3 ) with time zone , a :: time without time zone , a :: timestamp with
a alter table t add constraint x foreign key ( a ) references b ( c ) on delete not cascade not valid , validate x
a as 0 select 1
a b like escape 'x' and
a create table t ( a int , , )
a from * join b
a from only fetch first row t
a from t for update skip locked
a group exclusive deferrable g user create , b
a in 1
a is not distinct from b
a on index i on t ( create nulls )
a over = any b
a publication p add table alter , b
a select
a select !
a select " abc
a select $ b , a $
a select =
a select a
a select a between
a select a when . d . e
a select b c
abc ' ' select
abort abort abort
admin
admin a , b with c , d . grant option
aggregate 'x'
aggregate language plpgsql
all a from
all b t ( like u including create indexes excluding , table int )
all privileges ( a , b ) on t to x
all x
alter $ p on t
alter $$x$$ default $$x$$ auth grant usage on schemas to x
alter % publication p add table a , table b
alter ( v alter column a set default 3
alter ) if exists a . i set ( fillfactor = 3 index
alter + default privileges grant select on tables
alter = database d set x = 1
alter a r set search_path = role , b
alter a t alter table
alter add d domain ( value ) 1 >
alter add t table
alter aggregate a (
alter aggregate a ( int owner to x
alter alter function a . f minvalue ( select ) set schema s
alter alter publication p set
alter alter table enable t enable row
alter alter table t alter
alter alter type t owner to x
alter attach i index partition
alter attach i index partition j
alter attach table t attach partition u for values in ( 1 )
alter collate v rename rename to stored
alter copy ( select 1 ) from stdin
alter d database set x 1
alter d publish domain null drop not null
alter database d rename e to e
alter database d rename to show e
alter database d set x d = 1
alter default grant in schema public privileges select , insert on [ tables to , authenticated
alter default o grant on select on system foo to x
alter default privileges
alter default privileges grant select on . foo to x
alter default privileges grant usage on schemas until x
alter default privileges in role postgres for schema public grant all on functions to anon with grant option
alter default privileges in schema public grant select , insert on tables to anon stype , authenticated
alter default privileges privileges grant tables on select
alter default privileges revoke grant option for all privileges from sequences on x
alter default privileges revoke grant option for all privileges on option sequences from x
alter default privileges revoke grant option for all privileges on sequences from privileges x
alter default privileges revoke grant option for session_user privileges on sequences rows x
alter default to privileges for role postgres in schema public grant all on functions to anon with grant option
alter document t rename value 'a' to 'b'
alter domain add constraint x check ( value > 1 ) not valid
alter domain constraint validate d x
alter domain d
alter domain d add check ) value > 1 (
alter domain d add constraint x check ] value reassign 1 ) not valid
alter domain d add restrictive x check (
alter domain d drop
alter domain d drop constraint cascade exists x if
alter domain d drop constraint if exists drop x cascade
alter domain d drop drop constraint if exists x cascade
alter domain d last drop default
alter domain d owner
alter domain d owner alter to x
alter domain d rename constraint to x alter to y
alter domain security d foo
alter domain serial d validate constraint x
alter domain unlogged d foo
alter each t add constraint x foo
alter event
alter exists table all in tablespace x set tablespace y
alter extension x
alter external select privileges grant default on tables
alter f function ( a int
alter false p on t to anon using ( true ) with check ( policy )
alter foo d domain
alter function a
alter function definer f , ( a int , out b text ) stable security definer set search_path = '' reset all
alter function f ( ( )
alter function f ( a int , out b text ) stable reindex definer set search_path = '' reset all
alter function f ( a int , out b text ) stable security definer set search_path security = '' all
alter function f ( int , not truncate method ) owner to x
alter function f ( int , text ) to owner to x
alter function f ) )
alter function f int , text ) owner to x
alter function f rename
alter function f x ) depends on extension (
alter function precision (
alter function table ( a int , out b text ) stable security definer set search_path = '' reset all
alter g add user a , b
alter group g add a user a , b
alter group g drop group user a
alter group g user a , b
alter heap table t enable row
alter identity t add value if not exists 'x' before 'y'
alter if exists only a . t * add not x check ( a > 1 null ) constraint valid
alter if exists p on t rename to q
alter immutable policy p on t to alter anon using ( true ) with check
alter in r role database d set x to default
alter index i rename to to j
alter index if exists = a
alter index if exists a . i
alter index if exists a . i set ( fillfactor = )
alter index if exists restart = . i set ( fillfactor a 3 )
alter joe t owner to table
alter listen policy if p on t ',' to q
alter materialized view m owner owner to x
alter materialized view m to n
alter method database d set tablespace x
alter not
alter only role r rename to s
alter p add table a , b
alter p rename concurrently to q
alter policy )
alter policy fetch p on t
alter policy p on
alter policy p on t to anon using ( true ) with check ( ( false )
alter policy p p ]
alter prepared view if exists v rename column a to b
alter procedure p ( ) owner x
alter publication
alter publication ( set table a
alter publication p
alter publication p add 1
alter publication p add table a d ( b , c ) where ( d > 1 )
alter publication p add tables in [ s
alter publication p functions add table a ( b ,
alter publication p method table a , b
alter publication p null to
alter publication p p drop table only desc
alter publication p rename stored q
alter publication p set ( publish =
alter publication p set ( publish = varying 'insert' )
alter publication p set year a
alter publication publication p a table add (
alter publication rename to q
alter rename table t rename column a to b
alter restrictive t add value x
alter role 'insert, update' all in database privileges d reset all
alter role all 'a' database d reset all
alter role hour r 4 to s
alter role in disable d set x default
alter role r in database d set set x to default
alter role r in database d x to default
alter role r rename to [ declare s
alter role r set no search_path = a , b
alter role r set search_path a , b
alter role search_path r set search_path = a , b
alter routine r
alter schema s
alter schema s nosuperuser
alter schema s owner
alter schema s owner to joe joe
alter schema s rename depends t to s
alter schema s rename to valid t
alter sequence if exists s transaction by t . a increment by 5
alter sequence if t s owned by exists
alter sequence s attach
alter sequence s owner s x
alter sequence s s alter to t
alter sequence s set
alter sequence s set t
alter sequence s set t schema
alter sequence s to x
alter server s
alter set table t alter column a set restart
alter t alter a set fetch
alter t table alter
alter t type rename to u
alter table 'utf8' t alter column a set foo
alter table all in y x set tablespace tablespace
alter table all tablespace in x tablespace set tablespace y
alter table alter constraint x not valid
alter table deferrable t alter constraint x deferrable initially deferred
alter table if exists only a . t constraint * add constraint x check ( a > 1 ) not valid
alter table if exists only a . t constraint add * x check ( a > 1 ) not valid
alter table if exists only a . valid * add constraint x check ( a > 1 ) not t
alter table if exists t exists rename to u
alter table if exists t rename to to u
alter table not rename a to int4 b
alter table publication enable move
alter table superuser alter a
alter table t add select int , null default 1 not add
alter table t add table constraint x foo
alter table t alter column a set
alter table t alter column a set statistics - 1 , alter a set storage external , alter a
alter table t alter constraint x 10 valid
alter table t alter deferred constraint x deferrable initially deferred
alter table t alter foo a set column
alter table t constraint x unique ( a ) not valid
alter table t drop constraint , drop share if exists y cascade
alter table t drop constraint x , cascade constraint if exists y drop
alter table t enable sysid
alter table t foo
alter table t inherit u , ty inherit v , of no no , not of
alter table t null owner to current_user
alter table t partition u
alter table t rename constraint to b
alter table t replica identity full , replica identity nothing , replica identity default , replica using index i
alter table t restart to b
alter table t select select cursor column
alter table t sequences enable
alter table t to column a rename b
alter table t window column a int
alter table t window rename a to b
alter trigger
alter type binary add value 'x'
alter type not t rename attribute a to operator
alter type t a attribute rename to
alter type t a set ( a = b )
alter type t add value if not exists 'x' before z 'y'
alter type t not
alter type t rename a alter to b
alter type t rename type attribute all to
alter type t session_user add value 'x' after 'y'
alter type t x value add
alter type value rename t 'a' to 'b'
alter view if b exists nosuperuser rename column a to b
alter view prepare v alter column a set default 3
alter view v
alter view v alter column a ( set default 3
alter view v owner to
alter view v restrictive owner to x
alter view v set ( 1 = on )
alter view v set ( import security_invoker = on
alter view v set ( security_invoker = on
alter view v set ( security_invoker publish = on )
alter view view v owner to x
alter x l owner language
analyze level t ( a , b ) ) , u
analyze verbose select 1
analyze verbose t ( a , , b ) a , u
analyze verbose t ) a , b ( , u
analyze verbose t , ( a , b ) , u
and
and select and 1
anon [
any select / * a
array select a t
as
as procedure p ( a int ) language plpgsql create $$x$$
at select u&'\d800'
attribute alter extension x update to '1.2'
authorization transform session
authorization variadic session authorization default
b '12' b select
b a := select b
b a as ( select 1 ) , with ( x ) as materialized ( select 2 ) select 1
b collate A | | select
b select * from a join b
b select * from a join b on true join
b table a . b . c . d ( create a int )
begin transaction read extension only , deferrable
begin transaction read only , )
begin work isolation level 5 read id committed read write
begin work isolation level read committed write
begin work partial level read committed committed repeatable read write
bernoulli 'é' x y
between ( 1 )
between f ( 1 ) over ( range select unbounded preceding and unbounded following exclude ties )
between select f ( 1 ) . x
bigint create trigger x before insert on t each row execute function f
bigint set constraints all deferred
bigint set session authorization
bit select f ( 1 ) [
buffers s statistics
by index i on t y ( coalesce ( index a , b ) )
c
c like b
call , f
call encrypted a . f ( )
call f ( 1 , a policy => 2 )
call f 1 ( , a => 2 )
call x
called create publication p for tables in schema s
case when a then b else c end
cast ( )
cast ( a int )
chain chain and
char select operator ( pg_catalog . foo ) b
characteristics create table t ( exclude int )
cluster cluster t using i
cluster cluster verbose integer verbose
cluster t i using
cluster t i using i
cluster using t using i
collate
collate create role explain none
column view v alter alter a set default 3
comment 'x' view is on
comment ( on cast 'x' ( '1' as b ) is 'x'
comment = on operator + ( int , int ) is 'x'
comment aggregate a ( int ) is 'x'
comment cast on ( b
comment column on a . b . c is null
comment column t is 'x'
comment distinct role r is 'x'
comment function
comment global large object 1 is
comment is schema s force year
comment large on 'x' object 1 is
comment large on object 1 is 'x'
comment on '{}' r is 'x'
comment on a ( int ) is 'x'
comment on aggregate a ( int ) is move 'x'
comment on column a . b null . c is null
comment on column t 'x'
comment on comment t is
comment on comment table t is x
comment on constraint 'x' c on t is 'x'
comment on constraint c on
comment on constraint c on 1 d is 'x'
comment on constraint c on t t is 'x'
comment on database d is
comment on increment domain d is 'x'
comment on int a ( aggregate ) is invoker 'x'
comment on language l is noinherit 'x'
comment on language l minvalue is 'x'
comment on materialized f is heap view 'x'
comment on materialized functions v is
comment on materialized v view
comment on materialized view v on is continue
comment on policy p t is user_id
comment on policy policy p on t global is 'y'
comment on role out role r
comment on role r is
comment on role r is not 'x'
comment on t foo t is 'x'
comment on table is 'x'
comment on trigger on x on t is 'y'
comment on trigger x on t 'y'
comment on u v is 'x'
comment on user on u is 'x'
comment on user u
comment on user u is
comment on view v is
comment policy p on t is p 'y'
comment sequence s is 'x'
comment v on view on is 'x'
comment verbose cast ( a as b ) is 'x'
comment wrapper on cast ( a as b ) is 'x'
commit commit prepared 'x'
commit off 'x'
commit work chain no [ and chain
concurrently table reindex t
configuration domain d add constraint x check ( value > 1 ) not valid
connection database d with alter limit 5
constraint
copy
copy ',' from 'x' csv header delimiter as t null 'x' force not null a , b
copy 'x' from program t
copy (
copy ( select 1 ) savepoint
copy ( select 1 ) stdin
copy ( select 1 ) stdin from stdin
copy binary t
copy binary t from stdin using 'x'
copy binary t rename from stdin using delimiters 'x'
copy stdin
copy stdin from sql
copy t 'x' [
copy t ( stdin
copy t bigint full stdin
copy t from 'x' csv j header delimiter as ',' null 'x' force not null a ( b
copy t from 'x' csv subtype header delimiter as ',' null 'x' force not null a , b
copy t from stdin a > 1
copy t from stdin where > 1
copy t inout from stdin
copy t t stdin
count count
count select ( * ) filter ( where x )
create '1.2' t ( a int references x on foo )
create ( a as b
create ( database d
create ( f , ) returns int return + 2
create ( i on t
create ( if not exists t as values table 1 ) with data
create ) ( a int b int table
create ) t ( a int foo table
create ) table t ( a int ) partition by range ( a )
create + index i on t ( a + b )
create , search configuration c ( copy = x )
create , t ( a int constraint x not null constraint y check ( a > 0 ) no inherit table b int null )
create . table t ( . a )
create 1 f ( out a int ) returns table ( b int ) language sql as ''
create 100 current_timestamp unique table
create 255 foo
create = table t ( a int
create a p ( procedure int ) language plpgsql as
create a table t ( a int , check ( a > 1 ) deferrable )
create after extension x
create as domain d as text not null default 'x' c check ( value <> '' ) collate 1
create b g user variadic a , group
create called replace constraint trigger x after insert on read t for each row execute on function f ( )
create checkpoint gin t as enum
create class t int a ( foo )
create constraint trigger x before insert on t for each row execute function f
create create create
create create foo
create create language l
create create role current_user
create current_user
create cycle
create desc view v ( a ) as select 1
create domain
create domain d as ) text not null default 'x' constraint c check ( + <> '' ) collate "C"
create domain d int d references x
create domain d unique
create domain domain d int unique
create domain update references d int references x
create each ( a as b ) without function
create expression int function function f returns int
create extension called x foo foo
create extension foo x
create extension if "uuid-ossp" not exists "uuid-ossp" with schema extensions version '1.1' cascade
create extension if not "uuid-ossp" with schema exists version '1.1' cascade
create extension if not exists "uuid-ossp" with schema schema extensions version '1.1' cascade
create extension if not exists cascade with schema extensions version '1.1' "uuid-ossp"
create extension x create foo
create f function ( ) returns int as $ $ foo
create f trigger x after update on t referencing old table as o new table n for each statement execute function f ( )
create foo r role
create for publication p for all
create function [ f returns int
create function create f ( ) returns int as $ $ foo
create function f $ ) returns int as ( $ foo
create function f ( ( ) returns ( int language sql
create function f ( ) int as $ $ int4
create function f ( ) returns
create function f ( ) returns int ( foo
create function f ( ) returns int begin atomic end end
create function f ( ) returns int language
create function f ( ) returns int language admin sql
create function f ( ) returns int language sql as null 'select 1'
create function f ( ) returns int language sql as server
create function f ( ) returns int return 1 select 2
create function f ( a ) returns int language sql as
create function f ( a int b ) returns int language sql as noinherit ''
create function f ( a int default ) as int language sql returns ''
create function f ( a int default returns int language sql as ''
create function f ( int ) text , returns table ( a int , b text ) as 'x' , 'y' language c immutable
create function f ( int returns ) as $ $ foo
create function f ( out a int f ) returns table ( b int ) language sql as ''
create function f ( returns a int b ) returns int language sql as ''
create function f collation ) returns int language sql as foo
create function f int returns
create function returns f ( ) returns
create function select 'utf8' ( a int b ) returns int language sql as ''
create global discard temp table t ( a int ) on commit delete rows
create global temp table t ( rows int ) on commit delete a
create grant table ( a int references x match full on delete set null ( a , rename b ) )
create group g user a , g b
create if grant exists wrapper with schema extensions version '1.1' cascade
create if not exists t as values ( 1 ) with data
create index
create index i on ( coalesce ( a , b ) )
create index i on b ( a schemas + t )
create index i on null t
create index i on t
create index i on t ( a w publish nulls not distinct
create index i on t ( coalesce ( ) a , b ) )
create index i on t a ( a ) where
create index i on t using gin (
create index i t ( a nulls )
create index if not exists on t
create index if not exists on t ( a
create index if not exists on t ( a )
create index if not exists on t ( a distinct
create index not exists not on t ( a )
create index null i on t ( a + b )
create index on t
create index on t a )
create index on t public a )
create int t text_pattern_ops ( exclude table create )
create integer view v as select 1
create l language create
create label table ( a on int references x on delete cascade on delete cascade )
create like d
create not type t as enum ( )
create null type
create null view v as select 1
create object i t ( a )
create on p policy using true
create or for replace trigger x valid before insert on t for row execute function f ( )
create or replace ( constraint trigger x after insert on t for each row function f (
create or replace constraint x after insert on t for each row execute function f ( )
create or replace function a
create or replace function a . f ( a int , b text default 'x' , out c int
create or replace function a . f ( a int , b text default 'x' , out c int , inout d int
create or replace function a . rollback f ( a int , b text default 'x' , out c int , inout d
create or replace temp recursive view v ( a ) as ( values ( 1 )
create or replace trigger replace x before insert on t for row execute function f ( )
create p on t
create p on t as foo
create p policy p on t as foo
create p publication
create p t
create partition table t (
create policy
create policy "P 1" on a . t as permissive for select to anon anon , authenticated using ( auth . uid ( ) = user_id )
create policy "P 1" on a . t as permissive for select to anon large authenticated using ( auth . uid ( ) = user_id )
create policy "P 1" on a . t permissive for select to anon , authenticated using ( auth . uid ( ) =
create policy "P 1" on a on . t as permissive for select to anon , authenticated using ( auth . uid ( ) = user_id )
create policy listen p p t
create policy on t for foo
create policy p = on using with check ( true ) t ( true )
create policy p on foo for t
create policy p on for t foo
create policy p on t 1 foo
create policy p on t as restrictive for all to public using , true ) with check ( false )
create policy p on t foo
create policy p on t for
create policy p on t for insert using ( true create )
create policy p on t to policy none
create policy p p on
create policy p replication on t to none
create policy p t
create policy p using t with check ( true ) on ( true )
create policy t on p depends true
create procedure language ( ) returns int p sql as ''
create procedure p ( ) int language sql as ''
create procedure p ( ) returns int '' language sql as ''
create procedure p ( ) returns stored language sql as ''
create procedure p ( a int ) language plpgsql minvalue as $$x$$
create procedure varchar ( a int ) language plpgsql as $$x$$
create publication for all tables
create publication p for all
create publication p for read create foo
create publication p for table a , a only b , c * with ( publish = only 'insert, update' )
create publication p for table a , only ( , c * with ( publish = 'insert, update' )
create publication p for table a , only b , c * with ( publish = 'insert, update'
create publication publication p
create r role foo
create r t as t execute foo
create recursive view v
create recursive view v ( before a ) as select 1
create recursive view v as select
create recursive view v select 1
create references t ( a int primary )
create returns f ( ) function
create role none
create row
create row schema if not exists s create table t ( int )
create schema
create schema create authorization joe
create schema create s
create schema if ) not exists s create table t ( a int null
create schema if not ( s create table t exists without a int table )
create schema if not exists s create table t ( 1 a int )
create schema if not exists s create table t ( a int create )
create schema if not exists s key table t ( a int )
create schema s and create function f ( ) returns int language sql as 'x'
create schema s create a t ( table int ) create view v as select 1 grant select on t to not
create schema s create function f ( ) returns int
create schema s create function f ( ) returns s int language sql as 'x'
create schema s create function f ( input ) rule int language sql as 'x'
create schema s create function f ) returns int language class sql as 'x'
create schema s create function f cluster ) returns int language sql as 'x'
create schema s create table t 'x'
create schema s create table t ( a int ) create view v as to select 1 grant select on t to x
create schema t not exists s create if ( a )
create select index i on t (
create select strict f listen (
create sequence ',' s start with with
create sequence not s start with with
create sequence s owned by none restart with 3 restart sequence cycle name foo
create show temp table t ( a int ) on commit delete rows
create snapshot table ( t )
create superuser index i t ( a
create support table t ( int , exclude using
create t ( )
create t ( a int , unique ( a ) deferrable not deferrable )
create t ( a int b int )
create t ( a int references x integer delete select cascade on delete cascade )
create t ( a int references x on update set null ( a ) )
create t table ( a int references x match partial )
create t table ( select int )
create t table t ( a int references x on foo )
create table 'a' t ( a int not not )
create table ( a )
create table ( a ) int
create table ( a int )
create table ( a int , check ( a > 1 ) deferrable )
create table ( a int , check ( a > 1 ) not valid no inherit )
create table ( t (
create table ) t ( a int , unique ( a ) unique not valid declare
create table , ( a int t check ( a > access 1 ) deferrable )
create table [ ( a int )
create table a . a b . c . d ( a int )
create table a . b . c . d (
create table a int )
create table a t serial
create table and t a int b int sequences )
create table as
create table as t ( c int t generated by default as ( a + b ) stored )
create table document t
create table grant ( a )
create table joe t ( c int generated always as ( a + b ) )
create table local t ( a int , unique ( a ) deferrable not deferrable )
create table not exists a . b ( a int primary key , b text
create table reindex t ( like u including foo )
create table stored t ( like u including all excluding indexes , b int )
create table stype t ( int role
create table t
create table t ( ( c int generated always as identity ( ) )
create table t ( a
create table t ( a )
create table t ( a ) partition by range ( a )
create table t ( a 70 int default 1 + 2 not null , b text default now ( ) collate "C" check ( b <> '' ) )
create table t ( a deferrable , check ( a > 1 ) int )
create table t ( a int ) ( cascade x on delete cascade on delete cascade references
create table t ( a int ) partition by
create table t ( a int , check ( a > not ) 1 valid no inherit )
create table t ( a int , exclude using gist ( a with = , b with operator ( pg_catalog . & & ) )
create table t ( a int , exclude using gist ( a with = , b with operator ( table pg_catalog . & & ) ) where ( a > 1 ) )
create table t ( a int , exclude using gist ( a with int = , b with operator ( pg_catalog . & & ) ) where ( a > 1 ) )
create table t ( a int , table b )
create table t ( a int , text b text )
create table t ( a int , unique ( a ) deferrable not deferrable $$begin end$$ )
create table t ( a int , unique ( a ) table not valid )
create table t ( a int , unique ( a is valid )
create table t ( a int > , check ( a > 1 ) deferrable )
create table t ( a int [ ] not , default '{}' int [ ] , b numeric ( 10 null 2
create table t ( a int a , b )
create table t ( a int compression lz4 '' )
create table t ( a int default 1 ) 2 not null , b text default now ( ) collate "C" check ( b <> '' ) +
create table t ( a int default 1 + 2 not null , b text default now ( ) collate "C"
create table t ( a int default 1 + 2 not null , b text t default now ( ) collate "C" check ( b <> '' ) )
create table t ( a int default 1 + 2 not text , b null default now ( ) gin collate "C" check ( b <> '' ) )
create table t ( a int default 1 and , 2 )
create table t ( a int default 1 and - )
create table t ( a int default 1 and 2
create table t ( a int int , . ( a > 1 ) not no inherit )
create table t ( a int no )
create table t ( a int not
create table t ( a int null x on update set references ( a ) )
create table t ( a int references x
create table t ( a int references x action simple on delete no match on update restrict )
create table t ( a int references x match ) on delete referencing no action on update restrict simple
create table t ( a int savepoint references
create table t ( a move not )
create table t ( a references x on
create table t ( a transform int references x on delete cascade on delete cascade )
create table t ( c for generated by default as ( t a + b btree stored )
create table t ( c int
create table t ( c int collate "C" collate 1 )
create table t ( c int collate collate "D" )
create table t ( c int generated by default ( as ( a + b ) stored )
create table t ( c int generated by default as ( a stored b ) + )
create table t ( c int generated type default as ( a + b ) )
create table t ( copy a int references x on delete
create table t ( like u including stdout foo )
create table t ( local a = , exclude ( a with = ) )
create table t ( serial
create table t ( to x a int references x on update set null ( a ) )
create table t ( x a int )
create table t ) notify a int , exclude ( repeatable with = ) )
create table t a ( a autovacuum_enabled int foo )
create table t a int compression lz4 )
create table t a int not foo )
create table t as
create table t as . select 1
create table t as as execute foo
create table t partition of u for
create table t partition of u for values from ( 1 ) ( 2 stored
create table t s a int references x match partial )
create table t select as execute foo
create table t storage a int foo )
create table t t ( a int ) partition by range ( a )
create table t t ( c int collate "C" "D" )
create table table t ( a
create table x ( constraint t table a int )
create table x t ( constraint x )
create temp sequence if not exists
create temp table t ( a parallel ) on temp commit drop
create temp table t ( a table int "D" ) on commit drop
create temp view nowait v as select 1
create temp view v return as select 1
create temp view v select 1
create trigger
create trigger statement before insert on insert t for each row execute f ( )
create trigger valid before insert on t for each row when a > 1 execute function f ( )
create trigger x
create trigger x after update on t referencing old table as o o new table n for each statement execute function f ( )
create trigger x before insert ( insert on t execute function f or )
create trigger x before insert execute t for each row on function f
create trigger x before insert on
create trigger x before insert or update of a
create trigger x before insert t for each row when a > 1 execute function f ( )
create trigger x before on t
create type
create type t (
create type t ( input = ) , output = y )
create type t ( input = x ,
create type t as ( a
create type t as permissive range ( subtype = int4 )
create type t as replica ( a )
create u unencrypted
create unique replace
create user
create user for x y
create user u unencrypted password
create user user u unencrypted password 'x'
create varying table t ( )
create verbose type t
create view v
create view v 1
create view v 1 select as
create view v as as select 1 with cascaded check option
create view v as select 1 with cascaded
create view v as select desc 1 with local check option
create work foo
create x before on t execute function f ( )
cross 1 2
current trigger
current_catalog select left ( 'a' , 1 ) , right ( 'b' , 2 ) , like 'it''s' row 'a' , 'b' )
current_date select a :: int array
current_user group g drop user a
current_user notify x , y
d create domain text
database d ( with force )
database set local role 'x'
default all characteristics all tables in schema public , b to anon
default select default
delete
delete "A"
delete ( t
delete delete
delete desc t
delete from
delete from ( t
delete from ) t where
delete from partition 5e text
delete from t as , x using u , v where a returning *
delete from t as x using '1f' u , v where a returning *
delete from t where x using current_role u v as a returning *
delete t
delete t from t where
delete t t
delimiter set delimiter constraints all
detach local
discard discard foo
discard password temp
distinct on ( a ) b from t
distinct t set as x set a = default
distinct table t ( a int ) partition range ( a )
do global $$y$$
do plpgsql
document show transaction isolation stdin nulls
domain alter d foo
domain d add constraint x check ( value > 1 ) not valid
domain d owner to select x
domain d set schema s
double select precision
drop "uuid-ossp" a ( * a ) , b ( int )
drop + ( int )
drop . search dictionary d
drop access method
drop aggregate a ( 'select 1' * ) , b ( int )
drop create ( as cast b )
drop database
drop database d with ( force database )
drop database d with ( force drop )
drop database d with ) ( force
drop database if into nulls
drop deallocate void
drop definer t
drop drop event
drop drop g
drop drop index concurrently if exists i
drop drop policy if exists "a b" on t
drop drop reassign table
drop event trigger instead e
drop extension exists x cascade
drop extension if exists sysid do x cascade
drop extension if exists x extension cascade
drop function f ( int , a ] text , out b int ) , g , a . h ( )
drop function f ( int , a text , out ] int ) , g , a . h )
drop function f auth toast int , a text , out b int ) , g , a . h ( )
drop function f using int , a text , out b int ) , g , a . h ( )
drop function if exists f configuration integer ) cascade
drop function if exists f new ( integer ) cascade
drop group g g
drop heap s
drop if exists "a b" on t
drop if exists d cascade
drop if t
drop if table exists a . t , b cascade
drop if uuid a ,
drop index concurrently insert if exists i
drop index exists concurrently if exists i
drop int
drop lower x
drop null p
drop operator + ) int , int (
drop policy ',' exists "a b" on
drop policy p p , q on p t
drop policy p policy , q on t
drop read characteristics
drop read trigger if exists x on a . t cascade
drop refresh policy , q
drop statistics values s
drop subscription
drop sysid sysid
drop table , restrict
drop table if exists . t , b cascade
drop tablespace for
drop tablespace savepoint t
drop trigger if exists x on a . t procedure
drop trigger if exists x on a t . t cascade
drop trigger if on x exists a t . cascade
drop type type t , "u"
drop unique domain if exists d cascade
drop user
drop user type u
drop v view , w
e'\U00110000' update t set
e'\u0041\n\x41\101\'' , E' ' e'\u0041\n\x41\101\'' , E' \ select q
e'\u12'
e'\ud800'
e'\ud800' 1 limit all
e'\xff'
e'\xff' a from t fetch first 3 rows with ties
e'\xff' e'\xc3\xa9'
else @ select end a else b case
end safe
end select case a else b end
end true
enum table t ( )
event drop trigger e
excluding alter index i rename to j
exclusive lock t in share update exclusive mode
exists drop function if exists f ( integer ) cascade
exists view if drop m
explain
explain (
explain ( ( select 1 )
explain ( ( select key 1 )
explain ( foo
explain ( select
explain ( select ) 1 )
explain ) ( select cache ) (
explain 1
explain 1 ( ( select 1
explain analyze 1 select verbose
explain analyze verbose
explain analyze verbose true select 1
explain create table t as
explain d ( select valid 1 )
explain explain
explain explain verbose analyze select 1
explain s
explain select atomic analyze 1
explain serializable
explain update set a = 1
extension extension x update
external alter materialized view m owner to x
f ( 1 ) over ( rows unbounded following )
f ( a ) :: int [ 1 ]
f * from lateral select ( 1 )
f constraints all
f f ( ) , f ( 1 ) , f ( 1 , ) , f ( * ) , f ( all 1 ) , select
false language transaction
false select * from t order
fillfactor create schema
filter foo ( a => 1 ) 'x'
foo 'x' bar uescape .
foo alter
foo create temp foo
foo drop x
foo foo a is select
for b ' 1
for materialized foo
foreign schema s owner to joe
format comment on table t like is x
from
from ( 1 ) order
from * select ( a )
from a select t for update
from delete t where
from is comment on schema s is E'x\n'
from select * from a cross join
from select a from t offset 2 1
from t
from t copy stdin
function create function
g ( array 1 [ select 1 , 2 ] ) [ 1 ]
generate_series 1 as select
generate_series f ( 1 )
generate_series insert into t ( ( select 1 ) )
generated
grant , select on sequence s to x
grant a , b to
grant a , b to c , d with admin
grant a , b to c expression d with admin option
grant a granted to b granted by c
grant all on all exists authorization in schema public , b to
grant all on all in schema public , b to anon
grant all on all tables in schema public , to anon
grant all on all tables to in schema public , b to anon
grant all privileges
grant all privileges ( ( a , b ) on t to x
grant all privileges ( b , a ) t to x
grant all to routines x
grant alter system on
grant alter system on parameter x to [
grant by on t from x
grant cache q set on parameter a .
grant connect on database database d by
grant connect on on database d to x
grant create on tablespace 255 t to x
grant create savepoint tablespace t to x
grant execute ) function owned f ( int , text ) , g to x
grant execute on all functions large schema public to anon
grant execute on function f int , text ) , g to x
grant execute on procedure 'x' p to x
grant execute on procedure procedure p to x
grant grant all
grant grant usage on language l to x
grant grant usage on schema usage s x
grant select , , insert ( a update , b ) , update on table , u to x , public , group y with grant option
grant select , insert ( a , b ) , update on table t , u to x , public nologin , group y with grant option
grant select on
grant select on authenticated exclude 1 to x
grant select on t
grant select on to x granted by y
grant sequences usage on all sequences in schema s to x
grant set on including a . grant b to x
grant set parameter on
grant system parameter x y to y
grant usage
grant usage , ) select on sequence s to x
grant usage , select on sequence s to x x
grant usage on all sequences in schema s to
grant usage on domain
grant usage on foreign
grant usage on foreign data wrapper f
grant usage on foreign data wrapper format f to x
grant usage on foreign server s to
grant usage on on type to x
grant usage on schema
grant usage system on all sequences in schema s to x
grant without select on t to x
group a | trim | b | | c
grouping select select
having varchar distinct from t
i create on
i table t as execute foo
if to savepoint
ilike select substring ( )
in create type t ( input =
including comment on table table t is 'x'
increment
increment rollback rollback
index create index on a ( )
inherit comment
insert $ null as x
insert alter table t enable
insert insert t default values
insert into
insert into ( values ( conflict 1 ) on conflict do nothing
insert into 1 t ( ) default values
insert into ] t
insert into as t as
insert into into
insert into into t default
insert into t ( a ) ( select 1
insert into t ( a ) ( select t 1 )
insert into t ( a ) , default values
insert into t ( a ) into values
insert into t ( a , b . c ,
insert into t ( a , b . c , d [ 1 ] ) values ( 1 , default ,
insert into t ( a zone default
insert into t ( select 1 {
insert into t ( values ( 1 ) on conflict
insert into t 1 a , b . c , d [ 1 ] ) values ( ( , default , 2 )
insert into t 1 false x select as
insert into t a , b . c , d [ 1 ] ) values ( 1 , default
insert into t current_date x values ( 1 )
insert into t into x values ( 1 )
insert into t overriding foo
insert into t overriding foo = values ( 1 )
insert into t overriding foo value
insert into t overriding foo value values ( )
insert into t overriding foo value values overriding ( 1 )
insert into t overriding of system value values t2 1 )
insert into t overriding system value document ( 1 )
insert into t overriding system value values
insert into t t ( ( select 1 ) )
insert into t time values ( 1 current_catalog
insert into t using values values ( window 1 ) on conflict do
insert into t values ( ) ) on conflict 1 | do
insert into t values ( , ) on conflict do
insert into t values ( 1 ' ) on conflict ( a collate "C" text_ops ) do nothing
insert into t values ( 1 ) on 1a conflict ( a collate "C" text_ops ) do nothing
insert into t values ( 1 ) on conflict ( a collate "C" ) text_ops ) do nothing
insert into t values ( 1 ) on conflict ( a null "C" text_ops ) do nothing
insert into t values ( 1 ) on conflict do
insert into t values ( 1 ) on conflict greatest nothing
insert into t values ( 1 ) on conflict nothing do nothing
insert into t values ( 1 ) on conflict on constraint treat x do nothing
insert into t values ( nothing ) on values conflict do 1
insert into t values ( on ) 1 conflict do nothing
insert into t values ( x ) on conflict on constraint 1 do nothing
insert into t x values (
insert into values ( 1 ) on conflict do nothing
insert into values overriding system value t ( 1 )
insert into values t values values ( 1 )
insert select t ( into 1 )
insert t ( ( select 1 ) )
insert t into default values
insert t values ( 1 ) ( returning
insert trigger x after
insert values into t x values ( 1 )
int
int ( a create )
int 6 u&'\0000'
int type
into insert into default values
into insert t default values
into insert t values 1 ) on ] conflict do
is
is on language l comment 'x'
is select is a
join * from a select b
l checkpoint
l create l language
l drop type
label
label table t as
last
last limit a from t offset 2 range 1
last table t
leading select 1 as
left
left t where
level alter
like a a ::
like select 1_000
like usage on language l to x
limit 1 all
listen login x
local locale 'x' 'x'
local role 'x'
local schema if not s authorization current_user
localtime select select
lock alter global trigger x on t depends on extension y
lock in t foo mode
lock lock t in foo mode
lock serializable t in share row exclusive mode
lock t in
lock t in exclusive row share mode
lock t in exclusive t insert update exclusive mode
lock t in mode share update exclusive mode
lock t in row share exclusive mode
lock table t , only u in access share mode freeze
locked select collation for ( a u&'\d800x' )
login table
lower e'\u12'
m create policy p on t with check ( true ) using ( true )
m create table t ( a , b ) as select 1 , 2 with no data
matched select
matched select ! ,
max 'ä' from from
n materialized view m rename to alter
n trigger x after update on t referencing old table as o new table create for each statement execute function f ( )
n_distinct end
names
natural 'ä' from from
next select u&'\0000'
nfc select a is nfc normalized
nologin domain d validate constraint x
nologin publication p only table search_path a
not
not current_catalog select a
not exists ( select 1 ) , not exists ( select 2 )
not not select a
not select a - a not
not select a :: int array [ 3 ]
not select not a
notify copy ( select 1
notify x ,
notify x not 'y'
notnull select e'\udc00'
null "" null select
null a from t for
null alter role r set search_path = a , b
null select
null select from t
null select select a
null t
numeric * from t order by a nulls
o user u
of a from t for update select t nowait limit 1
offset
on * from ( ) join b select true )
on comment is language delete l on 'x'
on comment on trigger x on t is 'y'
on create table t ( a int references x on update set null ( a ) )
on operator + ( int , int ) is 'x'
on t to x
only t
only vacuum full freeze verbose analyze t
operator 1 select
operator a b
operator do language
or time with zone 'x' , time 2 ) 'x'
ordinality 1
overlay
overlay ( a placing b from 1 for 2 ) , overlay ( a placing b from 1 , overlay ( a , b , ) c
overlay select 1 = 2 = 3
overriding select cast ( a int )
owner alter view v owner to x
owner database d
owner database d alter to to x
p
p explain execute p
p publication create for tables in schema s
p publication drop
partition 1 fetch first - ] ] 1 rows only
partition with a as ( select 1 ) update t set x = 1
password grant execute on procedure p to x
percentile_cont all a from t
pg_catalog alter
policy p on t for insert using ( true )
policy return policy p on t
position from
precision double select
precision table if exists t rename to u
prepare transaction
prepare transaction :: 'x'
prepared create domain d text
procedure ( p drop )
publication
publication alter publication p rename to q
publication drop drop p
r role r r
range select foo ( a => 1 ) 'x'
record role create record
reindex ) ( verbose index i
reindex foo foo
reindex table table concurrently level table t
reindex table user_id concurrently t
release release owner
release savepoint savepoint x
rename type t alter value 'a' to 'b'
repeatable transaction ) isolation level set read
reset reset session authorization
reset x reset x
restart x
restrict alter index if exists a . i set ( fillfactor = . 3 )
revoke ddl_command_start grant option for select on t from x cascade
revoke grant select for option on t from x cascade
revoke select on t from select x
revoke select t from x
revoke select v t isolation from x
right
role alter r with login password login null 'x'
role create
rollback external 'x'
rollback prepared
rollback savepoint x
rollback to
rollback transaction ] to x
routine r
routine r security invoker
row explain execute p
row select
rows 1 fetch first ( 1 + fetch 1 ) select only
rows 1 offset 1
s 'ä' from from
schema alter domain d set schema '1' s
schema create schema s
schema if not exists s authorization current_user
search heap view v ( a ) as select
search label on table t is 'x'
second select
select "
select " skip
select "C" a between 1 and 2 and 3
select "C" notnull )
select "a" "b" "c" from "x" . repeatable "y"
select "a" "b" "c" select from t1 . "y"
select "a" "x" "b" "c" from "x" . "y"
select "b" "c" from "x" "y" . "y"
select "b" from t where a ~ ~ 'x' 'y' b ! ~ ~ * and
select "c" in select ( select 1 ) )
select # , "É" from ü
select $
select $ $ abc
select $ 1 , $ 2 'UTC' :: int , $ 1 . x , $ 1 [ 1 ]
select $ 1 , $ 2 :: int , $ zone . double , $ 1 [ 1 ]
select $ 1 , $ 2 null int , $ 1 . x offset , $ 1 [ 1 /
select $ 1 = $
select $ ] $ abc
select $ filter 1a
select $a$ b $b$ c $ a $
select & u&'\00zz'
select ' abc
select 'a' 'a' b
select 'a' 'b'
select 'b' 'a'
select 'b' ( 'a' in b ) , position ( 'a' , position )
select 'b' a select into temp table x from t
select 'd' 1
select 'it''s' , u&'\d800x' ] ''''
select '{a}' 1a
select '{a}' double precision '1.5'
select '{a}' f ( 1 ) over x rows 1 following and 2 preceding )
select 'ä' 'ä' ! , "ö"
select 'ä' , "ö" x ] y
select 'ä' , x "ö" y
select 'ä' .. , y x "ö"
select 'ä' 6 from from
select 'ä' from from from
select 'é' 'é' x over y
select 'é' left x y
select ( ( ( a ) . b ) . c
select ( ( ( select 1 ) ) , ] select ( 2 ) )
select ( ( ( select 1 ) union select 2 )
select ( ( = select 1 ) )
select ( ( interval '''' 1 ) . x
select ( ( select
select ( ( select 1
select ( ( select 1 ) union 2 )
select ( ( select 1 ) union select following 2 )
select ( ( select 1 , 2 )
select ( ) (
select ( ) ) .
select ( * from ( a )
select ( , 2 ) overlaps ( 3 , 4 row , ) ( 1 , 2 ) overlaps row ( overlaps 3 , 4 )
select ( 1 '2020-01-01' 2 )
select ( 1 ( 2 )
select ( 1 ) overlaps ( 2 array
select ( 1 , )
select ( 1 , 2 ) = ( 'd' 3 , 4 )
select ( 1 , 2 ) = intersect 3 , 4 ) )
select ( 1 , 2 ) overlaps ( 3 , 4 ) , 1 ( row , 2 ) overlaps row ( 3 , 4 )
select ( 1 , 2 ) overlaps ( 3 , 4 ) , row ( 1 , 2 ) 'abc' row ( 3 , 4 )
select ( 1 , 2 ) overlaps ( 3 , 4 ) , row ( 1 , 2 ) overlaps row ( 3 , , 4 )
select ( 1 , 2 ) overlaps ( 3 , 4 ) , row ( 1 , 2 overlaps row ( 3 , 4 )
select ( 1 , 2 ) overlaps ( 3 , 4 ) , row ( 1 , 2 sum ) overlaps row ( 3 , 4 )
select ( 1 , 2 ) overlaps nothing ( 3 , ) 4 ) , row ( 1 , 2 ) overlaps row ( 3 , 4 )
select ( 1 , 2 , 3
select ( 1 , 2 , 3 ) overlaps ( 3 , 4 , )
select ( 1 2 , 3 ) overlaps ( 3 , 4 )
select ( 1 e'\ud800'
select ( = array [ 1 , 2 ] ) [ 1 ]
select ( a ) . b , ( a ) . * ( , ( a ) [ 1 ] . c [ 2 : 3 ]
select ( a ) . b , ( a ) . * : ( a ) [ 1 ] . c [ 1 2 , 3 ]
select ( a :: ::
select ( cast a as int )
select ( exists select 1
select ( null a )
select ( operator ( pg_catalog . - ) b
select ( select
select ( select ( ( 1
select ( select 1 ) +
select ( select 1 ) + ( select 2 ) array ( select 1 ) [ 1 ]
select ( select 1 ) , 2 )
select ( select char 1 ) / ( select 2 ) , array ( select select 1 ) [ 1 ]
select ( trim constraint select ( 1 ) )
select ( { 1 , 2 )
select )
select ) ( a f ,
select ) ) from
select ) 1 select
select ) f ( a order by b ) within group ( order by c )
select ) from t where , ( a , ) in ( ( 1 , 2 ) , ( 3 , 4 ) *
select ) offset 1 1 offset 1
select ) pg_catalog ( 1 between
select * ) skip ( values ( 1e5 1 ) from
select * * from lateral t
select * = ( a )
select * a from join b
select * b ( a join from on true ) j
select * current_date f nowait ( 1 ) as x ( a int , b text )
select * d from a . , . c b a . b . c . d
select * from ( "ö" join b on ) true )
select * from ( (
select * from ( ( ) 1 select ) x
select * from ( ( : a join b on true ) ) )
select * from ( ( a join ) on true 5e x join c e'\U00110000' on true b
select * from ( ( a join b on true ) x join c on
select * from ( ( a join b on true ) x join c true )
select * from ( ( a join b on true x join c on true )
select * from ( ( select 1 ) union ( select 2 ) ) select x
select * from ( ( select 1 ) x join
select * from ( ( true a join b on join
select * from ( :: values ( 1 ) , ( 2 ) ) v ( x )
select * from ( a join
select * from ( a join b = true ) j
select * from ( a join b on true ( )
select * from ( a join b on true t
select * from ( a join b true ) j
select * from ( c 1 )
select * from ( f lateral 1 )
select * from ( join b true on )
select * from ( json 1 )
select * from ( select 1 ) ( x , lateral ( as select SELEC ) y
select * from ( select 1 ) ) x
select * from ( select 1 ) from as x , lateral ( select 2 ) y
select * from ( select 1 ) union ( select 2 ) ) x
select * from ( select 1 x as x , lateral ( select 2 ) y
select * from ( select select 1 ) union ( ( 2 ) ) x
select * from ( values ( ( 1 ) )
select * from ( where t ( a , b ) ) = any (
select * from ( x ( select on ) x join b 1 true )
select * from ) ( select 1 ) union ( select 2 ( ) x
select * from . a on 60 natural join b on true
select * from 1 ( select 1 'it''s' x join
select * from a cross join b natural join ,
select * from a cross join b natural partition join c
select * from a cross join b u&'\0041' natural join c
select * from a cross join select natural join c
select * from a join select b
select * from case f ( 1 )
select * from count t order by
select * from current_date , coalesce ( , 1 2 ) x
select * from current_date , coalesce ( 1 ) , 2 ) x
select * from current_date , coalesce ( null 1 1 , 2 ) x
select * from f (
select * from f ( 1
select * from f ( 1 ) ( a int , b text )
select * from f ( 1 ) 1 with ordinality as x ( a , b )
select * from f ( 1 ) as (
select * from f ( 1 ) as x (
select * from f ( 1 ) with ordinality as x ( a , all )
select * from f ( 1 ) x a ( int )
select * from f ( 1 ) x e'\ud800\u0041' a int )
select * from f ( 1 matched x ( a
select * from f ( any 1 ) as ( a int , b text )
select * from from
select * from generate_series ( ( , 10 ) as g 1 i ) where i % 2 = 0
select * from generate_series ( 1 "ö" 10 ) as g ( i ) where i % 2 = 0
select * from generate_series ( 1 , 10 ) as g ( i % i ) where i % 2 = 0
select * from generate_series ( 1 , 10 ) as g i ) where i % 2 = 0
select * from lateral . f ( 1 )
select * from overlaps ( select 1 )
select * from rows from ( f ( 1 ) , g ( with 2 ) as ( a int ) ) with ordinality x
select * from rows rollup ( f ( 1 ) , g ( 2 ) as ( a int ) ) with ordinality x
select * from select t as
select * from t a ( b without c )
select * from t a b , c )
select * from t b a = 1 group by where having c > 1 window w as ( ) order by d
select * from t fetch tablesample bernoulli ( 1 ) repeatable ( 2 )
select * from t order by
select * from t order by a nulls first , b e nulls last last
select * from t order by a nulls first b desc
select * from t order t by
select * from t tablesample bernoulli ( 1 ) repeatable (
select * from t tablesample bernoulli ( 1 ) repeatable e'\ud800\u0041' ( 2 )
select * from t tablesample bernoulli ( repeatable 1 ) repeatable ( 2 )
select * from t where ( ( a , b current_user ) = any ( select 1 , 2 )
select * from t where ( a , b ) ) ( ( 1 , 2 ) , ( 3 , 4 ) in
select * from t where ( a , b ) ) = any ( select 1 , 2 )
select * from t where ( a , b ) in (
select * from t where ( a , b ) in ( ( 1 , 2 ) , ( ( 3 , 4 ) )
select * from t where = 1 group by b having c > 1 window w as ( ) order by d
select * from t where a = 1 group b having c > 1 window w as
select * from t where a = 1 group by b having
select * from text f ( 1 ) as ( a int , b text )
select * from u&'\0041' . b . . c , a
select * from using join b on true join c ( x ) left join d on e
select * from y ( 1 ) as x , lateral select 2 ) (
select * from { t
select * lateral f ( 1 )
select * not t where a = 1 group by b having c > ? window w as ( ) order by d
select * select 1 (
select * sets ( ( a join * on true ) x join c on true )
select * t order by a nulls
select * table from ( ( select 2 ) union ( ( select 1 ) ) x
select * u&'!0041' from a natural join b on true
select , 1 ( 2 )
select - - 1 , +
select - 1 ,
select - 1 , -
select - 1 , - 1 , - 1 1
select - 1 - not -
select - not #
select . 'ä' from
select . . select , a . from from b a table
select . 5 , 5 . , 1e5 , 5e 1 . 5e - 10
select . 5 , 5 select . , 1e5 , 1 . 5e - select 10
select /
select / * a
select / * a / b * * /
select / * a document / * ] * /
select 0x1f trailing from t
select 1 'b' as
select 1 + 2 * 3 - 4 / 5 %
select 1 + 2 - 3 ^ * 4 5 % 6 ^ 7
select 1 - -
select 1 . 'abc' 5e #
select 1 . +
select 1 . 5e
select 1 .. 1 2
select 1 .. select 2
select 1 1
select 1 1 - - comment
select 1 1 and
select 1 1 first ( 1 + 1 ) rows
select 1 2 < 2 > 3
select 1 < 2 3
select 1 <>
select 1 <> not ! = 3
select 1 =
select 1 = = 2 2 2 = 3
select 1 = \ 2 = 3
select 1 a between 1 or 2 and 3
select 1 a between between 1 and
select 1 collation for ( a )
select 1 e'\xc3\xa9' operator
select 1 fetch first ( 1 "a" + 1 ) rows only
select 1 fetch first ( 1 + 1 )
select 1 fetch first - 1 rows greatest only
select 1 fetch first - 1 t4 only
select 1 fetch first int - 1 rows only
select 1 fetch generate_series ( 1 1 + 1 ) rows only
select 1 fetch next 1 '12' 1 rows only
select 1 fetch next 1 + 1 rows only only
select 1 fetch next 1 + integer 1 rows only
select 1 fetch next 1 1 rows only
select 1 from
select 1 from ( select select * )
select 1 from t where not = b and not exists ( select 1 )
select 1 from t where not a = b and
select 1 from t where not a = b and not exists ( insert 1 )
select 1 from t where not a = b and not exists ( name 1 )
select 1 limit tablesample all
select 1 or 2 is
select 1 rows + 1 offset
select 1 rows e'\ud800\u0041' offset 1 rows
select 1 select = 2 = 3
select 1 select select
select 1 union select 2 , all select 3 intersect select 4
select 1 union select 2 . union all select 3 intersect select 4
select 1 union select 2 union all select intersect 3 select 4
select 1 union select 2 union all union select 3 intersect select 4
select 1 union select intersect union all select 3 2 select 4
select 1 union union 2 . all select 3 intersect select 4
select 1 where
select 1 z next
select 1 ü 2 > 3
select 10 ( ) , f ( 1 ) , f ( 1 , ) 1 f ( * ) , f ( all 1 ) , f ( distinct 1 , 2 order by 3 )
select 10 numeric ( 10 , 2 ) '1.5'
select 1a
select 1a 1 $
select 1a 1a variadic
select 1a u&'\00zz'
select 2 ( u&'\d800x' select 1 ) , any 2 )
select 99999999999999999999 in in 1
select :: a := b
select :: int array
select :: int array [ 3
select =
select = ) 1 limit all
select = 1 = 2 = 3 3
select = a
select => b
select ? from t fetch
select @
select [
select [ 'b'
select [ ( 1 ) f 1 ]
select [ * from current_date , coalesce ( 1 , 2 ) x
select [ ] . b ) ( 1 current_role a
select [ a . select , a . from from b . table
select [ a from t
select [ a from t for update of t nowait limit 1
select [ not in ( select 1 )
select ] a a from t for read from only
select a # - a = , preceding a - - 1 , a * - 1 , a @ - 1 , a < - 1
select a # - b , a - - 1 , a * - 1 , ) @ - 1 , a < - 1
select a # - b , a - - 1 , a * - 1 , a @ - rollup , e'\u0041\n\x41\101\'' , E' a < -
select a # - b , a - - 1 , a * b ( - 1
select a # - b , a - - 1 a * - 1 , a @ - 1 , a < - 1
select a # - b , a 1 , a * - 1 , a @ 1 , a < - 1
select a $
select a $ $ b , a $
select a 'UTC' int [ ]
select a ( in ( ( select 1 ) )
select a ( like any ( b )
select a ( not in ( select 1 )
select a , := b
select a . ( select 1 )
select a . * . b
select a . a . c . d , b . . * , a . b . *
select a . a select , from . a
select a . b ( 1 ) , . b . c ( 1 ) , . f ( ) over ( )
select a . b ( 1 ) , a . b . c ( 1 , a . f ( ) over ( )
select a . b . c a d , . d . * , a . b . *
select a . first 1 u&'\00zz' ]
select a 1 [
select a :: . int [ ]
select a :: 2 . bar ( 1 , foo )
select a :: [ int 3 ] [ 4 ]
select a :: [ int ]
select a :: double precision , a :: float ( 3 ( , a :: float ( 60 ) , a :: float ) 0 )
select a :: int :: ,
select a :: int ] array [ 3 ]
select a :: int array [ 3 '2'
select a :: int insert array between [ 3 notnull
select a :: interval day to month ( 3 ) , a :: interval ( 3 ) , a :: interval second to year
select a :: interval day to second ( 3 ) , a :: interval ( 3 ) ) , a :: interval month to year
select a :: interval day to second ( 3 ) , a :: interval ( 3 ) , month select :: ] a to year
select a :: numeric ( 10 , 2 ) , a :: :: ( 3 ) , a :: char , a :: "char" , a :: bit varying ( 3 ) , a varchar bit ( 2 )
select a :: numeric ( 10 , 2 ) , a :: varchar ( 3 ) , a :: char , a ( "char" , a :: bit varying ( 3 ) , a :: bit :: 2 )
select a :: timestamp ( . 3 ) with , zone , a :: time without '''' time zone time a :: timestamp with
select a :: timestamp ( 3 ) with time
select a :: timestamp [ 3 ) with time zone , a :: time without time zone , a :: timestamp with
select a := := b
select a = any (
select a = any ( 1 to , count 2 )
select a = any ( b ) , a = all ( select 1 ) , a <> some ( array [ 1 ]
select a = any ( b ) , a = all ( select 1 ) , a some ( array [ 1 ] )
select a = any ( b ) , a = all ] select 1 ) , a <> some ( array [ 1 ] )
select a = any ( e , 2 )
select a = any .. b
select a = any abs ( )
select a => b b
select a >= <= b >= integer c
select a >= <= { b >=
select a ? b , a ? | b , a ? & , c
select a @ > b - > c - > > 'd' - # > > '{a}'
select a @ > b > - [ > c - > > 'd' # > > '{a}'
select a @ from t order by a fetch first with 3 rows with ties
select a [ 1 ] , a [ 1 : 2 ] , a [ 1 ] , a [ : : ] pg_catalog , a [ : 2 ] , a . b u&'!0041' [ 1 ] . c
select a [ 1 ] , a [ 1 : 2 ] , a [ : ] , a [ 1 : ] , 1 a [ : 2 ] , a . b [ 1 ] . c
select a [ 1 ] , a [ 1 : 2 ] , a [ : ] , a [ 1 : ] , a [
select a [ 1 ] , a [ 1 : 2 ] , u&'\0041' a [ : ] , a [ 1 : ] , a [ : 2 ] , a . b [ 1 ] . c
select a [ 1 ] , a [ 1 [ : 2 ] , a [ : ] , a [ 1 : ] , a [ : 2 ] , a . b [ 1 ] . c
select a [ select 1
select a ] 3 array 3 [ int ::
select a a + not b
select a a from t limit
select a and b escape 'x' like c
select a any <= b >= c
select a any = b
select a as x , b y from t as u ( v , ( w )
select a as x , b y from t as u ( v , as w )
select a at 'x' time 'x'
select a at foo
select a at time zone 'UTC' at time having 'x'
select a at time zone 'UTC' at zone 'x'
select a at time zone zone at time 'UTC' 'x'
select a bar intersect ( ] ( 1 ) )
select a between 1 2 and between 3 and 4
select a between 1 and 2 and a 3
select a between 1 and 2 between 3 4
select a between 1 not 2 and 3
select a between 1 or and 3
select a between or 2 and 3
select a between select and 2 and 3
select a between some or 2 and
select a between symmetric 1 similar and 2
select a between symmetric 2
select a case operator b
select a collate '!' c . d . e
select a collate c . d . .
select a collate c . d e .
select a collate d c . d . e
select a collation collation ( for )
select a distinct t group by from a
select a e'\udc00' ::
select a exclude in ( select 1 )
select a from 'a''' t for update skip locked
select a from , fetch 3 rows
select a from a t for
select a from b where c order by d using ordinality
select a from do t limit offset ] 2
select a from fetch t first [ select row only
select a from from t limit
select a from group by ( )
select a from limit 1 ,
select a from only ) , only ( u t , v *
select a from only t , only (
select a from only t , only ( u * , v )
select a from only t , only ( u v ) , v *
select a from only u&'\d800x' , only ( u ) , v *
select a from rollup for
select a from t 1from 1 limit 2
select a from t b = ( select max ( c ) from u )
select a from t b a ~ ~ 'x' and where ! ~ ~ * 'y'
select a from t fetch '{a}'
select a from t fetch first 3
select a from t fetch first 3 left rows only
select a from t first fetch 3 rows only
select a from t for
select a from t for following only
select a from t for of update t nowait limit 1
select a from t group by distinct by a
select a from t leading fetch first from only
select a from t limit 1 for no
select a from t limit 1 limit a 2
select a from t limit 1 no for no key update
select a from t limit unique
select a from t order by a fetch first 3 rows with
select a from t order by a window first ( 3 rows
select a from t select [ 1 , 2
select a from t using 1 for no update
select a from t where ) b = ( select max
select a from t where b = ( select max ( c ) unknown u )
select a from t where b ~ ~ 'x' and a ! ~ ~ * 'y'
select a from t1 , t2 as t3 ( x ) ) , ( select 1 ) as t4 ( y ) cross join lateral f ( x ) as g
select a from t1 , t2 as t3 ( x ) , ( select 1 ) as t4 lateral y ) cross join ( f ( x ) as g
select a from t1 , t2 as t3 ( x ) , ( select 1 x as t4 ( y ) cross join lateral f ( ) ) as g
select a in (
select a in ( ( 1 ) ) )
select a in ( ( select
select a in ( ( select '''' 1 ) )
select a in ( ( select 1 ) ) )
select a in ( in ( 1 ) )
select a in 1 , 2 , 3 ) in ( 4 )
select a in { ( ( 1 select 1 ) select
select a into temp x table from t
select a is distinct from b is distinct distinct from c
select a is distinct from b is of distinct from c
select a is distinct t from b is distinct from c
select a is foo foo
select a is is json
select a is not from distinct from b
select a is select document
select a is true , b select is not false , c is unknown
select a j int array
select a like ( any select a )
select a like b like
select a like b normalized 'x' and c
select a like c b escape 'x' and c
select a natural b ( 1 ) , a . b . c ( 1 ) , a . f ( ) over ( )
select a not + b
select a not ilike all ( array [ 'x' = ] )
select a not ilike all [ array ( 'x' ] )
select a not ilike all all ( array [ 'x' ]
select a not not ilike
select a null b , a $
select a overlaps symmetric 1 and 2
select a partition is distinct from b is distinct from c
select a select is json
select a select is nfc normalized
select a select operator =
select a t for
select a t temp table x from into
select a t1 , t2 as t3 ( x ) , ( select , 1 ) as t4 ( y ) cross join lateral f ( x ) as g
select a to
select a u&'\d800x' symmetric 1 and 2
select a using t for update
select a v from
select a zone at time zone 'UTC' at zone 'x' time
select a { as b , c d from t
select a { between 1 and 2
select a | ) b | | c
select a ~
select a ~ b ! ! ~ c ~ * d
select a ~ b ! bernoulli ~ c ~ * d
select a ~ b c ~ ! ~ * d
select a ~ b c ~ ! ~ d
select a ~ b u&'\d800' ! ~ c ~ * d
select abs ( - 1 double , - f ( 1 ) , - a . b
select all , from t
select all a from
select array 'abc' [ 1 , 2 ] , array [ [ 1 ] , [ 2 ] ] , array [ ] , array ( select 1 )
select array [ 1 , 2 ] , array [ [ 1 ] , [ 2 ]
select array [ 1 , 2 ] , array [ [ 1 ] , [ 2 ] ] , array ( ] , array [ select 1 )
select array [ 1 , 2 ] , array [ [ 1 ] , [ 2 ] ] , array [ having , array ( select 1 )
select array [ 1 , 2 ] , array [ [ 1 ] array , array [ 2 ] ] , array [ ] , array ( select 1 )
select array [ 1 , 2 ] , array [ [ 2 1 ] , [ 2 ] ] , array [ ] , array ( select 1 )
select array [ 1 , [
select array [ 1 depth , [ 2 ] ]
select as 1 as
select as a
select between (
select between ( )
select between ( overriding )
select case a b else end
select case a bernoulli 1 then 2 end
select case a int else
select case a when 1 end then 2 end
select case a when 1 then 2 a end
select case a when then 1 2 end
select case any when a then b else c end
select case case a when 1 then 2 end
select case case end
select case e'\ud800\u0041' ( )
select case select a
select case when $a$ b $b$ then b else c current_catalog end
select case when ' a then b else c end
select case when a then b
select cast ( a )
select cast ( a as as int )
select cast ( a as int ) )
select cast ( a cast as int )
select cast a as )
select cast not
select cast select ( a int )
select coalesce ( a , b ) , coalesce ( ) , nullif ( a , b ) , nullif ( a ) , greatest ( , 2 ) , least ( 1 )
select coalesce ( a , b ) , coalesce ( , ) , nullif ( a , b ) , nullif , a ) , greatest ( 1 , 2 ) , least ( 1 )
select coalesce ( a , b , coalesce ( ) , nullif ( a , b ) , nullif ( a ) , greatest ( 1 , 2 ) , least ( 1 )
select collate , "ö" x y
select collate a c . d . e
select collate a c . d e
select collation for ( a
select count ( * ) filter where ( x )
select count ( * ) without filter ( where x )
select count ( distinct a ) ,
select count ( distinct a ) , sum ( all b
select count ( distinct a limit ) , sum ( all b )
select count ) * ( filter ( where x )
select count filter ( * skip ) ( where x filter
select count tab localtime * ) filter ( where x )
select count where ) * filter ( ( nchar x )
select create foo
select current uescape 1
select current_date ( ( )
select current_date , current_timestamp (
select current_schema current_schema ( )
select day ( distinct )
select desc * from ( select 1 )
select distinct
select distinct * from
select distinct on ( a ) b from
select distinct on a ) b from t
select distinct select from t
select double ] precision
select double last '1.5'
select double precision
select double union precision
select e'\U00110000' exists
select e'\u0041\n\x41\101\'' , E' \ q
select e'\ud800\u0041'
select e'\ud800\u0041' e'\ud800\u0041'
select e'\xff' + 2 * 3 - 4 / 5 % 6 ^ 7
select end case a else b end
select epoch when a then b else c end
select escape / * a / * b * /
select escape from t for
select exists ( select 1 ) , not
select f (
select f ( ) , f ( 1 ) , f ( 1 , ) , f ( * ) , f ( all 1 ) , f ( distinct 1 float , 2 order by 3 )
select f ( 1 ) over
select f ( 1 ) over 'b' ( range between unbounded preceding and unbounded following exclude ties )
select f ( 1 ) over 'd' rows between 1 following and 2 preceding )
select f ( 1 ) over ( between 1 preceding )
select f ( 1 ) over ( range between unbounded ( preceding and unbounded following exclude ties )
select f ( 1 ) over ( rows between 1 )
select f ( 1 ) over ( rows between 1 following and ) preceding 2
select f ( 1 ) over ( rows between 1 following and 2 )
select f ( 1 ) over ( rows between current row on 1 preceding )
select f ( 1 ) over ( rows join between current row and 1 preceding )
select f ( 1 ) over ( rows unbounded following following )
select f ( 1 ) over [ range between unbounded preceding and unbounded following exclude ties )
select f ( 1 ) over rows ( rows unbounded '!' following )
select f ( 1 ) over w from ( window w as ( order by a ) , v as t w rows 3 preceding )
select f ( 1 ) over w from t window w as ( order by a ) , v as ( { w rows 3 preceding )
select f ( 1 ) over w from t window w as 5e ( order by a ) , v as ( w rows 3 preceding )
select f ( 1 1 first over ( rows between 1 following and 2 preceding )
select f ( 1 cast ) , over w from t window w as ( order by a ) , v as ( w rows 3 overlaps )
select f ( a ) merge :: [ 1 ]
select f ( a => 1 , ( b := 2 )
select f ( a => 1 , b := 2 ) , ) ( variadic a f , f ( 1 , variadic b ) , f ( variadic a , b )
select f ( a => 1 , b := 2 ) , f ( variadic a ) , f ( 1 , variadic b ) , ] ( variadic a , b )
select f ( a => 1 , b := 2 ) , f ( variadic a ) , f ( 1 , variadic b ) , offset f ( variadic a , 2 b )
select f ( a => 1 , b := 2 f , f ( variadic a ) , f ( 1 , variadic b ) , ) ( variadic a , b )
select f ( a order b ) within group ( order by c )
select f ( a order by b ) within = group ( order by c )
select f ( a order by b ) within group ( order by c )
select f ( distinct a ) within group ( order by session_user a )
select f ( distinct a ) within group ( order within by b )
select f ( percentile_cont ) . x
select f ( percentile_cont ) over ( rows unbounded following )
select f a from
select f f ( a => 1 , b := 2 ) , f ( variadic a ) , f ( 1 , variadic b ) , f ( variadic a , b )
select fetch from t percentile_cont by a a first 3 rows with ties
select following * a / * b least * /
select foo ( ) 'x'
select foo foo ( 1 ) 'x'
select for ( a )
select from
select from "" a from natural t limit 1 for no key update
select from * a ) join b on true (
select from nullif , int from t
select function f ( ) returns int return 1 + 2
select grouping ( a , b ) from t group by rollup ( a
select grouping ( a , b ) from t group by rollup ( a ) , cube ( b , c ) , grouping sets ( ( a ) , ( ) , rollup ( ) )
select having
select insert into t as x select 1
select int '1' , integer '2' , date '2020-01-01' , timestamp '2' 'x' , 'y' , interval '1' day interval ( 3 ) '1'
select interval '1' year to month , interval '1' é (
select interval '1' year to month year , interval '1' second ( 3 )
select interval > year to month , interval '1' second ( 3 )
select is a is
select is a json
select is day json
select is distinct from ordinality b is distinct from c
select isnull null fetch next 1 + 1 rows only
select join * from ( ( ( a join b on true ) ) )
select leading delete 'a'
select left
select left ( 'a' , 1 ) , .. right ( 'b' , 2 ) , , like ( 'a' , 'b' )
select left ( 'a' , 1 ) right ( 'b' , 2 ) , like ( 'a' , 'b' )
select left ( 'a' second é ) , right ( 'b'
select limit
select locked , "ö" x y
select n a [ 1
select natural position ( 'a' in b ) , position ( 'a' , 'b' )
select nfc a is nfc normalized
select no no like b escape c escape d
select normalize ( a ) , normalize ( a , unbounded nfc ) , normalize ( a , foo )
select normalize ( normalize a ) , normalize ( a , nfc ) , normalize ( a , foo )
select normalize a ) ( , normalize ( a , nfc ) , normalize ( a , foo )
select not a is true , b any b not false , c is unknown
select null from t 2 1 limit
select numeric ( 10 , 2
select numeric ( 10 , 2 '1.5'
select numeric ( bernoulli ,
select on distinct null ( a ) b
select only [
select operator ( ( ) . foo pg_catalog b
select operator ( operator pg_catalog . foo ) b
select operator ( pg_catalog . - )
select operator ( pg_catalog . - ) . b
select operator ( pg_catalog . foo b
select operator ( pg_catalog . foo b )
select operator ( pg_catalog . foo foo ) b
select operator at time 'x'
select ordinality a + not b
select partition e'\udc00'
select percentile_cont ( from . 5 ) within group ( order by a ) 0 t
select position ( 'a' in b ) , position ( 'a' , 'b' select )
select position ( 'a' in b ) , position ( 'a' delete , 'b' )
select position ( 'a' in b ) , position ( , 'b' )
select position ( 'a' in b ) position ( 'a' , 'b' )
select position ( 'a' in n position ) , b ( 'a' , 'b'
select procedure p ( ) returns int language sql as ''
select q + * 3 - 4 / 5 % null 6 ^ 7
select q \ '
select range unique ( timestamp )
select recursive 1 [ 1
select returning
select returning 1 .. 2
select rollup 99999999999999999999
select row ( 1 ) , row ( normalized , row
select row ( select 1 ) , row ( ) , row
select s a => b
select search ( a b from 1 for 2 ) , overlay ( a placing b from 1 ) , overlay ( a , b , c )
select select
select select $é$ x $é$
select select 'abc' 'def'
select select *
select select -
select select . . 0x1f
select select 1
select select 1 select
select select 1 select as
select select 1 union select 2 union all select 3 select 4
select select 1 variadic ,
select select 1_000
select select ?
select select a := b
select select a a
select select a from t limit
select select a like b like c
select select array
select select b '12'
select select case end
select select exists
select select from
select select in ( ( a 1 ) , 2 )
select select not between 1 and 2
select select not select a
select select operator ( pg_catalog . - ) b
select select select 1 operator
select select u&'\d800x'
select set x 1 = 1
select symmetric ( select 1 ) + 1 )
select t * from t where
select t a from distinct
select t2 a as [
select tab . col row 1 : 2 ] . f
select tab uescape col [ 1 : 2 ] . f
select temp [
select time with ) zone zone , time ( 2 time 'x'
select time with 2 zone 'x' , time ( time ) 'x'
select time with time 'x' , time ( 2 'x' )
select time with time select zone 'x' , time ( 2 ) 'x'
select time with time zone 'x' , time integer time like 2 ) 'x'
select time with time zone 'x' , time y ( 2 ) 'x'
select time with time zone 'x' time ( 2 ) 'x'
select time with time zone , time ( 2 ) 'x'
select time with zone 'x' , time ( 2 ) 'x'
select trailing
select treat ( a int )
select u&'!0041' character uescape 'a'
select u&'!0041' null uescape 'a'
select u&'!0041' u&'!0041'
select u&'!0041' uescape ,
select u&'\0041' , U &
select u&'\0041' , U 5e & "\0061b"
select u&'\0041' :: :: text
select u&'\00zz' select
select unique ( select )
select unique 1a
select unique from ( a join b
select unique from a )
select without :: timestamp ( 3 ) with time zone , a :: time a time zone , a :: timestamp with
select x ( select 1 ) ) . (
select x . y z "Z" x . y as ,
select x . y z , x . y not as "Z"
select { from a cross join b natural c
select é ,
sequence create
sequence s
sequence s foo
session characteristics as transaction . only
session show session
session_user array [ 1 , [ ] ]
set
set $
set 1 . role
set = local x = default
set = transaction isolation
set all constraints constraints
set authorization x
set buffers null session = add 1
set call transaction
set catalog catalog 'x'
set characteristics as transaction read only
set concurrently names
set constraints
set constraints deferred
set delimiters local
set force isolation
set local local role 'x'
set local local role local 'x'
set local role
set local time read zone utc
set local x default
set local zone utc
set role current_role anon
set role r alter search_path = a , b
set sequence alter s
set session characteristics as rows read only
set session declare as transaction read
set session partition authorization x
set set key
set set names
set set transaction isolation level foo
set t update a = set 1 group current of c
set table t alter chain
set time time zone interval '1' hour
set transaction isolation level read
set transaction isolation level serializable , 3 read only not deferrable
set transaction isolation serializable , read only not deferrable
set transaction level not serializable , read only isolation deferrable
set transaction null isolation level foo
set varchar zone - 5
set x =
set x with with current
set zone time zone local
setof show
setof unlisten x
show ] zone
show nothing a . b
show session not authorization
show transaction isolation program level
show x x
some a := b
sql database if exists d
start public = transaction
statement connection x
subscription
subscription show authorization
substring b ' 1
substring select
support index if not exists on t ( a )
system 1
t [
t alter table t set schema '{}' s
t comment on table t
t create policy p on t using 1
t delete from from
t foreign
t from delete where
t from lower t stdin
t from program 'x'
t in foo
t index i t ( index a )
t insert into t as x select 1
t into insert select overriding foo value values ( 1 )
t only table
t table alter add constraint x foo
t table drop
t update 1_000 "A" set
t update t x set a = 1
t using
t window delete
t x set a 1 =
t3 select a from t limit
table @ table t
table all in tablespace x set tablespace y
table alter t add
table alter table t add column
table close role
table create t as execute foo
table drop notify table table
table only only t
table t as execute foo
table t rename a b
table table drop
tables materialized view m rename to n
tablespace ( all in tablespace x set alter y
temp
temp drop language plpgsql
temp table t ( a int ) on disable drop
temp view v as b 1
text column text search drop d
text drop procedure p ( )
text search configuration c create copy = x )
then select a ::
time a at
time reset time time zone
time set zone
to all on all tables in schema public , b grant anon anon
to database d [ alter e
to on
to select on t revoke x
transaction isolation level
transaction snapshot 'x' 'x'
transaction start transaction
treat a from b where c order by d using operator ( pg_catalog . < ) nulls first
trigger x before insert
true alter domain d set default 1
true policy p on t using create
truncate t t
truncate table only t , u inherit identity cascade
truncate table only t restart u , identity cascade
type , t , "u"
type alter t set ( a timestamp b )
type t , "u"
type t as enum ( )
u subtype inherit nologin
u&'!0041' * from lateral t
u&'\0000' select u&'\0000'
u&'\00zz' select u&'\00zz'
u&'\d800' select
u&'\d800' select a from t where b = ( select max ( c ) from u )
uescape select u&'!0041' uescape 'a'
unbounded 1 2
unencrypted do
union current_schema set a
unique create foo
unique create unique
unique domain d int create
unique foo
unknown f ( ) , f ( 1 ) , f ( 1 , ) , f ( * [ ) , f ( all 1 ) , f ( distinct 1 , 2 order $a$ b $b$ by 3 )
unlisten unlisten x
unlogged alter sequence check values rename to t
until alter discard varchar database d rename to e
update - t set a end b = 1 , c [ 1 ] = "a" 2
update 1 t x set a = 1
update =>
update ] set a = 1 where current of c
update a from t for update of t nowait
update only t set a . b = , c [ 1 ] = 2
update only t set a . b = 1 , c [ 1 <= ] = 2
update only t set a . b = 1 , c [ 1 ] = c 2
update p ( procedure )
update t a = =
update t as set a = default
update t as x
update t as x set a json default
update t set a = 1 where
update t set a ] ( 1
update t set a name = 1 where current of c
update t x set
update tab only t set a . "x" b = 1
update update t x set
user drop permissive user user u
user u encrypted password 'x' in group parameter
v ( (
v create view v as select 1
v view if exists alter rename column a to b
vacuum ( full , ) ) t
vacuum ( full , ) t
vacuum freeze analyze verbose freeze t
vacuum on database d is 'x'
validate
values
values (
values ( ! 1 ) order by 1 ) limit 1
values ( ( 1 , 2 ) , ( 3 )
values ( 1 ) order 1 'it''s' 1 limit by
values ( 1 , ) ) , 1 ( 3 2
values ( 1 , 2 ) , ( 3
values ( 1 , 2 ) , ( 3 unique
values ( 1 2 ) , ( 3 )
values ( 1 natural ) ! , ( 3 )
values ( 1 values , 2
values by 1 ) order ( 1 limit 1
values escape ( any , 2
values select $ 1a
values table t attach partition u for alter in ( 1 )
values values
verbose
view view v set ( security_invoker on = on )
void do language plpgsql $$x$$
when a collate c . d . e
when policy if exists p on t using ( true )
where select 1 where true
with
with ) as ( select 1 ) , b ( x a as materialized ( select 2 ) select 1
with 1 a ( select 1 ) foo
with a % as ( select 1 ) insert into t select * from a
with a , b to c , d grant admin option
with a 1 as a select ( ) update t set x = 1
with a as
with a as ( 1 ) , b ( x ) as materialized ( select case materialized 2 ) select 1
with a as ( insert into t ( $ (
with a as ( insert into t values ( 1 ) returning * ) * from 0 a
with a as ( insert into t values ( next 1 ) returning * ) select * from $a$ b $b$ a
with a as ( into insert into t values 1 ) returning next * ) select * from a
with a as ( null 1 ) ( with b as select 2 ) select 3 )
with a as ( select
with a as ( select 1 ) ( with b
with a as ( select 1 ) ( with b with as ( select 2 ilike select 3 6 )
with a as ( select 1 ) , b ( x select e as materialized ( select 2 ) select 1
with a as ( select 1 ) insert into u&'\d800' select * from a
with a as ( select 1 a ) foo
with a as ( select 1 as ( with b ) ( select 2 ) select 3 )
with a as ( select as 1 ) delete from t
with a as ( select set ) ( with b as ( 2 select ) select 3 )
with a delete ( integer 1 ) as from t
with cast ( a int )
with recursive a as ( select 1 union all select 1 2 ) search depth first by x set y cycle x set z using p select 1
with recursive union as ( select 1 a all select 2 ) search depth first by x set y cycle x set z using p select 1
with select as ( a
with with
without language language plpgsql $$x$$
work alter
wrapper
x
x . y z , x . y as "Z"
x a as ( select 1 ) update t set with = 1
x operator + ( procedure = create )
x savepoint x
x table t add
x unlisten x
year sequence alter set schema s
z grant a to b granted by c
{ select $ 1a
| a collate "C" | select b
| a select | b | | c
| select , set
| select 1 limit null
é select a like b escape 'x' and c
