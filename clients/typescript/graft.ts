// Made from clients/openapi.json; do not change it by hand.

/** What the service refused, with what to do in the message. */
export class GraftError extends Error {
  override readonly name = "GraftError";
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly param: string | null,
    readonly requestId: string | null,
  ) {
    super(message);
  }
}

export interface RequestOptions {
  signal?: AbortSignal;
  /** Asked again with the same key, the same answer is given again. */
  idempotencyKey?: string;
}
interface Sent extends RequestOptions {
  body?: unknown;
  form?: [field: string, file: Blob, fields: Record<string, string | undefined>];
  query?: Record<string, unknown>;
}

export type Batch = {
  id: string;
  object: "batch";
  endpoint: string;
  input_file_id: string;
  created_at: number;
  metadata: Record<string, string> | null;
  status:
    | "validating"
    | "failed"
    | "in_progress"
    | "finalizing"
    | "completed"
    | "expired"
    | "cancelling"
    | "cancelled";
  output_file_id: string | null;
  error_file_id: string | null;
  request_counts: { total: number; completed: number; failed: number };
};
export type ChatCompletion = {
  id: string;
  object: "chat.completion";
  created: number;
  model: string;
  graft?: { strength?: number };
  usage: { total_tokens: number };
  choices: Array<{ index: number; finish_reason: string; message: { role: "assistant"; content: string } }>;
};
export type Checkpoint = {
  object: "fine_tuning.job.checkpoint";
  id: string;
  created_at: number;
  step_number: number;
  fine_tuned_model_checkpoint: string;
};
export type Classification = {
  id: string;
  classifications: Array<{
    prediction: string | null;
    predictions: Array<string>;
    confidence: number | null;
    labels: Record<string, { confidence: number }>;
  }>;
};
export type Deleted = { id: string; object: string; deleted: true };
export type Deployment = {
  id: string;
  object: "deployment";
  created: number;
  task: string;
  model: string;
  strength: number | null;
  previous_model: string | null;
  canary: { model: string; percent: number } | null;
  shadow: { model: string } | null;
};
export type DeploymentChange = {
  id: string;
  object: "deployment.change";
  created: number;
  kind: string;
  model: string | null;
  percent: number | null;
  strength: number | null;
  forced: boolean;
};
export type Embeddings = {
  object: "list";
  model: string;
  graft?: { strength?: number };
  usage: { total_tokens: number };
  data: Array<{ object: "embedding"; index: number; embedding: Array<number> | string }>;
};
export type ErrorAnswer = { error: { message: string; type: string; param: string | null; code: string } };
export type Estimate = {
  object: "fine_tuning.estimate";
  price: { decimal: string; currency: string } | null;
  promised_minutes: number | null;
};
export type Example = {
  id: string;
  object: "example";
  created: number;
  input: unknown;
  expected: string;
  tolerance: number | null;
};
export type FeedbackEntry = {
  id: string;
  object: "feedback";
  created: number;
  prediction: string;
  index: number;
  model: string;
  correct: boolean;
  label: string | null;
  input: unknown;
};
export type File = {
  id: string;
  object: "file";
  bytes: number;
  created_at: number;
  expires_at: number | null;
  filename: string;
  purpose: string;
  status: "uploaded" | "processed" | "error";
  status_details: string | null;
  validation: Record<string, unknown> | null;
};
export type Job = {
  object: "fine_tuning.job";
  id: string;
  model: string;
  created_at: number;
  finished_at: number | null;
  fine_tuned_model: string | null;
  status: "validating_files" | "queued" | "running" | "paused" | "succeeded" | "failed" | "cancelled";
  training_file: string | null;
  validation_file: string | null;
  metadata: Record<string, string> | null;
  error: { code: string; message: string; param: string | null } | null;
  graft: { task: string; stage: string | null; provisional_model: string | null };
};
export type JobEvent = {
  object: "fine_tuning.job.event";
  id: string;
  created_at: number;
  message: string;
  level: "info" | "warn" | "error";
};
export type Model = {
  id: string;
  object: "model";
  created: number;
  owned_by: string;
  shutdown_date: string | null;
  graft: { task: string };
};
export type ModelReport = {
  object: "model.report";
  model: string;
  created: number;
  has_texts: boolean;
  format_version: 1;
  task: string;
  recipe: string;
  base: { id: string; sha256: string } | null;
  rows: { total: number; train: number; test: number; taught_only?: number };
  labels: Array<string>;
  evaluation:
    | {
        kind: "test" | "cross_validated";
        n: number;
        measures: "labels";
        accuracy: { value: number; low: number; high: number };
        macro_f1: { value: number; low: number; high: number };
        per_class: Array<{ label: string; precision: number; recall: number; f1: number; support: number }>;
        confusions: Array<{
          actual: string;
          predicted: string;
          count: number;
          rows: Array<{ line: number; text: string; confidence: number }>;
        }>;
        confusion_pairs?: number;
        calibration: {
          ece: number | null;
          bins: Array<{ confidence: number; accuracy: number; n: number }>;
          before?: { ece: number | null; bins: Array<{ confidence: number; accuracy: number; n: number }> };
          ece_by_chance?: number | null;
        };
        selective: Array<{ threshold: number; coverage: number; error: number; error_upper: number }>;
      }
    | {
        kind: "test" | "cross_validated";
        n: number;
        measures: "several_labels";
        micro_f1: { value: number; low: number; high: number };
        macro_f1: { value: number; low: number; high: number };
        exact: { value: number; low: number; high: number };
        per_class: Array<{
          label: string;
          precision: number;
          recall: number;
          f1: number;
          support: number;
          threshold: number;
        }>;
        worst: Array<{ line: number; text: string; missing: Array<string>; extra: Array<string> }>;
      }
    | {
        kind: "test" | "cross_validated";
        n: number;
        measures: "number";
        pearson: { value: number; low: number; high: number };
        spearman: { value: number; low: number; high: number };
        mae: { value: number; low: number; high: number };
        interval: {
          promised: number;
          covered: { value: number; low: number; high: number };
          mean_width: number;
        };
        levels?: {
          levels: Array<number>;
          cuts: Array<number>;
          n: number;
          exact: { value: number; low: number; high: number };
          within_one: { value: number; low: number; high: number };
          kappa: { value: number; low: number; high: number };
          table: Array<Array<number>>;
        };
        points: Array<{ actual: number; predicted: number }>;
        worst: Array<{ line: number; text: string; actual: number; predicted: number }>;
      }
    | {
        kind: "test" | "cross_validated";
        n: number;
        measures: "spans";
        f1: { value: number; low: number; high: number };
        precision: number;
        recall: number;
        per_class: Array<{ label: string; precision: number; recall: number; f1: number; support: number }>;
        calibration: { ece: number | null; bins: Array<{ confidence: number; accuracy: number; n: number }> };
        worst: Array<{
          line: number;
          text: string;
          spans: Array<{ start: number; end: number; label: string; is: "right" | "missed" | "wrong" }>;
        }>;
      }
    | {
        kind: "test" | "cross_validated";
        n: number;
        measures: "answers";
        f1: { value: number; low: number; high: number };
        exact: { value: number; low: number; high: number };
        worst: Array<{ line: number; question: string; text: string; expected: string; answered: string }>;
      };
  compared: Array<{
    recipe: string;
    scores: Record<string, { value: number; low?: number; high?: number }>;
    seconds: number;
    chosen: boolean;
    effective: Record<string, number | string | boolean>;
    readings?: {
      metric: string;
      rows: number;
      tried: Array<{
        rank: number | "whole";
        strength: number;
        ngrams: number;
        value: number;
        chosen: boolean;
      }>;
    };
  }>;
  left_out: Array<{ recipe: string; seconds: number }>;
  choice: string;
  paired_difference: { value: number; low: number; high: number } | null;
  floor: { scores: Record<string, { value: number; low?: number; high?: number }> };
  frozen?: { recipe: string; scores: Record<string, { value: number; low?: number; high?: number }> };
  temperature?: number;
  imported_adapter?: { rank: number; targets: Array<string>; sha256: string };
  scope?: {
    score: "similarity" | "max_probability" | "max_logit" | "energy";
    threshold: number;
    auroc: number;
    measured?: { low: number; high: number; inside: number; outside: number; rounds: number };
    withheld?: { value: number; low: number; high: number };
  } | null;
  columns?: Array<{
    name: string;
    kind: "number" | "category";
    values: Array<string>;
    usual: string | number | null;
  }>;
  precision?: {
    answers: "float32" | "int8";
    reason: "holds" | "drops" | "no_test_rows" | "no_base";
    measured: {
      rows: number;
      float32: number;
      int8: number;
      difference: { value: number; low: number; high: number };
    } | null;
  };
  own_session?: { bytes: number; cold_ms: number };
  label_issues?: {
    count: number;
    rows: Array<{ line: number; text: string; given: string; suggested: string; score: number }>;
  };
  learning_curve?:
    | {
        status: "given";
        of?: string;
        points: Array<{ rows: number; accuracy: number }>;
        curve: Array<{ rows: number; accuracy: number; low: number; high: number }>;
        now: { rows: number; accuracy: number; low: number; high: number };
        twice: { rows: number; accuracy: number; low: number; high: number };
        classes: Array<{ label: string; rows: number; before: number; after: number }>;
      }
    | {
        status: "refused";
        reason: "too_few_rows" | "too_slow" | "not_rising" | "too_uncertain";
        of?: string;
        points: Array<{ rows: number; accuracy: number }>;
      };
  abstention?: Array<{
    accepted: number;
    threshold: number;
    coverage: { value: number; low: number; high: number };
    error: number;
    error_upper: number;
  }>;
  leakage?: number;
  refit: boolean;
  seed: number;
  backend: string;
  seconds: Record<string, number>;
  trained_tokens: number;
  hashes: { rows: string; split: string; artifact: string };
};
export type NewWebhookEndpoint = {
  id: string;
  object: "webhook_endpoint";
  created: number;
  url: string;
  description: string;
  events: Array<string>;
  enabled: boolean;
  disabled_because: string | null;
  secret: string;
};
export type Prediction = {
  id: string;
  object: "list";
  model: string;
  graft?: { strength?: number };
  created: number;
  data: Array<{ index: number }>;
  usage: { inputs: number; tokens: number };
};
export type ShadowReport = {
  object: "deployment.shadow_report";
  model: string;
  shadow: string;
  rows: number;
  same: number;
  differences: Array<{ answered: string; shadowed: string; rows: number }>;
};
export type TriedExample = {
  id: string;
  object: "example";
  created: number;
  input: unknown;
  expected: string;
  tolerance: number | null;
  answer: string;
  passed: boolean;
};
export type Upload = {
  id: string;
  object: "upload";
  bytes: number;
  created_at: number;
  expires_at: number;
  filename: string;
  purpose: string;
  status: "pending" | "completed" | "cancelled" | "expired";
  file?: {
    id: string;
    object: "file";
    bytes: number;
    created_at: number;
    expires_at: number | null;
    filename: string;
    purpose: string;
    status: "uploaded" | "processed" | "error";
    status_details: string | null;
    validation: Record<string, unknown> | null;
  };
};
export type UploadPart = { id: string; object: "upload.part"; created_at: number; upload_id: string };
export type UsageDay = {
  object: "usage.day";
  day: string;
  model: string;
  meter: string;
  route: string;
  requests: number;
  rows: number;
  billable: number;
  free: number;
};
export type WebhookDelivery = {
  id: string;
  object: "webhook_delivery";
  created: number;
  event: string;
  type: string;
  body: string;
  state: "pending" | "delivered" | "failed";
};
export type WebhookEndpoint = {
  id: string;
  object: "webhook_endpoint";
  created: number;
  url: string;
  description: string;
  events: Array<string>;
  enabled: boolean;
  disabled_because: string | null;
};
export type WebhookReplay = { id: string; deliveries: number };
export type WebhookSecret = { id: string; secret: string; previous_valid_until: number };
export type WebhookTest = { id: string; sent: true };

const RETRIED = [408, 409, 429, 500, 502, 503, 504];
const MOST_WAIT_MS = 60_000;

export class Graft {
  constructor(
    private readonly settings: { apiKey: string; baseUrl: string; maxRetries?: number; fetch?: typeof fetch },
  ) {}

  private async ask(
    method: string,
    path: string,
    { body, form, query = {}, signal, idempotencyKey }: Sent,
  ): Promise<Response> {
    const { apiKey, baseUrl, maxRetries = 2, fetch: send = fetch } = this.settings;
    const url = new URL(path, baseUrl);
    for (const [name, value] of Object.entries(query))
      if (value !== undefined) url.searchParams.set(name, String(value));
    const headers: Record<string, string> = { authorization: `Bearer ${apiKey}` };
    if (body !== undefined) headers["content-type"] = "application/json";
    if (idempotencyKey !== undefined) headers["idempotency-key"] = idempotencyKey;
    for (let tries = 0; ; tries++) {
      const data = form && new FormData();
      if (form && data) {
        for (const [name, value] of Object.entries(form[2])) if (value !== undefined) data.set(name, value);
        data.set(form[0], form[1]);
      }
      const response = await send(url, {
        method,
        headers,
        ...(signal ? { signal } : {}),
        ...(data ? { body: data } : body !== undefined ? { body: JSON.stringify(body) } : {}),
      });
      if (response.ok) return response;
      const again = response.headers.get("x-should-retry");
      const mayRetry = again === null ? RETRIED.includes(response.status) : again === "true";
      if (!mayRetry || tries >= maxRetries) throw await errorOf(response);
      const told = Number(response.headers.get("retry-after-ms") ?? 500 * 2 ** tries);
      await new Promise((done) => setTimeout(done, Math.min(told, MOST_WAIT_MS)));
    }
  }
  private async json<T>(method: string, path: string, sent: Sent): Promise<T> {
    return (await (await this.ask(method, path, sent)).json()) as T;
  }
  private async bytes(method: string, path: string, sent: Sent): Promise<Blob> {
    return (await this.ask(method, path, sent)).blob();
  }

  /** Lists batches, newest first. */
  listBatches(
    query: { after?: string; limit?: number } = {},
    options: RequestOptions = {},
  ): Promise<{ object: "list"; data: Array<Batch>; has_more?: boolean }> {
    return this.json<{ object: "list"; data: Array<Batch>; has_more?: boolean }>("GET", `/v1/batches`, {
      query,
      ...options,
    });
  }

  /** Orders many answers at once. */
  createBatch(
    body: {
      input_file_id: string;
      endpoint: "/v1/predictions" | "/v1/chat/completions" | "/v1/embeddings";
      completion_window?: "24h";
      metadata?: Record<string, string> | null;
      graft?: { model: string; columns?: Record<string, string> };
    },
    options: RequestOptions = {},
  ): Promise<Batch> {
    return this.json<Batch>("POST", `/v1/batches`, { body, ...options });
  }

  /** A batch with how far it is. */
  getBatch(id: string, options: RequestOptions = {}): Promise<Batch> {
    return this.json<Batch>("GET", `/v1/batches/${encodeURIComponent(id)}`, { ...options });
  }

  /** Ends a batch; what is done is handed out. */
  cancelBatch(id: string, options: RequestOptions = {}): Promise<Batch> {
    return this.json<Batch>("POST", `/v1/batches/${encodeURIComponent(id)}/cancel`, { ...options });
  }

  /** A model behind OpenAI's chat shape. */
  createChatCompletion(
    body: {
      model: string;
      messages: Array<{ role: string; content?: string | Array<{ type: string; text?: string }> | null }>;
      stream?: boolean | null;
      stream_options?: { include_usage?: boolean | null } | null;
      logprobs?: boolean | null;
      top_logprobs?: number | null;
      n?: number | null;
      explain?: boolean | "occlusion" | "integrated_gradients" | null;
    },
    options: RequestOptions = {},
  ): Promise<ChatCompletion> {
    return this.json<ChatCompletion>("POST", `/v1/chat/completions`, { body, ...options });
  }

  /** Labels in Cohere's shape. */
  classify(
    body: { model: string; inputs: Array<string>; examples?: Array<unknown> | null },
    options: RequestOptions = {},
  ): Promise<Classification> {
    return this.json<Classification>("POST", `/v1/classify`, { body, ...options });
  }

  /** Lists names with the versions that answer. */
  listDeployments(
    options: RequestOptions = {},
  ): Promise<{ object: "list"; data: Array<Deployment>; has_more?: boolean }> {
    return this.json<{ object: "list"; data: Array<Deployment>; has_more?: boolean }>(
      "GET",
      `/v1/deployments`,
      { ...options },
    );
  }

  /** Gives a model a stable name. */
  createDeployment(body: { name: string; model: string }, options: RequestOptions = {}): Promise<Deployment> {
    return this.json<Deployment>("POST", `/v1/deployments`, { body, ...options });
  }

  /** A name with its version, canary and shadow. */
  getDeployment(name: string, options: RequestOptions = {}): Promise<Deployment> {
    return this.json<Deployment>("GET", `/v1/deployments/${encodeURIComponent(name)}`, { ...options });
  }

  /** Sets how much the version's adapter counts; begins, changes or ends a canary or a shadow. */
  changeDeployment(
    name: string,
    body: {
      strength?: number | null;
      force?: boolean;
      canary?: { model: string; percent: number } | null;
      shadow?: { model: string } | null;
    },
    options: RequestOptions = {},
  ): Promise<Deployment> {
    return this.json<Deployment>("PATCH", `/v1/deployments/${encodeURIComponent(name)}`, {
      body,
      ...options,
    });
  }

  /** Deletes a name; models stay. */
  deleteDeployment(name: string, options: RequestOptions = {}): Promise<Deleted> {
    return this.json<Deleted>("DELETE", `/v1/deployments/${encodeURIComponent(name)}`, { ...options });
  }

  /** Questions with their right answers. */
  listExamples(
    name: string,
    options: RequestOptions = {},
  ): Promise<{ object: "list"; data: Array<Example>; has_more?: boolean }> {
    return this.json<{ object: "list"; data: Array<Example>; has_more?: boolean }>(
      "GET",
      `/v1/deployments/${encodeURIComponent(name)}/examples`,
      { ...options },
    );
  }

  /** Saves a question with its right answer. */
  createExample(
    name: string,
    body: { input: string | Record<string, unknown>; expected: string; tolerance?: number },
    options: RequestOptions = {},
  ): Promise<Example> {
    return this.json<Example>("POST", `/v1/deployments/${encodeURIComponent(name)}/examples`, {
      body,
      ...options,
    });
  }

  /** What a version answers to the examples. */
  checkExamples(
    name: string,
    body: { model: string; strength?: number | null },
    options: RequestOptions = {},
  ): Promise<{ object: "list"; data: Array<TriedExample>; has_more?: boolean }> {
    return this.json<{ object: "list"; data: Array<TriedExample>; has_more?: boolean }>(
      "POST",
      `/v1/deployments/${encodeURIComponent(name)}/examples/check`,
      { body, ...options },
    );
  }

  /** Removes a saved example. */
  deleteExample(name: string, id: string, options: RequestOptions = {}): Promise<Deleted> {
    return this.json<Deleted>(
      "DELETE",
      `/v1/deployments/${encodeURIComponent(name)}/examples/${encodeURIComponent(id)}`,
      { ...options },
    );
  }

  /** Who had which version answer. */
  getDeploymentHistory(
    name: string,
    options: RequestOptions = {},
  ): Promise<{ object: "list"; data: Array<DeploymentChange>; has_more?: boolean }> {
    return this.json<{ object: "list"; data: Array<DeploymentChange>; has_more?: boolean }>(
      "GET",
      `/v1/deployments/${encodeURIComponent(name)}/history`,
      { ...options },
    );
  }

  /** Has a version answer from the next call on. */
  promoteDeployment(
    name: string,
    body: { model?: string; force?: boolean },
    options: RequestOptions = {},
  ): Promise<Deployment> {
    return this.json<Deployment>("POST", `/v1/deployments/${encodeURIComponent(name)}/promote`, {
      body,
      ...options,
    });
  }

  /** Has the version before answer again. */
  rollBackDeployment(name: string, options: RequestOptions = {}): Promise<Deployment> {
    return this.json<Deployment>("POST", `/v1/deployments/${encodeURIComponent(name)}/rollback`, {
      ...options,
    });
  }

  /** Where the shadow says something else. */
  getShadowReport(name: string, options: RequestOptions = {}): Promise<ShadowReport> {
    return this.json<ShadowReport>("GET", `/v1/deployments/${encodeURIComponent(name)}/shadow`, {
      ...options,
    });
  }

  /** Unit vectors of texts, by a base or as a model reads them. */
  createEmbeddings(
    body: {
      model: string;
      input: unknown;
      encoding_format?: "float" | "base64" | null;
      dimensions?: number | null;
    },
    options: RequestOptions = {},
  ): Promise<Embeddings> {
    return this.json<Embeddings>("POST", `/v1/embeddings`, { body, ...options });
  }

  /** What people said of answers, newest first. */
  listFeedback(
    query: { model?: string; after?: string; limit?: number } = {},
    options: RequestOptions = {},
  ): Promise<{ object: "list"; data: Array<FeedbackEntry>; has_more?: boolean }> {
    return this.json<{ object: "list"; data: Array<FeedbackEntry>; has_more?: boolean }>(
      "GET",
      `/v1/feedback`,
      { query, ...options },
    );
  }

  /** Lists files, newest first. */
  listFiles(
    query: { purpose?: string; order?: "asc" | "desc"; after?: string; limit?: number } = {},
    options: RequestOptions = {},
  ): Promise<{ object: "list"; data: Array<File>; has_more?: boolean }> {
    return this.json<{ object: "list"; data: Array<File>; has_more?: boolean }>("GET", `/v1/files`, {
      query,
      ...options,
    });
  }

  /** Uploads a file. */
  createFile(file: Blob, fields: { purpose?: string } = {}, options: RequestOptions = {}): Promise<File> {
    return this.json<File>("POST", `/v1/files`, { form: ["file", file, fields], ...options });
  }

  /** A file, with what was found in it. */
  getFile(id: string, options: RequestOptions = {}): Promise<File> {
    return this.json<File>("GET", `/v1/files/${encodeURIComponent(id)}`, { ...options });
  }

  /** Deletes a file and everything read from it. */
  deleteFile(id: string, options: RequestOptions = {}): Promise<Deleted> {
    return this.json<Deleted>("DELETE", `/v1/files/${encodeURIComponent(id)}`, { ...options });
  }

  /** The bytes of a file. */
  getFileContent(id: string, options: RequestOptions = {}): Promise<Blob> {
    return this.bytes("GET", `/v1/files/${encodeURIComponent(id)}/content`, { ...options });
  }

  /** Lists trainings, newest first. */
  listJobs(
    query: { after?: string; limit?: number; metadata?: "null" } = {},
    options: RequestOptions = {},
  ): Promise<{ object: "list"; data: Array<Job>; has_more?: boolean }> {
    return this.json<{ object: "list"; data: Array<Job>; has_more?: boolean }>(
      "GET",
      `/v1/fine_tuning/jobs`,
      { query, ...options },
    );
  }

  /** Orders a training. */
  createJob(
    body: {
      model: string;
      training_file: string;
      validation_file?: string | null;
      suffix?: string | null;
      seed?: number | null;
      metadata?: Record<string, string> | null;
      method?: {
        type: string;
        supervised?: {
          hyperparameters?: {
            n_epochs?: "auto" | number;
            batch_size?: "auto" | number;
            learning_rate_multiplier?: "auto" | number;
          };
        };
      } | null;
      hyperparameters?: {
        n_epochs?: "auto" | number;
        batch_size?: "auto" | number;
        learning_rate_multiplier?: "auto" | number;
      } | null;
      integrations?: Array<unknown> | null;
      graft?: {
        task?: string;
        recipe?: string;
        columns?: Record<string, string | Array<string>>;
        dataset_version?: string;
        refit?: boolean;
        budget_minutes?: number;
        precision?: "float32" | "int8";
        lora?: { rank?: "auto" | number; alpha?: "auto" | number; layers?: "auto" | number };
        deployment?: string;
        max_price_minor?: number;
      } | null;
    },
    options: RequestOptions = {},
  ): Promise<Job> {
    return this.json<Job>("POST", `/v1/fine_tuning/jobs`, { body, ...options });
  }

  /** What an order would cost; nothing is started. */
  estimateJob(
    body: {
      model: string;
      training_file: string;
      validation_file?: string | null;
      suffix?: string | null;
      seed?: number | null;
      metadata?: Record<string, string> | null;
      method?: {
        type: string;
        supervised?: {
          hyperparameters?: {
            n_epochs?: "auto" | number;
            batch_size?: "auto" | number;
            learning_rate_multiplier?: "auto" | number;
          };
        };
      } | null;
      hyperparameters?: {
        n_epochs?: "auto" | number;
        batch_size?: "auto" | number;
        learning_rate_multiplier?: "auto" | number;
      } | null;
      integrations?: Array<unknown> | null;
      graft?: {
        task?: string;
        recipe?: string;
        columns?: Record<string, string | Array<string>>;
        dataset_version?: string;
        refit?: boolean;
        budget_minutes?: number;
        precision?: "float32" | "int8";
        lora?: { rank?: "auto" | number; alpha?: "auto" | number; layers?: "auto" | number };
        deployment?: string;
        max_price_minor?: number;
      } | null;
    },
    options: RequestOptions = {},
  ): Promise<Estimate> {
    return this.json<Estimate>("POST", `/v1/fine_tuning/jobs/estimate`, { body, ...options });
  }

  /** A training. */
  getJob(id: string, options: RequestOptions = {}): Promise<Job> {
    return this.json<Job>("GET", `/v1/fine_tuning/jobs/${encodeURIComponent(id)}`, { ...options });
  }

  /** Ends a training; nothing is charged. */
  cancelJob(id: string, options: RequestOptions = {}): Promise<Job> {
    return this.json<Job>("POST", `/v1/fine_tuning/jobs/${encodeURIComponent(id)}/cancel`, { ...options });
  }

  /** Models that answer before the last one. */
  listJobCheckpoints(
    id: string,
    query: { after?: string; limit?: number } = {},
    options: RequestOptions = {},
  ): Promise<{ object: "list"; data: Array<Checkpoint>; has_more?: boolean }> {
    return this.json<{ object: "list"; data: Array<Checkpoint>; has_more?: boolean }>(
      "GET",
      `/v1/fine_tuning/jobs/${encodeURIComponent(id)}/checkpoints`,
      { query, ...options },
    );
  }

  /** What happened in a training. */
  listJobEvents(
    id: string,
    query: { after?: string; limit?: number } = {},
    options: RequestOptions = {},
  ): Promise<{ object: "list"; data: Array<JobEvent>; has_more?: boolean }> {
    return this.json<{ object: "list"; data: Array<JobEvent>; has_more?: boolean }>(
      "GET",
      `/v1/fine_tuning/jobs/${encodeURIComponent(id)}/events`,
      { query, ...options },
    );
  }

  /** Makes room; it goes on where it was. */
  pauseJob(id: string, options: RequestOptions = {}): Promise<Job> {
    return this.json<Job>("POST", `/v1/fine_tuning/jobs/${encodeURIComponent(id)}/pause`, { ...options });
  }

  /** Goes on with a paused training. */
  resumeJob(id: string, options: RequestOptions = {}): Promise<Job> {
    return this.json<Job>("POST", `/v1/fine_tuning/jobs/${encodeURIComponent(id)}/resume`, { ...options });
  }

  /** Models and names that this key may ask. */
  listModels(
    options: RequestOptions = {},
  ): Promise<{ object: "list"; data: Array<Model>; has_more?: boolean }> {
    return this.json<{ object: "list"; data: Array<Model>; has_more?: boolean }>("GET", `/v1/models`, {
      ...options,
    });
  }

  /** Makes a model of a PEFT adapter for the same base. */
  importModel(file: Blob, fields: Record<string, never> = {}, options: RequestOptions = {}): Promise<Job> {
    return this.json<Job>("POST", `/v1/models/import`, { form: ["adapter", file, fields], ...options });
  }

  /** A model, or a name with its version. */
  getModel(model: string, options: RequestOptions = {}): Promise<Model> {
    return this.json<Model>("GET", `/v1/models/${encodeURIComponent(model)}`, { ...options });
  }

  /** Deletes a model for good. */
  deleteModel(model: string, options: RequestOptions = {}): Promise<Deleted> {
    return this.json<Deleted>("DELETE", `/v1/models/${encodeURIComponent(model)}`, { ...options });
  }

  /** The model card as Markdown. */
  getModelCard(model: string, options: RequestOptions = {}): Promise<Blob> {
    return this.bytes("GET", `/v1/models/${encodeURIComponent(model)}/card`, { ...options });
  }

  /** The model as a zip that runs elsewhere. */
  exportModel(model: string, options: RequestOptions = {}): Promise<Blob> {
    return this.bytes("GET", `/v1/models/${encodeURIComponent(model)}/export`, { ...options });
  }

  /** The whole report: every figure, setting and hash; rows' texts for keys that may read files. */
  getModelReport(model: string, options: RequestOptions = {}): Promise<ModelReport> {
    return this.json<ModelReport>("GET", `/v1/models/${encodeURIComponent(model)}/report`, { ...options });
  }

  /** This document. */
  getDocument(options: RequestOptions = {}): Promise<Blob> {
    return this.bytes("GET", `/v1/openapi.json`, { ...options });
  }

  /** Answers rows with calibrated probabilities. */
  predict(
    body: {
      model: string;
      input: unknown;
      top_k?: number | null;
      nearest?: number | null;
      threshold?: number | null;
      abstain?: boolean | null;
      strength?: number | null;
      explain?: boolean | "occlusion" | "integrated_gradients" | null;
    },
    options: RequestOptions = {},
  ): Promise<Prediction> {
    return this.json<Prediction>("POST", `/v1/predictions`, { body, ...options });
  }

  /** A spreadsheet in, the same with an answer in every row out. */
  predictFile(
    file: Blob,
    fields: { model?: string; format?: string } = {},
    options: RequestOptions = {},
  ): Promise<Blob> {
    return this.bytes("POST", `/v1/predictions/file`, { form: ["file", file, fields], ...options });
  }

  /** Says whether an answer was right. */
  giveFeedback(
    id: string,
    body: {
      index?: number;
      correct: boolean;
      label?: string | null;
      input?: string | Record<string, unknown>;
    },
    options: RequestOptions = {},
  ): Promise<FeedbackEntry> {
    return this.json<FeedbackEntry>("POST", `/v1/predictions/${encodeURIComponent(id)}/feedback`, {
      body,
      ...options,
    });
  }

  /** Begins a file that is sent in parts. */
  createUpload(
    body: {
      filename: string;
      purpose: string;
      bytes: number;
      mime_type?: string;
      expires_after?: { anchor: "created_at"; seconds: number };
    },
    options: RequestOptions = {},
  ): Promise<Upload> {
    return this.json<Upload>("POST", `/v1/uploads`, { body, ...options });
  }

  /** Drops the parts. */
  cancelUpload(id: string, options: RequestOptions = {}): Promise<Upload> {
    return this.json<Upload>("POST", `/v1/uploads/${encodeURIComponent(id)}/cancel`, { ...options });
  }

  /** Puts the parts together. */
  completeUpload(
    id: string,
    body: { part_ids: Array<string>; md5?: string },
    options: RequestOptions = {},
  ): Promise<Upload> {
    return this.json<Upload>("POST", `/v1/uploads/${encodeURIComponent(id)}/complete`, { body, ...options });
  }

  /** Sends a part of at most 64 MB. */
  addUploadPart(
    id: string,
    file: Blob,
    fields: Record<string, never> = {},
    options: RequestOptions = {},
  ): Promise<UploadPart> {
    return this.json<UploadPart>("POST", `/v1/uploads/${encodeURIComponent(id)}/parts`, {
      form: ["data", file, fields],
      ...options,
    });
  }

  /** Requests and rows by day, model, key and route. */
  listUsage(
    query: { days?: number } = {},
    options: RequestOptions = {},
  ): Promise<{ object: "list"; data: Array<UsageDay>; has_more?: boolean }> {
    return this.json<{ object: "list"; data: Array<UsageDay>; has_more?: boolean }>("GET", `/v1/usage`, {
      query,
      ...options,
    });
  }

  /** Sealed usage as NDJSON, to compute invoices again from. */
  getUsageLedger(query: { from: string; to: string }, options: RequestOptions = {}): Promise<Blob> {
    return this.bytes("GET", `/v1/usage/ledger`, { query, ...options });
  }

  /** Lists where you are told of what happens. */
  listWebhookEndpoints(
    options: RequestOptions = {},
  ): Promise<{ object: "list"; data: Array<WebhookEndpoint>; has_more?: boolean }> {
    return this.json<{ object: "list"; data: Array<WebhookEndpoint>; has_more?: boolean }>(
      "GET",
      `/v1/webhook_endpoints`,
      { ...options },
    );
  }

  /** Adds an address; the secret is in this answer alone. */
  createWebhookEndpoint(
    body: {
      url: string;
      description?: string;
      events?: Array<
        | "fine_tuning.job.succeeded"
        | "fine_tuning.job.failed"
        | "fine_tuning.job.cancelled"
        | "batch.completed"
        | "batch.failed"
        | "batch.expired"
        | "batch.cancelled"
        | "file.validated"
        | "model.promoted"
        | "invoice.issued"
        | "usage.threshold_reached"
        | "quote.accepted"
      >;
    },
    options: RequestOptions = {},
  ): Promise<NewWebhookEndpoint> {
    return this.json<NewWebhookEndpoint>("POST", `/v1/webhook_endpoints`, { body, ...options });
  }

  /** An endpoint. */
  getWebhookEndpoint(id: string, options: RequestOptions = {}): Promise<WebhookEndpoint> {
    return this.json<WebhookEndpoint>("GET", `/v1/webhook_endpoints/${encodeURIComponent(id)}`, {
      ...options,
    });
  }

  /** Changes or enables an endpoint. */
  changeWebhookEndpoint(
    id: string,
    body: {
      url?: string;
      description?: string;
      events?: Array<
        | "fine_tuning.job.succeeded"
        | "fine_tuning.job.failed"
        | "fine_tuning.job.cancelled"
        | "batch.completed"
        | "batch.failed"
        | "batch.expired"
        | "batch.cancelled"
        | "file.validated"
        | "model.promoted"
        | "invoice.issued"
        | "usage.threshold_reached"
        | "quote.accepted"
      >;
      enabled?: boolean;
    },
    options: RequestOptions = {},
  ): Promise<WebhookEndpoint> {
    return this.json<WebhookEndpoint>("PATCH", `/v1/webhook_endpoints/${encodeURIComponent(id)}`, {
      body,
      ...options,
    });
  }

  /** Deletes an endpoint. */
  deleteWebhookEndpoint(id: string, options: RequestOptions = {}): Promise<Deleted> {
    return this.json<Deleted>("DELETE", `/v1/webhook_endpoints/${encodeURIComponent(id)}`, { ...options });
  }

  /** What was sent and how it was taken. */
  listWebhookDeliveries(
    id: string,
    query: { after?: string; limit?: number; state?: "pending" | "delivered" | "failed" } = {},
    options: RequestOptions = {},
  ): Promise<{ object: "list"; data: Array<WebhookDelivery>; has_more?: boolean }> {
    return this.json<{ object: "list"; data: Array<WebhookDelivery>; has_more?: boolean }>(
      "GET",
      `/v1/webhook_endpoints/${encodeURIComponent(id)}/deliveries`,
      { query, ...options },
    );
  }

  /** Sends a delivery, or all that failed, again. */
  replayWebhooks(
    id: string,
    body: { delivery?: string; since?: number },
    options: RequestOptions = {},
  ): Promise<WebhookReplay> {
    return this.json<WebhookReplay>("POST", `/v1/webhook_endpoints/${encodeURIComponent(id)}/replay`, {
      body,
      ...options,
    });
  }

  /** A new secret; both sign for a day. */
  rotateWebhookSecret(id: string, options: RequestOptions = {}): Promise<WebhookSecret> {
    return this.json<WebhookSecret>("POST", `/v1/webhook_endpoints/${encodeURIComponent(id)}/rotate`, {
      ...options,
    });
  }

  /** Sends a test event. */
  testWebhookEndpoint(id: string, options: RequestOptions = {}): Promise<WebhookTest> {
    return this.json<WebhookTest>("POST", `/v1/webhook_endpoints/${encodeURIComponent(id)}/test`, {
      ...options,
    });
  }
}

async function errorOf(response: Response): Promise<GraftError> {
  const text = await response.text();
  let error: Partial<ErrorAnswer["error"]> = {};
  try {
    error = (JSON.parse(text) as Partial<ErrorAnswer>).error ?? {};
  } catch {
    // Something in between answered.
  }
  const { code = "unknown", message = text.slice(0, 200), param = null } = error;
  return new GraftError(response.status, code, message, param, response.headers.get("x-request-id"));
}
