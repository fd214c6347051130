import { NextIntlClientProvider } from "next-intl";
import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { expect, test } from "vitest";
import insight from "@/messages/insight.en.json";
import serving from "@/messages/serving.en.json";
import { Strength } from "./strength";

const point = (strength: number, value: number) => ({
  ...{ rank: 8, ngrams: 0, strength, value },
  chosen: strength === 0.75,
});
const tried = [point(1, 0.91), point(0.75, 0.925), point(0.5, 0.9)];
function said(strength: number | null, metric = "accuracy"): string {
  const strengths = { metric, rows: 1400, tried };
  const of = { slug: "acme", name: "router", strength, strengths, examples: 0, mayDeploy: false };
  const children = createElement(Strength, of);
  const messages = { ...insight, ...serving };
  const page = NextIntlClientProvider({ locale: "en", messages, timeZone: "UTC", children });
  return renderToStaticMarkup(page).replaceAll(/<[^>]+>/g, "");
}

test("a name says at what strength its version answers and what was measured there", () => {
  expect(said(null)).toContain("0.75, as chosen out of fold");
  expect(said(null)).toContain("Accuracy out of fold on 1,400 rows: 92.5% at 0.75.");
  expect(said(null)).not.toMatch(/nothing was measured|calibrated/);
});

test("between measured strengths both are named, beyond them the last one, and that confidences are of another", () => {
  expect(said(0.6)).toContain("0.6, set here; 0.75 was chosen out of fold");
  expect(said(0.6)).toContain("90% at 0.5 and 92.5% at 0.75. At 0.6 itself nothing was measured.");
  expect(said(0.6)).toContain("calibrated at 0.75");
  expect(said(0)).toContain("on 1,400 rows: 90% at 0.5. At 0 itself nothing was measured.");
  expect(said(1)).toContain("91% at 1.");
  expect(said(1)).not.toContain("nothing was measured");
});

test("what was measured is said under the name of its metric, a correlation as a number", () => {
  expect(said(null, "span_f1")).toContain("F1 of whole spans out of fold on 1,400 rows: 92.5% at 0.75.");
  expect(said(null, "pearson")).toContain("Pearson correlation out of fold on 1,400 rows: 0.925 at 0.75.");
});
