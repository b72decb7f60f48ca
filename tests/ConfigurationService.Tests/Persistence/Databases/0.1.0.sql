-- A database of version 0.1.0, as pg_dump 15 wrote it (--no-owner --no-acl --inserts): one tenant with two providers, one of them
-- disabled, and one service. Never changed: UpgradeTests upgrades it.
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

CREATE FUNCTION public.audit_chain_genesis(scope text, name text) RETURNS bytea
    LANGUAGE sql IMMUTABLE
    AS $$ SELECT sha256(convert_to(scope || ':' || name, 'UTF8')) $$;

CREATE FUNCTION public.audit_chain_next(chain_scope text, chain_name text, OUT next_sequence bigint, OUT last_hash bytea) RETURNS record
    LANGUAGE sql
    AS $$
    INSERT INTO audit_chains AS c (scope, name, sequence, hash)
    VALUES (chain_scope, chain_name, 1, audit_chain_genesis(chain_scope, chain_name))
    ON CONFLICT (scope, name) DO UPDATE SET sequence = c.sequence + 1
    RETURNING c.sequence, c.hash
$$;

CREATE FUNCTION public.change_actor() RETURNS text
    LANGUAGE sql STABLE
    AS $$ SELECT coalesce(nullif(current_setting('app.changed_by', true), ''), session_user::text) $$;

CREATE FUNCTION public.change_reason() RETURNS text
    LANGUAGE sql STABLE
    AS $$ SELECT nullif(current_setting('app.change_reason', true), '') $$;

SET default_tablespace = '';

SET default_table_access_method = heap;

CREATE TABLE public.config_audit_log (
    id bigint NOT NULL,
    service_name character varying(255) NOT NULL,
    config jsonb NOT NULL,
    version integer NOT NULL,
    action character varying(20) NOT NULL,
    changed_by character varying(255) NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    reason text,
    description text,
    tags text[] NOT NULL,
    rolled_back_to integer,
    sequence bigint NOT NULL,
    previous_hash bytea NOT NULL,
    hash bytea NOT NULL,
    CONSTRAINT config_audit_log_action_check CHECK (((action)::text = ANY ((ARRAY['created'::character varying, 'updated'::character varying, 'deleted'::character varying, 'rollback'::character varying])::text[])))
);

CREATE FUNCTION public.config_audit_digest(a public.config_audit_log) RETURNS bytea
    LANGUAGE sql STABLE
    AS $$
    SELECT sha256(a.previous_hash || convert_to(jsonb_build_array(
        a.sequence, a.id, a.service_name, a.config, a.version, a.action, a.changed_by, extract(epoch FROM a.changed_at), a.reason,
        a.description, a.tags, a.rolled_back_to
    )::text, 'UTF8'))
$$;

CREATE TABLE public.config_versions (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    config_id uuid NOT NULL,
    tenant_id character varying(255) NOT NULL,
    provider_type character varying(50) NOT NULL,
    provider_name character varying(100) NOT NULL,
    api_key text,
    api_secret text,
    priority character varying(20) NOT NULL,
    enabled boolean NOT NULL,
    config_data jsonb NOT NULL,
    version integer NOT NULL,
    change_type character varying(20) NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    changed_by character varying(255) NOT NULL,
    change_reason text,
    rolled_back_to integer,
    sequence bigint NOT NULL,
    previous_hash bytea NOT NULL,
    hash bytea NOT NULL,
    CONSTRAINT config_versions_change_type_check CHECK (((change_type)::text = ANY ((ARRAY['created'::character varying, 'updated'::character varying, 'deleted'::character varying, 'enabled'::character varying, 'disabled'::character varying])::text[])))
);

ALTER TABLE ONLY public.config_versions FORCE ROW LEVEL SECURITY;

CREATE FUNCTION public.config_version_digest(v public.config_versions) RETURNS bytea
    LANGUAGE sql STABLE
    AS $$
    SELECT sha256(v.previous_hash || convert_to(jsonb_build_array(
        v.sequence, v.id, v.config_id, v.tenant_id, v.provider_type, v.provider_name, v.api_key, v.api_secret, v.priority, v.enabled,
        v.config_data, v.version, v.change_type, extract(epoch FROM v.changed_at), v.changed_by, v.change_reason, v.rolled_back_to
    )::text, 'UTF8'))
$$;

CREATE FUNCTION public.provider_configs_before_insert() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
    last record;
BEGIN
    SELECT v.config_id, v.version INTO last FROM config_versions v
    WHERE v.tenant_id = NEW.tenant_id AND v.provider_type = NEW.provider_type AND v.provider_name = NEW.provider_name
    ORDER BY v.version DESC LIMIT 1;
    NEW.id := coalesce(last.config_id, NEW.id);
    NEW.version := coalesce(last.version, 0) + 1;
    NEW.created_at := clock_timestamp();
    NEW.updated_at := NEW.created_at;
    NEW.created_by := change_actor();
    NEW.updated_by := NEW.created_by;
    RETURN NEW;
END
$$;

CREATE FUNCTION public.provider_configs_before_update() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF (NEW.id, NEW.tenant_id, NEW.provider_type, NEW.provider_name) IS DISTINCT FROM
       (OLD.id, OLD.tenant_id, OLD.provider_type, OLD.provider_name) THEN
        RAISE EXCEPTION 'id, tenant_id, provider_type and provider_name never change: its history and its secrets are bound to them'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'provider_configs_identity_check';
    END IF;
    IF (NEW.api_key, NEW.api_secret, NEW.priority, NEW.enabled, NEW.config_data) IS NOT DISTINCT FROM
       (OLD.api_key, OLD.api_secret, OLD.priority, OLD.enabled, OLD.config_data) AND rolled_back_to() IS NULL THEN
        RETURN OLD;
    END IF;
    NEW.version := OLD.version + 1;
    NEW.created_at := OLD.created_at;
    NEW.created_by := OLD.created_by;
    NEW.updated_at := clock_timestamp();
    NEW.updated_by := change_actor();
    RETURN NEW;
END
$$;

CREATE FUNCTION public.provider_configs_record() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
DECLARE
    subject provider_configs;
    entry   config_versions;
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.version = OLD.version THEN
        RETURN NULL;
    END IF;
    IF TG_OP = 'DELETE' THEN subject := OLD; ELSE subject := NEW; END IF;

    entry.id := gen_random_uuid();
    entry.config_id := subject.id;
    entry.tenant_id := subject.tenant_id;
    entry.provider_type := subject.provider_type;
    entry.provider_name := subject.provider_name;
    entry.api_key := subject.api_key;
    entry.api_secret := subject.api_secret;
    entry.priority := subject.priority;
    entry.enabled := subject.enabled;
    entry.config_data := subject.config_data;
    entry.version := subject.version + CASE TG_OP WHEN 'DELETE' THEN 1 ELSE 0 END;
    entry.change_type := CASE
        WHEN TG_OP = 'INSERT' THEN 'created'
        WHEN TG_OP = 'DELETE' THEN 'deleted'
        WHEN NEW.enabled = OLD.enabled
             OR (NEW.api_key, NEW.api_secret, NEW.priority, NEW.config_data) IS DISTINCT FROM
                (OLD.api_key, OLD.api_secret, OLD.priority, OLD.config_data) THEN 'updated'
        WHEN NEW.enabled THEN 'enabled'
        ELSE 'disabled' END;
    entry.changed_at := CASE TG_OP WHEN 'DELETE' THEN clock_timestamp() ELSE subject.updated_at END;
    entry.changed_by := change_actor();
    entry.change_reason := change_reason();
    entry.rolled_back_to := rolled_back_to();
    SELECT n.next_sequence, n.last_hash INTO entry.sequence, entry.previous_hash FROM audit_chain_next('tenant', subject.tenant_id) n;
    entry.hash := config_version_digest(entry);
    INSERT INTO config_versions SELECT entry.*;
    UPDATE audit_chains SET hash = entry.hash WHERE scope = 'tenant' AND name = subject.tenant_id;
    RETURN NULL;
END
$$;

CREATE FUNCTION public.refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION '% on % is refused: what is recorded stays as it was recorded', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END
$$;

CREATE FUNCTION public.refuse_truncate() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION 'TRUNCATE on % is refused: it would leave no history. DELETE the rows instead', TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END
$$;

CREATE FUNCTION public.rolled_back_to() RETURNS integer
    LANGUAGE sql STABLE
    AS $$ SELECT nullif(current_setting('app.rolled_back_to', true), '')::integer $$;

CREATE FUNCTION public.service_configs_before_insert() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    NEW.version := coalesce((SELECT max(a.version) FROM config_audit_log a WHERE a.service_name = NEW.service_name), 0) + 1;
    NEW.created_at := clock_timestamp();
    NEW.updated_at := NEW.created_at;
    NEW.created_by := change_actor();
    NEW.updated_by := NEW.created_by;
    RETURN NEW;
END
$$;

CREATE FUNCTION public.service_configs_before_update() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF NEW.service_name <> OLD.service_name THEN
        RAISE EXCEPTION 'service_name never changes: its history is bound to it'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'service_configs_identity_check';
    END IF;
    IF (NEW.config_json, NEW.description, NEW.tags, NEW.active) IS NOT DISTINCT FROM
       (OLD.config_json, OLD.description, OLD.tags, OLD.active) AND rolled_back_to() IS NULL THEN
        RETURN OLD;
    END IF;
    NEW.version := OLD.version + 1;
    NEW.created_at := OLD.created_at;
    NEW.created_by := OLD.created_by;
    NEW.updated_at := clock_timestamp();
    NEW.updated_by := change_actor();
    RETURN NEW;
END
$$;

CREATE FUNCTION public.service_configs_record() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
DECLARE
    subject service_configs;
    entry   config_audit_log;
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.version = OLD.version THEN
        RETURN NULL;
    END IF;
    IF TG_OP = 'DELETE' THEN subject := OLD; ELSE subject := NEW; END IF;

    entry.id := nextval('config_audit_log_id_seq');
    entry.service_name := subject.service_name;
    entry.config := subject.config_json;
    entry.version := subject.version + CASE TG_OP WHEN 'DELETE' THEN 1 ELSE 0 END;
    entry.action := CASE
        WHEN rolled_back_to() IS NOT NULL THEN 'rollback'
        WHEN TG_OP = 'DELETE' THEN 'deleted'
        WHEN TG_OP = 'INSERT' THEN 'created'
        WHEN OLD.active AND NOT NEW.active THEN 'deleted'
        WHEN NEW.active AND NOT OLD.active THEN 'created'
        ELSE 'updated' END;
    entry.changed_by := change_actor();
    entry.changed_at := CASE TG_OP WHEN 'DELETE' THEN clock_timestamp() ELSE subject.updated_at END;
    entry.reason := change_reason();
    entry.description := subject.description;
    entry.tags := subject.tags;
    entry.rolled_back_to := rolled_back_to();
    SELECT n.next_sequence, n.last_hash INTO entry.sequence, entry.previous_hash FROM audit_chain_next('service', subject.service_name) n;
    entry.hash := config_audit_digest(entry);
    INSERT INTO config_audit_log SELECT entry.*;
    UPDATE audit_chains SET hash = entry.hash WHERE scope = 'service' AND name = subject.service_name;
    RETURN NULL;
END
$$;

CREATE TABLE public."__EFMigrationsHistory" (
    "MigrationId" character varying(150) NOT NULL,
    "ProductVersion" character varying(32) NOT NULL
);

CREATE TABLE public.api_keys (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    name character varying(100) NOT NULL,
    key_hash bytea NOT NULL,
    hint character varying(12) NOT NULL,
    tenant_id character varying(255),
    scopes text[] NOT NULL,
    bootstrap boolean DEFAULT false NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by character varying(255) DEFAULT public.change_actor() NOT NULL,
    expires_at timestamp with time zone,
    revoked_at timestamp with time zone,
    CONSTRAINT api_keys_admin_check CHECK (((tenant_id IS NULL) OR (NOT ('admin'::text = ANY (scopes))))),
    CONSTRAINT api_keys_key_hash_check CHECK ((length(key_hash) = 32)),
    CONSTRAINT api_keys_name_check CHECK (((name)::text <> ''::text)),
    CONSTRAINT api_keys_scopes_check CHECK (((scopes <@ ARRAY['read'::text, 'write'::text, 'admin'::text]) AND (cardinality(scopes) > 0))),
    CONSTRAINT api_keys_tenant_id_check CHECK (((tenant_id)::text <> ''::text))
);

CREATE TABLE public.audit_chains (
    scope character varying(10) NOT NULL,
    name character varying(255) NOT NULL,
    sequence bigint NOT NULL,
    hash bytea NOT NULL,
    CONSTRAINT audit_chains_scope_check CHECK (((scope)::text = ANY ((ARRAY['tenant'::character varying, 'service'::character varying])::text[]))),
    CONSTRAINT audit_chains_sequence_check CHECK ((sequence > 0))
);

ALTER TABLE ONLY public.audit_chains FORCE ROW LEVEL SECURITY;

CREATE SEQUENCE public.config_audit_log_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.config_audit_log_id_seq OWNED BY public.config_audit_log.id;

CREATE TABLE public.key_encryption_keys (
    kek_id character varying(32) NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.provider_configs (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    tenant_id character varying(255) NOT NULL,
    provider_type character varying(50) NOT NULL,
    provider_name character varying(100) NOT NULL,
    api_key text,
    api_secret text,
    priority character varying(20) DEFAULT 'primary'::character varying NOT NULL,
    enabled boolean DEFAULT true NOT NULL,
    config_data jsonb DEFAULT '{}'::jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by character varying(255) DEFAULT public.change_actor() NOT NULL,
    updated_by character varying(255) DEFAULT public.change_actor() NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT provider_configs_config_data_check CHECK ((jsonb_typeof(config_data) = 'object'::text)),
    CONSTRAINT provider_configs_priority_check CHECK (((priority)::text = ANY ((ARRAY['primary'::character varying, 'secondary'::character varying, 'tertiary'::character varying])::text[]))),
    CONSTRAINT provider_configs_provider_name_check CHECK (((provider_name)::text <> ''::text)),
    CONSTRAINT provider_configs_provider_type_check CHECK (((provider_type)::text = ANY ((ARRAY['map'::character varying, 'weather'::character varying, 'satellite'::character varying, 'payment'::character varying, 'sms'::character varying, 'notification'::character varying])::text[]))),
    CONSTRAINT provider_configs_tenant_id_check CHECK (((tenant_id)::text <> ''::text)),
    CONSTRAINT provider_configs_version_check CHECK ((version > 0))
);

ALTER TABLE ONLY public.provider_configs FORCE ROW LEVEL SECURITY;

CREATE TABLE public.service_configs (
    service_name character varying(255) NOT NULL,
    config_json jsonb NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by character varying(255) DEFAULT public.change_actor() NOT NULL,
    updated_by character varying(255) DEFAULT public.change_actor() NOT NULL,
    description text,
    tags text[] DEFAULT '{}'::text[] NOT NULL,
    active boolean DEFAULT true NOT NULL,
    CONSTRAINT service_configs_config_json_check CHECK ((jsonb_typeof(config_json) = 'object'::text)),
    CONSTRAINT service_configs_service_name_check CHECK (((service_name)::text <> ''::text)),
    CONSTRAINT service_configs_version_check CHECK ((version > 0))
);

CREATE TABLE public.tenant_data_keys (
    tenant_id character varying(255) NOT NULL,
    key_version integer NOT NULL,
    kek_id character varying(32) NOT NULL,
    wrapped_key bytea NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT tenant_data_keys_key_version_check CHECK ((key_version > 0)),
    CONSTRAINT tenant_data_keys_tenant_id_check CHECK (((tenant_id)::text <> ''::text))
);

ALTER TABLE ONLY public.tenant_data_keys FORCE ROW LEVEL SECURITY;

ALTER TABLE ONLY public.config_audit_log ALTER COLUMN id SET DEFAULT nextval('public.config_audit_log_id_seq'::regclass);

INSERT INTO public."__EFMigrationsHistory" VALUES ('20261121000001_AuditChain', '10.0.14');
INSERT INTO public."__EFMigrationsHistory" VALUES ('20261121000002_ProviderConfigs', '10.0.14');
INSERT INTO public."__EFMigrationsHistory" VALUES ('20261121000003_ServiceConfigs', '10.0.14');
INSERT INTO public."__EFMigrationsHistory" VALUES ('20261121000004_Keys', '10.0.14');
INSERT INTO public."__EFMigrationsHistory" VALUES ('20261121000005_TenantIsolation', '10.0.14');

INSERT INTO public.api_keys VALUES ('ce57d2d9-025c-44d3-a5dc-abbcf6c21623', 'admin', '\x179b201f8dcf973fe8d3f8dcde6b5b5dd9d2a72784b25d8134f1c353ae7a6af6', 'dcs_cKQY…', NULL, '{read,write,admin}', true, '2026-11-26 07:26:20.568874+00', 'first start', NULL, NULL);

INSERT INTO public.audit_chains VALUES ('tenant', 'upgraded', 3, '\xb82ca691532d67ef599774b2701e4997fad402769a5b77f628fded174daf3600');
INSERT INTO public.audit_chains VALUES ('service', 'checkout', 1, '\x7b21b7502eabd96f58ae995bdfcf7184d72ce9f80afc957ad348ccb477b9590e');

INSERT INTO public.config_audit_log VALUES (1, 'checkout', '{"retries": 3}', 1, 'created', 'admin', '2026-11-26 07:26:32.721849+00', NULL, 'old', '{}', NULL, 1, '\xbb88d0602bcda70b5a11f284da3bafb1ecea72000377c834cd09e2068e998b5c', '\x7b21b7502eabd96f58ae995bdfcf7184d72ce9f80afc957ad348ccb477b9590e');

INSERT INTO public.config_versions VALUES ('224de34a-beb8-4ca6-989b-31e3cc0ed9c8', '39b11a73-3143-4029-ab26-65ab5ea80bda', 'upgraded', 'map', 'openstreetmap', NULL, NULL, 'primary', true, '{}', 1, 'created', '2026-11-26 07:26:32.484334+00', 'admin', NULL, NULL, 1, '\x09948826564cc6f2997cf1d8fde4ac477f92d8f1d156e56f31d13c97822065f5', '\xc276577afa3ecbd9f22b1c0603fd7f4ba6d7ac1a5e7c643e4d73be77a6afbcd4');
INSERT INTO public.config_versions VALUES ('9b85647d-d2db-463f-b465-d14ebd5c6c2f', 'acd4c446-87f6-4ff1-8154-6f6ae2a1145a', 'upgraded', 'payment', 'stripe', 'v1.1.Qtu63KJ9/uIUFeNBrrVzvkvNoiGw1LDOPzPiUSFZqQ8+irUL4BRNzLid2rp31esoQWg=', NULL, 'primary', true, '{"currency": "USD"}', 1, 'created', '2026-11-26 07:26:32.493295+00', 'admin', NULL, NULL, 2, '\xc276577afa3ecbd9f22b1c0603fd7f4ba6d7ac1a5e7c643e4d73be77a6afbcd4', '\xe10db123a9c41c58ffd670181708f6d2930c888befb42d965250aa76710bde35');
INSERT INTO public.config_versions VALUES ('30238a82-216d-4181-adcc-44c6bc79a9aa', '39b11a73-3143-4029-ab26-65ab5ea80bda', 'upgraded', 'map', 'openstreetmap', NULL, NULL, 'primary', false, '{}', 2, 'disabled', '2026-11-26 07:26:32.64447+00', 'admin', NULL, NULL, 3, '\xe10db123a9c41c58ffd670181708f6d2930c888befb42d965250aa76710bde35', '\xb82ca691532d67ef599774b2701e4997fad402769a5b77f628fded174daf3600');

INSERT INTO public.key_encryption_keys VALUES ('6e0bbaad39f42344', '2026-11-26 07:26:20.568874+00');

INSERT INTO public.provider_configs VALUES ('acd4c446-87f6-4ff1-8154-6f6ae2a1145a', 'upgraded', 'payment', 'stripe', 'v1.1.Qtu63KJ9/uIUFeNBrrVzvkvNoiGw1LDOPzPiUSFZqQ8+irUL4BRNzLid2rp31esoQWg=', NULL, 'primary', true, '{"currency": "USD"}', '2026-11-26 07:26:32.493295+00', '2026-11-26 07:26:32.493295+00', 'admin', 'admin', 1);
INSERT INTO public.provider_configs VALUES ('39b11a73-3143-4029-ab26-65ab5ea80bda', 'upgraded', 'map', 'openstreetmap', NULL, NULL, 'primary', false, '{}', '2026-11-26 07:26:32.484334+00', '2026-11-26 07:26:32.64447+00', 'admin', 'admin', 2);

INSERT INTO public.service_configs VALUES ('checkout', '{"retries": 3}', 1, '2026-11-26 07:26:32.721849+00', '2026-11-26 07:26:32.721849+00', 'admin', 'admin', 'old', '{}', true);

INSERT INTO public.tenant_data_keys VALUES ('upgraded', 1, '6e0bbaad39f42344', '\xb7c03d5d7023fe0000cd6584d082a675cbcb06b170897edcf43a64c5ec4389207a65d3b70cedafd47d1fb3e9ad9b6771c3ade6751f1c86f3fbfe7b23', '2026-11-26 07:26:32.381005+00');

SELECT pg_catalog.setval('public.config_audit_log_id_seq', 1, true);

ALTER TABLE ONLY public."__EFMigrationsHistory"
    ADD CONSTRAINT "PK___EFMigrationsHistory" PRIMARY KEY ("MigrationId");

ALTER TABLE ONLY public.api_keys
    ADD CONSTRAINT api_keys_key_hash_key UNIQUE (key_hash);

ALTER TABLE ONLY public.api_keys
    ADD CONSTRAINT api_keys_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.audit_chains
    ADD CONSTRAINT audit_chains_pkey PRIMARY KEY (scope, name);

ALTER TABLE ONLY public.config_audit_log
    ADD CONSTRAINT config_audit_log_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.config_audit_log
    ADD CONSTRAINT config_audit_log_service_sequence_key UNIQUE (service_name, sequence);

ALTER TABLE ONLY public.config_audit_log
    ADD CONSTRAINT config_audit_log_service_version_key UNIQUE (service_name, version);

ALTER TABLE ONLY public.config_versions
    ADD CONSTRAINT config_versions_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.config_versions
    ADD CONSTRAINT config_versions_tenant_sequence_key UNIQUE (tenant_id, sequence);

ALTER TABLE ONLY public.key_encryption_keys
    ADD CONSTRAINT key_encryption_keys_pkey PRIMARY KEY (kek_id);

ALTER TABLE ONLY public.provider_configs
    ADD CONSTRAINT provider_configs_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.provider_configs
    ADD CONSTRAINT provider_configs_tenant_type_name_key UNIQUE (tenant_id, provider_type, provider_name);

ALTER TABLE ONLY public.service_configs
    ADD CONSTRAINT service_configs_pkey PRIMARY KEY (service_name);

ALTER TABLE ONLY public.tenant_data_keys
    ADD CONSTRAINT tenant_data_keys_pkey PRIMARY KEY (tenant_id, key_version);

CREATE INDEX api_keys_tenant_idx ON public.api_keys USING btree (tenant_id);

CREATE INDEX config_audit_log_service_time_idx ON public.config_audit_log USING btree (service_name, changed_at);

CREATE INDEX config_versions_config_idx ON public.config_versions USING btree (config_id);

CREATE UNIQUE INDEX config_versions_config_version_key ON public.config_versions USING btree (config_id, version);

CREATE INDEX config_versions_provider_idx ON public.config_versions USING btree (tenant_id, provider_type, provider_name, version);

CREATE INDEX config_versions_tenant_idx ON public.config_versions USING btree (tenant_id);

CREATE INDEX config_versions_tenant_time_idx ON public.config_versions USING btree (tenant_id, changed_at);

CREATE INDEX config_versions_tenant_type_idx ON public.config_versions USING btree (tenant_id, provider_type, changed_at);

CREATE INDEX provider_configs_tenant_enabled_idx ON public.provider_configs USING btree (tenant_id, provider_type, enabled);

CREATE INDEX provider_configs_tenant_idx ON public.provider_configs USING btree (tenant_id);

CREATE INDEX provider_configs_tenant_name_idx ON public.provider_configs USING btree (tenant_id, provider_name);

CREATE INDEX provider_configs_tenant_priority_idx ON public.provider_configs USING btree (tenant_id, provider_type, priority);

CREATE INDEX provider_configs_tenant_type_idx ON public.provider_configs USING btree (tenant_id, provider_type);

CREATE INDEX provider_configs_type_idx ON public.provider_configs USING btree (provider_type);

CREATE INDEX service_configs_active_idx ON public.service_configs USING btree (active) WHERE active;

CREATE INDEX service_configs_tags_idx ON public.service_configs USING gin (tags);

CREATE INDEX tenant_data_keys_kek_idx ON public.tenant_data_keys USING btree (kek_id);

CREATE TRIGGER config_audit_log_immutable BEFORE DELETE OR UPDATE OR TRUNCATE ON public.config_audit_log FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER config_versions_immutable BEFORE DELETE OR UPDATE OR TRUNCATE ON public.config_versions FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER provider_configs_before_insert BEFORE INSERT ON public.provider_configs FOR EACH ROW EXECUTE FUNCTION public.provider_configs_before_insert();

CREATE TRIGGER provider_configs_before_update BEFORE UPDATE ON public.provider_configs FOR EACH ROW EXECUTE FUNCTION public.provider_configs_before_update();

CREATE TRIGGER provider_configs_record AFTER INSERT OR DELETE OR UPDATE ON public.provider_configs FOR EACH ROW EXECUTE FUNCTION public.provider_configs_record();

CREATE TRIGGER provider_configs_truncate BEFORE TRUNCATE ON public.provider_configs FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();

CREATE TRIGGER service_configs_before_insert BEFORE INSERT ON public.service_configs FOR EACH ROW EXECUTE FUNCTION public.service_configs_before_insert();

CREATE TRIGGER service_configs_before_update BEFORE UPDATE ON public.service_configs FOR EACH ROW EXECUTE FUNCTION public.service_configs_before_update();

CREATE TRIGGER service_configs_record AFTER INSERT OR DELETE OR UPDATE ON public.service_configs FOR EACH ROW EXECUTE FUNCTION public.service_configs_record();

CREATE TRIGGER service_configs_truncate BEFORE TRUNCATE ON public.service_configs FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();

ALTER TABLE ONLY public.tenant_data_keys
    ADD CONSTRAINT tenant_data_keys_kek_id_fkey FOREIGN KEY (kek_id) REFERENCES public.key_encryption_keys(kek_id);

ALTER TABLE public.audit_chains ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.config_versions ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.provider_configs ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.tenant_data_keys ENABLE ROW LEVEL SECURITY;

CREATE POLICY tenant_isolation ON public.audit_chains USING ((((scope)::text = 'service'::text) OR ((name)::text = ( SELECT NULLIF(current_setting('app.tenant_id'::text, true), ''::text) AS "nullif")))) WITH CHECK ((((scope)::text = 'service'::text) OR ((name)::text = ( SELECT NULLIF(current_setting('app.tenant_id'::text, true), ''::text) AS "nullif"))));

CREATE POLICY tenant_isolation ON public.config_versions USING (((tenant_id)::text = ( SELECT NULLIF(current_setting('app.tenant_id'::text, true), ''::text) AS "nullif"))) WITH CHECK (((tenant_id)::text = ( SELECT NULLIF(current_setting('app.tenant_id'::text, true), ''::text) AS "nullif")));

CREATE POLICY tenant_isolation ON public.provider_configs USING (((tenant_id)::text = ( SELECT NULLIF(current_setting('app.tenant_id'::text, true), ''::text) AS "nullif"))) WITH CHECK (((tenant_id)::text = ( SELECT NULLIF(current_setting('app.tenant_id'::text, true), ''::text) AS "nullif")));

CREATE POLICY tenant_isolation ON public.tenant_data_keys USING (((tenant_id)::text = ( SELECT NULLIF(current_setting('app.tenant_id'::text, true), ''::text) AS "nullif"))) WITH CHECK (((tenant_id)::text = ( SELECT NULLIF(current_setting('app.tenant_id'::text, true), ''::text) AS "nullif")));
