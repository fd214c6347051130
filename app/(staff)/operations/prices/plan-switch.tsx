"use client";
import { useTranslations } from "next-intl";
import { call } from "@/components/call";
import { Switch } from "@/components/field";
import { useAct } from "@/components/use-act";

interface Props {
  id: string;
  name: string;
  isPublic: boolean;
  mayChange: boolean;
}

/** Whether visitors see the plan and customers may choose it. Who is on it stays on it. */
export function PlanSwitch({ id, name, isPublic, mayChange }: Props) {
  const t = useTranslations("operations.prices");
  const { isBusy, act } = useAct();
  const change = (next: boolean) =>
    act(
      () => call(`/api/operations/plans/${id}`, { method: "PATCH", body: { isPublic: next } }),
      next ? t("nowPublic", { name }) : t("nowHidden", { name }),
    );
  return (
    <Switch
      label={
        <>
          {isPublic ? t("isPublic") : t("isHidden")}
          <span className="sr-only"> {name}</span>
        </>
      }
      checked={isPublic}
      disabled={!mayChange || isBusy}
      onCheckedChange={change}
    />
  );
}
