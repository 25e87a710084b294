/** Who answers the next message. */

import { el, icon } from "shared/dom.js"
import { openPanel } from "shared/menu.js"

class AgentPicker extends HTMLElement {
  #agents = []
  #chosen = null

  start(agents, slug) {
    this.#agents = agents
    this.#chosen = agents.find((agent) => agent.slug === slug) ?? agents[0] ?? null
    this.#show()
  }

  get agent() {
    return this.#chosen
  }

  #show() {
    if (!this.#chosen) return this.replaceChildren()
    const label = el("span.picker__name", {}, this.#chosen.name)
    const look = { type: "button", "aria-haspopup": "menu", "aria-label": `Agent: ${this.#chosen.name}. Choose another` }
    const button = el("button.btn.btn--quiet.picker__button", look, label, icon("chevron-down"))
    button.addEventListener("click", () => this.#open(button))
    return this.replaceChildren(button)
  }

  #open(button) {
    let close = () => {}
    const entries = this.#agents.map((agent) => this.#entry(agent, () => close()))
    close = openPanel(button, [el("div.picker__list", { role: "menu" }, ...entries)], { label: "Agents" })
  }

  #entry(agent, close) {
    const isChosen = agent === this.#chosen
    const tools = agent.tools.map(({ name, description }) => el("span.tag", { title: description }, name))
    const onclick = () => {
      this.#chosen = agent
      close()
      this.#show()
      this.querySelector("button").focus()
      this.dispatchEvent(new CustomEvent("agent-chosen", { bubbles: true }))
    }
    return el(
      "button.menu__item.picker__item",
      { type: "button", role: "menuitemradio", "aria-checked": String(isChosen), onclick },
      el("span.picker__check", {}, isChosen ? icon("check") : ""),
      el(
        "span.picker__text",
        {},
        el("span.picker__title", {}, agent.name),
        el("span.picker__about", {}, agent.description),
        tools.length ? el("span.picker__tools", {}, ...tools) : "",
      ),
    )
  }
}

customElements.define("agent-picker", AgentPicker)
