import { describe, expect, it } from "vitest";
import messages from "@/messages/portal.zh.json";
import { knownSentence } from "./said";

const texts: Record<string, string> = messages.portal.said;

describe("sentences of worker and engine", () => {
  it.each([
    "Created fine-tuning job: ftjob-1",
    "Files validated: 5572 rows accepted",
    "Files validated: 289 rows accepted, 12 set aside",
    "4736 rows to train on, 836 to measure on, 2 classes",
    "lexical: 87.4 % right out of fold",
    "812 rows to train on, 143 to measure on",
    "head: micro_f1 0.583 out of fold",
    "4 spans of validation rows have a label that no training row has",
    "812 of 9000 rows are learnt from: more than 3000000 characters do not fit into memory",
    "Step 2/2: accuracy=1, macro_f1=1",
    "The model answers by weights of its own: 90 MB, 1240 ms to the first answer.",
    "New fine-tuned model created: ft:minilm-l6:demo:x:01",
    "A first model answers already: ft:minilm-l6:demo:x:01:ckpt-step-0",
    "Going on from step 150",
    "A checkpoint was ignored: it is cut, changed or of another fit",
    "these recipes learn from the rows as they are",
    "a table is read without a pretrained base",
    "lexical was chosen because it is cheaper: the 0.6 points between it and head are within one standard error.",
    "head was chosen because it is 4.2 points better than lexical on rows that neither had seen.",
    "lora was chosen because it does better on other datasets: with so few rows, the 3.1 points by which lexical was ahead here tell nothing.",
    "wide was left out: it would take about 12 minutes, more than is left of the budget of 5",
    "lexical was chosen because it is cheaper: the 0.2 points between it and wide are within one standard error. Most rows are in a script that the pretrained base was hardly taught, and this recipe reads their characters.",
    "wide was chosen because it is 24.1 points better than head on rows that neither had seen. Most rows are in a script that the pretrained base was hardly taught, and this recipe reads their characters.",
    "25 % of the words are left out, others each time: 84.1 % right with it, 82.7 % without, on 154 held-out rows",
    "15 % of the words change places with the next one, others each time: 84.1 % right with it, 82.7 % without, on 54 held-out rows",
    "15 % of the words give way to a word like them, others each time: 84.1 % right with it, 82.7 % without, on 54 held-out rows",
    "changing words did not help: 82.7 % right with it, 84.1 % without, on 154 held-out rows",
    "no row could be held out to see whether changing words helps",
    "Tuning is not available on this installation yet; your provider has been told.",
    "lora was left out: it does not settle on these rows",
    "lora was dropped: its last fit does not settle on these rows",
    "wide was chosen because the last fit of lora and full does not settle on these rows.",
    "full was not tried: it goes further than lora, and wide is ahead of that",
    "3 jobs are ahead of it.",
    "1 job is ahead of it.",
  ])("has %s in Chinese, with every value", (sentence) => {
    const known = knownSentence(sentence);
    const slots = [...(texts[known?.key ?? ""] ?? "").matchAll(/\{(\w+)/g)].map(([, name]) => name);
    expect(slots.sort()).toEqual(Object.keys(known?.values ?? { none: 1 }).sort());
  });

  it("leaves a sentence that it does not know as it is", () => {
    expect(knownSentence("Something new")).toBeNull();
  });
});
