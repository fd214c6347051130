import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import type { ZodType, z } from "zod";
import { closePools } from "@/db/index";
import { ensureBase } from "@/lib/bases";
import { deleteTenant } from "@/lib/closing";
import { AppError } from "@/lib/errors";
import { runInvoices } from "@/lib/invoice-run";
import { DEFAULT_BASE } from "@/lib/ml/catalogue";
import { STAFF_ROLES, type StaffRole } from "@/lib/permissions";
import { addPriceSheet, savePlan } from "@/lib/plans";
import { setSignUpOpen } from "@/lib/platform-settings";
import { priceSheetSchema } from "@/lib/price-sheet";
import { addRate, rateSchema } from "@/lib/rate-card";
import { saveSeller, sellerSchema } from "@/lib/seller";
import { assignCustomer, createStaff, listStaff, tenantBySlug } from "@/lib/staff";
import { subscribe } from "@/lib/subscriptions";
import { activateTenant, createTenant, listTenants, suspendTenant } from "@/lib/tenants";

const USAGE = `npm run admin -- <command> [--json]

  tenant create --name Acme --email owner@acme.test [--password ...]
  tenant list
  tenant suspend|activate|delete <slug>
  staff create --role ${Object.keys(STAFF_ROLES).join("|")} --email am@graft.test [--assign acme,globex]
  staff assign --email am@graft.test <slug>
  staff list
  sign-up open|close
  seller set --file seller.json
  price add --plan volume --name Volume --currency EUR --from 2026-01-01 --file sheet.json
  rate add --code hour|compute_hour|labelled_row --currency EUR --price 150 --cost 70 --from 2026-01-01
  subscription start --plan volume [--from 2026-01-01] <slug>
  invoice run <month>
  base add [${DEFAULT_BASE}]`;

class UsageError extends Error {}

const { values, positionals } = read();
const [noun = "", verb = "", name] = positionals;

function read() {
  const text = { type: "string" } as const;
  const people = { name: text, email: text, password: text, role: text, assign: text };
  const options = {
    ...people,
    plan: text,
    currency: text,
    from: text,
    file: text,
    code: text,
    price: text,
    cost: text,
  };
  try {
    return parseArgs({
      args: process.argv.slice(2),
      allowPositionals: true,
      options: { ...options, json: { type: "boolean", default: false } },
    });
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${USAGE}`);
    process.exit(2);
  }
}

function needed(value: string | undefined, what: string): string {
  if (value === undefined || value.trim() === "") throw new UsageError(`${what} is missing.`);
  return value;
}

const slug = () => needed(name, "The tenant's slug");
const withPassword = () => (values.password === undefined ? {} : { password: values.password });

const COMMANDS: Record<string, () => Promise<unknown>> = {
  "tenant create": () =>
    createTenant({
      name: needed(values.name, "--name"),
      email: needed(values.email, "--email"),
      ...withPassword(),
    }),
  "tenant list": listTenants,
  "tenant suspend": () => suspendTenant(slug()).then(() => ({ slug: slug(), state: "suspended" })),
  "tenant activate": () => activateTenant(slug()).then(() => ({ slug: slug(), state: "active" })),
  "tenant delete": async () => ({ ...(await deleteTenant(slug())), slug: slug(), deleted: true }),
  "staff create": () =>
    createStaff({
      email: needed(values.email, "--email"),
      role: staffRole(needed(values.role, "--role")),
      assign: (values.assign ?? "").split(",").filter((one) => one !== ""),
      ...withPassword(),
    }),
  "staff assign": async () => {
    const email = needed(values.email, "--email");
    await assignCustomer(slug(), email);
    return { email, slug: slug() };
  },
  "staff list": listStaff,
  "sign-up open": () => setSignUpOpen(true, "system").then(() => ({ signUp: "open" })),
  "sign-up close": () => setSignUpOpen(false, "system").then(() => ({ signUp: "closed" })),
  "seller set": async () => ({ seller: (await saveSeller(await jsonFile(sellerSchema), "system")).name }),
  "price add": async () => {
    const planId = needed(values.plan, "--plan");
    await savePlan({ id: planId, name: needed(values.name, "--name"), isPublic: true });
    const sheet = await jsonFile(priceSheetSchema);
    const [currency, effectiveFrom] = [needed(values.currency, "--currency"), needed(values.from, "--from")];
    const id = await addPriceSheet(planId, { currency, sheet, effectiveFrom }, "system");
    return { plan: planId, price_sheet: id };
  },
  "rate add": () =>
    addRate(
      rateSchema.parse({
        ...{ code: values.code, currency: values.currency, validFrom: values.from },
        ...{ unitDecimal: values.price, costDecimal: values.cost },
      }),
    ),
  "subscription start": async () => {
    const { tenantId } = await tenantBySlug(slug());
    const startsAt = values.from ? new Date(values.from) : new Date();
    return {
      subscription: await subscribe(tenantId, { planId: needed(values.plan, "--plan"), startsAt }, "system"),
    };
  },
  "invoice run": () => runInvoices(needed(name, "The month")),
  "base add": () => ensureBase(name ?? DEFAULT_BASE, (line) => console.error(line)),
};

function staffRole(role: string): StaffRole {
  if (Object.hasOwn(STAFF_ROLES, role)) return role as StaffRole;
  throw new UsageError(`--role is one of ${Object.keys(STAFF_ROLES).join(", ")}.`);
}

/** A file of the operator's, looked at before anything is stored. */
async function jsonFile<S extends ZodType>(schema: S): Promise<z.infer<S>> {
  const parsed = schema.safeParse(JSON.parse(await readFile(needed(values.file, "--file"), "utf8")));
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
  throw new UsageError(`${values.file} is not complete:\n  ${lines.join("\n  ")}`);
}

/** One `name: value` a line for people, one object for tools. */
function print(result: unknown): void {
  const isList = Array.isArray(result);
  const lines = (isList ? result : [result]).map((row) =>
    Object.entries(row as Record<string, unknown>)
      .map(([key, value]) => `${key}: ${value instanceof Date ? value.toISOString() : value}`)
      .join(isList ? "  " : "\n"),
  );
  console.log(values.json ? JSON.stringify(result) : lines.join("\n"));
}

try {
  const command = COMMANDS[`${noun} ${verb}`];
  if (!command) throw new UsageError(noun ? `There is no command \`${noun} ${verb}\`.` : "");
  print(await command());
} catch (error) {
  const isRefusal = error instanceof AppError || error instanceof UsageError;
  const { code, message } = error as { code?: string; message: string };
  const isDown = code === "ECONNREFUSED" || /ECONNREFUSED|timeout/.test(String((error as Error).cause));
  if (isDown) console.error("The database does not answer: is the product running?");
  else console.error(isRefusal ? message : ((error as Error).stack ?? message));
  if (error instanceof UsageError) console.error(`${USAGE}`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
} finally {
  await closePools();
}
