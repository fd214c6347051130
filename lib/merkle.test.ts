import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createTree } from "./merkle";

/** As the RFC writes it: recursive, over the whole list. */
function byTheBook(lines: readonly string[]): Buffer {
  const sha256 = (...parts: (string | Buffer)[]) => {
    const digest = createHash("sha256");
    for (const part of parts) digest.update(part);
    return digest.digest();
  };
  const [only] = lines;
  if (lines.length === 1 && only !== undefined) return sha256("\u0000", only);
  let split = 1;
  while (split * 2 < lines.length) split *= 2;
  return sha256("\u0001", byTheBook(lines.slice(0, split)), byTheBook(lines.slice(split)));
}
const rootOf = (lines: readonly string[]) => {
  const tree = createTree();
  for (const line of lines) tree.add(line);
  return tree.root().toString("hex");
};

test("the root is that of RFC 6962 for any number of leaves", () => {
  fc.assert(
    fc.property(fc.array(fc.string(), { minLength: 1, maxLength: 70 }), (lines) => {
      expect(rootOf(lines)).toBe(byTheBook(lines).toString("hex"));
    }),
  );
});

test("a leaf that is changed, left out, doubled or moved changes the root", () => {
  const lines = Array.from({ length: 13 }, (_, i) => `event ${i}`);
  const root = rootOf(lines);
  const others = [
    lines.with(4, "event X"),
    lines.toSpliced(4, 1),
    [...lines, "event 12"],
    lines.with(4, "event 5").with(5, "event 4"),
  ];
  for (const changed of others) expect(rootOf(changed)).not.toBe(root);
});

test("without leaves there is no root", () => {
  expect(() => createTree().root()).toThrow(RangeError);
});
