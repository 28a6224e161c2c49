-- GET /posts?id=eq.1 
-- service_role, read only
SELECT NULL AS total, count(*) AS page_total, coalesce(json_agg("_t"), '[]') AS body, nullif(current_setting('response.headers', true), '') AS response_headers, nullif(current_setting('response.status', true), '') AS response_status FROM (SELECT "posts".* FROM "public"."posts" AS "posts" WHERE "posts"."id" = $1 LIMIT 1000) "_t";
--   $1 = '1'

-- GET /posts?select=id,score::text,n:title&order=score.desc.nullslast,id&limit=10&offset=1 | count=exact 
-- service_role, read only
SELECT (SELECT count(*) FROM "public"."posts" AS "posts") AS total, count(*) AS page_total, coalesce(json_agg("_t"), '[]') AS body, nullif(current_setting('response.headers', true), '') AS response_headers, nullif(current_setting('response.status', true), '') AS response_status FROM (SELECT "posts"."id", CAST("posts"."score" AS "text") AS "score", "posts"."title" AS "n" FROM "public"."posts" AS "posts" ORDER BY "posts"."score" DESC NULLS LAST, "posts"."id" LIMIT 10 OFFSET 1) "_t";

-- GET /users?select=settings->a->>b,tags->0&settings->>theme=eq.dark&order=settings->>theme 
-- service_role, read only
SELECT NULL AS total, count(*) AS page_total, coalesce(json_agg("_t"), '[]') AS body, nullif(current_setting('response.headers', true), '') AS response_headers, nullif(current_setting('response.status', true), '') AS response_status FROM (SELECT "users"."settings"->$1->>$2 AS "b", to_jsonb("users"."tags")->(0) AS "tags" FROM "public"."users" AS "users" WHERE "users"."settings"->>$3 = $4 ORDER BY "users"."settings"->>$3 LIMIT 1000) "_t";
--   $1 = 'a'
--   $2 = 'b'
--   $3 = 'theme'
--   $4 = 'dark'

-- GET /posts?select=id,users!author_id(name)&order=users(name) 
-- service_role, read only
SELECT NULL AS total, count(*) AS page_total, coalesce(json_agg("_t"), '[]') AS body, nullif(current_setting('response.headers', true), '') AS response_headers, nullif(current_setting('response.status', true), '') AS response_status FROM (SELECT "posts"."id", (SELECT row_to_json("_e") FROM (SELECT "users_1"."name" FROM "public"."users" AS "users_1" WHERE "users_1"."id" = "posts"."author_id") "_e") AS "users" FROM "public"."posts" AS "posts" ORDER BY (SELECT "users_1"."name" FROM "public"."users" AS "users_1" WHERE "users_1"."id" = "posts"."author_id") LIMIT 1000) "_t";

-- GET /posts?select=id,comments(id)&comments.body=like.*x*&comments.order=id.desc&comments.limit=2 
-- service_role, read only
SELECT NULL AS total, count(*) AS page_total, coalesce(json_agg("_t"), '[]') AS body, nullif(current_setting('response.headers', true), '') AS response_headers, nullif(current_setting('response.status', true), '') AS response_status FROM (SELECT "posts"."id", (SELECT coalesce(json_agg("_e"), '[]') FROM (SELECT "comments_1"."id" FROM "public"."comments" AS "comments_1" WHERE "comments_1"."post_id" = "posts"."id" AND "comments_1"."body" LIKE $1 ORDER BY "comments_1"."id" DESC LIMIT 2) "_e") AS "comments" FROM "public"."posts" AS "posts" LIMIT 1000) "_t";
--   $1 = '%x%'

-- GET /posts?select=id,labels!inner(name)&labels.name=in.(red,blue) | count=exact 
-- service_role, read only
SELECT (SELECT count(*) FROM "public"."posts" AS "posts" WHERE EXISTS (SELECT 1 FROM "public"."labels" AS "labels_1_tested_1" INNER JOIN "public"."posts_labels" AS "labels_1_tested_1_via" ON "labels_1_tested_1_via"."label_id" = "labels_1_tested_1"."id" WHERE "labels_1_tested_1_via"."post_id" = "posts"."id" AND "labels_1_tested_1"."name" IN ($1, $2))) AS total, count(*) AS page_total, coalesce(json_agg("_t"), '[]') AS body, nullif(current_setting('response.headers', true), '') AS response_headers, nullif(current_setting('response.status', true), '') AS response_status FROM (SELECT "posts"."id", (SELECT coalesce(json_agg("_e"), '[]') FROM (SELECT "labels_1"."name" FROM "public"."labels" AS "labels_1" INNER JOIN "public"."posts_labels" AS "labels_1_via" ON "labels_1_via"."label_id" = "labels_1"."id" WHERE "labels_1_via"."post_id" = "posts"."id" AND "labels_1"."name" IN ($3, $4) LIMIT 1000) "_e") AS "labels" FROM "public"."posts" AS "posts" WHERE EXISTS (SELECT 1 FROM "public"."labels" AS "labels_1_tested_1" INNER JOIN "public"."posts_labels" AS "labels_1_tested_1_via" ON "labels_1_tested_1_via"."label_id" = "labels_1_tested_1"."id" WHERE "labels_1_tested_1_via"."post_id" = "posts"."id" AND "labels_1_tested_1"."name" IN ($5, $6)) LIMIT 1000) "_t";
--   $1 = 'red'
--   $2 = 'blue'
--   $3 = 'red'
--   $4 = 'blue'
--   $5 = 'red'
--   $6 = 'blue'

-- GET /posts?select=id,comments()&comments=is.null 
-- service_role, read only
SELECT NULL AS total, count(*) AS page_total, coalesce(json_agg("_t"), '[]') AS body, nullif(current_setting('response.headers', true), '') AS response_headers, nullif(current_setting('response.status', true), '') AS response_status FROM (SELECT "posts"."id" FROM "public"."posts" AS "posts" WHERE NOT EXISTS (SELECT 1 FROM "public"."comments" AS "comments_1_tested_1" WHERE "comments_1_tested_1"."post_id" = "posts"."id") LIMIT 1000) "_t";

-- GET /comments?select=id,parent_id(id),comments(id) 
-- service_role, read only
SELECT NULL AS total, count(*) AS page_total, coalesce(json_agg("_t"), '[]') AS body, nullif(current_setting('response.headers', true), '') AS response_headers, nullif(current_setting('response.status', true), '') AS response_status FROM (SELECT "comments"."id", (SELECT row_to_json("_e") FROM (SELECT "comments_1"."id" FROM "public"."comments" AS "comments_1" WHERE "comments_1"."id" = "comments"."parent_id") "_e") AS "parent_id", (SELECT coalesce(json_agg("_e"), '[]') FROM (SELECT "comments_1_2"."id" FROM "public"."comments" AS "comments_1_2" WHERE "comments_1_2"."parent_id" = "comments"."id" LIMIT 1000) "_e") AS "comments" FROM "public"."comments" AS "comments" LIMIT 1000) "_t";

-- GET /posts?select=id,...users!author_id(author:name) 
-- service_role, read only
SELECT NULL AS total, count(*) AS page_total, coalesce(json_agg("_t"), '[]') AS body, nullif(current_setting('response.headers', true), '') AS response_headers, nullif(current_setting('response.status', true), '') AS response_status FROM (SELECT "posts"."id", "users_1"."name" AS "author" FROM "public"."posts" AS "posts" LEFT JOIN "public"."users" AS "users_1" ON "users_1"."id" = "posts"."author_id" LIMIT 1000) "_t";

-- GET /users?select=name,...posts!author_id(title) 
-- service_role, read only
SELECT NULL AS total, count(*) AS page_total, coalesce(json_agg("_t"), '[]') AS body, nullif(current_setting('response.headers', true), '') AS response_headers, nullif(current_setting('response.status', true), '') AS response_status FROM (SELECT "users"."name", (SELECT coalesce(json_agg("_e"."title"), '[]') FROM (SELECT "posts_1"."title" FROM "public"."posts" AS "posts_1" WHERE "posts_1"."author_id" = "users"."id" LIMIT 1000) "_e") AS "title" FROM "public"."users" AS "users" LIMIT 1000) "_t";

-- GET /posts?select=author_id,score.sum(),count()&order=author_id 
-- service_role, read only
SELECT NULL AS total, count(*) AS page_total, coalesce(json_agg("_t"), '[]') AS body, nullif(current_setting('response.headers', true), '') AS response_headers, nullif(current_setting('response.status', true), '') AS response_status FROM (SELECT "posts"."author_id", sum("posts"."score") AS "sum", count(*) AS "count" FROM "public"."posts" AS "posts" GROUP BY 1 ORDER BY "posts"."author_id" LIMIT 1000) "_t";

-- GET /posts?or=(id.eq.1,and(title.ilike.*a*,published.is.true))&not.and=(id.gt.5,reviewer_id.is.null) 
-- service_role, read only
SELECT NULL AS total, count(*) AS page_total, coalesce(json_agg("_t"), '[]') AS body, nullif(current_setting('response.headers', true), '') AS response_headers, nullif(current_setting('response.status', true), '') AS response_status FROM (SELECT "posts".* FROM "public"."posts" AS "posts" WHERE ("posts"."id" = $1 OR ("posts"."title" ILIKE $2 AND "posts"."published" IS TRUE)) AND NOT ("posts"."id" > $3 AND "posts"."reviewer_id" IS NULL) LIMIT 1000) "_t";
--   $1 = '1'
--   $2 = '%a%'
--   $3 = '5'

-- HEAD /posts | count=exact 
-- service_role, read only
SELECT (SELECT count(*) FROM "public"."posts" AS "posts") AS total, count(*) AS page_total, coalesce(json_agg("_t"), '[]') AS body, nullif(current_setting('response.headers', true), '') AS response_headers, nullif(current_setting('response.status', true), '') AS response_status FROM (SELECT "posts".* FROM "public"."posts" AS "posts" LIMIT 1000) "_t";

-- POST /labels [{"id":100,"name":"a"},{"id":101,"name":"b"}]
-- service_role
INSERT INTO "public"."labels" ("id", "name") VALUES ($1, $2), ($3, $4);
--   $1 = '100'
--   $2 = 'a'
--   $3 = '101'
--   $4 = 'b'

-- POST /labels | return=representation {"id":102,"name":"a"}
-- service_role
WITH "_r" AS (INSERT INTO "public"."labels" ("id", "name") VALUES ($1, $2) RETURNING "labels".*) SELECT coalesce(json_agg("_r"), '[]') AS body, count(*) AS page_total FROM "_r";
--   $1 = '102'
--   $2 = 'a'

-- POST /labels | return=headers-only {"id":103,"name":"a"}
-- service_role
WITH "_r" AS (INSERT INTO "public"."labels" ("id", "name") VALUES ($1, $2) RETURNING "labels"."id") SELECT coalesce(json_agg("_r"), '[]') AS body, count(*) AS page_total FROM "_r";
--   $1 = '103'
--   $2 = 'a'

-- POST /posts?select=id,users!author_id(name) | return=representation {"id":104,"author_id":1,"title":"t"}
-- service_role
WITH "_r" AS (INSERT INTO "public"."posts" ("author_id", "id", "title") VALUES ($1, $2, $3) RETURNING "posts"."id", "posts"."author_id") SELECT NULL AS total, count(*) AS page_total, coalesce(json_agg("_t"), '[]') AS body, nullif(current_setting('response.headers', true), '') AS response_headers, nullif(current_setting('response.status', true), '') AS response_status FROM (SELECT "posts"."id", (SELECT row_to_json("_e") FROM (SELECT "users_1"."name" FROM "public"."users" AS "users_1" WHERE "users_1"."id" = "posts"."author_id") "_e") AS "users" FROM "_r" AS "posts") "_t";
--   $1 = '1'
--   $2 = '104'
--   $3 = 't'

-- POST /posts?columns=id,author_id,title,score | missing=default [{"id":105,"author_id":1,"title":"t"}]
-- service_role
INSERT INTO "public"."posts" ("author_id", "id", "score", "title") VALUES ($1, $2, DEFAULT, $3);
--   $1 = '1'
--   $2 = '105'
--   $3 = 't'

-- POST /labels | resolution=merge-duplicates {"id":1,"name":"a"}
-- service_role
SELECT count(*) AS page_total FROM "public"."labels" WHERE ("id" = $1);
--   $1 = '1'
INSERT INTO "public"."labels" ("id", "name") VALUES ($1, $2) ON CONFLICT ("id") DO UPDATE SET "id" = EXCLUDED."id", "name" = EXCLUDED."name";
--   $1 = '1'
--   $2 = 'a'

-- POST /labels | resolution=ignore-duplicates {"id":1,"name":"a"}
-- service_role
INSERT INTO "public"."labels" ("id", "name") VALUES ($1, $2) ON CONFLICT ("id") DO NOTHING;
--   $1 = '1'
--   $2 = 'a'

-- PUT /labels?id=eq.1 {"id":1,"name":"a"}
-- service_role
SELECT CASE WHEN CAST($1 AS integer) = CAST($2 AS integer) THEN 1 ELSE 0 END AS page_total;
--   $1 = '1'
--   $2 = '1'
--   page_total within 1 and 1
SELECT count(*) AS page_total FROM "public"."labels" WHERE ("id" = $1);
--   $1 = '1'
INSERT INTO "public"."labels" ("id", "name") VALUES ($1, $2) ON CONFLICT ("id") DO UPDATE SET "id" = EXCLUDED."id", "name" = EXCLUDED."name";
--   $1 = '1'
--   $2 = 'a'

-- PATCH /posts?id=eq.1 {"title":"x"}
-- service_role
UPDATE "public"."posts" SET "title" = $1 WHERE "posts"."id" = $2;
--   $1 = 'x'
--   $2 = '1'

-- PATCH /posts?id=eq.1 | return=representation, handling=strict, max-affected=1 {"title":"x"}
-- service_role
WITH "_r" AS (UPDATE "public"."posts" SET "title" = $1 WHERE "posts"."id" = $2 RETURNING "posts".*) SELECT coalesce(json_agg("_r"), '[]') AS body, count(*) AS page_total FROM "_r";
--   $1 = 'x'
--   $2 = '1'
--   page_total within 0 and 1

-- DELETE /comments?id=eq.2 | return=representation 
-- service_role
WITH "_r" AS (DELETE FROM "public"."comments" WHERE "comments"."id" = $1 RETURNING "comments".*) SELECT coalesce(json_agg("_r"), '[]') AS body, count(*) AS page_total FROM "_r";
--   $1 = '2'

-- GET /rpc/add_them?a=1 
-- service_role, read only
WITH "_r" AS (SELECT "public"."add_them"("a" => $1::integer) AS "pgrst_scalar") SELECT NULL AS total, count(*) AS page_total, coalesce(json_agg("_t"."pgrst_scalar"), '[]') AS body, nullif(current_setting('response.headers', true), '') AS response_headers, nullif(current_setting('response.status', true), '') AS response_status FROM (SELECT "add_them".* FROM "_r" AS "add_them" LIMIT 1000) "_t";
--   $1 = '1'

-- POST /rpc/posts_of?select=id&order=id | count=exact {"author":1}
-- service_role, read only
WITH "_r" AS (SELECT * FROM "public"."posts_of"("author" => $1::integer) AS _f) SELECT (SELECT count(*) FROM "_r" AS "posts") AS total, count(*) AS page_total, coalesce(json_agg("_t"), '[]') AS body, nullif(current_setting('response.headers', true), '') AS response_headers, nullif(current_setting('response.status', true), '') AS response_status FROM (SELECT "posts"."id" FROM "_r" AS "posts" ORDER BY "posts"."id" LIMIT 1000) "_t";
--   $1 = '1'

