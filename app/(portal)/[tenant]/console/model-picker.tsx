"use client";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { Field, Select } from "@/components/field";

export function ModelPicker({ slug, names, chosen }: { slug: string; names: string[]; chosen: string }) {
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
        {names.map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </Select>
    </Field>
  );
}
