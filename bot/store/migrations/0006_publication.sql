-- States of an organisation's folder that were published, for every replica to take: an archive of its files, in Base64.
CREATE TABLE publication (
    number INTEGER PRIMARY KEY,
    digest TEXT NOT NULL,
    base TEXT NOT NULL,
    archive TEXT NOT NULL,
    at DOUBLE PRECISION NOT NULL
)
