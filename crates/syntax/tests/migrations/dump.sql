--
-- PostgreSQL database dump
--

-- Dumped from database version 15.1 (Ubuntu 15.1-1.pgdg20.04+1)
-- Dumped by pg_dump version 15.5

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

CREATE EXTENSION IF NOT EXISTS "pg_net" WITH SCHEMA "extensions";

CREATE SCHEMA IF NOT EXISTS "private";


ALTER SCHEMA "private" OWNER TO "postgres";

COMMENT ON SCHEMA "public" IS 'standard public schema';

CREATE TYPE "public"."order_state" AS ENUM (
    'open',
    'paid',
    'shipped'
);


ALTER TYPE "public"."order_state" OWNER TO "postgres";

CREATE DOMAIN "public"."email" AS "text"
	CONSTRAINT "email_check" CHECK (("value" OPERATOR("pg_catalog".~) '^[^@]+@[^@]+$'::"text"));

CREATE OR REPLACE FUNCTION "public"."create_order"("p_items" "jsonb", "p_note" "text" DEFAULT NULL::"text", OUT "order_id" "uuid", VARIADIC "p_tags" "text"[] DEFAULT '{}'::"text"[]) RETURNS "uuid"
    LANGUAGE "plpgsql" SECURITY DEFINER
    SET "search_path" TO 'public', 'pg_temp'
    AS $_$
DECLARE
  v jsonb; -- a ; in a comment, and $1
BEGIN
  FOR v IN SELECT * FROM jsonb_array_elements(p_items) LOOP
    EXECUTE format('select %L', $1);
  END LOOP;
END;
$_$;


ALTER FUNCTION "public"."create_order"("p_items" "jsonb", "p_note" "text", OUT "order_id" "uuid", VARIADIC "p_tags" "text"[]) OWNER TO "postgres";

SET default_tablespace = '';

SET default_table_access_method = "heap";

CREATE TABLE IF NOT EXISTS "public"."orders" (
    "id" "uuid" DEFAULT "gen_random_uuid"() NOT NULL,
    "user_id" "uuid" DEFAULT "auth"."uid"(),
    "number" integer NOT NULL,
    "state" "public"."order_state" DEFAULT 'open'::"public"."order_state" NOT NULL,
    "total" numeric(10,2) DEFAULT 0 NOT NULL,
    "placed_at" timestamp with time zone DEFAULT "now"() NOT NULL,
    "window" "tstzrange",
    "address" "jsonb" DEFAULT '{}'::"jsonb",
    "codes" character varying(12)[],
    CONSTRAINT "orders_total_check" CHECK (("total" >= (0)::numeric)),
    CONSTRAINT "orders_state_check" CHECK ((("state" <> 'shipped'::"public"."order_state") OR ("user_id" IS NOT NULL)))
);

ALTER TABLE ONLY "public"."orders" REPLICA IDENTITY FULL;


ALTER TABLE "public"."orders" OWNER TO "postgres";


COMMENT ON TABLE "public"."orders" IS 'Orders; with a semicolon';



CREATE SEQUENCE IF NOT EXISTS "public"."orders_number_seq"
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


ALTER TABLE "public"."orders_number_seq" OWNER TO "postgres";

ALTER SEQUENCE "public"."orders_number_seq" OWNED BY "public"."orders"."number";

ALTER TABLE "public"."notes" ALTER COLUMN "id" ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME "public"."notes_id_seq"
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE OR REPLACE VIEW "public"."open_orders" AS
 SELECT "o"."id",
    "o"."total",
    ("o"."address" ->> 'city'::"text") AS "city",
    EXTRACT(epoch FROM "o"."placed_at") AS "epoch",
        CASE
            WHEN ("o"."total" > (100)::numeric) THEN 'large'::"text"
            ELSE 'small'::"text"
        END AS "size"
   FROM ("public"."orders" "o"
     LEFT JOIN "public"."profiles" "p" ON (("p"."id" = "o"."user_id")))
  WHERE (("o"."state" = 'open'::"public"."order_state") AND ("o"."placed_at" > ("now"() - '30 days'::interval)));

ALTER TABLE ONLY "public"."orders" ALTER COLUMN "number" SET DEFAULT "nextval"('"public"."orders_number_seq"'::"regclass");

ALTER TABLE ONLY "public"."orders"
    ADD CONSTRAINT "orders_pkey" PRIMARY KEY ("id");

CREATE UNIQUE INDEX "orders_number_idx" ON "public"."orders" USING "btree" ("number");
CREATE INDEX "orders_address_idx" ON "public"."orders" USING "gin" ("address" "jsonb_path_ops") WHERE ("state" = ANY (ARRAY['open'::"public"."order_state", 'paid'::"public"."order_state"]));

ALTER TABLE ONLY "public"."orders" ADD CONSTRAINT "orders_number_key" UNIQUE USING INDEX "orders_number_idx";

CREATE OR REPLACE TRIGGER "order_paid" AFTER UPDATE ON "public"."orders" FOR EACH ROW WHEN (("old"."state" IS DISTINCT FROM "new"."state")) EXECUTE FUNCTION "supabase_functions"."http_request"('http://host.docker.internal:54321/functions/v1/paid', 'POST', '{"Content-type":"application/json"}', '{}', '1000');

CREATE CONSTRAINT TRIGGER "check_total" AFTER INSERT OR UPDATE ON "public"."orders" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION "public"."check_total"();

ALTER TABLE ONLY "public"."orders"
    ADD CONSTRAINT "orders_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "auth"."users"("id") ON UPDATE CASCADE ON DELETE SET NULL NOT VALID;

CREATE POLICY "Enable read access for all users" ON "public"."orders" FOR SELECT USING ((( SELECT "auth"."uid"() AS "uid") = "user_id"));

ALTER TABLE "public"."orders" ENABLE ROW LEVEL SECURITY;

ALTER PUBLICATION "supabase_realtime" OWNER TO "postgres";
ALTER PUBLICATION "supabase_realtime" ADD TABLE ONLY "public"."orders";

GRANT USAGE ON SCHEMA "public" TO "postgres";
GRANT USAGE ON SCHEMA "public" TO "anon";
GRANT ALL ON FUNCTION "public"."create_order"("p_items" "jsonb", "p_note" "text", OUT "order_id" "uuid", VARIADIC "p_tags" "text"[]) TO "anon";
GRANT ALL ON TABLE "public"."orders" TO "anon";
GRANT ALL ON SEQUENCE "public"."orders_number_seq" TO "service_role";
GRANT SELECT("id"),UPDATE("state") ON TABLE "public"."orders" TO "authenticated";

ALTER DEFAULT PRIVILEGES FOR ROLE "postgres" IN SCHEMA "public" GRANT ALL ON SEQUENCES  TO "postgres";
ALTER DEFAULT PRIVILEGES FOR ROLE "postgres" IN SCHEMA "public" GRANT ALL ON FUNCTIONS  TO "anon";
ALTER DEFAULT PRIVILEGES FOR ROLE "postgres" IN SCHEMA "public" REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;

RESET ALL;
