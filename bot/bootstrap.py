"""The one place where the parts are put together: settings → Assistant."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bot.privacy.screen import is_screened, screen
from bot.privacy.words import spare
from bot.reply import Reply
from bot.settings import Settings
from bot.wording import Wordings, read_wordings
from bot.writing import note, write_reply
from corpus.document import Document
from corpus.example import Example, read_examples
from corpus.language import LANGUAGES
from corpus.library import DATA, Library, document_folders, quoted_folders, read_library
from corpus.organisation import Organisation
from corpus.proposal import FILE as PROPOSALS
from corpus.version import DRAFTS, VERSIONS
from intents import understanding
from intents.answer import Answer
from intents.answering import LONGEST, Answerer, Trace
from intents.judged import judged_questions
from intents.models import read_models
from intents.question import Question
from intents.sensitive import read_signs
from intents.situation import told_conditions
from intents.understanding import FRAME, read_terms
from retrieval.dictionary import FILE as DICTIONARY
from retrieval.dictionary import LEMMAS
from retrieval.embedding import MODEL, Embedder, SentenceTransformerEmbedder, StaticEmbedder
from retrieval.entry import Content, Entry
from retrieval.glossary import FILE as GLOSSARY
from retrieval.glossary import read_glossary
from retrieval.index import fingerprint, open_index
from retrieval.quotation import QuotedPassages, open_passages, read_concepts
from retrieval.search import WEIGHTS, Searcher
from retrieval.target import TargetModel
from retrieval.term import Term

EXAMPLES = Path(understanding.__file__).with_name("examples")


@dataclass(frozen=True, slots=True)
class Assistant:
    """Answers questions in words: what every channel talks to."""

    library: Library
    answerer: Answerer
    wordings: Wordings
    public_url: str

    @property
    def organisation(self) -> Organisation:
        return self.library.organisation

    def ask(self, question: Question) -> tuple[Answer, Reply]:
        answer, reply, _ = self.explain(question)
        return answer, reply

    def explain(self, question: Question, screened: bool = False) -> tuple[Answer, Reply, tuple[Trace, ...]]:
        """Answer a question as it is without personal data; where there were any, the reply says so.

        `screened` is one that `bot.messaging.channel.storable` has read already: to read six questions for personal
        data takes a quarter of the time that their answer does.
        """
        if not screened:
            text, *history = (screen(typed[:LONGEST]) for typed in (question.text, *question.history))
            question = replace(question, text=text, history=tuple(history))
        answer, traces = self.answerer.answer(question)
        reply = self.write(answer)
        return answer, note(reply, "privacy.taken_out", self.wordings) if is_screened(question.text) else reply, traces

    def write(self, answer: Answer) -> Reply:
        return write_reply(answer, self.library, self.wordings, self.public_url)


def build_assistant(
    settings: Settings, progress: Callable[[str], None] = lambda step: None, only: str | None = None
) -> Assistant:
    """Read the data, open the index (building it where it is not current) and put the assistant together.

    `only` names a ranker to search by alone. Raises DataFault where the data cannot be used, RuntimeError where
    a model or ranker that is asked for is not there.
    """
    if only is not None and only not in WEIGHTS:
        raise RuntimeError(f"there is no ranker {only}: choose of {', '.join(WEIGHTS)}")
    library = read_library(settings.folder)
    spare(_own_names(library))
    embedder = build_embedder(settings)
    models = (settings.model, settings.model_query, settings.model_passage)
    index = open_index(
        file=settings.index_file,
        hash_=fingerprint(data_files(library.folder), *models),
        load=lambda: replace(read_content(library, read_entries(library)), tools=fingerprint(_tools(), *models)),
        embedder=embedder,
        progress=progress,
    )
    weights = WEIGHTS if only is None else {name: float(name == only) for name in WEIGHTS}
    searcher = Searcher(index, embedder, weights, TargetModel())
    quoted = open_quoted(settings, library)
    quotes = quoted.near if quoted else None
    answerer = Answerer(library, searcher, read_models(), quotes)
    return Assistant(library, answerer, read_wordings(library), settings.public_url)


def open_quoted(settings: Settings, library: Library) -> QuotedPassages | None:
    """The passages that are shown where the policy does not say what was asked; None where there are none, or they are
    not to be shown."""
    documents = {**_partly_stated(library), **library.quoted}
    if not documents or not settings.quoted:
        return None
    files = [file for folder in quoted_folders(library.folder) for file in sorted(folder.iterdir()) if file.is_file()]
    glossary = read_glossary({"organisation": library.organisation.names, "reference": ()})
    return open_passages(
        settings.index_file.with_name(f"{settings.index_file.name}.quoted"),
        fingerprint([*files, *data_files(library.folder)]),
        documents,
        glossary.spellings,
        lambda: [term for term in (*read_terms(library), *read_concepts(glossary)) if _is_sought(term)],
        lambda: (example.text for example in read_all_examples(library.folder)),
    )


def _partly_stated(library: Library) -> dict[str, Document]:
    """Documents beside the leading one with the passages that no fact stands on."""
    stated = {fact.place for fact in library.facts.values()}
    beside = (document for document in library.documents.values() if not document.leads)
    return {d.id: replace(d, passages=tuple(p for p in d.passages if (d.id, p.id) not in stated)) for d in beside}


def _is_sought(term: Term) -> bool:
    """Whether a term is what may be asked about, and not how."""
    kind, _, ident = term.id.partition(":")
    return kind in {"role", "legal"} or (kind == "concept" and ident not in FRAME)


def _own_names(library: Library) -> Iterator[str]:
    """What the organisation calls itself, its places and its roles: none of it is somebody's name."""
    yield from library.organisation.names
    for places in library.campuses.values():
        yield from places
    for role in library.roles.values():
        yield from (*role.names, *role.abbreviations)


def read_content(library: Library, entries: Sequence[Entry]) -> Content:
    """What an index of these entries is built from."""
    references = [document.reference for document in library.documents.values() if document.reference]
    glossary = read_glossary({"organisation": library.organisation.names, "reference": references})
    spotted = (*read_signs(), *told_conditions(library))
    return Content(entries, read_terms(library), glossary, spotted, tuple(judged_questions(library)))


def build_embedder(settings: Settings) -> Embedder:
    if not settings.model:
        return StaticEmbedder()
    return SentenceTransformerEmbedder(settings.model, settings.model_query, settings.model_passage)


def data_files(folder: Path = DATA) -> list[Path]:
    """Everything an index of an organisation is built from, in the same order wherever its folder lies: nothing of what
    is only quoted."""
    apart = {*quoted_folders(folder), folder / DRAFTS, folder / VERSIONS}
    own = [file for file in _data(folder) if not apart & {*file.parents}]
    return [*sorted(own), *_shared_files(), *_model_files()]


def _tools() -> list[Path]:
    """What texts are read by: of them alone depends what is taken over of an index that was built of other data."""
    return [DICTIONARY, LEMMAS, *sorted(GLOSSARY.parent.glob("*.py")), *_model_files()]


def _model_files() -> list[Path]:
    return sorted(file for file in MODEL.rglob("*") if file.is_file())


def _shared_files() -> list[Path]:
    """The data and code that are the same for all organisations."""
    return sorted([*_data(Path(understanding.__file__).parent), *_data(GLOSSARY.parent), *GLOSSARY.parent.glob("*.py")])


def _data(root: Path) -> list[Path]:
    found = (file for pattern in ("**/*.toml", "**/*.txt", "**/judged.jsonl") for file in root.glob(pattern))
    return [file for file in found if file.name != PROPOSALS]


def read_all_examples(folder: Path = DATA) -> list[Example]:
    """Every example question there is, of facts, gaps and kinds of questions."""
    found = [example for _, example in read_examples("ask", EXAMPLES)]
    for document in document_folders(folder):
        for kind in ("fact", "gap"):
            found += [example for _, example in read_examples(kind, document / "questions" / f"{kind}s")]
    return found


def read_entries(library: Library) -> list[Entry]:
    """What is indexed: each fact's passage, translation and statements, and every example question."""
    examples = (example for example in read_all_examples(library.folder) if _can_be_asked(example, library))
    entries = [Entry(e.target, e.language, "example", e.text) for e in examples]
    for fact in library.facts.values():
        target, passage, document = f"fact:{fact.id}", fact.citation.passage, fact.citation.document
        text = f"{passage.lead_in or ''} {fact.citation.quote}".strip()
        entries.append(Entry(target, document.language, "passage", text))
        if passage.translation:
            entries.append(Entry(target, "en", "translation", passage.translation))
        if fact.statement:
            entries += [Entry(target, language, "statement", fact.statement.of(language)) for language in LANGUAGES]
    return entries


def _can_be_asked(example: Example, library: Library) -> bool:
    """Whether an example asks for a role that the organisation has, or for none."""
    kind, _, role = example.target.removeprefix("ask:").partition("/")
    return kind != "duties" or role in library.roles
