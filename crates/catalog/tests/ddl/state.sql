with spaces as (
  select oid, nspname from pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema'
), acls(object, acl) as (
  select 'schema ' || nspname, nspacl from pg_namespace where oid in (select oid from spaces) and nspname <> 'public'
  union all
  select 'relation ' || n.nspname || '.' || relname, relacl from pg_class c join spaces n on n.oid = relnamespace
  union all
  select 'column ' || n.nspname || '.' || relname || '.' || attname, attacl
  from pg_attribute join pg_class c on c.oid = attrelid join spaces n on n.oid = relnamespace where attnum > 0
  union all
  select 'function ' || n.nspname || '.' || proname, proacl from pg_proc p join spaces n on n.oid = pronamespace
  union all
  select 'type ' || n.nspname || '.' || typname, typacl from pg_type t join spaces n on n.oid = typnamespace
  union all
  select 'default ' || pg_get_userbyid(defaclrole) || ' ' || coalesce(n.nspname, '-') || ' ' || defaclobjtype::text, defaclacl
  from pg_default_acl left join pg_namespace n on n.oid = defaclnamespace
), lines(class, line) as (
  select 1, 'schema ' || nspname || ' owner ' || pg_get_userbyid(nspowner)
  from pg_namespace where oid in (select oid from spaces) and nspname <> 'public'
  union all
  select 2, 'relation ' || n.nspname || '.' || relname || ' ' || relkind::text || ' owner ' || pg_get_userbyid(relowner)
    || case when relrowsecurity then ' row security' else '' end || case when relforcerowsecurity then ' forced' else '' end
  from pg_class c join spaces n on n.oid = relnamespace where relkind <> 'i'
  union all
  select 3, 'column ' || n.nspname || '.' || relname || '.' || attname || ' ' || format_type(atttypid, atttypmod)
    || case when attnotnull then ' not null' else '' end || case when atthasdef and attgenerated = '' then ' default' else '' end
    || case when attgenerated <> '' then ' generated' else '' end
    || case attidentity when 'a' then ' identity always' when 'd' then ' identity by default' else '' end
  from pg_attribute a join pg_class c on c.oid = attrelid join spaces n on n.oid = relnamespace
  where attnum > 0 and not attisdropped and relkind in ('r', 'v', 'c')
  union all
  select 4, 'constraint ' || n.nspname || '.' || relname || '.' || conname || ' ' || contype::text
    || ' (' || coalesce((select string_agg(attname, ',' order by case when contype = 'c' then k else o end) from unnest(conkey) with ordinality u(k, o)
      join pg_attribute on attrelid = conrelid and attnum = k), '') || ')'
    || coalesce(' to ' || confrelid::regclass || ' (' || (select string_agg(attname, ',' order by o)
      from unnest(confkey) with ordinality u(k, o) join pg_attribute on attrelid = confrelid and attnum = k) || ') '
      || confdeltype::text || confupdtype::text || confmatchtype::text, '')
    || case when condeferrable then ' deferrable' else '' end || case when condeferred then ' deferred' else '' end
    || case when convalidated then '' else ' not valid' end
  from pg_constraint k join pg_class c on c.oid = conrelid join spaces n on n.oid = relnamespace where contype <> 't'
  union all
  select 5, 'index ' || n.nspname || '.' || c.relname || ' on ' || indrelid::regclass || ' ' || amname::text
    || case when indisunique then ' unique' else '' end || ' (' || replace(indkey::text, ' ', ',') || ') '
    || indnkeyatts || ' options ' || replace(indoption::text, ' ', ',')
    || case when indpred is not null then ' partial' else '' end
    || case when indnullsnotdistinct then ' nulls not distinct' else '' end
  from pg_index join pg_class c on c.oid = indexrelid join pg_am m on m.oid = c.relam join spaces n on n.oid = relnamespace
  union all
  select 6, 'sequence ' || n.nspname || '.' || relname || ' ' || format_type(seqtypid, null) || ' ' || seqstart || ' ' || seqincrement
    || ' ' || seqmin || ' ' || seqmax || ' ' || seqcache || case when seqcycle then ' cycle' else '' end
    || coalesce((select ' of ' || refobjid::regclass || '.' || attname from pg_depend join pg_attribute
      on attrelid = refobjid and attnum = refobjsubid where classid = 'pg_class'::regclass and objid = c.oid and deptype in ('a', 'i')
      and refobjsubid > 0), '')
  from pg_sequence join pg_class c on c.oid = seqrelid join spaces n on n.oid = relnamespace
  union all
  select 7, 'policy ' || polrelid::regclass || '.' || polname || ' ' || polcmd::text || case when polpermissive then '' else ' restrictive' end
    || ' to ' || (select string_agg(case when r = 0 then 'public' else pg_get_userbyid(r) end, ',') from unnest(polroles) r)
    || case when polqual is not null then ' using' else '' end || case when polwithcheck is not null then ' check' else '' end
  from pg_policy
  union all
  select 8, 'trigger ' || tgrelid::regclass || '.' || tgname || ' type ' || tgtype::text || ' enabled ' || (tgenabled in ('O', 'A'))::text
    || ' function ' || tgfoid::regproc || ' columns (' || replace(tgattr::text, ' ', ',') || ')'
    || case when tgqual is not null then ' when' else '' end || case when tgconstraint <> 0 then ' constraint' else '' end
    || coalesce(' old ' || tgoldtable, '') || coalesce(' new ' || tgnewtable, '')
  from pg_trigger where not tgisinternal
  union all
  select 9, 'function ' || p.oid::regprocedure || ' ' || prokind::text || ' returns ' || case when proretset then 'setof ' else '' end
    || format_type(prorettype, null) || ' ' || provolatile::text || case when proisstrict then ' strict' else '' end
    || case when prosecdef then ' definer' else '' end || ' defaults ' || pronargdefaults
    || coalesce(' set ' || array_to_string(proconfig, ' '), '') || ' owner ' || pg_get_userbyid(proowner)
  from pg_proc p join spaces n on n.oid = pronamespace
  union all
  select 10, 'type ' || n.nspname || '.' || typname || ' ' || typtype::text || ' owner ' || pg_get_userbyid(typowner)
    || coalesce(' labels ' || (select string_agg(enumlabel, ',' order by enumsortorder) from pg_enum where enumtypid = t.oid), '')
    || case when typtype = 'd' then ' base ' || format_type(typbasetype, typtypmod) || case when typnotnull then ' not null' else '' end
      || case when typdefault is not null then ' default' else '' end
      || coalesce(' checks ' || (select string_agg(conname || case when convalidated then '' else '?' end, ',' order by conname)
        from pg_constraint where contypid = t.oid), '') else '' end
  from pg_type t join spaces n on n.oid = typnamespace where typtype in ('e', 'd', 'c')
  union all
  select 11, 'acl ' || object || ' ' || case when grantee = 0 then 'public' else pg_get_userbyid(grantee) end || ' '
    || string_agg(lower(privilege_type) || case when is_grantable then '*' else '' end, ',' order by privilege_type)
    || ' by ' || pg_get_userbyid(grantor)
  from acls, aclexplode(acl) group by object, grantee, grantor
  union all
  select 12, 'role ' || rolname || case when rolsuper then ' superuser' else '' end || case when rolinherit then '' else ' noinherit' end
    || case when rolcreaterole then ' createrole' else '' end || case when rolcreatedb then ' createdb' else '' end
    || case when rolcanlogin then ' login' else '' end || case when rolbypassrls then ' bypassrls' else '' end
    || coalesce(' set ' || (select array_to_string(setconfig, ' ') from pg_db_role_setting where setrole = r.oid and setdatabase = 0), '')
  from pg_roles r where rolname like 'case\_%'
  union all
  select 13, 'member ' || pg_get_userbyid(member) || ' of ' || pg_get_userbyid(roleid) || case when admin_option then ' admin' else '' end
  from pg_auth_members where pg_get_userbyid(roleid) like 'case\_%'
  union all
  select 14, 'comment ' || pg_describe_object(classoid, objoid, objsubid) || ': ' || description
  from pg_description where objoid >= 16384
  union all
  select 15, 'publication ' || pubname || ' ' || puballtables::text || coalesce((select ' ' || string_agg(prrelid::regclass::text, ','
    order by prrelid::regclass::text) from pg_publication_rel where prpubid = p.oid), '')
  from pg_publication p
  union all
  select 16, 'may ' || rolname || ' ' || n.nspname || '.' || relname || ' ' || string_agg(p, ',' order by p)
  from pg_roles r, pg_class c join spaces n on n.oid = relnamespace,
    unnest('{select,insert,update,delete,truncate,references,trigger}'::text[]) p
  where rolname like 'case\_%' and relkind in ('r', 'v') and has_table_privilege(r.oid, c.oid, p)
  group by rolname, n.nspname, relname
  union all
  select 17, 'may ' || rolname || ' column of ' || n.nspname || '.' || relname || ' ' || string_agg(p, ',' order by p)
  from pg_roles r, pg_class c join spaces n on n.oid = relnamespace, unnest('{select,insert,update,references}'::text[]) p
  where rolname like 'case\_%' and relkind in ('r', 'v') and has_any_column_privilege(r.oid, c.oid, p)
  group by rolname, n.nspname, relname
  union all
  select 18, 'may ' || rolname || ' execute ' || p.oid::regprocedure
  from pg_roles r, pg_proc p join spaces n on n.oid = pronamespace
  where rolname like 'case\_%' and has_function_privilege(r.oid, p.oid, 'execute')
  union all
  select 19, 'may ' || rolname || ' in ' || nspname || ' ' || string_agg(p, ',' order by p)
  from pg_roles r, spaces n, unnest('{usage,create}'::text[]) p
  where rolname like 'case\_%' and has_schema_privilege(r.oid, n.oid, p) group by rolname, nspname
  union all
  select 20, 'set role ' || a.rolname || ' to ' || b.rolname from pg_roles a, pg_roles b
  where a.rolname like 'case\_%' and b.rolname like 'case\_%' and pg_has_role(a.oid, b.oid, 'member')
)
select line from lines order by class, line collate "C"
