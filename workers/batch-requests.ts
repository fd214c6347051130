import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import type { Batch } from "@/lib/batches";
import { inspectFile } from "@/lib/ml/data/inspect";
import { openSource } from "@/lib/ml/data/open";
import { openTable } from "@/lib/ml/data/table";
import { TrainingError } from "@/lib/ml/task";

/** One question of a batch, or why it is none. */
export type BatchRequest = { line: number; customId: string } & (
  | { body: Record<string, unknown>; problem?: undefined }
  | { problem: { code: string; message: string; param: string | null }; body?: undefined }
);

/** A line of requests is never longer. */
const MAX_LINE = 16_000_000;

/** The questions of an input file in their order, as a stream. @throws TrainingError for a table that cannot be read. */
export function requestsOf(
  { table, endpoint }: Pick<Batch, "table" | "endpoint">,
  path: string,
  filename: string,
): AsyncGenerator<BatchRequest> {
  return table ? tableRequests(table, path, filename) : lineRequests(endpoint, path);
}

async function* lineRequests(endpoint: string, path: string): AsyncGenerator<BatchRequest> {
  let line = 0;
  const lines = createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY });
  for await (const text of lines) {
    line++;
    const bare = line === 1 ? text.replace(/^\ufeff/, "") : text;
    if (bare.trim() !== "") yield { line, ...readLine(endpoint, bare) };
  }
}

type Unplaced<T> = T extends unknown ? Omit<T, "line"> : never;
function readLine(endpoint: string, text: string): Unplaced<BatchRequest> {
  const bad = (message: string, param: string | null, customId = "") => ({
    ...{ customId, problem: { code: "invalid_request", message, param } },
  });
  if (text.length > MAX_LINE) return bad("The line is too long.", null);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return {
      customId: "",
      problem: { code: "json_invalid", message: "This line is not valid JSON.", param: null },
    };
  }
  const { custom_id: id, method, url, body } = (value ?? {}) as Record<string, unknown>;
  if (typeof id !== "string" || id === "" || id.length > 512)
    return bad("`custom_id` must be a text of 1 to 512 characters.", "custom_id");
  if (method !== "POST") return bad("`method` must be `POST`.", "method", id);
  if (url !== endpoint) return bad(`\`url\` must be \`${endpoint}\`, as the batch says.`, "url", id);
  if (
    typeof body !== "object" ||
    body === null ||
    Array.isArray(body) ||
    typeof (body as { model?: unknown }).model !== "string"
  )
    return bad("`body` must be a request with a `model`.", "body", id);
  return { customId: id, body: body as Record<string, unknown> };
}

async function* tableRequests(
  { model, columns }: NonNullable<Batch["table"]>,
  path: string,
  filename: string,
): AsyncGenerator<BatchRequest> {
  const { reading } = await inspectFile(path, filename);
  const table = await openTable(await openSource(path, filename), reading);
  const names = table.columns.map(({ name }) => name);
  const roles = Object.entries(columns);
  const unknown = roles.find(([, column]) => !names.includes(column));
  if (unknown)
    throw new TrainingError(
      "column_unknown",
      `The file has no column ${unknown[1]}. The columns are: ${names.slice(0, 30).join(", ")}.`,
      `graft.columns.${unknown[0]}`,
    );
  // Without a map a row is all of its columns by their names.
  const read = (roles.length > 0 ? roles : names.map((name) => [name, name] as const)).map(
    ([role, column]) => [role, names.indexOf(column)] as const,
  );
  for await (const rows of table.rows())
    for (const row of rows) {
      if (row.isBlank) continue;
      const cells = read.map(([role, at]) => [role, (row.cells[at] ?? "").trim()] as const);
      const [only] = cells;
      const input = cells.length === 1 && only ? only[1] : Object.fromEntries(cells);
      yield { line: row.line, customId: `row-${row.line}`, body: { model, input } };
    }
}
