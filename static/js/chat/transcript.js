/** What a run looks like so far: a fold over its frames, the same one that the server does (chat/transcript.py).
 *  Replaying a frame changes nothing, so live events, a reconnect and a reload all end in the same transcript. */

export const empty = {
  seq: 0,
  state: "queued",
  answer: null,
  agent: null,
  promptVersion: null,
  model: null,
  steps: [],
  notices: [],
  waiting: "",
  usage: null,
  end: null,
}

export function apply(transcript, frame) {
  if (frame.seq <= transcript.seq) return transcript

  const before = frame.first ? empty : transcript
  return { ...frame.events.reduce(take, before), seq: frame.seq }
}

/** Whether frames between this one and the last are missing. A frame with `first` replaces all, so none can be. */
export function leavesGap(transcript, frame) {
  return !frame.first && frame.seq > transcript.seq + 1
}

export function answerText(transcript) {
  return transcript.steps
    .filter((step) => step.kind === "answer" && step.text)
    .map((step) => step.text)
    .join("\n\n")
}

/** The steps of the reasoning; the answer itself isn't one. */
export function reasoningOf(transcript) {
  return transcript.steps.filter((step) => step.kind !== "answer")
}

/** What a timeline shows, in the order in which it happened: the steps that have or may get something to show, and the
 *  notices, which have no `kind`. Of actions side by side, each has its result beneath it, whichever came first. */
export function timelineOf({ steps, notices, end }) {
  const parents = new Set(steps.map((step) => step.parent))
  const isOver = (step) => end !== null || step.ms !== null
  const isEmpty = (step) => !step.text.trim() && !step.tool && !parents.has(step.id)
  const isShown = (step) => step.kind !== "answer" && !(isOver(step) && isEmpty(step))
  const after = (id) => notices.filter((notice) => notice.after === id)
  return [...after(null), ...withResults(steps).flatMap((step) => [...(isShown(step) ? [step] : []), ...after(step.id)])]
}

/** The steps with each result behind its action. */
function withResults(steps) {
  const results = new Map(steps.filter((step) => step.kind === "action").map((step) => [step.id, []]))
  const isResult = (step) => step.kind === "observation" && results.has(step.parent)
  for (const step of steps) if (isResult(step)) results.get(step.parent).push(step)
  return steps.filter((step) => !isResult(step)).flatMap((step) => [step, ...(results.get(step.id) ?? [])])
}

function take(transcript, event) {
  const next = handlers[event.type]?.(transcript, event) ?? transcript
  const waiting = event.type === "notice" ? event.text : ""
  return next.waiting === waiting ? next : { ...next, waiting }
}

const handlers = {
  "run.started": (transcript, event) => ({
    ...transcript,
    state: "running",
    answer: event.message,
    agent: event.agent,
    promptVersion: event.prompt_version,
    model: event.model,
  }),
  "step.started": (transcript, event) => ({
    ...transcript,
    steps: [
      ...transcript.steps,
      { id: event.step, kind: event.kind, parent: event.parent ?? null, text: "", ms: null, tool: null },
    ],
  }),
  "text.delta": (transcript, event) =>
    withStep(transcript, event.step, (step) => ({ ...step, text: step.text + event.text })),
  "tool.called": (transcript, event) =>
    withStep(transcript, event.step, (step) => ({
      ...step,
      tool: { call: event.call, name: event.tool, input: event.input, progress: "", output: null, error: null, ms: null },
    })),
  "tool.progress": (transcript, event) => withCall(transcript, event.call, { progress: event.text }),
  "tool.finished": (transcript, event) =>
    withCall(transcript, event.call, { output: event.output, error: event.error ?? null, ms: event.ms }),
  "step.finished": (transcript, event) =>
    withStep(transcript, event.step, (step) => ({ ...step, ms: event.ms, text: event.text ?? step.text })),
  notice: (transcript, event) => ({
    ...transcript,
    notices: [
      ...transcript.notices,
      { code: event.code, text: event.text, after: transcript.steps.at(-1)?.id ?? null },
    ],
  }),
  usage: (transcript, event) => ({ ...transcript, usage: addUsage(transcript.usage, event), model: event.model }),
  "run.finished": (transcript, event) => ({
    ...transcript,
    state: event.status,
    end: { stopReason: event.stop_reason ?? "", code: "", detail: "", ms: event.ms ?? null, usage: event.usage ?? null },
  }),
  "run.failed": (transcript, event) => ({
    ...transcript,
    state: "failed",
    end: { stopReason: "", code: event.code, detail: event.detail, ms: event.ms ?? null, usage: event.usage ?? null },
  }),
}

function withStep(transcript, id, change) {
  // From the end: it is nearly always the last one, and this runs for every token.
  const at = transcript.steps.findLastIndex((step) => step.id === id)
  if (at < 0) return transcript
  const steps = transcript.steps.slice()
  steps[at] = change(steps[at])
  return { ...transcript, steps }
}

function withCall(transcript, call, changes) {
  const step = transcript.steps.findLast((candidate) => candidate.tool?.call === call)
  if (!step) return transcript
  return withStep(transcript, step.id, (found) => ({ ...found, tool: { ...found.tool, ...changes } }))
}

function addUsage(usage, event) {
  const before = usage ?? { input: 0, output: 0, cost: null }
  const cost = event.cost == null ? before.cost : String(Number(before.cost ?? 0) + Number(event.cost))
  return { input: before.input + event.input, output: before.output + event.output, cost }
}
