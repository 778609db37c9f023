-- The cluster in a relational database, which the harness fills from cluster.json.
CREATE TABLE provider (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    type TEXT NOT NULL,
    category TEXT NOT NULL,
    enabled BOOLEAN NOT NULL,
    description TEXT,
    configuration TEXT NOT NULL,
    create_time BIGINT NOT NULL,
    update_time BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    updated_by TEXT NOT NULL
);
CREATE TABLE model (
    id INTEGER PRIMARY KEY,
    provider_id INTEGER NOT NULL REFERENCES provider (id),
    api TEXT NOT NULL,
    enabled BOOLEAN NOT NULL,
    description TEXT
);
CREATE TABLE tag (
    id INTEGER PRIMARY KEY,
    provider_id INTEGER NOT NULL REFERENCES provider (id),
    key TEXT NOT NULL,
    value TEXT NOT NULL
);
