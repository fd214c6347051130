import { csvLine } from "../lib/ml/data/csv-write";
import { dice } from "./speech";

/** A sample set without texts: members of a gym, and who of them cancelled. */

const COLUMNS = [
  "member",
  "age",
  "months",
  "plan",
  "monthly_fee",
  "visits_per_month",
  "classes",
  "came_through",
  "freeze_used",
  "distance_km",
  "status",
];
const FEES = { basic: 19.9, plus: 29.9, family: 54.9 };
const CLASSES = ["none", "yoga", "cycling", "strength"];
/** How seldom the die goes against the odds. */
const SHARPNESS = 2.5;
const CHANNELS = ["website", "friend", "street", "employer"];

/**
 * Who cancels pays much for few visits, came lately, lives far away or has no class to go to; friends and families stay.
 * The rule gives odds and a die decides, so nobody can be right about every member. Some cells are empty, as cards are.
 */
export function makeTables(): Record<string, string> {
  const d = dice(20_260_307);
  const rows = Array.from({ length: 520 }, (_, i) => {
    const plan = d.pick(["basic", "basic", "plus", "plus", "family"] as const);
    const age = 17 + d.below(52);
    const months = 1 + Math.floor(60 * d.next() ** 2);
    const visits = Math.max(0, Math.round(2 + 10 * d.next() * d.next() + (plan === "plus" ? 2 : 0)));
    const taken = d.pick(CLASSES);
    const channel = d.pick(CHANNELS);
    const hasFrozen = d.next() < 0.2;
    const km = Math.round(10 * (0.3 + 14 * d.next() ** 2)) / 10;
    const fee = Math.round(100 * (FEES[plan] + (channel === "employer" ? -5 : 0) + 2 * d.below(3))) / 100;
    const odds =
      1.6 -
      0.45 * visits -
      0.03 * months +
      0.14 * km +
      (taken === "none" ? 0.9 : -0.4) +
      (hasFrozen ? 1.1 : 0) +
      (plan === "family" ? -1.2 : 0) +
      (channel === "friend" ? -0.9 : 0) +
      // The young come for the summer; with a class they stay all the same.
      (age < 25 && taken === "none" ? 1.4 : 0);
    const status = d.next() < 1 / (1 + Math.exp(-SHARPNESS * odds)) ? "cancelled" : "stays";
    const known = (share: number, value: string | number) => (d.next() < share ? value : "");
    return [
      `G-${4100 + i * 7}`,
      known(0.95, age),
      months,
      plan,
      fee.toFixed(2),
      visits,
      taken,
      known(0.9, channel),
      hasFrozen ? "yes" : "no",
      known(0.93, km),
      status,
    ];
  });
  return { "gym-members.csv": [COLUMNS, ...rows].map(csvLine).join("") };
}
