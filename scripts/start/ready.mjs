import { rmSync } from "node:fs";
import { join } from "node:path";
import { readJson, writeJson } from "./home.mjs";
import { pause } from "./processes.mjs";
import { StartError, say } from "./steps.mjs";

const LIMIT_MS = 90_000;

/** Waits until the product says of itself that every part answers. */
export async function waitUntilReady(url, hasStopped) {
  let last = "it does not answer";
  for (const end = Date.now() + LIMIT_MS; Date.now() < end && !hasStopped(); await pause(100)) {
    try {
      const response = await fetch(`${url}/api/ready`, { signal: AbortSignal.timeout(5000) });
      if (response.ok) return;
      const { missing } = await response.json();
      last = `missing: ${missing?.join(", ")}`;
    } catch (error) {
      last = error.cause?.code ?? error.message;
    }
  }
  if (!hasStopped()) throw new StartError(`The product is not ready after ${LIMIT_MS / 1000} s (${last}).`);
}

const readyPath = (home) => join(home, "ready.json");

/** An old file must not tell a tool that the product is up before it is. */
export const withdrawReady = (home) => rmSync(readyPath(home), { force: true });

/** `demo.json` is what the first start made; null when there is no demo tenant. */
export function announce({ home, url }) {
  const demo = readJson(join(home, "demo.json"), null);
  if (!demo?.apiKey) {
    say(`\nGraft runs at ${url}\nThere is no demo tenant; make a tenant with:`);
    say("  npm run admin -- tenant create --name Acme --email owner@acme.test");
    return;
  }
  const { tenant, email, password, apiKey, model = null, tester, staff } = demo;
  writeJson(readyPath(home), { url, tenant, email, password, apiKey, model, tester, staff });
  say(`\nPortal   ${url}/${tenant}`);
  say(`Sign in  ${email}  ${password}`);
  say(`         ${tester.email}  ${tester.password}  (tester: the console alone)`);
  say(`         ${staff.email}  ${staff.password}  (account manager)`);
  if (!model) return;
  say(`Model    ${model}`);
  if (demo.accuracy) say(`Accuracy ${demo.accuracy}`);
  const body = JSON.stringify({ model, input: [demo.example ?? "I was charged twice for one order"] });
  say("\nCall it:\n");
  say(
    `curl ${url}/v1/predictions -H 'authorization: Bearer ${apiKey}' -H 'content-type: application/json' -d '${body}'`,
  );
}
