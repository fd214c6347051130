"use client";
import { useTranslations } from "next-intl";
import { Toaster as Sonner } from "sonner";

export function Toaster({ theme }: { theme: "system" | "light" | "dark" }) {
  const t = useTranslations("kit");
  return (
    <Sonner
      theme={theme}
      position="bottom-right"
      containerAriaLabel={t("notifications")}
      toastOptions={{
        style: {
          background: "var(--raised)",
          color: "var(--ink)",
          border: "1px solid var(--line)",
          borderRadius: "var(--radius-lg)",
          boxShadow: "0 10px 34px -8px var(--shadow-colour)",
          fontFamily: "var(--font-sans)",
          fontSize: "0.8125rem",
        },
      }}
    />
  );
}
