import { route } from "@/lib/route";
import { fleet } from "@/lib/staff";
import { listWorkers } from "@/lib/workers";

export const GET = route({ auth: "staff", permission: "operations.read" }, async () => ({
  data: await fleet(),
  workers: await listWorkers(),
}));
