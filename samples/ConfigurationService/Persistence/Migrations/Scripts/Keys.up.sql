-- Only the hash of a key is kept. A key without a tenant is an administrator's.
CREATE TABLE api_keys (
    id         uuid         NOT NULL DEFAULT gen_random_uuid() PRIMARY KEY,
    name       varchar(100) NOT NULL CHECK (name <> ''),
    key_hash   bytea        NOT NULL CHECK (length(key_hash) = 32),
    hint       varchar(12)  NOT NULL,
    tenant_id  varchar(255) CHECK (tenant_id <> ''),
    scopes     text[]       NOT NULL,
    bootstrap  boolean      NOT NULL DEFAULT false,
    created_at timestamptz  NOT NULL DEFAULT now(),
    created_by varchar(255) NOT NULL DEFAULT change_actor(),
    expires_at timestamptz,
    revoked_at timestamptz,
    CONSTRAINT api_keys_key_hash_key UNIQUE (key_hash),
    CONSTRAINT api_keys_scopes_check CHECK (scopes <@ ARRAY['read', 'write', 'admin'] AND cardinality(scopes) > 0),
    CONSTRAINT api_keys_admin_check CHECK (tenant_id IS NULL OR NOT 'admin' = ANY (scopes))
);

CREATE INDEX api_keys_tenant_idx ON api_keys (tenant_id);

-- Which key-encryption keys have wrapped anything here: a service that starts with another one must refuse to.
CREATE TABLE key_encryption_keys (
    kek_id     varchar(32) NOT NULL PRIMARY KEY,
    created_at timestamptz NOT NULL DEFAULT now()
);

-- One data key per tenant and version, wrapped by a key-encryption key; rows of configuration name the version they are encrypted with.
CREATE TABLE tenant_data_keys (
    tenant_id   varchar(255) NOT NULL CHECK (tenant_id <> ''),
    key_version integer      NOT NULL CHECK (key_version > 0),
    kek_id      varchar(32)  NOT NULL REFERENCES key_encryption_keys,
    wrapped_key bytea        NOT NULL,
    created_at  timestamptz  NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, key_version)
);

-- For the rotation of a key-encryption key, which re-wraps what the old one has wrapped.
CREATE INDEX tenant_data_keys_kek_idx ON tenant_data_keys (kek_id);
