import { TrainingError } from "../task";

const WHAT_TO_DO =
  "Choose another recipe, or `auto`, and look for rows with damaged texts or numbers far from all others.";

/**
 * The loss or its gradient stopped being a number: the rate was too high, or the rows hold something that the base
 * cannot read. It would come to the same again.
 */
export class DivergedError extends TrainingError {
  constructor(how: string) {
    super(
      "training_diverged",
      `The recipe does not settle on these rows: ${how}. ${WHAT_TO_DO}`,
      "graft.recipe",
    );
  }
}
