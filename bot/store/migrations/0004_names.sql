-- The field's names: a question to answer is a job, a message to send stands in the outbox and is given up as dead.
ALTER TABLE work RENAME TO job;
ALTER TABLE job RENAME COLUMN taken TO enqueued;
ALTER TABLE event RENAME COLUMN work TO job;
ALTER TABLE letter RENAME TO outbox;
ALTER TABLE outbox RENAME COLUMN lane TO ordering_key;
ALTER TABLE outbox RENAME COLUMN place TO position;
ALTER TABLE outbox RENAME COLUMN receipt TO message_id;
ALTER TABLE place RENAME TO conversation_mode;
UPDATE job SET state = 'dead' WHERE state = 'aside';

DROP INDEX event_work;
DROP INDEX work_state;
DROP INDEX work_conversation;
DROP INDEX letter_state;
DROP INDEX letter_lane;
DROP INDEX letter_receipt;
DROP INDEX letter_answer;
CREATE INDEX event_job ON event (job);
CREATE INDEX job_state ON job (state, enqueued);
CREATE INDEX job_conversation ON job (conversation, state);
CREATE INDEX outbox_state ON outbox (state, written);
CREATE INDEX outbox_ordering_key ON outbox (ordering_key, state);
CREATE INDEX outbox_message_id ON outbox (message_id);
CREATE INDEX outbox_answer ON outbox (answer);
