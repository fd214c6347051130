/**
 * The one error table: code -> status, type, sentence, whether asking again can help. `/v1` answers in the
 * OpenAI shape; an error that is not in the table answers a fixed sentence with the request id.
 */
const invalid = "invalid_request_error";
export const ERRORS = {
  invalid_signature: [400, invalid, "The signature is not ours or is too old.", false],
  invalid_request: [400, invalid, "The request is not valid.", false],
  json_invalid: [400, invalid, "The body is not valid JSON.", false],
  multipart_invalid: [400, invalid, "The body is not a valid multipart form with a `file` part.", false],
  file_empty: [400, invalid, "The file is empty. Upload a file with a header and rows.", false],
  file_binary: [
    400,
    invalid,
    "The file is not text, a spreadsheet or a zip of one. Upload CSV, TSV, JSONL or XLSX.",
    false,
  ],
  encoding_invalid: [
    400,
    invalid,
    "The file's text cannot be decoded. Save it as UTF-8 and upload it again.",
    false,
  ],
  header_duplicate: [400, invalid, "Two columns have the same name. Rename one of them.", false],
  header_missing: [400, invalid, "The file has a header but no rows, or no columns.", false],
  rows_too_few: [400, invalid, "There are too few rows to train on. Add more examples.", false],
  one_class: [400, invalid, "All rows have the same label. Add rows of at least one other class.", false],
  labels_all_distinct: [
    400,
    invalid,
    "The label column is different in nearly every row. Choose another label column.",
    false,
  ],
  label_everywhere: [400, invalid, "A label stands in every row. Remove it, or add rows without it.", false],
  no_numbers: [
    400,
    invalid,
    "The column holds no numbers. Choose the column with the number to learn.",
    false,
  ],
  no_spans: [400, invalid, "No row marks anything. Add rows with spans.", false],
  numbers_all_equal: [400, invalid, "All rows have the same number. Add rows with other ones.", false],
  column_unknown: [400, invalid, "The file has no column of that name.", false],
  archive_unsafe: [400, invalid, "The archive is not safe to open.", false],
  archive_many_files: [
    400,
    invalid,
    "The archive holds several files. Upload an archive of one, or the file itself.",
    false,
  ],
  purpose_invalid: [400, invalid, "`purpose` must be `fine-tune` or `batch`.", false],
  invalid_training_file: [400, invalid, "The training file cannot be used.", false],
  task_unsupported: [400, invalid, "The task is not known.", false],
  adapter_unsupported: [400, invalid, "The adapter cannot be served here.", false],
  recipe_unsupported: [400, invalid, "The recipe is not available for this task here.", false],
  training_diverged: [
    400,
    invalid,
    "The recipe does not settle on these rows. Choose another one, or `auto`, and look for damaged rows.",
    false,
  ],
  input_too_long: [400, invalid, "The input is too long.", false],
  input_shape: [400, invalid, "`input` must be a text, or a list of 1 to 2,048 texts.", false],
  unsupported_parameter: [400, invalid, "The parameter is not supported.", false],
  base_unavailable: [
    400,
    invalid,
    "The pretrained base is not installed here. Use the lexical recipe, or ask your provider to add it.",
    false,
  ],
  token_invalid: [400, invalid, "The link is not valid any more. Ask for a new one.", false],
  email_not_confirmed: [
    403,
    "permission_error",
    "Confirm your e-mail address first: use the link that was sent to you.",
    false,
  ],
  sign_up_closed: [403, "permission_error", "Sign-up is closed here. Ask to be invited.", false],
  invalid_api_key: [
    401,
    "authentication_error",
    "The API key is not valid. Create one under Settings, API keys.",
    false,
  ],
  unauthenticated: [401, "authentication_error", "Sign in, or send an API key as a bearer token.", false],
  permission_denied: [403, "permission_error", "Your role or key does not allow this.", false],
  origin_denied: [403, "permission_error", "The request comes from another site.", false],
  tenant_suspended: [
    403,
    "permission_error",
    "This organisation is suspended. Contact your provider.",
    false,
  ],
  contract_needed: [
    403,
    "permission_error",
    "This begins when there is an agreement: sign the quote, or ask us for a plan.",
    false,
  ],
  not_found: [404, invalid, "There is nothing with this id.", false],
  model_not_found: [404, invalid, "There is no model of this name.", false],
  method_not_allowed: [405, invalid, "This method is not allowed here.", false],
  request_timeout: [408, invalid, "The request came too slowly and was cut off. Send it again.", true],
  state_conflict: [409, "conflict_error", "The state does not allow this now.", false],
  examples_failed: [409, "conflict_error", "Saved examples fail.", false],
  already_exists: [409, "conflict_error", "This exists already.", false],
  idempotency_in_flight: [409, "conflict_error", "The first request with this key is still running.", true],
  file_too_large: [413, invalid, "The file is too large.", false],
  body_too_large: [413, invalid, "The body is too large.", false],
  payment_provider_failed: [
    502,
    "api_error",
    "The payment provider did not answer; try again in a minute.",
    false,
  ],
  price_above_limit: [422, invalid, "It costs more than was allowed.", false],
  idempotency_mismatch: [422, invalid, "This idempotency key was used with another request.", false],
  rate_limit_exceeded: [
    429,
    "rate_limit_error",
    "Too many requests. Wait as long as `retry-after` says.",
    true,
  ],
  spend_limit_reached: [
    429,
    "insufficient_quota",
    "The organisation's spend limit is reached. Raise it under Billing, or wait for the next period.",
    false,
  ],
  payment_overdue: [
    429,
    "insufficient_quota",
    "An invoice is overdue. Pay it under Billing; then this goes on at once.",
    false,
  ],
  insufficient_quota: [429, "insufficient_quota", "The plan's volume is used up.", false],
  overloaded: [429, "rate_limit_error", "The service is busy. Wait as long as `retry-after` says.", true],
  job_failed: [500, "server_error", "The job failed for a reason of ours. It was not billed.", true],
  out_of_memory: [
    500,
    "server_error",
    "The training needs more memory than there is. Use fewer or shorter rows or another recipe, or ask your provider for a machine with more memory. It was not billed.",
    false,
  ],
  model_damaged: [
    500,
    "server_error",
    "The model's files are damaged. Ask your provider to restore them, or train it again.",
    false,
  ],
  base_damaged: [
    500,
    "server_error",
    "The pretrained base's files are damaged. Ask your provider to make it anew.",
    false,
  ],
  internal_error: [500, "server_error", "Something went wrong on our side.", true],
  database_unavailable: [503, "server_error", "The database is not reachable. Try again shortly.", true],
  serving_unavailable: [503, "server_error", "The serving process is restarting. Try again shortly.", true],
} as const satisfies Record<string, readonly [number, string, string, boolean]>;
export type ErrorCode = keyof typeof ERRORS;

/** What is left of a caller's requests in this minute. */
export interface Quota {
  limit: number;
  remaining: number;
  resetMs: number;
}
/** Of a minute; without one nothing is said. */
export interface Quotas {
  requests: Quota | undefined;
  tokens?: Quota | undefined;
}

export class AppError extends Error {
  override readonly name = "AppError";
  readonly status: number;
  readonly type: string;
  readonly retryable: boolean;
  constructor(
    readonly code: ErrorCode,
    readonly options: {
      message?: string;
      param?: string | null;
      retryAfterMs?: number;
      quotas?: Quotas;
    } = {},
  ) {
    const [status, type, sentence, retryable] = ERRORS[code];
    super(options.message ?? sentence);
    this.status = status;
    this.type = type;
    this.retryable = retryable;
  }
}

export function fail(code: ErrorCode, message?: string, param: string | null = null): never {
  throw new AppError(code, message === undefined ? { param } : { message, param });
}

export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERRORS, code);
}

/** SQLSTATE classes and socket errors that mean "the database is away", not "the query is wrong". */
const AWAY = /^(08|57P0|53300)|^E(CONNREFUSED|CONNRESET|PIPE|TIMEDOUT|NOTFOUND|HOSTUNREACH)$|^ENOENT$/;

function isDatabaseAway(error: unknown, depth = 0): boolean {
  if (typeof error !== "object" || error === null || depth > 4) return false;
  const { code, message, cause, errors } = error as {
    code?: unknown;
    message?: unknown;
    cause?: unknown;
    errors?: unknown[];
  };
  const fromPg =
    typeof message === "string" &&
    /Connection terminated|timeout exceeded when trying to connect/.test(message);
  if (fromPg || (typeof code === "string" && code !== "ENOENT" && AWAY.test(code))) return true;
  return (
    isDatabaseAway(cause, depth + 1) ||
    (Array.isArray(errors) && errors.some((e) => isDatabaseAway(e, depth + 1)))
  );
}

/** A row names another that is not there any more. */
export const isForeignKeyViolation = (error: unknown): boolean => {
  const { code, cause } = (error ?? {}) as { code?: unknown; cause?: unknown };
  return code === "23503" || (cause !== undefined && isForeignKeyViolation(cause));
};

/** Any thrown value as an AppError; the second value says whether it was foreseen (if not: log it). */
export function toAppError(error: unknown): [AppError, foreseen: boolean] {
  if (error instanceof AppError) return [error, true];
  if (isDatabaseAway(error)) return [new AppError("database_unavailable", { retryAfterMs: 2000 }), true];
  return [new AppError("internal_error"), false];
}

/** The OpenAI error object with the headers that its clients obey. */
export function errorResponse(error: AppError, requestId: string): Response {
  const message = messageOf(error, requestId);
  const body = { error: { message, type: error.type, param: error.options.param ?? null, code: error.code } };
  return refusal(error, requestId, error.status, body);
}

/**
 * The error of Hugging Face's and KServe's protocols, one sentence. Never 503: Hugging Face's client takes that for a model
 * that is being loaded and asks again at once, without end.
 */
export function plainErrorResponse(error: AppError, requestId: string): Response {
  const status = error.status === 503 ? 504 : error.status;
  return refusal(error, requestId, status, { error: messageOf(error, requestId), code: error.code });
}

const messageOf = (error: AppError, requestId: string): string =>
  error.code === "internal_error" ? `${error.message} Request ${requestId}.` : error.message;

function refusal(error: AppError, requestId: string, status: number, body: object): Response {
  const headers = new Headers({ "content-type": "application/json", "x-request-id": requestId });
  if (error.options.retryAfterMs !== undefined) {
    headers.set("retry-after", String(Math.max(1, Math.ceil(error.options.retryAfterMs / 1000))));
    headers.set("retry-after-ms", String(Math.ceil(error.options.retryAfterMs)));
  }
  // 409 and 429 are retried by the clients unless told otherwise: a permanent one would cost three calls.
  if ((error.status === 409 || error.status === 429) && !error.retryable)
    headers.set("x-should-retry", "false");
  // The rest of what was asked may never come.
  if (status === 408) headers.set("connection", "close");
  return new Response(JSON.stringify(body), { status, headers });
}
