import type { Drawn, Reading } from "../contract";
import { withoutControls } from "../data/check";
import { hash64 } from "../data/hash";
import { inspectFile } from "../data/inspect";
import { writeLines } from "../data/lines-file";
import { openSource } from "../data/open";
import { openTable } from "../data/table";
import { TrainingError } from "../task";

/** One different text of a file: where it first stands, how often, and its label where the file has one. */
export interface DrawnText {
  text: string;
  line: number;
  copies: number;
  label: string | null;
}

export interface DrawOrder {
  path: string;
  filename: string;
  reading: Partial<Reading>;
  textColumn: string;
  /** A column that has labels in some rows. */
  labelColumn: string | null;
  classes: readonly string[];
  /** NDJSON of `DrawnText`, in random order. */
  outPath: string;
}

/** More texts than this gain a labeller nothing: nobody answers so many, and a random part stands for the rest. */
export const MOST_TEXTS = 20_000;
/** What nobody reads to the end before answering. */
const LONGEST_TEXT = 20_000;

/**
 * Different texts of a file in an order that has nothing to do with the file's: by their hash. Of more than `most` the
 * ones with the smallest hashes are kept, which is a uniform sample in one pass whose copies are all counted (a
 * bottom-k sketch: Cohen & Kaplan 2007). Throws what `inspectFile` throws, `column_unknown`, and `file_empty`.
 */
export async function drawTexts(order: DrawOrder, most = MOST_TEXTS): Promise<Drawn> {
  const { reading } = await inspectFile(order.path, order.filename, order.reading);
  const table = await openTable(await openSource(order.path, order.filename), reading);
  const names = table.columns.map((column) => column.name);
  const textAt = columnAt(names, order.textColumn);
  const labelAt = order.labelColumn === null ? -1 : columnAt(names, order.labelColumn);
  const sketch = createSketch(most);
  let [rows, unusable] = [0, 0];
  for await (const batch of table.rows())
    for (const row of batch) {
      if (row.isBlank) continue;
      rows++;
      const raw = row.cells[textAt] ?? "";
      const text = (withoutControls(raw) ?? raw).trim();
      const isUsable = row.problem === undefined && text !== "" && text.length <= LONGEST_TEXT;
      if (isUsable) sketch.add(text, row.line, (row.cells[labelAt] ?? "").trim());
      else unusable++;
    }
  const drawn = sketch.list();
  if (drawn.length === 0)
    throw new TrainingError("file_empty", `No row has a text in ${order.textColumn}.`, "text_column");
  const known = new Set(order.classes);
  const writer = writeLines(order.outPath);
  for (const { label, ...text } of drawn) {
    const one: DrawnText = { ...text, label: known.has(label) ? label : null };
    await writer.write(`${JSON.stringify(one)}\n`);
  }
  await writer.end();
  const labelled = drawn.filter(({ label }) => known.has(label)).length;
  return {
    rows,
    unusable,
    texts: drawn.length,
    isPart: sketch.isPart(),
    labelled,
    foreign: drawn.filter(({ label }) => label !== "").length - labelled,
  };
}

function columnAt(names: readonly string[], name: string): number {
  const at = names.indexOf(name);
  if (at >= 0) return at;
  const there = `The columns are: ${names.slice(0, 30).join(", ")}.`;
  throw new TrainingError("column_unknown", `The file has no column ${name}. ${there}`, name);
}

/** The texts with the smallest hashes; memory is bounded by twice as many of them. */
function createSketch(most: number) {
  type Entry = Omit<DrawnText, "label"> & { label: string; place: number };
  let kept = new Map<string, Entry>();
  let limit = Number.POSITIVE_INFINITY;
  const inOrder = () => [...kept.values()].sort((a, b) => a.place - b.place || (a.text < b.text ? -1 : 1));
  const cut = () => {
    const rest = inOrder().slice(0, most);
    limit = rest.at(-1)?.place ?? limit;
    kept = new Map(rest.map((entry) => [entry.text, entry]));
  };
  return {
    add(text: string, line: number, label: string): void {
      const same = kept.get(text);
      if (same) {
        same.copies++;
        if (same.label === "") same.label = label;
        return;
      }
      const [high, low] = hash64(text);
      const place = high + low / 2 ** 32;
      if (place > limit) return;
      kept.set(text, { text, line, copies: 1, label, place });
      if (kept.size > 2 * most) cut();
    },
    isPart: () => limit !== Number.POSITIVE_INFINITY || kept.size > most,
    list: () => {
      if (kept.size > most) cut();
      return inOrder().map(({ place: _, ...entry }) => entry);
    },
  };
}
