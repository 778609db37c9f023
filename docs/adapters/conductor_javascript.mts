import { writeFileSync } from "node:fs";
import { OrkesClients } from "@io-orkes/conductor-javascript";

const env = process.env;
async function answer(): Promise<unknown> {
  // The SDK's method has no arguments.
  if (env.CONFORMANCE_CATEGORY !== undefined) return { unsupported: "category" };
  if (env.CONFORMANCE_ACTIVE_ONLY !== undefined) return { unsupported: "activeOnly" };
  try {
    const clients = await OrkesClients.from();
    const found = await clients.getIntegrationClient().getIntegrationProviders();
    // What is handed on in place of a list counts as one provider.
    return (Array.isArray(found) ? found : [found]).map((one) => ({
      name: one.name, type: one.type, category: one.category, configuration: one.configuration,
      enabled: one.enabled, modelsCount: one.modelsCount, description: one.description,
      createTime: one.createTime, updateTime: one.updateTime, createdBy: one.createdBy,
      updatedBy: one.updatedBy, ownerApp: one.ownerApp, tags: one.tags,
    }));
  } catch (error) {
    return { error: { status: (error as { status?: number }).status } };
  }
}
writeFileSync(env.CONFORMANCE_ANSWER!, JSON.stringify(await answer()));
process.exit(0); // the SDK keeps a timer
