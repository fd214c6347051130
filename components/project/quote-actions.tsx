"use client";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { toast } from "sonner";
import { Button } from "@/components/button";
import { call } from "@/components/call";
import { ConfirmButton } from "@/components/confirm-button";
import { Field, Input, Textarea } from "@/components/field";
import { FormDialog } from "@/components/form-dialog";
import { useAct } from "@/components/use-act";
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
          <FormDialog
            trigger={t("sign")}
            title={t("signTitle", { version: quote.version })}
            description={t("signText")}
            action={t("sign")}
            done={t("signed")}
            fields={["name"]}
            send={async ({ name }) => {
              const body = { name, sha256: quote.sha256 };
              await call(`${path}/signature`, { tenant: where.tenant, body });
            }}
          >
            {(errorOf) => (
              <>
                <Field label={t("yourName")} error={errorOf("name")} required>
                  <Input name="name" autoComplete="name" maxLength={100} />
                </Field>
                <label className="flex items-start gap-2 text-sm">
                  <input type="checkbox" required className="accent-accent mt-1" />
                  {t("mayHint", { buyer, terms })}
                </label>
              </>
            )}
          </FormDialog>
          <FormDialog
            trigger={t("decline")}
            variant="secondary"
            title={t("declineTitle")}
            action={t("decline")}
            done={t("declined")}
            fields={["because"]}
            send={async ({ because }) => void (await patch({ state: "declined", because }))}
          >
            {(errorOf) => (
              <Field label={t("because")} error={errorOf("because")} required>
                <Textarea name="because" rows={3} maxLength={2000} />
              </Field>
            )}
          </FormDialog>
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
