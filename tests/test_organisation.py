"""Another organisation: its own documents, roles, ranks and names, and nothing of the one that ships."""

import ast
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from answerers import with_parts
from other_organisation import FOLDER, FOREIGN, SHIPPED
from starlette.testclient import TestClient
from typer.testing import CliRunner

from bot.check import check_data
from bot.cli import app
from bot.contract import answer_object
from bot.evaluation import evaluate, read_questions
from bot.ladder import draw_svg
from bot.settings import Settings
from bot.suggestion import question_of, suggest
from bot.wording import read_tables, read_wordings
from corpus.applicability import Applicability, Case, Said
from corpus.language import LANGUAGES, Wording
from corpus.library import DATA, read_library
from intents.answer import FactAnswer
from intents.duties import facts_of
from intents.question import Question

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def client(serve, own):
    with TestClient(serve(own, organisation=FOLDER)) as client:
        yield client


def ask(own, text):
    return own.ask(Question(text))


def test_its_data_have_no_faults_and_what_is_off_is_named():
    faults, summary = check_data(FOLDER)
    assert [str(fault) for fault in faults] == []
    _, off = summary.split("\n")
    assert all(word in off for word in ("applicability.toml", "(emergency)", "harassment", "campuses"))
    assert "(escalation)" not in off


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_duties_of_each_role_are_told_and_none_of_another_organisation(own, language):
    asks = {"nb": "Hvilke plikter har {}?", "nn": "Kva plikter har {}?", "en": "What are the duties of {}?"}
    people = [role for role in own.library.roles.values() if facts_of(role.id, own.library)]
    for role in people:
        answer, reply = ask(own, asks[language].format(role.the.of(language)))
        assert (answer.outcome, answer.language) == ("answered", language), role.id
        assert {*answer.facts} >= {*facts_of(role.id, own.library)}, role.id
        assert {cited.citation.document.id for cited in reply.citations} == {"hms-handboka"}


def test_a_held_out_handful_is_answered_right_and_what_the_handbook_does_not_say_is_refused(own):
    judged = list(evaluate(own, read_questions(FOLDER / "questions.jsonl")))
    wrong = {item.question["q"]: item.faults for item in judged if item.faults}
    assert len(judged) == 31
    assert len(wrong) <= 3, wrong
    refused = [item for item in judged if not item.question["answerable"]]
    assert all(item.answer["outcome"] != "answered" for item in refused)


def test_the_ladder_has_its_own_rungs_and_ends_with_one_person(own):
    answer, reply = ask(own, "Hvem tar saken videre?")
    assert [rung.roles for rung in answer.ladder.rungs] == [
        ("verneombud", "teamleder"),
        ("koordinerende-verneombud", "omradeleder"),
        ("kansler",),
    ]
    assert [point.text for group in reply.groups for point in group.points][1:] == [
        "Det koordinerende verneombudet (KVO) og områdelederen.",
        "Kansleren.",
    ]
    assert "siste trinn kansleren" in ask(own, "Hvem tar saken videre etter det koordinerende verneombudet?")[1].lead
    # A rung that only one line stands on is one box.
    assert draw_svg("", "nb", own.library, own.wordings).count('rx="12"') == 5
    assert "øverste trinn" in ask(own, "Hvem tar saken videre etter kansleren?")[1].lead


@pytest.mark.parametrize(
    ("question", "says"),
    [
        ("Gjelder arbeidsmiljøloven for studenter på laben?", "ikke avgjøre om arbeidsmiljøloven gjelder"),
        ("Gjeld arbeidsmiljølova for meg i verkstaden?", "ikkje avgjere om arbeidsmiljølova gjeld"),
        ("Does the Working Environment Act apply to me in the lab?", "cannot tell whether the Working Environment Act"),
    ],
)
def test_the_act_is_off_and_nothing_near_is_given_for_it(own, question, says):
    answer, reply = ask(own, question)
    assert (answer.intent, answer.outcome, answer.facts) == ("off", "unanswered", ())
    assert says in reply.lead
    assert own.organisation.name.of(reply.language) in reply.lead


@pytest.mark.parametrize("text", ["det brenner!", "Det brenn på laben!", "There is a fire in the lab, help!"])
def test_whoever_is_in_danger_is_told_whom_to_call_where_the_policy_has_nothing_on_it(own, text):
    answer, reply = ask(own, text)
    assert answer.sensitive == "danger"
    assert all(number in reply.first for number in ("110", "112", "113"))
    assert "HMS-" not in reply.first  # whether the numbers stand there is not known
    assert [contact.url for contact in reply.contacts] == ["https://fagerstrand.example/vakt"]


def test_a_sensitive_matter_without_a_fact_still_says_what_the_bot_is_not(own):
    assert own.wordings["nb"]["sensitive.harassment"] in ask(own, "jeg blir mobbet av sjefen min")[1].first
    told, reply = ask(own, "jeg vil varsle om noe ulovlig ved høgskolen")
    assert told.sensitive == "whistleblowing"
    assert "sikkerhetsrådgiveren" in reply.text or "sikkerhetsrådgiveren" in reply.first


def test_where_a_statement_goes_on_with_others_its_subject_stays(own):
    points = [p.text for g in ask(own, "Hvilke plikter har kansleren?")[1].groups for p in g.points]
    assert "Kansleren og det koordinerende verneombudet leder HMS-rådet annethvert år." in points


def test_the_contract_is_the_same(own, assistant):
    _, ours = answer_object(own, Question("Hvem leder HMS-rådet?"), "1")
    _, theirs = answer_object(assistant, Question("Hvem vedtar HMS-politikken?"), "1")
    assert ours.keys() == theirs.keys()
    assert ours["outcome"] == "answered"
    text = own.library.leading.text
    for cited in ours["citations"]:
        assert cited["document"] == "hms-handboka"
        assert text[cited["start"] : cited["end"]] == cited["quote"]


def test_the_command_line_answers_from_the_folder_that_the_setting_names(own, shared):
    assert own.library.folder == FOLDER
    environment = {"HMS_ORGANISATION": str(FOLDER), "HMS_INDEX_FILE": str(shared / "own.sqlite")}
    done = CliRunner().invoke(app, ["ask", "--json", "Kven leier HMS-rådet?"], env=environment)
    assert json.loads(done.stdout)["facts"] == ["hms-radet/ledes"]


def test_each_organisation_has_an_index_of_its_own(monkeypatch):
    monkeypatch.delenv("HMS_INDEX_FILE", raising=False)
    files = {Settings(_env_file=None, organisation=folder).index_file for folder in (None, FOLDER, DATA)}
    assert len(files) == 3


PAGES = [
    "/",
    "/embed",
    "/roles",
    "/escalation",
    "/about",
    "/policy/hms-handboka?notes=1",
    "/?q=Hvem+leder+HMS-rådet%3F",
]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_names_the_organisation_that_ships(client, own, language):
    roles = [f"/roles/{role}{more}" for role in own.library.roles for more in ("", "/checklist", ".csv")]
    for page in [*PAGES, *roles, "/escalation.svg", "/api/roles", "/api/openapi.json", "/nope"]:
        response = client.get(page, params={"lang": language} if "?" not in page else None)
        assert response.status_code == (404 if page == "/nope" else 200), page
        assert FOREIGN.findall(response.text) == [], page


def test_a_page_that_is_off_says_so_and_is_in_no_menu(client):
    off = client.get("/applies?lang=nb")
    assert off.status_code == 404
    assert "ikke avgjøre om arbeidsmiljøloven gjelder" in off.text
    for page in ("/", "/roles", "/nope"):
        shown = client.get(page).text
        assert 'href="/applies' not in shown
        assert 'href="/escalation' in shown
        assert 'name="campus"' not in shown


def without(own, **slots):
    """The assistant as it would be with other slots."""
    changed = replace(own.organisation, slots=replace(own.library.slots, **slots))
    return of(own, replace(own.library, organisation=changed))


def of(own, library):
    """The assistant as it would be with another library of the same words."""
    answerer = with_parts(own.answerer, library=library)
    return replace(own, library=library, answerer=answerer, wordings=read_wordings(library))


def test_without_a_ladder_its_page_is_off_and_single_facts_answer(serve, own):
    bare = without(own, escalation=None)
    with TestClient(serve(bare)) as client:
        page = client.get("/escalation?lang=en")
        assert page.status_code == 404
        assert "no overview of who takes an unsolved HSE matter further" in page.text
        assert [client.get(f"/escalation.{kind}").status_code for kind in ("svg", "png")] == [404, 404]
        assert 'href="/escalation' not in client.get("/").text
        assert client.get("/roles/verneombud").status_code == 200
    answer, _ = ask(bare, "Hvor går saken når verneombudet og teamlederen ikke blir enige?")
    assert [fact.id for fact in answer.facts] == ["verneombud/videre"]
    assert isinstance(answer, FactAnswer)


def test_the_act_is_decided_by_the_organisations_own_cases(serve, own):
    everybody = Case("everybody", frozenset(), frozenset(), "applies", ("alle/oppslag",), ())
    lead = Wording("Den gjelder alle.", "Ho gjeld alle.", "It applies to all.")
    said = Said(lead, Wording("Intet.", "Inkje.", "Nothing."))
    act = Applicability((everybody,), {"everybody": said}, {}, frozenset(), frozenset())
    decided = of(own, replace(own.library, applicability=act))
    answer, reply = ask(decided, "Does the Working Environment Act apply to me in the lab?")
    assert (answer.intent, answer.verdict, reply.lead) == ("applicability", "applies", "Yes. It applies to all.")
    with TestClient(serve(decided)) as client:
        assert 'href="/applies?lang=en"' in client.get("/?lang=en").text
        page = client.get("/applies?who=employed&lang=nb").text
        assert "Ja. Den gjelder alle." in page
        assert FOREIGN.findall(page) == []


def test_a_role_and_a_campus_kept_from_another_organisation_are_nobodys(own):
    answer, _ = own.ask(Question("Hva er mine plikter?", role="rektor", campus="gjovik"))
    assert answer.role != "rektor"
    assert own.ask(Question("Hvem tar saken videre?", role="rektor", campus="gjovik"))[0].intent == "escalation"


def test_an_emergency_slot_may_be_a_fact(own):
    answer, reply = ask(without(own, emergency="andre/driftssjef"), "det brenner!")
    assert [fact.id for fact in answer.facts] == ["andre/driftssjef"]
    assert "110" in reply.first


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_wording_names_the_organisation_that_ships_and_all_names_are_filled_in(own, language):
    filled = own.wordings[language]
    assert {key: text for key, text in filled.items() if FOREIGN.search(text)} == {}
    assert {key for key, text in read_tables()[language].items() if FOREIGN.search(text)} == set()
    left = {key for key, text in filled.items() if re.search(r"\{(organisation|[Pp]olicy|policy_name|[Ii]t)\}", text)}
    assert left == set()
    assert own.organisation.policy.the.of(language) in filled["gap.lead"].lower().replace("hms", "HMS").replace(
        "hse", "HSE"
    )
    assert ", campus" not in filled["channel.who_hint"]


def test_every_answer_and_question_to_go_on_with_is_of_this_organisation(own):
    rows = (FOLDER / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    for text in [json.loads(row)["q"] for row in rows] + ["hei", "hjelp", "hvem er du?", "hva kan du?"]:
        answer, reply = ask(own, text)
        said = [reply.text, reply.first, *reply.next, *(choice.label for choice in reply.every_choice)]
        assert FOREIGN.findall(" ".join(said)) == [], text
        words = own.wordings[reply.language]
        told = [question_of(one, reply.language, own.library, words) for one in suggest(answer, own.library)]
        assert tuple(told) == reply.next
        for question in told:
            assert ask(own, question)[0].outcome == "answered", question


CODE = [file for package in ("bot", "corpus", "intents", "retrieval") for file in (ROOT / package).rglob("*.py")]
# A condition, an answer to a step, and a topic that are called as a role is.
SHARED = {"student", "personvern"}


def test_no_code_template_or_word_list_names_the_organisation_that_ships_or_what_it_alone_has():
    ids = {*SHIPPED.facts, *SHIPPED.gaps, *SHIPPED.roles, *SHIPPED.campuses, *SHIPPED.documents} - SHARED
    found = []
    for file in CODE:
        texts = (node.value for node in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(node, ast.Constant))
        found += [
            (file.name, text[:60]) for text in texts if isinstance(text, str) and (text in ids or FOREIGN.search(text))
        ]
    assert found == []
    lists = [*(ROOT / "intents").glob("*.toml"), *(ROOT / "retrieval").glob("*.toml")]
    lists += [*(ROOT / "bot/web/templates").iterdir(), ROOT / "bot/ladder.svg", *(ROOT / "bot/skeleton").rglob("*.*")]
    names = re.compile(rf"\b({'|'.join(SHIPPED.organisation.names)})\b")
    assert [file.name for file in lists if names.search(file.read_text(encoding="utf-8"))] == []


def test_a_name_that_two_roles_bear_is_a_fault_at_its_line(organisation):
    file = organisation / "roles.toml"
    text = file.read_text(encoding="utf-8")
    first, second = list(read_library(organisation).roles.values())[:2]
    also = f'nb = {{ name = "{second.name.nb}", the = "{second.the.nb}", also = ['
    assert also in text
    file.write_text(text.replace(also, f'{also}"{first.name.nb.upper()}", '), encoding="utf-8")
    [fault], _ = check_data(organisation)
    line = next(n for n, line in enumerate(text.splitlines(), 1) if also in line)
    assert (fault.file, fault.line) == (file, line)
    assert f"{first.id} and {second.id} are called the same" in fault.message
