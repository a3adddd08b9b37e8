"""Messages written before the rules that they measure, names that are words as well, and that the asker is told."""

import io
import json
import random
import re
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console
from starlette.testclient import TestClient

from bot.messaging.channel import storable
from bot.privacy.screen import screen
from bot.privacy.words import PEOPLE, people, words
from bot.slack.blocks import MessageContext, answer_blocks
from bot.teams.card import CardContext, answer_cards
from bot.terminal import show
from intents.question import Question
from retrieval.dictionary import FILE as DICTIONARY
from retrieval.dictionary import LEMMAS, build, is_form, is_known

HERE = Path(__file__).parent / "privacy"
BLIND, HARMLESS = (
    [json.loads(line) for line in (HERE / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]
    for name in ("blind", "harmless")
)


def leaks(case) -> list[str]:
    """What was to be hidden and of which a word is still there that stands nowhere else in the message."""
    rest = case["text"]
    for hidden in case["hidden"]:
        rest = rest.replace(hidden, " ", 1)
    left = tokens(screen(case["text"])) - tokens(rest)
    return [hidden for hidden in case["hidden"] if tokens(hidden) & left]


def tokens(text: str) -> set[str]:
    return {token for token in re.findall(r"\w+", text.casefold()) if len(token) > 1 or token.isdigit()}


def test_of_the_blind_messages_almost_all_leave_nothing_of_anybody():
    whole: dict[str, list[bool]] = defaultdict(list)
    for case in BLIND:
        for name in ("all", f"round {case['round']}", *case["kinds"]):
            whole[name].append(not leaks(case))
    shares = {name: sum(found) / len(found) for name, found in whole.items()}
    print("\n", {name: f"{share:.1%} of {len(whole[name])}" for name, share in shares.items()})
    assert len(BLIND) >= 200
    # The fifth round is of forty messages with names that are rare on purpose.
    rounds = {name for name in shares if name.startswith("round ")} - {"round 5"}
    assert min(shares[name] for name in ("all", *rounds)) >= 0.95, shares
    # What the last two showed has been mended.
    assert shares["round 8"] == shares["round 9"] == 1
    assert min(shares.values()) >= 0.9, shares


def test_of_what_is_told_beside_it_almost_all_stays():
    told = lost = 0
    for case in BLIND:
        hidden = tokens(" ".join(case["hidden"]))
        beside = tokens(case["text"]) - hidden
        told, lost = told + len(beside), lost + len(beside - tokens(screen(case["text"])))
    assert lost / told <= 0.01


def test_harmless_texts_that_look_dangerous_come_back_as_they_are(assistant):
    assert assistant  # the organisation's own names are spared
    assert len(HARMLESS) >= 500
    changed = [(case["text"], screen(case["text"])) for case in HARMLESS if screen(case["text"]) != case["text"]]
    assert len(changed) <= len(HARMLESS) / 100, changed
    assert [case["text"] for case in HARMLESS if case["round"] >= 8 and screen(case["text"]) != case["text"]] == []


@pytest.mark.parametrize(
    ("text", "screened"),
    [
        ("stein falt fra fasaden", "stein falt fra fasaden"),
        ("Stein falt fra fasaden", "Stein falt fra fasaden"),
        ("Stein nekter å bruke hjelm", "[👤] nekter å bruke hjelm"),
        ("hva gjør vi med Stein da?", "hva gjør vi med [👤] da?"),
        ("Liv og helse går foran", "Liv og helse går foran"),
        ("Liv Berg er syk", "[👤] er syk"),
        ("May I work alone in May?", "May I work alone in May?"),
        ("I think May refuses to wear gloves", "I think [👤] refuses to wear gloves"),
        ("Is the Line Manager in?", "Is the Line Manager in?"),
        ("hans ansvar og Hans ansvar", "hans ansvar og Hans ansvar"),
        ("Hansen drikker på jobb", "[👤] drikker på jobb"),
        ("Vik og Dahl krangler", "[👤] og [👤] krangler"),
        ("hei Even, hvem leder AMU?", "hei [👤], hvem leder AMU?"),
        ("det er kari berg sitt ansvar", "det er [👤] sitt ansvar"),
        ("arnfrid ringte om Sigveig", "[👤] ringte om [👤]"),
        ("kan Abcde få vikar når hun er borte?", "kan [👤] få vikar når hun er borte?"),
        ("vi fikk en HMS-sak i går, og hun tok den", "vi fikk en HMS-sak i går, og hun tok den"),
        ("jobben på Abcdeland, når han er borte", "jobben på Abcdeland, når han er borte"),
        ("Der kommer Liv Abcdestad, hun er syk", "Der kommer [👤], hun er syk"),
        ("Familien sier nei, og Huset sa ja", "Familien sier nei, og Huset sa ja"),
        ("Amal Al-Masri er syk", "[👤] er syk"),
        ("Det var Nordmann, Ola som kom", "Det var [👤] som kom"),
        ("Otto Nielsens vei er glatt", "Otto Nielsens vei er glatt"),
        ("Kielland-ulykken og Helge Ingstad-ulykken", "Kielland-ulykken og Helge Ingstad-ulykken"),
        ("Møtet er i Høgskoleringen 3", "Møtet er i Høgskoleringen 3"),
        ("Jeg bor i Høgskoleringen 3", "Jeg bor i [🏠]"),
        ("vernerunden er 12.03.1981", "vernerunden er 12.03.1981"),
        ("hun er født 12.03.1981", "hun er født [🎂]"),
        ("se kapittel 10.20.30.40", "se kapittel 10.20.30.40"),
        ("fra 10.20.30.40 kom det", "fra [💻] kom det"),
        ("modell EL 12345 er ødelagt", "modell EL 12345 er ødelagt"),
        ("bilen EL 12345 er ødelagt", "bilen [🚗] er ødelagt"),
        ("Konto 6555 for vernesko", "Konto 6555 for vernesko"),
        ("IBAN GB33 BUKB 2020 1555 5555 55 til utlegg", "IBAN [💳] til utlegg"),
        ("Brukernavn og passord", "Brukernavn og passord"),
        ("logget inn som petterhs i går", "logget inn som [👤] i går"),
        ("logged in with hansenk and saw it", "logged in with [👤] and saw it"),
        ("pårørende: 73881122, må varsles", "pårørende: [☎], må varsles"),
        ("skiltet ISO 7010 og bilen XY 4412", "skiltet ISO 7010 og bilen [🚗]"),
        ("staff 0098812 and 0101337 fell", "staff [#] and [#] fell"),
        ("tilsett i 2019, staff 2019", "tilsett i 2019, staff 2019"),
        ("alfred getz vei 3 er glatt", "alfred getz vei 3 er glatt"),
        ("dean K. A. Abcde knew", "dean [👤] knew"),
        ("her er kari abcdestrøm", "her er [👤]"),
        ("I think that Mark and Rose are there now", "I think that [👤] and [👤] are there now"),
        ("Eivind Abcde ringte. abcde var sint", "[👤] ringte. [👤] var sint"),
        ("Abcde and I share a bench", "[👤] and I share a bench"),
        ("P. Abcdestad skrek", "[👤] skrek"),
        ("Er Rose på laben?", "Er [👤] på laben?"),
        ("mellom 30 40 50 60 dB, på 30 40 50 60 dB", "mellom 30 40 50 60 dB, på 30 40 50 60 dB"),
        ("Skipet Helmer Hanssen skal ut", "Skipet Helmer Hanssen skal ut"),
        ("https://www.example.no/ansatte/kari.n er feil", "https://www.example.no/ansatte/[👤] er feil"),
        ("https://www.example.no/ansatte/hms er feil", "https://www.example.no/ansatte/hms er feil"),
        ("C:\\Users\\abcdengh\\a.pdf", "C:\\Users\\[👤]\\a.pdf"),
        ("folk.example.no/~abcdengh/a.html", "folk.example.no/~[👤]/a.html"),
        ("github.com/tensorflow/models", "github.com/tensorflow/models"),
        ("skriv til postmottak@example.no", "skriv til postmottak@example.no"),
        ("sentralbordet 73 59 50 00, resepsjonen 912 34 567", "sentralbordet 73 59 50 00, resepsjonen [☎]"),
        ("its 593471 from the course, it is 593471 in all", "its [#] from the course, it is 593471 in all"),
        ("ip 192 . 0 . 2 . 17, ip 44 54 65 67", "ip [💻], ip 44 54 65 67"),
        ("plates DW 614KR, skilt W012", "plates [🚗], skilt W012"),
        ("Lewis acid, Heinrichs pyramide", "Lewis acid, Heinrichs pyramide"),
        ("Heisen i Berg bråker", "Heisen i Berg bråker"),
        ("stip. Abcdeimi gjekk", "stip. [👤] gjekk"),
        ("S. Abcdekumaran fell, K. Øvrebotn fell", "[👤] fell, [👤] fell"),
        ("utenfor abcdebakken 9 på vei til jobb", "utenfor [🏠] på vei til jobb"),
        ("utenfor Høgskoleringen 1 på vei til jobb", "utenfor Høgskoleringen 1 på vei til jobb"),
        ("bruker maling, bruker mariuseh er sperret", "bruker maling, bruker [👤] er sperret"),
        ("she hired Gerd as a guide", "she hired [👤] as a guide"),
        ("til DE00 1111 2222 3333 4444 55 i dag, lot DE00 1234", "til [💳] i dag, lot DE00 1234"),
        ("til no00-1111-2222-333, NO 00 1111 2222 333", "til [💳], [💳]"),
        ("bil ZZ-000-ZZ, etter EN-471-klasse", "bil [🚗], etter EN-471-klasse"),
        ("ZZ-000-ZZ på rom 3, mobilen ABC 12", "ZZ-000-ZZ på rom 3, mobilen ABC 12"),
        ("B-ZZ 0000 er bilen min, Teslaen med 1-ZZZ-000", "[🚗] er bilen min, Teslaen med [🚗]"),
        ("hjem til meg i nedre abcdelia 9 h0204, ring på", "hjem til meg i [🏠], ring på"),
        ("heimekontor i kong abcdes gate 3 b, kven betalar", "heimekontor i [🏠], kven betalar"),
        ("rom H0204 er kaldt, hybel H0204 òg", "rom H0204 er kaldt, [🏠] òg"),
        ("bruk utgangen i nedre etasje 2", "bruk utgangen i nedre etasje 2"),
        ("logga meg inn på portalen som abcdevik i går", "logga meg inn på portalen som [👤] i går"),
        ("logger inn som gjest, signed in as usual", "logger inn som gjest, signed in as usual"),
        ("lås opp kontoen min, abcdevik", "lås opp kontoen min, [👤]"),
        ("username (ntnu): abcdevik, brukeren min er sperret", "username (ntnu): [👤], brukeren min er sperret"),
        ("nitti to 00 00 00 er mobilen, nitti to 00 kg", "[☎] er mobilen, nitti to 00 kg"),
        ("ring meg på ni en to 00 000", "ring meg på [☎]"),
        ("fem 25 kg sekker, EN 166 og EN 374", "fem 25 kg sekker, EN 166 og EN 374"),
        ("Employee Kari Nordmann, no. 123456, fell", "Employee [👤], no. [#], fell"),
        ("avvik av Kari Nordmann, nr. 3 på lista", "avvik av [👤], nr. 3 på lista"),
        ("it is always abcdek who leaves needles", "it is always [👤] who leaves needles"),
        ("det er alltid abcdek som gløymer det", "det er alltid [👤] som gløymer det"),
        ("it is always ecoonline that crashes", "it is always ecoonline that crashes"),
        (
            "abcdek har igjen to uker, instituttet har igjen to uker",
            "[👤] har igjen to uker, instituttet har igjen to uker",
        ),
        ("har studenetne tatt kurset?", "har studenetne tatt kurset?"),
        ("rom 321.03.018 og 321.03.019, mobil 921.03.018", "rom 321.03.018 og 321.03.019, mobil [☎]"),
        ("møterom Ola Nordmann er låst", "møterom Ola Nordmann er låst"),
        ("in the room Ola Nordmann fainted", "in the room [👤] fainted"),
        ("lampe av typen Abcdel datt ned, a Stäubli hit me", "lampe av typen Abcdel datt ned, a Stäubli hit me"),
        ("wasps at Abcdes Dal near us", "wasps at Abcdes Dal near us"),
        ("he yelled at Abcdes Dal and left", "he yelled at [👤] and left"),
    ],
)
def test_what_stands_around_decides(text, screened):
    assert screen(text) == screened


def test_no_list_of_names_holds_a_place_or_a_role():
    sure = people("given", "sure") | people("given", "rare")
    assert sure & words("words", "places") == set()
    assert sure & people("given", "words") == set()
    assert people("given", "words") & words("words", "stops") <= words("names", "hard")


def test_the_dictionary_is_that_of_the_library_and_knows_no_made_up_word():
    lemmas, forms = build()
    assert np.array_equal(np.load(DICTIONARY), forms)
    assert LEMMAS.read_text(encoding="utf-8").split("\n") == lemmas
    order = random.Random(1)
    made_up = ["".join(order.choices("abcdefghijklmnoprstuvyæøå", k=order.randint(6, 11))) for _ in range(2_000)]
    assert sum(map(is_form, made_up)) < 10
    assert all(map(is_known, ["vernerunde", "arbeidsmiljø", "labfrakk", "fume", "avtrekksskapet"]))


def test_each_name_stands_once_and_in_order():
    for table in ("given", "family"):
        assert people(table, "sure") & people(table, "words") == set()
    for names in re.findall(r'"""(.*?)"""', PEOPLE.read_text(encoding="utf-8"), re.DOTALL):
        assert names.split() == sorted(set(names.split()))


def shown(assistant, reply, serve, text) -> dict[str, str]:
    """A reply as each channel shows it."""
    say, console = assistant.wordings[reply.language], Console(file=io.StringIO(), width=1_000)
    show(reply, assistant.wordings, console)
    blocks = [answer_blocks(part, "a" * 22, say, MessageContext()) for part in reply.each]
    cards = answer_cards(reply, CardContext(say), [None] * len(reply.each))
    with TestClient(serve()) as client:
        page = client.get("/", params={"q": text}).text
        api = client.post("/api/ask", json={"q": text}).json()
    return {
        "terminal": console.file.getvalue(),
        "Slack": str(blocks),
        "Teams": json.dumps(cards, ensure_ascii=False, default=str),
        "page": page,
        "API": api["text"],
    }


@pytest.mark.parametrize(
    "question",
    [
        "Hvem vedtar HMS-politikken? Hilsen Kari Nordmann",
        "Kven leiar AMU? Helsing Kari Nordmann",
        "Who decides the HSE policy? Call me on +44 7700 900123.",
        "Hvem vedtar HMS-politikken? Hva er AMU? Mvh Ola Nordmann",
    ],
)
def test_the_asker_is_told_in_every_channel_that_something_was_taken_out(assistant, serve, question):
    _, reply = assistant.ask(Question(question))
    note = assistant.wordings[reply.language]["privacy.taken_out"]
    told = {channel: text.count(note) for channel, text in shown(assistant, reply, serve, question).items()}
    assert told == {"terminal": 1, "Slack": 1, "Teams": 1, "page": 1, "API": 1}


@pytest.mark.parametrize("question", ["Hvem vedtar HMS-politikken?", "Kven leiar AMU?", "Who decides the HSE policy?"])
def test_who_told_nothing_of_anybody_is_told_nothing(assistant, question):
    _, reply = assistant.ask(Question(question, ("Jeg heter Kari Nordmann",)))
    assert assistant.wordings[reply.language]["privacy.taken_out"] not in reply.text


def test_what_has_been_screened_gets_the_answer_that_it_would_get_as_typed(assistant):
    told = 0
    for case, before in zip(BLIND[::12], BLIND[5::12], strict=False):
        question = Question(case["text"], (before["text"],))
        screened = Question(storable(case["text"]), (storable(before["text"]),))
        typed, given = assistant.explain(question), assistant.explain(screened, screened=True)
        assert given == typed
        told += screened.text != question.text
    assert told
