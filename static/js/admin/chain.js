/** The editor of a chain: what a step is asked for follows what it runs and where it stands. */

const WAIT_MS = 400
const PARTS = ["chain-steps", "chain-output", "chain-try"]
const form = document.getElementById("chain-form")
let waiting = null
let asked = 0

form.addEventListener("change", (event) => {
  const { name } = event.target
  if (event.target.matches("[data-refreshes]") || /^(steps-\d+-id|inputs-\d+-(name|required)|memory)$/.test(name)) later(0)
})

form.addEventListener("click", (event) => {
  const does = event.target.closest("[data-do]")?.dataset.do
  if (does && does !== "add") later(WAIT_MS)
})

function later(ms) {
  clearTimeout(waiting)
  waiting = setTimeout(refresh, ms)
}

/** The server says what each row needs now. What is typed while it answers isn't lost: then it is asked again. */
async function refresh() {
  const turn = ++asked
  const body = new FormData(form)
  body.set("_update", "1")
  const sent = new URLSearchParams(body).toString()
  const answer = await fetch(form.action, { method: "POST", body }).catch(() => null)
  const page = answer?.ok ? await answer.text().catch(() => null) : null
  if (page === null || turn !== asked) return

  const now = new FormData(form)
  now.set("_update", "1")
  if (new URLSearchParams(now).toString() !== sent) return later(WAIT_MS)
  replaceParts(new DOMParser().parseFromString(page, "text/html"))
}

function replaceParts(page) {
  const focused = document.activeElement?.id
  for (const id of PARTS) {
    const part = page.getElementById(id)
    if (part) document.getElementById(id).replaceWith(document.adoptNode(part))
  }
  if (focused) document.getElementById(focused)?.focus()
}
