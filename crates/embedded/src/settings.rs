//! Configuration parameters: which there are, what they may be set to here, and what they are now.
//!
//! A parameter may be set to a value only if the engine behaves as PostgreSQL would under it. What cannot change an answer is
//! accepted; all else is refused.

use catalog::lookup::search_path_names;
use datum::{DateStyle, IntervalStyle, TimeZone};
use foldhash::fast::RandomState;
use sqlstate::{CANT_CHANGE_RUNTIME_PARAM, DatabaseError, INVALID_PARAMETER_VALUE, Result, UNDEFINED_OBJECT};
use std::collections::HashMap;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

/// What a parameter may be set to.
#[derive(Clone, Copy, Debug)]
enum Kind {
    /// Nothing: 55P02.
    Fixed,
    /// These values, compared without case.
    Only(&'static [&'static str]),
    /// A boolean without an effect on answers.
    Boolean,
    /// A time in milliseconds, 0 for none.
    Milliseconds,
    /// Any text.
    Any,
    /// A time zone.
    TimeZone,
    /// How dates are written and read.
    DateStyle,
    /// How intervals are written and read.
    IntervalStyle,
    /// A text search configuration.
    TextSearch,
}

/// The parameters that the engine knows: name as printed, value at the start, what it may be set to.
const KNOWN: &[(&str, &str, Kind)] = &[
    ("application_name", "", Kind::Any),
    ("bytea_output", "hex", Kind::Only(&["hex"])),
    ("check_function_bodies", "on", Kind::Boolean),
    ("client_encoding", "UTF8", Kind::Only(&["UTF8", "UTF-8", "unicode"])),
    (
        "client_min_messages",
        "notice",
        Kind::Only(&["notice", "warning", "error", "info", "log", "debug", "debug1", "debug2", "debug3"]),
    ),
    ("DateStyle", "ISO, MDY", Kind::DateStyle),
    ("default_table_access_method", "heap", Kind::Only(&["heap"])),
    ("default_tablespace", "", Kind::Only(&[""])),
    ("default_text_search_config", "pg_catalog.english", Kind::TextSearch),
    (
        "default_transaction_isolation",
        "read committed",
        Kind::Only(&["read committed", "repeatable read", "serializable", "read uncommitted"]),
    ),
    ("default_transaction_read_only", "off", Kind::Only(&["off", "false", "no", "0"])),
    ("default_with_oids", "off", Kind::Only(&["off", "false", "no", "0"])),
    ("enable_async_append", "on", Kind::Boolean),
    ("enable_bitmapscan", "on", Kind::Boolean),
    ("enable_gathermerge", "on", Kind::Boolean),
    ("enable_hashagg", "on", Kind::Boolean),
    ("enable_hashjoin", "on", Kind::Boolean),
    ("enable_incremental_sort", "on", Kind::Boolean),
    ("enable_indexonlyscan", "on", Kind::Boolean),
    ("enable_indexscan", "on", Kind::Boolean),
    ("enable_material", "on", Kind::Boolean),
    ("enable_memoize", "on", Kind::Boolean),
    ("enable_mergejoin", "on", Kind::Boolean),
    ("enable_nestloop", "on", Kind::Boolean),
    ("enable_parallel_append", "on", Kind::Boolean),
    ("enable_parallel_hash", "on", Kind::Boolean),
    ("enable_partition_pruning", "on", Kind::Boolean),
    ("enable_partitionwise_aggregate", "off", Kind::Boolean),
    ("enable_partitionwise_join", "off", Kind::Boolean),
    ("enable_seqscan", "on", Kind::Boolean),
    ("enable_sort", "on", Kind::Boolean),
    ("enable_tidscan", "on", Kind::Boolean),
    ("escape_string_warning", "on", Kind::Boolean),
    ("extra_float_digits", "1", Kind::Only(&["1", "2", "3"])),
    ("idle_in_transaction_session_timeout", "0", Kind::Milliseconds),
    ("integer_datetimes", "on", Kind::Fixed),
    ("IntervalStyle", "postgres", Kind::IntervalStyle),
    ("is_superuser", "off", Kind::Fixed),
    ("jit", "on", Kind::Boolean),
    ("lc_collate", "C.UTF-8", Kind::Fixed),
    ("lc_ctype", "C.UTF-8", Kind::Fixed),
    ("lock_timeout", "0", Kind::Milliseconds),
    ("maintenance_work_mem", "64MB", Kind::Any),
    ("max_identifier_length", "63", Kind::Fixed),
    ("plan_cache_mode", "auto", Kind::Only(&["auto", "force_generic_plan", "force_custom_plan"])),
    ("row_security", "on", Kind::Only(&["on", "true", "yes", "1", "off", "false", "no", "0"])),
    ("search_path", "\"$user\", public", Kind::Any),
    ("server_encoding", "UTF8", Kind::Fixed),
    ("server_version", "15.0", Kind::Fixed),
    ("server_version_num", "150000", Kind::Fixed),
    ("session_replication_role", "origin", Kind::Only(&["origin"])),
    ("standard_conforming_strings", "on", Kind::Only(&["on", "true", "yes", "1"])),
    ("statement_timeout", "0", Kind::Milliseconds),
    ("synchronous_commit", "on", Kind::Only(&["on"])),
    ("TimeZone", "UTC", Kind::TimeZone),
    (
        "transaction_isolation",
        "read committed",
        Kind::Only(&["read committed", "repeatable read", "serializable", "read uncommitted"]),
    ),
    ("transaction_read_only", "off", Kind::Only(&["off", "false", "no", "0"])),
    ("work_mem", "4MB", Kind::Any),
    ("xmloption", "content", Kind::Only(&["content"])),
];

/// Values by lower-cased name.
type Values = HashMap<Arc<str>, Arc<str>, RandomState>;

/// The values of the parameters that were set, by lower-cased name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Settings {
    values: Values,
    /// What RESET goes back to, where that is not the parameter's own value at the start.
    start: Option<Arc<Values>>,
    /// What goes back at the transaction's end, to what.
    local: HashMap<Arc<str>, Option<Arc<str>>, RandomState>,
    changes: u64,
}

impl Settings {
    /// The value: as set, else the one at the start; `None` for a parameter that does not exist.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let lower = name.bytes().any(|byte| byte.is_ascii_uppercase()).then(|| name.to_ascii_lowercase());
        let name = lower.as_deref().unwrap_or(name);
        if let Some(value) = self.values.get(name) {
            return Some(value);
        }
        known(name).map(|(_, value, _)| *value)
    }

    /// Counts how often anything was set: whether what hangs on settings must be made anew.
    pub(crate) fn changes(&self) -> u64 {
        self.changes
    }

    /// Sets a value after looking whether it may be.
    pub(crate) fn set(&mut self, name: &str, value: &str) -> Result<()> {
        let key = name.to_ascii_lowercase();
        let value = match known(&key) {
            Some((printed, start, Kind::DateStyle)) => self.date_style_after(printed, start, value)?,
            _ => check(&key, name, value)?,
        };
        self.values.insert(key.into(), value.into());
        self.changes += 1;
        Ok(())
    }

    /// Sets a value that is given as it is kept: what [`Settings::set`] does, without a copy where the name is an app's own
    /// (`request.headers`).
    pub(crate) fn set_given(&mut self, name: &Arc<str>, value: &Arc<str>) -> Result<()> {
        if !name.contains('.') || name.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return self.set(name, value);
        }
        self.values.insert(Arc::clone(name), Arc::clone(value));
        self.changes += 1;
        Ok(())
    }

    /// How dates are written and read.
    pub(crate) fn date_style(&self) -> DateStyle {
        let Some(value) = self.values.get("datestyle") else { return DateStyle::default() };
        DateStyle::default().changed(value, DateStyle::default()).unwrap_or_default()
    }

    /// How intervals are written and read.
    pub(crate) fn interval_style(&self) -> IntervalStyle {
        self.values.get("intervalstyle").and_then(|name| IntervalStyle::named(name)).unwrap_or_default()
    }

    /// DateStyle takes words for one half of it or both; the other half stays.
    fn date_style_after(&self, printed: &str, start: &str, value: &str) -> Result<String> {
        let default = DateStyle::default().changed(start, DateStyle::default()).unwrap_or_default();
        match self.date_style().changed(value, default) {
            Ok(style) => Ok(style.name()),
            Err(detail) => Err(invalid_value(printed, value).with_detail(detail)),
        }
    }

    /// Sets a value that the engine knows to be right (`role`, whose right form only the catalog knows).
    pub(crate) fn put(&mut self, name: &str, value: &str) {
        self.values.insert(name.to_ascii_lowercase().into(), value.into());
        self.changes += 1;
    }

    /// Back to the value at the start.
    pub(crate) fn reset(&mut self, name: &str) -> Result<()> {
        let key = name.to_ascii_lowercase();
        if !key.contains('.') && key != "role" {
            find(&key, name)?;
        }
        match self.start.as_ref().and_then(|start| start.get(key.as_str())) {
            Some(value) => drop(self.values.insert(key.into(), Arc::clone(value))),
            None => drop(self.values.remove(key.as_str())),
        }
        self.changes += 1;
        Ok(())
    }

    /// The values as they are now are those that RESET goes back to.
    pub(crate) fn begin_here(&mut self) {
        let mut start = self.values.clone();
        start.remove("role");
        self.start = (!start.is_empty()).then(|| Arc::new(start));
    }

    /// Back to what they were before.
    pub(crate) fn restore(&mut self, before: Settings) {
        self.values = before.values;
        self.local = before.local;
        self.changes += 1;
    }

    /// What is set next holds until the transaction's end.
    pub(crate) fn local(&mut self, name: &str) {
        let key = name.to_ascii_lowercase();
        let before = self.values.get(key.as_str()).cloned();
        self.local.entry(key.into()).or_insert(before);
    }

    /// What was set last holds beyond the transaction's end.
    pub(crate) fn lasting(&mut self, name: &str) {
        self.local.remove(name.to_ascii_lowercase().as_str());
    }

    /// The transaction has ended: what was set for it alone goes back.
    pub(crate) fn end_transaction(&mut self) {
        for (name, before) in std::mem::take(&mut self.local) {
            match before {
                Some(before) => drop(self.values.insert(name, before)),
                None => drop(self.values.remove(&name)),
            }
        }
        self.changes += 1;
    }

    /// RESET ALL.
    pub(crate) fn reset_all(&mut self) {
        self.values.retain(|name, _| &**name == "role");
        if let Some(start) = &self.start {
            self.values.extend(start.iter().map(|(name, value)| (Arc::clone(name), Arc::clone(value))));
        }
        self.changes += 1;
    }

    /// `statement_timeout`, unless it is 0.
    pub(crate) fn statement_timeout(&self) -> Option<Duration> {
        let milliseconds = milliseconds(self.get("statement_timeout")?)?;
        (milliseconds > 0).then(|| Duration::from_millis(milliseconds))
    }
}

fn known(key: &str) -> Option<&'static (&'static str, &'static str, Kind)> {
    static BY_KEY: LazyLock<HashMap<String, &'static (&'static str, &'static str, Kind), RandomState>> =
        LazyLock::new(|| KNOWN.iter().map(|entry| (entry.0.to_ascii_lowercase(), entry)).collect());
    BY_KEY.get(key).copied()
}

fn find(key: &str, name: &str) -> Result<&'static (&'static str, &'static str, Kind)> {
    if let Some(entry) = known(key) {
        return Ok(entry);
    }
    if OTHERS.split_ascii_whitespace().any(|other| other.eq_ignore_ascii_case(key)) {
        return Err(DatabaseError::unsupported(format_args!("parameter \"{name}\"")));
    }
    Err(unrecognized(name))
}

/// 42704 for a parameter that does not exist.
pub(crate) fn unrecognized(name: &str) -> DatabaseError {
    DatabaseError::new(UNDEFINED_OBJECT, format!("unrecognized configuration parameter \"{name}\""))
}

fn check(key: &str, name: &str, value: &str) -> Result<String> {
    if key.contains('.') {
        return Ok(value.to_owned());
    }
    let (printed, _, kind) = find(key, name)?;
    match kind {
        Kind::Fixed => Err(DatabaseError::new(
            CANT_CHANGE_RUNTIME_PARAM,
            format!("parameter \"{printed}\" cannot be changed"),
        )),
        Kind::Any => Ok(value.to_owned()),
        Kind::Only(values) => {
            let normal = value.trim();
            if values.iter().any(|allowed| allowed.eq_ignore_ascii_case(normal)) {
                return Ok(match *printed {
                    "client_encoding" => "UTF8".to_owned(),
                    "row_security"
                        if matches!(&*normal.to_ascii_lowercase(), "off" | "false" | "no" | "0") =>
                    {
                        "off".to_owned()
                    }
                    "row_security" | "standard_conforming_strings" => "on".to_owned(),
                    "default_transaction_read_only" | "default_with_oids" | "transaction_read_only" => {
                        "off".to_owned()
                    }
                    _ => normal.to_ascii_lowercase(),
                });
            }
            Err(DatabaseError::unsupported(format_args!(
                "parameter \"{printed}\" with the value \"{value}\""
            )))
        }
        Kind::Boolean => match boolean(value) {
            Some(true) => Ok("on".to_owned()),
            Some(false) => Ok("off".to_owned()),
            None => Err(DatabaseError::new(
                INVALID_PARAMETER_VALUE,
                format!("parameter \"{printed}\" requires a Boolean value"),
            )),
        },
        Kind::Milliseconds => match milliseconds(value) {
            Some(number) => Ok(print_milliseconds(number)),
            None => Err(invalid_value(printed, value)),
        },
        Kind::IntervalStyle => match IntervalStyle::named(value) {
            Some(_) => Ok(value.to_ascii_lowercase()),
            // An enumeration's error has the name as it was written.
            None => Err(invalid_value(name, value)
                .with_hint("Available values: postgres, postgres_verbose, sql_standard, iso_8601.")),
        },
        Kind::DateStyle => Ok(value.to_owned()),
        Kind::TextSearch => text_search(value).ok_or_else(|| invalid_value(printed, value)),
        Kind::TimeZone => match crate::context::time_zone(value) {
            Some(zone) if zone.offset_at(0) % 60 != 0 && is_named_zone(value) => {
                let message = format!("time zone \"{value}\" appears to use leap seconds");
                Err(DatabaseError::new(INVALID_PARAMETER_VALUE, message)
                    .with_detail("PostgreSQL does not support leap seconds."))
            }
            Some(zone) => Ok(zone.name().to_owned()),
            None => {
                let error = invalid_value(printed, value);
                Err(match TimeZone::setting_detail(value) {
                    Some(detail) => error.with_detail(detail),
                    None => error,
                })
            }
        },
    }
}

/// A number of hours or an interval may have seconds, a name may not.
fn is_named_zone(value: &str) -> bool {
    let is_interval = value.get(..8).is_some_and(|head| head.eq_ignore_ascii_case("interval"));
    !is_interval && value.trim().parse::<f64>().is_err()
}

fn invalid_value(name: &str, value: &str) -> DatabaseError {
    DatabaseError::new(
        INVALID_PARAMETER_VALUE,
        format!("invalid value for parameter \"{name}\": \"{value}\""),
    )
}

/// A boolean as PostgreSQL's parse_bool reads it: any unambiguous beginning.
fn boolean(text: &str) -> Option<bool> {
    let text = text.trim().to_ascii_lowercase();
    if text.is_empty() {
        return None;
    }
    let begins = |word: &str, least: usize| text.len() >= least && word.starts_with(text.as_str());
    if begins("true", 1) || begins("yes", 1) || text == "on" || text == "1" {
        Some(true)
    } else if begins("false", 1) || begins("no", 1) || begins("off", 2) || text == "0" {
        Some(false)
    } else {
        None
    }
}

/// A time with or without a unit, in milliseconds.
fn milliseconds(text: &str) -> Option<u64> {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let number: u64 = number.parse().ok()?;
    let factor = match unit.trim() {
        "" | "ms" => 1,
        "s" => 1_000,
        "min" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        "us" => return Some((number + 500) / 1000),
        _ => return None,
    };
    number.checked_mul(factor).filter(|number| *number <= 2_147_483_647)
}

/// The configuration of a name, with its schema.
fn text_search(value: &str) -> Option<String> {
    let names = catalog::lookup::qualified_name(value).ok()?.parts;
    let name = match names.as_slice() {
        [schema, name] if schema == "pg_catalog" => name,
        [name] => name,
        _ => return None,
    };
    let known = datum::CONFIGURATIONS.iter().any(|(known, _)| known == name);
    known.then(|| format!("pg_catalog.{name}"))
}

/// As SHOW prints it: in the largest unit that fits.
fn print_milliseconds(number: u64) -> String {
    for (unit, factor) in [("d", 86_400_000), ("h", 3_600_000), ("min", 60_000), ("s", 1_000)] {
        if number > 0 && number.is_multiple_of(factor) {
            return format!("{}{unit}", number / factor);
        }
    }
    if number == 0 { "0".to_owned() } else { format!("{number}ms") }
}

/// The schemas that a search path names; `"$user"` stands for the role.
pub(crate) fn search_path(value: &str, role: &str) -> Vec<String> {
    let mut schemas = search_path_names(value);
    for schema in &mut schemas {
        if schema == "$user" {
            role.clone_into(schema);
        }
    }
    schemas
}

/// PostgreSQL 15's other parameters: they exist, yet not here.
const OTHERS: &str = "\
    allow_in_place_tablespaces allow_system_table_mods archive_cleanup_command archive_command \
    archive_library archive_mode archive_timeout array_nulls authentication_timeout autovacuum \
    autovacuum_analyze_scale_factor autovacuum_analyze_threshold autovacuum_freeze_max_age \
    autovacuum_max_workers autovacuum_multixact_freeze_max_age autovacuum_naptime \
    autovacuum_vacuum_cost_delay autovacuum_vacuum_cost_limit autovacuum_vacuum_insert_scale_factor \
    autovacuum_vacuum_insert_threshold autovacuum_vacuum_scale_factor autovacuum_vacuum_threshold \
    autovacuum_work_mem backend_flush_after backslash_quote backtrace_functions bgwriter_delay \
    bgwriter_flush_after bgwriter_lru_maxpages bgwriter_lru_multiplier block_size bonjour bonjour_name \
    checkpoint_completion_target checkpoint_flush_after checkpoint_timeout checkpoint_warning \
    client_connection_check_interval cluster_name commit_delay commit_siblings composite_type_mismatch \
    compute_query_id config_file constraint_exclusion cpu_index_tuple_cost cpu_operator_cost cpu_tuple_cost \
    cursor_tuple_fraction data_checksums data_directory data_directory_mode data_sync_retry \
    db_user_namespace deadlock_timeout debug_assertions debug_discard_caches debug_pretty_print \
    debug_print_parse debug_print_plan debug_print_rewritten default_statistics_target \
    default_toast_compression default_transaction_deferrable dynamic_library_path \
    dynamic_shared_memory_type effective_cache_size effective_io_concurrency enable_async_append \
    enable_bitmapscan enable_gathermerge enable_hashagg enable_hashjoin enable_incremental_sort \
    enable_indexonlyscan enable_indexscan enable_material enable_memoize enable_mergejoin enable_nestloop \
    enable_parallel_append enable_parallel_hash enable_partition_pruning enable_partitionwise_aggregate \
    enable_partitionwise_join enable_sort enable_tidscan event_source exit_on_error external_pid_file \
    force_parallel_mode from_collapse_limit fsync full_page_writes geqo geqo_effort geqo_generations \
    geqo_pool_size geqo_seed geqo_selection_bias geqo_threshold gin_fuzzy_search_limit \
    gin_pending_list_limit hash_mem_multiplier hba_file hot_standby hot_standby_feedback huge_page_size \
    huge_pages ident_file idle_session_timeout ignore_checksum_failure ignore_invalid_pages \
    ignore_system_indexes in_hot_standby jit jit_above_cost jit_debugging_support jit_dump_bitcode \
    jit_expressions jit_inline_above_cost jit_optimize_above_cost jit_profiling_support jit_provider \
    jit_tuple_deforming join_collapse_limit krb_caseins_users krb_server_keyfile lc_messages lc_monetary \
    lc_numeric lc_time listen_addresses lo_compat_privileges local_preload_libraries \
    log_autovacuum_min_duration log_checkpoints log_connections log_destination log_directory \
    log_disconnections log_duration log_error_verbosity log_executor_stats log_file_mode log_filename \
    log_hostname log_line_prefix log_lock_waits log_min_duration_sample log_min_duration_statement \
    log_min_error_statement log_min_messages log_parameter_max_length log_parameter_max_length_on_error \
    log_parser_stats log_planner_stats log_recovery_conflict_waits log_replication_commands log_rotation_age \
    log_rotation_size log_startup_progress_interval log_statement log_statement_sample_rate \
    log_statement_stats log_temp_files log_timezone log_transaction_sample_rate log_truncate_on_rotation \
    logging_collector logical_decoding_work_mem maintenance_io_concurrency max_connections \
    max_files_per_process max_function_args max_index_keys max_locks_per_transaction \
    max_logical_replication_workers max_parallel_maintenance_workers max_parallel_workers \
    max_parallel_workers_per_gather max_pred_locks_per_page max_pred_locks_per_relation \
    max_pred_locks_per_transaction max_prepared_transactions max_replication_slots max_slot_wal_keep_size \
    max_stack_depth max_standby_archive_delay max_standby_streaming_delay max_sync_workers_per_subscription \
    max_wal_senders max_wal_size max_worker_processes min_dynamic_shared_memory min_parallel_index_scan_size \
    min_parallel_table_scan_size min_wal_size old_snapshot_threshold output_plugin_libraries \
    parallel_leader_participation parallel_setup_cost parallel_tuple_cost password_encryption \
    plan_cache_mode port post_auth_delay pre_auth_delay primary_conninfo primary_slot_name \
    promote_trigger_file quote_all_identifiers random_page_cost recovery_end_command \
    recovery_init_sync_method recovery_min_apply_delay recovery_prefetch recovery_target \
    recovery_target_action recovery_target_inclusive recovery_target_lsn recovery_target_name \
    recovery_target_time recovery_target_timeline recovery_target_xid recursive_worktable_factor \
    remove_temp_files_after_crash restart_after_crash restore_command restrict_nonsystem_relation_kind \
    segment_size seq_page_cost session_preload_libraries shared_buffers shared_memory_size \
    shared_memory_size_in_huge_pages shared_memory_type shared_preload_libraries ssl ssl_ca_file \
    ssl_cert_file ssl_ciphers ssl_crl_dir ssl_crl_file ssl_dh_params_file ssl_ecdh_curve ssl_key_file \
    ssl_library ssl_max_protocol_version ssl_min_protocol_version ssl_passphrase_command \
    ssl_passphrase_command_supports_reload ssl_prefer_server_ciphers stats_fetch_consistency \
    superuser_reserved_connections synchronize_seqscans synchronous_standby_names syslog_facility \
    syslog_ident syslog_sequence_numbers syslog_split_messages tcp_keepalives_count tcp_keepalives_idle \
    tcp_keepalives_interval tcp_user_timeout temp_buffers temp_file_limit temp_tablespaces \
    timezone_abbreviations trace_notify trace_recovery_messages trace_sort track_activities \
    track_activity_query_size track_commit_timestamp track_counts track_functions track_io_timing \
    track_wal_io_timing transaction_deferrable transform_null_equals unix_socket_directories \
    unix_socket_group unix_socket_permissions update_process_title vacuum_cost_delay vacuum_cost_limit \
    vacuum_cost_page_dirty vacuum_cost_page_hit vacuum_cost_page_miss vacuum_defer_cleanup_age \
    vacuum_failsafe_age vacuum_freeze_min_age vacuum_freeze_table_age vacuum_multixact_failsafe_age \
    vacuum_multixact_freeze_min_age vacuum_multixact_freeze_table_age wal_block_size wal_buffers \
    wal_compression wal_consistency_checking wal_decode_buffer_size wal_init_zero wal_keep_size wal_level \
    wal_log_hints wal_receiver_create_temp_slot wal_receiver_status_interval wal_receiver_timeout \
    wal_recycle wal_retrieve_retry_interval wal_segment_size wal_sender_timeout wal_skip_threshold \
    wal_sync_method wal_writer_delay wal_writer_flush_after xmlbinary zero_damaged_pages";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_printed_in_the_largest_unit() {
        let mut settings = Settings::default();
        for (given, shown) in [("3s", "3s"), ("1500", "1500ms"), ("60000", "1min"), ("0", "0"), ("2h", "2h")]
        {
            settings.set("statement_timeout", given).expect("a time");
            assert_eq!(settings.get("Statement_Timeout"), Some(shown));
        }
        let error = settings.set("statement_timeout", "x").expect_err("no time");
        assert_eq!(error.message(), "invalid value for parameter \"statement_timeout\": \"x\"");
    }

    #[test]
    fn unknown_fixed_and_refused_parameters() {
        let mut settings = Settings::default();
        let error = |settings: &mut Settings, name, value| {
            settings.set(name, value).expect_err("refused").to_string()
        };
        assert_eq!(error(&mut settings, "foo", "1"), "42704: unrecognized configuration parameter \"foo\"");
        assert_eq!(
            error(&mut settings, "server_version", "3"),
            "55P02: parameter \"server_version\" cannot be changed"
        );
        assert!(error(&mut settings, "datestyle", "teutonic").starts_with("22023"));
        assert!(error(&mut settings, "array_nulls", "off").starts_with("0A000"));
        settings.set("foo.bar", "1").expect("custom");
        assert_eq!(settings.get("foo.bar"), Some("1"));
        assert_eq!(settings.get("foo.baz"), None);
    }

    #[test]
    fn date_styles_are_changed_by_halves() {
        let mut settings = Settings::default();
        for (given, shown) in [
            ("dmy", "ISO, DMY"),
            ("sql", "SQL, DMY"),
            ("postgres, mdy", "Postgres, MDY"),
            ("german", "German, DMY"),
            ("ymd, german", "German, YMD"),
            ("default", "ISO, MDY"),
        ] {
            settings.set("datestyle", given).expect("a style");
            assert_eq!(settings.get("DateStyle"), Some(shown), "{given}");
        }
        let error = settings.set("datestyle", "iso, sql").expect_err("two formats");
        assert_eq!(error.fields().detail.as_deref(), Some("Conflicting \"datestyle\" specifications."));
    }

    #[test]
    fn search_paths_are_split_as_identifiers() {
        assert_eq!(
            search_path("\"$user\", public, Extensions , \"My \"\"Schema\"", "anon"),
            ["anon", "public", "extensions", "My \"Schema"]
        );
        assert_eq!(search_path("", "anon"), Vec::<String>::new());
        assert_eq!(search_path("''", "anon"), ["''"]);
    }
}
