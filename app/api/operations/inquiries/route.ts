import { listInquiries } from "@/lib/inquiries";
import { route } from "@/lib/route";

export const GET = route({ auth: "staff", permission: "desk.read" }, async () => ({
  data: await listInquiries(),
}));
