"""Logs tell what happened, in a form for people or machines, and never what somebody asked."""

import json
import logging

import pytest
import structlog

from bot.server import configure_logs


@pytest.fixture
def logged(settings, capsys):
    def log(form, act):
        root = logging.getLogger()
        before = (root.handlers, root.level)
        try:
            configure_logs(settings.model_copy(update={"log_format": form}))
            act()
        finally:
            root.handlers, root.level = before
            structlog.reset_defaults()
        return capsys.readouterr().err

    return log


def test_logs_for_machines_are_a_json_object_a_line_with_the_id_of_their_request(logged):
    def act():
        with structlog.contextvars.bound_contextvars(request="r1"):
            structlog.get_logger("bot.messaging").warning("message in doubt", message="m1")

    [line] = logged("json", act).splitlines()
    found = json.loads(line)
    assert (found["event"], found["message"], found["request"], found["level"]) == (
        "message in doubt",
        "m1",
        "r1",
        "warning",
    )


def test_logs_for_people_are_a_line_of_words(logged):
    line = logged("text", lambda: structlog.get_logger("bot.messaging").warning("message in doubt", message="m1"))
    assert "message in doubt" in line and "message=m1" in line


def test_the_exception_of_a_library_shows_its_kind_and_not_what_it_quotes(logged):
    def act():
        try:
            raise ValueError("hvem mobber meg")
        except ValueError:
            logging.getLogger("a.library").exception("it went wrong")

    for form in ("json", "text"):
        line = logged(form, act)
        assert "ValueError" in line and "it went wrong" in line and "mobber" not in line


def test_the_chatter_of_libraries_stays_out(logged):
    for library in ("slack_sdk.web", "mcp.server.runner"):
        assert logged("text", lambda: logging.getLogger(library).info("sending text=hvem mobber meg")) == ""  # noqa: B023
