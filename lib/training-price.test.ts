import { afterAll, beforeAll, expect, test } from "vitest";
import { POST as estimateRoute } from "@/app/v1/fine_tuning/jobs/estimate/route";
import { POST as orderRoute } from "@/app/v1/fine_tuning/jobs/route";
import { closePools } from "@/db/index";
import { offer, openShop, profile, use } from "./billing.fixture";
import { saveProfile } from "./billing-profiles";
import { ask, unique } from "./people.fixture";
import { subscribe } from "./subscriptions";
import { createTenant } from "./tenants";
import { trainingPrice } from "./training-price";

beforeAll(async () => {
  await openShop();
  const two = {
    included: "2",
    tiers: [
      { up_to: "1", unit_decimal: "9" },
      { up_to: null, unit_decimal: "7.5" },
    ],
  };
  await offer("trainings", { base: "0", meters: { "training.job": two } });
});
afterAll(closePools);

const createBuyer = async () => {
  const made = await createTenant({ name: unique("Buyer"), email: `${unique("buyer")}@price.test` });
  await saveProfile(made.tenantId, profile(), "test");
  return made;
};
/** The first instant of this month, so that the whole of what is included is there. */
const month = () => new Date(`${new Date().toISOString().slice(0, 7)}-01T00:00:00Z`);
const trainings = (tenantId: string, count: number, fixedDecimal?: string) =>
  use(tenantId, month().toISOString(), count, {
    meter: "training.job",
    ...(fixedDecimal ? { fixedDecimal } : {}),
  });

test("a training costs nothing while some are included, then what the next one's tier says", async () => {
  const { tenantId } = await createBuyer();
  expect(await trainingPrice(tenantId)).toBeNull();
  await subscribe(tenantId, { planId: "trainings", startsAt: month() }, "test");
  const decimals: (string | undefined)[] = [];
  for (const fixed of ["0", "0", "9", "7.5"]) {
    decimals.push((await trainingPrice(tenantId))?.decimal);
    await trainings(tenantId, 1, fixed);
  }
  expect(decimals).toEqual(["0", "0", "9", "7.5"]);
});

test("an estimate says the price and starts nothing; an order above its limit is refused before anything", async () => {
  const { tenantId, apiKey } = await createBuyer();
  await subscribe(tenantId, { planId: "trainings", startsAt: month() }, "test");
  await trainings(tenantId, 3);
  const body = { model: "minilm-l6", training_file: "file-none" };
  const estimate = await ask(estimateRoute, { method: "POST", key: apiKey, body });
  expect(estimate.body).toEqual({
    object: "fine_tuning.estimate",
    price: { decimal: "7.5", currency: "EUR" },
    due: "on_success",
    // No training of the past says yet how long one takes.
    promised_minutes: null,
    late_credit_percent: 50,
  });
  const order = (max: number) =>
    ask(orderRoute, { method: "POST", key: apiKey, body: { ...body, graft: { max_price_minor: max } } });
  expect(await order(749)).toMatchObject({ status: 422, code: "price_above_limit" });
  // What it costs is fine now; that there is no such file is said next.
  expect(await order(750)).toMatchObject({ status: 404 });
  const odd = await ask(estimateRoute, { method: "POST", key: apiKey, body: { ...body, model: "gpt-4" } });
  expect(odd).toMatchObject({ status: 404, code: "model_not_found" });
});
