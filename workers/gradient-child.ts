import { runGradientChild } from "@/lib/gradients";

await runGradientChild();
