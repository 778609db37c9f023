// A button beside each command that copies it.
"use strict";
(() => {
  const status = document.getElementById("status");

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
  for (const command of document.querySelectorAll(".command")) {
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
})();
