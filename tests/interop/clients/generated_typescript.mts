import { writeFileSync } from "node:fs";
import createClient from "openapi-fetch";
import type { paths } from "./contract.js";

const env = process.env as Record<string, string>;
const root = env["CONDUCTOR_SERVER_URL"]!.replace(/\/$/, "").replace(/\/api$/, "");

// The contract has no operation for tokens, so that is the caller's part.
async function issued(): Promise<string> {
  const pair = { keyId: env["CONDUCTOR_AUTH_KEY"], keySecret: env["CONDUCTOR_AUTH_SECRET"] };
  const headers = { "Content-Type": "application/json" };
  const body = JSON.stringify(pair);
  const response = await fetch(`${root}/api/token`, { method: "POST", headers, body });
  return ((await response.json()) as { token: string }).token;
}

async function answer(token: string): Promise<unknown> {
  const headers = { "X-Authorization": token };
  const client = createClient<paths>({ baseUrl: root, headers });
  const category = env["CONFORMANCE_CATEGORY"];
  const active = env["CONFORMANCE_ACTIVE_ONLY"];
  const query = {
    ...(category === undefined ? {} : { category }),
    ...(active === undefined ? {} : { activeOnly: active === "true" }),
  };
  try {
    const { data, error, response } = await client.GET("/api/integrations/provider", {
      params: { query },
    });
    // What is handed on in place of a list counts as one provider.
    if (data !== undefined) return Array.isArray(data) ? data : [data];
    return { error: error === undefined ? {} : { status: response.status } };
  } catch {
    return { error: {} };
  }
}

writeFileSync(env["CONFORMANCE_ANSWER"]!, JSON.stringify(await answer(await issued())));
