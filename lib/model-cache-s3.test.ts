import { readdirSync } from "node:fs";
import { join } from "node:path";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, expect, test } from "vitest";
import { closePools } from "@/db/index";
import { deployTinyModel } from "@/workers/serve-fixtures";
import { env } from "./env";
import { createModelCache } from "./model-cache";
import { getModel } from "./models";
import { createTenant } from "./tenants";

const endpoint = process.env.S3_TEST_URL ?? "";
const credentials = { accessKeyId: "test", secretAccessKey: "test-secret" };
// Before anything reads the environment.
Object.assign(process.env, {
  S3_BUCKET: "graft-models",
  S3_ENDPOINT: endpoint,
  S3_ACCESS_KEY_ID: credentials.accessKeyId,
  S3_SECRET_ACCESS_KEY: credentials.secretAccessKey,
});
afterAll(closePools);

test.skipIf(endpoint === "")(
  "models in a bucket are opened whole however often two processes let go of them, and no copy of them stays",
  async () => {
    const s3 = new S3Client({ endpoint, forcePathStyle: true, region: "us-east-1", credentials });
    await s3.send(new CreateBucketCommand({ Bucket: "graft-models" }));
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
    expect(left.filter((path) => path.endsWith("manifest.json")).map((path) => join(path))).toEqual([]);
  },
);
