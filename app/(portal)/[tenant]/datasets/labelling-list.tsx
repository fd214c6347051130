import Link from "next/link";
import { useTranslations } from "next-intl";
import { Card } from "@/components/card";
import type { listLabelling } from "@/lib/labelling";
import { StateBadge } from "../state-badge";

/** Sets that people label, newest first. */
export function LabellingList(props: { slug: string; found: Awaited<ReturnType<typeof listLabelling>> }) {
  const t = useTranslations("labelling.list");
  return (
    <Card title={t("title")} description={t("text")} isFlush>
      <ul className="divide-y">
        {props.found.map(({ set, counts }) => (
          <li key={set.id}>
            <Link
              href={`/${props.slug}/datasets/labelling/${set.id}`}
              className="hover:bg-hover flex items-center gap-3 px-4 py-2.5 text-sm sm:px-5"
            >
              <span className="min-w-0 flex-1 truncate">{set.name}</span>
              <span className="text-ink-3 text-xs">
                {t("of", { answered: counts.labelled + counts.none, texts: counts.texts })}
              </span>
              <StateBadge state={set.status} />
            </Link>
          </li>
        ))}
      </ul>
    </Card>
  );
}
