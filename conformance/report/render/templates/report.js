// Filters, search, copy buttons, and links that open their requirement.
"use strict";
(() => {
  const every = (selector, within = document) => [...within.querySelectorAll(selector)];
  const cards = every(".requirement");
  const families = every(".family");
  const chips = every(".chip[data-filter]");
  const tools = document.querySelector(".tools");
  const search = document.getElementById("search");
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
  search.addEventListener("input", apply);
  search.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && search.value) {
      event.preventDefault();
      search.value = "";
      apply();
    }
  });
  tools.addEventListener("submit", (event) => event.preventDefault());
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
  document.addEventListener("keydown", (event) => {
    const typing = /^(input|textarea|select)$/i.test(event.target.tagName);
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      search.focus();
      search.select();
    }
  });

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

  // Copying: without permission for the clipboard, select the text and use the old command.
  const copied = async (code) => {
    try {
      await navigator.clipboard.writeText(code.textContent);
      return true;
    } catch {
      const selection = getSelection();
      selection.selectAllChildren(code);
      const done = document.execCommand("copy");
      if (done) selection.removeAllRanges();
      return done;
    }
  };
  for (const command of every(".command")) {
    const code = command.querySelector("code");
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = "Copy";
    button.setAttribute("aria-label", command.querySelector("pre").getAttribute("aria-label").replace(/^Command/, "Copy the command"));
    button.addEventListener("click", async () => {
      const done = await copied(code);
      button.textContent = done ? "Copied" : "Select and copy";
      status.textContent = done ? "Command copied." : "The command is selected and can be copied.";
      setTimeout(() => {
        button.textContent = "Copy";
      }, 2000);
    });
    command.append(button);
  }

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

  tools.hidden = false;
  relabel();
  reveal(location.hash);
})();
