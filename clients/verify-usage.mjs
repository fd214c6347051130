#!/usr/bin/env node
// Recomputes what Graft says of your usage, with nothing of Graft's: node verify-usage.mjs usage.ndjson [public key]
// The file is the answer of GET /v1/usage/ledger. Every event is a leaf of its day's Merkle tree (RFC 6962, SHA-256),
// every day's chain value covers the day before, and the platform signed it (Ed25519). Of every period that was billed and
// whose days are all here, the lines of the invoice are computed again from the events and the prices beside them.
// Credits that an invoice used are named as they are recorded: no event says them.
import { createHash, createPublicKey, verify } from "node:crypto";
import { readFileSync } from "node:fs";

const [file, expectedKey] = process.argv.slice(2);
if (!file) stop("usage: node verify-usage.mjs usage.ndjson [public key]");
const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash("sha256")).digest();
const lines = readFileSync(file, "utf8").split("\n").filter(Boolean);
const { object, tenant, from: first } = JSON.parse(lines.shift() ?? "{}");
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
for (const text of new Set(periods.flatMap(creditsOf))) console.log(text);
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

/** Every line of a period again: the fee, graduated prices, prices that were fixed, late usage, a commitment. */
function checkPeriod(period) {
  const { subscription, invoice, currency, minor_digits: digits, from, to, prices, lines } = period;
  const share = shareOf(period);
  const expected = new Map([["base", rounded(decimal(prices.base) * share[0], share[1], digits)]]);
  const notHere = [];
  const put = (key, tiers) => {
    for (const [tier, units, unit] of tiers) expected.set(`${key}/${tier}`, rounded(units * unit, 1n, digits));
  };
  const here = used.filter((event) => isWithin(event, period));
  for (const meter of new Set(here.map((event) => event.meter))) {
    const own = here.filter((event) => event.meter === meter);
    const { free, tiers } = graduated(unitsOf(own.filter(isInTime)), prices.meters[meter], share);
    if (free > 0n) expected.set(`${meter}/included`, 0n);
    put(meter, tiers);
    const fixed = own.filter((event) => event.fixed_decimal !== null);
    const amount = fixed.reduce((sum, event) => sum + decimal(event.fixed_decimal), 0n);
    if (fixed.length > 0) expected.set(`${meter}/fixed`, rounded(amount, 1n, digits));
    for (const month of new Set(own.filter(isLate).map(monthOf)))
      if (first > `${month}-01`) notHere.push(`late/${month}/${meter}`);
      else put(`late/${month}/${meter}`, lateTiers(period, month, meter));
  }
  for (const { key } of lines) {
    const [what, since] = key.split("/");
    if (what !== "commitment") continue;
    if (first > since) notHere.push(key);
    else {
      const term = periods.filter((one) => one.subscription === subscription && one.from >= since && one.from <= from);
      const counted = term.flatMap((one) => one.lines).filter((line) => !/^(base$|commitment)|included$/.test(line.key));
      const reached = counted.reduce((sum, line) => sum + decimal(line.amount), 0n);
      expected.set(key, rounded(decimal(prices.commitment.amount) - reached, 1n, digits));
    }
  }
  const isHere = (key) => !notHere.some((start) => key.startsWith(start));
  for (const { key, amount } of lines)
    if (isHere(key) && written(expected.get(key) ?? 0n, digits) !== amount)
      stop(`${invoice}, ${key}: the events come to ${written(expected.get(key) ?? 0n, digits)}, the invoice says ${amount}.`);
  for (const [key, minor] of expected)
    if (minor !== 0n && !lines.some((line) => line.key === key))
      stop(`${invoice} lacks ${key}: the events come to ${written(minor, digits)}.`);
  const said = notHere.length > 0 ? `; ${notHere.join(", ")}: needs days before ${first}, download from there` : "";
  console.log(`  ${invoice ?? "no invoice"}, ${from.slice(0, 10)} to ${to.slice(0, 10)}: ${expected.size} lines in ${currency} are right${said}`);
}

/** An invoice of several periods has its credits beside each of them. */
function creditsOf({ invoice, currency, credits = [] }) {
  return credits.map(({ key, reason, amount }) => {
    if (!amount.startsWith("-")) stop(`${invoice}, ${key}: a credit takes something off, ${amount} does not.`);
    return `  ${invoice}, ${key} (${reason}): ${amount} in ${currency}, as recorded`;
  });
}

/** What units of an earlier month cost on top of those that were billed for it, by the prices of its last period. */
function lateTiers(period, month, meter) {
  const own = used.filter((event) => event.meter === meter);
  const late = own.filter((event) => isLate(event) && monthOf(event) === month);
  const then = periods.findLast((one) => one.from.startsWith(month));
  const inTime = then ? own.filter((event) => isInTime(event) && isWithin(event, then)) : [];
  const before = unitsOf(inTime) + unitsOf(late.filter((event) => event.counted_at < period.from));
  const after = before + unitsOf(late.filter((event) => isWithin(event, period)));
  const [was, is] = [before, after].map((units) =>
    graduated(units, (then ?? period).prices.meters[meter], then ? shareOf(then) : [1n, 1n]),
  );
  return is.tiers
    .map(([tier, units, unit]) => [tier, units - (was.tiers.find(([same]) => same === tier)?.[1] ?? 0n), unit])
    .filter(([, units]) => units > 0n);
}

/** A period's seconds and those of its month. */
function shareOf({ from, to }) {
  const month = new Date(`${from.slice(0, 7)}-01T00:00:00Z`);
  const monthMs = new Date(Date.UTC(month.getUTCFullYear(), month.getUTCMonth() + 1, 1)) - month;
  return [BigInt((new Date(to) - new Date(from)) / 1000), BigInt(monthMs / 1000)];
}

function isWithin({ counted_at: at }, { from, to }) {
  return at >= from && at < to;
}
function monthOf({ occurred_at: occurred }) {
  return occurred.slice(0, 7);
}
/** At the sheet's prices, in the month that it belongs to, or counted to a later one. */
function isInTime(event) {
  return event.fixed_decimal === null && monthOf(event) >= event.counted_at.slice(0, 7);
}
function isLate(event) {
  return event.fixed_decimal === null && monthOf(event) < event.counted_at.slice(0, 7);
}
function unitsOf(some) {
  return some.reduce((sum, { quantity }) => sum + BigInt(quantity), 0n);
}

/** Included units and the bounds of tiers are the period's share of a month, rounded up. */
function graduated(quantity, { included, tiers } = { included: "0", tiers: [] }, [part, whole]) {
  const partOf = (units) => (BigInt(units) * part + whole - 1n) / whole;
  const least = (a, b) => (a < b ? a : b);
  const free = least(quantity, partOf(included));
  let at = 0n;
  const found = [];
  for (const [tier, { up_to: upTo, unit_decimal: unit }] of tiers.entries()) {
    const to = upTo === null ? quantity - free : least(quantity - free, partOf(upTo));
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
