import { z } from "zod";
import { askTeam } from "@/lib/project-questions";
import { route } from "@/lib/route";
import { commentField } from "@/lib/scope";
import { idField, nameField } from "@/lib/users";

/** *Ask our team*: a question, and what it is about, become a project. */
export const POST = route(
  {
    auth: "tenant",
    permission: "projects.write",
    perMinute: 10,
    body: z.object({
      title: nameField.optional(),
      question: commentField,
      about: z
        .object({ kind: z.enum(["file", "dataset", "model", "job", "labelling"]), id: idField })
        .optional(),
    }),
  },
  async ({ actor, body }) => ({ id: (await askTeam(actor, body)).id }),
);
