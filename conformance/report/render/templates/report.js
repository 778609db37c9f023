// Filters, and links that open their requirement; see also search.js and requirements.js.
"use strict";
(() => {
  const every = (selector) => [...document.querySelectorAll(selector)];
  const cards = every(".requirement");
  const chips = every(".chip[data-filter]");
  const search = document.getElementById("search");
  const reset = document.getElementById("reset");
  const expand = document.getElementById("expand");
  const texts = new Map();

  const textOf = (card) => {
    if (!texts.has(card)) texts.set(card, card.textContent.toLowerCase());
    return texts.get(card);
  };

  const chosen = (filter) =>
    chips
      .filter((chip) => chip.dataset.filter === filter && chip.getAttribute("aria-pressed") === "true")
      .map((chip) => chip.dataset.value);

  const apply = () => {
    const kinds = chosen("kind");
    const levels = chosen("level");
    const words = searchedWords();
    const filtered = kinds.length + levels.length + words.length > 0;
    showOnly(
      (card) =>
        (!kinds.length || kinds.includes(card.dataset.kind)) &&
        (!levels.length || levels.includes(card.dataset.level)) &&
        words.every((word) => textOf(card).includes(word)),
      filtered,
    );
    reset.hidden = !filtered;
    relabel();
  };

  const clear = () => {
    for (const chip of chips) chip.setAttribute("aria-pressed", "false");
    search.value = "";
    apply();
  };

  const visible = () => cards.filter((card) => !card.hidden);
  const allOpen = () => visible().length > 0 && visible().every((card) => card.open);
  const relabel = () => {
    expand.textContent = allOpen() ? "Close all" : "Open all";
  };

  for (const chip of chips) {
    chip.addEventListener("click", () => {
      chip.setAttribute("aria-pressed", String(chip.getAttribute("aria-pressed") !== "true"));
      apply();
    });
  }
  searchField(apply);
  reset.addEventListener("click", () => {
    clear();
    search.focus();
  });
  expand.addEventListener("click", () => {
    const open = !allOpen();
    for (const card of visible()) card.open = open;
    relabel();
  });
  for (const card of cards) card.addEventListener("toggle", relabel);

  // A link to a requirement opens it, even if a filter hides it.
  const reveal = (target) => {
    if (target.closest("[hidden]")) clear();
    const card = target.closest(".requirement");
    if (!card) {
      target.scrollIntoView();
      return;
    }
    card.open = true;
    card.querySelector("summary").focus({ preventScroll: true });
    card.scrollIntoView({ block: "start" });
  };

  // Before printing, open everything that failed; close it again afterwards.
  let opened = [];
  window.addEventListener("beforeprint", () => {
    const concerned = ".requirement:is(.bad, .warn), .requirement:is(.bad, .warn) .examples, .run";
    opened = every(concerned).filter((one) => !one.open);
    for (const one of opened) one.open = true;
  });
  window.addEventListener("afterprint", () => {
    for (const one of opened) one.open = false;
  });

  relabel();
  followLinks(reveal);
})();
