// The search field of a page: "/" goes to it, Escape empties it. Without scripts it is not shown.
"use strict";
const searchField = (apply) => {
  const tools = document.querySelector(".tools");
  const search = document.getElementById("search");
  search.addEventListener("input", apply);
  search.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && search.value) {
      event.preventDefault();
      search.value = "";
      apply();
    }
  });
  tools.addEventListener("submit", (event) => event.preventDefault());
  document.addEventListener("keydown", (event) => {
    const typing = /^(input|textarea|select)$/i.test(event.target.tagName);
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      search.focus();
      search.select();
    }
  });
  tools.hidden = false;
  return search;
};
