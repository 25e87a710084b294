/** Times and durations in words. */

const DAY_MS = 86_400_000

/** "0.8 s", "8 s", "2 min 5 s". */
export function duration(ms) {
  if (ms < 950) return `${Math.round(ms / 100) / 10 || 0.1} s`
  const seconds = Math.round(ms / 1000)
  if (seconds < 60) return `${seconds} s`
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
}

/** A step's own time: finer, as tools often take a few milliseconds. */
export function shortDuration(ms) {
  return ms < 1000 ? `${ms} ms` : `${(ms / 1000).toFixed(1)} s`
}

/** "0:04", "12:30": a running clock. */
export function clock(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`
}

/** The heading under which something of that day stands in a list, by the reader's own calendar. */
export function age(date, now = new Date()) {
  const days = Math.round((startOfDay(now) - startOfDay(date)) / DAY_MS)
  if (days <= 0) return "Today"
  if (days === 1) return "Yesterday"
  if (days < 7) return "This week"
  if (days < 30) return "Last 30 days"
  return date.getFullYear() === now.getFullYear()
    ? date.toLocaleDateString("en", { month: "long" })
    : String(date.getFullYear())
}

function startOfDay(date) {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate())
}
