"use client";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { Field, Select } from "@/components/field";

interface Props {
  slug: string;
  models: { name: string; isFirst: boolean }[];
  chosen: string;
  /** What can be asked the same question. */
  others: readonly string[];
  beside: string | undefined;
}

export function ModelPicker({ slug, models, chosen, others, beside }: Props) {
  const t = useTranslations("insight.console");
  const router = useRouter();
  const go = (query: Record<string, string>) => router.push(`/${slug}/console?${new URLSearchParams(query)}`);
  return (
    <>
      <Field label={t("model")} isLabelHidden className="w-full sm:w-80">
        <Select value={chosen} onChange={(event) => go({ model: event.currentTarget.value })}>
          {models.map(({ name, isFirst }) => (
            <option key={name} value={name}>
              {isFirst ? t("firstModel", { name }) : name}
            </option>
          ))}
        </Select>
      </Field>
      {others.length > 0 && (
        <Field label={t("beside")} isLabelHidden className="w-full sm:w-64">
          <Select
            value={beside ?? ""}
            onChange={(event) => {
              const { value } = event.currentTarget;
              go(value === "" ? { model: chosen } : { model: chosen, beside: value });
            }}
          >
            <option value="">{t("besideNone")}</option>
            {others.map((name) => (
              <option key={name} value={name}>
                {t("besideName", { name })}
              </option>
            ))}
          </Select>
        </Field>
      )}
    </>
  );
}
