import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { installedBase } from "@/lib/bases";
import { env } from "@/lib/env";
import { AppError } from "@/lib/errors";
import { cacheDir, labellingHead } from "@/lib/home";
import type { LabellingSet } from "@/lib/labelling";
import { failRanking, recordRanking, setToRank } from "@/lib/labelling-ranking";
import { DEFAULT_BASE } from "@/lib/ml/catalogue";
import { readNdjson, writeLines } from "@/lib/ml/data/lines-file";
import { CATALOGUE, type Payload } from "@/lib/queue";
import { fileKey, localCopy } from "@/lib/storage";
import { runChild } from "./children";
import type { LabelOrder } from "./messages";
import { openRun } from "./runs";

/** `labelling.rank`: draws the texts of a new set, and after answers finds what to ask about next. */
type Wanted = NonNullable<Awaited<ReturnType<typeof setToRank>>>;

const OURS = "The texts could not be prepared for a reason of ours. Start again, or ask your provider.";
/** Texts that are asked about before the next ranking is there, for a few people at once. */
const WANTED = 60;
/** The accuracy is measured again when the labels have grown by this share, or by so many. */
const MEASURED_AGAIN = { share: 0.05, labels: 5 };

/** Ranks until no answer has come meanwhile: a message that arrives during the work is not kept. */
export async function runRanking(
  { tenantId, id }: Payload<"labelling.rank">,
  attempt: { isLast: boolean },
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    const wanted = await setToRank(tenantId, id);
    if (!wanted) return;
    const run = await openRun(`label.${id}`);
    try {
      const isDone = await rankOnce(tenantId, wanted, run.dir, signal);
      if (isDone) continue;
      if (attempt.isLast) await failRanking(tenantId, wanted.set, { code: "job_failed", message: OURS });
      throw new Error("the label-child ended early");
    } finally {
      await run.close();
    }
  }
}

/** False when the child ended without an answer. */
async function rankOnce(
  tenantId: string,
  wanted: Wanted,
  dir: string,
  signal: AbortSignal,
): Promise<boolean> {
  const { set } = wanted;
  const order = await orderFor(tenantId, wanted, dir).catch((error: unknown) => {
    if (!(error instanceof AppError)) throw error;
    return error;
  });
  if (order instanceof AppError) {
    await failRanking(tenantId, set, { code: order.code, message: order.message });
    return true;
  }
  const limitMs = CATALOGUE["labelling.rank"].timeoutMs;
  const answer = await runChild("label-child", order, { threads: order.run.threads, signal, limitMs });
  // Thrown so that the broker delivers the message again, here or elsewhere.
  if (!answer) throw new Error("the worker stops");
  if (answer.kind === "refused") await failRanking(tenantId, set, answer);
  if (answer.kind !== "labelled") return answer.kind === "refused";
  const { drawn, progress, temperature } = answer;
  const ranking = rankingSchema.parse(JSON.parse(await readFile(order.order.rankingPath, "utf8")));
  const texts = drawn ? await drawnTexts(order.order.textsPath, set) : [];
  const counts = drawn && { counts: drawn, texts };
  await recordRanking(tenantId, set, { ...ranking, drawn: counts, progress, temperature });
  return true;
}

const rankingSchema = z.object({
  picks: z.array(
    z.object({
      text: z.number().int(),
      guesses: z.array(z.object({ label: z.number().int(), confidence: z.number() })),
    }),
  ),
  labels: z.array(z.number().int()),
  confidences: z.array(z.number()),
});
const drawnTextSchema = z.object({
  text: z.string(),
  line: z.number().int(),
  copies: z.number().int(),
  label: z.string().nullable(),
});

async function drawnTexts(path: string, { classes }: LabellingSet) {
  const found = [];
  for await (const raw of readNdjson(path)) {
    const { label, ...text } = drawnTextSchema.parse(raw);
    const number = classes.findIndex(({ name }) => name === label);
    found.push({ ...text, label: number < 0 ? null : number });
  }
  return found;
}

async function orderFor(
  tenantId: string,
  { set, filename, texts }: Wanted,
  dir: string,
): Promise<LabelOrder> {
  const base = await installedBase(DEFAULT_BASE);
  if (!base)
    throw new AppError("base_unavailable", {
      message:
        "Labelling needs the pretrained base, which is not installed here. Ask your provider to add it.",
    });
  const cache = cacheDir(tenantId, set.fileId);
  await mkdir(cache, { recursive: true });
  const textsPath = join(dir, "texts.ndjson");
  const isNew = set.status === "preparing";
  if (!isNew) await writeTexts(textsPath, texts);
  const none = set.classes.length;
  const answers = texts.flatMap(({ place, state, label }): [number, number][] =>
    state === "labelled" ? [[place, label ?? none]] : state === "none" ? [[place, none]] : [],
  );
  const measured = set.progress?.labels ?? 0;
  const enough = Math.max(MEASURED_AGAIN.labels, measured * MEASURED_AGAIN.share);
  return {
    kind: "label",
    order: {
      source: isNew
        ? {
            path: await localCopy(fileKey(tenantId, set.fileId), join(dir, "file")),
            filename,
            reading: set.reading,
            textColumn: set.textColumn,
            labelColumn: set.labelColumn,
          }
        : null,
      textsPath,
      classes: set.classes,
      answers,
      skipped: texts.filter(({ state }) => state === "skipped").map(({ place }) => place),
      isMeasured: isNew || Math.abs(answers.length - measured) >= enough,
      temperature: set.temperature,
      wanted: WANTED,
      rankingPath: join(dir, "ranking.json"),
      headPath: labellingHead(tenantId, set.fileId, set.id),
      base,
    },
    run: { cacheDir: cache, threads: env().GRAFT_THREADS },
  };
}

async function writeTexts(path: string, texts: Wanted["texts"]): Promise<void> {
  const writer = writeLines(path);
  for (const { text, line, copies } of texts)
    await writer.write(`${JSON.stringify({ text, line, copies, label: null })}\n`);
  await writer.end();
}
