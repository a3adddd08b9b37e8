"""A newer text of a document → a draft beside it, which is then published in its place."""
