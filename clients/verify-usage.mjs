#!/usr/bin/env node
// Recomputes what Graft says of your usage, with nothing of Graft's: node verify-usage.mjs usage.ndjson [public key]
// The file is the answer of GET /v1/usage/ledger. Every event is a leaf of its day's Merkle tree (RFC 6962, SHA-256),
// every day's chain value covers the day before, and the platform signed it (Ed25519).
import { createHash, createPublicKey, verify } from "node:crypto";
import { readFileSync } from "node:fs";

const [file, expectedKey] = process.argv.slice(2);
if (!file) stop("usage: node verify-usage.mjs usage.ndjson [public key]");
const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash("sha256")).digest();
const lines = readFileSync(file, "utf8").split("\n").filter(Boolean);
const { object, tenant } = JSON.parse(lines.shift() ?? "{}");
if (object !== "usage.ledger") stop("This is not an answer of GET /v1/usage/ledger.");

const sums = new Map();
const keys = new Set();
let [day, leaves, last, chain, days, events] = [null, [], "", null, 0, 0];
for (const line of lines) {
  const entry = JSON.parse(line);
  if (entry.object === "usage.sealed_day") {
    closeDay();
    if (chain !== null && entry.previous !== chain) stop(`${entry.day} does not follow the day before it.`);
    [day, leaves, last] = [entry, [], ""];
  } else {
    const place = `${entry.counted_at} ${entry.id}`;
    if (!day || !entry.counted_at.startsWith(day.day)) stop(`Event ${entry.id} is not of its day.`);
    if (place <= last) stop(`Event ${entry.id} is doubled or out of order.`);
    last = place;
    leaves.push(sha256("\0", line));
    const sum = `${entry.counted_at.slice(0, 7)} ${entry.meter}, ${entry.billable ? "billable" : `free: ${entry.reason}`}`;
    sums.set(sum, (sums.get(sum) ?? 0n) + BigInt(entry.quantity));
  }
}
closeDay();
console.log(`${days} days and ${events} events are as they were sealed.`);
for (const [sum, quantity] of [...sums].sort()) console.log(`  ${sum}: ${quantity}`);
for (const key of keys) console.log(`  signed with ${key}`);

function closeDay() {
  if (!day) return;
  if (leaves.length !== day.events) stop(`${day.day} was sealed with ${day.events} events; here are ${leaves.length}.`);
  if (rootOf(leaves).toString("hex") !== day.root) stop(`The events of ${day.day} are not the ones that were sealed.`);
  const facts = ["graft-usage-day", tenant, day.day, day.events, day.root, day.previous].join("\n");
  chain = sha256(facts).toString("hex");
  const key = createPublicKey({ key: Buffer.from(day.public_key, "base64"), format: "der", type: "spki" });
  const isSigned = verify(null, Buffer.from(chain, "hex"), key, Buffer.from(day.signature, "base64"));
  if (chain !== day.chain || !isSigned) stop(`${day.day} is not signed as it stands here.`);
  if (expectedKey && day.public_key !== expectedKey) stop(`${day.day} is signed with another key, ${day.public_key}.`);
  keys.add(day.public_key);
  [days, events] = [days + 1, events + leaves.length];
}

function rootOf(hashes) {
  if (hashes.length < 2) return hashes[0] ?? stop("A day without events was sealed.");
  const split = 2 ** Math.floor(Math.log2(hashes.length - 1));
  return sha256("\x01", rootOf(hashes.slice(0, split)), rootOf(hashes.slice(split)));
}

function stop(why) {
  console.error(why);
  process.exit(1);
}
