import { route } from "@/lib/route";
import { fleet } from "@/lib/staff";

export const GET = route({ auth: "staff", permission: "operations.read" }, async () => ({
  data: await fleet(),
}));
