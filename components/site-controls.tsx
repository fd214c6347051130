"use client";
import { Languages } from "lucide-react";
import { useLocale, useTranslations } from "next-intl";
import type { ReactNode } from "react";
import type { Locale } from "@/app/locale";
import { Button } from "./button";
import { Menu, MenuChoice, MenuLine } from "./menu";
import { LOCALE_NAMES, LOCALES, useLocaleSwitch, useTheme } from "./preferences";

/** Language and theme for people who are not signed in. `children` are further menu items, first in the list. */
export function SiteControls({ children, trigger }: { children?: ReactNode; trigger?: ReactNode }) {
  const t = useTranslations("shell");
  const locale = useLocale() as Locale;
  const chooseLocale = useLocaleSwitch();
  const [theme, chooseTheme] = useTheme();
  return (
    <Menu
      align="end"
      trigger={
        trigger ?? (
          <Button variant="ghost" size="sm">
            <Languages aria-hidden />
            <span lang={locale}>{LOCALE_NAMES[locale]}</span>
            <span className="sr-only">{t("languageAndTheme")}</span>
          </Button>
        )
      }
    >
      {children}
      <MenuChoice
        label={t("language")}
        value={locale}
        onChoose={(value) => chooseLocale(value as Locale)}
        choices={LOCALES.map((value) => ({ value, label: LOCALE_NAMES[value], lang: value }))}
      />
      <MenuLine />
      <MenuChoice
        label={t("theme")}
        value={theme}
        onChoose={(value) => chooseTheme(value as typeof theme)}
        choices={(["system", "light", "dark"] as const).map((value) => ({
          value,
          label: t(`themes.${value}`),
        }))}
      />
    </Menu>
  );
}
