// The search in the targets; conformance/fleet/search.py is the same for the terminal.
"use strict";
(() => {
  const rows = [...document.querySelectorAll(".fleet tbody tr")];
  const search = document.getElementById("search");
  const status = document.getElementById("status");
  const requirement = /^[A-Z]+(-[0-9]+)?$/;

  const read = (row) => {
    const { name, outcome, exit, labels, results } = row.dataset;
    const facts = new Map(labels.trim().split(" ").filter(Boolean).map((pair) => pair.split(":")));
    facts.set("outcome", outcome).set("exit", exit);
    const ids = new Map(
      results.split(";").filter(Boolean).map((part) => {
        const [result, list] = part.split("=");
        return [result, list.split(",")];
      }),
    );
    return { row, name: name.toLowerCase(), facts, ids };
  };
  // Reading thousands of rows takes a while, and most readers never search.
  let entries;

  const fits = (entry, term) => {
    const place = term.indexOf(":");
    if (place < 0 || term.startsWith("//", place + 1)) return entry.name.includes(term.toLowerCase());
    const key = term.slice(0, place);
    const values = term.slice(place + 1).split(",");
    if (requirement.test(key)) {
      return values.some((value) =>
        (entry.ids.get(value) ?? []).some((id) => id === key || id.startsWith(`${key}-`)),
      );
    }
    return values.includes(entry.facts.get(key));
  };

  const apply = () => {
    entries ??= rows.map(read);
    const terms = search.value.split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const entry of entries) {
      const found = terms.every((term) =>
        term.startsWith("-") ? !fits(entry, term.slice(1)) : fits(entry, term),
      );
      if (entry.row.hidden === found) entry.row.hidden = !found;
      shown += found;
    }
    status.textContent = terms.length ? `${shown} of ${rows.length} targets` : "";
    // A link to the page keeps the search.
    try {
      history.replaceState(null, "", terms.length ? `#?${encodeURIComponent(search.value.trim())}` : "#");
    } catch {
      // Some browsers do not permit it for pages from a file.
    }
  };

  searchField(apply);

  // A link to a group opens it.
  const reveal = () => {
    if (location.hash.startsWith("#?")) {
      search.value = decodeURIComponent(location.hash.slice(2));
      apply();
      return;
    }
    const group = location.hash && document.getElementById(location.hash.slice(1));
    if (group instanceof HTMLDetailsElement) group.open = true;
  };
  window.addEventListener("hashchange", reveal);
  reveal();
})();
