create role case_a

create role case_b

create table t (id int, owner text)

create view v as select id from t

create policy "Read own" on t for select to case_a, case_b using (owner = current_user)

create policy "Read own" on t using (true)

create policy p1 on t as restrictive for all using (id > 0) with check (id > 1)

create policy p2 on t for insert with check (true)

create policy p3 on t for insert using (true)

create policy p3 on t for select with check (true)

create policy p3 on t for delete using (id > 0) with check (true)

create policy p3 on t for update to public using (true)

create policy p4 on t to public, case_a using (true)

create policy p5 on t to nosuch using (true)

create policy p5 on v using (true)

create policy p5 on nosuch using (true)

create policy p5 on t using (nosuch > 1)

create policy p5 on t using (id)

alter policy p1 on t to case_a using (id > 5)

alter policy p2 on t with check (id > 5)

alter policy p2 on t using (id > 5)

alter policy nosuch on t using (id > 5)

alter policy p1 on t rename to p2

alter policy p1 on t rename to p1b

-- as case_a
create policy px on t using (true)

-- as case_a
alter table t enable row level security

-- as case_a
drop policy p2 on t

comment on policy p2 on t is 'all may add'

comment on policy nosuch on t is 'x'

drop role case_b

drop policy p2 on t
