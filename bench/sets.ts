import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { contentHash, nestedOrder } from "../lib/ml/data/split";
import { dataFolder } from "./peer";

/** The published sets of labelled texts, each as one list of rows; a bench draws its own splits. */
type Pair = [text: string, label: string];
const linesOf = (name: string, set: string, ...path: string[]) =>
  readFileSync(join(dataFolder(name, set), ...path), "utf8")
    .split("\n")
    .filter(Boolean);
const tsv = (name: string, set: string, ...path: string[]) =>
  linesOf(name, set, ...path).flatMap((line): Pair[] => {
    const [text = "", label = ""] = line.split("\t");
    return label.includes(",") ? [] : [[text, label]];
  });
const READERS: Record<string, (name: string) => Pair[]> = {
  banking77: (name) =>
    ["train.csv", "test.csv"].flatMap((file) =>
      (
        parse(readFileSync(join(dataFolder(name, "banking77"), file)), { columns: true }) as {
          text: string;
          category: string;
        }[]
      ).map(({ text, category }): Pair => [text, category]),
    ),
  sms_spam: (name) => {
    const bytes = readFileSync(join(dataFolder(name, "sms_spam"), "spam.csv"));
    const rows = parse(new TextDecoder("windows-1252").decode(bytes), {
      from_line: 2,
      relax_column_count: true,
    }) as string[][];
    return rows.map(([label = "", text = ""]): Pair => [text, label]);
  },
  goemotions: (name) => tsv(name, "goemotions", "original", "train.tsv"),
  goemotions_ekman: (name) => tsv(name, "goemotions", "ekman", "train.tsv"),
  zh_thucnews: (name) => tsv(name, "zh_thucnews", "test.txt"),
};

export const SETS = Object.keys(READERS);

export interface LabelledRows {
  texts: string[];
  labels: Int32Array;
  classes: number;
  names: string[];
}

/** Rows of a set with classes as numbers, one of each text, at most so many of them. */
export function loadRows(name: string, set: string, mostRows: number): LabelledRows {
  const seen = new Set<string>();
  const pairs = (READERS[set]?.(name) ?? []).filter(
    ([text]) => !seen.has(contentHash(text)) && seen.add(contentHash(text)),
  );
  const names = [...new Set(pairs.map(([, label]) => label))].sort();
  const labels = Int32Array.from(pairs, ([, label]) => names.indexOf(label));
  const rows = nestedOrder(labels, [...pairs.keys()], 99).slice(0, mostRows);
  return {
    texts: rows.map((row) => pairs[row]?.[0] ?? ""),
    labels: Int32Array.from(rows, (row) => labels[row] ?? 0),
    classes: names.length,
    names,
  };
}
