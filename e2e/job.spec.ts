import { expect, test } from "@playwright/test";
import { api, createTenant, expectAccessible, signIn, trainSmall } from "./fixtures";

test("a paused job says so on its page, and goes on from there", async ({ page }) => {
  test.setTimeout(120_000);
  const tenant = await createTenant("job");
  const { file } = await trainSmall(tenant.apiKey);
  const call = (path: string, body: unknown) => api(path, { key: tenant.apiKey, method: "POST", body });
  const made = await call("/v1/fine_tuning/jobs", {
    model: "minilm-l6",
    training_file: file,
    graft: { recipe: "head" },
  });
  const id = String(made.body.id);
  expect((await call(`/v1/fine_tuning/jobs/${id}/pause`, {})).body.status).toBe("paused");
  await signIn(page, tenant.email, tenant.password);
  await page.goto(`/${tenant.slug}/jobs/${id}`);
  await expect(page.getByText("The job is paused.")).toBeVisible();
  await expect(page.getByRole("button", { name: "Pause the job" })).toHaveCount(0);
  await expectAccessible(page);
  await page.getByRole("button", { name: "Resume the job" }).click();
  await expect(page.getByText("The job is paused.")).toHaveCount(0);
  await expect(page.getByText("The model is ready and answers.")).toBeVisible({ timeout: 60_000 });
  await expect(page.getByRole("button", { name: "Cancel the job" })).toHaveCount(0);
});
