"use client";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { toast } from "sonner";
import { call } from "@/components/call";
import { ConfirmButton } from "@/components/confirm-button";

interface Props {
  slug: string;
  invoiceId: string;
  /** Only what a run makes again can be thrown away. */
  isMonthly: boolean;
}

export function DraftActions({ slug, invoiceId, isMonthly }: Props) {
  const t = useTranslations("billing.desk");
  const router = useRouter();
  const move = (state: "issued" | "discarded", done: string) => async () => {
    const path = `/api/desk/customers/${slug}/invoices/${invoiceId}`;
    await call(path, { method: "PATCH", body: { state } });
    toast.success(done);
    router.push(`/desk/${slug}/billing`);
    router.refresh();
  };
  return (
    <>
      <ConfirmButton
        tone="primary"
        variant="primary"
        title={t("release")}
        text={t("releaseText")}
        action={t("release")}
        onConfirm={move("issued", t("released"))}
      >
        {t("release")}
      </ConfirmButton>
      {isMonthly && (
        <ConfirmButton
          title={t("discard")}
          text={t("discardText")}
          action={t("discard")}
          onConfirm={move("discarded", t("discarded"))}
        >
          {t("discard")}
        </ConfirmButton>
      )}
    </>
  );
}
