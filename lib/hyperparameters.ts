import { z } from "zod";
import { BASES } from "./ml/catalogue";
import type { Hyperparameters } from "./ml/contract";
import type { Task } from "./ml/task";
import { snake } from "./snake-case";

/** What an order sets of a tuning in OpenAI's names, each `auto` or a number, and what of it ran. */
const autoOr = (schema: z.ZodNumber, said: string) => z.union([z.literal("auto"), schema], said).optional();
const whole = (most: number) => {
  const said = `use \`auto\` or a whole number from 1 to ${most}`;
  return autoOr(z.number().int(said).min(1, said).max(most, said), said);
};
const above0 = (most: number) => {
  const said = `use \`auto\` or a number above 0, at most ${most}`;
  return autoOr(z.number().positive(said).max(most, said), said);
};
const MOST_LAYERS = Math.max(...Object.values(BASES).map(({ layers }) => layers));

export const hyperparametersBody = z.object({
  n_epochs: whole(50),
  batch_size: whole(256),
  learning_rate_multiplier: above0(100),
});
export const loraBody = z.strictObject({
  rank: whole(32),
  alpha: above0(1024),
  /** So many of the base's highest layers are tuned. */
  layers: whole(MOST_LAYERS),
});

interface Body {
  hyperparameters?: z.infer<typeof hyperparametersBody> | null | undefined;
  method?: { supervised?: { hyperparameters?: z.infer<typeof hyperparametersBody> } } | null | undefined;
  graft?: { lora?: z.infer<typeof loraBody> } | null | undefined;
}

/** Beside each name of an order the engine's own. */
const STEPS = {
  n_epochs: "epochs",
  batch_size: "batchSize",
  learning_rate_multiplier: "learningRateMultiplier",
};
const LORA = { rank: "rank", alpha: "alpha", layers: "layers" };
/** Under which a recipe says what ran. */
const RAN = { ...STEPS, learning_rate_multiplier: "rateMultiplier" };

const askedOf = (body: Body): Record<string, unknown> => ({
  ...body.hyperparameters,
  ...body.method?.supervised?.hyperparameters,
});

const numbersOf = (asked: Record<string, unknown>, names: Record<string, string>): Record<string, number> =>
  Object.fromEntries(
    Object.entries(names).flatMap(([name, own]) =>
      typeof asked[name] === "number" ? [[own, asked[name]]] : [],
    ),
  );

/** The numbers of an order; what is `auto` is left out. */
export function orderedOf(body: Body): Hyperparameters {
  const lora = numbersOf(body.graft?.lora ?? {}, LORA);
  return { ...numbersOf(askedOf(body), STEPS), ...(Object.keys(lora).length > 0 && { lora }) };
}

type Settings = Readonly<Record<string, unknown>>;
const namedOf = (settings: Settings, names: Record<string, string>) =>
  Object.fromEntries(Object.entries(names).map(([name, own]) => [name, settings[own] ?? "auto"]));

/** As asked for. */
export const askedHyperparameters = (body: Body) => {
  const asked = askedOf(body);
  return Object.fromEntries(Object.keys(STEPS).map((name) => [name, asked[name] ?? "auto"]));
};

/** As the chosen recipe ran; `auto` where it has no such setting. */
export const ranHyperparameters = (settings: Settings) => namedOf(settings, RAN);

/** All that ran, by names as on the wire. */
export const settingsToWire = (settings: Settings) =>
  Object.fromEntries(Object.entries(settings).map(([name, value]) => [snake(name), value]));

/** Names of an order's numbers that the chosen recipe has no use for. */
export function unusedOf(body: Body, settings: Settings): string[] {
  const unused = (asked: Settings, names: Record<string, string>) =>
    Object.entries(names).flatMap(([name, own]) =>
      typeof asked[name] === "number" && settings[own] === undefined ? [name] : [],
    );
  const lora = { ...body.graft?.lora };
  // A width that something else is served at is not the adapter's.
  const hasLora = settings.alpha !== undefined;
  const ofLora = hasLora ? [] : Object.keys(LORA).filter((name) => typeof lora[name as "rank"] === "number");
  return [...unused(askedOf(body), RAN), ...ofLora.map((name) => `graft.lora.${name}`)];
}

/** Why an order's adapter cannot be tuned, and where it says so; null where it can. */
export function loraProblem(
  task: Task,
  {
    base,
    recipe,
    hyperparameters: { lora },
  }: { base: string; recipe: string; hyperparameters: Hyperparameters },
): { message: string; param: string } | null {
  if (!lora) return null;
  const offers = task.recipes.includes("lora");
  if (!offers || (recipe !== "auto" && recipe !== "lora")) {
    const what = offers ? `The recipe \`${recipe}\` tunes` : `Models of ${task.id} tune`;
    return { message: `${what} no adapter; leave \`graft.lora\` out.`, param: "graft.lora" };
  }
  const { layers, wordLayers } = BASES[base as keyof typeof BASES] ?? {};
  const most = (task.readsWords ? wordLayers : layers) ?? 1;
  if (lora.layers === undefined || lora.layers <= most) return null;
  const message = `${task.id} runs ${most} layers of ${base}: use \`auto\` or a whole number from 1 to ${most}.`;
  return { message, param: "graft.lora.layers" };
}
