-- The queue's memory in Postgres: what survives the loss of Redis.

-- Which database a queue in Redis belongs to, and the key that ticket stubs are signed with.
-- Made when the first queue begins, so that a copy of an empty database is a database of its own.
CREATE TABLE queue_identity (
    single       boolean NOT NULL DEFAULT true,
    database_id  text NOT NULL,
    stub_key     text NOT NULL,
    CONSTRAINT queue_identity_pkey PRIMARY KEY (single),
    CONSTRAINT queue_identity_single CHECK (single),
    CONSTRAINT queue_identity_stub_key CHECK (stub_key ~ '^[0-9a-f]{64}$')
);

-- One row a queue that was ever begun or configured. number_base is above every number that was
-- ever given in it: it is raised before a queue that was lost begins again.
CREATE TABLE queues (
    concert_id   bigint NOT NULL,
    settings     jsonb NOT NULL DEFAULT '{}',
    number_base  bigint NOT NULL DEFAULT 0,
    founded_at   timestamptz,
    CONSTRAINT queues_pkey PRIMARY KEY (concert_id),
    CONSTRAINT queues_concert_fkey FOREIGN KEY (concert_id) REFERENCES concerts (id),
    CONSTRAINT queues_settings_object CHECK (jsonb_typeof(settings) = 'object'),
    CONSTRAINT queues_number_base CHECK (number_base BETWEEN 0 AND 9007199254740992)
);

-- Until now the settings stood in Redis alone, which is begun anew by this version; but every
-- change of them was recorded. The last word on each holds, and null was back to the default.
INSERT INTO queues (concert_id, settings)
SELECT concert, coalesce(jsonb_object_agg(name, value) FILTER (WHERE value <> 'null'), '{}')
FROM (SELECT DISTINCT ON (1, 2) (a.detail ->> 'concert')::bigint AS concert, s.name, s.value
      FROM audit a, jsonb_each(a.detail - 'concert') AS s (name, value)
      WHERE a.action = 'configure queue'
      ORDER BY 1, 2, a.id DESC) AS kept
WHERE concert IN (SELECT id FROM concerts)
GROUP BY concert;

-- The draw of a concert: the commitment is published before, the seed after it was held.
CREATE TABLE draws (
    concert_id  bigint NOT NULL,
    seed        text NOT NULL,
    commitment  text NOT NULL,
    made_at     timestamptz NOT NULL DEFAULT now(),
    held_at     timestamptz,
    drawn       bigint,
    CONSTRAINT draws_pkey PRIMARY KEY (concert_id),
    CONSTRAINT draws_concert_fkey FOREIGN KEY (concert_id) REFERENCES queues (concert_id),
    CONSTRAINT draws_commitment CHECK (commitment = encode(sha256(seed::bytea), 'hex')),
    CONSTRAINT draws_drawn CHECK (drawn >= 0 AND (drawn IS NULL OR held_at IS NOT NULL))
);

-- What was committed to stays, and a draw is held once.
CREATE FUNCTION keep_draw() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'UPDATE' OR OLD.held_at IS NOT NULL
       OR (NEW.concert_id, NEW.seed, NEW.commitment, NEW.made_at)
          <> (OLD.concert_id, OLD.seed, OLD.commitment, OLD.made_at) THEN
        RAISE EXCEPTION 'a draw is not changed' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER draws_stay BEFORE UPDATE OR DELETE ON draws
    FOR EACH ROW EXECUTE FUNCTION keep_draw();
