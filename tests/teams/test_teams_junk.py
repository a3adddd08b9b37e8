"""Whatever comes signed from Teams is no fault of the server's, and others are answered after it."""

import json
import time

from bot_connector import Person
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from bot.store.answer import answers_since

TEXTS = st.one_of(
    st.text(max_size=60),
    st.sampled_from(
        [
            "\x00",
            "\u202eABC",
            "a\u200bb",
            "a\u030a",
            "å",
            "<at>HMS-bot</at>",
            "</at>" * 9,
            "hjelp",
            "Glem meg",
            "😀" * 500,
        ]
    ),
)
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)),
    max_leaves=8,
)
NAMES = st.sampled_from(
    [
        "adaptiveCard/action",
        "message/submitAction",
        "composeExtension/query",
        "composeExtension/fetchTask",
        "task/fetch",
        "x",
    ]
)
INVOKES = st.one_of(
    VALUES,
    st.fixed_dictionaries({"action": st.fixed_dictionaries({"data": st.dictionaries(
        st.sampled_from(["action", "question", "answer", "card", "role", "language"]),
        st.one_of(VALUES, st.sampled_from(["choose", "ask", "show", "save", "forget", "profile", "help"])),
    )})}),
    st.fixed_dictionaries({"parameters": VALUES}),
    st.fixed_dictionaries({"actionValue": VALUES}),
    st.fixed_dictionaries({"messagePayload": VALUES}),
)  # fmt: skip


@hypothesis_settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    kind=st.sampled_from(["message", "invoke", "installationUpdate", "conversationUpdate", "messageUpdate"]),
    text=TEXTS, name=NAMES, value=INVOKES,
    changed=st.dictionaries(
        st.sampled_from(["id", "text", "entities", "from", "conversation", "recipient", "channelData", "locale",
                         "replyToId", "membersAdded", "action", "attachments", "timestamp", "textFormat"]),
        VALUES, max_size=2,
    ),
)  # fmt: skip
def test_no_signed_junk_is_a_server_error(server, connector, kind, text, name, value, changed):
    person = Person(connector, "fuzz")
    activity = {**person.activity(kind, text=text, name=name, value=value), "id": f"{time.monotonic_ns()}", **changed}
    content = json.dumps(activity).encode("utf-8", "surrogatepass")
    headers = {"Authorization": f"Bearer {connector.token()}"}
    response = server.client.post("/api/messages", content=content, headers=headers)
    assert response.status_code in {200, 400, 403}, response.text


def test_after_all_this_others_are_answered(server, connector, person, thread):
    assert server.post(connector, person.mention("Hva er LMU?", thread)).status_code == 200
    server.settle()
    assert len(connector.messages[thread]) == 1
    assert answers_since(server.services.database, 0)
