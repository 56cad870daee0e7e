-- As before, and NOTIFY carries the rows where they fit: [seq of the row before, [[seq, at, node, topic, key, body as text], ...]].
-- The lock makes "the row before" true: nothing commits in between. Where they do not fit: the newest seq alone.
CREATE OR REPLACE FUNCTION feed_append(p_node text, p_items jsonb) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    before bigint;
    last bigint;
    told text;
    few CONSTANT boolean := jsonb_array_length(p_items) BETWEEN 1 AND 16;
BEGIN
    PERFORM pg_advisory_xact_lock(7201);
    SELECT coalesce(max(seq), 0) INTO before FROM feed;
    WITH item AS (
        SELECT ord, i->>'topic' AS topic, i->>'key' AS key, nullif(i->'body', 'null'::jsonb) AS body,
               coalesce((i->>'live')::boolean, false) AS live, (i->>'fact_at')::timestamptz AS fact_at
        FROM jsonb_array_elements(p_items) WITH ORDINALITY AS e(i, ord)
    ), row AS (
        INSERT INTO feed (node, topic, key, body, fact_at)
        SELECT p_node, topic, key, body, fact_at FROM item ORDER BY ord
        RETURNING seq, at, topic, key, body
    ), newest AS (
        SELECT DISTINCT ON (row.topic, row.key) row.seq, row.topic, row.key, row.body
        FROM row JOIN (SELECT DISTINCT topic, key FROM item WHERE live) l USING (topic, key)
        ORDER BY row.topic, row.key, row.seq DESC
    ), gone AS (
        DELETE FROM live USING newest
        WHERE live.topic = newest.topic AND live.key = newest.key AND newest.body IS NULL
    ), put AS (
        INSERT INTO live (topic, key, node, seq, body)
        SELECT topic, key, p_node, seq, body FROM newest WHERE body IS NOT NULL
        ON CONFLICT (topic, key) DO UPDATE SET seq = EXCLUDED.seq, body = EXCLUDED.body, node = EXCLUDED.node
    )
    SELECT max(seq), json_build_array(before,
        json_agg(json_build_array(seq, at, p_node, topic, key, body::text) ORDER BY seq) FILTER (WHERE few))::text
        INTO last, told FROM row;
    PERFORM pg_notify('lianxin_feed', CASE WHEN few AND octet_length(told) < 7900 THEN told ELSE last::text END);
    RETURN last;
END $$;
