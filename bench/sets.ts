import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { fromCodePoints, type Span } from "../lib/ml/data/spans";
import { contentHash, nestedOrder } from "../lib/ml/data/split";
import { tokenRows } from "../lib/ml/data/token-lines";
import { dataDir, dataFolder } from "./peer";

/** The published sets. Of labelled texts each is one list of rows; a bench draws its own splits. */
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
/** Labels are the numbers of lines in a list of names. */
const named = (pairs: readonly Pair[], names: readonly string[]) =>
  pairs.map(([text, label]): Pair => [text, names[Number(label)] ?? label]);
const emotions = (name: string, grouping: string) =>
  named(tsv(name, "goemotions", grouping, "train.tsv"), linesOf(name, "goemotions", grouping, "labels.txt"));
/** The positive and the negative emotions of GoEmotions (Demszky et al. 2020); ambiguous ones are in neither. */
const POLARITY = [
  "admiration amusement approval caring desire excitement gratitude joy love optimism pride relief",
  "anger annoyance disappointment disapproval disgust embarrassment fear grief nervousness remorse sadness",
].map((group) => group.split(" "));
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
  goemotions: (name) => emotions(name, "original"),
  goemotions_polarity: (name) =>
    emotions(name, "original").flatMap(([text, emotion]): Pair[] => {
      const group = POLARITY.findIndex((emotions) => emotions.includes(emotion));
      return group < 0 ? [] : [[text, group === 0 ? "positive" : "negative"]];
    }),
  goemotions_ekman: (name) => emotions(name, "ekman"),
  zh_thucnews: (name) =>
    named(tsv(name, "zh_thucnews", "test.txt"), linesOf(name, "zh_thucnews", "class.txt")),
};

export interface LabelledRows {
  texts: string[];
  labels: Int32Array;
  /** As the set gives them: words, or numbers where it has a list of words apart. */
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
    names,
  };
}

/** Whether a set with rows to train on and rows to measure on of its own is there. */
export const hasSplit = (set: string) =>
  existsSync(join(dataDir, set, "train.csv")) && existsSync(join(dataDir, set, "test.csv"));

/** Such a set: a text column, and the other one is the label. */
export function loadSplit(set: string) {
  const [train = [], test = []] = ["train.csv", "test.csv"].map((file) =>
    (parse(readFileSync(join(dataDir, set, file)), { columns: true }) as Record<string, string>[]).map(
      ({ text = "", ...rest }): Pair => [text, Object.values(rest)[0] ?? ""],
    ),
  );
  const names = [...new Set(train.map(([, label]) => label))].sort();
  const all = [...train, ...test.filter(([, label]) => names.includes(label))];
  const data: LabelledRows = {
    texts: all.map(([text]) => text),
    labels: Int32Array.from(all, ([, label]) => names.indexOf(label)),
    names,
  };
  const rows = [...all.keys()];
  return { data, train: rows.slice(0, train.length), test: rows.slice(train.length) };
}

/** GoEmotions with all labels of a text, by number. */
export const emotionRows = (name: string, file: "train.tsv" | "test.tsv", most: number) =>
  linesOf(name, "goemotions", "original", file)
    .slice(0, most)
    .map((line) => line.split("\t"))
    .map(([text = "", labels = ""]) => ({ text, labels: labels.split(",").map(Number) }));

/** Pairs of STS-B (English) with how alike they are, 0 to 5. */
export const pairRows = (name: string, part: "train" | "test") =>
  (
    parse(readFileSync(join(dataFolder(name, "stsb_multi_mt"), `stsb-en-${part}.csv`)), {
      relax_quotes: true,
    }) as string[][]
  ).map(([text = "", other = "", score = ""]) => ({ texts: [text, other], score: Number(score) }));

/** Named entities of WNUT17. */
export async function entityRows(name: string, file: "wnut17train.conll" | "emerging.test.annotated") {
  async function* whole() {
    yield readFileSync(join(dataFolder(name, "wnut17_ner"), file), "utf8");
  }
  const rows: { text: string; spans: Span[] }[] = [];
  for await (const batch of tokenRows(whole()))
    for (const { cells } of batch) {
      const [text = "", spans = "[]"] = cells;
      rows.push({ text, spans: fromCodePoints(text, JSON.parse(spans)) });
    }
  return rows;
}

interface Squad {
  data: {
    paragraphs: {
      context: string;
      qas: { question: string; answers: { text: string; answer_start: number }[] }[];
    }[];
  }[];
}
/** Questions of XQuAD (English) with the first answer that is given to each. */
export function questionRows(name: string) {
  const squad = JSON.parse(readFileSync(join(dataFolder(name, "xquad"), "xquad.en.json"), "utf8")) as Squad;
  return squad.data
    .flatMap(({ paragraphs }) => paragraphs)
    .flatMap(({ context, qas }) =>
      qas.flatMap(({ question, answers: [first] }) =>
        first
          ? [{ input: { question, context }, target: { answer: first.text, start: first.answer_start } }]
          : [],
      ),
    );
}
