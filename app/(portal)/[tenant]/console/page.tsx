import { MessageSquareText } from "lucide-react";
import type { Metadata } from "next";
import Link from "next/link";
import { getTranslations } from "next-intl/server";
import { Button } from "@/components/button";
import { Card } from "@/components/card";
import { EmptyState } from "@/components/empty-state";
import { PageHeader } from "@/components/page-header";
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
  searchParams: Promise<{ model?: string }>;
}

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("portal.nav"))("console") };
}

/** Where a model is tried by typing; testers see this page and no other. */
export default async function ConsolePage({ params, searchParams }: Props) {
  const [{ tenant: slug }, { model: wanted }] = await Promise.all([params, searchParams]);
  const { actor } = await requireMember(slug, "predictions.create");
  const [models, t] = await Promise.all([listModels(actor.tenantId), getTranslations("insight.console")]);
  const isFinal = (one: Model) => one.checkpointStep === null;
  const model = models.find((one) => one.name === wanted) ?? models.find(isFinal) ?? models[0];
  if (!model)
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
  const task = taskOf(model.task);
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
            models={models.map((one) => ({ name: one.name, isFirst: !isFinal(one) }))}
            chosen={model.name}
          />
        }
      />
      <div className="grid gap-4" key={model.id}>
        <Console
          slug={slug}
          model={model.name}
          roles={inputNames(task)}
          view={task.view}
          columns={columns}
          isSilentOnScope={task.view === "labels" && !columns && !model.report.scope}
          hasBase={model.report.base !== null}
        />
        <LabelFile slug={slug} model={model.name} />
        <Card title={t("call")} description={t("callText")}>
          <ModelSnippets
            address={env().publicUrl}
            model={model.name}
            roles={inputNames(task)}
            columns={columns}
          />
        </Card>
      </div>
    </>
  );
}
