// List providers with openapi-fetch and the types that openapi-typescript generates.

import createClient from "openapi-fetch";
import type { components, paths } from "./contract.js";

type Provider = components["schemas"]["Provider"];
type Category = components["parameters"]["Category"];

function required(name: string): string {
  const value = process.env[name];
  if (value === undefined) {
    throw new Error(`${name} is not set`);
  }
  return value;
}

function connected(token: string) {
  return createClient<paths>({
    baseUrl: required("CONDUCTOR_URL"),
    headers: { "X-Authorization": token },
  });
}

const client = connected(required("CONDUCTOR_AUTH_TOKEN"));

async function listed(query: { category?: Category; activeOnly?: boolean }): Promise<Provider[]> {
  const { data, error } = await client.GET("/api/integrations/provider", { params: { query } });
  if (data === undefined) {
    throw new Error(`refused: ${error?.message ?? "no reason given"}`);
  }
  return data;
}

function told(provider: Provider): string {
  const tags = (provider.tags ?? []).map((tag) => `${tag.key}=${tag.value}`).join(",") || "-";
  const updated: number | undefined = provider.updateTime;
  const endpoint: unknown = provider.configuration["endpoint"];
  return (
    `${provider.name} ${provider.type} ${provider.category} ${provider.enabled} ` +
    `${provider.modelsCount} ${tags} ${updated ?? "-"} ${endpoint ?? "-"}`
  );
}

const everything = await listed({ activeOnly: false });
for (const provider of everything) {
  console.log("all", told(provider));
}
for (const provider of everything) {
  if (!provider.enabled) {
    console.log("inactive", told(provider));
  }
}
for (const provider of await listed({ category: "GIT", activeOnly: false })) {
  console.log("GIT", told(provider));
}
for (const provider of await listed({ category: "GIT" })) {
  console.log("active GIT", told(provider));
}
// A category that the contract does not list is only a string.
console.log("listed of another category:", (await listed({ category: "QUANTUM" })).length);

const stranger = connected("not-a-token");
const { error, response } = await stranger.GET("/api/integrations/provider");
console.log("refused", response.status, error?.error);
