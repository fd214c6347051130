import type { Answering } from "./deployments";
import { explainIfAsked } from "./explanations";
import { type Answered, deadlineOf, meter, turnOf, withinBudget } from "./inference";
import type { Ask } from "./ml/task";
import type { Serving } from "./serving";
import type { Actor } from "./session";
import { askShadow } from "./shadows";

/** One question to one model, in whatever shape it came. */
export interface Call {
  actor: Actor;
  request: Request;
  requestId: string;
  /** As metered: where it came in. */
  route: string;
  model: Answering;
  inputs: readonly unknown[];
  ask: Ask;
  explain?: Parameters<typeof explainIfAsked>[4];
  /** The caller's words; with an idempotency key the same question is the same event. */
  question: unknown;
}

/** What every inference route does between reading its shape and writing its shape: answer and meter within the budget. */
export function answerCall(serving: Serving, call: Call): Promise<Answered & { eventId: string }> {
  const { actor, request, requestId, route, model, inputs, ask, explain, question } = call;
  const deadline = deadlineOf(request);
  return withinBudget(serving, actor, model.name, inputs.length, async () => {
    const answered = await explainIfAsked(
      serving,
      model,
      inputs,
      ask,
      explain,
      deadline,
      turnOf(actor, request),
    );
    const { tokens } = answered;
    const rows = inputs.length;
    const eventId = meter(serving, {
      actor,
      request,
      requestId,
      route,
      model: model.name,
      rows,
      tokens,
      question,
    });
    const { shadow } = model;
    if (shadow && !actor.isInternal)
      serving.background.add(() => askShadow(serving, { model, shadow, inputs, ask, route }, answered));
    return { ...answered, eventId };
  });
}
