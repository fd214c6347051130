import { Inbox } from "lucide-react";
import { useTranslations } from "next-intl";
import { Badge } from "@/components/badge";
import { Card } from "@/components/card";
import { EmptyState } from "@/components/empty-state";
import { Time } from "@/components/time";
import { InquiryActions } from "./inquiry-actions";

export interface Inquiry {
  id: string;
  way: string;
  name: string;
  email: string;
  company: string;
  message: string;
  createdAt: Date;
  tenantSlug: string | null;
  projectId: string | null;
  takenByName: string | null;
}

interface Props {
  inquiries: readonly Inquiry[];
  mayTake: boolean;
}

/** What came in through the front door's form, newest first. */
export function InquiryList({ inquiries, mayTake }: Props) {
  const t = useTranslations("settings.staff");
  const way = useTranslations("front.inquiry.ways");
  return (
    <Card title={t("inquiries")} description={t("inquiriesText")} isFlush>
      {inquiries.length === 0 ? (
        <EmptyState icon={<Inbox />} title={t("noInquiries")} text={t("noInquiriesText")} />
      ) : (
        <ul className="divide-y" aria-label={t("inquiries")}>
          {inquiries.map((one) => (
            <li key={one.id} className="grid gap-1 px-4 py-3 text-sm sm:px-5">
              <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
                <span className="font-medium">{one.company}</span>
                <Badge tone="info">{way(`${one.way}.title`)}</Badge>
                <span className="text-ink-3 ml-auto text-xs">
                  <Time at={one.createdAt} />
                </span>
              </p>
              <p className="text-ink-2 text-xs">
                {one.name} ·{" "}
                <a className="link break-all" href={`mailto:${one.email}`}>
                  {one.email}
                </a>
              </p>
              <p className="text-ink-2 max-w-prose break-words whitespace-pre-wrap">{one.message}</p>
              {mayTake && (
                <InquiryActions
                  id={one.id}
                  takenBy={one.takenByName}
                  project={
                    one.tenantSlug && one.projectId ? { slug: one.tenantSlug, id: one.projectId } : null
                  }
                />
              )}
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
