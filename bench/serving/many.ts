import { ensurePythonWith } from "../../scripts/test/python.mjs";
import { startS3 } from "../../scripts/test/s3.mjs";
import { hasBase, median, report, skip } from "../peer";
import { openServingStack, percentile, zipf } from "../serving-stack";

/**
 * S2 and S3: single rows by 16 connections, asked of one tuned model, of 1,000 whose popularity is Zipf's, and of 5,000 of which a
 * tenth fits into memory; and what the first question to a model that is not in memory costs more than the second. Each
 * adapter has a name, a row, a folder and numbers of its own; they were just written, so the disk's cache is warm. Traffic over
 * many is measured twice: as long as most are asked for the first time and are opened, and from then on. First questions are
 * asked once more with the models in a bucket, whose server runs beside serve: what copying takes, not what a network does.
 * Run: `npm run bench -- serving many`.
 */
const isQuick = process.env.GRAFT_BENCH_QUICK === "1";
const SECONDS = isQuick ? 5 : 20;
const CONNECTIONS = 16;
const COLD = isQuick ? 100 : 300;
const TEXT = "where is my parcel, it should have been here a week ago";

if (!hasBase) skip("many", "the base is not installed; npm start fetches it");
await import("@tensorflow/tfjs-node").catch(() => skip("many", "native TensorFlow.js is not built"));
const stack = await openServingStack("serving-many");
const tenant = await stack.newTenant("many");
const model = await stack.deploy(tenant, "tuned", { base: stack.base, recipe: "lora" });
const names = await stack.copies({ ...model, tenantId: tenant.tenantId }, 5000);

async function ask(name: string): Promise<number> {
  const started = performance.now();
  const response = await fetch(`${stack.url}/v1/predictions`, {
    method: "POST",
    headers: { authorization: `Bearer ${tenant.apiKey}`, "content-type": "application/json" },
    body: JSON.stringify({ model: name, input: TEXT, top_k: 1 }),
  });
  await response.arrayBuffer();
  if (!response.ok) throw new Error(`serve answered ${response.status}`);
  return performance.now() - started;
}
/** Answers a second over all connections. */
async function throughput(next: () => string): Promise<number> {
  const end = performance.now() + SECONDS * 1000;
  let answered = 0;
  const connection = async () => {
    while (performance.now() < end) {
      await ask(next());
      answered++;
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, connection));
  return answered / SECONDS;
}

const rounds = isQuick ? 1 : 3;
const ratios: { thousandFirst: number; thousand: number; pressedFirst: number; pressed: number }[] = [];
/** What the first question to each takes more than the second, in milliseconds. */
async function firstQuestions(of: readonly string[]) {
  const added: number[] = [];
  for (const name of of) {
    const first = await ask(name);
    added.push(first - (await ask(name)));
  }
  return { p50: percentile(added, 0.5), p99: percentile(added, 0.99), asked: added.length };
}
let fromDisk: Awaited<ReturnType<typeof firstQuestions>> | undefined;
const sizeMb = await (async () => {
  const { forTenant } = await import("../../db/tenant");
  const { sql } = await import("drizzle-orm");
  const [row] = await forTenant(tenant.tenantId, (tx) =>
    tx.query<{ bytes: string }>(sql`select size_bytes::text as bytes from models where id = ${model.id}`),
  );
  return Number(row?.bytes ?? 0) / 1_000_000;
})();
for (let round = 0; round < rounds; round++) {
  await stack.startServe();
  for (let n = 0; n < 50; n++) await ask(model.name);
  const one = await throughput(() => model.name);
  const ofThousand = zipf(1000, round + 1);
  const thousandFirst = await throughput(() => names[ofThousand()] ?? model.name);
  const thousand = await throughput(() => names[ofThousand()] ?? model.name);
  fromDisk ??= await firstQuestions(names.slice(2000, 2000 + COLD));
  await stack.stopServe();
  await stack.startServe({ GRAFT_MODEL_CACHE_MB: String(Math.ceil(sizeMb * 500)) });
  for (let n = 0; n < 50; n++) await ask(model.name);
  const again = await throughput(() => model.name);
  const ofAll = zipf(5000, round + 1);
  const pressedFirst = await throughput(() => names[ofAll()] ?? model.name);
  const pressed = await throughput(() => names[ofAll()] ?? model.name);
  await stack.stopServe();
  ratios.push({
    thousandFirst: thousandFirst / one,
    thousand: thousand / one,
    pressedFirst: pressedFirst / again,
    pressed: pressed / again,
  });
  console.log({ one, thousandFirst, thousand, again, pressedFirst, pressed });
}
const bucket = (await ensurePythonWith("s3")) && (await startS3());
let fromBucket: typeof fromDisk;
if (bucket) {
  await stack.startServe(await stack.moveIntoBucket(bucket.url, tenant.tenantId, names.slice(0, COLD + 1)));
  await ask(names[COLD] ?? "");
  fromBucket = await firstQuestions(names.slice(0, COLD));
  await stack.stopServe();
  await bucket.stop();
} else console.warn("NOT RUN: models in a bucket; Python with venv and pip brings a server for one");
await stack.close();
const ms = (of: typeof fromDisk) =>
  of ? `+${of.p50.toFixed(1)} ms p50, +${of.p99.toFixed(1)} ms p99` : "not run";
const ratio = (of: keyof (typeof ratios)[number]) => `${median(ratios.map((one) => one[of])).toFixed(2)}x`;
report(
  "serving many",
  {
    claim:
      "S2, S3: answers a second over 1,000 adapters with Zipf traffic beside one adapter, over 5,000 of which 500 fit into memory, and what a first question to an adapter on the local disk costs more than the second, and to one in a bucket",
    measured: `1,000: ${ratio("thousand")} (${ratio("thousandFirst")} in the first ${SECONDS} s), 5,000 with 500 resident: ${ratio("pressed")} (${ratio("pressedFirst")}); first question: ${ms(fromDisk)}; from a bucket ${ms(fromBucket)}`,
    target: ">= 0.90x, >= 0.75x; <= 5 ms p50, <= 25 ms p99 from the disk",
  },
  { ratios, fromDisk, fromBucket, adapterMb: sizeMb },
);
