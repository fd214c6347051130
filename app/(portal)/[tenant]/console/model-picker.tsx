"use client";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { Field, Select } from "@/components/field";

interface Props {
  slug: string;
  models: { name: string; isFirst: boolean }[];
  chosen: string;
}

export function ModelPicker({ slug, models, chosen }: Props) {
  const t = useTranslations("insight.console");
  const router = useRouter();
  return (
    <Field label={t("model")} isLabelHidden className="w-full sm:w-96">
      <Select
        value={chosen}
        onChange={(event) =>
          router.push(`/${slug}/console?model=${encodeURIComponent(event.currentTarget.value)}`)
        }
      >
        {models.map(({ name, isFirst }) => (
          <option key={name} value={name}>
            {isFirst ? t("firstModel", { name }) : name}
          </option>
        ))}
      </Select>
    </Field>
  );
}
