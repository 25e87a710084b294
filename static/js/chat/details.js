/** What an answer was made of: the prompt's version, the model, and what it cost. */

import { el } from "shared/dom.js"
import { openPanel } from "shared/menu.js"
import { duration, shortDuration } from "shared/time.js"

export function showDetails(button, run) {
  const rows = detailsOf(run).flatMap(([term, value]) => [el("dt", {}, term), el("dd", {}, value)])
  openPanel(button, [el("dl.details", {}, ...rows)], { label: "About this answer" })
}

/** Pairs of name and value; what isn't known is left out. */
export function detailsOf(run) {
  const { usage } = run
  const pairs = [
    ["Agent", run.agent?.name],
    ["Prompt", run.prompt_version],
    ["Model", run.model],
    ["Tokens", usage && `${count(usage.input)} in, ${count(usage.output)} out`],
    ["Cost", usage?.cost == null ? null : `$${usage.cost}`],
    ["First token", run.first_token_ms == null ? null : shortDuration(run.first_token_ms)],
    ["Took", run.ms == null ? null : duration(run.ms)],
  ]
  return pairs.filter(([, value]) => value)
}

function count(number) {
  return (number ?? 0).toLocaleString("en")
}
