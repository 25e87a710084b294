import assert from "node:assert/strict"
import { test } from "node:test"

import { answerText, apply, empty, leavesGap, reasoningOf, timelineOf } from "chat/transcript.js"

const frame = (seq, ...events) => ({ type: "frame", run: "r1", seq, events })
const started = { type: "run.started", message: "m2", agent: { slug: "e", name: "E" }, prompt_version: "e@1", model: "q" }
const step = (id, kind) => ({ type: "step.started", step: id, kind, parent: null })
const delta = (id, text) => ({ type: "text.delta", step: id, text })

const REACT = [
  frame(1, started, step(1, "thought")),
  frame(2, delta(1, "I should "), delta(1, "multiply.")),
  frame(3, { type: "step.finished", step: 1, ms: 400 }, step(2, "action")),
  frame(4, { type: "tool.called", step: 2, call: "c1", tool: "Calculator", input: "6 * 7" }),
  frame(5, { type: "tool.finished", call: "c1", output: "42", error: null, ms: 3 }, { type: "step.finished", step: 2, ms: 90 }),
  frame(6, step(3, "observation"), { type: "step.finished", step: 3, ms: 1, text: "42" }),
  frame(7, step(4, "answer"), delta(4, "It is ")),
  frame(8, delta(4, "**42**.")),
  frame(9, { type: "run.finished", status: "succeeded", stop_reason: "finished", message: "m2" }),
]

test("a run's frames make its steps, its answer and its end", () => {
  const run = REACT.reduce(apply, empty)

  assert.equal(answerText(run), "It is **42**.")
  assert.deepEqual(reasoningOf(run).map((s) => [s.kind, s.text]), [
    ["thought", "I should multiply."],
    ["action", ""],
    ["observation", "42"],
  ])
  assert.deepEqual(run.steps[1].tool, { call: "c1", name: "Calculator", input: "6 * 7", progress: "", output: "42", error: null, ms: 3 })
  assert.equal(run.state, "succeeded")
  assert.equal(run.end.stopReason, "finished")
})

test("replaying the log changes nothing", () => {
  const once = REACT.reduce(apply, empty)
  assert.deepEqual([...REACT, ...REACT].reduce(apply, empty), once)
  assert.equal(apply(once, REACT[3]), once)
})

test("a reload in the middle ends in the same transcript", () => {
  const half = REACT.slice(0, 5).reduce(apply, empty)
  assert.deepEqual(REACT.slice(3).reduce(apply, half), REACT.reduce(apply, empty))
})

test("a frame with first replaces all that was there", () => {
  const half = REACT.slice(0, 2).reduce(apply, empty)
  const compacted = { ...frame(9, ...REACT.flatMap((f) => f.events)), first: 1 }

  assert.deepEqual(apply(half, compacted), REACT.reduce(apply, empty))
})

test("a missing frame is a gap, a repeated or replacing one is not", () => {
  const half = REACT.slice(0, 2).reduce(apply, empty)

  assert.equal(leavesGap(half, frame(4)), true)
  assert.equal(leavesGap(half, frame(3)), false)
  assert.equal(leavesGap(half, frame(1)), false)
  assert.equal(leavesGap(half, { ...frame(9), first: 1 }), false)
})

test("text of a finished step wins over its deltas", () => {
  const run = apply(empty, frame(1, step(1, "answer"), delta(1, "drafd"), { type: "step.finished", step: 1, ms: 2, text: "draft" }))
  assert.equal(answerText(run), "draft")
})

test("several answer steps are paragraphs", () => {
  const run = apply(empty, frame(1, step(1, "answer"), delta(1, "One."), step(2, "answer"), delta(2, "Two.")))
  assert.equal(answerText(run), "One.\n\nTwo.")
})

test("a failed run keeps its text and says why", () => {
  const failed = { type: "run.failed", code: "unreachable", detail: "The model is down.", retryable: true }
  const run = apply(empty, frame(1, started, step(1, "answer"), delta(1, "So far"), failed))

  assert.equal(run.state, "failed")
  assert.equal(run.end.detail, "The model is down.")
  assert.equal(answerText(run), "So far")
})

test("a notice is what the run waits for, until something else happens", () => {
  const waiting = apply(empty, frame(1, started, { type: "notice", code: "retrying", text: "Waiting 3 s." }))
  assert.equal(waiting.waiting, "Waiting 3 s.")
  assert.equal(apply(waiting, frame(2, step(1, "answer"))).waiting, "")
})

test("a timeline has its notices where they happened", () => {
  const notice = (text) => ({ type: "notice", code: "retrying", text })
  const run = apply(empty, frame(1, notice("first"), step(1, "thought"), delta(1, "Hm."), notice("then"), step(2, "thought"), step(3, "answer"), notice("last")))

  assert.deepEqual(timelineOf(run).map((entry) => entry.kind ?? entry.text), ["first", "thought", "then", "thought", "last"])
})

test("a timeline leaves out a step that is over and had nothing to show", () => {
  const over = (id) => ({ type: "step.finished", step: id, ms: 5 })
  const within = { ...step(3, "thought"), parent: 2 }
  const run = apply(empty, frame(1, step(1, "thought"), step(2, "plan"), within, delta(3, "Hm."), step(4, "thought")))
  const ids = (transcript) => timelineOf(transcript).map((entry) => entry.id)

  assert.deepEqual(ids(run), [1, 2, 3, 4])
  const later = apply(run, frame(2, over(1), over(2)))
  assert.deepEqual(ids(later), [2, 3, 4])
  assert.deepEqual(ids(apply(later, frame(3, { type: "run.finished", status: "cancelled" }))), [2, 3])
})

test("usage adds up over the calls of a run", () => {
  const usage = { type: "usage", step: 1, model: "q", input: 10, output: 5, cost: "0.25" }
  assert.deepEqual(apply(empty, frame(1, usage, usage)).usage, { input: 20, output: 10, cost: "0.5" })
})

test("an event of a later version is passed over", () => {
  assert.equal(apply(empty, frame(1, { type: "hologram.shown" })).seq, 1)
})

test("actions side by side finish on their own, each with its result beneath it", () => {
  const called = (id) => ({ type: "tool.called", step: id, call: `c${id}`, tool: "Search", input: `q${id}` })
  const over = (id, output) => [
    { type: "tool.finished", call: `c${id}`, output, error: null, ms: 5 },
    { type: "step.finished", step: id, ms: 9 },
  ]
  const result = (id, parent) => [
    { type: "step.started", step: id, kind: "observation", parent },
    delta(id, `r${parent}`),
    { type: "step.finished", step: id, ms: 0 },
  ]
  const begun = [frame(1, started, step(1, "action"), step(2, "action"), delta(2, "q2"), delta(1, "q1"), called(1), called(2))]
  const half = [...begun, frame(2, ...over(2, "r2"), ...result(3, 2))].reduce(apply, empty)
  const whole = apply(half, frame(3, ...over(1, "r1"), ...result(4, 1), step(5, "answer")))

  assert.deepEqual(half.steps.map((s) => [s.id, s.text, s.ms, s.tool?.output]), [
    [1, "q1", null, null],
    [2, "q2", 9, "r2"],
    [3, "r2", 0, undefined],
  ])
  assert.deepEqual(timelineOf(half).map((entry) => entry.id), [1, 2, 3])
  assert.deepEqual(timelineOf(whole).map((entry) => [entry.id, entry.text]), [
    [1, "q1"],
    [4, "r1"],
    [2, "q2"],
    [3, "r2"],
  ])
})
