import { z } from "zod";
import { answerText, undoAnswer } from "@/lib/labelling-answers";
import { route } from "@/lib/route";

const params = z.object({ id: z.string().min(1).max(100) });
const place = z.number().int().min(0);
/** A class by its name, null for none of the classes, or a skip. */
const body = z.union([
  z.object({ place, label: z.string().min(1).max(120).nullable() }),
  z.object({ place, skip: z.literal(true) }),
]);

export const POST = route(
  { auth: "tenant", permission: "files.write", params, body },
  async ({ actor, params, body }) => {
    const answer = "skip" in body ? "skip" : body.label === null ? "none" : { label: body.label };
    return answerText(actor, params.id, body.place, answer);
  },
);

/** Takes the caller's newest answer back. */
export const DELETE = route(
  { auth: "tenant", permission: "files.write", params },
  async ({ actor, params }) => undoAnswer(actor, params.id),
);
