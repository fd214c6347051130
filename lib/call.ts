import { explainIfAsked } from "./explanations";
import { type Answered, deadlineOf, meter, withinBudget } from "./inference";
import type { Ask } from "./ml/task";
import type { Model } from "./models";
import type { Serving } from "./serving";
import type { Actor } from "./session";

/** One question to one model, in whatever shape it came. */
export interface Call {
  actor: Actor;
  request: Request;
  requestId: string;
  /** As metered: where it came in. */
  route: string;
  model: Model;
  inputs: readonly unknown[];
  ask: Ask;
  explain?: Parameters<typeof explainIfAsked>[4];
  /** The caller's words; with an idempotency key the same question is the same event. */
  question: unknown;
}

/** What every inference route does between reading its shape and writing its shape: answer and meter within the budget. */
export function answerCall(serving: Serving, call: Call): Promise<Answered> {
  const { actor, request, requestId, route, model, inputs, ask, explain, question } = call;
  const deadline = deadlineOf(request);
  return withinBudget(serving, actor, inputs.length, async () => {
    const answered = await explainIfAsked(serving, model, inputs, ask, explain, deadline);
    const { tokens } = answered;
    const rows = inputs.length;
    meter(serving, { actor, request, requestId, route, model: model.name, rows, tokens, question });
    return answered;
  });
}
