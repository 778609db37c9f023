// Filters, search, and links that open their requirement.
"use strict";
(() => {
  const every = (selector, within = document) => [...within.querySelectorAll(selector)];
  const cards = every(".requirement");
  const families = every(".family");
  const chips = every(".chip[data-filter]");
  const status = document.getElementById("status");
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
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const card of cards) {
      const fits =
        (!kinds.length || kinds.includes(card.dataset.kind)) &&
        (!levels.length || levels.includes(card.dataset.level)) &&
        words.every((word) => textOf(card).includes(word));
      card.hidden = !fits;
      shown += fits;
    }
    for (const family of families) {
      family.hidden = every(".requirement", family).every((card) => card.hidden);
    }
    const filtered = kinds.length + levels.length + words.length > 0;
    reset.hidden = !filtered;
    status.textContent = filtered ? `${shown} of ${cards.length} shown` : "";
    relabel();
  };

  const search = searchField(apply);
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
  const reveal = (hash) => {
    let name = hash.slice(1);
    try {
      name = decodeURIComponent(name);
    } catch {
      return;
    }
    const target = name && document.getElementById(name);
    if (!target) return;
    const card = target.closest(".requirement");
    const family = target.closest(".family");
    if ((card && card.hidden) || (family && family.hidden)) clear();
    if (!card) {
      target.scrollIntoView();
      return;
    }
    card.open = true;
    card.querySelector("summary").focus({ preventScroll: true });
    card.scrollIntoView({ block: "start" });
  };
  window.addEventListener("hashchange", () => reveal(location.hash));
  document.addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="#"]');
    // If the address stays the same, the browser sends no hashchange event.
    if (link && link.getAttribute("href") === location.hash) reveal(location.hash);
  });

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
  reveal(location.hash);
})();
