// The forms of the chat page, answered in place. Without this script they lead to the page that shows the same.

const turns = document.getElementById("turns");
const status = document.getElementById("status");
const home = location.pathname;
const calm = matchMedia("(prefers-reduced-motion: reduce)");
let address = location.search;
let busy = false;

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.closest(".feedback")) {
    event.preventDefault();
    sendFeedback(form, event.submitter);
    return;
  }
  if (!form.elements.a) return; // it asks nothing
  event.preventDefault();
  if (busy) return;
  const fields = new URLSearchParams(new FormData(form));
  if (event.submitter?.name === "q") fields.set("q", event.submitter.value);
  if (fields.get("q").trim()) ask(fields);
});

document.addEventListener("click", async (event) => {
  const button = event.target.closest(".copy");
  if (!button) return;
  await navigator.clipboard.writeText(button.previousElementSibling.href);
  status.textContent = status.dataset.copied;
});

// Back and forward: the server shows what an address holds; an anchor within the page is none of its business.
addEventListener("popstate", () => {
  if (location.search !== address) location.reload();
});

// Feedback: the server gives back the part of the page that changes.
async function sendFeedback(form, button) {
  const fields = new URLSearchParams(new FormData(form));
  fields.set(button.name, button.value);
  const response = await fetch("/feedback?part=1", { method: "POST", body: fields }).catch(() => null);
  if (!response?.ok) {
    status.textContent = response?.status === 404 ? status.dataset.gone : status.dataset.failed;
    return;
  }
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const part = page.querySelector(".feedback");
  form.closest(".feedback").replaceWith(part);
  (part.querySelector("textarea") ?? part.querySelector("p")).focus();
}

async function ask(fields) {
  busy = true;
  const pending = document.getElementById("pending").content.firstElementChild.cloneNode(true);
  pending.querySelector(".question").textContent = fields.get("q");
  turns.append(pending);
  status.textContent = status.dataset.searching;
  status.classList.add("busy");
  look(pending);
  try {
    put(await answered(fields), pending);
    history.pushState(null, "", `${home}?${fields}#last`);
    remember();
    document.title = `${fields.get("q")} – ${status.dataset.title}`;
    address = location.search;
    follow(fields);
    status.textContent = "";
  } catch {
    pending.remove();
    status.textContent = status.dataset.failed;
    const input = document.getElementById("q");
    input.value = fields.get("q");
    input.focus();
  } finally {
    status.classList.remove("busy");
    busy = false;
  }
}

// The HTML of the turn, which the server has rendered and escaped.
async function answered(fields) {
  const response = await fetch(`/api/ask?page=${fields.get("lang")}&a=${fields.get("a")}&home=${encodeURIComponent(home)}`, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "text/event-stream" },
    body: JSON.stringify({ q: fields.get("q"), history: fields.getAll("h") }),
  });
  if (!response.ok) throw new Error(response.statusText);
  let html = "";
  for await (const { event, data } of events(response.body)) {
    if (event === "turn") html = data.html;
    if (event === "done" && html) return html;
  }
  throw new Error("the stream ended early");
}

async function* events(stream) {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    const blocks = (text + part.value).split("\n\n");
    text = blocks.pop();
    for (const block of blocks) {
      const event = /^event: (.*)$/m.exec(block);
      const data = /^data: (.*)$/m.exec(block);
      if (event && data) yield { event: event[1], data: JSON.parse(data[1]) };
    }
  }
}

function put(html, pending) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const before = document.getElementById("last");
  before?.removeAttribute("id");
  before?.querySelector(".choices")?.remove();
  pending.replaceWith(page.querySelector("article"));
  document.getElementById("go-on").replaceWith(page.getElementById("go-on"));
  document.querySelector(".welcome")?.replaceWith(talk());
  const last = document.getElementById("last");
  offer(last);
  look(last);
  // Where a screen reader goes on reading: the answer itself.
  const first = last.querySelector(".reply").firstElementChild;
  first.tabIndex = -1;
  first.focus({ preventScroll: true });
}

// What the page of a conversation has instead of the welcome.
function talk() {
  const heading = document.createElement("h1");
  heading.className = "visually-hidden";
  heading.textContent = status.dataset.talk;
  return heading;
}

// The language switch keeps the conversation.
function follow(fields) {
  for (const link of document.querySelectorAll(".languages a")) {
    const other = new URLSearchParams(fields);
    other.set("lang", link.lang);
    link.href = `?${other}`;
  }
}

function look(article) {
  article.scrollIntoView({ behavior: calm.matches ? "auto" : "smooth", block: "start" });
}

// Only a page from https or from this machine may copy; elsewhere the link is there to be copied.
function offer(part) {
  for (const button of part.querySelectorAll(".copy")) button.hidden = !navigator.clipboard;
}

offer(document);
if (document.getElementById("last")) remember();

// For the way back from the text to the answer.
function remember() {
  sessionStorage.setItem("answer", location.pathname + location.search + "#last");
}

// A passage beside its mark: on hover, focus or tap; Escape, a tap elsewhere or leaving both puts it away.
const peek = document.createElement("aside");
peek.id = "peek";
peek.setAttribute("role", "note");
let leaving;

function show(mark) {
  clearTimeout(leaving);
  const note = document.getElementById(mark.hash.slice(1));
  if (!note) return;
  const place = note.closest(".source").querySelector("h4").cloneNode(true);
  const parts = [...note.querySelectorAll("blockquote, .translation, figcaption > a")].map((part) => part.cloneNode(true));
  peek.replaceChildren(place, ...parts);
  peek.style.visibility = "hidden";
  document.body.append(peek);
  const at = mark.getBoundingClientRect();
  const left = Math.min(at.left, document.documentElement.clientWidth - peek.offsetWidth - 16);
  const below = at.bottom + peek.offsetHeight + 12 < innerHeight;
  peek.style.left = `${scrollX + Math.max(left, 16)}px`;
  peek.style.top = `${scrollY + (below ? at.bottom + 4 : at.top - peek.offsetHeight - 4)}px`;
  peek.style.visibility = "";
}

const hide = () => peek.remove();
const later = () => {
  clearTimeout(leaving);
  leaving = setTimeout(hide, 250);
};

document.addEventListener("pointerover", (event) => {
  const mark = event.target.closest(".mark");
  if (mark && event.pointerType === "mouse") show(mark);
  else if (event.target.closest("#peek")) clearTimeout(leaving);
});
document.addEventListener("pointerout", (event) => {
  if (event.pointerType === "mouse" && event.target.closest(".mark, #peek")) later();
});
document.addEventListener("focusin", (event) => {
  const mark = event.target.closest(".mark");
  if (mark) mark.matches(":focus-visible") && show(mark);
  else if (!event.target.closest("#peek")) hide();
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") hide();
});
// A tap shows the passage in place; the mark is a link for those without a script.
document.addEventListener("pointerup", (event) => {
  if (event.pointerType === "mouse") return;
  const mark = event.target.closest(".mark");
  if (mark) show(mark);
  else if (!event.target.closest("#peek")) hide();
});
document.addEventListener("click", (event) => {
  if (event.pointerType !== "mouse" && event.detail && event.target.closest(".mark")) event.preventDefault();
});
