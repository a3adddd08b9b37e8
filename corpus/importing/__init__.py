"""A file that somebody has → the folder of a document that is only quoted. Needs the extra `documents`."""
