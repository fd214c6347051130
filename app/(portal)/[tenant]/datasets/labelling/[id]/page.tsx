import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { Alert } from "@/components/alert";
import { Card } from "@/components/card";
import { PageHeader } from "@/components/page-header";
import { Progress } from "@/components/progress";
import { RefreshWhile } from "@/components/use-refresh";
import { getLabelling, labellingToWire } from "@/lib/labelling";
import { orNotFound, requireMember } from "@/lib/page-session";
import { RefusalAlert } from "../../../said-text";
import { DeleteLabelling } from "./delete-labelling";
import { Labeller } from "./labeller";
import { LabellingState } from "./labelling-state";
import { Results } from "./results";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("labelling.page"))("title") };
}

/** Texts of a file on the way to a dataset. */
export default async function LabellingPage({ params }: { params: Promise<{ tenant: string; id: string }> }) {
  const { tenant: slug, id } = await params;
  const { actor } = await requireMember(slug, "files.read");
  const found = await orNotFound(getLabelling(actor.tenantId, decodeURIComponent(id)));
  const [t, portal] = await Promise.all([getTranslations("labelling.page"), getTranslations("portal")]);
  const set = labellingToWire(found);
  const mayWrite = actor.permissions.has("files.write");
  return (
    <>
      <RefreshWhile isOpen={set.status === "preparing"} />
      <PageHeader
        title={set.name}
        description={t("description")}
        actions={mayWrite && <DeleteLabelling slug={slug} id={set.id} />}
        crumbs={[{ label: portal("datasets.title"), href: `/${slug}/datasets` }]}
      />
      <div className="grid gap-4">
        {set.status === "preparing" && (
          <Card title={t("preparing")} description={t("preparingText")}>
            <Progress value={null} label={t("preparing")} />
          </Card>
        )}
        {set.status === "failed" && (
          <RefusalAlert
            title={t("failed")}
            code={set.error?.code ?? null}
            message={set.error?.message ?? null}
          />
        )}
        {set.drawn && (set.drawn.isPart || set.drawn.unusable > 0 || set.drawn.foreign > 0) && (
          <Alert tone="info">
            {set.drawn.isPart && <p>{t("part", { texts: set.drawn.texts, rows: set.drawn.rows })}</p>}
            {set.drawn.unusable > 0 && <p>{t("unusable", { rows: set.drawn.unusable })}</p>}
            {set.drawn.foreign > 0 && <p>{t("foreign", { texts: set.drawn.foreign })}</p>}
          </Alert>
        )}
        {set.status === "ready" && (
          <>
            {mayWrite ? <Labeller slug={slug} first={set} /> : <LabellingState set={set} />}
            <Results slug={slug} id={set.id} mayWrite={mayWrite} />
          </>
        )}
      </div>
    </>
  );
}
