/** Rows of a formset that can be added, removed and moved; without scripts the numbers and boxes do the same. */

class FormRows extends HTMLElement {
  connectedCallback() {
    this.list = this.querySelector("[data-rows]")
    this.total = this.querySelector(`[name="${this.dataset.prefix}-TOTAL_FORMS"]`)
    this.template = this.querySelector("template")
    this.querySelectorAll("[data-row][data-blank]").forEach((row) => row.remove())
    this.total.value = this.#nextIndex()
    this.setAttribute("enhanced", "")
    this.addEventListener("click", (event) => this.#act(event))
    this.#number()
  }

  #act(event) {
    const button = event.target.closest("[data-do]")
    if (!button) return

    event.preventDefault()
    const row = button.closest("[data-row]")
    if (button.dataset.do === "add") this.#add()
    if (button.dataset.do === "remove") this.#remove(row)
    if (button.dataset.do === "up") this.#shown(row, -1)?.before(row)
    if (button.dataset.do === "down") this.#shown(row, 1)?.after(row)
    this.#number()
    if (button.dataset.do === "up" || button.dataset.do === "down") button.focus()
  }

  #add() {
    const index = Number(this.total.value)
    const row = this.template.content.firstElementChild.cloneNode(true)
    for (const element of [row, ...row.querySelectorAll("*")]) {
      for (const name of ["name", "id", "for", "aria-describedby"]) {
        const value = element.getAttribute(name)
        if (value) element.setAttribute(name, value.replaceAll("__prefix__", index))
      }
    }
    this.list.append(row)
    this.total.value = index + 1
    row.querySelector("textarea, input:not([type=hidden]), select")?.focus()
  }

  /** A row stays in the page, marked as deleted and hidden: the server counts rows by their numbers. */
  #remove(row) {
    const box = row.querySelector('[name$="-DELETE"]')
    box.checked = true
    row.hidden = true
  }

  #shown(row, step) {
    const rows = [...this.list.querySelectorAll("[data-row]:not([hidden])")]
    return rows[rows.indexOf(row) + step]
  }

  #number() {
    let place = 0
    for (const row of this.list.querySelectorAll("[data-row]:not([hidden])")) {
      place += 1
      const order = row.querySelector('[name$="-ORDER"]')
      if (order) order.value = place
      const label = row.querySelector("[data-place]")
      if (label) label.textContent = place
    }
  }

  #nextIndex() {
    const names = [...this.list.querySelectorAll('[name$="-DELETE"]')].map((box) => Number(box.name.match(/-(\d+)-/)[1]))
    return Math.max(-1, ...names) + 1
  }
}

customElements.define("form-rows", FormRows)
