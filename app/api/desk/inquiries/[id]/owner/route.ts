import { z } from "zod";
import { takeInquiry } from "@/lib/inquiries";
import { route } from "@/lib/route";
import { idField } from "@/lib/users";

/** The asking member of staff becomes the one who answers the inquiry. */
export const PUT = route(
  { auth: "staff", permission: "desk.write", params: z.object({ id: idField }) },
  ({ params, person }) => takeInquiry(person, params.id),
);
