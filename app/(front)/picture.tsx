import clsx from "clsx";
import { UserRound } from "lucide-react";
import { useTranslations } from "next-intl";

const TINTS = ["bg-chart-1", "bg-chart-3", "bg-chart-4"] as const;
const ROWS = [
  ["one", "a", 0],
  ["two", "b", 1],
  ["three", "a", 0],
  ["four", "c", 2],
] as const;

/**
 * The product in one picture: judged rows grow into a private head on a shared base, which answers or passes.
 * The bars are drawn, not measured, so they carry no figures.
 */
export function Picture() {
  const t = useTranslations("front.picture");
  return (
    <figure className="relative min-w-0">
      <figcaption className="sr-only">{t("caption")}</figcaption>
      <div aria-hidden className="text-sm">
        <div className="bg-surface overflow-hidden rounded-lg border shadow-sm">
          <Head>{t("rows")}</Head>
          <ul className="divide-y">
            {ROWS.map(([row, label, tint]) => (
              <li key={row} className="flex items-center gap-3 px-3.5 py-2">
                <span className="min-w-0 flex-1 truncate">{t(`row.${row}`)}</span>
                <Label tint={tint}>{t(`label.${label}`)}</Label>
              </li>
            ))}
          </ul>
        </div>
        <Stem />
        <Splice base={t("base")} baseText={t("baseText")} head={t("head")} headText={t("headText")} />
        <Stem />
        <div className="grid gap-2.5 sm:grid-cols-2">
          <div className="bg-surface rounded-lg border p-3.5 shadow-sm">
            <p className="truncate">{t("ask")}</p>
            <div className="mt-3 flex flex-col gap-2">
              <Bar tint={0} share="88%" label={t("label.a")} />
              <Bar tint={1} share="9%" label={t("label.b")} />
              <Bar tint={2} share="5%" label={t("label.c")} />
            </div>
          </div>
          <div className="bg-surface flex flex-col justify-between gap-3 rounded-lg border p-3.5 shadow-sm">
            <p className="truncate">{t("hello")}</p>
            <div>
              <p className="text-bud font-medium">{t("unlike")}</p>
              <p className="text-ink-3 mt-1 flex items-center gap-1.5 text-xs">
                <UserRound className="size-3.5" /> {t("person")}
              </p>
            </div>
          </div>
        </div>
      </div>
    </figure>
  );
}

function Head({ children }: { children: string }) {
  return <p className="text-ink-3 bg-sunken border-b px-3.5 py-1.5 text-xs font-medium">{children}</p>;
}

function Label({ tint, children }: { tint: 0 | 1 | 2; children: string }) {
  return (
    <span className="flex shrink-0 items-center gap-1.5 rounded-sm border px-1.5 text-xs leading-5">
      <span className={clsx("size-1.5 rounded-full", TINTS[tint])} />
      {children}
    </span>
  );
}

function Bar({ tint, share, label }: { tint: 0 | 1 | 2; share: string; label: string }) {
  return (
    <span className="grid grid-cols-[4.5rem_1fr] items-center gap-2 text-xs">
      <span className="text-ink-2 truncate">{label}</span>
      <span className="bg-sunken h-1.5 overflow-hidden rounded-full">
        <span className={clsx("block h-full rounded-full", TINTS[tint])} style={{ width: share }} />
      </span>
    </span>
  );
}

function Stem() {
  return <span className="bg-line-strong/60 mx-auto block h-5 w-px" />;
}

/** The joint of the mark, drawn large: stock and scion meet in one slanted cut. */
function Splice(text: { base: string; baseText: string; head: string; headText: string }) {
  return (
    <div className="grid grid-cols-2">
      <div className="bg-ink text-bg -mr-4 rounded-l-lg py-3 pr-8 pl-4 [clip-path:polygon(0_0,100%_0,calc(100%-2rem)_100%,0_100%)]">
        <p className="font-semibold">{text.base}</p>
        <p className="text-xs opacity-80">{text.baseText}</p>
      </div>
      <div className="bg-accent text-on-accent -ml-3 rounded-r-lg py-3 pr-4 pl-9 [clip-path:polygon(2rem_0,100%_0,100%_100%,0_100%)]">
        <p className="font-semibold">{text.head}</p>
        <p className="text-xs">{text.headText}</p>
      </div>
    </div>
  );
}
