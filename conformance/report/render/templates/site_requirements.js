// The search in the requirements: in identifier, level, statement and family.
"use strict";
(() => {
  const searched = new Map();
  for (const family of document.querySelectorAll(".family")) {
    for (const card of family.querySelectorAll(".requirement")) {
      const parts = [family.querySelector("h2"), card.querySelector("h3"), card.querySelector(".statement")];
      searched.set(card, parts.map((part) => part.textContent).join(" ").toLowerCase());
    }
  }
  const apply = () => {
    const words = searchedWords();
    showOnly((card) => words.every((word) => searched.get(card).includes(word)), words.length > 0);
  };
  searchField(apply);
  followLinks((target) => {
    if (!target.closest("[hidden]")) return;
    document.getElementById("search").value = "";
    apply();
    target.scrollIntoView();
  });
})();
