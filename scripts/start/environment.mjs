import { existsSync } from "node:fs";
import { join } from "node:path";
import { freePort, homePorts, homeSecrets, isFree } from "./home.mjs";
import { serverUrl } from "./postgres.mjs";
import { StartError } from "./steps.mjs";

/** A file `.env` beside the manifest counts as if its lines were exported; what is exported wins. */
export function loadEnvFile(root) {
  const path = join(root, ".env");
  if (existsSync(path)) process.loadEnvFile(path);
}

/** An empty variable means "not set", as in lib/env.ts. */
const given = (name) => process.env[name] || undefined;

/**
 * What every process of this home is told, from what was given and what the home remembers. `derived` is
 * what the operator's command needs later; secrets of other systems stay out of it unless they were given.
 */
export async function productEnvironment({ home, isDev }) {
  const secrets = homeSecrets(home);
  const isEmbedded = !given("DATABASE_URL");
  const ports = await homePorts(home, isEmbedded ? ["postgres", "serve", "metrics"] : ["serve", "metrics"]);
  const port = Number(given("PORT") ?? 3000);
  const host = given("HOST") ?? "127.0.0.1";
  if (!(await isFree(port, host)))
    throw new StartError(
      `Port ${port} is in use. Start with another one: PORT=${await freePort()} npm start`,
    );
  const reachable = host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host;
  const servePort = given("SERVE_PORT") ?? String(ports.serve);
  const derived = {
    NODE_ENV: isDev ? "development" : "production",
    GRAFT_HOME: home,
    HOST: host,
    PORT: String(port),
    SERVE_PORT: servePort,
    SERVE_URL: given("SERVE_URL") ?? `http://${reachable}:${servePort}`,
    METRICS_PORT: given("METRICS_PORT") ?? String(ports.metrics),
    GRAFT_URL: given("GRAFT_URL") ?? `http://${reachable}:${port}`,
    NEXTAUTH_SECRET: given("NEXTAUTH_SECRET") ?? secrets.session,
    ...(isEmbedded
      ? {
          DATABASE_URL: serverUrl("graft_app", secrets.app, ports.postgres, "graft"),
          DATABASE_DIRECT_URL: serverUrl("graft_owner", secrets.owner, ports.postgres, "graft"),
        }
      : {
          DATABASE_URL: given("DATABASE_URL"),
          DATABASE_DIRECT_URL: given("DATABASE_DIRECT_URL") ?? given("DATABASE_URL"),
        }),
  };
  for (const name of PASSED_ON) if (given(name)) derived[name] = given(name);
  return { derived, secrets, ports, isEmbedded, localUrl: `http://${reachable}:${port}` };
}

const PASSED_ON = [
  ...["REDIS_URL", "SMTP_URL", "MAIL_FROM", "S3_BUCKET", "S3_ENDPOINT", "S3_REGION"],
  ...["S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY", "GRAFT_BASE_DIR", "HF_ENDPOINT"],
];
