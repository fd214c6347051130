import { MessageSquareText } from "lucide-react";
import type { Metadata } from "next";
import Link from "next/link";
import { getTranslations } from "next-intl/server";
import { Button } from "@/components/button";
import { Card } from "@/components/card";
import { EmptyState } from "@/components/empty-state";
import { PageHeader } from "@/components/page-header";
import { listDeployments } from "@/lib/deployments";
import { env } from "@/lib/env";
import { listModels, type Model } from "@/lib/models";
import { requireMember } from "@/lib/page-session";
import { inputNames, taskOf } from "@/lib/tasks";
import { ModelSnippets } from "../model-snippets";
import { Console } from "./console";
import { LabelFile } from "./label-file";
import { ModelPicker } from "./model-picker";

interface Props {
  params: Promise<{ tenant: string }>;
  searchParams: Promise<{ model?: string; beside?: string }>;
}

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("portal.nav"))("console") };
}

/** What can be tried: names of deployments, which their versions answer for, then the models themselves. */
async function choicesOf(tenantId: string) {
  const [deployed, models] = await Promise.all([listDeployments(tenantId), listModels(tenantId)]);
  return [
    ...deployed.map(({ deployment: { name }, model }) => ({
      name,
      model,
      isFirst: false,
      isDeployment: true,
    })),
    ...models.map((model) => {
      const isFirst = model.checkpointStep !== null;
      return { name: model.name, model, isFirst, isDeployment: false };
    }),
  ];
}

const columnsOf = ({ report }: Model) => JSON.stringify(report.columns?.map(({ name }) => name));
/** The same question can be asked of both. */
const readsAlike = (one: Model, other: Model) =>
  one.task === other.task && columnsOf(one) === columnsOf(other);

/** Where a model is tried by typing; testers see this page and no other. */
export default async function ConsolePage({ params, searchParams }: Props) {
  const [{ tenant: slug }, { model: wanted, beside }] = await Promise.all([params, searchParams]);
  const { actor } = await requireMember(slug, "predictions.create");
  const [choices, t] = await Promise.all([choicesOf(actor.tenantId), getTranslations("insight.console")]);
  const chosen =
    choices.find(({ name }) => name === wanted) ?? choices.find(({ isFirst }) => !isFirst) ?? choices[0];
  if (!chosen)
    return (
      <>
        <PageHeader title={t("title")} description={t("description")} />
        <Card>
          <EmptyState
            icon={<MessageSquareText />}
            title={t("empty")}
            text={t("emptyText")}
            action={
              actor.permissions.has("files.read") && (
                <Button asChild>
                  <Link href={`/${slug}/datasets`}>{t("toDatasets")}</Link>
                </Button>
              )
            }
          />
        </Card>
      </>
    );
  const { model } = chosen;
  const task = taskOf(model.task);
  const alike = choices.filter((one) => one.name !== chosen.name && readsAlike(one.model, model));
  const other = alike.find(({ name }) => name === beside);
  const { columns } = model.report;
  const isStored = actor.settings.storePredictions === true;
  return (
    <>
      <PageHeader
        title={t("title")}
        description={t(isStored ? "stored" : "notStored")}
        actions={
          <ModelPicker
            slug={slug}
            models={choices.map(({ name, isFirst }) => ({ name, isFirst }))}
            chosen={chosen.name}
            others={alike.map(({ name }) => name)}
            beside={other?.name}
          />
        }
      />
      <div className="grid gap-4" key={chosen.name}>
        <Console
          slug={slug}
          models={[chosen, ...(other ? [other] : [])].map((one) => ({
            name: one.name,
            hasBase: one.model.report.base !== null,
            isDeployment: one.isDeployment,
          }))}
          roles={inputNames(task)}
          view={task.view}
          columns={columns}
          isSilentOnScope={task.view === "labels" && !columns && !model.report.scope}
          mayJudge={actor.permissions.has("feedback.create")}
        />
        <LabelFile slug={slug} model={chosen.name} />
        <Card title={t("call")} description={t("callText")}>
          <ModelSnippets
            address={env().publicUrl}
            model={chosen.name}
            roles={inputNames(task)}
            columns={columns}
          />
        </Card>
      </div>
    </>
  );
}
