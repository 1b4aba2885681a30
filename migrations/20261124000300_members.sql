-- +goose Up
CREATE TABLE member (
    id                              uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    username                        text NOT NULL CONSTRAINT member_username_key UNIQUE
                                    CHECK (username ~ '^[a-z0-9._-]+$' AND username ~ '[a-z0-9]'),
    fullname                        text NOT NULL,
    role                            text NOT NULL DEFAULT '',
    domain                          text NOT NULL DEFAULT 'Autre' CHECK (domain IN
        ('Animation', 'Coaching', 'Déploiement', 'Design', 'Développement', 'Intraprenariat', 'Produit', 'Autre', 'Data', 'Support', 'Attributaire')),
    bio                             text NOT NULL DEFAULT '',
    link                            text NOT NULL DEFAULT '',
    avatar                          text NOT NULL DEFAULT '',
    github                          text NOT NULL DEFAULT '',
    competences                     text[] NOT NULL DEFAULT '{}',
    primary_email                   text CONSTRAINT member_primary_email_form_check
                                    CHECK (primary_email = lower(btrim(primary_email)) AND primary_email LIKE '%_@_%'),
    primary_email_status            text NOT NULL DEFAULT 'EMAIL_UNSET' CHECK (primary_email_status IN
        ('EMAIL_UNSET', 'EMAIL_VERIFICATION_WAITING', 'EMAIL_CREATION_WAITING', 'EMAIL_CREATION_PENDING', 'EMAIL_RECREATION_PENDING',
         'EMAIL_ACTIVE_AND_PASSWORD_DEFINITION_PENDING', 'EMAIL_ACTIVE', 'EMAIL_REDIRECTION_PENDING', 'EMAIL_REDIRECTION_ACTIVE',
         'EMAIL_SUSPENDED', 'EMAIL_DELETED', 'EMAIL_EXPIRED')),
    primary_email_status_changed_at timestamptz NOT NULL,
    secondary_email                 text CONSTRAINT member_secondary_email_form_check
                                    CHECK (secondary_email = lower(btrim(secondary_email)) AND secondary_email LIKE '%_@_%'),
    communication_email             text NOT NULL DEFAULT 'primary' CHECK (communication_email IN ('primary', 'secondary')),
    email_is_redirection            boolean NOT NULL DEFAULT false,
    member_type                     text CHECK (member_type IN ('beta', 'attributaire', 'dinum', 'autre')),
    gender                          text NOT NULL DEFAULT 'NSP' CHECK (gender IN ('female', 'male', 'other', 'NSP')),
    legal_status                    text CHECK (legal_status IN
        ('AE', 'contractuel', 'EIRL', 'EURL', 'fonctionnaire', 'PORTAGE', 'asso', 'SA', 'SASU', 'SNC')),
    daily_rate                      integer CHECK (daily_rate >= 0),               -- euros before tax
    days_per_week                   real CHECK (days_per_week BETWEEN 0 AND 5),
    workplace_insee_code            text NOT NULL DEFAULT '',                      -- code of a commune
    workplace_abroad                text NOT NULL DEFAULT '',                      -- a city outside France
    verified_at                     timestamptz,                                   -- the member confirmed the record
    created_by                      text NOT NULL DEFAULT 'system',                -- username
    created_at                      timestamptz NOT NULL,
    updated_at                      timestamptz NOT NULL
);
CREATE INDEX member_status_idx ON member (primary_email_status, primary_email_status_changed_at);
CREATE INDEX member_domain_idx ON member (domain);
CREATE INDEX member_competences_idx ON member USING gin (competences);
CREATE INDEX member_search_idx ON member USING gin (search_form(fullname || ' ' || username) gin_trgm_ops);

-- Every address that logs somebody in, once: no address serves two members, nor twice the same.
-- Kept by the trigger below; nobody writes it.
CREATE TABLE member_address (
    address   text CONSTRAINT member_address_pkey PRIMARY KEY,
    member_id uuid NOT NULL REFERENCES member (id) ON DELETE CASCADE,
    kind      text NOT NULL CHECK (kind IN ('primary', 'secondary')),
    CONSTRAINT member_address_member_id_kind_key UNIQUE (member_id, kind)
);
-- +goose StatementBegin
CREATE FUNCTION keep_member_addresses() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM member_address WHERE member_id = NEW.id;
    IF NEW.primary_email IS NOT NULL THEN
        INSERT INTO member_address (address, member_id, kind) VALUES (NEW.primary_email, NEW.id, 'primary');
    END IF;
    IF NEW.secondary_email IS NOT NULL THEN
        INSERT INTO member_address (address, member_id, kind) VALUES (NEW.secondary_email, NEW.id, 'secondary');
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER member_addresses_inserted AFTER INSERT ON member
    FOR EACH ROW WHEN (NEW.primary_email IS NOT NULL OR NEW.secondary_email IS NOT NULL)
    EXECUTE FUNCTION keep_member_addresses();
CREATE TRIGGER member_addresses_updated AFTER UPDATE ON member
    FOR EACH ROW WHEN (OLD.primary_email IS DISTINCT FROM NEW.primary_email OR OLD.secondary_email IS DISTINCT FROM NEW.secondary_email)
    EXECUTE FUNCTION keep_member_addresses();

CREATE TABLE mission (
    id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    member_id  uuid NOT NULL REFERENCES member (id) ON DELETE CASCADE,
    start_day  date NOT NULL,
    end_day    date,                                  -- last day, included; NULL: open-ended
    status     text CHECK (status IN ('independent', 'admin', 'service')),
    employer   text NOT NULL DEFAULT '',
    CONSTRAINT mission_dates_check CHECK (end_day >= start_day)
);
CREATE INDEX mission_member_idx ON mission (member_id, start_day);
CREATE INDEX mission_end_idx ON mission (end_day);

CREATE TABLE team_member (
    team_id   uuid NOT NULL REFERENCES team (id) ON DELETE CASCADE,
    member_id uuid NOT NULL REFERENCES member (id) ON DELETE CASCADE,
    PRIMARY KEY (team_id, member_id)
);
CREATE INDEX team_member_member_idx ON team_member (member_id);

-- +goose Down
DROP TABLE team_member;
DROP TABLE mission;
DROP TABLE member_address;
DROP TABLE member;
DROP FUNCTION keep_member_addresses();
