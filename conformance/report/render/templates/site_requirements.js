// The search in the requirements, and links to requirements that it hides.
"use strict";
(() => {
  const families = [...document.querySelectorAll(".family")];
  const status = document.getElementById("status");
  const texts = new Map();

  const textOf = (card) => {
    if (!texts.has(card)) texts.set(card, card.textContent.toLowerCase());
    return texts.get(card);
  };

  const apply = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    let all = 0;
    for (const family of families) {
      const cards = [...family.querySelectorAll(".requirement")];
      for (const card of cards) {
        card.hidden = !words.every((word) => textOf(card).includes(word));
        shown += !card.hidden;
      }
      all += cards.length;
      family.hidden = cards.every((card) => card.hidden);
    }
    status.textContent = words.length ? `${shown} of ${all} requirements` : "";
  };

  const search = searchField(apply);

  const reveal = () => {
    const target = location.hash && document.getElementById(location.hash.slice(1));
    if (!target || !target.closest("[hidden]")) return;
    search.value = "";
    apply();
    target.scrollIntoView();
  };
  window.addEventListener("hashchange", reveal);
})();
