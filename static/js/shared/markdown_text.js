/** Markdown as people and models write it → HTML text, not yet safe to show: shared/markdown.js sanitises it. */

import MarkdownIt from "markdown-it"

// A line that a model or a person ends is a line: “Score: 7” and its reason belong under each other.
const markdown = new MarkdownIt("default", { html: false, linkify: true, typographer: false, breaks: true })

// Linkify only what is plainly an address: "file.py" and "e.g" are not.
markdown.linkify.set({ fuzzyLink: false, fuzzyEmail: false })

// Images of other sites would tell them who reads this, and when: shown as a link that the reader may follow.
markdown.renderer.rules.image = (tokens, at) => {
  const token = tokens[at]
  const source = token.attrGet("src") ?? ""
  const text = markdown.utils.escapeHtml(token.content || "Image")
  return `<a class="image-link" href="${markdown.utils.escapeHtml(source)}">${text}</a>`
}

markdown.core.ruler.after("inline", "task-lists", ({ tokens }) => {
  tokens.forEach((token, at) => {
    if (token.type !== "inline" || tokens[at - 2]?.type !== "list_item_open") return
    const first = token.children[0]
    const box = first?.type === "text" && first.content.match(/^\[([ xX])\] /)
    if (!box) return
    tokens[at - 2].attrJoin("class", "task")
    first.content = first.content.slice(4)
    const done = box[1] !== " "
    const mark = Object.assign(new first.constructor("html_inline", "", 0), {
      content: `<input type="checkbox" disabled${done ? " checked" : ""}> `,
    })
    token.children.unshift(mark)
  })
})

export function toHtml(text) {
  return markdown.render(text)
}

/** Where the last top-level block begins. All before it is closed: what is still to come can't change it. */
export function startOfOpenBlock(text) {
  const tops = markdown.parse(text, {}).filter((token) => token.level === 0 && token.map && token.nesting >= 0)
  return tops.length ? startOfLine(text, tops.at(-1).map[0]) : 0
}

/** Links by reference are only known when the whole text is: `[name]: address`. */
export function hasReferences(text) {
  return /^ {0,3}\[[^\]]+\]:\s/m.test(text)
}

function startOfLine(text, line) {
  let at = 0
  for (let n = 0; n < line; n++) at = text.indexOf("\n", at) + 1
  return at
}
