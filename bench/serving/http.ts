import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import autocannon from "autocannon";
import { openBase } from "../../lib/ml/base/forward";
import { openTokenizer } from "../../lib/ml/base/tokenizer";
import { freePort } from "../../scripts/start/home.mjs";
import { baseDir, hasBase, median, pythonWith, report, skip } from "../peer";
import { openServingStack } from "../serving-stack";

/**
 * S4 and S5: serve's own port and the public one beside ONNX Runtime called in the process, and beside a FastAPI server over
 * sentence-transformers with the same weights, in turns. Loads are autocannon's; latencies of single rows are of one
 * connection. What key, limits, model and meter take is a row answered by words alone, less a path that serve does not know.
 * Run: `npm run bench -- serving http`.
 */
const isQuick = process.env.GRAFT_BENCH_QUICK === "1";
const SECONDS = isQuick ? 3 : 10;
const ROUNDS = isQuick ? 1 : 3;
const TEXT = "where is my parcel, it should have come a week ago";
const PEER = `
import sys, torch
from fastapi import FastAPI
from pydantic import BaseModel
from sentence_transformers import SentenceTransformer
torch.set_num_threads(int(sys.argv[2]))
model = SentenceTransformer(sys.argv[1], device="cpu")
app = FastAPI()
class Ask(BaseModel):
    input: list[str]
@app.post("/embed")
def embed(ask: Ask):
    return {"data": model.encode(ask.input, batch_size=64, normalize_embeddings=True, show_progress_bar=False).tolist()}
if __name__ == "__main__":
    import uvicorn
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[3]), log_level="error")
`;

if (!hasBase) skip("http", "the base is not installed; npm start fetches it");
const stack = await openServingStack("serving-http");
const tenant = await stack.newTenant("http");
const words = await stack.deploy(tenant, "words");
await stack.startServe();
await stack.startWeb();
const threads = cpus().length;
const base = await openBase(baseDir, { threads, areAwake: true });
const tokenize = await openTokenizer(baseDir, 256);

const folder = join(process.env.TMPDIR ?? "/tmp", "graft-bench-http");
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, "peer.py"), PEER);
const binary = pythonWith("fastapi uvicorn sentence-transformers");
const peerPort = await freePort();
const peer = binary
  ? spawn(binary, [join(folder, "peer.py"), baseDir, String(threads), String(peerPort)], { stdio: "inherit" })
  : null;
if (!peer) console.log("SKIPPED: the FastAPI peer, which pip cannot supply");
const peerUrl = `http://127.0.0.1:${peerPort}/embed`;

const headers = { authorization: `Bearer ${tenant.apiKey}`, "content-type": "application/json" };
const ours = (rows: number) => JSON.stringify({ model: "minilm-l6", input: Array(rows).fill(TEXT) });
const theirs = (rows: number) => JSON.stringify({ input: Array(rows).fill(TEXT) });
async function load(url: string, body: string, connections: number) {
  const { requests, latency, non2xx, errors } = await autocannon({
    ...{ url, method: "POST", headers, body, connections, duration: SECONDS },
  });
  if (non2xx + errors > 0) throw new Error(`${url}: ${non2xx} refused, ${errors} failed`);
  return { perSecond: requests.average, p50: latency.p50, mean: latency.average };
}
/** A single row after the other over one connection; autocannon's milliseconds are whole ones. */
async function single(url: string, body: string, status = 200): Promise<number> {
  const times: number[] = [];
  for (let n = 0; n < (isQuick ? 60 : 200); n++) {
    const started = performance.now();
    const response = await fetch(url, { method: "POST", headers, body });
    await response.arrayBuffer();
    if (response.status !== status) throw new Error(`${url}: ${response.status}`);
    times.push(performance.now() - started);
  }
  return median(times.slice(20));
}
async function rawSingle(): Promise<number> {
  const times: number[] = [];
  for (let n = 0; n < (isQuick ? 60 : 200); n++) {
    const started = performance.now();
    await base.embed([{ ids: tokenize(TEXT).ids }]);
    times.push(performance.now() - started);
  }
  return median(times.slice(20));
}
async function rawRows(rows: number): Promise<number> {
  const ids = Array.from({ length: rows }, () => ({ ids: tokenize(TEXT).ids }));
  const end = performance.now() + SECONDS * 1000;
  let calls = 0;
  for (; performance.now() < end; calls++) await base.embed(ids);
  return calls / SECONDS;
}

const serveUrl = `${stack.url}/v1/embeddings`;
const publicUrl = `${stack.webUrl}/v1/embeddings`;
for (let tries = 0; peer && tries < 240; tries++) {
  if (
    await fetch(peerUrl, { method: "POST", headers, body: theirs(1) }).then(
      (r) => r.ok,
      () => false,
    )
  )
    break;
  await new Promise((done) => setTimeout(done, 500));
}
for (const url of [serveUrl, publicUrl]) await load(url, ours(1), 4);
const rounds: Record<string, number>[] = [];
for (let round = 0; round < ROUNDS; round++) {
  const raw32 = await rawRows(32);
  const own32 = (await load(serveUrl, ours(32), 2)).perSecond;
  const peer32 = peer ? (await load(peerUrl, theirs(32), 2)).perSecond : 0;
  const raw1 = await rawSingle();
  const own1 = await single(serveUrl, ours(1));
  const public1 = await single(publicUrl, ours(1));
  const peer1 = peer ? await single(peerUrl, theirs(1)) : 0;
  const words1 = await single(
    `${stack.url}/v1/predictions`,
    JSON.stringify({ model: words.name, input: TEXT }),
  );
  const nothing1 = await single(`${stack.url}/v1/nothing`, ours(1), 404);
  const own16 = (await load(serveUrl, ours(1), 16)).perSecond;
  const peer16 = peer ? (await load(peerUrl, theirs(1), 16)).perSecond : 0;
  const one = { raw32, own32, peer32, raw1, own1, public1, peer1, words1, nothing1, own16, peer16 };
  console.log(one);
  rounds.push(one);
}
await base.close();
peer?.kill();
await stack.close();
const of = (pick: (round: Record<string, number>) => number) => median(rounds.map(pick));
const ratio = (a: string, b: string) => of((round) => (round[a] ?? 0) / (round[b] ?? 1));
const more = (a: string, b: string) => of((round) => (round[a] ?? 0) - (round[b] ?? 0));
const beside = peer
  ? `FastAPI + sentence-transformers: 32 rows ${ratio("own32", "peer32").toFixed(2)}x, single idle ${ratio("peer1", "own1").toFixed(2)}x, 16 connections ${ratio("own16", "peer16").toFixed(2)}x`
  : "FastAPI + sentence-transformers: not run, pip cannot supply it";
report(
  "serving http",
  {
    claim:
      "S4, S5: vectors over HTTP beside ONNX Runtime in the process (32 rows a request; what an idle single row takes more, and how much of it key, limits and meter take), and beside FastAPI + sentence-transformers with the same weights",
    measured: `32 rows: ${ratio("own32", "raw32").toFixed(2)}x of raw; single: +${more("own1", "raw1").toFixed(1)} ms on serve's port, +${more("public1", "raw1").toFixed(1)} ms on the public port, which is ${more("public1", "own1").toFixed(1)} ms over serve's; key, limits, model and meter ${more("words1", "nothing1").toFixed(1)} ms; ${beside}`,
    target: ">= 0.9x, <= +1.5 ms, <= +4.5 ms, <= 3 ms over serve's; <= 2 ms; >= 1.2x, >= 2.5x, >= 3x",
  },
  { rounds },
);
