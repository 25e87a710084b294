/** One step of a timeline: touched only when the step is another object than last time. */

import { inputText, LABELS, titleOf } from "chat/activity.js"
import { el } from "shared/dom.js"
import { shortDuration } from "shared/time.js"

const LONG_CHARS = 420
const LONG_LINES = 6
const WORTH_TELLING_MS = 1000
const DATA = new Set(["action", "observation"])

export class StepView {
  item
  #step = null
  #kind = ""
  #mark = el("span.mark", { "aria-hidden": "true" })
  #label = el("span.step__label")
  #tool = el("span.step__tool")
  #took = el("span.step__took")
  #text = el("p.step__text")
  #body = el("div.step__body", {}, this.#text)

  constructor({ kind, depth }) {
    this.#kind = LABELS[kind] ?? kind
    const head = el("div.step__head", {}, this.#label, this.#tool, this.#took)
    this.item = el("li.step", { data: { kind } }, this.#mark, head, this.#body)
    this.item.style.setProperty("--depth", depth)
    this.#mark.classList.add(`is-${kind}`)
    this.#text.classList.toggle("step__text--data", DATA.has(kind))
  }

  update(step) {
    if (step === this.#step) return
    this.#step = step
    // To have found nothing is a result, not a failure.
    this.item.toggleAttribute("data-failed", Boolean(step.tool?.error) && step.tool.error !== "not_found")
    this.item.toggleAttribute("data-open", step.ms === null)
    const title = titleOf(step)
    this.#label.textContent = title ? "" : this.#kind
    this.#tool.textContent = title || (step.tool?.name ?? "")
    // A result takes no time of its own: that is its action's. What was over in a moment isn't worth a number.
    const took = step.kind === "observation" ? null : (step.tool?.ms ?? step.ms)
    this.#took.textContent = took >= WORTH_TELLING_MS ? shortDuration(took) : ""
    this.#showText(title ? "" : (step.tool ? inputText(step.tool.input) : step.text).trim())
  }

  #showText(text) {
    if (this.#text.textContent !== text) this.#text.textContent = text
    this.#body.hidden = !text
    const isLong = text.length > LONG_CHARS || text.split("\n").length > LONG_LINES
    if (this.#step.kind === "observation" && isLong && !this.#body.querySelector(".step__more")) this.#clip()
  }

  /** A long result is clipped, with a button that shows all of it. */
  #clip() {
    this.#text.classList.add("is-clipped")
    const onclick = () => {
      const isClipped = this.#text.classList.toggle("is-clipped")
      more.textContent = isClipped ? "Show all" : "Show less"
    }
    const more = el("button.step__more", { type: "button", onclick }, "Show all")
    this.#body.append(more)
  }
}
