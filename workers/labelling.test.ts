import { fork } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { closePools } from "@/db/index";
import { labellingTexts } from "@/db/schema/labelling";
import { forTenant } from "@/db/tenant";
import { ensureBase } from "@/lib/bases";
import { getVersion } from "@/lib/datasets";
import { createFile, deleteFile } from "@/lib/files";
import { runsDir } from "@/lib/home";
import { createLabelling, getLabelling, labellingToWire } from "@/lib/labelling";
import { answerText, nextTexts, undoAnswer } from "@/lib/labelling-answers";
import { createLabelledDataset, labelsCsv, listSuggestions } from "@/lib/labelling-results";
import { closeQueues } from "@/lib/queue";
import { type Actor, actorOf } from "@/lib/session";
import { createTenant } from "@/lib/tenants";
import { dropMessages } from "./broker.fixture";
import { until } from "./serve-fixtures";
import { startWorker } from "./worker";

/** From texts without labels to a dataset, with the real database, broker, worker, child and base. */
const CLASSES = [
  { name: "refund", description: "wants money back" },
  { name: "delivery", description: "asks where a parcel is" },
  { name: "login", description: "" },
];
const WORDS: Record<string, string[]> = {
  refund: ["please refund", "i want my money back for", "reimburse me for", "return the payment of"],
  delivery: ["where is my parcel with", "the courier lost", "when will you ship", "track the package of"],
  login: ["i cannot sign in because of", "the password is refused by", "locked out of", "reset my login for"],
};
const truthOf = (text: string) =>
  Object.entries(WORDS).find(([, starts]) => starts.some((start) => text.startsWith(start)))?.[0] ?? null;
const TEXTS = Object.values(WORDS)
  .flat()
  .flatMap((start) => Array.from({ length: 12 }, (_, n) => `${start} order ${n + 1}`));
/** An empty row, one that stands twice, and one that belongs to no class. */
const csvOf = (rows: readonly string[]) => `message,queue\n${rows.join("\n")}\n`;
const CSV = csvOf([...TEXTS, "", TEXTS[0] ?? "", "hello there"].map((text) => `${text},`));

let actor: Actor;
let other: Actor;
let worker: { close(): Promise<void> };
beforeAll(async () => {
  await ensureBase("minilm-l6");
  const made = await createTenant({ name: "Label A", email: "a@label.test" });
  actor = await actorOf(new Request("http://x/", { headers: { authorization: `Bearer ${made.apiKey}` } }));
  other = { ...actor, keyId: null, userId: "usr_other" };
  worker = await startWorker({ sweepMs: 300, uncheckedMs: 300 });
});
afterAll(async () => {
  await worker?.close();
  await Promise.all([closeQueues(), closePools()]);
});

const upload = (text: string) =>
  createFile({
    tenantId: actor.tenantId,
    actorId: "system",
    filename: "messages.csv",
    purpose: "fine-tune",
    stream: Readable.from([Buffer.from(text)]),
  });
const wire = async (id: string) => labellingToWire(await getLabelling(actor.tenantId, id));
const reach = (id: string, what: string, isSo: (set: Awaited<ReturnType<typeof wire>>) => boolean) =>
  until(`${id} ${what}`, async () => {
    const set = await wire(id);
    return isSo(set) ? set : false;
  });
const start = async (text = CSV, labelColumn?: string) => {
  const file = await upload(text);
  const order = { fileId: file.id, textColumn: "message", labelColumn, classes: CLASSES };
  const { id } = await createLabelling(actor, order);
  await reach(id, "to be ready", ({ status, is_ranked }) => status !== "preparing" && is_ranked);
  return { id, file };
};
/** Answers as somebody who knows. */
async function answerMany(id: string, count: number): Promise<void> {
  for (let done = 0; done < count; ) {
    const texts = await nextTexts(actor, id, 4);
    if (texts.length === 0) return;
    for (const { place, text } of texts.slice(0, count - done)) {
      const label = truthOf(text);
      await answerText(actor, id, place, label ? { label } : "none");
      done++;
    }
  }
}

test("texts come without empty rows and once each, with suggestions that count as nothing", async () => {
  const { id } = await start();
  const set = await wire(id);
  expect(set.error).toBeNull();
  expect(set.drawn).toMatchObject({ rows: 147, unusable: 1, texts: 145, isPart: false, labelled: 0 });
  expect(set.counts).toEqual({ texts: 145, open: 145, labelled: 0, none: 0, skipped: 0 });
  expect(set.progress?.accuracy).toBeNull();
  const texts = await nextTexts(actor, id, 20);
  expect(texts).toHaveLength(20);
  expect(texts.every(({ guesses }) => guesses.length === 3)).toBe(true);
  // The names alone say more than chance.
  const right = texts.filter(({ text, guesses }) => guesses[0]?.label === truthOf(text));
  expect(right.length).toBeGreaterThan(10);
});

test("labels of people become a dataset version, an accuracy with its interval, and suggestions for the rest", async () => {
  const { id } = await start();
  await answerMany(id, 130);
  const set = await reach(id, "to be ranked", ({ is_ranked }) => is_ranked);
  expect(set.counts.labelled + set.counts.none).toBe(130);
  expect(set.progress?.measuredOn).toBeGreaterThanOrEqual(30);
  expect(set.progress?.accuracy?.value).toBeGreaterThan(0.9);
  const suggested = await listSuggestions(actor.tenantId, id, { atLeast: 0, limit: 100, offset: 0 });
  expect(suggested.data.length).toBeGreaterThan(5);
  const confidences = suggested.data.map(({ confidence }) => confidence);
  expect(confidences).toEqual([...confidences].sort((a, b) => b - a));
  expect(suggested.steps.at(-1)).toEqual({ at_least: 0, texts: suggested.data.length });
  const ready = async (version: { id: string }) =>
    until("the version", async () => {
      const now = await getVersion(actor.tenantId, version.id);
      return now.status !== "checking" && now;
    });
  const people = await ready(await createLabelledDataset(actor, id, null));
  const both = await ready(await createLabelledDataset(actor, id, 0));
  // One text stands twice in the file, so it is two rows, whoever labelled it.
  expect(people.status).toBe("ready");
  expect(people.report?.accepted).toBeGreaterThanOrEqual(set.counts.labelled);
  const copied = set.counts.labelled + suggested.data.length + 1;
  expect(both.report?.accepted).toBe(copied);
  expect(both.report?.columns).toContainEqual({ name: "labelled_by", role: "labelled_by" });
  const teaching = (version: typeof both) =>
    version.report?.problems.find(({ kind }) => kind === "labelled_by_model")?.count ?? 0;
  expect(teaching(people)).toBe(0);
  const ofPeople = people.report?.accepted ?? 0;
  expect(ofPeople + teaching(both)).toBe(both.report?.accepted);
  expect(both.datasetId).not.toBe(people.datasetId);
  const { text } = await labelsCsv(actor.tenantId, id);
  expect(text.trim().split("\r\n")).toHaveLength(131);
}, 180_000);

test("two people at once never get the same text, and the second answer to one is refused", async () => {
  const { id } = await start();
  const takes = await Promise.all(
    Array.from({ length: 12 }, (_, n) => nextTexts(n % 2 ? other : actor, id, 3)),
  );
  const placesOf = (parity: number) =>
    new Set(takes.filter((_, n) => n % 2 === parity).flatMap((take) => take.map(({ place }) => place)));
  const [mine, theirs] = [placesOf(0), placesOf(1)];
  expect([...mine].filter((place) => theirs.has(place))).toEqual([]);
  const [place = -1] = mine;
  await expect(answerText(other, id, place, { label: "login" })).rejects.toMatchObject({
    code: "state_conflict",
  });
  await answerText(actor, id, place, { label: "login" });
  await expect(answerText(other, id, place, "none")).rejects.toMatchObject({ code: "state_conflict" });
  // Its own answer a person may change.
  expect(
    (await answerText(actor, id, place, { label: "refund" })).classes.map((one) => one.labelled),
  ).toEqual([1, 0, 0]);
});

test("an answer can be taken back, the newest first, and only one's own", async () => {
  const { id } = await start();
  const [first, second] = await nextTexts(actor, id, 2);
  await answerText(actor, id, first?.place ?? -1, { label: "refund" });
  await answerText(actor, id, second?.place ?? -1, "none");
  await expect(undoAnswer(other, id)).rejects.toMatchObject({ code: "state_conflict" });
  const undone = await undoAnswer(actor, id);
  expect(undone.text.place).toBe(second?.place);
  expect(undone.labelling.counts).toMatchObject({ labelled: 1, none: 0, open: 144 });
  expect((await undoAnswer(actor, id)).text.text).toBe(first?.text);
  expect((await wire(id)).counts.open).toBe(145);
});

test("a skipped text comes back when no other is left", async () => {
  const { id } = await start(csvOf(["please refund me,", "where is my parcel,"]));
  const [first] = await nextTexts(actor, id, 1);
  await answerText(actor, id, first?.place ?? -1, "skip");
  const [second] = await nextTexts(actor, id, 1);
  expect(second?.place).not.toBe(first?.place);
  await answerText(actor, id, second?.place ?? -1, { label: "delivery" });
  expect((await nextTexts(actor, id, 5)).map(({ place }) => place)).toEqual([first?.place]);
});

test("labels that a file has already count, and those of foreign classes are asked for", async () => {
  const rows = TEXTS.map((text, n) => `${text},${n % 3 === 0 ? truthOf(text) : n % 7 === 0 ? "spam" : ""}`);
  const { id } = await start(csvOf(rows), "queue");
  const set = await wire(id);
  const known = TEXTS.filter((_, n) => n % 3 === 0).length;
  expect(set.counts.labelled).toBe(known);
  expect(set.drawn).toMatchObject({
    labelled: known,
    foreign: rows.filter((row) => row.endsWith("spam")).length,
  });
});

test("a worker that is killed in the middle loses nothing: the next one prepares the set", async () => {
  await worker.close();
  const file = await upload(CSV);
  const order = { fileId: file.id, textColumn: "message", classes: CLASSES };
  const { id } = await createLabelling(actor, order);
  const script = fileURLToPath(new URL("./main.ts", import.meta.url));
  const doomed = fork(script, [], { execArgv: ["--import", "tsx"], stdio: "ignore" });
  await until("its run", async () => existsSync(join(runsDir(), String(doomed.pid), `label.${id}`)));
  doomed.kill("SIGKILL");
  expect((await wire(id)).status).toBe("preparing");
  // Else the dead worker's message would stay locked for half a minute before another one gets it.
  await dropMessages();
  worker = await startWorker({ sweepMs: 300, uncheckedMs: 300 });
  const set = await reach(id, "to be ready", ({ status }) => status !== "preparing");
  expect(set).toMatchObject({ status: "ready", counts: { open: 145 } });
}, 120_000);

test("deleting the file takes its set, texts and answers along, and a stranger never saw them", async () => {
  const { id, file } = await start(csvOf(["please refund me,", "where is my parcel,"]));
  const stranger = await createTenant({ name: "Label B", email: "b@label.test" });
  await expect(getLabelling(stranger.tenantId, id)).rejects.toMatchObject({ code: "not_found" });
  await deleteFile(actor.tenantId, file.id);
  await expect(getLabelling(actor.tenantId, id)).rejects.toMatchObject({ code: "not_found" });
  expect(
    await forTenant(actor.tenantId, (tx) => tx.select(labellingTexts, eq(labellingTexts.setId, id))),
  ).toEqual([]);
});
