// The listing with Fastify: schemas validate the query and serialise the response.
const fs = require("node:fs");
const { PORT, KEY_ID, KEY_SECRET, TOKEN_SECRET, CLUSTER } = process.env;
const cluster = JSON.parse(fs.readFileSync(CLUSTER, "utf8"));

const fastify = require("fastify")();
fastify.register(require("@fastify/jwt"), {
  secret: TOKEN_SECRET,
  verify: { extractToken: (request) => request.headers["x-authorization"] },
});

const tokenSchema = {
  body: {
    type: "object",
    required: ["keyId", "keySecret"],
    properties: { keyId: { type: "string" }, keySecret: { type: "string" } },
  },
};

const listSchema = {
  querystring: {
    type: "object",
    properties: {
      category: { type: "string" },
      activeOnly: { type: "boolean", default: true },
    },
  },
  response: {
    200: {
      type: "array",
      items: {
        type: "object",
        required: ["name", "category", "configuration", "enabled", "modelsCount"],
        properties: {
          name: { type: "string" },
          type: { type: "string" },
          category: { type: "string" },
          description: { type: "string" },
          configuration: { type: "object", additionalProperties: true },
          enabled: { type: "boolean" },
          tags: {
            type: "array",
            items: {
              type: "object",
              properties: { key: { type: "string" }, value: { type: "string" } },
            },
          },
          createTime: { type: "integer" },
          updateTime: { type: "integer" },
          createdBy: { type: "string" },
          updatedBy: { type: "string" },
          modelsCount: { type: "integer" },
        },
      },
    },
  },
};

fastify.post("/api/token", { schema: tokenSchema }, async (request, reply) => {
  const { keyId, keySecret } = request.body;
  if (keyId !== KEY_ID || keySecret !== KEY_SECRET) {
    return reply.code(401).send({ status: 401, message: "Unknown access key" });
  }
  return { token: fastify.jwt.sign({ sub: keyId }, { expiresIn: "1h" }) };
});

fastify.register(async (integrations) => {
  integrations.addHook("onRequest", async (request, reply) => {
    try {
      await request.jwtVerify();
    } catch (error) {
      return reply.code(401).send({ status: 401, message: "A valid token is required" });
    }
  });

  integrations.get("/api/integrations/provider", { schema: listSchema }, async (request) => {
    const { category, activeOnly } = request.query;
    return cluster
      .filter((provider) => category === undefined || provider.category === category)
      .filter((provider) => !activeOnly || provider.enabled)
      .map((provider) => ({ ...provider, modelsCount: provider.models.length }));
  });
});

fastify.listen({ port: Number(PORT), host: "127.0.0.1" });
