"""Replies and traces → a person's terminal."""

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.markup import escape
from rich.panel import Panel
from rich.text import Text

from bot.bootstrap import Assistant
from bot.reply import Reply
from bot.startup import language_set
from bot.wording import Wordings, verbatim
from intents.answer import verdict_of
from intents.decision import ANSWER, ANSWER_ACT, OFFER
from intents.question import Question

# Longer lines are hard to read; the least is for what stands beside a marker in a very narrow window.
WIDTH, LEAST = 100, 20
ENDS = frozenset({"exit", "quit", "q"})
# What a probability leads to, as a trace tells it.
CUTS = f"answered from {ANSWER:.2f} on, whether the act applies from {ANSWER_ACT:.2f}, offered from {OFFER:.2f}"


def open_console() -> Console:
    """Standard output, no wider than reads well."""
    console = Console(highlight=False, emoji=False)
    console.width = min(console.width, WIDTH)
    return console


def show(reply: Reply, wordings: Wordings, console: Console | None = None, numbered: bool = False) -> None:
    """A reply with its passages, for reading. With `numbered`, choices and the questions to go on with are shown with
    their numbers in `questions_of`."""
    console = console or open_console()
    words = wordings[reply.language]
    console.print()
    if reply.first:
        _show_first(reply.first, console)
    number = 1
    for part in reply.each:
        _show_answer(part, console)
        _show_questions([choice.label for choice in part.choices], number, numbered, console)
        number += len(part.choices)
        console.print()
    _show_links(reply, words["contact.heading"], console)
    if reply.citations:
        _show_passages(reply, f"{words['source.passages']}:", words["source.translation"], console)
        console.print()
    if numbered and reply.next:
        _paragraph(console, Text(f"{words['next.heading']}:", "dim"))
        _show_questions(reply.next, number, numbered, console)
        console.print()


def questions_of(reply: Reply) -> list[str]:
    """What a number stands for after a reply: its choices, then the questions to go on with."""
    return [*(choice.label for choice in reply.every_choice), *reply.next]


def converse(assistant: Assistant, typed: Iterable[str]) -> None:
    """Ask and answer until what is typed ends, by itself or by a word that says so."""
    console = open_console()
    language = language_set("nb")
    history: list[str] = []
    questions: Sequence[str] = ()
    for key in ("smalltalk.greeting", "terminal.help"):
        _paragraph(console, Text(assistant.wordings[language][key]))
    console.print()
    for line in typed:
        text = line.strip()
        if text.casefold() in ENDS:
            return
        if not text:
            continue
        if questions and text.isdecimal():
            if not 0 < int(text) <= len(questions):
                _paragraph(console, Text(assistant.wordings[language]["terminal.number"].format(last=len(questions))))
                continue
            text = questions[int(text) - 1]
            _paragraph(console, Text(text, "dim"), "› ")
        _, reply = assistant.ask(Question(text, tuple(history)))
        show(reply, assistant.wordings, console, numbered=True)
        language, questions = reply.language, questions_of(reply)
        history.append(text)


def _show_first(first: str, console: Console) -> None:
    if console.is_terminal:
        console.print(Panel(Text(first, "bold")))
    else:
        _paragraph(console, Text(first))
        console.print()


def _show_answer(reply: Reply, console: Console) -> None:
    _paragraph(console, Text.assemble((reply.lead, "bold"), *_marks(reply.passages)))
    width = len(str(reply.points))
    for group, start in reply.listed():
        if group.title:
            console.print()
            _paragraph(console, Text(f"{group.title.removesuffix(':')}:", "bold"))
        for number, point in enumerate(group.points, start):
            before = group.mark(number, "•").rjust(width + 1 if group.numbered else 1)
            _paragraph(console, Text.assemble(point.text, *_marks(point.passages)), f"  {before} ")
    for note in reply.notes:
        if reply.groups:
            console.print()
        _paragraph(console, Text(note))


def _show_links(reply: Reply, heading: str, console: Console) -> None:
    """Whom to turn to, and the list to print."""
    texts = [
        f"{heading}: {one.label}, {one.url.removeprefix('tel:').removeprefix('mailto:')}" for one in reply.contacts
    ]
    texts += [f"{reply.checklist.label}: {reply.checklist.url}"] if reply.checklist else []
    for text in texts:
        _paragraph(console, Text(text))
    if texts:
        console.print()


def _show_questions(questions: Sequence[str], start: int, numbered: bool, console: Console) -> None:
    for number, question in enumerate(questions, start):
        _paragraph(console, Text(question), f"  {number} › " if numbered else "  › ", "cyan")


def _show_passages(reply: Reply, title: str, translation: str, console: Console) -> None:
    """Every passage by its number, under the section it stands in."""
    _paragraph(console, Text(title, "dim"))
    width = len(f"[{len(reply.citations)}]")
    for place, stands in reply.by_section():
        _paragraph(console, Text(place, "dim"), "  ")
        for number, cited in stands:
            passage = cited.citation.passage
            _paragraph(console, Text(verbatim(cited.citation)), f"  {f'[{number}]':>{width}} ", "dim")
            if reply.language == "en" and passage.translation:
                _paragraph(console, Text(f"{translation}: {passage.translation}", "italic dim"), " " * (width + 3))


def _marks(passages: Sequence[int]) -> tuple[tuple[str, str], ...]:
    """The numbers of the passages that something stands on, as they follow it."""
    return ((f" [{', '.join(map(str, passages))}]", "dim"),) if passages else ()


def _paragraph(console: Console, text: Text, before: str = "", style: str = "") -> None:
    """Text, its lines all to the right of what stands before it; one line where no person reads it as it comes."""
    lead = Text.assemble((before, style))
    if not console.is_terminal:
        console.print(lead + text, soft_wrap=True)
        return
    for line in text.wrap(console, max(console.width - lead.cell_len, LEAST)):
        line.rstrip()
        console.print(lead + line, soft_wrap=True)
        lead = Text(" " * lead.cell_len)


def show_why(assistant: Assistant, question: Question) -> None:
    """The trace of a question, and the answer it led to."""
    # Ids are copied from here: lines are broken by nobody but the terminal.
    console = Console(highlight=False, soft_wrap=True)
    answer, reply, traces = assistant.explain(question)
    for trace in traces:
        asked = trace.asked
        console.print(f"[bold]{escape(' | '.join(asked.texts))}[/bold]")
        understood = {
            "language": asked.language,
            "follow-up": "yes" if asked.follow_up else "no",
            "kind": ", ".join(f"{kind} {share:.2f}" for kind, share in list(asked.kinds.items())[:3]),
            "about": ", ".join(asked.subject),
            "also named": ", ".join(asked.object),
            "asker": ", ".join(asked.asker),
            "asker's own role": asked.own_role,
            "topics": ", ".join(asked.topics),
            "asks what": f"{asked.modality}, negated" if asked.negated else asked.modality,
            "to be confirmed": " ".join(asked.premise),
            "left over": ", ".join(asked.left_over),
            "campus": ", ".join(asked.campuses),
            "conditions": ", ".join(sorted(asked.conditions)),
            "situation": ", ".join(
                f"{aspect} {max(told, key=told.__getitem__)} {max(told.values()):.2f}"
                for aspect, told in asked.situation.items()
            ),
            "detail wanted": ", ".join(sorted(asked.wanted)),
            "terms": ", ".join(sorted({m.term for m in asked.mentions})),
        }
        for name, value in understood.items():
            if value:
                console.print(f"  {name}: {escape(value)}")
        for hit in trace.hits[:8]:
            source, text = assistant.answerer.searcher.index.texts(hit.entry)
            console.print(f"  {hit.score:.2f} [bold]{escape(hit.target)}[/bold]")
            console.print(
                f"       [dim]keyword {hit.keyword:.2f}, n-gram {hit.ngram:.2f}, embedding {hit.embedding:.2f},"
                f" covered {hit.coverage:.2f}; {escape(f'{source}: {text[:70]}')}[/dim]"
            )
        for part, weight in sorted(assistant.answerer.models.decision.parts(trace.seen), key=lambda p: -abs(p[1]))[:8]:
            console.print(f"  {weight:+.2f} {escape(part)}")
        for step in trace.steps:
            console.print(f"  → {escape(step)}")
        if trace.seen:
            console.print(f"    [dim]{CUTS}[/dim]")
    console.print(f"\n{answer.intent}: {answer.outcome}" + (f", {verdict}" if (verdict := verdict_of(answer)) else ""))
    facts = [fact for part in answer.each for fact in part.facts]
    console.print(f"facts: {', '.join(fact.id for fact in facts if fact.statement) or 'none'}")
    if waiting := [fact.id for fact in facts if not fact.statement]:
        console.print(f"not reviewed, so not answered from: {', '.join(waiting)}")
    console.print(escape(reply.text))
