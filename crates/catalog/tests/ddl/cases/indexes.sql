create table t (id int, name text, j jsonb, js json, tags text[], n numeric, u uuid, at timestamptz)

create index on t (id)

create index on t (id)

create unique index on t (lower(name), id desc)

create index on t (id asc nulls first, name desc nulls last, n desc)

create index on t ((id + 1), (id + 2), (j ->> 'a'))

create index named on t (name) where id > 0

create index named on t (id)

create index if not exists named on t (id)

create index on t using gin (j)

create index on t using gin (j jsonb_path_ops)

create index on t using gin (tags)

create index on t using gin (name)

create index on t using gin (name gin_trgm_ops)

create unique index on t using gin (tags)

create index on t using hash (id, name)

create index on t using hash (u)

create index on t using brin (at)

create index on t using nosuch (id)

create index on t using gin (tags desc)

create index on t (name text_pattern_ops)

create index on t (name nosuch_ops)

create index on t (js)

create index on t (nosuch)

create index on t (id) include (name, n)

create index on t using hash (id) include (name)

create index on t (random())

create index on t (id) where random() > 0.5

create index on nosuch (id)

create index concurrently if not exists conc on t (at)

create unique index nn on t (u) nulls not distinct

create view v as select id from t

create index on v (id)

create index on t (name collate "C")

create index on t (id collate "C")

create index on t ((name || 'x') text_pattern_ops) with (fillfactor = 70)

create index t_pkey on t (n)

alter table t add primary key (id)

comment on index named is 'of names'

alter index named rename to renamed

alter index nosuch rename to x

alter index if exists nosuch rename to x

alter index renamed rename to t

drop index renamed, conc
