-- What every audited table shares: who changes and why, the head of each hash chain, and the refusal to touch what is written.

-- The application names its caller per transaction; a change by plain SQL is signed with the login of the session.
CREATE FUNCTION change_actor() RETURNS text LANGUAGE sql STABLE AS
$$ SELECT coalesce(nullif(current_setting('app.changed_by', true), ''), session_user::text) $$;

CREATE FUNCTION change_reason() RETURNS text LANGUAGE sql STABLE AS
$$ SELECT nullif(current_setting('app.change_reason', true), '') $$;

CREATE FUNCTION rolled_back_to() RETURNS integer LANGUAGE sql STABLE AS
$$ SELECT nullif(current_setting('app.rolled_back_to', true), '')::integer $$;

-- One row per chain. Its lock serialises the writers of a chain, and its sequence tells when the end of a chain was cut off.
CREATE TABLE audit_chains (
    scope    varchar(10)  NOT NULL CHECK (scope IN ('tenant', 'service')),
    name     varchar(255) NOT NULL,
    sequence bigint       NOT NULL CHECK (sequence > 0),
    hash     bytea        NOT NULL,
    PRIMARY KEY (scope, name)
);

CREATE FUNCTION audit_chain_genesis(scope text, name text) RETURNS bytea LANGUAGE sql IMMUTABLE AS
$$ SELECT sha256(convert_to(scope || ':' || name, 'UTF8')) $$;

-- Takes the next place in a chain: its number, and the hash of the entry before it.
CREATE FUNCTION audit_chain_next(chain_scope text, chain_name text, OUT next_sequence bigint, OUT last_hash bytea) LANGUAGE sql AS
$$
    INSERT INTO audit_chains AS c (scope, name, sequence, hash)
    VALUES (chain_scope, chain_name, 1, audit_chain_genesis(chain_scope, chain_name))
    ON CONFLICT (scope, name) DO UPDATE SET sequence = c.sequence + 1
    RETURNING c.sequence, c.hash
$$;

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
$$
BEGIN
    RAISE EXCEPTION '% on % is refused: what is recorded stays as it was recorded', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END
$$;

-- TRUNCATE fires no row triggers, so it would change rows without a trace.
CREATE FUNCTION refuse_truncate() RETURNS trigger LANGUAGE plpgsql AS
$$
BEGIN
    RAISE EXCEPTION 'TRUNCATE on % is refused: it would leave no history. DELETE the rows instead', TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END
$$;
