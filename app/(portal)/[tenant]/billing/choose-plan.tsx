"use client";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { toast } from "sonner";
import { call } from "@/components/call";
import { ConfirmButton } from "@/components/confirm-button";

interface Props {
  slug: string;
  planId: string;
  name: string;
  /** The day on which it begins; null: at once. */
  begins: string | null;
}

export function ChoosePlan({ slug, planId, name, begins }: Props) {
  const t = useTranslations("billing.plans");
  const router = useRouter();
  return (
    <ConfirmButton
      size="sm"
      tone="primary"
      label={t("chooseOf", { name })}
      title={t("chooseOf", { name })}
      text={begins === null ? t("now") : t("later", { day: begins })}
      action={t("choose")}
      onConfirm={async () => {
        await call("/api/billing/subscription", { tenant: slug, body: { planId } });
        toast.success(t("chosen", { name }));
        router.refresh();
      }}
    >
      {t("choose")}
    </ConfirmButton>
  );
}
