/** How long a message is, and whether it is too long: as the server counts, by code points, not by UTF-16 units. */

export function charsIn(text) {
  return [...text].length
}

export function isTooLong(text, limit) {
  return text.length > limit && charsIn(text) > limit
}
