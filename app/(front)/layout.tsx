import { Menu as MenuIcon } from "lucide-react";
import Link from "next/link";
import { getTranslations } from "next-intl/server";
import type { ReactNode } from "react";
import { Button } from "@/components/button";
import { Logo, LogoMark } from "@/components/logo";
import { SiteControls } from "@/components/site-controls";
import { currentPerson } from "@/lib/page-session";
import { NarrowMenu } from "./narrow-menu";

export const dynamic = "force-dynamic";

/** The front door stays open while the database is away: then everybody looks like a stranger. */
const isSignedIn = () =>
  currentPerson().then(
    (person) => person !== null,
    () => false,
  );

export default async function FrontLayout({ children }: { children: ReactNode }) {
  const [t, signedIn] = await Promise.all([getTranslations("front"), isSignedIn()]);
  const links = [
    { href: "/#stages", label: t("nav.how") },
    { href: "/#apart", label: t("nav.apart") },
    { href: "/pricing", label: t("nav.pricing") },
    { href: "/inquiry", label: t("nav.inquiry") },
  ];
  const door = signedIn
    ? { href: "/start", label: t("nav.open") }
    : { href: "/sign-in", label: t("nav.signIn") };
  return (
    <div className="flex min-h-dvh flex-col">
      <header className="bg-bg/96 sticky top-0 z-30 border-b backdrop-blur-md">
        <div className="mx-auto flex h-14 max-w-[72rem] items-center gap-2 px-4 sm:px-6">
          <Link href="/" aria-label={t("home")} className="mr-auto rounded-sm md:mr-6">
            <Logo />
          </Link>
          <nav aria-label={t("nav.label")} className="mr-auto hidden items-center gap-1 md:flex">
            {links.map((link) => (
              <Button key={link.href} variant="ghost" size="sm" asChild>
                <Link href={link.href}>{link.label}</Link>
              </Button>
            ))}
          </nav>
          <div className="hidden md:block">
            <SiteControls />
          </div>
          <Button variant={signedIn ? "primary" : "secondary"} size="sm" asChild>
            <Link href={door.href}>{door.label}</Link>
          </Button>
          <div className="md:hidden">
            <NarrowMenu links={links} label={t("nav.menu")} icon={<MenuIcon aria-hidden />} />
          </div>
        </div>
      </header>
      <main className="flex-1">{children}</main>
      <footer className="bg-sunken border-t">
        <div className="text-ink-2 mx-auto flex max-w-[72rem] flex-wrap items-center gap-x-6 gap-y-3 px-4 py-8 text-sm sm:px-6">
          <LogoMark className="size-5" />
          <p className="mr-auto">{t("footer.line")}</p>
          <nav aria-label={t("footer.label")} className="flex flex-wrap gap-x-5 gap-y-2">
            <Link href="/pricing" className="hover:text-ink rounded-xs">
              {t("nav.pricing")}
            </Link>
            <Link href="/api-reference" className="hover:text-ink rounded-xs">
              {t("nav.reference")}
            </Link>
            <Link href="/inquiry" className="hover:text-ink rounded-xs">
              {t("nav.inquiry")}
            </Link>
            <Link href={door.href} className="hover:text-ink rounded-xs">
              {door.label}
            </Link>
          </nav>
        </div>
      </footer>
    </div>
  );
}
