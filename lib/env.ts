import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { z } from "zod";

/**
 * The only reader of the environment. Parsed on first use, so `next build` needs no database, and every
 * problem is listed at once.
 */
const port = z.coerce.number().int().min(1).max(65535);
const schema = z.object({
  NODE_ENV: z.enum(["development", "production", "test"]).default("production"),
  /** `graft_app`: owns nothing, cannot bypass row-level security; may go through a transaction pooler. */
  DATABASE_URL: z.string().min(1, "set DATABASE_URL to a PostgreSQL address, or use npm start"),
  /** The owner: migrations, the queue's schema, LISTEN. Never through a transaction pooler. */
  DATABASE_DIRECT_URL: z.string().optional(),
  REDIS_URL: z.string().optional(),
  GRAFT_HOME: z.string().default(".graft"),
  HOST: z.string().default("127.0.0.1"),
  PORT: port.default(3000),
  SERVE_PORT: port.default(3001),
  /** Where the web process finds serve; several addresses with commas between them. */
  SERVE_URL: z.string().optional(),
  /** The address that customers see. */
  GRAFT_URL: z.string().optional(),
  METRICS_PORT: port.optional(),
  NEXTAUTH_SECRET: z.string().min(16, "set NEXTAUTH_SECRET to at least 16 random characters"),
  SMTP_URL: z.string().optional(),
  MAIL_FROM: z.string().default("Graft <no-reply@localhost>"),
  S3_BUCKET: z.string().optional(),
  S3_ENDPOINT: z.string().optional(),
  S3_REGION: z.string().default("us-east-1"),
  S3_ACCESS_KEY_ID: z.string().optional(),
  S3_SECRET_ACCESS_KEY: z.string().optional(),
  STRIPE_SECRET_KEY: z.string().optional(),
  STRIPE_WEBHOOK_SECRET: z.string().optional(),
  /** Where the provider's API is; its own address unless told. */
  STRIPE_API_URL: z.url().optional(),
  /** Webhooks may go to this network's own addresses, and by http: for installations of one's own. */
  WEBHOOK_ALLOW_PRIVATE: z.stringbool().default(false),
  OIDC_ISSUER: z.string().optional(),
  OIDC_CLIENT_ID: z.string().optional(),
  OIDC_CLIENT_SECRET: z.string().optional(),
  GRAFT_THREADS: z.coerce.number().int().min(1).default(2),
  /** How much of opened models serve keeps in memory. */
  GRAFT_MODEL_CACHE_MB: z.coerce.number().int().min(1).default(1024),
  /** How much of bases that were tuned whole serve keeps open, each with weights of its own. */
  GRAFT_SESSION_CACHE_MB: z.coerce.number().int().min(1).default(1024),
  /** Trainings at the same time, over all workers. */
  GRAFT_TRAINING_SLOTS: z.coerce.number().int().min(1).default(1),
  GRAFT_MAX_UPLOAD_MB: z.coerce.number().int().min(1).default(512),
  GRAFT_BASE_DIR: z.string().optional(),
  HF_ENDPOINT: z.string().default("https://huggingface.co"),
  LOG_LEVEL: z.enum(["fatal", "error", "warn", "info", "debug", "trace"]).default("info"),
});
type Parsed = z.infer<typeof schema>;
export type Env = Parsed & {
  directUrl: string;
  home: string;
  publicUrl: string;
  serveUrls: string[];
  basesDir: string;
};

let parsed: Env | undefined;

export function env(): Env {
  if (parsed) return parsed;
  // An empty variable in a compose file means "not set".
  const given = Object.fromEntries(Object.entries(process.env).filter(([, value]) => value !== ""));
  const result = schema.safeParse(given);
  if (!result.success) {
    const lines = result.error.issues.map((issue) => `  ${issue.path.join(".")}: ${issue.message}`);
    throw new Error(`The environment is not complete:\n${lines.join("\n")}`);
  }
  const home = resolve(result.data.GRAFT_HOME);
  parsed = {
    ...result.data,
    home,
    directUrl: result.data.DATABASE_DIRECT_URL ?? result.data.DATABASE_URL,
    publicUrl: result.data.GRAFT_URL ?? `http://127.0.0.1:${result.data.PORT}`,
    serveUrls: (result.data.SERVE_URL ?? `http://127.0.0.1:${result.data.SERVE_PORT}`)
      .split(",")
      .map((url) => url.trim()),
    basesDir: result.data.GRAFT_BASE_DIR ?? join(home, "bases"),
  };
  // next-auth reads its own address from the environment only.
  process.env.NEXTAUTH_URL = parsed.publicUrl;
  return parsed;
}

/** The cache of pretrained bases that all homes of one person share. */
export function sharedBasesDir(): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "graft", "bases");
}

/** What a child of the worker may know: where it is, never an address or a secret. */
export function childEnvironment(threads: number): NodeJS.ProcessEnv {
  const kept = ["PATH", "HOME", "LANG", "TZ", "TMPDIR", "LOG_LEVEL", "LD_LIBRARY_PATH"];
  const own = Object.fromEntries(kept.map((name) => [name, process.env[name]]));
  const names = ["OMP_NUM_THREADS", "UV_THREADPOOL_SIZE", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"];
  const bounds = {
    ...Object.fromEntries(names.map((name) => [name, String(threads)])),
    // TensorFlow greets on stderr, which is kept for a child's last words.
    TF_CPP_MIN_LOG_LEVEL: "3",
  };
  return { ...own, ...bounds, NODE_ENV: env().NODE_ENV };
}
