import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { OPERATIONS } from "@/lib/api/operations";
import { apiRoutes, generated } from "./openapi";

test("the API's document and its clients are those of the routes as they stand", async () => {
  for (const [file, text] of Object.entries(await generated()))
    expect(
      text === readFileSync(new URL(`../${file}`, import.meta.url), "utf8"),
      `npx tsx scripts/openapi.ts; ${file}`,
    ).toBe(true);
});

test("every route of /v1 is described, and nothing that is not there", async () => {
  expect(Object.keys(await apiRoutes()).sort()).toEqual(Object.keys(OPERATIONS).sort());
  const names = Object.values(OPERATIONS).map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});

test("the Python client is right Python of its standard library", () => {
  const code =
    "import ast,sys; t=ast.parse(open(sys.argv[1]).read()); print(len([n for n in ast.walk(t) if isinstance(n, ast.FunctionDef)]))";
  const count = execFileSync("python3", ["-c", code, "clients/python/graft.py"], { encoding: "utf8" });
  expect(Number(count)).toBeGreaterThan(Object.keys(OPERATIONS).length);
});
