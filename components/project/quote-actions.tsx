"use client";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { toast } from "sonner";
import { Button } from "@/components/button";
import { call } from "@/components/call";
import { ConfirmButton } from "@/components/confirm-button";
import { useAct } from "@/components/use-act";
import { DeclineDialog } from "./decline-dialog";
import { SignDialog } from "./sign-dialog";
import type { Where } from "./where";

interface Props {
  quote: { id: string; state: string; version: number; sha256: string | null };
  buyer: string;
  terms: string;
  where: Where;
  may: { sign: boolean; send: boolean; approve: boolean };
}

export function QuoteActions({ quote, buyer, terms, where, may }: Props) {
  const t = useTranslations("projects.quote");
  const draft = useTranslations("projects.draft");
  const router = useRouter();
  const { isBusy, act } = useAct();
  const path = `${where.root}/quotes/${quote.id}`;
  const patch = (body: object) => call(path, { method: "PATCH", tenant: where.tenant, body });
  return (
    <>
      {may.sign && quote.state === "sent" && (
        <>
          <SignDialog
            path={path}
            sha256={quote.sha256}
            where={where}
            title={t("signTitle", { version: quote.version })}
            statement={t("mayHint", { buyer, terms })}
            done={t("signed")}
          />
          <DeclineDialog path={path} where={where} title={t("declineTitle")} done={t("declined")} />
        </>
      )}
      {may.approve && quote.state === "draft" && (
        <Button
          variant="secondary"
          isLoading={isBusy}
          onClick={() => act(() => call(`${path}/approval`, { method: "PUT" }), draft("approved"))}
        >
          {draft("approve")}
        </Button>
      )}
      {may.send && quote.state === "draft" && (
        <Button isLoading={isBusy} onClick={() => act(() => patch({ state: "sent" }), draft("sent"))}>
          {draft("send")}
        </Button>
      )}
      {may.send && ["draft", "sent"].includes(quote.state) && (
        <ConfirmButton
          title={draft("withdraw")}
          text={draft("withdrawText")}
          action={draft("withdraw")}
          onConfirm={async () => {
            await patch({ state: "withdrawn" });
            toast.success(draft("withdrawn"));
            router.refresh();
          }}
        >
          {draft("withdraw")}
        </ConfirmButton>
      )}
    </>
  );
}
