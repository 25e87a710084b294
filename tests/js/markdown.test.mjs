// What DOMPurify does with the result needs a browser: that is tested end to end.
import assert from "node:assert/strict"
import { test } from "node:test"

import { hasReferences, startOfOpenBlock, toHtml } from "shared/markdown_text.js"

const HOSTILE = [
  "<script>alert(1)</script>",
  "<img src=x onerror=alert(1)>",
  "<svg/onload=alert(1)>",
  "a <b onclick='x()'>b</b> <iframe src='https://evil.example'></iframe>",
  "[x](javascript:alert(1))",
  "[x](  JaVaScRiPt:alert(1))",
  "[x](data:text/html;base64,PHNjcmlwdD4=)",
  "[x](vbscript:x)",
  "![x](javascript:alert(1))",
  '[x](https://a.example "t\\" onmouseover=alert(1) x=\\"")',
  '![" onerror=alert(1) x="](https://a.example/x.png)',
  "```html\" onload=alert(1)\n<script>alert(1)</script>\n```",
  "<https://a.example/\"onclick=alert(1)>",
]

test("no markup of the text's own comes through", () => {
  for (const text of HOSTILE) {
    const tags = toHtml(text).match(/<[a-z][^>]*>/gi) ?? []
    for (const tag of tags) {
      assert.doesNotMatch(tag, /<(script|img|svg|iframe|b)\b/i, text)
      // Attribute values may quote anything; what must not be is an attribute of that name.
      assert.doesNotMatch(tag.replace(/"[^"]*"/g, '""'), /\son\w+\s*=/i, text)
      assert.doesNotMatch(tag, /href="\s*(?:javascript|vbscript|data):/i, text)
    }
  }
})

test("images become links: nothing is loaded from elsewhere", () => {
  assert.equal(toHtml("![A cat](https://a.example/cat.png)"), '<p><a class="image-link" href="https://a.example/cat.png">A cat</a></p>\n')
})

test("tables, task lists and addresses are understood", () => {
  assert.match(toHtml("| a | b |\n|---|--:|\n| 1 | 2 |"), /<td style="text-align:right">2<\/td>/)
  assert.match(toHtml("- [x] done\n- [ ] open"), /<li class="task"><input type="checkbox" disabled checked> done/)
  assert.match(toHtml("see https://a.example/x"), /<a href="https:\/\/a.example\/x">/)
  assert.doesNotMatch(toHtml("run main.py or ask me@a.example"), /<a /)
})

test("a line that ends stays a line", () => {
  assert.match(toHtml("Controversy score: 7\nReason: people care."), /score: 7<br>\s*Reason/)
})

test("the open block begins where what is still to come can change things", () => {
  const text = "# Title\n\nFirst.\n\n- one\n- two"
  assert.equal(startOfOpenBlock(text), text.indexOf("- one"))
  assert.equal(startOfOpenBlock("Only one"), 0)
  assert.equal(startOfOpenBlock(""), 0)
  assert.equal(startOfOpenBlock("A\n\n```js\nlet a\n\nlet b"), 3)
})

test("block by block gives what the whole gives, however the text is cut", () => {
  const text = "# T\n\nPara *a*\nb\n\n1. x\n\n   y\n2. z\n\n```py\nf()\n\ng()\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n> q\n> r\n\nend\n---\nlast"
  for (const size of [1, 3, 7]) {
    let closed = 0
    let html = ""
    for (let end = size; end < text.length + size; end += size) {
      const tail = text.slice(closed, end)
      const split = end >= text.length ? tail.length : startOfOpenBlock(tail)
      if (split) html += toHtml(tail.slice(0, split))
      closed += split
    }
    assert.equal(html, toHtml(text), `in pieces of ${size}`)
  }
})

test("links by reference are noticed, as they need the whole text", () => {
  assert.equal(hasReferences("See [a][1].\n\n[1]: https://a.example"), true)
  assert.equal(hasReferences("A list [x] here: yes"), false)
})
