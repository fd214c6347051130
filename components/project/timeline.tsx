import { getTranslations } from "next-intl/server";
import { Badge } from "@/components/badge";
import { Card } from "@/components/card";
import { Time } from "@/components/time";
import type { ProjectView } from "@/lib/project-view";
import { percent } from "@/lib/rule-text";
import { CommentForm } from "./comment-form";
import type { Where } from "./where";

/** Shares are kept as figures and read as percents. */
const SHARES = ["value", "threshold"];
const withPercents = (data: Record<string, string>) =>
  Object.fromEntries(
    Object.entries(data).map(([name, text]) => [name, SHARES.includes(name) ? percent(Number(text)) : text]),
  );

interface Props {
  events: ProjectView["events"];
  where: Where;
  mayWrite: boolean;
}

export async function Timeline({ events, where, mayWrite }: Props) {
  const t = await getTranslations("projects.timeline");
  const isStaff = where.tenant === undefined;
  const saidOf = ({ kind, data }: ProjectView["events"][number]) => {
    const key = `kinds.${kind.replace(".", "_")}`;
    return t.has(key as never) ? t(key as never, withPercents(data) as never) : kind;
  };
  return (
    <Card title={t("title")} description={t(isStaff ? "staffText" : "text")} isFlush>
      {mayWrite && <CommentForm where={where} />}
      <ol className="divide-y" aria-label={t("title")}>
        {events.map((event) => (
          <li key={event.id} className={`px-4 py-3 text-sm sm:px-5 ${event.isInternal ? "bg-sunken" : ""}`}>
            <p className="flex flex-wrap items-baseline gap-x-1.5 gap-y-0.5">
              <span className="font-medium">{event.who ?? t(event.isOurs ? "system" : "somebody")}</span>
              {event.isOurs && event.who && <Badge>{t("us")}</Badge>}
              <span className="text-ink-2 min-w-0 break-words">{saidOf(event)}</span>
              {event.isInternal && <Badge tone="warn">{t("note")}</Badge>}
              <span className="text-ink-3 ml-auto text-xs">
                <Time at={event.createdAt} />
              </span>
            </p>
            {event.body !== "" && (
              <p className="text-ink-2 mt-1 max-w-prose break-words whitespace-pre-wrap">{event.body}</p>
            )}
          </li>
        ))}
      </ol>
    </Card>
  );
}
