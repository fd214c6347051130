import { createWriteStream } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { BatchError } from "@/db/schema/serving";
import { claimBatch } from "@/db/system";
import { forTenant, type TenantTx } from "@/db/tenant";
import { type AskedRoute, askRoute } from "@/lib/ask-model";
import { type Batch, getBatch, keptErrors, letGo, moveBatch, whileMine } from "@/lib/batches";
import { type BudgetRoom, openBudgetRoom } from "@/lib/budget-room";
import { AppError, isErrorCode } from "@/lib/errors";
import { adoptFile, getFile, OUTPUT } from "@/lib/files";
import { incomingDir } from "@/lib/home";
import { createId } from "@/lib/id";
import { createProbeKey } from "@/lib/keys";
import { log } from "@/lib/log";
import { TrainingError } from "@/lib/ml/task";
import { getModel } from "@/lib/models";
import { MAX_INPUTS } from "@/lib/prediction-wire";
import { receiveLocal } from "@/lib/receive";
import { batchKey, fileKey, localCopy, readBlob, removeBlobs, storeFile } from "@/lib/storage";
import { addUsage, type UsageEvent } from "@/lib/usage";
import { type BatchRequest, requestsOf } from "./batch-requests";

/**
 * Answers a batch, part after part: a part's answers into storage, then in one transaction how far it is and what it costs. A
 * worker that dies in between leaves a part that the next one writes anew; nothing is answered twice in the output, and
 * nothing is billed twice, because a part's event is named after it. Serve is asked like by everybody, in one turn for all
 * batches together, and a worker that is told to wait waits.
 */
const PART = 512;
const HOLD_SECONDS = 120;
const AT_ONCE = 8;
/** A limit that is changed counts within it. */
const FRESH_MS = 5000;
const MOST_REQUESTS = 5_000_000;
const KEY_MS = 8 * 60_000;

/** Works on one batch for a while; false when none was waiting. */
export async function runDueBatch(signal: AbortSignal): Promise<boolean> {
  const holder = createId("worker");
  const claimed = await claimBatch(holder, HOLD_SECONDS);
  if (!claimed) return false;
  const { tenant_id: tenantId, id } = claimed;
  const mine = { id, holder };
  await mkdir(incomingDir(), { recursive: true });
  const dir = await mkdtemp(join(incomingDir(), "batch-"));
  try {
    await work(tenantId, mine, dir, signal);
  } catch (error) {
    if (error instanceof TrainingError && isErrorCode(error.code))
      await fail(tenantId, mine, [
        { code: error.code, message: error.message, param: error.param, line: null },
      ]);
    else if (error instanceof AppError && error.code === "not_found")
      await fail(tenantId, mine, [
        { code: "not_found", message: "The input file was deleted.", param: "input_file_id", line: null },
      ]);
    else {
      if (!(error instanceof Released))
        log().warn({ tenantId, batch: id, error: (error as Error).message }, "the batch goes on shortly");
      await forTenant(tenantId, (tx) => letGo(tx, mine));
    }
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
  return true;
}

interface Mine {
  id: string;
  holder: string;
}

/** Somebody else has it, or the worker stops: nothing more is written. */
class Released extends Error {}

async function work(tenantId: string, mine: Mine, dir: string, signal: AbortSignal): Promise<void> {
  let batch = await getBatch(tenantId, mine.id);
  const file = await getFile(tenantId, batch.inputFileId);
  const path = await localCopy(fileKey(tenantId, file.id), join(dir, "input"));
  const requests = () => requestsOf(batch, path, file.filename);
  if (batch.state === "validating") {
    const { total, errors } = await validate(tenantId, mine, requests());
    if (errors.length > 0) return fail(tenantId, mine, errors, total);
    const begun = await forTenant(tenantId, (tx) => moveBatch(tx, mine, "in_progress", { total }));
    if (!begun) throw new Released();
    batch = begun;
  }
  if (batch.state === "in_progress") {
    const answerer = await openAnswerer(batch);
    let part: BatchRequest[] = [];
    let at = 0;
    const finish = async () => {
      if (part.length === 0) return;
      batch = await answerPart(batch, mine, answerer, part, dir);
      part = [];
    };
    for await (const request of requests()) {
      if (at++ < batch.done) continue;
      part.push(request);
      if (part.length < PART) continue;
      await finish();
      if (batch.state !== "in_progress" || batch.expiresAt <= new Date()) break;
      if (signal.aborted) throw new Released();
    }
    if (batch.state === "in_progress" && batch.expiresAt > new Date()) await finish();
  }
  await handOut(batch, mine, dir);
}

async function validate(tenantId: string, mine: Mine, requests: AsyncGenerator<BatchRequest>) {
  const errors: BatchError[] = [];
  let total = 0;
  for await (const { line, problem } of requests) {
    total++;
    if (problem) errors.push({ ...problem, line });
    if (total > MOST_REQUESTS)
      return {
        total,
        errors: [
          {
            code: "file_too_large",
            message: `At most ${MOST_REQUESTS} requests a batch.`,
            param: null,
            line: null,
          },
        ],
      };
    if (errors.length >= 1000) break;
    if (total % 100_000 === 0) await forTenant(tenantId, (tx) => whileMine(tx, mine, {}, HOLD_SECONDS));
  }
  if (total === 0)
    errors.push({
      code: "file_empty",
      message: "The file has no requests.",
      param: "input_file_id",
      line: null,
    });
  return { total, errors };
}

const fail = (tenantId: string, mine: Mine, errors: readonly BatchError[], total = 0): Promise<void> =>
  forTenant(tenantId, async (tx) => {
    await moveBatch(tx, mine, "failed", { errors: keptErrors(errors), total });
  });

/** What a request came to: as serve answered it. */
type Outcome = AskedRoute & { rows: number; tokens: number; model: string | null };

interface Answerer {
  budgets: BudgetRoom;
  /** A cell of a table as the model's columns want it. */
  read(body: Record<string, unknown>): Record<string, unknown>;
  ask(body: unknown): Promise<AskedRoute>;
}

async function openAnswerer({ tenantId, endpoint, table }: Batch): Promise<Answerer> {
  const columns = table ? (await getModel(tenantId, table.model)).report.columns : undefined;
  let key = "";
  let keyUntil = 0;
  const keyOf = async () => {
    if (Date.now() > keyUntil) {
      key = await createProbeKey(tenantId);
      keyUntil = Date.now() + KEY_MS;
    }
    return key;
  };
  return {
    budgets: openBudgetRoom(async () => true, FRESH_MS, "batch.row"),
    read(body) {
      const { input } = body;
      if (!columns || typeof input !== "object" || input === null) return body;
      const cells = Object.entries(input as Record<string, string>).map(([name, text]) => {
        const isNumber = columns.find((column) => column.name === name)?.kind === "number";
        if (text === "") return [name, null];
        return [name, isNumber ? (Number.isFinite(Number(text)) ? Number(text) : null) : text];
      });
      return { ...body, input: Object.fromEntries(cells) };
    },
    ask: async (body) => askRoute(await keyOf(), endpoint, body, { isBatch: true }),
  };
}

/** Several questions of one input each that differ in nothing else are asked as one. */
function groups(requests: readonly BatchRequest[], endpoint: string): BatchRequest[][] {
  const found: BatchRequest[][] = [];
  let last = "";
  for (const request of requests) {
    const { input, ...rest } = request.body ?? {};
    const isSingle = endpoint !== "/v1/chat/completions" && input !== undefined && !Array.isArray(input);
    const alike = isSingle ? JSON.stringify(rest) : "";
    const open = found.at(-1);
    if (open && alike !== "" && alike === last && open.length < MAX_INPUTS / 8) open.push(request);
    else found.push([request]);
    last = alike;
  }
  return found;
}

interface Answered {
  data?: unknown[];
  usage?: { inputs?: number; tokens?: number; total_tokens?: number; prompt_tokens?: number };
  model?: string;
}

/** The answers to a group, one for each of its requests. */
async function askGroup(
  batch: Batch,
  answerer: Answerer,
  group: readonly BatchRequest[],
  holds: (() => void)[],
): Promise<Outcome[]> {
  const bodies = group.map(({ body }) => answerer.read(body ?? {}));
  const [first = {}] = bodies;
  const rowsOf = (body: Record<string, unknown>) => (Array.isArray(body.input) ? body.input.length : 1);
  const rows = bodies.reduce((sum, body) => sum + rowsOf(body), 0);
  const model = String(first.model);
  try {
    holds.push(await answerer.budgets.take(batch.tenantId, { keyId: batch.keyId, model }, rows));
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "spend_limit_reached") throw error;
    const { message, type, code, status } = error;
    const refused = { status, body: { error: { message, type, param: null, code } } };
    return group.map(() => ({ ...refused, rows: 0, tokens: 0, model: null }));
  }
  if (group.length === 1) return [outcomeOf(await answerer.ask(first), rows)];
  const asked = await answerer.ask({ ...first, input: bodies.map(({ input }) => input) });
  if (asked.status === 200) return split(asked, group.length);
  // One of them is wrong: each is told its own.
  const each: Outcome[] = [];
  for (const body of bodies) each.push(outcomeOf(await answerer.ask(body), 1));
  return each;
}

function outcomeOf(asked: AskedRoute, rows: number): Outcome {
  if (asked.status !== 200) return { ...asked, rows: 0, tokens: 0, model: null };
  const { usage, model = null } = asked.body as Answered;
  return { ...asked, rows, tokens: usage?.tokens ?? usage?.prompt_tokens ?? 0, model };
}

/** One answer with many rows as many answers with one; what was read is shared out, the rest to the first. */
function split({ status, body }: AskedRoute, count: number): Outcome[] {
  const { data = [], usage, model = null, ...rest } = body as Answered & Record<string, unknown>;
  const tokens = usage?.tokens ?? usage?.total_tokens ?? 0;
  const share = Math.floor(tokens / count);
  return Array.from({ length: count }, (_, n) => {
    const own = n === 0 ? tokens - share * (count - 1) : share;
    const item = { ...(data[n] as object), index: 0 };
    const used =
      usage?.inputs === undefined ? { prompt_tokens: own, total_tokens: own } : { inputs: 1, tokens: own };
    return { status, body: { ...rest, model, data: [item], usage: used }, rows: 1, tokens: own, model };
  });
}

async function answerPart(
  batch: Batch,
  mine: Mine,
  answerer: Answerer,
  part: readonly BatchRequest[],
  dir: string,
): Promise<Batch> {
  // Room within the limits is held until what it was for is on the bill.
  const holds: (() => void)[] = [];
  try {
    return await answerAndBill(batch, mine, answerer, part, dir, holds);
  } finally {
    for (const release of holds) release();
  }
}

async function answerAndBill(
  batch: Batch,
  mine: Mine,
  answerer: Answerer,
  part: readonly BatchRequest[],
  dir: string,
  holds: (() => void)[],
): Promise<Batch> {
  const waiting = groups(part, batch.endpoint);
  const outcomes = new Map<BatchRequest, Outcome>();
  const queue = waiting.values();
  const takeTurns = async () => {
    for (const group of queue) {
      const answers = await askGroup(batch, answerer, group, holds);
      for (const [n, request] of group.entries()) {
        const outcome = answers[n];
        if (outcome) outcomes.set(request, outcome);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, takeTurns));
  const [good, bad]: [string[], string[]] = [[], []];
  for (const request of part) {
    const outcome = outcomes.get(request);
    if (!outcome) throw new Error("a request was not answered");
    (outcome.status === 200 ? good : bad).push(JSON.stringify(lineOf(batch, request, outcome)));
  }
  const name = String(batch.done).padStart(9, "0");
  for (const [kind, lines] of [
    ["output", good],
    ["errors", bad],
  ] as const) {
    if (lines.length === 0) continue;
    const path = join(dir, `${kind}-${name}`);
    await writeFile(path, `${lines.join("\n")}\n`);
    await storeFile(batchKey(batch.tenantId, batch.id, `${kind}/${name}`), path);
  }
  const kept = await forTenant(batch.tenantId, async (tx) => {
    const done = batch.done + part.length;
    const counts = { completed: batch.completed + good.length, failed: batch.failed + bad.length };
    const now = await whileMine(tx, mine, { done, ...counts }, HOLD_SECONDS);
    if (now) await bill(tx, batch, [...outcomes.values()]);
    return now;
  });
  if (!kept) throw new Released();
  return kept;
}

const lineOf = ({ id }: Batch, { customId, line }: BatchRequest, { status, body }: Outcome) => ({
  id: `batch_req_${id.slice("batch_".length)}_${line}`,
  custom_id: customId,
  response: { status_code: status, request_id: `${id}-${line}`, body },
  error: null,
});

/** One event a part and model, named after the part: a part that is written again is billed once. */
async function bill(tx: TenantTx, batch: Batch, outcomes: readonly Outcome[]): Promise<void> {
  const models = [...new Set(outcomes.map(({ model }) => model))].filter((model) => model !== null).sort();
  const events = models.map((model, n): UsageEvent => {
    const own = outcomes.filter((one) => one.model === model);
    return {
      ...{ tenantId: batch.tenantId, id: `use_${batch.id}_${batch.done}_${n}`, meter: "batch.row", model },
      quantity: own.reduce((sum, { rows }) => sum + rows, 0),
      tokens: own.reduce((sum, { tokens }) => sum + tokens, 0),
      ...{ isBillable: true, reason: null, keyId: batch.keyId, userId: batch.userId, route: "/v1/batches" },
      occurredAt: new Date().toISOString(),
    };
  });
  if (events.length > 0) await addUsage(tx, events);
}

/** The parts as one file of answers and one of refusals, then the end that it came to. */
async function handOut(batch: Batch, mine: Mine, dir: string): Promise<void> {
  const end =
    batch.state === "cancelling"
      ? "cancelled"
      : batch.done < batch.total && batch.state === "in_progress"
        ? "expired"
        : "completed";
  const { tenantId } = batch;
  // Named before they are stored: whoever comes after a crash makes the same files.
  const names = {
    outputFileId: batch.outputFileId ?? createId("file"),
    errorFileId: batch.errorFileId ?? createId("file"),
  };
  const state = batch.state === "in_progress" && end === "completed" ? "finalizing" : batch.state;
  const held = await forTenant(tenantId, async (tx) => {
    if (state !== batch.state) await moveBatch(tx, mine, state);
    return whileMine(tx, mine, names, HOLD_SECONDS);
  });
  if (!held) return;
  const parts = Math.ceil(batch.done / PART);
  const made = {
    outputFileId: await joinParts(batch, "output", names.outputFileId, parts, dir),
    errorFileId: await joinParts(batch, "errors", names.errorFileId, parts, dir),
  };
  await forTenant(tenantId, (tx) => moveBatch(tx, mine, end, made));
  await removeBlobs(batchKey(tenantId, batch.id, ""));
}

/** Null when there is nothing of its kind. */
async function joinParts(
  batch: Batch,
  kind: "output" | "errors",
  fileId: string,
  parts: number,
  dir: string,
): Promise<string | null> {
  const { tenantId, id } = batch;
  const count = kind === "output" ? batch.completed : batch.failed;
  if (count === 0) return null;
  const path = join(dir, kind);
  const out = createWriteStream(path);
  for (let part = 0; part < parts; part++) {
    const key = batchKey(tenantId, id, `${kind}/${String(part * PART).padStart(9, "0")}`);
    const bytes = await readBlob(key).catch((error: unknown) => {
      // A part without any of this kind has none.
      if (error instanceof AppError && error.code === "not_found") return null;
      throw error;
    });
    if (bytes) await pipeline(bytes, out, { end: false });
  }
  await new Promise<void>((done, failed) =>
    out.end((error?: Error | null) => (error ? failed(error) : done())),
  );
  const actor = batch.keyId ?? batch.userId ?? "system";
  const filename = `${id}_${kind}.jsonl`;
  const order = { tenantId, actorId: actor, id: fileId, filename, purpose: OUTPUT };
  return (await adoptFile(order, await receiveLocal(path, Number.MAX_SAFE_INTEGER))).id;
}
