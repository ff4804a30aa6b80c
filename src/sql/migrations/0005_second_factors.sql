-- Who logs in with a code of an authenticator (RFC 6238) as well. The secret is encrypted; it counts
-- once a first code was seen. Codes of steps up to last_step are used.
CREATE TABLE second_factors (
    user_id {{uuid}} PRIMARY KEY NOT NULL REFERENCES users(id) ON DELETE CASCADE,
    secret VARCHAR(255) NOT NULL,
    confirmed_at {{timestamp}},
    last_step BIGINT NOT NULL DEFAULT 0,
    created_at {{timestamp}} NOT NULL DEFAULT {{now}}
);

-- For who has lost the authenticator; each is good once. code_hash is a keyed hash in hex.
CREATE TABLE recovery_codes (
    user_id {{uuid}} NOT NULL REFERENCES users(id) ON DELETE CASCADE,
    code_hash VARCHAR(64) NOT NULL,
    PRIMARY KEY (user_id, code_hash)
);
