// The search field of a page; without scripts, the page has none.
"use strict";
const searchedWords = () => document.getElementById("search").value.toLowerCase().split(/\s+/).filter(Boolean);
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
  document.addEventListener("keydown", (event) => {
    const typing = /^(input|textarea|select)$/i.test(event.target.tagName);
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      search.focus();
      search.select();
    }
  });
  tools.addEventListener("submit", (event) => event.preventDefault());
  tools.hidden = false;
};
