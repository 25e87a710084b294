/** What an agent is doing now, and what it did, as a sentence. */

import { duration } from "shared/time.js"

export const LABELS = {
  thought: "Thought",
  action: "Action",
  observation: "Result",
  answer: "Answer",
  plan: "Plan",
  subquestion: "Sub-question",
  sample: "Sample",
  vote: "Vote",
}

const DOING = {
  thought: "Thinking…",
  action: "Choosing what to do…",
  observation: "Reading the result…",
  answer: "Writing the answer…",
  plan: "Planning…",
  subquestion: "Working on a sub-question…",
  sample: "Sampling answers…",
  vote: "Counting votes…",
}

const TITLE_CHARS = 120

const VERBS = { search: "Searching", lookup: "Looking up" }
const MAX_INPUT = 60

export function doingNow(transcript) {
  if (transcript.waiting) return transcript.waiting
  const step = transcript.steps.at(-1)
  if (!step) return transcript.state === "queued" ? "Starting…" : "Thinking…"
  const running = transcript.steps.filter(({ kind, tool }) => kind === "action" && tool && tool.output === null)
  if (running.length > 1) return `Using ${running.length} tools…`
  if (running.length) return usingTool(running[0].tool)
  if (step.kind === "action" && step.tool) return "Thinking…"
  const title = within(transcript.steps, step)
  if (title) return `${title}…`
  return step.ms === null ? (DOING[step.kind] ?? "Working…") : "Thinking…"
}

/** What a step is called that only gathers others: a plan of one line, such as a step of a chain. */
export function titleOf({ kind, text }) {
  const isTitle = kind === "plan" && text.length <= TITLE_CHARS && !text.trim().includes("\n")
  return isTitle ? text.trim() : ""
}

/** "Thought for 8 s · 3 steps", or "" where there was nothing to see. */
export function whatHappened({ steps, ms }) {
  if (!steps) return ""
  const count = steps === 1 ? "1 step" : `${steps} steps`
  return ms == null ? count : `Thought for ${duration(ms)} · ${count}`
}

export function inputText(input) {
  if (input == null) return ""
  if (typeof input === "string") return input
  const values = Object.values(input)
  if (values.length === 1 && typeof values[0] === "string") return values[0]
  return JSON.stringify(input, null, 2)
}

/** The title of the open step that this one is in, where that says more than the kind of the step does. */
function within(steps, step) {
  if (step.kind === "answer" || step.kind === "action") return ""
  const byId = new Map(steps.map((one) => [one.id, one]))
  for (let at = step; at; at = byId.get(at.parent)) if (at.ms === null && titleOf(at)) return titleOf(at)
  return ""
}

function usingTool(tool) {
  if (tool.progress) return tool.progress
  const verb = VERBS[tool.name.toLowerCase()]
  const input = clip(inputText(tool.input))
  return verb && input ? `${verb}: ${input}` : `Using ${tool.name}…`
}

function clip(text) {
  const line = text.replace(/\s+/g, " ").trim()
  return line.length > MAX_INPUT ? `${line.slice(0, MAX_INPUT)}…` : line
}
