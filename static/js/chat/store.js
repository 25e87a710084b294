/** One conversation as a page sees it: the branch that is shown, and a transcript for each run that was followed. */

import { answerText, apply, empty, leavesGap, reasoningOf } from "chat/transcript.js"

export const none = { conversation: null, messages: [], transcripts: {}, more: false }

const ACTIVE = new Set(["queued", "running"])

export function isActive(run) {
  return Boolean(run) && ACTIVE.has(run.state)
}

export function withSnapshot(state, snapshot) {
  const earlier = messagesAbove(state, snapshot.messages[0])
  const messages = [...earlier, ...snapshot.messages]
  return {
    conversation: snapshot.conversation,
    messages,
    transcripts: transcriptsOf(messages, state.transcripts),
    more: earlier.length ? state.more : snapshot.more,
  }
}

export function withOlder(state, page) {
  return { ...state, messages: [...page.messages, ...state.messages], more: page.more }
}

/** What an `ack` made. `sent` is what was asked for: `{text, parent}`, or `{retries}` (the answer made anew). */
export function withStarted(state, ack, sent) {
  if (state.messages.some((message) => message.id === ack.answer)) return state
  const conversation = state.conversation ?? { id: ack.conversation, title: "", agent: null, pinned: false }
  const started = sent.retries ? retried(state, ack, sent.retries) : asked(state, ack, sent)
  return { ...state, conversation, messages: started, transcripts: transcriptsOf(started, state.transcripts) }
}

/** `{state, stale}`: stale when the frame can't be understood without asking the server what happened before it. */
export function withFrame(state, frame) {
  const at = state.messages.findLastIndex((message) => message.run?.id === frame.run)
  if (at < 0) return { state, stale: true }

  const before = state.transcripts[frame.run] ?? empty
  if (leavesGap(before, frame)) return { state, stale: true }
  const transcript = apply(before, frame)
  if (transcript === before) return { state, stale: false }

  const messages = state.messages.slice()
  messages[at] = told(messages[at], transcript)
  return { state: { ...state, messages, transcripts: { ...state.transcripts, [frame.run]: transcript } }, stale: false }
}

/** The message whose answer is being written, or undefined. */
export function activeAnswer(state) {
  return state.messages.findLast((message) => isActive(message.run))
}

/** `after` of a `watch`: what this page has already seen of the runs that are still going. */
export function seen(state) {
  const active = state.messages.filter((message) => isActive(message.run)).map((message) => message.run.id)
  return Object.fromEntries(active.map((run) => [run, state.transcripts[run]?.seq ?? 0]))
}

function messagesAbove(state, first) {
  const at = first ? state.messages.findIndex((message) => message.id === first.parent) : -1
  return state.messages.slice(0, at + 1)
}

function transcriptsOf(messages, known) {
  const runs = messages.map((message) => message.run?.id).filter((run) => run in known)
  return Object.fromEntries(runs.map((run) => [run, known[run]]))
}

function asked(state, ack, sent) {
  const parent = sent.parent === undefined ? (state.messages.at(-1)?.id ?? null) : sent.parent
  const at = state.messages.findIndex((message) => message.id === parent)
  const replaced = state.messages[at + 1]
  const question = {
    ...blank(ack.message, "user", parent),
    content: sent.text,
    siblings: [...(replaced?.siblings ?? []), ack.message],
  }
  return [...state.messages.slice(0, at + 1), question, answerOf(ack, ack.message, [ack.answer])]
}

function retried(state, ack, answer) {
  const at = state.messages.findIndex((message) => message.id === answer)
  if (at < 0) return state.messages
  const { parent, siblings } = state.messages[at]
  return [...state.messages.slice(0, at), answerOf(ack, parent, [...siblings, ack.answer])]
}

function answerOf(ack, parent, siblings) {
  return { ...blank(ack.answer, "assistant", parent), siblings, run: { id: ack.run, state: ack.state, seq: 0 } }
}

function blank(id, role, parent) {
  return { id, role, content: "", parent, created_at: new Date().toISOString(), siblings: [id], run: null }
}

function told(message, transcript) {
  const { end } = transcript
  const run = {
    ...message.run,
    state: transcript.state,
    agent: transcript.agent ?? message.run.agent,
    prompt_version: transcript.promptVersion ?? message.run.prompt_version,
    model: transcript.model ?? message.run.model,
  }
  if (!end) return { ...message, run }
  return {
    ...message,
    content: answerText(transcript),
    run: {
      ...run,
      stop_reason: end.stopReason,
      code: end.code,
      detail: end.detail,
      steps: reasoningOf(transcript).length,
      ms: end.ms ?? run.ms ?? null,
      usage: end.usage ?? transcript.usage,
    },
  }
}
