"use client";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { call } from "@/components/call";
import { ConfirmButton } from "@/components/confirm-button";

export function WithdrawCredit({ slug, id }: { slug: string; id: string }) {
  const t = useTranslations("billing.prepaid");
  const router = useRouter();
  return (
    <ConfirmButton
      size="sm"
      variant="ghost"
      title={t("withdrawTitle")}
      text={t("withdrawText")}
      action={t("withdraw")}
      onConfirm={async () => {
        await call(`/api/desk/customers/${slug}/credits/${id}`, { method: "DELETE" });
        router.refresh();
      }}
    >
      {t("withdraw")}
    </ConfirmButton>
  );
}
