// Renders the reference, read-only: a static site has no server to send requests to.
"use strict";
(() => {
  // Only the operations and the schemas: the page itself has the rest, and the only `main`.
  const layout = ({ React, getComponent }) => {
    const Parts = ["SvgAssets", "errors", "operations", "Models"].map((name) => getComponent(name, true));
    const drawn = () =>
      React.createElement("div", { className: "swagger-ui" }, ...Parts.map((Part) => React.createElement(Part)));
    return { components: { ReadOnlyLayout: drawn } };
  };
  const plain = () => ({ wrapComponents: { authorizeOperationBtn: () => () => null } });

  // Labels for screen readers, which Swagger UI does not set.
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
