import type { ZodType } from "zod";
import type { Lora } from "./base/lora-shape";
import type { Change } from "./base/whole-shape";
import type {
  ColumnMap,
  ColumnProfile,
  Explanation,
  Hyperparameters,
  ModelReport,
  Precision,
  Stage,
} from "./contract";
import type { LinearHead } from "./linear/softmax-head";
import type { LeftOut } from "./report/leave-out";
import type { NgramShares } from "./report/ngram-words";
import type { TokenSpan } from "./report/words";

/**
 * The engine's interface: a *task* says what rows, outputs, metrics and views are; a *recipe* says how it is
 * fitted. This file and every file under `tasks/` import only zod and types at top level and load heavy code
 * by dynamic import, so `app` can build forms, documents and result pages from the same schemas.
 */

/** How the cell of a role is read; `data/cells.ts` has a reader for each. A role of `columns` takes several. */
export type RoleKind = "text" | "category" | "labels" | "number" | "spans" | "answer" | "columns";

/** A cell of a table; null where it is empty, which is a value like any other. */
export type TableValue = string | number | null;
/** A row of a table by column. */
export type TableRow = Readonly<Record<string, TableValue>>;

/**
 * A column that a person points at. Several of one part make an object by their names, one is the value itself; a role
 * of several columns is an object by the columns' own names.
 */
export interface Role {
  name: string;
  part: "input" | "target";
  kind: RoleKind;
  required: boolean;
}

/** An answer as the one message of a chat, with the words that it was chosen among, the likeliest first. */
export interface ChatAnswer {
  content: string;
  /** Empty where the answer is not one of a list. */
  choices: readonly { label: string; probability: number }[];
}

export interface Task<Input = unknown, Target = unknown, Output = unknown> {
  /** Wire value of `graft.task`. */
  id: string;
  /** Drives the column mapper, the check of a file and how an object of a request becomes an input. */
  roles: readonly Role[];
  input: ZodType<Input>;
  target: ZodType<Target>;
  output: ZodType<Output>;
  /** 0..1: how well a file with these columns fits; the highest wins when no task is given. */
  guess(columns: readonly ColumnProfile[]): { confidence: number; columns: ColumnMap };
  /** The first one chooses between recipes. */
  metrics: readonly [string, ...string[]];
  view: "labels" | "several" | "number" | "spans" | "boxes" | "forecast" | "ranking" | "text" | "picture";
  /** Wire values of `graft.recipe` that this task accepts, cheapest first. */
  recipes: readonly string[];
  /** Whether a model may have its base answer in int8: its engine measures what that costs it. */
  answersInInt8?: boolean;
  /** Whether the base is read word by word: then its last layers are not run, nor tuned. */
  readsWords?: boolean;
  /** Whether an adapter that was brought along can be read through: its engine fits a head on what the base makes of rows. */
  takesAdapters?: boolean;
  /** Whether a trained model can be taken away. */
  leaves: boolean;
  chat(output: Output): ChatAnswer;
  /**
   * The answer as cells behind a customer's row; as many as there are names. `labels` are the report's: what the model
   * chooses between.
   */
  cells: { names(labels: readonly string[]): readonly string[]; of(output: Output): (string | number)[] };
  /** Heavy code: train-child and serve only. */
  engine(): Promise<Engine<Input, Target, Output>>;
}

/** One accepted row of a frozen dataset version. `line` is the 1-based line in the customer's file. */
export interface Row<Input, Target> {
  line: number;
  input: Input;
  target: Target;
}

export interface Engine<Input = unknown, Target = unknown, Output = unknown> {
  recipes: readonly Recipe[];
  /** The whole of stages preprocess to evaluate; writes the artifact under `run.dir`. Throws `TrainingError`. */
  train(order: TrainOrder, run: Run): Promise<TrainResult>;
  /** Opens a trained model for serving. Throws when a hash or the format version does not fit. */
  open(artifactDir: string, bases: TokenizerSource): Promise<Predictor<Input, Output>>;
  /**
   * Writes a trained model as files that answer without the platform. Throws when they would answer otherwise. There
   * where the task says that its models leave.
   */
  exportTo?(order: ExportOrder): Promise<Parity>;
  /** Type anchors; never read. */
  readonly rows?: AsyncIterable<Row<Input, Target>>;
}

export interface Recipe {
  id: string;
  /** `tuning`: gradients through the base, which WebAssembly has not. */
  needs: { base: boolean; tuning: boolean };
  /** Rough cost of one fit, for budgets and admission; not a promise. */
  estimate(profile: Profile): { seconds: number; bytes: number };
}

/** What a fit's cost depends on. */
export interface Profile {
  rows: number;
  classes: number;
  meanTokens: number;
  /** As ordered; absent: as many as the recipe usually takes. */
  epochs?: number | undefined;
  /** Share of the base's layers that an adapter was ordered for; absent: all. */
  tunedShare?: number | undefined;
}

/** A pretrained base on disk: `model.onnx`, `tokenizer.json`, `config.json`, verified by `lib/bases.ts`. */
export interface BaseFiles {
  id: string;
  dir: string;
  sha256: string;
}

export interface TrainOrder {
  /** NDJSON of accepted rows: `{ line, input, target }`, frozen by `rowsSha256`. */
  rowsPath: string;
  rowsSha256: string;
  /** Rows to measure on instead of a split of our own. */
  validationRowsPath: string | null;
  /** Content hashes of the frozen test rows, one per line; null on the dataset's first training. */
  splitPath: string | null;
  recipe: string;
  /** Null when no base is installed: recipes that need one are skipped with that reason. */
  base: BaseFiles | null;
  /** Why a base that is installed was not handed over: what would read it is refused with this sentence. */
  baseDamage?: string;
  /** Folder of an adapter in PEFT's form that the base is read through, instead of tuning one. */
  adapterDir?: string;
  seed: number;
  refit: boolean;
  budgetMinutes: number;
  /** Absent: all as usual. */
  hyperparameters?: Hyperparameters | undefined;
  /** How the base is to answer for the model; int8 where the model's own test score holds, else and by default float32. */
  precision?: Precision;
}

export interface Run {
  /** Owned by this attempt alone; everything is written below it. */
  dir: string;
  /** Shared by the runs of one tenant: embeddings by content hash. Removed with the tenant's data. */
  cacheDir: string;
  /** Exists; kept between the attempts of one job, so that one goes on where the last one was. Removed with the job. */
  checkpointDir: string;
  threads: number;
  signal: AbortSignal;
  stage(stage: Stage, status: "running" | "done" | "skipped", reason?: string): void;
  progress(stage: Stage, done: number, total: number, metrics?: Record<string, number>): void;
  log(level: "info" | "warn", message: string, data?: Record<string, unknown>): void;
  /**
   * Hands out a model that answers while a better one is still fitted: once an attempt at most, after the cheap
   * recipes were compared. Its folders stay as they are from then on.
   */
  provisional(result: TrainResult): void;
}

export interface TrainResult {
  artifactDir: string;
  /** The frozen test split to keep for this dataset's next trainings. */
  splitPath: string;
  report: ModelReport;
}

export interface ExportOrder {
  artifactDir: string;
  /** The base that the model was fitted on; null when it has none. */
  base: BaseFiles | null;
  /** Empty; the files go there. */
  dir: string;
  threads: number;
  /** Texts of rows that its report quotes: asked, like odd ones, of the platform and of the export, and never written. */
  quoted: string[];
  /** What stands in no artifact. */
  facts: {
    model: string;
    /** Unix seconds. */
    created: number;
    /** The confidence from which it answers where a caller asks to abstain but names no threshold. */
    abstainBelow: number;
    /** For each accepted share of wrong answers the threshold that keeps it with 95 % certainty. */
    promised: { accepted: number; threshold: number }[];
  };
}
/** How far an exported model's answers are from the platform's own: in probabilities, or in shares of a number's range. */
export interface Parity {
  rows: number;
  max_difference: number;
  limit: number;
}

/** A refusal that the customer can act on; anything else thrown by the engine is a defect. */
export class TrainingError extends Error {
  override readonly name = "TrainingError";
  constructor(
    /** One of the codes in `lib/errors.ts`. */
    readonly code: string,
    message: string,
    readonly param: string | null = null,
  ) {
    super(message);
  }
}

/** Gives the tokenizer of a base by id; serve and train-child hold one each. */
export type TokenizerSource = (baseId: string) => Promise<Tokenize>;
/** Token ids with special tokens, cut at the base's maximum; `truncated` says whether anything was lost. */
export type Tokenize = (text: string) => { ids: Int32Array; truncated: boolean };

/** An adapter as serving holds it: its matrices, under a name that is unique among all tenants' adapters. */
export interface ServedAdapter {
  key: string;
  lora: Lora;
}
/** A whole tuned base as serving holds it: what was changed, under a name that is unique among all tenants' ones. */
export interface ServedWhole {
  key: string;
  change: Change;
}
/** Token ids with special tokens, read by the base alone, through an adapter of it, or by the base as it was tuned whole. */
export interface Sequence {
  ids: Int32Array;
  adapter?: ServedAdapter;
  /** What the adapter's difference is multiplied by; 1 where it is absent. */
  scale?: number;
  /** Answered by a session of its own. */
  whole?: ServedWhole;
  /** float32 where it is absent. */
  precision?: Precision;
  /** Asks for a vector of each token instead of one of the sentence. */
  isPerToken?: boolean;
}
/** One sequence for a base. Serve batches these across tenants, models, adapters and tasks. */
export interface ForwardRequest extends Sequence {
  base: string;
}
/**
 * Of one request: its unit-length sentence embedding [hidden], or its tokens' hidden states [tokens, hidden]
 * row-major after the layer that `base/bert-graph.ts` names, special tokens among them.
 */
export type ForwardResult = Float32Array;

export interface Ask {
  topK: number;
  nearest: number;
}

/** How a base reads one text for its vector. */
export type Reads = (text: string) => ForwardRequest;

/** `predict` in two halves, so that serve batches the middle without knowing task or tenant. */
export interface Predictor<Input = unknown, Output = unknown> {
  sizeBytes: number;
  /** The model's own vectors, through its adapter where it has one; absent where it reads without a base. */
  reads?: Reads;
  /** One list of requests per input; empty lists when the model is pure arithmetic. */
  before(inputs: readonly Input[]): { requests: ForwardRequest[][]; tokens: number; truncated: boolean[] };
  after(inputs: readonly Input[], outputs: readonly ForwardResult[][], ask: Ask): Output[];
  /** What explanations ask; absent where an answer is a piece of the input itself. */
  scoring?: Scoring<Input, Output>;
  /** What gradients ask; absent where no base is read. */
  differentiate?(input: Input): Differentiable;
}
/** One input as gradients see it: what the base reads, the head on it, and the words that both are told by. */
export interface Differentiable {
  request: ForwardRequest;
  head: LinearHead;
  temperature: number;
  words: readonly TokenSpan[];
  /** Beside the head, before the temperature. */
  ngrams: NgramShares;
}
export interface Scoring<Input = unknown, Output = unknown> extends Told<Input, Output> {
  /** What may be explained; of a number it is the one thing that is answered. */
  labels: readonly string[];
  /** Calibrated, [inputs, labels]: their softmax or sigmoid is what `after` answers, or they are the number itself. */
  scores(inputs: readonly Input[], outputs: readonly ForwardResult[][]): Float32Array;
}
/** What the parts of an input are told by. */
export interface Told<Input, Output> {
  addsTo: Explanation["adds_to"];
  /** What parts add to of one label, from a row of scores. */
  weigh(scores: Float32Array, label: number): number;
  /** Labels that an answer's parts are told for, the first one first. */
  explained(output: Output): string[];
  leaveOut(input: Input): LeftOut<Input>;
}
