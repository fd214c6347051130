import Link from "next/link";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { Logo } from "@/components/logo";
import { SiteControls } from "@/components/site-controls";

export default function AuthLayout({ children }: { children: ReactNode }) {
  const t = useTranslations("front");
  return (
    <div className="flex min-h-dvh flex-col">
      <header className="flex h-14 items-center justify-between px-4 sm:px-6">
        <Link href="/" aria-label={t("home")} className="rounded-sm">
          <Logo />
        </Link>
        <SiteControls />
      </header>
      <main className="flex flex-1 flex-col items-center px-4 pt-[7vh] pb-16">{children}</main>
    </div>
  );
}
