"""Draws what the bot shows in Slack, to be looked at: `python tests/slack/draw_blocks.py FOLDER` writes a picture each
of messages, previews of links, and what opens over a message.

Sizes, colours and margins are those of Slack's own client, as near as its blocks tell them.
"""

import html
import shutil
import sys
from pathlib import Path
from urllib.parse import urlencode

from playwright.sync_api import sync_playwright

from bot.bootstrap import build_assistant
from bot.ladder import picture_of
from bot.settings import Settings
from bot.slack.blocks import MessageContext, answer_blocks, danger_blocks, plain_blocks
from bot.slack.unfurl import preview, preview_blocks
from bot.slack.views import points_view, reason_view, reply_points, said_view
from intents.answer import EscalationAnswer
from intents.question import Question

BASE = "https://hms.example"
STYLE = """
body { margin: 0; padding: 16px; width: 680px; font: 15px/22px Lato, "Source Sans 3", sans-serif; color: #1d1c1d }
p, ul, ol, blockquote { margin: 0 } ul, ol { padding-left: 28px } h2 { font-size: 18px; margin: 8px 0 }
blockquote { border-left: 4px solid #ddd; padding-left: 12px; margin: 4px 0 }
.context { font-size: 13px; line-height: 18px; color: #616061; margin: 4px 0 }
.section { margin: 6px 0; display: flex; justify-content: space-between; gap: 16px; white-space: pre-wrap }
.rich { white-space: pre-wrap; margin: 4px 0 } a { color: #1264a3; text-decoration: none }
.actions { display: flex; flex-wrap: wrap; gap: 8px; margin: 8px 0 }
button, select { font: 700 13px/18px sans-serif; padding: 5px 11px; border: 1px solid #bbb; border-radius: 8px;
  background: #fff; max-width: 100%; text-align: left } button.primary { background: #007a5a; color: #fff }
.alert { background: #fdf1f3; border: 1px solid #e01e5a; border-radius: 8px; padding: 10px 12px; font-weight: 700 }
.unfurl { border-left: 4px solid #ddd; padding-left: 12px; margin-top: 8px }
hr { border: 0; border-top: 1px solid #ddd }
"""


def drawn(blocks):
    """Blocks → HTML."""
    return "".join(map(_block, blocks))


def _block(block):
    kind = block["type"]
    if kind == "rich_text":
        return f'<div class="rich">{"".join(map(_rich, block["elements"]))}</div>'
    if kind in ("section", "header", "alert"):
        tag = "h2" if kind == "header" else "div"
        accessory = _element(block["accessory"]) if "accessory" in block else ""
        return f'<{tag} class="{kind}"><span>{html.escape(block["text"]["text"])}</span>{accessory}</{tag}>'
    if kind == "context":
        return f'<div class="context">{" ".join(html.escape(one["text"]) for one in block["elements"])}</div>'
    if kind == "image":
        return f'<div class="context">[{html.escape(block["image_url"])}]</div>'
    if kind == "input":
        return f'<b>{html.escape(block["label"]["text"])}</b><br><textarea cols="70"></textarea>'
    return "<hr>" if kind == "divider" else f'<div class="actions">{"".join(map(_element, block["elements"]))}</div>'


def _rich(part):
    inner = "".join(map(_leaf, part["elements"])) if part["type"] != "rich_text_list" else ""
    if part["type"] == "rich_text_quote":
        return f"<blockquote>{inner}</blockquote>"
    if part["type"] == "rich_text_list":
        tag = "ol" if part["style"] == "ordered" else "ul"
        items = "".join(f"<li>{''.join(map(_leaf, one['elements']))}</li>" for one in part["elements"])
        return f'<{tag} start="{part.get("offset", 0) + 1}">{items}</{tag}>'
    return f"<p>{inner}</p>"


def _leaf(leaf):
    text = html.escape(leaf.get("text") or leaf.get("user_id", ""))
    if leaf["type"] == "link":
        return f'<a href="{html.escape(leaf["url"])}">{text}</a>'
    return f"<b>{text}</b>" if (leaf.get("style") or {}).get("bold") else text


def _element(element):
    if element["type"] == "feedback_buttons":
        shown = [element[f"{name}_button"]["text"]["text"] for name in ("positive", "negative")]
        return "".join(f"<button>{html.escape(text)}</button>" for text in shown)
    if element["type"] == "static_select":
        chosen = element.get("initial_option") or {"text": element["placeholder"]}
        return f"<select><option>{html.escape(chosen['text']['text'])}</option></select>"
    return f'<button class="{element.get("style", "")}">{html.escape(element["text"]["text"])}</button>'


def shown(assistant):
    """What is drawn: a name, and blocks; of links also whether they stand below somebody's message."""
    say = assistant.wordings
    asked = {
        "who": "Hvem vedtar HMS-politikken?", "duties": "Hvilke plikter har instituttleder?",
        "ladder": "Hvem tar saken videre hvis verneombudet ikke får løst den?", "refusal": "Hvordan velges AMU?",
        "english": "Who has the responsibility for students in the lab?", "applies": "Gjelder arbeidsmiljøloven meg?",
        "danger": "Det brenner på labben!", "harassment": "Sjefen min trakasserer meg, hva gjør jeg?",
    }  # fmt: skip
    for name, text in asked.items():
        answer, reply, _ = assistant.explain(Question(text))
        words = say[reply.language]
        ladder = answer.ladder if isinstance(answer, EscalationAnswer) else None
        picture = picture_of(ladder, answer.language, assistant.library, say, BASE)
        yield f"message-{name}", answer_blocks(reply, "a1", words, MessageContext(picture=picture))
        points = reply_points(reply)
        danger = answer.sensitive == "danger"
        view = points_view(points, "a1", words, 0, reply.language == "en", danger=danger)
        yield f"modal-{name}", view.to_dict()["blocks"]
        if danger:
            yield "message-danger-in-a-channel", danger_blocks(reply, words)
            yield "modal-danger-told", said_view(words, words["channel.coming"], danger=True).to_dict()["blocks"]
    yield "modal-reason", reason_view(say["nb"], "a1", ()).to_dict()["blocks"]
    passage = next(one for one in assistant.library.leading.passages if one.translation and one.lead_in)
    links = {
        "answer": f"/?{urlencode({'q': asked['who']})}", "duties": f"/?{urlencode({'q': asked['duties']})}",
        "refusal": f"/?{urlencode({'q': asked['refusal']})}", "role": "/roles/rektor?lang=en",
        "passage": f"/policy/{assistant.library.leading.id}?lang=en#{passage.id}", "ladder": "/escalation?lang=nn",
        "applies": "/applies?who=student&job=no&doing=practical&danger=yes",
        "two": f"/?{urlencode({'q': 'Hvem vedtar HMS-politikken, og hvem leder GSAM?'})}",
    }  # fmt: skip
    for name, path in links.items():
        found = preview(BASE + path, assistant, "nb")
        assert found, path
        below = preview_blocks(found, say)
        yield f"unfurl-{name}", [*plain_blocks(BASE + path), {"type": "unfurl", "blocks": below}]


def page_of(blocks):
    inner = "".join(
        f'<div class="unfurl">{drawn(one["blocks"])}</div>' if one["type"] == "unfurl" else drawn([one])
        for one in blocks
    )
    return f"<!doctype html><meta charset=utf-8><style>{STYLE}</style><body>{inner}"


def draw(assistant, folder):
    """A picture in the folder of each thing that is shown."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 712, "height": 10})
        for name, blocks in shown(assistant):
            page.set_content(page_of(blocks))
            page.screenshot(path=folder / f"{name}.png", full_page=True)
        browser.close()


def main(folder):
    if shutil.which("chromium") is None:
        sys.exit("nothing was drawn: there is no Chromium (Debian's package chromium)")
    folder.mkdir(parents=True, exist_ok=True)
    draw(build_assistant(Settings(public_url=BASE)), folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
