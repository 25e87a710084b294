/** Making elements without writing HTML. */

/** `el("button.btn.btn--quiet", { type: "button", onclick }, icon("copy"), "Copy")`; null children are left out. */
export function el(selector, attributes = {}, ...children) {
  const [tag, ...classes] = selector.split(".")
  const element = document.createElement(tag)
  if (classes.length) element.className = classes.join(" ")
  for (const [name, value] of Object.entries(attributes)) set(element, name, value)
  element.append(...children.filter((child) => child != null && child !== false))
  return element
}

/** An icon of the sprite; decorative, the control around it has the label. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg")
  svg.setAttribute("class", "icon")
  svg.setAttribute("aria-hidden", "true")
  const use = document.createElementNS(SVG, "use")
  use.setAttribute("href", `${document.documentElement.dataset.icons}#${name}`)
  svg.append(use)
  return svg
}

export function iconButton(name, label, onclick, attributes = {}) {
  const look = { type: "button", "aria-label": label, title: label, onclick, ...attributes }
  return el("button.btn.btn--quiet.btn--icon.btn--small", look, icon(name))
}

const SVG = "http://www.w3.org/2000/svg"

function set(element, name, value) {
  if (value == null || value === false) return
  if (name.startsWith("on")) element.addEventListener(name.slice(2), value)
  else if (name === "data") Object.assign(element.dataset, value)
  else element.setAttribute(name, value === true ? "" : value)
}
