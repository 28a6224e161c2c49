//! What the catalogs of both engines tell.

use database::{Database, Session, Statement, SystemPrivilege, Value, Work};

/// What was asked, how many rows were equal, and which were not.
#[derive(Default)]
pub(crate) struct Compared {
    pub(crate) equal: usize,
    pub(crate) different: Vec<String>,
    /// What the embedded engine cannot write down.
    pub(crate) refused: Vec<String>,
}

/// The schemas of PostgreSQL, of the foundation and of extensions.
pub(crate) const OTHERS: &str = "('pg_catalog', 'information_schema', 'pg_toast', 'auth', 'storage', 'extensions', \
    'graphql_public', 'bedplate', 'cron', 'net', 'vault', 'realtime', 'graphql', 'pgmq', 'pgbouncer')";

/// Each gives rows of a kind and an object, and what is told of it.
fn questions() -> Vec<(&'static str, String)> {
    let own = format!("n.nspname not in {OTHERS} and n.nspname not like 'pg_temp%'");
    vec![
        (
            "tables",
            format!(
                "select n.nspname || '.' || c.relname, c.relkind::text || ' ' || c.relrowsecurity || ' ' || \
                 c.relforcerowsecurity from pg_class c join pg_namespace n on n.oid = c.relnamespace \
                 where {own} and c.relkind in ('r', 'v', 'S', 'c')"
            ),
        ),
        (
            "columns",
            format!(
                "select n.nspname || '.' || c.relname || '.' || a.attname, format_type(a.atttypid, a.atttypmod) \
                 || ' ' || a.attnotnull || ' ' || a.attidentity::text || a.attgenerated::text \
                 from pg_attribute a join pg_class c on c.oid = a.attrelid \
                 join pg_namespace n on n.oid = c.relnamespace \
                 where {own} and c.relkind in ('r', 'v', 'c') and a.attnum > 0 and not a.attisdropped"
            ),
        ),
        (
            "defaults",
            format!(
                "select n.nspname || '.' || c.relname || '.' || a.attname, pg_get_expr(d.adbin, d.adrelid) \
                 from pg_attrdef d join pg_class c on c.oid = d.adrelid \
                 join pg_namespace n on n.oid = c.relnamespace \
                 join pg_attribute a on a.attrelid = d.adrelid and a.attnum = d.adnum where {own}"
            ),
        ),
        (
            "constraints",
            format!(
                "select n.nspname || '.' || c.relname || '.' || k.conname, pg_get_constraintdef(k.oid) \
                 from pg_constraint k join pg_class c on c.oid = k.conrelid \
                 join pg_namespace n on n.oid = c.relnamespace where {own} and k.contype in ('c', 'f', 'p', 'u')"
            ),
        ),
        (
            "indexes",
            format!(
                "select n.nspname || '.' || c.relname, pg_get_indexdef(i.indexrelid) from pg_index i \
                 join pg_class c on c.oid = i.indexrelid join pg_namespace n on n.oid = c.relnamespace where {own}"
            ),
        ),
        (
            "policies",
            "select schemaname || '.' || tablename || '.' || policyname, permissive || ' ' || roles::text || ' ' || \
             cmd || ' ' || coalesce(qual, '') || ' check ' || coalesce(with_check, '') from pg_policies \
             where schemaname not in ('auth')"
                .to_owned(),
        ),
        (
            "grants",
            format!(
                "select table_schema || '.' || table_name || ' ' || grantee, privilege_type || ' ' || is_grantable \
                 from information_schema.role_table_grants where table_schema not in {OTHERS}"
            ),
        ),
        (
            "functions",
            format!(
                "select n.nspname || '.' || p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')', \
                 coalesce(pg_get_function_result(p.oid), '') || ' ' || p.prosecdef || ' ' || p.provolatile::text || \
                 ' ' || p.proisstrict from pg_proc p join pg_namespace n on n.oid = p.pronamespace where {own}"
            ),
        ),
        (
            "triggers",
            format!(
                "select n.nspname || '.' || c.relname || '.' || t.tgname, pg_get_triggerdef(t.oid) \
                 from pg_trigger t join pg_class c on c.oid = t.tgrelid \
                 join pg_namespace n on n.oid = c.relnamespace where {own} and not t.tgisinternal"
            ),
        ),
        (
            "labels",
            format!(
                "select n.nspname || '.' || t.typname || '.' || e.enumlabel, e.enumsortorder::text from pg_enum e \
                 join pg_type t on t.oid = e.enumtypid join pg_namespace n on n.oid = t.typnamespace where {own}"
            ),
        ),
    ]
}

/// Asks both engines and compares.
pub(crate) async fn compare(embedded: &dyn Database, postgres: &dyn Database) -> Compared {
    let mut compared = Compared::default();
    for (kind, question) in questions() {
        // Row by row, so that one definition that cannot be written does not hide the others.
        let ours = rows(embedded, &question).await;
        let theirs = rows(postgres, &question).await;
        let (ours, theirs) = match (ours, theirs) {
            (Ok(ours), Ok(theirs)) => (ours, theirs),
            (Err(error), _) if error.code() == sqlstate::FEATURE_NOT_SUPPORTED => {
                compared.refused.push(format!("{kind}: {}", error.message()));
                continue;
            }
            (ours, theirs) => {
                compared.different.push(format!("{kind}: {:?} and {:?}", ours.err(), theirs.err()));
                continue;
            }
        };
        let mut theirs = theirs;
        for row in ours {
            match theirs.iter().position(|other| *other == row) {
                Some(at) => {
                    theirs.swap_remove(at);
                    compared.equal += 1;
                }
                None => compared.different.push(format!("{kind}: only embedded: {row:?}")),
            }
        }
        compared.different.extend(theirs.iter().map(|row| format!("{kind}: only PostgreSQL: {row:?}")));
    }
    compared
}

type Rows = Vec<Vec<Value>>;

/// The rows of a question. Where one of them cannot be written down, those that can are asked for one by one.
async fn rows(database: &dyn Database, question: &str) -> Result<Rows, database::DatabaseError> {
    let session = Session::operator(SystemPrivilege::i_am_the_operator());
    let outcomes = database.run(&session, Work::one(Statement::new(question))).await?;
    Ok(outcomes.into_iter().next().map(|outcome| outcome.result.rows).unwrap_or_default())
}
