// A copy button beside whatever has `data-copy`, which names it.
"use strict";
(() => {
  if (!navigator.clipboard && !document.queryCommandSupported("copy")) return;
  // Without permission for the clipboard, select the text and use the old command.
  const copied = async (code) => {
    try {
      await navigator.clipboard.writeText(code.textContent.trim());
      return true;
    } catch {
      const selection = getSelection();
      selection.selectAllChildren(code);
      const done = document.execCommand("copy");
      if (done) selection.removeAllRanges();
      return done;
    }
  };
  const status = document.createElement("p");
  status.className = "hidden";
  status.setAttribute("role", "status");
  document.querySelector("main").append(status);
  for (const code of document.querySelectorAll("[data-copy]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    const say = (words) => {
      button.textContent = words;
      button.setAttribute("aria-label", `${words} ${code.dataset.copy}`);
    };
    say("Copy");
    button.addEventListener("click", async () => {
      const done = await copied(code);
      say(done ? "Copied" : "Select and copy");
      status.textContent = done ? "Copied." : "The text is selected and can be copied.";
      setTimeout(() => {
        say("Copy");
        status.textContent = "";
      }, 2000);
    });
    (code.closest("pre") ?? code).after(button);
  }
})();
