"""Lines that keep people safe → each broken in a copy, and the tests that have to notice: `python tests/mutation.py`,
or some of them by their numbers. Not a test itself: it takes some minutes. Exit status 1 where one is not noticed."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
PARTS = ("bot", "corpus", "intents", "retrieval", "tests", ".deploy", "pyproject.toml", ".env.example")
WEB = "tests/test_manners.py"
FAIR = "tests/test_fair_use.py"
STORE = "tests/store/test_store_files.py"
GONE = "tests/store/test_forgetting.py"
HEALTH = "tests/store/test_health.py"
KILLED = "tests/store/test_killed.py"
TEAMS = "tests/teams/test_teams_vouching.py"
REVIEW = "tests/test_review.py"
WITHHELD = "tests/test_withheld.py"

# What is broken, the file, its line and what takes its place, and the tests: a file and, where it is long, which of it.
MUTANTS = (
    ("the report's cookie never ends", "bot/web/protected_pages.py",
     "return is_to_come(ends) and", "return ends.isdigit() and", WEB, "not_for_ever"),
    ("a sensitive row keeps what led to it", "bot/messaging/answer_record.py",
     'question=None, history=(), trace=(),', "question=None, trace=(),", WEB, "sensitive_matter"),
    ("what led to a web question is kept unscreened", "bot/web/asking.py",
     "history=tuple(map(storable, question.history))", "history=question.history", WEB, "led_to_a_question"),
    ("retention leaves feedback out", "bot/store/retention.py",
     '    ("feedback", "at < :now - :age"),\n', "", GONE, "feedback"),
    ("what is deleted is not overwritten", "bot/store/sqlite.py", "secure_delete=ON", "secure_delete=OFF",
     GONE, "file"),
    ("others can read the store", "bot/store/sqlite.py", "each.chmod(0o600)", "each.chmod(0o644)",
     STORE, "nobody_else"),
    ("only = begins a formula", "bot/maintenance/report_view.py", 'set("=+-@|%\\u2212")', 'set("=")', WEB, "formula"),
    ("the first forwarded address counts", "bot/web/connection.py", "hops.pop()", "hops.pop(0)", FAIR, "last_believed"),
    ("pages may be framed", "bot/web/guard.py", "'none'; frame-ancestors \"", '\'none\'; x "',
     WEB, "framed"),
    ("pages may change their base", "bot/web/guard.py", "base-uri 'none'; ", "", WEB, "framed"),
    ("a key of Teams vouches for every channel", "bot/teams/endpoint.py",
     "if caller.channels and body.get", "if False and body.get", TEAMS, ""),
    ("a token may be short", "bot/settings.py", '("secret", "report_token", "mcp_token")', '("secret", "mcp_token")',
     "tests/test_settings.py", "all_faults_are_told"),
    ("forwarded lines but the first are not read", "bot/web/connection.py",
     "for line in forwarded for hop", "for line in forwarded[:1] for hop", FAIR, "last_believed"),
    ("each IPv6 address counts for itself", "bot/web/connection.py", "LINE = 64", "LINE = 128", FAIR, "last_believed"),
    ("a request's host is believed", "bot/web/guard.py", '[(b"host", self._host), *headers]', 'scope["headers"]',
     WEB, "redirects"),
    ("work is not counted", "bot/web/guard.py", "left if wait > 0 else left - work", "left if wait > 0 else left - 1",
     FAIR, "share_fills"),
    ("answers of a client run side by side", "bot/web/guard.py", "        async with lock:\n            yield",
     "        yield", FAIR, "one_by_one"),
    ("connections are not limited", "bot/web/connection.py", "len(own) >= self.most", "False", FAIR, "connections"),
    ("pages of other sites are counted", "bot/web/chat.py",
     "if last and not is_foreign(request) else", "if last else", WEB, "another_site"),
    ("pages of other sites may judge", "bot/web/guard.py", 'not in {"none", "same-origin"}',
     'not in {"none", "same-origin", "cross-site"}', WEB, "another_site"),
    ("a made-up seal is believed", "bot/web/asking.py",
     'return ident if same(seal, _seal(web, ident, int(ends))) else ""', "return ident", WEB, "judge_it"),
    ("a vote does not end", "bot/web/asking.py", "and is_to_come(ends)", "and ends.isdigit()", WEB, "vote_ends"),
    ("a reload gives the vote again", "bot/web/asking.py", " or not await web.writer.is_new(ident)", "", WEB,
     "judge_it or reloads"),
    ("a restart gives the vote again", "bot/messaging/background_writer.py",
     "return not await asyncio.to_thread(is_kept", "return bool(ident) or await asyncio.to_thread(is_kept",
     WEB, "restart"),
    ("copies are kept of pages with questions", "bot/web/guard.py", "or _ASKED.search", "or None and _ASKED.search",
     WEB, "copy"),
    ("there is no HSTS", "bot/web/guard.py", 'public_url.startswith("https:")', "False", WEB, "tls"),
    ("leaving the report leaves nothing", "bot/web/protected_pages.py", "response.delete_cookie(", "print(",
     WEB, "leaves"),
    ("a store gets another secret without a word", "bot/store/pseudonym.py", "if knows_persons(database):", "if False:",
     STORE, "knows_persons"),
    ("a secret that others read is used", "bot/store/pseudonym.py", "mode & 0o077", "mode & 0o007",
     STORE, "others_can"),
    ("the journal keeps what was forgotten", "bot/store/sqlite.py", "(TRUNCATE)", "(PASSIVE)",
     GONE, "file or complete"),
    ("a clock that jumps is believed", "bot/store/retention.py", "JUMP = DAY", "JUMP = 1e9", GONE, "clock"),
    ("a damaged store is ready", "bot/store/sqlite.py", 'if found != "ok":', "if False:", HEALTH, "damaged"),
    ("a full disk is ready", "bot/store/sqlite.py", ".free) < ROOM", ".free) < 0", HEALTH, "full"),
    ("a look writes nothing", "bot/store/sqlite.py", "at.run(PROBE)", 'at.run("SELECT 1 AS one")', HEALTH, "writes"),
    ("each who asks for readiness looks", "bot/messaging/health.py",
     "if self._looking is None or self._looking.done():", "if True:", HEALTH, "many_who_ask"),
    ("answers lost by a kill are not told of", "bot/messaging/background_writer.py",
     "self._unrecorded.set(len(self._held))", "pass", HEALTH, "killed"),
    ("a server that dies at its start uses up tries", "bot/messaging/queue.py", "tried = monotonic() >= settled",
     "tried = True", KILLED, "only_servers"),
    ("a question that kills takes others with it", "bot/messaging/queue.py", "self._answer_all(inf)",
     "self._answer_all(settled)", KILLED, "one_by_one"),
    ("a review holds for any wording", "corpus/review.py", "is_same(reviews[target].wording, wording)", "True",
     REVIEW, "check_names"),
    ("a heading may change", "corpus/document.py", "(f\"# {' › '.join(self.section.path)}\", ", "(",
     REVIEW, "check_names"),
    ("a lead-in may change", "corpus/document.py", "*((self.lead_in,) if self.lead_in else ()), ", "",
     REVIEW, "check_names"),
    ("what is not reviewed answers", "intents/withheld.py", "if not waiting or", "if True or", WITHHELD, "closest"),
    ("one of the act's facts may wait", "intents/withheld.py", '{"applicability", ', "{", WITHHELD, "drawn_from"),
    ("the ladder is drawn from what waits", "intents/escalation.py",
     "slot is None or not is_reviewed(library)", "slot is None", WITHHELD, "no_ladder"),
    ("what waits is suggested", "bot/suggestion.py", "_is_answered(s, library) and ", "", WITHHELD, "suggests"),
    ("a list does not say that some of it waits", "bot/writing.py", ", *_waiting_note(writer, answer)", "",
     WITHHELD, "list_keeps"),
)  # fmt: skip


def notice(number: int, folder: Path) -> bool:
    """Whether a test fails that passes otherwise."""
    name, file, line, instead, tests, which = MUTANTS[number]
    path = folder / file
    whole = path.read_text(encoding="utf-8")
    if whole.count(line) != 1:
        raise SystemExit(f"{number} {name}: the line stands {whole.count(line)} times in {file}: {line!r}")
    path.write_text(whole.replace(line, instead), encoding="utf-8")
    start = time.monotonic()
    try:
        command = [sys.executable, "-m", "pytest", tests, "-q", "-x", "-p", "no:cacheprovider"]
        # The data stay as they are, and so does the index of them.
        environment = {**os.environ, "PYTHONPATH": str(folder), "TEST_INDEX_FILE": str(folder / "index.sqlite")}
        done = subprocess.run(
            [*command, *(["-k", which] if which else [])], cwd=folder, env=environment, capture_output=True, check=False
        )
    finally:
        path.write_text(whole, encoding="utf-8")
    noticed = done.returncode == 1
    word = "noticed" if noticed else f"NOT NOTICED (pytest ended with {done.returncode})"
    print(f"{number:2} {name}: {word}, {time.monotonic() - start:.0f} s", flush=True)
    return noticed


def main() -> None:
    numbers = [int(number) for number in sys.argv[1:]] or list(range(len(MUTANTS)))
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        for part in PARTS:
            copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
            copy(ROOT / part, folder / part)
        survived = [number for number in numbers if not notice(number, folder)]
    print(f"{len(numbers) - len(survived)} of {len(numbers)} noticed")
    raise SystemExit(bool(survived))


if __name__ == "__main__":
    main()
