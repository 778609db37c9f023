// Draws the reference. It is read only: a site of files has no server to try anything on.
"use strict";
(() => {
  // The operations and the schemas alone: the page itself says the rest, and is the only `main`.
  const layout = ({ React, getComponent }) => {
    const Parts = ["SvgAssets", "errors", "operations", "Models"].map((name) => getComponent(name, true));
    const drawn = () =>
      React.createElement("div", { className: "swagger-ui" }, ...Parts.map((Part) => React.createElement(Part)));
    return { components: { ReadOnlyLayout: drawn } };
  };
  const plain = () => ({ wrapComponents: { authorizeOperationBtn: () => () => null } });

  // Names that the renderer does not give, for those who hear the page.
  const reference = document.getElementById("reference");
  new MutationObserver(() => {
    for (const choice of reference.querySelectorAll("select.examples-select-element:not([aria-label])")) {
      choice.setAttribute("aria-label", "Example");
    }
  }).observe(reference, { childList: true, subtree: true });

  window.SwaggerUIBundle({
    spec: window.CONTRACT,
    dom_id: "#reference",
    layout: "ReadOnlyLayout",
    plugins: [layout, plain],
    deepLinking: false,
    docExpansion: "full",
    defaultModelRendering: "example",
    defaultModelExpandDepth: 9,
    defaultModelsExpandDepth: 9,
    supportedSubmitMethods: [],
    syntaxHighlight: { activated: false },
    validatorUrl: null,
  });
})();
