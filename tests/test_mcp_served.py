"""`hms mcp` as an assistant starts it, and `/mcp` of the server: who is answered, and what is refused."""

import json
import logging
import os
import subprocess
import sys
import threading
import time
from itertools import chain

import httpx2
import pytest
import uvicorn
from mcp import StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from mcp_client import CALLS, MODES, QUESTION, REFUSED, TOKEN, call, citations, talk
from npm import install
from ports import free_port
from pydantic import SecretStr
from starlette.testclient import TestClient

from bot.server import build_server as build_web
from bot.server import build_services, open_database
from bot.store.pause import pause, resume

INSPECTOR = "@modelcontextprotocol/inspector@2.12.0"


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


def until(holds, seconds=60.0):
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
        return list(at.run("SELECT * FROM answer WHERE channel = 'mcp' AND question IS NOT NULL"))


def test_questions_are_kept_as_those_of_the_page_are_screened_and_by_nobody(web, caplog):
    url, database = web
    caplog.set_level(logging.INFO)
    asked = "Hvem er leder for AMU? Ring meg på 98 76 54 32"
    post(url, called({"question": asked}), Authorization=f"Bearer {TOKEN}")
    post(url, called({"name": "rektor"}, "role"), Authorization=f"Bearer {TOKEN}")
    post(url, called({"name": "98765432"}, "role"), Authorization=f"Bearer {TOKEN}")
    # What the tests above asked may be written after this one has begun: this question alone speaks of AMU.
    until(lambda: any("AMU" in row["question"] for row in kept(database)))
    [row] = [row for row in kept(database) if "AMU" in row["question"]]
    assert "98" not in row["question"] and (row["person"], row["conversation"]) == ("", "")
    assert not any("98765432" in row["question"] for row in kept(database))
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
