-- The feed's two writers. items: [{topic, key, body|null, live: bool, fact_at|null}]; both return the last seq.
-- The advisory lock makes seq commit-ordered: call them as the last statement before commit.
CREATE OR REPLACE FUNCTION feed_append(p_node text, p_items jsonb) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE last bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(7201);
    WITH item AS (
        SELECT ord, i->>'topic' AS topic, i->>'key' AS key, nullif(i->'body', 'null'::jsonb) AS body,
               coalesce((i->>'live')::boolean, false) AS live, (i->>'fact_at')::timestamptz AS fact_at
        FROM jsonb_array_elements(p_items) WITH ORDINALITY AS e(i, ord)
    ), row AS (
        INSERT INTO feed (node, topic, key, body, fact_at)
        SELECT p_node, topic, key, body, fact_at FROM item ORDER BY ord
        RETURNING seq, topic, key, body
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
    SELECT max(seq) INTO last FROM row;
    PERFORM pg_notify('lianxin_feed', last::text);
    RETURN last;
END $$;

CREATE OR REPLACE FUNCTION feed_replace_node(p_node text, p_items jsonb) RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(7201);
    DELETE FROM live WHERE node = p_node;
    RETURN feed_append(p_node, p_items || jsonb_build_array(
        jsonb_build_object('topic', 'resync', 'key', p_node, 'body', NULL, 'live', false)));
END $$;

-- History is append-only.
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON case_event FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON recording_access FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON abuse_report FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- Recordings of a danger call are evidence, whenever they are kept, and nobody removes the row.
CREATE OR REPLACE FUNCTION mark_evidence() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.undeletable := NEW.undeletable OR EXISTS (SELECT FROM danger WHERE danger.call_id = NEW.call_id);
    RETURN NEW;
END $$;

CREATE TRIGGER mark_evidence BEFORE INSERT ON recording FOR EACH ROW EXECUTE FUNCTION mark_evidence();

CREATE OR REPLACE FUNCTION keep_evidence() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a recording of a danger call is not removed' USING ERRCODE = 'insufficient_privilege';
    END IF;
    NEW.undeletable := true;
    RETURN NEW;
END $$;

CREATE TRIGGER keep_evidence BEFORE UPDATE OR DELETE ON recording FOR EACH ROW WHEN (OLD.undeletable)
    EXECUTE FUNCTION keep_evidence();
