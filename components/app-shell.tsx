"use client";
import clsx from "clsx";
import { Menu as MenuIcon, Search, X } from "lucide-react";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { useTranslations } from "next-intl";
import { Dialog } from "radix-ui";
import { type ReactNode, useEffect, useState } from "react";
import { CommandPalette, type NavItem } from "./command-palette";
import { LogoMark } from "./logo";
import { PersonMenu } from "./person-menu";
import { type TenantName, TenantSwitcher } from "./tenant-switcher";

export interface AppShellProps {
  nav: readonly NavItem[];
  tenant: TenantName | null;
  tenants: readonly TenantName[];
  person: { name: string; email: string };
  area: "portal" | "staff";
  /** Further places in the person's menu, such as the staff area. */
  links?: readonly { href: string; label: string }[];
  children: ReactNode;
}

/** The frame of every signed-in page: a sidebar on wide screens, a bar with a drawer on narrow ones. */
export function AppShell(props: AppShellProps) {
  const { nav, tenant, tenants, children } = props;
  const t = useTranslations("shell");
  const path = usePathname();
  const [isDrawerOpen, setIsDrawerOpen] = useState(false);
  const [isPaletteOpen, setIsPaletteOpen] = useState(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: arriving on another page closes the drawer
  useEffect(() => setIsDrawerOpen(false), [path]);
  const openPalette = () => {
    setIsDrawerOpen(false);
    setIsPaletteOpen(true);
  };
  const side = <Sidebar {...props} path={path} onSearch={openPalette} />;
  return (
    <div className="min-h-dvh lg:grid lg:grid-cols-[14.5rem_minmax(0,1fr)]">
      <a
        href="#main"
        className="bg-accent text-on-accent sr-only z-50 rounded-md px-3 py-2 text-sm font-medium focus:not-sr-only focus:fixed focus:top-2 focus:left-2"
      >
        {t("skip")}
      </a>
      <div className="bg-sunken sticky top-0 hidden h-dvh border-r lg:block">{side}</div>
      <header className="bg-bg/95 sticky top-0 z-30 flex h-13 items-center gap-2 border-b px-3 backdrop-blur-sm lg:hidden">
        <Dialog.Root open={isDrawerOpen} onOpenChange={setIsDrawerOpen}>
          <Dialog.Trigger className="hover:bg-hover flex size-9 items-center justify-center rounded-md">
            <MenuIcon aria-hidden className="size-5" />
            <span className="sr-only">{t("openMenu")}</span>
          </Dialog.Trigger>
          <Dialog.Portal>
            <Dialog.Overlay className="bg-scrim fixed inset-0 z-40" />
            <Dialog.Content
              aria-describedby={undefined}
              className="bg-sunken animate-rise fixed inset-y-0 left-0 z-50 w-[min(19rem,86vw)] border-r shadow-lg outline-none"
            >
              <Dialog.Title className="sr-only">{t("navigation")}</Dialog.Title>
              {side}
              <Dialog.Close className="hover:bg-hover bg-sunken absolute top-3 right-2 flex size-8 items-center justify-center rounded-md">
                <X aria-hidden className="size-4" />
                <span className="sr-only">{t("closeMenu")}</span>
              </Dialog.Close>
            </Dialog.Content>
          </Dialog.Portal>
        </Dialog.Root>
        <LogoMark className="size-5" />
        <span className="min-w-0 flex-1 truncate text-sm font-semibold">
          {tenant?.name ?? t("staffArea")}
        </span>
        <button
          type="button"
          onClick={openPalette}
          className="hover:bg-hover flex size-9 items-center justify-center rounded-md"
        >
          <Search aria-hidden className="size-4.5" />
          <span className="sr-only">{t("palette")}</span>
        </button>
      </header>
      <main id="main" tabIndex={-1} className="min-w-0 px-4 py-5 outline-none sm:px-6 lg:px-8 lg:py-7">
        <div className="mx-auto max-w-[75rem]">{children}</div>
      </main>
      <CommandPalette
        nav={nav}
        tenant={tenant}
        tenants={tenants}
        open={isPaletteOpen}
        onOpenChange={setIsPaletteOpen}
      />
    </div>
  );
}

function Sidebar({
  nav,
  tenant,
  tenants,
  person,
  area,
  links,
  path,
  onSearch,
}: AppShellProps & { path: string; onSearch: () => void }) {
  const t = useTranslations("shell");
  const active = activeItem(nav, path);
  return (
    <div className="flex h-full flex-col gap-3 p-2.5">
      <div className="pr-9 lg:pr-0">
        <TenantSwitcher tenant={area === "staff" ? null : tenant} tenants={tenants} />
      </div>
      <button
        type="button"
        onClick={onSearch}
        className="bg-surface text-ink-3 hover:text-ink hover:border-line-strong flex h-8 items-center gap-2 rounded-md border px-2.5 text-sm"
      >
        <Search aria-hidden className="size-4" />
        <span className="flex-1 text-left">{t("find")}</span>
        <kbd className="text-2xs hidden rounded-xs border px-1 font-sans lg:inline">Ctrl K</kbd>
      </button>
      <nav aria-label={t("navigation")} className="-mx-0.5 min-h-0 flex-1 overflow-y-auto px-0.5 py-0.5">
        <ul className="flex flex-col gap-px">
          {nav.map((item) => (
            <li key={item.href}>
              <Link
                href={item.href}
                aria-current={item.href === active ? "page" : undefined}
                className={clsx(
                  "flex h-8 items-center gap-2.5 rounded-md px-2 text-sm [&_svg]:size-4",
                  item.href === active
                    ? "bg-accent-soft text-accent font-medium"
                    : "text-ink-2 hover:bg-hover hover:text-ink",
                )}
              >
                <span aria-hidden className="flex">
                  {item.icon}
                </span>
                <span className="truncate">{item.label}</span>
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      <div className="border-t pt-2">
        <PersonMenu person={person} links={links} />
      </div>
    </div>
  );
}

/** The longest address that the page lies under: the overview's address is a prefix of all others. */
function activeItem(nav: readonly NavItem[], path: string): string | undefined {
  return nav
    .map((item) => item.href)
    .filter((href) => path === href || path.startsWith(`${href}/`))
    .sort((a, b) => b.length - a.length)[0];
}
