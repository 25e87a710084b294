/** The reasoning of one answer: a line that says what is going on, and the steps beneath it. */

import { doingNow, whatHappened } from "chat/activity.js"
import { StepView } from "chat/step_view.js"
import { reasoningOf, timelineOf } from "chat/transcript.js"
import { el, icon } from "shared/dom.js"
import { clock } from "shared/time.js"

const TICK_MS = 1000
const MAX_DEPTH = 4

class ReasoningTimeline extends HTMLElement {
  #head = null
  #text = null
  #clock = null
  #steps = null
  #shown = new Map() // key of a step or notice → its view
  #touched = false
  #ticking = null
  #since = 0

  connectedCallback() {
    if (this.#head) return
    this.className = "timeline"
    this.#text = el("span.timeline__doing")
    this.#clock = el("span.timeline__clock", { "aria-hidden": "true" })
    this.#head = el("button.timeline__head", { type: "button", "aria-expanded": "false", onclick: () => this.#toggle() })
    this.#head.append(el("span.timeline__pulse", { "aria-hidden": "true" }), this.#text, this.#clock, icon("chevron-down"))
    this.#steps = el("ol.timeline__steps", { hidden: true })
    this.append(this.#head, this.#steps)
  }

  disconnectedCallback() {
    clearInterval(this.#ticking)
    this.#ticking = null
  }

  /** `transcript` is null for an earlier answer whose steps have not been asked for. */
  update({ run, transcript, since, isWriting, isOver }) {
    this.#since = since
    const steps = transcript ? reasoningOf(transcript) : []
    const summary = isOver ? whatHappened(run) : ""
    const worthShowing = isOver ? Boolean(summary || run.steps) : steps.length > 0 || !isWriting
    this.hidden = !worthShowing
    this.toggleAttribute("busy", !isOver)
    this.toggleAttribute("bare", !isOver && !steps.length)
    this.#say(isOver ? summary : doingNow(transcript))
    this.#tick(!isOver)
    const known = new Map(steps.map((step) => [step.id, step]))
    if (transcript) this.#showSteps(timelineOf(transcript), known)
    // What the person opened or closed by hand stays so.
    if (!this.#touched) this.#open(!isOver && !isWriting && steps.length > 0)
  }

  /** Before the steps of an earlier answer have come. */
  showLoading() {
    this.#steps.replaceChildren(el("li.step", {}, el("div.skeleton")), el("li.step", {}, el("div.skeleton")))
    this.#shown.clear()
  }

  showProblem(text) {
    this.#steps.replaceChildren(el("li.step", {}, el("p.step__text", {}, text)))
    this.#shown.clear()
  }

  #toggle() {
    if (this.hasAttribute("bare")) return // there is nothing to show yet
    this.#touched = true
    const opened = this.#steps.hidden
    this.#open(opened)
    if (opened) this.dispatchEvent(new CustomEvent("timeline-opened", { bubbles: true }))
  }

  #open(opened) {
    this.#steps.hidden = !opened
    this.#head.setAttribute("aria-expanded", opened)
  }

  #say(text) {
    if (this.#text.textContent !== text) this.#text.textContent = text
  }

  #tick(isRunning) {
    this.#clock.hidden = !isRunning
    if (isRunning) this.#showClock()
    if (isRunning === Boolean(this.#ticking)) return
    clearInterval(this.#ticking)
    this.#ticking = isRunning ? setInterval(() => this.#showClock(), TICK_MS) : null
  }

  #showClock() {
    this.#clock.textContent = clock(Date.now() - this.#since)
  }

  #showSteps(entries, known) {
    const before = this.#shown
    this.#shown = new Map(entries.map((entry) => [keyOf(entry), before.get(keyOf(entry)) ?? viewOf(entry, known)]))
    const views = [...this.#shown.values()]
    const kept = new Set(views.map((view) => view.item))
    for (const item of [...this.#steps.children]) if (!kept.has(item)) item.remove()
    views.forEach(({ item }, at) => {
      if (this.#steps.children[at] !== item) this.#steps.insertBefore(item, this.#steps.children[at] ?? null)
    })
    for (const entry of entries) this.#shown.get(keyOf(entry)).update?.(entry)
  }
}

/** A step is made anew with each change and keeps its id; a notice never changes. */
function keyOf(entry) {
  return entry.kind ? entry.id : entry
}

function viewOf(entry, known) {
  if (entry.kind) return new StepView({ kind: entry.kind, depth: depthOf(entry, known) })
  const mark = el("span.mark.is-warning", { "aria-hidden": "true" })
  return { item: el("li.step", {}, mark, el("p.step__text", {}, entry.text)) }
}

/** An action's result stands beneath it; only what is truly within another step is indented. */
function depthOf(step, known) {
  let depth = 0
  for (let at = step; known.has(at.parent) && depth < MAX_DEPTH; at = known.get(at.parent)) {
    if (at.kind !== "observation" || known.get(at.parent).kind !== "action") depth += 1
  }
  return depth
}

customElements.define("reasoning-timeline", ReasoningTimeline)
