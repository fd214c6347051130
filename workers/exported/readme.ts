import type { Task } from "@/lib/ml/task";
import { inputNames } from "@/lib/tasks";

/** What the README of an exported model has to know beside its task. */
interface Exported {
  model: string;
  recipe: string;
  /** Null when words alone decide. */
  maxTokens: number | null;
  /** Names of the files of the folder. */
  names: readonly string[];
  /** Whether all of the base was tuned. */
  isWhole?: boolean;
}
type View = Task["view"];

/** `README.md` of an exported model: how it is started and asked, and what each file is that lies there. */
export function exportedReadme(task: Task, of: Exported): string {
  return [
    "# A model of your own",
    "Everything that answers is in this folder; it needs nothing of the platform, no key and, once installed, no network.",
    fenced("sh", ["npm install", "npm start"]),
    "Then:",
    fenced("sh", request(task, of.model)),
    "`npm start -- --port 9000 --host 0.0.0.0 --threads 4` changes where it listens and how many threads it computes with. In a container: `docker build -t model . && docker run --rm -p 8080:8080 model`. The server asks for no credentials: put it behind your own gateway.",
    `The request and the response are those of the platform's \`POST /v1/predictions\`: ${wordsOf(task).answers}`,
    "`nearest` and `explain` need the rows that the model was taught; they are not in this folder, and asking for them is refused.",
    "## Files",
    filesTable(task, of),
    ...(of.isWhole ? [WHOLE] : []),
    "## In Python",
    ...python(task, of),
    "",
  ].join("\n\n");
}

const WHOLE =
  "The base was tuned whole: each of its matrices changed in more directions than an adapter has, so there is no adapter for `peft`. `model.onnx` holds the tuned weights.";

const fenced = (language: string, lines: readonly string[]) =>
  [`\`\`\`${language}`, ...lines, "```"].join("\n");

const SAMPLES = ["a text", "another text"];

function request(task: Task, model: string): string[] {
  const names = inputNames(task);
  const row = names.length > 1 ? Object.fromEntries(names.map((name, i) => [name, SAMPLES[i]])) : SAMPLES[0];
  return [
    'curl http://127.0.0.1:8080/v1/predictions -H "content-type: application/json" \\',
    `  -d '${JSON.stringify({ model, input: [row] })}'`,
  ];
}

interface Words {
  /** What comes back of each row. */
  answers: string;
  /** What the graph is. */
  graph: string;
  /** What stands in `settings.json`, where there is one. */
  settings: string;
  /** Rows of the head's matrix. */
  outputs: string;
  /** What of the server makes answers of words' scores; only where the graph ends with these. */
  decodedBy?: string;
}
const REFUSED = "`threshold` and `abstain` are refused: only models that answer one label withhold answers.";
const WORDS: Partial<Record<View, Words>> = {
  labels: {
    answers:
      "of each row its `label` with its `confidence`, the likeliest `labels`, and where the model tells, whether it is `out_of_scope`. With `threshold` or `abstain` an unsure answer says that it is `abstained`.",
    graph: "the whole classifier, temperature and adapter inside",
    settings: "",
    outputs: "labels",
  },
  several: {
    answers: `of each row its \`labels\`, each with its \`probability\` and whether it is \`assigned\`, which it is from its own threshold on. ${REFUSED}`,
    graph: "the whole model, adapter inside",
    settings: "`thresholds`: from which probability each label is assigned",
    outputs: "labels",
  },
  number: {
    answers: `of each row a \`value\` and the \`interval\` around it, which holds the truth of a new row in a share of cases that \`coverage\` states. Both stay within the numbers that were taught. ${REFUSED}`,
    graph: "the whole model, the numbers' scale and adapter inside",
    settings:
      "`mean`, `spread`: the scale; `least`, `most`: what was taught; `half`: half the width of the interval",
    outputs: "1",
  },
  spans: {
    answers: `of each row its \`spans\`: where each begins and ends, in Unicode code points of the text, its \`label\`, its \`text\`, and the \`confidence\` that it is exactly this span. ${REFUSED}`,
    graph: "the model up to the score of every tag for every word, adapter inside",
    settings:
      "`transitions` [tags, tags], row after row: what the score of a column's tag gains behind a row's. Tag 0 is outside, 1 + 2k begins label k, 2 + 2k goes on with it and stands behind these two alone",
    outputs: "tags",
    decodedBy: "decodeSpans",
  },
  text: {
    answers: `of each row the \`text\` in its context that answers the question, where it begins and ends there, in Unicode code points, and the \`confidence\` that it is exactly this piece. ${REFUSED}`,
    graph:
      "the model up to two scores of every word: that the answer begins and that it ends there, adapter inside",
    settings: "`temperature`: what the scores are divided by where they become probabilities",
    outputs: "2",
    decodedBy: "bestAnswer",
  },
};
function wordsOf({ id, view }: Task): Words {
  const words = WORDS[view];
  if (!words) throw new Error(`there are no words for models of ${id}`);
  return words;
}

/** Whether a head stands in the graph beside n-grams. */
const hasWeights = (task: Task, names: readonly string[]) =>
  names.includes("tokenizer.json") || inputNames(task).length > 1;

function filesTable(task: Task, { names }: Exported): string {
  const { graph, settings, outputs, decodedBy } = wordsOf(task);
  const head = [
    hasWeights(task, names) && `\`weight\` [${outputs}, features]`,
    "`bias`",
    names.includes("hashes.u32") && `\`ngram.weight\` [n-grams, ${outputs}]`,
  ].filter((one) => one !== false);
  const rows: [files: string[], what: string][] = [
    [["model.onnx"], `${graph}, in standard operators`],
    [
      ["labels.json"],
      decodedBy ? "the labels, numbered by their place" : "the labels, in the order of the graph's columns",
    ],
    [["thresholds.json"], "when a text is out of scope, and from which confidence to answer"],
    [["settings.json"], settings],
    [["head.safetensors"], head.join(", ")],
    [["adapter_model.safetensors", "adapter_config.json"], "the tuned part of the base, for Python's `peft`"],
    [["tokenizer.json"], "of the base, for `tokenizers`"],
    [["hashes.u32", "idf.f32"], "the n-gram table: ascending 32-bit hashes and their weights, little-endian"],
    [
      names.filter((name) => name.startsWith("row-")),
      "vectors of the taught rows, which scope is likeness to; no text is among these",
    ],
    [["parity.json"], "how far the graph was from the platform's own answers when it was exported"],
    [["MODEL_CARD.md"], "what it is for, how good it is, what it gets wrong"],
    [["licences"], "of the base whose weights are inside"],
    [["server.mjs", "package.json", "Dockerfile"], "the server"],
  ];
  const shown = rows.flatMap(([files, what]) => {
    const here = files.filter((name) => names.includes(name));
    return here.length > 0 ? [`| ${here.map((name) => `\`${name}\``).join(", ")} | ${what} |`] : [];
  });
  return [
    "| file | what it is |",
    "| --- | --- |",
    ...shown,
    "| `MANIFEST.json` | the SHA-256 of every other file |",
  ].join("\n");
}

function python(task: Task, of: Exported): string[] {
  const { names, recipe, maxTokens } = of;
  const { decodedBy, outputs: width } = wordsOf(task);
  if (decodedBy) return [pythonOfWords(of, hasWeights(task, names), width, decodedBy)];
  const texts = SAMPLES.slice(0, inputNames(task).length);
  const isPair = texts.length > 1;
  const hasNgrams = names.includes("hashes.u32");
  const hasOverlap = isPair && (maxTokens === null || recipe === "wide");
  const batch = `[batch, tokens], at most ${maxTokens} tokens`;
  const inputs = [
    maxTokens !== null && `\`input_ids\` and \`attention_mask\` int64 ${batch}`,
    maxTokens !== null && isPair && "both texts of a row are two of the batch, one after the other",
    hasNgrams && "`ngram_ids` int64 and `ngram_weights` float32 [batch, n-grams], padded with weight 0",
    hasOverlap && "`overlap` float32 [rows, 3]",
  ].filter((one) => one !== false);
  const outputs = [
    task.view === "number" ? "`value` float64 [rows]" : "`probabilities`, `logits` [batch, labels]",
    maxTokens !== null && "`embedding` [batch, hidden]",
  ].filter((one) => one !== false);
  const said = runs(inputs, outputs);
  if (hasNgrams || hasOverlap)
    return [
      `${said} What is counted of a text's words is made by \`server.mjs\` (\`countNgrams\`) and has to be made alike.`,
    ];
  return [said, fenced("python", snippet(task.view, texts, maxTokens ?? 0))];
}

const runs = (inputs: readonly string[], outputs: readonly string[]) =>
  `\`model.onnx\` runs in \`onnxruntime\` as it is. Inputs: ${inputs.join("; ")}. Outputs: ${outputs.join(", ")}.`;

/** Of a graph whose rows are words. */
function pythonOfWords(
  { names, maxTokens }: Exported,
  hasColumns: boolean,
  outputs: string,
  decodedBy: string,
): string {
  const inputs = [
    maxTokens !== null &&
      `\`input_ids\` and \`attention_mask\` int64 [windows, tokens], at most ${maxTokens} tokens; \`places\` int64 [words], at which of all windows' tokens each word is read`,
    hasColumns && "`columns` float32 [words, columns]",
    names.includes("hashes.u32") &&
      "`ngram_ids` int64 and `ngram_weights` float32 [words, features], padded with weight 0",
  ].filter((one) => one !== false);
  return `${runs(inputs, [`\`scores\` float32 [words, ${outputs}]`])} How texts become words and windows and what is counted of them is in \`server.mjs\` (\`createWordReader\`), and how scores become answers (\`${decodedBy}\`); both have to be made alike.`;
}

const snippet = (view: View, texts: readonly string[], maxTokens: number): string[] => [
  `import ${view === "number" ? "" : "json, "}numpy, onnxruntime, tokenizers`,
  'session = onnxruntime.InferenceSession("model.onnx")',
  'tokenizer = tokenizers.Tokenizer.from_file("tokenizer.json")',
  "# The file's own lengths are others.",
  `tokenizer.enable_truncation(${maxTokens})`,
  "tokenizer.enable_padding()",
  `encoded = tokenizer.encode_batch(${JSON.stringify(texts).replace(",", ", ")})`,
  "feeds = {",
  '    "input_ids": numpy.array([one.ids for one in encoded]),',
  '    "attention_mask": numpy.array([one.attention_mask for one in encoded]),',
  "}",
  ...(view === "number"
    ? ['print(session.run(["value"], feeds)[0])']
    : [
        'probabilities = session.run(["probabilities"], feeds)[0][0]',
        'print(dict(zip(json.load(open("labels.json")), probabilities)))',
      ]),
];
