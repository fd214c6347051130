import clsx from "clsx";
import Link from "next/link";
import { useTranslations } from "next-intl";

export function SpanChoice({ spans, days, href }: { spans: readonly number[]; days: number; href: string }) {
  const t = useTranslations("settings.usage");
  return (
    <nav aria-label={t("span")} className="bg-sunken inline-flex rounded-md border p-0.5">
      {spans.map((span) => (
        <Link
          key={span}
          href={`${href}?days=${span}`}
          aria-current={span === days ? "page" : undefined}
          className={clsx(
            "rounded-sm px-2.5 py-1 text-xs font-medium",
            span === days ? "bg-surface text-ink shadow-xs" : "text-ink-2 hover:text-ink",
          )}
        >
          {t("days", { days: span })}
        </Link>
      ))}
    </nav>
  );
}
