// Hides the cards that lack a word of the search; without it every card stays in sight.
"use strict";
const form = document.querySelector("[data-filter]");
const found = document.querySelector("[data-found]");
const cards = [...document.querySelectorAll("[data-words]")];
const input = form.querySelector("input");

function search() {
  const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const card of cards) {
    card.hidden = !words.every((word) => card.dataset.words.includes(word));
  }
  for (const section of document.querySelectorAll("main section")) {
    section.hidden = !section.querySelector("[data-words]:not([hidden])");
  }
  const left = cards.filter((card) => !card.hidden).length;
  found.hidden = !words.length;
  found.textContent = `${left} of ${cards.length} questions hold these words.`;
}

form.hidden = false;
form.addEventListener("submit", (event) => event.preventDefault());
input.addEventListener("input", search);
search();
