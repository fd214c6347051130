import { expect, test } from "vitest";
import { overridesSchema, type PriceSheet, priceSheetSchema } from "@/lib/price-sheet";
import { draftOf, newTier, pathsOf, sheetOf } from "./sheet-drafts";

const SHEET: PriceSheet = {
  base: "190",
  meters: {
    "inference.row": {
      included: "500000",
      tiers: [
        { up_to: "1000", unit_decimal: "0.0008" },
        { up_to: null, unit_decimal: "0.0004" },
      ],
    },
    "training.job": { included: "0", tiers: [{ up_to: null, unit_decimal: "9.50" }] },
  },
  commitment: { amount: "1000", months: 12 },
  limits: { requests_per_minute: 1200, tokens_per_minute: 5_000_000 },
};

test("prices that are opened and saved without a change are the same prices", () => {
  expect(priceSheetSchema.parse(sheetOf(draftOf(SHEET)))).toEqual(SHEET);
  const own = { meters: { "training.job": SHEET.meters["training.job"] } };
  expect(overridesSchema.parse(sheetOf(draftOf(own)))).toEqual(own);
});

test("what is left empty is left out, so nothing is agreed by an untouched form", () => {
  expect(sheetOf(draftOf({}))).toEqual({});
});

test("a limit is a whole number; digits grouped by a comma are refused, never read as a fraction", () => {
  const sheet = (requests_per_minute: string) => ({
    base: "0",
    meters: {},
    ...sheetOf({ ...draftOf({}), limits: { requests_per_minute, tokens_per_minute: "" } }),
  });
  expect(priceSheetSchema.parse(sheet("1 200")).limits).toEqual({ requests_per_minute: 1200 });
  for (const text of ["10,000", "1.5", "many", "0"])
    expect(priceSheetSchema.safeParse(sheet(text)).success, text).toBe(false);
});

test("figures are taken as people write them, and the last tier is open whatever stood in it", () => {
  const draft = draftOf({});
  draft.base = " 1 900,50 ";
  draft.meters["batch.row"] = {
    included: "10 000",
    tiers: [
      { ...newTier(), upTo: "5 000", unit: "0,002" },
      { ...newTier(), upTo: "9000", unit: "0.001" },
    ],
  };
  expect(sheetOf(draft)).toEqual({
    base: "1900.50",
    meters: {
      "batch.row": {
        included: "10000",
        tiers: [
          { up_to: "5000", unit_decimal: "0.002" },
          { up_to: null, unit_decimal: "0.001" },
        ],
      },
    },
  });
});

test("half of a commitment is sent, so that the route can say what lacks; each refusal has its field", () => {
  const draft = { ...draftOf(SHEET), commitment: { amount: "100", months: "" } };
  const issue = priceSheetSchema.safeParse(sheetOf(draft)).error?.issues[0];
  expect(issue?.path.join(".")).toBe("commitment.months");
  expect(pathsOf(draft)).toContain("commitment.months");
  const wrong = draftOf(SHEET);
  wrong.meters["inference.row"].tiers[0] = { ...newTier(), upTo: "x", unit: "y" };
  const paths = priceSheetSchema.safeParse(sheetOf(wrong)).error?.issues.map(({ path }) => path.join("."));
  expect(paths?.length).toBeGreaterThan(0);
  for (const path of paths ?? []) expect(pathsOf(wrong)).toContain(path);
});
