"""Slack's limits on what an app may show, as its reference has them: blocks → what is wrong with them."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

BLOCKS = {"message": 50, "unfurl": 50, "modal": 100, "home": 100}
# Characters of all texts of a message together.
MESSAGE = 13_200
KNOWN = {
    "message": {"actions", "context", "context_actions", "divider", "header", "image", "rich_text", "section"},
    # Those that its reference shows below a link.
    "unfurl": {"actions", "context", "divider", "header", "image", "section"},
    # An alert is for modals alone.
    "modal": {"actions", "alert", "context", "divider", "header", "image", "input", "rich_text", "section"},
    "home": {"actions", "context", "divider", "header", "image", "input", "rich_text", "section"},
}
RICH = {"rich_text_section", "rich_text_list", "rich_text_quote", "rich_text_preformatted"}


def message_faults(message: dict[str, Any]) -> list[str]:
    """Of what `chat.postMessage` and a response address are given."""
    text, blocks = message.get("text"), message.get("blocks", [])
    found = [] if isinstance(text, str) and 0 < len(text) <= 4_000 else [f"text of {len(text or '')} characters"]
    found += block_faults(blocks, "message") if "blocks" in message else []
    if (total := sum(map(len, texts(blocks)))) > MESSAGE:
        found.append(f"{total} characters in all")
    return found


def view_faults(view: dict[str, Any]) -> list[str]:
    kind = view.get("type")
    if kind not in ("modal", "home"):
        return [f"view of type {kind}"]
    found = block_faults(view.get("blocks") or [], kind)
    if kind == "modal":
        for part in ("title", "submit", "close"):
            if part in view:
                found += _plain(view[part], 24, part)
        if "title" not in view:
            found.append("modal without a title")
        if ("submit" not in view) == any(block["type"] == "input" for block in view["blocks"]):
            found.append("a form has a button to send it")
    if len(view.get("private_metadata") or "") > 3_000 or len(view.get("callback_id") or "") > 255:
        found.append("metadata too long")
    return found


def block_faults(blocks: list[dict[str, Any]], surface: str) -> list[str]:
    found = [] if 0 < len(blocks) <= BLOCKS[surface] else [f"{len(blocks)} blocks"]
    for place, block in enumerate(blocks):
        kind = block.get("type")
        if kind not in KNOWN[surface]:
            found.append(f"{place}: {kind} in a {surface}")
            continue
        found += [f"{place} {kind}: {fault}" for fault in _CHECKS.get(kind, lambda _: [])(block)]
    for key, most in (("action_id", 255), ("block_id", 255)):
        ids = list(_values(blocks, key))
        found += [f"{key} {ident!r}" for ident in ids if not 0 < len(ident) <= most]
        if len(set(ids)) < len(ids):
            found.append(f"{key} twice: {sorted(ids)}")
    return found


def texts(found: Any) -> Iterator[str]:
    """Every text that is shown."""
    if isinstance(found, dict):
        for key, value in found.items():
            if key in ("text", "alt_text") and isinstance(value, str):
                yield value
            else:
                yield from texts(value)
    elif isinstance(found, list):
        for part in found:
            yield from texts(part)


def links(found: Any) -> Iterator[str]:
    yield from _values(found, "url")
    yield from _values(found, "image_url")


def _values(found: Any, key: str) -> Iterator[str]:
    if isinstance(found, dict):
        if isinstance(found.get(key), str):
            yield found[key]
        for value in found.values():
            yield from _values(value, key)
    elif isinstance(found, list):
        for part in found:
            yield from _values(part, key)


def _plain(text: Any, most: int, what: str) -> list[str]:
    """Only plain text: with markup, what people write could do something."""
    if not isinstance(text, dict) or text.get("type") != "plain_text":
        return [f"{what} is no plain text"]
    length = len(text.get("text", ""))
    return [] if 0 < length <= most else [f"{what} of {length} characters (at most {most})"]


def _section(block: dict[str, Any]) -> list[str]:
    found = _plain(block.get("text"), 3_000, "text")
    return found + (_element(block["accessory"]) if "accessory" in block else [])


def _header(block: dict[str, Any]) -> list[str]:
    return _plain(block.get("text"), 150, "text")


def _alert(block: dict[str, Any]) -> list[str]:
    known = ("default", "info", "warning", "error", "success")
    found = [] if block.get("level", "default") in known else [f"level {block['level']}"]
    return found + _plain(block.get("text"), 200, "text")


def _context(block: dict[str, Any]) -> list[str]:
    elements = block.get("elements") or []
    found = [] if 0 < len(elements) <= 10 else [f"{len(elements)} elements"]
    return found + [fault for element in elements for fault in _plain(element, 3_000, "element")]


def _actions(block: dict[str, Any]) -> list[str]:
    elements = block.get("elements") or []
    found = [] if 0 < len(elements) <= 25 else [f"{len(elements)} elements"]
    return found + [fault for element in elements for fault in _element(element)]


def _image(block: dict[str, Any]) -> list[str]:
    found = _url(block.get("image_url", ""))
    return found + ([] if 0 < len(block.get("alt_text", "")) <= 2_000 else ["alt text"])


def _input(block: dict[str, Any]) -> list[str]:
    found = _plain(block.get("label"), 2_000, "label") + _element(block.get("element") or {})
    return found + (_plain(block["hint"], 2_000, "hint") if "hint" in block else [])


def _context_actions(block: dict[str, Any]) -> list[str]:
    elements = block.get("elements") or []
    found = [] if 0 < len(elements) <= 5 else [f"{len(elements)} elements"]
    return found + [fault for element in elements for fault in _element(element)]


def _rich_text(block: dict[str, Any]) -> list[str]:
    found = []
    for part in block.get("elements") or [{}]:
        if part.get("type") not in RICH or not part.get("elements"):
            found.append(f"{part.get('type')} in rich text")
            continue
        inner = part["elements"]
        if part["type"] == "rich_text_list":
            found += [f"{one.get('type')} in a list" for one in inner if one.get("type") != "rich_text_section"]
            inner = [leaf for one in inner for leaf in one.get("elements", [])]
        for leaf in inner:
            if leaf.get("type") == "text":
                found += [] if leaf.get("text") else ["empty text"]
            elif leaf.get("type") == "user":
                found += [] if leaf.get("user_id") else ["nobody"]
            elif leaf.get("type") == "link":
                found += _url(leaf.get("url", ""))
            else:
                found.append(f"{leaf.get('type')} in rich text")
    return found


def _element(element: dict[str, Any]) -> list[str]:
    kind = element.get("type")
    found = [] if element.get("action_id") else ["no action_id"]
    if kind == "button":
        found += _plain(element.get("text"), 75, "button")
        found += ["value"] if len(element.get("value", "")) > 2_000 else []
        found += _url(element["url"]) if "url" in element else []
        if element.get("style") not in (None, "primary", "danger"):
            found.append(f"style {element['style']}")
        if "confirm" in element:
            for part, most in (("title", 100), ("text", 300), ("confirm", 30), ("deny", 30)):
                found += _plain(element["confirm"].get(part), most, part)
    elif kind == "static_select":
        options = element.get("options") or []
        found += [] if 0 < len(options) <= 100 else [f"{len(options)} options"]
        for option in options:
            found += _plain(option.get("text"), 75, "option")
            found += [] if 0 < len(option.get("value", "")) <= 150 else ["value of an option"]
        if "initial_option" in element and element["initial_option"] not in options:
            found.append("chosen is no option")
        found += _plain(element["placeholder"], 150, "placeholder")
    elif kind == "feedback_buttons":
        for part in ("positive_button", "negative_button"):
            found += _plain(element[part].get("text"), 75, part)
            found += [] if 0 < len(element[part].get("value", "")) <= 2_000 else ["value"]
    elif kind == "plain_text_input":
        found += ["max_length"] if not 0 < element.get("max_length", 1) <= 3_000 else []
        found += ["initial_value"] if len(element.get("initial_value", "")) > element.get("max_length", 3_000) else []
    else:
        found.append(f"element {kind}")
    return found


def _url(url: str) -> list[str]:
    split = urlsplit(url)
    good = split.scheme in ("http", "https") and split.hostname and len(url) <= 3_000 and " " not in url
    return [] if good else [f"address {url!r}"]


_CHECKS = {
    "alert": _alert,
    "section": _section,
    "header": _header,
    "context": _context,
    "actions": _actions,
    "image": _image,
    "input": _input,
    "context_actions": _context_actions,
    "rich_text": _rich_text,
}
