import { runInvoices } from "../../lib/invoice-run";
import { runDay } from "../../lib/periods";

/** A month's run alone, to be killed in the middle of it. */
const month = process.argv[2] ?? "";
process.send?.("begins");
await runInvoices(month, runDay(month));
process.exit();
