/** The one live region: says a new answer by the sentence, for people who listen. */

import { sentencesFrom } from "chat/sentences.js"

const MAX_SAID = 20

class LiveAnnouncer extends HTMLElement {
  #answer = null
  #upTo = 0

  /** `text` is all of the answer so far; what was said before isn't said again. */
  follow(answer, text, { done }) {
    if (answer !== this.#answer) {
      this.#answer = answer
      this.#upTo = 0
    }
    const next = sentencesFrom(text, this.#upTo, { done })
    this.#upTo = next.upTo
    if (next.text) this.say(next.text)
  }

  say(text) {
    const line = document.createElement("p")
    line.textContent = text
    this.append(line)
    while (this.children.length > MAX_SAID) this.firstElementChild.remove()
  }
}

customElements.define("live-announcer", LiveAnnouncer)
