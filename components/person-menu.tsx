"use client";
import { ChevronsUpDown, LogOut } from "lucide-react";
import Link from "next/link";
import { signOut } from "next-auth/react";
import { useLocale, useTranslations } from "next-intl";
import type { Locale } from "@/app/locale";
import { Menu, MenuChoice, MenuItem, MenuLine } from "./menu";
import { LOCALE_NAMES, LOCALES, useLocaleSwitch, useTheme } from "./preferences";

export interface PersonMenuProps {
  person: { name: string; email: string };
  /** Further places of this person, such as the staff area. */
  links?: readonly { href: string; label: string }[];
}

/** A whole page load after signing out: nothing of the person stays in the router's memory. */
export async function leave(): Promise<void> {
  await signOut({ redirect: false }).catch(() => undefined);
  window.location.assign("/sign-in");
}

export function PersonMenu({ person, links = [] }: PersonMenuProps) {
  const t = useTranslations("shell");
  const locale = useLocale();
  const chooseLocale = useLocaleSwitch();
  const [theme, chooseTheme] = useTheme();
  return (
    <Menu
      side="top"
      trigger={
        <button
          type="button"
          className="hover:bg-hover flex w-full min-w-0 items-center gap-2.5 rounded-md p-1.5 text-left"
        >
          <Initial name={person.name} />
          <span className="min-w-0 flex-1">
            <span className="block truncate text-sm font-medium">{person.name}</span>
            <span className="text-ink-3 block truncate text-xs">{person.email}</span>
          </span>
          <ChevronsUpDown aria-hidden className="text-ink-3 size-4 shrink-0" />
          <span className="sr-only">{t("personMenu")}</span>
        </button>
      }
    >
      {links.map((link) => (
        <MenuItem key={link.href} asChild>
          <Link href={link.href}>{link.label}</Link>
        </MenuItem>
      ))}
      {links.length > 0 && <MenuLine />}
      <MenuChoice
        label={t("theme")}
        value={theme}
        onChoose={(value) => chooseTheme(value as typeof theme)}
        choices={(["system", "light", "dark"] as const).map((value) => ({
          value,
          label: t(`themes.${value}`),
        }))}
      />
      <MenuLine />
      <MenuChoice
        label={t("language")}
        value={locale}
        onChoose={(value) => chooseLocale(value as Locale)}
        choices={LOCALES.map((value) => ({ value, label: LOCALE_NAMES[value], lang: value }))}
      />
      <MenuLine />
      <MenuItem onSelect={leave}>
        <LogOut aria-hidden />
        {t("signOut")}
      </MenuItem>
    </Menu>
  );
}

export function Initial({ name, isSquare = false }: { name: string; isSquare?: boolean }) {
  return (
    <span
      aria-hidden
      className={`bg-accent-soft text-accent flex size-7 shrink-0 items-center justify-center text-xs font-semibold uppercase ${isSquare ? "rounded-sm" : "rounded-full"}`}
    >
      {[...name.trim()][0] ?? "?"}
    </span>
  );
}
