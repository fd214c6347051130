import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { closePools } from "@/db/index";
import { members } from "@/db/schema/people";
import { forTenant } from "@/db/tenant";
import { writeAudit } from "@/lib/audit";
import { env } from "@/lib/env";
import { createPassword } from "@/lib/passwords";
import { createStaff } from "@/lib/staff";
import { createTenant } from "@/lib/tenants";
import { ensurePerson } from "@/lib/users";

/**
 * The first start's demo: a tenant with its three people, and one model that is really trained from the
 * sample through the public API. What is done is kept in `demo.json`, so a start that was stopped goes on.
 */
interface Demo {
  tenantId?: string;
  tenant?: string;
  email?: string;
  password?: string;
  apiKey?: string;
  tester?: SignIn;
  staff?: SignIn;
  job?: string;
  model?: string;
  accuracy?: string;
  example?: string;
}
interface SignIn {
  email: string;
  password: string;
}

const SAMPLE = "support-tickets.csv";
const EXAMPLE = "I was charged twice for one order";
const WAIT_MS = 7 * 60_000;

const path = join(env().home, "demo.json");
let demo: Demo = existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as Demo) : {};

function keep(more: Demo): void {
  demo = { ...demo, ...more };
  writeFileSync(`${path}.part`, `${JSON.stringify(demo, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${path}.part`, path);
}

/** Makes somebody whose password we know: an address that an earlier home took gets another name. */
async function introduce(
  word: string,
  make: (signIn: SignIn) => Promise<{ password: string | null }>,
): Promise<SignIn> {
  for (const tail of ["", `-${randomBytes(2).toString("hex")}`]) {
    const signIn = { email: `${word}${tail}@demo.test`, password: createPassword() };
    const { password } = await make(signIn);
    if (password !== null) return signIn;
  }
  throw new Error(`nobody could be made as ${word}@demo.test`);
}

async function makePeople(): Promise<void> {
  if (!demo.apiKey) {
    const owner = await introduce("owner", (signIn) => ensurePerson({ ...signIn, name: "Demo Owner" }));
    const made = await createTenant({ name: "Demo Company", ...owner });
    keep({ tenantId: made.tenantId, tenant: made.slug, ...owner, apiKey: made.apiKey });
  }
  const { tenantId = "", tenant = "" } = demo;
  if (!demo.tester) {
    let userId = "";
    const tester = await introduce("tester", async (signIn) => {
      const made = await ensurePerson({ ...signIn, name: "Demo Tester" });
      userId = made.userId;
      return made;
    });
    await forTenant(tenantId, async (tx) => {
      await tx.insertNew(members, { userId, role: "tester" });
      await writeAudit(tx, "system", "member.added", userId, { role: "tester" });
    });
    keep({ tester });
  }
  if (!demo.staff)
    keep({
      staff: await introduce("manager", (signIn) =>
        createStaff({ ...signIn, name: "Demo Manager", role: "account_manager", assign: [tenant] }),
      ),
    });
}

interface Answer {
  [key: string]: unknown;
  id?: string;
  status?: string;
}

async function call(route: string, body?: FormData | object): Promise<Answer> {
  const isForm = body instanceof FormData;
  const base = `http://${env().HOST === "0.0.0.0" ? "127.0.0.1" : env().HOST}:${env().PORT}`;
  const response = await fetch(`${base}/v1${route}`, {
    method: body ? "POST" : "GET",
    headers: {
      authorization: `Bearer ${demo.apiKey}`,
      ...(body && !isForm ? { "content-type": "application/json" } : {}),
    },
    ...(body ? { body: isForm ? body : JSON.stringify(body) } : {}),
  });
  const answer = (await response.json()) as Answer;
  if (!response.ok) throw new Error(`${route} answered ${response.status}: ${JSON.stringify(answer)}`);
  return answer;
}

async function order(): Promise<void> {
  if (demo.job) return;
  const form = new FormData();
  form.set("purpose", "fine-tune");
  form.set("file", new Blob([new Uint8Array(readFileSync(resolve("samples", SAMPLE)))]), SAMPLE);
  const file = await call("/files", form);
  const job = await call("/fine_tuning/jobs", {
    model: "minilm-l6",
    training_file: file.id,
    suffix: "tickets",
    // The same split and the same figures on every machine, and no tuning: the first start is soon over.
    seed: 42,
    graft: { budget_minutes: 1 },
  });
  keep({ job: String(job.id) });
}

/** Polls until the job ends; a failed one is ordered again at the next start. */
async function finish(): Promise<void> {
  for (const end = Date.now() + WAIT_MS; Date.now() < end; await new Promise((go) => setTimeout(go, 300))) {
    const job = await call(`/fine_tuning/jobs/${demo.job}`);
    if (job.status === "succeeded") {
      const model = String(job.fine_tuned_model);
      return keep({ model, accuracy: await accuracyOf(model), example: EXAMPLE });
    }
    if (job.status === "failed" || job.status === "cancelled") {
      keep({ job: undefined } as Demo);
      throw new Error(`the job ${job.status}: ${JSON.stringify(job.error)}`);
    }
  }
  throw new Error(`the job ${demo.job} is not finished after ${WAIT_MS / 60_000} minutes`);
}

async function accuracyOf(model: string): Promise<string> {
  const { graft } = (await call(`/models/${encodeURIComponent(model)}`)) as {
    graft?: {
      accuracy: { value: number; low: number; high: number };
      evaluated_on: { rows: number };
      recipe: string;
    };
  };
  if (!graft) return "unknown";
  const percent = (value: number) => `${(value * 100).toFixed(1)} %`;
  const { value, low, high } = graft.accuracy;
  return `${percent(value)} on ${graft.evaluated_on.rows} rows it never saw (95 % interval ${percent(low)} to ${percent(high)}), recipe ${graft.recipe}`;
}

try {
  await makePeople();
  await order();
  await finish();
  const answer = (await call("/predictions", { model: demo.model, input: [EXAMPLE] })) as {
    data?: { label: string; confidence: number }[];
  };
  const first = answer.data?.[0];
  console.log(`accuracy ${demo.accuracy}; "${EXAMPLE}" -> ${first?.label}`);
} catch (error) {
  console.error((error as Error).stack ?? String(error));
  process.exitCode = 1;
} finally {
  await closePools();
}
