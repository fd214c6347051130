"use client";
import { Check, ChevronsUpDown } from "lucide-react";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { Menu, MenuItem, MenuLabel } from "./menu";
import { Initial } from "./person-menu";

export interface TenantName {
  slug: string;
  name: string;
}

/** With one organisation there is nothing to switch, so it is only a name. */
export function TenantSwitcher({
  tenant,
  tenants,
}: {
  tenant: TenantName | null;
  tenants: readonly TenantName[];
}) {
  const t = useTranslations("shell");
  const name = tenant?.name ?? t("staffArea");
  const others = tenants.filter((one) => one.slug !== tenant?.slug);
  const face = (
    <>
      <Initial name={name} isSquare />
      <span className="min-w-0 flex-1 truncate text-sm font-semibold">{name}</span>
    </>
  );
  if (others.length === 0) return <div className="flex min-w-0 items-center gap-2.5 p-1.5">{face}</div>;
  return (
    <Menu
      trigger={
        <button
          type="button"
          className="hover:bg-hover flex w-full min-w-0 items-center gap-2.5 rounded-md p-1.5 text-left"
        >
          {face}
          <ChevronsUpDown aria-hidden className="text-ink-3 size-4 shrink-0" />
          <span className="sr-only">{t("switchTenant")}</span>
        </button>
      }
    >
      <MenuLabel>{t("organisations")}</MenuLabel>
      {tenants.map((one) => (
        <MenuItem key={one.slug} asChild>
          <Link href={`/${one.slug}`}>
            <span className="min-w-0 flex-1 truncate">{one.name}</span>
            {one.slug === tenant?.slug && <Check aria-hidden className="text-accent" />}
          </Link>
        </MenuItem>
      ))}
    </Menu>
  );
}
