"use client";
import { useTranslations } from "next-intl";
import { Checkbox } from "@/components/field";

/** Whether what answers may change although saved examples fail; nothing where there are none. */
export function Force({ examples }: { examples: number }) {
  const t = useTranslations("serving.examples");
  return examples > 0 && <Checkbox name="force" label={t("force")} hint={t("forceHint")} />;
}
