import { route } from "@/lib/route";
import { customersOf } from "@/lib/staff";

export const GET = route({ auth: "staff", permission: "operations.read" }, async ({ person }) => ({
  data: await customersOf(person),
}));
