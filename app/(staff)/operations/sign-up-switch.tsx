"use client";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { toast } from "sonner";
import { call } from "@/components/call";
import { Switch } from "@/components/field";
import { useErrorText } from "@/components/use-error-text";

export function SignUpSwitch({ isOpen, mayChange }: { isOpen: boolean; mayChange: boolean }) {
  const t = useTranslations("settings.staff");
  const router = useRouter();
  const errorText = useErrorText();
  const [isOn, setIsOn] = useState(isOpen);
  const [isBusy, setIsBusy] = useState(false);
  const change = async (next: boolean) => {
    setIsOn(next);
    setIsBusy(true);
    try {
      await call("/api/operations/sign-up", { method: "PATCH", body: { isOpen: next } });
      toast.success(next ? t("signUpOpened") : t("signUpClosed"));
      router.refresh();
    } catch (error) {
      setIsOn(!next);
      toast.error(errorText(error));
    } finally {
      setIsBusy(false);
    }
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
