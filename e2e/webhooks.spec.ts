import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "@playwright/test";
import { Webhook } from "standardwebhooks";
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
  const got: { headers: Record<string, string>; body: string }[] = [];
  let status = 500;
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => {
      body += chunk;
    });
    request.on("end", () => {
      got.push({ headers: request.headers as Record<string, string>, body });
      response.writeHead(status).end();
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/graft`;
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
  server.closeAllConnections();
  server.close();
  expect(complaints).toEqual([]);
});
