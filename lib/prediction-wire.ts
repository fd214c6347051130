/**
 * The shapes of `POST /v1/predictions` that the platform and an exported model's server have in common. Nothing here
 * reaches the database or the engine: the exported server is one file.
 */
export const MAX_INPUTS = 2048;
export const MAX_BODY_BYTES = 16_000_000;
/** A text is cut here before the tokenizer reads it: no base sees more, and the event loop stays free. */
export const MAX_CHARACTERS = 20_000;
export const DEFAULT_TOP_K = 10;
/** The most labels of one answer; protocols that ask for all of them get these. */
export const MAX_TOP_K = 1000;

/** What a task of these input roles reads of a row: several columns as they are, the one column out of an object. */
export function pickInput(row: unknown, names: readonly string[]): unknown {
  // A list would pass for an object with one text, and is no row.
  if (typeof row !== "object" || row === null || Array.isArray(row) || names.length > 1) return row;
  const record = row as Record<string, unknown>;
  const named = names.find((name) => Object.hasOwn(record, name));
  if (named !== undefined) return record[named];
  const texts = Object.values(record).filter((value) => typeof value === "string");
  return texts.length === 1 ? texts[0] : undefined;
}

/** Why an entry of `input` is not a row of these texts. */
export const rowProblem = (index: number, names: readonly string[]): string =>
  names.length > 1
    ? `\`input[${index}]\` is not an object with the texts ${names.map((name) => `\`${name}\``).join(" and ")}.`
    : `\`input[${index}]\` is not a text or an object with a text column.`;

/** What is asked for of a model that withholds no answers, by its name and why not. */
export function withholdingProblem(asked: { threshold?: number | null | undefined }): [string, string] {
  const param = typeof asked.threshold === "number" ? "threshold" : "abstain";
  return [param, `\`${param}\`: only models that answer one label withhold answers.`];
}

/**
 * The confidence below which an answer is withheld; null when nobody asked for that.
 * @param promised where the caller names no threshold.
 */
export function thresholdFor(
  asked: { threshold?: number | null | undefined; abstain?: boolean | null | undefined },
  promised: () => number,
): number | null {
  if (asked.abstain === false) return null;
  if (typeof asked.threshold === "number") return asked.threshold;
  return asked.abstain ? promised() : null;
}

/** One entry of `data`. */
export function toItem(
  output: unknown,
  index: number,
  isCut: boolean | undefined,
  threshold: number | null,
): Record<string, unknown> {
  const fields = output as { confidence?: number; out_of_scope?: boolean };
  const isUnsure = fields.out_of_scope === true || (fields.confidence ?? 1) < (threshold ?? 0);
  return {
    index,
    ...fields,
    ...(threshold === null ? {} : { abstained: isUnsure }),
    ...(isCut ? { truncated: true } : {}),
  };
}
