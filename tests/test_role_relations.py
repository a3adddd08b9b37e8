"""How roles stand to each other is told as the facts tell it, from either end, and not told where they do not."""

import pytest

from bot.web.roles import ORDER, relations_of
from bot.wording import read_wordings


def told(role, library):
    return [(relation.end, relation.others) for relation in relations_of(role, library)]


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        ("lmu", [("reports_to", ("styret",)), ("sitting", ("student",))]),
        ("styret", [("reports_from", ("hms-sjef",)), ("reports_from", ("lmu",))]),
        ("vara", [("substitutes", ("verneombud", "lhvo", "slhvo", "hvo"))]),
        ("ftv", [("represents", ("student",))]),
        ("student", [("represented_by", ("ftv",)), ("represented_by", ("itv",)), ("sits_in", ("lmu",))]),
        ("tillitsvalgt", [("sits_in", ("sesam",)), ("sits_in", ("losam",))]),
        ("bht", []),
    ],
)
def test_each_relation_is_told_from_either_end(library, role, expected):
    assert told(role, library) == expected


def test_on_the_ladder_only_the_next_rungs_are_told(library):
    ladder = [relation for relation in told("slhvo", library) if relation[0].startswith("escalates")]
    assert ladder == [("escalates_to", ("hvo", "rektor")), ("escalates_from", ("verneombud", "linjeleder"))]


def test_a_person_has_the_ties_of_what_they_are_a_kind_of_and_a_body_has_not(library):
    assert ("reports_from", ("hms-koordinator",)) in told("instituttleder", library)
    assert ("sitting", ("dekan", "tillitsvalgt")) in told("losam", library)
    assert told("gsam", library) == [("sitting", ("viserektor",))]


def test_every_tie_stands_on_a_fact_that_names_both_ends_and_has_its_wording(library):
    wordings = read_wordings(library)
    for role in library.roles:
        for relation in relations_of(role, library):
            named = {*relation.fact.subjects, *relation.fact.objects}
            assert set(relation.others) <= named
            assert named & {*library.kinds_of(role)} or library.roles[role].level
            assert all(wordings[language][f"relation.{relation.end}"] for language in wordings)
    assert {relation.end for role in library.roles for relation in relations_of(role, library)} == set(ORDER)
