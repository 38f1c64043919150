// Draws what an endpoint answers: rows as a table, a truth value as a word, triples as text.
"use strict";
const OWN = "https://w3id.org/rallo/";
const SHOWN = 1000;

function shortened(iri) {
  return iri.startsWith(OWN) ? iri.slice(OWN.length) : iri;
}

function cell(term) {
  const td = document.createElement("td");
  if (!term) return td;
  if (term.type === "uri" && /^https?:/.test(term.value)) {
    const link = document.createElement("a");
    const own = term.value.startsWith(OWN);
    link.href = own ? "/id/" + term.value.slice(OWN.length).split("/").map(encodeURIComponent).join("/") : term.value;
    if (!own) link.rel = "noreferrer external";
    link.textContent = shortened(term.value);
    td.append(link);
  } else {
    td.textContent = term.type === "bnode" ? "_:" + term.value : term.value;
    if (term["xml:lang"]) td.lang = term["xml:lang"];
  }
  return td;
}

function byValue(name, down) {
  const value = row => row[name] ? row[name].value : "";
  return (a, b) => (down ? -1 : 1) * value(a).localeCompare(value(b), "en", { numeric: true });
}

function table(columns, rows) {
  const made = document.createElement("table");
  made.className = "rows";
  const head = made.createTHead().insertRow();
  const body = made.createTBody();
  const fill = sorted => {
    body.replaceChildren(...sorted.slice(0, SHOWN).map(row => {
      const line = document.createElement("tr");
      line.append(...columns.map(name => cell(row[name])));
      return line;
    }));
  };
  for (const name of columns) {
    const th = document.createElement("th");
    const button = document.createElement("button");
    th.scope = "col";
    button.type = "button";
    button.textContent = name;
    button.title = "Sort by " + name;
    button.addEventListener("click", () => {
      const down = th.getAttribute("aria-sort") === "ascending";
      for (const other of head.cells) other.removeAttribute("aria-sort");
      th.setAttribute("aria-sort", down ? "descending" : "ascending");
      fill([...rows].sort(byValue(name, down)));
    });
    th.append(button);
    head.append(th);
  }
  fill(rows);
  return made;
}

// Returns a sentence on what was drawn.
function draw(place, type, text) {
  if (!type.includes("sparql-results+json")) {
    const pre = document.createElement("pre");
    pre.textContent = text;
    place.replaceChildren(pre);
    return text.trim() ? "The graph asked for:" : "No triples: the graph holds nothing of this kind.";
  }
  const answer = JSON.parse(text);
  if ("boolean" in answer) {
    place.replaceChildren();
    return answer.boolean ? "Yes, it holds." : "No, it does not hold.";
  }
  const columns = answer.head.vars, rows = answer.results.bindings;
  if (!rows.length) {
    place.replaceChildren();
    return "No rows: nothing in the graph fits this pattern.";
  }
  place.replaceChildren(table(columns, rows));
  const counted = rows.length === 1 ? "1 row" : rows.length + " rows";
  return rows.length > SHOWN ? `${counted}; the first ${SHOWN} are shown, a download holds all.` : counted + ".";
}
