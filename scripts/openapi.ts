import { execFileSync } from "node:child_process";
import { readdirSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { openApiDocument, type RouteOptions } from "../lib/api/document";
import { inferenceRoutes } from "../lib/serve-app";
import { pythonClient } from "./openapi/python";
import { typescriptClient } from "./openapi/typescript";

/** `tsx scripts/openapi.ts`: the API's document and the clients that are made of it. `openapi.test.ts` keeps them current. */
const APP = new URL("../app/", import.meta.url);
const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"] as const;

/** Of the pages' process by its files, of serve by its table. */
export async function apiRoutes(): Promise<Record<string, RouteOptions>> {
  const found: Record<string, RouteOptions> = {};
  const files = readdirSync(new URL("v1", APP), { recursive: true, encoding: "utf8" }).filter(
    // A rest of a path is what is refused.
    (file) => file.endsWith("route.ts") && !file.includes("[..."),
  );
  for (const file of files.sort()) {
    const path = `/v1/${file.replace(/\/?route\.ts$/, "").replaceAll(/\[(\w+)\]/g, "{$1}")}`;
    const module = (await import(new URL(`v1/${file}`, APP).href)) as Record<
      string,
      { options?: RouteOptions }
    >;
    for (const method of METHODS) {
      const options = module[method]?.options;
      if (options) found[`${method} ${path}`] = options;
    }
  }
  for (const { method, path, options } of inferenceRoutes())
    if (path.startsWith("/v1/")) found[`${method} ${path}`] = options;
  return found;
}

/** As every other file of its kind here; the folder itself is not looked at by the formatter. */
const formatted = (file: string, text: string): string =>
  execFileSync(process.execPath, [BIOME, "format", `--stdin-file-path=generated-${basename(file)}`], {
    cwd: fileURLToPath(new URL("..", import.meta.url)),
    input: text,
    encoding: "utf8",
    maxBuffer: 16_000_000,
  });
const BIOME = fileURLToPath(new URL("../node_modules/@biomejs/biome/bin/biome", import.meta.url));

export async function generated(): Promise<Record<string, string>> {
  const document = openApiDocument(await apiRoutes());
  return {
    "clients/openapi.json": formatted("clients/openapi.json", JSON.stringify(document)),
    "clients/typescript/graft.ts": formatted("clients/typescript/graft.ts", typescriptClient(document)),
    "clients/python/graft.py": pythonClient(document),
  };
}

if (import.meta.url === `file://${process.argv[1]}`)
  for (const [file, text] of Object.entries(await generated()))
    writeFileSync(new URL(`../${file}`, import.meta.url), text);
