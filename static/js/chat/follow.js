/** Keeps the end of a scrolling area in view while it grows, but only for somebody who is already there. */

const NEAR_PX = 48

export class Follow {
  #scroller
  #content
  #button
  #following = true
  #last = 0

  constructor(scroller, content, button) {
    this.#scroller = scroller
    this.#content = content
    this.#button = button
    scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true })
    scroller.addEventListener("wheel", ({ deltaY }) => deltaY < 0 && this.#stop(), { passive: true })
    new ResizeObserver(() => this.#grown()).observe(content)
    button.addEventListener("click", () => this.toEnd({ smooth: true }))
  }

  toEnd({ smooth = false } = {}) {
    this.#following = true
    this.#scroller.scrollTo({ top: this.#scroller.scrollHeight, behavior: smooth ? "smooth" : "instant" })
    this.#showButton()
  }

  /** Leave room beneath `question`, so that it stands near the top and its answer grows without moving anything. */
  makeRoomFor(question, answer) {
    for (const other of this.#content.querySelectorAll("[style*='--room']")) other.style.removeProperty("--room")
    if (!question || !answer) return
    const padding = parseFloat(getComputedStyle(this.#content).paddingBlockEnd) || 0
    // Of the scroller's own height (it is a container), so that a growing composer takes from the room, not from the text.
    answer.style.setProperty("--room", `calc(100cqb - ${Math.round(question.offsetHeight + padding + NEAR_PX)}px)`)
    this.toEnd()
  }

  /** Do `work`, which adds something above, without moving what is being read. */
  keepingPlace(work) {
    const fromEnd = this.#scroller.scrollHeight - this.#scroller.scrollTop
    work()
    this.#scroller.scrollTop = this.#scroller.scrollHeight - fromEnd
  }

  #scrolled() {
    const { scrollTop } = this.#scroller
    if (this.#distance() < NEAR_PX) this.#following = true
    else if (scrollTop < this.#last) this.#stop()
    this.#last = scrollTop
    this.#showButton()
  }

  #grown() {
    if (this.#following) this.#scroller.scrollTop = this.#scroller.scrollHeight
    this.#showButton()
  }

  #stop() {
    this.#following = false
  }

  #distance() {
    return this.#scroller.scrollHeight - this.#scroller.scrollTop - this.#scroller.clientHeight
  }

  #showButton() {
    this.#button.hidden = this.#distance() < 2 * NEAR_PX
  }
}
