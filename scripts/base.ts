import { ensureBase } from "@/lib/bases";
import { DEFAULT_BASE } from "@/lib/ml/catalogue";

/** Gets the default base, or says in one sentence why it could not be had. */
try {
  const { dir } = await ensureBase(process.argv[2] ?? DEFAULT_BASE);
  console.log(`ready in ${dir}`);
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
