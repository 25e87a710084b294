/** A chat that has not begun: who answers, what it can do, and questions to start with. */

import { el, icon } from "shared/dom.js"

class ChatWelcome extends HTMLElement {
  show(agent) {
    this.hidden = false
    if (!agent) {
      this.replaceChildren(
        el("h1.welcome__name", {}, "No agent yet"),
        el("p.welcome__about", {}, "Nobody can answer here until an agent is set up and enabled in the admin."),
      )
      return
    }
    const starters = agent.starters.slice(0, 4).map((text) => this.#starter(text))
    this.replaceChildren(
      el("h1.welcome__name", {}, agent.name),
      el("p.welcome__about", {}, agent.description),
      agent.tools.length ? el("p.welcome__tools", {}, icon("wrench"), `Uses ${agent.tools.map(({ name }) => name).join(", ")}`) : "",
      starters.length ? el("ul.starters", { "aria-label": "Questions to start with" }, ...starters) : "",
    )
  }

  #starter(text) {
    const onclick = () => this.dispatchEvent(new CustomEvent("send-text", { bubbles: true, detail: { text } }))
    return el("li", {}, el("button.starter", { type: "button", onclick }, el("span", {}, text), icon("arrow-right")))
  }
}

customElements.define("chat-welcome", ChatWelcome)
