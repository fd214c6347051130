import { fail } from "./errors";
import { TASKS } from "./ml/catalogue";
import type { Task } from "./ml/task";

/** The tasks of the catalogue by their wire value. */
export const DEFAULT_TASK = Object.keys(TASKS)[0] ?? "";

export function taskOf(id: string | undefined, param: string | null = null): Task {
  const task = (TASKS as Record<string, Task>)[id ?? DEFAULT_TASK];
  return task ?? fail("task_unsupported", `There is no task \`${id}\`.`, param);
}
