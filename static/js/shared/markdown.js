/** Shows Markdown in an element: the only module that writes HTML, and only what DOMPurify has passed.
 *
 *  While text streams in, blocks that are closed stay as they are, and only the open last one is parsed again. */

import DOMPurify from "dompurify"
import { el, icon } from "shared/dom.js"
import { hasReferences, startOfOpenBlock, toHtml } from "shared/markdown_text.js"

const ALLOWED = {
  ALLOWED_TAGS:
    "a blockquote br code del em h1 h2 h3 h4 h5 h6 hr input li ol p pre s strong sub sup table tbody td th thead tr ul".split(" "),
  ALLOWED_ATTR: ["href", "title", "class", "start", "type", "checked", "disabled", "align", "style"],
  ALLOWED_URI_REGEXP: /^(?:https?|mailto):/i,
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
  RETURN_DOM_FRAGMENT: true,
}
const CLASS = /^(?:language-[\w+#.-]+|task|image-link|hljs-\w[\w-]*(?: \w+)*)$/
const STYLE = /^text-align:(?:left|right|center)$/

DOMPurify.addHook("uponSanitizeAttribute", (_node, data) => {
  if (data.attrName === "class") data.keepAttr = CLASS.test(data.attrValue)
  if (data.attrName === "style") data.keepAttr = STYLE.test(data.attrValue)
})
DOMPurify.addHook("afterSanitizeAttributes", (node) => {
  if (node.tagName === "A") {
    node.setAttribute("rel", "noopener noreferrer nofollow")
    node.setAttribute("target", "_blank")
  } else if (node.tagName === "INPUT") {
    node.setAttribute("type", "checkbox")
    node.setAttribute("disabled", "")
  }
})

export class MarkdownView {
  #element
  #text = ""
  #closed = 0
  #open = []
  #done = false

  constructor(element) {
    this.#element = element
  }

  show(text, { done }) {
    if (text === this.#text && done === this.#done) return
    if (!text.startsWith(this.#text) || (done && hasReferences(text))) this.#clear()
    this.#text = text
    this.#done = done

    const tail = text.slice(this.#closed)
    const split = done ? tail.length : startOfOpenBlock(tail)
    for (const node of this.#open) node.remove()
    if (split) this.#append(tail.slice(0, split), { closed: true })
    this.#open = this.#append(tail.slice(split), { closed: false })
    this.#closed += split
  }

  #clear() {
    this.#element.replaceChildren()
    this.#closed = 0
    this.#open = []
  }

  #append(text, { closed }) {
    if (!text.trim()) return []
    const fragment = sanitised(text)
    for (const block of fragment.querySelectorAll("pre > code")) frameCode(block, { closed })
    for (const table of fragment.querySelectorAll("table")) frameTable(table)
    const nodes = [...fragment.childNodes]
    this.#element.append(fragment)
    return nodes
  }
}

function sanitised(text) {
  return DOMPurify.sanitize(toHtml(text), ALLOWED)
}

/** A code block's frame: its language, a copy button, and colours once it is whole. */
function frameCode(code, { closed }) {
  const language = [...code.classList].find((name) => name.startsWith("language-"))?.slice("language-".length) ?? ""
  const copy = el("button.code__copy", { type: "button", data: { copy: "" } }, icon("copy"), el("span", {}, "Copy"))
  const frame = el("div.code", {}, el("div.code__bar", {}, el("span.code__language", {}, language || "text"), copy))
  code.parentElement.replaceWith(frame)
  frame.append(el("pre", { tabindex: "0" }, code))
  if (closed && language) highlight(code, language)
}

function frameTable(table) {
  const frame = el("div.table-scroll", { tabindex: "0" })
  table.replaceWith(frame)
  table.className = "table"
  frame.append(table)
}

async function highlight(code, language) {
  const { default: highlighter } = await import("highlight")
  if (!highlighter.getLanguage(language)) return
  const { value } = highlighter.highlight(code.textContent, { language, ignoreIllegals: true })
  const spans = DOMPurify.sanitize(value, { ALLOWED_TAGS: ["span"], ALLOWED_ATTR: ["class"], ALLOW_DATA_ATTR: false })
  code.innerHTML = spans
}
