import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { getTranslations } from "next-intl/server";
import { Card } from "@/components/card";
import { PageHeader } from "@/components/page-header";
import { adjustable, deploymentHistory, findDeployment } from "@/lib/deployments";
import { env } from "@/lib/env";
import { listModels } from "@/lib/models";
import { requireMember } from "@/lib/page-session";
import { exampleToWire, listExamples } from "@/lib/saved-examples";
import { reportOfShadow } from "@/lib/shadow-reports";
import { inputNames, taskOf } from "@/lib/tasks";
import { ModelSnippets } from "../../model-snippets";
import { versionsFrom } from "../versions";
import { CanaryCard } from "./canary-card";
import { Examples } from "./examples";
import { History } from "./history";
import { ShadowCard } from "./shadow-card";
import { Strength } from "./strength";
import { DeleteDeployment, Promote, RollBack } from "./switch-version";
import { VersionCard } from "./version-card";

interface Props {
  params: Promise<{ tenant: string; name: string }>;
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: (await params).name };
}

/** One name: what answers, what is tried beside it, what must hold before another version answers, and who did what. */
export default async function DeploymentPage({ params }: Props) {
  const { tenant: slug, name } = await params;
  const { actor } = await requireMember(slug, "jobs.read");
  const deployed = (await findDeployment(actor.tenantId, name)) ?? notFound();
  const { deployment, model, previous, canary, shadow } = deployed;
  const [models, examples, report, history, t] = await Promise.all([
    listModels(actor.tenantId),
    listExamples(actor.tenantId, deployment.id),
    reportOfShadow(deployed),
    deploymentHistory(actor.tenantId, deployment.id),
    getTranslations("serving"),
  ]);
  const mayDeploy = actor.permissions.has("models.deploy");
  const others = versionsFrom(models.filter((one) => one.task === deployment.task && one.id !== model.id));
  const task = taskOf(deployment.task);
  const strengths = adjustable(model);
  const of = { slug, name };
  return (
    <>
      <PageHeader
        title={name}
        description={t("oneText")}
        crumbs={[{ label: t("title"), href: `/${slug}/deployments` }]}
        actions={
          mayDeploy && (
            <>
              {previous?.state === "ready" && <RollBack {...of} to={previous.name} />}
              {others.length > 0 && <Promote {...of} versions={others} examples={examples.length} />}
            </>
          )
        }
      />
      <div className="grid gap-4">
        <VersionCard slug={slug} model={model} previous={previous}>
          {strengths && (
            <Strength
              {...of}
              strength={deployment.strength}
              strengths={strengths}
              mayDeploy={mayDeploy}
              examples={examples.length}
            />
          )}
        </VersionCard>
        <div className="grid gap-4 lg:grid-cols-2">
          <CanaryCard
            {...of}
            versions={others}
            running={canary && { model: canary.name, percent: deployment.canaryPercent ?? 0 }}
            mayDeploy={mayDeploy}
          />
          <ShadowCard
            {...of}
            versions={others}
            running={shadow?.name}
            report={report}
            mayDeploy={mayDeploy}
          />
        </div>
        <Examples
          {...of}
          examples={examples.map(exampleToWire)}
          versions={[...versionsFrom([model]), ...others]}
          isNumber={task.view === "number"}
          isTable={model.report.columns !== undefined || inputNames(task).length > 1}
          mayAdd={actor.permissions.has("feedback.create")}
          mayRemove={mayDeploy}
        />
        <History changes={history} />
        <Card title={t("call")} description={t("callText")}>
          <ModelSnippets
            address={env().publicUrl}
            model={name}
            roles={inputNames(task)}
            columns={model.report.columns}
          />
        </Card>
        {mayDeploy && <DeleteDeployment {...of} />}
      </div>
    </>
  );
}
