// On a narrow screen the answer matters first: parts of the form without a mistake are folded.
"use strict";
if (matchMedia("(max-width: 56rem)").matches) {
  for (const group of document.querySelectorAll("form.answered > details[open]")) {
    if (!group.querySelector("[aria-invalid]")) group.open = false;
  }
}
// A link to a field within a folded part unfolds it.
for (const link of document.querySelectorAll('a[href^="#in-"]')) {
  link.addEventListener("click", () => {
    const field = document.getElementById(link.hash.slice(1));
    for (let part = field?.closest("details"); part; part = part.parentElement.closest("details")) part.open = true;
    field?.focus();
  });
}
