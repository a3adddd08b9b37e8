-- How the bot behaves in a place that has chosen so; `key` is a keyed hash. It names no person, and stays until changed.
CREATE TABLE place (
    channel TEXT NOT NULL,
    key TEXT NOT NULL,
    mode TEXT NOT NULL,
    at DOUBLE PRECISION NOT NULL,
    PRIMARY KEY (channel, key)
);
