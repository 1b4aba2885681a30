package app

// cast is the people of the matrix on a day ($1), in one statement: each foreign key is checked
// when it ends.
const cast = `
WITH moment AS (
    SELECT $1::date AS today, $1::date::timestamptz AS instant
), organization_made AS (
    INSERT INTO organization (id, slug, name, created_at, updated_at)
    SELECT '` + organizationID + `', 'ministere-exemple', 'Ministère de l’Exemple', instant, instant FROM moment
), incubator_made AS (
    INSERT INTO incubator (id, slug, title, owner_id, created_at, updated_at)
    SELECT '` + incubatorID + `', 'incubateur-exemple', 'Incubateur de l’Exemple', '` + organizationID + `', instant, instant FROM moment
), team_made AS (
    INSERT INTO team (id, slug, name, incubator_id, created_at, updated_at)
    SELECT '` + teamID + `', 'equipe-exemple', 'Équipe de l’Exemple', '` + incubatorID + `', instant, instant FROM moment
), startup_made AS (
    INSERT INTO startup (id, slug, name, incubator_id, created_at, updated_at)
    SELECT '` + productID + `', 'produit-exemple', 'Produit de l’Exemple', '` + incubatorID + `', instant, instant FROM moment
), wanted (username, status, last, contract, product, team) AS (
    VALUES ('sujet.exemple', 'EMAIL_ACTIVE', 90, 'independent', true, false),
           ('membre.exemple', 'EMAIL_ACTIVE', 90, 'independent', false, false),
           ('agent.exemple', 'EMAIL_ACTIVE', 90, 'admin', true, false),
           ('incubateur.exemple', 'EMAIL_ACTIVE', 90, 'independent', false, true),
           ('admin.member', 'EMAIL_ACTIVE', 90, 'independent', false, false),
           ('sursis.exemple', 'EMAIL_ACTIVE', -2, 'independent', false, false),
           ('limitee.exemple', 'EMAIL_SUSPENDED', -10, 'independent', false, false),
           ('averifier.exemple', 'EMAIL_VERIFICATION_WAITING', 90, 'independent', false, false)
), member_made AS (
    INSERT INTO member (username, fullname, primary_email, secondary_email, primary_email_status,
        primary_email_status_changed_at, verified_at, created_at, updated_at)
    SELECT username, initcap(replace(username, '.', ' ')),
        CASE WHEN status <> 'EMAIL_VERIFICATION_WAITING' THEN username || '@betagouv.ovh' END,
        username || '@exemple.test', status, instant,
        CASE WHEN status <> 'EMAIL_VERIFICATION_WAITING' THEN instant END, instant, instant
    FROM wanted, moment
    RETURNING id, username
), mission_made AS (
    INSERT INTO mission (member_id, start_day, end_day, status, employer)
    SELECT member_made.id, today - 200, today + last, contract, 'Exemple'
    FROM member_made JOIN wanted USING (username), moment
    RETURNING id, member_id
), extension_made AS (
    INSERT INTO extension_request (id, member_id, end_day, wished_day, asked_at, expires_day)
    SELECT '` + extensionID + `', id, today + 90, today + 180, instant, today + 30
    FROM member_made, moment
    WHERE username = 'sujet.exemple'
), served AS (
    INSERT INTO mission_startup (mission_id, startup_id)
    SELECT mission_made.id, '` + productID + `'
    FROM mission_made JOIN member_made ON member_made.id = member_id JOIN wanted USING (username)
    WHERE product
)
INSERT INTO team_member (team_id, member_id)
SELECT '` + teamID + `', member_made.id
FROM member_made JOIN wanted USING (username)
WHERE team`
