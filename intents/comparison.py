"""Two roles or bodies named together → what the policy says of each, side by side."""

from corpus.library import Library
from intents.answer import Answer
from intents.duties import facts_of
from intents.question import Understanding

# What is said of each side; its whole list is one question away.
FACTS_EACH = 2
# Facts that say what something is come before what it does.
_FIRST = {"defined_as": 0, "represents": 1, "decides": 2, "duty": 3, "responsible_for": 3}


def compared_roles(asked: Understanding, library: Library) -> tuple[str, ...]:
    """The roles a question compares, none where it does not compare or where they are kinds of each other."""
    if "compare" not in asked.cues:
        return ()
    roles = [r for r in asked.roles if facts_of(r, library)]
    roles = [r for r in roles if not any(other != r and r in library.kinds_of(other)[1:] for other in roles)]
    return tuple(roles) if len(roles) > 1 else ()


def answer_comparison(roles: tuple[str, ...], asked: Understanding, library: Library) -> Answer:
    chosen = []
    for role in roles:
        facts = sorted(facts_of(role, library), key=lambda f: _FIRST.get(f.relation, 4))
        chosen.append(facts[:FACTS_EACH])
    # The first of each side leads: both are seen before either is told in full.
    ordered = [facts[i] for i in range(FACTS_EACH) for facts in chosen if i < len(facts)]
    return Answer(
        language=asked.language,
        intent="comparison",
        outcome="answered",
        facts=tuple(dict.fromkeys(ordered)),
        compared=roles,
    )
