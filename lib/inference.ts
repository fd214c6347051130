import { createHash } from "node:crypto";
import { BATCH_HEADER } from "./ask-model";
import { type Answering, answeringModel } from "./deployments";
import { AppError, fail, isErrorCode } from "./errors";
import { idempotencyKeyOf } from "./idempotency";
import { TASKS } from "./ml/catalogue";
import { tableRowProblem } from "./ml/data/table-row";
import {
  type Ask,
  type ForwardRequest,
  type ForwardResult,
  type Predictor,
  type Reads,
  type TableRow,
  type Task,
  TrainingError,
} from "./ml/task";
import type { Model } from "./models";
import { MAX_CHARACTERS, MAX_INPUTS, pickInput, rowProblem } from "./prediction-wire";
import { chargeTokens } from "./request-limits";
import type { Serving } from "./serving";
import type { Actor } from "./session";
import { inputNames } from "./tasks";
import { billingOf } from "./usage";

/** The core of every inference route: rows to outputs through one model, and the meter. Serve alone runs it. */
/** Inputs between two looks at the event loop. */
const CHUNK = 32;
/** Held for one call at a time: a vector of each token of long texts would fill the memory (1.5 kB each). */
const MAX_VECTORS = 65_536;
const DEADLINE_MS = 60_000;
const NO_TABLE_ROW = "not an object with a text, a number or null by column";

/** Lets the event loop answer others between two pieces of work. */
export const breathe = () => new Promise((done) => setImmediate(done));

/** The caller's model, or a deployment's, read fresh. The platform's own probe may ask before a model is ready. */
export function modelFor(actor: Actor, name: string): Promise<Answering> {
  return answeringModel(actor.tenantId, name, actor.isInternal ? ["ready", "probing"] : ["ready"]);
}

/** Where a deployment has its version's adapter count otherwise than was chosen, answers say so beside the version's name. */
export const ownStrength = ({ strength }: Answering): { graft?: { strength: number } } =>
  strength === undefined ? {} : { graft: { strength } };

/** `input` as a list of what the model's task reads; objects are rows by column, named as in training. */
export function inputsOf(model: Model, input: unknown): unknown[] {
  const rows = Array.isArray(input) ? input : [input];
  if (rows.length === 0 || rows.length > MAX_INPUTS) throw new AppError("input_shape", { param: "input" });
  const task = (TASKS as Record<string, Task>)[model.task];
  const names = task ? inputNames(task) : [];
  const { columns } = model.report;
  return rows.map((row, index) => {
    const parsed = task?.input.safeParse(columns ? row : pickInput(row, names));
    if (!parsed?.success)
      fail(
        "input_shape",
        columns ? `\`input[${index}]\` is ${NO_TABLE_ROW}.` : rowProblem(index, names),
        "input",
      );
    const problem = columns && tableRowProblem(columns, parsed.data as TableRow);
    if (problem) fail("input_shape", `\`input[${index}]\`: ${problem}.`, "input");
    return parsed.data;
  });
}

/** Ends with the caller's patience: its connection, the timeout that its client announced, or ours. */
export function deadlineOf(request: Request): AbortSignal {
  const announced = Number(request.headers.get("x-stainless-timeout")) * 1000;
  const ms = announced > 0 ? Math.min(announced, DEADLINE_MS) : DEADLINE_MS;
  const deadline = AbortSignal.any([request.signal, AbortSignal.timeout(ms)]);
  endsAt.set(deadline, performance.now() + ms);
  return deadline;
}
/** A signal does not say when it will end. */
const endsAt = new WeakMap<AbortSignal, number>();

/** What the engine, the deadline or the caller's going away means on the wire. */
export function translate(error: unknown, signal: AbortSignal): never {
  if (error instanceof TrainingError && isErrorCode(error.code)) fail(error.code, error.message, error.param);
  if (signal.aborted) throw new AppError("overloaded", { retryAfterMs: 2000 });
  throw error;
}

export interface Answered {
  outputs: unknown[];
  truncated: boolean[];
  tokens: number;
}

/** What is asked for more than once, being the same object, is read once. */
async function embed(
  serving: Serving,
  tenantId: string,
  asked: readonly ForwardRequest[],
  signal: AbortSignal,
): Promise<ForwardResult[]> {
  const read = new Map<ForwardRequest, ForwardResult | undefined>();
  const weightsOf = ({ base, whole }: ForwardRequest) => `${base}/${whole?.key ?? ""}`;
  for (const weights of new Set(asked.map(weightsOf))) {
    const rows = [...new Set(asked.filter((request) => weightsOf(request) === weights))];
    const vectors = await embedBy(serving, tenantId, rows, signal);
    for (const [n, request] of rows.entries()) read.set(request, vectors[n]);
  }
  return asked.map((request) => read.get(request) as ForwardResult);
}

/** Rows of the same weights: those that all models of a base share, or a model's own. */
async function embedBy(
  serving: Serving,
  tenantId: string,
  rows: readonly ForwardRequest[],
  signal: AbortSignal,
): Promise<ForwardResult[]> {
  const [first] = rows;
  if (!first) return [];
  const { whole } = first;
  const end = endsAt.get(signal);
  if (whole) return serving.wholes.run({ ...first, whole }, tenantId, rows, signal, end);
  return (await serving.bases.get(first.base)).batcher.run(tenantId, rows, signal, end);
}

/**
 * Refuses before the other texts are split into tokens: under overload most calls are refused, and that must cost next to
 * nothing. The first row tells which base they are for, if any; who waits for a model's own weights is in nobody's way.
 */
function assertRoom(
  serving: Serving,
  tenantId: string,
  [first]: readonly ForwardRequest[],
  rows: number,
  signal: AbortSignal,
): void {
  if (first && !first.whole) serving.bases.assertRoom(first.base, tenantId, rows, endsAt.get(signal));
}

/** The flat list again as one list an input. */
function groupBy(counts: readonly number[], vectors: readonly ForwardResult[]): ForwardResult[][] {
  let used = 0;
  return counts.map((count) => {
    used += count;
    return vectors.slice(used - count, used);
  });
}

/** The texts of an input: itself, or the fields of an object. */
const textsOf = (input: unknown): string[] =>
  (typeof input === "object" && input !== null ? Object.values(input) : [input]).filter(
    (value) => typeof value === "string",
  );

function cut(input: unknown): unknown {
  if (typeof input === "string") return input.slice(0, MAX_CHARACTERS);
  if (typeof input !== "object" || input === null) return input;
  return Object.fromEntries(Object.entries(input).map(([name, value]) => [name, cut(value)]));
}

/** Inputs as the base read them, before a task makes answers of them. */
export interface Read {
  inputs: unknown[];
  /** One list an input. */
  vectors: ForwardResult[][];
  tokens: number;
  truncated: boolean[];
}

/** The first half of an answer: every input through the base, as many at a time as the vectors that may be held. */
async function* readGroups(
  serving: Serving,
  predictor: Predictor,
  tenantId: string,
  given: readonly unknown[],
  signal: AbortSignal,
): AsyncGenerator<Read> {
  let group: Read = { inputs: [], vectors: [], tokens: 0, truncated: [] };
  let requests: ForwardRequest[][] = [];
  let held = 0;
  for (let at = 0, size = 1; at < given.length; at += size, size = CHUNK) {
    const chunk = given.slice(at, at + size);
    const isLong = chunk.map((input) => textsOf(input).some((text) => text.length > MAX_CHARACTERS));
    const inputs = chunk.map((input, n) => (isLong[n] ? cut(input) : input));
    const half = predictor.before(inputs);
    group.inputs.push(...inputs);
    group.truncated.push(...half.truncated.map((isCut, n) => isCut || isLong[n] === true));
    group.tokens += half.tokens;
    requests.push(...half.requests);
    if (at === 0) assertRoom(serving, tenantId, half.requests.flat(), given.length, signal);
    for (const { ids, isPerToken } of half.requests.flat()) held += isPerToken ? ids.length : 1;
    await breathe();
    signal.throwIfAborted();
    if (held < MAX_VECTORS && at + size < given.length) continue;
    const counts = requests.map((own) => own.length);
    group.vectors = groupBy(counts, await embed(serving, tenantId, requests.flat(), signal));
    yield group;
    group = { inputs: [], vectors: [], tokens: 0, truncated: [] };
    requests = [];
    held = 0;
  }
}

/** All inputs of one call together: for a few texts. */
export async function readInputs(...asked: Parameters<typeof readGroups>): Promise<Read> {
  const all: Read = { inputs: [], vectors: [], tokens: 0, truncated: [] };
  for await (const { inputs, vectors, tokens, truncated } of readGroups(...asked)) {
    all.inputs.push(...inputs);
    all.vectors.push(...vectors);
    all.truncated.push(...truncated);
    all.tokens += tokens;
  }
  return all;
}

async function predict(
  serving: Serving,
  predictor: Predictor,
  tenantId: string,
  given: readonly unknown[],
  ask: Ask,
  signal: AbortSignal,
): Promise<Answered> {
  const answered: Answered = { outputs: [], truncated: [], tokens: 0 };
  for await (const group of readGroups(serving, predictor, tenantId, given, signal)) {
    for (let at = 0; at < group.inputs.length; at += CHUNK) {
      const vectors = group.vectors.slice(at, at + CHUNK);
      answered.outputs.push(...predictor.after(group.inputs.slice(at, at + CHUNK), vectors, ask));
      await breathe();
      signal.throwIfAborted();
    }
    answered.truncated.push(...group.truncated);
    answered.tokens += group.tokens;
  }
  return answered;
}

/**
 * Outputs of the model's task in the order of `inputs`.
 * @param turn whose turn it is at the base: the tenant's, unless others than its callers ask.
 */
export async function answerRows(
  serving: Serving,
  model: Answering,
  inputs: readonly unknown[],
  ask: Ask,
  signal: AbortSignal,
  turn = model.tenantId,
): Promise<Answered> {
  try {
    const predictor = await serving.cache.get(model);
    return await predict(serving, predictor, turn, inputs, ask, signal);
  } catch (error) {
    return translate(error, signal);
  }
}

/** OpenAI's own limit for one request. */
const MAX_EMBEDDING_TOKENS = 300_000;

/** How the texts of a request for vectors are read: by a base itself, or as one of the tenant's models reads them. */
async function readerOf(serving: Serving, by: Answering | string): Promise<Reads> {
  if (typeof by === "string") {
    const { tokenize } = await serving.bases.get(by);
    return (text) => ({ base: by, ids: tokenize(text).ids });
  }
  const { reads } = await serving.cache.get(by);
  if (!reads)
    fail("base_unavailable", `The model \`${by.name}\` reads without a base, so it has no vectors.`, "model");
  return reads;
}

/** All batches together have one turn at the base beside everybody who waits for an answer. */
export const turnOf = (actor: Actor, request: Request): string =>
  isBatchPart(actor, request) ? "batches" : actor.tenantId;

/** Unit-length vectors of texts, with the tokens read. */
export async function embedTexts(
  serving: Serving,
  tenantId: string,
  by: Answering | string,
  texts: readonly string[],
  signal: AbortSignal,
  turn = tenantId,
): Promise<{ vectors: ForwardResult[]; tokens: number }> {
  try {
    const read = await readerOf(serving, by);
    const asked: ForwardRequest[] = [];
    for (const [n, text] of texts.entries()) {
      asked.push(read(text.slice(0, MAX_CHARACTERS)));
      if (n === 0) assertRoom(serving, turn, asked, texts.length, signal);
      if (n % CHUNK === CHUNK - 1) await breathe();
      signal.throwIfAborted();
    }
    const tokens = asked.reduce((sum, { ids }) => sum + ids.length, 0);
    if (tokens > MAX_EMBEDDING_TOKENS)
      fail("input_too_long", `\`input\`: at most ${MAX_EMBEDDING_TOKENS} tokens a request.`, "input");
    return { vectors: await embed(serving, turn, asked, signal), tokens };
  } catch (error) {
    return translate(error, signal);
  }
}

/** A part of a batch, which the platform itself asks. */
export const isBatchPart = (actor: Actor, request: Request): boolean =>
  actor.isInternal && request.headers.has(BATCH_HEADER);

/** Refuses rows that pass a limit of the tenant, the key or the model; release them when they are metered. What is free needs no room. */
export function holdRows(
  serving: Serving,
  actor: Actor,
  model: string,
  rows: number,
): Promise<() => void> | (() => void) {
  if (!billingOf(actor).isBillable) return () => {};
  if (actor.settings.callsRefused) fail("payment_overdue");
  return serving.budgets.take(actor.tenantId, { keyId: actor.keyId, model }, rows);
}

/** Runs what answers and meters rows within the limits that they fall under. */
export async function withinBudget<R>(
  serving: Serving,
  actor: Actor,
  model: string,
  rows: number,
  work: () => Promise<R>,
): Promise<R> {
  const release = await holdRows(serving, actor, model, rows);
  try {
    return await work();
  } finally {
    release();
  }
}

/**
 * Notes one answered request; throws when that cannot be kept, so no answer leaves unmetered. A retry with
 * the same idempotency key and the same question is the same event; another question under it is not.
 * @returns the event's id.
 */
export function meter(
  serving: Serving,
  of: {
    actor: Actor;
    request: Request;
    requestId: string;
    route: string;
    model: string;
    rows: number;
    tokens: number;
    question: unknown;
  },
): string {
  const { actor, request, requestId, route, model, rows, tokens } = of;
  const key = idempotencyKeyOf(request);
  const hash = createHash("sha256");
  if (key) hash.update(JSON.stringify([actor.tenantId, route, key, model, of.question]));
  // A batch is billed by who works on it, with how far it is.
  if (isBatchPart(actor, request)) return requestId;
  const id = key ? `use_${hash.digest("hex").slice(0, 32)}` : requestId;
  serving.spool.append({
    ...{ tenantId: actor.tenantId, id },
    meter: "inference.row",
    quantity: rows,
    ...billingOf(actor),
    model,
    keyId: actor.keyId,
    userId: actor.userId,
    route,
    tokens,
    occurredAt: new Date().toISOString(),
  });
  if (!actor.isInternal) chargeTokens(actor, tokens);
  return id;
}
