-- PATCH /labels?id=eq.1 | if-match: * {"name":"x"}
-- answered 204
-- step: service_role, read only
SELECT NULL AS total, count(*) AS page_total, coalesce(json_agg("_t"), '[]') AS body, nullif(current_setting('response.headers', true), '') AS response_headers, nullif(current_setting('response.status', true), '') AS response_status FROM (SELECT "labels".* FROM "public"."labels" AS "labels" WHERE "labels"."id" = $1 LIMIT 1001) "_t";
--   $1 = '1'
-- step: service_role
UPDATE "public"."labels" SET "name" = $1 WHERE "labels"."id" = $2;
--   $1 = 'x'
--   $2 = '1'
-- commit

-- PATCH /labels?id=eq.1&select=name | if-match: {tag} | prefer: return=representation {"name":"y"}
-- answered 200
-- step: service_role, read only
SELECT NULL AS total, count(*) AS page_total, coalesce(json_agg("_t"), '[]') AS body, nullif(current_setting('response.headers', true), '') AS response_headers, nullif(current_setting('response.status', true), '') AS response_status FROM (SELECT "labels"."name" FROM "public"."labels" AS "labels" WHERE "labels"."id" = $1 LIMIT 1001) "_t";
--   $1 = '1'
-- step: service_role
WITH "_r" AS (UPDATE "public"."labels" SET "name" = $1 WHERE "labels"."id" = $2 RETURNING "labels"."name") SELECT coalesce(json_agg("_r"), '[]') AS body, count(*) AS page_total FROM "_r";
--   $1 = 'y'
--   $2 = '1'
-- commit

-- PATCH /labels?id=eq.1 | if-match: "of another state" {"name":"z"}
-- answered 412
-- step: service_role, read only
SELECT NULL AS total, count(*) AS page_total, coalesce(json_agg("_t"), '[]') AS body, nullif(current_setting('response.headers', true), '') AS response_headers, nullif(current_setting('response.status', true), '') AS response_status FROM (SELECT "labels".* FROM "public"."labels" AS "labels" WHERE "labels"."id" = $1 LIMIT 1001) "_t";
--   $1 = '1'
-- abandoned

-- DELETE /comments?id=eq.2 | if-match: {tag} 
-- answered 204
-- step: service_role, read only
SELECT NULL AS total, count(*) AS page_total, coalesce(json_agg("_t"), '[]') AS body, nullif(current_setting('response.headers', true), '') AS response_headers, nullif(current_setting('response.status', true), '') AS response_status FROM (SELECT "comments".* FROM "public"."comments" AS "comments" WHERE "comments"."id" = $1 LIMIT 1001) "_t";
--   $1 = '2'
-- step: service_role
DELETE FROM "public"."comments" WHERE "comments"."id" = $1;
--   $1 = '2'
-- commit

-- PUT /labels?id=eq.110 | if-none-match: * {"id":110,"name":"a"}
-- answered 204
-- step: service_role, read only
SELECT NULL AS total, count(*) AS page_total, coalesce(json_agg("_t"), '[]') AS body, nullif(current_setting('response.headers', true), '') AS response_headers, nullif(current_setting('response.status', true), '') AS response_status FROM (SELECT "labels".* FROM "public"."labels" AS "labels" WHERE "labels"."id" = $1 LIMIT 1001) "_t";
--   $1 = '110'
-- step: service_role
SELECT CASE WHEN CAST($1 AS integer) = CAST($2 AS integer) THEN 1 ELSE 0 END AS page_total;
--   $1 = '110'
--   $2 = '110'
--   page_total within 1 and 1
SELECT count(*) AS page_total FROM "public"."labels" WHERE ("id" = $1);
--   $1 = '110'
INSERT INTO "public"."labels" ("id", "name") VALUES ($1, $2) ON CONFLICT ("id") DO UPDATE SET "id" = EXCLUDED."id", "name" = EXCLUDED."name";
--   $1 = '110'
--   $2 = 'a'
-- commit

-- PUT /labels?id=eq.110 | if-none-match: * {"id":110,"name":"b"}
-- answered 412
-- step: service_role, read only
SELECT NULL AS total, count(*) AS page_total, coalesce(json_agg("_t"), '[]') AS body, nullif(current_setting('response.headers', true), '') AS response_headers, nullif(current_setting('response.status', true), '') AS response_status FROM (SELECT "labels".* FROM "public"."labels" AS "labels" WHERE "labels"."id" = $1 LIMIT 1001) "_t";
--   $1 = '110'
-- abandoned

-- POST /labels | if-none-match: * | prefer: resolution=merge-duplicates {"id":111,"name":"a"}
-- answered 201
-- step: service_role
INSERT INTO "public"."labels" ("id", "name") VALUES ($1, $2);
--   $1 = '111'
--   $2 = 'a'
-- commit

-- POST /posts?select=id,comments(id) | prefer: insert=nested, return=representation {"id":120,"title":"t","users!author_id":{"id":120,"name":"n"},"comments":[{"id":120,"body":"a"},{"id":121,"body":"b"}]}
-- answered 201
-- step: service_role
WITH "_r" AS (INSERT INTO "public"."users" ("id", "name") VALUES ($1, $2) RETURNING "users"."id") SELECT coalesce(json_agg("_r"), '[]') AS body, count(*) AS page_total FROM "_r";
--   $1 = '120'
--   $2 = 'n'
-- step
WITH "_r" AS (INSERT INTO "public"."posts" ("author_id", "id", "title") VALUES ($1, $2, $3) RETURNING "posts"."id") SELECT coalesce(json_agg("_r"), '[]') AS body, count(*) AS page_total FROM "_r";
--   $1 = '120'
--   $2 = '120'
--   $3 = 't'
-- step
INSERT INTO "public"."comments" ("body", "id", "post_id") VALUES ($1, $2, $3);
--   $1 = 'a'
--   $2 = '120'
--   $3 = '120'
INSERT INTO "public"."comments" ("body", "id", "post_id") VALUES ($1, $2, $3);
--   $1 = 'b'
--   $2 = '121'
--   $3 = '120'
-- step
SELECT NULL AS total, count(*) AS page_total, coalesce(json_agg("_t"), '[]') AS body, nullif(current_setting('response.headers', true), '') AS response_headers, nullif(current_setting('response.status', true), '') AS response_status FROM (SELECT "posts"."id", (SELECT coalesce(json_agg("_e"), '[]') FROM (SELECT "comments_1"."id" FROM "public"."comments" AS "comments_1" WHERE "comments_1"."post_id" = "posts"."id" LIMIT 1000) "_e") AS "comments" FROM "public"."posts" AS "posts" WHERE "posts"."id" = $1 LIMIT 1000) "_t";
--   $1 = '120'
SELECT nullif(current_setting('response.headers', true), '') AS response_headers, nullif(current_setting('response.status', true), '') AS response_status;
-- commit

-- POST /posts | prefer: insert=nested, count=exact [{"id":122,"author_id":1,"title":"t","posts_labels":[{"labels":{"id":122,"name":"n"}},{"label_id":1}]}]
-- answered 201
-- step: service_role
WITH "_r" AS (INSERT INTO "public"."posts" ("author_id", "id", "title") VALUES ($1, $2, $3) RETURNING "posts"."id") SELECT coalesce(json_agg("_r"), '[]') AS body, count(*) AS page_total FROM "_r";
--   $1 = '1'
--   $2 = '122'
--   $3 = 't'
WITH "_r" AS (INSERT INTO "public"."labels" ("id", "name") VALUES ($1, $2) RETURNING "labels"."id") SELECT coalesce(json_agg("_r"), '[]') AS body, count(*) AS page_total FROM "_r";
--   $1 = '122'
--   $2 = 'n'
-- step
INSERT INTO "public"."posts_labels" ("label_id", "post_id") VALUES ($1, $2);
--   $1 = '122'
--   $2 = '122'
INSERT INTO "public"."posts_labels" ("label_id", "post_id") VALUES ($1, $2);
--   $1 = '1'
--   $2 = '122'
-- step
SELECT nullif(current_setting('response.headers', true), '') AS response_headers, nullif(current_setting('response.status', true), '') AS response_status;
-- commit

-- POST /posts | prefer: insert=nested, return=headers-only {"id":123,"author_id":1,"title":"t"}
-- answered 201
-- step: service_role
WITH "_r" AS (INSERT INTO "public"."posts" ("author_id", "id", "title") VALUES ($1, $2, $3) RETURNING "posts"."id") SELECT coalesce(json_agg("_r"), '[]') AS body, count(*) AS page_total FROM "_r";
--   $1 = '1'
--   $2 = '123'
--   $3 = 't'
-- step
SELECT nullif(current_setting('response.headers', true), '') AS response_headers, nullif(current_setting('response.status', true), '') AS response_status;
-- commit

-- POST /labels | idempotency-key: "k" {"id":130,"name":"a"}
-- answered 201
-- postgres
delete from bedplate.idempotency where made_at < now() - interval '24 hours';
select count(*) as keys, coalesce(sum(size), 0)::bigint as bytes from bedplate.idempotency;
-- step: service_role
select set_config('lock_timeout', $1, true);
--   $1 = '200ms'
select fresh, same, status, headers, body, keys, bytes from bedplate.claim_key($1, $2, $3);
--   $1 = 'ebb82aa086bddb9b2515ca00db4de6b5db2f80e56d3cf885ec44b5eb92cc82c8'
--   $2 = 'k'
--   $3 = '\x57cdd423344d3e032348f7190f5bbf8670f7d8773c351a539ea02ab2165a00a3'
-- step: service_role
INSERT INTO "public"."labels" ("id", "name") VALUES ($1, $2);
--   $1 = '130'
--   $2 = 'a'
-- step: service_role
select bedplate.keep_answer($1, $2, $3, $4, $5, $6, $7);
--   $1 = 'ebb82aa086bddb9b2515ca00db4de6b5db2f80e56d3cf885ec44b5eb92cc82c8'
--   $2 = 'k'
--   $3 = '\x57cdd423344d3e032348f7190f5bbf8670f7d8773c351a539ea02ab2165a00a3'
--   $4 = Int(201)
--   $5 = Int(25)
--   $6 = '[["content-range","*/*"]]'
--   $7 = '\x'
-- commit

-- POST /labels | idempotency-key: "k" {"id":130,"name":"a"}
-- answered 201
-- step: service_role
select set_config('lock_timeout', $1, true);
--   $1 = '200ms'
select fresh, same, status, headers, body, keys, bytes from bedplate.claim_key($1, $2, $3);
--   $1 = 'ebb82aa086bddb9b2515ca00db4de6b5db2f80e56d3cf885ec44b5eb92cc82c8'
--   $2 = 'k'
--   $3 = '\x57cdd423344d3e032348f7190f5bbf8670f7d8773c351a539ea02ab2165a00a3'
-- abandoned

-- POST /labels | idempotency-key: "k" {"id":131,"name":"a"}
-- answered 422
-- step: service_role
select set_config('lock_timeout', $1, true);
--   $1 = '200ms'
select fresh, same, status, headers, body, keys, bytes from bedplate.claim_key($1, $2, $3);
--   $1 = 'ebb82aa086bddb9b2515ca00db4de6b5db2f80e56d3cf885ec44b5eb92cc82c8'
--   $2 = 'k'
--   $3 = '\xfbe7824fb115d78a212d013b4e90d5acdbfdc628d80425aa56a80c11fc78ad31'
-- abandoned

-- POST /rpc/add_them | idempotency-key: "l" {"a":1}
-- answered 200
-- step: service_role
select set_config('lock_timeout', $1, true);
--   $1 = '200ms'
select fresh, same, status, headers, body, keys, bytes from bedplate.claim_key($1, $2, $3);
--   $1 = 'ebb82aa086bddb9b2515ca00db4de6b5db2f80e56d3cf885ec44b5eb92cc82c8'
--   $2 = 'l'
--   $3 = '\xfecec63065b5d0cfe9cd10b40678b276bb70568554c45384dbc7c6d2fc3c278f'
-- step: service_role, read only
WITH "_r" AS (SELECT "public"."add_them"("a" => $1::integer) AS "pgrst_scalar") SELECT NULL AS total, count(*) AS page_total, coalesce(json_agg("_t"."pgrst_scalar"), '[]') AS body, nullif(current_setting('response.headers', true), '') AS response_headers, nullif(current_setting('response.status', true), '') AS response_status FROM (SELECT "add_them".* FROM "_r" AS "add_them" LIMIT 1000) "_t";
--   $1 = '1'
-- step: service_role
select bedplate.keep_answer($1, $2, $3, $4, $5, $6, $7);
--   $1 = 'ebb82aa086bddb9b2515ca00db4de6b5db2f80e56d3cf885ec44b5eb92cc82c8'
--   $2 = 'l'
--   $3 = '\xfecec63065b5d0cfe9cd10b40678b276bb70568554c45384dbc7c6d2fc3c278f'
--   $4 = Int(200)
--   $5 = Int(79)
--   $6 = '[["content-range","0-0/*"],["content-type","application/json; charset=utf-8"]]'
--   $7 = '\x32'
-- commit

-- POST /batch/v1 {"requests":[{"method":"POST","path":"/rest/v1/labels","headers":{"prefer":"return=representation"},"body":{"id":140,"name":"a"}},{"method":"PATCH","path":"/rest/v1/labels?id=eq.${/0/body/0/id}","headers":{"if-match":"*"},"body":{"name":{"$result":"/0/body/0/name"}}},{"method":"GET","path":"/rest/v1/labels?id=eq.140&select=name"}]}
-- answered 200
-- step: service_role
WITH "_r" AS (INSERT INTO "public"."labels" ("id", "name") VALUES ($1, $2) RETURNING "labels".*) SELECT coalesce(json_agg("_r"), '[]') AS body, count(*) AS page_total FROM "_r";
--   $1 = '140'
--   $2 = 'a'
-- step: service_role, read only
SELECT NULL AS total, count(*) AS page_total, coalesce(json_agg("_t"), '[]') AS body, nullif(current_setting('response.headers', true), '') AS response_headers, nullif(current_setting('response.status', true), '') AS response_status FROM (SELECT "labels".* FROM "public"."labels" AS "labels" WHERE "labels"."id" = $1 LIMIT 1001) "_t";
--   $1 = '140'
-- step: service_role
UPDATE "public"."labels" SET "name" = $1 WHERE "labels"."id" = $2;
--   $1 = 'a'
--   $2 = '140'
-- step: service_role, read only
SELECT NULL AS total, count(*) AS page_total, coalesce(json_agg("_t"), '[]') AS body, nullif(current_setting('response.headers', true), '') AS response_headers, nullif(current_setting('response.status', true), '') AS response_status FROM (SELECT "labels"."name" FROM "public"."labels" AS "labels" WHERE "labels"."id" = $1 LIMIT 1000) "_t";
--   $1 = '140'
-- commit

-- POST /batch/v1 | idempotency-key: "m" {"requests":[{"method":"DELETE","path":"/rest/v1/labels?id=eq.140"},{"method":"GET","path":"/rest/v1/rpc/add_them?a=1"}]}
-- answered 200
-- step: service_role
select set_config('lock_timeout', $1, true);
--   $1 = '200ms'
select fresh, same, status, headers, body, keys, bytes from bedplate.claim_key($1, $2, $3);
--   $1 = 'ebb82aa086bddb9b2515ca00db4de6b5db2f80e56d3cf885ec44b5eb92cc82c8'
--   $2 = 'm'
--   $3 = '\x70b1eb931aefb697c088688d748a6c0f7c378940b5be49f4aa95c4855cede9c9'
-- step: service_role
DELETE FROM "public"."labels" WHERE "labels"."id" = $1;
--   $1 = '140'
-- step: service_role, read only
WITH "_r" AS (SELECT "public"."add_them"("a" => $1::integer) AS "pgrst_scalar") SELECT NULL AS total, count(*) AS page_total, coalesce(json_agg("_t"."pgrst_scalar"), '[]') AS body, nullif(current_setting('response.headers', true), '') AS response_headers, nullif(current_setting('response.status', true), '') AS response_status FROM (SELECT "add_them".* FROM "_r" AS "add_them" LIMIT 1000) "_t";
--   $1 = '1'
-- step: service_role
select bedplate.keep_answer($1, $2, $3, $4, $5, $6, $7);
--   $1 = 'ebb82aa086bddb9b2515ca00db4de6b5db2f80e56d3cf885ec44b5eb92cc82c8'
--   $2 = 'm'
--   $3 = '\x70b1eb931aefb697c088688d748a6c0f7c378940b5be49f4aa95c4855cede9c9'
--   $4 = Int(200)
--   $5 = Int(299)
--   $6 = '[["content-type","application/json; charset=utf-8"],["vary","Prefer"]]'
--   $7 = '\x7b22726573756c7473223a5b7b22737461747573223a3230342c2268656164657273223a7b22636f6e74656e742d72616e6765223a222a2f2a227d2c22626f6479223a6e756c6c7d2c7b22737461747573223a3230302c2268656164657273223a7b22636f6e74656e742d72616e6765223a22302d302f2a222c22636f6e74656e742d74797065223a226170706c69636174696f6e2f6a736f6e3b20636861727365743d7574662d38222c2265746167223a225c2264326263313361333937613663643064623938303631316134663734386332635c22227d2c22626f6479223a327d5d7d'
-- commit

-- POST /batch/v1 {"requests":[{"method":"DELETE","path":"/rest/v1/labels?id=eq.130"},{"method":"POST","path":"/rest/v1/labels","body":{"id":1,"name":"a"}}]}
-- answered 409
-- step: service_role
DELETE FROM "public"."labels" WHERE "labels"."id" = $1;
--   $1 = '130'
-- step: service_role
INSERT INTO "public"."labels" ("id", "name") VALUES ($1, $2);
--   $1 = '1'
--   $2 = 'a'

