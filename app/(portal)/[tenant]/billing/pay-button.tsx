"use client";
import { useTranslations } from "next-intl";
import { Button } from "@/components/button";
import { call } from "@/components/call";
import { useAct } from "@/components/use-act";

/** To the payment provider's own page; that money came is told by the provider, not by coming back. */
export function PayButton({ slug, invoiceId, number }: { slug: string; invoiceId: string; number: string }) {
  const t = useTranslations("billing.card");
  const { isBusy, act } = useAct();
  const go = async () => {
    const { url } = await call<{ url: string }>(`/api/invoices/${invoiceId}/checkout`, {
      method: "POST",
      tenant: slug,
    });
    window.location.assign(url);
  };
  return (
    <Button
      size="sm"
      variant="secondary"
      isLoading={isBusy}
      aria-label={t("payOf", { number })}
      onClick={() => act(go)}
    >
      {t("pay")}
    </Button>
  );
}
