"""Other assistants: the tools by the SDK's own client, in memory, by standard input and output and by HTTP."""

import asyncio
import json
import logging
import os
import subprocess
import sys
import threading
import time
from itertools import chain

import httpx2
import jsonschema
import pytest
import uvicorn
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from npm import install
from ports import free_port
from pydantic import SecretStr
from starlette.testclient import TestClient

from bot.mcp.server import build_server
from bot.server import build_server as build_web
from bot.server import build_services, open_database
from bot.store.pause import pause, resume
from bot.web.asking import Given
from intents.applicability import decide, go_through, read_steps, situation
from intents.duties import facts_of

TOKEN = "a-token-that-is-long-enough-for-anybody"
QUESTION = "Hvem vedtar HMS-politikken?"
MODES = ["auto", "legacy"]  # without and with a handshake
INSPECTOR = "@modelcontextprotocol/inspector@2.12.0"
CALLS = [
    ("ask", {"question": QUESTION}),
    ("ask", {"question": "og i Gjøvik?", "history": ["Hvem leder LOSAM?"], "language": "nn"}),
    ("ask", {"question": "Who elects the safety representatives?"}),
    ("ask", {"question": "Gjeld arbeidsmiljølova for meg?"}),
    ("ask", {"question": "Jeg blir trakassert av sjefen min"}),
    ("ask", {"question": "hei"}),
    ("role", {"name": "the dean", "language": "en"}),
    ("role", {"name": "AMU"}),
    ("passage", {"id": "rektor/vedtar-politikken"}),
    ("applies", {"who": "student", "job": "no", "language": "nn"}),
    ("applies", {}),
]
REFUSED = [
    ("ask", {}, "question: field required"),
    ("ask", {"question": 7}, "question: input should be a valid string"),
    ("ask", {"question": ""}, "question: string should have at least 1 character"),
    ("ask", {"question": "a" * 2001}, "question: string should have at most 2000 characters"),
    ("ask", {"question": "hei", "history": "hei"}, "history: input should be a valid list"),
    ("ask", {"question": "hei", "history": [None]}, "history.0: input should be a valid string"),
    ("ask", {"question": "hei", "language": "sv"}, "language: input should be 'nb', 'nn' or 'en'"),
    ("ask", {"question": "hei", "lang": "en"}, "lang: extra inputs are not permitted"),
    ("role", {"name": "rektr"}, "name: no role is known by it; choose of: rektor (rektor)"),
    ("role", {"name": "vaktmester"}, "name: no role is known by it"),
    ("role", {"name": "rektor og styret"}, "name: it names several roles; choose of: rektor (rektor), styret (styret)"),
    ("passage", {"id": "rektr/vedtar-politikken"}, "choose of: hms-politikk:rektor/vedtar-politikken"),
    ("passage", {"id": ["rektor"]}, "id: input should be a valid string"),
    ("applies", {"who": "rich"}, "who: input should be 'employed'"),
    ("applies", {"who": "employed", "danger": "no"}, "danger: it is not asked here; choose of: who"),
    ("applies", {"who": ["student"]}, "who: input should be 'employed'"),
    ("answer", {"question": QUESTION}, "the tools are ask, role, passage, applies"),
]


def talk(server, conversation, mode="auto"):
    """What comes of a conversation with a server: one in memory, a command, or a transport."""

    async def run():
        async with Client(server, mode=mode) as client:
            return await conversation(client)

    return asyncio.run(run())


def call(server, name, arguments, mode="auto"):
    return talk(server, lambda client: client.call_tool(name, arguments), mode)


@pytest.fixture(scope="module")
def server(assistant):
    async def ask(question):
        return Given("", *assistant.ask(question), 0.001)

    return build_server(lambda: assistant, ask)


@pytest.fixture(scope="module")
def tools(server):
    found = talk(server, lambda client: client.list_tools()).tools
    return {tool.name: tool for tool in found}


def citations(told):
    return told.get("citations", [told])


def test_the_tools_only_read_and_say_what_they_take(tools):
    assert list(tools) == ["ask", "role", "passage", "applies"]
    for tool in tools.values():
        hints = tool.annotations
        assert (hints.read_only_hint, hints.destructive_hint, hints.open_world_hint) == (True, False, False)
        assert tool.input_schema["additionalProperties"] is False
        assert tool.title and tool.description
        for schema in (tool.input_schema, tool.output_schema):
            jsonschema.Draft202012Validator.check_schema(schema)
    assert tools["ask"].input_schema["properties"]["question"]["maxLength"] == 2000
    assert tools["ask"].input_schema["properties"]["language"]["enum"] == ["nb", "nn", "en"]
    assert tools["applies"].input_schema["properties"]["doing"]["enum"] == list(read_steps()[3].options)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("name", "arguments"), CALLS)
def test_a_tool_gives_what_its_schema_says_with_quotes_that_are_verbatim(server, tools, library, name, arguments, mode):
    given = call(server, name, arguments, mode)
    assert not given.is_error
    told, text = given.structured_content, given.content[0].text
    jsonschema.validate(told, tools[name].output_schema, jsonschema.Draft202012Validator)
    if "language" in arguments:
        assert told["language"] == arguments["language"]
    assert told.get("text", "") in text
    for citation in citations(told):
        document = library.documents[citation["document"]]
        assert document.text[citation["start"] : citation["end"]] == citation["quote"]
        assert f"{citation['quote']}»" in text
        assert citation["url"] in text and f"{document.id}:{citation['passage']}" in text


@pytest.mark.parametrize(("name", "arguments", "says"), REFUSED)
def test_input_that_cannot_be_used_is_told_with_what_is_wrong(server, name, arguments, says):
    given = call(server, name, arguments)
    assert given.is_error and given.structured_content is None
    assert says in given.content[0].text


def test_asking_gives_what_the_command_line_gives(server, assistant):
    told = call(server, "ask", {"question": QUESTION}).structured_content
    assert told["outcome"] == "answered"
    assert told["citations"][0]["passage"] == "rektor/vedtar-politikken"
    assert told["citations"][0]["url"].startswith(assistant.public_url)


def test_a_follow_up_is_understood_by_the_questions_before_it(server):
    told = call(server, "ask", {"question": "hvem leder det i Gjøvik?", "history": ["hva er LOSAM?"]})
    assert "viserektor" in told.structured_content["text"]


def test_every_role_is_found_by_each_of_its_names_with_all_its_facts(server, library):
    async def all_roles(client):
        for role in library.roles.values():
            for name in {role.id, role.name.nb, role.name.nn, role.name.en, *role.abbreviations}:
                told = (await client.call_tool("role", {"name": name})).structured_content
                assert (name, told["role"]["id"]) == (name, role.id)
                assert set(told["facts"]) == {fact.id for fact in facts_of(role.id, library)}

    talk(server, all_roles)


def test_every_passage_is_given_word_for_word_by_its_id_alone_and_with_its_document(server, library):
    async def all_passages(client):
        for document in library.documents.values():
            for passage in document.passages:
                told = [
                    (await client.call_tool("passage", {"id": ident})).structured_content
                    for ident in (passage.id, f"{document.id}:{passage.id}")
                ]
                assert told[0] == told[1]
                assert document.text[told[0]["start"] : told[0]["end"]] == told[0]["quote"] == passage.quote
                assert (told[0]["section"], told[0]["translation"]) == ([*passage.section.path], passage.translation)

    talk(server, all_passages)


def test_the_act_is_decided_as_on_the_page_in_every_situation(server, library):
    ways = [{}]
    for step in read_steps():
        ways += [{**given, step.id: option} for given in ways for option in step.options]
    counted = [given for given in ways if go_through(given)[0] == given]

    async def all_situations(client):
        seen = set()
        for given in counted:
            told = await client.call_tool("applies", given)
            case, following = decide(situation(given), library), go_through(given)[1]
            assert told.structured_content["verdict"] == case.verdict
            assert following is None or f"{following.id}: " in told.content[0].text
            seen.add(case.verdict)
        assert seen == {"applies", "not_applies", "depends"}

    talk(server, all_situations)


@pytest.fixture(scope="module")
def command(index_file, tmp_path_factory):
    """`hms mcp` as an assistant starts it."""
    environment = {"HMS_INDEX_FILE": str(index_file), "PYTHONPATH": os.pathsep.join(sys.path)}
    folder = tmp_path_factory.mktemp("stdio")
    return StdioServerParameters(command=sys.executable, args=["-m", "bot", "mcp"], env=environment, cwd=folder)


@pytest.mark.parametrize("mode", MODES)
def test_an_assistant_starts_the_command_and_asks(command, mode):
    async def conversation(client):
        return await client.call_tool("ask", {"question": QUESTION}), await client.call_tool("ask", {"question": 7})

    good, bad = talk(command, conversation, mode)
    assert good.structured_content["citations"][0]["quote"] == "Rektor vedtar HMS-politikken."
    assert bad.is_error and "valid string" in bad.content[0].text


def test_lines_that_are_no_messages_end_nothing_and_only_messages_are_written(command):
    ask = {"name": "ask", "arguments": {"question": QUESTION}}
    hello = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}
    sent = [
        {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": hello},
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": {"name": 7}},
        {"jsonrpc": "2.0", "id": 3, "method": "tools/call", "params": ask},
    ]
    lines = [b"{broken", b"\xff\xfe", b"[]", *(json.dumps(message).encode() for message in sent)]
    with subprocess.Popen(
        [command.command, *command.args],
        env={**os.environ, **command.env}, cwd=command.cwd,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        process.stdin.write(b"\n".join(lines) + b"\n")
        process.stdin.flush()
        answered = {}
        while 3 not in answered:
            message = json.loads(process.stdout.readline())
            answered[message.get("id")] = message
        process.stdin.close()
        assert process.wait(20) == 0
        assert b"Traceback" not in process.stderr.read()
    assert answered[2]["error"]["code"] == -32602
    assert answered[3]["result"]["structuredContent"]["outcome"] == "answered"


@pytest.mark.parametrize(
    ("name", "says"), [("mcp", "hms mcp needs the extra `mcp`"), ("serve", "HMS_MCP_TOKEN needs the extra `mcp`")]
)
def test_without_the_extra_it_says_in_a_line_how_to_install_it(index_file, tmp_path, name, says):
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.modules['mcp'] = None; from bot.cli import app; app(['{name}'])"],
        env={
            **os.environ, "HMS_INDEX_FILE": str(index_file), "HMS_STORE_FILE": str(tmp_path / "store.sqlite"),
            "HMS_MCP_TOKEN": TOKEN, "HMS_PORT": "0", "PYTHONPATH": os.pathsep.join(sys.path),
        },
        capture_output=True, text=True, cwd=tmp_path, check=False,
    )  # fmt: skip
    last = done.stderr.splitlines()[-1]
    assert (done.returncode, done.stdout) == (3, "")
    assert says in last and last.endswith("pip install 'hms-bot[mcp]'")


@pytest.fixture(scope="module")
def web(assistant, settings, tmp_path_factory):
    """The server with `/mcp` on a free port of loopback: its address, its store, and what it has logged."""
    url = f"http://127.0.0.1:{(port := free_port())}"
    store = tmp_path_factory.mktemp("mcp") / "store.sqlite"
    changed = {"store_file": store, "rate": 100_000, "public_url": url, "mcp_token": SecretStr(TOKEN)}
    services = build_services(own := settings.model_copy(update=changed), assistant, open_database(own))
    running = uvicorn.Server(uvicorn.Config(build_web(services), host="127.0.0.1", port=port, log_level="warning"))
    thread = threading.Thread(target=running.run)
    thread.start()
    until(lambda: running.started)
    yield f"{url}/mcp", services.database
    running.should_exit = True
    thread.join()


def until(holds, seconds=20.0):
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


def by_http(url, token=TOKEN):
    """The SDK's transport with a token."""
    client = httpx2.AsyncClient(headers={"Authorization": f"Bearer {token}"})
    return streamable_http_client(url, http_client=client)


def post(url, body, **headers):
    sent = {"Content-Type": "application/json", "Accept": "application/json", **headers}
    return httpx2.post(url, content=body, headers=sent)


def called(arguments, name="ask"):
    params = {"name": name, "arguments": arguments}
    return json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}).encode()


@pytest.mark.parametrize("mode", MODES)
def test_whoever_has_the_token_is_answered_by_http(web, library, mode):
    async def conversation(client):
        tools = (await client.list_tools()).tools
        return tools, [await client.call_tool(name, arguments) for name, arguments in CALLS]

    tools, given = talk(by_http(web[0]), conversation, mode)
    assert [tool.name for tool in tools] == ["ask", "role", "passage", "applies"]
    for told in given:
        for citation in citations(told.structured_content):
            text = library.documents[citation["document"]].text
            assert text[citation["start"] : citation["end"]] == citation["quote"]


@pytest.mark.parametrize(("name", "arguments", "says"), REFUSED)
def test_input_that_cannot_be_used_is_told_by_http_too(web, name, arguments, says):
    result = post(web[0], called(arguments, name), Authorization=f"Bearer {TOKEN}").json()["result"]
    assert result["isError"] and says in result["content"][0]["text"]


@pytest.mark.parametrize(
    "authorization",
    [None, "", "Bearer", f"Basic {TOKEN}", f"Bearer {TOKEN[:-1]}", f"Bearer {TOKEN}x", "Bearer \xe6\xf8"],
)
def test_without_the_token_nothing_is_answered(web, authorization):
    headers = {} if authorization is None else {"Authorization": authorization.encode("latin-1")}
    response = post(web[0], called({"question": QUESTION}), **headers)
    assert (response.status_code, response.headers["www-authenticate"]) == (401, "Bearer")
    assert "token" in response.json()["error"]["message"] and TOKEN not in response.text


def test_the_client_of_the_sdk_is_told_that_its_token_is_wrong(web):
    with pytest.raises(BaseException) as caught:  # a group of whatever its tasks raised
        call(by_http(web[0], "wrong"), "ask", {"question": QUESTION})
    assert "the token is wrong" in "".join(map(str, leaves(caught.value)))


def leaves(error):
    return chain.from_iterable(map(leaves, error.exceptions)) if isinstance(error, BaseExceptionGroup) else [error]


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"{broken", {}, 400),
        (b"[]", {}, 400),
        (b"\xff\xfe", {}, 400),
        (b'{"jsonrpc": "2.0", "id": 1}', {}, 400),
        (b"[" * 60_000, {}, 400),
        (called({"question": "a" * 70_000}), {}, 413),
        (called({"question": QUESTION}), {"Content-Type": "text/plain"}, 400),
        (called({"question": QUESTION}), {"Accept": "text/html"}, 406),
        (called({"question": QUESTION}), {"Origin": "https://elsewhere.example"}, 403),
        (called({"question": QUESTION}), {"Origin": "null"}, 403),
    ],
)
def test_requests_that_cannot_be_used_are_refused(web, body, headers, status):
    assert post(web[0], body, Authorization=f"Bearer {TOKEN}", **headers).status_code == status
    assert post(web[0], called({"question": QUESTION}), Authorization=f"Bearer {TOKEN}").status_code == 200


def test_there_is_no_stream_to_open_and_no_session_to_end(web):
    for method in ("GET", "DELETE"):
        response = httpx2.request(method, web[0], headers={"Authorization": f"Bearer {TOKEN}"})
        assert (response.status_code, response.headers["allow"]) == (405, "POST")


def test_a_page_of_its_own_may_call(web):
    origin = web[0].removesuffix("/mcp")
    assert post(web[0], called({"question": "hei"}), Authorization=f"Bearer {TOKEN}", Origin=origin).status_code == 200


def kept(database):
    with database.transaction() as at:
        return [row for row in at.run("SELECT * FROM answer") if row["channel"] == "mcp"]


def test_questions_are_kept_as_those_of_the_page_are_screened_and_by_nobody(web, caplog):
    url, database = web
    caplog.set_level(logging.INFO)
    asked = "Hvem er leder for AMU? Ring meg på 98 76 54 32"
    before = {row["id"] for row in kept(database)}
    post(url, called({"question": asked}), Authorization=f"Bearer {TOKEN}")
    post(url, called({"name": "rektor"}, "role"), Authorization=f"Bearer {TOKEN}")
    post(url, called({"name": "98765432"}, "role"), Authorization=f"Bearer {TOKEN}")
    until(lambda: len(kept(database)) > len(before))
    [row] = [row for row in kept(database) if row["id"] not in before]
    assert "AMU" in row["question"] and "98" not in row["question"]
    assert (row["person"], row["conversation"]) == ("", "")
    assert TOKEN not in caplog.text and "98765432" not in caplog.text and "AMU" not in caplog.text


def test_a_pause_stops_every_tool_with_its_message(web):
    url, database = web
    pause(database, "mcp", "Back at noon")
    try:
        until(lambda: "Back at noon" in post(url, called({"question": "hei"}), Authorization=f"Bearer {TOKEN}").text)
        result = post(url, called({"name": "rektor"}, "role"), Authorization=f"Bearer {TOKEN}").json()["result"]
        assert result == {"content": [{"type": "text", "text": "Back at noon"}], "isError": True}
    finally:
        resume(database, "mcp")
    until(lambda: "Back at noon" not in post(url, called({"question": "hei"}), Authorization=f"Bearer {TOKEN}").text)


def test_the_limit_of_requests_a_minute_counts_here_too(serve):
    with TestClient(serve(rate=3, mcp_token=SecretStr(TOKEN))) as client:
        assert [client.post("/mcp").status_code for _ in range(5)] == [401, 401, 401, 429, 429]


def test_without_a_token_in_the_settings_there_is_no_such_address(address):
    assert post(f"{address}/mcp", called({"question": QUESTION}), Authorization=f"Bearer {TOKEN}").status_code == 404


@pytest.fixture(scope="module")
def inspect(tmp_path_factory):
    """The MCP Inspector's command line: its exit status and the JSON it prints."""
    program = install(tmp_path_factory.mktemp("npm"), INSPECTOR) / ".bin" / "mcp-inspector"

    def run(*arguments):
        done = subprocess.run([program, "--cli", *arguments], capture_output=True, text=True, check=False)
        return done.returncode, json.loads(done.stdout) if done.stdout.strip() else None, done.stderr

    return run


def test_the_inspector_lists_and_calls_by_http(inspect, web):
    there = [web[0], "--transport", "http", "--header", f"Authorization: Bearer {TOKEN}"]
    status, listed, _ = inspect(*there, "--method", "tools/list")
    assert (status, [tool["name"] for tool in listed["tools"]]) == (0, ["ask", "role", "passage", "applies"])
    status, told, _ = inspect(
        *there, "--method", "tools/call", "--tool-name", "ask", "--tool-arg", f"question={QUESTION}"
    )
    assert (status, told["structuredContent"]["citations"][0]["passage"]) == (0, "rektor/vedtar-politikken")
    status, listed, said = inspect(web[0], "--transport", "http", "--method", "tools/list")
    assert (status, listed) == (3, None) and "auth_required" in said


def test_the_inspector_starts_the_command(inspect, command):
    environment = chain.from_iterable(("-e", f"{name}={value}") for name, value in command.env.items())
    status, told, _ = inspect(
        *environment, command.command, *command.args,
        "--method", "tools/call", "--tool-name", "applies", "--tool-arg", "who=employed",
    )  # fmt: skip
    assert (status, told["structuredContent"]["verdict"]) == (0, "applies")
