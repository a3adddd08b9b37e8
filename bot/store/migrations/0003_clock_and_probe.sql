-- When the clock was last looked at, and from when on it is believed: one that has jumped is not, for a day.
CREATE TABLE clock (
    one INTEGER PRIMARY KEY,
    seen DOUBLE PRECISION NOT NULL,
    trusted DOUBLE PRECISION NOT NULL
);

-- What is written to find out whether anything can be.
CREATE TABLE probe (
    one INTEGER PRIMARY KEY,
    at DOUBLE PRECISION NOT NULL
);
