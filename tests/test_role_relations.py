"""How roles stand to each other is told as the facts tell it, from either end, and not told where they do not."""

import pytest

from bot.role_relations import ORDER, ties_of
from bot.wording import read_wordings


def told(role, library):
    return [(tie.end, tie.others) for tie in ties_of(role, library)]


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
    ladder = [tie for tie in told("slhvo", library) if tie[0].startswith("escalates")]
    assert ladder == [("escalates_to", ("hvo", "rektor")), ("escalates_from", ("verneombud", "linjeleder"))]


def test_a_person_has_the_ties_of_what_they_are_a_kind_of_and_a_body_has_not(library):
    assert ("reports_from", ("hms-koordinator",)) in told("instituttleder", library)
    assert ("sitting", ("dekan", "tillitsvalgt")) in told("losam", library)
    assert told("gsam", library) == [("sitting", ("viserektor",))]


def test_every_tie_stands_on_a_fact_that_names_both_ends_and_has_its_wording(library):
    wordings = read_wordings(library)
    for role in library.roles:
        for tie in ties_of(role, library):
            named = {*tie.fact.subjects, *tie.fact.objects}
            assert set(tie.others) <= named
            assert named & {*library.kinds_of(role)} or library.roles[role].level
            assert all(wordings[language][f"tie.{tie.end}"] for language in wordings)
    assert {end for role in library.roles for end in (tie.end for tie in ties_of(role, library))} == set(ORDER)
