"""A text → the same text for a field that Teams renders as Markdown, so that it comes out as it was written."""

import re

# What means something inside a line, and what does at its beginning.
_INSIDE = re.compile(r"([\\`*_~\[\]|])")
_BEGINNING = re.compile(r"^(\s*)([#+-])|^(\s*\d+)([.)])", re.MULTILINE)
_HTML = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def literal(text: str) -> str:
    """For a message's text: neither Markdown, HTML nor a mention; line breaks stay."""
    return "".join(_HTML.get(mark, mark) for mark in literal_mark_up(text)).replace("\n", "\n\n")


def literal_mark_up(text: str) -> str:
    """For a TextBlock of a card, which knows no HTML."""
    return _BEGINNING.sub(lambda m: f"{m[1] or m[3] or ''}\\{m[2] or m[4]}", _INSIDE.sub(r"\\\1", text))
