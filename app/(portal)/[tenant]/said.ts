import { useLocale, useTranslations } from "next-intl";

/**
 * Sentences that worker and engine write into rows, in English as the API gives them. English readers see
 * them as they are; for others the known ones are said again in their language, with the same figures.
 */
const KNOWN: readonly (readonly [key: string, pattern: RegExp])[] = [
  ["created", /^Created fine-tuning job: (?<id>\S+)$/],
  ["validating", /^Validating training file: (?<id>\S+)$/],
  ["validatedAside", /^Files validated: (?<accepted>\d+) rows accepted, (?<aside>\d+) set aside$/],
  ["validated", /^Files validated: (?<accepted>\d+) rows accepted$/],
  ["waiting", /^Waiting for a place to train$/],
  ["startedAgain", /^Fine-tuning job started \(attempt (?<attempt>\d+)\)$/],
  ["started", /^Fine-tuning job started$/],
  ["plan", /^(?<train>\d+) rows to train on, (?<test>\d+) to measure on, (?<classes>\d+) classes$/],
  ["planRows", /^(?<train>\d+) rows to train on, (?<test>\d+) to measure on$/],
  [
    "unknownLabels",
    /^(?<count>\d+) validation rows have a label that no training row has; they are left out$/,
  ],
  ["unknownSpans", /^(?<count>\d+) spans of validation rows have a label that no training row has$/],
  [
    "bounded",
    /^(?<kept>\d+) of (?<rows>\d+) rows are learnt from: more than (?<most>\d+) characters do not fit into memory$/,
  ],
  [
    "leftOut",
    /^(?<recipe>\S+) was left out: it would take about (?<needed>\d+) minutes, more than is left of the budget of (?<minutes>[\d.]+)$/,
  ],
  ["outOfFold", /^(?<recipe>\S+): (?<percent>[\d.]+) % right out of fold$/],
  ["scored", /^(?<recipe>\S+): (?<metric>\w+) (?<value>-?[\d.]+) out of fold$/],
  ["step", /^Step (?<done>[\d.]+)\/(?<total>[\d.]+): (?<figures>.+)$/],
  [
    "ownWeights",
    /^The model answers by weights of its own: (?<megabytes>\d+) MB, (?<ms>\d+) ms to the first answer\.$/,
  ],
  ["modelMade", /^New fine-tuned model created: (?<name>\S+)$/],
  ["completed", /^The job has successfully completed$/],
  ["cancelled", /^Job cancelled$/],
  ["paused", /^Job paused$/],
  ["resumed", /^Job resumed$/],
  ["wasPaused", /^paused$/],
  ["firstModel", /^A first model answers already: (?<name>\S+)$/],
  ["noFirstModel", /^A first model could not be offered; the training goes on$/],
  ["goingOn", /^Going on from step (?<step>\d+)$/],
  ["checkpointIgnored", /^A checkpoint was ignored: (?<reason>.+)$/],
  ["checkpointLost", /^A checkpoint was not written: (?<reason>.+)$/],
  ["diskFull", /^The disk is full; the training goes on without checkpoints$/],
  ["workerRestarts", /^The worker restarts; the job waits for it$/],
  [
    "wordsLeftOut",
    /^(?<percent>\d+) % of the words are left out, others each time: (?<with>[\d.]+) % right with it, (?<without>[\d.]+) % without, on (?<rows>\d+) held-out rows$/,
  ],
  [
    "wordsSwapped",
    /^(?<percent>\d+) % of the words change places with the next one, others each time: (?<with>[\d.]+) % right with it, (?<without>[\d.]+) % without, on (?<rows>\d+) held-out rows$/,
  ],
  [
    "wordsReplaced",
    /^(?<percent>\d+) % of the words give way to a word like them, others each time: (?<with>[\d.]+) % right with it, (?<without>[\d.]+) % without, on (?<rows>\d+) held-out rows$/,
  ],
  [
    "wordsStay",
    /^changing words did not help: (?<with>[\d.]+) % right with it, (?<without>[\d.]+) % without, on (?<rows>\d+) held-out rows$/,
  ],
  ["wordsUntried", /^no row could be held out to see whether changing words helps$/],
  ["untuned", /^Tuning is not available on this installation yet; your provider has been told\.$/],
  [
    "notTried",
    /^(?<recipe>\S+) was not tried: it goes further than (?<after>\S+), and (?<ahead>\S+) is ahead of that$/,
  ],
  ["unsettled", /^(?<recipe>\S+) was left out: it does not settle on these rows$/],
  ["dropped", /^(?<recipe>\S+) was dropped: its last fit does not settle on these rows$/],
  [
    "nextBest",
    /^(?<winner>\S+) was chosen because the last fit of (?<dropped>.+) does not settle on these rows\.$/,
  ],
  ["asTheyAre", /^these recipes learn from the rows as they are$/],
  ["tableNeedsNoBase", /^a table is read without a pretrained base$/],
  ["needsNoBase", /^the (?<recipe>\S+) recipe needs no base$/],
  ["noBase", /^no pretrained base is installed here$/],
  ["wasCancelled", /^cancelled$/],
  ["onlyOne", /^Only (?<recipe>\S+) was asked for\.$/],
  [
    "cheaper",
    /^(?<winner>\S+) was chosen because it is cheaper: the (?<points>[\d.]+) points between it and (?<loser>\S+) are within one standard error\.$/,
  ],
  [
    "betterForeign",
    /^(?<winner>\S+) was chosen because it is (?<points>[\d.]+) points better than (?<loser>\S+) on rows that neither had seen\. Most rows are in a script/,
  ],
  [
    "cheaperForeign",
    /^(?<winner>\S+) was chosen because it is cheaper: the (?<points>[\d.]+) points between it and (?<loser>\S+) are within one standard error\. Most rows are in a script/,
  ],
  [
    "better",
    /^(?<winner>\S+) was chosen because it is (?<points>[\d.]+) points better than (?<loser>\S+) on rows that neither had seen\.$/,
  ],
  [
    "experience",
    /^(?<winner>\S+) was chosen because it does better on other datasets: with so few rows, the (?<points>[\d.]+) points by which (?<loser>\S+) was ahead here tell nothing\.$/,
  ],
  ["workerStopped", /^The worker stopped; the job starts again\.$/],
  ["ahead", /^(?<count>\d+) jobs? (?:is|are) ahead of it\.$/],
  ["startsSoon", /^It starts when a training place is free\.$/],
];

/** `Preparing the rows done`, `Augmenting skipped: why`: the beginning of a stage has no last word. */
const STAGE_WORDS: Record<string, string> = {
  "Preparing the rows": "preprocess",
  Augmenting: "augment",
  "Reading with the pretrained base": "base",
  "Fine-tuning": "fine-tune",
  Evaluating: "evaluate",
  Deploying: "deploy",
};
const STAGE = new RegExp(`^(${Object.keys(STAGE_WORDS).join("|")})(?: (done|skipped))?(?:: (.+))?$`);

export function knownSentence(sentence: string): { key: string; values: Record<string, string> } | null {
  for (const [key, pattern] of KNOWN) {
    const match = pattern.exec(sentence);
    if (match) return { key, values: { ...match.groups } };
  }
  return null;
}

export function useSaid(): (sentence: string) => string {
  const locale = useLocale();
  const t = useTranslations("portal.said");
  const stages = useTranslations("portal.stages");
  const say = (sentence: string): string => {
    if (locale === "en") return sentence;
    const known = knownSentence(sentence);
    if (known) return t(known.key, known.values);
    const [, title, status = "running", reason] = STAGE.exec(sentence) ?? [];
    const stage = STAGE_WORDS[title ?? ""];
    if (!stage) return sentence;
    const words = { stage: stages(`names.${stage}`), status: stages(`status.${status}`) };
    return reason ? t("stageBecause", { ...words, reason: say(reason) }) : t("stage", words);
  };
  return say;
}

/** A refusal that was stored with its code, as `useErrorText` says one that just came back. */
export function useRefusalText(): (code: string | null, message: string | null) => string {
  const locale = useLocale();
  const t = useTranslations("kit.errors");
  return (code, message) => {
    const isSaid = code !== null && t.has(code);
    if (isSaid && (locale !== "en" || !message)) return t(code);
    return message ?? t("unknown");
  };
}
