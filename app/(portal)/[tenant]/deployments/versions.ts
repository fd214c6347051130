import type { Model } from "@/lib/models";
import { unix } from "@/lib/unix";
import type { Version } from "./version-select";

/** What may answer under a name: ready models, without those of trainings that still go on. */
export const versionsFrom = (models: readonly Model[]): Version[] =>
  models
    .filter(({ checkpointStep }) => checkpointStep === null)
    .map(({ name, createdAt }) => ({ name, created: unix(createdAt) }));
