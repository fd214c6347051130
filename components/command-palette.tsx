"use client";
import { Command } from "cmdk";
import { Search } from "lucide-react";
import { useRouter } from "next/navigation";
import { useLocale, useTranslations } from "next-intl";
import { Dialog } from "radix-ui";
import { type ReactNode, useEffect } from "react";
import { leave } from "./person-menu";
import { LOCALE_NAMES, LOCALES, useLocaleSwitch, useTheme } from "./preferences";
import type { TenantName } from "./tenant-switcher";

export interface NavItem {
  href: string;
  label: string;
  icon: ReactNode;
}

interface PaletteProps {
  nav: readonly NavItem[];
  tenant: TenantName | null;
  tenants: readonly TenantName[];
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

/** Everything that the shell can do, by typing. Ctrl or Cmd with K. */
export function CommandPalette({ nav, tenant, tenants, open, onOpenChange }: PaletteProps) {
  const t = useTranslations("shell");
  const router = useRouter();
  const locale = useLocale();
  const chooseLocale = useLocaleSwitch();
  const [theme, chooseTheme] = useTheme();
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== "k" || !(event.metaKey || event.ctrlKey)) return;
      event.preventDefault();
      onOpenChange(!open);
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [open, onOpenChange]);
  const run = (work: () => void) => () => {
    onOpenChange(false);
    work();
  };
  return (
    <Dialog.Root open={open} onOpenChange={onOpenChange}>
      <Dialog.Portal>
        <Dialog.Overlay className="bg-scrim fixed inset-0 z-40" />
        <Dialog.Content
          aria-describedby={undefined}
          className="bg-raised animate-rise fixed top-[12vh] left-1/2 z-50 w-[min(34rem,calc(100vw-2rem))] -translate-x-1/2 overflow-hidden rounded-xl border shadow-lg outline-none"
        >
          <Dialog.Title className="sr-only">{t("palette")}</Dialog.Title>
          <Command label={t("palette")}>
            <div className="flex items-center gap-2.5 border-b px-4">
              <Search aria-hidden className="text-ink-3 size-4 shrink-0" />
              <Command.Input
                placeholder={t("palettePlaceholder")}
                className="placeholder:text-ink-3 h-12 w-full bg-transparent text-base outline-none"
              />
            </div>
            <Command.List className="max-h-[min(24rem,60vh)] overflow-y-auto p-1.5">
              <Command.Empty className="text-ink-3 px-3 py-8 text-center text-sm">
                {t("paletteEmpty")}
              </Command.Empty>
              <Group heading={t("goTo")}>
                {nav.map((item) => (
                  <Item
                    key={item.href}
                    value={`go ${item.label}`}
                    onSelect={run(() => router.push(item.href))}
                  >
                    <span aria-hidden className="text-ink-3 flex [&_svg]:size-4">
                      {item.icon}
                    </span>
                    {item.label}
                  </Item>
                ))}
              </Group>
              {tenants.length > 1 && (
                <Group heading={t("organisations")}>
                  {tenants
                    .filter((one) => one.slug !== tenant?.slug)
                    .map((one) => (
                      <Item
                        key={one.slug}
                        value={`tenant ${one.name} ${one.slug}`}
                        onSelect={run(() => router.push(`/${one.slug}`))}
                      >
                        {t("switchTo", { name: one.name })}
                      </Item>
                    ))}
                </Group>
              )}
              <Group heading={t("look")}>
                {(["system", "light", "dark"] as const)
                  .filter((one) => one !== theme)
                  .map((one) => (
                    <Item
                      key={one}
                      value={`theme ${one}`}
                      words={[t(`themes.${one}`), t("theme")]}
                      onSelect={run(() => chooseTheme(one))}
                    >
                      {t("useTheme", { theme: t(`themes.${one}`) })}
                    </Item>
                  ))}
                {LOCALES.filter((one) => one !== locale).map((one) => (
                  <Item
                    key={one}
                    value={`language ${one}`}
                    words={[LOCALE_NAMES[one], t("language")]}
                    onSelect={run(() => chooseLocale(one))}
                  >
                    <span lang={one}>{LOCALE_NAMES[one]}</span>
                  </Item>
                ))}
              </Group>
              <Group heading={t("account")}>
                <Item value="sign out" words={[t("signOut")]} onSelect={run(leave)}>
                  {t("signOut")}
                </Item>
              </Group>
            </Command.List>
          </Command>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function Group({ heading, children }: { heading: string; children: ReactNode }) {
  return (
    <Command.Group
      heading={heading}
      className="[&_[cmdk-group-heading]]:text-ink-3 [&_[cmdk-group-heading]]:px-2.5 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:font-medium"
    >
      {children}
    </Command.Group>
  );
}

function Item({
  value,
  words,
  onSelect,
  children,
}: {
  value: string;
  /** What a reader may type for it in their own language. */
  words?: string[];
  onSelect: () => void;
  children: ReactNode;
}) {
  return (
    <Command.Item
      value={value}
      keywords={words}
      onSelect={onSelect}
      className="data-[selected=true]:bg-hover flex cursor-pointer items-center gap-2.5 rounded-md px-2.5 py-2 text-sm"
    >
      {children}
    </Command.Item>
  );
}
