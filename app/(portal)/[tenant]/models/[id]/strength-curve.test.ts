import { NextIntlClientProvider } from "next-intl";
import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { expect, test } from "vitest";
import messages from "@/messages/insight.en.json";
import { StrengthCurve } from "./strength-curve";

/** The page of a curve, and what is written in its drawing. */
function drawn(metric: string): { page: string; texts: (string | undefined)[] } {
  const point = (strength: number, value: number) => ({
    ...{ rank: 8, ngrams: 0, strength, value },
    chosen: strength === 0.75,
  });
  const strengths = { metric, rows: 1400, tried: [point(1, 0.91), point(0.75, 0.925), point(0.5, 0.9)] };
  const curve = createElement(StrengthCurve, { strengths });
  const page = renderToStaticMarkup(
    NextIntlClientProvider({ locale: "en", messages, timeZone: "UTC", children: curve }),
  );
  return { page, texts: [...page.matchAll(/<text[^>]*>([^<]*)</g)].map(([, text]) => text).slice(0, 6) };
}

test("a curve has every strength with its figure, and marks the one that answers", () => {
  const { page, texts } = drawn("accuracy");
  expect(texts).toEqual(["90%", "0.5", "92.5%", "✓ 0.75", "91%", "1"]);
  expect(page).toContain("Accuracy out of fold on 1,400 rows");
});

test("a curve is of the metric that chose: a correlation is written as a number", () => {
  const { page, texts } = drawn("pearson");
  expect(texts).toEqual(["0.900", "0.5", "0.925", "✓ 0.75", "0.910", "1"]);
  expect(page).toContain("Pearson correlation out of fold");
});
