import { tidy } from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { cachedBase } from "../../bases.fixture";
import { BASES, DEFAULT_BASE } from "../catalogue";
import { openGoldenBackend } from "../golden.fixture";
import type { Tokenize } from "../task";
import { createBatch, type Encoder, openEncoder, pool } from "./encoder";
import { type OpenBase, openBase } from "./forward";
import { lengthBatches } from "./length-batches";
import { openTokenizer } from "./tokenizer";

/** The real base, in training and in serving, on texts of many scripts, lengths and kinds. */
const TEXTS: Record<string, string> = {
  nothing: "",
  space: " \t\n ",
  "one letter": "a",
  "one sign": "?",
  english: "Where is the parcel that I ordered three weeks ago?",
  shouting: "THIS IS THE THIRD TIME!!! I WANT MY MONEY BACK!!!",
  german: "Die Größe stimmt überhaupt nicht, ich möchte das Kleid zurückschicken.",
  french: "Où est passé mon colis ? Ça fait déjà deux semaines que j’attends.",
  spanish: "¿Por qué me cobraron dos veces? Quiero el reembolso mañana.",
  turkish: "İade işlemi için iki haftadır bekliyorum, şikâyetçiyim.",
  polish: "Zażółć gęślą jaźń, a potem zwróć mi pieniądze.",
  vietnamese: "Tôi muốn đổi địa chỉ giao hàng trước ngày mai.",
  russian: "Где моя посылка? Курьер так и не приехал.",
  greek: "Ξέχασα τον κωδικό μου και δεν μπορώ να συνδεθώ.",
  arabic: "أين طلبي؟ لقد مرّ أسبوعان ولم يصل شيء.",
  hebrew: "החבילה הגיעה שבורה ואני רוצה החזר כספי.",
  hindi: "मेरा ऑर्डर अभी तक नहीं पहुँचा है, कृपया मदद करें।",
  bengali: "আমি আমার টাকা ফেরত চাই।",
  tamil: "என் பார்சல் இன்னும் வரவில்லை.",
  thai: "พัสดุของฉันยังไม่มาถึงเลย ช่วยตรวจสอบด้วยครับ",
  chinese: "我的包裹还没有到，请帮我查一下物流。",
  japanese: "注文した商品がまだ届きません。カスタマーサポートに連絡したいです。",
  korean: "주문한 상품이 아직 도착하지 않았습니다.",
  georgian: "ჩემი ამანათი ჯერ არ მოსულა.",
  amharic: "እቃዬ እስካሁን አልደረሰም።",
  emojis: "😀😡👍🏽👩‍👩‍👧‍👦🇫🇷❤️‍🔥",
  "emojis in words": "great service 👏👏 but the box 📦 was 💔",
  mixed: "Order #4711-B für 小林さん: доставка до 12:30, الرجاء الاتصال!",
  numbers: "3.14159 1,000,000 0x1F600 +49 (30) 1234567 2024-02-29T23:59:60Z",
  code: 'SELECT * FROM "orders" WHERE id = $1; -- <script>alert(1)</script>',
  address: "https://example.com/a/very/long/path?with=parameters&and=more#fragment",
  combining: "e\u0301 n\u0303 Z\u0351\u036b\u0343a\u0334l\u0337g\u0336o\u0321",
  "odd characters": "zero\u200bwidth \u202eright to left\u202c \ufffd \u0000 \ud83d end",
  "one long word": "x".repeat(400),
  repeated: "late ".repeat(120),
  "as long as it reads": "the courier left my order at the wrong door ".repeat(40),
  "longer than it reads": "退款 refund возврат ".repeat(400),
};

const base = await cachedBase();
let encoder: Encoder | undefined;
let served: OpenBase | undefined;
let tokenize: Tokenize;
beforeAll(async () => {
  if (!base) return;
  await openGoldenBackend();
  encoder = await openEncoder(base.dir);
  served = await openBase(base.dir, { threads: 1 });
  tokenize = await openTokenizer(base.dir, BASES[DEFAULT_BASE].maxTokens);
});
afterAll(async () => {
  encoder?.dispose();
  await served?.close();
});

/** Of sequences together, padded to the longest: [rows, hidden]. */
function inTraining(open: Encoder, sequences: readonly Int32Array[]): Float32Array[] {
  const batch = createBatch(sequences);
  const flat = tidy(() => pool(open.run(open.embed(batch), batch), batch).dataSync());
  batch.dispose();
  const { hidden } = open.config;
  return sequences.map((_, row) => Float32Array.from(flat.slice(row * hidden, (row + 1) * hidden)));
}
const worst = (a: Float32Array, b: ArrayLike<number>) =>
  a.reduce((most, value, i) => Math.max(most, Math.abs(value - (b[i] ?? 9))), 0);

test("training computes the vectors that serving computes, in every script and at every length", {
  timeout: 180_000,
}, async ({ skip }) => {
  if (!base || !encoder || !served) return skip("the base is not installed");
  const names = Object.keys(TEXTS);
  const sequences = Object.values(TEXTS).map((text) => tokenize(text).ids);
  expect(Math.max(...sequences.map(({ length }) => length))).toBe(BASES[DEFAULT_BASE].maxTokens);
  const apart: Record<string, number> = {};
  const lengths = sequences.map(({ length }) => length);
  for (const rows of lengthBatches(lengths, 2048, 16)) {
    const batch = rows.map((row) => sequences[row] as Int32Array);
    const [trained, answered] = [
      inTraining(encoder, batch),
      await served.embed(batch.map((ids) => ({ ids }))),
    ];
    for (const [i, row] of rows.entries())
      apart[names[row] ?? ""] = worst(trained[i] as Float32Array, answered[i] ?? []);
  }
  expect(Object.keys(apart).length).toBe(names.length);
  expect(Object.entries(apart).filter(([, by]) => !(by <= 1e-5))).toEqual([]);
});

test("a text has one vector, alone or beside a longer one, in training and in serving", async ({ skip }) => {
  if (!base || !encoder || !served) return skip("the base is not installed");
  const [short, long] = [TEXTS.chinese, TEXTS["longer than it reads"]].map(
    (text) => tokenize(text ?? "").ids,
  ) as [Int32Array, Int32Array];
  const alone = (await served.embed([{ ids: short }]))[0] ?? [];
  const [beside] = await served.embed([{ ids: short }, { ids: long }]);
  const [padded] = inTraining(encoder, [short, long]);
  for (const vector of [beside, padded, inTraining(encoder, [short])[0]])
    expect(worst(vector ?? new Float32Array(1), alone)).toBeLessThanOrEqual(1e-5);
});
