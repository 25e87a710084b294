/** An element that fetches itself again until what it shows is over; then the page is loaded once more. */

class FollowProgress extends HTMLElement {
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
    } catch {
      // The server is away for a moment: the next round asks again.
    } finally {
      this.asking = false
    }
  }

  #show(html) {
    const page = new DOMParser().parseFromString(html, "text/html")
    this.replaceChildren(...[...page.body.childNodes].map((node) => document.adoptNode(node)))
  }
}

customElements.define("follow-progress", FollowProgress)
