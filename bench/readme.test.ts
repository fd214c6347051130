import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { readmeWithFigures } from "./readme";

test("the README's figures are those of the committed results", () => {
  const readme = readFileSync("README.md", "utf8");
  expect(readmeWithFigures(readme), "run any bench again, it renews the table").toBe(readme);
});
