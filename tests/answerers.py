"""An answerer as it would be with other parts."""

from copy import copy


def with_parts(answerer, **parts):
    """One that has these attributes, and else those of another; nothing beside its answers is quoted."""
    made = copy(answerer)
    vars(made).update(parts, quotes=None)
    return made
