import { readdirSync } from "node:fs";
import { afterAll, expect, test } from "vitest";
import { closePools } from "@/db/index";
import { bucketSettings, createBucket } from "@/scripts/test/s3.mjs";
import { deployTinyModel } from "@/workers/serve-fixtures";
import { env } from "./env";
import { createModelCache } from "./model-cache";
import { getModel } from "./models";
import { createTenant } from "./tenants";

const endpoint = process.env.S3_TEST_URL ?? "";
const settings = bucketSettings(endpoint, "graft-models");
// Before anything reads the environment.
Object.assign(process.env, settings);
afterAll(closePools);

test.skipIf(endpoint === "")(
  "models in a bucket are opened whole however often two processes let go of them, and no copy of them stays",
  async () => {
    await createBucket(settings);
    const tenant = await createTenant({ name: "Bucket", email: "bucket@acme.test" });
    const deploy = async (suffix: string) =>
      getModel(tenant.tenantId, (await deployTinyModel(tenant, suffix)).id);
    const models = [await deploy("a"), await deploy("b"), await deploy("c")];
    // Each holds one model: every question opens one and lets go of another.
    const caches = [1, 2].map(() => createModelCache({ maxBytes: 1, tokenizers: () => Promise.reject() }));
    for (let round = 0; round < 10; round++)
      await Promise.all(caches.flatMap((cache) => models.map((model) => cache.get(model))));
    expect(caches.map((cache) => cache.count())).toEqual([1, 1]);
    const left = readdirSync(env().home, { recursive: true, encoding: "utf8" });
    expect(left.filter((path) => path.endsWith("manifest.json"))).toEqual([]);
  },
);
