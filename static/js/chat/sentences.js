/** New text cut where a listener can follow it: whole sentences, or all that is left at the end. */

const END = /[.!?…:](?=["'”’)]*\s)|\n/g
const MARKUP = /[`*_#>|~]+/g

/** `{text, upTo}`: what can be said of `source` from `from` on, and where the next call goes on. */
export function sentencesFrom(source, from, { done = false } = {}) {
  const upTo = done ? source.length : lastEnd(source, from)
  return { text: plain(source.slice(from, upTo)), upTo }
}

function lastEnd(source, from) {
  let upTo = from
  for (const match of source.slice(from).matchAll(END)) upTo = from + match.index + match[0].length
  return upTo
}

function plain(text) {
  return text
    .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replace(MARKUP, "")
    .replace(/\s+/g, " ")
    .trim()
}
