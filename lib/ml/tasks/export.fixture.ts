import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { writeBaseGraph } from "../base/bert-graph";
import { readEncoderConfig } from "../base/encoder-config";
import { createLora, type Lora } from "../base/lora-shape";
import { writeSmallBert, writeSmallTokenizer } from "../base/small-bert.fixture";
import { DEFAULT_BASE } from "../catalogue";
import { generator } from "../linear/svm";
import type { BaseFiles, ExportOrder } from "../task";

/*
 * Models of random weights over a small base: what they answer means nothing, and has to be answered alike.
 */

/** As wide as the base whose name it has. */
export const HIDDEN = 384;
export const TEXTS = [
  "where is my parcel",
  "my parcel is late, a refund please",
  "我的包裹到哪里了",
  "the money 🙂",
  "",
  "late ".repeat(600),
];

/** A folder that goes with the test file, and what tests of exported models put there. */
export function exportFolder() {
  const root = mkdtempSync(join(tmpdir(), "graft-leaving-"));
  const base: BaseFiles = { id: DEFAULT_BASE, dir: join(root, "base"), sha256: "0" };
  return {
    base,
    remove: () => rmSync(root, { recursive: true, force: true }),
    async writeBase(): Promise<void> {
      mkdirSync(base.dir);
      await writeSmallBert(base.dir, HIDDEN, 256);
      writeSmallTokenizer(base.dir);
      await writeBaseGraph(base.dir);
    },
    newDir: () => mkdtempSync(join(root, "model-")),
    async randomLora(): Promise<Lora> {
      const shape = { rank: 4, alpha: 8, targets: ["query", "value"], fromLayer: 0 } as const;
      const lora = createLora(await readEncoderConfig(base.dir), shape, 5);
      const draw = drawing();
      for (const { b } of lora.pairs) b.set(draw(b.length));
      return lora;
    },
    order: (artifactDir: string, needsBase: boolean): ExportOrder => ({
      artifactDir,
      base: needsBase ? base : null,
      dir: join(mkdtempSync(join(root, "leaving-")), "out"),
      threads: 2,
      quoted: TEXTS,
      facts: { model: "ft:a:b:c:d", created: 1_700_000_000, abstainBelow: 0.5, promised: [] },
    }),
  };
}

/** Numbers from -0.5 to 0.5, the same in every test. */
export function drawing(): (length: number) => Float32Array {
  const random = generator(11);
  return (length) => Float32Array.from({ length }, () => random() - 0.5);
}

export const contents = (dir: string) =>
  readdirSync(dir)
    .sort()
    .map((name) => [name, readFileSync(join(dir, name)).toString("base64")]);

/** What answers have to equal: numbers nearly, everything else as it is. */
export const near = (value: unknown) =>
  JSON.parse(JSON.stringify(value), (_, one) => (typeof one === "number" ? expect.closeTo(one, 4) : one));
