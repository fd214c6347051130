"use client";
import { useLocale, useTranslations } from "next-intl";
import { ApiError } from "./call";

/**
 * A caught value as a sentence for the reader. The server's English sentence often names the very column or
 * field, so it is kept for English readers; others get the catalogue's sentence for the code when there is one.
 */
export function useErrorText(): (error: unknown) => string {
  const t = useTranslations("kit.errors");
  const locale = useLocale();
  return (error) => {
    if (!(error instanceof ApiError)) return t("unknown");
    const isKnown = t.has(error.code as Parameters<typeof t.has>[0]);
    if (error.status === 0) return t("network");
    if (locale === "en" || !isKnown) return error.message;
    return t(error.code as Parameters<typeof t>[0]);
  };
}
