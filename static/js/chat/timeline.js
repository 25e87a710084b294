/** The reasoning of one answer: a line that says what is going on, and the steps beneath it. */

import { doingNow, whatHappened } from "chat/activity.js"
import { StepView } from "chat/step_view.js"
import { reasoningOf } from "chat/transcript.js"
import { el, icon } from "shared/dom.js"
import { clock } from "shared/time.js"

const TICK_MS = 1000
const MAX_DEPTH = 4

class ReasoningTimeline extends HTMLElement {
  #head = null
  #text = null
  #clock = null
  #steps = null
  #shown = []
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
    if (transcript) this.#showSteps(steps, transcript.notices)
    // What the person opened or closed by hand stays so.
    if (!this.#touched) this.#open(!isOver && !isWriting && steps.length > 0)
  }

  /** Before the steps of an earlier answer have come. */
  showLoading() {
    this.#steps.replaceChildren(el("li.step", {}, el("div.skeleton")), el("li.step", {}, el("div.skeleton")))
    this.#shown = []
  }

  showProblem(text) {
    this.#steps.replaceChildren(el("li.step", {}, el("p.step__text", {}, text)))
    this.#shown = []
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

  #showSteps(steps, notices) {
    if (!this.#shown.length) this.#steps.replaceChildren()
    const known = new Map(steps.map((step) => [step.id, step]))
    steps.forEach((step, at) => {
      const shown = (this.#shown[at] ??= new StepView(this.#steps, { kind: step.kind, depth: depthOf(step, known) }))
      shown.update(step)
    })
    for (const extra of this.#shown.splice(steps.length)) extra.remove()
    this.#showNotices(notices)
  }

  #showNotices(notices) {
    if (this.#steps.querySelectorAll("[data-notice]").length === notices.length) return
    this.#steps.querySelectorAll("[data-notice]").forEach((shown) => shown.remove())
    for (const { text } of notices) {
      const mark = el("span.mark.is-warning", { "aria-hidden": "true" })
      this.#steps.append(el("li.step", { data: { notice: "" } }, mark, el("p.step__text", {}, text)))
    }
  }
}

/** A result belongs to its action and stands beneath it; only what is truly within another step is indented. */
function depthOf(step, known) {
  let depth = 0
  for (let at = step; known.has(at.parent) && depth < MAX_DEPTH; at = known.get(at.parent)) {
    if (at.kind !== "observation") depth += 1
  }
  return depth
}

customElements.define("reasoning-timeline", ReasoningTimeline)
