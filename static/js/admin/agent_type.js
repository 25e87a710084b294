/** The form of an agent: what the chosen type and memory have no use for is hidden. Without scripts all of it is there. */

const ONLY = "only-"

/** The names of the memory's fields that a policy has. */
export function fieldsOf(policy) {
  return { window: ["turns"], token_buffer: ["max_tokens"], summary: ["model"], summary_buffer: ["max_tokens", "model"] }[policy] ?? []
}

function showType(form, type) {
  for (const item of form.querySelectorAll("[data-type-help] > [data-type]")) item.hidden = item.dataset.type !== type
  for (const group of form.querySelectorAll(`fieldset[class*="${ONLY}"]`)) {
    // What is wrong in it has to be seen, though another type needs none of it.
    group.hidden = !group.classList.contains(ONLY + type) && !group.querySelector(".field--wrong")
  }
  for (const line of form.querySelectorAll(".field-prompt")) line.hidden = type === "chain"
  for (const line of form.querySelectorAll(".field-chain")) line.hidden = type !== "chain"
}

function showMemory(form, policy) {
  const shown = fieldsOf(policy)
  for (const name of ["turns", "max_tokens", "model"]) {
    const field = form.querySelector(`[name="memory_${name}"]`)?.closest(".field")
    if (field) field.hidden = !shown.includes(name)
  }
}

function follow(form, name, show) {
  const select = form.querySelector(`select[name="${name}"]`)
  if (!select) return

  select.addEventListener("change", () => show(form, select.value))
  show(form, select.value)
}

const form = globalThis.document?.getElementById("agent_form")
if (form) {
  follow(form, "agent_type", showType)
  follow(form, "memory_policy", showMemory)
}
