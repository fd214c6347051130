import { setTimeout as pause } from "node:timers/promises";
import autocannon from "autocannon";
import { hasBase, median, report, skip } from "../peer";
import { openServingStack, percentile } from "../serving-stack";

/**
 * S6 and S7: what a customer's single rows take while another sends twenty times its share, beside what they take alone; and
 * what is answered a second at five times of what can be, beside the most that was ever answered. Both on serve's port, by
 * rows of a tuned model's base. Run: `npm run bench -- serving busy`.
 */
const isQuick = process.env.GRAFT_BENCH_QUICK === "1";
const SECONDS = isQuick ? 5 : 15;
const ROUNDS = isQuick ? 1 : 3;
const TEXT = "where is my parcel, it should have been here a week ago";

if (!hasBase) skip("busy", "the base is not installed; npm start fetches it");
const stack = await openServingStack("serving-busy");
const [quiet, loud] = [await stack.newTenant("quiet"), await stack.newTenant("loud")];
await stack.startServe();

interface Asked {
  ms: number;
  status: number;
  hasWait: boolean;
}
const headersOf = (key: string) => ({ authorization: `Bearer ${key}`, "content-type": "application/json" });
const bodyOf = (rows: number) => JSON.stringify({ model: "minilm-l6", input: Array(rows).fill(TEXT) });
async function ask(key: string, rows: number, timeoutS?: number): Promise<Asked> {
  const started = performance.now();
  const response = await fetch(`${stack.url}/v1/embeddings`, {
    method: "POST",
    headers: { ...headersOf(key), ...(timeoutS ? { "x-stainless-timeout": String(timeoutS) } : {}) },
    body: bodyOf(rows),
  });
  await response.arrayBuffer();
  const hasWait = response.headers.has("retry-after") && response.headers.has("retry-after-ms");
  return { ms: performance.now() - started, status: response.status, hasWait };
}
/** So many connections until the end, each as fast as it is answered. */
async function load(key: string, rows: number, connections: number, seconds: number) {
  const end = performance.now() + seconds * 1000;
  const all: Asked[] = [];
  const connection = async () => {
    while (performance.now() < end) {
      const asked = await ask(key, rows);
      // What comes after the end would count for seconds that it is not divided by.
      if (performance.now() <= end) all.push(asked);
    }
  };
  await Promise.all(Array.from({ length: connections }, connection));
  return all;
}
/** So many calls a second whether they are answered or not, by callers who wait for so long. */
async function flood(key: string, rows: number, perSecond: number, seconds: number, timeoutS: number) {
  const [begin, end] = [performance.now(), performance.now() + seconds * 1000];
  const all: Asked[] = [];
  const pending: Promise<void>[] = [];
  for (let at = begin; at < end; at += 1000 / perSecond) {
    const early = at - performance.now();
    if (early > 1) await pause(early);
    pending.push(
      ask(key, rows, timeoutS).then((asked) => {
        if (performance.now() <= end) all.push(asked);
      }),
    );
  }
  await Promise.all(pending);
  return all;
}
const p95 = (all: readonly Asked[]) =>
  percentile(
    all.filter(({ status }) => status === 200).map(({ ms }) => ms),
    0.95,
  );
const goodput = (all: readonly Asked[], rows: number) =>
  (all.filter(({ status }) => status === 200).length * rows) / SECONDS;

await load(quiet.apiKey, 1, 2, 2);
const fair: { solo: number; beside: number }[] = [];
const overload: { peak: number; at5: number; refused: number; told: number }[] = [];
for (let round = 0; round < ROUNDS; round++) {
  const solo = p95(await load(quiet.apiKey, 1, 1, SECONDS));
  const [beside] = await Promise.all([
    load(quiet.apiKey, 1, 1, SECONDS),
    // Twenty rows in flight for each of the quiet one's, from a thread of their own: serve is measured, not this client.
    autocannon({
      ...{
        url: `${stack.url}/v1/embeddings`,
        method: "POST",
        connections: 20,
        duration: SECONDS,
        workers: 1,
      },
      headers: headersOf(loud.apiKey),
      body: bodyOf(1),
    }),
  ]);
  fair.push({ solo, beside: p95(beside ?? []) });
  // As many calls of 64 rows as keep it busy, then five times as many a second, whose callers wait for at most two seconds.
  const peak = goodput(await load(loud.apiKey, 64, 8, SECONDS), 64);
  const many = await flood(loud.apiKey, 64, (5 * peak) / 64, SECONDS, 2);
  const refused = many.filter(({ status }) => status === 429);
  overload.push({
    peak,
    at5: goodput(many, 64),
    refused: refused.length / many.length,
    told: refused.length === 0 ? 1 : refused.filter(({ hasWait }) => hasWait).length / refused.length,
  });
  console.log(fair.at(-1), overload.at(-1));
}
await stack.close();
const ratio = median(fair.map(({ solo, beside }) => beside / solo));
const kept = median(overload.map(({ peak, at5 }) => at5 / peak));
const told = Math.min(...overload.map((one) => one.told));
report(
  "serving busy",
  {
    claim:
      "S6, S7: p95 of a customer's single rows while another sends twenty times its share, beside p95 alone; rows answered a second at five times the load that keeps serve busy, beside the most",
    measured: `p95 ${ratio.toFixed(2)}x of alone; goodput ${kept.toFixed(2)}x of peak, ${(median(overload.map(({ refused }) => refused)) * 100).toFixed(0)} % refused, ${(told * 100).toFixed(0)} % of them with the time to wait`,
    target: "<= 2x; >= 0.9x, every refusal with retry-after",
  },
  { fair, overload },
);
