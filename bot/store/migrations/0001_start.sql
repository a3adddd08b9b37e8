-- Times are seconds since 1970. Persons and conversations are keyed hashes; questions have been screened, and where
-- the matter is sensitive there is neither question, person, conversation, trace nor time of day.
CREATE TABLE answer (
    id TEXT PRIMARY KEY,
    asked DOUBLE PRECISION NOT NULL,
    channel TEXT NOT NULL,
    person TEXT NOT NULL,
    conversation TEXT NOT NULL,
    sensitive TEXT NOT NULL,
    question TEXT,
    history TEXT NOT NULL,
    language TEXT NOT NULL,
    intent TEXT NOT NULL,
    outcome TEXT NOT NULL,
    verdict TEXT,
    confidence DOUBLE PRECISION NOT NULL,
    facts TEXT NOT NULL,
    gap TEXT NOT NULL,
    nearest TEXT NOT NULL,
    trace TEXT NOT NULL,
    profile TEXT NOT NULL,
    text_hash TEXT NOT NULL,
    document_hash TEXT NOT NULL,
    data_hash TEXT NOT NULL,
    version TEXT NOT NULL
);
CREATE INDEX answer_conversation ON answer (conversation, asked);
CREATE INDEX answer_person ON answer (person, asked);
CREATE INDEX answer_asked ON answer (asked);

CREATE TABLE feedback (
    answer TEXT NOT NULL,
    person TEXT NOT NULL,
    value INTEGER NOT NULL,
    reason TEXT NOT NULL,
    at DOUBLE PRECISION NOT NULL,
    PRIMARY KEY (answer, person)
);

-- What an event is known by, and the work it became; a second one of the same key is the same event.
CREATE TABLE event (
    key TEXT PRIMARY KEY,
    work TEXT NOT NULL,
    at DOUBLE PRECISION NOT NULL
);
CREATE INDEX event_work ON event (work);
CREATE INDEX event_at ON event (at);

-- Questions taken and not yet answered. `body` is emptied when they are.
CREATE TABLE work (
    id TEXT PRIMARY KEY,
    channel TEXT NOT NULL,
    person TEXT NOT NULL,
    conversation TEXT NOT NULL,
    body TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    owner TEXT NOT NULL,
    lease DOUBLE PRECISION NOT NULL,
    taken DOUBLE PRECISION NOT NULL
);
CREATE INDEX work_state ON work (state, taken);
CREATE INDEX work_conversation ON work (conversation, state);

-- What is to be sent. `address` and `content` are emptied when it is. Letters of a lane leave in their order.
CREATE TABLE letter (
    id TEXT PRIMARY KEY,
    answer TEXT NOT NULL,
    channel TEXT NOT NULL,
    person TEXT NOT NULL,
    lane TEXT NOT NULL,
    place INTEGER NOT NULL,
    address TEXT NOT NULL,
    content TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    owner TEXT NOT NULL,
    lease DOUBLE PRECISION NOT NULL,
    not_before DOUBLE PRECISION NOT NULL,
    written DOUBLE PRECISION NOT NULL,
    receipt TEXT NOT NULL
);
CREATE INDEX letter_state ON letter (state, written);
CREATE INDEX letter_lane ON letter (lane, state);
CREATE INDEX letter_receipt ON letter (receipt);
CREATE INDEX letter_answer ON letter (answer);

CREATE TABLE profile (
    person TEXT PRIMARY KEY,
    role TEXT NOT NULL,
    campus TEXT NOT NULL,
    language TEXT NOT NULL,
    at DOUBLE PRECISION NOT NULL
);

CREATE TABLE installation (
    channel TEXT NOT NULL,
    key TEXT NOT NULL,
    data TEXT NOT NULL,
    at DOUBLE PRECISION NOT NULL,
    PRIMARY KEY (channel, key)
);

CREATE TABLE pause (
    channel TEXT PRIMARY KEY,
    message TEXT NOT NULL,
    at DOUBLE PRECISION NOT NULL
);
