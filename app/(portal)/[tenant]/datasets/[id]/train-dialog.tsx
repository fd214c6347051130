"use client";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useId } from "react";
import { Alert } from "@/components/alert";
import { Button } from "@/components/button";
import { call } from "@/components/call";
import { Dialog } from "@/components/dialog";
import { Checkbox, Field, Input, Select } from "@/components/field";
import { useSubmit } from "@/components/use-submit";
import { LATE_CREDIT_PERCENT } from "@/lib/training-forecast";

interface Props {
  slug: string;
  fileId: string;
  versionId: string;
  task: string;
  /** Of the task, cheapest first. */
  recipes: readonly string[];
  name: string;
  /** Fixed with the order, due if it succeeds; null where nothing is charged. */
  price: { decimal: string; currency: string } | null;
  /** Within which the model answers, or a part of the price is credited; null without a forecast. */
  promisedMinutes: number | null;
  /** Whether the task's models may have their base answer in 8 bits. */
  answersInInt8: boolean;
  /** Names that answer this task already. */
  deployments: readonly string[];
  /** Other readable files, any of which may be the one to measure on. */
  files: { id: string; name: string }[];
}

/** What a model's name may carry: it becomes part of an address. */
const toSuffix = (text: string) =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "")
    .slice(0, 40);

export function TrainDialog({
  slug,
  fileId,
  versionId,
  task,
  recipes,
  name,
  price,
  promisedMinutes,
  answersInInt8,
  deployments,
  files,
}: Props) {
  const t = useTranslations("portal.train");
  const router = useRouter();
  const names = useId();
  const form = useSubmit(["suffix", "validation_file", "graft.deployment"], async (values) => {
    const deployment = values["graft.deployment"];
    const job = await call<{ id: string }>("/v1/fine_tuning/jobs", {
      tenant: slug,
      body: {
        model: "minilm-l6",
        training_file: fileId,
        ...(values.validation_file ? { validation_file: values.validation_file } : {}),
        ...(values.suffix ? { suffix: values.suffix } : {}),
        graft: {
          recipe: values.recipe,
          dataset_version: versionId,
          ...(deployment ? { deployment } : {}),
          ...(values.precision ? { precision: values.precision } : {}),
        },
      },
    });
    router.push(`/${slug}/jobs/${job.id}`);
  });
  // A task may mean something else by a name than texts do.
  const nameOf = (recipe: string) => {
    const own = `ownRecipes.${task}.${recipe}` as Parameters<typeof t>[0];
    return t.has(own) ? own : (`recipes.${recipe}` as typeof own);
  };
  return (
    <Dialog trigger={<Button>{t("train")}</Button>} title={t("title")} description={t("text")}>
      <form onSubmit={form.onSubmit} className="grid gap-4">
        {form.formError && <Alert tone="bad">{form.formError}</Alert>}
        <Field label={t("suffix")} hint={t("suffixHint")} error={form.errorOf("suffix")}>
          <Input name="suffix" defaultValue={toSuffix(name)} maxLength={64} pattern="[A-Za-z0-9_\-]*" />
        </Field>
        <Field label={t("recipe")} hint={t("recipeHint")}>
          <Select name="recipe" defaultValue="auto">
            {["auto", ...recipes].map((recipe) => (
              <option key={recipe} value={recipe}>
                {t(nameOf(recipe))}
              </option>
            ))}
          </Select>
        </Field>
        <Field label={t("validation")} hint={t("validationHint")} error={form.errorOf("validation_file")}>
          <Select name="validation_file" defaultValue="">
            <option value="">{t("ownSplit")}</option>
            {files.map((file) => (
              <option key={file.id} value={file.id}>
                {file.name}
              </option>
            ))}
          </Select>
        </Field>
        <Field label={t("deployment")} hint={t("deploymentHint")} error={form.errorOf("graft.deployment")}>
          <Input name="graft.deployment" list={names} maxLength={64} autoComplete="off" />
        </Field>
        <datalist id={names}>
          {deployments.map((known) => (
            <option key={known} value={known} />
          ))}
        </datalist>
        {answersInInt8 && (
          <Checkbox name="precision" value="int8" label={t("precision")} hint={t("precisionHint")} />
        )}
        <div className="flex flex-wrap items-center justify-end gap-3">
          {price && (
            <p className="text-ink-2 figures min-w-0 flex-1 text-sm">
              {t("price", { price: `${price.currency} ${price.decimal}` })}
              {promisedMinutes !== null &&
                ` ${t("promise", { minutes: promisedMinutes, percent: LATE_CREDIT_PERCENT })}`}
            </p>
          )}
          <Button type="submit" isLoading={form.isBusy}>
            {t("start")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
