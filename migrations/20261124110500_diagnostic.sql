-- +goose Up
-- Diagnoses asked by mail from the public page: what the limits need, never an address.
CREATE TABLE diagnostic_request (
    id           uuid PRIMARY KEY,
    target_hash  bytea NOT NULL,       -- HMAC of the address or username typed
    client_hash  bytea NOT NULL,       -- HMAC of the client's network address
    requested_at timestamptz NOT NULL
);
CREATE INDEX diagnostic_request_target_idx ON diagnostic_request (target_hash, requested_at);
CREATE INDEX diagnostic_request_client_idx ON diagnostic_request (client_hash, requested_at);
CREATE INDEX diagnostic_request_requested_idx ON diagnostic_request (requested_at);

-- +goose Down
DROP TABLE diagnostic_request;
