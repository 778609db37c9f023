// Pages with requirements: which of them are shown, and links to them.
"use strict";
const showOnly = (fits, filtered) => {
  const cards = [...document.querySelectorAll(".requirement")];
  for (const card of cards) card.hidden = !fits(card);
  for (const family of document.querySelectorAll(".family")) {
    family.hidden = !family.querySelector(".requirement:not([hidden])");
  }
  const shown = cards.filter((card) => !card.hidden).length;
  document.getElementById("status").textContent = filtered ? `${shown} of ${cards.length} shown` : "";
};

// Call `reveal` with the target of the address, now and whenever a link within the page is followed.
const followLinks = (reveal) => {
  const follow = () => {
    let name = location.hash.slice(1);
    try {
      name = decodeURIComponent(name);
    } catch {
      return;
    }
    const target = name && document.getElementById(name);
    if (target) reveal(target);
  };
  window.addEventListener("hashchange", follow);
  document.addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="#"]');
    // If the address stays the same, the browser sends no hashchange event.
    if (link && link.getAttribute("href") === location.hash) follow();
  });
  follow();
};
