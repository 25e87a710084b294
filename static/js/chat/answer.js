/** What an agent said: its reasoning, its text, how it ended, and what can be done with it. */

import { branches } from "chat/branches.js"
import { endingOf } from "chat/endings.js"
import { showDetails } from "chat/details.js"
import { isActive } from "chat/store.js"
import { answerText, apply, empty } from "chat/transcript.js"
import { copyFrom } from "shared/clipboard.js"
import { el, icon, iconButton } from "shared/dom.js"
import { get } from "shared/http.js"
import { MarkdownView } from "shared/markdown.js"
import "chat/timeline.js"

class ChatAnswer extends HTMLElement {
  #message = null
  #transcript = null
  #isBusy = false
  #earlier = null
  #parts = null
  #took = null

  connectedCallback() {
    if (this.#parts) return
    this.className = "answer"
    const timeline = document.createElement("reasoning-timeline")
    const text = el("div.prose.answer__text")
    this.#parts = { timeline, text, ending: el("div.answer__ending"), foot: el("div.answer__foot") }
    this.#parts.view = new MarkdownView(text)
    this.append(el("h2.visually-hidden", {}, "Answer"), timeline, text, this.#parts.ending, this.#parts.foot)
    this.addEventListener("timeline-opened", () => this.#loadSteps())
    text.addEventListener("click", ({ target }) => this.#copyCode(target.closest("[data-copy]")))
  }

  update({ message, transcript, isLast, isBusy }) {
    this.toggleAttribute("data-last", isLast)
    if (message === this.#message && transcript === this.#transcript && isBusy === this.#isBusy) return
    const stateChanged = message.run?.state !== this.#message?.run?.state || message.siblings !== this.#message?.siblings
    const busyChanged = isBusy !== this.#isBusy
    Object.assign(this, { isOver: !isActive(message.run) })
    this.#message = message
    this.#transcript = transcript
    this.#isBusy = isBusy
    this.#showReasoning()
    this.#showText()
    if (stateChanged || busyChanged) this.#showEnd()
  }

  get #run() {
    return this.#message.run ?? { state: "succeeded", steps: 0 }
  }

  #showReasoning() {
    const transcript = this.isOver ? (this.#completeTranscript() ?? this.#earlier) : (this.#transcript ?? empty)
    const since = Math.min(Date.now(), Date.parse(this.#message.created_at) || Date.now())
    if (this.isOver) this.#took ??= this.#run.ms ?? (transcript ? Date.now() - since : null)
    const run = { ...this.#run, ms: this.#run.ms ?? this.#took }
    const isWriting = Boolean(this.#transcript && answerText(this.#transcript))
    this.#parts.timeline.update({ run, transcript, since, isWriting, isOver: this.isOver })
  }

  #completeTranscript() {
    return this.#transcript?.end ? this.#transcript : null
  }

  #showText() {
    const text = this.isOver ? this.#message.content : answerText(this.#transcript ?? empty)
    this.toggleAttribute("data-writing", !this.isOver && Boolean(text))
    this.#parts.view.show(text, { done: this.isOver })
  }

  get #ending() {
    return this.isOver ? endingOf(this.#run, this.#message.content) : null
  }

  #showEnd() {
    const ending = this.#ending
    this.#parts.ending.replaceChildren(ending ? this.#notice(ending) : "")
    const others = branches(this.#message, (id) => this.#ask("show-branch", { message: id })) ?? ""
    this.#parts.foot.replaceChildren(others, ...(this.isOver ? this.#actions() : []))
  }

  #notice({ tone, text, canRetry }) {
    const name = tone === "quiet" ? "info" : "circle-alert"
    const onclick = () => this.#ask("retry", { message: this.#message.id })
    const retry = canRetry && el("button.btn.btn--small", { type: "button", onclick, disabled: this.#isBusy }, icon("rotate-ccw"), "Retry")
    const look = tone === "danger" ? "div.notice.notice--danger" : "div.notice.notice--quiet"
    return el(look, { role: tone === "danger" ? "alert" : null }, icon(name), el("span.notice__text", {}, text), retry)
  }

  #actions() {
    const message = this.#message
    const copy = ({ currentTarget }) => copyFrom(currentTarget, message.content)
    const retry = () => this.#ask("retry", { message: message.id })
    const details = ({ currentTarget }) => showDetails(currentTarget, { ...this.#run, ms: this.#run.ms ?? this.#took })
    return [
      message.content ? iconButton("copy", "Copy the answer", copy) : "",
      // The notice's own Retry does the same.
      this.#ending?.canRetry ? "" : iconButton("refresh-cw", "Answer again", retry, { disabled: this.#isBusy }),
      message.run ? iconButton("info", "About this answer", details) : "",
    ]
  }

  /** The steps of an answer that this page didn't see being written. */
  async #loadSteps() {
    if (!this.isOver || this.#earlier || this.#completeTranscript() || !this.#message.run) return
    const { timeline } = this.#parts
    timeline.showLoading()
    try {
      const { frames } = await get(`/runs/${this.#message.run.id}/frames/`)
      this.#earlier = frames.reduce(apply, empty)
      this.#showReasoning()
    } catch (error) {
      timeline.showProblem(error.message)
    }
  }

  #copyCode(button) {
    if (button) copyFrom(button, button.closest(".code").querySelector("code").textContent)
  }

  #ask(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { bubbles: true, detail }))
  }
}

customElements.define("chat-answer", ChatAnswer)
