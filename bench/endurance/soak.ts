import { readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { drift, hasBase, report, skip } from "../peer";
import { openServingStack, percentile, zipf } from "../serving-stack";

/**
 * Serve for half an hour at 70 % of what it can answer: single rows and many, vectors, chats and labels, of three customers
 * and 300 adapters. Its memory, its errors, its latency at the beginning and at the end, and whether every answered row was
 * recorded once. Run: `npm run bench -- endurance soak`, `--quick` for two minutes.
 */
const MINUTES = process.env.GRAFT_BENCH_QUICK === "1" ? 2 : 30;
const SHARE = 0.7;
const [CONNECTIONS, CAPACITY_SECONDS, WARM_UP_SECONDS, SAMPLE_MS] = [16, 15, 20, 2000];
const TEXT = "where is my parcel, it should have been here a week ago";

if (!hasBase) skip("soak", "the base is not installed; npm start fetches it");
await import("@tensorflow/tfjs-node").catch(() => skip("soak", "native TensorFlow.js is not built"));
const stack = await openServingStack("endurance-soak");
const [words, vectors, tuned] = await Promise.all(["words", "vectors", "tuned"].map(stack.newTenant));
if (!words || !vectors || !tuned) throw new Error("a tenant is missing");
const lexical = await stack.deploy(words, "tickets");
const model = await stack.deploy(tuned, "tuned", { base: stack.base, recipe: "lora" });
const adapters = await stack.copies({ ...model, tenantId: tuned.tenantId }, 300);
const next = zipf(adapters.length);
const pid = await stack.startServe({ GRAFT_MODEL_CACHE_MB: "100" });

interface Ask {
  tenant: typeof words;
  path: string;
  body: object;
  rows: number;
}
/** The mix, by how often of ten. */
const asks: (() => Ask)[] = [
  ...Array.from({ length: 5 }, () => () => ({
    ...{ tenant: tuned, path: "/v1/predictions", rows: 1 },
    body: { model: adapters[next()], input: TEXT },
  })),
  ...Array.from({ length: 2 }, () => () => ({
    ...{ tenant: words, path: "/v1/predictions", rows: 32 },
    body: { model: lexical.name, input: Array(32).fill(TEXT) },
  })),
  () => ({
    ...{ tenant: vectors, path: "/v1/embeddings", rows: 8 },
    body: { model: "minilm-l6", input: Array(8).fill(TEXT), encoding_format: "base64" },
  }),
  () => ({
    ...{ tenant: tuned, path: "/v1/chat/completions", rows: 1 },
    body: { model: model.name, messages: [{ role: "user", content: TEXT }] },
  }),
  () => ({
    ...{ tenant: words, path: "/v1/classify", rows: 2 },
    body: { model: lexical.name, inputs: [TEXT, "refund my order"] },
  }),
];
const answered = new Map<string, number>();
const errors: string[] = [];
let count = 0;
async function ask(): Promise<number> {
  const make = asks[count++ % asks.length];
  if (!make) throw new Error("nothing to ask");
  const { tenant, path, body, rows } = make();
  const started = performance.now();
  try {
    const response = await fetch(stack.url + path, {
      method: "POST",
      headers: { authorization: `Bearer ${tenant.apiKey}`, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    if (response.ok) answered.set(tenant.tenantId, (answered.get(tenant.tenantId) ?? 0) + rows);
    else errors.push(`${response.status} ${text.slice(0, 200)}`);
  } catch (error) {
    errors.push(String(error));
  }
  return performance.now() - started;
}
const residentMb = () =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1000;

/** As fast as answers come. */
async function capacity(seconds: number): Promise<number> {
  const end = performance.now() + seconds * 1000;
  let calls = 0;
  const connection = async () => {
    for (; performance.now() < end; calls++) await ask();
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, connection));
  return calls / seconds;
}
await capacity(WARM_UP_SECONDS);
const most = await capacity(CAPACITY_SECONDS);

/** At a rate, whether answers come or not. */
const times: { at: number; ms: number }[] = [];
const memory: number[] = [];
const [begin, end] = [performance.now(), performance.now() + MINUTES * 60_000];
const sampling = setInterval(() => memory.push(residentMb()), SAMPLE_MS);
const pending = new Set<Promise<void>>();
const everyMs = 1000 / (most * SHARE);
for (let at = begin; at < end; at += everyMs) {
  const early = at - performance.now();
  if (early > 1) await pause(early);
  const one: Promise<void> = ask().then((ms) => {
    times.push({ at, ms });
    pending.delete(one);
  });
  pending.add(one);
}
await Promise.all(pending);
clearInterval(sampling);
await stack.stopServe();

const { usageByDay } = await import("../../lib/usage");
const unrecorded: number[] = [];
for (const [tenantId, rows] of answered) {
  const recorded = (await usageByDay(tenantId, 2)).reduce((sum, line) => sum + line.rows, 0);
  unrecorded.push(rows - recorded);
}
await stack.close();
const p95Of = (from: number, until: number) =>
  percentile(
    times.filter(({ at }) => at >= from && at < until).map(({ ms }) => ms),
    0.95,
  );
const minute = 60_000;
const [first, last] = [p95Of(begin, begin + minute), p95Of(end - minute, end)];
const grown = drift(memory);
const isExact = unrecorded.every((rows) => rows === 0);
report(
  "endurance soak",
  {
    claim: `serve for ${MINUTES} minutes at ${SHARE * 100} % of what it answers, by five routes, three customers and ${adapters.length} adapters of which some fit into memory`,
    measured: `${times.length.toLocaleString("en")} calls, ${errors.length} errors; memory drift ${(grown * 100).toFixed(1)} % over the last two thirds; p95 of the last minute ${(last / first).toFixed(2)}x of the first; ${isExact ? "every answered row recorded once" : `rows not recorded: ${unrecorded.join(", ")}`}`,
    target: "no error, drift <= 3 %, every row recorded once",
  },
  {
    callsPerSecond: { most: Math.round(most), asked: Math.round(most * SHARE) },
    p95: { first, last },
    megabytes: memory.filter((_, n) => n % Math.ceil(memory.length / 60) === 0).map(Math.round),
    drift: grown,
    errors: errors.slice(0, 10),
    isMet: errors.length === 0 && grown <= 0.03 && isExact,
  },
);
