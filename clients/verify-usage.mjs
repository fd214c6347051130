#!/usr/bin/env node
// Recomputes what Graft says of your usage, with nothing of Graft's: node verify-usage.mjs usage.ndjson [public key]
// The file is the answer of GET /v1/usage/ledger. Every event is a leaf of its day's Merkle tree (RFC 6962, SHA-256),
// every day's chain value covers the day before, and the platform signed it (Ed25519). Of every period that was billed and
// whose days are all here, the lines of the invoice are computed again from the events and the prices beside them.
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
const [periods, used] = [[], []];
let [day, leaves, last, chain, days, events] = [null, [], "", null, 0, 0];
for (const line of lines) {
  const entry = JSON.parse(line);
  if (entry.object === "billing.period") periods.push(entry);
  else if (entry.object === "usage.sealed_day") {
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
    if (entry.billable) used.push(entry);
  }
}
closeDay();
console.log(`${days} days and ${events} events are as they were sealed.`);
for (const period of periods) checkPeriod(period);
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

/** Every line of a period again: the fee, graduated prices, prices that were fixed, and usage that came late. */
function checkPeriod({ invoice, currency, minor_digits: digits, from, to, prices, lines }) {
  const month = new Date(`${from.slice(0, 7)}-01T00:00:00Z`);
  const monthMs = new Date(Date.UTC(month.getUTCFullYear(), month.getUTCMonth() + 1, 1)) - month;
  const share = [BigInt((new Date(to) - new Date(from)) / 1000), BigInt(monthMs / 1000)];
  const expected = new Map([["base", rounded(decimal(prices.base) * share[0], share[1], digits)]]);
  const here = used.filter(({ counted_at: at }) => at >= from && at < to);
  for (const meter of new Set(here.map((event) => event.meter))) {
    const own = here.filter((event) => event.meter === meter);
    const open = own.filter((event) => event.fixed_decimal === null);
    const inTime = unitsOf(open.filter(isInTime));
    const { free, tiers } = graduated(inTime, prices.meters[meter], share);
    if (free > 0n) expected.set(`${meter}/included`, 0n);
    for (const [tier, units, unit] of tiers) expected.set(`${meter}/${tier}`, rounded(units * unit, 1n, digits));
    const fixed = own.filter((event) => event.fixed_decimal !== null);
    const amount = fixed.reduce((sum, event) => sum + decimal(event.fixed_decimal), 0n);
    if (fixed.length > 0) expected.set(`${meter}/fixed`, rounded(amount, 1n, digits));
  }
  let late = 0;
  for (const { key, amount } of lines)
    if (key.startsWith("late/")) late += 1;
    else if (written(expected.get(key) ?? 0n, digits) !== amount)
      stop(`${invoice}, ${key}: the events come to ${written(expected.get(key) ?? 0n, digits)}, the invoice says ${amount}.`);
  for (const [key, minor] of expected)
    if (minor !== 0n && !lines.some((line) => line.key === key))
      stop(`${invoice} lacks ${key}: the events come to ${written(minor, digits)}.`);
  const said = late > 0 ? `, ${late} lines of late usage not computed again` : "";
  console.log(`  ${invoice ?? "a draft"}, ${from.slice(0, 10)} to ${to.slice(0, 10)}: ${expected.size} lines in ${currency} are right${said}`);
}

function isInTime({ occurred_at: occurred, counted_at: counted }) {
  return occurred.slice(0, 7) >= counted.slice(0, 7);
}
function unitsOf(some) {
  return some.reduce((sum, { quantity }) => sum + BigInt(quantity), 0n);
}

/** Included units and the bounds of tiers are the period's share of a month, rounded up. */
function graduated(quantity, { included, tiers } = { included: "0", tiers: [] }, [part, whole]) {
  const shareOf = (units) => (BigInt(units) * part + whole - 1n) / whole;
  const least = (a, b) => (a < b ? a : b);
  const free = least(quantity, shareOf(included));
  let at = 0n;
  const found = [];
  for (const [tier, { up_to: upTo, unit_decimal: unit }] of tiers.entries()) {
    const to = upTo === null ? quantity - free : least(quantity - free, shareOf(upTo));
    if (to > at) found.push([tier, to - at, decimal(unit)]);
    at = to > at ? to : at;
  }
  return { free, tiers: found };
}

/** A decimal string in units of 10^-12. */
function decimal(text) {
  const [whole, places = ""] = text.split(".");
  return BigInt(whole + places.padEnd(12, "0"));
}

/** Half away from zero; nothing here is negative. */
function rounded(scaled, divisor, digits) {
  const unit = 10n ** BigInt(12 - digits) * divisor;
  return (2n * scaled + unit) / (2n * unit);
}

function written(minor, digits) {
  const text = minor.toString().padStart(digits + 1, "0");
  return digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

function stop(why) {
  console.error(why);
  process.exit(1);
}
