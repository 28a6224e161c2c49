create type mood as enum ('sad', 'ok', 'happy')

create type mood as enum ('x')

create type empty as enum ()

alter type mood add value 'great'

alter type mood add value 'meh' before 'ok'

alter type mood add value 'fine' after 'ok'

alter type mood add value 'ok'

alter type mood add value if not exists 'ok'

alter type mood add value 'z' before 'nosuch'

alter type mood rename value 'meh' to 'so-so'

alter type mood rename value 'nosuch' to 'x'

alter type mood rename value 'ok' to 'fine'

alter type nosuch add value 'x'

create type pair as (a int, b text)

alter type pair add value 'x'

create type pair as (a int)

create domain posint as int not null default 5 check (value > 0) constraint small check (value < 1000)

create domain posint as int

create domain d2 as anyelement

create domain d3 as posint check (value <> 13)

create domain d4 as int not null null

alter domain posint drop constraint nosuch

alter domain posint drop constraint if exists nosuch

alter domain posint drop constraint small

alter domain posint add constraint small check (value < 500) not valid

alter domain posint add constraint small check (value < 500)

alter domain posint validate constraint small

alter domain posint drop not null

alter domain posint drop default

alter domain posint set default 6

alter domain posint set not null

alter domain mood set not null

create table t (m mood default 'ok', p pair, d posint, ds d3[])

alter type mood rename to feeling

alter type feeling rename to pair

create table feeling (a int)

create table _feeling (a int)

alter type t rename to x

create schema other

alter type feeling set schema other

alter type other.feeling rename to mood

comment on type other.mood is 'how it is'

comment on domain posint is 'counts'

comment on type posint is ''

alter type pair rename to couple

create type t as enum ('a')

drop type couple cascade
