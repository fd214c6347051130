import { expect, test } from "vitest";
import { costOf } from "./training-cost";

const price = { decimal: "7.5", currency: "EUR" };

test("a training that succeeded cost what was fixed when it was ordered", () => {
  expect(costOf("succeeded", price, null)).toEqual({ is: "charged", price: "EUR 7.5" });
});

test("of a training that was late half of the price comes back", () => {
  expect(costOf("succeeded", price, 12)).toEqual({ is: "credited", price: "EUR 7.5", percent: 50 });
});

test.each(["validating_files", "queued", "running", "paused"] as const)(
  "a training that is %s costs its price if it succeeds",
  (state) => expect(costOf(state, price, null)).toEqual({ is: "due", price: "EUR 7.5" }),
);

test.each(["failed", "cancelled"] as const)("a training that %s costs nothing", (state) => {
  expect(costOf(state, price, 3)).toEqual({ is: "not_charged" });
});

test("what costs nothing says why: by the plan, or for there is none", () => {
  expect(costOf("succeeded", { ...price, decimal: "0.00" }, 3)).toEqual({ is: "free" });
  expect(costOf("running", null, null)).toEqual({ is: "no_plan" });
});
