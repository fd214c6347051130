import { csvLine } from "../lib/ml/data/csv-write";
import { REVIEWS } from "./phrases/reviews";
import { TICKETS } from "./phrases/tickets";
import { type Dice, dice, ticket } from "./speech";

/** Sample sets whose target is not one label, from the same phrases: the topics of longer messages, stars, likeness. */

/** Messages about one to three things. */
function topics(): string {
  const d = dice(20_260_304);
  const names = Object.keys(TICKETS);
  const texts = new Set<string>();
  const lines = [csvLine(["text", "labels"])];
  while (lines.length <= 420) {
    const chance = d.next();
    const about = d.shuffle(names).slice(0, chance < 0.45 ? 1 : chance < 0.85 ? 2 : 3);
    const text = about.map((name) => ticket(d.pick(TICKETS[name] ?? []), d)).join(" ");
    if (texts.has(text)) continue;
    texts.add(text);
    lines.push(csvLine([text, about.join("; ")]));
  }
  return lines.join("");
}

const MOODS = ["negative", "neutral", "positive"] as const;

/** Three remarks of a guest and the stars that go with them, give or take one. */
function stars(): string {
  const d = dice(20_260_305);
  const lines = [csvLine(["text", "stars"])];
  for (let made = 0; made < 360; made++) {
    const leaning = d.below(3);
    const moods = Array.from({ length: 3 }, () => (d.next() < 0.65 ? leaning : d.below(3)));
    const remarks = moods.map((mood) => d.pick(REVIEWS[MOODS[mood] ?? "neutral"] ?? []));
    const mean = moods.reduce((sum, mood) => sum + mood, 0) / 3;
    const given = Math.round(1 + 2 * mean + (d.next() - 0.5) * 1.2);
    lines.push(csvLine([[...new Set(remarks)].join(" "), String(Math.min(5, Math.max(1, given)))]));
  }
  return lines.join("");
}

/** Two messages and how alike they are: one phrase said twice, two of one topic, two of nothing in common. */
function pairs(): string {
  const d = dice(20_260_306);
  const names = Object.keys(TICKETS);
  const lines = [csvLine(["text", "text_b", "similarity"])];
  for (let made = 0; made < 360; made++) {
    const [own = "", other = ""] = d.shuffle(names);
    const one = d.pick(TICKETS[own] ?? []);
    const chance = made % 3;
    const two = chance === 0 ? one : d.pick(TICKETS[chance === 1 ? own : other] ?? []);
    lines.push(csvLine([ticket(one, d), ticket(two, d), likeness(one === two ? 0 : chance, d)]));
  }
  return lines.join("");
}
const likeness = (chance: number, d: Dice) =>
  (([4.6, 2.6, 0.4][chance] as number) + (d.next() - 0.5) * 0.8).toFixed(1);

export const makeSeveral = (): Record<string, string> => ({
  "ticket-topics.csv": topics(),
  "review-stars.csv": stars(),
  "ticket-pairs.csv": pairs(),
});
