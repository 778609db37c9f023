// The listing with Express: a middleware that checks JSON Web Tokens, and a router.
const fs = require("node:fs");
const express = require("express");
const jwt = require("jsonwebtoken");

const { PORT, KEY_ID, KEY_SECRET, TOKEN_SECRET, CLUSTER } = process.env;
const cluster = JSON.parse(fs.readFileSync(CLUSTER, "utf8"));

const app = express();
app.use(express.json());

app.post("/api/token", (req, res) => {
  const { keyId, keySecret } = req.body;
  if (keyId !== KEY_ID || keySecret !== KEY_SECRET) {
    return res.status(401).json({ status: 401, message: "Unknown access key" });
  }
  res.json({ token: jwt.sign({ sub: keyId }, TOKEN_SECRET, { expiresIn: "1h" }) });
});

function requireToken(req, res, next) {
  jwt.verify(req.get("X-Authorization") ?? "", TOKEN_SECRET, (error) => {
    if (error) {
      return res.status(401).json({ status: 401, message: "A valid token is required" });
    }
    next();
  });
}

app.use("/api/integrations", requireToken);

app.get("/api/integrations/provider", (req, res) => {
  const { category, activeOnly = "true" } = req.query;
  const found = cluster
    .filter((provider) => category === undefined || provider.category === category)
    .filter((provider) => activeOnly === "false" || provider.enabled)
    .map(({ models, ...provider }) => ({ ...provider, modelsCount: models.length }));
  res.json(found);
});

app.listen(PORT, "127.0.0.1");
