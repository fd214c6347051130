import { eq } from "drizzle-orm";
import { labellingSets } from "@/db/schema/labelling";
import { datasets, files, jobs, models } from "@/db/schema/work";
import { forTenant, type TenantTx } from "@/db/tenant";
import { actorId } from "./audit";
import { fail } from "./errors";
import { tell } from "./project-notices";
import { createProject, type Project } from "./projects";
import type { Actor } from "./session";

/** *Ask our team*, from wherever a customer got stuck: the question goes to the desk with what it is about. */

interface Question {
  title?: string | undefined;
  question: string;
  about?: { kind: Kind; id: string } | undefined;
}
type Kind = "file" | "dataset" | "model" | "job" | "labelling";

export const askTeam = (actor: Actor, { title, question, about }: Question): Promise<Project> =>
  forTenant(actor.tenantId, async (tx) => {
    const subject = about && (await subjectOf(tx, about.kind, about.id));
    const project = await createProject(
      actor.tenantId,
      {
        title: title ?? subject?.name ?? question.split("\n")[0]?.slice(0, 80) ?? question,
        question,
        datasetId: subject?.datasetId,
        about: about && subject ? { [about.kind]: about.id, name_of_it: subject.name } : {},
      },
      actorId(actor),
    );
    await tell(tx, "staff", "question", project);
    return project;
  });

/** How the thing is called, and the dataset behind it. Foreign equals absent. */
async function subjectOf(
  tx: TenantTx,
  kind: Kind,
  id: string,
): Promise<{ name: string; datasetId?: string }> {
  if (kind === "file") {
    const file = await tx.one(files, eq(files.id, id));
    return file ? { name: file.filename } : fail("not_found", undefined, "about");
  }
  if (kind === "dataset") {
    const dataset = await tx.one(datasets, eq(datasets.id, id));
    return dataset ? { name: dataset.name, datasetId: id } : fail("not_found", undefined, "about");
  }
  if (kind === "labelling") {
    const set = await tx.one(labellingSets, eq(labellingSets.id, id));
    return set ? { name: set.name } : fail("not_found", undefined, "about");
  }
  const model = kind === "model" ? await tx.one(models, eq(models.id, id)) : undefined;
  const job = await tx.one(jobs, eq(jobs.id, model?.jobId ?? id));
  if (!job || (kind === "model" && !model)) return fail("not_found", undefined, "about");
  return { name: model?.name ?? job.id };
}
