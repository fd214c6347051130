import { expect, test } from "@playwright/test";
import { Webhook } from "standardwebhooks";
import { openReceiver } from "@/lib/webhook-receiver.fixture";
import {
  complaintsOf,
  createTenant,
  expectAccessible,
  expectWhole,
  signIn,
  trainSmall,
  until,
} from "./fixtures";

/** A customer's program that is told of a training: away at first, then sent what it missed by a press. */
test("an endpoint is made, told of a training, and sent again what it refused", async ({ page }) => {
  test.setTimeout(180_000);
  let status = 500;
  const receiver = await openReceiver((response) => response.writeHead(status).end());
  const { got } = receiver;
  const url = `${receiver.url}/graft`;
  const { slug, apiKey, email, password } = await createTenant("hooks");
  const complaints = complaintsOf(page);
  await signIn(page, email, password);
  await page.goto(`/${slug}/settings/webhooks`);
  await page.getByRole("button", { name: "Add an endpoint" }).click();
  await page.getByLabel("Address").fill(url);
  await page.getByLabel("fine_tuning.job.succeeded").click();
  await page.getByRole("dialog").getByRole("button", { name: "Add an endpoint" }).click();
  await expect(page.getByRole("dialog")).toContainText("whsec_");
  const [secret = ""] = /whsec_[\w+/=]+/.exec(String(await page.getByRole("dialog").textContent())) ?? [];
  await page.getByRole("button", { name: "I have kept it" }).click();
  await expect(page.getByText("Nothing was sent yet.")).toBeVisible();
  await expectAccessible(page);

  await trainSmall(apiKey);
  await until("the first try", async () => (got.length > 0 ? true : null));
  await page.reload();
  const log = page.getByRole("table", { name: `Deliveries to ${url}` });
  await expect(log).toContainText("answered 500");
  status = 204;
  const tries = got.length;
  await log.getByRole("button", { name: /^Send again: evt_/ }).click();
  await until("another try", async () => (got.length > tries ? true : null));
  const { headers, body } = got.at(-1) ?? { headers: {}, body: "" };
  expect(new Webhook(secret).verify(body, headers)).toMatchObject({ type: "fine_tuning.job.succeeded" });
  await expect(async () => {
    await page.reload();
    await expect(log).toContainText("Delivered", { timeout: 1000 });
  }).toPass();
  await log.getByRole("button", { name: /^Message/ }).click();
  await expect(page.getByRole("dialog")).toContainText('"object": "event"');
  await page.keyboard.press("Escape");
  await page.setViewportSize({ width: 390, height: 800 });
  await expectWhole(page);
  await expectAccessible(page);
  receiver.close();
  expect(complaints).toEqual([]);
});
