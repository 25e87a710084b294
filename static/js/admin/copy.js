/** Buttons that copy the text of another element. */

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]")
  if (!button) return

  await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent.trim())
  button.textContent = "Copied"
})
