"""HTML and Markdown → blocks."""

import re
from collections import Counter
from collections.abc import Iterator

from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring

from corpus.importing.block import Block, Reading, Remark, Unreadable, read_utf8, tidied

_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_BLOCKS = frozenset(
    [*_HEADINGS, "address", "article", "blockquote", "body", "caption", "dd", "details", "div", "dl", "dt", "fieldset",
     "figcaption", "figure", "footer", "header", "hr", "li", "main", "ol", "p", "pre", "section", "summary", "table",
     "ul"]
)  # fmt: skip
# What surrounds a text on a page and is none of it.
_AROUND = ("nav", "header", "footer", "aside", "form")
# The same, said by a class or id: what pages without such elements call them.
_NAMED = re.compile(
    r"(?:(?:site|page|main|top|side)[-_]?)?(?:nav(?:bar|igation)?|menu|sidebar|footer|breadcrumbs?)"
    r"|(?:cookie|consent)[-_]?(?:banner|notice|bar)|site-?header|skip-?link",
    re.IGNORECASE,
)
# What holds so much of a page's words is its text, whatever it is called.
_TEXT = 0.5
_UNREAD = ("script", "style", "noscript", "template", "svg", "iframe", "button", "select", "head")
_ROLES = frozenset({"navigation", "banner", "contentinfo", "search", "complementary"})
_FRONT_MATTER = re.compile(r"\A---\r?\n.*?\r?\n---\r?\n", re.DOTALL)


def read_html(data: bytes) -> Reading:
    """The text of a page, without what only leads around. Raises Unreadable."""
    if b"\0" in data:
        raise Unreadable("not_html")
    try:
        data.decode("utf-8")
        encoding = "utf-8"
    except UnicodeDecodeError:
        encoding = None  # as the page says itself
    return _read(data, encoding)


def read_markdown(data: bytes) -> Reading:
    """Raises Unreadable."""
    from markdown_it import MarkdownIt

    text = read_utf8(data)
    page = MarkdownIt("commonmark", {"html": False}).enable("table").render(_FRONT_MATTER.sub("", text, count=1))
    return _read(f"<body>{page}</body>".encode(), "utf-8")


def _read(data: bytes, encoding: str | None) -> Reading:
    try:
        root = document_fromstring(data, parser=HTMLParser(encoding=encoding))
    except etree.LxmlError as error:
        raise Unreadable("no_text" if not data.strip() else "not_html") from error
    remarks = []
    for name in _UNREAD:
        for element in list(root.iter(name)):
            element.drop_tree()
    mains = [*root.iter("main"), *root.xpath("//*[@role='main']")]
    body = mains[0] if mains else root
    around = _left_out(body)
    if around:
        counted = ", ".join(f"{count} {name}" for name, count in sorted(around.items()))
        remarks.append(Remark("around", counted))
    for image in body.iter("img"):
        remarks.append(Remark("picture", (image.get("alt") or image.get("src") or "?")[:100]))
    for br in body.iter("br"):
        br.tail = f" {br.tail or ''}"
    return Reading(tidied(_blocks(body, "paragraph", 0)), tuple(remarks))


def _left_out(body: HtmlElement) -> Counter[str]:
    """Take out what surrounds the text; the header of an article holds its title, and stays."""
    found: Counter[str] = Counter()
    whole = len(body.text_content())
    for element in list(body.iter(etree.Element)):
        name = _around(element)
        if name is None or (name not in {*_AROUND, *_ROLES} and len(element.text_content()) > _TEXT * whole):
            continue
        inside = body.tag == "main" or any(a.tag in {"article", "main"} for a in element.iterancestors())
        if element is body or element.getparent() is None or (name == "header" and inside):
            continue
        found[name] += 1
        element.drop_tree()
    return found


def _around(element: HtmlElement) -> str | None:
    """What an element is that surrounds a text, by its role, its tag, or what the page calls it."""
    if element.get("role") in _ROLES:
        return str(element.get("role"))
    if element.tag in _AROUND:
        return str(element.tag)
    called = f"{element.get('class') or ''} {element.get('id') or ''}".split()
    return next((name for name in called if _NAMED.fullmatch(name)), None)


def _blocks(element: HtmlElement, kind: str, level: int) -> Iterator[Block]:
    """What stands in an element, each run of words a block of this kind."""
    words = element.text or ""
    number = int(element.get("start") or 1) if (element.get("start") or "1").isdecimal() else 1
    for child in element:
        if not isinstance(child.tag, str):  # a comment
            words += child.tail or ""
            continue
        if child.tag not in _BLOCKS and not any(d.tag in _BLOCKS for d in child.iterdescendants(etree.Element)):
            words += f"{child.text_content()}{child.tail or ''}"
            continue
        yield _block(kind, words, level)
        words = child.tail or ""
        if child.tag in _HEADINGS:
            yield Block("heading", child.text_content(), _HEADINGS[child.tag])
        elif child.tag in {"ul", "ol"}:
            yield from _blocks(child, kind, level + 1 if kind == "item" else 1)
        elif child.tag == "li":
            marked = list(_blocks(child, "item", max(level, 1)))
            first = next((i for i, block in enumerate(marked) if block.text.strip()), None)
            if element.tag == "ol" and first is not None:
                mark = chr(96 + number) + ")" if element.get("type") == "a" and number <= 26 else f"{number}."
                marked[first] = Block("item", f"{mark} {marked[first].text.strip()}", marked[first].level)
                number += 1
            yield from marked
        elif child.tag == "table":
            for row in child.iter("tr"):
                cells = (" ".join(cell.text_content().split()) for cell in row.iter("td", "th"))
                yield Block("paragraph", " | ".join(filter(None, cells)))
        else:
            yield from _blocks(child, kind, level)
    yield _block(kind, words, level)


def _block(kind: str, words: str, level: int) -> Block:
    return Block("item", words, level) if kind == "item" else Block("paragraph", words)
