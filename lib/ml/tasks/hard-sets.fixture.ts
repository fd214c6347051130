import { generator } from "../linear/svm";

export interface LabelledText {
  input: string;
  target: string;
}

const random = generator(5);
const TOPICS = ["refund money", "late parcel", "forgotten password", "new card", "close account"];
const someText = (topic: number) =>
  `${TOPICS[topic % 5]} ${topic} number ${Math.floor(random() * 1000)} ${random() < 0.5 ? "please" : "now"}`;
export const rowsOf = (n: number, classOf: (i: number) => number, text = someText): LabelledText[] =>
  Array.from({ length: n }, (_, i) => ({ input: text(classOf(i)), target: `class_${classOf(i)}` }));

/** Rows that customers really send, for the tests and the bench of every recipe. */
export const HARD_SETS: Record<string, LabelledText[]> = {
  "a class with one row": [...rowsOf(40, (i) => i % 2), { input: "quite alone here", target: "lonely" }],
  "300 classes": rowsOf(600, (i) => i % 300),
  "95 % one class": rowsOf(400, (i) => (i % 20 === 0 ? 1 : 0)),
  "rows that are all the same text": rowsOf(
    40,
    (i) => i % 2,
    () => "the very same text",
  ),
  "texts of 20,000 characters": rowsOf(
    20,
    (i) => i % 2,
    (topic) => `${someText(topic)} `.repeat(900).slice(0, 20_000),
  ),
  "languages mixed": rowsOf(
    60,
    (i) => i % 3,
    (topic) =>
      `${["退款 请尽快处理", "سداد المبلغ من فضلك", "верните деньги"][topic % 3]} ${someText(topic)} 🙂`,
  ),
  "texts without a letter": rowsOf(
    30,
    (i) => i % 2,
    (topic) => (topic ? "!!! ???" : "...").repeat(1 + Math.floor(random() * 5)),
  ),
};
/** Questions that they really ask. */
export const HARD_INPUTS = ["", " ", "🙂", "x".repeat(20_000), "unseen words altogether", "请退款"];
