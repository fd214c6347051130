import { setMaxListeners } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { eraseClosedTenants } from "@/lib/closing";
import { runDunning } from "@/lib/dunning";
import { env } from "@/lib/env";
import { runDueInvoices } from "@/lib/invoice-run";
import { ADMIT_TOPIC } from "@/lib/job-advance";
import { sealDays } from "@/lib/ledger";
import { noticeLimits } from "@/lib/limit-notices";
import { log } from "@/lib/log";
import { sendMail } from "@/lib/mails";
import { sweepProjects } from "@/lib/project-sweep";
import { consume, onWakeup } from "@/lib/queue";
import { deliverDue } from "@/lib/webhook-delivery";
import { admit, type Limits, sweep, tidy } from "./dispatch";
import { createPresence } from "./presence";
import { runAcceptance } from "./run-acceptance";
import { runAppraisal } from "./run-appraisal";
import { runDueBatch } from "./run-batch";
import { runFileCheck, runVersionBuild } from "./run-check";
import { type RunOptions, runJob } from "./run-job";
import { runRanking } from "./run-labelling";
import { sweepRuns } from "./runs";

/** Checks, trains, delivers mail and sweeps; no arithmetic of its own, and everything it holds may be lost. */
export interface WorkerOptions extends Partial<Limits>, Omit<RunOptions, "signal"> {
  sweepMs?: number;
  tidyMs?: number;
}
/** Checks have a queue of their own, never behind a training. */
const CHECKS = 2;
const MAILS = 2;
/** People wait for these, so they are never behind a check or a training either. */
const RANKINGS = 2;
/** Measurements ask the models that everybody asks. */
const ACCEPTANCES = 1;
/** A minute or two of computing each. */
const APPRAISALS = 1;
const PRESENCE_MS = 30_000;
const SEAL_MS = 10 * 60_000;
const DUNNING_MS = 3_600_000;
const PROJECTS_MS = 10 * 60_000;
/** A batch begins within it. */
const BATCHES_MS = 1000;
/** What happened is told within it. */
const WEBHOOKS_MS = 1000;
/** A limit that was passed is told of within it. */
const LIMITS_MS = 60_000;
const INVOICES_MS = 3_600_000;

export async function startWorker(options: WorkerOptions = {}): Promise<{ close(): Promise<void> }> {
  const stop = new AbortController();
  setMaxListeners(0, stop.signal); // each loop below waits on it: more than ten is no leak
  const { signal } = stop;
  const limits: Limits = {
    room: env().GRAFT_TRAINING_SLOTS,
    staleMs: 15_000,
    lostMs: 30_000,
    uncheckedMs: 5000,
    ...options,
  };
  await sweepRuns(true);
  const admitNow = () => void admit(limits.room).catch(() => {});
  const consumers = [
    consume("checks", CHECKS, {
      "file.check": (payload, attempt) => runFileCheck(payload, attempt, signal),
      "dataset.build": (payload, attempt) => runVersionBuild(payload, attempt, signal),
    }),
    consume("training", Math.max(1, limits.room), {
      "model.train": async (payload) => {
        await runJob(payload, { ...options, signal });
        admitNow();
      },
    }),
    consume("labelling", RANKINGS, {
      "labelling.rank": (payload, attempt) => runRanking(payload, attempt, signal),
    }),
    consume("acceptance", ACCEPTANCES, {
      "acceptance.measure": (payload, attempt) => runAcceptance(payload, attempt, signal),
    }),
    consume("appraisals", APPRAISALS, {
      "dataset.appraise": (payload, attempt) => runAppraisal(payload, attempt, signal),
    }),
    consume("mail", MAILS, { "mail.send": ({ id }) => sendMail(id) }),
  ];
  const silence = await onWakeup(ADMIT_TOPIC, admitNow);
  const presence = createPresence(signal);
  const loops = [
    repeat("presence", PRESENCE_MS, signal, presence.renew),
    repeat("sweep", options.sweepMs ?? 3000, signal, () => sweep(limits)),
    repeat("seal", SEAL_MS, signal, async () => void (await sealDays())),
    repeat("invoices", INVOICES_MS, signal, async () => {
      await runDueInvoices();
      await eraseClosedTenants();
    }),
    repeat("dunning", DUNNING_MS, signal, () => runDunning()),
    repeat("webhooks", WEBHOOKS_MS, signal, async () => void (await deliverDue({ stop: signal }))),
    repeat("batches", BATCHES_MS, signal, async () => {
      while (!signal.aborted && (await runDueBatch(signal)));
    }),
    repeat("limits", LIMITS_MS, signal, () => noticeLimits()),
    repeat("projects", PROJECTS_MS, signal, () => sweepProjects()),
    repeat("tidy", options.tidyMs ?? 60_000, signal, tidy),
  ];
  log().info({ room: limits.room }, "worker ready");
  return {
    async close() {
      stop.abort();
      await Promise.allSettled([silence(), ...loops, ...consumers.map((consumer) => consumer.close())]);
      await presence.end().catch(() => {});
    },
  };
}

async function repeat(
  what: string,
  everyMs: number,
  signal: AbortSignal,
  work: () => Promise<void>,
): Promise<void> {
  while (!signal.aborted) {
    await work().catch((error: Error) => log().warn({ what, error: error.message }, "tried again shortly"));
    await pause(everyMs, undefined, { signal }).catch(() => {});
  }
}
