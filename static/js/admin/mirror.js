/** Numbers in a sentence that follow the fields they are about; without scripts they say what was saved. */

document.addEventListener("input", ({ target }) => {
  for (const output of document.querySelectorAll(`[data-mirrors="${target.id}"]`)) {
    if (target.value) output.textContent = target.value
  }
})
