import { NextIntlClientProvider } from "next-intl";
import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { expect, test } from "vitest";
import messages from "@/messages/insight.en.json";
import { StrengthCurve } from "./strength-curve";

test("a curve has every strength with its share, and marks the one that answers", () => {
  const point = (strength: number, accuracy: number) => ({
    ...{ rank: 8, ngrams: 0, strength, accuracy },
    chosen: strength === 0.75,
  });
  const strengths = { rows: 1400, tried: [point(1, 0.91), point(0.75, 0.925), point(0.5, 0.9)] };
  const curve = createElement(StrengthCurve, { strengths });
  const page = renderToStaticMarkup(
    NextIntlClientProvider({ locale: "en", messages, timeZone: "UTC", children: curve }),
  );
  const texts = [...page.matchAll(/<text[^>]*>([^<]*)</g)].map(([, text]) => text);
  expect(texts.slice(0, 6)).toEqual(["90%", "0.5", "92.5%", "✓ 0.75", "91%", "1"]);
  expect(page).toContain("1,400 rows");
});
