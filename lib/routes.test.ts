import { existsSync, readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { ROUTE_WORDS, slugFrom } from "./slug";

const APP = new URL("../app/", import.meta.url);
const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
const files = readdirSync(APP, { recursive: true, encoding: "utf8" }).sort();
const routes = files.filter((file) => /(^|\/)route\.tsx?$/.test(file));

/** Sign-in is next-auth's protocol. `forwardToServe`, which hands inference on whole, carries the mark itself. */
const NOT_OURS = ["api/auth/[...nextauth]/route.ts"];

test.each(routes)("every method of app/%s is made by route()", async (file) => {
  const found = (await import(new URL(file, APP).href)) as Record<string, { isGraftRoute?: boolean }>;
  const methods = METHODS.filter((method) => found[method]);
  expect(methods.length).toBeGreaterThan(0);
  for (const method of methods) {
    const handler = found[method] ?? {};
    expect(handler.isGraftRoute === true || NOT_OURS.includes(file), `${method} of ${file}`).toBe(true);
  }
});

test("the walk over the routes found them", () => {
  expect(routes.length).toBeGreaterThan(15);
});

test("no tenant can be called like a page of ours, now or with these files", () => {
  const first = files
    .filter((file) => /(^|\/)(page\.tsx|route\.tsx?)$/.test(file))
    .map((file) => file.split("/").find((part) => !part.startsWith("(")) ?? "")
    .filter((part) => !part.startsWith("[") && !part.includes("."));
  if (existsSync(new URL("../public", import.meta.url)))
    first.push(...readdirSync(new URL("../public", import.meta.url)).filter((name) => !name.includes(".")));
  expect([...new Set(first)].filter((word) => !ROUTE_WORDS.has(word))).toEqual([]);
  for (const word of ROUTE_WORDS) expect(slugFrom(word)).not.toBe(word);
});

test("a slug is made of a name in any script, and is safe in addresses and model names", () => {
  expect(slugFrom("Acme GmbH & Co.")).toBe("acme-gmbh-co");
  expect(slugFrom("Café Zürich")).toBe("cafe-zurich");
  expect(slugFrom("Acme", true)).toMatch(/^acme-[0-9a-f]{6}$/);
  expect(slugFrom("API")).toMatch(/^api-[0-9a-f]{6}$/);
  for (const name of ["智能科技", "../../etc", "ft:x:y", "  ", "-".repeat(80), "x".repeat(200)])
    expect(slugFrom(name), name).toMatch(/^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])$/);
});
