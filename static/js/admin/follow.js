/** An element that fetches itself again until what it shows is over; then the page is loaded once more.
 *
 *  `data-also` names a part of the page that goes with it. That is heavier, so it is fetched less often, and not while
 *  somebody reads in it. */

const ALSO_EVERY = 4

class FollowProgress extends HTMLElement {
  rounds = 0

  connectedCallback() {
    this.timer = setInterval(() => this.#fetch(), Number(this.dataset.everyMs))
  }

  disconnectedCallback() {
    clearInterval(this.timer)
  }

  async #fetch() {
    if (document.hidden || this.asking) return

    this.asking = true
    try {
      const answer = await fetch(this.dataset.url)
      if (answer.status === 205) return location.reload()
      if (answer.ok) this.#show(await answer.text())
      if (this.dataset.also && ++this.rounds % ALSO_EVERY === 0) await this.#fetchAlso(this.dataset.also)
    } catch {
      // The server is away for a moment: the next round asks again.
    } finally {
      this.asking = false
    }
  }

  async #fetchAlso(id) {
    const answer = await fetch(location.href)
    const part = document.getElementById(id)
    const fresh = answer.ok && parsed(await answer.text()).getElementById(id)
    if (fresh && !part.querySelector("details[open], :focus")) part.replaceWith(document.adoptNode(fresh))
  }

  #show(html) {
    const page = parsed(html)
    this.replaceChildren(...[...page.body.childNodes].map((node) => document.adoptNode(node)))
  }
}

function parsed(html) {
  return new DOMParser().parseFromString(html, "text/html")
}

customElements.define("follow-progress", FollowProgress)
