import { spawn } from "node:child_process";
import { freePort } from "../start/home.mjs";
import { whenListening } from "./listening.mjs";
import { pythonWith } from "./python.mjs";

/** An empty S3 (moto answers like it) on a free port, or null when Python cannot supply it. */
export async function startS3() {
  const python = pythonWith("s3");
  if (!python) return null;
  const port = await freePort();
  const args = ["-m", "moto.server", "-H", "127.0.0.1", "-p", String(port)];
  const child = spawn(python, args, { stdio: "ignore" });
  const stop = await whenListening(child, port);
  return stop && { url: `http://127.0.0.1:${port}`, stop };
}

/** The environment of a process whose storage is this bucket; the keys are any, for moto takes all. */
export const bucketSettings = (endpoint, bucket) => ({
  S3_BUCKET: bucket,
  S3_ENDPOINT: endpoint,
  S3_ACCESS_KEY_ID: "test",
  S3_SECRET_ACCESS_KEY: "test-secret",
});

/** Makes the bucket. @returns a client for it. */
export async function createBucket(settings) {
  const { CreateBucketCommand, S3Client } = await import("@aws-sdk/client-s3");
  const s3 = new S3Client({
    endpoint: settings.S3_ENDPOINT,
    forcePathStyle: true,
    region: "us-east-1",
    credentials: { accessKeyId: settings.S3_ACCESS_KEY_ID, secretAccessKey: settings.S3_SECRET_ACCESS_KEY },
  });
  await s3.send(new CreateBucketCommand({ Bucket: settings.S3_BUCKET }));
  return s3;
}
