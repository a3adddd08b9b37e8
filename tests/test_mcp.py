"""Other assistants: the tools by the SDK's own client, in memory, by standard input and output and by HTTP."""

import jsonschema
import pytest
from mcp_client import CALLS, MODES, QUESTION, REFUSED, call, citations, talk

from bot.mcp.server import build_server
from bot.web.asking import Given
from intents.applicability import decide, go_through, read_steps, situation
from intents.duties import facts_of


@pytest.fixture(scope="module")
def server(assistant):
    async def ask(question):
        return Given("", *assistant.ask(question), 0.001)

    return build_server(assistant, ask)


@pytest.fixture(scope="module")
def tools(server):
    found = talk(server, lambda client: client.list_tools()).tools
    return {tool.name: tool for tool in found}


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
