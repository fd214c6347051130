import { fail } from "./errors";
import { TASKS } from "./ml/catalogue";
import type { Task } from "./ml/task";

/** The tasks of the catalogue by their wire value. */
export const DEFAULT_TASK = Object.keys(TASKS)[0] ?? "";

export function taskOf(id: string | undefined, param: string | null = null): Task {
  const task = (TASKS as Record<string, Task>)[id ?? DEFAULT_TASK];
  return task ?? fail("task_unsupported", `There is no task \`${id}\`.`, param);
}

/** Why a task has no such recipe; null when it has. */
export const recipeProblem = ({ id, recipes }: Task, recipe: string): string | null =>
  recipe === "auto" || recipes.includes(recipe)
    ? null
    : `There is no recipe \`${recipe}\` for ${id}. Use auto, ${recipes.join(" or ")}.`;

/** Names of the columns that a row of a request has; with one name the row is its value. */
export const inputNames = (task: Task): string[] =>
  task.roles.filter(({ part }) => part === "input").map(({ name }) => name);

/** Why no adapter that was brought along becomes a model of a task, and what to bring instead; null where one does. */
export function adapterProblem({ id, takesAdapters }: Task): string | null {
  if (takesAdapters) return null;
  const taking = Object.values<Task>(TASKS).filter((task) => task.takesAdapters);
  const files = taking.map(
    (task) => `${task.id} (columns for ${task.roles.map(({ name }) => name).join(" and ")})`,
  );
  return `The file was read as rows of ${id}, which no adapter is imported for. Choose a file of ${files.join(" or ")}.`;
}

/** Why models of a task cannot have their base answer in a precision; null where they can. */
export const precisionProblem = (task: Task, precision: unknown): string | null =>
  precision === "int8" && !task.answersInInt8
    ? `Models of ${task.id} answer in float32 alone; leave \`graft.precision\` out.`
    : null;
