"use client";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { call } from "@/components/call";
import { Switch } from "@/components/field";
import { useAct } from "@/components/use-act";

export function SignUpSwitch({ isOpen, mayChange }: { isOpen: boolean; mayChange: boolean }) {
  const t = useTranslations("settings.staff");
  const [isOn, setIsOn] = useState(isOpen);
  const { isBusy, act } = useAct();
  const change = (next: boolean) => {
    setIsOn(next);
    return act(
      () => call("/api/operations/sign-up", { method: "PATCH", body: { isOpen: next } }),
      next ? t("signUpOpened") : t("signUpClosed"),
      () => setIsOn(!next),
    );
  };
  return (
    <Switch
      label={t("signUpLabel")}
      hint={t("signUpHint")}
      checked={isOn}
      disabled={!mayChange || isBusy}
      onCheckedChange={change}
    />
  );
}
