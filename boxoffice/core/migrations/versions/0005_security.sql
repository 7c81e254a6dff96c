-- An audit that shows when it was tampered with: every row is a link of one chain.
--
-- A link is sha256(hash of the link before || text of the audit row), numbered without a gap.
-- It is written when the transaction commits, by a deferred trigger, so the head of the chain
-- is the last lock of every transaction, whatever it did before, and nobody waits for a seat
-- with it (docs/adr/0019-audit-chain.md).

ALTER TABLE audit
    -- How the thing stood; `detail` says how it stands now.
    ADD COLUMN before jsonb,
    -- The account of the host, which the principal carries after the role.
    ADD COLUMN host_user text GENERATED ALWAYS AS (substr(principal, strpos(principal, ':') + 1)) STORED,
    -- Customers' sessions act for nobody else, so theirs is no role that staff act with.
    ADD CONSTRAINT audit_is_of_staff CHECK (database_user <> 'boxoffice_app');

CREATE TABLE audit_chain (
    number    bigint NOT NULL,
    audit_id  bigint NOT NULL,
    hash      bytea NOT NULL,
    CONSTRAINT audit_chain_pkey PRIMARY KEY (number),
    CONSTRAINT audit_chain_audit_key UNIQUE (audit_id),
    CONSTRAINT audit_chain_hash_length CHECK (octet_length(hash) = 32)
);

-- The last link. One row: who holds its lock writes the next one.
CREATE TABLE audit_head (
    single  boolean NOT NULL DEFAULT true,
    number  bigint NOT NULL,
    hash    bytea NOT NULL,
    CONSTRAINT audit_head_pkey PRIMARY KEY (single),
    CONSTRAINT audit_head_is_one CHECK (single)
) WITH (fillfactor = 10);

INSERT INTO audit_head (number, hash) VALUES (0, sha256('boxoffice'));

-- The text of a row as it is hashed: every column that was written, in an order for good.
CREATE FUNCTION audit_text(entry audit) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp SET timezone = 'UTC'
RETURN jsonb_build_array(
    entry.id, entry.at, entry.action, entry.principal, entry.database_user, entry.terminal,
    entry.user_id, entry.operation_key, entry.detail, entry.before
)::text;

CREATE FUNCTION link_audit(entry audit) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, public, pg_temp
BEGIN ATOMIC
    WITH link AS (
        UPDATE audit_head
        SET number = number + 1,
            hash = sha256(hash || convert_to(audit_text(entry), 'UTF8'))
        RETURNING number, hash
    )
    INSERT INTO audit_chain (number, audit_id, hash)
    SELECT number, entry.id, hash FROM link;
END;

-- Runs as the owner, so that nobody else needs a right to write the chain.
CREATE FUNCTION chain_audit() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM public.link_audit(NEW);
    RETURN NULL;
END
$$;

-- What was audited before there was a chain, in its order.
DO $$
DECLARE
    entry public.audit;
    last public.audit_head;
BEGIN
    SELECT * INTO last FROM public.audit_head;
    -- The head is written once: a row updated for each link would be read through all of its past.
    FOR entry IN SELECT * FROM public.audit ORDER BY id LOOP
        last.number := last.number + 1;
        last.hash := sha256(last.hash || convert_to(public.audit_text(entry), 'UTF8'));
        INSERT INTO public.audit_chain VALUES (last.number, entry.id, last.hash);
    END LOOP;
    UPDATE public.audit_head SET number = last.number, hash = last.hash;
END
$$;

CREATE CONSTRAINT TRIGGER audit_chained
    AFTER INSERT ON audit DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION chain_audit();
CREATE TRIGGER audit_chain_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_chain
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_head_stays
    BEFORE DELETE OR TRUNCATE ON audit_head
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
