/** Says when the page is cut off from the server, and nothing while all is well. */

import { el } from "shared/dom.js"

class ConnectionStatus extends HTMLElement {
  show(status) {
    this.hidden = status === "online"
    this.replaceChildren(...this.#words(status))
  }

  #words(status) {
    if (status === "reconnecting") return ["Reconnecting…"]
    if (status !== "signed-out") return []
    const next = encodeURIComponent(location.pathname)
    return ["You are signed out. ", el("a", { href: `${this.dataset.signIn}?next=${next}` }, "Sign in again")]
  }
}

customElements.define("connection-status", ConnectionStatus)
