import Link from "next/link";
import { useTranslations } from "next-intl";
import { Button } from "@/components/button";
import { LogoMark } from "@/components/logo";

export default function NotFound() {
  const t = useTranslations("front.notFound");
  return (
    <main className="flex min-h-dvh flex-col items-center justify-center px-6 text-center">
      <LogoMark className="size-9" />
      <h1 className="mt-5 text-2xl font-semibold">{t("title")}</h1>
      <p className="text-ink-2 mt-2 max-w-md text-pretty">{t("text")}</p>
      <div className="mt-6 flex flex-wrap justify-center gap-2.5">
        <Button asChild>
          <Link href="/start">{t("start")}</Link>
        </Button>
        <Button variant="secondary" asChild>
          <Link href="/">{t("home")}</Link>
        </Button>
      </div>
    </main>
  );
}
