import { csvRows } from "./csv";
import type { RawRow, RowBatches } from "./row";
import { parseSpanList } from "./span-cells";

/**
 * One JSON object a line, in the shapes that fine-tuning tools write. Kinds of findings use the vocabulary
 * of the public checkers of these formats. Every line is looked at; the first error never hides the next.
 */
export type JsonShape = "chat" | "completion" | "fields";

type Json = Record<string, unknown>;
interface Parsed {
  values: Map<string, string>;
  problem?: string;
  warnings?: string[];
}

const ROLES = new Set(["system", "developer", "user", "assistant", "tool", "function"]);
const MESSAGE_KEYS = new Set([
  "role",
  "content",
  "name",
  "weight",
  "tool_calls",
  "tool_call_id",
  "function_call",
  "refusal",
  "audio",
]);

export const COLUMNS: Record<Exclude<JsonShape, "fields">, readonly string[]> = {
  chat: ["text", "label"],
  completion: ["prompt", "completion"],
};

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A message's text: a string, or the text parts of a list. Null when there is none. */
function contentOf(message: Json): string | null {
  if (typeof message.content === "string") return message.content;
  if (!Array.isArray(message.content)) return null;
  const parts = message.content.filter(isObject).map((part) => part.text);
  return parts.every((part) => typeof part === "string") ? parts.join("\n") : null;
}

/** The last user turn is the text, the last assistant turn with weight is the label. */
function parseChat(object: Json): Parsed {
  const values = new Map<string, string>();
  const { messages } = object;
  if (!Array.isArray(messages) || messages.length === 0) return { values, problem: "missing_messages_list" };
  const warnings: string[] = [];
  let problem: string | undefined;
  for (const message of messages) {
    if (!isObject(message)) {
      problem ??= "data_type";
      continue;
    }
    const content = contentOf(message);
    if (!("role" in message) || !("content" in message)) problem ??= "message_missing_key";
    else if (typeof message.role !== "string" || !ROLES.has(message.role)) problem ??= "unrecognized_role";
    else if (content === null && message.tool_calls === undefined) problem ??= "missing_content";
    if (Object.keys(message).some((key) => !MESSAGE_KEYS.has(key))) warnings.push("message_unrecognized_key");
    if (message.role === "user" && content !== null) values.set("text", content);
    if (message.role === "assistant" && content !== null && message.weight !== 0)
      values.set("label", content);
  }
  if (!values.has("label")) problem ??= "example_missing_assistant_message";
  if (!values.has("text")) problem ??= "example_missing_user_message";
  return { values, ...(problem && { problem }), ...(warnings.length > 0 && { warnings }) };
}

const isPlain = (value: unknown) => ["string", "number", "boolean"].includes(typeof value);

/** Strings, numbers and booleans are cells, and so are lists of them, as JSON; what is nested deeper is not. */
function parseFields(object: Json): Parsed {
  const values = new Map<string, string>();
  let isNested = false;
  for (const [key, value] of Object.entries(object)) {
    if (Array.isArray(value) && (value.every(isPlain) || parseSpanList(value)))
      values.set(key, JSON.stringify(value));
    else if (typeof value === "object" && value !== null) isNested = true;
    else if (value !== null && value !== undefined) values.set(key, String(value));
  }
  return { values, ...(isNested && { warnings: ["field_nested"] }) };
}

function parseLine(text: string, shape: JsonShape): Parsed {
  let object: unknown;
  try {
    object = JSON.parse(text);
  } catch {
    return { values: new Map(), problem: "json_invalid" };
  }
  if (!isObject(object)) return { values: new Map(), problem: "data_type" };
  return shape === "chat" ? parseChat(object) : parseFields(object);
}

/** The shape of most of the first lines; null when hardly any is a JSON object. */
export function findShape(lines: readonly string[]): JsonShape | null {
  const votes = { chat: 0, completion: 0, fields: 0 };
  for (const line of lines) {
    const { values, problem } = parseLine(line, "fields");
    if (/"messages"\s*:/.test(line)) votes.chat++;
    else if (problem === undefined)
      votes[values.has("prompt") && values.has("completion") ? "completion" : "fields"]++;
  }
  const best = (["chat", "completion", "fields"] as const).reduce((a, b) => (votes[b] > votes[a] ? b : a));
  return votes[best] > 0 ? best : null;
}

/** Columns of a file of flat objects: every key of the first lines, in order of appearance. */
const MAX_COLUMNS = 200;
const KEY_LINES = 10_000;

export async function findKeys(text: () => AsyncIterable<string>): Promise<string[]> {
  const keys = new Set<string>();
  let seen = 0;
  for await (const batch of csvRows(text(), { delimiter: undefined, hasQuotes: false }))
    for (const row of batch) {
      if (++seen > KEY_LINES) return [...keys];
      for (const key of parseLine(row.cells[0] ?? "", "fields").values.keys())
        if (keys.size < MAX_COLUMNS) keys.add(key);
    }
  return [...keys];
}

function asRow(row: RawRow, shape: JsonShape, columns: readonly string[]): RawRow {
  if (row.isBlank || row.problem !== undefined) return row;
  const raw = row.cells[0] ?? "";
  const { values, problem, warnings } = parseLine(raw, shape);
  const cells = columns.map((column) => values.get(column) ?? "");
  return { line: row.line, cells, raw, ...(problem && { problem }), ...(warnings && { warnings }) };
}

export async function* jsonlRows(
  text: AsyncIterable<string>,
  shape: JsonShape,
  columns: readonly string[],
): RowBatches {
  for await (const batch of csvRows(text, { delimiter: undefined, hasQuotes: false }))
    yield batch.map((row) => asRow(row, shape, columns));
}
