-- ALTER ROLE authenticator SET pgrst.… is the operator's to say, who is no superuser. PostgreSQL 14 has no such right to give.
DO $$ BEGIN
  IF pg_catalog.current_setting('server_version_num')::pg_catalog.int4 >= 150000 THEN
    EXECUTE 'GRANT SET ON PARAMETER pgrst.db_schemas, pgrst.db_extra_search_path, pgrst.db_max_rows, pgrst.db_aggregates_enabled, '
      'pgrst.db_plan_enabled, pgrst.db_pre_request, pgrst.db_tx_end, pgrst.db_hoisted_tx_settings, pgrst.openapi_mode, '
      'pgrst.openapi_security_active, pgrst.openapi_server_proxy_uri, pgrst.server_timing_enabled, pgrst.client_error_verbosity, '
      'pgrst.url_use_legacy_target_names TO postgres';
  END IF;
END $$;
