-- Changes of an account are compared by version; machines log in with API keys.

ALTER TABLE users ADD COLUMN version INTEGER NOT NULL DEFAULT 1;

-- secret_hash is a keyed hash in hex; hint the beginning of the key, to tell keys apart.
CREATE TABLE api_keys (
    id {{uuid}} PRIMARY KEY NOT NULL {{new_uuid}},
    name VARCHAR(100) UNIQUE NOT NULL,
    secret_hash VARCHAR(64) UNIQUE NOT NULL,
    hint VARCHAR(20) NOT NULL,
    scopes {{text_array}} NOT NULL,
    created_by {{uuid}} REFERENCES users(id) ON DELETE SET NULL,
    created_at {{timestamp}} NOT NULL DEFAULT {{now}},
    expires_at {{timestamp}},
    last_used {{timestamp}}
);
