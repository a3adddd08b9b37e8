-- The passages that an answer cites, each with the hash of its wording; none where it was given before this.
ALTER TABLE answer ADD COLUMN cited TEXT NOT NULL DEFAULT '[]';
