"""Everything that the bot can show in Slack is within Slack's limits, and plain where people wrote it."""

import json
import shutil
from dataclasses import replace

import draw_blocks
import pytest
from block_kit import links, message_faults, view_faults
from hypothesis import given
from hypothesis import strategies as st

from bot.bootstrap import read_all_examples
from bot.ladder import Picture
from bot.reply import Link
from bot.slack.blocks import MessageContext, answer_blocks, notification, plain_blocks
from bot.slack.elements import cut, cut_escaped, escape, literal
from bot.slack.request import read_markup
from bot.slack.views import answer_points, points_view, question_view, reason_view, reply_points, said_view
from bot.store.answer import StoredAnswer
from bot.wording import read_tables
from corpus.language import LANGUAGES
from intents.answer import ApplicabilityAnswer, FactAnswer, GapAnswer, gap_of
from intents.duties import facts_of, list_facts
from intents.question import Question

CONTACTS = (Link("hse", "HMS-seksjonen", "https://university.example/hms"),)
IDENT = "a" * 22
# The most that can surround an answer.
FULL = MessageContext(
    asked="<!channel> " * 400,
    hint="hint",
    may_share=True,
    picture=Picture("https://hms.example/escalation.png", "steps"),
)


def written(reply, say, about=FULL):
    return {"text": notification(reply), "blocks": answer_blocks(reply, IDENT, say, about)}


def stored(answer, language):
    """An answer as the store gives it back, as far as a button needs it."""
    blank = dict.fromkeys(StoredAnswer.__dataclass_fields__, "")
    parts = answer.each
    facts = tuple(fact.id for part in parts for fact in (*part.facts, *part.related))
    gap = next((gap.id for gap in map(gap_of, parts) if gap), "")
    return StoredAnswer(**{**blank, "id": IDENT, "question": None, "facts": facts, "gap": gap, "language": language})


# What a reader meets from top to bottom: what was asked, the answer, what has to be said for it, the ladder, what it
# stands on, where else to look, what to ask next, and last whether it helped.
ORDER = ("asked", "words", "choices", "picture", "passages", "elsewhere", "offers", "feedback")
SOURCES = tuple(f'"{words["channel.source"]}: ' for words in read_tables().values())


def part_of(block, found):
    """Which part of a message a block is, below those that were found; each message here has a picture."""
    written = json.dumps(block, ensure_ascii=False)
    match block["type"]:
        case "context":  # above the answer what was asked, below it what introduces the next questions
            return "offers" if "picture" in found else "asked"
        case "image":
            return "picture"
        case "rich_text":
            below = "passages" if any(source in written for source in SOURCES) else "elsewhere"
            return below if "picture" in found else "words"
        case "actions" if '"action_id": "ask_choice' in written:
            return "choices"
        case "actions" | "section" if '"action_id": "points' not in written:
            return "offers"
    return "feedback" if "feedback_buttons" in written else None


def order_faults(blocks, first):
    """Parts that stand out of their order; what must be said first of a sensitive matter stands before all. Of several
    answers, with a line between them, each has its words and choices, and the last what is below all."""
    answers = [[]]
    for block in blocks[1:] if first else blocks:
        if block["type"] == "divider":
            answers.append([])
        elif part := part_of(block, answers[-1]):
            answers[-1].append(part)
    ranks = [[ORDER.index(part) for part in found] for found in answers]
    below = [rank for found in ranks[:-1] for rank in found if rank > ORDER.index("choices")]
    return [f"order: {answers}"] if below or any(found != sorted(found) for found in ranks) else []


def check(answer, assistant):
    reply = assistant.write(answer)
    say = assistant.wordings[answer.language]
    message = written(reply, say)
    faults = message_faults(message) + order_faults(message["blocks"], reply.first)
    for found in (answer_points(stored(answer, answer.language), assistant), reply_points(reply)):
        for start in (0, 8):
            faults += view_faults(points_view(found, IDENT, say, start, True).to_dict())
    faults += [f"link {url}" for url in links(message["blocks"]) if not url.startswith("https://hms.example/")]
    return [(reply.lead[:60], fault) for fault in faults]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_fact(assistant, library, language):
    answers = [
        FactAnswer(language=language, intent="role", outcome="answered", facts=(fact,))
        for fact in library.facts.values()
    ]
    assert [fault for answer in answers for fault in check(answer, assistant)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_gap(assistant, library, language):
    answers = [GapAnswer(language=language, outcome="unanswered", gap=gap) for gap in library.gaps.values()]
    assert [fault for answer in answers for fault in check(answer, assistant)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_points_of_every_role(assistant, library, language):
    answers = [list_facts(role, None, language, library) for role in library.roles if facts_of(role, library)]
    assert [fault for answer in answers for fault in check(answer, assistant)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_other_kind_of_answer(assistant, language):
    """The decision, comparisons, small talk, several questions in one: as the examples ask for them."""
    texts_ = [example.text for example in read_all_examples()][::60]
    texts_ += [f"{one} {two}" for one, two in zip(texts_[::9], texts_[4::9], strict=False)]
    asked = [Question(text, language=language) for text in texts_]
    assert [fault for question in asked for fault in check(assistant.ask(question)[0], assistant)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_ladder_of_every_campus_and_the_first_line_of_every_matter(assistant, library, language):
    ladders = [
        assistant.ask(Question(f"hvem tar saken videre etter {role}?", campus=campus, language=language))[0]
        for campus in ("", *library.campuses)
        for role in ("verneombudet", "LHVO", "HVO")
    ]
    assert {answer.intent for answer in ladders} == {"escalation"}
    sensitive = [replace(ladders[0], sensitive=matter) for matter in ("danger", "whistleblowing", "harassment")]
    assert [fault for answer in (*ladders, *sensitive) for fault in check(answer, assistant)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_case_of_the_decision(assistant, language):
    library = assistant.library
    answers = [
        ApplicabilityAnswer(
            language=language,
            outcome="answered",
            key=case.id,
            verdict=case.verdict,
            choices=case.choices,
            facts=tuple(library.facts[ident] for ident in case.facts),
        )
        for case in library.applicability.cases
    ]
    assert [fault for answer in answers for fault in check(answer, assistant)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_modals(assistant, language):
    say = assistant.wordings[language]
    questions = [question_view(say), question_view(say, "<!channel>" * 1_000)]
    views = [*questions, reason_view(say, IDENT, ()), reason_view(say, IDENT, CONTACTS), said_view(say, "x" * 9_000)]
    assert [view_faults(view.to_dict()) for view in views] == [[]] * len(views)


@given(st.text(max_size=9_000))
def test_any_text_can_be_said(text):
    message = {"text": cut_escaped(text, 3_000) or "…", "blocks": plain_blocks(text[:9_000])}
    assert message_faults(message) == []
    json.dumps(message).encode("utf-8")


@given(st.text())
def test_an_escaped_text_holds_no_markup_and_reads_back_as_it_was(text):
    escaped = escape(text)
    assert not set("<>") & set(escaped)
    assert escaped.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&") == literal(text)


@given(st.text(alphabet="&<>aæ ", max_size=300), st.integers(8, 120))
def test_no_entity_is_torn(text, most):
    short = cut_escaped(text, most)
    assert len(short) <= most
    assert escape(short.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")) == short


@given(st.text(max_size=300), st.integers(2, 100))
def test_a_text_that_is_cut_says_so(text, most):
    short = cut(text, most)
    assert len(short) <= most
    assert short == text or short.endswith("…")


@pytest.mark.parametrize(
    ("markup", "seen"),
    [
        ("<@U0BOT> hva er <#C1|hms>?", "hva er hms?"),
        ("hei <@U5|kari>, hva", "hei kari, hva"),
        ("<http://x.example|y> &lt;b&gt; &amp;amp;", "y <b> &amp;"),
        ("<!here> <!subteam^S1|@verneombud> x", "@verneombud x"),
        ("<https://ntnu.example/a>", "https://ntnu.example/a"),
    ],
)
def test_slacks_markup_is_read_as_it_is_seen(markup, seen):
    assert read_markup(markup, "U0BOT") == seen


def test_a_shared_question_is_shown_as_it_was_written(assistant):
    _, reply = assistant.ask(Question("Hvem vedtar HMS-politikken?"))
    trick = "<!channel> *x* <http://evil.example|NTNU>"
    blocks = answer_blocks(reply, IDENT, assistant.wordings["nb"], MessageContext(asked=trick, sharer="U1"))
    assert blocks[0]["elements"][0]["elements"] == [
        {"type": "text", "text": "Delt av "},
        {"type": "user", "user_id": "U1"},
        {"type": "text", "text": f". Spørsmålet var: {trick}"},
    ]


@pytest.mark.browser
@pytest.mark.skipif(shutil.which("chromium") is None, reason="there is no Chromium")
def test_everything_that_is_shown_can_be_drawn(assistant, tmp_path):
    draw_blocks.draw(assistant, tmp_path)
    names = {file.stem for file in tmp_path.glob("*.png")}
    assert {"message-duties", "modal-danger-told", "unfurl-passage"} <= names
    assert all(file.read_bytes().startswith(b"\x89PNG") for file in tmp_path.iterdir())
