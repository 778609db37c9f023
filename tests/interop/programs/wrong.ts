// What must not compile; each line says by which of TypeScript's codes it is refused.

import createClient from "openapi-fetch";
import type { components, paths } from "./contract.js";

type Provider = components["schemas"]["Provider"];
type Category = components["parameters"]["Category"];

declare const provider: Provider;
const client = createClient<paths>({ baseUrl: "http://127.0.0.1" });

export const numberAsCategory: Category = 6; // TS2322
export const misspeltField = provider.modelCount; // TS4111
export const anyField: string = provider["region"]; // TS2322
export const wrongType: string = provider.modelsCount; // TS2322
export const optionalField: number = provider.updateTime; // TS2322
export const anyTag: string = provider.tags?.[0].key; // TS2322 TS2532
export const anySetting: string = provider.configuration["endpoint"]; // TS2322
export const undefinedField: Provider = { ...provider, description: undefined }; // TS2375
export const incomplete: Provider = { name: "openAI" }; // TS2322
export const asked = [
  client.GET("/api/integrations/providers"), // TS2345
  client.GET("/api/integrations/provider", { params: { query: { category: 6 } } }), // TS2322
  client.GET("/api/integrations/provider", { params: { query: { activeOnly: "false" } } }), // TS2322
  client.GET("/api/integrations/provider", { params: { query: { type: "git" } } }), // TS2353
  client.POST("/api/integrations/provider"), // TS2345
];

const { data } = await client.GET("/api/integrations/provider");
export const mayBeARefusal = data.length; // TS18048
