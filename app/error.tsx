"use client";
import { useTranslations } from "next-intl";
import { Button } from "@/components/button";
import { LogoMark } from "@/components/logo";

/** The digest is what the server's log has for this failure; nothing else of it reaches the browser. */
export default function ErrorPage({
  error,
  reset,
}: {
  error: Error & { digest?: string };
  reset: () => void;
}) {
  const t = useTranslations("front.error");
  return (
    <main role="alert" className="flex min-h-dvh flex-col items-center justify-center px-6 text-center">
      <LogoMark className="size-9" />
      <h1 className="mt-5 text-2xl font-semibold">{t("title")}</h1>
      <p className="text-ink-2 mt-2 max-w-md text-pretty">{t("text")}</p>
      {error.digest && (
        <p className="text-ink-3 mt-2 font-mono text-xs">{t("digest", { digest: error.digest })}</p>
      )}
      <Button className="mt-6" onClick={reset}>
        {t("again")}
      </Button>
    </main>
  );
}
