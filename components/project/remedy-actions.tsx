"use client";
import { useTranslations } from "next-intl";
import { Button } from "@/components/button";
import { call } from "@/components/call";
import { useAct } from "@/components/use-act";
import type { RemedyDocument } from "@/lib/scope";
import { DeclineDialog } from "./decline-dialog";
import { SignDialog } from "./sign-dialog";
import type { Where } from "./where";

interface Props {
  remedy: { id: string; sha256: string; kind: RemedyDocument["kind"] };
  where: Where;
  may: { sign: boolean; submit: boolean };
}

/** The customer signs or declines; staff may take it back. */
export function RemedyActions({ remedy, where, may }: Props) {
  const t = useTranslations("projects.remedies");
  const { isBusy, act } = useAct();
  const path = `${where.root}/remedies/${remedy.id}`;
  const withdraw = () => call(path, { method: "PATCH", body: { state: "withdrawn" } });
  return (
    <div className="flex flex-wrap gap-2 pt-1 empty:hidden">
      {may.sign && (
        <>
          <SignDialog
            size="sm"
            path={path}
            sha256={remedy.sha256}
            where={where}
            title={t(`sign.${remedy.kind}`)}
            statement={t(`statement.${remedy.kind}`)}
            done={t("signed")}
          />
          <DeclineDialog size="sm" path={path} where={where} title={t("decline")} done={t("declined")} />
        </>
      )}
      {may.submit && (
        <Button
          size="sm"
          variant="secondary"
          isLoading={isBusy}
          onClick={() => act(withdraw, t("withdrawn"))}
        >
          {t("withdraw")}
        </Button>
      )}
    </div>
  );
}
