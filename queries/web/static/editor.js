// The SPARQL editor: a text area with a shaded copy beneath it, completion of names, and a run.
"use strict";
const area = document.getElementById("query"), shade = document.getElementById("shade");
const list = document.getElementById("names"), form = document.getElementById("ask");
const status_ = document.getElementById("status"), place = document.getElementById("result");
const stop = document.getElementById("stop"), downloads = document.getElementById("downloads");
const KEYWORDS = "SELECT DISTINCT REDUCED ASK CONSTRUCT DESCRIBE WHERE FROM NAMED GRAPH PREFIX BASE OPTIONAL FILTER BIND AS UNION MINUS VALUES SERVICE ORDER BY GROUP HAVING LIMIT OFFSET ASC DESC EXISTS NOT IN UNDEF COUNT SUM AVG MIN MAX SAMPLE GROUP_CONCAT SEPARATOR STR LANG LANGMATCHES DATATYPE BOUND IRI URI BNODE ABS CEIL FLOOR ROUND CONCAT STRLEN UCASE LCASE CONTAINS STRSTARTS STRENDS STRBEFORE STRAFTER SUBSTR REPLACE REGEX YEAR MONTH DAY COALESCE IF SAMETERM ISIRI ISBLANK ISLITERAL ISNUMERIC TRUE FALSE A".split(" ");
const PARTS = new RegExp([
  "(?<comment>#[^\\n]*)", "(?<iri><[^<>\"{}|^`\\\\\\s]*>)", "(?<text>\"(?:[^\"\\\\\\n]|\\\\.)*\"|'(?:[^'\\\\\\n]|\\\\.)*')",
  "(?<variable>[?$][A-Za-z_]\\w*)", "(?<name>[A-Za-z][\\w-]*?:[\\w.-]*|:[\\w-]+)", "(?<number>\\b\\d+(?:\\.\\d+)?\\b)", "(?<word>[A-Za-z_]+)",
].join("|"), "g");
const terms = [];
let prefixes = {}, running = null, chosen = -1;

function paint(bad) {
  const text = area.value, pieces = [];
  let end = 0;
  const push = (piece, kind) => {
    if (!piece) return;
    const span = document.createElement("span");
    if (kind) span.className = kind;
    span.textContent = piece;
    pieces.push(span);
  };
  for (const match of text.matchAll(PARTS)) {
    push(text.slice(end, match.index));
    end = match.index + match[0].length;
    let kind = Object.keys(match.groups).find(key => match.groups[key] !== undefined);
    if (kind === "word") kind = KEYWORDS.includes(match[0].toUpperCase()) ? "keyword" : "";
    push(match[0], kind + (bad !== undefined && match.index <= bad && bad < end ? " bad" : ""));
  }
  push(text.slice(end) + "\n");
  shade.replaceChildren(...pieces);
  follow();
}

function follow() {
  shade.scrollTop = area.scrollTop;
  shade.scrollLeft = area.scrollLeft;
}

// -- completion ------------------------------------------------------------------------------------

function written(iri) {
  for (const [prefix, space] of Object.entries(prefixes)) {
    const local = iri.slice(space.length);
    if (iri.startsWith(space) && /^[A-Za-z]\w*$/.test(local)) return prefix + ":" + local;
  }
  return "<" + iri + ">";
}

function typed() {
  const before = area.value.slice(0, area.selectionStart);
  return before.match(/[\w:<>/.#-]*$/)[0];
}

function offered(word) {
  const [prefix, local] = word.includes(":") && !word.startsWith("<") ? word.split(":") : ["", word.replace("<", "")];
  const wanted = local.toLowerCase(), space = prefixes[prefix];
  if (!wanted && !space) return [];
  const found = [];
  for (const [iri, label] of terms) {
    if (space && !iri.startsWith(space)) continue;
    const local_name = space ? iri.slice(space.length) : iri, name = local_name.toLowerCase();
    const at = name.indexOf(wanted), in_label = label.toLowerCase().indexOf(wanted);
    if (at < 0 && in_label < 0) continue;
    found.push([local_name.startsWith(local) ? 0 : at === 0 ? 0.5 : in_label === 0 ? 1 : 2, name.length, iri, label]);
  }
  return found.sort((a, b) => a[0] - b[0] || a[1] - b[1]).slice(0, 40);
}

function close() {
  list.hidden = true;
  chosen = -1;
  area.removeAttribute("aria-activedescendant");
}

function choose(number) {
  const items = [...list.children];
  chosen = (number + items.length) % items.length;
  items.forEach((item, n) => item.setAttribute("aria-selected", String(n === chosen)));
  items[chosen].scrollIntoView({ block: "nearest" });
  area.setAttribute("aria-activedescendant", items[chosen].id);
}

function complete(asked) {
  const word = typed(), found = asked || (word.includes(":") && !word.startsWith("<")) ? offered(word) : [];
  if (!found.length) {
    close();
    if (asked) status_.textContent = "No name or label holds “" + word + "”.";
    return;
  }
  list.replaceChildren(...found.map(([, , iri, label], number) => {
    const item = document.createElement("li"), code = document.createElement("code"), name = document.createElement("span");
    item.id = "name-" + number;
    item.role = "option";
    item.dataset.text = written(iri);
    code.textContent = item.dataset.text;
    name.textContent = label;
    item.append(code, name);
    item.addEventListener("pointerdown", event => { event.preventDefault(); put(item.dataset.text); });
    return item;
  }));
  const lines = area.value.slice(0, area.selectionStart).split("\n");
  const height = parseFloat(getComputedStyle(area).lineHeight);
  list.style.top = Math.min(lines.length * height + 18 - area.scrollTop, area.clientHeight) + "px";
  list.style.left = Math.min(lines.at(-1).length * 8.4 + 8, Math.max(0, area.clientWidth - 340)) + "px";
  list.hidden = false;
  choose(0);
}

function put(text) {
  const start = area.selectionStart - typed().length;
  area.setRangeText(text, start, area.selectionStart, "end");
  const prefix = text.match(/^([a-z]+):/);
  if (prefix) declare(prefix[1]);
  close();
  paint();
  area.focus();
}

function declare(prefix) {
  if (new RegExp("PREFIX\\s+" + prefix + ":", "i").test(area.value)) return;
  const at = area.selectionStart, line = `PREFIX ${prefix}: <${prefixes[prefix]}>\n`;
  area.setRangeText(line, 0, 0);
  area.setSelectionRange(at + line.length, at + line.length);
  paint();
}

// -- running ---------------------------------------------------------------------------------------

function accepted(text) {
  const bare = text.replace(/#[^\n<>]*$/gm, "").replace(/<[^>]*>/g, "");
  return /\b(CONSTRUCT|DESCRIBE)\b/i.test(bare) && !/\bSELECT\b/i.test(bare.split(/CONSTRUCT|DESCRIBE/i)[0]) ? "text/turtle" : "application/sparql-results+json";
}

function mark(message) {
  const found = message.match(/\b(\d+):(\d+)\b/);
  if (!found) return;
  const lines = area.value.split("\n").slice(0, Number(found[1]) - 1);
  paint(lines.join("\n").length + (lines.length ? 1 : 0) + Number(found[2]) - 1);
}

function detail(type, text) {
  try {
    if (type.includes("json")) return JSON.parse(text).detail || text;
  } catch { /* shown as it came */ }
  return text.slice(0, 2000);
}

async function run() {
  if (running) running.abort();
  const mine = running = new AbortController();
  stop.hidden = false;
  downloads.hidden = true;
  status_.className = "note";
  status_.textContent = "Asking …";
  const began = performance.now();
  try {
    const response = await fetch("/sparql", {
      method: "POST", signal: mine.signal, headers: { "Content-Type": "application/x-www-form-urlencoded", Accept: accepted(area.value) + ", */*;q=0.1" },
      body: new URLSearchParams({ query: area.value }),
    });
    const text = await response.text();
    if (!response.ok) {
      place.replaceChildren();
      status_.className = "wrong";
      const reason = detail(response.headers.get("Content-Type") || "", text);
      status_.textContent = `Refused (${response.status}): ${reason}`;
      mark(reason);
      return;
    }
    const type = response.headers.get("Content-Type") || "";
    const words = draw(place, type, text);
    status_.textContent = `${words} ${Math.round(performance.now() - began)} ms.`;
    offer(type, text);
    paint();
  } catch (error) {
    place.replaceChildren();
    status_.className = "wrong";
    status_.textContent = error.name === "AbortError" ? "Stopped." : "The endpoint did not answer: " + error.message;
  } finally {
    if (running === mine) { running = null; stop.hidden = true; }
  }
}

function offer(type, text) {
  const link = document.createElement("a");
  if (downloads.firstChild) URL.revokeObjectURL(downloads.firstChild.href);
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = type.includes("json") ? "rallo.json" : "rallo.ttl";
  link.textContent = "Download " + link.download;
  downloads.replaceChildren(link);
  downloads.hidden = false;
}

// -- wiring ----------------------------------------------------------------------------------------

form.addEventListener("submit", event => { event.preventDefault(); run(); });
stop.addEventListener("click", () => running && running.abort());
area.addEventListener("input", () => { paint(); complete(false); });
area.addEventListener("scroll", follow);
area.addEventListener("blur", close);
area.addEventListener("keydown", event => {
  if (event.ctrlKey && event.key === "Enter" || event.metaKey && event.key === "Enter") { event.preventDefault(); close(); run(); return; }
  if (event.ctrlKey && event.key === " ") { event.preventDefault(); complete(true); return; }
  if (list.hidden) return;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") { event.preventDefault(); choose(chosen + (event.key === "ArrowDown" ? 1 : -1)); }
  else if (event.key === "Enter") { event.preventDefault(); put(list.children[chosen].dataset.text); }
  else if (event.key === "Escape") { event.preventDefault(); close(); }
});
for (const button of document.querySelectorAll("[data-prefix]")) {
  prefixes[button.dataset.prefix] = button.dataset.iri;
  button.addEventListener("click", () => { declare(button.dataset.prefix); area.focus(); });
}
new ResizeObserver(follow).observe(area);
paint();
fetch("/sparql-editor/terms.json").then(r => r.json()).then(found => { prefixes = found.prefixes; terms.push(...found.terms); });
