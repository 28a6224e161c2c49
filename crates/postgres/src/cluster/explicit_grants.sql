-- PostgreSQL keeps the privileges that result from GRANT, not that somebody granted them: what default privileges had given
-- before looks the same after. Here the relations that a GRANT names are written down. Run at each start.
-- The function runs with its owner's rights under the caller's search path, so every name in it is qualified.
SET client_min_messages = warning;
CREATE SCHEMA IF NOT EXISTS bedplate;
CREATE TABLE IF NOT EXISTS bedplate.explicit_grants (relation oid PRIMARY KEY);
CREATE OR REPLACE FUNCTION bedplate.note_explicit_grants() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
  names pg_catalog.text;
  name pg_catalog.text;
  relation pg_catalog.regclass;
BEGIN
  FOR names IN
    SELECT clause.words[1] FROM pg_catalog.regexp_matches(
      pg_catalog.current_query(), '\mgrant\s[^;]*?\son\s+(?:table\s+)?([^;]+?)\s+to\s', 'gi') AS clause (words)
  LOOP
    FOR name IN
      SELECT pg_catalog.btrim(item.part, E' \t\r\n') FROM pg_catalog.unnest(pg_catalog.string_to_array(names, ',')) AS item (part)
    LOOP
      -- Functions, schemas and ALL TABLES have more words or brackets than a relation's name.
      IF name OPERATOR(pg_catalog.~) '^("[^"]+"|[[:alnum:]_$]+)(\.("[^"]+"|[[:alnum:]_$]+))?$' THEN
        relation := pg_catalog.to_regclass(name);
        IF relation IS NOT NULL THEN
          INSERT INTO bedplate.explicit_grants VALUES (relation) ON CONFLICT DO NOTHING;
        END IF;
      END IF;
    END LOOP;
  END LOOP;
END $$;
REVOKE ALL ON FUNCTION bedplate.note_explicit_grants() FROM PUBLIC;
DROP EVENT TRIGGER IF EXISTS bedplate_explicit_grants;
CREATE EVENT TRIGGER bedplate_explicit_grants ON ddl_command_end WHEN TAG IN ('GRANT')
  EXECUTE FUNCTION bedplate.note_explicit_grants();
