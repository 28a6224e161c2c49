-- GET /paints?select=id,color&order=id 
-- service_role, read only
SELECT NULL AS total, count(*) AS page_total, coalesce(json_agg("_t"), '[]') AS body, nullif(current_setting('response.headers', true), '') AS response_headers, nullif(current_setting('response.status', true), '') AS response_status FROM (SELECT "paints"."id", "public"."color_to_json"("paints"."color") AS "color" FROM "public"."paints" AS "paints" ORDER BY "paints"."id" LIMIT 1000) "_t";

-- GET /paints?select=*,shops(front)&color=in.(0000FF,00FF00)&color=neq.000001 
-- service_role, read only
SELECT NULL AS total, count(*) AS page_total, coalesce(json_agg("_t"), '[]') AS body, nullif(current_setting('response.headers', true), '') AS response_headers, nullif(current_setting('response.status', true), '') AS response_status FROM (SELECT "paints"."id", "paints"."name", "public"."color_to_json"("paints"."color") AS "color", "paints"."shop_id", (SELECT row_to_json("_e") FROM (SELECT "public"."color_to_json"("shops_1"."front") AS "front" FROM "public"."shops" AS "shops_1" WHERE "shops_1"."id" = "paints"."shop_id") "_e") AS "shops" FROM "public"."paints" AS "paints" WHERE "paints"."color" IN ("public"."color_from_text"(CAST($1 AS text)), "public"."color_from_text"(CAST($2 AS text))) AND "paints"."color" <> "public"."color_from_text"(CAST($3 AS text)) LIMIT 1000) "_t";
--   $1 = '0000FF'
--   $2 = '00FF00'
--   $3 = '000001'

-- GET /paints?color=gt(any).{000000,FFFFFF} 
-- service_role, read only
SELECT NULL AS total, count(*) AS page_total, coalesce(json_agg("_t"), '[]') AS body, nullif(current_setting('response.headers', true), '') AS response_headers, nullif(current_setting('response.status', true), '') AS response_status FROM (SELECT "paints"."id", "paints"."name", "public"."color_to_json"("paints"."color") AS "color", "paints"."shop_id" FROM "public"."paints" AS "paints" WHERE "paints"."color" > ANY (SELECT "public"."color_from_text"(_v) FROM unnest(CAST($1 AS text[])) AS _v) LIMIT 1000) "_t";
--   $1 = '{000000,FFFFFF}'

-- POST /paints?select=color | return=representation {"id":10,"name":"red","color":"#FF0000"}
-- service_role
WITH "_r" AS (INSERT INTO "public"."paints" ("color", "id", "name") VALUES ("public"."color_from_json"(CAST($1 AS json)), $2, $3) RETURNING "public"."color_to_json"("paints"."color") AS "color") SELECT coalesce(json_agg("_r"), '[]') AS body, count(*) AS page_total FROM "_r";
--   $1 = '"#FF0000"'
--   $2 = '10'
--   $3 = 'red'

-- POST /paints | resolution=merge-duplicates {"id":1,"name":"red","color":"#FF0000"}
-- service_role
SELECT count(*) AS page_total FROM "public"."paints" WHERE ("id" = $1);
--   $1 = '1'
INSERT INTO "public"."paints" ("color", "id", "name") VALUES ("public"."color_from_json"(CAST($1 AS json)), $2, $3) ON CONFLICT ("id") DO UPDATE SET "color" = EXCLUDED."color", "id" = EXCLUDED."id", "name" = EXCLUDED."name";
--   $1 = '"#FF0000"'
--   $2 = '1'
--   $3 = 'red'

-- PATCH /paints?id=eq.1&select=id,color,shops(front) | return=representation {"color":"#010203"}
-- service_role
WITH "_r" AS (UPDATE "public"."paints" SET "color" = "public"."color_from_json"(CAST($1 AS json)) WHERE "paints"."id" = $2 RETURNING "paints"."id", "paints"."color", "paints"."shop_id") SELECT NULL AS total, count(*) AS page_total, coalesce(json_agg("_t"), '[]') AS body, nullif(current_setting('response.headers', true), '') AS response_headers, nullif(current_setting('response.status', true), '') AS response_status FROM (SELECT "paints"."id", "public"."color_to_json"("paints"."color") AS "color", (SELECT row_to_json("_e") FROM (SELECT "public"."color_to_json"("shops_1"."front") AS "front" FROM "public"."shops" AS "shops_1" WHERE "shops_1"."id" = "paints"."shop_id") "_e") AS "shops" FROM "_r" AS "paints") "_t";
--   $1 = '"#010203"'
--   $2 = '1'

-- GET /labels?order=id | application/x-list 
-- service_role, read only
SELECT NULL AS total, count(*) AS page_total, CAST("public"."list_labels"("_t"::"public"."labels") AS text) AS body, nullif(current_setting('response.headers', true), '') AS response_headers, nullif(current_setting('response.status', true), '') AS response_status FROM (SELECT "labels".* FROM "public"."labels" AS "labels" ORDER BY "labels"."id" LIMIT 1000) "_t";

-- GET /labels?select=name&order=id | application/x-count 
-- service_role, read only
SELECT NULL AS total, count(*) AS page_total, "public"."count_rows"("_t") AS body, nullif(current_setting('response.headers', true), '') AS response_headers, nullif(current_setting('response.status', true), '') AS response_status FROM (SELECT "labels"."name" FROM "public"."labels" AS "labels" ORDER BY "labels"."id" LIMIT 1000) "_t";

-- DELETE /posts_labels?post_id=eq.3 | return=representation | application/x-count 
-- service_role
WITH "_r" AS (DELETE FROM "public"."posts_labels" WHERE "posts_labels"."post_id" = $1 RETURNING "posts_labels".*) SELECT NULL AS total, count(*) AS page_total, "public"."count_rows"("_t") AS body, nullif(current_setting('response.headers', true), '') AS response_headers, nullif(current_setting('response.status', true), '') AS response_status FROM (SELECT "posts_labels".* FROM "_r" AS "posts_labels") "_t";
--   $1 = '3'
SELECT nullif(current_setting('response.headers', true), '') AS response_headers, nullif(current_setting('response.status', true), '') AS response_status;

-- GET /rpc/page | text/html 
-- service_role, read only
WITH "_r" AS (SELECT "public"."page"() AS "pgrst_scalar") SELECT NULL AS total, count(*) AS page_total, string_agg(CAST("_t"."pgrst_scalar" AS text), NULL) AS body, nullif(current_setting('response.headers', true), '') AS response_headers, nullif(current_setting('response.status', true), '') AS response_status FROM (SELECT "page".* FROM "_r" AS "page" LIMIT 1000) "_t";

-- GET /rpc/feed | text/xml 
-- service_role, read only
WITH "_r" AS (SELECT "public"."feed"() AS "pgrst_scalar") SELECT NULL AS total, count(*) AS page_total, string_agg(format('%s', "_t"."pgrst_scalar"), NULL) AS body, nullif(current_setting('response.headers', true), '') AS response_headers, nullif(current_setting('response.status', true), '') AS response_status FROM (SELECT "feed".* FROM "_r" AS "feed" LIMIT 1000) "_t";

-- GET /users?id=gt.1 | count=planned 
-- service_role, read only
SELECT NULL AS total, count(*) AS page_total, coalesce(json_agg("_t"), '[]') AS body, nullif(current_setting('response.headers', true), '') AS response_headers, nullif(current_setting('response.status', true), '') AS response_status FROM (SELECT "users".* FROM "public"."users" AS "users" WHERE "users"."id" > $1 LIMIT 1000) "_t";
--   $1 = '1'
EXPLAIN (FORMAT JSON) SELECT 1 FROM "public"."users" AS "users" WHERE "users"."id" > $1;
--   $1 = '1'

-- GET /users?id=gt.1 | count=estimated 
-- service_role, read only
SELECT (SELECT count(*) FROM (SELECT 1 FROM "public"."users" AS "users" WHERE "users"."id" > $1 LIMIT 1001) AS _n) AS total, count(*) AS page_total, coalesce(json_agg("_t"), '[]') AS body, nullif(current_setting('response.headers', true), '') AS response_headers, nullif(current_setting('response.status', true), '') AS response_status FROM (SELECT "users".* FROM "public"."users" AS "users" WHERE "users"."id" > $2 LIMIT 1000) "_t";
--   $1 = '1'
--   $2 = '1'
EXPLAIN (FORMAT JSON) SELECT 1 FROM "public"."users" AS "users" WHERE "users"."id" > $1;
--   $1 = '1'

-- GET /users | application/vnd.pgrst.plan+json; options=verbose 
-- service_role, read only
EXPLAIN (FORMAT JSON, verbose) SELECT NULL AS total, count(*) AS page_total, coalesce(json_agg("_t"), '[]') AS body, nullif(current_setting('response.headers', true), '') AS response_headers, nullif(current_setting('response.status', true), '') AS response_status FROM (SELECT "users".* FROM "public"."users" AS "users" LIMIT 1000) "_t";

