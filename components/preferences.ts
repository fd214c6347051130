"use client";
import { useRouter } from "next/navigation";
import { useEffect, useState } from "react";
import { LOCALE_COOKIE, LOCALES, type Locale, readTheme, THEME_COOKIE, type Theme } from "@/app/locale";

const YEAR_S = 31_536_000;

function remember(name: string, value: string): void {
  const secure = window.location.protocol === "https:" ? "; secure" : "";
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store is not in every browser that we serve
  document.cookie = `${name}=${value}; path=/; max-age=${YEAR_S}; samesite=lax${secure}`;
}

/** Language names are written in their own language, so that a lost reader finds theirs. */
export const LOCALE_NAMES: Record<Locale, string> = { en: "English", zh: "中文" };

export function useLocaleSwitch(): (locale: Locale) => void {
  const router = useRouter();
  return (locale) => {
    remember(LOCALE_COOKIE, locale);
    router.refresh();
  };
}

/** The chosen theme; the page changes at once and the server knows on the next request. */
export function useTheme(): [Theme, (theme: Theme) => void] {
  const [theme, setTheme] = useState<Theme>("system");
  useEffect(() => setTheme(readTheme(document.documentElement.dataset.theme)), []);
  const choose = (next: Theme) => {
    remember(THEME_COOKIE, next);
    if (next === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = next;
    setTheme(next);
  };
  return [theme, choose];
}

export { LOCALES };
