"use strict";

// Everything that comes from a feed is set as textContent; nothing here ever becomes markup.
const byId = (id) => document.getElementById(id);
const filter = byId("filter");
let stream = null;
let seen = new Set();
let waiting = 0;

function element(tag, className, text) {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}

function duration(millis) {
  return millis < 1000 ? `${Math.round(millis)} ms` : `${(millis / 1000).toFixed(2)} s`;
}

function state(card, value, text) {
  card.dataset.state = value;
  card.querySelector(".state").textContent = text;
}

function expect(names) {
  byId("sources").replaceChildren(...names.map((name) => {
    const card = document.createElement("li");
    card.dataset.source = name;
    card.append(element("span", "name", name), element("span", "state", ""));
    state(card, "waiting", "waiting…");
    return card;
  }));
  waiting = names.length;
  progress();
}

function arrived(result) {
  const card = [...byId("sources").children].find((each) => each.dataset.source === result.name);
  if (card) {
    const count = result.articles.length === 1 ? "1 article" : `${result.articles.length} articles`;
    state(card, result.error === null ? "ok" : "failed",
      `${result.error === null ? count : result.error} · ${duration(result.elapsedMillis)}`);
  }
  waiting -= 1;
  result.articles.forEach(show);
  progress();
}

function show(article) {
  if (seen.has(article.id)) {
    return;
  }
  seen.add(article.id);
  const row = document.createElement("li");
  row.dataset.words = `${article.title} ${article.source}`.toLowerCase();
  row.append(link(article), element("span", "from", article.source));
  byId("articles").append(row);
  select(row);
}

// A link that is not of the web is shown, and cannot be followed.
function link(article) {
  let address = null;
  try {
    address = new URL(article.url);
  } catch (invalid) {
    return element("span", "", article.title);
  }
  if (address.protocol !== "https:" && address.protocol !== "http:") {
    return element("span", "", article.title);
  }
  const anchor = element("a", "", article.title);
  anchor.href = address.href;
  anchor.rel = "noopener noreferrer";
  anchor.target = "_blank";
  return anchor;
}

function select(row) {
  const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
  row.hidden = !words.every((word) => row.dataset.words.includes(word));
}

function progress() {
  const rows = [...byId("articles").children];
  const shown = rows.filter((row) => !row.hidden).length;
  byId("count").textContent = shown === rows.length ? `(${rows.length})` : `(${shown} of ${rows.length})`;
  byId("nothing").hidden = shown > 0 || rows.length === 0;
  byId("status").textContent = waiting > 0 ? `Waiting for ${waiting} of ${byId("sources").children.length} sources…`
    : `All sources have ended at ${new Date().toLocaleTimeString()}.`;
}

function open() {
  if (stream) {
    stream.close();
  }
  seen = new Set();
  byId("articles").replaceChildren();
  stream = new EventSource("/events");
  stream.addEventListener("sources", (event) => expect(JSON.parse(event.data).names));
  stream.addEventListener("source", (event) => arrived(JSON.parse(event.data)));
  stream.addEventListener("done", () => stream.close());
  stream.onerror = () => {
    stream.close();
    byId("status").textContent = "The connection was lost. Refresh to try again.";
  };
}

function theme(dark) {
  document.documentElement.dataset.theme = dark ? "dark" : "light";
  byId("theme").setAttribute("aria-pressed", String(dark));
}

byId("controls").addEventListener("submit", (event) => event.preventDefault());
byId("refresh").addEventListener("click", open);
byId("theme").addEventListener("click", () => theme(byId("theme").getAttribute("aria-pressed") !== "true"));
filter.addEventListener("input", () => {
  [...byId("articles").children].forEach(select);
  progress();
});
byId("theme").setAttribute("aria-pressed", String(matchMedia("(prefers-color-scheme: dark)").matches));
open();
