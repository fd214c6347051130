"use client";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { toast } from "sonner";
import { Alert } from "@/components/alert";
import { Button } from "@/components/button";
import { call } from "@/components/call";
import { Field, Input } from "@/components/field";
import { useSubmit } from "@/components/use-submit";

export function NameForm({ slug, name }: { slug: string; name: string }) {
  const t = useTranslations("settings.general");
  const router = useRouter();
  const { isBusy, onSubmit, formError, errorOf } = useSubmit(["name"], async (values) => {
    await call("/api/settings", { method: "PATCH", tenant: slug, body: { name: values.name } });
    toast.success(t("saved"));
    router.refresh();
  });
  return (
    <form onSubmit={onSubmit} className="grid max-w-md gap-3">
      {formError && <Alert tone="bad">{formError}</Alert>}
      <Field label={t("name")} error={errorOf("name")} required>
        <Input name="name" defaultValue={name} maxLength={120} autoComplete="organization" />
      </Field>
      <div>
        <Button type="submit" isLoading={isBusy}>
          {t("save")}
        </Button>
      </div>
    </form>
  );
}
