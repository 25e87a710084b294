/** How an answer ended, in a sentence, where that needs saying. */

const REASONS = {
  max_steps: "The agent used all the steps it may take, so this is as far as it got.",
  timeout: "The time for this answer ran out, so this is as far as it got.",
  token_budget: "The tokens for this answer ran out, so this is as far as it got.",
  cost_budget: "The budget for this answer ran out, so this is as far as it got.",
  loop: "The agent went round in circles and was stopped.",
  format_errors: "The model didn't keep to the format that it was asked for, so this is as far as it got.",
}

/** `{tone, text, canRetry}`, or null for an answer that ended as it should. */
export function endingOf(run, content) {
  if (run.state === "cancelled") return { tone: "quiet", text: "You stopped this answer.", canRetry: true }
  if (run.state === "interrupted") {
    const text = run.detail || "The server stopped while this answer was being written. What was there is kept."
    return { tone: "danger", text, canRetry: true }
  }
  if (run.state === "failed") {
    return { tone: "danger", text: run.detail || "This answer failed. Try again.", canRetry: true }
  }
  if (run.stop_reason in REASONS) return { tone: "quiet", text: REASONS[run.stop_reason], canRetry: true }
  if (!content) return { tone: "quiet", text: "The model sent no text.", canRetry: true }
  return null
}
