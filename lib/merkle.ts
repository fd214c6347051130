import { hash } from "node:crypto";

/**
 * The Merkle tree hash of RFC 6962, section 2.1: leaves and nodes are told apart by a first byte, and a list splits at
 * the largest power of two below its length. SHA-256.
 */
const [LEAF, NODE] = [Buffer.of(0), Buffer.of(1)];
/** In one call: streams cost several times as much for so few bytes. */
const sha256 = (...parts: Uint8Array[]): Buffer => hash("sha256", Buffer.concat(parts), "buffer");
const leafHash = (line: string): Buffer => sha256(LEAF, Buffer.from(line));
const nodeHash = (left: Uint8Array, right: Uint8Array): Buffer => sha256(NODE, left, right);

/** Leaves one after the other; it holds as many hashes as the count has bits, whatever the number of leaves. */
export function createTree() {
  /** Complete subtrees, from large to small. */
  const peaks: { height: number; hash: Buffer }[] = [];
  let leaves = 0;
  return {
    add(line: string): void {
      leaves++;
      let peak = { height: 0, hash: leafHash(line) };
      for (let last = peaks.at(-1); last?.height === peak.height; last = peaks.at(-1)) {
        peaks.pop();
        peak = { height: peak.height + 1, hash: nodeHash(last.hash, peak.hash) };
      }
      peaks.push(peak);
    },
    leaves: () => leaves,
    /** @throws RangeError without leaves. */
    root(): Buffer {
      const [first, ...others] = peaks.map((peak) => peak.hash).reverse();
      if (!first) throw new RangeError("a tree without leaves has no root");
      return others.reduce((right, left) => nodeHash(left, right), first);
    },
  };
}
