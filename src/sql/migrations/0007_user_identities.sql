-- Who users are at an OpenID provider: issuer and subject together (OpenID Connect Core 5.7).
CREATE TABLE user_identities (
    issuer VARCHAR(255) NOT NULL,
    subject VARCHAR(255) NOT NULL,
    user_id {{uuid}} NOT NULL REFERENCES users(id) ON DELETE CASCADE,
    created_at {{timestamp}} NOT NULL DEFAULT {{now}},
    PRIMARY KEY (issuer, subject)
);
CREATE INDEX idx_user_identities_user_id ON user_identities(user_id);
